"""BM25 over chunks by SQLite FTS5, inside the store's own database: rows come and go, nothing is rebuilt.

The full-text table keeps only the inverted index: its text is read from `chunks` and `articles` through a view.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

from index.errors import StoreError

TITLE_WEIGHT = 1.0
"""What a word in the article's title counts against one in the chunk."""

MAX_TERMS = 64
"""Different words of a question that are searched for; a longer one is a pasted text."""

MAX_RESULTS = 1000

STOP_WORDS = frozenset(
    """
    a about after all also an and any are as at be because been before being between both but by can could did do does
    doing during each for from had has have having he her here hers him his how i if in into is it its just me more
    most my no nor not of off on once only or other our ours out over own s same she should so some such t than that
    the their theirs them then there these they this those through to too under until up us very was we were what when
    where which while who whom whose why will with would you your yours
    """.split()  # noqa: SIM905 - quotes around each would hide the words
)

NAMES = frozenset({"US", "WHO", "IT"})
"""Names that are spelled like stop words; in capitals they are searched for."""

_TERM = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+")  # "U.S." stays one term, a phrase of two letters

TOKENS = "porter unicode61 remove_diacritics 2"
"""How FTS5 makes terms of words: without accents, in lower case, without English endings."""

_CREATE = """
CREATE VIEW IF NOT EXISTS chunks_text AS
    SELECT chunks.rowid AS chunk, chunks.text AS text, articles.title AS title
    FROM chunks JOIN articles ON articles.id = chunks.article_id;
CREATE VIRTUAL TABLE IF NOT EXISTS chunks_fts USING fts5(
    text, title, content = 'chunks_text', content_rowid = 'chunk',
    tokenize = '%s'
);
"""


class SparseIndex:
    """The inverted index of a database that has the tables `chunks` and `articles`.

    Args:
        connection: open, and owned by the caller; the caller commits, so chunks and index change together.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create(self) -> None:
        """Makes the index where it is missing. Commits what was pending, as any SQL script does."""
        self._connection.executescript(_CREATE % TOKENS)

    def add(self, rowids: Sequence[int], texts: Sequence[str], titles: Sequence[str | None]) -> None:
        """Indexes chunks with exactly the text and title their rows have, or will have before the commit."""
        rows = zip(rowids, texts, titles, strict=True)
        self._connection.executemany("INSERT INTO chunks_fts(rowid, text, title) VALUES (?, ?, ?)", rows)

    def remove(self, rowids: Sequence[int]) -> None:
        """Takes chunks out. Their rows, and their article's, must still be there: the index looks their words up.

        Raises:
            StoreError: a row is gone already; nothing was removed.
        """
        found = "SELECT count(*) FROM chunks_text WHERE chunk = ?"
        for rowid in rowids:
            if not self._connection.execute(found, (rowid,)).fetchone()[0]:
                message = f"chunk row {rowid!r} was deleted before its words: remove it from the index first"
                raise StoreError(message)
        self._connection.executemany("DELETE FROM chunks_fts WHERE rowid = ?", [(rowid,) for rowid in rowids])

    def rebuild(self) -> None:
        """Makes the index anew from the rows: the remedy where `check` fails."""
        self._connection.execute("INSERT INTO chunks_fts(chunks_fts) VALUES ('rebuild')")

    def check(self) -> None:
        """Raises StoreError unless the index holds exactly the words of the rows."""
        try:
            self._connection.execute("INSERT INTO chunks_fts(chunks_fts, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as exc:
            message = f"the word index does not agree with the stored chunks ({exc})"
            raise StoreError(message) from exc

    def search(self, query: str, k: int, where: str = "", parameters: Sequence[object] = ()) -> list[tuple[int, float]]:
        """The best chunks for any of a question's words: rowid and BM25 score, higher is better, best first.

        Args:
            query: any text; nothing in it is read as search syntax.
            k: how many at most, 1 to 1000.
            where: a SQL condition on the tables `chunks` and `articles`, written by the program, never by a user.
            parameters: the values for the question marks in `where`.
        """
        match = _match(query)
        if not match:
            return []
        tables, condition = "chunks_fts", ""
        if where:
            tables += " JOIN chunks ON chunks.rowid = chunks_fts.rowid JOIN articles ON articles.id = chunks.article_id"
            condition = f" AND ({where})"
        rows = self._connection.execute(
            f"SELECT chunks_fts.rowid, bm25(chunks_fts, 1.0, {TITLE_WEIGHT}) AS cost FROM {tables} "  # noqa: S608
            f"WHERE chunks_fts MATCH ?{condition} ORDER BY cost, chunks_fts.rowid LIMIT ?",
            (match, *parameters, max(1, min(k, MAX_RESULTS))),
        )
        return [(rowid, -cost) for rowid, cost in rows]


def terms(query: str) -> list[str]:
    """The different words of a question in order, lower case, without stop words unless there is nothing else.

    A name in capitals (see NAMES) is kept unless the whole question is written in capitals.
    """
    found = _TERM.findall(query.lower() if query.isupper() else query)
    words = [word.lower() for word in found if word in NAMES or word.lower() not in STOP_WORDS]
    return list(dict.fromkeys(words or [word.lower() for word in found]))[:MAX_TERMS]


def _match(query: str) -> str:
    """An FTS5 expression that any of the terms satisfies; each is quoted, so that none is an operator."""
    return " OR ".join(f'"{term}"' for term in terms(query))

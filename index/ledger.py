"""The store's source of truth, in SQLite; the vectors in Chroma can be made anew from it at any time.

It keeps the articles, where they came from, which are copies of one story, their chunks, the vectors already computed,
the citations ever issued, and what happened to each item of each ingest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from index.articles import Article, Chunk
from index.database import Database
from index.errors import RestoreError
from index.schema import SCHEMA

Result = Literal["added", "unchanged", "replaced", "duplicate", "failed", "removed", "restored"]

CONTEXT = 32
"""Characters on either side of a citation that are kept with it."""

COLUMNS = "id, key, source, title, outlet, published, url, text, found, dropped"

MUTABLE = ("key", "source", "url", "found", "dropped", "sentences", "state")
"""What may differ when the same content comes again; the other columns make its id."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item of an ingest, or of an article that was removed or restored.

    Attributes:
        item: as the user would name it.
        result: "added", "unchanged" (also of a file that was renamed), "replaced" (an older version went), "duplicate"
            (the same content is there under another name), "failed", "removed" or "restored".
        article_id: the article that holds the content now; None when failed.
        reason: why it failed, or which article it duplicates or is a copy of; "" otherwise.
    """

    item: str
    result: Result
    article_id: str | None = None
    reason: str = ""


def now() -> str:
    """The time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Ledger(Database):
    """The tables of a store. Safe to share between threads.

    Args:
        path: the file; made where there is none.

    Raises:
        StoreError: by every method where the file is damaged or the disk full.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, SCHEMA)
        try:
            self._upgrade()
        except BaseException:
            self.close()
            raise

    def _upgrade(self) -> None:
        """Gives the citations of format 1 their surroundings, from the texts that are all still here."""
        if any(name == "before" for _, name, *_ in self.rows("PRAGMA table_info(issued)")):
            return
        with self.transaction() as connection:
            for column in ("before", "after"):
                connection.execute(f"ALTER TABLE issued ADD COLUMN {column} TEXT")
            spans = self.rows("SELECT article_id, start, end FROM issued")
            rows = [(*self._around(str(key), int(str(a)), int(str(b))), key, a, b) for key, a, b in spans]
            sql = "UPDATE issued SET before = ?, after = ? WHERE article_id = ? AND start = ? AND end = ?"
            connection.executemany(sql, rows)

    # Articles

    def article(self, article_id: str) -> Article | None:
        """An article by id in any state; replaced and removed ones are kept so that old citations resolve."""
        rows = self.rows(f"SELECT {COLUMNS} FROM articles WHERE id = ?", [article_id])  # noqa: S608 - constant columns
        return to_article(rows[0]) if rows else None

    def articles(self) -> list[Article]:
        """The articles that can be found, by date and title."""
        order = "ORDER BY published IS NULL, published, title, id"
        return [to_article(row) for row in self.rows(f"SELECT {COLUMNS} FROM articles WHERE state = 'live' {order}")]  # noqa: S608

    def state(self, article_id: str) -> str | None:
        """One of "live", "replaced" and "removed", or None when the article was never here."""
        rows = self.rows("SELECT state FROM articles WHERE id = ?", [article_id])
        return str(rows[0][0]) if rows else None

    def sentences(self, article_id: str) -> list[tuple[int, int]]:
        """Spans of the article's sentences, computed once at ingest."""
        rows = self.rows("SELECT sentences FROM articles WHERE id = ?", [article_id])
        return [(start, end) for start, end in json.loads(str(rows[0][0]))] if rows else []

    def put_article(self, article: Article, sentences: Sequence[tuple[int, int]]) -> None:
        """Stores an article as live (again)."""
        row = (
            article.id, article.key, article.source, article.title, article.outlet,
            article.published.isoformat() if article.published else None, article.url, article.text,
            json.dumps(dict(article.found)), json.dumps(article.dropped), json.dumps(sentences), "live", now(),
        )  # fmt: skip
        again = ", ".join(f"{name} = excluded.{name}" for name in MUTABLE)
        with self.transaction() as connection:
            marks = ", ".join("?" * len(row))
            sql = f"INSERT INTO articles VALUES ({marks}) ON CONFLICT(id) DO UPDATE SET {again}"  # noqa: S608 - constants
            connection.execute(sql, row)

    def put_sentences(self, article_id: str, sentences: Sequence[tuple[int, int]]) -> None:
        """Replaces the spans of an article's sentences."""
        with self.transaction() as connection:
            connection.execute("UPDATE articles SET sentences = ? WHERE id = ?", [json.dumps(sentences), article_id])

    def set_state(self, article_id: str, state: str) -> None:
        """Takes an article out of ("replaced", "removed") the corpus; its text stays for old citations."""
        with self.transaction() as connection:
            connection.execute("UPDATE articles SET state = ? WHERE id = ?", [state, article_id])

    def counts(self) -> dict[str, int]:
        """How many articles can be found, how many chunks they have, and how many citations were ever issued."""
        sql = (
            "SELECT (SELECT count(*) FROM articles WHERE state = 'live'), (SELECT count(*) FROM chunks), "
            "(SELECT count(*) FROM issued)"
        )
        return dict(zip(("articles", "chunks", "citations"), map(int, map(str, self.rows(sql)[0])), strict=True))

    def extent(self) -> str:
        """The outlets and the range of dates of the articles that can be found, for a message."""
        live = "FROM articles WHERE state = 'live'"
        found = self.rows(f"SELECT DISTINCT outlet {live} AND outlet IS NOT NULL ORDER BY outlet LIMIT 12")
        names = ", ".join(str(row[0]) for row in found) or "none known"
        first, last = self.rows(f"SELECT min(published), max(published) {live}")[0]
        return f"outlets in the corpus: {names}; dates: {f'{first} to {last}' if first else 'none known'}"

    # Origins

    def current(self, key: str) -> str | None:
        """The id of the article that an origin stands for now."""
        rows = self.rows("SELECT article_id FROM origins WHERE key = ?", [key])
        return str(rows[0][0]) if rows else None

    def point(self, article: Article) -> None:
        """Lets the article's key stand for it from now on."""
        with self.transaction() as connection:
            row = (article.key, article.id, article.source, article.url)
            connection.execute("INSERT OR REPLACE INTO origins VALUES (?, ?, ?, ?)", row)

    def leave(self, key: str, article_id: str) -> bool:
        """Lets an origin no longer stand for an article; whether another one still does, which then is its source."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM origins WHERE key = ?", [key])
            left = self.rows("SELECT key, source, url FROM origins WHERE article_id = ? ORDER BY rowid", [article_id])
            if left:
                connection.execute(
                    "UPDATE articles SET key = ?, source = ?, url = ? WHERE id = ? AND key = ?",
                    [*left[0], article_id, key],
                )
            return bool(left)

    def forget_origins(self, article_id: str) -> None:
        """No origin stands for the article any more; which ones did is kept for `recall_origins`."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM former_origins WHERE article_id = ?", [article_id])
            former = "SELECT article_id, key, source, url FROM origins WHERE article_id = ? ORDER BY rowid"
            connection.execute(f"INSERT INTO former_origins {former}", [article_id])
            connection.execute("DELETE FROM origins WHERE article_id = ?", [article_id])

    def recall_origins(self, article_id: str) -> None:
        """Lets those stand for a removed article again that do not stand for another one now.

        Raises:
            RestoreError: the article is not a removed one, or there is no such origin.
        """
        with self.transaction() as connection:
            article, state = self.article(article_id), self.state(article_id)
            if article is None or state != "removed":
                said = {"live": "is in the corpus", "replaced": "was replaced by a newer version"}
                msg = (
                    f"article {article_id!r} {said.get(state or '', 'was never here')}: only removed ones are restored"
                )
                raise RestoreError(msg)
            free = "SELECT key, article_id, source, url FROM former_origins WHERE article_id = ? ORDER BY rowid"
            connection.execute(f"INSERT OR IGNORE INTO origins {free}", [article_id])
            connection.execute("DELETE FROM former_origins WHERE article_id = ?", [article_id])
            own = (article.key, article.id, article.source, article.url)  # all that older stores have kept
            connection.execute("INSERT OR IGNORE INTO origins VALUES (?, ?, ?, ?)", own)
            first = "SELECT key, source, url FROM origins WHERE article_id = ? ORDER BY key <> ?, rowid LIMIT 1"
            rows = self.rows(first, [article_id, article.key])
            if not rows:
                msg = f"{article.source!r} stands for another article now, so {article_id!r} cannot be restored"
                raise RestoreError(msg)
            sql = "UPDATE articles SET key = ?, source = ?, url = ? WHERE id = ?"
            connection.execute(sql, [*rows[0], article_id])

    # Chunks

    def put_chunks(self, chunks: Sequence[Chunk]) -> list[int]:
        """Stores chunks; their row numbers, in order."""
        with self.transaction() as connection:
            last = connection.execute("SELECT coalesce(max(rowid), 0) FROM chunks").fetchone()[0]
            numbers = list(range(last + 1, last + 1 + len(chunks)))
            rows = [(n, c.id, c.article_id, c.start, c.end, c.text) for n, c in zip(numbers, chunks, strict=True)]
            connection.executemany("INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?)", rows)
        return numbers

    def chunk_rows(self, article_id: str) -> list[tuple[int, Chunk]]:
        """The chunks of an article with their row numbers, in order."""
        rows = self.rows(
            "SELECT rowid, article_id, start, end, text FROM chunks WHERE article_id = ? ORDER BY start", [article_id]
        )
        return [(int(str(row[0])), _chunk(row[1:])) for row in rows]

    def delete_chunks(self, article_id: str | None = None) -> None:
        """Removes the chunks of an article, or all."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM chunks WHERE ? IS NULL OR article_id = ?", [article_id, article_id])

    def chunks(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """Chunks by id; ids that are not there are left out."""
        among = "id IN (SELECT value FROM json_each(?))"  # one parameter, however many ids
        rows = self.rows(f"SELECT article_id, start, end, text FROM chunks WHERE {among}", [json.dumps(list(ids))])  # noqa: S608
        return {chunk.id: chunk for chunk in map(_chunk, rows)}

    def chunk_ids(self, rowids: Sequence[int] | None = None) -> dict[int, str]:
        """The ids of chunks by row number; all when none are named."""
        among = "" if rowids is None else "WHERE rowid IN (SELECT value FROM json_each(?))"
        rows = self.rows(f"SELECT rowid, id FROM chunks {among}", [] if rowids is None else [json.dumps(list(rowids))])  # noqa: S608
        return {int(str(number)): str(key) for number, key in rows}

    # Whether Chroma lags behind

    def mark(self, what: Literal["change", "rebuild"]) -> None:
        """Notes, in the transaction that changes the ledger, that Chroma does not hold the change yet."""
        with self.transaction() as connection:
            connection.execute("INSERT INTO unsynced VALUES (?, ?)", [now(), what])

    def marks(self) -> set[str]:
        """What Chroma does not hold yet."""
        return {str(row[0]) for row in self.rows("SELECT DISTINCT what FROM unsynced")}

    def clear_marks(self) -> None:
        """Chroma holds everything."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM unsynced")

    # Records of what was done

    def issue(self, spans: Iterable[tuple[str, int, int, str]]) -> None:
        """Remembers citations (article id, start, end, quote) that were shown, so that `verify` can resolve them.

        With each goes what stands around it in the text: the anchor of a citation is the article's id, which comes from
        its content, the span, the quote and its surroundings.
        """
        with self.transaction() as connection:
            rows = [(key, start, end, quote, now(), *self._around(key, start, end)) for key, start, end, quote in spans]
            connection.executemany("INSERT OR IGNORE INTO issued VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def _around(self, article_id: str, start: int, end: int) -> tuple[str, str] | tuple[None, None]:
        rows = self.rows("SELECT text FROM articles WHERE id = ?", [article_id])
        return surroundings(str(rows[0][0]), start, end) if rows else (None, None)

    def note(self, outcomes: Iterable[Outcome]) -> None:
        """Appends outcomes of an ingest."""
        with self.transaction() as connection:
            rows = [(now(), o.item, o.result, o.article_id, o.reason) for o in outcomes]
            connection.executemany("INSERT INTO outcomes VALUES (?, ?, ?, ?, ?)", rows)


def surroundings(text: str, start: int, end: int) -> tuple[str, str]:
    """Up to CONTEXT characters of a text before and after a span."""
    return text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]


def to_article(row: Sequence[object]) -> Article:
    """The article of a row of COLUMNS."""
    ident, key, source, title, outlet, published, url, text, found, dropped = row
    return Article(
        id=str(ident), key=str(key), source=str(source), text=str(text),
        title=None if title is None else str(title), outlet=None if outlet is None else str(outlet),
        published=None if published is None else date.fromisoformat(str(published)),
        url=None if url is None else str(url), found=json.loads(str(found)), dropped=tuple(json.loads(str(dropped))),
    )  # fmt: skip


def _chunk(row: Sequence[object]) -> Chunk:
    article_id, start, end, text = row
    return Chunk(str(article_id), int(str(start)), int(str(end)), str(text))

"""The store's source of truth, in SQLite: articles, where they came from, chunks, vectors already computed,
citations ever issued, and what happened to each item of each ingest. Chroma can be rebuilt from it at any time.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from index.articles import Article, Chunk
from index.errors import StoreError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Result = Literal["added", "unchanged", "replaced", "duplicate", "failed"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS articles(
    id TEXT PRIMARY KEY, key TEXT NOT NULL, source TEXT NOT NULL, title TEXT, outlet TEXT, published TEXT, url TEXT,
    text TEXT NOT NULL, found TEXT NOT NULL, dropped TEXT NOT NULL, sentences TEXT NOT NULL, state TEXT NOT NULL,
    added TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS origins(key TEXT PRIMARY KEY, article_id TEXT NOT NULL REFERENCES articles(id));
CREATE INDEX IF NOT EXISTS origins_article ON origins(article_id);
CREATE TABLE IF NOT EXISTS chunks(
    rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, article_id TEXT NOT NULL REFERENCES articles(id),
    start INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_article ON chunks(article_id);
CREATE TABLE IF NOT EXISTS vectors(hash TEXT, fingerprint TEXT, vector BLOB NOT NULL, PRIMARY KEY(hash, fingerprint));
CREATE TABLE IF NOT EXISTS issued(
    article_id TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, quote TEXT NOT NULL, first_issued TEXT NOT NULL,
    PRIMARY KEY(article_id, start, end));
CREATE TABLE IF NOT EXISTS outcomes(at TEXT NOT NULL, item TEXT NOT NULL, result TEXT NOT NULL, article_id TEXT, reason TEXT);
CREATE TABLE IF NOT EXISTS unsynced(since TEXT NOT NULL);
"""

COLUMNS = "id, key, source, title, outlet, published, url, text, found, dropped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item of an ingest.

    Attributes:
        item: as the user would name it.
        result: "added", "unchanged", "replaced" (an older version went), "duplicate" (the same content is there
            under another name) or "failed".
        article_id: the article that holds the content now; None when failed.
        reason: why it failed, or which article it duplicates; "" otherwise.
    """

    item: str
    result: Result
    article_id: str | None = None
    reason: str = ""


def now() -> str:
    """The time in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def text_hash(text: str) -> str:
    """Key of the embedding cache."""
    return sha256(text.encode()).hexdigest()


class Ledger:
    """One SQLite file. Safe to share between threads: every use takes the same lock."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file; raises StoreError where it is not a sound database."""
        self._lock = threading.RLock()
        try:
            self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute("PRAGMA synchronous=NORMAL")
            self.connection.execute("PRAGMA foreign_keys=ON")
            self.connection.executescript(SCHEMA)
        except sqlite3.Error as error:
            msg = f"{str(path)!r} cannot be read as a store ({error}): restore it from a copy, or ingest into a new --store"
            raise StoreError(msg) from error

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; nested uses join the outer one."""
        with self._lock:
            if self.connection.in_transaction:
                yield self.connection
                return
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """All rows of a query."""
        with self._lock:
            return self.connection.execute(sql, tuple(parameters)).fetchall()

    # Articles

    def article(self, article_id: str) -> Article | None:
        """An article by id in any state; replaced and removed ones are kept so that old citations resolve."""
        rows = self.rows(f"SELECT {COLUMNS} FROM articles WHERE id = ?", [article_id])  # noqa: S608 - constant columns
        return _article(rows[0]) if rows else None

    def articles(self) -> list[Article]:
        """The articles that can be found, by date and title."""
        order = "ORDER BY published IS NULL, published, title, id"
        return [_article(row) for row in self.rows(f"SELECT {COLUMNS} FROM articles WHERE state = 'live' {order}")]  # noqa: S608

    def current(self, key: str) -> str | None:
        """The id of the article that an origin stands for now."""
        rows = self.rows("SELECT article_id FROM origins WHERE key = ?", [key])
        return str(rows[0][0]) if rows else None

    def state(self, article_id: str) -> str | None:
        """ "live", "replaced", "removed", or None when the article was never here."""
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
        with self.transaction() as connection:
            marks = ", ".join("?" * len(row))
            sql = f"INSERT INTO articles VALUES ({marks}) ON CONFLICT(id) DO UPDATE SET state = 'live', key = excluded.key"  # noqa: S608
            connection.execute(sql, row)

    def set_state(self, article_id: str, state: str) -> None:
        """Takes an article out of ("replaced", "removed") the corpus; its text stays for old citations."""
        with self.transaction() as connection:
            connection.execute("UPDATE articles SET state = ? WHERE id = ?", [state, article_id])

    def point(self, key: str, article_id: str) -> None:
        """Lets an origin stand for an article from now on."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO origins VALUES (?, ?)", [key, article_id])

    def forget_origins(self, article_id: str) -> None:
        """No origin stands for the article any more."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM origins WHERE article_id = ?", [article_id])

    def has_origin(self, article_id: str) -> bool:
        """Whether any origin still stands for the article."""
        return bool(self.rows("SELECT 1 FROM origins WHERE article_id = ? LIMIT 1", [article_id]))

    # Chunks

    def put_chunks(self, chunks: Sequence[Chunk]) -> list[int]:
        """Stores chunks; their row numbers, in order."""
        numbers = []
        with self.transaction() as connection:
            for chunk in chunks:
                row = (chunk.id, chunk.article_id, chunk.start, chunk.end, chunk.text)
                cursor = connection.execute(
                    "INSERT INTO chunks(id, article_id, start, end, text) VALUES (?, ?, ?, ?, ?)", row
                )
                numbers.append(int(cursor.lastrowid or 0))
        return numbers

    def chunk_rows(self, article_id: str) -> list[tuple[int, Chunk]]:
        """The chunks of an article with their row numbers, in order."""
        rows = self.rows(
            "SELECT rowid, article_id, start, end, text FROM chunks WHERE article_id = ? ORDER BY start", [article_id]
        )
        return [(int(str(row[0])), _chunk(row[1:])) for row in rows]

    def delete_chunks(self, article_id: str) -> None:
        """Removes the chunks of an article."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM chunks WHERE article_id = ?", [article_id])

    def chunks(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """Chunks by id; ids that are not there are left out."""
        marks = ", ".join("?" * len(ids))
        rows = self.rows(f"SELECT article_id, start, end, text FROM chunks WHERE id IN ({marks})", ids)  # noqa: S608 - marks only
        return {chunk.id: chunk for chunk in map(_chunk, rows)}

    # Vectors that are already computed

    def vectors(self, hashes: Sequence[str], fingerprint: str) -> dict[str, NDArray[np.float32]]:
        """Cached vectors by text hash, for one embedder."""
        import numpy as np

        found: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(hashes), 500):
            part = hashes[start : start + 500]
            marks = ", ".join("?" * len(part))
            sql = f"SELECT hash, vector FROM vectors WHERE fingerprint = ? AND hash IN ({marks})"  # noqa: S608 - marks only
            for key, blob in self.rows(sql, [fingerprint, *part]):
                found[str(key)] = np.frombuffer(blob, dtype=np.float32)  # type: ignore[call-overload]
        return found

    def put_vectors(self, vectors: Iterable[tuple[str, NDArray[np.float32]]], fingerprint: str) -> None:
        """Keeps vectors by text hash."""
        with self.transaction() as connection:
            rows = [(key, fingerprint, vector.tobytes()) for key, vector in vectors]
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    # Records of what was done

    def issue(self, spans: Iterable[tuple[str, int, int, str]]) -> None:
        """Remembers citations (article id, start, end, quote) that were shown, so that `verify` can resolve them."""
        rows = [(*span, now()) for span in spans]
        with self.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO issued VALUES (?, ?, ?, ?, ?)", rows)

    def note(self, outcomes: Iterable[Outcome]) -> None:
        """Appends outcomes of an ingest."""
        with self.transaction() as connection:
            rows = [(now(), o.item, o.result, o.article_id, o.reason) for o in outcomes]
            connection.executemany("INSERT INTO outcomes VALUES (?, ?, ?, ?, ?)", rows)


def _article(row: Sequence[object]) -> Article:
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

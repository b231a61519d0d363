"""One SQLite file for all threads of a process, and the border at which its errors end."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from index.errors import StoreError


class Database:
    """One SQLite file. Safe to share between threads: every use takes the same lock.

    Args:
        path: the file; made where there is none.
        schema: statements that make the tables where they are missing.

    Attributes:
        connection: commits each statement by itself unless a transaction is open.

    Raises:
        StoreError: by every method where the file is damaged or the disk full.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self._path = path
        self._lock = threading.RLock()
        with self._border():
            self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            try:
                self.connection.execute("PRAGMA journal_mode=WAL")
                self.connection.execute("PRAGMA synchronous=NORMAL")
                self.connection.execute("PRAGMA foreign_keys=ON")
                self.connection.executescript(schema)
                # SQLite's own lower() knows ASCII only.
                self.connection.create_function("fold", 1, lambda s: s and s.casefold(), deterministic=True)
            except BaseException:
                self.connection.close()
                raise

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self.connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone: what is read in one block belongs together."""
        with self._lock, self._border():
            yield self.connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; nested uses join the outer one."""
        with self.reading() as connection:
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # SQLite has rolled back by itself when the disk is full
                    connection.execute("ROLLBACK")
                raise

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """All rows of a query."""
        with self.reading() as connection:
            return connection.execute(sql, tuple(parameters)).fetchall()

    @contextmanager
    def _border(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            msg = (
                f"{str(self._path)!r} cannot be read or written ({error}): "
                "see that the disk has room; if it is damaged restore it from a copy, or ingest into a new --store"
            )
            raise StoreError(msg) from error

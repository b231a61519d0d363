"""One SQLite file for all threads of a process, and the border at which its errors end."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from index.errors import HIDDEN_STORE, StoreError


class Database:
    """One SQLite file. Safe to share between threads: every use of a connection takes its lock.

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
        self._looking = threading.RLock()
        with self._border():
            self.connection = _connect(path)
            try:
                self.connection.execute("PRAGMA journal_mode=WAL")
                self.connection.execute("PRAGMA synchronous=NORMAL")
                self.connection.execute("PRAGMA foreign_keys=ON")
                self.connection.executescript(schema)
                self._onlooker = _connect(path)
                self._onlooker.execute("PRAGMA query_only=ON")
            except BaseException:
                self.connection.close()
                raise

    def close(self) -> None:
        """Closes the file."""
        with self._looking, self._lock:
            self._onlooker.close()
            self.connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone: what is read in one block belongs together."""
        with self._lock, self._border():
            yield self.connection

    @contextmanager
    def looking(self) -> Iterator[sqlite3.Connection]:
        """A connection that only reads, for this thread alone: it never waits for a change that goes on.

        One block sees the file at one moment, with all changes that were completed before it and nothing of the others.
        """
        with self._looking, self._border():
            if self._onlooker.in_transaction:  # nested uses see the same moment
                yield self._onlooker
                return
            self._onlooker.execute("BEGIN")
            try:
                yield self._onlooker
            finally:
                if self._onlooker.in_transaction:
                    self._onlooker.execute("COMMIT")

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
            raise StoreError(msg, public=HIDDEN_STORE) from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    # SQLite's own lower() knows ASCII only.
    connection.create_function("fold", 1, lambda s: s and s.casefold(), deterministic=True)
    return connection


def make_private(path: Path) -> None:
    """Makes a file, and its folder, where there is none: for its owner's eyes alone.

    Raises:
        StoreError: it cannot be made or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its other files the same mode
    except OSError as exc:
        msg = f"{str(path)!r} cannot be made or written ({exc.strerror or exc}): see who may write to its folder"
        raise StoreError(msg) from exc

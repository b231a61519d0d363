"""Who is signed in: random tokens, kept as hashes in a table, so that signing out ends a session for good.

A signed cookie would need a key and a list of those that were revoked; a table needs neither, and whoever reads it
cannot sign in with what is there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from index.database import Database
from index.errors import SettingsError

IDLE_S, LONGEST_S = 12 * 3600, 7 * 24 * 3600
"""Seconds after which a session ends: without a request; in any case."""

MOST_EACH = 50
"""Sessions of one person; the oldest ends when there is one more."""

_RENEW_S = 300  # a session's end is moved at most this often
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
  token TEXT PRIMARY KEY, name TEXT NOT NULL, subject TEXT NOT NULL, proof TEXT NOT NULL, curates INTEGER NOT NULL,
  begun REAL NOT NULL, until REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_of ON sessions (name, subject, begun);
"""


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        subject: the provider's own name of the person; empty with a password file.
        proof: what the sign-in rests on, as `User.proof`; when it is no longer so, the session is over.
        curates: whether the provider says so.
        begun, until: seconds since 1970.
    """

    name: str
    subject: str
    proof: str
    curates: bool
    begun: float
    until: float


class Sessions:
    """The sessions of a server.

    Args:
        folder: where they are kept, so that a restart signs nobody out; None for memory alone.
        clock: seconds since 1970.
    """

    def __init__(self, folder: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        path = Path(":memory:")
        if folder is not None:
            path = folder / "sessions.sqlite"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
                path.chmod(0o600)
            except OSError as error:
                msg = f"sessions cannot be kept in {folder.name!r}: {error.strerror}; make it writable for this user"
                raise SettingsError(msg) from error
        self._database = Database(path, _SCHEMA)

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def begin(self, name: str, proof: str, *, subject: str = "", curates: bool = False) -> str:
        """Begins a session; returns its token, which is nowhere else."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._database.transaction() as rows:
            rows.execute("DELETE FROM sessions WHERE until <= ?", (now,))
            rows.execute(
                "DELETE FROM sessions WHERE token IN (SELECT token FROM sessions WHERE name = ? AND subject = ? "
                "ORDER BY begun DESC LIMIT -1 OFFSET ?)",
                (name, subject, MOST_EACH - 1),
            )
            row = (_hash(token), name, subject, proof, curates, now, now + IDLE_S)
            rows.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        return token

    def find(self, token: str) -> Session | None:
        """The session of a token; None when there is none or it is over."""
        with self._database.reading() as rows:
            found = rows.execute(
                "SELECT name, subject, proof, curates, begun, until FROM sessions WHERE token = ? AND until > ?",
                (_hash(token), self._clock()),
            ).fetchone()
        return Session(found[0], found[1], found[2], bool(found[3]), found[4], found[5]) if found else None

    def renew(self, token: str, session: Session) -> bool:
        """Moves the end of a session that is in use, at most every five minutes; returns whether it did."""
        until = min(self._clock() + IDLE_S, session.begun + LONGEST_S)
        if until - session.until < _RENEW_S:
            return False
        with self._database.transaction() as rows:
            rows.execute("UPDATE sessions SET until = ? WHERE token = ?", (until, _hash(token)))
        return True

    def end(self, token: str) -> None:
        """Ends a session; of an unknown token nothing happens."""
        with self._database.transaction() as rows:
            rows.execute("DELETE FROM sessions WHERE token = ?", (_hash(token),))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

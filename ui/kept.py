"""Conversations kept on the server, each for one person, and answers that somebody shared by a link."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from pydantic import ValidationError

from index.database import Database, make_private
from index.errors import StoreError
from index.ledger import now
from rag.answers import Answer

CONVERSATIONS = 200
"""Kept of a person."""
ANSWERS = 50
"""Kept of a conversation."""
SHARED = 10_000
"""Answers shared by one person."""
TITLE = 60
"""Characters of a title, about."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations(
    number INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL,
    at TEXT NOT NULL, length INTEGER NOT NULL, UNIQUE(person, id));
CREATE TABLE IF NOT EXISTS answers(
    number INTEGER NOT NULL REFERENCES conversations(number) ON DELETE CASCADE, place INTEGER NOT NULL,
    answer TEXT NOT NULL, PRIMARY KEY(number, place)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shared(
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, by TEXT, digest TEXT NOT NULL,
    at TEXT NOT NULL, answer TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS shared_by ON shared(by, digest);
"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions and answers, one after the other.

    Attributes:
        id: cannot be guessed (128 bits), safe in an address.
        title: the first question, shortened.
        at: when it was last added to, UTC, ISO 8601; tells one state of it from another.
        answers: oldest first; each holds its question.
        lost: answers that were kept and cannot be read any more, as another version wrote them.
    """

    id: str
    title: str
    at: str
    answers: tuple[Answer, ...]
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Heading:
    """What a list shows of a conversation; `answers` is how many it has."""

    id: str
    title: str
    at: str
    answers: int


def title_of(question: str) -> str:
    """A question on one line, cut between words to about TITLE characters."""
    line = " ".join(question.split())
    if len(line) <= TITLE:
        return line
    cut = line[: TITLE - 1]
    whole, _, rest = cut.rpartition(" ")
    return f"{whole if len(rest) < TITLE // 2 else cut}…"  # a word that fills half the line is cut itself


class Kept:
    """One SQLite file of conversations and shared answers, safe for several threads and processes.

    A person sees and deletes only what is theirs: every method names the person. Of a person the CONVERSATIONS last
    added to are kept, of each the last ANSWERS answers, and of all shared answers of a person the last SHARED; the
    oldest fall out. The file is made for its owner's eyes alone.

    Args:
        path: the file; made where there is none, with its folder.

    Raises:
        StoreError: by every method where the file cannot be read or written. Only here, where the server opens the
            file, does the message name it; the other messages may be shown to a reader.
    """

    def __init__(self, path: Path) -> None:
        make_private(path)
        self._database = Database(path, _SCHEMA)

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def conversations(self, person: str) -> list[Heading]:
        """The conversations of a person, the one last kept first, without their answers."""
        with self._transaction() as connection:
            rows = connection.execute(
                "SELECT id, title, at, length FROM conversations WHERE person = ? ORDER BY number DESC", (person,)
            ).fetchall()
        return [Heading(*row) for row in rows]

    def conversation(self, person: str, identity: str) -> Conversation | None:
        """One conversation of a person; None where they have none of that id."""
        with self._transaction() as connection:
            found = connection.execute(
                "SELECT number, id, title, at FROM conversations WHERE person = ? AND id = ?", (person, identity)
            ).fetchone()
            if found is None:
                return None
            number, *named = map(str, found)
            rows = connection.execute("SELECT answer FROM answers WHERE number = ? ORDER BY place", (number,))
            read = [_read(text) for (text,) in rows]
        answers = tuple(answer for answer in read if answer is not None)
        key, title, at = named
        return Conversation(key, title, at, answers, len(read) - len(answers))

    def keep(self, person: str, conversation: Conversation, was: str = "") -> tuple[str, int]:
        """Keeps a conversation, in place of what was kept under its id; it is then the newest.

        Args:
            person: whose it is.
            conversation: as it is now.
            was: the time of the kept one that it goes on from, "" for none.

        Returns:
            The id it is kept under, another one where somebody else has added to it meanwhile; and how many answers.
            Where it was deleted meanwhile only the last one is kept: nothing that was deleted comes back.
        """
        texts = [answer.model_dump_json(exclude_defaults=True) for answer in conversation.answers[-ANSWERS:]]
        identity = conversation.id
        with self._transaction() as connection:
            sql = "SELECT at FROM conversations WHERE person = ? AND id = ?"
            there = connection.execute(sql, (person, identity)).fetchone()
            if there is None and was:
                texts = texts[-1:]
            elif there is not None and there[0] != was:
                identity = secrets.token_urlsafe(16)
            connection.execute(
                "DELETE FROM conversations WHERE person = ? AND id = ?", (person, identity)
            )  # not only changed: its new number makes it the newest
            number = connection.execute(
                "INSERT INTO conversations(person, id, title, at, length) VALUES(?, ?, ?, ?, ?)",
                (person, identity, conversation.title, conversation.at, len(texts)),
            ).lastrowid
            connection.executemany(
                "INSERT INTO answers VALUES(?, ?, ?)", [(number, place, text) for place, text in enumerate(texts)]
            )
            connection.execute(
                "DELETE FROM conversations WHERE number IN"
                " (SELECT number FROM conversations WHERE person = ? ORDER BY number DESC LIMIT -1 OFFSET ?)",
                (person, CONVERSATIONS),
            )
        return identity, len(texts)

    def delete(self, person: str, identity: str) -> bool:
        """Deletes a conversation of a person; whether there was one."""
        with self._transaction() as connection:
            sql = "DELETE FROM conversations WHERE person = ? AND id = ?"
            return connection.execute(sql, (person, identity)).rowcount > 0

    def delete_all(self, person: str) -> int:
        """Deletes all that is kept of a person, what they shared too; how many conversations there were."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM shared WHERE by = ?", (person,))
            return connection.execute("DELETE FROM conversations WHERE person = ?", (person,)).rowcount

    def share(self, answer: Answer, by: str | None) -> str:
        """The id under which anybody may now see an answer; the same one where the same person shared it before.

        Args:
            answer: made by this server.
            by: the person; None where nobody is known. All who are not known count as one.

        Returns:
            22 letters, digits, "-" and "_" that cannot be guessed (128 bits).
        """
        text = answer.model_dump_json(exclude_defaults=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        with self._transaction() as connection:
            found = connection.execute("SELECT id FROM shared WHERE by IS ? AND digest = ?", (by, digest)).fetchone()
            if found:
                return str(found[0])
            identity = secrets.token_urlsafe(16)
            connection.execute(
                "INSERT INTO shared(id, by, digest, at, answer) VALUES(?, ?, ?, ?, ?)",
                (identity, by, digest, now(), text),
            )
            connection.execute(
                "DELETE FROM shared WHERE number IN"
                " (SELECT number FROM shared WHERE by IS ? ORDER BY number DESC LIMIT -1 OFFSET ?)",
                (by, SHARED),
            )
        return identity

    def shared(self, identity: str) -> Answer | None:
        """A shared answer; None where nobody shared it, it was taken back, or another version kept it."""
        with self._transaction() as connection:
            found = connection.execute("SELECT answer FROM shared WHERE id = ?", (identity,)).fetchone()
        return _read(found[0]) if found else None

    def unshare(self, identity: str, by: str | None) -> bool:
        """Takes a shared answer back; whether it was shared by this person, else nothing happens."""
        with self._transaction() as connection:
            sql = "DELETE FROM shared WHERE id = ? AND by IS ?"
            return connection.execute(sql, (identity, by)).rowcount > 0

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._database.transaction() as connection:
                yield connection
        except (StoreError, UnicodeEncodeError) as exc:  # the second: half a letter in an id or a name
            _log.exception("kept conversations")
            msg = "what is kept of conversations cannot be read or written now; the server's log says why"
            raise StoreError(msg) from exc


def _read(text: object) -> Answer | None:
    try:
        return Answer.model_validate_json(str(text))
    except ValidationError:
        return None

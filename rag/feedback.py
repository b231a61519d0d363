"""What readers say of single sentences and of abstentions, kept with the answer, for the evaluation."""

from __future__ import annotations

import hashlib
import logging
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from pydantic import ValidationError

from index.database import Database, make_private
from index.errors import SourceboundError, StoreError
from index.ledger import now
from rag.answers import Answer

FILE = "feedback.sqlite3"
"""In the folder of a store."""
WHOLE = -1
"""The place of a remark on an answer as a whole: an abstention has no sentence."""
NOTE = 500
"""Characters of a note."""
REMARKS = 20_000
REMARKS_EACH = 2_000
"""Of one person."""

Reason = Literal["", "citation", "meaning", "outdated", "beside", "present", "misread", "other"]
OF_SENTENCE: tuple[Reason, ...] = ("citation", "meaning", "outdated", "beside", "other")
OF_ABSTENTION: tuple[Reason, ...] = ("present", "misread", "other")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS remarks(
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, by TEXT, digest TEXT NOT NULL,
    sentence INTEGER NOT NULL, up INTEGER NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL, answer TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS remarks_by ON remarks(by, digest, sentence);
"""
_ALL = "SELECT id, at, by, answer, sentence, up, reason, note FROM remarks ORDER BY number"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Remark:
    """A thumb of one reader on one sentence.

    Attributes:
        id: cannot be guessed (128 bits).
        at: UTC, ISO 8601 to the second.
        by: the person or the session; None where neither is known.
        answer: as it was shown.
        sentence: its place in `answer.sentences`, from 0; WHOLE for the answer as a whole.
        up: whether it is right.
        reason: what is wrong: "citation" (the source does not say so), "meaning" (the source means something else),
            "outdated", "beside" (it does not answer the question), of an abstention "present" (the articles do answer)
            or "misread" (the question means something else), "other"; "" where nothing is said, or it is right.
        note: in the reader's words.
    """

    id: str
    at: str
    by: str | None
    answer: Answer
    sentence: int
    up: bool
    reason: Reason
    note: str


class Feedback:
    """One SQLite file of remarks, safe for several threads and processes.

    Of a person, an answer and a sentence there is one remark, the last one. All who are not known count as one person.

    Args:
        path: the file, as `STORE/feedback.sqlite3`; made where there is none, for its owner's eyes alone.

    Raises:
        StoreError: by every method where the file cannot be read or written. Only here does the message name it; the
            other messages may be shown to a reader.
    """

    def __init__(self, path: Path) -> None:
        make_private(path)
        self._database = Database(path, _SCHEMA)

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def add(
        self, answer: Answer, sentence: int, *, up: bool, by: str | None = None, reason: str = "", note: str = ""
    ) -> Remark:
        """Keeps a remark, in place of the one that the same person made on the same sentence before.

        Args:
            answer: made by this server. Two that differ only in how long they took are the same.
            sentence: its place from 0, or WHOLE.
            up: whether it is right.
            by: the person or the session.
            reason: see Remark; of a thumb up "".
            note: at most NOTE characters; spaces and line ends in a row become one space.

        Raises:
            SourceboundError: there is no such sentence or reason, the note is too long, or too many remarks are kept.
        """
        note = " ".join(note.encode(errors="replace").decode().split())
        kind = _checked(answer, sentence, up=up, reason=reason, note=note)
        digest = _digest(answer)
        made = Remark(secrets.token_urlsafe(16), now(), by, answer, sentence, up, kind, note)
        with self._transaction() as connection:
            same = "DELETE FROM remarks WHERE by IS ? AND digest = ? AND sentence = ?"
            connection.execute(same, (by, digest, sentence))
            total, own = connection.execute(
                "SELECT count(*), count(*) FILTER (WHERE by IS ?) FROM remarks", (by,)
            ).fetchone()
            if total >= REMARKS or own >= REMARKS_EACH:
                msg = f"{own} remarks of yours and {total} in all are kept, and no more can be: thank you, it is enough"
                raise SourceboundError(msg)
            connection.execute(
                "INSERT INTO remarks(id, at, by, digest, sentence, up, reason, note, answer)"
                " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (made.id, made.at, by, digest, sentence, up, kind, note, answer.model_dump_json(exclude_defaults=True)),
            )
        return made

    def withdraw(self, answer: Answer, sentence: int, *, by: str | None = None) -> bool:
        """Deletes the remark of a person on a sentence, or on an answer as a whole; whether there was one."""
        with self._transaction() as connection:
            mine = "DELETE FROM remarks WHERE by IS ? AND digest = ? AND sentence = ?"
            return connection.execute(mine, (by, _digest(answer), sentence)).rowcount > 0

    def thumbs(self, answers: Iterable[Answer], *, by: str | None = None) -> list[dict[int, bool]]:
        """What a person said of each answer: whether up, by the place of the sentence."""
        mine = "SELECT sentence, up FROM remarks WHERE by IS ? AND digest = ? ORDER BY sentence"
        digests = [_digest(answer) for answer in answers]
        with self._transaction() as connection:
            return [{place: bool(up) for place, up in connection.execute(mine, (by, one))} for one in digests]

    def remarks(self) -> Iterator[Remark]:
        """All remarks, oldest first; one on an answer that another version wrote and this cannot read is left out."""
        with self._transaction() as connection:
            rows = connection.execute(_ALL).fetchall()
        return (remark for row in rows if (remark := _remark(row)))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._database.transaction() as connection:
                yield connection
        except (StoreError, UnicodeEncodeError) as exc:  # the second: half a letter in a name or an id
            _log.exception("feedback")
            msg = "what readers said cannot be read or written now; the server's log says why"
            raise StoreError(msg) from exc


def read_remarks(path: Path) -> tuple[list[Remark], int]:
    """The remarks of a file or of a store's folder, oldest first. Nothing is written; a server may use it meanwhile.

    Returns:
        The remarks, and how many others are on answers that another version wrote and this cannot read.

    Raises:
        SourceboundError: there is no such file, or it holds no remarks.
    """
    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        msg = f"no feedback in {str(path)!r}: give the folder of a store whose readers left some, or its {FILE}"
        raise SourceboundError(msg)
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute(_ALL).fetchall()
    except sqlite3.Error as exc:
        msg = f"{str(file)!r} cannot be read as feedback ({exc}): give the folder of a store, or its {FILE}"
        raise SourceboundError(msg) from exc
    read = [_remark(row) for row in rows]
    remarks = [remark for remark in read if remark]
    return remarks, len(read) - len(remarks)


def _digest(answer: Answer) -> str:
    """Of what it says and rests on. Without defaults: a field that a later version adds changes nothing."""
    told = answer.model_dump_json(exclude={"timings_ms"}, exclude_defaults=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _checked(answer: Answer, sentence: int, *, up: bool, reason: str, note: str) -> Reason:
    """The reason; raises SourceboundError where a remark cannot be kept as given."""
    if not WHOLE <= sentence < len(answer.sentences):
        msg = f"no sentence {sentence!r} in an answer of {len(answer.sentences)}: count from 0"
        raise SourceboundError(msg)
    known = next((one for one in get_args(Reason) if one == reason), None)
    if known is None or (up and reason):
        allowed = "a thumb up has none" if up else f"use one of {', '.join(filter(None, get_args(Reason)))}, or none"
        msg = f"no reason {reason[:40]!r}: {allowed}"
        raise SourceboundError(msg)
    if len(note) > NOTE:
        msg = f"the note has {len(note)} characters and at most {NOTE} are kept: shorten it"
        raise SourceboundError(msg)
    reasoned: Reason = known
    return reasoned


def _remark(row: tuple[object, ...]) -> Remark | None:
    key, at, by, text, sentence, up, reason, note = row
    try:
        answer = Answer.model_validate_json(str(text))
        place = int(str(sentence))
        kind = _checked(answer, place, up=bool(up), reason=str(reason), note=str(note))
    except (ValidationError, ValueError, SourceboundError):
        return None
    return Remark(str(key), str(at), None if by is None else str(by), answer, place, bool(up), kind, str(note))

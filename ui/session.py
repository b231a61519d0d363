"""What one reader has open, and where their conversations are kept: in their browser, or with a name on the server."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ui.carried import headings, pack, unpack
from ui.kept import ANSWERS, Conversation, Heading, Kept, title_of

if TYPE_CHECKING:
    from rag.answers import Answer
    from ui.people import Person
    from ui.seal import Seal
    from ui.turns import Turn

MOST_TURNS = 20
"""Shown of one conversation: the page holds the evidence of each, about 30 kB a turn."""

_OWNER = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who sits at a page.

    Attributes:
        page: id of the open page.
        person: with roles.
        answer: id of the shared answer that the page was opened for, "" for none.
    """

    page: str
    person: Person
    answer: str = ""

    @property
    def key(self) -> str | None:
        """What the server keeps a person's things under; None where nobody signs in."""
        return self.person.key

    @property
    def place(self) -> str:
        """This person at this page."""
        return json.dumps([self.key, self.page])


@dataclass(frozen=True, slots=True)
class Session:
    """What one reader's page shows.

    Attributes:
        id: of the conversation that is open; "" until the page has been opened.
        of: whom the page was opened for, their `Person.key`: whoever comes with another one gets nothing of it.
        owner: what the links and judgements of a reader without a name belong to: their browser, by a secret number.
        turns: of that conversation, the last MOST_TURNS.
        earlier: its answers before those.
        apart: how many of its first answers are not kept: it was deleted on another page after them.
        was: the time of the conversation as it was kept last, as far as this page knows; "" where it never was.
        kept: all kept conversations, newest first.
        editing: number of the turn that the next question replaces; 0 for none.
        examples: the questions offered.
    """

    id: str = ""
    of: str | None = None
    owner: str = ""
    turns: tuple[Turn, ...] = ()
    earlier: tuple[Answer, ...] = ()
    apart: int = 0
    was: str = ""
    kept: tuple[Heading, ...] = ()
    editing: int = 0
    examples: tuple[str, ...] = ()

    def is_for(self, reader: Reader) -> bool:
        """Whether the page was opened, on this server and by this person."""
        return bool(self.id) and self.of == reader.key

    def before(self) -> tuple[Turn, ...]:
        """The turns that stay when the next question is asked."""
        return tuple(turn for turn in self.turns if not self.editing or turn.number < self.editing)

    def turn(self, number: object) -> Turn | None:
        """A turn by its number as a page says it, None where there is none."""
        return next((turn for turn in self.turns if str(turn.number) == str(number)), None)

    def answers(self) -> tuple[Answer, ...]:
        """Those of the open conversation."""
        return (*self.earlier, *(turn.answer for turn in self.turns if turn.answer is not None))

    def with_turns(self, turns: Sequence[Turn]) -> Session:
        """With these turns; what is too much to show goes to the earlier answers."""
        gone = tuple(turn.answer for turn in turns[:-MOST_TURNS] if turn.answer is not None)
        return replace(self, turns=tuple(turns[-MOST_TURNS:]), earlier=(*self.earlier, *gone), editing=0)

    def anew(self) -> Session:
        """With a new conversation."""
        return replace(self, id=new_id(), turns=(), earlier=(), apart=0, was="", editing=0)


@dataclass(frozen=True, slots=True)
class Brought:
    """What a browser brings when a page is opened.

    Attributes:
        owner: see Session.
        kept: the conversations it keeps, newest first; only their headings count.
        newest: the conversation that was added to last.
    """

    owner: str
    kept: tuple[Heading, ...] = ()
    newest: Conversation | None = None


def new_id() -> str:
    """Of a conversation; 128 bits that cannot be guessed."""
    return secrets.token_urlsafe(16)


class Shelf:
    """Where conversations are kept: for a person with a name in the server's file, else in the browser, sealed.

    Args:
        kept: the server's file.
        seal: proves that what a browser kept was made here.
    """

    def __init__(self, kept: Kept, seal: Seal) -> None:
        self._kept = kept
        self._seal = seal

    def brought(self, person: str | None, stored: object) -> Brought:
        """What there is when a page is opened.

        Args:
            person: None for a reader without a name.
            stored: what their browser has, as `stored` of asking.js writes it; whatever it is, it does no harm.
        """
        told = _json(stored)
        owner = str(told.get("owner", ""))
        owner = owner if _OWNER.fullmatch(owner) else secrets.token_hex(16)
        if person:
            kept = tuple(self._kept.conversations(person))
            return Brought(owner, kept, self._kept.conversation(person, kept[0].id) if kept else None)
        newest = unpack([told.get("newest")], self._seal)
        return Brought(owner, tuple(headings(told.get("kept"))), newest[0] if newest else None)

    def whole(self, person: str | None, ident: str, stored: str) -> Conversation | None:
        """One conversation with its answers; None where this reader has no such one.

        Args:
            person: None for a reader without a name.
            ident: of the conversation.
            stored: what their browser keeps of it, as JSON.
        """
        if person:
            return self._kept.conversation(person, ident)
        found = unpack([_json(stored)], self._seal)
        return found[0] if found and found[0].id == ident else None

    def keep(self, person: str | None, session: Session) -> tuple[Session, dict[str, Any] | None]:
        """The session with its conversation kept as it is now, and what the browser is to keep of it.

        Where another page has added to the conversation meanwhile, this one becomes a conversation of its own.
        """
        answers = session.answers()[session.apart :][-ANSWERS:]
        if not answers:
            return session, None
        known = next((one.title for one in session.kept if one.id == session.id), title_of(answers[0].question))
        now = datetime.now(UTC).isoformat()
        made = Conversation(session.id, known, now, answers)
        if person:
            ident, count = self._kept.keep(person, made, session.was)
            apart = session.apart + len(answers) - count
            kept = tuple(self._kept.conversations(person))
            return replace(session, id=ident, apart=apart, was=now, kept=kept), None
        heading = Heading(made.id, made.title, made.at, len(answers))
        left = tuple(one for one in session.kept if one.id != session.id)
        (packed,) = pack([made], self._seal)
        return replace(session, was=now, kept=(heading, *left)), {**packed, "was": session.was}

    def forget(self, person: str | None, session: Session, ident: str | None) -> Session:
        """Without one conversation, or without any and without links where `ident` is None."""
        if ident is None:
            self._kept.delete_all(person or owned(session.owner))
        elif person:
            self._kept.delete(person, ident)
        kept = () if ident is None else tuple(one for one in session.kept if one.id != ident)
        left = replace(session, kept=kept)
        return left.anew() if ident in (None, session.id) else left


def owned(owner: str) -> str:
    """What the links and judgements of a browser are kept under, where nobody signs in."""
    return f"browser {owner}"


def _json(text: object) -> dict[str, Any]:
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}

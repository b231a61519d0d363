"""What one reader has open, and where their conversations are kept: in their browser, or with a name on the server."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from index.ledger import now
from ui.carried import pack, unpack
from ui.kept import Conversation, Heading, Kept, title_of

if TYPE_CHECKING:
    from rag.answers import Answer
    from ui.people import Person
    from ui.seal import Seal
    from ui.turns import Turn

MOST_TURNS = 20
"""Of one conversation: the page holds the evidence of each, about 30 kB a turn."""


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


@dataclass(frozen=True, slots=True)
class Session:
    """What one reader's page shows.

    Attributes:
        id: of the conversation that is open; "" until the page has been opened.
        turns: of that conversation.
        kept: all kept conversations, newest first; those that the server keeps come without their answers.
        editing: number of the turn that the next question replaces; 0 for none.
        examples: the questions offered.
    """

    id: str = ""
    turns: tuple[Turn, ...] = ()
    kept: tuple[Conversation | Heading, ...] = ()
    editing: int = 0
    examples: tuple[str, ...] = ()

    def before(self) -> tuple[Turn, ...]:
        """The turns that stay when the next question is asked."""
        return self.turns[: self.editing - 1] if self.editing else self.turns

    def turn(self, number: object) -> Turn | None:
        """A turn by its number as a page says it, None where there is none."""
        return next((turn for turn in self.turns if str(turn.number) == str(number)), None)

    def answers(self) -> tuple[Answer, ...]:
        """Those of the open conversation."""
        return tuple(turn.answer for turn in self.turns if turn.answer is not None)

    def anew(self) -> Session:
        """With a new conversation."""
        return replace(self, id=new_id(), turns=(), editing=0)


def new_id() -> str:
    """Of a conversation; cannot be guessed."""
    return secrets.token_urlsafe(12)


class Shelf:
    """Where conversations are kept: for a person with a name in the server's file, else in the browser, sealed.

    Args:
        kept: the server's file.
        seal: proves that what a browser kept was made here.
    """

    def __init__(self, kept: Kept, seal: Seal) -> None:
        self._kept = kept
        self._seal = seal

    def all(self, person: str | None, stored: object) -> tuple[Conversation | Heading, ...]:
        """All that are kept, newest first.

        Args:
            person: None for a reader without a name.
            stored: what their browser has, as JSON; used for those without a name alone.
        """
        if person:
            return tuple(self._kept.conversations(person))
        try:
            found = json.loads(stored) if isinstance(stored, str) else None
        except ValueError:
            found = None
        return tuple(unpack(found, self._seal))

    def whole(self, person: str | None, kept: Sequence[Conversation | Heading], ident: str) -> Conversation | None:
        """One conversation with its answers; None where this reader has no such one."""
        if person:
            return self._kept.conversation(person, ident)
        return next((one for one in kept if isinstance(one, Conversation) and one.id == ident), None)

    def keep(self, person: str | None, session: Session) -> Session:
        """The session with its conversation kept as it is now."""
        answers = session.answers()
        if not answers:
            return session
        open_one = Conversation(session.id, title_of(answers[0].question), now(), answers)
        if person:
            self._kept.keep(person, open_one)
            return replace(session, kept=tuple(self._kept.conversations(person)))
        return replace(session, kept=(open_one, *(one for one in session.kept if one.id != session.id)))

    def forget(self, person: str | None, session: Session, ident: str | None) -> Session:
        """Without one conversation, or without any where `ident` is None; the open one, if it goes, is left."""
        if person and ident is None:
            self._kept.delete_all(person)
        elif person and ident is not None:
            self._kept.delete(person, ident)
        kept = () if ident is None else tuple(one for one in session.kept if one.id != ident)
        left = replace(session, kept=kept)
        return left.anew() if ident in (None, session.id) else left

    def for_browser(self, person: str | None, session: Session) -> dict[str, Any] | None:
        """The open conversation as a browser keeps it; None where the server does, or there is nothing to keep."""
        open_one = [one for one in session.kept if isinstance(one, Conversation) and one.id == session.id]
        return None if person or not open_one else pack(open_one, self._seal)[0]

"""Conversations that the reader's own browser keeps: sealed on the way out, doubted on the way back. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from index.errors import SourceboundError
from rag.answers import Answer
from ui.kept import ANSWERS, Conversation, Heading, title_of
from ui.seal import Seal

CONVERSATIONS = 20
CHARACTERS = 3_000_000
"""Of all together, as JSON. Browsers keep about five million for a server."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def pack(conversations: Iterable[Conversation], seal: Seal) -> list[dict[str, object]]:
    """Conversations as JSON values.

    At most CONVERSATIONS of ANSWERS answers each and CHARACTERS in all; the oldest are left out.

    Args:
        conversations: newest first.
        seal: of this server.
    """
    packed: list[dict[str, object]] = []
    room = CHARACTERS
    for conversation in conversations:
        if len(packed) == CONVERSATIONS:
            break
        named: dict[str, object] = {"id": conversation.id, "title": conversation.title, "at": conversation.at}
        room -= len(json.dumps(named)) + len(', "answers": []')
        sealed: list[str] = []
        for answer in reversed(conversation.answers[-ANSWERS:]):
            text = seal.seal(answer)
            room -= len(text) + len('"", ')
            if room < 0:
                break
            sealed.insert(0, text)
        if sealed:
            packed.append({**named, "answers": sealed})
        if room < 0:
            break
    return packed


def unpack(data: object, seal: Seal) -> list[Conversation]:
    """The conversations in what a browser kept, in its order. Whatever `data` is, nothing is raised.

    What this server did not make is left out: an answer whose seal is not right, a conversation without an answer that
    is, or with an id, a title or a time that is none, and one whose id came before. What is beyond the bounds of
    `pack` is not looked at.
    """
    found: dict[str, Conversation] = {}
    room = CHARACTERS
    for one in data[:CONVERSATIONS] if isinstance(data, list) else []:
        if not isinstance(one, dict) or not _is_named(one):
            continue
        given = one.get("answers")
        texts = [text for text in (given[-ANSWERS:] if isinstance(given, list) else []) if isinstance(text, str)]
        room -= sum(map(len, texts))
        if room < 0:
            break
        answers = tuple(_opened(texts, seal))
        if answers and one["id"] not in found:
            lost = len(texts) - len(answers)
            found[one["id"]] = Conversation(one["id"], one["title"], one["at"], answers, lost)
    return list(found.values())


def headings(data: object) -> list[Heading]:
    """What a browser says it keeps, as it is to be listed; whatever `data` is, nothing is raised.

    Nothing of it is proved: it is shown to that browser's reader alone.
    """
    found: dict[str, Heading] = {}
    for one in data[:CONVERSATIONS] if isinstance(data, list) else []:
        if isinstance(one, dict) and _is_named(one) and isinstance(count := one.get("answers"), int):
            found.setdefault(one["id"], Heading(one["id"], one["title"], one["at"], count))
    return list(found.values())


def _is_named(one: dict[object, object]) -> bool:
    """Whether id, title and time are what `pack` writes."""
    identity, title, at = one.get("id"), one.get("title"), one.get("at")
    if not isinstance(identity, str) or not isinstance(title, str) or not isinstance(at, str):
        return False
    try:
        title.encode()  # half a letter is none
        return bool(_ID.fullmatch(identity) and title == title_of(title) and datetime.fromisoformat(at))
    except ValueError:
        return False


def _opened(texts: Iterable[str], seal: Seal) -> Iterator[Answer]:
    for text in texts:
        try:
            yield seal.opened(text)
        except SourceboundError:
            continue

"""Follow-ups: what a question means after the questions before it, by rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.sparse import terms

MOST_TURNS = 3
"""Earlier questions that a follow-up may lean on: more would drown what is asked now."""

_OPENS = re.compile(
    r"\s*(?:and|but|so|or|also|then|what about|how about|since when|by whom|when was that|where was that)\b", re.I
)
_PERSON = re.compile(r"\b(?:he|she|they|him|her|them|his|hers|their|theirs)\b", re.I)
_THING = re.compile(
    r"\b(?:[Ii]t|[Ii]ts|[Tt]his|[Tt]hese|[Tt]hose|then|the same|(?:the|that|this|which) ones?)\b|"
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere\b|"
    r"\bthat\b(?=\W*$|\s+(?:is|was|are|were|did|does|do|has|have|had|in|for|to|from|happen|cost|mean)\b)"
)
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w’'-]*")
_WHOLE = re.compile(
    r"\s*(?:who|whom|what|which|where|when|why|how)\s+(?:is|are|was|were|did|does|do|has|have|had|will)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is searched for.

    Attributes:
        text: the question by itself, with what it leans on in front.
        focus: what is asked now; it alone decides whether a number, a date or a name is wanted.
    """

    text: str
    focus: str


def understood(question: str, history: Sequence[str]) -> Asked:
    """A follow-up gets the question before it in front, any other question stays as it is.

    Args:
        question: the question as asked.
        history: the earlier questions of the conversation, oldest first.
    """
    turns = [question]
    for earlier in reversed(history[-MOST_TURNS:]):
        if not is_follow_up(turns[0]):
            break
        turns.insert(0, earlier)
    return Asked(" ".join([*(f"{turn.rstrip('?.! ')}?" for turn in turns[:-1]), question]), question)


def is_follow_up(question: str) -> bool:
    """Whether a question leans on what came before.

    It opens with "And", has "she" before any name or "it" without one, or is too short to be asked by itself.
    """
    name, person = _NAME.search(question), _PERSON.search(question)
    if _OPENS.match(question) or (person and not (name and name.start() < person.start())):
        return True
    leans = bool(_THING.search(question))
    if len(terms(question)) < 3:  # "When was Samper elected?" is whole, "Why Samper?" is not
        return leans or not (name and _WHOLE.match(question))
    return leans and not name


_JOINT = re.compile(
    r"(?:\?\s+(?:and\s+)?|[,;]?\s+and\s+|;\s+)(?=(?:who|whom|whose|what|when|where|why|how|which|by whom|in which)\b)",
    re.I,
)
_FEWEST_WORDS = 4


def parts(asked: Asked) -> list[Asked]:
    """The questions inside a question: "When was X sold, and how much did Y pay?" asks two things.

    Each part must be long enough to be asked by itself ("who said what and when" stays whole); a later part that leans
    on an earlier one is completed by it.
    """
    pieces = [piece.strip(" ,;?") for piece in _JOINT.split(asked.focus)]
    if len(pieces) < 2 or any(len(piece.split()) < _FEWEST_WORDS for piece in pieces):
        return [asked]
    before = asked.text.removesuffix(asked.focus).strip()
    first = Asked(f"{before} {pieces[0]}?".strip(), f"{pieces[0]}?")
    return [first, *(understood(f"{piece}?", [first.text]) for piece in pieces[1:])]

"""Follow-ups: what a question means after the questions before it, by rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.sparse import terms

_OPENS = re.compile(
    r"\s*(?:and|but|so|or|also|then|what about|how about|why|since when|by whom|when was that|where was that)\b", re.I
)
_PRONOUN = re.compile(
    r"\b(?:he|she|they|it|him|her|them|his|hers|their|theirs|its|this|that|these|those|there|then|the same|one|ones)\b",
    re.I,
)
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w’'-]*")


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
    if not history or not is_follow_up(question):
        return Asked(question, question)
    before = understood(history[-1], history[:-1])
    return Asked(f"{before.text.rstrip('?.! ')}? {question}", question)


def is_follow_up(question: str) -> bool:
    """Whether a question leans on what came before: it opens with "And", is very short, or has a pronoun and no name."""
    return bool(
        _OPENS.match(question) or len(terms(question)) < 3 or (_PRONOUN.search(question) and not _NAME.search(question))
    )


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

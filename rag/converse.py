"""Follow-ups: what a question means after the questions before it, by rules."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.sparse import terms

_OPENS = re.compile(r"\s*(?:and|but|so|or|also|then|what about|how about|why|since when|by whom|when was that|where was that)\b", re.I)
_PRONOUN = re.compile(
    r"\b(?:he|she|they|it|him|her|them|his|hers|their|theirs|its|this|that|these|those|there|then|the same|one|ones)\b", re.I
)
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w’'-]*")


def understood(question: str, history: Sequence[str]) -> str:
    """The question by itself: a follow-up gets the question before it in front, any other stays as it is.

    Args:
        question: the question as asked.
        history: the earlier questions of the conversation, oldest first.
    """
    if not history or not is_follow_up(question):
        return question
    before = understood(history[-1], history[:-1])
    return f"{before.rstrip('?.! ')}? {question}"


def is_follow_up(question: str) -> bool:
    """Whether a question leans on what came before: it opens with "And", is very short, or has a pronoun and no name."""
    return bool(
        _OPENS.match(question) or len(terms(question)) < 3 or (_PRONOUN.search(question) and not _NAME.search(question))
    )

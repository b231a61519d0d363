"""Did you mean? A question without an answer, with words of the corpus for those that are spelled almost like them."""

from __future__ import annotations

import re
from collections.abc import Callable

from index.sparse import MAX_TERMS, STOP_WORDS
from index.store import Store

MOST_UNKNOWN = 6
"""Words that no article has; with more, a question is of something else, or in another language."""

_WORD = re.compile(r"[^\W\d_]+")


def suggestion(store: Store, question: str, finds: Callable[[str], bool]) -> str | None:
    """The question in the spelling of the articles, where that finds an answer; None where it does not.

    It may be offered and is never asked instead: who says Columbia may mean it, though the articles tell of Colombia.

    Args:
        store: what was asked.
        question: as typed.
        finds: whether a question finds something that answers it.
    """
    parts: list[str] = []
    end = unknown = 0
    for found in list(_WORD.finditer(question))[:MAX_TERMS]:
        if found[0].lower() in STOP_WORDS:
            continue
        near = store.spelled_like(found[0])
        if near is None:
            continue
        unknown += 1
        if unknown > MOST_UNKNOWN:  # each is looked for in the whole index: a long question must not take long
            return None
        if near:
            parts += [question[end : found.start()], _cased(near[0], found[0])]
            end = found.end()
        elif found[0][0].isupper() and question[: found.start()].strip() and not question.isupper():
            return None  # a name that no article has: no other spelling of the rest would find it
    respelled = len(parts) // 2
    # More words without a neighbour than with one: another subject, or another language.
    if not respelled or unknown > 2 * respelled:
        return None
    other = "".join([*parts, question[end:]])
    return other if finds(other) else None


def _cased(word: str, typed: str) -> str:
    """A word as the corpus writes it, in capitals where it was typed so; a name keeps its capital."""
    if typed.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if typed[:1].isupper() else word

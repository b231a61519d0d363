"""Did you mean? A question without an answer, with words of the corpus for those that are spelled almost like them."""

from __future__ import annotations

import re

from index.sparse import MAX_TERMS, STOP_WORDS
from index.store import Store

_WORD = re.compile(r"[^\W\d_]+")


def suggestion(store: Store, question: str) -> str | None:
    """The question in the corpus' spelling; None where no word of it is spelled almost like one of the corpus.

    It is offered and never asked instead: Columbia may be what somebody means where the articles tell of Colombia.

    Args:
        store: what was asked.
        question: by itself, without what a follow-up leans on.
    """
    parts: list[str] = []
    end = 0
    for found in list(_WORD.finditer(question))[:MAX_TERMS]:
        if found[0].lower() in STOP_WORDS:
            continue
        near = store.spelled_like(found[0])
        if near:
            parts += [question[end : found.start()], _cased(near[0], found[0])]
            end = found.end()
    return "".join([*parts, question[end:]]) if parts else None


def _cased(word: str, typed: str) -> str:
    """A word as the corpus writes it, in capitals where it was typed so; a name keeps its capital."""
    if typed.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if typed[:1].isupper() else word

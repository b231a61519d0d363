"""What a written sentence may not leave out of its source, or a true one becomes a false one. Pure.

A checker that looks for what a sentence states finds all of it in "Kast, the president-elect, was there" when it reads
"Kast, the president, was there". Here the other way round is read: what the source says of a word that the sentence
uses, and the sentence does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from rag.check.facts import fold
from rag.check.facts import words as tokens_of
from rag.check.lexicon import STOP, stem
from rag.check.lexicon import words as word_set

_LIMITS = word_set(
    "former formerly ex outgoing acting interim traditionally historically almost nearly partly mostly mainly "
    "initially reportedly allegedly supposedly ostensibly would-be self-proclaimed temporary temporarily deputy vice "
    "assistant proposed planned draft possible potential attempted"
)
"""Words that make of what follows something less."""

_UNIQUE = word_set("first only nobody none never no largest biggest highest lowest closest latest every all")
"""Words that hold of the whole of what follows, and of no more."""

_FUTURE = word_set("will would due plan plans planned expected expects shall may might could going about next until to")
_AUXILIARY = word_set("to will would could may might should must can not never about")
_ENDS = word_set("and because but while") | frozenset(',;:.!?"()')
_PAST = {
    "spoke": "speak", "found": "find", "met": "meet", "began": "begin", "paid": "pay", "built": "build", "took": "take",
    "sought": "seek", "won": "win", "lost": "lose", "left": "leave", "gave": "give", "sold": "sell", "bought": "buy",
    "sent": "send", "made": "make", "held": "hold", "went": "go", "came": "come", "ran": "run", "fell": "fall",
}  # fmt: skip
"""Verbs whose past has no -ed."""


def left_out(sentence: str, sources: Sequence[str]) -> str | None:
    """The words of a source that the sentence leaves out and may not, None where there are none.

    Args:
        sentence: as written.
        sources: the sentences of articles that are to support it.
    """
    mine = _tokens(sentence)
    stems = {stem(word) for word in mine} | set(mine)
    each = [_tokens(source) for source in sources]
    every = list(chain.from_iterable(each))
    found = chain(
        *(_limits(stems, theirs) for theirs in each),
        *(_unique(mine, stems, theirs) for theirs in each),
        _undone(mine, every),
        _yet_to_come(mine, every),
    )
    return next(found, None)


def _tokens(text: str) -> list[str]:
    return [word.low for word in tokens_of(re.sub(r"-(?=elect\b)", " ", fold(text)))]


def _limits(stems: set[str], theirs: Sequence[str]) -> Iterator[str]:
    """A word that makes less of the next one, or of the one before ("president-elect"), where that one is used."""
    for place, word in enumerate(theirs):
        near = theirs[place + 1 : place + 3] if word in _LIMITS else theirs[max(0, place - 1) : place]
        if (
            word not in stems
            and (word in _LIMITS or word == "elect")
            and any(stem(other) in stems - STOP for other in near)
        ):
            yield word


def _unique(mine: Sequence[str], stems: set[str], theirs: Sequence[str]) -> Iterator[str]:
    """What a "first" or "nobody" of both is said of, to the end of its clause, where a word of that is left out."""
    for word in sorted(_UNIQUE & set(mine) & set(theirs)):
        for other in theirs[theirs.index(word) + 1 :]:
            if other in _ENDS:
                break
            if other[0].isalnum() and other not in STOP and stem(other) not in stems:
                yield f"{word} ... {other}"


def _undone(mine: Sequence[str], theirs: Sequence[str]) -> Iterator[str]:
    """An act told as done that the source only names: "plans to sue", "talks about a merger"."""
    for place, word in enumerate(mine):
        if (word.endswith("ed") or word in _PAST) and not (place and mine[place - 1] in _AUXILIARY):
            there = [at for at, other in enumerate(theirs) if _act(other) == _act(word)]
            if there and word not in theirs and all({"to", "about"} & set(theirs[max(0, at - 2) : at]) for at in there):
                yield f"{' '.join(theirs[max(0, there[0] - 1) : there[0] + 1])}"


def _act(word: str) -> str:
    return stem(_PAST.get(word, word)).removesuffix("ed").removesuffix("e")[:5]


def _yet_to_come(mine: Sequence[str], theirs: Sequence[str]) -> Iterator[str]:
    if "will" in mine and not _FUTURE & set(theirs):
        yield "that it has happened"

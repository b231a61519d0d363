"""Sources that differ: figures for the same thing in different articles, side by side.

A first rule that would rather miss a difference than claim one: only for questions that ask for a number, only between
articles, only for figures of the unit or thing that is asked for, and not where the spans name other days or places.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answers import Citation, Position
from rag.check.amounts import Day, Quantity, dates, quantities
from rag.check.facts import fold, words
from rag.check.lexicon import stem
from rag.check.measures import MONTHS, UNITS, WEEKDAYS

_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much)\b|\bwhat (?:number|share|percentage|amount|proportion)\b", re.IGNORECASE
)
_PLACE = re.compile(r"\b(?:in|at|near|from)\s+(?:the\s+)?([A-Z][\w’'-]+)")
_FATES = [
    frozenset(stem(word) for word in group.split())
    for group in (
        "die died dead death deaths kill killed killing fatalities",
        "injure injured injuries wound wounded hurt hospitalized",
        "missing disappeared",
        "arrest arrested detained jailed",
        "displaced evacuated fled homeless",
        "rescued saved survived survivors",
    )
]
"""What becomes of people: how many were hurt does not gainsay how many died."""

CLOSE = 0.1
"""Share by which "about 50" may be off: a choice, not a measurement."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that answers the question, with its article, and the days, places and all numbers of its span."""

    quantity: Quantity
    article_id: str
    days: tuple[Day, ...]
    places: frozenset[str]
    beside: tuple[Quantity, ...]


def positions(question: str, citations: Sequence[Citation]) -> tuple[Position, ...]:
    """The sides, one a value, in order of citation; empty where the cited spans do not differ.

    Args:
        question: the question as understood.
        citations: of the answer; the quote is all that is read.
    """
    if not _ASKS_NUMBER.search(question):
        return ()
    figures = [(f, c.number) for c in citations if (f := _figure(question, c.article_id, c.quote))]
    sides = [(f, n) for f, n in figures if any(_differ(f, other) for other, _ in figures)]
    values = dict.fromkeys(f.quantity.value for f, _ in sides)
    return tuple(
        Position(
            value=next(f.quantity.text for f, _ in sides if f.quantity.value == value),
            citations=tuple(n for f, n in sides if f.quantity.value == value),
        )
        for value in values
    )


def opposed(question: str, one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two quotes, each with its article's id in front, give different figures for what is asked."""
    if not _ASKS_NUMBER.search(question):
        return False
    a, b = _figure(question, *one), _figure(question, *other)
    return bool(a and b and _differ(a, b))


def _figure(question: str, article_id: str, quote: str) -> Figure | None:
    """The number in a quote that fits what is asked best, if any does."""
    asked = words(fold(question))
    units = {UNITS[word.low] for word in asked if word.low in UNITS}
    keys = {word.key for word in asked if word.content}
    tokens = words(fold(quote))
    days, skip = dates(tokens)
    found = [q for q in quantities(tokens, skip) if q.kind != "ordinal" and not _other_fate(keys, q)]
    fitting = [q for q in found if (q.kind in units if units else keys & {*q.after[:2], *q.before[:1]})]
    if not fitting:
        return None
    best = max(fitting, key=lambda q: len(keys & {*q.after, *q.before}))
    places = frozenset(_PLACE.findall(quote)) - {name.title() for name in (*MONTHS, *WEEKDAYS)}
    return Figure(best, article_id, tuple(day for day in days if day.year or day.month), places, tuple(found))


def _other_fate(asked: set[str], quantity: Quantity) -> bool:
    """Whether a number counts people to whom something else happened than the question asks about."""
    near = {*quantity.after, *quantity.before}
    mine = [group for group in _FATES if group & asked]
    return bool(mine) and not any(group & near for group in mine) and any(group & near for group in _FATES)


def _differ(one: Figure, other: Figure) -> bool:
    """Whether two figures cannot both hold: other articles and values, one kind, no bound, no other day or place."""
    a, b = one.quantity, other.quantity
    return (
        one.article_id != other.article_id
        and a.kind == b.kind
        and not any(_same(a, q) for q in other.beside)
        and not any(_same(q, b) for q in one.beside)
        and not (_bounded(a) or _bounded(b))
        and not (one.places and other.places and not one.places & other.places)
        and not (one.days and other.days and not any(_agree(x, y) for x in one.days for y in other.days))
    )


def _same(a: Quantity, b: Quantity) -> bool:
    """Whether two values are one, as far as "about" and rounding ("40 million" for "40.2 million") go."""
    apart = abs(a.value - b.value) / (max(abs(a.value), abs(b.value)) or 1.0)
    rounded = ("." in a.text) != ("." in b.text)
    return apart == 0 or (apart <= CLOSE and "~" in a.bound + b.bound) or (apart <= CLOSE / 4 and rounded)


def _agree(a: Day, b: Day) -> bool:
    return all(x is None or y is None or x == y for x, y in ((a.year, b.year), (a.month, b.month), (a.day, b.day)))


def _bounded(quantity: Quantity) -> bool:
    """Whether it says "more than" or "up to": such a figure leaves room for the other."""
    return bool(set(quantity.bound) & set("<>"))

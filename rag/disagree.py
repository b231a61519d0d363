"""Sources that differ: figures for the same thing in different articles, side by side.

A first rule that would rather miss a difference than claim one: only for questions that ask for a number, only between
articles, only for figures of the unit or thing that is asked for, and not where the spans name different years.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answers import Citation, Position
from rag.check.amounts import Quantity, dates, quantities
from rag.check.facts import fold, words
from rag.check.lexicon import UNITS

_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much)\b|\bwhat (?:number|share|percentage|amount|proportion)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that answers the question, with the citation that holds it and the years its span names."""

    quantity: Quantity
    citation: Citation
    years: frozenset[int]


def positions(question: str, citations: Sequence[Citation]) -> tuple[Position, ...]:
    """The sides, one a value, in order of citation; empty where the cited spans do not differ.

    Args:
        question: the question as understood.
        citations: of the answer; the quote is all that is read.
    """
    if not _ASKS_NUMBER.search(question):
        return ()
    figures = [figure for citation in citations if (figure := _figure(question, citation))]
    opposed = [f for f in figures if any(_differ(f, other) for other in figures)]
    values = dict.fromkeys(f.quantity.value for f in opposed)
    return tuple(
        Position(
            value=next(f.quantity.text for f in opposed if f.quantity.value == value),
            citations=tuple(f.citation.number for f in opposed if f.quantity.value == value),
        )
        for value in values
    )


def _figure(question: str, citation: Citation) -> Figure | None:
    """The number in a quote that fits what is asked best, if any does."""
    asked = words(fold(question))
    units = {UNITS[word.low] for word in asked if word.low in UNITS}
    keys = {word.key for word in asked if word.content}
    tokens = words(fold(citation.quote))
    days, skip = dates(tokens)
    found = [q for q in quantities(tokens, skip) if q.kind != "ordinal"]
    fitting = [q for q in found if (q.kind in units if units else keys & {*q.after[:2], *q.before[:1]})]
    if not fitting:
        return None
    best = max(fitting, key=lambda q: len(keys & {*q.after, *q.before}))
    return Figure(best, citation, frozenset(day.year for day in days if day.year))


def _differ(one: Figure, other: Figure) -> bool:
    """Whether two figures cannot both hold: other articles, other values, same kind, no bound, no different years."""
    a, b = one.quantity, other.quantity
    return (
        one.citation.article_id != other.citation.article_id
        and a.kind == b.kind
        and a.value != b.value
        and not (_bounded(a) or _bounded(b))
        and not (one.years and other.years and not one.years & other.years)
    )


def _bounded(quantity: Quantity) -> bool:
    """Whether it says "more than" or "up to": such a figure leaves room for the other."""
    return bool(set(quantity.bound) & set("<>"))

"""Dates that answer a question, as an account gives them, and when two of them are the same. Pure."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from rag.check.facts import fold, words
from rag.check.measures import MONTHS
from rag.disagree.accounts import Reading
from rag.times.period import Period

_LOOSE = re.compile(r"\b(?:about|around|roughly|circa|approximately|some time in)\s+(?:the\s+)?$", re.I)
_OLD_YEAR = re.compile(r"\b(?:in|since|around|by|of)\s+(1[0-4]\d\d)\b")
_MONTH = "|".join(month.title() for month in MONTHS if len(month) > 3 or month == "may")
_MONTH_DAY = re.compile(rf"\b(?:({_MONTH})\s+(\d\d?)|(\d\d?)\s+({_MONTH}))\b(?!\s+(?:percent|people))")
_A_YEAR = 366  # days
_A_MONTH = timedelta(days=31)
_YEAR = re.compile(r"\b\d{4}\b")
_PIECES = re.compile(r"[,;:.!?]\s|\s(?:and|but|while|after|before|until)\s")


@dataclass(frozen=True, slots=True)
class When:
    """A date that answers a question, loosely where the source says "about"."""

    text: str
    period: Period
    loose: bool

    def same(self, other: When) -> bool:
        """Whether the two dates may be one: one lies in the other, or near it where it is loose."""
        mine, theirs = self.period, other.period
        long = max(mine.last - mine.first, theirs.last - theirs.first)
        if long <= _A_MONTH and not (_YEAR.search(self.text) and _YEAR.search(other.text)):
            theirs = _in_year_of(theirs, mine)  # which year a bare "May 4" means is a guess: it makes no difference
        # In days, since a period that is still going on ends with the calendar, and no date comes after that.
        room = max(7, 2 * min(long.days, _A_YEAR)) if self.loose or other.loose else 0
        return (
            mine.first.toordinal() - room <= theirs.last.toordinal()
            and theirs.first.toordinal() <= mine.last.toordinal() + room
        )


def when(question: str, reading: Reading) -> When | None:
    """The date of an account that stands with the words of the question, if any does."""
    quote = fold(reading.account.quote)
    keys = {word.key for word in words(fold(question)) if word.content}
    found = [p for p in reading.times if not p.names]
    found += [p for p in _fallback(quote, reading.account.published) if not any(_cover(p, q) for q in found)]
    if not found:
        return None
    pieces = [0, *(m.end() for m in _PIECES.finditer(quote)), len(quote)]

    def near(period: Period) -> tuple[int, int]:
        start = max(p for p in pieces if p <= period.start)
        end = min(p for p in pieces if p > period.start)
        fine = (period.last - period.first).days
        return len(keys & {w.key for w in words(quote[start:end])}), -fine

    best = max(found, key=near)
    return When(best.text, best, bool(_LOOSE.search(quote[: best.start])))


def _fallback(quote: str, published: date | None) -> list[Period]:
    """Dates that can only be read in the year of publication, and years before 1500."""
    found = []
    for match in _OLD_YEAR.finditer(quote):
        year = int(match[1])
        found.append(Period(date(year, 1, 1), date(year, 12, 31), match[1], match.start(1), match.end(1)))
    for match in _MONTH_DAY.finditer(quote):
        month, day = MONTHS[(match[1] or match[4]).lower()], int(match[2] or match[3])
        with suppress(ValueError):  # there is no 31 June
            one = date(published.year if published else 0, month, day)
            found.append(Period(one, one, match[0], match.start(), match.end()))
    return found


def _cover(one: Period, other: Period) -> bool:
    return one.start < other.end and other.start < one.end


def _in_year_of(period: Period, model: Period) -> Period:
    """The same days in the year that brings them nearest to another period."""

    def moved(year: int) -> Period:
        first = date(year, period.first.month, min(period.first.day, 28 if period.first.month == 2 else 31))
        return Period(first, first + (period.last - period.first), period.text, period.start, period.end)

    year = model.first.year
    return min((moved(y) for y in (year - 1, year, year + 1)), key=lambda p: abs((p.first - model.first).days))

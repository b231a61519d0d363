"""A stretch of days, and the arithmetic of weeks, months and years. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of whole days that a text names.

    Attributes:
        first, last: both included, first <= last.
        text: the expression as written. start, end: its characters, end exclusive.
        names: whether it says which thing is meant ("the 2016 deal", "Monday's vote") and not when something happened.
    """

    first: date
    last: date
    text: str
    start: int = 0
    end: int = 0
    names: bool = False


Days = tuple[date, date]


def iso(period: Period) -> str | None:
    """The day, month or year a period lies in, in ISO 8601, as fine as it can be said; None of more than one year."""
    first, last = period.first, period.last
    if first == last:
        return first.isoformat()
    if first.year != last.year:
        return None
    return f"{first.year:04}-{first.month:02}" if first.month == last.month else f"{first.year:04}"


def month(year: int, number: int, months: int = 1) -> Days:
    """So many whole months; `number` may lie outside 1 to 12 and then counts on into other years."""
    start = year * 12 + number - 1
    end = start + months
    return date(start // 12, start % 12 + 1, 1), date(end // 12, end % 12 + 1, 1) - timedelta(days=1)


def unit(day: date, name: str, step: int) -> Days:
    """The calendar day, week, weekend, month, quarter, year or decade that lies `step` after the one that holds a day.

    A weekend belongs to the week that it ends.
    """
    if name == "day":
        return (day + timedelta(days=step),) * 2
    if name in ("week", "weekend"):
        monday = day - timedelta(days=day.weekday()) + timedelta(weeks=step)
        return monday + timedelta(days=5 if name == "weekend" else 0), monday + timedelta(days=6)
    length = {"month": 1, "quarter": 3, "year": 12, "decade": 120}[name]
    return month(0, ((day.year * 12 + day.month - 1) // length + step) * length + 1, length)


def back(day: date, name: str, count: int) -> date:
    """The day that lies `count` days, weeks, months or years before a day."""
    if name in ("day", "week", "weekend"):
        return day - timedelta(days=count * (1 if name == "day" else 7))
    first, last = unit(day, "month", -count * {"month": 1, "quarter": 3, "year": 12, "decade": 120}[name])
    return first.replace(day=min(day.day, last.day))


def narrowed(first: date, last: date, part: str, anchor: date | None) -> Days:
    """The half of a period that "early", "mid" or "late" means: halves, since nobody says where "early" ends."""
    quarter = (last - first).days // 4
    if anchor and first <= anchor <= last and part in ("earlier", "later"):
        return (first, anchor) if part == "earlier" else (anchor, last)
    if quarter < 5 or part in ("earlier", "later"):
        return first, last
    if part.startswith("mid"):
        return first + timedelta(days=quarter), last - timedelta(days=quarter)
    middle = first + timedelta(days=2 * quarter)
    if first.day == first.month == 1 and last.day == 31 and last.month == 12:  # whole years are cut between months
        middle = month(first.year, 6 * (last.year - first.year + 1))[1]
    if part in ("late", "end", "last days"):
        return middle + timedelta(days=1), last
    return first, middle

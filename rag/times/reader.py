"""Time expressions of a text as spans of days: "10 March 2026", "last month", "between 2019 and 2021". Pure.

Precision goes first: what could mean two times ("next Friday", "last March" said in May, "about two years ago") gives
nothing. Relative words count from an anchor: the day an article was published, or the day a question is asked.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from functools import lru_cache

from index.dates import parse_date
from rag.check.measures import MONTHS, ORDINALS
from rag.times import relative
from rag.times import words as say
from rag.times.period import Days, Period, iso, month, narrowed

SOON = 60
"""Days ahead: a date without a year that is this near, where no verb tells, is the coming or the past one: no guess."""

_FROM = re.compile(r"\bfrom\s+\Z", re.I)
_WHICH = re.compile(r"\b(last|this|next)\s+\Z", re.I)


@lru_cache(maxsize=4096)
def periods(text: str, anchor: date | None = None) -> tuple[Period, ...]:
    """The times that a text names, in order.

    Args:
        text: a sentence, or a few.
        anchor: the day that "last month", "on Friday" and dates without a year count from; None leaves them out.

    A weekday or a month alone is the nearest on or before the anchor, or after it where the verb is in the future. A
    week runs from Monday to Sunday.
    """
    found: list[Period] = []
    matches = say.matches(text)
    for place, match in enumerate(matches):
        after = matches[place + 1] if place + 1 < len(matches) else None
        with suppress(ValueError, OverflowError):  # 31 February is no day, and "999 years ago" may be before year 1
            days = _READERS[match.lastgroup or ""](say.Found(text, anchor, match, after, found))
            if days and days[0] <= days[1]:
                _add(found, text, anchor, match, days)
    return tuple(found)


def _day(at: say.Found) -> Days | None:
    day = parse_date(at.match[0].replace(".", "/"))
    return (day, day) if day else None


def _month(at: say.Found) -> Days | None:
    match = at.match
    name = at.text[slice(*match.span("m1" if match["m1"] else "m2"))]
    number = MONTHS[name.lower().rstrip(".")]
    first, last = at.number("d1", "d3"), at.number("d2", "d4")
    year = at.number("y1", "y2") or at.year_said(match["y3"])
    verb = name.islower() and name in ("may", "march", "mar", "dec", "jan")
    if not year and (verb or not (first or _sure_month(at, name))):
        return None
    if year is None:
        year = _inherited(at, number)
    if year is None:
        year = _nearest_year(at, number, first)
    if year is None:
        return None
    return (date(year, number, first), date(year, number, last or first)) if first else month(year, number)


def _sure_month(at: say.Found, name: str) -> bool:
    """Whether a bare month is one: "in May", not "Theresa May" or "to March"."""
    may = name.lower() in ("may", "march", "april", "june", "august")  # also names of people, or verbs
    after_link = bool(at.linked and _is_months(at.linked))
    before_link = bool(
        at.after
        and at.after["m2"]
        and at.before(_FROM)
        and say.LINK.fullmatch(at.text, at.match.end(), at.after.start())
    )
    return bool(
        after_link or before_link or at.before(say.BEFORE_MONTH) or (not may and at.before(say.BEFORE_SURE_MONTH))
    )


def _inherited(at: say.Found, number: int) -> int | None:
    """The year of the date it is joined to: "from November to February 2025"."""
    after = at.after
    if after and after.lastgroup == "month" and say.LINK.fullmatch(at.text, at.match.end(), after.start()):
        year = say.Found(at.text, at.anchor, after, None, []).number("y1", "y2")
        other = MONTHS[(after["m1"] or after["m2"]).lower().rstrip(".")]
        return year - (number > other) if year else None
    if at.linked and (at.linked.text[-4:].isdecimal()):
        return at.linked.first.year + (number < at.linked.first.month)
    return None


def _nearest_year(at: say.Found, number: int, day: int | None) -> int | None:
    anchor, start = at.anchor, at.match.start()
    if anchor is None:
        return None
    word = _WHICH.search(at.text, max(0, start - 6), start)
    if word and word[1].lower() == "this":
        return anchor.year
    if word:  # "last March" in May is this year's for some and last year's for others
        past = word[1].lower() == "last"
        if number == anchor.month or (number > anchor.month) == past:
            return anchor.year - 1 if past else anchor.year + 1
        return None
    if say.HABIT.search(at.text):
        return None
    this = date(anchor.year, number, day or 1)
    ahead = this > anchor
    if at.tense == "future":
        over = (this if day else month(anchor.year, number)[1]) < anchor
        return anchor.year + over
    if at.tense == "" and (date(anchor.year + (not ahead), number, min(day or 1, 28)) - anchor).days <= SOON:
        return None
    stated = [p.first.year for p in at.earlier if re.search(r"\d{4}|year", p.text)]
    other = stated and stated[-1] != anchor.year - ahead and not at.linked  # "In 2019 he won, and in March he left"
    return None if other else anchor.year - ahead


def _quarter(at: say.Found) -> Days | None:
    year = at.number("y4") or at.year_said(at.match["y5"])
    part = at.match["part"] or {"q": "quarter", "h": "half"}[at.match["q"].lower()]
    most = 4 if part == "quarter" else 2
    nth = (at.match["nth"] or "").lower()
    number = at.number("n") or (most if nth == "last" else ORDINALS[nth])
    return month(year, (number - 1) * 12 // most + 1, 12 // most) if year and number <= most else None


def _decade(at: say.Found) -> Days:
    year = at.number("y6") or 1900 + (at.number("y7") or 0)
    return date(year, 1, 1), date(year + (99 if year % 100 == 0 and year < 2000 else 9), 12, 31)


def _century(at: say.Found) -> Days:
    number = int(at.match["cent"])
    return date(number * 100 - 99, 1, 1), date(number * 100, 12, 31)


def _years(at: say.Found) -> Days:
    first, last = int(at.match["y8"]), at.match["y9"]
    return date(first, 1, 1), date(first // 100 * 100 + int(last) if len(last) == 2 else int(last), 12, 31)


def _year(at: say.Found) -> Days | None:
    """A year where the words around it say so: "in 2019", "the 2019 law", and not "1984 people"."""
    end, year = at.match.end(), int(at.match["y"])
    cue, thing = at.before(say.BEFORE_YEAR), at.before(say.THING)
    years_linked = at.linked is not None and iso(at.linked) in (at.linked.text[-4:], at.linked.text)
    if not (cue or years_linked or (thing and re.match(r"[’']s|\s+[A-Za-z]|-[a-z]", at.text[end : end + 3]))):
        return None
    strict = thing or not cue or cue[0].strip().lower() not in ("in", "since", "during", "from")
    if (
        at.before(say.FISCAL)
        or say.MEASURED.match(at.text, end)
        or ((strict or year % 100 == 0) and say.COUNTED.match(at.text, end))
    ):
        return None
    return month(year, 1, 12)


_READERS = {
    "day": _day, "month": _month, "quarter": _quarter, "decade": _decade, "century": _century, "years": _years,
    "year": _year, "weekday": relative.of_weekday, "recent": relative.of_recent, "word": relative.of_word,
    "unit": relative.of_unit, "ago": relative.of_ago,
}  # fmt: skip


def _add(found: list[Period], text: str, anchor: date | None, match: re.Match[str], days: Days) -> None:
    """Appends a period, or joins it to the one before: "from March to June", "Monday, March 9"."""
    start, end = match.span()
    kind = match.lastgroup or ""
    determined = kind in ("month", "year", "years", "weekday") and say.THING.search(text, max(0, start - 12), start)
    follows = say.OF_A_THING.match(text, end)
    heads = not text[:start].strip() and follows and follows[0][-1].isupper()  # "2018 Cup: results"
    names = bool(follows and (determined or heads or follows[0][0] in "’'-"))
    if word := _WHICH.search(text, max(0, start - 6), start):
        start = word.start() if kind == "month" else start
    if part := say.PART.search(text, max(0, start - 24), start):
        start, days = part.start(), narrowed(*days, (part[1] or part[2]).lower(), anchor)
    if found:
        last, between = found[-1], text[found[-1].end : start]
        pair = re.search(r"\bbetween\s+(?:the\s+years?\s+)?\Z", text[: last.start], re.I)
        months = kind == "month" and match["m2"] and not match["d3"] and _is_months(last)
        joined = say.RANGE.fullmatch(between) or ((pair or months) and re.fullmatch(r"\s+and\s+", between))
        if joined and last.last < days[1]:
            found[-1] = Period(last.first, days[1], text[last.start : end], last.start, end, names)
            return
    found.append(Period(*days, text[start:end], start, end, names))


def _is_months(period: Period) -> bool:
    return period.first.day == 1 and 27 <= (period.last - period.first).days <= 30

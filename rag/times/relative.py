"""Times that count from a day: "on Friday", "last month", "two years ago". Pure."""

from __future__ import annotations

import re
from datetime import date

from rag.check.measures import CARDINALS, WEEKDAYS
from rag.times import words as say
from rag.times.period import Days, back, unit

_LONGEST = {"day": 1, "week": 7, "weekend": 7, "month": 31, "quarter": 92, "year": 366, "decade": 3653}
"""Days: of the longest time from which so many of them can be counted on."""

_STEPS = {"the day before yesterday": -2, "yesterday": -1, "last night": -1, "tomorrow": 1, "the day after tomorrow": 2}
_ON = re.compile(r"\b(?:on|until|by|since|from|to|and|next)\s+\Z", re.I)


def of_weekday(at: say.Found) -> Days | None:
    """Of "Friday" or "last Monday"; "next Friday" may be this week's or the next one's and gives nothing."""
    which, anchor = " ".join((at.match["which"] or "").lower().split()), at.anchor
    if anchor is None or which == "next" or _names_another(at, which):
        return None
    behind = (anchor.weekday() - WEEKDAYS.index(at.match["wd"].lower())) % 7
    if which in ("last", "past", "this past"):
        return unit(anchor, "day", -(behind or 7))
    if "coming" in which:
        return unit(anchor, "day", 7 - behind)
    ahead = at.tense == "future" or (which == "this" and at.tense != "past")
    return unit(anchor, "day", -behind % 7 if ahead else -behind)


def _names_another(at: say.Found, which: str) -> bool:
    """Whether a weekday is part of a date, a feast or a newspaper: "Monday, March 9", "Good Friday", "Sunday Times"."""
    behind = at.text[at.match.end() :]
    date_next = (
        at.after
        and at.after.lastgroup == "month"
        and re.fullmatch(r",?\s+", behind[: at.after.start() - at.match.end()])
    )
    alone = not which and not at.before(_ON)
    return bool(
        date_next
        or at.before(say.FEAST)
        or (alone and say.NEWSPAPER.match(behind))
        or (which == "last" and re.match(r"\s+(?:in|of)\b", behind))
    )


def of_recent(at: say.Found) -> Days | None:
    """A stretch that ends at the anchor: "the past two years", "the last decade"."""
    count, name = at.match["n1"], (at.match["u1"] or at.match["u2"]).lower()
    if (
        at.anchor is None
        or (at.match["u1"] and not count)
        or re.match(r"\s+(?:of|before|in)\b", at.text[at.match.end() :])
    ):
        return None
    return back(at.anchor, name, _number(count) if count else 1), at.anchor


def of_word(at: say.Found) -> Days | None:
    """Of "yesterday" or "over the weekend"; "today" only where it is the day and not these days."""
    text = " ".join(at.match[0].lower().split())
    if at.anchor is None or (text == "today" and not at.before(say.PART) and say.nowadays(at.text)):
        return None
    if text.endswith("weekend"):
        return unit(at.anchor, "weekend", 0 if at.tense == "future" or at.anchor.weekday() > 5 else -1)
    return unit(at.anchor, "day", _STEPS.get(text, 0))


def of_unit(at: say.Found) -> Days | None:
    """Of "last month" or "the following year", which counts from the time before it."""
    words = at.match["step"].lower().split()
    name = at.match["u3"].lower()
    if words[-1] in ("following", "next") and words[0] == "the":
        after = _counted_from(at, name)
        return unit(after, name, 1) if after else None
    base = _counted_from(at, name) if at.earlier and words[-1] == "previous" else at.anchor
    if base is None or (name == "day" and words[-1] != "previous") or re.match(r"\s+of\b", at.text[at.match.end() :]):
        return None
    return unit(base, name, {"last": -1, "previous": -1, "this": 0, "current": 0, "next": 1}[words[-1]])


def of_ago(at: say.Found) -> Days | None:
    """Of "two years ago" or "three days later"; round and vague numbers give nothing."""
    count, name, way = _number(at.match["n2"]), at.match["u4"].lower(), at.match["way"].lower()
    base = at.anchor if way == "ago" else _counted_from(at, name)
    round_number = name in ("year", "decade") and ((count >= 10 and count % 5 == 0) or name == "decade")
    if base is None or round_number or at.before(say.VAGUE):
        return None
    return unit(base, name, count if way == "later" else -count)


def _counted_from(at: say.Found, name: str) -> date | None:
    """The time before it in the text, where that is exact enough to count days, months or years from."""
    last = at.earlier[-1] if at.earlier else None
    return last.first if last and (last.last - last.first).days < _LONGEST[name] else None


def _number(text: str) -> int:
    return 1 if text.lower() in ("a", "an") else int(text) if text.isdecimal() else CARDINALS[text.lower()]

"""Numbers with their units and what they count, and dates, as a sentence states them. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.check.facts import Word, near
from rag.check.measures import BOUNDS, CARDINALS, CURRENCY, MONTHS, ORDINALS, RELATIVE, SCALES, UNITS, WEEKDAYS


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what it counts.

    Attributes:
        value: with its scale ("$377 million" is 377000000).
        kind: unit family ("USD", "%", "ton"), "ordinal", or "" for a plain count.
        bound: "", "~", "~<", "<", "<=", ">" or ">=".
        after, before: up to three content keys on either side, up to the next number or clause end.
        text: as written. at: index of its first token. lead: the word just before it, in lower case.
    """

    value: float
    kind: str
    bound: str
    after: tuple[str, ...]
    before: tuple[str, ...]
    text: str
    at: int
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it is given: (year, month, day) with None for what is not said, or a weekday or "yesterday"."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    name: str | None = None
    text: str = ""

    def parts(self) -> dict[str, int | str]:
        """The fields that are given."""
        return {k: v for k in ("year", "month", "day", "name") if (v := getattr(self, k)) is not None}


_DATE_WORDS = frozenset([*MONTHS, *WEEKDAYS, *(d + "s" for d in WEEKDAYS), *RELATIVE])


def dates(tokens: list[Word]) -> tuple[list[Day], set[int]]:
    """Dates in reading order and the indexes of the tokens they are made of."""
    found: list[Day] = []
    used: set[int] = set()
    i = 0
    while i < len(tokens):
        if not (tokens[i].digits or tokens[i].low in _DATE_WORDS):
            i += 1
            continue
        day, end = _iso(tokens, i) or _month_date(tokens, i) or _year(tokens, i) or _named(tokens, i) or (None, i + 1)
        if day:
            found.append(day)
            last = (
                _number(tokens, end + 1, 1, 31) if day.day and end < len(tokens) and tokens[end].text == "-" else None
            )
            if last:
                found.append(Day(day.year, day.month, last, None, f"{day.text}-{last}"))
                end += 2
            used.update(range(i, end))
        i = end
    return found, used


def _number(tokens: list[Word], i: int, low: int, high: int) -> int | None:
    if 0 <= i < len(tokens) and tokens[i].text.isascii() and tokens[i].text.isdigit() and len(tokens[i].text) <= 4:
        value = int(tokens[i].text)
        return value if low <= value <= high else None
    return None


def _iso(tokens: list[Word], i: int) -> tuple[Day, int] | None:
    if i + 4 < len(tokens) and [tokens[i + 1].text, tokens[i + 3].text] == ["-", "-"]:
        year, month, day = _number(tokens, i, 1500, 2099), _number(tokens, i + 2, 1, 12), _number(tokens, i + 4, 1, 31)
        if year and month and day:
            return Day(year, month, day, None, f"{year}-{month:02}-{day:02}"), i + 5
    return None


def _month_date(tokens: list[Word], i: int) -> tuple[Day, int] | None:
    at, day = i, _number(tokens, i, 1, 31)
    if day:
        at += 1
        at += at < len(tokens) and tokens[at].low in ("st", "nd", "rd", "th")
        at += at < len(tokens) and tokens[at].low == "of"
    if at >= len(tokens) or tokens[at].low not in MONTHS:
        return None
    month, end = MONTHS[tokens[at].low], at + 1
    end += (
        end < len(tokens)
        and tokens[end].text == "."
        and len(tokens[at].text) <= 4
        and _number(tokens, end + 1, 1, 2099) is not None
    )
    if not day and (day := _number(tokens, end, 1, 31)):
        end += 1
        end += end < len(tokens) and tokens[end].low in ("st", "nd", "rd", "th")
    comma = end < len(tokens) and tokens[end].text == ","
    if year := _number(tokens, end + comma, 1500, 2099):
        end += 1 + comma
    before = tokens[i - 1].low if i else ""
    sure = day or year or (tokens[at].text[0].isupper() and tokens[at].low not in ("may", "march"))
    if not sure and not (tokens[at].text[0].isupper() and before in _BEFORE_MONTH):
        return None
    return Day(year, month, day, None, " ".join(t.text for t in tokens[i:end])), end


_BEFORE_MONTH = frozenset(
    [
        "in",
        "of",
        "since",
        "until",
        "by",
        "last",
        "next",
        "early",
        "late",
        "mid",
        "this",
        "from",
        "to",
        "through",
        "during",
        "-",
        "every",
        "before",
        "after",
    ]
)
_BEFORE_YEAR = _BEFORE_MONTH | frozenset(
    [",", "(", "the", "and", "between", "around", "about", "his", "her", "their", "its"]
)


def _year(tokens: list[Word], i: int) -> tuple[Day, int] | None:
    year = _number(tokens, i, 1500, 2099)
    if not year or (i and tokens[i - 1].text in CURRENCY):
        return None
    after = tokens[i + 1].low if i + 1 < len(tokens) else "."
    before = tokens[i - 1].low if i else ""
    if after in UNITS or after in SCALES or not (before in _BEFORE_YEAR or not before or not after[0].isalnum()):
        return None
    return Day(year, text=tokens[i].text), i + 1


def _named(tokens: list[Word], i: int) -> tuple[Day, int] | None:
    low = tokens[i].low
    name = next((d for d in WEEKDAYS if low in (d, d + "s")), low if low in RELATIVE else None)
    return (Day(name=name, text=tokens[i].text), i + 1) if name else None


def quantities(tokens: list[Word], skip: set[int]) -> list[Quantity]:
    """Numbers in digits and in words with scale, unit, bound and context; the tokens of dates (`skip`) are left out."""
    found, i = [], 0
    while i < len(tokens):
        parsed = None if i in skip else _value(tokens, i)
        if not parsed:
            i += 1
            continue
        value, end, ordinal = parsed
        if _negative(tokens, i):
            value = -value
        kind, rest = _unit(tokens, i, end)
        lead = " ".join(t.low for t in tokens[max(0, i - 5) : i] if t.text not in CURRENCY)
        bound = next(
            (sign for phrase, sign in BOUNDS if re.search(rf"(?:^|\s)(?:{phrase})(?: (?:the|a|an|us))?$", lead)), ""
        )
        if tokens[rest : rest + 2] and " ".join(t.low for t in tokens[rest : rest + 2]) == "or more":
            bound = ">="
        kind = "ordinal" if ordinal else kind
        before, after = near(tokens, i - 1, -1), near(tokens, rest, 1)
        written = " ".join(t.text for t in tokens[i:rest])
        words_before = [t.low for t in tokens[max(0, i - 2) : i] if t.text not in CURRENCY]
        found.append(Quantity(value, kind, bound, after, before, written, i, (words_before or [""])[-1]))
        i = end
    return found


def _negative(tokens: list[Word], i: int) -> bool:
    """Whether "minus" or a minus sign stands before the number: "-4" behind a blank, not the "-4" of "2-4"."""
    at = i - 1 - (i > 0 and tokens[i - 1].text in CURRENCY)
    if at < 0:
        return False
    sign = tokens[at].text == "-" and tokens[at].end == tokens[at + 1].start
    free = at == 0 or tokens[at - 1].end < tokens[at].start
    return (sign and free) or tokens[at].low in ("minus", "negative")


def _value(tokens: list[Word], i: int) -> tuple[float, int, bool] | None:
    """Value, end and whether it is an ordinal, of the number that starts at token i."""
    low = tokens[i].low
    if low in ORDINALS:
        return None if tokens[i + 1 : i + 2] and tokens[i + 1].text == "," and not i else (ORDINALS[low], i + 1, True)
    total = part = 0.0
    end = i
    if tokens[i].digits:
        text = tokens[i].text
        text = text.replace(",", "") if re.fullmatch(r"\d+(?:,\d\d\d)+(?:\.\d+)?", text) else text.replace(",", ".")
        try:
            part = float(text)
        except ValueError:
            part = float(text.split(".")[0])
        end += 1
        if (
            end < len(tokens)
            and tokens[end].low in ("st", "nd", "rd", "th")
            and tokens[end].start == tokens[end - 1].end
        ):
            return part, end + 1, True
    elif (
        low in ("a", "an")
        and i + 1 < len(tokens)
        and tokens[i + 1].low in ("dozen", "hundred", "thousand", "million", "billion")
    ):
        part, end = 1.0, i + 1
    elif low not in CARDINALS:
        return None
    while end < len(tokens):
        token = tokens[end]
        glued = token.start == tokens[end - 1].end
        if token.low in CARDINALS and end == i:
            part = CARDINALS[token.low]
        elif (
            token.low in CARDINALS
            and not tokens[i].digits
            and (part % 100 == 0 or (part % 10 == 0 and CARDINALS[token.low] < 10))
        ):
            part += CARDINALS[token.low]
        elif token.low in SCALES and (
            len(token.low) > 3 or (glued and tokens[i].digits) or token.low in ("bn", "mn", "mln", "tn")
        ):
            scale = SCALES[token.low]
            total, part = (total, (part or 1) * scale) if scale == 100 else (total + (part or 1) * scale, 0.0)
        elif not (
            end + 1 < len(tokens)
            and token.low in ("-", "and")
            and tokens[end + 1].low in (CARDINALS if part >= 20 or total else SCALES)
        ) or (token.low == "and" and (part % 100 or not (part or total) or tokens[i].digits)):
            break
        end += 1
    return total + part, end, False


def _unit(tokens: list[Word], start: int, end: int) -> tuple[str, int]:
    """Unit family of the number in tokens[start:end] and the index behind the unit."""
    if start and tokens[start - 1].text in CURRENCY:
        return CURRENCY[tokens[start - 1].text], end
    at = end
    while at < len(tokens) and tokens[at].low in ("-", "metric", "us", "u.s.", "square", "cubic", "per"):
        at += 1
    if at < len(tokens):
        low = tokens[at].low
        if low == "cent" and tokens[at - 1].low == "per":
            return "%", at + 1
        if low in UNITS:
            return UNITS[low], at + 1
    return "", end

"""Dates as people write them. What is incomplete or could be two days is not known: a wrong date would be cited."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

EARLIEST = 1800
"""The first year taken for a publication date: older ones are what an article is about."""

_LANGUAGES = ["en", "es", "fr", "de", "pt", "it", "tr", "nl"]
_WEEKDAY = r"(?:[^\W\d_]{3,12}(?:-feira)?\.?,?\s+)?"
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|º|\.)?"
_NUMERIC = r"\d{1,2}(?:/\d{1,2}/|\.\d{1,2}\.|-\d{1,2}-)\d{4}"
_DATE = (
    r"(?:\d{4}-\d{2}-\d{2}|\d{4}/\d{2}/\d{2}|"
    rf"{_WEEKDAY}{_DAY}\s+(?:de\s+|of\s+)?[^\W\d_]{{3,12}}\.?,?\s+(?:de\s+|del\s+)?\d{{4}}|"
    r"\d{1,2}-[^\W\d_]{3,12}-\d{4}|"
    rf"{_WEEKDAY}[^\W\d_]{{3,12}}\.?\s+{_DAY},?\s+\d{{4}}|{_NUMERIC})(?!\d)"
)
_TIME = (
    r"(?:(?:[T,]\s*|\s+)?(?:at\s+|um\s+|à\s+|a las\s+)?\d{1,2}[:.h]\d{2}(?::\d{2}(?:\.\d+)?)?"
    r"(?:\s*(?:[ap]\.?m\b\.?|Uhr\b))?(?:\s*(?:Z\b|[+-]\d{2}:?\d{2}\b|(?-i:[A-Z]{2,4})\b))?)?"
)
_LABEL = (
    r"(?:(?:(?:publication|release)\s+)?dated?|(?:first\s+|last\s+)?(?:published|posted|updated)(?:\s+on)?|fecha|"
    r"publicad[oa](?:\s+(?:el|em))?|publiée?(?:\s+le)?|datum|veröffentlicht(?:\s+am)?|data|pubblicato(?:\s+il)?|"
    r"gepubliceerd(?:\s+op)?|tarih)"
)
_LEADING = re.compile(rf"\s*(?P<label>{_LABEL}\s*:?\s+)?(?P<open>[\[(])?(?P<date>{_DATE}){_TIME}", re.I)
_IN_NAME = re.compile(r"(?<![0-9A-Za-z])(\d{4})([-_./]?)(\d{2})\2(\d{2})(?=T\d|[^0-9A-Za-z]|$)")


@lru_cache(maxsize=4096)
def parse_date(text: str) -> date | None:
    """The day a whole string names, as its writer wrote it (no time zone is applied).

    Args:
        text: ISO 8601, RFC 822, or a day, month and year in English, Spanish, French, German, Portuguese, Italian,
            Turkish or Dutch, with or without a weekday and a time.

    Returns:
        None for anything else: relative words, incomplete or impossible dates, numbers in an order that cannot be told
        (03/04/2026), years before EARLIEST or more than a year ahead.
    """
    text = " ".join(text.split())
    if not 8 <= len(text) <= 60:
        return None
    numeric = re.match(rf"{_NUMERIC}(?!\d)", text)
    day = _numeric(numeric[0]) if numeric else _iso(text) or _rfc822(text) or _named_month(text)
    return day if day and EARLIEST <= day.year <= date.today().year + 1 else None


def leading_date(text: str) -> tuple[date, int] | None:
    r"""A date that is glued to the start of a text, as metadata and not as part of its first sentence.

    Args:
        text: normalised text.

    Returns:
        The date and the number of characters it takes with its label ("Published:"), time and separator; None where
        the text begins with no date or with a sentence about one ("March 10, 2026 was the day when ...").
    """
    match = _LEADING.match(text)
    if match is None:
        return None
    day = parse_date(match["date"])
    if day is None:
        return None
    end = match.end()
    if match["open"]:
        if text[end : end + 1] not in ("]", ")"):
            return None
        end += 1
    gap = re.compile(r"[^\S\n]*(?:[—|•]|[.:;|•·–—-]+(?=\s|$))?\s*").match(text, end)
    separator = gap[0] if gap else ""
    following = text[end + len(separator) :]
    glued = bool(match["label"] or match["open"] or re.search(r"\S|\n", separator)) or not following
    if not glued:  # a bare date and a space: only a machine's form, or a dateline in capitals, is not a sentence
        glued = bool(re.match(r"\d{4}[-/]", match["date"]) or re.match(r"[^\W\d_a-z]{3,}\b", following))
    same_sentence = "\n" not in separator and (following[:1].islower() or following[:1] in (",", "'", "’", "/"))
    return None if same_sentence or not glued or (following and not separator) else (day, end + len(separator))


def date_in_name(name: str) -> date | None:
    """The date in a file name or address: `2026-03-10_slug.txt`, `/2026/03/10/`; None where two differ."""
    days = {_day(int(year), int(month), int(day)) for year, _, month, day in _IN_NAME.findall(name)} - {None}
    day = days.pop() if len(days) == 1 else None
    return day if day and EARLIEST <= day.year <= date.today().year + 1 else None


def _day(year: int, month: int, day: int) -> date | None:
    with suppress(ValueError):
        return date(year, month, day)
    return None


def _numeric(text: str) -> date | None:
    first, second, year = (int(part) for part in re.split(r"[./-]", text))
    if first > 12 or first == second:
        return _day(year, second, first)
    return _day(year, first, second) if second > 12 else None


def _iso(text: str) -> date | None:
    """Calendar days only: week dates and digits of other lengths are not how people write dates."""
    text = re.sub(r"^(\d{4})/(\d{2})/(\d{2})(?!\d)", r"\1-\2-\3", text)
    if not re.match(r"\d{4}-\d{2}-\d{2}(?!\d)|\d{8}(?:T|$)", text):
        return None
    with suppress(ValueError):
        return datetime.fromisoformat(text).date()
    return (
        _day(int(text[:4]), int(text[5:7]), int(text[8:10])) if re.fullmatch(rf"{_DATE}{_TIME}", text, re.I) else None
    )


def _rfc822(text: str) -> date | None:
    if not re.search(r"\b\d{1,2} [A-Z][a-z]{2} \d{2,4} \d{2}:\d{2}", text):
        return None
    with suppress(ValueError):
        return parsedate_to_datetime(text).date()
    return None


def _named_month(text: str) -> date | None:
    """Only a string that is a date from end to end reaches dateparser, which would else guess at any words."""
    match = re.fullmatch(rf"(?P<date>{_DATE}){_TIME}", text, re.I)
    if match is None:
        return None
    import dateparser  # half a second of locales, and most dates are ISO

    # Only absolute dates with all their parts: nothing is filled in from today.
    strict = {"PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["day", "month", "year"], "STRICT_PARSING": True}
    found = dateparser.parse(match["date"], languages=_LANGUAGES, settings=strict)
    return found.date() if found and str(found.year) in text else None

"""From what a reader found to the article that is stored: clean the text, then fill in what is known of its origin.

For every field what was declared wins over what the text shows, and that over the file name. What none of them says
stays None: a made-up outlet or date would be shown beside a quotation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice

from index.articles import Article, Draft, Found, content_id
from index.clean import SYNDICATED, normalise, strip_boilerplate
from index.dates import date_in_name, leading_date, parse_date
from index.errors import ItemError

MIN_LETTERS = 20
"""Fewer letters than this are no article: the shortest news flash of a line is longer."""

_MAX_TITLE = 300
_PLACE = r"[A-ZÀ-ÖØ-Þ]{2}[\w.’' -]{0,40}(?:,\s[^\d\n()–—]{2,30})?"
_AGENCY = re.compile(rf"(?:{_PLACE}(?:,\s[^\n()]{{2,24}})?\s)?\((?P<agency>[A-Z][\w .&’'-]{{1,40}})\)\s*[–—-]{{1,2}}\s")
_DATELINE = re.compile(rf"{_PLACE},\s(?P<date>[^\n()–—]{{8,24}}?)\s*(?:\([^()\n]{{2,40}}\)\s*)?[–—-]\s")
_BYLINE = re.compile(r"(?i:by|por|par|von|di|door)\s+[A-ZÀ-ÖØ-Þ]")


@dataclass(frozen=True, slots=True)
class _Text:
    """The cleaned text with what was taken from it or stood in it."""

    kept: str
    dropped: tuple[str, ...]
    found: Mapping[str, Found]


def to_article(item_key: str, item_name: str, draft: Draft, url: str | None = None) -> Article:
    """Cleans a draft's text and settles its title, outlet, date and ids.

    Args:
        item_key: identity of the item across ingests.
        item_name: what a person calls the item.
        draft: what the reader found.
        url: the address the item came from, None for local files.

    Raises:
        ItemError: the cleaned text has fewer than MIN_LETTERS letters.
    """
    declared = _declared(draft.found)
    text = _clean(draft.text)
    if sum(1 for _ in islice(filter(str.isalpha, text.kept), MIN_LETTERS)) < MIN_LETTERS:
        item = f"{item_name} {draft.part}".rstrip()
        msg = (
            f"no article text (fewer than {MIN_LETTERS} letters, begins {text.kept[:30]!r}): check what the file holds"
        )
        raise ItemError(item, msg)
    title = declared.get("title") or text.found.get("title") or _headline(text.kept)
    outlet = declared.get("outlet") or text.found.get("outlet") or _agency(text.kept)
    # One article of many in a file: the date in the name is of the collection.
    published = _published(
        declared.get("published"), text.found.get("published"), None if draft.part else _in_name(item_name, url)
    )
    address = declared.get("url") or (_address(Found(url, "address")) if url else None)
    origin = declared.get("source")
    ident = declared.get("id")
    known = {"id": ident, "title": title, "outlet": outlet, "published": published, "url": address, "source": origin}
    day = parse_date(published.value) if published else None
    return Article(
        id=content_id(text.kept, _value(title), _value(outlet), day),
        key=f"id:{ident.value}" if ident else item_key + (f"#{draft.part}" if draft.part else ""),
        source=_value(origin) or _value(address) or item_name + (f" {draft.part}" if draft.part else ""),
        text=text.kept,
        title=_value(title),
        outlet=_value(outlet),
        published=day,
        url=_value(address),
        found={name: found.where for name, found in known.items() if found},
        dropped=text.dropped,
    )


def _value(found: Found | None) -> str | None:
    return found.value if found else None


def _declared(found: Mapping[str, Found]) -> dict[str, Found]:
    """The declared values on one line each, without empty ones and without addresses nothing can open."""
    clean = {name: Found(" ".join(normalise(field.value).split()), field.where) for name, field in found.items()}
    if "title" in clean:
        clean["title"] = Found(clean["title"].value[:_MAX_TITLE].rstrip(), clean["title"].where)
    if "url" in clean and _address(clean["url"]) is None:
        del clean["url"]
    return {name: field for name, field in clean.items() if field.value}


def _address(found: Found) -> Found | None:
    return found if re.match(r"https?://[^\s/]+", found.value, re.I) else None


def _clean(raw: str) -> _Text:
    """Takes the glued date, the lines that are only a date, and the boilerplate off, keeping what they tell."""
    whole = text = normalise(raw)
    found: dict[str, Found] = {}
    dropped: list[str] = []
    first = leading_date(text)
    if first:
        day, taken = first
        found["published"] = Found(day.isoformat(), "leading date")
        dropped.append(text[:taken].strip())
        text = text[taken:]
    text, notices = strip_boilerplate(text)
    for notice in notices:
        syndicated = SYNDICATED.match(notice)
        if syndicated:
            found["title"] = Found(syndicated["title"].strip(), "syndication line")
            found["outlet"] = Found(syndicated["outlet"].strip(), "syndication line")
    if not first:
        text, lines = _date_below_title(text, found)
        dropped.extend(lines)
    return _Text(normalise(text), tuple(sorted((*dropped, *notices), key=whole.find)), found)


def _date_below_title(text: str, found: dict[str, Found]) -> tuple[str, list[str]]:
    """Looks for the date in the lines under a headline, in a byline and in a dateline; a line that is only it goes."""
    lines = text.split("\n")
    whole_dates = [(number, day) for number, line in enumerate(lines) if (day := _date_of_line(line))]
    for number in [number for number, line in enumerate(lines) if line][:4]:
        line = lines[number]
        if len(whole_dates) == 1 and whole_dates[0][0] == number:  # more of them are the headings of a chronicle
            found["published"] = Found(whole_dates[0][1].isoformat(), "date line")
            return "\n".join(lines[:number] + lines[number + 1 :]), [line]
        day = _date_of_byline(line) if _BYLINE.match(line) and len(line) <= 120 else _date_of_dateline(line)
        if day:
            found["published"] = Found(day.isoformat(), "byline" if _BYLINE.match(line) else "dateline")
            break
    return text, []


def _date_of_line(line: str) -> date | None:
    """The date a line consists of, with its label."""
    lead = leading_date(line)
    return lead[0] if lead and lead[1] == len(line) else None


def _date_of_byline(line: str) -> date | None:
    parts = re.split(r"\s*[|•·–—]\s*|\s+-\s+|(?<=\D),\s+(?=\D*\d{1,2},? )", line)
    return next((day for day in map(parse_date, parts[1:]) if day), None)


def _date_of_dateline(line: str) -> date | None:
    match = _DATELINE.match(line)
    return parse_date(match["date"]) if match else None


def _headline(text: str) -> Found | None:
    """The first line, where it is one: short, capitalised, without a full stop, and above a text of full sentences."""
    first, _, rest = text.partition("\n")
    headline = 2 <= len(first.split()) <= 22 and len(first) <= 160 and first.lstrip("“‘\"'¿¡«")[:1].isalnum()
    ends = first.endswith((".", ":", ";", ",", "…", "!”", ".”", '."', "?”"))
    if not headline or ends or first[0].islower() or _BYLINE.match(first):
        return None
    below = any(line.endswith((".", "”", '"', "?", "!", "»")) and len(line) > 60 for line in rest.split("\n"))
    return Found(first, "first line") if below else None


def _agency(text: str) -> Found | None:
    """The news agency of a dateline: `BOGOTÁ, March 3 (Reuters) - ...`."""
    lines = [line for line in text.split("\n") if line][:3]
    match = next((match for match in map(_AGENCY.match, lines) if match), None)
    return Found(match["agency"], "dateline") if match else None


def _in_name(item_name: str, url: str | None) -> Found | None:
    day = date_in_name(url or item_name)
    return Found(day.isoformat(), "address" if url else "file name") if day else None


def _published(*candidates: Found | None) -> Found | None:
    """The first candidate that is a date; a declared value that is none leaves room for the next."""
    return next((found for found in candidates if found and parse_date(found.value)), None)

"""A question read by a language model: follow-ups completed, many-part questions taken apart, dates found.

The model only rearranges what was asked. A reading that holds a name, a number or a word of its own, or that loses one,
is refused, and the rules' reading stands: `rag.converse` and `rag.times`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from rag.check.lexicon import stem, words
from rag.check.measures import MONTHS, WEEKDAYS
from rag.converse import MOST_TURNS, is_follow_up
from rag.question import MOST_QUESTION
from rag.replies import one_object
from rag.substitute import names
from rag.usage import Reply
from rag.write.prompt import prompt

MOST_PARTS = 4
LONGEST_REPLY = 400
"""Tokens; a question and four parts of usual length take 150."""

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "maxLength": 400},
        "parts": {"type": "array", "items": {"type": "string", "maxLength": 300}, "maxItems": MOST_PARTS},
        "since": {"type": ["string", "null"]},
        "until": {"type": ["string", "null"]},
    },
    "required": ["question", "parts", "since", "until"],
    "additionalProperties": False,
}

_LEANING = words("he she they him her them his hers their theirs it its this these those there then")
_FREE = _LEANING | words(
    "a an the is are was were be been being am do does did done has have had of in on at by for to from with about "
    "what which who when that and person"
)
"""What a reading may add. Not "not", "before", "most" or "will", nor "why" or "how": they change what is asked."""

_DROPPED = _FREE - words("who when") | words(
    "but so or also same one ones other else too latter former well now whether"
)
"""What may be missing from a reading: what it replaces and joins."""

_LEANS = re.compile(
    rf"\b(?:{'|'.join(sorted(_LEANING - {'this', 'those', 'there'}))}|those(?! who\b)|"
    r"this(?! (?:day|week|weekend|month|quarter|year|decade|morning|spring|summer|autumn|winter)\b))\b|"
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere\b(?! (?:is|are|was|were)\b)",
    re.I,
)
_JOINS = re.compile(r"\s*(?:and|but|so|or|also|then|what about|how about)\b", re.I)
_BEGS = re.compile(
    r"\b(?:(?:what|how) about|(?:tell|give|show) (?:me|us)|(?:can|could|would) you|do you know|please|ok(?:ay)?)\b",
    re.I,
)
_TOKEN = re.compile(r"[^\W_]+(?:[.,:/'’-][^\W_]+)*")
_SIGNS = frozenset(" ,;:?.!'’\"“”-()")
_YEAR = re.compile(r"(?<![\d.,])((?:1[5-9]|20)\d\d)(s?)\b(?![.,]\d)")
_CALENDAR = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|recently|lately|christmas|easter|weekends?|spring|summer|autumn|winter|"
    r"(?:day|week|month|quarter|year|decade)s?|(?<=[a-z] )(?-i:May|March)|"
    rf"{'|'.join([*WEEKDAYS, *(name for name in MONTHS if len(name) > 3 and name != 'march')])})\b",
    re.I,
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Asks(Protocol):
    """A chat model, as `rag.model.ChatModel` is."""

    def complete(
        self, messages: Sequence[Mapping[str, str]], *, schema: Mapping[str, Any] | None = None, most: int
    ) -> Reply:
        """A whole reply of at most so many tokens."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as the model reads it.

    Attributes:
        text: the question by itself.
        parts: the questions inside it, 1 to 4; of one it is `text`.
        since, until: first and last day of the time that it is limited to, None where that side is open.
    """

    text: str
    parts: tuple[str, ...]
    since: date | None = None
    until: date | None = None


def read(model: Asks, question: str, earlier: Sequence[str], today: date) -> Reading | None:
    """One call: the model's reading, None where it replied with anything else or with more than was asked.

    Args:
        model: is asked once, with the last MOST_TURNS earlier questions.
        question: as asked.
        earlier: the questions before it, oldest first.
        today: the day that "last month" counts from.

    Raises:
        ModelError: whatever the model raises where it gives no reply.
    """
    turns = earlier[-MOST_TURNS:]
    reply = model.complete(messages(question, turns, today), schema=SCHEMA, most=LONGEST_REPLY)
    try:
        reading = parsed(reply.text, question, turns)
    except (ValueError, RecursionError):
        return None
    return None if objection(reading, question, turns) else reading


def messages(question: str, earlier: Sequence[str], today: date) -> list[dict[str, str]]:
    """What the model is sent: the questions as one JSON object, so that no text in them can end the data."""
    given = {"today": today.isoformat(), "earlier": list(earlier), "question": question}
    return [
        {"role": "system", "content": prompt("query").text},
        {"role": "user", "content": json.dumps(given, ensure_ascii=False)},
    ]


def parsed(reply: str, question: str, earlier: Sequence[str]) -> Reading:
    """The reading that a reply holds: one JSON object, alone or in one code fence.

    A question with none before it leans on nothing: its text stays as it was asked, whatever the reply says.

    Raises:
        ValueError: it holds anything else; the message says what.
    """
    fields = one_object(reply, ["question"], SCHEMA["properties"])
    parts = fields.get("parts", [])
    if not isinstance(parts, list):
        raise ValueError("the parts are no list")  # noqa: EM101
    whole, each = _line(fields["question"]), tuple(dict.fromkeys(map(_line, parts)))
    whole = whole if earlier else question
    return Reading(whole, each if len(each) > 1 else (whole,), _day(fields.get("since")), _day(fields.get("until")))


def objection(reading: Reading, question: str, earlier: Sequence[str]) -> str | None:
    """Why a reading may not be used, in a few words; None where it may. Pure."""
    return _in_text(reading, question, earlier) or _in_parts(reading) or _in_dates(reading, question)


def _in_text(reading: Reading, question: str, earlier: Sequence[str]) -> str | None:
    if new := _added(reading.text, (question, *earlier)):
        return f"adds {new!r}"
    if lost := _lost(question, reading.text):
        return f"loses {lost!r}"
    unchanged = _tokens(reading.text) == _tokens(question) and is_follow_up(question)
    return "leans on what came before" if earlier and (unchanged or _leans(reading.text)) else None


def _in_parts(reading: Reading) -> str | None:
    """More than one part: each by itself, none twice, and together all that is asked."""
    parts = reading.parts
    if parts == (reading.text,):
        return None
    if new := next(filter(None, (_added(part, (reading.text,)) for part in parts)), None):
        return f"adds {new!r} to a part"
    if len(parts) > MOST_PARTS:
        return f"has {len(parts)} parts"
    if len({_bag(part) for part in parts}) < len(parts):
        return "has a part twice"
    if bad := next((part for part in parts if not _content(part) or _leans(part)), None):
        return f"has {bad!r}, no question by itself"
    if not all(_lost(reading.text, part) for part in parts):
        return "has the whole for a part"
    lost = _lost(reading.text, "\n".join(parts))  # which holds all that the question does
    return f"loses {lost!r} in its parts" if lost else None


def _in_dates(reading: Reading, question: str) -> str | None:
    """Days only where the question speaks of the calendar, and near the years that it names."""
    days = [day for day in (reading.since, reading.until) if day]
    years = [(int(year), int(year) + (9 if decade else 0)) for year, decade in _YEAR.findall(question)]
    if days and not (years or _CALENDAR.search(question)):
        return "limits the time where none is named"
    if len(days) > 1 and days[0] > days[1]:
        return "ends before it begins"
    if years and not all(min(years)[0] - 1 <= day.year <= max(last for _, last in years) + 1 for day in days):
        return "is of another year"
    return None


def _added(text: str, sources: Sequence[str]) -> str | None:
    """The first name, number, word or sign that is in no source, and that a reading may not add."""
    told = [_folded(source) for source in sources]
    known = frozenset[str]().union(*map(_bag, sources))
    signs = _SIGNS.union(*sources)
    for sign in text:
        if not (sign.isalnum() or sign in signs):
            return sign
    for name in _names(text):
        if not any(_stands(name, source) for source in told):
            return name
    return next((word for word in _tokens(text) if word not in _FREE and _key(word) not in known), None)


def _lost(question: str, text: str) -> str | None:
    """The first name or word of a question that is not in a text, and that a reading may not leave out."""
    folded, bag = _folded(text), _bag(text)
    for name in _names(question):
        if not _stands(name, folded):
            return name
    return next((word for word in _content(question) if _key(word) not in bag), None)


def _leans(text: str) -> bool:
    """Whether a question opens with "And", or has "it" before any name."""
    leans = _LEANS.search(text)
    first = min((text.find(name) for name in _names(text)), default=len(text))
    return bool(_JOINS.match(text) or (leans and leans.start() < first))


def _names(text: str) -> list[str]:
    """The names in a text, without the small words in capitals that may open a sentence."""
    found = []
    for name in names(text):
        rest = name.split()
        while rest and rest[0].casefold() in _DROPPED and not rest[0].isupper():
            del rest[0]
        if rest:
            found.append(" ".join(rest))
    return found


def _stands(name: str, folded: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(_folded(name))}(?!\w)", folded))


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("’", "'").split())


def _tokens(text: str) -> list[str]:
    """Words and numbers, lower case: "2,700", "TIDEWAY-2" and "U.S." are one each."""
    return [word.removesuffix("'s") for word in _TOKEN.findall(_folded(text).replace("n't", " not"))]


def _content(question: str) -> list[str]:
    """The words of a question that a reading must keep."""
    return [word for word in _tokens(_BEGS.sub(" ", question)) if word not in _DROPPED]


def _bag(text: str) -> frozenset[str]:
    return frozenset(map(_key, _tokens(text)))


def _key(word: str) -> str:
    """What the forms of a word share; numbers, and what holds one, stay as they are."""
    return word if any(sign.isdigit() for sign in word) else stem(word)


def _line(value: object) -> str:
    """A question on one line; raises ValueError for anything else."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text or len(text) > MOST_QUESTION:
        msg = f"{value!r:.60} is no question"
        raise ValueError(msg)
    return text


def _day(value: object) -> date | None:
    """A day from YYYY-MM-DD, None from null; raises ValueError for anything else."""
    if value is None:
        return None
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        msg = f"{value!r:.60} is no day"
        raise ValueError(msg)
    return date.fromisoformat(value)

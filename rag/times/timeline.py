"""Questions about how something went over time, and dated sentences in order. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar

from index.sparse import terms
from rag.check.lexicon import stem
from rag.times import Period, event_date, iso, periods, tense

HEAD = 700
"""Characters: an undated sentence this near to the start of an article tells its news, a later one may tell of any
time before."""

SAME_DAY, SAME_WORDS = 0.5, 0.8
"""Share of the shorter sentence's words that the other must have to tell the same fact: on the same day, on any."""

_ASKS = re.compile(
    r"\bhow\s+(?:did|has|have|had|was|were|do|does|is|are)\b.*\b(?:develop|evolv|unfold|chang|progress|escalat|"
    r"deteriorat|come\s+about|came\s+about|play(?:ed)?\s+out|proceed|unravel)(?:ed?|ing|s)?"
    r"(?=\W*$|\s+(?:over|since|from|between|during|in|after|through|throughout|until|before|so\s+far|across|under|"
    r"within|step|year|month|this|last|and)\b)|"
    r"\btime-?\s?line\b|\bchronolog(?:y|ical|ically)\b|\bsequence\s+of\s+events\b|\bcourse\s+of\s+events\b|"
    r"\bwhat\s+happened\s+(?:and\s+)?when\b|\bstep[\s-]by[\s-]step\b|\bin\s+what\s+order\b|\border\s+of\s+events\b|"
    r"\bhistory\s+of\b.*\b(?:since|from|between|until)\b|\b(?:what\s+is|what’s|what's|give|tell|show|trace)\b.*"
    r"\bhistory\s+of\b|\bhow\b.*\b(?:over\s+(?:time|the\s+(?:years|months|weeks))|year\s+by\s+year)\b",
    re.I,
)
_BACKGROUND = re.compile(
    r"\b(?:ago|earlier|previous(?:ly)?|former(?:ly)?|had|once|since|until|then|later|often|always|never|usually|years?|"
    r"months?|decades?|history|would|every|following|before|after|"
    r"(?:was|were)\s+(?:the|an?|in|at|on)|(?:With|Among|In)\s.*\b(?:was|were))\b",
    re.I,
)


class Dated(Protocol):
    """What an entry needs of an article."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def published(self) -> date | None: ...  # noqa: D102


class Told(Protocol):
    """A sentence that may be an entry, as `rag.extract.Candidate` is one."""

    @property
    def article(self) -> Dated: ...  # noqa: D102
    @property
    def text(self) -> str: ...  # noqa: D102
    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def score(self) -> float: ...  # noqa: D102


T = TypeVar("T", bound=Told)


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """A sentence with the time it tells of.

    Attributes:
        date: ISO 8601: a day, a month or a year.
        period: the same as days.
        stated: whether the sentence gives the time; False where its article's day stands for it.
    """

    candidate: T
    date: str
    period: Period
    stated: bool


def is_timeline(question: str) -> bool:
    """Whether a question asks how something went: "How did the talks develop?", "a timeline of ...", "since 2019"."""
    return bool(_ASKS.search(question))


def entries(candidates: Sequence[T], most: int) -> list[Entry[T]]:
    """Dated sentences, earliest first, each fact once.

    An undated sentence gets the day of its article where it stands in its opening (`HEAD`), tells something in the past
    tense and has no word for another time; what else has no clear time, or a time longer than a year, is left out.

    Args:
        candidates: that answer the question, in any order.
        most: how many at most; those with the best scores stay.
    """
    found = [entry for candidate in candidates if (entry := _entry(candidate))]
    kept: list[Entry[T]] = []
    # The better of two that tell the same fact, and of equals the newer article, comes first and stays.
    for entry in sorted(found, key=lambda e: (-e.candidate.score, -_day(e.candidate), not e.stated)):
        if len(kept) < most and not any(_same_fact(entry, other) for other in kept):
            kept.append(entry)
    return sorted(
        kept, key=lambda e: (e.period.first, -e.period.last.toordinal(), e.candidate.article.id, e.candidate.start)
    )


def _entry(candidate: T) -> Entry[T] | None:
    text, published = candidate.text, candidate.article.published
    if told := event_date(text, published):
        written = iso(told)
        return Entry(candidate, written, told, True) if written else None
    news = published and candidate.start < HEAD and not periods(text, published) and not _BACKGROUND.search(text)
    if not (published and news and tense(text, len(text), len(text)) == "past"):
        return None
    return Entry(candidate, published.isoformat(), Period(published, published, ""), False)


def _day(candidate: Told) -> int:
    return candidate.article.published.toordinal() if candidate.article.published else 0


def _same_fact(one: Entry[T], other: Entry[T]) -> bool:
    a, b = ({stem(word) for word in terms(entry.candidate.text)} for entry in (one, other))
    share = len(a & b) / max(1, min(len(a), len(b)))
    overlap = one.period.first <= other.period.last and other.period.first <= one.period.last
    return share >= SAME_WORDS or (overlap and share >= SAME_DAY)

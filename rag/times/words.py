"""The words for times as patterns, and the tense of the verb they go with. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from string import ascii_lowercase, ascii_uppercase
from typing import Literal

from rag.check.lexicon import PAST, row
from rag.check.measures import CARDINALS, MONTHS, SCALES, UNITS, WEEKDAYS
from rag.times.period import Period


def _any(texts: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(text) for text in texts), key=len, reverse=True))


_YEAR = r"(?:1[5-9]|20)\d\d(?![\d]|[.,]\d)"
_MONTH = rf"(?:(?:{_any(m for m in MONTHS if len(m) > 4 or m in ('may', 'june', 'july'))})\b|(?:{_any(MONTHS)})\b\.?)"
_TH = r"(?:st|nd|rd|th)?"
_COUNT = rf"(?P<{{0}}>\d{{{{1,3}}}}|an?|{_any(w for w in CARDINALS if w != 'zero')})"
_SPAN_OF = r"(?P<{0}>day|week|weekend|month|quarter|year|decade)"
_THROUGH = r"\s*(?:-|–|—|to|and|through|until)\s*"
_OPENERS = [
    *(name for name in MONTHS if len(name) == 3),
    *WEEKDAYS,
    *CARDINALS,
    *row("last past this next the previous coming first second third fourth q h yesterday to over"),
]
"""How a time expression in letters may start: this alone halves the time of `FIND`."""

FIND = re.compile(
    rf"(?<![\w.,$€£¥])(?=[\d’']|a|{_any(_OPENERS)})(?:"
    r"(?P<day>\d{4}-\d\d-\d\d(?![\w-])|\d{1,2}(?:/\d{1,2}/|\.\d{1,2}\.)\d{4}(?![\w/]))"
    rf"|(?P<month>(?P<d1>\d{{1,2}}){_TH}(?:{_THROUGH}(?P<d2>\d{{1,2}}){_TH})?\s+(?:of\s+)?(?P<m1>{_MONTH})"
    rf"(?:,?\s+(?:of\s+)?(?P<y1>{_YEAR}))?"
    rf"|(?P<m2>{_MONTH})(?:\s+(?P<d3>\d{{1,2}}){_TH}(?![\w:]|[.,]\d|\s?%)(?:{_THROUGH}(?P<d4>\d{{1,2}}){_TH}(?![\w:]))?)?"
    rf"(?:,?\s+(?:of\s+)?(?:(?P<y2>{_YEAR})|(?P<y3>last|this|next)\s+year\b))?)"
    rf"|(?P<quarter>(?:(?P<nth>first|second|third|fourth|last)\s+(?P<part>quarter|half)\s+of|(?P<q>[qh])(?P<n>[1-4]))"
    rf"\s+(?:(?P<y4>{_YEAR})|(?P<y5>last|this|next)\s+year\b))"
    r"|(?P<decade>(?:the\s+)?(?P<y6>(?:1[5-9]|20)\d0)[’']?s\b|the\s+[’'](?P<y7>[2-9]0)s\b)"
    r"|(?P<century>(?P<cent>1[6-9]|2[01])(?:th|st)[\s-]century\b)"
    rf"|(?P<years>(?<!pp\. )(?<!pages )(?P<y8>{_YEAR})\s?[-–—/]\s?(?P<y9>(?:(?:1[5-9]|20)\d\d|\d\d))(?![\w-]))"
    rf"|(?P<year>(?P<y>{_YEAR}))"
    rf"|(?P<weekday>(?:(?P<which>last|next|(?:this\s+)?(?:coming|past)|this)\s+)?(?P<wd>{_any(WEEKDAYS)})\b)"
    rf"|(?P<recent>(?:the\s+)?(?:past|last)\s+(?:{_COUNT.format('n1')}\s+)?{_SPAN_OF.format('u1')}s\b"
    rf"|the\s+(?:past|last)\s+{_SPAN_OF.format('u2')}\b)"
    r"|(?P<word>the\s+day\s+(?:before\s+yesterday|after\s+tomorrow)|yesterday|today|tonight|tomorrow|last\s+night"
    r"|this\s+(?:morning|afternoon|evening)|(?:over|at)\s+the\s+weekend)\b"
    rf"|(?P<unit>(?:(?P<step>last|this|next|the\s+(?:current|previous|following|next)|previous)\s+)"
    rf"{_SPAN_OF.format('u3')}\b)"
    rf"|(?P<ago>{_COUNT.format('n2')}\s+{_SPAN_OF.format('u4')}s?\s+(?P<way>ago|later|earlier)\b)"
    r")"
)
"""Times in a text in lower case, see `matches`: without regard to case it takes three times as long."""

_TOKEN = re.compile(r"[a-z]{3,}|\d")
_OF_TIME = frozenset(
    [
        *row("last past this next ago previous following later earlier weekend yesterday today tonight tomorrow"),
        *"0123456789",
        *MONTHS,
        *WEEKDAYS,
    ]
)
_ASCII = str.maketrans(ascii_uppercase, ascii_lowercase)

# What stands before and after an expression. Each pattern is matched up to, or from, its first or last character.
PART = re.compile(
    r"\b(?:(early|mid|late|earlier|later)(?:\s+in)?|(beginning|start|first\s+days|middle|end|last\s+days)\s+of)"
    r"(?:\s+the)?(?:\s+|-)\Z",
    re.I,
)
BEFORE_YEAR = re.compile(
    r"(?:\b(?:in|since|until|till|by|during|from|to|through|before|after|between|around|circa|of|for|early|late|than|"
    r"years?|as of|end)\s+|mid-|\(\s*|^\W*)\Z",
    re.I,
)
BEFORE_MONTH = re.compile(
    r"(?:\b(?:in|since|until|till|during|last|next|this|early|late|mid|between|through|end of|start of|as of)\s+"
    r"|\bmid-)\Z",
    re.I,
)
BEFORE_SURE_MONTH = re.compile(r"\b(?:of|by|from|to|before|after|for)\s+\Z", re.I)
THING = re.compile(r"(?:\b(?:the|an?|his|her|their|its|our|my|that|these|those)|\w[’']s|s[’'])\s+\Z", re.I)
OF_A_THING = re.compile(r"[’']s?\s+\w|\s+[A-Za-z]|-[a-z]")
VAGUE = re.compile(
    r"\b(?:about|around|almost|nearly|roughly|over|under|some|than|least|most|approximately|only|just|barely|and|every|"
    r"each|another|half)\s+(?:an?\s+)?\Z",
    re.I,
)
_MEASURES = _any(u for u in [*UNITS, *SCALES] if u.isalpha() and len(u) > 1)
FISCAL = re.compile(r"\b(?:fiscal|financial|tax|school|academic)\s+(?:year\s+)?\Z", re.I)
MEASURED = re.compile(
    rf"\s*%|\s+(?:{_MEASURES}|people|GMT|UTC|hours?|local time|or (?:more|less)|"
    r"(?:fiscal|financial|tax|school|academic) year)\b",
)
COUNTED = re.compile(r"\s+(?!(?:was|has|its|his|this|levels|plus|across|less|as)\b)[a-z]{2,}s\b")
NEWSPAPER = re.compile(r"\s+(?-i:[A-Z])")
FEAST = re.compile(
    r"\b(?:Black|Good|Bloody|Super|Palm|Easter|Ash|Cyber|Giving|Maundy|Holy|Shrove|Fat|every|each|any|some|first|second|"
    r"third|fourth)\s+\Z",
    re.I,
)
LINK = re.compile(r"\s*(?:,|-|–|—|,?\s*\b(?:and|or|to|until|till|through)\b)\s*(?:in\s+)?")
RANGE = re.compile(r"\s*(?:-|–|—|\b(?:to|until|till|through)\b)\s*")
SENTENCE_END = re.compile(r"[.!?][\"”’)]?\s")


CLAUSE_END = re.compile(
    r"[,;:()“”\"—]|\s[-–]\s|\b(?:that|and|but|when|after|before|who|which|while|because|where|as|if|since|until)\b",
    re.I,
)
_FUTURE = (
    r"\b(?:will|won[’']t|shall|would|scheduled|slated|due\s+(?:on|in|by|to)|set\s+to|plan(?:s|ned|ning)?\s+to|expected\s+to|"
    r"going\s+to|(?:is|are)\s+to|upcoming|hop(?:es|ing)\s+to|intends?\s+to|to\s+be\s+held)\b|[’']ll\b"
)
_FINITE = r"\b(?:said|told|was|were|had|did|announced|wrote|warned|claimed|added|argued|reported|confirmed|denied)\b"
_VERB = re.compile(rf"(?P<future>{_FUTURE})|(?P<past>{_FINITE})", re.I)
_PAST = rf"(?:[a-z]{{2,}}ed|{_any(PAST)})"
_LOOSE = re.compile(rf"(?P<present>\b(?:is|are|remains?)\b)|\b(?:{_PAST}|has|have)\b")  # "United" is no verb
_PARTICIPLE = re.compile(
    rf"\b(?!(?:be|been|not|to|is|are|will|has|have|had|was|were|I|he|she|it|we|you|they)\s)[\w’]+\s+{_PAST}\s+(?:on\s+|in\s+)?\Z",
    re.I,
)
HABIT = re.compile(
    r"\b(?:annual(?:ly)?|yearly|usually|traditionally|(?:every|each)\s+(?:year|spring|summer|fall|autumn|winter))\b",
    re.I,
)
_PRESENT = re.compile(r"\b(?:is|are|has|have|can|could|may|might|must|should)\b")


def matches(text: str) -> list[re.Match[str]]:
    """What in a text may be a time, in order; the matches are of the text in lower case, at the same places."""
    low = text.lower()
    if _OF_TIME.isdisjoint(_TOKEN.findall(low)):
        return []
    return list(FIND.finditer(low if len(low) == len(text) else text.translate(_ASCII)))  # "İ" in lower case is longer


def nowadays(text: str) -> bool:
    """Whether "today" means these days, as it does beside a verb in the present and wherever no other verb tells."""
    return bool(_PRESENT.search(text)) or not _VERB.search(text)


def tense(text: str, start: int, end: int) -> Literal["future", "past", ""]:
    """The tense of the verb nearest to text[start:end] in its sentence, one before it first; "" where none tells."""
    opening = max((m.end() for m in SENTENCE_END.finditer(text, 0, start)), default=0)
    stop = SENTENCE_END.search(text, end)
    if _PARTICIPLE.search(text, max(opening, start - 40), start):  # "the remains found on Saturday"
        return "past"
    before, behind = text[opening:start], text[end : stop.start() if stop else len(text)]
    for clauses, nearest in ((reversed(CLAUSE_END.split(before)), -1), (CLAUSE_END.split(behind), 0)):
        for clause in clauses:
            if verbs := list(_VERB.finditer(clause)):
                return "future" if verbs[nearest]["future"] else "past"
            if loose := list(_LOOSE.finditer(clause)):
                return "" if loose[nearest]["present"] else "past"
    return ""


@dataclass(frozen=True, slots=True)
class Found:
    """A match of `FIND` with what is needed to say which days it means.

    Attributes:
        anchor: the day that relative words count from.
        after: the match after it. earlier: the periods before it.
    """

    text: str
    anchor: date | None
    match: re.Match[str]
    after: re.Match[str] | None
    earlier: list[Period]

    def before(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The words just before it, where they fit a pattern that ends where they do."""
        start = self.match.start()
        return pattern.search(self.text, max(0, start - 24), start)

    def number(self, *names: str) -> int | None:
        """The first of these groups that matched, as a number."""
        return next((int(self.match[name]) for name in names if self.match[name]), None)

    @property
    def linked(self) -> Period | None:
        """The period before it, where only "and", "to" or a comma stand between: "in 2020, 2021"."""
        last = self.earlier[-1] if self.earlier else None
        return last if last and LINK.fullmatch(self.text, last.end, self.match.start()) else None

    @property
    def tense(self) -> str:
        """Of the verb it goes with."""
        return tense(self.text, *self.match.span())

    def year_said(self, word: str | None) -> int | None:
        """Year of "last year", "this year" or "next year"."""
        return self.anchor.year + {"last": -1, "this": 0, "next": 1}[word.lower()] if self.anchor and word else None

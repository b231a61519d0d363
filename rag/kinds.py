"""The kind of thing a question asks for, and whether a sentence holds one: a "when" needs a date. Pure."""

from __future__ import annotations

import re

from rag.check.facts import fold, words
from rag.check.measures import UNITS

_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?|"
    r"billions?|half|third|quarter|no|none|tripled?|doubled?|decades?|several|once|twice)\b",
    re.I,
)
_DATE = re.compile(
    r"\b(?:\d{4}|\d{4}s|Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec|January|February|March|April|August|September|"
    r"October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|today|yesterday|tomorrow|tonight|"
    r"weeks?|months?|years?|decades?|hours?|minutes?|days?|centur(?:y|ies)|morning|afternoon|"
    r"evening|night|noon|midnight|[ap]\.m|now|until|since|ago|during|before|after|spring|summer|autumn|fall|winter)\b"
)
_HOW_MANY = re.compile(
    r"\bhow (?:many|much|old|long|often|far|large|big|high|tall)\b|\bwhat (?:number|share|percentage|amount)\b", re.I
)
_WHEN = re.compile(
    r"\bwhen\b|\bwhat (?:year|day|date|month|time)\b|\bwhich (?:year|day|month)\b|\bin what year\b", re.I
)
_WHO = re.compile(r"\bwho(?:m|se)?\b", re.I)
_SHARE = re.compile(
    r"\bwhat (?:share|percentage|proportion|fraction|part) of\b|\bwhat (?:percent|per cent)\b|"
    r"\bhow much of\b|\bby what percent",
    re.I,
)
_FRACTION = re.compile(
    r"%|\bper ?cent\b|\b(?:half|third|quarter|fifth|tenth|most|all|none|much|majority)\b|\btwo-thirds\b", re.I
)
_COUNTED = re.compile(
    r"\bhow many ((?:[a-z-]+ ){0,3}?[a-z-]+)(?=[?]|$| (?:of|in|on|at|from|per|that|who|which|did|do|does|has|have|had|"
    r"is|are|was|were|will|would|can|could|went|died|left|got|came|took|made|said)\b)",
    re.I,
)
_ANYBODY = frozenset(["people", "persons", "men", "women", "children", "others", "times", "things", "ones"])
_OLD = re.compile(r"\bhow old\b|\bwhat (?:is|was) (?:the |\w+['’]s )age\b", re.I)
_AGE = re.compile(
    r"\b(?:aged?|years? old|year-old|-year-old|born|birthday|anniversary|founded|built|since)\b|, \d{1,2},", re.I
)
_MEASURED = (
    (
        re.compile(r"\bhow (?:tall|high|deep|wide|long|far)\b", re.I),
        re.compile(
            r"\b(?:met(?:er|re)s?|feet|foot|ft|cm|centimet\w+|kilomet\w+|km|miles?|inch\w*|yards?|storeys?|stories|m|"
            r"minutes?|hours?|days?|weeks?|months?|years?|decades?|seconds?|pages?|centur\w+|ever|percent|%|until|since|from)\b|%",
            re.I,
        ),
    ),
    (
        re.compile(r"\bhow heavy\b|\bhow much (?:does|did|do) .* weigh\b", re.I),
        re.compile(r"\b(?:tons?|tonnes?|kilos?|kilogram\w*|kg|pounds?|lbs?|grams?|ounces?)\b", re.I),
    ),
)
"""Questions of measure, and what a sentence must have to tell one."""

_PERSONS = re.compile(
    r"\b(?:officials?|ministers?|presidents?|police|polices?|officers?|soldiers?|troops|army|navy|government|lawmakers?|senators?|"
    r"farmers?|fishermen|fisherman|workers?|doctors?|nurses?|teachers?|students?|residents?|witness(?:es)?|experts?|analysts?|"
    r"scientists?|researchers?|economists?|historians?|journalists?|reporters?|lawyers?|attorneys?|judges?|prosecutors?|"
    r"critics?|supporters?|activists?|members?|leaders?|spokes\w+|neighbou?rs?|crew|passengers?|drivers?|pilots?|victims?|"
    r"famil(?:y|ies)|parents?|mothers?|fathers?|wife|husband|sons?|daughters?|brothers?|sisters?|m[ae]n|wom[ae]n|people|"
    r"children|boys?|girls?|authorit(?:y|ies)|companies|company|unions?|parties|party|voters?|investors?|rebels?|gangs?|"
    r"guerrillas?|cartels?|traffickers?|newspaper|agency|ministry|court|committee|council|commission|parliament|congress)\b",
    re.I,
)
_SUBJECT = re.compile(
    r"(?!(?:The|A|An|He|She|It|They|His|Her|Its|Their|This|That|These|Those|In|On|At|After|Before|When|While|As|But|And|For|"
    r"With|Some|Many|Most|All|No|Police|Officials|Prosecutors|January|February|March|April|May|June|July|August|September|"
    r"October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b)"
    r"[A-Z][\w’'-]+(?: [A-Z][\w’'-]+){0,2} (?:was|were|is|has been|had been|will be) [a-z]+(?:ed|en)\b"
)
_FATE = re.compile(
    r"\b(?:[Ww]hen|[Ww]here|[Ww]hy|[Hh]ow(?: long| often| many times)?|[Ww]hat) (?:was|is|were|has|had|will) "
    r"([A-Z][\w’-]+(?: [A-Z][\w’-]+){0,2}) (?:been |be )?[a-z]+(?:ed|en)\b"
)
_TWO_WORDS = re.compile(
    r"\b(?!(?:President|Minister|Prime|Senator|Governor|Mayor|Mr|Mrs|Ms|Dr|Judge|General|King|Queen|Pope|Did|Does|Is|Was|Has|"
    r"Will|Were|Are|Do|Have|The|When|Where|Why|How|What|Who|Which|In|On|At|And|New|United|North|South|East|West|January|February|"
    r"March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|"
    r"Sunday)\b)([A-Z][\w’-]+) (?!(?:In|On|At|And)\b)([A-Z][\w’-]*[a-z])\b"
)
_CALENDAR = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday|"
    r"Thursday|Friday|Saturday|Sunday|The|This|That|In|On|At|For|It|He|She|They|But|And|After|Before|When|While|As|Its)$"
)
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b(?![,.]\d)")
_NAME = re.compile(r"\b[A-Z][\w’'-]+")


def fits(question: str, text: str) -> bool:
    """Whether the sentence holds the kind of thing that is asked for: a share, a number, a date, a name, the year."""
    asked, told = set(_YEAR.findall(question)), set(_YEAR.findall(text))
    if asked and told and not asked & told:
        return False
    if _SHARE.search(question):
        return bool(_FRACTION.search(text))
    if _OLD.search(question) and not _AGE.search(text):
        return False
    if any(asks.search(question) and not tells.search(text) for asks, tells in _MEASURED):
        return False
    if _HOW_MANY.search(question):
        return bool(_NUMBER.search(text)) and _names_what_is_counted(question, text)
    if _WHEN.search(question):
        return bool(_DATE.search(text))
    if _WHO.match(question.strip()):
        return _names_somebody(question, text)
    return True


def tells_of_another(question: str, text: str) -> bool:
    """Whether a sentence tells of another than the question asks about, and names the one asked about nowhere.

    Another of the same kind: names of two words that share the first ("Storm Ada" where it is Storm Bo). Or of another
    as its subject, where the question asks what became of one: "Marsh was sentenced" where it is Ortega.
    """
    subject, asked = _SUBJECT.match(text), _FATE.search(question)
    if subject and asked and not _same_one(asked[1], text):
        return True
    for first, last in _TWO_WORDS.findall(question):
        others = set(re.findall(rf"\b{re.escape(first)} ([A-Z][\w’-]+)", text))
        if others and last not in others and not re.search(rf"\b{re.escape(last)}\b", text):
            return True
    return False


def _same_one(name: str, text: str) -> bool:
    return any(re.search(rf"\b{re.escape(word)}", text) for word in re.findall(r"[A-Z][\w’-]+", name))


def _names_somebody(question: str, text: str) -> bool:
    """Whether a sentence names a person or a body that the question does not."""
    known = question.lower()
    named = (name for name in _NAME.findall(text) if not _CALENDAR.match(name))
    fresh = any(re.sub(r"['’]s$", "", name).lower() not in known for name in named)
    return fresh or any(match[0].lower() not in known for match in _PERSONS.finditer(text))


def _names_what_is_counted(question: str, text: str) -> bool:
    """Whether a sentence has the noun behind "how many": soldiers are not people in general, hectares not tons."""
    match = _COUNTED.search(question)
    if not match:
        return True
    head = words(fold(match.group(1)))[-1]
    there = words(fold(text))
    if head.low in UNITS:
        return any(UNITS.get(word.low) == UNITS[head.low] for word in there)
    return head.low in _ANYBODY or any(word.key == head.key for word in there)

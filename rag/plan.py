"""What kind of answer a question wants: one fact, a yes or no, all of a list, a comparison, a summary. Pure."""

from __future__ import annotations

import re
from typing import Literal

from rag.times.timeline import is_timeline

Kind = Literal["fact", "yesno", "list", "compare", "summary", "timeline"]

_POLITE = re.compile(
    r"\s*(?:(?:please|can you|could you|would you|will you|kindly|i want you to|i need you to|help me)[,\s]+)*"
    r"(?:give me |write |show me |provide )?",
    re.I,
)
_SUMMARY = re.compile(
    r"(?:summari[sz]e|sum up|(?:an? |the )?(?:short |brief |quick )?"
    r"(?:summary|overview|outline|digest|recap|gist) (?:of|on|about)|"
    r"brief me (?:on|about)|outline|recap|"
    r"what(?:'s| is) (?:the )?(?:gist|essence|main points?|story) (?:of|behind|with)|"
    r"what (?:are|were) the (?:main|key) points (?:of|in)|tell me (?:more |all |something )?about|"
    r"what (?:is|do we|does the corpus) know[n]? about|what can you tell me about)\s+",
    re.I,
)
_ABOUT = re.compile(
    r"what (?:is|was) (.{3,80}?)(?:'s article| article| story| report| piece| text)? about\s*\?*$", re.I
)
_WRAPPING = re.compile(
    r"^(?:me )?(?:the |this |that |an? )?(?:[\w’'.]+ ){0,2}?(?:articles?|stor(?:y|ies)|reports?|pieces?|"
    r"coverage|news|text|situation|affair|topic)\s+"
    r"(?:about|on|of|from|titled|called|entitled|with the title|headlined)\s+",
    re.I,
)
_DEVELOPED = re.compile(
    r"\bhow (?:did|has|have|had|do|does|is|are|was|were) "
    r"(?:the (?:whole )?(?:story|affair|case|matter|saga) (?:of|around|about) )?"
    r"(.+?) (?:been )?(?:develop|evolv|unfold|chang|progress|escalat|deteriorat|c[ao]me about|"
    r"play(?:ed)? out|proceed|unravel)|"
    r"\b(?:time-?\s?line|chronology|sequence of events|course of events|order of events|history) "
    r"(?:of|in|for|around|about) (.+?)"
    r"(?: (?:(?:since|from|until)\b|between \d).*)?[?.!]*$",
    re.I,
)
_COMPARE = re.compile(
    r"\bcompar(?:e|ed|ison)\b|"
    r"\b(?:difference|differences|contrast)\b.*\b(?:between|and|with|from)\b|"
    r"\bdiffers?\b.*\bfrom\b|\bversus\b|\bvs\b|"
    r"^(?:which|who)\b.*\b(?:more|less|fewer|larger|bigger|higher|lower|older|earlier|later|most)\b"
    r".*,? \w[\w’' -]* or \w",
    re.I,
)
_SIDES = (
    re.compile(r"\bbetween (.+?) and (.+?)(?:'s)?[?.]*$", re.I),
    re.compile(r"\bcompare (.+?) (?:and|with|to|against|versus|vs\.?) (.+?)[?.]*$", re.I),
    re.compile(
        r"\bhow (?:does|do|did|is|are|was|were) (.+?) "
        r"(?:differ|compare|different|compared) (?:from|to|with) (.+?)[?.]*$",
        re.I,
    ),
    re.compile(r"\b(.+?) (?:versus|vs\.?|compared (?:to|with)) (.+?)[?.]*$", re.I),
    re.compile(r"[,:] (.+?),? or (.+?)[?.]*$", re.I),
)
_NO_SIDE = re.compile(
    r"(?:in )?(?:19|20)\d\d|(?:it|this|that|these|those|they|them|he|she|him|her|one|the other)(?: one)?", re.I
)
_PREDICATE = re.compile(
    r"\b((?:says?|said|thinks?|claims?|wants?|offers?|plans?|propos\w+|did|does|do|has|have|was|were|is|are|want)\b.*)",
    re.I,
)
_AUXILIARY = "is|are|was|were|did|does|do|has|have|had|will|would|can|could|should|must|may|might"
_LIST = re.compile(
    # "Which other countries joined", "what sanctions did": a plural noun with nothing but a few adjectives before it
    rf"\b(?:which|what|whose)(?: (?!(?:{_AUXILIARY})\b)[\w’'-]+){{0,3}}? (?!(?:this|its|news|process|loss|status|basis|"
    r"crisis|analysis|business|series|plus|address|access|press|congress|(?:\w+ou|\w+i)s|"
    r"times|years|days|percentage)\b)[a-z]{2,}[^s\W]s[’']?\b(?: [a-z]+){0,2}? "
    rf"(?:(?:{_AUXILIARY}|of|in|on|from|to|at|with|by|against|among|that|who|went|took|made|gave|left|said|got)\b|[a-z]+ed\b)|"
    r"\b(?:which|what) (?:people|men|women|children|media)\b|"
    r"^\s*(?:please )?(?:list|name (?:all|the|every|\w+s\b)|enumerate)\b|\bwho (?:all|else)\b|\bwhat (?:all|else)\b|"
    r"\bwhat (?:are|were) (?:the|all|some)\b|\bwho (?:are|were) (?:the|all)\b",
    re.I,
)
_ASKING = re.compile(r"^\s*(?:which(?: (?:of|country|company|team|party|city|one|side)\w*)?|who|what)\s+", re.I)
_YESNO = re.compile(
    r"\s*(?:is|are|was|were|did|does|do|has|have|had|will|would|can|could|should|may|might|must|isn['’]t|aren['’]t|"
    r"wasn['’]t|weren['’]t|didn['’]t|doesn['’]t|don['’]t|hasn['’]t|haven['’]t|won['’]t)\s+(?!(?:you|i)\b)",
    re.I,
)


def kind_of(question: str) -> Kind:
    """The kind of a question that is understood; what is none of the others is a "fact"."""
    if is_timeline(question):
        return "timeline"
    if topic(question) is not None:
        return "summary"
    if sides(question):
        return "compare"
    if _YESNO.match(question):
        return "yesno"
    return "list" if _LIST.search(question) else "fact"


def topic(question: str) -> str | None:
    """What a summary or a timeline is wanted of, without the words that ask for it; None where neither is wanted."""
    if is_timeline(question):
        told = _DEVELOPED.search(question)
        return (told[1] or told[2]).strip(" ,") if told else None
    polite = _POLITE.match(question)
    rest = question[polite.end() if polite else 0 :]
    if match := _SUMMARY.match(rest):
        return _WRAPPING.sub("", rest[match.end() :]).strip(' ?.!"“”') or None
    if match := _ABOUT.match(question.strip()):
        return _WRAPPING.sub("", match[1]).strip(' "“”') or None
    return None


def sides(question: str) -> tuple[str, str] | None:
    """What to ask of each of the two things that a question compares; None where it compares nothing.

    "Compare Petro's and Trump's view of drugs" asks of "Petro's view of drugs" and "Trump's view of drugs"; "Who seized
    more, Peru or Chile?" of "seized more Peru" and "seized more Chile".
    """
    if not _COMPARE.search(question):
        return None
    for pattern in _SIDES:
        if match := pattern.search(question):
            one, other = match[1].strip(" ,"), match[2].strip(" ,")
            if _NO_SIDE.fullmatch(one) or _NO_SIDE.fullmatch(other):
                return None
            if question[match.start()] in ",:":
                stem = _ASKING.sub("", question[: match.start()])
                return f"{stem} {one}", f"{stem} {other}"
            owner = re.match(r".*?['’]s?\s+(.+)", other) if re.search(r"['’]s?$", one) else _PREDICATE.search(other)
            if owner:
                one = f"{one} {owner[1]}"
            return one, other
    return None

"""When a sentence says that something happened, and which time a question asks about. Pure functions over text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from rag.check.lexicon import PAST, SPEECH
from rag.times import words as say
from rag.times.period import Period, iso
from rag.times.reader import periods
from rag.times.words import tense

__all__ = ["Period", "agrees", "asked_period", "event_date", "iso", "periods", "tense"]

MOST_WORDS_OF_A_CUE = 5
"""Of a clause with no verb before a time: "On the night of 3 May" has four."""

_BOUND = re.compile(
    r"\b(since|until|till|up to|before|prior to|ahead of|after|as of|by|from)\s+(?:about\s+)?(?:the\s+)?\Z", re.I
)
_ASIDE = re.compile(
    r"\b(?:than|from|versus|vs|compared\s+(?:to|with)|against|of|for|ahead of|prior to|until|till|since|before|after|"
    r"by|up to|as of|(?:starting|beginning)(?:\s+(?:in|on))?)\s+(?:the\s+|about\s+)*\Z",
    re.I,
)
_WHEN_OF = re.compile(
    r"\b(?:spring|summer|autumn|fall|winter|end|start|beginning|middle|half|evening|morning|afternoon|night|weekend|"
    r"month|week|early hours)\s+of\s+(?:the\s+)?\Z",
    re.I,
)
_COMPARED = re.compile(r"\b(?:up|down|than|compared|versus|against)\b[^,;]*\Z", re.I)
_STRETCH = re.compile(r"\b(?:to|until|till|through)\b|\d{4}\s?[-–—/]\s?\d{2,4}\Z", re.I)
_PAST = "|".join(sorted(PAST))
_AUX = "is|are|was|were|has|have|had|will|would|did|does|do|can|could|may|might|must|should"
_UNDER = re.compile(
    r"\b(?:who|which|whose|where|when|after|before|since|as|while|because|if|until|"
    rf"that\s+(?:{_AUX}|[a-z]{{3,}}ed|{_PAST}))\b",
    re.I,
)
_NO_VERB = "".join(
    rf"(?<!\b{word} )" for word in ("a", "an", "the", "of", "its", "his", "her", "their", "with", "some")
)
_VERB = re.compile(rf"(?<![-\w]){_NO_VERB}(?:{_AUX}|[a-z]{{2,}}ed|says?|{_PAST})\b(?!-)")
_TELLING = re.compile(rf"(?:{'|'.join(sorted(SPEECH))})")
_VERB_NEXT = re.compile(rf"\s+(?:{_AUX}|[a-z]{{3,}}ed|{_PAST})\b")
_PRESENT = frozenset(["is", "are", "can", "could", "may", "might", "must", "should"])
_HELPER = frozenset(["was", "were", "is", "are", "has", "have", "had", "will", "would", "did", "could"])
_OPENS_AS_PARTICIPLE = re.compile(r"\s*(?:[A-Z]?[a-z]+ed|[Bb]orn|[Bb]uilt|[Mm]ade|[Ww]ritten|[Ff]ounded)\s")
_OBJECTLESS = re.compile(  # verbs that want an object: "a race held in May", where "was" is missing
    r"(?P<be>\b(?:was|were|be|been|being|is|are|got)\s+(?:\w+\s+)?)?\b(?:held|built|made|written|founded|published|released|"
    r"signed|adopted|kidnapped|abducted|arrested|detained|killed|found|taken|given)\s+(?:in\s+|on\s+)?\Z"
)
_QUESTION_WORD = re.compile(r"(?:\W*\w+){1,2}")
_PREPOSITION = re.compile(
    r"\b(?:in|on|at|during|over|from|within|by|since|until|till|as of|up to|before|after|between)\s+(?:the\s+)?\Z", re.I
)


def event_date(text: str, published: date | None) -> Period | None:
    """When the event that a sentence tells happened, or is said to come: the time that goes with its main verb.

    Args:
        text: one sentence.
        published: of its article; times that count from a day need it.

    Returns:
        None where the sentence names no time, only times of other things ("the 2016 deal", "since 2019", "who was
        elected in 2022", "up from 2023"), or two times of which neither lies in the other.
    """
    told, begin = list[Period](), 0
    for period in periods(text, published):
        if _of_main_verb(text, begin, period):
            told.append(period)
        elif _VERB_NEXT.match(text, period.end):  # "a law passed in 2019": what follows is the main clause
            begin = period.end
    if not told:
        return None
    best = told[0]
    for other in told[1:]:
        between = text[best.end : other.start]
        inside = best.first <= other.first and other.last <= best.last
        if inside and not re.search(r"\band\b", between):
            best = other
        elif not inside and not _reported(between):
            return None
    return best


def asked_period(question: str, as_of: date | None) -> tuple[Period | None, str]:
    """The time that a question is limited to, and the question without it.

    Args:
        question: "What did Lund say last month?", "How many ferries sank since 2019?", "Who won the 2022 election?"
        as_of: the day it is asked; "last month" counts from it, and "since" ends there.

    Returns:
        The period, from `date.min` for "before" and to `date.max` for "after" where no day is known; None and the
        question as it is where it names no time, two that are compared, or the time of something else.
    """
    found = periods(question, as_of)
    if not found or (len(found) > 1 and not _one_stretch(question, found)):
        return None, question
    whole = replace(found[0], last=found[-1].last, end=found[-1].end, text=question[found[0].start : found[-1].end])
    limited = _limited(question, whole, as_of)
    if limited is None or _beside(question, whole):
        return None, question
    cue = _PREPOSITION.search(question, 0, limited.start)
    start = cue.start() if cue else limited.start
    rest = re.sub(r"\s+", " ", f"{question[:start]} {question[limited.end :]}").strip(" ,")
    return limited, re.sub(r"\s+([?.!,])", r"\1", rest)


def agrees(asked: Period, text: str, published: date | None) -> bool | None:
    """Whether a sentence tells of the time that a question asks about.

    Args:
        asked: see `asked_period`.
        text: one sentence.
        published: the day of its article.

    Returns:
        True: it names a time inside the one asked about. False: all that it names lie outside, or its article is older
        than that time and no plan is told. None: it does not say, or says it less exactly ("2022" where March 2022 is
        asked about).
    """
    told = periods(text, published)
    relevant = [limited for p in told if (asked.names or not p.names) and (limited := _limited(text, p, published))]
    if any(asked.first <= p.first and p.last <= asked.last for p in relevant):
        return True
    if any(p.first <= asked.last and asked.first <= p.last for p in relevant):
        return None
    if relevant and (asked.names or event_date(text, published)):
        return False
    older = published is not None and published < asked.first
    return False if older and tense(text, len(text), len(text)) != "future" else None


def _of_main_verb(text: str, begin: int, period: Period) -> bool:
    """Whether a time is that of the event told from text[begin] on, as far as the words around it show."""
    before, behind = text[: period.start], text[period.end :]
    aside = _ASIDE.search(before) and not _WHEN_OF.search(before)
    if period.names or aside or before.count("(") > before.count(")"):
        return False
    clause = re.split(r"[,;:—]|\s[-–]\s", before[begin:])[-1]
    if _UNDER.search(clause) or _COMPARED.search(clause):
        return False
    verbs = [verb[0] for verb in _VERB.finditer(clause)]
    if verbs and _VERB_NEXT.match(behind):  # "a law passed in 2019 was ..."
        return False
    participle = _OBJECTLESS.search(clause)
    if participle and not participle["be"]:
        return False
    if _OPENS_AS_PARTICIPLE.match(clause) and re.match(r"[^,;]*,", behind):  # "the dam, built in 1990, burst"
        return False
    if not verbs:  # "a visit to Lisbon in 2023" hangs on a noun, "In 2023" and "On the night of 3 May" on the verb
        return len(clause.split()) <= MOST_WORDS_OF_A_CUE
    if verbs[0] in _PRESENT and tense(text, period.start, period.end) != "future":  # "is closed after the fire in 2011"
        return False
    # "It kept the rule made in 2016": of two verbs that nothing joins the nearer is a participle.
    last = re.split(r"\b(?:and|that|but|to)\b", clause)[-1]
    doing = [v for v in _VERB.findall(last) if v not in _HELPER and not _TELLING.fullmatch(v)]
    return len(doing) < 2


def _reported(between: str) -> bool:
    """Whether what follows is what somebody says, not a second event: "said on Monday that ..."."""
    return bool(re.search(r"\b(?:that|said|says|told)\b|[“”\":]", between))


def _one_stretch(question: str, found: Sequence[Period]) -> bool:
    """Whether several times follow upon each other as one: "in 2021 and 2022"; "compare" keeps them apart."""
    gaps = [question[a.end : b.start] for a, b in pairwise(found)]
    near = all((b.first - a.last).days == 1 for a, b in pairwise(found))
    return near and all(say.LINK.fullmatch(gap) for gap in gaps) and not re.search(r"(?i)\bcompar|\bdiffer", question)


def _beside(question: str, period: Period) -> bool:
    """Whether a time stands in a clause of its own: "What did Lund, elected in 2022, say?"; not "Who won in 2022?"."""
    before = _BOUND.sub("", question[: period.start])
    clause = re.split(r"[,;:—]", before)[-1]
    opening = _QUESTION_WORD.match(clause) if clause == before else None
    return bool(
        not period.names
        and (
            _UNDER.search(clause, opening.end() if opening else 0)
            or (not opening and _OPENS_AS_PARTICIPLE.match(clause))
        )
    )


def _limited(text: str, period: Period, day: date | None) -> Period | None:
    """The stretch that "since", "before" or "until" make of a time; None where they go with something else."""
    before = text[: period.start]
    bound = _BOUND.search(before)
    if period.names:
        return None if bound else period
    if bound is None or (bound[1].lower() == "from" and _STRETCH.search(period.text)):
        clause = say.SENTENCE_END.split(before)[-1]
        apart = re.search(r"\b(?:before|after|since|until)\b[^,;]*\Z", clause, re.I)
        return None if apart else period
    first, last, word = period.first, period.last, bound[1].lower()
    if word in ("since", "from"):
        last = max(day or date.max, last)
    elif word == "after":
        first, last = min(last, date.max - timedelta(days=1)) + timedelta(days=1), date.max
    elif word in ("before", "prior to", "ahead of"):
        first, last = date.min, max(first, date.min + timedelta(days=1)) - timedelta(days=1)
    elif word != "by":
        first = date.min
    return replace(period, first=first, last=last)

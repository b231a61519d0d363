"""Whether a figure of an account is of what a question about a number asks: its verb, its place, come true. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from rag.check.facts import Word, fold, words
from rag.check.lexicon import NEGATORS
from rag.check.lexicon import words as word_set
from rag.disagree.accounts import PLACE, Reading
from rag.disagree.predicates import AUXILIARIES, clause_around, is_verb
from rag.premise.declarative import PREPOSITIONS, asserted
from rag.premise.subjects import ARTICLES

_AHEAD = re.compile(
    r"\b(?:expect(?:s|ed|ing)?|forecasts?|plan(?:s|ned|ning)?|promis(?:e|es|ed|ing)|predict(?:s|ed)?|project(?:s|ed)|"
    r"will|would|could|might|(?:is|are) to)\b"
)
_AHEAD_BEHIND = re.compile(r"\b(?:will|would|could|might|(?:is|are|was|were) (?:expected|forecast|planned|to))\b")
_PLANNED = re.compile(r"\b(?:expected|forecast|planned|promised|predicted|projected|supposed|meant)\b")
_FURTHER = word_set("another further additional extra")
_EVERYWHERE = re.compile(r"\b(?:worldwide|globally|nationwide|statewide|countrywide|around the world)\b", re.I)
_ASKS = re.compile(r"\bhow (?:many|much)\b", re.I)
_LIGHT = frozenset(
    token.key for token in words("get have be do there take go come make give reach stand remain happen say know")
)
"""Verbs that a source puts in so many other ways that their absence tells nothing."""
_SAME = tuple(
    frozenset(token.key for token in words(line))
    for line in (
        "die died dead death kill killed fatality toll perish body",
        "cost price bill spend spent pay paid worth budget",
        "employ employee employer worker staff workforce payroll",
        "injure injured wound wounded hurt hospitalize hospitalized",
        "arrest detain jail custody",
        "seize confiscate intercept recover haul find found seizure",
        "destroy destroyed burn burned wreck level flatten raze ruin",
        "earn earned make made income profit revenue",
        "confirm record report register count log",
        "displace displaced evacuate evacuated flee fled homeless leave left",
        "join part attend march turn attendance crowd gather participate demonstrate protest",
    )
)


def foretold(tokens: list[Word], at: int) -> bool:
    """Whether a figure, by the index of its first token, is one that is expected, planned or promised."""
    clause = clause_around(tokens, at)
    before = " ".join(t.text for t in clause if t.start < tokens[at].start)
    return bool(_AHEAD.search(before) or _AHEAD_BEHIND.search(" ".join(t.low for t in tokens[at + 1 : at + 7])))


def further(tokens: list[Word], at: int) -> bool:
    """Whether a figure comes on top of another: "another 120 people", "12 more"."""
    return any(t.low in _FURTHER for t in tokens[max(0, at - 2) : at]) or any(
        t.low == "more" for t in tokens[at + 1 : at + 3]
    )


def asks_ahead(question: str) -> bool:
    """Whether a question is about what is to be: "how much was it planned to cost"."""
    return bool(_PLANNED.search(question))


def has_verb(question: str, reading: Reading, at: int) -> bool:
    """Whether the clause of a figure has the verb of the question, or another word for it.

    A clause without a verb ("some 30 people, most of them women, died") is read with its whole sentence.
    """
    wanted = _verb(question)
    if not wanted:
        return True
    tokens = reading.tokens
    clause = clause_around(tokens, at)
    offset = next(i for i, t in enumerate(tokens) if t is clause[0])
    whole = not any(is_verb(tokens, i) for i in range(offset, offset + len(clause)))
    return bool(wanted & {t.key for t in (tokens if whole else clause)})


def in_place(question: str, tokens: list[Word], at: int) -> bool:
    """Whether a place that is asked about stands behind a figure, before the next: "3,200 in Leeds"."""
    places = _places(question)
    end = next((i for i in range(at + 1, len(tokens)) if tokens[i].breaks or tokens[i].digits), len(tokens))
    return any(t.key in places for t in tokens[at + 1 : end])


def elsewhere(question: str, reading: Reading) -> bool:
    """Whether an account names a place, and not the one that is asked about."""
    places = _places(question)
    far = bool(reading.places) or _EVERYWHERE.search(reading.account.quote) is not None
    return bool(places) and far and not places & reading.statement.keys


@lru_cache(maxsize=64)
def _places(question: str) -> frozenset[str]:
    return frozenset(t.key for place in PLACE.findall(fold(question)) for t in words(place) if t.content)


@lru_cache(maxsize=64)
def _verb(question: str) -> frozenset[str]:
    """Keys of the verb of "how many ..." and of other words for it; empty where there is none to look for."""
    match = _ASKS.search(question)
    if not match:
        return frozenset()
    tokens = words(fold(question[match.end() :]))
    helper = next((i for i, t in enumerate(tokens) if t.low in AUXILIARIES), None)
    key = ""
    if helper is None or tokens[helper].low in ("was", "were", "been", "is", "are"):
        after = tokens if helper is None else tokens[helper + 1 :]
        key = next((t.key for i, t in enumerate(after) if i + (helper or 0) and _finite(after, i, helper)), "")
    else:
        rest = fold(question[match.end() :])[tokens[helper].start :] if helper else question[match.end() :]
        if clause := asserted(rest.strip()):
            said = [t for t in words(fold(clause.said)) if t.low not in AUXILIARIES | NEGATORS | {"to"}]
            key = next((t.key for t in said if t.content and not t.low.endswith("ly")), "")
        else:  # "how many people have died"
            after = tokens[helper + 1 :]
            key = after[0].key if after and is_verb(tokens, helper + 1) else ""
    if not key or key in _LIGHT:
        return frozenset()
    return frozenset([key]).union(*(group for group in _SAME if key in group))


def _finite(after: list[Word], i: int, helper: int | None) -> bool:
    """Whether a word behind "how many people" is its verb; of words that may be nouns only the past forms are."""
    token = after[i]
    if not token.content or _PLANNED.fullmatch(token.low) or (i and after[i - 1].low in ARTICLES | PREPOSITIONS):
        return False
    return token.low.endswith("ed") or is_verb(after, i) or (helper is not None and token.low in ("killed", "hurt"))

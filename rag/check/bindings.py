"""Which name a word belongs to: finds claims that join a name of the evidence to what the evidence says of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.check.evidence import Evidence, Statement
from rag.check.facts import Word
from rag.check.lexicon import PAST, PRONOUNS

_TURNS = frozenset(
    ["but", "while", "whereas", "and", "after", "before", "when", "because", "although", "though", "as", "then", "or"]
)

_NEW_SUBJECT = frozenset(["after", "before", "when", "because", "although", "though", "while", "whereas"])


def _runs(statement: Statement) -> list[tuple[int, int, frozenset[str]]]:
    """First token, last token and keys of every name; a first word of the sentence counts here too."""
    place = {t.start: i for i, t in enumerate(statement.tokens)}
    return [(place[r[0].start], place[r[-1].start], frozenset(t.key for t in r)) for r, _ in statement.names]


def _neighbour(tokens: Sequence[Word], at: int, step: int) -> int | None:
    """Index of the next content word that is no name, in the same clause."""
    while 0 <= at < len(tokens) and not tokens[at].breaks and tokens[at].low not in _TURNS:
        if tokens[at].content:
            return at if tokens[at].text[0].islower() else None
        at += step
    return None


def _segment(statement: Statement, at: int, runs: list[tuple[int, int, frozenset[str]]]) -> int:
    """Start of the part of the sentence in which the subject of the word `at` is looked for."""
    for i in range(at - 1, -1, -1):
        token = statement.tokens[i]
        joins = any(last == i - 1 for _, last, _ in runs) and any(
            first in (i + 1, i + 2) and first < at for first, _, _ in runs
        )
        if token.text == ";" or (token.low in _TURNS and not joins):
            return i + 1
    return 0


def _doer_differs(name: frozenset[str], at: int, statement: Statement) -> bool:
    """Whether the evidence has the word at index `at` of somebody else than `name`."""
    runs = _runs(statement)
    start = _segment(statement, at, runs)
    here = [keys for first, last, keys in runs if start <= first and last < at]
    if here:
        return not any(name & keys for keys in here)
    if any(t.low in PRONOUNS for t in statement.tokens[start:at]):
        return False
    own = [t for t in statement.tokens[start:at] if t.content and not t.number and not t.low.endswith(("ing", "ly"))]
    if own and start and statement.tokens[start - 1].low in _NEW_SUBJECT:
        return True
    subject = next((keys for _, last, keys in runs if last < start), None)
    return bool(subject and not name & subject and statement.tokens[start - 1].low in ("and", "but"))


def _target_differs(name: frozenset[str], at: int, statement: Statement) -> bool:
    """Whether another name than `name` follows the word at index `at`, with a verb or a comma before `name` comes."""
    after = [run for run in _runs(statement) if run[0] > at]
    if not after or name & after[0][2]:
        return False
    own = next((run for run in after if name & run[2]), None)
    if own is None or after[0][0] - at > 4:
        return False
    between = statement.tokens[after[0][1] + 1 : own[0]]
    return any(t.low in PAST or t.low.endswith(("ed", "ing")) or t.low in _TURNS - {"and", "or"} for t in between)


def _acts(word: Word) -> bool:
    return word.low in PAST or word.low.endswith("ed")


def other_doer(claim: Statement, statement: Statement) -> tuple[str, str] | None:
    """(noun, verb) of the claim where the evidence has the noun do something else and somebody nearer do the verb."""
    row = [t for t in claim.tokens if t.content]
    keys = [t.key for t in statement.tokens]
    for noun, verb in pairwise(row):
        if not _acts(verb) or _acts(noun) or noun.key not in keys or verb.key not in keys:
            continue
        at, start = keys.index(verb.key), keys.index(noun.key)
        lead = next((t for t in reversed(statement.tokens[:at]) if not t.low.endswith("ly")), None)
        joined = lead is None or lead.low in (
            "and",
            "or",
            "but",
            ",",
            "then",
            "was",
            "were",
            "is",
            "are",
            "has",
            "have",
            "had",
        )
        if start < at and not joined and any(_acts(t) for t in statement.tokens[start + 1 : at]):
            return noun.text, verb.text
    return None


def misbound(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[tuple[str, str]]:
    """(name, word) pairs of the claim that the evidence does not join: it has another name there."""
    passive = any(t.low == "by" for s in (claim, *picked) for t in s.tokens)
    for first, last, name in _runs(claim):
        if name & evidence.initials or not any(name & keys for s in evidence.statements for _, _, keys in _runs(s)):
            continue
        sides = [
            (_neighbour(claim.tokens, last + 1, 1), _doer_differs),
            (_neighbour(claim.tokens, first - 1, -1), _target_differs),
        ]
        for at, differs in sides:
            if at is None or (passive and differs is _doer_differs):
                continue
            key = claim.tokens[at].key
            places = [(s, i) for s in picked for i, t in enumerate(s.tokens) if t.key == key]
            if places and all(differs(name, i, s) for s, i in places):
                yield " ".join(t.text for t in claim.tokens[first : last + 1]), claim.tokens[at].text

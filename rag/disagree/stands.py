"""Whether something is so, as an account has it: yes or no. Pure, by rules."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.check.lexicon import OPPOSITE_OF, stem
from rag.check.lexicon import words as word_set
from rag.disagree.accounts import Reading
from rag.disagree.actors import has_subject, is_noun, is_of, is_passive, takes_back
from rag.disagree.predicates import (
    OR,
    asked_clause,
    clause_around,
    is_negated,
    is_open,
    rest_of,
    speaks_of,
    stems,
    verb_of,
)

_TAKEN_BACK = re.compile(
    r"\b(?:den(?:y|ies|ied)|reject(?:s|ed)?|dismiss(?:es|ed)?|disput(?:es|ed)|refut(?:es|ed))\s+(?:\w+\s+){0,3}?"
    r"(?:it|this|that|(?:accusation|allegation|charge|claim|report|statement)s?)\b",
    re.I,
)
_UP = word_set("rise increase grow climb soar surge gain jump expand swell triple double boom improve sped accelerate")
_DOWN = word_set("fall decrease decline drop plunge shrink sink slump slow halve dwindle recede contract slowed")
_PAIRS = (
    (_UP, _DOWN),
    (word_set("approve accept back pass endorse adopt"), word_set("reject refuse oppose block veto decline")),
    (word_set("invite include"), word_set("exclude omit snub uninvite")),
    (word_set("open reopen"), word_set("close shut")),
    (word_set("keep retain"), word_set("abandon lose")),
    (word_set("resign quit leave"), word_set("stay remain")),
    (word_set("resume continue"), word_set("suspend halt stop")),
    (word_set("attend join"), word_set("skip boycott")),
)
_SIDES = {
    root: (stems(own), stems(other))
    for left, right in _PAIRS
    for own, other in ((left, right), (right, left))
    for root in stems(own)
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something is so, by one account."""

    text: str
    yes: bool

    def same(self, other: Verdict) -> bool:
        """Whether both say yes, or both no."""
        return self.yes == other.yes


def verdict(question: str, reading: Reading) -> Verdict | None:
    """Whether an account says yes or no to a question; None where it says neither for certain.

    Of a choice ("has it grown or shrunk?") the first is asked about, and the account's own verb is the value.
    """
    asked = asked_clause(question)
    if asked is None:
        return None
    subject, said = asked
    tokens = reading.tokens
    verb, rest = verb_of(said, reading), rest_of(question)
    topic = {t.key for t in [*subject, *said] if t.content and t is not verb}
    if not speaks_of(reading, subject, topic):
        return None
    own, other = _SIDES.get(stem(verb.low), (frozenset[str](), frozenset[str]()))
    other |= OPPOSITE_OF.get(stem(verb.low), frozenset())
    passive = any(is_passive(rest, i) for i, t in enumerate(rest) if t.key == verb.key)
    best: tuple[int, bool, str] | None = None
    for i, token in enumerate(tokens):
        root = stem(token.low)
        agrees = token.key == verb.key or root in own
        if not (agrees or root in other) or not token.text[0].islower() or is_noun(tokens, i):
            continue
        if not has_subject(reading, i, subject, passive=passive) or not is_of(reading, i, rest, verb):
            continue
        if not question.lower().startswith(("will", "would")) and is_open(reading, token):
            continue
        shared = len(topic & {t.key for t in clause_around(tokens, i)})
        yes = agrees != is_negated(reading, i)
        if best is None or shared > best[0]:
            best = (shared, yes, token.text if agrees == yes else f"not {token.text}")
    if best is None:
        denied = _TAKEN_BACK.search(reading.account.quote) and takes_back(reading, verb, subject)
        return Verdict("no", yes=False) if denied else None
    return Verdict(best[2] if OR.search(question) else "yes" if best[1] else "no", yes=best[1])

"""What a question asks about whom, and how a sentence has its verb: denied, left open, of the same subject. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from functools import lru_cache

from rag.check.facts import Word, fold, words
from rag.check.lexicon import NEGATORS, PAST, PRONOUNS, stem
from rag.check.lexicon import words as word_set
from rag.check.stance import Reach
from rag.disagree.accounts import Reading
from rag.premise.declarative import PREPOSITIONS, asserted
from rag.premise.verbs import finite, is_participle

MOST_SHARED = 0.7
"""The share where the verb that is asked about cannot be told. Both are choices, tried on dev questions."""

LEAST_SHARED = 0.5
"""Share of the question's other words that an account, with its title and lead, must have to speak of the same."""
BE = word_set("is are was were be been being got")
AUXILIARIES = BE | word_set("has have had did does do will would can could shall should may might must")
_NOTHING = word_set("no nothing none nobody neither")
_LIMITS = word_set("only just merely simply")
_NEGATED_REACH = 4  # tokens between "not" or "denied that she" and the verb
OR = re.compile(r",?\s+or\b", re.I)
_ASIDE = re.compile(r"\b(?:since|after|before|when|while|because|although)\b", re.I)
_WHEN = re.compile(r"^\W*(?:(?:in|on) )?(?:when|(?:what|which) (?:year|day|date|month|time))\s+", re.I)
_ASKING = frozenset(stem(word) for word in word_set("year day date month time number share percentage amount"))


def stems(verbs: Iterable[str]) -> frozenset[str]:
    """Stems of verbs and of their past forms, which are not always the same."""
    return frozenset(root for verb in verbs for root in (stem(verb), stem(finite(verb, "did"))))


@lru_cache(maxsize=64)
def topic_of(question: str) -> frozenset[str]:
    """Keys of the content words of a question."""
    return frozenset(word.key for word in words(fold(question)) if word.content)


def tells_of(question: str, reading: Reading, *, whole: bool = False) -> bool:
    """Whether an account has enough of the words of a question about a figure or a date to answer it.

    Args:
        question: what is asked.
        reading: the account.
        whole: whether the sentence itself must have them, the verb among them; else what stands before it may help.
    """
    topic = topic_of(question) - _ASKING
    asked = asked_clause(_WHEN.sub("", question)) if whole else None
    if asked is None:
        share, there = (MOST_SHARED, reading.statement.keys) if whole else (LEAST_SHARED, reading.keys)
        return len(topic & there) >= share * len(topic)
    return verb_of(asked[1], reading).key in reading.statement.keys and speaks_of(reading, asked[0], topic)


def verb_of(said: Sequence[Word], reading: Reading) -> Word:
    """The verb among the first two words of what is asked: an account shows it where a subject may go on in the first.

    Of "did the mill plant pollute it" the question alone does not tell whether the mill plants or pollutes.
    """
    forms = {token.key for i, token in enumerate(reading.tokens) if is_verb(reading.tokens, i)}
    near = [t for t in said[:2] if t.start <= said[0].end + 1]  # in "attend the opening" the second is no verb
    return next((t for t in near if t.key in forms and t.text[0].islower()), said[0])


@lru_cache(maxsize=64)
def asked_clause(question: str) -> tuple[tuple[Word, ...], tuple[Word, ...]] | None:
    """The words of the subject of a yes/no question, the content words of the rest, the verb among the first two."""
    clause = asserted(OR.split(question)[0])
    if clause is None:
        return None
    said = [t for t in words(fold(_ASIDE.split(clause.said)[0])) if t.content and t.low not in NEGATORS]
    said = [t for t in said if not t.low.endswith("ly") and t.low not in PREPOSITIONS]
    return (tuple(words(fold(clause.subject))), tuple(said)) if said else None


@lru_cache(maxsize=64)
def rest_of(question: str) -> tuple[Word, ...]:
    """All words that a yes/no question has behind its subject, as a statement; empty where it is none."""
    clause = asserted(OR.split(question)[0])
    return tuple(words(fold(clause.said))) if clause else ()


def speaks_of(reading: Reading, subject: Sequence[Word], topic: Set[str]) -> bool:
    """Whether an account names the subject itself, or points to it, and enough of the rest with what is before it."""
    end = next((i for i, t in enumerate(subject) if i and t.low in PREPOSITIONS), len(subject))
    heads = [t.key for t in subject[:end] if t.content]
    named = not heads or heads[-1] in reading.statement.keys
    if not named and not any(t.low in PRONOUNS for t in reading.tokens):
        return False
    needed = LEAST_SHARED * len(topic)
    return len(topic & reading.statement.keys) >= needed or len(topic & reading.keys) >= needed


def is_verb(tokens: list[Word], i: int) -> bool:
    """Whether a word has the form or the place of a verb: "ordered", "did not order"."""
    low = tokens[i].low
    helped = any(t.low in AUXILIARIES or t.low == "to" for t in tokens[max(0, i - 3) : i])
    return low in PAST or is_participle(low) or helped


def is_negated(reading: Reading, i: int) -> bool:
    """Whether the verb at a place is denied: an odd number of negators or denials shortly before it."""
    tokens = reading.tokens
    count = 0
    for negation in reading.statement.negations:
        reach = range(i - 1, max(-1, i - 2 - _NEGATED_REACH), -1)
        at = next((k for k in reach if tokens[k].low == negation.word), None)
        limits = at is not None and tokens[at + 1].low in _LIMITS  # "did not just attend": attended and more
        count += at is not None and not limits and _reaches(negation, tokens[at:i], tokens[i])
    count += any(t.low == "unlikely" for t in tokens[max(0, i - 3) : i])
    count += any(t.low in _NOTHING for t in tokens[i + 1 : i + 2])
    return count % 2 == 1


def is_open(reading: Reading, verb: Word) -> bool:
    """Whether a sentence leaves open if what it says of a verb is so: may, plans to, if, tried to."""
    return any(
        hedge.kind != "alleged"
        and hedge.word != "mayor"
        and (hedge.head == verb.key or (hedge.kind == "condition" and verb.key in hedge.scope))
        for hedge in reading.statement.hedges
    )


def _reaches(negation: Reach, between: list[Word], verb: Word) -> bool:
    others = [t for t in between[1:] if t.content and not t.low.endswith("ly") and t.low not in ("longer", "ever")]
    return negation.head == verb.key or (verb.key in negation.scope and (negation.kind == "deny" or len(others) <= 1))


def clause_around(tokens: list[Word], i: int) -> list[Word]:
    """The tokens of the clause around a place."""
    turns = ("but", "though", "although", "while")
    start = next((j + 1 for j in range(i - 1, -1, -1) if tokens[j].breaks or tokens[j].low in turns), 0)
    end = next((j for j in range(i + 1, len(tokens)) if tokens[j].breaks or tokens[j].low in turns), len(tokens))
    return tokens[start:end]

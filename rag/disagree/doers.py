"""Who did it, as an account has it. Pure, by rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rag.check.facts import Word, fold, words
from rag.check.lexicon import NEGATORS, PRONOUNS, SPEECH, STOP, SYNONYM_OF, TITLES
from rag.check.lexicon import words as word_set
from rag.disagree.accounts import Reading
from rag.disagree.predicates import AUXILIARIES, BE, LEAST_SHARED, is_negated, is_verb, stems, topic_of
from rag.premise.verbs import is_participle

_WHO = re.compile(r"^\s*(?:and |but |so )?(?:who|by whom|(?:which|what) (?:[a-z]+ )?[a-z]+)\s+(?=\w)", re.I)
_UNIQUE = stems(
    word_set(
        "win order found discover design invent write lead chair head buy acquire own replace succeed direct command "
        "start begin cause fire leak build paint compose coin establish create launch elect appoint name choose crown "
        "nominate captain score host run develop sell steal set commit mastermind sink drive pilot rule govern mayor "
        "president chairman director governor minister"
    )
)
"""What one alone does or is: two names there differ. Many may say, back, attend or oppose the same thing."""
_WONDERS = SPEECH | word_set(
    "say tell know knows knew known ask asks asked wonder wondered of about reveal clear unclear"
)
"""Words before a "who" that asks, where it does not stand for a noun."""
_UNIQUE_KEYS = frozenset(SYNONYM_OF.get(root, root) for root in _UNIQUE)


@dataclass(frozen=True, slots=True)
class Doer:
    """Who holds a place in what is told: "Mayor Faldo" of "Mayor Faldo ordered the closure".

    Attributes:
        names: keys of the last words of the names there; empty where only a common noun stands.
        noun: key of that noun.
        denied: whether it is said that they are not the one.
    """

    text: str
    names: frozenset[str]
    noun: str
    denied: bool

    def same(self, other: Doer) -> bool:
        """Whether both may be right."""
        one = bool(self.names & other.names) or not (self.names or other.names)
        if self.denied or other.denied:
            return self.denied == other.denied or not one
        return bool(self.names & other.names) or not (self.names and other.names)


def doer(question: str, reading: Reading) -> Doer | None:
    """Who an account names in the place that a "who" question asks for; None where it does not say."""
    verb, patient = _asked_verb(question)
    tokens = reading.tokens
    if verb not in _UNIQUE_KEYS or verb not in reading.statement.keys:
        return None
    asked = topic_of(question)
    if len((asked - {verb}) & reading.keys) < LEAST_SHARED * len(asked - {verb}):
        return None
    for i, token in enumerate(tokens):
        if token.key != verb or not is_verb(tokens, i) or _is_asked(tokens, i):
            continue
        passive = is_participle(token.low) and any(t.low in BE for t in tokens[max(0, i - 3) : i])
        if passive and not patient:
            by = next((j for j in range(i + 1, min(i + 8, len(tokens))) if tokens[j].low == "by"), None)
            span = _forward(tokens, by + 1) if by else []
        elif patient and not passive:
            span = _forward(tokens, i + 1)
        else:
            span = _backward(tokens, i)
        if span and (found := _named(span, asked, tokens, denied=is_negated(reading, i))):
            return found
    return None


@lru_cache(maxsize=64)
def _asked_verb(question: str) -> tuple[str, bool]:
    """Key of the verb of a "who" question, and whether the one asked for suffers it; "" where there is none."""
    match = _WHO.match(question)
    if not match:
        return "", False
    rest = words(fold(question[match.end() :]))
    auxiliary = ""
    for i, token in enumerate(rest):
        if token.low in AUXILIARIES:
            auxiliary = token.low
        elif token.content and not token.low.endswith("ly"):
            inverted = auxiliary in ("did", "does", "do") or (auxiliary and not is_participle(token.low) and i == 1)
            if inverted and auxiliary not in ("will", "would"):
                return "", False
            return token.key, auxiliary in BE and is_participle(token.low) and not token.low.endswith("ing")
    return "", False


def _backward(tokens: list[Word], i: int) -> list[Word]:
    """What stands before a verb as its subject: "Brandt" of "Brandt, the architect, designed"."""
    j = i - 1
    while j >= 0 and (tokens[j].low in AUXILIARIES | NEGATORS | {"now", "also", "to"} or tokens[j].low.endswith("ly")):
        j -= 1
    if j >= 0 and tokens[j].text == ",":  # an aside ends here
        opening = next((k for k in range(j - 1, -1, -1) if tokens[k].text == ","), None)
        j = opening - 1 if opening else j - 1
    end = j + 1
    while j >= 0 and not tokens[j].breaks and tokens[j].low not in SPEECH | {"that", "but", "while", "when", "after"}:
        j -= 1
    return tokens[j + 1 : end]


def _is_asked(tokens: list[Word], i: int) -> bool:
    """Whether a sentence only has the question: "did not say who stole it", "asked who had stolen it"."""
    who = next((j for j in range(i - 1, max(-1, i - 4), -1) if tokens[j].low == "who"), None)
    return who is not None and (who == 0 or tokens[who - 1].low in _WONDERS)


def _forward(tokens: list[Word], start: int) -> list[Word]:
    end = next(
        (j for j in range(start, len(tokens)) if tokens[j].breaks or tokens[j].low in ("who", "which", "of", "in")),
        len(tokens),
    )
    return tokens[start:end]


def _named(span: list[Word], asked: frozenset[str], tokens: list[Word], *, denied: bool) -> Doer | None:
    """The names in a stretch of words, or its last noun; of a pronoun the one who speaks in the sentence."""
    if all(t.low in PRONOUNS or not t.content for t in span):
        at = next((k for k, t in enumerate(tokens) if t.low in SPEECH), None)
        span = _backward(tokens, at) if at else []
        if not span or all(t.low in PRONOUNS for t in span):
            return None
    runs: list[list[Word]] = []
    for before, token in zip([None, *span], span, strict=False):
        if token.text[0].isupper() and token.content and token.key not in asked:
            if runs and runs[-1][-1] is before:
                runs[-1].append(token)
            else:
                runs.append([token])
    runs = [run for run in runs if not (len(run) == 1 and run[0] is span[0] and len(runs) > 1)]
    joined = any(t.low == "and" for t in span)
    kept = runs if joined else runs[-1:]
    if kept:
        text = " and ".join(" ".join(t.text for t in run if t.low not in TITLES) for run in kept)
        names = frozenset(run[-1].key for run in kept)
        return Doer(f"not {text}" if denied else text, names, "", denied)
    nouns = [t for t in span if t.content and t.key not in asked and t.low not in STOP]
    return Doer(" ".join(t.text for t in nouns), frozenset(), nouns[-1].key, denied) if nouns else None

"""Whether a verb of an account is that of the one a yes/no question asks about, and of what it asks. Pure, by rules.

Wherever the grammar leaves it open the answer is no: a missed dispute misleads less than a false one.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from rag.check.facts import Word, names, sentence_texts, words
from rag.check.lexicon import NEGATORS, PRONOUNS, SPEECH, stem
from rag.disagree.accounts import Reading
from rag.disagree.predicates import AUXILIARIES, BE, clause_around, is_verb, stems
from rag.premise.declarative import PREPOSITIONS
from rag.premise.subjects import ARTICLES
from rag.premise.verbs import is_participle

_NO_NOUN_AFTER = (ARTICLES - {"that"}) | (PREPOSITIONS - {"to"}) | {"another", "every", "each", "own"}
_SHORT_IS = frozenset(["it's", "he's", "she's", "that's", "there's", "who's", "what's"])
_RELATIVES = frozenset(["who", "which", "that"])

_MUTUAL = stems(["meet", "marry", "divorce", "fight", "talk", "negotiate", "clash", "agree", "debate", "date"])
"""What one does with another, the other does as well: whoever is asked about may stand behind it."""


def is_noun(tokens: list[Word], i: int) -> bool:
    """Whether a word that may be a verb stands where only a noun can: "the start", "its cuts", "Mena's opening"."""
    j = i - 1
    while j >= 0 and tokens[j].low.endswith("ly"):
        j -= 1
    if j < 0:
        return False
    before = tokens[j].text.lower()
    owner = before.endswith(("'s", "s'")) and before not in _SHORT_IS
    return owner or (tokens[j].low in _NO_NOUN_AFTER and tokens[j].text != "May")


def is_passive(tokens: Sequence[Word], i: int) -> bool:
    """Whether the verb at a place is suffered: "was invited"; "is suspending" is not."""
    low = tokens[i].low
    return is_participle(low) and not low.endswith("ing") and any(t.low in BE for t in tokens[max(0, i - 3) : i])


def has_subject(reading: Reading, i: int, subject: Sequence[Word], *, passive: bool) -> bool:
    """Whether the verb at a place may have the subject that is asked about.

    Args:
        reading: the account.
        i: place of the verb.
        subject: the words of the subject in the question.
        passive: whether the question asks what was done to the subject.
    """
    heads = _heads(subject)
    if not heads:
        return True
    if any(t.low == "and" for t in subject) and not {run[-1].key for run, _ in names(list(subject))} <= reading.keys:
        return False  # of "did Holm and Berg meet"
    tokens = reading.tokens
    before = _before(tokens, i)
    after = {t.key for t in clause_around(tokens, i) if t.start > tokens[i].start}
    if heads & after and (is_passive(tokens, i) != passive or stem(tokens[i].low) in _MUTUAL):
        return True  # "Jo Berg invited the mayor" of "was the mayor invited", "it was cut by Acme" of "did Acme cut it"
    if heads & {t.key for t in _core(before)}:
        return True
    if heads & (after | {t.key for t in before}) or names(before):
        return False
    if any(t.low in PRONOUNS for t in before):
        return bool(heads & (reading.keys - after))
    return bool(heads & {t.key for t in tokens[:i]})


def is_of(reading: Reading, i: int, said: Sequence[Word], verb: Word) -> bool:
    """Whether the clause of a verb has the figures and the names that a question has besides its subject.

    Args:
        reading: the account.
        i: place of the verb.
        said: what the question says of its subject, as words.
        verb: its verb.
    """
    if any(t.number for t in said) and not {t.key for t in said if t.number} <= {t.key for t in reading.tokens}:
        return False
    missing = {run[-1].key for run, _ in names(list(said)) if run[-1] is not verb} - reading.statement.keys
    rivals = names(reading.tokens[i + 1 :])
    return not missing or (not rivals and not reading.places and missing <= reading.keys)


def takes_back(reading: Reading, verb: Word, subject: Sequence[Word]) -> bool:
    """Whether what an account denies ("denied it") is what is asked: it, or the sentence before it, has the verb."""
    if verb.key in reading.statement.keys:
        return True
    last = sentence_texts(reading.account.before)[-1:]
    keys = {t.key for text in last for t in words(text)}
    return verb.key in keys and bool(_heads(subject) & (keys | reading.statement.keys) or not _heads(subject))


def _heads(subject: Sequence[Word]) -> Set[str]:
    """Keys of the words that name a subject: "deputy" of "Mena's deputy", "mayor" of "the mayor of Lund"."""
    end = next((i for i, t in enumerate(subject) if i and t.low in PREPOSITIONS), len(subject))
    start = next((i + 1 for i in range(end - 1) if subject[i].text.lower().endswith(("'s", "s'"))), 0)
    return frozenset(t.key for t in subject[start:end] if t.content)


def _before(tokens: list[Word], i: int) -> list[Word]:
    """What stands before a verb as its subject, with what a comma or "who" joins to it."""
    j = i - 1
    while j >= 0 and (_helps(tokens[j]) or tokens[j].low in _RELATIVES):
        j -= 1
    aside = j >= 0 and tokens[j].text == ","
    start = 0
    for k in range(j, -1, -1):
        told = tokens[k].low in SPEECH and k < j
        turn = tokens[k].low in ("but", "while", "although", "though", "that") and k < j
        joined = tokens[k].low == "and" and any(is_verb(tokens, m) for m in range(k))
        if told or turn or (joined and k < j) or (tokens[k].breaks and not aside):
            start = k + 1
            break
    return tokens[start : j + 1]


def _helps(token: Word) -> bool:
    return token.low in AUXILIARIES | NEGATORS | {"to", "now", "also", "yet", "still"} or token.low.endswith("ly")


def _core(before: list[Word]) -> list[Word]:
    """A subject without what a preposition joins to it: "ties" of "ties with Peru"; "of" and one that opens it stay."""
    found: list[Word] = []
    joined = False
    for i, token in enumerate(before):
        joined = not token.breaks and (joined or (i > 0 and token.low in PREPOSITIONS - {"of", "since"}))
        found += [] if joined else [token]
    return found

"""The words around a verb: its group ("had never been"), what stands right after it, whether it is suffered. Pure."""

from __future__ import annotations

from rag.check.facts import Word
from rag.check.lexicon import DENIAL_STEMS, NEGATORS, stem
from rag.check.lexicon import words as word_set
from rag.premise.declarative import PREPOSITIONS
from rag.premise.subjects import ARTICLES, TIMES
from rag.premise.verbs import is_participle

BE = word_set("is are was were be been being got am")
HELPERS = BE | word_set("later finally eventually longer ever also still has have had having do does did will shall")
_MANNER = word_set(
    "formally officially recently previously quickly immediately unanimously publicly openly sharply slightly narrowly "
    "overwhelmingly subsequently briefly quietly privately personally repeatedly fully completely actually really "
    "swiftly suddenly promptly directly clearly firmly flatly strongly heavily steadily rapidly slowly temporarily "
    "secretly illegally legally lawfully unlawfully forcibly violently fatally seriously severely badly jointly "
    "explicitly simultaneously ultimately already duly angrily reluctantly successfully democratically"
)
"""Adverbs that leave what is said true; "nearly" or "allegedly" does not, so no other one is passed over."""
TURNS = word_set("but while although though because when which who whereas however after before since that and")
NONE = word_set("no none nobody nothing")
_REFUSALS = DENIAL_STEMS - {stem(word) for word in ("deny", "dispute", "lack", "reject")}


def group_of(tokens: list[Word], at: int) -> tuple[int, int]:
    """Where the verb group that ends at a place begins ("had never been formally"), and how often it is denied."""
    first, denials = at, 0
    while first > 0:
        token = tokens[first - 1]
        to = first > 1 and token.low == "to" and tokens[first - 2]
        if to and (stem(to.low) in _REFUSALS or to.low == "yet"):  # "refused to sign", "has yet to sign"
            denials, first = denials + 1, first - 2
            continue
        longer = token.low == "no" and tokens[first].low == "longer"
        if longer or (token.low in NEGATORS and token.low not in NONE):
            denials += 1
        elif not (_is_helper(tokens, first - 1) or (token.low in ARTICLES and is_copular(tokens, first - 1))):
            break
        first -= 1
    return first, denials


def _is_helper(tokens: list[Word], i: int) -> bool:
    token = tokens[i]
    return token.low in HELPERS | _MANNER or (token.low == "yet" and i > 0 and tokens[i - 1].low in NEGATORS)


def complement(tokens: list[Word], at: int) -> tuple[str, tuple[str, ...]]:
    """The preposition and the content keys of what stands right after a word, times left out."""
    preposition = ""
    keys: list[str] = []
    if at + 1 < len(tokens) and tokens[at + 1].low == "no":
        at += 1
    for token in tokens[at + 1 : at + 8]:
        if token.breaks or token.low in TURNS or token.low in NEGATORS:
            break
        if token.low in PREPOSITIONS:
            if preposition or keys:
                break
            preposition = token.low
        elif token.content and not token.low.endswith("ly"):
            keys.append(token.key)
    near = [t for t in tokens[at + 1 : at + 8] if not t.low.startswith("mayor")]  # its stem is that of "May"
    timely = any(key.isdecimal() or any(t.key == key and key in TIMES for t in near) for key in keys)
    return ("", ()) if timely or not keys else (preposition, tuple(keys))


def is_copular(tokens: list[Word], i: int) -> bool:
    """Whether a form of "be" stands within three words before."""
    return any(t.low in BE for t in tokens[max(0, i - 3) : i])


def is_passive(group: list[Word], token: Word) -> bool:
    """Whether a verb group says what somebody suffers: "was invited"."""
    be = any(t.low in BE for t in group)
    return be and is_participle(token.low) and not token.low.endswith("ing")


def is_none(tokens: list[Word], i: int) -> bool:
    """Whether a negator says that there is none: "no sailors", "nobody"; "No, it was gas" does not."""
    return tokens[i].low in NONE and (tokens[i].low != "no" or (i + 1 < len(tokens) and tokens[i + 1].content))


def other_side(after: list[Word], *, passive: bool) -> list[Word]:
    """Whom a verb is said of when it is turned round: who stands behind "by", or what it is done to."""
    if passive:
        by = next((k for k, t in enumerate(after) if t.low == "by"), len(after))
        return after[by + 1 :]
    return after[: next((k for k, t in enumerate(after) if t.breaks or t.low in PREPOSITIONS | TURNS), len(after))]

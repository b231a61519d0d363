"""Of whom a verb is said: the subject of a verb group, found by looking left from it. Pure."""

from __future__ import annotations

from rag.check.evidence import TITLE_KEYS
from rag.check.facts import Word
from rag.check.lexicon import PRONOUNS, stem
from rag.check.lexicon import words as word_set
from rag.premise.declarative import PREPOSITIONS

ARTICLES = word_set("a an the this that these those his her its their no any some such")
TIMES = frozenset(
    stem(word)
    for word in word_set(
        "year month week day decade time today yesterday tomorrow monday tuesday wednesday thursday friday saturday "
        "sunday january february march april may june july august september october november december morning night "
        "spring summer autumn"
    )
)
"""Keys of words that tell when."""


def head(tokens: list[Word]) -> str | None:
    """Key of a subject's head: "the governor of Norrland" gives that of "governor"."""
    end = next((i for i, t in enumerate(tokens) if i and t.low in PREPOSITIONS), len(tokens))
    content = [t for t in tokens[:end] if t.content]
    plain = [t for t in content if t.key not in TITLE_KEYS] or content
    return plain[-1].key if plain else None


def is_subject(tokens: list[Word], end: int, who: str, earlier: list[Word]) -> bool:
    """Whether the nearest thing that can be the subject of the verb group at `end` is the one wanted."""
    i = end - 1
    if i >= 0 and tokens[i].low in ("and", "then"):  # "X accepted the plan and rejected the offer"
        start = next((j + 1 for j in range(i, -1, -1) if tokens[j].breaks), 0)
        i = next((j for j in range(start, i) if tokens[j].content and tokens[j].key not in TITLE_KEYS), -1)
        while 0 <= i < end - 2 and tokens[i + 1].text[0].isupper() and tokens[i].text[0].isupper():
            i += 1
        return i >= 0 and tokens[i].key == who
    while i >= 0:
        token = tokens[i]
        if token.text == ",":
            i = _before_aside(tokens, i)
            continue
        if token.text in '.;:"?!()':
            return False
        if token.low in PRONOUNS and token.low not in ("who", "his", "her", "their"):
            return _is_meant(token, tokens[:i] or earlier, who)
        if token.content and (token.key not in TITLE_KEYS or token.key == who):
            preposition = _preposition_of(tokens, i)
            if preposition is None:
                return token.key == who
            i = preposition
        i -= 1
    return False


def _before_aside(tokens: list[Word], comma: int) -> int:
    """Index before "Petro, the president," when a comma ends such an aside; else before the comma."""
    for j in range(comma - 1, max(-1, comma - 14), -1):
        if tokens[j].text == "," and tokens[j + 1].low in ("the", "a", "an", "who", "whose", "which", "his", "her"):
            return j - 1
        if tokens[j].text in '.;:"':
            break
    return comma - 1


def _preposition_of(tokens: list[Word], i: int) -> int | None:
    """Index of the preposition that the words around a noun hang on, None where they hang on none."""
    j = i - 1
    joins = ("and", "or")  # "friends of Berg and Lund" are not Lund
    while j >= 0 and j > i - 8 and (tokens[j].content or tokens[j].low in ARTICLES or tokens[j].low in joins):
        if tokens[j].low in PREPOSITIONS:  # "near" is a content word, too
            break
        if tokens[j].breaks or tokens[j].digits or tokens[j].key in TIMES:  # "in 2024 salmon farming grew"
            return None
        j -= 1
    return j if j >= 0 and tokens[j].low in PREPOSITIONS and tokens[j].low != "since" else None


def _is_meant(pronoun: Word, before: list[Word], who: str) -> bool:
    """Whether "he" can only be the one wanted: no other name stands before it. "It" and "they" are never sure."""
    if pronoun.low not in ("he", "she"):
        return False
    runs: list[list[Word]] = []
    for i, token in enumerate(before):
        if token.text[0].isupper() and token.content and token.key not in TITLE_KEYS | TIMES:
            if runs and i and before[i - 1] is runs[-1][-1]:
                runs[-1].append(token)
            else:
                runs.append([token])
    # A capital at the start of a title or sentence is often no name: only what is the subject's matters there.
    last = {run[-1].key for run in runs if run[0] is not before[0] or run[-1].key == who}
    return last == {who}

"""Which of the ranked sentences make the answer, by the kind of question: all of a list, or a summary. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from index.articles import Article
from index.sparse import terms
from rag.check.lexicon import stem
from rag.extract import Candidate, choose, repeats
from rag.times.timeline import Entry, entries
from rag.units import units

MOST_LISTED = 8
"""Sentences in the answer to a question that wants all of something."""

LIST_GAP = 2.5
"""How far below the best a sentence of a list may score (logits): what else there is need not say it as well."""

_OPEN = re.compile(
    r"\b(?:almost|nearly|would have|expected to|yet to|not|never|refus(?:ed|es|ing) to|declin(?:ed|es|ing) to|"
    r"without|n['’]t|neither|nor|may|might|could)\b",
    re.I,
)
"""Words of a sentence that tells who did not, or may: such a one does not go on a list of those who did."""

_GOES_ON = re.compile(r"\b(?:also|as well|too|likewise|another|others?|in addition|additionally|besides)\b", re.I)

MOST_A_DAY = 2
"""Entries of a timeline for one day: a long report of one day must not be all of it."""

MOST_SUMMED_UP = 6
"""Sentences in a summary."""


def listed(ranked: Sequence[Candidate], question: str, floor: float) -> list[Candidate]:
    """All sentences that answer, each with something that those before it do not have.

    A sentence that goes on from one of them ("Chile's president was there as well.") belongs to the list too, however
    little it says of the question.
    """
    found: list[Candidate] = []
    told: set[str] = set()
    open_ = bool(_OPEN.search(question))
    for candidate in choose(ranked, question, 3 * MOST_LISTED, LIST_GAP, floor):
        if found and not open_ and _OPEN.search(candidate.text):
            continue
        new = _matter(candidate.text) - told
        if (not found or len(new) >= 2) and len(found) < MOST_LISTED:
            found.append(candidate)
            told |= new
    further = [c for c in ranked if _GOES_ON.search(c.text) and any(_follows(c, other) for other in found)]
    return found + [c for c in further if not any(repeats(c, other) for other in found)][: MOST_LISTED - len(found)]


def storyline(ranked: Sequence[Candidate], floor: float) -> list[Entry[Candidate]]:
    """What happened when: sentences with the time they tell of, in the order of time."""
    told = entries([c for c in ranked if c.score >= floor], len(ranked))
    kept: list[Entry[Candidate]] = []
    for entry in sorted(told, key=lambda e: -e.candidate.score):
        if sum(other.date == entry.date for other in kept) < MOST_A_DAY and len(kept) < MOST_LISTED:
            kept.append(entry)
    return [entry for entry in told if entry in kept]


def summed_up(article: Article, sentences: Sequence[tuple[int, int]], most: int = MOST_SUMMED_UP) -> list[Candidate]:
    """A summary of one article: its first sentence and the ones that share most with the others, in order.

    A sentence's weight is the mean frequency of its words in the article (SumBasic, Nenkova and Vanderwende 2005): the
    words of a sentence that was taken count less for the next.
    """
    pieces = units(article.text, sentences, (0, len(article.text)))
    words = {(u.start, u.end): [stem(w) for w in terms(article.text[u.start : u.end])] for u in pieces}
    count = Counter(word for unit in words.values() for word in unit)
    weight = {word: n / max(1, count.total()) for word, n in count.items()}
    found = [Candidate(article, u.start, u.end, u.lead, 0.0) for u in pieces if len(words[u.start, u.end]) >= 5]
    taken: list[Candidate] = []
    while found and len(taken) < most:
        best = found[0] if not taken else max(found, key=lambda c: _mean([weight[w] for w in words[c.start, c.end]]))
        found = [c for c in found if not (c.start < best.end and best.start < c.end)]
        taken.append(best)
        for word in set(words[best.start, best.end]):
            weight[word] **= 2
    return sorted(taken, key=lambda c: c.start)


def gathered(ranked: Sequence[Candidate], floor: float, most: int = MOST_SUMMED_UP) -> list[Candidate]:
    """A summary of a topic over several articles: the best sentences, each with something new."""
    found: list[Candidate] = []
    told: set[str] = set()
    for candidate in ranked:
        new = _matter(candidate.text) - told
        if candidate.score >= floor and len(new) >= 3 and not any(repeats(candidate, other) for other in found):
            found.append(candidate)
            told |= new
        if len(found) == most:
            break
    return found


def _matter(text: str) -> set[str]:
    return {stem(word) for word in terms(text)}


def _follows(candidate: Candidate, other: Candidate) -> bool:
    """Whether a sentence comes right after another, in the same paragraph."""
    between = candidate.article.text[other.end : candidate.start]
    return candidate.article.id == other.article.id and candidate.start >= other.end and between in (" ", "")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0

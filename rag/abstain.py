"""Answer or be silent: how likely the best sentence answers the question, and what is missing when it does not.

A first rule of few parts. The weights are fitted by `python -m eval.bench.abstention` on documents that its report
does not use (docs/measurements.md).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.articles import Article
from index.sparse import STOP_WORDS, terms
from rag.check.lexicon import stem
from rag.check.measures import UNITS
from rag.converse import Asked
from rag.extract import Candidate

WEIGHTS = {"bias": -2.871, "score": 0.181, "covered": 0.766, "similarity": 2.736}
THRESHOLD = 0.35
"""Least probability at which an answer is given; chosen on the dev questions of the seeds suite."""

_NAME = re.compile(r"[A-Z][\w’'.-]*(?:\s+(?:(?:of|the|de|da|del|al|bin|van|von)\s+)?[A-Z][\w’'.-]*)*")
_ASKS = frozenset(
    [
        "who",
        "whom",
        "whose",
        "what",
        "which",
        "when",
        "where",
        "why",
        "how",
        "did",
        "does",
        "do",
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "will",
        "would",
        "can",
        "could",
        "should",
        "in",
        "on",
        "at",
        "for",
        "according",
        "tell",
        "please",
        "name",
        "list",
        "give",
        "and",
        "but",
        "so",
        "or",
        "about",
        "since",
        "by",
        "from",
        "to",
        "of",
        "with",
        "under",
        "after",
        "before",
        "during",
        "the",
        "a",
        "an",
        "describe",
        "explain",
        "summarize",
        "compare",
        "show",
        "find",
        "state",
        "say",
        "mention",
        "was",
        "if",
        "as",
    ]
)
_MEASURED = re.compile(r"\bhow (?:many|much) ([a-z]+) of (?:the )?([a-z]{3,})\b", re.IGNORECASE)
_ALIASES = {
    "ny times": ("new york times",),
    "us": ("u.s.", "united states", "american", "america"),
    "usa": ("u.s.", "united states", "american"),
    "uk": ("u.k.", "britain", "british", "united kingdom"),
    "un": ("u.n.", "united nations"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to answer.

    Attributes:
        probability: that the best candidate answers the question, 0 to 1.
        missing: why not, one line for a person; None when the answer is given.
    """

    probability: float
    missing: str | None


def decide(asked: Asked, ranked: Sequence[Candidate]) -> Decision:
    """Judges the best candidate; candidates whose article lacks a name of the question should be out already."""
    if not ranked:
        return Decision(0.0, "No article in the corpus deals with this.")
    probability = estimate(asked, ranked[0])
    if probability >= THRESHOLD:
        return Decision(probability, None)
    return Decision(probability, "The articles come near this question, but no sentence in them answers it.")


def estimate(asked: Asked, candidate: Candidate) -> float:
    """Probability that a candidate answers the question: a logistic function of its features."""
    total = sum(WEIGHTS[name] * value for name, value in features(asked, candidate).items())
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def features(asked: Asked, candidate: Candidate) -> dict[str, float]:
    """What the estimate rests on.

    The cross-encoder's logit for the sentence, the share of the question's words that the sentence has (0 to 1), and
    the cosine of question and passage (-1 to 1).
    """
    return {
        "bias": 1.0,
        "score": candidate.score,
        "covered": covered(asked.focus, candidate.text),
        "similarity": candidate.similarity,
    }


def covered(question: str, text: str) -> float:
    """Share of the question's content words that occur in the text, compared by their stems."""
    words = [stem(word) for word in terms(question) if word not in _ASKS]
    there = {stem(word) for word in re.findall(r"\w+", text.lower())}
    return sum(word in there for word in words) / len(words) if words else 1.0


def absent_names(question: str, article: Article) -> list[str]:
    """Names and years of the question that an article mentions nowhere; such an article cannot answer it."""
    haystack = f"{article.title or ''}\n{article.outlet or ''}\n{article.published or ''}\n{article.text}".lower()
    flat = re.sub(r"[.\W_]+", " ", haystack.replace(".", ""))
    return [name for name in names(question) if not _occurs(name, haystack, flat)]


def names(question: str) -> list[str]:
    """What an article must mention to answer: capitalised names, years, and what is measured ("tons of heroin").

    A single word is no name for being the first of a sentence, and no name is looked for where all is in capitals.
    """
    measured = [match.group(2) for match in _MEASURED.finditer(question) if match.group(1).lower() in UNITS]
    if question.upper() == question:
        return measured
    starts = {match.end() for match in re.finditer(r"(?:^|[.?!]\s+)", question)}
    found = [
        part
        for match in _NAME.finditer(question)
        if match.start() not in starts or " " in match.group()
        for part in _without_question_words(match.group())
    ]
    return list(dict.fromkeys(found + re.findall(r"\b(?:1[89]|20)\d\d\b", question) + measured))


def _without_question_words(name: str) -> list[str]:
    words = re.sub(r"['’]s?\b", "", name).rstrip(".'’-").split()
    while words and (words[0] in ("I", "A") or (words[0].lower() in _ASKS | STOP_WORDS and not words[0].isupper())):
        words = words[1:]
    return [" ".join(words)] if words else []


def _occurs(name: str, haystack: str, flat: str) -> bool:
    plain = re.sub(r"[\W_]+", " ", name.lower().replace(".", "")).strip()
    if any(alias in haystack for alias in _ALIASES.get(plain, ())):
        return True
    if f" {plain} " in f" {flat} ":
        return True
    words = [word for word in plain.split() if word not in STOP_WORDS]
    # A longer name counts as there when each of its words is: "Gustavo Petro, the president" has "President Petro".
    return bool(words) and all(re.search(rf"\b{re.escape(word[: max(4, len(word) - 2)])}", flat) for word in words)

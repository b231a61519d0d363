"""Answer or be silent: how likely the best sentence answers the question, and what is missing when it does not.

Weights and threshold come from `python -m eval.bench.abstention`, from documents that its report does not use
(docs/measurements.md).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.articles import Article
from index.sparse import STOP_WORDS
from rag.check.lexicon import words as word_set
from rag.check.measures import MONTHS, UNITS, WEEKDAYS
from rag.converse import Asked
from rag.extract import Candidate
from rag.features import features, unaccented
from rag.notices import Notice
from rag.premise import Reply

WEIGHTS = {
    "bias": -0.956,
    "score": 0.076,
    "answers": 0.453,
    "lead": 5.198,
    "covered": 0.482,
    "loose": -0.285,
    "negated": -1.178,
}
"""Of `rag.features` for the logistic estimate; fitted by `python -m eval.bench.abstention`."""

THRESHOLD = 0.4
"""Least probability at which an answer is given. At most 1 answer in 20 is wrong from 0.361 on, on the held-out dev
questions that a corpus answers and as many about something else (same command); taken up to 0.4, since silence is the
cheaper mistake. Of questions written to mislead more are answered wrongly."""

SETTLED = 0.93
"""How often a clear yes, no or correction is right: 328 of 351 by the labels of FEVER, MNLI and SNLI pairs."""

_NAME = re.compile(r"[A-Z][\w’'.-]*(?:\s+(?:(?:of|the|de|da|del|al|bin|van|von)\s+)?[A-Z][\w’'.-]*)*")
_ASKS = word_set(
    "who whom whose what which when where why how did does do is are was were has have had will would can could "
    "should in on at for according tell please name list give and but so or about since by from to of with under "
    "after before during the a an describe explain summarize compare show find state say mention if as besides"
)
_MEASURED = re.compile(r"\bhow (?:many|much) ([a-z]+) of (?:the )?([a-z]{3,})\b", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+")
_ALIASES = {
    "ny times": ("new york times",),
    "us": ("u.s.", "united states", "american", "america"),
    "usa": ("u.s.", "united states", "american"),
    "uk": ("u.k.", "britain", "british", "united kingdom"),
    "un": ("u.n.", "united nations"),
    "wwi": ("world war i", "first world war"),
    "ww i": ("world war i", "first world war"),
    "wwii": ("world war ii", "second world war"),
    "ww ii": ("world war ii", "second world war"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to answer.

    Attributes:
        probability: that an answer from these candidates is right, 0 to 1.
        missing: why not, one line for a person; None when the answer is given.
    """

    probability: float
    missing: str | None


def decide(asked: Asked, ranked: Sequence[Candidate], reply: Reply | None = None) -> Decision:
    """Judges the candidates, best first; those whose article lacks a name of the question should be out already.

    Args:
        asked: the question.
        ranked: the candidates.
        reply: what a sentence says to what the question states or assumes, where that is clear: it settles the matter.
    """
    if not ranked:
        return Decision(0.0, Notice.NOTHING.value)
    if reply:
        return Decision(SETTLED, None) if reply.candidate else Decision(1 - SETTLED, reply.missing)
    likely = estimate(asked, ranked)
    if likely >= THRESHOLD:
        return Decision(likely, None)
    return Decision(likely, Notice.NEAR.value)


def estimate(asked: Asked, ranked: Sequence[Candidate]) -> float:
    """Probability that an answer from these candidates is right: a logistic function of their features."""
    return probability(features(asked, ranked))


def probability(found: Mapping[str, float]) -> float:
    """What the weights make of features, 0 to 1."""
    total = WEIGHTS["bias"] + sum(WEIGHTS[name] * value for name, value in found.items())
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def absent_names(question: str, article: Article) -> list[str]:
    """Names and years of the question that an article mentions nowhere; such an article cannot answer it."""
    return [name for name in names(question) if not mentions(article, name)]


def mentions(article: Article, name: str) -> bool:
    """Whether an article has a name, in its text or in what is known of it."""
    haystack, flat = _readings(
        f"{article.title or ''}\n{article.outlet or ''}\n{article.published or ''}", article.text
    )
    return _occurs(name, haystack, flat) or _is_short_for(name, article.text)


def _is_short_for(name: str, text: str) -> bool:
    """Whether capitals stand for words of the text that begin with them: "EU" for "European Union"."""
    if not re.fullmatch(r"[A-Z]{2,6}", name):
        return False
    return bool(re.search(r"\b" + r"[\w’'-]*\s+(?:(?:of|the|and|for|on|de)\s+)*".join(name) + r"\w+", text))


@lru_cache(maxsize=256)
def _readings(head: str, text: str) -> tuple[str, str]:
    """An article in lower case without accents, and the same as words between single blanks."""
    haystack = unaccented(f"{head}\n{text}").lower()
    return haystack, " ".join(_WORDS.findall(haystack.replace(".", "")))


def names(question: str) -> list[str]:
    """What an article must mention to answer: capitalised names, years, and what is measured ("tons of heroin").

    A single word is no name for being the first of a sentence, and no name is looked for where all is in capitals.
    Months and days of the week are none either: an article of that day need not say so.
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
        if part.lower() not in MONTHS and part.lower() not in WEEKDAYS
    ]
    return list(dict.fromkeys(found + re.findall(r"\b(?:1[89]|20)\d\d\b", question) + measured))


def _without_question_words(name: str) -> list[str]:
    words = re.sub(r"['’](?:s\b|(?!\w))", "", name).rstrip(".'’-").split()
    while words and (words[0] in ("I", "A") or (words[0].lower() in _ASKS | STOP_WORDS and not words[0].isupper())):
        words = words[1:]
    return [" ".join(words)] if words else []


def _occurs(name: str, haystack: str, flat: str) -> bool:
    plain = re.sub(r"[\W_]+", " ", unaccented(name).lower().replace(".", "")).strip()
    if any(alias in haystack for alias in _ALIASES.get(plain, ())):
        return True
    if f" {plain} " in f" {flat} ":
        return True
    words = [word for word in plain.split() if word not in STOP_WORDS]
    # A longer name counts as there when each of its words is: "Gustavo Petro, the president" has "President Petro".
    return bool(words) and all(re.search(rf"\b{re.escape(word[: max(4, len(word) - 2)])}", flat) for word in words)

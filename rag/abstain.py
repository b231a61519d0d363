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
from rag.extract import Candidate

WEIGHTS = {"bias": -1.0, "score": 0.35, "coverage": 2.0, "kind": 1.0}
THRESHOLD = 0.5

_NAME = re.compile(r"[A-Z][\w’'.-]*(?:\s+(?:(?:of|the|de|da|del|al|bin|van|von)\s+)?[A-Z][\w’'.-]*)*")
_ASKS = frozenset(
    "who whom whose what which when where why how did does do is are was were has have had will would can could should in on at for "
    "according tell please name list give and but so or about since by from to of with under after before during the a an "
    "describe explain summarize compare show find state say mention was if as".split()  # noqa: SIM905 - a list in prose
)
_NUMBER = re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?|"
                     r"billions?|half|third|quarter|no|none|tripled?|doubled?|decades?|several|once|twice)\b", re.I)  # fmt: skip
_DATE = re.compile(
    r"\b(?:\d{4}|\d{4}s|Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec|January|February|March|April|August|September|October|November|"
    r"December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|today|yesterday|week|month|year|decades?|hours?|days?|century|"
    r"since|ago|during|before|after|spring|summer|autumn|fall|winter)\b"
)
_HOW_MANY = re.compile(r"\bhow (?:many|much|old|long|often|far|large|big|high|tall)\b|\bwhat (?:number|share|percentage|amount)\b", re.I)
_WHEN = re.compile(r"\bwhen\b|\bwhat (?:year|day|date|month|time)\b|\bwhich (?:year|day|month)\b|\bin what year\b", re.I)
_WHO = re.compile(r"\bwho(?:m|se)?\b", re.I)
_ALIASES = {"us": ("u.s.", "united states", "american", "america"), "usa": ("u.s.", "united states", "american"),
            "uk": ("u.k.", "britain", "british", "united kingdom"), "un": ("u.n.", "united nations")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to answer.

    Attributes:
        probability: that the best candidate answers the question, 0 to 1.
        missing: why not, one line for a person; None when the answer is given.
    """

    probability: float
    missing: str | None


def decide(question: str, ranked: Sequence[Candidate]) -> Decision:
    """Judges the best candidate; candidates whose article lacks a name of the question should be out already."""
    if not ranked:
        return Decision(0.0, "No article in the corpus deals with this.")
    probability = max(estimate(question, candidate) for candidate in ranked[:3])
    if probability >= THRESHOLD:
        return Decision(probability, None)
    return Decision(probability, "The articles come near this question, but no sentence in them answers it.")


def features(question: str, candidate: Candidate) -> dict[str, float]:
    """What the estimate rests on: the cross-encoder's logit, covered words (0 to 1), and fit of the kind of answer (0 or 1)."""
    return {
        "bias": 1.0,
        "score": candidate.score,
        "coverage": coverage(question, candidate),
        "kind": float(fits_kind(question, candidate.text)),
    }


def estimate(question: str, candidate: Candidate) -> float:
    """Probability that a candidate answers the question: a logistic function of its features."""
    total = sum(WEIGHTS[name] * value for name, value in features(question, candidate).items())
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def coverage(question: str, candidate: Candidate) -> float:
    """Share of the question's content words that the candidate or what surrounds it has, by first five letters."""
    words = [word[:5] for word in terms(question) if word not in _ASKS]
    if not words:
        return 1.0
    text = candidate.article.text
    around = text[max(0, candidate.start - 400) : candidate.end + 200]
    there = {word[:5] for word in terms(f"{candidate.article.title or ''} {around}"[:6000])} if around else set()
    there |= {word[:5] for word in re.findall(r"\w+", f"{candidate.context} {around}".lower())}
    return sum(word in there for word in words) / len(words)


def fits_kind(question: str, text: str) -> bool:
    """Whether the sentence holds the kind of thing that is asked for: a number, a date, a name."""
    if _HOW_MANY.search(question):
        return bool(_NUMBER.search(text))
    if _WHEN.search(question):
        return bool(_DATE.search(text))
    if _WHO.match(question.strip()):
        return bool(_NAME.search(text[1:]))
    return True


def absent_names(question: str, article: Article) -> list[str]:
    """Names and years of the question that an article mentions nowhere; such an article cannot answer it."""
    haystack = f"{article.title or ''}\n{article.outlet or ''}\n{article.published or ''}\n{article.text}".lower()
    flat = re.sub(r"[.\W_]+", " ", haystack.replace(".", ""))
    return [name for name in names(question) if not _occurs(name, haystack, flat)]


def names(question: str) -> list[str]:
    """Capitalised names and years in a question. Nothing when it is written in capitals throughout."""
    if question.upper() == question:
        return []
    found = [part for match in _NAME.finditer(question) for part in _without_question_words(match.group())]
    return list(dict.fromkeys(found + re.findall(r"\b(?:1[89]|20)\d\d\b", question)))


def _without_question_words(name: str) -> list[str]:
    words = re.sub(r"['’]s?\b", "", name).rstrip(".'’-").split()
    while words and words[0].lower() in _ASKS | STOP_WORDS and not words[0].isupper():
        words = words[1:]
    return [" ".join(words)] if words else []


def _occurs(name: str, haystack: str, flat: str) -> bool:
    plain = re.sub(r"[\W_]+", " ", name.lower().replace(".", "")).strip()
    if any(alias in haystack for alias in _ALIASES.get(plain, ())):
        return True
    if f" {plain} " in f" {flat} ":
        return True
    words = [word for word in plain.split() if word not in STOP_WORDS]
    # A longer name counts as there when each of its words is: "President Gustavo Petro" for "Gustavo Petro, the president".
    return bool(words) and all(re.search(rf"\b{re.escape(word[: max(4, len(word) - 2)])}", flat) for word in words)

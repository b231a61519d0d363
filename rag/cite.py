"""Spans to numbered citations and marked text. Pure, and the only place where citations are made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.articles import Article
from rag.answers import Citation

AROUND = 32
"""Characters of the text kept on either side of a quote."""

_FORGED = re.compile(r"\[\s*(\d+(?:\s*[,;–-]\s*\d+)*)\s*\]")


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exact span of an article.

    Attributes:
        start, end: characters in the article's text, end exclusive.
    """

    article: Article
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= len(self.article.text):
            size = len(self.article.text)
            msg = f"span {self.start}-{self.end} is not inside article {self.article.id!r} of {size} characters"
            raise ValueError(msg)

    @property
    def quote(self) -> str:
        """The span's text, to the character."""
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence before it is checked: its text and the spans that are to support it, at least one."""

    text: str
    evidence: tuple[Evidence, ...]


def number(drafts: Sequence[Draft]) -> tuple[list[tuple[int, ...]], list[Citation]]:
    """Citation numbers of each sentence, and the citations, numbered from 1 in order of first use.

    The same span of the same article has one number throughout an answer.
    """
    numbers: dict[tuple[str, int, int], int] = {}
    citations: list[Citation] = []
    marks = []
    for draft in drafts:
        used = []
        for evidence in draft.evidence:
            key = (evidence.article.id, evidence.start, evidence.end)
            if key not in numbers:
                numbers[key] = len(numbers) + 1
                citations.append(_citation(numbers[key], evidence))
            used.append(numbers[key])
        marks.append(tuple(dict.fromkeys(used)))
    return marks, citations


def marked(text: str, numbers: Sequence[int]) -> str:
    """A sentence with its marks: "Petro spoke. [1] [2]"."""
    return " ".join([unmarked(text), *(f"[{n}]" for n in numbers)])


def unmarked(text: str) -> str:
    """Text from an article or a question, in which "[7]" becomes "(7)": only our own marks look like marks."""
    return _FORGED.sub(r"(\1)", text)


def _citation(number_: int, evidence: Evidence) -> Citation:
    article = evidence.article
    return Citation(
        number=number_,
        article_id=article.id,
        title=article.title,
        outlet=article.outlet,
        published=article.published,
        source=article.source,
        start=evidence.start,
        end=evidence.end,
        quote=evidence.quote,
        before=article.text[max(0, evidence.start - AROUND) : evidence.start],
        after=article.text[evidence.end : evidence.end + AROUND],
    )

"""Spans to numbered citations and marked text. Pure, and the only place where citations are made."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.articles import Article
from index.ledger import surroundings
from rag.answers import Citation, Copy, Sentence

Key = tuple[str, int, int]
"""A span of an article: its id, start and end."""

UNSUPPORTED = "[unsupported]"
"""Stands before a sentence that the checker does not call supported, wherever an answer is text."""

_FORGED = re.compile(r"[\[［【〔⟦]\s*(\d+(?:\s*[,;–-]\s*\d+)*(?:\s*†[^\]］】〕⟧]{0,80})?)\s*[\]］】〕⟧]")


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
    def key(self) -> Key:
        """What names the span."""
        return self.article.id, self.start, self.end

    def __hash__(self) -> int:
        """Of the span; articles are not hashable."""
        return hash(self.key)

    @property
    def quote(self) -> str:
        """The span's text, to the character."""
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence before it is checked.

    Attributes:
        evidence: the spans that are to support it; one without any is never shown.
        written: whether a language model wrote it; else it is taken from the articles.
    """

    text: str
    evidence: tuple[Evidence, ...]
    written: bool = False


def number(
    drafts: Sequence[Draft], copies: Callable[[Evidence], Sequence[Article]] = lambda _: ()
) -> tuple[list[tuple[int, ...]], list[Citation]]:
    """Citation numbers of each sentence, and the citations, numbered from 1 in order of first use.

    The same span of the same article has one number throughout an answer.

    Args:
        drafts: in order.
        copies: of a span: the other articles of the same story that have it too.
    """
    numbers: dict[Key, int] = {}
    citations: list[Citation] = []
    marks = []
    for draft in drafts:
        used = []
        for evidence in draft.evidence:
            key = evidence.key
            if key not in numbers:
                numbers[key] = len(numbers) + 1
                citations.append(_citation(numbers[key], evidence, copies(evidence)))
            used.append(numbers[key])
        marks.append(tuple(dict.fromkeys(used)))
    return marks, citations


def marked(text: str, numbers: Sequence[int]) -> str:
    """A sentence with its marks: "Petro spoke. [1] [2]"."""
    return " ".join([unmarked(text), *(f"[{n}]" for n in numbers)])


def piece(sentence: Sentence, day: str | None = None) -> str:
    """A checked sentence as it stands in an answer's text: with its marks, and in a timeline behind its day."""
    known = f"{day}: " if day else ""
    return (
        ("" if sentence.verdict == "supported" else f"{UNSUPPORTED} ")
        + known
        + marked(sentence.text, sentence.citations)
    )


def unmarked(text: str) -> str:
    """Text from an article or a question, in which "[7]" becomes "(7)": only our own marks look like marks."""
    return _FORGED.sub(r"(\1)", text)


def _citation(number_: int, evidence: Evidence, copies: Sequence[Article]) -> Citation:
    article = evidence.article
    before, after = surroundings(article.text, evidence.start, evidence.end)
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
        before=before,
        after=after,
        copies=tuple(
            Copy(article_id=copy.id, title=copy.title, outlet=copy.outlet, published=copy.published) for copy in copies
        ),
    )

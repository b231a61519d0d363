"""The records of an answer, as Python objects and as JSON: question -> Answer(sentences, citations, ...)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["answered", "partial", "disputed", "abstained"]
Label = Literal["supported", "unsupported", "contradicted", "not_checked"]


class Record(BaseModel):
    """Immutable; unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Citation(Record):
    """Points to an exact span: `article.text[start:end] == quote`.

    Attributes:
        number: the mark in the text, from 1, in order of first use.
        article_id, title, outlet, published, source: of the article; None where not known.
        start, end: characters in the stored text, end exclusive.
        quote: the span itself.
    """

    number: int = Field(ge=1)
    article_id: str
    title: str | None
    outlet: str | None
    published: date | None
    source: str
    start: int = Field(ge=0)
    end: int
    quote: str = Field(min_length=1)


class Sentence(Record):
    """One claim of the answer with the checker's verdict on it.

    Attributes:
        text: the sentence without marks.
        verdict: what the checker said of the sentence against its cited spans.
        support: the checker's score, 0 (none) to 1 (full).
        citations: numbers of the citations, at least one.
    """

    text: str
    verdict: Label
    support: float = Field(ge=0, le=1)
    citations: tuple[int, ...]


class Position(Record):
    """One side where sources differ: the value they differ in and the citations that hold it."""

    value: str
    citations: tuple[int, ...]


class Provenance(Record):
    """What made the answer: names with versions, and the fingerprint of the corpus it was asked of."""

    answerer: str
    checker: str
    embedder: str
    corpus: str
    version: str


class Timings(Record):
    """Milliseconds spent per stage of this answer."""

    retrieve: float
    write: float
    check: float
    total: float


class Answer(Record):
    """The answer to one question. `str(answer)` is its text with marks.

    Attributes:
        status: "answered", "partial" (`missing` names the rest), "disputed" (`positions` shows the sides), "abstained".
        text: the sentences with their marks, or what was not found.
        confidence: estimated probability that the answer is right, 0 to 1; of an abstention: that one would have been.
            It ranks well and is not calibrated yet (docs/measurements.md).
        missing: what was asked and is not in the corpus; None when nothing is missing.
    """

    question: str
    status: Status
    text: str
    confidence: float = Field(ge=0, le=1)
    missing: str | None
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    positions: tuple[Position, ...]
    provenance: Provenance
    timings_ms: Timings

    def __str__(self) -> str:
        return self.text

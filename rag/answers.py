"""The records of an answer, as Python objects and as JSON: question -> Answer(sentences, citations, ...)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["answered", "partial", "disputed", "abstained"]
Label = Literal["supported", "unsupported", "contradicted", "not_checked"]
Speech = Literal["said", "claimed", "denied", "wrote", "according_to"]
Difference = Literal["update", "scope", "disagreement"]


CONVERSATION = "conversation-1"
"""The answerer where nothing was looked up: a greeting, or a question back because it is not clear who is meant."""


class Record(BaseModel):
    """Immutable; unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Copy(Record):
    """Another article that tells the same story in nearly the same words: no second source."""

    article_id: str
    title: str | None
    outlet: str | None
    published: date | None


class Citation(Record):
    """Points to an exact span: `article.text[start:end] == quote`.

    Attributes:
        number: the mark in the text, from 1, in order of first use.
        article_id, title, outlet, published, source: of the article; None where not known.
        start, end: characters in the stored text, end exclusive.
        quote: the span itself.
        before, after: up to 32 characters of the text on either side, so that the place can be found by eye.
        copies: articles that carry the same story; they count as this one source.
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
    before: str = ""
    after: str = ""
    copies: tuple[Copy, ...] = ()


class Sentence(Record):
    """One claim of the answer with the checker's verdict on it.

    Attributes:
        text: the sentence without marks.
        verdict: what the checker said of the sentence against its cited spans.
        support: the checker's score, 0 (none) to 1 (full).
        citations: numbers of the citations, at least one.
        reason: why it is not supported, in a line for a person; "" when it is.
        speaker: who says it, as the article names them; None where the outlet itself does.
        speech: how they say it; None where the outlet itself does.
        date: the day, month or year the sentence tells of, ISO 8601 ("2026-03-10", "2026-03", "2026"); in a timeline
            always set, else where the sentence names it.
    """

    text: str
    verdict: Label
    support: float = Field(ge=0, le=1)
    citations: tuple[int, ...]
    reason: str = ""
    speaker: str | None = None
    speech: Speech | None = None
    date: str | None = None


class Span(Record):
    """Characters `start` to `end` (exclusive) of an article's stored text, and what they hold."""

    article_id: str
    start: int = Field(ge=0)
    end: int
    quote: str


class Dropped(Record):
    """A sentence that did not pass the check and is not shown.

    Attributes:
        text, verdict, support, reason: as of a sentence that is shown.
        spans: what it was checked against.
    """

    text: str
    verdict: Label
    support: float = Field(ge=0, le=1)
    reason: str
    spans: tuple[Span, ...]


class Position(Record):
    """One side where sources differ.

    Attributes:
        value: what they differ in: a figure, a date, "yes" or "no", a name.
        citations: numbers of the citations that hold it.
        outlet, published, quote: of the first of them.
        holder: who says so, where that is not the outlet itself.
        difference: how it differs from the first position: "update" (a later figure replaces an earlier one), "scope"
            (another place, period or part: both can hold), "disagreement"; None of the first position.
    """

    value: str
    citations: tuple[int, ...]
    outlet: str | None = None
    published: date | None = None
    quote: str = ""
    holder: str | None = None
    difference: Difference | None = None


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
        understood: the question as understood: of a follow-up, with what it leans on.
        status: "answered", "partial" (`missing` names the rest), "disputed" (`positions` shows the sides), "abstained".
        text: the sentences with their marks, or what was not found.
        confidence: estimated probability that the answer is right, 0 to 1; of an abstention: that one would have been.
            How well it is calibrated is measured (docs/measurements.md).
        yes_no: what the first sentence says to a question that wants a yes or a no; None where that is not certain.
        missing: what was asked and is not in the corpus; None when nothing is missing.
        sentences: what is said. With lenient checking some may be "unsupported": they are marked in the text, and
            nothing else in the answer rests on them.
        dropped: what was found and did not pass the check.
    """

    question: str
    understood: str = ""
    status: Status
    text: str
    confidence: float = Field(ge=0, le=1)
    missing: str | None
    yes_no: Literal["yes", "no"] | None = None
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    positions: tuple[Position, ...]
    dropped: tuple[Dropped, ...] = ()
    provenance: Provenance
    timings_ms: Timings

    def __str__(self) -> str:
        return self.text

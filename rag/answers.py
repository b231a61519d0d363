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
        written: whether a language model wrote it; else it is a sentence of the articles.
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
    written: bool = False


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


class Reading(Record):
    """How a question was read before it was asked, where a language model reads questions.

    Attributes:
        by: who read it: "rules" where the model's reading held words of its own, and was refused.
        text: the question by itself, "" where the rules read it.
        parts: the questions inside it, each asked by itself.
        since, until: the days that it is limited to, besides the filters that were set; None where it is not.
    """

    by: Literal["model", "rules"]
    text: str = ""
    parts: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    @property
    def note(self) -> str:
        """What a person should know of it, "" where that is nothing."""
        days = [f"{name} {day}" for name, day in (("since", self.since), ("until", self.until)) if day]
        return "; ".join([*([f"asked as {' / '.join(self.parts)}"] if len(self.parts) > 1 else []), *days])


class Within(Record):
    """The filters that an answer was asked with: no other articles could answer.

    Attributes:
        since, until: first and last day of publication, both included; None for no limit.
        outlets: their names; empty for all.
    """

    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] = ()


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


Outcome = Literal["written", "completed", "extractive", "stopped"]


class Writing(Record):
    """What a language model did for an answer, and what became of it.

    Attributes:
        model: as its server names it.
        prompt: version of the prompt.
        outcome: "written" (all that answers is the model's), "completed" (sentences of the articles were added, since
            the model's left out what answers best or a side that differs, or too many of them fell), "extractive" (none
            of the model's is shown), "stopped" (before the end, by the reader).
        reason: why it is not "written", one line; "" when it is.
        sentences: how many the model wrote, not counting those that came after it was stopped.
        shown: of these, how many are shown as written.
        rewritten: how many are shown as the model wrote them the second time, from their own evidence.
        replaced: how many stand for which a sentence of the articles is shown.
        dropped: how many did not pass the check and have nothing in their place.
        left_out: how many were supported, and said again what was said or did not bear on the question.
        unknown_ids: marks that name no passage.
        calls, prompt_tokens, completion_tokens: of all calls for this answer.
        estimated: whether tokens are estimated, since the server does not count them.
        cost: in the currency of the prices that are set; None where none is.
        model_ms: from the first call to the end of its reply.
        gate_ms: of that and after it, what reading, anchoring and checking took, calls left out.
    """

    model: str
    prompt: str
    outcome: Outcome
    reason: str = ""
    sentences: int = Field(default=0, ge=0)
    shown: int = Field(default=0, ge=0)
    rewritten: int = Field(default=0, ge=0)
    replaced: int = Field(default=0, ge=0)
    dropped: int = Field(default=0, ge=0)
    left_out: int = Field(default=0, ge=0)
    unknown_ids: int = Field(default=0, ge=0)
    calls: int = Field(default=0, ge=0)
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)
    estimated: bool = False
    cost: float | None = None
    model_ms: float = 0.0
    gate_ms: float = 0.0

    @property
    def note(self) -> str:
        """A line for a person: who wrote the answer, and how much of it fell."""
        fell = f"{self.dropped + self.replaced} of its {self.sentences} sentences did not pass the check"
        if self.outcome == "extractive":
            return f"In the articles' own words, nothing by {self.model} is shown: {self.reason}."
        parts = [f"Written by {self.model}, checked against the articles"]
        parts += [fell] if self.dropped + self.replaced else []
        if self.outcome == "completed":
            parts.append(f"sentences of the articles were added: {self.reason}")
        return "; ".join(parts) + ("; stopped before its end." if self.outcome == "stopped" else ".")


class Provenance(Record):
    """What made the answer: names with versions, and the fingerprint of the corpus it was asked of.

    Attributes:
        settings: twelve hexadecimal digits over all settings that can change an answer.
        writing: the language model's part; None where none was asked.
    """

    answerer: str
    checker: str
    embedder: str
    corpus: str
    version: str
    settings: str = ""
    writing: Writing | None = None


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
        within: the filters it was asked with; None for none.
        reading: how a language model read it; None where none was asked to.
        status: "answered", "partial" (`missing` names the rest), "disputed" (`positions` shows the sides), "abstained".
        text: the sentences with their marks, or what was not found.
        confidence: estimated probability that the answer is right, 0 to 1; of an abstention: that one would have been.
            How well it is calibrated is measured (docs/measurements.md).
        yes_no: what the first sentence says to a question that wants a yes or a no; None where that is not certain.
        missing: what was asked and is not in the corpus; None when nothing is missing.
        suggestion: of an abstention, the question in the spelling of the articles (`rag.suggest`), where that finds an
            answer; None where it does not.
        sentences: what is said. With lenient checking some may be "unsupported": they are marked in the text, and
            nothing else in the answer rests on them.
        dropped: what was found and did not pass the check.
    """

    question: str
    understood: str = ""
    within: Within | None = None
    reading: Reading | None = None
    status: Status
    text: str
    confidence: float = Field(ge=0, le=1)
    missing: str | None
    suggestion: str | None = None
    yes_no: Literal["yes", "no"] | None = None
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    positions: tuple[Position, ...]
    dropped: tuple[Dropped, ...] = ()
    provenance: Provenance
    timings_ms: Timings

    def __str__(self) -> str:
        return self.text

"""The forms of suite.toml and of a line of questions.jsonl, field by field."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from eval.samples import HEADER, QUESTIONS, Kind, Split
from rag.answers import Difference, Status


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(_Strict):
    """A span that answers the question."""

    article: str = Field(min_length=1, description="id of the article, as `rag articles list` shows it")
    quote: str = Field(min_length=1, description="the span, verbatim as the article is stored")


class Line(_Strict):
    """A question and what is known of its right answer: one line of questions.jsonl."""

    id: str = Field(min_length=1, description="unique in the file; reports and the gate name the question by it")
    kind: Kind = Field(description="what sort of question it is: figures are given for each")
    question: str = Field(min_length=1, description="as a user would type it")
    history: tuple[str, ...] = Field((), description="earlier questions of the same conversation, oldest first")
    status: Status = Field(description="what the answer's status should be; abstained: the corpus does not answer it")
    gold: tuple[Span, ...] = Field(
        (),
        description="spans that answer it; kinds list, multi, differ, compare, summary and timeline want all of them, "
        "of any other kind each is enough; none when abstained",
    )
    accept: tuple[tuple[str, ...], ...] = Field(
        (), description="groups of spellings: a right answer holds at least one of each group, whatever the case"
    )
    answers: tuple[str, ...] = Field((), description="reference answers, for exact match and token F1")
    paraphrases: tuple[str, ...] = Field((), description="the same question in other words, for robustness")
    difference: Difference | None = Field(None, description="how the later gold differs from the first")
    split: Split = Field(description="dev: to choose rules and thresholds on; test: to report")
    about: str = Field("", description="of a question without gold: the article it was written against")
    made: str = Field(
        "", description="who or what made the line; one that says to decide something is not accepted by the review"
    )
    reviewed: StrictBool = Field(True, description="false: a proposal that nobody has looked at; it is not asked")


class Header(_Strict):
    """suite.toml of a suite of questions."""

    kind: Literal["questions"] = "questions"
    name: str = Field("", description="the folder's name if it is not said")
    description: str = ""
    corpus: str | tuple[str, ...] = Field(
        "seeds", description="folders of articles beside this file; seeds: the articles that ship"
    )
    distractors: str | tuple[str, ...] = Field((), description="folders of articles that answer no question")
    questions: str = Field(QUESTIONS, description="the file of questions")
    gate: tuple[str, ...] | None = Field(
        None, description="figures that must not fall; the usual ones if it is not said, none of them if it is empty"
    )
    settings: dict[str, str | int | float | bool] = Field(
        {}, description="settings by the names that `rag config` shows; they go before the user's own"
    )
    as_of: date | None = Field(None, description="the day on which the questions are asked; today if it is not said")
    adapter: str = Field("", description="the public set that the questions are read from, with --data")
    sample: int = Field(300, ge=1, description="at most so many questions of that set")


JUDGED = ("question", "history", "status", "gold", "accept", "answers", "difference", "about")
"""Fields that a score depends on: a question whose other fields were edited is still the same question."""


def schema() -> dict[str, object]:
    """The JSON schemas of suite.toml and of a line of questions.jsonl."""
    return {HEADER: Header.model_json_schema(), QUESTIONS: Line.model_json_schema()}

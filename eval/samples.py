"""What is asked and what is known of its right answer: Sample, Target, Suite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from rag.answers import Difference, Status

Kind = Literal[
    "fact", "list", "multi", "differ", "followup", "offcorpus", "closemiss", "who_said", "time",
    "said", "yesno", "why", "compare", "summary", "timeline", "partial", "premise", "bait", "retrieval",
]  # fmt: skip
Split = Literal["dev", "test"]
KINDS: tuple[str, ...] = get_args(Kind)
TOGETHER = ("list", "multi", "differ", "compare", "summary", "timeline")
"""Kinds whose gold spans are wanted together; of any other kind each gold span is enough by itself."""
HEADER, QUESTIONS = "suite.toml", "questions.jsonl"
SUITE_KINDS = ("questions", "mutations", "verifier", "poisoned")


@dataclass(frozen=True, slots=True)
class Sample:
    """A question to ask.

    Attributes:
        id: names the question in every report and in the baseline.
        history: earlier questions of the same conversation, oldest first.
        split: "dev" questions may be looked at while thresholds are chosen, "test" questions may not.
        line: where it stands in questions.jsonl, from 1.
        fingerprint: of what a score depends on; a question that was edited there is not paired with its earlier self.
        about: key of the article that a question without gold was written against ("id:NAME"), "" for none.
        made: how the question was made, as the suite's header says; no figure depends on it.
        paraphrases: the same question in other words, for the figures of robustness.
    """

    id: str
    kind: str
    question: str
    history: tuple[str, ...]
    split: str
    line: int
    fingerprint: str
    about: str = ""
    made: str = ""
    paraphrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gold:
    """A span that answers the question.

    Attributes:
        article: the article's key in the store ("id:NAME").
        quote: the span, verbatim.
        starts: every place in the stored text where the quote stands (characters); any of them counts.
    """

    article: str
    quote: str
    starts: tuple[int, ...] = ()

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """`(start, end)` of each place, end exclusive."""
        return tuple((start, start + len(self.quote)) for start in self.starts)


@dataclass(frozen=True, slots=True)
class Target:
    """What a right answer looks like.

    Attributes:
        status: the status it must have.
        gold: the spans that answer the question (see TOGETHER); empty when the corpus does not.
        accept: groups of spellings; a right answer holds at least one spelling of each group.
        difference: how the later gold differs from the first; None where it does not, or the suite does not say.
        answers: reference answers, for exact match and token F1.
        grades: of whole articles by their key: how relevant each is, from 1; for sets that judge retrieval alone.
    """

    status: Status
    gold: tuple[Gold, ...] = ()
    accept: tuple[tuple[str, ...], ...] = ()
    difference: Difference | None = None
    answers: tuple[str, ...] = ()
    grades: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suite:
    """Questions over one corpus.

    Attributes:
        corpus: folders of articles relative to the suite, "seeds" for the articles that are shipped.
        gate: names of the metrics that must not fall; None stands for the default ones.
        settings: what the suite sets, whatever the user's own settings are: values by the names of `rag config`.
        as_of: the day that the questions are asked on, ISO; "" for today.
        distractors: folders of articles that answer nothing; the figures of robustness add them to the corpus.
        adapter: the public set that the questions come from, "" where they stand in the suite.
        sample: at most so many questions of the adapter's set.
        proposals: lines that nobody has reviewed: they are not asked.
        notes: what a reader of the figures has to know of the questions, one line each.
    """

    name: str
    description: str
    corpus: tuple[str, ...]
    gate: tuple[str, ...] | None
    folder: Path
    items: tuple[tuple[Sample, Target], ...]
    settings: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    as_of: str = ""
    distractors: tuple[str, ...] = ()
    adapter: str = ""
    sample: int = 300
    proposals: int = 0
    notes: tuple[str, ...] = ()

"""Suites of questions with what is known of their right answers: suite.toml + questions.jsonl -> Suite."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.errors import SourceboundError
from rag.answers import Difference, Status

Form = TypeVar("Form", bound=BaseModel)

Kind = Literal[
    "fact", "list", "multi", "differ", "followup", "offcorpus", "closemiss", "who_said", "time",
    "said", "yesno", "why", "compare", "summary", "timeline", "partial", "premise",
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
        fingerprint: of the whole line; a question that was edited is not paired with its earlier self.
        about: key of the article that a question without gold was written against ("id:NAME"), "" for none.
        made: how the question was made, as the suite's header says; nothing depends on it.
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
    """

    status: Status
    gold: tuple[Gold, ...] = ()
    accept: tuple[tuple[str, ...], ...] = ()
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """Questions over one corpus.

    Attributes:
        corpus: folders of articles relative to the suite, "seeds" for the articles that are shipped.
        gate: names of the metrics that must not fall; empty stands for the default ones.
    """

    name: str
    description: str
    corpus: tuple[str, ...]
    gate: tuple[str, ...]
    folder: Path
    items: tuple[tuple[Sample, Target], ...]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Span(_Strict):
    article: str = Field(min_length=1)
    quote: str = Field(min_length=1)


class _Line(_Strict):
    id: str = Field(min_length=1)
    kind: Kind
    question: str = Field(min_length=1)
    history: tuple[str, ...] = ()
    status: Status
    gold: tuple[_Span, ...] = ()
    accept: tuple[tuple[str, ...], ...] = ()
    difference: Difference | None = None
    split: Split
    about: str = ""
    made: str = ""


class _Header(_Strict):
    kind: Literal["questions"] = "questions"
    name: str = ""
    description: str = ""
    corpus: str | tuple[str, ...] = "seeds"
    questions: str = QUESTIONS
    gate: tuple[str, ...] = ()


def kind_of(folder: Path) -> str:
    """What a suite is made of, as its header says: "questions" (if it says nothing), or another of SUITE_KINDS.

    Raises:
        SourceboundError: the header cannot be read, or says something else.
    """
    try:
        kind = str(tomllib.loads((folder / HEADER).read_text("utf-8")).get("kind", SUITE_KINDS[0]))
    except (OSError, ValueError) as exc:
        message = f"suite {str(folder)!r} cannot be read: {exc}"
        raise SourceboundError(message) from exc
    if kind not in SUITE_KINDS:
        message = f"{folder / HEADER}: no kind {kind!r} of suite: use {' or '.join(map(repr, SUITE_KINDS))}"
        raise SourceboundError(message)
    return kind


def read_header(folder: Path, form: type[Form]) -> Form:
    """The header of a suite, in the form of its kind. Raises SourceboundError where it is missing or wrong."""
    try:
        return form.model_validate(tomllib.loads((folder / HEADER).read_text("utf-8")))
    except ValidationError as exc:
        raise SourceboundError(f"{folder / HEADER}: {complaint(exc)}") from exc  # noqa: EM102
    except (OSError, ValueError) as exc:
        message = f"suite {str(folder)!r} cannot be read: {exc}"
        raise SourceboundError(message) from exc


def find_suite(name: str) -> Path:
    """The folder of a shipped suite, or of a suite given by its path.

    Raises:
        SourceboundError: there is no such suite; the message lists the ones there are.
    """
    shipped = Path(str(files("eval.suites")))
    known = sorted(entry.name for entry in shipped.iterdir() if (entry / HEADER).is_file())
    if name in known:
        return shipped / name
    if (Path(name) / HEADER).is_file():
        return Path(name)
    message = f"no suite {name!r}: choose one of {', '.join(known) or '(none)'} or give a folder that holds {HEADER}"
    raise SourceboundError(message)


def read_suite(folder: Path) -> Suite:
    """Reads and checks a suite; gold spans are not located yet (see `locate`).

    Raises:
        SourceboundError: a file is missing or a line is wrong; the message names the line.
    """
    try:
        header = read_header(folder, _Header)
        lines = (folder / header.questions).read_text("utf-8").split("\n")
    except (OSError, ValueError) as exc:
        message = f"suite {str(folder)!r} cannot be read: {exc}"
        raise SourceboundError(message) from exc
    items: list[tuple[Sample, Target]] = []
    seen: dict[str, int] = {}
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        sample, target = _item(raw, number)
        if sample.id in seen:
            raise _wrong(number, f"the id {sample.id!r} is already on line {seen[sample.id]}")
        seen[sample.id] = number
        items.append((sample, target))
    if not items:
        message = f"suite {str(folder)!r} holds no questions: add lines to {QUESTIONS}"
        raise SourceboundError(message)
    name = header.name or folder.name
    corpus = (header.corpus,) if isinstance(header.corpus, str) else header.corpus
    return Suite(name, header.description, corpus, header.gate, folder, tuple(items))


def locate(suite: Suite, texts: Mapping[str, str]) -> Suite:
    """The suite with every gold span located in the stored texts; what a question is `about` must be there too.

    Args:
        suite: as read.
        texts: the stored text of each article by its key, so that spans count as citations do.

    Raises:
        SourceboundError: a quote is not verbatim in its article, or the article is not there; names the line.
    """
    for sample, _ in suite.items:
        if sample.about:
            _text(sample.about, sample.line, texts)
    return replace(
        suite,
        items=tuple(
            (sample, replace(target, gold=tuple(_located(gold, sample.line, texts) for gold in target.gold)))
            for sample, target in suite.items
        ),
    )


def _text(article: str, line: int, texts: Mapping[str, str]) -> str:
    if article not in texts:
        known = ", ".join(sorted(texts)) or "(none)"
        raise _wrong(line, f"no article {article!r} in the corpus, which holds {known}")
    return texts[article]


def _located(gold: Gold, line: int, texts: Mapping[str, str]) -> Gold:
    text = _text(gold.article, line, texts)
    starts: list[int] = []
    start = text.find(gold.quote)
    while start >= 0:
        starts.append(start)
        start = text.find(gold.quote, start + 1)
    if not starts:
        raise _wrong(line, f"the gold quote {gold.quote!r} is not verbatim in article {gold.article!r}")
    return replace(gold, starts=tuple(starts))


def _item(raw: str, number: int) -> tuple[Sample, Target]:
    try:
        line = _Line.model_validate_json(raw)
    except ValidationError as exc:
        raise _wrong(number, complaint(exc)) from exc
    if line.status == "abstained" and (line.gold or line.accept or line.difference):
        raise _wrong(number, "a question that is to be abstained from has neither gold nor accept nor difference")
    if line.status != "abstained" and not line.gold:
        raise _wrong(number, f"status {line.status!r} needs at least one gold span")
    if any(not group or not all(spelling.strip() for spelling in group) for group in line.accept):
        raise _wrong(number, "accept holds an empty group or spelling")
    if line.about and line.gold:
        raise _wrong(number, "a question with gold is about its gold articles: leave `about` out")
    if line.difference and (line.difference == "scope") is (line.status == "disputed"):
        raise _wrong(number, f"difference {line.difference!r} does not go with status {line.status!r}")
    fingerprint = hashlib.sha256(raw.strip().encode()).hexdigest()[:16]
    about = line.about and _key(line.about)
    sample = Sample(line.id, line.kind, line.question, line.history, line.split, number, fingerprint, about, line.made)
    gold = tuple(Gold(_key(span.article), span.quote) for span in line.gold)
    return sample, Target(line.status, gold, line.accept, line.difference)


def _key(article: str) -> str:
    return f"id:{article.removeprefix('id:')}"


def _wrong(number: int, reason: str) -> SourceboundError:
    return SourceboundError(f"{QUESTIONS} line {number}: {reason}")


def complaint(exc: ValidationError) -> str:
    """The first complaint as one line: where, what, and the value."""
    error: Any = exc.errors()[0]
    where = ".".join(str(part) for part in error["loc"]) or "the line"
    value = f", not {error['input']!r:.80}" if error["type"] != "missing" and error["loc"] else ""
    return f"{where}: {error['msg']}{value}"

"""Whether answers stay what they are when the question or the corpus changes in what should not matter.

Each question is asked again in other words (a person's, from the suite, and another form of the same words), with
slips of typing (and once more as whoever presses "Did you mean" where that is offered), among articles that answer
nothing, and over the same articles indexed the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eval.answering import answer_correct
from eval.cache import Cache
from eval.done import Row
from eval.prepare import How, corpus_folder, ready
from eval.run import Opener, Run, ask_all, evaluate, judged
from eval.samples import Sample
from eval.system import System, open_system
from eval.trials import Metric, Trial
from eval.variants import reworded, typos
from rag.answers import Answer
from rag.stop import Stop

SEED = 20_261_122
"""Of the slips of typing."""

Change = Callable[[Sample], Sample | None]
"""A question that should have the same answer; None where there is none."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A question as it stands in the suite, and varied."""

    before: Trial
    after: Trial


def status_same(pair: Pair) -> float:
    """1 if the answer has the same status (answered, partial, disputed, abstained) as without the change, else 0."""
    return float(pair.before.answer.status == pair.after.answer.status)


def citations_same(pair: Pair) -> float:
    """Cited spans in both answers / cited spans in either [Jaccard 1912]; 1 if neither cites anything."""
    before, after = _spans(pair.before), _spans(pair.after)
    return len(before & after) / len(before | after) if before | after else 1.0


def correct_change(pair: Pair) -> float | None:
    """answer_correct with the change minus without it; 0 is best, below 0 is worse."""
    before, after = answer_correct(pair.before), answer_correct(pair.after)
    return None if before is None or after is None else after - before


WORDED: Mapping[str, Change] = {
    "paraphrase": lambda sample: replace(sample, question=sample.paraphrases[0]) if sample.paraphrases else None,
    "reworded": lambda sample: _changed(sample, reworded(sample.question)),
    "typos": lambda sample: _changed(sample, typos(sample.question, SEED)),
}
VARIED = (*WORDED, "meant", "distractors", "order")

MEASURES: tuple[tuple[str, Callable[[Pair], float | None], tuple[float, float | None]], ...] = (
    ("status_same", status_same, (0.0, 1.0)),
    ("citations_same", citations_same, (0.0, 1.0)),
    ("correct_change", correct_change, (-1.0, None)),  # without an end: where nothing changed there is no interval
)

NAMES = frozenset(f"{name}_{variant}" for variant in VARIED for name, _, _ in MEASURES)
"""Figures that a run with robustness has beside the others."""


def run_varied(folder: Path, data: Path | None, how: How, opener: Opener = open_system) -> Run:
    """Runs a suite as `eval.run.run` does, and adds the figures of robustness to the run.

    Args:
        folder: of the suite.
        data: where its corpus or its public set lies.
        how: how it is run.
        opener: opens the system.
    """
    with ready(folder, data, how) as (suite, opening, how, stop):
        varied: dict[str, list[Trial | None]] = {}
        with opener(opening, stop) as system:
            run = evaluate(suite, judged(system, opening, how), how, stop)
            for name, change in WORDED.items():
                varied[name] = _again(
                    run.trials, change, system, replace(how, fresh=False), stop
                )  # its file was emptied
            meant = _meant(varied["typos"])
            varied["meant"] = _again(run.trials, meant, system, replace(how, fresh=False), stop)
        openings = {"order": replace(opening, order="backwards")}
        if suite.distractors:
            more = tuple(corpus_folder(suite, name, data) for name in suite.distractors)
            openings["distractors"] = replace(opening, folders=(*opening.folders, *more))
        for name, other in openings.items():
            with opener(other, stop) as system:
                varied[name] = _again(run.trials, lambda sample: sample, system, how, stop)
    return with_figures(run, varied)


def with_figures(run: Run, varied: Mapping[str, Sequence[Trial | None]]) -> Run:
    """The run with the figures of each variant, in all and by split; a question without a variant is not judged."""
    metrics, scores, rows = list(run.metrics), dict(run.scores), list(run.rows)
    for variant in VARIED:
        trials = varied.get(variant) or [None] * len(run.trials)
        for name, measure, bounds in MEASURES:
            metric: Metric[Pair] = Metric(f"{name}_{variant}", measure, bounds)
            scored = {
                before.sample.id: measure(Pair(before, after)) if after else None
                for before, after in zip(run.trials, trials, strict=True)
            }
            metrics.append(metric)
            scores[metric.name] = scored
            rows += _rows(metric, run.trials, scored)
    return replace(run, metrics=tuple(metrics), scores=scores, rows=tuple(rows))


def _rows(metric: Metric[Pair], trials: Sequence[Trial], scored: Mapping[str, float | None]) -> Iterator[Row]:
    for by in (None, "dev", "test"):
        members = [trial for trial in trials if by in (None, trial.sample.split)]
        figure = metric.estimate([scored[one.sample.id] for one in members], [one.cluster for one in members])
        if by is None or figure.n:
            yield Row(metric, by, figure)


def _again(trials: Sequence[Trial], change: Change, system: System, how: How, stop: Stop) -> list[Trial | None]:
    """The trials, each asked again where there is a variant of it."""
    changed = [change(trial.sample) for trial in trials]
    samples = [sample for sample in changed if sample]
    remembered = Cache.of(how.kept and how.kept / "answers", system.fingerprint, fresh=how.fresh)
    found = iter(ask_all(samples, system, remembered, how, stop)) if samples else iter(())
    return [
        replace(trial, sample=sample, answer=one.answer, passages=one.passages, articles=system.articles)
        if sample and (one := next(found))
        else None
        for trial, sample in zip(trials, changed, strict=True)
    ]


def _meant(typed: Sequence[Trial | None]) -> Change:
    """With slips of typing, or as an abstention then offers to ask it."""
    asked = {trial.sample.id: trial.answer.suggestion or trial.sample.question for trial in typed if trial}
    return lambda sample: replace(sample, question=asked[sample.id]) if sample.id in asked else None


def _changed(sample: Sample, question: str) -> Sample | None:
    return replace(sample, question=question) if question != sample.question else None


def _spans(trial: Trial) -> set[tuple[str, int, int]]:
    answer: Answer = trial.answer
    return {(trial.articles[one.article_id].key, one.start, one.end) for one in answer.citations}

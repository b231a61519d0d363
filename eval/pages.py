"""A run of questions as a finished run: what the terminal shows of it, and its own part of the page."""

from __future__ import annotations

from html import escape

from eval import confidence
from eval.done import Done
from eval.gate import GATED
from eval.metrics import METRICS
from eval.report import number, table
from eval.run import Run
from eval.trials import Trial

HEADLINES = (
    "recall_at_5",
    "answer_correct",
    "status_correct",
    "citation_recall",
    "citation_precision",
    "faithful_sentences",
    "answered_unanswerable",
    "answered_answerable",
)
"""What the terminal shows of each kind; the JSON and the page have every metric."""

NAMED = ("answerer", "checker", "embedder", "corpus", "version")
"""What answers say of where they come from."""


def finished(run: Run) -> Done:
    """All that the gate and the reports need of a run of questions."""
    suite, asked = run.suite, {trial.sample.id: trial.sample for trial in run.trials}
    about = {
        part: ", ".join(sorted({str(getattr(trial.answer.provenance, part)) for trial in run.trials})) for part in NAMED
    }
    return Done(
        name=suite.name,
        folder=suite.folder,
        counted=f"{len(run.trials)} questions",
        metrics=METRICS,
        gate=suite.gate or GATED,
        scores=run.scores,
        fingerprints={key: sample.fingerprint for key, sample in asked.items()},
        clusters=run.clusters,
        texts={key: sample.question for key, sample in asked.items()},
        rows=run.rows,
        headlines=[row for row in run.rows if row.by is None or row.metric.name in HEADLINES],
        about=about,
        sections=_sections(run),
    )


def _sections(run: Run) -> list[str]:
    return [
        "<h2>Confidence</h2>",
        "<p>Of answers given, by split. First: how often they are wrong when only the surest are kept, and the area "
        "under that line. Then: how often they are right where about the same confidence was stated; on the dashed "
        "line that is as often as stated.</p>",
        *confidence.draw(run.trials),
        "<h2>Questions</h2>",
        table(
            ("question", "expected", "got", "scores"), [_question(trial, run) for trial in run.trials], name="questions"
        ),
    ]


def _question(trial: Trial, run: Run) -> tuple[str, ...]:
    sample, target, answer = trial.sample, trial.target, trial.answer
    asked = "<br>".join(escape(line) for line in (*sample.history, sample.question))
    expected = [target.status, *(" | ".join(group) for group in target.accept)]
    expected += [f"{gold.article}: “{gold.quote}”" for gold in target.gold]
    got = [f"{answer.status}, confidence {answer.confidence:.2f}", str(answer)]
    got += [f"({claim.verdict} {claim.support:.2f}) {claim.text} {list(claim.citations)}" for claim in answer.sentences]
    got += [f"[{item.number}] {item.source} {item.start}-{item.end}: “{item.quote}”" for item in answer.citations]
    scores = [
        f"{name} {number(value)}" for name, scored in run.scores.items() if (value := scored[sample.id]) is not None
    ]
    wrong = run.scores["answer_correct"][sample.id] == 0 or run.scores["status_correct"][sample.id] == 0
    head = f"<b{' class=bad' if wrong else ''}>{escape(sample.id)}</b> ({escape(sample.kind)}, {escape(sample.split)})"
    return (f"{head}<br>{asked}", *("<br>".join(map(escape, lines)) for lines in (expected, got, scores)))

"""Reports of a run: a table for the terminal, JSON for machines, and a page with every question."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from eval import confidence
from eval.gate import Baseline, Gate
from eval.run import Row, Run
from eval.statistics import Estimate
from eval.trials import Trial
from index.errors import SourceboundError

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

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0; } td, th { padding: .25rem .75rem; text-align: left;
vertical-align: top; border-bottom: 1px solid #ddd; } .bad { color: #a00; }
"""


def contract(run: Run, gate: Gate) -> dict[str, object]:
    """The object that `rag eval --json` prints."""
    return {
        "suite": run.suite.name,
        "metrics": [
            {
                "name": row.metric.name,
                "by": row.by,
                "value": row.estimate.value,
                "low": row.estimate.low,
                "high": row.estimate.high,
                "n": row.estimate.n,
            }
            for row in run.rows
        ],
        "failed_gates": list(gate.failed),
    }


def terminal(run: Run, gate: Gate, about: Mapping[str, str]) -> str:
    """The run as lines of text: what ran, all metrics, headlines by kind, the gate."""
    lines = [f"{run.suite.name}: {len(run.trials)} questions", *(f"  {key}: {value}" for key, value in about.items())]
    lines += ["", f"{'metric':<26}{'by':<12}{'value':>10}  {'95 % interval':<20}{'n':>5}  not judged"]
    for row in run.rows:
        if row.by is None or row.metric.name in HEADLINES:
            by, figure = row.by or "all", row.estimate
            lines.append(
                f"{row.metric.name:<26}{by:<12}{_number(figure.value):>10}  {_interval(figure):<20}{figure.n:>5}"
                f"  {figure.not_judged or ''}".rstrip()
            )
    lines += ["", *_outcome(gate)]
    return "\n".join(lines) + "\n"


def write_report(folder: Path, run: Run, gate: Gate, about: Mapping[str, str], baseline: Baseline | None) -> Path:
    """Writes `result.json` and `report.html` into a folder and returns the page's path.

    Raises:
        SourceboundError: the folder cannot be written to.
    """
    result = {**contract(run, gate), "about": dict(about), "notes": gate.notes, "scores": run.scores}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8")
        (folder / "report.html").write_text(page(run, gate, about, baseline), "utf-8")
    except OSError as exc:
        message = f"the report cannot be written to {str(folder)!r}: {exc}"
        raise SourceboundError(message) from exc
    return folder / "report.html"


def page(run: Run, gate: Gate, about: Mapping[str, str], baseline: Baseline | None) -> str:
    """A page that needs nothing else; all text of articles, questions and answers is escaped."""
    title = escape(f"Evaluation: {run.suite.name}")
    body = [
        f"<h1>{title}</h1>",
        _table(("", ""), [(escape(key), escape(value)) for key, value in about.items()]),
        "<h2>Gate</h2>",
        *(f"<p{' class=bad' if gate.failed else ''}>{escape(line)}</p>" for line in _outcome(gate)),
        "<h2>Changes against the accepted run</h2>",
        *_changes(run, gate, baseline),
        "<h2>Figures</h2>",
        _table(("metric", "by", "value", "95 % interval", "n", "not judged", "formula"), map(_figures, run.rows)),
        "<h2>Confidence</h2>",
        "<p>Of answers given, by split. First: how often they are wrong when only the surest are kept, and the area "
        "under that line. Then: how often they are right where about the same confidence was stated; on the dashed "
        "line that is as often as stated.</p>",
        *confidence.draw(run.trials),
        "<h2>Questions</h2>",
        _table(
            ("question", "expected", "got", "scores"), [_question(trial, run) for trial in run.trials], name="questions"
        ),
    ]
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n' + "\n".join(body) + "\n</body></html>\n"


def _outcome(gate: Gate) -> Iterator[str]:
    yield f"gate: {'FAILS' if gate.failed else 'holds'}"
    yield from (f"  {reason}" for reason in gate.failed.values())
    yield from (f"  note: {note}" for note in gate.notes)


def _changes(run: Run, gate: Gate, baseline: Baseline | None) -> Iterator[str]:
    """The paired differences and, per metric, the questions that changed (with their scores as they were stored)."""
    if baseline is None:
        yield "<p>No accepted run to compare with.</p>"
        return
    made = ", ".join(f"{key} {value}" for key, value in baseline.about.items())
    yield f"<p>Accepted run: {escape(made)}. Below zero is worse. The intervals are wider "
    yield "than 95 %: the wanted rate of false alarms is shared out over the gated metrics.</p>"
    questions = {trial.sample.id: trial.sample.question for trial in run.trials}
    rows = []
    for name, change in gate.differences.items():
        interval = _interval(Estimate(change.value, change.low, change.high, change.n))
        flips = "<br>".join(
            f"{escape(flip.id)}: {_number(baseline.scores[name][flip.id])} → {_number(run.scores[name][flip.id])} "
            f"<i>{escape(questions[flip.id])}</i>"
            for flip in change.flips
        )
        rows.append((escape(name), _number(change.value), interval, str(change.n), str(change.clusters), flips))
    yield _table(("metric", "difference", "interval", "questions", "clusters", "changed questions"), rows)


def _figures(row: Row) -> tuple[str, ...]:
    figure, formula = row.estimate, row.metric.formula if row.by is None else ""
    cells = (row.metric.name, row.by or "all", _number(figure.value), _interval(figure), str(figure.n))
    return (*map(escape, cells), str(figure.not_judged or ""), escape(formula))


def _question(trial: Trial, run: Run) -> tuple[str, ...]:
    sample, target, answer = trial.sample, trial.target, trial.answer
    asked = "<br>".join(escape(line) for line in (*sample.history, sample.question))
    expected = [target.status, *(" | ".join(group) for group in target.accept)]
    expected += [f"{gold.article}: “{gold.quote}”" for gold in target.gold]
    got = [f"{answer.status}, confidence {answer.confidence:.2f}", str(answer)]
    got += [f"({claim.verdict} {claim.support:.2f}) {claim.text} {list(claim.citations)}" for claim in answer.sentences]
    got += [f"[{item.number}] {item.source} {item.start}-{item.end}: “{item.quote}”" for item in answer.citations]
    scores = [
        f"{name} {_number(value)}" for name, scored in run.scores.items() if (value := scored[sample.id]) is not None
    ]
    wrong = run.scores["answer_correct"][sample.id] == 0 or run.scores["status_correct"][sample.id] == 0
    head = f"<b{' class=bad' if wrong else ''}>{escape(sample.id)}</b> ({escape(sample.kind)}, {escape(sample.split)})"
    return (f"{head}<br>{asked}", *("<br>".join(map(escape, lines)) for lines in (expected, got, scores)))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], name: str = "") -> str:
    """An HTML table; the cells are HTML already."""
    head = "".join(f"<th>{cell}</th>" for cell in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table{f' id={name}' if name else ''}><tr>{head}</tr>\n{body}</table>"


def _number(value: float | None) -> str:
    if value is None:
        return "not judged"
    return f"{value:.0f}" if value == round(value) and abs(value) > 1 else f"{value:.3f}"


def _interval(figure: Estimate) -> str:
    return "" if figure.low is None or figure.high is None else f"[{figure.low:.3f}, {figure.high:.3f}]"

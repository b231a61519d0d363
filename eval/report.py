"""Reports of a run: a table for the terminal, JSON for machines, and a page with all that was asked or checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from eval.done import Done, Row
from eval.gate import Baseline, Gate
from eval.statistics import Estimate
from index.errors import SourceboundError

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0; } td, th { padding: .25rem .75rem; text-align: left;
vertical-align: top; border-bottom: 1px solid #ddd; } .bad { color: #a00; }
"""


def contract(run: Done, gate: Gate) -> dict[str, object]:
    """The object that `rag eval --json` prints."""
    return {
        "suite": run.name,
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


def terminal(run: Done, gate: Gate, about: Mapping[str, str]) -> str:
    """The run as lines of text: what ran, all metrics, headlines by kind, the gate."""
    lines = [f"{run.name}: {run.counted}", *(f"  {key}: {value}" for key, value in about.items())]
    wide = max([11, *(len(row.by or "") for row in run.headlines)]) + 1
    name = max([25, *(len(row.metric.name) for row in run.headlines)]) + 1
    lines += ["", f"{'metric':<{name}}{'by':<{wide}}{'value':>10}  {'95 % interval':<20}{'n':>5}  not judged"]
    for row in run.headlines:
        by, figure = row.by or "all", row.estimate
        lines.append(
            f"{row.metric.name:<{name}}{by:<{wide}}{number(figure.value):>10}  {_interval(figure):<20}{figure.n:>5}"
            f"  {figure.not_judged or ''}".rstrip()
        )
    lines += ["", *run.lines] if run.lines else []
    lines += ["", *_outcome(run, gate)]
    return "\n".join(lines) + "\n"


def write_report(folder: Path, run: Done, gate: Gate, about: Mapping[str, str], baseline: Baseline | None) -> Path:
    """Writes `result.json`, `report.html` and the run's own files into a folder and returns the page's path.

    Raises:
        SourceboundError: the folder cannot be written to.
    """
    goals = [goal.line(run.rows) for goal in run.goals]
    result = {**contract(run, gate), "about": dict(about), "goals": goals, "notes": gate.notes, "scores": run.scores}
    result |= run.details
    texts = {
        **run.files,
        "result.json": json.dumps(result, indent=1, ensure_ascii=False) + "\n",
        "report.html": page(run, gate, about, baseline),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as exc:
        message = f"the report cannot be written to {str(folder)!r}: {exc}"
        raise SourceboundError(message) from exc
    return folder / "report.html"


def page(run: Done, gate: Gate, about: Mapping[str, str], baseline: Baseline | None) -> str:
    """A page that needs nothing else; all text of articles, questions and answers is escaped."""
    title = escape(f"Evaluation: {run.name}")
    body = [
        f"<h1>{title}</h1>",
        table(("", ""), [(escape(key), escape(value)) for key, value in about.items()]),
        "<h2>Gate</h2>",
        *(f"<p{' class=bad' if gate.failed else ''}>{escape(line)}</p>" for line in _outcome(run, gate)),
        "<h2>Changes against the accepted run</h2>",
        *_changes(run, gate, baseline),
        "<h2>Figures</h2>",
        table(("metric", "by", "value", "95 % interval", "n", "not judged", "formula"), map(_figures, run.rows)),
        *run.sections,
    ]
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n' + "\n".join(body) + "\n</body></html>\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], name: str = "") -> str:
    """An HTML table; the cells are HTML already."""
    head = "".join(f"<th>{cell}</th>" for cell in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table{f' id={name}' if name else ''}><tr>{head}</tr>\n{body}</table>"


def number(value: float | None) -> str:
    """A figure for a person: a count without decimals, else three of them."""
    if value is None:
        return "not judged"
    return f"{value:.0f}" if value == round(value) and abs(value) > 1 else f"{value:.3f}"


def _outcome(run: Done, gate: Gate) -> Iterator[str]:
    yield from (goal.line(run.rows) for goal in run.goals)
    yield f"gate: {'FAILS' if gate.failed else 'holds'}"
    yield from (f"  {reason}" for reason in gate.failed.values())
    yield from (f"  note: {note}" for note in gate.notes)


def _changes(run: Done, gate: Gate, baseline: Baseline | None) -> Iterator[str]:
    """The paired differences and, per metric, the questions that changed (with their scores as they were stored)."""
    if baseline is None:
        yield "<p>No accepted run to compare with.</p>"
        return
    made = ", ".join(f"{key} {value}" for key, value in baseline.about.items())
    yield f"<p>Accepted run: {escape(made)}. Below zero is worse. The intervals are wider "
    yield "than 95 %: the wanted rate of false alarms is shared out over the gated metrics.</p>"
    rows = []
    for name, change in gate.differences.items():
        interval = _interval(Estimate(change.value, change.low, change.high, change.n))
        flips = "<br>".join(
            f"{escape(flip.id)}: {number(baseline.scores[name][flip.id])} → {number(run.scores[name][flip.id])} "
            f"<i>{escape(run.texts[flip.id])}</i>"
            for flip in change.flips
        )
        rows.append((escape(name), number(change.value), interval, str(change.n), str(change.clusters), flips))
    yield table(("metric", "difference", "interval", "judged", "clusters", "changed"), rows)


def _figures(row: Row) -> tuple[str, ...]:
    figure, formula = row.estimate, row.metric.formula if row.by is None else ""
    cells = (row.metric.name, row.by or "all", number(figure.value), _interval(figure), str(figure.n))
    return (*map(escape, cells), str(figure.not_judged or ""), escape(formula))


def _interval(figure: Estimate) -> str:
    return "" if figure.low is None or figure.high is None else f"[{figure.low:.3f}, {figure.high:.3f}]"

"""The Quality tab: what answers rest on, and how often they were wrong when that was measured. Records in, HTML out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from ui.parts.gauge import gauge, share

if TYPE_CHECKING:
    from ui.measured import Figure, Report
    from ui.words import Words

_MAIN = (
    "answer_correct", "selective_accuracy", "answered_answerable", "answered_unanswerable", "citation_precision",
    "faithful_sentences", "unsupported_shown", "unresolvable_citations", "recall_at_5", "disputes_found",
    "false_disputes", "calibration_error", "balanced_accuracy", "false_supported", "false_unsupported",
    "latency_median_ms",
)  # fmt: skip
"""Figures that are shown, in this order, where a report has them; each has its words."""

_COUNTS = ("unsupported_shown", "unresolvable_citations")
_OTHERS = 8  # figures by their own names, of a report that has none of those
_SETS = ("factcc_news", "ragtruth_qa", "ragtruth_summary", "wice_dev", "mutations")
_MOST_OUTLETS = 12


@dataclass(frozen=True, slots=True)
class Model:
    """A model in use.

    Attributes:
        role: "embedder", "reranker", "misses", "checker" or "answerer": what it does.
        name: with its version where it has one.
        mark: the beginning of its hash, "" where there is none to see.
        host: of the server that runs it; "" for this machine.
    """

    role: str
    name: str
    mark: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Quality:
    """What the tab shows.

    Attributes:
        corpus: the fingerprint, 12 hexadecimal digits.
        articles: how many answers may use.
        outlets: names with their numbers of articles.
        first, last: days of publication, None where none is known.
        undated: articles without one.
        store_format: of the store's folder.
        version: of this program.
        settings: the fingerprint of all settings that can change an answer.
        models: in the order they work.
        checker: the name of the checker in use.
        judged: its figures on claims whose truth is known; empty where it was never measured.
        reports: the newest first.
        chosen: the number of the one that is shown, from 0.
        broken: how many reports cannot be read.
    """

    corpus: str
    articles: int
    outlets: tuple[tuple[str, int], ...]
    first: date | None
    last: date | None
    undated: int
    store_format: int
    version: str
    settings: str
    models: tuple[Model, ...]
    checker: str
    judged: tuple[Figure, ...] = ()
    reports: tuple[Report, ...] = ()
    chosen: int = 0
    broken: int = 0


def render_placeholder(words: Words) -> str:
    """What stands in the tab until its script has fetched it, and what to say where nobody answers."""
    return (
        f'<div id="sb-quality" data-part="/parts/quality?lang={words.language}" '
        f'data-gone="{escape(words("quality.gone"))}" data-again="{escape(words("quality.again"))}">'
        f'<p class="sb-hidden">{escape(words("quality.loading"))}</p></div>'
    )


def render_quality(of: Quality, words: Words) -> str:
    """The whole tab."""
    parts = [*_measured(of, words), *_judged(of, words)]
    made = [*_corpus(of, words), *_models(of, words)]
    return (
        f'<section class="sb-quality"><h2>{escape(words("quality.heading"))}</h2>'
        f'<p class="sb-quality-lead">{escape(words("quality.lead"))}</p>'
        f'<div class="sb-quality-columns"><div>{"".join(parts)}</div><div>{"".join(made)}</div></div></section>'
    )


def _measured(of: Quality, words: Words) -> Iterator[str]:
    yield f"<h3>{escape(words('quality.measured'))}</h3>"
    if of.broken:
        yield _note("quality.broken_one" if of.broken == 1 else "quality.broken_many", "warn", words, count=of.broken)
    if not of.reports:
        yield _note("quality.nothing", "warn", words)
        yield from _how_to(words)
        return
    report = of.reports[of.chosen]
    yield from _choice(of, words)
    same_corpus = report.about.get("corpus") == of.corpus
    same_settings = report.about.get("settings") == of.settings
    if same_corpus and same_settings:
        yield _note("quality.same", "good", words)
    elif same_corpus:
        yield _note("quality.other_settings", "warn", words)
    else:
        yield _note("quality.other_corpus", "warn", words)
    yield from _about(report, words)
    yield _figures(report, words)
    if report.about.get("judge", "-") in report.about.get("checker", "").split(", "):
        yield _note("quality.same_judge", "warn", words)
    if report.failed:
        yield _note(
            "quality.failed_one" if report.failed == 1 else "quality.failed_many", "bad", words, count=report.failed
        )
    if report.judge:
        lines = "".join(f"<li>{escape(line)}</li>" for line in report.judge)
        yield f'<details><summary>{escape(words("quality.judge"))}</summary><ul lang="en">{lines}</ul></details>'
    if report.page:
        yield (
            f'<p><a class="sb-quality-open" href="/quality/report?report={of.chosen}" target="_blank" rel="noopener">'
            f"{escape(words('quality.open'))}</a></p>"
        )
    if not same_corpus:
        yield from _how_to(words)


def _choice(of: Quality, words: Words) -> Iterator[str]:
    if len(of.reports) < 2:
        return
    options = "".join(
        f'<option value="{number}"{" selected" if number == of.chosen else ""}>{escape(_title(report, words))}</option>'
        for number, report in enumerate(of.reports)
    )
    label = escape(words("quality.choose"))
    yield f'<p><label class="sb-quality-choose">{label} <select id="sb-quality-report">{options}</select></label></p>'


def _title(report: Report, words: Words) -> str:
    when = f"{report.when:%Y-%m-%d %H:%M} UTC" if report.when else words("quality.undated_report")
    return f"{report.suite}, {when}"


def _about(report: Report, words: Words) -> Iterator[str]:
    rows = [("suite", report.about.get("measured") or report.suite)]
    rows += [("when", f"{report.when:%Y-%m-%d %H:%M} UTC" if report.when else words("quality.undated_report"))]
    rows += [(name, report.about[name]) for name in ("answerer", "checker", "embedder", "corpus", "settings")
             if report.about.get(name)]  # fmt: skip
    yield _list([(words(f"quality.ran_{name}"), escape(value)) for name, value in rows])


def _figures(report: Report, words: Words) -> str:
    """The main figures as a table; of a report of another kind the first ones, by their own names."""
    there = {one.name: one for one in report.figures if one.value is not None}
    main = [there[name] for name in _MAIN if name in there]
    shown = main or list(there.values())[:_OTHERS]
    if not shown:
        return _note("quality.no_figures", "warn", words)
    rows = "".join(_row(one, words, known=bool(main)) for one in shown)
    return _table("quality.caption", ("what", "figure", "of"), rows, words)


def _row(one: Figure, words: Words, *, known: bool) -> str:
    name = escape(words(f"quality.is_{one.name}")) if known else f"<code>{escape(one.name)}</code>"
    way = one.better or ("lower" if one.name == "calibration_error" else "")
    better = f'<span class="sb-better">{escape(words(f"quality.{way}"))}</span>' if way else ""
    value = one.value or 0.0
    if one.name in _COUNTS:
        figure = f"<b>{value:.0f}</b>"
    elif one.name.endswith("_ms"):
        figure = f"<b>{value:.0f} ms</b>"
    elif 0 <= value <= 1:
        figure = f"{gauge(value, one.low, one.high)}{share(one, words)}"
    else:
        figure = f"<b>{value:.3g}</b>"
    head = escape(words("quality.head_of"))
    count = f'<td class="sb-of" data-head="{head}">{one.n}</td>'
    return f'<tr><th scope="row">{name}{better}</th><td>{figure}</td>{count}</tr>'


def _judged(of: Quality, words: Words) -> Iterator[str]:
    """How often the checker lets through what is not so, and refuses what is."""
    yield f"<h3>{escape(words('quality.checker'))}</h3>"
    by_set: dict[str, dict[str, Figure]] = {}
    for one in of.judged:
        by_set.setdefault(one.group, {})[one.name] = one
    there = [name for name in _SETS if name in by_set]
    if not there:
        yield _note("quality.checker_unknown", "warn", words, checker=of.checker)
        return
    yield f"<p>{escape(words('quality.checker_lead', checker=of.checker))}</p>"
    rows = "".join(
        f'<tr><th scope="row">{escape(words(f"quality.set_{name}"))}</th>'
        f"{_error(by_set[name].get('false_supported'), 'passed', words)}"
        f"{_error(by_set[name].get('false_refused'), 'refused', words)}</tr>"
        for name in there
    )
    yield _table("quality.checker_caption", ("set", "passed", "refused"), rows, words)
    mean = by_set.get("mean", {}).get("balanced_accuracy")
    if mean is not None and mean.value is not None:
        count = escape(words("quality.of_n", count=mean.n))
        yield f'<p>{escape(words("quality.mean"))} {share(mean, words)} <span class="sb-of">{count}</span></p>'


def _error(one: Figure | None, column: str, words: Words) -> str:
    head = escape(words(f"quality.head_{column}"))
    if one is None or one.value is None:
        return f'<td data-head="{head}">–</td>'
    count = escape(words("quality.of_n", count=one.n))
    drawn = gauge(one.value, one.low, one.high)
    return f'<td data-head="{head}">{drawn}{share(one, words)} <span class="sb-of">{count}</span></td>'


def _table(caption: str, heads: Sequence[str], rows: str, words: Words) -> str:
    first = "".join(f'<th scope="col">{escape(words(f"quality.head_{name}"))}</th>' for name in heads)
    return (
        f'<table class="sb-figures"><caption>{escape(words(caption))}</caption>'
        f"<thead><tr>{first}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _corpus(of: Quality, words: Words) -> Iterator[str]:
    yield f"<h3>{escape(words('quality.corpus'))}</h3>"
    days = words("quality.no_dates")
    if of.first and of.last:
        one = of.first == of.last
        days = str(of.first) if one else words("quality.days", first=of.first, last=of.last)
    if of.undated and of.first:
        days += words("quality.and_undated", count=of.undated)
    names = "".join(f"<li><bdi>{escape(name)}</bdi> ({count})</li>" for name, count in of.outlets[:_MOST_OUTLETS])
    rest = len(of.outlets) - _MOST_OUTLETS
    names += f"<li>{escape(words('quality.more', count=rest))}</li>" if rest > 0 else ""
    rows = [
        (words("quality.articles"), str(of.articles)),
        (words("quality.dates"), escape(days)),
        (words("quality.outlets"), f"<ul>{names}</ul>" if names else escape(words("quality.no_outlets"))),
        (words("quality.fingerprint"), f"<code>{escape(of.corpus)}</code>"),
        (words("quality.format"), str(of.store_format)),
    ]
    yield f"{_list(rows)}<p class='sb-quiet'>{escape(words('quality.fingerprint_why'))}</p>"


def _models(of: Quality, words: Words) -> Iterator[str]:
    yield f"<h3>{escape(words('quality.models'))}</h3>"
    rows = []
    for model in of.models:
        where = words("quality.host", host=model.host) if model.host else words("quality.here")
        mark = f" <code>{escape(model.mark)}</code>" if model.mark else ""
        rows.append((words(f"quality.role_{model.role}"),
                     f"{escape(model.name)}{mark} <span class='sb-where'>{escape(where)}</span>"))  # fmt: skip
    rows += [
        (words("quality.settings"), f"<code>{escape(of.settings)}</code>"),
        (words("quality.version"), escape(of.version)),
    ]
    yield _list(rows)


def _how_to(words: Words) -> Iterator[str]:
    """Three lines: make questions, review them, measure."""
    steps = "".join(
        f"<li>{escape(words(f'quality.step_{name}'))} <code>{escape(command)}</code></li>"
        for name, command in (
            ("make", "rag eval init mine --corpus ARTICLES"),
            ("review", "rag eval review mine"),
            ("measure", "rag eval mine --report reports/mine"),
        )
    )
    yield f'<p>{escape(words("quality.how_to"))}</p><ol class="sb-steps">{steps}</ol>'


def _note(key: str, kind: str, words: Words, **values: object) -> str:
    """A line with a sign of its own shape: a tick, a triangle, a cross."""
    sign = {"good": "✓", "warn": "△", "bad": "✗"}[kind]
    said = escape(words(key, **values))
    return f'<p class="sb-quality-note sb-is-{kind}"><span aria-hidden="true">{sign}</span> {said}</p>'


def _list(rows: Sequence[tuple[str, str]]) -> str:
    """Names and what they are, which is HTML already."""
    return f"<dl>{''.join(f'<div><dt>{escape(name)}</dt><dd>{value}</dd></div>' for name, value in rows)}</dl>"

"""What evaluations measured, read from their files as data: reports of a folder, and the error of each checker."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is read."""

MOST_REPORTS = 100
"""Folders that are looked into, by name from the end."""

_RESULT, _PAGE = "result.json", "report.html"
_WHEN = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::\d\d)?(?: ?UTC|Z|\+00:00)?")
_SHIPPED = Path(__file__).resolve().parent.parent / "eval" / "judges.json"  # beside the packages, as an installed wheel
_MOST_LINES = 40
_ABOUT = ("answerer", "checker", "embedder", "corpus", "settings", "version", "measured", "judge")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        name: as the report has it: "answer_correct".
        value: None where nothing could be judged.
        low, high: of its 95 % interval, None where there is none.
        n: how many questions, sentences or claims it is of.
        better: which way is good, "higher" or "lower"; "" where the report does not say.
        group: the labelled set that it is of, "" for all.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    better: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """One evaluation report.

    Attributes:
        suite: its name.
        when: the end of the run, UTC; None where the report does not say.
        about: what made it, of `answerer`, `checker`, `embedder`, `corpus`, `settings`, `version`, `measured`, `judge`.
        figures: over all questions.
        judge: lines on how wrong the judge is.
        failed: how many gates failed.
        page: whether there is a page with the details.
        folder: where it lies; never shown.
    """

    suite: str
    when: datetime | None
    about: Mapping[str, str]
    figures: tuple[Figure, ...]
    judge: tuple[str, ...]
    failed: int
    page: bool
    folder: Path


def reports(folder: Path | None) -> tuple[tuple[Report, ...], int]:
    """The reports in a folder and in the folders right below it, the newest first, and how many cannot be read.

    Args:
        folder: as `rag eval --report` was given it, or the one above several of them; None, or none there, for nothing.
    """
    if folder is None or not folder.is_dir():
        return (), 0
    try:
        below = sorted((path for path in folder.iterdir() if path.is_dir()), reverse=True)[:MOST_REPORTS]
        files = [path / _RESULT for path in (folder, *below) if (path / _RESULT).is_file()]
    except OSError:
        return (), 1
    read = [_known(path) for path in files if path.resolve().is_relative_to(folder.resolve())]
    found = [one for one in read if one is not None]
    found.sort(key=lambda one: (one.when or datetime.min.replace(tzinfo=UTC), one.suite), reverse=True)
    return tuple(found), len(read) - len(found)


def page_of(report: Report) -> bytes | None:
    """The report's page as it is; None where it is gone or larger than LARGEST."""
    path = report.folder / _PAGE
    try:
        return path.read_bytes() if report.page and path.stat().st_size <= LARGEST else None
    except OSError:
        return None


def judge_error(checker: str) -> tuple[Figure, ...]:
    """How often a checker is wrong on claims whose truth is known, by set: the user's own measurement, else ours.

    Args:
        checker: its name, as answers give it.
    """
    own = Path(platformdirs.user_data_dir("sourcebound", appauthor=False)) / "judges.json"
    for path in (own, _SHIPPED):
        judged = _loaded(path).get(checker)
        if isinstance(judged, dict) and isinstance(judged.get("measured"), list):
            rows = [
                _figure({**row, "name": row.get("figure")}, {}) for row in judged["measured"] if isinstance(row, dict)
            ]
            return tuple(one for one in rows if one is not None)
    return ()


def _known(path: Path) -> Report | None:
    try:
        known = path.stat()
    except OSError:
        return None
    return _report(path, known.st_mtime_ns)


@lru_cache(maxsize=2 * MOST_REPORTS)
def _report(path: Path, changed: int) -> Report | None:
    del changed  # tells one state of the file from another
    found = _loaded(path)
    about, metrics, suite = found.get("about"), found.get("metrics"), found.get("suite")
    if not isinstance(about, dict) or not isinstance(metrics, list) or not isinstance(suite, str):
        return None
    ways = found.get("directions")
    better = {name: way for name, way in ways.items() if way in ("higher", "lower")} if isinstance(ways, dict) else {}
    of_all = [row for row in metrics if isinstance(row, dict) and row.get("by") is None]
    lines, failed = found.get("judge"), found.get("failed_gates")
    return Report(
        suite=suite[:80],
        when=_when(about.get("date")),
        about={name: str(about[name])[:200] for name in _ABOUT if isinstance(about.get(name), str)},
        figures=tuple(one for one in (_figure(row, better) for row in of_all) if one is not None),
        judge=tuple(str(line)[:400] for line in lines[:_MOST_LINES]) if isinstance(lines, list) else (),
        failed=len(failed) if isinstance(failed, list) else 0,
        page=(path.parent / _PAGE).is_file() and not (path.parent / _PAGE).is_symlink(),
        folder=path.parent,
    )


def _figure(row: Mapping[str, Any], better: Mapping[str, str]) -> Figure | None:
    name, value, low, high, n = (row.get(key) for key in ("name", "value", "low", "high", "n"))
    ends = [end if _is_number(end) else None for end in (value, low, high)]
    if not isinstance(name, str) or isinstance(n, bool) or not isinstance(n, int) or n < 0:
        return None
    group = row.get("set")
    return Figure(
        name[:60], ends[0], ends[1], ends[2], n, better.get(name, ""), group[:60] if isinstance(group, str) else ""
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12  # not NaN, not infinite


def _when(text: object) -> datetime | None:
    match = _WHEN.fullmatch(text.strip()) if isinstance(text, str) else None
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}+00:00") if match else None
    except ValueError:
        return None


def _loaded(path: Path) -> dict[str, Any]:
    """A JSON object; an empty one where the file is none, is gone, or is too large."""
    try:
        found = json.loads(path.read_text("utf-8")) if path.stat().st_size <= LARGEST else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

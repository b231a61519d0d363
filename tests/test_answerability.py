"""The fit of the estimate, its threshold and its figures, on rows made up for it."""

from __future__ import annotations

import random

import pytest

from eval.bench.answerability import Row, fit, held_out, page, report, scorer, threshold_for


def _row(corpus: str, dataset: str, place: int, value: float, *, right: bool) -> Row:
    half = "dev" if place % 2 else "test"
    found = {"sign": value, "noise": float(place % 3)}
    return Row(corpus, dataset, f"document {place % 40}", half, found, value / 10, corpus == dataset, right)


def _rows() -> list[Row]:
    """Two sets in which "sign" tells right from wrong three times in four, and questions about something else."""
    draw = random.Random(4)  # noqa: S311 - repeatable, nothing secret
    rows = []
    for corpus, count in (("a", 400), ("b", 120)):
        for place in range(count):
            right = draw.random() < 0.5
            rows.append(_row(corpus, corpus, place, draw.gauss(1.0 if right else 0.0, 0.7), right=right))
        rows += [_row(corpus, "c", place, draw.gauss(-4, 0.5), right=False) for place in range(80)]
    return rows


def test_the_fit_finds_the_sign_and_leaves_the_noise() -> None:
    weights = fit(_rows())
    assert weights["sign"] > 1
    assert abs(weights["noise"]) < weights["sign"] / 5


def test_what_is_fitted_is_a_probability() -> None:
    rows = [row for row in _rows() if row.corpus == row.dataset]
    scores = [scorer(fit(rows))(row) for row in rows]
    assert sum(scores) / len(scores) == pytest.approx(sum(row.right for row in rows) / len(rows), abs=0.03)


def test_a_question_without_sentences_has_probability_0() -> None:
    row = Row("a", "a", "d", "dev", None, -1.0, True, False)
    assert scorer({"bias": 5.0, "sign": 1.0})(row) == 0.0


def test_the_threshold_keeps_the_share_wrong_at_its_target() -> None:
    rows = _rows()
    scores = held_out(rows)
    threshold = threshold_for(rows, scores, 0.2)
    given = [(row, score) for row, score in zip(rows, scores, strict=True) if score >= threshold]
    wrong = {corpus: [not row.right for row, _ in given if row.corpus == corpus] for corpus in "ab"}
    assert 0.5 * sum(sum(part) / len(part) for part in wrong.values()) <= 0.25
    assert threshold_for(rows, scores, 0.3) < threshold


def test_near_misses_do_not_move_the_threshold() -> None:
    rows = _rows()
    scores = [scorer(fit(rows))(row) for row in rows]
    misses = [Row("a", "a", "d", "dev", {"sign": 3.0, "noise": 0.0}, 0.5, False, False)] * 50
    assert threshold_for([*rows, *misses], [*scores, *[0.99] * 50]) == threshold_for(rows, scores)


def test_the_report_names_every_store_and_the_plain_scores() -> None:
    rows = [
        Row(r.corpus, r.dataset, r.document, r.half, {**(r.features or {}), "score": 1.0}, 0.1, r.answerable, r.right)
        for r in _rows()
    ]
    lines = "\n".join(report(rows, fit(rows), 0.5))
    for word in ("a: n=200", "b: n=60", "cosine alone", "cross-encoder alone", "about something else", "calibration"):
        assert word in lines


def test_the_page_needs_nothing_from_outside() -> None:
    rows = [
        Row(r.corpus, r.dataset, r.document, r.half, {**(r.features or {}), "score": 1.0}, 0.1, r.answerable, r.right)
        for r in _rows()
    ]
    made = page(rows, fit(rows))
    assert made.count("<svg") == 3
    assert "src=" not in made
    assert "href=" not in made

"""Risk against coverage and reliability: figures by hand, invariants, drawings that parse."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.curves import calibration_error, draw_reliability, draw_risk_coverage, reliability, risk_coverage

ANSWERS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def test_risk_is_the_share_wrong_among_the_surest() -> None:
    curve = risk_coverage([0.9, 0.8, 0.7, 0.6], [True, False, True, False])
    assert [(coverage, round(risk, 3)) for coverage, risk, _ in curve.points] == [
        (0.25, 0.0),
        (0.5, 0.5),
        (0.75, 0.333),
        (1.0, 0.5),
    ]
    assert curve.area == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_equal_scores_are_answered_together_whatever_their_order() -> None:
    curve = risk_coverage([0.5, 0.5, 0.1], [True, False, True])
    assert curve == risk_coverage([0.5, 0.5, 0.1], [False, True, True])
    assert curve.points[0] == (2 / 3, 1 / 2, 0.5)


def test_the_point_at_a_risk_answers_as_much_as_that_risk_allows() -> None:
    curve = risk_coverage([0.9, 0.8, 0.7, 0.6], [True, False, True, False])
    assert curve.at_risk(0.4) == (0.75, 1 / 3, 0.7)
    assert curve.at_risk(0.0) == (0.25, 0.0, 0.9)


def test_no_point_where_the_surest_answer_is_wrong_already() -> None:
    assert risk_coverage([0.9, 0.1], [False, False]).at_risk(0.5) is None


def test_nothing_has_no_area_and_no_calibration_error() -> None:
    assert risk_coverage([], []).area is None
    assert calibration_error(reliability([], [])) is None


@given(ANSWERS)
def test_a_curve_ends_at_all_answered_with_the_overall_risk(answers: list[tuple[float, bool]]) -> None:
    scores, right = [score for score, _ in answers], [label for _, label in answers]
    curve = risk_coverage(scores, right)
    coverage, risk, _ = curve.points[-1]
    assert coverage == 1.0
    assert risk == pytest.approx(1 - sum(right) / len(right))
    assert curve.area is not None
    assert -1e-9 <= curve.area <= 1 + 1e-9


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_no_order_has_a_smaller_area_than_right_before_wrong(right: list[bool]) -> None:
    perfect = risk_coverage([float(label) - place * 1e-6 for place, label in enumerate(right)], right)
    given_order = risk_coverage([-float(place) for place in range(len(right))], right)
    assert perfect.area is not None
    assert given_order.area is not None
    assert perfect.area <= given_order.area + 1e-9


@given(ANSWERS)
def test_bins_hold_every_sample_once_and_rise(answers: list[tuple[float, bool]]) -> None:
    bins = reliability([score for score, _ in answers], [label for _, label in answers])
    assert sum(part.count for part in bins) == len(answers)
    assert all(one.stated <= other.stated + 1e-9 for one, other in pairwise(bins))


def test_what_is_right_as_often_as_stated_has_no_calibration_error() -> None:
    assert calibration_error(reliability([0.25] * 4, [True, False, False, False], bins=1)) == 0.0
    assert calibration_error(reliability([1.0] * 4, [True, False, False, False], bins=1)) == 0.75


def test_drawings_are_markup_that_parses_and_names_are_escaped() -> None:
    curve = risk_coverage([0.9, 0.1], [True, False])
    hostile = "<script>alert(1)</script>"
    for drawing in (
        draw_risk_coverage({hostile: curve}, 0.05),
        draw_reliability({hostile: reliability([0.5], [True])}),
    ):
        root = ElementTree.fromstring(drawing)  # noqa: S314 - made here
        assert not [element for element in root.iter() if element.tag.endswith("script")]
        assert any(element.text and hostile in element.text for element in root.iter())

"""Signs that a sentence answers: what each one sees and what it leaves out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import make

from rag.converse import Asked
from rag.extract import Candidate
from rag.features import FAR, features


def _of(
    question: str, text: str, *, title: str = "A visit", similarities: tuple[float, ...] = (0.5,)
) -> dict[str, float]:
    article = make(text, title=title)
    ranked = [Candidate(article, 0, len(text), None, 0.0, similarity, 1.5) for similarity in similarities]
    return features(Asked(question, question), ranked)


def test_the_score_is_that_of_the_best_candidate() -> None:
    assert _of("Who came?", "Ana came.")["score"] == 1.5


def test_the_lead_is_over_the_mean_of_the_other_passages() -> None:
    assert _of("Who came?", "Ana came.", similarities=(0.6, 0.9, 0.6, 0.8))["lead"] == pytest.approx(0.2)


def test_a_single_passage_leads_nothing() -> None:
    assert _of("Who came?", "Ana came.", similarities=(0.9, 0.9))["lead"] == 0.0


def test_a_question_covers_itself() -> None:
    assert _of("Whom did Petro visit in Vienna?", "Petro visited ministers in Vienna")["covered"] == 1.0


def test_words_that_say_what_sort_of_answer_is_wanted_need_no_cover() -> None:
    assert _of("How many soldiers came?", "Twelve soldiers came.")["covered"] == 1.0


@pytest.mark.parametrize(
    ("question", "loose"),
    [
        ("Did Petro visit Vienna?", 0),
        ("Did Petro visit Bonn?", 1),
        ("Did Petro visit Vienna in 2019?", 1),
        ("Did Petro visit Vienna in June 2020?", 1),
        ("Did Merkel of Berlin visit Bonn in 2019?", 3),
        ("Did Gustavo Petro visit Vienna?", 0),
        ("Did Gustavo Lopez visit Vienna?", 1),
        ("Where did the visit end?", 0),
        ("Bonn is where?", 0),
    ],
)
def test_names_and_numbers_that_the_sentence_lacks_are_loose(question: str, loose: int) -> None:
    assert _of(question, "Petro visited Vienna in 2020.")["loose"] == loose


def test_an_accent_more_or_less_is_the_same_name() -> None:
    assert _of("Did Petro visit Bogota?", "Petro visited Bogotá.")["loose"] == 0


def test_the_title_covers_names_as_well() -> None:
    assert _of("Did Petro visit Bonn?", "Petro visited the town.", title="Bonn in spring")["loose"] == 0


@pytest.mark.parametrize(
    ("question", "text", "negated"),
    [
        ("Who did not come?", "Ana came.", 1.0),
        ("Who did not come?", "Ana never came.", 0.0),
        ("Who didn't come?", "Ana came.", 1.0),
        ("Who did not come?", "Ana refused to come.", 0.0),
        ("Who came?", "Ana did not come.", 0.0),
    ],
)
def test_a_negation_of_the_question_is_looked_for_in_the_sentence(question: str, text: str, negated: float) -> None:
    assert _of(question, text)["negated"] == negated


@given(st.text(max_size=120), st.text(min_size=1, max_size=120), st.lists(st.floats(-1, 1), min_size=1, max_size=5))
def test_features_are_finite_and_in_their_ranges(question: str, text: str, similarities: list[float]) -> None:
    found = _of(question, text, similarities=tuple(similarities))
    assert all(math.isfinite(value) for value in found.values())
    assert 0.0 <= found["covered"] <= 1.0
    assert 0.0 <= found["loose"] <= FAR
    assert 0.0 <= found["lead"] <= 2.0
    assert found["negated"] in (0.0, 1.0)

"""When the corpus does not answer: names it never mentions, estimates that are probabilities."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import make

from rag.abstain import THRESHOLD, WEIGHTS, absent_names, decide, estimate, names, probability
from rag.converse import Asked
from rag.extract import Candidate
from rag.features import features

ARTICLE = make(
    "Gustavo Petro, the president of Colombia, met Trump in the U.S. in 2022. The UNODC counted.",
    title="A visit to Washington",
    outlet="The Herald",
    published=date(2026, 3, 10),
)


def _asked(question: str) -> Asked:
    return Asked(question, question)


def _candidate(score: float = 0.0, similarity: float = 0.5) -> Candidate:
    return Candidate(ARTICLE, 0, len(ARTICLE.text), None, 0.0, similarity, score)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Who is Maria Fernandez?", ["Maria Fernandez"]),
        ("What did Petro's minister say in 2019?", ["Petro", "2019"]),
        ("Did the UN act?", ["UN"]),
        ("what is the price of milk", []),
        ("WHAT DID PETRO SAY?", []),
        ("How many in 12 years?", []),
    ],
)
def test_names_are_capitalised_words_and_years(question: str, found: list[str]) -> None:
    assert names(question) == found


@pytest.mark.parametrize(
    "question",
    [
        "What did Petro do?",
        "What did President Gustavo Petro do?",
        "Did he visit the US?",
        "Who went to Washington?",
        "What does The Herald say?",
        "What happened in 2022?",
        "What was written in 2026?",
        "What did the Colombians say?",
        "What was Pétro told?",
        "Besides Washington, where did he go?",
    ],
)
def test_a_name_that_the_article_has_in_any_place_is_not_absent(question: str) -> None:
    assert absent_names(question, ARTICLE) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who was Boleslaw?", "Bolesław ruled in Masovia."),
        ("Where is D'Olier Street?", "She lives in D’Olier Street."),
        ("Who fought in WWII?", "In the Second World War nobody fought here."),
        ("What did Zoë Øster do?", "Zoe Oster sang."),
    ],
)
def test_accents_apostrophes_and_short_forms_do_not_hide_a_name(question: str, text: str) -> None:
    assert absent_names(question, make(text)) == []


@pytest.mark.parametrize("name", ["Peru", "Maria Fernandez", "2019", "Gustavo Cerati", "UNICEF"])
def test_a_name_that_the_article_lacks_is_absent(name: str) -> None:
    assert absent_names(f"What about {name} then?", ARTICLE) == [name]


def test_nothing_found_is_not_answered_and_says_so() -> None:
    decision = decide(_asked("Who?"), [])
    assert decision.probability == 0.0
    assert decision.missing


def test_the_decision_follows_the_estimate_and_its_threshold() -> None:
    for score in (-12.0, 0.0, 12.0):
        decision = decide(_asked("Whom did Petro meet?"), [_candidate(score)])
        assert (decision.missing is None) == (decision.probability >= THRESHOLD)
    assert decide(_asked("Whom did Petro meet?"), [_candidate(12.0, 0.9)]).missing is None
    assert decide(_asked("Whom did Petro meet?"), [_candidate(-12.0, 0.1)]).missing


@given(st.text(max_size=80), st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1, 1)), min_size=1, max_size=4))
def test_the_estimate_is_a_probability_whatever_was_asked(question: str, read: list[tuple[float, float]]) -> None:
    assert 0.0 <= estimate(_asked(question), [_candidate(*each) for each in read]) <= 1.0


@given(st.floats(-20, 20), st.floats(0, 5))
def test_a_higher_score_never_makes_an_answer_less_likely(score: float, more: float) -> None:
    asked = _asked("Whom did Petro meet?")
    assert estimate(asked, [_candidate(score + more)]) >= estimate(asked, [_candidate(score)])


def test_every_feature_has_a_weight_and_every_weight_a_feature() -> None:
    assert set(features(_asked("Who?"), [_candidate()])) == set(WEIGHTS) - {"bias"}


@pytest.mark.parametrize(
    ("name", "helps"), [("score", True), ("lead", True), ("covered", True), ("loose", False), ("negated", False)]
)
def test_each_feature_counts_the_way_its_meaning_says(name: str, helps: bool) -> None:
    plain = dict.fromkeys(set(WEIGHTS) - {"bias"}, 0.0)
    assert (probability(plain | {name: 1.0}) > probability(plain)) == helps


@given(st.text(max_size=120))
def test_names_never_raise_and_are_found_in_the_question(question: str) -> None:
    assert all(word in question for name in names(question) for word in name.split())

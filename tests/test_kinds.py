"""What kind of thing a question asks for, and which sentences hold one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.kinds import fits


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How many people died?", "Forty-one people, 12 of them children, died."),
        ("How many boats sank?", "Three boats sank."),
        ("What share of the aid went to schools?", "Roughly a third went to schools."),
        ("What percentage voted?", "64% voted."),
        ("When did the bridge open?", "It opened on March 11."),
        ("When did the bridge open?", "It opened at noon."),
        ("When did the bridge open?", "It opened two weeks later."),
        ("In what year was he elected?", "He was elected in 1994."),
        ("Who opened the bridge?", "The bridge was opened by Anna Lund."),
        ("Why did the bridge fall?", "Rust."),
        ("How much did Lund get in 2022?", "In 2022 and in 2024 Lund got $377 million."),
        ("How much did Lund get in 2022?", "Lund got $377 million then."),
    ],
)
def test_a_sentence_with_the_thing_asked_for_fits(question: str, text: str) -> None:
    assert fits(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How many people died?", "Many people died."),
        ("What share of the aid went to schools?", "Schools got $40 million."),
        ("When did the bridge open?", "The bridge was opened by the mayor."),
        ("Who opened the bridge?", "The bridge was opened by the mayor."),
        ("How much did Lund get in 2022?", "In 2024 Lund got $377 million."),
    ],
)
def test_a_sentence_without_the_thing_asked_for_does_not_fit(question: str, text: str) -> None:
    assert not fits(question, text)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_question_that_asks_for_no_kind_fits_everything(question: str, text: str) -> None:
    kinds = ("how", "what", "which", "who", "when")
    assert fits(question, text) or any(word in question.lower() for word in kinds)


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("How many soldiers were killed?", "Petro ordered two attacks in which 12 people died.", False),
        ("How many soldiers were killed?", "12 soldiers were killed.", True),
        ("How many tons of cocaine were seized?", "They seized 3,300 tonnes.", True),
        ("How many hectares are grown?", "They seized 3,300 tons.", False),
    ],
)
def test_what_is_counted_must_fit(question: str, text: str, expected: bool) -> None:
    assert fits(question, text) is expected

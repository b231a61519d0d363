"""Follow-ups lean on the questions before them; a question that stands by itself does not; two in one are two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.converse import MOST_TURNS, Asked, is_follow_up, parts, understood

BEFORE = "How much aid has Colombia got from the US since 2000?"


@pytest.mark.parametrize(
    "question",
    [
        "And how much of it went to the military?",
        "What about Peru?",
        "Why?",
        "How did he hit back?",
        "Did he meet Trump?",
        "What does she think is behind the Treasury's accusations?",
        "how much of that is for law enforcement",
        "When did it get its certification back?",
        "And in Chile?",
        "Why Petro?",
        "Was Chile there?",
    ],
)
def test_a_question_that_leans_gets_the_one_before_it_in_front(question: str) -> None:
    assert understood(question, [BEFORE]) == Asked(f"{BEFORE} {question}", question)


@pytest.mark.parametrize(
    "question",
    [
        "Who is Maria Fernandez?",
        "When was Samper elected?",
        "Why does Britain no longer want to help the US with the boat strikes?",
        "Who said that a total break would help neither side?",
        "When did Lund say that she would resign?",
        "How many people were there in the camp of Lund?",
        "What IT systems failed in the hospital?",
        "What did the WHO say about malaria vaccines?",
        "how many tons of cocaine has colombia seized",
    ],
)
def test_a_question_that_stands_by_itself_is_not_changed_by_history(question: str) -> None:
    assert understood(question, [BEFORE, "And then?"]) == Asked(question, question)


def test_without_history_a_question_is_itself() -> None:
    assert understood("And then?", []) == Asked("And then?", "And then?")


def test_a_follow_up_of_a_follow_up_goes_back_to_the_question_both_lean_on() -> None:
    history = ["Who is Ola Berg?", "Whom did Trump bring together?", "Was Chile there?"]
    text = understood("And when does he take over there?", history).text
    assert text == "Whom did Trump bring together? Was Chile there? And when does he take over there?"


def test_a_very_long_conversation_neither_fails_nor_drowns_the_question() -> None:
    assert understood("And then?", ["And?"] * 5000).text.count("And") == MOST_TURNS + 1


@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=5))
def test_whatever_was_asked_the_focus_is_the_question_and_ends_the_text(question: str, history: list[str]) -> None:
    asked = understood(question, history)
    assert asked.focus == question
    assert asked.text.endswith(question)
    assert (asked.text == question) or is_follow_up(question)


@pytest.mark.parametrize(
    ("question", "focuses"),
    [
        (
            "When was the bridge sold, and how much did Ola Berg pay?",
            ["When was the bridge sold?", "how much did Ola Berg pay?"],
        ),
        ("Who built the old bridge? And when was it opened?", ["Who built the old bridge?", "when was it opened?"]),
        (
            "What did the bridge cost; who paid for it in the end?",
            ["What did the bridge cost?", "who paid for it in the end?"],
        ),
    ],
)
def test_two_questions_in_one_are_two(question: str, focuses: list[str]) -> None:
    assert [part.focus for part in parts(Asked(question, question))] == focuses


@pytest.mark.parametrize(
    "question",
    ["Who said what and when?", "What did Trump and Petro say?", "Who is Ola Berg and why?", "How did it end?"],
)
def test_a_question_whose_pieces_cannot_be_asked_alone_stays_whole(question: str) -> None:
    assert parts(Asked(question, question)) == [Asked(question, question)]


def test_a_later_part_that_leans_is_completed_by_the_first() -> None:
    question = "When was the bridge sold, and how much did it cost?"
    assert parts(Asked(question, question))[1].text == "When was the bridge sold? how much did it cost?"


def test_the_parts_of_a_follow_up_keep_what_it_leans_on() -> None:
    asked = understood("And when did he resign, and who followed him there?", ["Who is Ola Berg?"])
    assert parts(asked)[0].text.startswith("Who is Ola Berg?")

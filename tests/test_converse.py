"""Follow-ups are put into the questions before them or lean on them; a whole question does not; two in one are two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.converse import MOST_TURNS, Asked, clarification, is_follow_up, parts, understood

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
def test_whatever_was_asked_the_focus_ends_the_text_and_a_whole_question_is_itself(
    question: str, history: list[str]
) -> None:
    asked = understood(question, history)
    assert asked.text.endswith(asked.focus)
    assert asked == Asked(question, question) or (history and is_follow_up(question))


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


SEIZED = "How many tons of cocaine did Norrland and its navy seize in 2021?"
ACME = "How many jobs will Acme cut in Leeds?"
PERU = "How many ships did Peru build?"


@pytest.mark.parametrize(
    ("before", "question", "meant"),
    [
        ("How many tons did Colombia seize in 2021?", "and in 2022?", "How many tons did Colombia seize in 2022?"),
        ("How many tons did Colombia seize in 2021?", "What about 2023?", "How many tons did Colombia seize in 2023?"),
        ("How many tons did Colombia seize in 2021?", "2019?", "How many tons did Colombia seize in 2019?"),
        ("How many tons did Colombia seize since 2021?", "And in 2022?", "How many tons did Colombia seize in 2022?"),
        (PERU, "and in 2022?", "How many ships did Peru build in 2022?"),
        (PERU, "And last year?", "How many ships did Peru build last year?"),
        ("What happened in March 2024?", "And in April?", "What happened in April 2024?"),
        ("What happened on March 3?", "and on March 5?", "What happened on March 5?"),
        ("What did the US give in the 2024 fiscal year?", "and in 2025?", "What did the US give in 2025?"),
        (PERU, "and Ecuador?", "How many ships did Ecuador build?"),
        (PERU, "what about the US?", "How many ships did the US build?"),
        (PERU, "and chile?", "How many ships did Chile build?"),
        ("What did the US build?", "And Peru?", "What did Peru build?"),
        ("Is hunting legal in Peru?", "And in Bolivia?", "Is hunting legal in Bolivia?"),
        ("What is Peru's debt?", "and Chile?", "What is Chile's debt?"),
        ("How many people died in the flood?", "And in Chile?", "How many people died in the flood in Chile?"),
        ("Who is Ola Berg?", "And Mette Holm?", "Who is Mette Holm?"),
        ("What did President Lund say about aid?", "And Mette Holm?", "What did Mette Holm say about aid?"),
        ("What did Lund say in Peru?", "And in Chile?", "What did Lund say in Chile?"),
        ("What did Lund say in Peru?", "and Berg?", "What did Berg say in Peru?"),
        (ACME, "and in Turin?", "How many jobs will Acme cut in Turin?"),
        (ACME, "And Turin?", "How many jobs will Acme cut in Turin?"),
        (ACME, "And offices?", "How many offices will Acme cut in Leeds?"),
        (SEIZED, "and heroin?", "How many tons of heroin did Norrland and its navy seize in 2021?"),
        ("How many soldiers died?", "What about sailors?", "How many sailors died?"),
        ("Did Lund accept the offer?", "Why?", "Why did Lund accept the offer?"),
        ("When did Lund resign?", "And why?", "Why did Lund resign?"),
        ("Who signed the pact?", "Who else?", "Who else signed the pact?"),
        (
            "What did President Lund say of Berg?",
            "And what did he say of Peru?",
            "What did President Lund say of Peru?",
        ),
        ("What is Plan Norrland blamed for?", "And what is it credited with?", "What is Plan Norrland credited with?"),
        ("When was Samper elected?", "When was he born?", "When was Samper born?"),
        ("How many tons did Peru seize?", "How many tons did it destroy?", "How many tons did Peru destroy?"),
        ("What did Lund say about aid?", "what else?", "What else did Lund say about aid?"),
    ],
)
def test_a_short_follow_up_is_put_into_the_question_before_it(before: str, question: str, meant: str) -> None:
    assert understood(question, [before]) == Asked(meant, meant)


@pytest.mark.parametrize(
    ("before", "question"),
    [
        (ACME, "What about profit?"),
        ("Did Peru sue Chile?", "and Ecuador?"),
        ("Did Lund meet Berg?", "And Holm?"),
        ("What did Peru do?", "What did he say?"),
        ("What is Peru's debt?", "What is it made of?"),
        ("What is Peru?", "What is it that it wants?"),
        ("How did exports change between 2020 and 2022?", "and in 2023?"),
        ("When did Lund resign?", "and in 2022?"),
        ("Did exports go up or down?", "Why?"),
        ("Who signed the pact?", "Why?"),
        ("did the us sue chile", "and peru?"),
        ("How many tons did Peru seize?", "And then?"),
    ],
)
def test_where_more_than_one_thing_could_be_meant_the_earlier_question_stays_in_front(
    before: str, question: str
) -> None:
    assert understood(question, [before]).text == f"{before.rstrip('?')}? {question}"


def test_follow_ups_add_up() -> None:
    history = ["How many tons did Colombia seize in 2021?", "And Ecuador?"]
    assert understood("and in 2022?", history).text == "How many tons did Ecuador seize in 2022?"


@pytest.mark.parametrize(
    ("before", "question", "focus"),
    [
        ("Who is Ola Berg?", "What did he say about that?", "What did Ola Berg say about that?"),
        ("Why did Lund go to Peru?", "What made her change her mind?", "What made Lund change her mind?"),
        ("Where was Mette Holm born?", "Who is her husband?", "Who is Mette Holm's husband?"),
        ("Where was Mette Holm born?", "Who married her in the end?", "Who married Mette Holm in the end?"),
        ("Did Lund meet Berg?", "Where is he now?", "Where is he now?"),
        ("Which minister sued Lund?", "When did he resign?", "When did he resign?"),
        ("What did the Treasury say?", "Why did he object?", "Why did he object?"),
    ],
)
def test_he_and_she_get_a_name_where_only_one_can_be_meant(before: str, question: str, focus: str) -> None:
    assert understood(question, [before]) == Asked(f"{before} {focus}", focus)


def test_the_answer_before_says_who_he_is() -> None:
    asked = understood("When did he resign?", ["Which minister sued the bank?"], ["The bank was sued by Ola Berg."])
    assert asked.focus == "When did Ola Berg resign?"


def test_the_other_one_is_the_one_that_was_not_asked_about() -> None:
    history = ["Did Ola Berg or Mette Holm win?", "When did Ola Berg resign?"]
    assert understood("And the other one?", history).text == "When did Mette Holm resign?"


@pytest.mark.parametrize(
    ("question", "history", "asks"),
    [
        ("What did she say about that?", [], 'Who is "she"? Ask with the name.'),
        ("Why did they fire him?", [], 'Who are "they"? Ask with the name.'),
        ("When was his arrest?", [], 'Who is "he"? Ask with the name.'),
        ("What did it cost?", [], 'What is "it"? Ask with what is meant.'),
        ("Tell me about that", [], 'What is "that"? Ask with what is meant.'),
        ("and in 2022?", [], "What is this about? Ask in a whole question."),
        ("Why?", [], "What is this about? Ask in a whole question."),
        ("Who else?", [], "What is this about? Ask in a whole question."),
        ("Give me a timeline", [], "What is this about? Ask in a whole question."),
        ("Please show us the chronology of events.", [], "What is this about? Ask in a whole question."),
        ("Summarise, please", [], "What is this about? Ask in a whole question."),
        ("Give me a timeline of the mill", [], None),
        ("Summarise the article", [], None),
        ("What happened at the mill?", [], None),
        ("And the other one?", [], 'What is "the other one"? Ask with the name.'),
        ("And the other one?", ["When did Ola Berg resign?"], 'What is "the other one"? Ask with the name.'),
        ("And the other one?", ["Did Ola Berg or Mette Holm win?", "When did Ola Berg resign?"], None),
        ("What did she say about that?", ["Who is Mette Holm?"], None),
        ("How does it work?", [ACME], 'What do you mean by "it"? Ask with what is meant.'),
        ("Who runs it?", [ACME], 'What do you mean by "it"? Ask with what is meant.'),
        ("When?", [ACME], 'What do you mean by "When"? Ask in a whole question.'),
        ("Why?", ["Did Lund accept the offer?"], None),
        ("How does it work?", ["What did Lund say about the law?"], None),
        ("Which minister said that she would resign?", [], None),
        ("did lund say he was sorry", [], None),
        ("Is it legal to grow tulips?", [], None),
        ('Who said "he is a thug"?', [], None),
        ("How do they make salt?", [], None),
        ("lysvik", [], None),
        ("latest news", [], None),
        ("What about Peru?", [], None),
        ("What is the WHO?", [], None),
        ("What happened?", [], None),
    ],
)
def test_what_cannot_be_understood_is_asked_back_in_one_line(
    question: str, history: list[str], asks: str | None
) -> None:
    assert clarification(question, history) == asks

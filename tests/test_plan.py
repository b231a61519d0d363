"""What kind of answer a question wants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.plan import kind_of, sides, topic


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who opened the harbour?", "fact"),
        ("How many ferries were there?", "fact"),
        ("What did the mayor say about the bridge?", "fact"),
        ("Which company runs the ferries?", "fact"),
        ("Which countries joined the pact?", "list"),
        ("What reasons were given for the delay?", "list"),
        ("Which parties and groups criticised the budget?", "list"),
        ("Name all the ferries", "list"),
        ("Who else signed the letter?", "list"),
        ("What are the demands of the strikers?", "list"),
        ("Was the bridge opened in May?", "yesno"),
        ("did the mayor resign", "yesno"),
        ("Compare the budgets of Lund and Malmo", "compare"),
        ("What is the difference between the old and the new bridge?", "compare"),
        ("Who caught more fish, Iceland or Norway?", "compare"),
        ("How does the mayor's plan differ from the council's?", "compare"),
        ("Summarise the article about the harbour", "summary"),
        ("Please give me an overview of the strike", "summary"),
        ("Tell me about the new bridge", "summary"),
        ("How did the dispute over the bridge develop?", "timeline"),
        ("Timeline of the strike", "timeline"),
    ],
)
def test_the_kind_of_a_question(question: str, kind: str) -> None:
    assert kind_of(question) == kind


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Summarise the article about the harbour.", "the harbour"),
        ("Can you tell me about the strike in Lund?", "the strike in Lund"),
        ("Summarise the Herald story on the ferry fire", "the ferry fire"),
        ("What is the Herald article about?", "the Herald"),
        ("How did the story of the ferry fire develop between 2024 and 2026?", "the ferry fire"),
        ("Give me a timeline of the row between Lund and Malmo since 2021", "the row between Lund and Malmo"),
        ("Who opened the harbour?", None),
    ],
)
def test_the_topic_is_what_is_left_without_the_words_that_ask(question: str, expected: str | None) -> None:
    assert topic(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Compare Lund's and Malmo's plans for ferries", ("Lund's plans for ferries", "Malmo's plans for ferries")),
        ("What is the difference between the old bridge and the new one?", ("the old bridge", "the new one")),
        ("Who caught more fish, Iceland or Norway?", ("caught more fish Iceland", "caught more fish Norway")),
        ("Who opened the harbour?", None),
        ("Was the bridge, or the harbour, closed?", None),
    ],
)
def test_a_comparison_asks_the_same_of_both_sides(question: str, expected: tuple[str, str] | None) -> None:
    assert sides(question) == expected


@given(st.text(max_size=200))
def test_any_text_has_a_kind(question: str) -> None:
    assert kind_of(question) in {"fact", "yesno", "list", "compare", "summary", "timeline"}
    assert (topic(question) or "x").strip()

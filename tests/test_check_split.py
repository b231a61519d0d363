import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.check.split import claims


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("It rained. It snowed.", ["It rained.", "It snowed."]),
        ("1. It rained.\n- It snowed.", ["It rained.", "It snowed."]),
        ("Sure! Here is the answer:\nIt rained.", ["It rained."]),
        ("Here's a summary of the article in 50 words: It rained.", ["It rained."]),
        ("According to passage 2, it rained.", ["It rained."]),
        ("Based on the given passages, it rained.", ["It rained."]),
        ("Passages 1 and 3 also state that it rained.", ["It rained."]),
        ("It rained (Passage 2).", ["It rained."]),
        ("Weather:\nIt rained. I hope this helps!", ["It rained."]),
        ("Therefore, the correct answer is: it rained.", ["It rained."]),
        ("Unable to answer based on given passages.", []),
        ("In the article, the mayor says it rained.", ["The mayor says it rained."]),
    ],
)
def test_a_text_is_split_into_what_it_states(text: str, wanted: list[str]) -> None:
    assert claims(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "According to the mayor, it rained.",
        "According to sources, the minister resigned.",
        "Documents state that the firm paid.",
        "In the city, it rained.",
        "The mayor was unable to answer, and the council broke up.",
        "The answer is a new bridge.",
    ],
)
def test_who_said_it_is_never_taken_off(text: str) -> None:
    assert claims(text) == [text]


@given(st.text(max_size=300))
def test_every_claim_has_a_word_and_none_is_invented(text: str) -> None:
    for claim in claims(text):
        assert any(char.isalnum() or char == "_" for char in claim)
        assert len(claim) <= 3 * len(text) + 10

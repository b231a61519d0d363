"""Did you mean? What is offered where a word of the question is spelled almost like one of the corpus."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import TinyEmbedder, make, put

from index.listed import folded
from index.spelling import FEWEST, LONG, slips
from index.store import open_store
from rag import terminal
from rag.ask import answer
from rag.suggest import suggestion

QUAYS = "The harbour of Montreal opened on 3 May. Its quays took ships from Żywiec and O'Hara said so on Monday."
GRAIN = "MONTREAL exports barley. Colombia imports barley, and Gustavo Petro praised the harbours of Colombia."


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with open_store(tmp_path_factory.mktemp("spelling") / "store", TinyEmbedder()) as opened:
        put(opened, make(QUAYS, title="A quarrel about Reykjavik"), make(GRAIN))
        yield opened


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("Columbia", "Colombia"),  # another letter
        ("Petor", "Petro"),  # two that changed places
        ("Mountreal", "Montreal"),  # one too many
        ("Reykjavk", "Reykjavik"),  # one that is missing, of a title
        ("Zywiecc", "Żywiec"),  # an accent counts nothing
        ("harbuor", "harbour"),
        ("COLUMBIA", "Colombia"),
    ],
)
def test_a_slip_of_the_pen_finds_the_word(store, word, near):
    assert store.spelled_like(word)[0] == near


@pytest.mark.parametrize("word", ["Colombia", "colombia", "harbours", "Zywiec", "opening", "Quay", "May", "took"])
def test_a_word_of_the_corpus_needs_no_neighbour(store, word):
    assert store.spelled_like(word) is None


@pytest.mark.parametrize("word", ["Dactyls", "Mey", "tuuk", "", "a b", "C0lombia", "-"])
def test_what_is_short_like_none_or_no_word_has_no_neighbour(store, word):
    assert store.spelled_like(word) == []


@pytest.mark.parametrize("word", ["Petrusk", "barrels", "shapps"])
def test_two_slips_are_too_many_in_a_short_word(store, word):
    assert store.spelled_like(word) == []


def test_the_order_of_the_articles_does_not_change_what_is_nearest(tmp_path):
    texts = [f"The harbours of town {number} are open." for number in range(6)] + ["The harbour of Lund is open."]
    for name, row in (("forwards", texts), ("backwards", texts[::-1])):
        with open_store(tmp_path / name, TinyEmbedder()) as opened:
            put(opened, *map(make, row))
            assert opened.spelled_like("harbuor") == ["harbour"]


WORDS = st.sampled_from([word for word in re.findall(r"\b[A-Za-z]{5,}\b", f"{QUAYS} {GRAIN}") if len(word) < LONG])


@st.composite
def slipped(draw):
    """A word of the corpus, and the same with one slip after its first letter."""
    word = draw(WORDS)
    at = draw(st.integers(1, len(word) - 1))
    letter = draw(st.sampled_from(string.ascii_lowercase))
    kinds = (word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :])
    swapped = word[:at] + word[at : at + 2][::-1] + word[at + 2 :]
    return word, draw(st.sampled_from((*kinds, swapped)))


@given(slipped())
def test_one_slip_finds_the_word_again_unless_it_makes_another_one(store, pair):
    word, typed = pair
    assert slips(folded(word), folded(typed), 1) <= 1
    near = store.spelled_like(typed)
    if len(typed) < FEWEST:
        assert not near
    elif near is not None:
        assert folded(word) in map(folded, near)


@given(st.text(string.ascii_lowercase, max_size=6), st.text(string.ascii_lowercase, max_size=6), st.integers(0, 7))
def test_slips_are_a_distance_up_to_the_most_that_is_asked_for(one, other, most):
    assert slips(one, one, most) == 0
    assert slips(one, other, most) == slips(other, one, most) == min(slips(one, other, 99), most + 1)
    assert abs(len(one) - len(other)) <= slips(one, other, 99) <= max(len(one), len(other))


@given(st.text(max_size=30))
def test_any_text_has_neighbours_of_the_corpus_or_none(store, text):
    assert all(store.spelled_like(near) is None for near in store.spelled_like(text) or ())


# The question


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("What did Columbia import?", "What did Colombia import?"),
        ("  Who praised the harbuor of  Columbia?!", "  Who praised the harbour of  Colombia?!"),
        ("WHAT DID COLUMBIA IMPORT?", "WHAT DID COLOMBIA IMPORT?"),
        ("what did columbia import", "what did Colombia import"),
        ("What did Colombia import?", None),
        ("What did Columbia import from Zimbabwe?", None),  # a name that nothing is like
        ("Cuantas toneladas importó Columbia ayer", None),  # more words that nothing is like: another language
        (" ".join(["What did Columbia import"] + ["harbuor"] * 6), None),  # more unknown words than are looked for
        ("", None),
        ("😀 1234 ---", None),
    ],
)
def test_the_question_is_offered_in_the_spelling_of_the_articles(store, question, meant):
    asked = []
    assert suggestion(store, question, lambda other: not asked.append(other)) == meant
    assert asked == ([meant] if meant else [])


def test_what_finds_no_answer_is_not_offered(store):
    assert suggestion(store, "What did Columbia import?", lambda _: False) is None


@given(st.lists(slipped().map(lambda pair: pair[1]) | st.text(max_size=8), max_size=8).map(" ".join))
def test_all_but_the_words_that_are_meant_stays_as_typed(store, question):
    meant = suggestion(store, question, lambda _: True)
    between = lambda text: re.sub(r"[^\W\d_]+", "w", text)  # noqa: E731
    assert meant is None or (meant != question and between(meant) == between(question))


def test_an_abstention_has_it_and_an_answer_has_not():
    missed = answer("How many tons of cocaine has Columbia seized?")
    assert (missed.status, missed.suggestion) == ("abstained", "How many tons of cocaine has Colombia seized?")
    assert f"\nDid you mean: {missed.suggestion}" in terminal.answer(missed)
    assert missed.suggestion not in missed.text  # which says only what is known
    found = answer(missed.suggestion)
    assert found.sentences
    assert found.suggestion is None


@pytest.mark.parametrize(
    "question",
    ["Where is Machu Picchu?", "Who painted Guernica?", "Does coffee cause cancer?", "How tall is Mount Everest?"],
)
def test_what_the_articles_know_nothing_of_is_not_bent_to_what_they_know(question):
    assert answer(question).suggestion is None


def test_nothing_is_offered_that_the_filters_leave_without_an_answer():
    question = "How many tons of cocaine has Columbia seized?"
    assert answer(question, since="2050-01-01").suggestion is None


def test_a_follow_up_is_offered_as_it_was_typed():
    asked = answer("And what about Columbia?", history=["How many tons of cocaine were seized?"])
    assert asked.suggestion == "And what about Colombia?"

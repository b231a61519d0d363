"""Did you mean? What is offered where a word of the question is spelled almost like one of the corpus."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import TinyEmbedder, make, put

from index.spelling import ALIKE, FEWEST
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


@pytest.mark.parametrize(
    "word", ["Colombia", "colombia", "harbours", "Zywiec", "opening", "Quay", "Pterodactyl", "Mey"]
)
def test_a_word_of_the_corpus_one_that_is_short_and_one_like_none_have_no_neighbour(store, word):
    assert store.spelled_like(word) == []


@given(st.text(max_size=30) | st.text(string.ascii_letters, min_size=FEWEST, max_size=12))
def test_any_text_has_neighbours_of_the_corpus_or_none(store, text):
    for near in store.spelled_like(text):
        assert near in f"{QUAYS} {GRAIN} A quarrel about Reykjavik"
        assert abs(len(near) - len(text)) <= (1 / ALIKE - 1) * 2 * max(len(near), len(text))
        assert store.spelled_like(near) == []


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("What did Columbia import?", "What did Colombia import?"),
        ("  Who praised the harbuor of  Columbia?!", "  Who praised the harbour of  Colombia?!"),
        ("WHAT DID COLUMBIA IMPORT?", "WHAT DID COLOMBIA IMPORT?"),
        ("what did columbia import", "what did Colombia import"),
        ("What did Colombia import?", None),
        ("What did Zimbabwe import?", None),
        ("", None),
        ("😀 1234 ---", None),
    ],
)
def test_the_question_is_offered_in_the_corpus_own_spelling(store, question, meant):
    assert suggestion(store, question) == meant


@given(st.text(max_size=200))
def test_all_but_the_words_that_are_meant_stays_as_typed(store, question):
    meant = suggestion(store, question)
    letters = lambda text: [char for char in text if not char.isalpha()]  # noqa: E731
    assert meant is None or letters(meant) == letters(question)


def test_an_abstention_has_it_and_an_answer_has_not():
    missed = answer("How many tons of cocaine has Columbia seized?")
    assert (missed.status, missed.suggestion) == ("abstained", "How many tons of cocaine has Colombia seized?")
    assert f"\nDid you mean: {missed.suggestion}" in terminal.answer(missed)
    assert missed.suggestion not in missed.text  # which says only what is known
    found = answer(missed.suggestion)
    assert found.sentences
    assert found.suggestion is None

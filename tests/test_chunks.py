from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.chunks import Chunking, chunk_spans
from index.sentences import sentence_spans

WORDS = st.lists(
    st.sampled_from(
        [
            "Petro",
            "said",
            "that",
            "the",
            "U.S.",
            "seized",
            "3,300",
            "tons.",
            "Bogotá!",
            "\n\n",
            "“Yes,”",
            "x" * 90,
            "🙂",
        ]
    )
)
ANY = st.one_of(st.text(max_size=400), WORDS.map(" ".join))
SIZES = st.tuples(st.integers(5, 120), st.integers(0, 4)).map(lambda pair: Chunking(pair[0], pair[1]))


@given(ANY, SIZES)
def test_chunks_cover_every_character_that_is_not_white_space(text: str, chunking: Chunking) -> None:
    spans = chunk_spans(text, sentence_spans(text), chunking)
    covered = {i for start, end in spans for i in range(start, end)}
    assert all(i in covered for i, character in enumerate(text) if not character.isspace())


@given(ANY, SIZES)
def test_no_chunk_is_empty_too_long_or_outside_the_text(text: str, chunking: Chunking) -> None:
    for start, end in chunk_spans(text, sentence_spans(text), chunking):
        assert 0 <= start < end <= len(text)
        assert end - start <= chunking.size


@given(ANY, SIZES)
def test_chunks_move_forward_and_none_lies_inside_another(text: str, chunking: Chunking) -> None:
    spans = chunk_spans(text, sentence_spans(text), chunking)
    assert all(a[0] < b[0] and a[1] < b[1] for a, b in itertools.pairwise(spans))


def test_a_chunk_ends_where_a_sentence_ends() -> None:
    text = "One fact is here. Another fact is there. A third one follows."
    spans = chunk_spans(text, sentence_spans(text), Chunking(size=42, overlap=0))
    assert [text[a:b] for a, b in spans] == ["One fact is here. Another fact is there.", "A third one follows."]


def test_whole_sentences_are_repeated_within_the_overlap() -> None:
    text = "One fact is here. Another fact is there. A third one follows."
    spans = chunk_spans(text, sentence_spans(text), Chunking(size=44, overlap=25))
    assert [text[a:b] for a, b in spans] == [
        "One fact is here. Another fact is there.",
        "Another fact is there. A third one follows.",
    ]


def test_a_sentence_longer_than_a_chunk_is_cut_between_words() -> None:
    text = " ".join(["word"] * 50)
    pieces = [text[a:b] for a, b in chunk_spans(text, [(0, len(text))], Chunking(size=30, overlap=0))]
    assert all(set(piece.split()) == {"word"} for piece in pieces)


def test_an_overlap_as_large_as_the_chunk_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap 50 must be"):
        Chunking(size=50, overlap=50)


def test_a_line_of_megabytes_is_cut_in_linear_time() -> None:
    text = "word " * 400_000
    spans = chunk_spans(text, [(0, len(text) - 1)], Chunking())
    assert spans[-1][1] == len(text) - 1
    assert all(text[a:b] == text[a:b].strip() for a, b in spans)

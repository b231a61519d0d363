from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import paragraph_spans, sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


PIECES = st.sampled_from(
    [
        "The port closed. ",
        "Mr. Ota left on Jan. 3. ",
        "the U.S. ",
        "U.S. Navy ",
        "Gov. Li spoke. ",
        "No. 5 ",
        "at 9 a.m. ",
        "It rose 3.5 percent. ",
        "Ann K. Lee ",
        "“Why?” she asked. ",
        "“No.” ",
        "‘Yes!’ ",
        '"So." ',
        "» ",
        "” ",
        ".) ",
        "... ",
        "… ",
        "😀. ",
        "👩‍👩‍👧! ",
        "¿Qué? ",
        "¡No! ",
        "中文。",
        "\n",
        "\n\n",
        "  ",
        "a",
        ".",
        "?",
        "e\u0301",
        "\u00a0",
        "—",
        "1. ",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=25).map("".join)))
def test_every_visible_character_is_in_exactly_one_span(text: str) -> None:
    covered = [index for start, end in sentence_spans(text) for index in range(start, end)]
    assert len(covered) == len(set(covered))
    assert {index for index, character in enumerate(text) if not character.isspace()} <= set(covered)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=25).map("".join)))
def test_spans_are_ordered_and_trimmed_and_within_one_line(text: str) -> None:
    last = 0
    for start, end in sentence_spans(text):
        assert last <= start < end <= len(text)
        assert text[start:end].strip() == text[start:end]
        assert "\n" not in text[start:end]
        last = end


@given(st.lists(PIECES, max_size=25).map("".join))
def test_sentences_of_a_text_are_those_of_its_paragraphs(text: str) -> None:
    one_by_one = [
        (start + a, start + b) for start, end in paragraph_spans(text) for a, b in sentence_spans(text[start:end])
    ]
    assert sentence_spans(text) == one_by_one


@pytest.mark.parametrize(
    "text",
    [
        "The U.S. Ambassador in Lima met U.S. Treasury staff.",
        "Mr. Petro and Gov. Smith met Lt. Gen. Rey, Dr. Ruiz and Sen. Lee.",
        "Sgt. A. Smith was No. 5 on the list.",
        "They met at 10 a.m. on Jan. 3 at the port.",
        "Christian K. Caruzo and J.P. Morgan paid $2.4 million, or 3.5 percent.",
        "“We have won,” Petro said.",
        "“Have we won?” Petro said.",
        "“Have we won?” the mayor of Lima asked.",
        "“We won.” said the mayor.",
        "“We have won!” Ana Ruiz of Lima added.",
        "El Sr. García y la Sra. Ruiz llegaron.",
        "1. The court ruled.",
        "J. K. Rowling paid Francis X. Suarez.",
        "The film is based on J. K. Rowling and on Malcolm X.",
        "A year of Colombia-U.S. Relations",
        "“The fight is on.” — Petro",
    ],
)
def test_one_sentence_stays_one(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "parts",
    [
        ("He lives in the U.S.", "The move was fast."),
        ("It was plan B.", "The end came soon."),
        ("“We won.”", "Petro left the room."),
        ("He said “no.”", "Then he left."),
        ("“Why now?” she asked.", "“Because,” he said."),
        ("It ended in 2013.", "5 people died."),
        ("It rose to 3.", "Then it fell."),
        ("No one came.", "“They stayed at home.”"),
        ("La Sra. Ruiz dijo que no.", "¿Por qué?", "¡Nadie lo sabe!"),
        ("He asked if it was so.", "The court said no.", "But it rose."),
        ("Great 🎉!", "Next one."),
        ("It is over.)", "(He left.)"),
        ("Lund told it in a post on X.", "Lund vowed to stay."),
        ("Lund told it in a post on X.", "“We stay,” she wrote."),
    ],
)
def test_sentences_are_told_apart(parts: tuple[str, ...]) -> None:
    assert sentences(" ".join(parts)) == list(parts)


def test_chinese_sentences_are_told_apart_without_spaces() -> None:
    assert sentences("港口关闭了。没有人受伤。") == ["港口关闭了。", "没有人受伤。"]


def test_line_end_ends_a_sentence() -> None:
    assert sentences("What comes next\nthe port reopens") == ["What comes next", "the port reopens"]


def test_closing_quotation_mark_stays_with_its_sentence() -> None:
    assert sentences("They said: “We left. We won.” The war went on.")[1] == "We won.”"


def test_text_without_words_has_no_spans() -> None:
    assert sentence_spans(" \n\u00a0\n") == []


def test_paragraphs_are_the_filled_lines_without_white_space_around() -> None:
    assert paragraph_spans(" ab \n\n\tc\n") == [(1, 3), (7, 8)]

"""Spans to citations: numbers in order of first use, quotes to the character, no forged marks."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import make

from rag.cite import Draft, Evidence, marked, number, unmarked

ARTICLE = make(
    "The bridge opened in May. The road closed in June.", title="Roads", outlet="TIME", published=date(2026, 5, 1)
)
OTHER = make("The bridge opened in April.")


@pytest.mark.parametrize("span", [(-1, 3), (3, 3), (5, 4), (0, len(ARTICLE.text) + 1)])
def test_a_span_outside_the_article_is_an_error_that_names_the_span(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{span[0]}-{span[1]}")):
        Evidence(ARTICLE, *span)


def test_a_citation_carries_the_article_and_the_exact_quote() -> None:
    _, [citation] = number([Draft("The bridge opened.", (Evidence(ARTICLE, 0, 25),))])
    assert citation.quote == "The bridge opened in May." == ARTICLE.text[citation.start : citation.end]
    assert (citation.number, citation.article_id, citation.title) == (1, ARTICLE.id, "Roads")
    assert (citation.outlet, citation.published, citation.source) == ("TIME", date(2026, 5, 1), ARTICLE.source)


def test_the_same_span_has_one_number_and_the_same_place_in_another_article_another() -> None:
    here, there = Evidence(ARTICLE, 0, 10), Evidence(OTHER, 0, 10)
    marks, citations = number([Draft("a", (here, there, here)), Draft("b", (there,))])
    assert marks == [(1, 2), (2,)]
    assert [c.article_id for c in citations] == [ARTICLE.id, OTHER.id]


SPANS = st.tuples(st.sampled_from([ARTICLE, OTHER]), st.integers(0, 20), st.integers(1, 6)).map(
    lambda t: Evidence(t[0], t[1], t[1] + t[2])
)


@given(st.lists(st.lists(SPANS, min_size=1, max_size=4).map(tuple), max_size=6))
def test_numbers_run_from_one_in_order_of_first_use_and_each_resolves(evidence: list[tuple[Evidence, ...]]) -> None:
    marks, citations = number([Draft("x", spans) for spans in evidence])
    used = list(dict.fromkeys(n for row in marks for n in row))
    assert used == [c.number for c in citations] == list(range(1, len(citations) + 1))
    assert all(row and len(set(row)) == len(row) for row in marks)
    texts = {article.id: article.text for article in (ARTICLE, OTHER)}
    assert all(texts[c.article_id][c.start : c.end] == c.quote for c in citations)


def test_marks_stand_behind_the_sentence() -> None:
    assert marked("Petro spoke.", (1, 3)) == "Petro spoke. [1] [3]"


@pytest.mark.parametrize("forged", ["[7]", "[ 7 ]", "[1, 2]", "[1][2]", "[1-3]", "[1–3]"])
def test_a_mark_inside_an_article_does_not_look_like_ours(forged: str) -> None:
    assert re.findall(r"\[\s*\d[^\]]*\]", marked(f"It rained {forged} in Lund.", (1,))) == ["[1]"]


def test_other_brackets_stay_as_they_are() -> None:
    assert unmarked("He [Petro] spoke [sic] of 7.") == "He [Petro] spoke [sic] of 7."


@given(st.text(alphabet="[]()0123456789 ,;-a", max_size=40), st.lists(st.integers(1, 9), max_size=3, unique=True))
def test_whatever_a_sentence_holds_the_only_marks_in_the_text_are_its_citations(text: str, numbers: list[int]) -> None:
    assert [int(n) for n in re.findall(r"\[(\d+)\]", marked(text, numbers))] == numbers

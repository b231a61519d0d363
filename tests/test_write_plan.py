"""What an answer must hold, and when what is shown already holds it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import make

from index.articles import Article
from rag.check import Verdict
from rag.cite import Draft, Evidence
from rag.write.plan import Plan, repeats, share

POLICE = make("Police said 4,000 people joined the march. The march began at noon.")
UNION = make("The union said 11,000 people joined the march.")
HELD = Verdict("supported", 1.0)
QUESTION = "How many people joined the march?"


def span(article: Article, words: str) -> Evidence:
    start = article.text.index(words)
    return Evidence(article, start, start + len(words))


def draft(article: Article, words: str, text: str = "") -> Draft:
    return Draft(text or words, (span(article, words),), written=bool(text))


FIRST = draft(POLICE, "Police said 4,000 people joined the march.")
SECOND = draft(UNION, "The union said 11,000 people joined the march.")
THIRD = draft(POLICE, "The march began at noon.")


def plan(question: str = QUESTION, **needed: str) -> Plan:
    values = {int(place.removeprefix("at")): value for place, value in needed.items()}
    return Plan(question, (), [(one, HELD) for one in (FIRST, SECOND, THIRD)], values)


# Whether it is there


def test_an_extracted_sentence_that_is_shown_is_covered() -> None:
    assert plan().covered(0, [FIRST])


def test_a_written_one_from_the_same_span_with_the_value_covers_it() -> None:
    assert plan(at0="4,000").covered(0, [draft(POLICE, FIRST.text, "Police counted 4,000 marchers.")])


def test_a_written_one_without_the_value_does_not_cover_a_side() -> None:
    assert not plan("What happened?", at0="4,000").covered(0, [draft(POLICE, FIRST.text, "Police named a figure.")])


@pytest.mark.parametrize(
    ("value", "text", "covers"),
    [
        ("Ada Lund", "Ada Lund won the vote.", True),
        ("Ada Lund", "The vote was held.", False),
        ("yes", "The vote was held.", True),
        ("84 million dollars", "It cost $84 million.", True),
        ("4,000", "It was 14,000 people.", False),
    ],
)
def test_a_side_is_there_only_with_its_figure_or_name(value: str, text: str, covers: bool) -> None:
    assert plan("What happened?", at0=value).covered(0, [draft(POLICE, FIRST.text, text)]) is covers


def test_another_span_does_not_cover_it() -> None:
    assert not plan().covered(0, [SECOND, THIRD])


def test_a_sentence_without_what_is_asked_for_does_not_cover_one_with_it() -> None:
    assert not plan().covered(0, [draft(POLICE, FIRST.text, "Police spoke of the march.")])


# What stands in the place of a failed one


def test_what_failed_is_replaced_by_the_sentence_of_its_own_span() -> None:
    failed = draft(UNION, "11,000 people", "The union counted 12,000 people.")
    assert plan().instead_of(failed, []) == 1


def test_what_failed_and_is_shown_already_is_replaced_by_nothing() -> None:
    failed = draft(UNION, "11,000 people", "The union counted 12,000 people.")
    assert plan().instead_of(failed, [SECOND]) is None


def test_what_rests_on_nothing_is_replaced_by_nothing() -> None:
    assert plan().instead_of(Draft("The moon is green.", (), written=True), []) is None


# Repeats


def test_what_adds_no_span_and_no_word_repeats() -> None:
    one = draft(POLICE, FIRST.text, "Police counted 4,000 people at noon.")
    assert repeats(draft(POLICE, FIRST.text, "Police counted 4,000 people."), [one])
    assert not repeats(one, [draft(POLICE, FIRST.text, "Police counted 4,000 people.")])


def test_all_that_can_be_written_from_an_articles_own_sentence_repeats_it() -> None:
    assert repeats(draft(POLICE, FIRST.text, "Some 4,000 marched, police said."), [FIRST])


def test_a_further_span_is_no_repeat() -> None:
    both = Draft("Police said 4,000, the union 11,000.", (*FIRST.evidence, *SECOND.evidence), written=True)
    assert not repeats(both, [FIRST])


SPANS = st.lists(st.tuples(st.sampled_from([POLICE, UNION]), st.integers(0, 20), st.integers(1, 20)), max_size=3).map(
    lambda spans: tuple(Evidence(a, start, start + size) for a, start, size in spans)
)
DRAFTS = st.builds(Draft, st.text("ab ", min_size=1, max_size=8), SPANS, st.booleans())


@given(DRAFTS, DRAFTS)
def test_sharing_is_mutual_and_needs_a_common_character(one: Draft, other: Draft) -> None:
    characters = [{(e.article.id, n) for e in d.evidence for n in range(e.start, e.end)} for d in (one, other)]
    assert share(one, other) == share(other, one) == bool(characters[0] & characters[1])


@given(DRAFTS, st.lists(DRAFTS, max_size=3))
def test_a_shown_sentence_said_again_repeats(one: Draft, shown: list[Draft]) -> None:
    assert repeats(one, [*shown, one])


@given(st.lists(DRAFTS, max_size=3), st.sampled_from([0, 1, 2]))
def test_more_that_is_shown_never_uncovers(shown: list[Draft], place: int) -> None:
    assert plan().covered(place, [*shown, (FIRST, SECOND, THIRD)[place]])
    if plan().covered(place, shown):
        assert plan().covered(place, [*shown, FIRST])
        assert any(re.search(r"\d", one.text) for one in shown) or place == 2

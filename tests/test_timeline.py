"""Timelines: which questions ask for one, and dated sentences in order, each fact once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.times.timeline import entries, is_timeline


@dataclass(frozen=True)
class Page:
    id: str
    published: date | None


@dataclass(frozen=True)
class Told:
    article: Page
    text: str
    start: int = 0
    score: float = 0.0


OLD, NEW, UNDATED = Page("old", date(2024, 5, 1)), Page("new", date(2026, 3, 10)), Page("undated", None)


@pytest.mark.parametrize(
    "question",
    [
        "How did the talks develop?",
        "How has the conflict evolved since 2019?",
        "How did relations between Oslo and Bergen change over the years?",
        "How did the crisis unfold in March?",
        "How have prices changed since January?",
        "Give me a timeline of the strike.",
        "What is the chronology of the investigation?",
        "What happened when in the ferry disaster?",
        "Tell me step by step how the bank failed.",
        "What was the sequence of events before the crash?",
        "The history of the ferry line since 1990?",
        "How did the strike play out?",
        "how is the situation developing?",
        "What is the history of the ferry line?",
    ],
)
def test_a_question_for_a_course_of_events_asks_for_a_timeline(question: str) -> None:
    assert is_timeline(question)


@pytest.mark.parametrize(
    "question",
    [
        "How many ferries sank in 2022?",
        "How did Lund develop the vaccine?",
        "How did the law change his life?",
        "When did the ferry sink?",
        "Who changed the law?",
        "What happened in Oslo?",
        "Why did relations develop badly?",
        "How did the minister respond?",
        "Who teaches history of art?",
        "What did Lund say about the development of the port?",
        "How old is the ferry?",
    ],
)
def test_another_question_asks_for_none(question: str) -> None:
    assert not is_timeline(question)


def test_entries_are_in_order_of_what_they_tell_and_not_of_publication() -> None:
    told = [
        Told(NEW, "The bridge opened on Monday."),
        Told(NEW, "Work on the tunnel began in 2019."),
        Told(OLD, "The court stopped the diggers on 3 April."),
    ]
    assert [(e.date, e.candidate) for e in entries(told, 9)] == [
        ("2019", told[1]),
        ("2024-04-03", told[2]),
        ("2026-03-09", told[0]),
    ]


def test_a_year_comes_before_a_month_and_a_month_before_a_day_of_the_same_time() -> None:
    told = [
        Told(NEW, "The mayor resigned on 1 January 2020."),
        Told(NEW, "Trains stood still in January 2020."),
        Told(NEW, "Ferries lost money in 2020."),
    ]
    assert [e.date for e in entries(told, 9)] == ["2020", "2020-01", "2020-01-01"]


def test_news_without_a_date_at_the_head_of_an_article_gets_its_day() -> None:
    [entry] = entries([Told(NEW, "The minister resigned.")], 9)
    assert (entry.date, entry.stated) == ("2026-03-10", False)


@pytest.mark.parametrize(
    "told",
    [
        Told(NEW, "The minister resigned.", start=5000),
        Told(UNDATED, "The minister resigned."),
        Told(UNDATED, "The minister resigned on Monday."),
        Told(NEW, "The minister is popular."),
        Told(NEW, "The United States joins the treaty."),
        Told(NEW, "With the minister were two generals."),
        Told(NEW, "The minister had resigned once before."),
        Told(NEW, "The minister, elected in 2022, is popular."),
        Told(NEW, "Between 2019 and 2021 the herd halved."),
    ],
)
def test_what_has_no_clear_time_or_one_of_several_years_is_left_out(told: Told) -> None:
    assert entries([told], 9) == []


def test_a_fact_told_twice_is_told_once_by_the_better_sentence() -> None:
    worse = Told(OLD, "The ferry Astrid sank off Bergen on 3 April 2024.", score=1.0)
    better = Told(NEW, "On 3 April 2024 the ferry Astrid sank off the coast of Bergen.", score=2.0)
    assert [e.candidate for e in entries([worse, better], 9)] == [better]


def test_of_two_that_tell_a_fact_equally_well_the_newer_stays() -> None:
    older = Told(OLD, "The ferry Astrid sank on 3 April 2024, killing 12.", score=1.0)
    newer = Told(NEW, "The ferry Astrid sank on 3 April 2024, killing 14.", score=1.0)
    assert [e.candidate for e in entries([older, newer], 9)] == [newer]


def test_two_facts_of_one_day_both_stay() -> None:
    told = [Told(NEW, "The ferry sank on Monday."), Told(NEW, "The mayor flew to Lima on Monday.")]
    assert len(entries(told, 9)) == 2


def test_the_best_scores_stay_when_there_are_too_many() -> None:
    told = [
        Told(NEW, f"The {what} closed in {year}.", score=score)
        for what, year, score in (("mine", 2001, 1.0), ("port", 2002, 3.0), ("school", 2003, 2.0))
    ]
    assert [e.date for e in entries(told, 2)] == ["2002", "2003"]


SENTENCES = st.builds(
    Told,
    st.sampled_from([OLD, NEW, UNDATED]),
    st.sampled_from(
        [
            "The mine closed in 2001.",
            "The mayor resigned on Monday.",
            "Lund won.",
            "Rain fell last month.",
            "It is late.",
        ]
    ),
    st.integers(0, 2000),
    st.floats(-5, 5),
)


@given(st.lists(SENTENCES, max_size=12), st.integers(0, 6))
def test_entries_are_candidates_in_order_and_no_more_than_asked_for(told: list[Told], most: int) -> None:
    found = entries(told, most)
    assert len(found) <= most
    assert all(e.candidate in told for e in found)
    assert [e.period.first for e in found] == sorted(e.period.first for e in found)
    assert all(e.date for e in found)


@given(st.lists(SENTENCES, max_size=8, unique_by=lambda t: (t.text, t.score, t.article.id)))
def test_the_order_of_the_candidates_does_not_matter(told: list[Told]) -> None:
    assert [e.date for e in entries(told, 5)] == [e.date for e in entries(told[::-1], 5)]

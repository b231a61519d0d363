"""Sources that differ are sides; what bounds, rounding, units, scope or another subject explain is no dispute."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.disagree import disputed, opposed, positions
from rag.disagree.accounts import Account

DEAD = "How many people died in the flood?"
COST = "How much did the bridge cost?"
CATCH = "How much cocaine was seized?"
HELD = "How many people were arrested?"
SHARE = "What share of voters backed it?"
OPENS = "When does the tram line open?"
WON = "Who won the sailing cup?"
GREW = "Did wheat exports grow?"
ASKED = "Was the mayor invited to the summit?"


def _told(
    *quotes: str, articles: str = "abcdef", days: tuple[str, ...] = (), outlets: tuple[str, ...] = ()
) -> list[Account]:
    return [
        Account(
            n + 1,
            articles[n],
            quote,
            outlet=outlets[n] if outlets else f"Outlet {articles[n]}",
            published=date.fromisoformat(days[n]) if days else date(2025, 3, 10),
        )
        for n, quote in enumerate(quotes)
    ]


@pytest.mark.parametrize(
    ("question", "one", "other", "values"),
    [
        (DEAD, "Forty people died in the flood.", "In the flood 52 people died.", ("Forty", "52")),
        (DEAD, "The flood killed 40 people.", "The death toll of the flood people fear most is 52.", ("40", "52")),
        (COST, "The bridge cost $40 million.", "The bridge cost $52 million.", ("$40 million", "$52 million")),
        (CATCH, "2 tons of cocaine were seized.", "3,000 kilos of cocaine were seized.", ("2 tons", "3,000 kilos")),
        (SHARE, "64% of voters backed it.", "58 percent of voters backed it.", ("64%", "58 percent")),
        (DEAD, "More than 300 people died.", "In all 120 people died.", ("more than 300", "120")),
        (DEAD, "More than 300 people died.", "In all 900 people died.", ("more than 300", "900")),
        (OPENS, "The tram line opens on April 4.", "The tram line opens on April 9.", ("April 4", "April 9")),
        (
            "When was the chapel built?",
            "The chapel was built in 1412.",
            "Founded in 1390, the chapel was built in 1451.",
            ("1412", "1451"),
        ),
        (WON, "Ana Holm won the sailing cup.", "The sailing cup was won by Jo Berg.", ("Ana Holm", "Jo Berg")),
        (
            "Who founded the school?",
            "Ana Holm founded the school.",
            "Ana Holm denied that she founded the school.",
            ("Ana Holm", "not Ana Holm"),
        ),
        (GREW, "Wheat exports grew.", "Wheat exports fell.", ("yes", "no")),
        (GREW, "Wheat exports rose sharply.", "Wheat exports did not grow.", ("yes", "no")),
        (ASKED, "The mayor was invited to the summit.", "The mayor was not invited to the summit.", ("yes", "no")),
        (ASKED, "The mayor was invited to the summit.", "The mayor was excluded from the summit.", ("yes", "no")),
        (
            "Did the minister know of the deal?",
            "The minister knew of the deal.",
            "The minister knew nothing of the deal.",
            ("yes", "no"),
        ),
        (
            "Has crime grown or fallen in Lund?",
            "Crime in Lund has risen.",
            "Crime in Lund has dropped.",
            ("risen", "dropped"),
        ),
        (
            "Will tensions escalate?",
            "Tensions will escalate, Ana Holm said.",
            "Tensions are unlikely to escalate, Jo Berg said.",
            ("yes", "no"),
        ),
    ],
)
def test_values_that_exclude_each_other_are_two_sides(
    question: str, one: str, other: str, values: tuple[str, str]
) -> None:
    sides = positions(question, _told(one, other))
    assert [(side.value, side.citations) for side in sides] == [(values[0], (1,)), (values[1], (2,))]
    assert disputed(sides)


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        pytest.param(DEAD, "Forty people died.", "In the flood 40 people died.", id="same figure in words"),
        pytest.param(DEAD, "More than 1,400 people died.", "1,500 people died.", id="a lower bound"),
        pytest.param(DEAD, "At least 40 people died.", "52 people died.", id="at least"),
        pytest.param(DEAD, "Nearly 60 people died.", "52 people died.", id="nearly"),
        pytest.param(DEAD, "About 50 people died.", "52 people died.", id="about"),
        pytest.param(
            HELD, "Police arrested 40 people.", "40 people were arrested and 12 were hurt.", id="beside another"
        ),
        pytest.param(COST, "It cost $40.2 million.", "It cost $40 million.", id="rounded"),
        pytest.param(DEAD, "40 people died.", "52 people were injured.", id="another fate"),
        pytest.param(DEAD, "40 people died.", "52 houses were lost and people fled.", id="other things"),
        pytest.param("How many tons were seized?", "2 tons were seized.", "2,000 kilograms were seized.", id="units"),
        pytest.param("How tall is it?", "It is 150 metres tall.", "It is 492 feet tall.", id="feet"),
        pytest.param(COST, "It cost $40 million.", "It cost €36 million.", id="currencies"),
        pytest.param(DEAD, "52 people died.", "The dead rose from 40 to 52 people.", id="an earlier count beside"),
        pytest.param("Who died in the flood?", "Ana Holm died.", "Jo Berg died.", id="many can die"),
        pytest.param("Why did it flood?", "40 people died.", "52 people died.", id="no figure asked for"),
        pytest.param(OPENS, "The line opens in April.", "The line opens on April 9.", id="month and day"),
        pytest.param(
            OPENS, "The line opens on April 9.", "Sold out since May 2, the line opens on April 9.", id="another date"
        ),
        pytest.param(
            OPENS, "The line opens on April 9.", "The line opens on April 9, the mayor said on Monday.", id="said on"
        ),
        pytest.param(WON, "Ana Holm won the cup.", "Holm won the sailing cup.", id="last name"),
        pytest.param(WON, "Ana Holm won the cup.", "A student won the sailing cup.", id="a noun for a name"),
        pytest.param(WON, "Ana Holm and Jo Berg won the cup.", "Jo Berg won the sailing cup.", id="one of two"),
        pytest.param(WON, "Ana Holm won the cup.", "The cup was won by Ana Holm, ahead of Jo Berg.", id="the loser"),
        pytest.param("Who criticized the plan?", "Ana Holm criticized the plan.", "Jo Berg criticized the plan.",
                     id="many can criticize"),
        pytest.param(GREW, "Wheat exports grew.", "Wheat exports rose.", id="other word"),
        pytest.param(GREW, "Wheat exports grew.", "Wheat exports may not grow.", id="left open"),
        pytest.param(GREW, "Wheat exports grew.", "Wheat exports grew, but imports fell.", id="of another thing"),
        pytest.param("Has crime slowed down under Holm?", "Crime has risen under Holm.",
                     "Crime has continued to rise under Holm.", id="a word that is no verb"),
        pytest.param("How many years is the school old?", "The school is 23 years old.",
                     "Every two years the school plays another.", id="every so many"),
        pytest.param(ASKED, "The mayor was invited to the summit.", "The bishop was not invited.", id="another person"),
    ],
)  # fmt: skip
def test_values_that_may_be_one_are_no_sides(question: str, one: str, other: str) -> None:
    assert len(positions(question, _told(one, other))) == 0


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        pytest.param(DEAD, "In 2023 40 people died.", "In 2024 52 people died.", id="years"),
        pytest.param(DEAD, "On May 3, 40 people died.", "On May 4, 52 people died.", id="days"),
        pytest.param(DEAD, "40 people died in Lund.", "52 people died in Oslo.", id="places"),
        pytest.param(DEAD, "9 children died in the flood.", "52 people died.", id="part of them"),
        pytest.param("How much water is used?", "40 litres of water are used a day.",
                     "9,000 litres of water are used a year.", id="by the day"),
        pytest.param("How much aid did it get?", "It got $4 million in aid in 2022.",
                     "It has got $14 billion in aid since 2000.", id="in all"),
        pytest.param(OPENS, "In Lund the line opens on April 9.", "In Oslo the line opens on May 2.", id="date, place"),
        pytest.param(WON, "Ana Holm won the women's cup.", "Jo Berg won the men's cup.", id="classes"),
        pytest.param(OPENS, "The first line opens on April 9.", "The second tram line opens on May 2.", id="which"),
        pytest.param(WON, "Ana Holm won the sailing cup in the women's class.",
                     "Jo Berg won the sailing cup in the men's class.", id="classes behind"),
        pytest.param(GREW, "Wheat exports grew in 2023.", "Wheat exports fell in 2024.", id="grew then"),
        pytest.param(GREW, "Wheat exports to Peru grew.", "Exports of wheat fell in May, exports to Chad in June.",
                     id="elsewhere"),
        pytest.param("Did rents fall?", "Rents for student rooms fell.", "Rents for family homes rose.", id="of what"),
        pytest.param(
            "Did the wolf population grow?",
            "The northern wolf population grew.",
            "The southern wolf population shrank.",
            id="north and south",
        ),
    ],
)  # fmt: skip
def test_another_time_place_or_part_is_shown_and_not_disputed(question: str, one: str, other: str) -> None:
    sides = positions(question, _told(one, other))
    assert [side.difference for side in sides] == [None, "scope"]
    assert not disputed(sides)


def test_dates_of_two_years_editions_differ_in_scope() -> None:
    told = _told(
        "The fair was held on May 12.", "The fair was held on May 18.", days=("2024-05-14", "2025-05-20")
    )  # fmt: skip
    assert [side.difference for side in positions("When was the fair held?", told)] == [None, "scope"]


def test_a_later_count_comes_first_and_replaces_the_earlier() -> None:
    told = _told("40 people died.", "52 people died.", days=("2025-03-10", "2025-03-12"))
    assert [(s.value, s.difference) for s in positions(DEAD, told)] == [("52", None), ("40", "update")]


def test_the_same_outlet_replaces_its_own_date() -> None:
    told = _told(
        "The line opens on April 9.",
        "The line opens on May 2.",
        days=("2025-01-10", "2025-02-12"),
        outlets=("Post", "Post"),
    )
    assert [(s.value, s.difference) for s in positions(OPENS, told)] == [("May 2", None), ("April 9", "update")]


def test_a_later_copy_of_a_story_replaces_it() -> None:
    told = _told("The bridge cost $4 million.", "The bridge cost $5 million.", days=("2025-01-10", "2025-01-12"))
    assert positions(COST, told)[1].difference == "disagreement"
    assert positions(COST, told, lambda *_: True)[1].difference == "update"


def test_two_named_speakers_disagree_however_late_one_is() -> None:
    told = _told(
        "Ana Holm said 40 people died.", "Jo Berg said 52 people died.", days=("2025-03-10", "2025-03-12")
    )  # fmt: skip
    sides = positions(DEAD, told)
    assert [(s.holder, s.difference) for s in sides] == [("Ana Holm", None), ("Jo Berg", "disagreement")]


def test_two_people_in_one_article_are_two_sides() -> None:
    told = _told("Ana Holm said 40 people died.", "Jo Berg said 52 people died.", articles="aa")
    assert [side.holder for side in positions(DEAD, told)] == ["Ana Holm", "Jo Berg"]


def test_one_article_does_not_dispute_itself() -> None:
    assert positions(DEAD, _told("40 people died.", "52 people died.", articles="aa")) == ()


def test_a_question_about_what_somebody_says_leaves_other_speakers_out() -> None:
    told = _told("Ana Holm said 40 people died.", "Jo Berg said 52 people died.")
    assert positions("According to Ana Holm, how many people died?", told) == ()


def test_a_question_about_a_year_leaves_other_years_out() -> None:
    assert positions("How many people died in 2023?", _told("In 2023 40 people died.", "In 2024 52 people died.")) == ()


def test_a_position_shows_outlet_date_and_quote_of_its_first_citation() -> None:
    side = positions(DEAD, _told("40 people died.", "52 people died."))[0]
    assert (side.outlet, side.published, side.quote) == ("Outlet a", date(2025, 3, 10), "40 people died.")


def test_articles_with_the_same_figure_stand_on_one_side() -> None:
    sides = positions(DEAD, _told("40 people died.", "52 people died.", "40 people have died."))
    assert [side.citations for side in sides] == [(1, 3), (2,)]


def test_nothing_cited_is_not_disputed() -> None:
    assert positions(DEAD, []) == ()
    assert not disputed(())


@pytest.mark.parametrize(
    ("other", "articles", "differ"),
    [
        ("52 people died.", "ab", True),
        ("52 people died.", "aa", False),
        ("It rained.", "ab", False),
        ("In 2019 52 people died.", "ab", True),
        ("9 children died in the flood.", "ab", False),
    ],
)
def test_opposed_is_what_makes_an_answer_disputed(other: str, articles: str, differ: bool) -> None:
    one, two = _told("40 people died.", other, articles=articles)
    assert opposed(DEAD, one, two) is opposed(DEAD, two, one) is differ
    assert opposed("Why did it flood?", one, two) is False


@given(st.lists(st.integers(2, 5000), min_size=2, max_size=6))
def test_every_account_is_cited_at_most_once_and_only_first_has_no_difference(counts: list[int]) -> None:
    told = _told(*(f"{count} people died in the flood." for count in counts))
    sides = positions(DEAD, told)
    cited = [number for side in sides for number in side.citations]
    assert len(cited) == len(set(cited))
    assert [side.difference is None for side in sides] == [not i for i in range(len(sides))]
    assert disputed(sides) == bool(sides)


@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from([DEAD, OPENS, WON, GREW, ASKED]))
def test_any_text_can_be_read(one: str, other: str, question: str) -> None:
    a, b = _told(one, other)
    assert opposed(question, a, b) is opposed(question, b, a)

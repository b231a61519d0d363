"""Figures that differ between articles are sides; figures that can both hold are not."""

from __future__ import annotations

import pytest

from rag.answers import Citation
from rag.disagree import opposed, positions

DEAD = "How many people died in the flood?"
COST = "How much did the bridge cost?"
CATCH = "How much cocaine was seized?"
HELD = "How many people were arrested?"
SHARE = "What share of voters backed it?"


def _cited(*quotes: str, articles: str = "abcdef") -> list[Citation]:
    return [
        Citation(
            number=n, article_id=articles[n - 1], title=None, outlet=None, published=None, source="s", start=0,
            end=len(quote), quote=quote,
        )
        for n, quote in enumerate(quotes, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "one", "other", "values"),
    [
        (DEAD, "Forty people died in the flood.", "In the flood 52 people died.", ("Forty", "52")),
        (COST, "The bridge cost $40 million.", "The bridge cost $52 million.", ("40 million", "52 million")),
        (CATCH, "2 tons of cocaine were seized.", "3 tons of cocaine were seized.", ("2 tons", "3 tons")),
        (SHARE, "64% of voters backed it.", "58 percent of voters backed it.", ("64 %", "58 percent")),
    ],
)
def test_different_figures_for_the_same_thing_are_two_sides(
    question: str, one: str, other: str, values: tuple[str, str]
) -> None:
    sides = positions(question, _cited(one, other))
    assert [(side.value, side.citations) for side in sides] == [(values[0], (1,)), (values[1], (2,))]


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
        pytest.param(DEAD, "In 2023 40 people died.", "In 2024 52 people died.", id="years"),
        pytest.param(DEAD, "On May 3, 40 people died.", "On May 4, 52 people died.", id="days"),
        pytest.param(DEAD, "40 people died in Lund.", "52 people died in Oslo.", id="places"),
        pytest.param(DEAD, "40 people died.", "52 people were injured.", id="another fate"),
        pytest.param(DEAD, "40 people died.", "52 houses were lost and people fled.", id="other things"),
        pytest.param("How many tons were seized?", "2 tons were seized.", "2,000 kilograms were seized.", id="units"),
        pytest.param(COST, "It cost $40 million.", "It cost €36 million.", id="currencies"),
        pytest.param("Who died in the flood?", "40 people died.", "52 people died.", id="no figure asked for"),
    ],
)
def test_figures_that_can_both_hold_are_not_disputed(question: str, one: str, other: str) -> None:
    assert positions(question, _cited(one, other)) == ()


def test_one_article_does_not_dispute_itself() -> None:
    assert positions(DEAD, _cited("40 people died.", "52 people died.", articles="aa")) == ()


def test_articles_with_the_same_figure_stand_on_one_side() -> None:
    sides = positions(DEAD, _cited("40 people died.", "52 people died.", "40 people have died."))
    assert [side.citations for side in sides] == [(1, 3), (2,)]


def test_nothing_cited_is_not_disputed() -> None:
    assert positions(DEAD, []) == ()


@pytest.mark.parametrize(
    ("other", "differ"),
    [(("b", "52 people died."), True), (("a", "52 people died."), False), (("b", "It rained."), False)],
)
def test_a_quote_of_another_article_opposes_with_another_figure(other: tuple[str, str], differ: bool) -> None:
    assert opposed(DEAD, ("a", "40 people died."), other) is differ
    assert opposed("Who died?", ("a", "40 people died."), other) is False

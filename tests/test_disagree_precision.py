"""Another's deed, a noun, another place or a forecast make no dispute; one source with both figures hides none."""

from __future__ import annotations

from datetime import date

import pytest

from rag.answers import Position
from rag.disagree import disputed, positions
from rag.disagree.accounts import Account

DEAD = "How many people died in the fire in Korv?"
COST = "How much did the tunnel cost?"
STRIKE = "How many people joined the strike?"
STAFF = "How many people does Brix employ in Lund?"
DRUG = "Has Peru approved the drug?"


def _told(*quotes: str, days: tuple[str | None, ...] = (), befores: tuple[str, ...] = ()) -> list[Account]:
    return [
        Account(
            n + 1,
            "abcdef"[n],
            quote,
            before=befores[n] if befores else "",
            outlet=f"Outlet {n}",
            published=date.fromisoformat(day) if (day := days[n] if days else "2025-03-10") else None,
        )
        for n, quote in enumerate(quotes)
    ]


def _differences(sides: tuple[Position, ...]) -> list[tuple[str, str | None]]:
    return [(side.value, side.difference) for side in sides]


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        pytest.param("Did Norland stop selling gas?", "Norland stopped selling gas.",
                     "Talks about selling gas were slow from the start, Norland said.", id="a noun after an article"),
        pytest.param("Did Holm attend the launch?", "Holm did not attend the launch.",
                     "Berg launched the boat with Holm's son.", id="the object read as a verb"),
        pytest.param("Did Holm's deputy open the fair?", "Holm's deputy opened the fair.",
                     "Holm, whose deputy was ill, did not attend the opening.", id="an opening"),
        pytest.param("Did Norland suspend aid to Sudland?", "Norland suspended aid to Sudland.",
                     "Sudland has not suspended its orders of ore from Norland.", id="subject and object swapped"),
        pytest.param("Did Norland suspend aid to Sudland?", "Norland suspended aid to Sudland.",
                     "The treaty ensures that Sudland's aid to Norland continues.", id="the other's aid"),
        pytest.param("Did Brix cut more than 500 posts in Lund?", "Brix cut more than 500 posts in Lund.",
                     "Brix did not cut posts in Oslo.", id="another place and no figure"),
        pytest.param("Did Ana Holm attend the gala?", "Ana Holm attended the gala.",
                     "Ana Holm did not just attend the gala.", id="not just"),
        pytest.param("Did Holm and Berg sign the pact?", "Holm and Berg signed the pact.",
                     "Berg did not sign the pact.", id="one of the two"),
    ],
)  # fmt: skip
def test_what_another_does_or_a_noun_says_is_no_other_side(question: str, one: str, other: str) -> None:
    assert positions(question, _told(one, other)) == ()


def test_a_pronoun_does_not_stand_for_a_subject_that_is_not_the_verbs() -> None:
    befores = ("Drug. Peru and Chile weigh the drug.",) * 2
    assert positions(DRUG, _told("Peru approved it in May.", "Chile has rejected it.", befores=befores)) == ()


def test_a_pronoun_stands_for_the_subject_named_before_it() -> None:
    befores = ("Drug. Peru weighed the drug.",) * 2
    sides = positions(DRUG, _told("Peru approved the drug.", "It has rejected the drug.", befores=befores))
    assert _differences(sides) == [("yes", None), ("no", "disagreement")]


@pytest.mark.parametrize(
    ("before", "differ"),
    [
        ("Brix. The union says Brix closed the mill.", True),
        ("Brix. Brix closed the mill, some say. Its head had promised that all would stay.", False),
    ],
)
def test_denied_it_denies_only_the_sentence_right_before(before: str, differ: bool) -> None:
    told = _told("Brix closed the mill.", "A spokesman for Brix denied it.", befores=("", before))
    assert disputed(positions("Did Brix close the mill?", told)) is differ


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("Did Holm sign the deal?", "The deal was signed by Holm.", "Holm refused to sign the deal."),
        ("Was Berg arrested?", "Police in Oslo arrested Jo Berg on Monday.", "Berg was not arrested, Ana Holm said."),
        ("Did the mayor resign?", "The mayor, Ana Holm, resigned.", "The mayor has not resigned."),
        ("Did Holm meet Berg?", "Holm never met Berg, a friend said.", "Berg said that she had met Holm twice."),
        ("Did Brix cut 900 jobs in Lund?", "Brix cut 900 jobs in Lund.", "Brix did not cut 900 jobs in Lund."),
        (
            "Did Holm know about the leak?",
            "Berg said that Holm knew about the leak.",
            "Holm knew nothing about the leak.",
        ),
    ],
)
def test_the_same_deed_of_the_same_one_is_still_disputed(question: str, one: str, other: str) -> None:
    assert disputed(positions(question, _told(one, other)))


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        pytest.param(DEAD, "A fire in the village of Korv killed 9 people.",
                     "Another 70 people died in the coastal province of Lisk.", id="the province of"),
        pytest.param(COST, "The tunnel cost 70 million euros.",
                     "The builder of the tunnel agreed to return 5 million euros.", id="no word of its cost"),
        pytest.param(STAFF, "Brix employs 2,000 people in Lund.", "Brix cut 400 jobs in Lund.", id="another verb"),
        pytest.param(STAFF, "Brix employs 2,000 people in Lund.", "Brix employs 9,000 people worldwide.", id="all"),
        pytest.param(STAFF, "Brix employs 2,000 people in Lund.",
                     "Brix employs 9,000 people worldwide and 2,000 in Lund.", id="the figure of the place"),
        pytest.param("How much was the tunnel planned to cost?", "The tunnel was planned to cost 40 million euros.",
                     "The tunnel cost 70 million euros.", id="planned is asked for"),
    ],
)  # fmt: skip
def test_a_figure_of_another_place_or_matter_is_no_side(question: str, one: str, other: str) -> None:
    assert positions(question, _told(one, other)) == ()


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        pytest.param("How many people died?", "The fire killed 9 people.",
                     "The mayor expects the number of people who died to reach 30.", id="expects"),
        pytest.param("What is the death toll?", "The death toll stands at 9.",
                     "The death toll is expected to climb to 30.", id="is expected"),
        pytest.param(COST, "The tunnel cost 70 million euros.", "The tunnel was planned to cost 40 million euros.",
                     id="planned"),
        pytest.param("How many jobs does Brix cut?", "Brix has cut 300 jobs.", "Brix will cut 900 jobs.", id="will"),
        pytest.param("How many people died?", "The fire killed 9 people.", "A further 30 people died.", id="further"),
    ],
)  # fmt: skip
def test_a_forecast_or_a_further_count_differs_in_scope(question: str, one: str, other: str) -> None:
    assert _differences(positions(question, _told(one, other)))[1:] != []
    assert not disputed(positions(question, _told(one, other)))


def test_two_forecasts_can_disagree() -> None:
    told = _told("The tunnel will cost 70 million euros.", "The tunnel is expected to cost 95 million euros.")
    assert disputed(positions("How much will the tunnel cost?", told))


def test_a_source_with_both_figures_hides_no_dispute_wherever_it_is_cited() -> None:
    both = "The union said 800 people joined the strike; the firm counted 300."
    others = ["The union said 800 people joined the strike.", "In all, 300 people joined the strike."]
    for place in range(3):
        quotes = [*others[:place], both, *others[place:]]
        sides = positions(STRIKE, _told(*quotes))
        assert {side.value for side in sides} == {"800", "300"}
        assert sorted(number for side in sides for number in side.citations) == [1, 2, 3]


def test_a_bound_that_admits_two_figures_does_not_make_them_one() -> None:
    sides = positions(STRIKE, _told("At least 40 people joined.", "52 people joined.", "45 people joined."))
    assert disputed(sides)


@pytest.mark.parametrize("undated", ["In all 4 people died in the fire.", "The fire killed 6 people."])
def test_an_undated_article_that_repeats_a_figure_leaves_an_update_one(undated: str) -> None:
    told = _told(
        "The fire killed 4 people.", "The fire killed 6 people.", undated, days=("2025-03-10", "2025-03-12", None)
    )  # fmt: skip
    assert _differences(positions("How many people died in the fire?", told)) == [("6", None), ("4", "update")]


def test_a_figure_given_as_a_former_one_is_replaced() -> None:
    told = _told("A medic had earlier counted 4 dead people.", "The mayor, Jo Berg, said 6 people died.")
    assert _differences(positions("How many people died?", told)) == [("6", None), ("4", "update")]


def test_a_sentence_that_only_has_the_question_names_nobody() -> None:
    told = _told("Jo Berg stole the painting.", "Ana Holm did not say who stole the painting.")
    assert positions("Who stole the painting?", told) == ()


def test_what_came_true_is_not_at_one_with_a_plan_that_was_near_it() -> None:
    told = _told(
        "Brix will cut 900 jobs, the firm said.",
        "Brix will cut 1,200 jobs, the firm said.",
        "Brix has cut 890 jobs.",
        days=("2025-03-10", "2025-03-12", "2025-09-01"),
    )
    sides = positions("How many jobs has Brix cut?", told)
    assert _differences(sides) == [("1,200", None), ("900", "update"), ("890", "scope")]

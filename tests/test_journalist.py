"""What a journalist relies on, seen from `answer`: who said it and when, copies, premises, times, follow-ups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from test_ask import check
from tiny import make, put

from index.embed import DEFAULT, by_name
from index.store import Store, open_store
from rag import Answer, answer
from rag.answers import CONVERSATION

FERRY = (
    "The ferry Aurora sank off Lund on Monday, the coast guard said. Mayor Eva Holm said that the Aurora had been "
    "inspected in May.\n\nThe shipping company Nordia denied that the Aurora was overloaded. "
    "Nordia was not invited to the hearing on the Aurora in Malmo."
)
WIRE = (
    "Litres of oil by the thousand spilled from the tanker Gudrun into the bay of Kalmar on Saturday, the guard said. "
    "The spill covered four kilometres of beach by Sunday morning. Volunteers with shovels came from three towns. "
    "The port of Kalmar was closed for two days. Divers found a hole of two metres in the hull of the Gudrun. "
    "The captain, Nils Frode, said that the ship had struck a rock that was on no chart."
)
ARTICLES = [
    make(FERRY, "/n/ferry", title="Ferry sinks", outlet="Post", published=date(2026, 3, 11)),
    make(
        "Nine people died when the ferry Aurora sank, the police said on Tuesday.",
        "/n/toll-1",
        title="Nine dead",
        outlet="Post",
        published=date(2026, 3, 11),
    ),
    make(
        "Fourteen people died when the ferry Aurora sank, the police said on Friday.",
        "/n/toll-2",
        title="Toll rises",
        outlet="Times",
        published=date(2026, 3, 14),
    ),
    make(WIRE, "/n/wire", title="Oil in the bay", outlet="Agency", published=date(2026, 1, 4)),
    make(
        f"{WIRE} The Herald's readers sent pictures.",
        "/n/copy",
        title="Tanker leaks oil off Kalmar",
        outlet="Herald",
        published=date(2026, 1, 5),
    ),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("journalist") / "store", by_name(DEFAULT)) as opened:
        put(opened, *ARTICLES)
        yield opened


def ask(store: Store, question: str, **options: object) -> Answer:
    result = answer(question, store=store, **options)  # type: ignore[arg-type]
    if result.provenance.answerer != CONVERSATION:
        check(result, store)
    return result


def test_a_sentence_says_whose_words_it_is(store: Store) -> None:
    first = ask(store, "When was the Aurora inspected?").sentences[0]
    assert (first.speaker, first.speech) == ("Eva Holm", "said")


def test_a_denial_stays_a_denial(store: Store) -> None:
    told = ask(store, "What did Nordia say about the load of the Aurora?").sentences
    assert any(sentence.speech == "denied" and sentence.speaker == "Nordia" for sentence in told)


def test_a_later_toll_comes_first_and_replaces_the_earlier_one(store: Store) -> None:
    result = ask(store, "How many people died when the ferry Aurora sank?")
    assert result.status == "disputed"
    assert [(side.value, side.outlet, side.difference) for side in result.positions] == [
        ("Fourteen", "Times", None),
        ("Nine", "Post", "update"),
    ]
    assert [side.published for side in result.positions] == [date(2026, 3, 14), date(2026, 3, 11)]


def test_an_answer_for_a_day_gone_by_knows_nothing_later(store: Store) -> None:
    result = ask(store, "How many people died when the ferry Aurora sank?", as_of="2026-03-12")
    assert "Nine" in result.text
    assert "Fourteen" not in result.text
    assert not result.positions


def test_a_wire_story_and_its_copy_are_one_source(store: Store) -> None:
    result = ask(store, "What did divers find in the hull of the Gudrun?")
    assert [citation.outlet for citation in result.citations] == ["Agency"]
    assert [(copy.outlet, copy.published) for copy in result.citations[0].copies] == [("Herald", date(2026, 1, 5))]


def test_two_things_asked_and_one_covered(store: Store) -> None:
    result = ask(store, "When did the ferry Aurora sink, and who owns the harbour of Trelleborg?")
    assert result.status == "partial"
    assert "Monday" in result.text
    assert "Trelleborg" in (result.missing or "")


def test_a_premise_that_the_articles_deny_is_corrected_with_its_citation(store: Store) -> None:
    result = ask(store, "Why was Nordia invited to the hearing on the Aurora?")
    assert result.status == "partial"
    assert "was not invited" in result.text
    assert "assumes that Nordia was invited" in (result.missing or "")


def test_a_yes_or_no_comes_with_its_evidence(store: Store) -> None:
    result = ask(store, "Was Nordia invited to the hearing on the Aurora?")
    assert result.yes_no == "no"
    assert result.text.startswith("No: Nordia was not invited")
    assert result.sentences[0].text.startswith("Nordia was not invited")


def test_a_follow_up_is_answered_as_the_whole_question_it_means(store: Store) -> None:
    result = ask(store, "And the Gudrun?", history=["What did divers find in the hull of the Aurora?"])
    assert result.question == "And the Gudrun?"
    assert result.understood == "What did divers find in the hull of the Gudrun?"
    assert "hole" in result.text


def test_a_follow_up_to_nothing_is_asked_back(store: Store) -> None:
    result = ask(store, "What did she say about that?")
    assert (result.status, result.sentences, result.citations) == ("abstained", (), ())
    assert result.provenance.answerer == CONVERSATION
    assert result.text == result.missing
    assert "?" in result.text


@pytest.mark.parametrize("greeting", ["Hello!", "Thanks", "Who are you?", "What can you do?"])
def test_a_greeting_gets_a_plain_line_and_no_source(store: Store, greeting: str) -> None:
    result = ask(store, greeting)
    assert (result.sentences, result.citations, result.missing) == ((), (), None)
    assert "corpus does not" not in result.text


def test_a_timeline_is_dated_and_in_order(store: Store) -> None:
    result = ask(store, "How did the sinking of the ferry Aurora unfold?")
    dates = [sentence.date for sentence in result.sentences]
    assert len(dates) > 1
    assert all(dates)
    assert dates == sorted(dates)  # type: ignore[type-var]
    assert result.text.startswith(f"{dates[0]}: ")


def test_a_citation_carries_what_stands_around_it(store: Store) -> None:
    [citation, *_] = ask(store, "What did divers find in the hull of the Gudrun?").citations
    text = store.article(citation.article_id).text
    assert text[citation.start - len(citation.before) : citation.start] == citation.before
    assert text[citation.end :].startswith(citation.after)
    assert citation.before
    assert citation.after


def test_old_answers_stay_valid_after_articles_change(tmp_path: Path) -> None:
    from index.build import verify

    with open_store(tmp_path / "store", by_name(DEFAULT)) as opened:
        put(opened, make(FERRY, "/n/ferry"))
        before = ask(opened, "When was the Aurora inspected?")
        put(opened, make(FERRY.replace("in May", "in June"), "/n/ferry"))
        after = ask(opened, "When was the Aurora inspected?")
        assert "May" in before.text
        assert "June" in after.text
        check(before, opened)
        assert verify(opened) == []

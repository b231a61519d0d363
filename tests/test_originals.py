"""The articles that the seeds retell, with their real dirt; not part of the project, so these may be skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.build import ingest, verify
from index.embed import DEFAULT, by_name
from index.store import Store, open_store
from rag import answer

ORIGINALS = Path(__file__).resolve().parents[1].parent / "shared" / "seeds"

pytestmark = pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the original articles are not part of the project")

ANSWERED = [
    ("How many tons of cocaine has Colombia seized?", ["3,300", "2,700"]),
    ("What did OFAC do to Petro?", ["sanctioned Petro"]),
    ("When does Kast take office?", ["March 11"]),
    ("How much US aid has Colombia received since 2000?", ["$14 billion"]),
    ("By how much did coca cultivation rise?", ["13%"]),
    ("Why did Petro refuse the deportation flights?", ["inhumane"]),
    ("How much money was designated to Colombia in the 2024 fiscal year?", ["$377 million"]),
    ("How many ground operations has the Colombian military conducted?", ["1,400"]),
    ("Who is Richard Thompson?", ["former State Department advisor"]),
    ("Who spoke of neocolonial interference?", ["Petro"]),
]
SILENT = [
    "Who won the football World Cup in 2022?",
    "How much aid did Peru receive?",
    "Did Petro attend the UN General Assembly?",
    "Which company makes the Falcon 9 rocket?",
]
BOILERPLATE = [
    "yükleniyor",
    "Loading recommendations",
    "follow him on Twitter",
    "appeared first on",
    "Comments you share",
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("originals") / "store", by_name(DEFAULT)) as opened:
        outcomes = ingest(opened, [str(ORIGINALS)])
        assert [outcome.result for outcome in outcomes] == ["added"] * 5
        yield opened


@pytest.mark.parametrize(("question", "expected"), ANSWERED, ids=[question for question, _ in ANSWERED])
def test_a_question_over_an_original_is_answered_with_resolving_citations(
    store: Store, question: str, expected: list[str]
) -> None:
    result = answer(question, store=store)
    assert all(part in result.text for part in expected), result.text
    for citation in result.citations:
        assert store.article(citation.article_id).text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize("question", SILENT)
def test_what_the_originals_do_not_say_is_not_answered(store: Store, question: str) -> None:
    assert answer(question, store=store).status == "abstained"


@pytest.mark.parametrize(
    "question", ["What is loading?", "What are the rules for comments?", "Where can I follow the author?"]
)
def test_page_furniture_of_the_originals_is_never_cited(store: Store, question: str) -> None:
    quotes = " ".join(citation.quote for citation in answer(question, store=store).citations)
    assert not any(part in quotes for part in BOILERPLATE)


def test_the_store_of_the_originals_is_sound(store: Store) -> None:
    assert verify(store) == []

import json

import pytest

from index.store import Store
from rag import answer
from rag.answers import Answer
from rag.kept import spoken

QUESTIONS = (
    "How many tons of cocaine has Colombia seized?",
    "Did Trump decertify Colombia?",
    "What happened in 2025?",
    "Timeline of the relations between Petro and Trump",
    "Who won the Tour de France?",
    "Hello",
)


@pytest.fixture(scope="module")
def answers(seeds_store: Store) -> list[Answer]:
    return [answer(question, store=seeds_store) for question in QUESTIONS]


def changed(result: Answer, **fields: object) -> Answer:
    return Answer.model_validate(json.loads(result.model_dump_json()) | fields)


def test_the_text_of_an_answer_is_its_sentences_with_their_marks(answers: list[Answer]) -> None:
    assert [list(spoken(result)) for result in answers] == [[] for _ in answers]


@pytest.mark.parametrize("added", [" Everyone was fired.", " [unsupported] All is lost."])
def test_a_text_that_says_more_than_its_sentences_is_told(answers: list[Answer], added: str) -> None:
    told = list(spoken(changed(answers[0], text=answers[0].text + added)))
    assert len(told) == 1
    assert "no sentence of the answer" in told[0]


def test_a_changed_word_in_the_text_is_told(answers: list[Answer]) -> None:
    first = answers[0].sentences[0].text
    text = answers[0].text.replace(first, first.replace(first.split()[2], "never", 1))
    assert list(spoken(changed(answers[0], text=text)))


def test_an_answer_without_sentences_must_be_an_abstention(answers: list[Answer]) -> None:
    assert list(spoken(changed(answers[0], sentences=[], text="All is well.")))


def test_a_status_that_does_not_fit_the_sentences_is_told(answers: list[Answer]) -> None:
    assert list(spoken(changed(answers[0], status="abstained")))

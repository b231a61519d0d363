"""Answers that the real small model wrote: from its recorded replies, and, marked `llm`, asked anew.

`python -m pytest tests/test_recorded_answers.py -m llm` asks the model; delete recordings/answers.json first to record
anew, as a change of a prompt demands.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from recorded import record, replay
from test_ask import check

from eval.local_llm import LocalModel
from eval.scripted import ScriptedServer
from index.store import Store
from rag.answers import Answer
from rag.ask import answer
from rag.check.configured import configured
from rag.checked import problems
from rag.settings import Settings

RECORDING = Path(__file__).with_name("recordings") / "answers.json"
QUESTIONS = [
    "What share of US aid has gone to Colombia's military and police?",
    "What does WOLA say about decertification?",
    "Why was Colombia decertified as a partner in the war on drugs?",
    "What did Petro say about the decertification?",
    "How many tons of cocaine has Colombia seized?",
    "Who is Maria Fernandez?",
    "Did Petro win the lottery in Bogotá?",
]
SETTINGS = Settings(model_context=3500, model_reply=160)


def asked(question: str, store: Store, server: ScriptedServer) -> Answer:
    settings = replace(SETTINGS, model=server.model, base_url=server.base_url, model_key=server.key)
    return answer(question, store=store, settings=settings)


def keeps_every_promise(result: Answer, store: Store) -> None:
    check(result, store)
    assert problems(store, configured(SETTINGS), result) == []
    writing = result.provenance.writing
    if writing:
        told = (writing.shown, writing.rewritten, writing.replaced, writing.dropped, writing.left_out)
        assert writing.sentences == sum(told)
        assert (result.provenance.answerer == "extractive-1") == (writing.outcome == "extractive")


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_the_model_wrote_passes_the_gate_only_as_promised(question: str, seeds_store: Store) -> None:
    with ScriptedServer(replay(RECORDING)) as server:
        result = asked(question, seeds_store, server)
        assert result.sentences == asked(question, seeds_store, server).sentences
    keeps_every_promise(result, seeds_store)
    assert bool(server.requests) == bool(result.sentences)


def test_the_gate_lets_some_of_it_through_and_stops_some(seeds_store: Store) -> None:
    with ScriptedServer(replay(RECORDING)) as server:
        answers = [asked(question, seeds_store, server) for question in QUESTIONS]
    written = [a.provenance.writing for a in answers if a.provenance.writing]
    assert len(written) >= 5
    assert sum(w.shown + w.rewritten for w in written) >= 1
    assert sum(w.dropped + w.replaced for w in written) >= 3


@pytest.mark.llm
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_model_itself_is_held_to_the_same(question: str, seeds_store: Store, local_llm: LocalModel) -> None:
    RECORDING.parent.mkdir(exist_ok=True)
    with ScriptedServer(record(RECORDING, local_llm)) as server:
        keeps_every_promise(asked(question, seeds_store, server), seeds_store)

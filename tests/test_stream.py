"""Sentences as they come: early, never taken back, and ended by whoever reads them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from written import MILL, PLAN, mends, model, saying, store_in

from eval.scripted import Failure
from index.errors import ModelError
from index.store import Store
from rag import stream
from rag.answers import Answer, Sentence
from rag.ask import stream_cited
from rag.check import Claim, Verdict
from rag.settings import Settings
from rag.stop import Stop

HAPPENED = "What happened at the mill in Harl?"
LINES = [
    ("The paper mill in Harl closed on 3 May 2025.", "112 years"),
    ("Nordfall dismissed 240 workers.", "112 years"),
    ("Mayor Ada Lund said the town will buy the mill.", "112 years"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store_in(tmp_path_factory.mktemp("streamed") / "store") as opened:
        list(stream(MILL, store=opened, settings=Settings()))  # loads the models
        yield opened


def slow_to_mend(asked: Any) -> Any:
    return Failure("slow") if mends(asked) else saying([LINES[0], ("The town will buy the mill.", "Lund")])(asked)


def stopped_after(found: Iterator[Any], stop: Stop, wait: float) -> tuple[list[Sentence], Answer, float]:
    """All that comes where the stop is set `wait` seconds from now, and the seconds from there to the end."""
    at: list[float] = []

    def press() -> None:
        time.sleep(wait)
        at.append(time.perf_counter())
        stop.set()

    thread = threading.Thread(target=press)
    thread.start()
    *early, whole = found
    ended = time.perf_counter()
    thread.join()
    return early, whole, ended - at[0]


def test_without_a_model_the_sentences_come_before_the_answer_that_holds_them(store: Store) -> None:
    *early, whole = stream(HAPPENED, store=store, settings=Settings())
    assert tuple(early) == whole.sentences


def test_a_sentence_comes_before_the_model_has_finished(store: Store) -> None:
    with model(saying(LINES), pace=0.05) as (server, chosen):
        found = stream(HAPPENED, store=store, settings=chosen)
        first = next(found)
        assert first.text == LINES[0][0]
        assert server.idle(0.0) is False
        *_, whole = found
    assert whole.sentences[0] == first


def test_each_sentence_brings_the_citations_that_are_new_with_it(store: Store) -> None:
    with model(saying(LINES)) as (_, chosen):
        *early, whole = stream_cited(HAPPENED, store=store, settings=chosen)
    seen = 0
    for sentence, new in early:
        seen += len(new)
        assert max(sentence.citations) <= seen
    assert tuple(one for _, new in early for one in new) == whole.citations


def test_no_piece_of_a_mark_is_ever_shown(store: Store) -> None:
    with model(saying(LINES)) as (_, chosen):
        shown = [one.text for one in stream(HAPPENED, store=store, settings=chosen) if isinstance(one, Sentence)]
    assert shown
    assert not any(sign in text for text in shown for sign in "[]")


@pytest.mark.parametrize(
    "script", [lambda _: Failure("slow"), lambda _: Failure("stalled", f"{LINES[0][0]}\n"), slow_to_mend]
)
def test_a_stop_from_another_thread_ends_it_within_a_second(store: Store, script: Any) -> None:
    with model(script) as (server, chosen):
        stop = Stop()
        early, whole, seconds = stopped_after(stream(PLAN, store=store, settings=chosen, stop=stop), stop, 0.7)
        assert seconds < 1
        assert server.idle(1.0)
    assert tuple(early) == whole.sentences
    assert whole.provenance.writing.outcome == "stopped"
    assert whole.missing


def test_a_stop_in_the_middle_keeps_what_was_shown_and_adds_nothing(store: Store) -> None:
    with model(saying(LINES), pace=0.1) as (server, chosen):
        stop, early = Stop(), []
        for one in stream(HAPPENED, store=store, settings=chosen, stop=stop):
            early.append(one)
            stop.set()
        assert server.idle(1.0)
        assert server.cut == 1
    assert [one.text for one in early[:-1]] == [LINES[0][0]]
    assert early[-1].sentences == (early[0],)
    assert early[-1].provenance.writing.outcome == "stopped"


def test_the_counts_of_a_stopped_answer_add_up(store: Store) -> None:
    with model(slow_to_mend) as (_, chosen):
        stop = Stop()
        *_, whole, _ = stopped_after(stream(PLAN, store=store, settings=chosen, stop=stop), stop, 0.7)
    one = whole.provenance.writing
    assert one.sentences == one.shown + one.rewritten + one.replaced + one.dropped + one.left_out


def test_a_stop_that_is_set_before_asks_nothing_to_the_end(store: Store) -> None:
    stop = Stop()
    stop.set()
    with model(lambda _: Failure("slow")) as (server, chosen):
        began = time.perf_counter()
        *_, whole = stream(MILL, store=store, settings=chosen, stop=stop)
        assert time.perf_counter() - began < 1
        assert server.idle(1.0)
    assert whole.provenance.writing.outcome == "stopped"


@pytest.mark.parametrize("script", [saying(LINES), slow_to_mend])
def test_a_reader_who_goes_ends_all_calls(store: Store, script: Any) -> None:
    with model(script, pace=0.1) as (server, chosen):
        found = stream(PLAN if script is slow_to_mend else HAPPENED, store=store, settings=chosen)
        next(found)
        time.sleep(0.3)
        began = time.perf_counter()
        found.close()
        assert time.perf_counter() - began < 1
        assert server.idle(1.0)


def test_a_reader_who_goes_while_a_sentence_is_mended_ends_that_call(store: Store) -> None:
    with model(slow_to_mend, without=frozenset(["stream"])) as (server, chosen):
        found = stream(HAPPENED, store=store, settings=chosen)
        next(found)
        began = time.perf_counter()
        found.close()
        assert time.perf_counter() - began < 1
        assert server.idle(1.0)


def test_after_a_stop_no_further_call_is_made(store: Store) -> None:
    lines = [
        ("The town will buy the mill.", "Lund"),
        *((f"The mill made {n} sheets of paper.", "112 years") for n in range(4)),
    ]

    def script(asked: Any) -> Any:
        return Failure("slow") if mends(asked) else saying(lines)(asked)

    with model(script) as (server, chosen):
        stop = Stop()
        stopped_after(stream(PLAN, store=store, settings=chosen, stop=stop), stop, 0.7)
        assert server.idle(1.0)
        assert len(server.requests) <= 1 + 3


class Failing:
    """A checker that answers some batches and then cannot run."""

    name = "failing-1"

    def __init__(self, batches: int) -> None:
        self.left = batches

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        self.left -= 1
        if self.left < 0:
            raise ModelError("the checker's file is gone")
        return [
            Verdict("supported", 1.0) if claim.text.startswith("The paper") else Verdict("unsupported", 0.1)
            for claim in claims
        ]


def test_a_checker_that_fails_in_the_middle_ends_all_calls_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.pipeline.configured", lambda _: Failing(3))
    lines = [LINES[0], ("The town will buy the mill.", "Lund"), LINES[1]]

    def script(asked: Any) -> Any:
        return Failure("slow") if mends(asked) else saying(lines)(asked)

    with model(script, pace=0.05) as (server, chosen):
        began = time.perf_counter()
        with pytest.raises(ModelError, match="file is gone"):
            list(stream(HAPPENED, store=store, settings=chosen))
        assert time.perf_counter() - began < 5  # the sentence that is mended would wait for its server longer
        assert server.idle(1.0)


def test_no_stage_takes_less_than_no_time(store: Store) -> None:
    lines = [LINES[0], *((f"The mill made {n} tons of paper.", "112 years") for n in (3, 4, 5))]
    with model(saying(lines)) as (_, chosen):
        *_, whole = stream(HAPPENED, store=store, settings=chosen)
    assert min(whole.timings_ms.model_dump().values()) >= 0
    assert whole.provenance.writing.gate_ms <= whole.timings_ms.total


def test_a_citation_is_issued_before_its_sentence_is_seen(store: Store) -> None:
    with model(saying(LINES), pace=0.02) as (_, chosen):
        found = stream_cited(HAPPENED, store=store, settings=chosen)
        _, citations = next(found)
        found.close()
    issued = set(store.ledger.rows("SELECT article_id, start, end FROM issued"))
    assert citations
    assert {(one.article_id, one.start, one.end) for one in citations} <= issued

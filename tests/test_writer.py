"""What an answer that a model writes promises, whatever the model replies."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_ask import check
from written import ARTICLES, DAM, MARCH, MILL, PLAN, mends, model, passages, saying, store_in

from eval.scripted import Failure, Reply
from index.errors import ModelCallError
from index.sentences import sentence_spans
from index.store import Store
from rag import answer, stream
from rag.answers import Answer, Writing
from rag.check import by_name
from rag.checked import problems
from rag.settings import Settings

OFFLINE = Settings()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store_in(tmp_path_factory.mktemp("written") / "store") as opened:
        yield opened


def written(store: Store, question: str, script: Any, **options: Any) -> tuple[Answer, Any]:
    with model(script, **options) as (server, chosen):
        result = answer(question, store=store, settings=chosen)
        server.idle()
        return result, server


def record(result: Answer) -> Writing:
    assert result.provenance.writing is not None
    return result.provenance.writing


def adds_up(writing: Writing) -> bool:
    parts = (writing.shown, writing.rewritten, writing.replaced, writing.dropped, writing.left_out)
    return writing.sentences == sum(parts)


TRUE = [article.text[a:b] for article in ARTICLES for a, b in sentence_spans(article.text)]
WRONG = [
    "The paper mill in Harl closed on 8 May 2025.",
    "Nordfall dismissed 420 workers.",
    "The town will buy the mill.",
    "Police said 9,000 people joined the harbour march.",
    "The dam was finished in 1978.",
    "Ada Lund closed the mill.",
    "Nordfall denied that it closed the mill.",
    "Engineers found two cracks in the Tolm dam.",
    "The repair will cost 18 million dollars.",
    "See https://evil.example/?q=mill for more.",
    "![x](http://evil.example/a.png)",
    "Berlin is the capital of Germany.",
    "NOT FOUND",
    "Ignore the rules.",
    '{"id": 1}',
    "As a language model, I cannot say.",
    "The mill closed",
    "…",
    "[1]",
]


@st.composite
def replies(draw: st.DrawFn) -> Any:
    """A script: true sentences, wrong ones and garbage, under right marks, other passages', unknown ones or none."""
    seed = draw(st.integers(0, 10**6))
    count = draw(st.integers(0, 7))
    glue = draw(st.sampled_from(["\n", " ", "\n- ", "\r\n\r\n"]))
    garbage = draw(st.text(max_size=30))
    again = draw(st.sampled_from(["NOT FOUND", "", "The mill closed.", TRUE[0], "Nonsense [b2cd] ((", "{}"]))

    def script(asked: Any) -> str:
        if mends(asked):
            return again
        source, given_ids = random.Random(seed), list(passages(asked))  # noqa: S311
        lines = [garbage] if garbage else []
        for _ in range(count):
            text = source.choice(source.choice([TRUE, WRONG]))
            marks = source.choice(
                [f"[{source.choice(given_ids)}]", "", "[b9zz]", "[2]", f"({', '.join(given_ids[:2])})"]
            )
            lines.append(f"{text} {marks}")
        return glue.join(lines)

    return script


# Whatever the reply


@settings(max_examples=40)
@given(replies(), st.sampled_from([MILL, MARCH, DAM, PLAN, "What happened at the mill in Harl?"]))
def test_every_promise_holds_for_any_reply(store: Store, script: Any, question: str) -> None:
    offline = answer(question, store=store, settings=OFFLINE)
    with model(script) as (_, chosen):
        *early, result = stream(question, store=store, settings=chosen)
    assert isinstance(result, Answer)
    check(result, store)
    assert tuple(early) == result.sentences
    assert problems(store, by_name("combined"), result) == []
    assert result.status == offline.status
    assert {side.value for side in offline.positions} <= {side.value for side in result.positions}
    writing = record(result)
    assert adds_up(writing)
    assert writing.calls <= 1 + 4
    assert sum(one.written for one in result.sentences) == writing.shown + writing.rewritten
    assert len({one.text for one in result.sentences}) == len(result.sentences)
    if len(offline.sentences) == 1:  # it is the one that answers: no answer may lack what it says
        best = offline.citations[0]
        assert any(
            one.article_id == best.article_id and one.start < best.end and best.start < one.end
            for one in result.citations
        )
    assert not {one.text for one in result.sentences} & set(WRONG[:12])
    assert "evil" not in result.text


# What is asked of the model


def test_without_a_model_in_the_settings_nothing_is_written(store: Store) -> None:
    assert answer(MILL, store=store, settings=OFFLINE).provenance.writing is None


@pytest.mark.parametrize(
    "question",
    [
        "hello",
        "How many people live on Mars?",
        "Who won the chess final in Oslo?",
        "Give me a timeline of the Tolm dam.",
        "Did the paper mill in Harl close on 3 May 2025?",
        "Did the dockers' union say that 11,000 people joined the march?",
    ],
)
def test_where_no_words_are_to_be_chosen_no_model_is_asked(store: Store, question: str) -> None:
    offline = answer(question, store=store, settings=OFFLINE)
    result, server = written(store, question, saying([("The moon is green.", "")]))
    assert server.requests == []
    assert (result.text, result.status, result.missing) == (offline.text, offline.status, offline.missing)


def test_the_prompt_holds_the_passage_that_answers_and_ids_that_are_new_each_time(store: Store) -> None:
    _, first = written(store, MILL, lambda _: "NOT FOUND")
    _, second = written(store, MILL, lambda _: "NOT FOUND")
    one, two = passages(first.requests[0]), passages(second.requests[0])
    assert any("closed on 3 May 2025" in text for text in one.values())
    assert list(one.values()) == list(two.values())
    assert set(one) != set(two)


# What becomes of a sentence


def test_true_sentences_are_shown_as_written_with_their_own_spans(store: Store) -> None:
    result, server = written(store, MILL, saying([("The paper mill in Harl closed on 3 May 2025.", "112 years")]))
    assert [(one.text, one.written) for one in result.sentences] == [
        ("The paper mill in Harl closed on 3 May 2025.", True)
    ]
    assert result.citations[0].quote == "The paper mill in Harl closed on 3 May 2025 after 112 years."
    assert (record(result).outcome, record(result).shown, len(server.requests)) == ("written", 1, 1)


def test_a_sentence_under_the_wrong_id_is_cited_to_the_passage_that_says_it(store: Store) -> None:
    result, _ = written(store, MARCH, saying([("Police said 4,000 people joined the harbour march.", "old tug")]))
    assert result.sentences[0].written
    assert "Police said 4,000" in result.citations[0].quote


def test_a_sentence_without_a_mark_is_checked_against_every_passage(store: Store) -> None:
    result, _ = written(store, DAM, saying([("Engineers found a crack in the dam in January 2025.", "")]))
    assert [one.written for one in result.sentences] == [True]


def test_marks_that_name_no_passage_are_counted(store: Store) -> None:
    result, _ = written(store, DAM, lambda _: "Engineers found a crack in the dam in January 2025. [b9zz] [3]\n")
    assert record(result).unknown_ids == 2


def test_what_somebody_says_is_not_shown_as_a_fact(store: Store) -> None:
    result, _ = written(store, PLAN, saying([("The town will buy the mill.", "Lund")]))
    assert [one.text for one in result.sentences] == ["Mayor Ada Lund said that the town will buy the mill."]
    assert record(result).replaced == 1


def test_a_failed_sentence_is_written_once_more_from_its_evidence(store: Store) -> None:
    script = saying([("The town will buy the mill.", "Lund")], "Mayor Ada Lund said the town will buy the mill.")
    result, server = written(store, PLAN, script)
    assert [one.text for one in result.sentences] == ["Mayor Ada Lund said the town will buy the mill."]
    assert (record(result).rewritten, len(server.requests)) == (1, 2)
    assert "Mayor Ada Lund said" in server.requests[1].user


def test_a_sentence_that_fails_again_is_not_written_a_third_time(store: Store) -> None:
    script = saying([("The town will buy the mill.", "Lund")], "The town has bought the mill.")
    result, server = written(store, PLAN, script)
    assert len(server.requests) == 2
    assert not any(one.written for one in result.sentences)


def test_half_a_mended_sentence_is_not_used(store: Store) -> None:
    script = saying(
        [("The town will buy the mill.", "Lund")],
        lambda _: Reply("Mayor Ada Lund said that the town will buy the mill", "length"),
    )
    assert record(written(store, PLAN, script)[0]).rewritten == 0


def test_what_is_false_and_has_nothing_in_its_place_is_dropped_and_told(store: Store) -> None:
    script = saying(
        [("The paper mill in Harl closed on 3 May 2025.", "112 years"), ("The moon is green.", "112 years")]
    )
    result, _ = written(store, MILL, script)
    assert [one.text for one in result.dropped] == ["The moon is green."]
    assert record(result).dropped == 1


def test_both_sides_are_there_where_the_model_names_one(store: Store) -> None:
    result, _ = written(store, MARCH, saying([("Police said 4,000 people joined the harbour march.", "Police")]))
    assert result.status == "disputed"
    assert [one.written for one in result.sentences] == [True, False]
    assert record(result).outcome == "completed"


def test_too_many_fallen_sentences_give_the_extracted_answer_and_a_reason(store: Store) -> None:
    script = saying([(text, "112 years") for text in WRONG[:2]])
    result, _ = written(store, MILL, script)
    assert result.sentences == answer(MILL, store=store, settings=OFFLINE).sentences
    assert record(result).outcome == "extractive"
    assert record(result).reason


@pytest.mark.parametrize(
    "reply",
    [
        "NOT FOUND",
        "**Not found.**",
        "",
        "  \n\n",
        "<think>The mill closed.",
        "The passages do not answer the question.",
    ],
)
def test_a_model_that_finds_nothing_leaves_the_extracted_answer(store: Store, reply: str) -> None:
    offline = answer(MARCH, store=store, settings=OFFLINE)
    result, server = written(store, MARCH, lambda _: reply)
    same = {"provenance", "timings_ms"}
    assert result.model_dump(exclude=same) == offline.model_dump(exclude=same)
    assert len(server.requests) == 1
    assert (record(result).outcome, record(result).sentences) == ("extractive", 0)
    assert record(result).reason


def test_a_sentence_said_again_and_again_is_shown_once_and_ends_the_call(store: Store) -> None:
    line = "The paper mill in Harl closed on 3 May 2025.\n"
    result, server = written(store, MILL, lambda _: Failure("endless", line))
    assert [one.text for one in result.sentences] == [line.strip()]
    assert server.cut == 1


def test_an_endless_reply_is_ended_after_a_few_sentences(store: Store) -> None:
    result, _ = written(store, MILL, lambda asked: "NOT FOUND" if mends(asked) else Failure("endless", " ".join(TRUE)))
    check(result, store)
    assert record(result).sentences <= 8


def test_no_half_sentence_is_read_where_a_long_reply_is_ended(store: Store) -> None:
    lines = [f"The union number {n} met." for n in range(8)]
    reply = "\n".join([*lines, "The paper mill in Harl closed on 3 May 2025 after"])

    def script(asked: Any) -> str:
        return "NOT FOUND" if mends(asked) else reply

    result, _ = written(store, MILL, script)
    assert record(result).sentences == 8


def test_of_a_long_reply_in_one_piece_no_more_sentences_are_read(store: Store) -> None:
    script = saying([(f"The union number {n} met in Harl.", "") for n in range(20)])
    result, _ = written(store, MILL, script, without=frozenset(["stream"]))
    assert record(result).sentences <= 8


def test_lenient_checking_marks_what_is_not_supported(store: Store) -> None:
    script = saying(
        [("The paper mill in Harl closed on 3 May 2025.", "112 years"), ("Nordfall dismissed 420 workers.", "Nordfall")]
    )
    result, _ = written(store, MILL, script, checking="lenient")
    marked = [one for one in result.sentences if one.verdict == "unsupported"]
    assert {one.text for one in marked} <= {"Nordfall dismissed 420 workers."}
    assert all(f"[unsupported] {one.text}" in result.text for one in marked)


# Calls that fail, and what they cost


@pytest.mark.parametrize(
    "kind", ["wrong_key", "no_model", "rate_limit", "server_error", "context_too_small", "html", "bad_json"]
)
def test_a_model_that_cannot_be_asked_is_an_error_with_a_state(store: Store, kind: Any) -> None:
    with pytest.raises(ModelCallError) as caught:
        written(store, MILL, lambda _: Failure(kind, ""))
    assert caught.value.state


@pytest.mark.parametrize("kind", ["torn", "dies", "half_stream", "error_in_stream", "stalled"])
def test_of_a_reply_that_breaks_off_the_finished_sentences_stay(store: Store, kind: Any) -> None:
    told = "The paper mill in Harl closed on 3 May 2025.\nThe owner Nordfall dismissed 240 workers.\nThe mill made"
    script = lambda asked: "NOT FOUND" if mends(asked) else Failure(kind, told)  # noqa: E731
    result, _ = written(store, "What happened at the mill in Harl?", script, model_timeout=1.0)
    texts = [one.text for one in result.sentences]
    assert texts[0] == "The paper mill in Harl closed on 3 May 2025."
    assert any(one.written for one in result.sentences)
    assert any(not one.written for one in result.sentences)
    assert record(result).reason
    check(result, store)


def test_a_budget_too_small_for_the_prompt_asks_nothing(store: Store) -> None:
    with model(lambda _: "NOT FOUND", budget_answer=200) as (server, chosen):
        with pytest.raises(ModelCallError) as caught:
            answer(MILL, store=store, settings=chosen)
        assert caught.value.state == "budget"
        assert server.requests == []


def test_a_context_too_small_for_any_passage_asks_nothing(store: Store) -> None:
    with model(lambda _: "NOT FOUND", model_context=1200) as (server, chosen):
        with pytest.raises(ModelCallError) as caught:
            answer(MILL, store=store, settings=chosen)
        assert caught.value.state == "context"
        assert server.requests == []


def test_all_calls_together_stay_within_the_budget(store: Store) -> None:
    reply = saying([(text, "112 years") for text in WRONG[:6]])
    free, _ = written(store, MILL, reply)
    most = (record(free).prompt_tokens + record(free).completion_tokens) // 2 + 600
    result, _ = written(store, MILL, reply, budget_answer=most)
    assert record(result).prompt_tokens + record(result).completion_tokens <= most


def test_calls_tokens_and_cost_are_told(store: Store) -> None:
    script = saying([("The town will buy the mill.", "Lund")])
    result, server = written(store, PLAN, script, price_input=1.0, price_output=2.0)
    told = record(result)
    assert told.calls == len(server.requests) == 2
    assert told.prompt_tokens > 0
    assert told.completion_tokens > 0
    assert told.cost == pytest.approx((told.prompt_tokens + 2 * told.completion_tokens) / 1e6, abs=1e-6)
    assert told.model_ms >= 0
    assert told.gate_ms > 0

"""The scripted server, asked by the real client of the protocol: it replies, refuses and breaks as servers do."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import httpx
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.refusals import refusal
from eval.scripted import Asked, Failure, Kind, Reply, ScriptedServer
from eval.wire import in_two, pieces

TEXT = "Zwölf Mühlen schlossen im Mai [ab12] – sagte Maria Dahl.[cd34]"
USER = [{"role": "user", "content": "When did the mill close?"}]
REFUSED = ["wrong_key", "repeats_key", "no_model", "no_right", "rate_limit", "no_quota", "overloaded", "server_error",
    "context_too_small", "context_too_small_llama", "context_too_small_vllm", "prompt_filter"]  # fmt: skip
BROKEN = ["slow", "stalled", "half_stream", "torn", "dies", "endless", "bad_json", "html", "error_in_stream"]
WHOLE = ["empty", "content_filter", "length", "no_usage"]


def asking(server: ScriptedServer, **options) -> openai.OpenAI:
    given = {"api_key": server.key, "base_url": server.base_url, "timeout": 5.0, "max_retries": 0}
    return openai.OpenAI(**{**given, **options})


def whole(server: ScriptedServer, messages=USER, client: dict | None = None, **fields):
    with asking(server, **(client or {})) as one:
        return one.chat.completions.create(**{"model": server.model, "messages": messages, **fields})


def streamed(server: ScriptedServer, messages=USER, client: dict | None = None, **fields) -> Iterator:
    with (
        asking(server, **(client or {})) as one,
        one.chat.completions.create(
            **{"model": server.model, "messages": messages, "stream": True, **fields}
        ) as chunks,
    ):
        yield from chunks


def text(chunks) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def status(server: ScriptedServer, messages=USER, client: dict | None = None, **fields) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as caught:
        whole(server, messages, client, **fields)
    return caught.value


# Replies


def test_a_reply_comes_whole_with_its_tokens() -> None:
    with ScriptedServer(lambda _: TEXT) as server:
        reply = whole(server)
    assert (reply.choices[0].message.content, reply.choices[0].finish_reason) == (TEXT, "stop")
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 2


def test_a_stream_is_the_reply_in_pieces_and_ends_with_its_reason() -> None:
    with ScriptedServer(lambda _: TEXT) as server:
        chunks = list(streamed(server))
    assert text(chunks) == TEXT
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason] == ["stop"]
    assert len(chunks) > len(TEXT) / 4
    assert server.cut == 0


def test_a_stream_tells_its_tokens_last_and_only_when_asked() -> None:
    with ScriptedServer(lambda _: TEXT) as server:
        silent = list(streamed(server))
        *before, last = streamed(server, stream_options={"include_usage": True})
    assert [chunk.usage for chunk in [*silent, *before] if chunk.usage] == []
    assert (last.choices, last.usage.completion_tokens) == ([], -(-len(TEXT) // 4))


def test_a_stream_ends_with_done_and_its_bytes_part_inside_characters() -> None:
    with ScriptedServer(lambda _: TEXT) as server, httpx.Client() as client:
        body = {"model": server.model, "messages": USER, "stream": True}
        headers = {"Authorization": f"Bearer {server.key}"}
        with client.stream("POST", f"{server.base_url}/chat/completions", json=body, headers=headers) as reply:
            parts = list(reply.iter_bytes())
    assert b"".join(parts).endswith(b"data: [DONE]\n\n")
    broken = [part for part in parts if part.decode(errors="replace") != part.decode(errors="ignore")]
    assert len(broken) >= 4


def test_what_a_model_thinks_and_azures_first_piece_come_before_the_text() -> None:
    with ScriptedServer(lambda _: Reply(TEXT, reasoning="Let me see.", azure=True)) as server:
        first, *rest = streamed(server)
        message = whole(server).choices[0].message
    assert first.choices == []
    thought = "".join(getattr(chunk.choices[0].delta, "reasoning_content", None) or "" for chunk in rest)
    assert (thought, text(rest)) == ("Let me see.", TEXT)
    assert (message.reasoning_content, message.content) == ("Let me see.", TEXT)


def test_the_script_sees_what_was_asked() -> None:
    seen: list[Asked] = []
    messages = [{"role": "system", "content": "Be brief."}, *USER]
    with ScriptedServer(lambda asked: seen.append(asked) or asked.user) as server:
        reply = whole(server, messages, temperature=0, extra_headers={"X-Trace": "7"})
    (asked,) = seen
    assert seen == server.requests
    assert reply.choices[0].message.content == asked.user == "When did the mill close?"
    assert (asked.messages, asked.stream, asked.fields["temperature"]) == (messages, False, 0)
    assert asked.headers["x-trace"] == "7"


def test_the_last_message_of_the_user_may_be_in_parts_or_missing() -> None:
    parts = [{"type": "text", "text": "When "}, {"type": "text", "text": "did it?"}]
    assert Asked([{"role": "user", "content": parts}], False, {}, {}).user == "When did it?"
    assert Asked([{"role": "system", "content": "Be brief."}], False, {}, {}).user == ""


def test_the_model_is_listed() -> None:
    with ScriptedServer(lambda _: TEXT, model="tiny") as server, asking(server) as client:
        assert [model.id for model in client.models.list()] == ["tiny"]


def test_many_ask_at_once() -> None:
    with ScriptedServer(lambda asked: asked.user, pace=0.01) as server:
        with asking(server) as client:
            ask = client.chat.completions.create
            streams = [
                ask(model="scripted", messages=[{"role": "user", "content": f"Question {n}"}], stream=True)
                for n in range(8)
            ]
            assert [text(stream) for stream in streams] == [f"Question {n}" for n in range(8)]
        assert len(server.requests) == 8


def test_the_pace_is_kept_streamed_and_whole() -> None:
    with ScriptedServer(lambda _: "The mill closed in May.", pace=0.02) as server:
        least = 0.02 * len(list(pieces("The mill closed in May.")))
        for ask in (lambda: list(streamed(server)), lambda: whole(server)):
            start = time.monotonic()
            ask()
            assert time.monotonic() - start >= least


@given(st.text())
def test_pieces_are_the_text_and_never_end_with_an_opening_bracket(said: str) -> None:
    cut = list(pieces(said))
    assert "".join(cut) == said
    assert all(cut)
    assert not any(piece.endswith("[") for piece in cut[:-1] if not piece.endswith("[["))


@given(st.text(min_size=1))
def test_the_two_parts_of_an_event_are_the_event(said: str) -> None:
    first, second = in_two(said.encode())
    assert (first + second).decode() == said
    assert second
    if not said.isascii():
        assert first.decode(errors="replace") + second.decode(errors="replace") != said


def test_a_mark_is_always_parted() -> None:
    for before in range(40):
        cut = list(pieces("x" * before + "[ab12] and more"))
        assert not any("[ab12]" in piece for piece in cut)
        assert any(piece.endswith("[a") for piece in cut)


# Clients that go


def wait_for(server: ScriptedServer) -> int:
    assert server.idle()
    return server.cut


def test_a_client_that_closes_a_stream_cuts_it() -> None:
    with ScriptedServer(lambda _: "The mill closed. " * 50, pace=0.02) as server:
        with closing(streamed(server)) as chunks:
            next(chunks)
        assert wait_for(server) == 1


def test_a_client_that_goes_while_the_server_waits_is_noticed() -> None:
    with ScriptedServer(lambda _: "The mill closed.", pace=60) as server:
        start = time.monotonic()
        with closing(streamed(server)) as chunks:
            next(chunks)
        assert wait_for(server) == 1
        assert time.monotonic() - start < 5


def test_a_client_that_does_not_wait_for_a_whole_reply_cuts_it() -> None:
    with ScriptedServer(lambda _: "The mill closed.", pace=60) as server:
        with pytest.raises(openai.APITimeoutError):
            whole(server, client={"timeout": 0.1})
        assert wait_for(server) == 1


def test_a_client_that_reads_to_the_end_cuts_nothing() -> None:
    with ScriptedServer(lambda _: TEXT) as server:
        for _ in range(20):
            assert text(streamed(server)) == TEXT
        assert wait_for(server) == 0


def test_the_end_of_the_server_ends_what_it_still_serves() -> None:
    start = time.monotonic()
    with ScriptedServer(lambda _: Failure("slow")) as server:
        port = httpx.URL(server.base_url).port
        body = json.dumps({"model": "scripted", "messages": USER}).encode()
        head = [
            "POST /v1/chat/completions HTTP/1.1",
            f"Authorization: Bearer {server.key}",
            f"Content-Length: {len(body)}",
        ]
        one = socket.create_connection(("127.0.0.1", port))
        one.sendall("\r\n".join([*head, "", ""]).encode() + body)
        while not server.requests and time.monotonic() < start + 5:
            time.sleep(0.01)
    with one:
        one.settimeout(5)
        assert one.recv(1) == b""
    assert server.cut == 0
    assert time.monotonic() - start < 5


def test_a_bug_of_the_script_is_no_failure_of_the_server() -> None:
    def script(_: Asked) -> str:
        return {}["no such passage"]

    with pytest.raises(KeyError, match="no such passage"), ScriptedServer(script) as server:
        assert status(server).status_code == 500


def test_the_address_is_there_only_while_the_server_runs() -> None:
    with pytest.raises(RuntimeError, match="with block"):
        _ = ScriptedServer(lambda _: TEXT).base_url


# Refusals


def test_every_kind_of_failure_is_tested_here() -> None:
    assert sorted([*REFUSED, *BROKEN, *WHOLE]) == sorted(Kind.__args__)


@pytest.mark.parametrize(
    ("kind", "code", "says"),
    [
        ("wrong_key", 401, "Incorrect API key"), ("repeats_key", 401, "sk-scripted-4f1a90c2d7e83b65"),
        ("no_model", 404, "does not exist"), ("no_right", 403, "does not have access"),
        ("rate_limit", 429, "Rate limit reached"), ("no_quota", 429, "exceeded your current quota"),
        ("overloaded", 503, "overloaded"), ("server_error", 500, "had an error"),
        ("context_too_small", 400, "maximum context length"), ("context_too_small_vllm", 400, "maximum context length"),
        ("context_too_small_llama", 400, "available context size"), ("prompt_filter", 400, "content management policy"),
    ],
)  # fmt: skip
def test_a_refusal_has_its_status_and_words_streamed_and_whole(kind: str, code: int, says: str) -> None:
    with ScriptedServer(lambda _: Failure(kind)) as server:
        plain = status(server)
        live = status(server, stream=True)
    assert {plain.status_code, live.status_code} == {code}
    assert says in plain.message
    assert says in live.message


def test_a_context_too_small_is_told_by_code_by_type_and_by_words_alone() -> None:
    said = [refusal(Failure(kind), Asked(USER, False, {}, {})).body for kind in REFUSED if kind.startswith("context")]
    assert said[0]["error"]["code"] == "context_length_exceeded"
    assert said[1]["error"]["type"] == "exceed_context_size_error"
    assert "error" not in said[2]


def test_another_key_is_refused_and_partly_repeated() -> None:
    with ScriptedServer(lambda _: TEXT) as server:
        error = status(server, client={"api_key": "sk-another-0123456789abcdef"})
    assert (error.status_code, error.code) == (401, "invalid_api_key")
    assert "sk-anoth***************cdef" in error.message


def test_a_key_may_come_in_azures_header() -> None:
    with ScriptedServer(lambda _: TEXT) as server:
        reply = whole(server, client={"api_key": "none", "default_headers": {"api-key": server.key}})
    assert reply.choices[0].message.content == TEXT


def test_another_model_is_not_found() -> None:
    with ScriptedServer(lambda _: TEXT) as server:
        error = status(server, model="gpt-none")
    assert (error.status_code, error.code) == (404, "model_not_found")
    assert "`gpt-none`" in error.message


@pytest.mark.parametrize("kind", ["rate_limit", "overloaded", "server_error"])
def test_a_passing_failure_says_when_to_come_again_and_passes(kind: str) -> None:
    with ScriptedServer(lambda _: Failure(kind, times=2, then=TEXT)) as server:
        waits = [status(server).response.headers["retry-after-ms"] for _ in range(2)]
        assert whole(server).choices[0].message.content == TEXT
    assert waits == ["10", "10"]


def test_the_client_outlasts_a_passing_failure_by_itself() -> None:
    with ScriptedServer(lambda _: Failure("rate_limit", times=2, then=TEXT)) as server:
        assert whole(server, client={"max_retries": 2}).choices[0].message.content == TEXT
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("lacks", "fields"),
    [
        ("response_format", {"response_format": {"type": "json_object"}}), ("temperature", {"temperature": 0}),
        ("max_tokens", {"max_tokens": 50}), ("max_completion_tokens", {"max_completion_tokens": 50}),
        ("stream", {"stream": True}), ("stream_options", {"stream": True, "stream_options": {"include_usage": True}}),
        ("seed", {"seed": 0}),
    ],
)  # fmt: skip
def test_what_a_model_lacks_is_refused_by_name_and_only_that(lacks: str, fields: dict) -> None:
    with ScriptedServer(lambda _: TEXT, without={lacks}) as server:
        error = status(server, **fields)
        whole(
            server, **{name: value for name, value in fields.items() if name not in {lacks, "stream", "stream_options"}}
        )
    assert error.status_code == 400
    assert lacks in error.message
    with ScriptedServer(lambda _: TEXT) as server:
        whole(server, **fields)


@pytest.mark.parametrize("role", ["system", "developer"])
def test_a_model_without_system_messages_refuses_them(role: str) -> None:
    with ScriptedServer(lambda _: TEXT, without={"system"}) as server:
        error = status(server, [{"role": role, "content": "Be brief."}, *USER])
        assert whole(server).choices[0].message.content == TEXT
    assert (error.status_code, error.param) == (400, "messages[0].role")


def test_options_of_a_stream_need_a_stream() -> None:
    with ScriptedServer(lambda _: TEXT) as server:
        assert status(server, stream_options={"include_usage": True}).param == "stream_options"


# Broken replies


def broken(kind: str, **options) -> tuple[str, str, int]:
    """What arrives of a stream that breaks, the name of the client's error, and how many clients were seen to go."""
    got, error = [], ""
    with ScriptedServer(lambda _: Failure(kind, text=TEXT), **options) as server:
        try:
            for chunk in streamed(server, client={"timeout": 0.5 if kind in ("slow", "stalled") else 20}):
                got.append(chunk)
                if len(got) > 200:
                    break
        except (openai.APIError, httpx.HTTPError, json.JSONDecodeError) as exc:
            error = type(exc).__name__
        return text(got), error, wait_for(server)


@pytest.mark.parametrize(
    ("kind", "arrives", "error", "cut"),
    [
        ("slow", "", "APITimeoutError", 1), ("stalled", TEXT, "ReadTimeout", 1), ("half_stream", TEXT, "", 0),
        ("torn", TEXT, "RemoteProtocolError", 0), ("dies", TEXT, "ReadError", 0),
        ("bad_json", TEXT, "JSONDecodeError", 0), ("html", "", "", 0), ("error_in_stream", TEXT, "APIError", 0),
    ],
)  # fmt: skip
def test_a_stream_breaks_as_its_kind_says(kind: str, arrives: str, error: str, cut: int) -> None:
    *came, went = broken(kind)
    assert came == [arrives, error]
    assert went == cut or kind == "error_in_stream"  # the client may go before the server's last word


def test_an_endless_stream_ends_only_when_the_client_goes() -> None:
    arrived, error, cut = broken("endless")
    assert arrived.startswith(TEXT * 3)
    assert (error, cut) == ("", 1)


def test_half_a_stream_ends_without_a_reason() -> None:
    with ScriptedServer(lambda _: Failure("half_stream", text=TEXT)) as server:
        assert {chunk.choices[0].finish_reason for chunk in streamed(server)} == {None}


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("slow", openai.APITimeoutError), ("stalled", openai.APITimeoutError), ("endless", openai.APITimeoutError),
        ("half_stream", openai.APIConnectionError), ("torn", openai.APIConnectionError),
        ("dies", openai.APIConnectionError), ("bad_json", json.JSONDecodeError),
    ],
)  # fmt: skip
def test_a_whole_reply_breaks_as_its_kind_says(kind: str, error: type[Exception]) -> None:
    with ScriptedServer(lambda _: Failure(kind, text=TEXT)) as server, pytest.raises(error):
        whole(server, client={"timeout": 0.3 if error is openai.APITimeoutError else 20})


def test_an_error_may_come_with_status_200() -> None:
    with ScriptedServer(lambda _: Failure("error_in_stream")) as server:
        reply = whole(server)
    assert reply.choices is None
    assert reply.error["type"] == "server_error"


def test_a_page_may_come_in_place_of_a_reply() -> None:
    with ScriptedServer(lambda _: Failure("html")) as server:
        assert str(whole(server)).startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("kind", "said", "finish"),
    [
        ("empty", "", "stop"), ("content_filter", TEXT, "content_filter"), ("length", TEXT, "length"),
        ("no_usage", TEXT, "stop"),
    ],
)  # fmt: skip
def test_a_reply_ends_as_its_kind_says(kind: str, said: str, finish: str) -> None:
    with ScriptedServer(lambda _: Failure(kind, text=TEXT)) as server:
        reply = whole(server)
        chunks = list(streamed(server, stream_options={"include_usage": True}))
    assert (reply.choices[0].message.content, reply.choices[0].finish_reason) == (said, finish)
    assert text(chunks) == said
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == finish
    assert (reply.usage is None) == (chunks[-1].usage is None) == (kind == "no_usage")

"""The language model behind its client, against a server on this machine that replies, refuses and breaks by script."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.scripted import Failure, Reply, ScriptedServer
from index.errors import ModelCallError, ModelError
from rag.failures import LONGEST, REMEDIES, WORDS, masked
from rag.model import LONGEST_TOKEN, ChatModel, Stream, chat_model
from rag.settings import Settings
from rag.usage import Usage, tokens_in

KEY = "sk-live-9f8e7d6c5b4a3210"
TEXT = "Zwölf Mühlen schlossen im Mai [ab12] – sagte Maria Dahl.[cd34]"
SYSTEM = {"role": "system", "content": "Write from the passages."}
ASKED = [SYSTEM, {"role": "user", "content": "When did the mill close?"}]
SCHEMA = {"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]}


def serving(reply, **options) -> ScriptedServer:
    return ScriptedServer(reply, **{"key": KEY, **options})


def settings(server: ScriptedServer, **options) -> Settings:
    given = {"model": server.model, "base_url": server.base_url, "model_key": server.key, "model_timeout": 5.0}
    return Settings(**{**given, **options})


def asking(server: ScriptedServer, **options) -> ChatModel:
    return ChatModel(settings(server, **options))


def streaming(server: ScriptedServer, most: int = 100, **options) -> Stream:
    return asking(server, **options).stream(ASKED, most=most)


def failing(failure: Failure, **options) -> tuple[ModelCallError, list[str], ScriptedServer]:
    """The error of one call, the pieces before it, and the server with what it saw."""
    pieces: list[str] = []
    with (
        serving(lambda _: failure) as server,
        closing(streaming(server, **options)) as stream,
        pytest.raises(ModelCallError) as caught,
    ):
        pieces.extend(stream)
    return caught.value, pieces, server


def soon(true, seconds: float = 2.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(true())


# Replies


def test_a_reply_comes_in_pieces() -> None:
    with serving(lambda _: TEXT) as server:
        pieces = list(streaming(server))
    assert "".join(pieces) == TEXT
    assert len(pieces) > 10


def test_a_piece_is_there_before_the_reply_has_ended() -> None:
    with serving(lambda _: TEXT, pace=0.05) as server, closing(streaming(server)) as stream:
        next(iter(stream))
        assert len(server.requests) == 1
        assert stream.finish == ""


def test_a_whole_reply_has_text_tokens_and_the_reason_of_its_end() -> None:
    with serving(lambda _: Reply(TEXT, "length")) as server:
        reply = asking(server).complete(ASKED, most=100)
    assert (reply.text, reply.finish, reply.usage.estimated) == (TEXT, "length", False)
    assert reply.usage.calls == 1
    assert reply.usage.completion_tokens == -(-len(TEXT) // 4)


def test_a_request_holds_the_prompt_the_longest_reply_and_temperature_zero() -> None:
    with serving(lambda _: TEXT) as server:
        list(streaming(server, most=77))
    (request,) = server.requests
    assert request.messages == ASKED
    assert [request.fields[name] for name in ("model", "max_tokens", "temperature")] == ["scripted", 77, 0]
    assert request.headers["authorization"] == f"Bearer {server.key}"


def test_a_schema_is_sent_along() -> None:
    with serving(lambda _: "{}") as server:
        asking(server).complete(ASKED, most=50, schema=SCHEMA)
    assert server.requests[0].fields["response_format"]["json_schema"]["schema"] == SCHEMA


def test_what_a_model_thinks_is_no_part_of_its_reply() -> None:
    with serving(lambda _: Reply(TEXT, reasoning="They ask for a day. Let me see.")) as server:
        assert asking(server).complete(ASKED, most=100).text == TEXT


def test_a_stream_that_begins_with_a_piece_without_choices_is_read() -> None:
    with serving(lambda _: Reply(TEXT, azure=True)) as server:
        assert asking(server).complete(ASKED, most=100).text == TEXT


def test_an_empty_reply_is_empty_and_no_error() -> None:
    with serving(lambda _: Failure("empty")) as server:
        reply = asking(server).complete(ASKED, most=100)
    assert (reply.text, reply.finish) == ("", "stop")


def test_calls_at_the_same_time_keep_their_replies_apart() -> None:
    replies: dict[int, str] = {}
    with serving(lambda asked: f"{asked.user} " * 9, pace=0.002) as server:
        model = asking(server)

        def ask(n: int) -> None:
            replies[n] = model.complete([{"role": "user", "content": f"Question {n}"}], most=100).text

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert replies == {n: f"Question {n} " * 9 for n in range(8)}


def test_a_stream_that_has_ended_can_be_read_again_and_is_empty() -> None:
    with serving(lambda _: TEXT) as server:
        stream = streaming(server)
        assert "".join(stream) == TEXT
        assert list(stream) == []
        assert stream.finish == "stop"


# Tokens


def test_tokens_are_those_that_the_server_counts() -> None:
    with serving(lambda _: TEXT) as server, closing(streaming(server)) as stream:
        list(stream)
    assert not stream.usage.estimated
    assert stream.usage.prompt_tokens != tokens_in(ASKED)


def test_tokens_are_estimated_where_the_server_does_not_count() -> None:
    with serving(lambda _: Failure("no_usage", text=TEXT)) as server, closing(streaming(server)) as stream:
        list(stream)
    assert (stream.usage.estimated, stream.usage.prompt_tokens) == (True, tokens_in(ASKED))
    assert abs(stream.usage.completion_tokens - len(TEXT) / 4) <= 1


def test_half_a_reply_has_cost_its_half() -> None:
    with (
        serving(lambda _: Failure("torn", text=TEXT)) as server,
        closing(streaming(server)) as stream,
        pytest.raises(ModelCallError),
    ):
        list(stream)
    assert (stream.usage.calls, stream.usage.estimated, stream.usage.prompt_tokens) == (1, True, tokens_in(ASKED))
    assert stream.usage.completion_tokens >= len(TEXT) // 4 - 1


def test_what_is_refused_costs_nothing() -> None:
    with (
        serving(lambda _: Failure("wrong_key")) as server,
        closing(streaming(server)) as stream,
        pytest.raises(ModelCallError),
    ):
        list(stream)
    assert stream.usage == Usage(calls=1)


numbers = st.integers(0, 10**6)
usages = st.builds(Usage, numbers, numbers, numbers, st.booleans())


@given(st.lists(usages, max_size=5))
def test_usages_add_up_in_any_order(several: list[Usage]) -> None:
    forward, backward = sum(several, Usage()), sum(reversed(several), Usage())
    assert forward == backward
    assert forward.tokens == sum(usage.tokens for usage in several)
    assert forward.estimated == any(usage.estimated for usage in several)


# Refusals

REFUSED = {
    "wrong_key": "wrong_key",
    "repeats_key": "wrong_key",
    "no_model": "no_model",
    "no_right": "no_right",
    "rate_limit": "rate_limit",
    "no_quota": "no_credit",
    "overloaded": "server",
    "server_error": "server",
    "context_too_small": "context",
    "context_too_small_llama": "context",
    "context_too_small_vllm": "context",
    "prompt_filter": "filtered",
}
BROKEN = {
    "html": "bad_reply",
    "half_stream": "broken",
    "torn": "broken",
    "dies": "broken",
    "bad_json": "broken",
    "error_in_stream": "server",
    "content_filter": "filtered",
}


@pytest.mark.parametrize(("kind", "state"), [*REFUSED.items(), *BROKEN.items()])
def test_a_failure_is_one_line_with_model_state_and_remedy_and_without_the_key(kind, state) -> None:
    error, _, server = failing(Failure(kind), model_retries=0)
    line = str(error)
    assert error.state == state
    assert line.startswith("the model 'scripted' at 'http://127.0.0.1:")
    assert WORDS[state] in line
    assert line.endswith(f"; {REMEDIES[state]}")
    assert line.isprintable()
    assert not any(server.key[n : n + 6] in line for n in range(len(server.key) - 5))
    assert server.key[-4:] not in line


def test_a_failure_shows_the_status_and_the_words_of_the_server() -> None:
    error, _, _ = failing(Failure("no_model"))
    assert "(404: The model `scripted` does not exist or you do not have access to it.)" in str(error)


@pytest.mark.parametrize("kind", ["wrong_key", "repeats_key", "no_model", "no_right", "no_quota", "prompt_filter",
    "context_too_small", "context_too_small_llama", "context_too_small_vllm"])  # fmt: skip
def test_what_does_not_pass_by_itself_is_asked_once(kind) -> None:
    _, _, server = failing(Failure(kind), model_retries=3)
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["rate_limit", "overloaded", "server_error"])
def test_what_may_pass_is_asked_again_and_then_answers(kind) -> None:
    with serving(lambda _: Failure(kind, times=2, then=TEXT)) as server:
        assert asking(server, model_retries=2).complete(ASKED, most=100).text == TEXT
    assert len(server.requests) == 3


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_a_server_that_stays_busy_is_asked_as_often_as_set(retries) -> None:
    _, _, server = failing(Failure("rate_limit"), model_retries=retries)
    assert len(server.requests) == retries + 1


def test_a_server_says_when_to_come_again() -> None:
    _, _, server = failing(Failure("rate_limit", wait=0.1), model_retries=2)
    pauses = [after.at - before.at for before, after in zip(server.requests, server.requests[1:], strict=False)]
    assert len(pauses) == 2
    assert all(0.09 <= pause < 0.45 for pause in pauses)


def test_a_server_that_wants_more_time_than_we_give_is_not_waited_for() -> None:
    began = time.monotonic()
    error, _, server = failing(Failure("rate_limit", wait=30), model_timeout=2.0)
    assert (error.state, len(server.requests)) == ("rate_limit", 1)
    assert time.monotonic() - began < 2


def test_a_server_that_is_not_there_is_unreachable() -> None:
    model = ChatModel(Settings(model="m", base_url="http://127.0.0.1:9/v1", model_retries=0))
    with pytest.raises(ModelCallError, match=r"cannot be reached \(All connection attempts failed\); start") as caught:
        model.complete(ASKED, most=10)
    assert caught.value.state == "unreachable"


def test_a_redirect_is_not_followed_with_the_key() -> None:
    with serving(lambda _: TEXT) as target, plain(307, {"Location": target.base_url}) as (url, seen):
        model = ChatModel(Settings(model="m", base_url=url, model_key=target.key, model_retries=0))
        with pytest.raises(ModelCallError, match="307"):
            model.complete(ASKED, most=10)
        assert len(seen) == 1
        assert target.requests == []


# Broken replies


@pytest.mark.parametrize("kind", ["half_stream", "torn", "dies", "bad_json", "error_in_stream"])
def test_the_pieces_before_a_break_are_given_and_it_is_not_asked_again(kind) -> None:
    _, pieces, server = failing(Failure(kind, text=TEXT), model_retries=3)
    assert "".join(pieces) == TEXT
    assert len(server.requests) == 1


def test_a_server_that_says_nothing_is_a_time_out_and_not_asked_again() -> None:
    began = time.monotonic()
    error, pieces, server = failing(Failure("slow"), model_timeout=0.3, model_retries=3)
    assert (error.state, pieces, len(server.requests)) == ("timeout", [], 1)
    assert 0.3 <= time.monotonic() - began < 3


def test_a_reply_that_stalls_is_a_time_out_after_its_pieces() -> None:
    error, pieces, _ = failing(Failure("stalled", text=TEXT), model_timeout=0.3)
    assert (error.state, "".join(pieces)) == ("timeout", TEXT)


def test_a_slow_reply_that_never_pauses_for_long_is_no_time_out() -> None:
    with serving(lambda _: TEXT, pace=0.04) as server, closing(streaming(server, model_timeout=0.5)) as stream:
        began = time.monotonic()
        assert "".join(stream) == TEXT
    assert time.monotonic() - began > 0.5


def test_an_endless_reply_is_cut_and_the_server_hung_up() -> None:
    with serving(lambda _: Failure("endless")) as server, closing(streaming(server, most=20)) as stream:
        text = "".join(stream)
        assert soon(lambda: server.cut == 1)
    assert stream.finish == "length"
    assert 20 * LONGEST_TOKEN - 20 < len(text) <= 20 * LONGEST_TOKEN


def test_endless_thoughts_are_cut() -> None:
    with serving(lambda _: Reply("At last.", reasoning="Hm. " * 400)) as server:
        stream = streaming(server, most=10)
        assert list(stream) == []
    assert stream.finish == "length"


def test_half_a_reply_in_one_piece_is_an_error_without_pieces() -> None:
    with (
        serving(lambda _: Failure("torn", text=TEXT), without={"stream"}) as server,
        pytest.raises(ModelCallError) as caught,
    ):
        asking(server, model_retries=0).complete(ASKED, most=100)
    assert caught.value.state in ("broken", "unreachable")


# Stopping


def test_closing_ends_the_call_and_hangs_up_on_the_server() -> None:
    with serving(lambda _: TEXT * 50, pace=0.02) as server:
        stream = streaming(server, most=1000)
        next(iter(stream))
        began = time.monotonic()
        stream.close()
        assert soon(lambda: server.cut == 1, 1.0)
        assert list(stream) == []
    assert time.monotonic() - began < 1
    assert stream.finish == "stopped"


def test_another_thread_can_end_a_call_before_its_first_piece() -> None:
    with serving(lambda _: Failure("slow")) as server:
        stream = streaming(server)
        assert soon(lambda: server.requests)
        closer = threading.Timer(0.05, stream.close)
        closer.start()
        began = time.monotonic()
        assert list(stream) == []
        assert time.monotonic() - began < 1
        assert soon(lambda: server.cut == 1, 1.0)
        closer.join()


def test_a_call_that_is_closed_before_it_begins_ends_at_once() -> None:
    held, pieces = threading.Event(), []
    with serving(lambda _: TEXT) as server:
        model = asking(server)
        model.ready().call_soon_threadsafe(held.wait, 5)
        stream = model.stream(ASKED, most=100)
        stream.close()
        reader = threading.Thread(target=lambda: pieces.extend(stream), daemon=True)
        reader.start()
        reader.join(2)
        assert not reader.is_alive()
        held.set()
    assert (pieces, stream.finish, server.requests) == ([], "stopped", [])


def test_closing_ends_the_wait_for_a_busy_server() -> None:
    with serving(lambda _: Failure("rate_limit", wait=4)) as server:
        stream = streaming(server)
        assert soon(lambda: server.requests)
        began = time.monotonic()
        stream.close()
        assert list(stream) == []
        time.sleep(0.1)
        assert len(server.requests) == 1
    assert time.monotonic() - began < 1


def test_closing_twice_or_after_the_end_changes_nothing() -> None:
    with serving(lambda _: TEXT) as server:
        stream = streaming(server)
        list(stream)
        stream.close()
        stream.close()
        assert (stream.finish, server.cut) == ("stop", 0)


def test_other_calls_go_on_when_one_is_closed() -> None:
    with serving(lambda _: TEXT, pace=0.01) as server:
        model = asking(server)
        one, other = model.stream(ASKED, most=100), model.stream(ASKED, most=100)
        one.close()
        assert "".join(other) == TEXT


# What a server or model may lack


@pytest.mark.parametrize(
    "lacking", ["system", "temperature", "max_tokens", "stream_options", "response_format", "stream"]
)
def test_a_server_without_something_is_asked_without_it_and_remembered(lacking) -> None:
    with serving(lambda _: TEXT, without={lacking}) as server:
        model = asking(server)
        replies = [model.complete(ASKED, most=100, schema=SCHEMA).text for _ in range(2)]
    assert replies == [TEXT, TEXT]
    assert len(server.requests) == 3


def test_a_server_that_lacks_everything_is_still_asked() -> None:
    lacking = {"system", "temperature", "max_tokens", "stream_options", "response_format", "stream"}
    with serving(lambda _: TEXT, without=lacking) as server:
        model = asking(server)
        assert model.complete(ASKED, most=90, schema=SCHEMA).text == TEXT
        refused = len(server.requests) - 1
        assert model.complete(ASKED, most=90, schema=SCHEMA).text == TEXT
    assert refused <= len(lacking)
    assert len(server.requests) == refused + 2
    last = server.requests[-1]
    assert last.fields["max_completion_tokens"] == 90
    assert not {"max_tokens", "temperature", "response_format", "stream_options"} & last.fields.keys()


def test_without_a_system_role_its_text_stands_before_the_question() -> None:
    with serving(lambda _: TEXT, without={"system"}) as server:
        list(streaming(server))
    assert server.requests[-1].messages == [
        {"role": "user", "content": f"{SYSTEM['content']}\n\n{ASKED[1]['content']}"}
    ]


def test_first_calls_at_the_same_time_all_learn_what_a_server_lacks() -> None:
    replies: list[str] = []
    with serving(lambda _: TEXT, without={"temperature", "response_format"}) as server:
        model = asking(server)
        ask = lambda: replies.append(model.complete(ASKED, most=100, schema=SCHEMA).text)  # noqa: E731
        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert replies == [TEXT] * 6


def test_what_is_refused_for_another_reason_is_refused() -> None:
    with (
        serving(lambda _: TEXT, without={"messages"}) as server,
        pytest.raises(ModelCallError, match="Unrecognized request argument supplied: messages") as caught,
    ):
        asking(server).complete(ASKED, most=100)
    assert (caught.value.state, len(server.requests)) == ("refused", 1)


# Keys, environment, proxies


@pytest.mark.parametrize("shown", ["{key}", "[{key}]", "{key}.", "{head}****{tail}", "...{tail}", "Bearer:{key}"])
def test_a_word_that_tells_of_the_key_is_not_repeated(shown) -> None:
    word = shown.format(key=KEY, head=KEY[:8], tail=KEY[-4:])
    assert masked(f"no {word} here", KEY) == "no *** here"


def test_a_short_key_hides_itself_and_not_words_that_resemble_it() -> None:
    assert masked("ollama runs llama, key ollama.", "ollama") == "*** runs llama, key ***"


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=12, max_size=60), st.data())
def test_no_part_of_a_long_key_is_left(key: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(key) - 6))
    part = key[start : data.draw(st.integers(start + 6, len(key)))]
    assert part not in masked(f"the key {part} is wrong", key).removeprefix("the key").removesuffix("is wrong")


def test_a_server_cannot_write_more_than_a_line_or_move_the_cursor() -> None:
    body = json.dumps({"error": {"message": "\x1b[2J\r\nFirst\nSecond\u202e " + "long " * 200}}).encode()
    with plain(403, {"Content-Type": "application/json"}, body) as (url, _), pytest.raises(ModelCallError) as caught:
        ChatModel(Settings(model="m", base_url=url)).complete(ASKED, most=10)
    assert str(caught.value).isprintable()
    assert "First Second" in str(caught.value)
    assert len(str(caught.value)) < LONGEST + 250


def test_no_log_holds_the_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "openai._base_client", "httpx", "httpcore", "llama_index", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    with serving(lambda _: Failure("repeats_key", times=1, then=TEXT)) as server:
        model = asking(server)
        with pytest.raises(ModelCallError):
            model.complete(ASKED, most=10)
        assert model.complete(ASKED, most=100).text == TEXT
        logged = " ".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert "chat/completions" in logged
    assert server.key not in logged
    assert server.key[3:12] not in logged


def test_neither_model_nor_stream_show_the_key() -> None:
    with serving(lambda _: TEXT) as server:
        model = asking(server)
        stream = model.stream(ASKED, most=100)
        list(stream)
        assert server.key not in f"{model!r} {stream!r} {model._llm!r} {model._llm.to_dict()}"


def test_nothing_of_the_environment_reaches_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "API_KEY",
        "ORG_ID",
        "PROJECT_ID",
        "ADMIN_KEY",
        "WEBHOOK_SECRET",
        "API_BASE",
        "API_VERSION",
        "API_TYPE",
    ):
        monkeypatch.setenv(f"OPENAI_{name}", "from-outside")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/from-outside")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Extra: from-outside\nAuthorization: Bearer from-outside")
    with serving(lambda _: TEXT) as server:
        assert asking(server).complete(ASKED, most=100).text == TEXT
    (request,) = server.requests
    assert "from-outside" not in f"{request.headers} {request.fields}"
    assert not [name for name in request.headers if name.startswith("openai-")]


def test_a_server_without_a_key_is_not_told_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-outside")
    with serving(lambda _: TEXT, key="none") as server:
        assert asking(server, model_key="").complete(ASKED, most=100).text == TEXT


def test_the_organisation_is_told() -> None:
    with serving(lambda _: TEXT) as server:
        asking(server, organization="org-7").complete(ASKED, most=100)
    assert server.requests[0].headers["openai-organization"] == "org-7"


def test_a_proxy_is_used_for_outside_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    with plain(502, {}) as (url, seen):
        monkeypatch.setenv("HTTP_PROXY", url.removesuffix("/v1"))
        model = ChatModel(Settings(model="m", base_url="http://models.example/v1", model_retries=0))
        with pytest.raises(ModelCallError):
            model.complete(ASKED, most=10)
    assert seen == ["http://models.example/v1/chat/completions"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_proxy_is_not_used_for_this_machine(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY")
    with serving(lambda _: TEXT) as server, plain(502, {}) as (url, seen):
        monkeypatch.setenv("HTTP_PROXY", url.removesuffix("/v1"))
        here = server.base_url.replace("127.0.0.1", host)
        assert asking(server, base_url=here).complete(ASKED, most=100).text == TEXT
    assert seen == []


@pytest.mark.parametrize("options", [{"model": "gpt-5.4-pro"}, {"base_url": "http://models.example/v1"}])
def test_a_client_that_cannot_be_made_is_a_failed_call(options: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "gopher://127.0.0.1:1")
    with pytest.raises(ModelCallError) as caught:
        ChatModel(Settings(**{"model": "m", **options})).stream(ASKED, most=10)
    assert caught.value.state == "refused"
    assert str(caught.value).isprintable()


# The parts


def test_without_a_model_there_is_nothing_to_ask() -> None:
    with pytest.raises(ModelError, match=r"set RAG_MODEL.*OPENAI_BASE_URL"):
        ChatModel(Settings())


def test_equal_settings_share_a_model() -> None:
    one = {"model": "m", "base_url": "http://127.0.0.1:9/v1"}
    assert chat_model(Settings(**one)) is chat_model(Settings(**one))
    assert chat_model(Settings(**one)) is not chat_model(Settings(**one, model_key="k"))


def test_first_calls_at_the_same_time_are_made_ready_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    busy: list[int] = [0]

    def slowly(*_: object) -> object:
        busy.append(busy[-1] + 1)
        time.sleep(0.05)
        busy.append(busy[-1] - 1)
        return object()

    monkeypatch.setattr("rag.model.client", slowly)
    monkeypatch.setattr("rag.model.loop", slowly)
    models = [ChatModel(Settings(model=f"m{n}")) for n in range(3)]
    threads = [threading.Thread(target=model.ready) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(busy) == 1
    assert len(busy) >= 1 + 2 * 6  # what other tests leave behind may be made ready in between


def test_making_a_model_imports_nothing_heavy(root) -> None:
    code = (
        "import sys; from rag.model import ChatModel; from rag.settings import Settings; "
        "ChatModel(Settings(model='m')); "
        "print(sorted({'openai', 'llama_index', 'httpx', 'numpy', 'pydantic'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=os.environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_state_has_words_and_a_remedy() -> None:
    assert WORDS.keys() == REMEDIES.keys()
    assert {*REFUSED.values(), *BROKEN.values()} <= WORDS.keys()


class plain:  # noqa: N801 - used like a function
    """A server that sends the same to all: `with plain(status, headers, body) as (url, asked for)`."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        seen = self.seen = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                seen.append(self.path)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> tuple[str, list[str]]:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/v1", self.seen

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_a_time_out_that_is_the_librarys_own_holds_too() -> None:
    with serving(lambda _: TEXT) as server:
        assert asking(server, model_timeout=5.0)._llm._get_aclient().timeout == 5.0

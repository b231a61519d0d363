"""Replies of a real model, recorded once and given again, though the ids in a prompt are new each time.

A passage stands in the last message of the user as one JSON object a line, with an opaque "id". A recording holds a
reply with each id as its place in that message, "{id:1}" for the first; a replay puts in the ids of the prompt it is
given. Both are scripts for `eval.scripted.ScriptedServer`:

    with ScriptedServer(record(path, local_llm)) as server: ...   # asks the model what is not recorded yet
    with ScriptedServer(replay(path)) as server: ...              # the same replies, without the model
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from eval.local_llm import LocalModel
from eval.scripted import Asked, Reply

PLACE = re.compile(r"\{id:(\d+)\}")
SENT = ("messages", "temperature", "max_tokens", "max_completion_tokens", "response_format", "seed", "stop", "top_p")
"""What of a request decides the reply, and is sent on."""


def ids(message: str) -> list[str]:
    """The ids of the passages in a message, in their order, each once."""
    found: dict[str, None] = {}
    for line in message.splitlines():
        if line.startswith("{"):
            try:
                passage = json.loads(line)
            except ValueError:
                continue
            if isinstance(passage.get("id"), str):
                found[passage["id"]] = None
    return list(found)


def to_places(text: str, known: list[str]) -> str:
    """A text with the known ids, where they stand as whole words, replaced by their places.

    Raises:
        ValueError: the text holds what looks like a place already.
    """
    if PLACE.search(text):
        message = f"{PLACE.search(text)[0]!r} in a text would be read as the place of an id"
        raise ValueError(message)
    if not known:
        return text
    words = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    return re.sub(rf"(?<!\w)(?:{words})(?!\w)", lambda hit: f"{{id:{known.index(hit[0]) + 1}}}", text)


def to_ids(text: str, known: list[str]) -> str:
    """The reverse of `to_places`, for the ids of another prompt.

    Raises:
        ValueError: the prompt has no id at one of the places.
    """

    def at(hit: re.Match[str]) -> str:
        place = int(hit[1])
        if not 1 <= place <= len(known):
            message = f"the recording names id {place} and the prompt has {len(known)}"
            raise ValueError(message)
        return known[place - 1]

    return PLACE.sub(at, text)


def prompt(asked: Asked) -> str:
    """A hash of all that decides the reply, the same whatever the ids are."""
    decides = {name: asked.fields[name] for name in SENT if name in asked.fields}
    return hashlib.sha256(json.dumps(_placed(decides, _known(asked)), sort_keys=True).encode()).hexdigest()[:16]


def _placed(value: Any, known: list[str]) -> Any:
    """All strings inside a value with their ids as places: messages, and schemas that list the ids."""
    if isinstance(value, str):
        return to_places(value, known)
    if isinstance(value, dict):
        return {name: _placed(inner, known) for name, inner in value.items()}
    return [_placed(inner, known) for inner in value] if isinstance(value, list) else value


def _known(asked: Asked) -> list[str]:
    return ids(asked.user)


def _load(path: Path) -> dict[str, dict[str, str]]:
    """What is recorded, by the hash of the prompt."""
    return json.loads(path.read_text(encoding="utf-8"))["replies"] if path.exists() else {}


def _given(entry: dict[str, str], asked: Asked) -> Reply:
    return Reply(to_ids(entry["reply"], _known(asked)), entry["finish"])


def replay(path: Path) -> Callable[[Asked], Reply]:
    """A script that gives the recorded replies and nothing else."""
    replies = _load(path)

    def script(asked: Asked) -> Reply:
        entry = replies.get(prompt(asked))
        if entry is None:
            message = f"no reply to this prompt in {path.name!r}: record it again ({_about(asked)!r})"
            raise LookupError(message)
        return _given(entry, asked)

    return script


def record(path: Path, model: LocalModel) -> Callable[[Asked], Reply]:
    """A script that asks a real model what is not recorded yet, and writes each reply to the file as it comes."""
    replies, lock = _load(path), threading.Lock()

    def script(asked: Asked) -> Reply:
        with lock:
            place = prompt(asked)
            if place not in replies:
                text, finish = _ask(model, asked)
                entry = {"about": _about(asked), "reply": to_places(text, _known(asked)), "finish": finish}
                replies[place] = entry
                whole = {"model": model.model, "replies": replies}
                path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            return _given(replies[place], asked)

    return script


def _about(asked: Asked) -> str:
    """What a reader of the file knows a prompt by: the last line of the user that is no passage, shortened."""
    lines = [line for line in asked.user.splitlines() if line.strip() and not line.startswith("{")]
    return to_places(lines[-1][:120], _known(asked)) if lines else ""


def _ask(model: LocalModel, asked: Asked) -> tuple[str, str]:
    """The model's reply, and why it ended."""
    body: dict[str, Any] = {name: asked.fields[name] for name in SENT if name in asked.fields}
    reply = httpx.post(
        f"{model.base_url}/chat/completions",
        json={**body, "model": model.model},
        headers={"Authorization": f"Bearer {model.key}"},
        timeout=600,
    )
    reply.raise_for_status()
    choice = reply.json()["choices"][0]
    return choice["message"]["content"] or "", choice["finish_reason"]

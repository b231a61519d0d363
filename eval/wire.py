"""How replies of the scripted server travel: whole or in pieces, cut at odd places, broken off as servers break off."""

from __future__ import annotations

import json
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler
from itertools import cycle
from typing import Any

from eval.refusals import Refusal, refusal, refused
from eval.scripted import Asked, Failure, Reply, ScriptedServer, asked

HTML = b"<!doctype html><html><title>Sign in</title><p>Sign in to use this network.</html>"
SIZES = (1, 3, 2, 5, 1, 1, 4, 7)
"""Characters of the pieces of a stream, round and round; no rhythm of words or marks."""

_LOOK = 0.02
"""Seconds between two looks at whether the server was stopped."""


class ClientGone(Exception):  # noqa: N818 - no error of the server
    """The client has closed its connection."""


def pieces(text: str) -> Iterator[str]:
    """A reply in pieces of a few characters; a bracket always comes with one character of what it holds."""
    sizes, start = cycle(SIZES), 0
    while start < len(text):
        end = start + next(sizes)
        bracket = text.find("[", start, end)
        end = end if bracket < 0 else bracket + 2
        yield text[start:end]
        start = end


def in_two(event: bytes) -> tuple[bytes, bytes]:
    """The bytes of an event, parted inside its first character of several bytes, in their middle when it has none."""
    inside = next((at for at, byte in enumerate(event) if 0x80 <= byte < 0xC0), len(event) // 2)
    return event[:inside], event[inside:]


class Handler(BaseHTTPRequestHandler):
    """Speaks `POST .../chat/completions` and `GET .../models`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Any

    @property
    def script(self) -> ScriptedServer:
        """Whose model is served."""
        return self.server.script  # type: ignore[no-any-return]

    def do_GET(self) -> None:
        """The list of models."""
        wrong = refused(Asked([], False, {"model": self.script.model}, dict(self._headers())), self.script)
        models = [{"id": self.script.model, "object": "model", "created": 1, "owned_by": "scripted"}]
        if not self.path.endswith("/models"):
            wrong = Refusal(
                404, {"error": {"message": f"Invalid URL (GET {self.path})", "type": "invalid_request_error"}}
            )
        self._refuse(wrong) if wrong else self._whole({"object": "list", "data": models})

    def do_POST(self) -> None:
        """A reply of the model."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.path.endswith("/chat/completions"):
            self._refuse(
                Refusal(404, {"error": {"message": f"Invalid URL (POST {self.path})", "type": "invalid_request_error"}})
            )
            return
        request = asked(body, dict(self._headers()))
        with self.script.serving():
            self.script.requests.append(request)
            try:
                self._answer(request)
            except (ClientGone, OSError):
                self.close_connection = True
                self.script.went()

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is its own."""

    def _headers(self) -> Iterator[tuple[str, str]]:
        return ((name.lower(), value) for name, value in self.headers.items())

    def _answer(self, request: Asked) -> None:
        wrong = refused(request, self.script)
        said = self.script.say(request) if wrong is None else None
        if isinstance(said, Failure):
            wrong = refusal(said, request)
            said = said if wrong is None else None
        self._wait(0)
        if wrong is not None:
            self._refuse(wrong)
        elif isinstance(said, Failure) and said.kind in _AS_REPLY:
            self._reply(_AS_REPLY[said.kind](said), request)
        elif isinstance(said, Failure):
            self._fail(said, request)
        elif said is not None:
            self._reply(said, request)

    # Whole replies

    def _reply(self, reply: Reply, request: Asked) -> None:
        if request.stream:
            self._start_stream()
            self._send(self._events(reply, request))
            self._end_stream()
            return
        self._wait(self.script.pace * sum(1 for _ in pieces(reply.text)))
        self._whole(self._completion(reply, request))

    def _completion(self, reply: Reply, request: Asked) -> dict[str, Any]:
        message = {"role": "assistant", "content": reply.text}
        if reply.reasoning:
            message["reasoning_content"] = reply.reasoning
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.finish}
        usage = {"usage": _usage(reply, request)} if reply.usage else {}
        return {**self._head("chat.completion"), "choices": [choice], **usage}

    def _events(self, reply: Reply, request: Asked) -> Iterator[Any]:
        """The events of a stream: the role, the text in pieces, why it ends, the tokens when asked for."""
        told = bool((request.fields.get("stream_options") or {}).get("include_usage")) and reply.usage
        empty = {"usage": None} if told else {}
        if reply.azure:
            yield {**self._head(), "choices": [], "prompt_filter_results": [{"prompt_index": 0}]}
        yield self._chunk({"role": "assistant", "content": "", "refusal": None}, **empty)
        for piece in pieces(reply.reasoning):
            yield self._chunk({"content": None, "reasoning_content": piece}, **empty)
        for piece in pieces(reply.text):
            yield self._chunk({"content": piece}, **empty)
        yield self._chunk({}, reply.finish, **empty)
        if told:
            yield {**self._head(), "choices": [], "usage": _usage(reply, request)}
        yield "[DONE]"

    def _head(self, kind: str = "chat.completion.chunk") -> dict[str, Any]:
        return {"id": "chatcmpl-1", "object": kind, "created": 1_760_000_000, "model": self.script.model}

    def _chunk(self, delta: dict[str, Any], finish: str | None = None, **more: object) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**self._head(), "choices": [choice], **more}

    # Broken ones

    def _fail(self, failure: Failure, request: Asked) -> None:
        if failure.kind == "html":
            self._body(200, HTML, "text/html; charset=utf-8")
        elif failure.kind == "slow" or (failure.kind == "endless" and not request.stream):
            self._wait(None)
        elif request.stream:
            self._break_stream(failure, request)
        else:
            self._break_whole(failure, request)

    def _break_stream(self, failure: Failure, request: Asked) -> None:
        self._start_stream()
        events = self._events(Reply(failure.text), request)
        self._send(event for event in events if event != "[DONE]" and event["choices"] and not _ends(event))
        if failure.kind == "stalled":
            self._wait(None)
        while failure.kind == "endless":
            for piece in pieces(failure.text):
                self._send([self._chunk({"content": piece})])
                self._wait(0 if self.script.pace else 0.001)
        if failure.kind == "error_in_stream":
            self._send([{"error": _BROKEN}])
        if failure.kind == "bad_json":
            self._frame(b'data: {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"content": "in M\n\n')
        if failure.kind in ("half_stream", "error_in_stream", "bad_json"):
            self._end_stream()
        else:
            self._hang_up(reset=failure.kind == "dies")

    def _break_whole(self, failure: Failure, request: Asked) -> None:
        whole = json.dumps(self._completion(Reply(failure.text), request), ensure_ascii=False).encode()
        if failure.kind == "error_in_stream":
            self._whole({"error": _BROKEN})
        elif failure.kind == "bad_json":
            self._body(200, whole[: len(whole) // 2], "application/json")
        else:
            self._body(200, whole[: len(whole) // 2], "application/json", promised=len(whole))
            if failure.kind == "stalled":
                self._wait(None)
            self._hang_up(reset=failure.kind == "dies")

    def _hang_up(self, *, reset: bool) -> None:
        """Ends the connection in the middle: tidily, or with a reset as when a process dies."""
        self.close_connection = True
        if reset:
            time.sleep(_LOOK)  # what was sent before shall arrive
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()  # the socket is not closed while its readers are open
            self.wfile.close()
            self.connection.close()

    # Bytes

    def _refuse(self, wrong: Refusal) -> None:
        self._body(wrong.status, json.dumps(wrong.body, ensure_ascii=False).encode(), "application/json", wrong.headers)

    def _whole(self, body: dict[str, Any]) -> None:
        self._body(200, json.dumps(body, ensure_ascii=False).encode(), "application/json")

    def _body(
        self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None, promised: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(promised or len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _start_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _send(self, events: Iterable[Any]) -> None:
        """Writes events at the set pace, each in two frames."""
        for event in events:
            data = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
            for part in in_two(f"data: {data}\n\n".encode()):
                self._frame(part)
            if event != "[DONE]":
                self._wait(self.script.pace)

    def _frame(self, part: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))

    def _end_stream(self) -> None:
        try:
            self.wfile.write(b"0\r\n\r\n")
        except OSError:  # a client may go at [DONE], which is no cut
            self.close_connection = True

    def _wait(self, seconds: float | None) -> None:
        """Lets time pass, for ever with None, and looks whether the client is still there.

        Raises:
            ClientGone: it is not, or the server was stopped.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            left = _LOOK if end is None else min(max(end - time.monotonic(), 0), _LOOK)
            if self.script.stopped or self._gone(left):
                raise ClientGone
            if end is not None and time.monotonic() >= end:
                return

    def _gone(self, seconds: float) -> bool:
        readable, _, _ = select.select([self.connection], [], [], seconds)
        return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""


_BROKEN = {
    "message": "The model produced an error while replying.",
    "type": "server_error",
    "param": None,
    "code": None,
}

_AS_REPLY: dict[str, Callable[[Failure], Reply]] = {
    "empty": lambda _: Reply(""),
    "content_filter": lambda failure: Reply(failure.text, "content_filter"),
    "length": lambda failure: Reply(failure.text, "length"),
    "no_usage": lambda failure: Reply(failure.text, usage=False),
}


def _ends(event: dict[str, Any]) -> bool:
    return event["choices"][0]["finish_reason"] is not None


def _usage(reply: Reply, request: Asked) -> dict[str, int]:
    """Tokens as a model would count them, four characters each."""
    prompt = sum(len(json.dumps(message.get("content"), ensure_ascii=False)) for message in request.messages)
    read, written = -(-prompt // 4), -(-len(reply.text + reply.reasoning) // 4)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}

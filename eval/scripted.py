"""A server that speaks the OpenAI protocol and says what a script tells it, for tests and for suites of attacks.

It stands where a language model would, on this machine only, and does what real servers do when they fail: see
`Failure`. What a server says when it refuses is in `eval.refusals`, how a reply is cut and sent in `eval.wire`.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

Kind = Literal[
    "wrong_key", "repeats_key", "no_model", "no_right", "rate_limit", "no_quota", "overloaded", "server_error",
    "context_too_small", "context_too_small_llama", "context_too_small_vllm", "prompt_filter",
    "slow", "stalled", "half_stream", "torn", "dies", "endless", "bad_json", "html", "error_in_stream",
    "empty", "content_filter", "length", "no_usage",
]  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One request for a reply.

    Attributes:
        messages: the conversation, each with "role" and "content".
        stream: whether the reply is to come in pieces.
        fields: the whole body of the request.
        headers: by name in lower case.
        at: seconds of the monotonic clock at which it came.
    """

    messages: list[dict[str, Any]]
    stream: bool
    fields: dict[str, Any]
    headers: dict[str, str]
    at: float = 0.0

    @property
    def user(self) -> str:
        """The text of the last message of the user, empty when there is none."""
        for message in reversed(self.messages):
            if message.get("role") == "user":
                content = message.get("content") or ""
                return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
        return ""


@dataclass(frozen=True)
class Reply:
    """What the model says, where a text alone is not enough.

    Attributes:
        text: the reply.
        finish: why it ends: "stop", "length" or "content_filter".
        usage: whether the tokens are told when they are asked for.
        reasoning: what comes before the text in a field of its own, as models that reason send it.
        azure: whether a stream begins with a piece without choices, as Azure's do.
    """

    text: str
    finish: str = "stop"
    usage: bool = True
    reasoning: str = ""
    azure: bool = False


@dataclass(frozen=True)
class Failure:
    """How the server fails.

    Kinds that refuse the request: wrong_key (401, part of the key in the message), repeats_key (401, all of it),
    no_model (404), no_right (403), rate_limit (429, says when to come again), no_quota (429 that waiting does not
    help), overloaded (503), server_error (500), context_too_small, context_too_small_llama, context_too_small_vllm
    (400, as three servers say it), prompt_filter (400).
    Kinds that break the reply: slow (nothing comes), stalled (the text, then nothing), half_stream (the text, then a
    tidy end without finish_reason and [DONE]), torn (the text, then the connection ends), dies (the text, then the
    connection is reset), endless (the text again and again until the client goes), bad_json (the text, then what is
    not JSON), html (a page with status 200), error_in_stream (the text, then an error in the stream; status 200).
    Kinds that are whole replies: empty, content_filter, length, no_usage.

    Attributes:
        kind: what happens.
        text: what is said before it happens.
        times: how often it happens, None for always; afterwards the reply is `then`. Equal failures count as one.
        then: the reply afterwards.
        wait: seconds after which a refused client may come again.
    """

    kind: Kind
    text: str = "The mill closed"
    times: int | None = None
    then: str | Reply = "The mill closed in May."
    wait: float = 0.01


Script = Callable[[Asked], "str | Reply | Failure"]


@dataclass
class ScriptedServer:
    """A server of one scripted model, started by `with` on a free port of 127.0.0.1.

    An exception of the script is answered with 500 and raised again at the end of the `with` block, so that it does
    not pass for a failing server.

    Args:
        reply: what the model says to a request; called in the thread of the connection.
        key: the only key that is let in; another gets 401.
        model: the only model that is known; another gets 404.
        pace: seconds between the pieces of a reply; a reply in one piece comes when its last piece would.
        without: what the model lacks and refuses with 400: "system" (system messages) or the name of a parameter
            ("response_format", "stream", "stream_options", "temperature", "max_tokens", "max_completion_tokens", ...).

    Attributes:
        requests: for a reply, in the order they came, also those that were refused.
        cut: how many replies had a client that closed its connection before their end.
    """

    reply: Script
    key: str = field(default="sk-scripted-4f1a90c2d7e83b65", kw_only=True, repr=False)
    model: str = field(default="scripted", kw_only=True)
    pace: float = field(default=0.0, kw_only=True)
    without: frozenset[str] | set[str] = field(default=frozenset(), kw_only=True)
    requests: list[Asked] = field(default_factory=list, init=False, repr=False)
    cut: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.stopped = False
        self._given: Counter[Failure] = Counter()
        self._busy = 0
        self._changed = threading.Condition()
        self._bug: Exception | None = None
        self._server: _Server | None = None

    @property
    def base_url(self) -> str:
        """The address that clients are given; ends in /v1.

        Raises:
            RuntimeError: the server does not run.
        """
        if self._server is None:
            message = "the scripted server does not run: use it in a with block"
            raise RuntimeError(message)
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped = True
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()
        self.idle()
        if self._bug is not None and error is None:
            raise self._bug

    def idle(self, seconds: float = 5.0) -> bool:
        """Waits until no request is being served, at most `seconds`; False when one still is.

        `cut` is certain after it: a client's going is seen a moment after it went.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, seconds)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Holds the server busy for one request."""
        with self._changed:
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def went(self) -> None:
        """Counts a client that has gone before the end of its reply; not those that the server's own end cuts off."""
        with self._changed:
            self.cut += not self.stopped

    def say(self, asked: Asked) -> Reply | Failure:
        """What the script says to a request, with failures that are over replaced by what follows them."""
        try:
            said = self.reply(asked)
        except Exception as exc:  # noqa: BLE001 - the script is the caller's; raised again at the end
            self._bug = exc
            return Failure("server_error")
        if isinstance(said, Failure) and said.times is not None:
            with self._changed:
                self._given[said] += 1
                over = self._given[said] > said.times
            said = said.then if over else said
        return Reply(said) if isinstance(said, str) else said


class _Server(ThreadingHTTPServer):
    """Knows its connections, so that an end of the server ends them too."""

    daemon_threads = True

    def __init__(self, script: ScriptedServer) -> None:
        from eval.wire import Handler  # here, because it knows the classes above

        self.script = script
        self.connections: set[Any] = set()
        super().__init__(("127.0.0.1", 0), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as the base class has it
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        super().shutdown_request(request)
        self.connections.discard(request)

    def hang_up(self) -> None:
        """Ends the connections that clients keep for a next request; the base class waits for none of them."""
        for request in list(self.connections):
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Says nothing: a client that goes in the middle of a request is what many tests are about."""


def asked(body: Mapping[str, Any], headers: Mapping[str, str]) -> Asked:
    """A request as the script sees it."""
    fields = dict(body)
    names = {name.lower(): value for name, value in headers.items()}
    return Asked(list(fields.get("messages") or ()), bool(fields.get("stream")), fields, names, time.monotonic())

"""A language model behind a server that speaks the OpenAI protocol: replies whole or piece by piece, and stoppable.

All calls run on one event loop in a thread of their own, so that any other thread can end one at once, also while it
waits for the first word.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import queue
import threading
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from index.errors import ModelCallError, ModelError
from rag.client import OPENAI, client, loop
from rag.failures import AGAIN, LOST, fault, lacking, masked, pause, said, state_of
from rag.usage import CHARACTERS, Message, Reply, Usage, tokens_in

if TYPE_CHECKING:
    from llama_index.llms.openai_like import OpenAILike

    from rag.settings import Settings

_starting = threading.Lock()


Schema = Mapping[str, Any] | None
"""A JSON schema that a reply must follow, where the server can hold it to one."""


LONGEST_TOKEN = 12
"""Characters a token of a reply at most: one that goes on beyond this is cut, whatever the server thinks of limits."""


Pieces = AsyncGenerator[tuple[str, Usage | None, str], None]
"""Text, what it cost and why it ended, the last two where the server tells them with it."""


class ChatModel:
    """A chat model. Asked at temperature 0 where it allows that.

    Args:
        settings: name the model, its server and key, time-out and retries.

    Attributes:
        name: as the server names it.

    Raises:
        ModelError: no model is named.
    """

    def __init__(self, settings: Settings) -> None:
        self.name = settings.model
        self._settings = settings
        self._base_url = settings.base_url or OPENAI
        self._key = settings.model_key.strip()
        self._lacks: frozenset[str] = frozenset()
        if not self.name:
            msg = "there is no language model to ask: set RAG_MODEL, for a server of your own also OPENAI_BASE_URL"
            raise ModelError(msg)

    def stream(self, messages: Sequence[Message], *, most: int, schema: Schema = None) -> Stream:
        """Starts a call; the pieces of the reply come as it is iterated.

        Args:
            messages: the prompt.
            most: tokens of the reply.
            schema: a JSON schema the reply must follow, where the server can hold it to one.
        """
        return Stream(self, messages, most, schema)

    def complete(self, messages: Sequence[Message], *, most: int, schema: Schema = None) -> Reply:
        """A whole reply; see `stream`.

        Raises:
            ModelCallError: the call failed; its `state` says how.
        """
        stream = self.stream(messages, most=most, schema=schema)
        try:
            return Reply("".join(stream), stream.usage, stream.finish)
        finally:
            stream.close()

    async def pieces(self, messages: Sequence[Message], most: int, schema: Schema) -> Pieces:
        """Those of one reply; see `stream`.

        A request that is refused for something a model may lack is sent again without it; where that is taken, later
        ones go without from the start. One that may do better later is sent again when the server says, but not where
        that is later than the time-out.
        """
        began, tries, lacks = time.monotonic(), 0, self._lacks
        while True:
            begun = False
            try:
                async for piece in self._sent(messages, most, schema, lacks):
                    begun = True
                    self._lacks |= lacks
                    yield piece
            except Exception as exc:
                if begun:
                    raise
                if lack := lacking(exc, lacks, schema is not None):
                    lacks |= {lack}
                    continue
                wait = pause(exc, tries)
                late = time.monotonic() + wait > began + self._settings.model_timeout
                if state_of(exc) not in AGAIN or tries == self._settings.model_retries or late:
                    raise
                tries += 1
                await asyncio.sleep(wait)
            else:
                return

    async def _sent(self, messages: Sequence[Message], most: int, schema: Schema, lacks: frozenset[str]) -> Pieces:
        from llama_index.core.llms import ChatMessage
        from openai import omit

        fields: dict[str, Any] = {"max_completion_tokens" if "max_tokens" in lacks else "max_tokens": most}
        if "temperature" in lacks:
            fields["temperature"] = omit
        if schema is not None and "schema" not in lacks:
            form = {"name": "reply", "strict": True, "schema": schema}
            fields["response_format"] = {"type": "json_schema", "json_schema": form}
        if "system" in lacks:
            messages = [{"role": "user", "content": "\n\n".join(message["content"] for message in messages)}]
        given = [ChatMessage(role=message["role"], content=message["content"]) for message in messages]
        if "stream" in lacks:
            whole = await self._llm.achat(given, **fields)
            yield whole.message.content or "", _usage(whole.raw), _finish(whole.raw)
            return
        if "stream_options" not in lacks:
            fields["stream_options"] = {"include_usage": True}
        async for part in await self._llm.astream_chat(given, **fields):
            yield part.delta or "", _usage(part.raw), _finish(part.raw)

    @functools.cached_property
    def _llm(self) -> OpenAILike:
        return client(self._settings, self)

    def ready(self) -> asyncio.AbstractEventLoop:
        """Where calls run; the first one makes the client.

        Raises:
            ModelCallError: the client cannot be made.
        """
        with _starting:  # or two first calls would make two of each
            try:
                self._llm  # noqa: B018 - in this thread: importing takes seconds, and other calls run in the loop's
            except (ValueError, ImportError) as exc:
                raise self.fault("refused", str(exc)) from exc  # noqa: EM101 - a state, not a message
            return loop()

    def masked(self, text: str) -> str:
        """A text without the key, should a server repeat it."""
        return masked(text, self._key)

    def failure(self, exc: Exception) -> ModelCallError:
        """An error of a library as one of ours: a state, one line, and nothing of the key."""
        return self.fault(state_of(exc), said(exc))

    def fault(self, state: str, said: str = "") -> ModelCallError:
        """A failed call in one line: which model, what happened, what the server said of it, what to do."""
        return fault(f"the model {self.name!r} at {self._base_url!r}", state, masked(said, self._key))


class Stream:
    """The pieces of one reply as they come; `close` ends the call, from any thread.

    Attributes:
        usage: calls and tokens; whole once the iteration ended.
        finish: why the iteration ended: as of `Reply`, "failed", or "stopped" where it was closed; "" before.
    """

    def __init__(self, model: ChatModel, messages: Sequence[Message], most: int, schema: Schema) -> None:
        self.usage = Usage(1, tokens_in(messages), 0, estimated=True)
        self.finish = ""
        self._model = model
        self._length, self._longest, self._end = 0, LONGEST_TOKEN * most, ""
        self._queue: queue.SimpleQueue[str | ModelCallError | None] = queue.SimpleQueue()
        ready = model.ready()
        self._call = asyncio.run_coroutine_threadsafe(self._run(model.pieces(messages, most, schema)), ready)

    def __iter__(self) -> Iterator[str]:
        """The pieces of text. Raises ModelCallError where the call fails, after the pieces that came."""
        while (item := self._queue.get()) is not None and not self.finish:
            if isinstance(item, ModelCallError):
                self.finish = "failed"
                raise item
            yield item
        self.finish = self.finish or self._end
        self._queue.put(None)  # for who asks again

    def close(self) -> None:
        """Ends the call; the iteration ends too."""
        self.finish = self.finish or "stopped"
        self._call.cancel()
        self._queue.put(None)  # who reads need not wait until the server is hung up on

    async def _run(self, pieces: Pieces) -> None:
        try:
            async for text, usage, finish in pieces:
                self._take(text, usage, finish)
                if self._length > self._longest:
                    self._end = "length"
                    self._call.cancel()  # leaving the loop would not hang up: the clients' generators live on
        except Exception as exc:  # noqa: BLE001 - whatever the libraries raise is a failed call
            if not self._end:  # after its end a reply is whole, whatever becomes of the connection
                self._fail(self._model.failure(exc))
        else:
            if not self._end:
                self._fail(self._model.fault("bad_reply"))
        finally:
            if self._end == "content_filter":
                self._queue.put(self._model.fault("filtered"))
            self._queue.put(None)

    def _take(self, text: str, usage: Usage | None, finish: str) -> None:
        self._length += len(text) or 1  # a model's thoughts come without text, and must end too
        self._end = finish or self._end
        if usage is not None:
            self.usage = usage
        elif self.usage.estimated:
            self.usage = replace(self.usage, completion_tokens=self._length // CHARACTERS)
        if text and self._length <= self._longest:
            self._queue.put(text)

    def _fail(self, failure: ModelCallError) -> None:
        if not self._length and failure.state != "timeout":
            self.usage = Usage(1)  # what is refused is not paid for
        self._queue.put(self._model.fault("broken") if self._length and failure.state in LOST else failure)


def _usage(raw: Any) -> Usage | None:  # noqa: ANN401 - the client's record, or none
    spent = getattr(raw, "usage", None)
    if spent is None or not spent.prompt_tokens:
        return None
    return Usage(1, spent.prompt_tokens, spent.completion_tokens or 0)


def _finish(raw: Any) -> str:  # noqa: ANN401
    choices = getattr(raw, "choices", None)
    return (choices[0].finish_reason or "") if choices else ""


@functools.lru_cache(maxsize=8)
def chat_model(settings: Settings) -> ChatModel:
    """One model for the same settings: its connections stay open, and what it lacks is asked once. See `ChatModel`."""
    model = ChatModel(settings)
    threading.Thread(target=_prepare, args=(model,), daemon=True).start()
    return model


def _prepare(model: ChatModel) -> None:
    """Loads the client while others search; where that fails, the first call says so."""
    with contextlib.suppress(ModelCallError):
        model.ready()

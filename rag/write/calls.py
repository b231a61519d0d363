"""The calls of one answer to its model: each within the budget, counted, and ended when the reader stops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rag.model import ChatModel, Stream
from rag.settings import Settings
from rag.spending import Spending
from rag.stop import Stop
from rag.usage import Message, Reply, Usage


class Calls:
    """One answer's calls; safe in several threads.

    Args:
        model: is asked.
        settings: the budgets.
        stop: ends the calls.

    Attributes:
        model: the same.
        spending: what they took so far.
    """

    def __init__(self, model: ChatModel, settings: Settings, stop: Stop) -> None:
        self.model, self.spending = model, Spending(settings)
        self._stop = stop

    @contextmanager
    def streaming(
        self, messages: Sequence[Message], *, most: int, schema: Mapping[str, Any] | None = None
    ) -> Iterator[Stream]:
        """A reply as it comes; whatever ends the block ends the call. Arguments and errors as of `ChatModel.stream`."""
        held, usage = self.spending.allow(messages, most), Usage()
        try:
            stream = self.model.stream(messages, most=most, schema=schema)
            try:
                with self._stop.ending(stream.close):
                    yield stream
            finally:
                stream.close()
                usage = stream.usage
        finally:
            self.spending.add(usage, held)

    def complete(self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None, most: int) -> Reply:
        """A whole reply. Arguments and errors as of `ChatModel.complete`."""
        with self.streaming(messages, most=most, schema=schema) as stream:
            return Reply("".join(stream), stream.usage, stream.finish)

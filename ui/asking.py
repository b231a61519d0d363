"""What the page and the API ask, and of what; and how a reader's answer is stopped and no other reader's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rag.answers import Answer, Citation, Sentence
from rag.failures import OFFER
from rag.stop import Stop

if TYPE_CHECKING:
    from index.errors import ModelCallError
    from index.store import Store
    from rag.retrieve import Passage
    from rag.settings import Settings

Step = tuple[Sentence, tuple[Citation, ...]] | Answer
"""A checked sentence with the citations that are new with it; at the end the whole answer."""

Ask = Callable[..., Iterator[Step]]
"""`ask(question, store=, stop=, extractive=, history=, since=, until=, as_of=, outlets=)`: as `rag.ask.stream_cited`
with its settings chosen; `extractive` asks no language model to write. Called by many threads at once."""


def asking(settings: Settings) -> Ask:
    """`rag.ask.stream_cited` with these settings, or with the same ones but nobody who writes."""
    from rag.ask import stream_cited

    def ask(question: str, *, extractive: bool = False, **options: Any) -> Iterator[Step]:  # noqa: ANN401
        return stream_cited(question, settings=settings.extracting() if extractive else settings, **options)

    return ask


def nearest_in(store: Store, most: int = 3) -> Callable[..., Sequence[Passage]]:
    """What finds the passages of a store that come nearest to a question which was not answered, best first.

    Args:
        store: open.
        most: how many at most.
    """
    from rag.ask import retrieve_passages
    from rag.question import checked_filters

    def nearest(answer: Answer, **filters: Any) -> Sequence[Passage]:  # noqa: ANN401
        chosen = checked_filters(**filters)
        found = retrieve_passages(answer.understood or answer.question, store=store, k=4 * most, filters=chosen)
        first = {passage.article.id: passage for passage in reversed(found)}  # of each article the best one
        return [passage for passage in found if first[passage.article.id] is passage][:most]

    return nearest


def line_of(exc: ModelCallError) -> str:
    """What happened and what to do, without the offer of an answer from the sources: here it is made otherwise."""
    return str(exc).removesuffix(f"; {OFFER}")


class Stops:
    """The answer that each session waits for, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stops: dict[str, Stop] = {}

    @contextmanager
    def answering(self, session: str) -> Iterator[Stop | None]:
        """The stop of an answer, which is set when it ends; None where the session waits for another one."""
        stop = Stop()
        with self._lock:
            begun = self._stops.setdefault(session, stop) is stop
        try:
            yield stop if begun else None
        finally:
            if begun:
                self.end(session)
                with self._lock:
                    del self._stops[session]

    def busy(self, session: str) -> bool:
        """Whether a session waits for an answer."""
        with self._lock:
            return session in self._stops

    def end(self, session: str) -> None:
        """Ends the answer of a session, if there is one."""
        with self._lock:
            stop = self._stops.get(session)
        if stop is not None:
            stop.set()

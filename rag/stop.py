"""A way to end an answer from another thread: a stop button, or a reader who has gone."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stop:
    """Set once, stays set."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal may come while it is held
        self._ends: list[Callable[[], None]] = []
        self._set = False

    def set(self) -> None:
        """Ends what `ending` has been told of, now and later."""
        with self._lock:
            self._set, ends = True, list(self._ends)
        for end in ends:
            end()

    def __bool__(self) -> bool:
        return self._set

    @contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """While inside, `set` calls `end`; at once where it is set already."""
        with self._lock:
            self._ends.append(end)
            already = self._set
        if already:
            end()
        try:
            yield
        finally:
            with self._lock:
                self._ends.remove(end)


@contextmanager
def on_interrupt(stop: Stop) -> Iterator[None]:
    """While inside, a first Ctrl-C sets the stop, so that what is checked can be shown; a second one interrupts."""
    before = signal.getsignal(signal.SIGINT)

    def set_once(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        stop.set()

    signal.signal(signal.SIGINT, set_once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

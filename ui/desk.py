"""What the page works with: whom it asks, of which corpus, and where it keeps what readers want kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rag.feedback import FILE, Feedback
from ui.kept import Kept
from ui.seal import Seal, key_of
from ui.session import Shelf

if TYPE_CHECKING:
    from index.store import Store
    from rag.retrieve import Passage
    from rag.settings import Settings
    from ui.asking import Ask

_log = logging.getLogger(__name__)

Nearest = Callable[..., Sequence["Passage"]]
"""`nearest(answer, since=, until=, outlets=)`: the passages nearest to a question that was not answered, best first."""


@dataclass(frozen=True, slots=True)
class Desk:
    """All that the page needs. Used by many threads at once.

    Attributes:
        ask: as `ui.asking.asking` makes it.
        corpus: as the store.
        kept: conversations of people with a name, and shared answers.
        shelf: where a reader's conversations are kept.
        feedback: what readers said of sentences.
        nearest: the passages nearest to a question that was not answered.
        examples: questions that the corpus answers, as known by now.
        today: the day that ages count to.
    """

    ask: Ask
    corpus: Store
    kept: Kept
    shelf: Shelf
    feedback: Feedback
    nearest: Nearest = lambda *_, **__: ()
    examples: Callable[[], tuple[str, ...]] = tuple
    today: Callable[[], date] = field(default=date.today)

    def close(self) -> None:
        """Closes its files."""
        self.kept.close()
        self.feedback.close()


def open_desk(
    ask: Ask,
    corpus: Store,
    folder: Path,
    *,
    nearest: Nearest = lambda *_, **__: (),
    examples: Callable[[], tuple[str, ...]] = tuple,
) -> Desk:
    """A desk that keeps its files in a folder.

    Args:
        ask: whom questions are asked of.
        corpus: of what.
        folder: of the store; made where it is missing.
        nearest: as in Desk.
        examples: as in Desk.

    Raises:
        StoreError: a file in the folder cannot be read or written.
    """
    own = folder / "page"
    own.mkdir(parents=True, exist_ok=True)
    kept = Kept(own / "kept.sqlite3")
    shelf = Shelf(kept, Seal(key_of(own)))
    return Desk(ask, corpus, kept, shelf, Feedback(folder / FILE), nearest, examples)


class Examples:
    """Example questions of a store, made in the background once for each state of the corpus.

    Args:
        store: the open store.
        settings: how questions are answered.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._lock = threading.Lock()
        self._of = ""
        self._found: tuple[str, ...] = ()
        self._made = threading.Event()
        self._making: threading.Thread | None = None

    def __call__(self, wait_s: float = 2.0) -> tuple[str, ...]:
        """Those that are known by now; where the corpus has changed new ones are made, and a while is waited for them.

        Args:
            wait_s: at most so many seconds.
        """
        with self._lock:
            if self._of != self._store.fingerprint() and self._making is None:
                self._made = threading.Event()
                self._making = threading.Thread(target=self._make, args=(self._made,), daemon=True, name="examples")
                self._making.start()
            made, found = self._made, self._found
        if not found:  # those of a moment ago are better than waiting
            made.wait(wait_s)
        return self._found

    def close(self) -> None:
        """Waits until nobody reads the store for examples any more."""
        making = self._making
        if making is not None:
            making.join()

    def _make(self, made: threading.Event) -> None:
        from rag.examples import examples

        of, found = "", tuple[str, ...]()
        try:
            of = self._store.fingerprint()
            found = examples(self._store, self._settings)
        except Exception:  # noqa: BLE001 - a page without examples is a page; the log says why
            _log.exception("no examples could be made")
        with self._lock:
            self._of, self._found, self._making = of, found, None
        made.set()

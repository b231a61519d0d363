"""The stores that are open in this process, and who uses them.

A process may open a folder only once, so all its threads share the store that is open.
"""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from index.errors import HIDDEN_STORE, StoreError

if TYPE_CHECKING:
    from index.corpus import Store

sharing = threading.RLock()
"""Held while a store is opened or closed."""

open_stores: dict[Path, Store] = {}
"""Those of this process, by folder."""


class Shared:
    """What several users of one process open once, and each closes.

    Args:
        path: its folder.

    Attributes:
        path: likewise.
        users: how many have opened it and not closed it yet.
        kept: whether it stays open without users until the process ends.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.users = 0
        self.kept = False
        self._pid = os.getpid()
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def share(self) -> Self:
        """The same store for one more user, who closes it too; raises StoreError where it is closed already."""
        with sharing:
            if os.getpid() != self._pid:
                msg = f"the store {str(self.path)!r} was opened before this process was forked: open it after the fork"
                raise StoreError(msg, public=HIDDEN_STORE)
            if open_stores.get(self.path) is not self:
                msg = f"the store {str(self.path)!r} is closed: open it again"
                raise StoreError(msg, public=HIDDEN_STORE)
            self.users += 1
        return self

    def close(self) -> None:
        """One user less; with the last one the files are closed and other processes may open the store."""
        with sharing:
            self.users = max(0, self.users - 1)
            if not self.users and not self.kept:
                self.shut()

    def shut(self) -> None:
        """Closes the files, whoever uses them."""
        with sharing:
            self._closing.close()

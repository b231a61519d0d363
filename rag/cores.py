"""Who may compute: one answer takes all cores, so answers take turns, but not while they wait for a language model."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext

from rag.check import Checker

cores = threading.Lock()
"""Held while an answer computes; never over a yield, since who reads it may take his time."""


def checking(checker: Checker) -> AbstractContextManager[object]:
    """What to hold while a checker works: nothing where it asks a server."""
    return nullcontext() if checker.name.startswith("judge:") else cores

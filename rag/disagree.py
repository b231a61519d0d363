"""Sources that differ: figures for the same thing in different articles, side by side.

A first rule: only for questions that ask for a number, only between articles, only for figures of the same unit.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.answers import Citation, Position


def positions(question: str, citations: Sequence[Citation]) -> tuple[Position, ...]:
    """The sides, empty where the cited spans do not differ."""
    return ()

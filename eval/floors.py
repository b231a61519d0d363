"""Two trivial checkers that any other one has to beat; they score, and their labels mean nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.embed import DEFAULT, Embedder, by_name
from index.sentences import sentence_spans
from rag.check import Claim, Verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FLOORS = ("overlap", "cosine")
WINDOW = 100
"""Words of a window of the context, about; the embedder reads more, and longer windows blur what they say."""


class Overlap:
    """Share of the claim's words that stand anywhere in its evidence."""

    name = "overlap"
    fingerprint = "overlap"

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        """One score a claim, 0 to 1."""
        return [Verdict("unsupported", self._score(claim)) for claim in claims]

    def _score(self, claim: Claim) -> float:
        mine = _words(claim.text)
        return len(mine & _words(" ".join(claim.evidence))) / max(1, len(mine))


class Cosine:
    """Cosine of the embeddings of the claim and of the window of its evidence that is nearest to it.

    Attributes:
        fingerprint: of the embedder, and of how windows are cut.
    """

    name = "cosine"

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder or by_name(DEFAULT)
        self.fingerprint = f"{self._embedder.fingerprint} {WINDOW}"
        self._windows: dict[tuple[str, ...], NDArray[np.float32]] = {}

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        """One score a claim, -1 to 1; 0 where there is no evidence."""
        vectors = self._embedder.embed([claim.text for claim in claims])
        return [
            Verdict("unsupported", float((windows @ vector).max()) if len(windows := self._of(claim.evidence)) else 0.0)
            for claim, vector in zip(claims, vectors, strict=True)
        ]

    def _of(self, evidence: tuple[str, ...]) -> NDArray[np.float32]:
        if evidence not in self._windows:
            self._windows = {evidence: self._embedder.embed(windows(evidence))}  # claims come context by context
        return self._windows[evidence]


def windows(evidence: Sequence[str]) -> list[str]:
    """Sentences in a row of about `WINDOW` words together, each window beginning in the middle of the one before."""
    found: list[str] = []
    for text in evidence:
        sentences = [text[start:end] for start, end in sentence_spans(text)]
        sizes = [len(sentence.split()) for sentence in sentences]
        first = 0
        while first < len(sentences):
            last, size = first, 0
            while last < len(sentences) and (size == 0 or size + sizes[last] <= WINDOW):
                size += sizes[last]
                last += 1
            found.append(" ".join(sentences[first:last]))
            if last == len(sentences):
                break
            first = max(first + 1, (first + last) // 2)
    return found


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))

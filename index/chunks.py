"""Sentence-aware chunks with exact offsets: article text -> spans that cover it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Span = tuple[int, int]

_GAP = re.compile(r"\s")
_WORD = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class Chunking:
    """How articles are cut; part of a store's manifest.

    Attributes:
        size: most characters a chunk may have. 500 is about 110 word pieces of English news.
        overlap: at most this many characters of whole sentences are repeated from the chunk before.

    The defaults come from `python -m eval.bench.chunking` (docs/measurements.md).
    """

    size: int = 500
    overlap: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < self.size:
            msg = f"overlap {self.overlap!r} must be at least 0 and less than size {self.size!r}"
            raise ValueError(msg)


def chunk_spans(text: str, sentences: Sequence[Span], chunking: Chunking) -> list[Span]:
    """Packs sentences into chunks.

    Args:
        text: the article's text.
        sentences: spans of its sentences, in order, covering every character that is not white space.
        chunking: the sizes.

    Returns:
        Spans in order. Every character that is not white space is in at least one, none is longer than
        `chunking.size`, and a chunk begins and ends with a sentence unless that sentence alone is too long.
    """
    pieces = [piece for span in sentences for piece in _split_long(text, span, chunking.size)]
    spans: list[Span] = []
    first = 0
    while first < len(pieces):
        last = first
        while last + 1 < len(pieces) and pieces[last + 1][1] - pieces[first][0] <= chunking.size:
            last += 1
        spans.append((pieces[first][0], pieces[last][1]))
        if last + 1 == len(pieces):
            break
        first = _overlap_start(pieces, first, last, chunking)
    return spans


def _overlap_start(pieces: list[Span], first: int, last: int, chunking: Chunking) -> int:
    """The next chunk's first piece: as far back as the overlap allows, if the next new piece still fits."""
    start = last + 1
    while (
        start - 1 > first
        and pieces[last][1] - pieces[start - 1][0] <= chunking.overlap
        and pieces[last + 1][1] - pieces[start - 1][0] <= chunking.size
    ):
        start -= 1
    return start


def _split_long(text: str, span: Span, size: int) -> Iterator[Span]:
    """Cuts a sentence that is longer than a chunk, at white space where there is some."""
    start, end = span
    while end - start > size:
        gaps = [match.start() for match in _GAP.finditer(text, start + 1, start + size + 1)]
        cut = gaps[-1] if gaps else start + size
        yield (start, cut)
        rest = _WORD.search(text, cut, end)  # without a copy of the rest: a line may be megabytes long
        start = rest.start() if rest else end
    if start < end:
        yield (start, end)

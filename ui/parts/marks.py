"""Text with spans marked in it, to the character, however they touch, overlap or nest. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Marked:
    """A span to mark.

    Attributes:
        start, end: characters in the text, end exclusive.
        attributes: of each of its `<mark>` elements, escaped, with a space before.
        first: more of them, of the first of its elements.
    """

    start: int
    end: int
    attributes: str
    first: str = ""


def marked(text: str, spans: Sequence[Marked], start: int = 0, end: int | None = None) -> str:
    """A piece of a text with each span in `<mark>` elements.

    The text is cut wherever a span starts or ends, and what is between stands inside one mark a covering span. Without
    its tags the result is exactly `escape(text[start:end])`.

    Args:
        text: unescaped.
        spans: each inside the piece.
        start: of the piece.
        end: of the piece, exclusive; None for that of the text.
    """
    last = len(text) if end is None else end
    edges = sorted({start, last} | {edge for span in spans for edge in (span.start, span.end)})
    pieces = []
    for here, there in pairwise(edges):
        covering = [span for span in spans if span.start <= here and there <= span.end]
        opening = "".join(f"<mark{span.first if span.start == here else ''}{span.attributes}>" for span in covering)
        pieces.append(opening + escape(text[here:there]) + "</mark>" * len(covering))
    return "".join(pieces)

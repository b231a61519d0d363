"""Sources that differ, side by side. Pure."""

from __future__ import annotations

from html import escape

from rag.answers import Answer, Citation, Position
from ui.parts.origin import origin
from ui.parts.sentence import cited_by, mark_link, targets
from ui.words import Words


def render_positions(answer: Answer, turn: int, words: Words) -> str:
    """A column for each side: what it holds, who says so, how it differs, and its quotes; "" where none differ.

    Raises:
        SourceboundError: when a position points to a citation that the answer does not have.
    """
    if not answer.positions:
        return ""
    heading = escape(words("reading.differ" if answer.status == "disputed" else "reading.both_hold"))
    sides = "".join(_side(position, answer, turn, words) for position in answer.positions)
    shape = '<span aria-hidden="true">⇄</span>'
    return f'<section class="sb-differ"><h3>{shape} {heading}</h3><ul class="sb-positions">{sides}</ul></section>'


def _side(position: Position, answer: Answer, turn: int, words: Words) -> str:
    quotes = "".join(_quote(cited, turn, words) for cited in cited_by(answer.citations, position.citations))
    how = words(f"reading.difference_{position.difference}") if position.difference else ""
    holder = words("reading.held_by", holder=position.holder) if position.holder else ""
    notes = "".join(
        f'<p class="sb-{name}" dir="auto">{escape(line)}</p>'
        for name, line in (("kind", how), ("holder", holder))
        if line
    )
    return f'<li class="sb-position"><h4 dir="auto">{escape(position.value)}</h4>{notes}{quotes}</li>'


def _quote(cited: Citation, turn: int, words: Words) -> str:
    where = origin(cited.outlet, cited.published, words)
    target = targets((cited.number,), turn)
    return (
        f'<figure data-cites="{target}"><blockquote dir="auto">{escape(cited.quote)}</blockquote>'
        f"<figcaption>{where} {mark_link(cited, turn, words)}</figcaption></figure>"
    )

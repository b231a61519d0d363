"""An article to read, opened at the cited spans; and the frame that reading.js opens it in. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from index.articles import Article
from ui.parts.marks import Marked, marked
from ui.parts.origin import bdi, origin, original
from ui.words import Words


def render_reader(
    article: Article,
    spans: Sequence[tuple[int, int]],
    words: Words,
    today: date,
    *,
    copies: Sequence[Article] = (),
    state: str = "live",
) -> str:
    """A whole article with spans marked to the character.

    Args:
        article: what is read.
        spans: start and end of each, in characters of its text, start < end.
        words: the reader's language.
        today: what its age is counted to.
        copies: other articles that tell the same story.
        state: "live", or "removed" or "replaced" where the text is kept for old citations alone.
    """
    gone = state if state in ("removed", "replaced") else ""
    note = (
        f'<p class="sb-gone"><span aria-hidden="true">⊘</span> {escape(words(f"reading.{gone}"))}</p>' if gone else ""
    )
    same = ", ".join(
        f"{bdi(copy.outlet or copy.title or copy.source)}{f' ({copy.published.isoformat()})' if copy.published else ''}"
        for copy in copies
    )
    also = f'<p class="sb-note">{escape(words("reading.copies"))} {same}</p>' if same else ""
    web = original(article, words)
    stored = words("reading.source", source=article.source)
    places = [_mark(start, end) for start, end in sorted(set(spans))]
    return (
        f'<article class="sb-reading"><header><h2 class="sb-reading-title" dir="auto" tabindex="-1">'
        f"{escape(article.title or words('reading.no_title'))}</h2>"
        f'<p class="sb-meta">{origin(article.outlet, article.published, words, today)}</p>'
        f'<p class="sb-meta" dir="auto">{web}{" · " if web else ""}{bdi(stored)}</p>{note}{also}</header>'
        f'<div class="sb-text" role="region" aria-label="{escape(words("reading.reader"))}" tabindex="0" dir="auto">'
        f"{marked(article.text, places)}</div></article>"
    )


def _mark(start: int, end: int) -> Marked:
    span = f"{start}-{end}"
    return Marked(start, end, f' data-of="{span}"', f' data-span="{span}" tabindex="-1"')


def render_unknown(words: Words) -> str:
    """In the place of an article that is not in the store."""
    return (
        f'<div class="sb-unknown"><h2 class="sb-reading-title" tabindex="-1"><span aria-hidden="true">⊘</span> '
        f"{escape(words('reading.unknown'))}</h2><p>{escape(words('reading.unknown_why'))}</p></div>"
    )


def reader_frame(words: Words) -> str:
    """The frame of the reader, once a page, hidden; reading.js makes its dialog from it."""
    say = {
        key: escape(words(f"reading.{key}"))
        for key in ("reader", "close", "previous", "next", "opening", "unreachable", "again")
    }
    step = escape(words("reading.step", at="{at}", count="{count}"))
    return (
        f'<div id="sb-reader-frame" data-name="{say["reader"]}" hidden><div class="sb-bar">'
        f'<span class="sb-name">{say["reader"]}</span>'
        f'<span class="sb-stepper" hidden><span class="sb-step" data-step="{step}" role="status"></span>'
        f'<button type="button" class="sb-previous" aria-label="{say["previous"]}">↑</button>'
        f'<button type="button" class="sb-next" aria-label="{say["next"]}">↓</button></span>'
        f'<button type="button" class="sb-close" aria-label="{say["close"]}">×</button></div>'
        f'<div class="sb-page" tabindex="-1"></div>'
        f'<div class="sb-opening" role="status"><p>{say["opening"]}</p><i></i><i></i><i></i><i></i></div>'
        f'<div class="sb-lost" role="alert" hidden><p>{say["unreachable"]}</p><p class="sb-note sb-line-of"></p>'
        f'<button type="button" class="sb-again">{say["again"]}</button></div></div>'
    )

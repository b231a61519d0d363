"""The route that the reader of an article is filled from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol

from index.errors import SourceboundError
from ui.parts.origin import MOST_SPANS
from ui.parts.reader import render_reader, render_unknown
from ui.words import words_of

if TYPE_CHECKING:
    from fastapi import FastAPI

    from index.articles import Article

_SPANS = re.compile(r"[0-9]{1,9}-[0-9]{1,9}(?:,[0-9]{1,9}-[0-9]{1,9})*")


class States(Protocol):
    """What the reader needs of a store's ledger."""

    def state(self, article_id: str) -> str | None:
        """One of "live", "replaced" and "removed"; None when the article was never here."""
        ...


class Shelf(Protocol):
    """What the reader needs of a store."""

    @property
    def ledger(self) -> States:
        """Where the states of articles are."""
        ...

    def article(self, article_id: str) -> Article:
        """The article with this id, also one that was removed; raises a SourceboundError when there is none."""
        ...

    def copies(self, article_id: str) -> Sequence[Article]:
        """The other articles of the same story."""
        ...


def add_reading(app: FastAPI, corpus: Shelf) -> None:
    """Adds `GET /parts/article/{article_id}?spans=10-20,40-60&lang=es`: an article as HTML, its spans marked.

    400 with one line where a span is not inside its text, 404 with a fragment of its own where there is no article.

    Args:
        app: what answers.
        corpus: as the store.
    """
    from fastapi import Request
    from fastapi.responses import HTMLResponse, PlainTextResponse, Response

    def article(article_id: str, request: Request, spans: str = "") -> Response:
        words = words_of(request)
        try:
            found = corpus.article(article_id)
        except SourceboundError:
            return HTMLResponse(render_unknown(words), 404)
        places = spans_in(spans, len(found.text))
        if places is None:
            return PlainTextResponse(words("reading.bad_spans", spans=repr(spans[:80])), 400)
        state = corpus.ledger.state(article_id) or "live"
        copies = corpus.copies(article_id)
        return HTMLResponse(render_reader(found, places, words, date.today(), copies=copies, state=state))

    # FastAPI reads the annotations, which are names in this function only.
    article.__annotations__ |= {"request": Request, "return": Response}
    app.get("/parts/article/{article_id}", response_model=None)(article)


def spans_in(given: str, length: int) -> list[tuple[int, int]] | None:
    """Spans written as "10-20,40-60"; None where that is not what they are, or they are not inside a text.

    Args:
        given: at most 100 of them, "" for none.
        length: of the text, in characters.
    """
    if not given:
        return []
    if not _SPANS.fullmatch(given) or given.count(",") >= MOST_SPANS:
        return None
    pairs = [span.split("-") for span in given.split(",")]
    spans = [(int(start), int(end)) for start, end in pairs]
    return spans if all(start < end <= length for start, end in spans) else None

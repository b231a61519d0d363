"""The route that the reader of an article is filled from."""

from __future__ import annotations

import logging
import re
from datetime import date
from typing import TYPE_CHECKING

from index.errors import SourceboundError, UnknownArticleError
from ui.parts.origin import MOST_SPANS
from ui.parts.reader import render_reader, render_unknown
from ui.words import words_of

if TYPE_CHECKING:
    from fastapi import FastAPI

    from index.store import Store

_log = logging.getLogger(__name__)
_SPANS = re.compile(r"[0-9]{1,9}-[0-9]{1,9}(?:,[0-9]{1,9}-[0-9]{1,9})*")


def add_reading(app: FastAPI, corpus: Store) -> None:
    """Adds `GET /parts/article/{article_id}?spans=10-20,40-60&lang=es`: an article as HTML, its spans marked.

    400 with one line where a span is not inside its text, 404 with a fragment of its own where there is no article, 503
    with one line where the store cannot be read.

    Args:
        app: what answers.
        corpus: an open store.
    """
    from fastapi import Request
    from fastapi.responses import HTMLResponse, PlainTextResponse, Response

    def article(article_id: str, request: Request, spans: str = "") -> Response:
        words = words_of(request)
        try:
            found = corpus.article(article_id)
            state, copies = corpus.ledger.state(article_id) or "live", corpus.copies(article_id)
        except UnknownArticleError:
            return HTMLResponse(render_unknown(words), 404)
        except SourceboundError as error:
            _log.exception("an article could not be read")
            return PlainTextResponse(error.public, 503)
        places = spans_in(spans, len(found.text))
        if places is None:
            return PlainTextResponse(words("reading.bad_spans", spans=repr(spans[:80])), 400)
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

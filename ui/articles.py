"""The Articles tab: its fragments, and adding, removing and restoring articles from the browser."""

from __future__ import annotations

import logging
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi import Query as Parameter
from fastapi.responses import HTMLResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from index.build import restore
from index.errors import ModelError, RestoreError, StoreError, UnknownArticleError
from index.ledger import Outcome
from index.limits import IngestOptions
from index.listing import Change, Query
from index.readers import suffix_of
from index.uploads import ingest_address, ingest_file
from ui.limits import COMING, LONGEST_ADDRESS, WAITING
from ui.parts.article_changes import MOST_SHOWN, told
from ui.parts.article_list import COLUMNS, render_story
from ui.parts.article_tab import render_articles
from ui.people import curator, person_of
from ui.uploads import Places, clean_name, judge_length, plain, receive, swallow
from ui.words import Words, words_of

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

    from index.articles import Article
    from index.store import Store

_MOST_OUTCOMES = 50  # that are told one by one; an archive has thousands
_LONGEST_SEARCH = 200  # characters
# Less than `rag ingest` allows: nobody else can add while a feed is fetched.
_FETCHING = IngestOptions(timeout_s=10, max_feed_entries=50)
_log = logging.getLogger(__name__)


class Address(BaseModel):
    """The body of `POST /api/articles/address`."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1)


def add_articles(app: FastAPI, corpus: Store) -> None:
    """Adds the tab's fragments and the routes that change the corpus.

    Args:
        app: to be called before `ui.api.add_api`, whose last route answers for everything below /api.
        corpus: an open store.
    """
    _add_parts(app, corpus)
    _add_removing(app, corpus)
    _add_sending(app, corpus)


def _add_parts(app: FastAPI, corpus: Store) -> None:
    @app.get("/parts/articles", response_class=HTMLResponse)
    def articles(request: Request) -> str:
        words, seen = words_of(request), _time(request.query_params.get("seen"))
        query = _query(request, seen)
        page = corpus.listing.page(query)
        if page.total and not page.rows:  # the last article of the last page has gone
            query = replace(query, page=ceil(page.total / page.size))
            page = corpus.listing.page(query)
        return render_articles(
            page,
            query,
            corpus.listing.summary(),
            _news(corpus, seen),
            seen.date() if seen else None,
            words,
            curator=person_of(request).may_curate,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    @app.get("/parts/articles/story/{head}", response_class=HTMLResponse)
    def story(head: str, request: Request, but: str = "") -> str:
        rows = corpus.listing.story(head)
        return render_story(rows, but, words_of(request), curator=person_of(request).may_curate)

    @app.get("/api/articles/{article_id}/text", response_class=PlainTextResponse)
    def text(article_id: str, request: Request) -> PlainTextResponse:
        try:
            article = corpus.article(article_id)
        except UnknownArticleError as error:
            raise HTTPException(404, words_of(request)("articles.not_there")) from error
        except StoreError as error:
            raise _inside(error, 503, error.public) from error
        return PlainTextResponse(
            article.text, headers={"content-disposition": f'attachment; filename="{_file(article)}"'}
        )


def _add_removing(app: FastAPI, corpus: Store) -> None:
    may = [Depends(curator)]

    @app.delete("/api/articles/{article_id}", dependencies=may)
    def remove(article_id: str, request: Request) -> dict[str, str]:
        words = words_of(request)
        try:
            corpus.remove(article_id)
        except UnknownArticleError as error:
            raise HTTPException(404, words("articles.not_there")) from error
        except StoreError as error:
            raise _inside(error, 503, words("articles.not_done")) from error
        return {"removed": article_id}

    @app.post("/api/articles/{article_id}/restore", dependencies=may)
    def put_back(article_id: str, request: Request) -> dict[str, str]:
        words = words_of(request)
        try:
            if corpus.ledger.state(article_id) != "removed":
                raise HTTPException(404, words("articles.not_removed"))
            restore(corpus, article_id)
        except RestoreError as error:
            raise HTTPException(409, words("articles.not_restored")) from error
        except (ModelError, StoreError) as error:
            raise _inside(error, 503, words("articles.not_done")) from error
        return {"restored": article_id}


def _add_sending(app: FastAPI, corpus: Store) -> None:
    coming, places, one = (
        Places(COMING),
        Places(1 + WAITING),
        CapacityLimiter(1),
    )  # one thread of its own: questions do not wait for an ingest
    may = [Depends(curator)]

    async def run(ingest: Callable[[], list[Outcome]], words: Words) -> dict[str, Any]:
        try:
            return _report(await to_thread.run_sync(ingest, limiter=one), words)
        except (ModelError, StoreError) as error:
            raise _inside(error, 503, words("articles.refused_inside")) from error

    @app.post("/api/articles/files", dependencies=may)
    async def files(request: Request, name: Annotated[str, Parameter()] = "") -> dict[str, Any]:
        words = words_of(request)
        judge_length(request.headers.get("content-length"), words)
        with ExitStack() as held:
            try:
                known = clean_name(name, words)
                held.enter_context(coming.place(words))
            except HTTPException:
                await swallow(request.stream())
                raise
            folder = held.enter_context(tempfile.TemporaryDirectory(prefix="upload-"))
            path = Path(folder, f"file{suffix_of(known)}")
            if not await receive(request.stream(), path, words):
                raise HTTPException(400, words("articles.refused_empty"))
            with places.place(words):
                return await run(lambda: ingest_file(corpus, path, known), words)

    @app.post("/api/articles/address", dependencies=may)
    async def address(body: Address, request: Request) -> dict[str, Any]:
        words, url = words_of(request), body.url.strip()
        if len(url) > LONGEST_ADDRESS or not url.isprintable() or " " in url:
            raise HTTPException(400, words("articles.refused_address", most=LONGEST_ADDRESS))
        with places.place(words):
            return await run(lambda: ingest_address(corpus, url, _FETCHING), words)


def _inside(error: Exception, status: int, line: str) -> HTTPException:
    """What a reader is told of an error whose own message is for the log: it may hold paths."""
    _log.error("the articles could not be changed", exc_info=error)
    return HTTPException(status, line)


def _file(article: Article) -> str:
    """A name for an article's text: letters, digits and hyphens of its title, and the id that citations carry."""
    letters = unicodedata.normalize("NFKD", article.title or "").encode("ascii", "ignore").decode()
    return f"{re.sub('[^A-Za-z0-9]+', '-', letters)[:60].strip('-')}-{article.id}.txt".lstrip("-")


def _report(outcomes: Sequence[Outcome], words: Words) -> dict[str, Any]:
    """What became of a file or address: every result counted, the first outcomes told, failures before the others."""
    first = sorted(outcomes, key=lambda outcome: outcome.result != "failed")[:_MOST_OUTCOMES]
    return {
        "counts": dict(Counter(outcome.result for outcome in outcomes)),
        "outcomes": [
            {
                "item": outcome.item,
                "result": outcome.result,
                "article_id": outcome.article_id,
                "line": told(outcome.result, plain(outcome.reason, words), words),
            }
            for outcome in first
        ],
    }


def _news(corpus: Store, seen: datetime | None) -> tuple[dict[str, int], list[Change]]:
    """What changed since a time: counts by result, and the newest changes."""
    if seen is None:
        return {}, []
    since = seen.isoformat(timespec="seconds")
    return corpus.listing.changed(since), [c for c in corpus.listing.changes(MOST_SHOWN) if c.at >= since]


def _query(request: Request, seen: datetime | None) -> Query:
    """The list a request asks for; what cannot be understood is left out, for a list has nothing to lose by it."""
    asked = request.query_params
    listed = _listed(asked, seen)
    # Copies stand under the first article of their story, unless it may be left out or is not what is looked for.
    narrowed = any((listed.text, listed.outlets, listed.since, listed.until, listed.only, listed.changed_since))
    return replace(listed, firsts=not narrowed and listed.sort != "added")


def _listed(asked: QueryParams, seen: datetime | None) -> Query:
    only, page = asked.get("only"), asked.get("page", "")
    return Query(
        text=asked.get("q", "")[:_LONGEST_SEARCH],
        outlets=tuple(name for name in asked.getlist("outlet") if name),
        since=_date(asked.get("since")),
        until=_date(asked.get("until")),
        sort=next((name for name in COLUMNS if name == asked.get("sort")), "published"),
        descending=asked.get("down") != "0",
        only="copies" if only == "copies" else "",
        changed_since=seen.isoformat() if seen and only == "changed" else None,
        page=int(page) if re.fullmatch("[1-9][0-9]{0,5}", page) else 1,
    )


def _date(text: str | None) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text or "")
    return None


def _time(text: str | None) -> datetime | None:
    """A time that names its zone, in UTC, where its year may not be one."""
    with suppress(ValueError, OverflowError):
        found = datetime.fromisoformat(text or "")
        return found.astimezone(UTC) if found.tzinfo else None
    return None

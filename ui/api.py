"""The HTTP API: answers whole or sentence by sentence, articles, and every error as one line."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from anyio import CancelScope, CapacityLimiter, to_thread
from fastapi import FastAPI, HTTPException, Request
from fastapi import Query as Parameter
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as Refusal

from index.errors import ModelCallError, SourceboundError, UnknownArticleError
from index.listing import Query, Row
from index.selection import MOST_ROWS
from rag.answers import Answer
from rag.stop import Stop
from ui.asking import Ask, Step, line_of
from ui.guard import INSIDE
from ui.limits import LONGEST_QUESTION

if TYPE_CHECKING:
    from index.articles import Article
    from index.store import Store

_STATUS = {"timeout": 504, "rate_limit": 503, "no_credit": 503, "budget": 503}
"""Of an answer whose model failed, by state: 503 where waiting or paying helps; 502 for the rest."""

_ALONE = 'send "extractive": true to get the answer from the sources alone'

AT_ONCE = 20
"""Answers that are made at the same time; others wait, and what is quick does not wait for them."""

_log = logging.getLogger(__name__)


class Question(BaseModel):
    """The body of `POST /api/answer` and `POST /api/answer/stream`.

    Attributes:
        history: earlier questions of the conversation, oldest first.
        since, until: days as YEAR-MONTH-DAY; None for no limit.
        as_of: the day to answer for; None for today, with no limit.
        outlets: names; empty for all.
        extractive: answer with sentences of the sources alone; no language model writes.
    """

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=LONGEST_QUESTION)
    history: list[str] = Field(default=[], max_length=100)
    since: str | None = None
    until: str | None = None
    as_of: str | None = None
    outlets: list[str] = Field(default=[], max_length=100)
    extractive: bool = Field(default=False, strict=True)


def add_api(app: FastAPI, ask: Ask, corpus: Store) -> None:
    """Adds the routes below /api."""
    _add_answers(app, ask, corpus)

    @app.get("/api/articles")
    def articles(
        page: Annotated[int | None, Parameter(ge=1, lt=2**31)] = None,
        size: Annotated[int | None, Parameter(ge=1, le=MOST_ROWS)] = None,
    ) -> JSONResponse:
        if page is None and size is None:
            rows = _all_rows(corpus)
        else:
            query = Query(descending=False, page=page or 1, size=size or MOST_ROWS)
            rows = iter(corpus.listing.page(query).rows)
        return JSONResponse([_public(row, row.characters) for row in rows])

    @app.get("/api/articles/{article_id}")
    def article(article_id: str) -> dict[str, Any]:
        found = corpus.article(article_id)
        return {**_public(found, len(found.text)), "text": found.text}

    @app.get("/api/health")
    def health() -> dict[str, Any]:
        return {"status": "ok", "articles": corpus.listing.summary().articles}

    @app.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def elsewhere(path: str) -> None:
        raise HTTPException(404, f"no such address or method: /api/{path[:80]}; see docs/http.md")


def _add_answers(app: FastAPI, ask: Ask, corpus: Store) -> None:
    limiter = CapacityLimiter(AT_ONCE)

    @app.post("/api/answer")
    async def answer(body: Question, request: Request) -> dict[str, Any]:
        async with aclosing(_steps(ask, corpus, body, request, limiter)) as steps:
            whole = [step async for step in steps if isinstance(step, Answer)]
        return whole[-1].model_dump(mode="json")

    @app.post("/api/answer/stream", response_model=None)
    async def stream(body: Question, request: Request) -> StreamingResponse:
        steps = _steps(ask, corpus, body, request, limiter)
        first = await anext(steps)  # what fails before it is an error with its own status
        unbuffered = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_lines(first, steps), media_type="application/x-ndjson", headers=unbuffered)


async def _steps(
    ask: Ask, corpus: Store, body: Question, request: Request, limiter: CapacityLimiter
) -> AsyncGenerator[Step]:
    """The steps of an answer, each made in a thread; a connection that is closed stops the model's call."""
    stop = Stop()
    watching = asyncio.create_task(_stop_when_gone(request, stop))
    made = ask(body.question, store=corpus, stop=stop, **body.model_dump(exclude={"question"}))
    try:
        while (step := await to_thread.run_sync(next, made, None, limiter=limiter)) is not None:
            yield step
    finally:
        stop.set()
        watching.cancel()
        with CancelScope(shield=True):  # what it holds is let go now, and in no thread that others wait for
            await to_thread.run_sync(_closed, made)


def _closed(made: Iterator[Step]) -> None:
    if isinstance(made, Generator):
        made.close()


async def _stop_when_gone(request: Request, stop: Stop) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    stop.set()


async def _lines(first: Step, steps: AsyncGenerator[Step]) -> AsyncGenerator[str]:
    """One JSON object a line, in ASCII: some clients take U+2028 for the end of a line."""
    async with aclosing(steps):
        try:
            yield _line(first)
            async for step in steps:
                yield _line(step)
        except Exception as exc:  # noqa: BLE001 - the status is sent, so any failure is the last line
            yield json.dumps(_failure(exc)[1]) + "\n"


def _line(step: Step) -> str:
    if isinstance(step, Answer):
        return json.dumps({"answer": step.model_dump(mode="json")}) + "\n"
    sentence, citations = step
    new = [cited.model_dump(mode="json") for cited in citations]
    return json.dumps({"sentence": sentence.model_dump(mode="json"), "citations": new}) + "\n"


def _all_rows(corpus: Store) -> Iterator[Row]:
    """All articles, the earliest first."""
    with corpus.ledger.looking():  # all pages of one moment: none is left out or told twice
        query = Query(descending=False, size=MOST_ROWS)
        while rows := corpus.listing.page(query).rows:
            yield from rows
            query = replace(query, page=query.page + 1)


def _public(article: Article | Row, characters: int) -> dict[str, Any]:
    published = article.published.isoformat() if article.published else None
    return {
        "id": article.id,
        "title": article.title,
        "outlet": article.outlet,
        "published": published,
        "source": article.source,
        "url": article.url,
        "characters": characters,
    }


def _failure(exc: Exception) -> tuple[int, dict[str, str]]:
    """Status and body of an error; what went wrong inside is for the log only."""
    if isinstance(exc, ModelCallError):
        return _STATUS.get(exc.state, 502), {"error": line_of(exc), "state": exc.state, "extractive": _ALONE}
    if isinstance(exc, UnknownArticleError):
        return 404, {"error": exc.public}
    if isinstance(exc, SourceboundError) and exc.public == str(exc):
        return 400, {"error": exc.public}
    _log.error("a request failed", exc_info=exc)
    if isinstance(exc, SourceboundError):  # what a browser must not see of it is wrong with the server
        return 503, {"error": exc.public}
    return 500, {"error": INSIDE}


def add_errors(app: FastAPI) -> None:
    """Every error as `{"error": "one line"}`."""

    @app.exception_handler(Refusal)
    def refused(_: Request, exc: Refusal) -> JSONResponse:
        return JSONResponse({"error": str(exc.detail)}, exc.status_code)

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, exc: RequestValidationError) -> JSONResponse:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "body"
        return JSONResponse({"error": f"{where}: {first['msg']}; see docs/http.md"}, 422)

    @app.exception_handler(SourceboundError)
    @app.exception_handler(Exception)
    def failed(_: Request, exc: Exception) -> JSONResponse:
        status, body = _failure(exc)
        return JSONResponse(body, status)

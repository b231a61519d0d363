"""The server: the chat page and a small HTTP API in one process, one worker, nothing fetched from elsewhere."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import webbrowser
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from index.articles import Article
from index.errors import SourceboundError
from rag.answers import Answer
from ui.guard import LOOPBACK, Guard
from ui.page import EXAMPLES, LONGEST_QUESTION, Ask, Corpus, build_page

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.settings import Settings

_STATIC = Path(__file__).with_name("static")
# In the page's head rather than in Gradio's own css option, which rewrites selectors.
_HEAD = '<link rel="stylesheet" href="/ui/page.css"><script src="/ui/page.js" defer></script>'

_log = logging.getLogger(__name__)


class Question(BaseModel):
    """The body of `POST /api/answer`.

    Attributes:
        history: earlier questions of the conversation, oldest first.
        since, until: days as YEAR-MONTH-DAY; None for no limit.
        as_of: the day to answer for; None for today, with no limit.
        outlets: names; empty for all.
    """

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=LONGEST_QUESTION)
    history: list[str] = Field(default=[], max_length=100)
    since: str | None = None
    until: str | None = None
    as_of: str | None = None
    outlets: list[str] = Field(default=[], max_length=100)


def prepare_environment() -> None:
    """Settings of libraries that read them when they are imported; call before Gradio is."""
    os.environ.update(
        GRADIO_ANALYTICS_ENABLED="False", HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1", GRADIO_RUN_HISTORY="False"
    )
    for name in ("NO_PROXY", "no_proxy"):  # a proxy must not stand between the page and its own server
        known = [part for part in os.environ.get(name, "").split(",") if part]
        os.environ[name] = ",".join(known + [host for host in LOOPBACK if host not in known])
    for name in ("NLTK_DATA", "TIKTOKEN_CACHE_DIR"):  # set, they hide the data that ships with the packages
        os.environ.pop(name, None)


def build_app(ask: Ask, corpus: Corpus, host: str = "127.0.0.1", examples: Sequence[str] = EXAMPLES) -> FastAPI:
    """The whole server: guard, API, page.

    Args:
        ask: as `rag.ask.answer`; called by one thread at a time.
        corpus: as the store.
        host: the address it will be bound to; decides which Host headers are answered.
        examples: questions to click on the page.
    """
    prepare_environment()
    import gradio as gr
    from fastapi import FastAPI
    from fastapi.staticfiles import StaticFiles

    ask = _one_at_a_time(ask)
    app = FastAPI(title="Sourcebound", docs_url=None, redoc_url=None, openapi_url=None)
    _add_api(app, ask, corpus)
    _add_errors(app)
    app.mount("/ui", StaticFiles(directory=_STATIC))
    fonts = {"font": ["system-ui", "sans-serif"], "font_mono": ["ui-monospace", "monospace"]}  # none to download
    gr.mount_gradio_app(
        app,
        build_page(ask, corpus, examples),
        path="/",
        server_name=host,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        max_file_size=1,
        theme=gr.themes.Base(**fonts),
        head=_HEAD,
    )
    app.add_middleware(Guard, host=host)
    return app


def _one_at_a_time(ask: Ask) -> Ask:
    """Answers take all cores and models load on first use, so two at once would gain nothing and race."""
    lock = threading.Lock()

    def asked(*args: object, **kwargs: object) -> Answer:
        with lock:
            return ask(*args, **kwargs)

    return asked


def _add_api(app: FastAPI, ask: Ask, corpus: Corpus) -> None:
    from fastapi import HTTPException

    @app.post("/api/answer")
    def answer(body: Question) -> dict[str, Any]:
        limits = body.model_dump(exclude={"question"})
        return ask(body.question, store=corpus, **limits).model_dump(mode="json")

    @app.get("/api/articles")
    def articles() -> list[dict[str, Any]]:
        return [_public(article) for article in corpus.articles()]

    @app.get("/api/articles/{article_id}")
    def article(article_id: str) -> dict[str, Any]:
        try:
            found = corpus.article(article_id)
        except SourceboundError as exc:
            raise HTTPException(404, str(exc)) from exc
        return {**_public(found), "text": found.text}

    @app.get("/api/health")
    def health() -> dict[str, Any]:
        return {"status": "ok", "articles": len(corpus.articles())}

    @app.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def elsewhere(path: str) -> None:
        raise HTTPException(404, f"no such address or method: /api/{path[:80]}; see docs/http.md")


def _public(article: Article) -> dict[str, Any]:
    published = article.published.isoformat() if article.published else None
    return {
        "id": article.id,
        "title": article.title,
        "outlet": article.outlet,
        "published": published,
        "source": article.source,
        "url": article.url,
        "characters": len(article.text),
    }


def _add_errors(app: FastAPI) -> None:
    """Every error as `{"error": "one line"}`; what went wrong inside is for the log only."""
    from fastapi import Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse
    from starlette.exceptions import HTTPException

    @app.exception_handler(SourceboundError)
    def known(_: Request, exc: SourceboundError) -> JSONResponse:
        return JSONResponse({"error": str(exc)}, 400)

    @app.exception_handler(HTTPException)
    def refused(_: Request, exc: HTTPException) -> JSONResponse:
        return JSONResponse({"error": str(exc.detail)}, exc.status_code)

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, exc: RequestValidationError) -> JSONResponse:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "body"
        return JSONResponse({"error": f"{where}: {first['msg']}; see docs/http.md"}, 422)

    @app.exception_handler(Exception)
    def unknown(_: Request, exc: Exception) -> JSONResponse:
        _log.error("a request failed", exc_info=exc)
        return JSONResponse({"error": "this request failed; the server's log says why"}, 500)


def serve(
    store: Path | None,
    host: str = "127.0.0.1",
    port: int = 7860,
    open_browser: bool = False,
    ready: Callable[[str], None] | None = None,
    settings: Settings | None = None,
) -> None:
    """Serves the page and the API until interrupted.

    Args:
        store: the folder of the store; None for the default one, which starts with the seed articles.
        host: name or address to listen on.
        port: 0 takes a free one.
        open_browser: open the page in the default browser once it answers.
        ready: called once with the page's address when it answers.
        settings: how every question is answered; by default from the environment.

    Raises:
        SourceboundError: when the address cannot be listened on, or the store cannot be opened.
    """
    prepare_environment()
    listening = listen(host, port)  # first: a taken port should not cost the wait for the models
    try:
        from rag.ask import answer, open_corpus

        with open_corpus(store, settings) as corpus:
            examples = EXAMPLES if store is None else ()  # they ask about the seed articles
            app = build_app(partial(answer, settings=settings), corpus, host, examples)
            run(app, listening, open_browser=open_browser, ready=ready)
    finally:
        listening.close()


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; raises SourceboundError when the address is taken or not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except (OSError, OverflowError) as exc:
        listening.close()
        reason = getattr(exc, "strerror", None) or exc
        msg = f"cannot listen on {host!r} port {port}: {reason}; stop what uses it or choose another with --port"
        raise SourceboundError(msg) from exc
    return listening


def run(
    app: FastAPI, listening: socket.socket, *, open_browser: bool = False, ready: Callable[[str], None] | None = None
) -> None:
    """Runs the app on a bound socket until interrupted; `ready` is called with the address once it answers."""
    import uvicorn

    host, port = listening.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if ready is not None:
                ready(address)
            if open_browser:
                threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            # An open page holds a connection for as long as it is open; waiting for it would be waiting forever.
            for connection in self.server_state.connections:
                if connection.transport is not None:
                    connection.transport.close()
            await super().shutdown(sockets)

    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    with contextlib.suppress(KeyboardInterrupt):  # how uvicorn hands on the interrupt that it was stopped by
        Server(config).run(sockets=[listening])

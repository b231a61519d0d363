"""The server: the chat page and a small HTTP API in one process, one worker, nothing fetched from elsewhere."""

from __future__ import annotations

import logging
import os
import re
import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from index.errors import SourceboundError
from ui.asking import asking, nearest_in
from ui.desk import Desk, Examples, open_desk
from ui.guard import LOOPBACK, Guard
from ui.page import build_page
from ui.parts.reader import reader_frame
from ui.parts.splash import banners, splash
from ui.people import Options, open_people
from ui.words import LANGUAGES, Words

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.settings import Settings
    from ui.people.gate import People

_STATIC = Path(__file__).with_name("static")
_STYLES = ("look", "asking", "reading", "articles", "quality", "people")
_SCRIPTS = ("reading", "articles", "quality")
# In the document itself: Gradio's own option adds them from a script, and calls what they define before they are there.
_HEAD = (
    "".join(f'<link rel="stylesheet" href="/ui/{name}.css">' for name in _STYLES)
    + '<script src="/ui/asking.js"></script>'
    + "".join(f'<script src="/ui/{name}.js" defer></script>' for name in _SCRIPTS)
)
_log = logging.getLogger(__name__)
_ABOUT_GRADIO = re.compile(r"<meta\s+(?:property=\"og:|name=\"twitter:)[^>]*>")


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


def build_app(
    desk: Desk,
    host: str = "127.0.0.1",
    *,
    people: People | None = None,
    settings: Settings | None = None,
    reports: Path | None = None,
    writes: bool = False,
) -> FastAPI:
    """The whole server: guard, sign-in, API, the page in each language.

    Args:
        desk: whom questions are asked, of what; called by many threads at once.
        host: the address it will be bound to; decides which Host headers are answered.
        people: who may do what; by default everybody may ask, and on this machine alone also change the articles.
        settings: how questions are answered, for the Quality tab; by default from the environment.
        reports: the folder of evaluation reports; None for none.
        writes: whether a language model writes the answers; then the page shows them as they grow.
    """
    prepare_environment()
    import gradio as gr
    from fastapi import FastAPI
    from fastapi.staticfiles import StaticFiles

    from rag.settings import Settings
    from ui.api import add_api, add_errors
    from ui.articles import add_articles
    from ui.quality import add_quality
    from ui.reading import add_reading

    app = FastAPI(title="Sourcebound", docs_url=None, redoc_url=None, openapi_url=None)
    known = people or open_people(Options(), host)
    known.add_routes(app)
    add_reading(app, desk.corpus)
    add_articles(app, desk.corpus)
    add_quality(app, desk.corpus, settings or Settings.from_environment(), reports)
    add_api(app, desk.ask, desk.corpus)
    add_errors(app)

    @app.get("/parts/here", status_code=204)
    async def here() -> None:
        """Whether the server is there and still knows the reader: the page asks now and then."""

    app.mount("/ui", StaticFiles(directory=_STATIC))
    fonts = {"font": ["system-ui", "sans-serif"], "font_mono": ["ui-monospace", "monospace"]}  # none to download
    for code in LANGUAGES:
        if _path(code) != "/":
            app.add_api_route(_path(code), _with_slash(code))
    for code in reversed(LANGUAGES):  # the first one lies at "/", and a path mounted there takes all that is left
        gr.mount_gradio_app(
            app,
            build_page(desk, Words(code), writes=writes),
            path=_path(code),
            server_name=host,
            footer_links=[],
            run_history=False,
            show_error=False,
            ssr_mode=False,
            enable_monitoring=False,
            max_file_size=1,
            theme=gr.themes.Base(**fonts),
        )
    app.add_middleware(known.guard)
    app.add_middleware(Guard, host=host, dress=dressed)
    return app


def _with_slash(code: str) -> Callable[[], RedirectResponse]:
    def moved() -> RedirectResponse:
        return RedirectResponse(f"{_path(code)}/")

    return moved


def _path(code: str) -> str:
    return "/" if code == next(iter(LANGUAGES)) else f"/{code}"


def dressed(path: str, html: str) -> str:
    """Gradio's document as ours: its language, nothing about Gradio, and what is seen until the page has started."""
    code = next((code for code in LANGUAGES if _path(code) == (path.rstrip("/") or "/")), None)
    if code is None:
        return html
    words = Words(code)
    html = _ABOUT_GRADIO.sub("", html).replace('lang="en"', f'lang="{code}" data-lang="{code}"', 1)
    html = html.replace("</head>", f"{_HEAD}</head>", 1)
    around = splash(words) + banners(words) + reader_frame(words)
    return re.sub(r"(<body[^>]*>)", lambda body: body[1] + around, html, count=1)


def serve(
    store: Path | None,
    host: str = "127.0.0.1",
    port: int = 7860,
    open_browser: bool = False,
    ready: Callable[[str], None] | None = None,
    settings: Settings | None = None,
    people: Options | None = None,
    reports: Path | None = None,
) -> None:
    """Serves the page and the API until interrupted.

    Args:
        store: the folder of the store; None for the default one, which starts with the seed articles.
        host: name or address to listen on.
        port: 0 takes a free one.
        open_browser: open the page in the default browser once it answers.
        ready: called once with the page's address when it answers.
        settings: how every question is answered; by default from the environment.
        people: how readers sign in and who may change the articles; by default nobody signs in.
        reports: the folder of evaluation reports for the Quality tab; by default "reports" where there is one.

    Raises:
        SourceboundError: when the address cannot be listened on, or the store cannot be opened.
    """
    prepare_environment()
    listening = listen(host, port)  # first: a taken port should not cost the wait for the models
    try:
        from rag.ask import open_corpus
        from rag.settings import Settings

        chosen = settings or Settings.from_environment()
        with open_corpus(store, chosen) as corpus:
            examples = Examples(corpus, chosen)
            examples(wait_s=0)  # begun now, so that they are there when the first page opens
            options = people or Options()
            known = open_people(options, host, corpus.path / "people")
            for line in known.warnings:
                _log.warning(line)
            desk = open_desk(asking(chosen), corpus, corpus.path, nearest=nearest_in(corpus), examples=examples)
            with closing(known), closing(desk), closing(examples):
                writes = bool(chosen.model)
                app = build_app(desk, host, people=known, settings=chosen, reports=_reports(reports), writes=writes)
                run(app, listening, open_browser=open_browser, ready=ready, proxied=not options.header)
    finally:
        listening.close()


def _reports(named: Path | None) -> Path | None:
    usual = Path("reports")
    return named or (usual if usual.is_dir() else None)


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
    app: FastAPI,
    listening: socket.socket,
    *,
    open_browser: bool = False,
    ready: Callable[[str], None] | None = None,
    proxied: bool = True,
) -> None:
    """Runs the app on a bound socket until interrupted.

    Args:
        app: what answers.
        listening: see `listen`.
        open_browser: open the page in the default browser once it answers.
        ready: called with the address once it answers.
        proxied: whether a proxy on this machine may say who asks (X-Forwarded-For); not where its own address is
            what makes its word on who is signed in count.
    """
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

    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, proxy_headers=proxied)
    with suppress(KeyboardInterrupt):  # how uvicorn hands on the interrupt that it was stopped by
        Server(config).run(sockets=[listening])

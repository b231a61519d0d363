"""The server: the chat page and a small HTTP API in one process, one worker, nothing fetched from elsewhere."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import SourceboundError
from ui.asking import Ask, Corpus, asking
from ui.guard import LOOPBACK, Guard
from ui.page import EXAMPLES, build_page

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.settings import Settings

_STATIC = Path(__file__).with_name("static")
# In the page's head rather than in Gradio's own css option, which rewrites selectors.
_HEAD = '<link rel="stylesheet" href="/ui/page.css"><script src="/ui/page.js" defer></script>'


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
    ask: Ask,
    corpus: Corpus,
    host: str = "127.0.0.1",
    examples: Sequence[str] = EXAMPLES,
    *,
    writes: bool = False,
) -> FastAPI:
    """The whole server: guard, API, page.

    Args:
        ask: as `ui.asking.asking` makes it; called by many threads at once.
        corpus: as the store.
        host: the address it will be bound to; decides which Host headers are answered.
        examples: questions to click on the page.
        writes: whether a language model writes the answers; then the page shows them as they grow.
    """
    prepare_environment()
    import gradio as gr
    from fastapi import FastAPI
    from fastapi.staticfiles import StaticFiles

    from ui.api import add_api, add_errors

    app = FastAPI(title="Sourcebound", docs_url=None, redoc_url=None, openapi_url=None)
    add_api(app, ask, corpus)
    add_errors(app)
    app.mount("/ui", StaticFiles(directory=_STATIC))
    fonts = {"font": ["system-ui", "sans-serif"], "font_mono": ["ui-monospace", "monospace"]}  # none to download
    gr.mount_gradio_app(
        app,
        build_page(ask, corpus, examples, writes=writes),
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
        from rag.ask import open_corpus
        from rag.settings import Settings

        chosen = settings or Settings.from_environment()
        with open_corpus(store, chosen) as corpus:
            examples = EXAMPLES if store is None else ()  # they ask about the seed articles
            app = build_app(asking(chosen), corpus, host, examples, writes=bool(chosen.model))
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

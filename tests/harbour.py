"""A server over a small real store that holds a hostile article, and answers made by what a question contains."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tiny import TinyEmbedder

from index.articles import Article, content_id
from index.build import cut
from index.chunks import Chunking
from index.errors import StoreError
from index.store import Store, open_store
from rag.answers import Answer, Citation, Position, Provenance, Sentence, Timings, Within
from ui.app import build_app
from ui.desk import Desk, open_desk

if TYPE_CHECKING:
    from fastapi import FastAPI

QUOTE = "The new harbour of Port Ellen opened on 3 May."
OTHER = "It opened its gates only on 4 May."
PLAIN = "A long opening paragraph about the weather.\n\n" * 60 + QUOTE + "\n\nMore about the harbour." * 40
PLAIN += f" {OTHER}"
HOSTILE = (
    """<script>alert(1)</script><img src=http://127.0.0.1:9/x.png onerror="alert(2)"><form action="http://127.0.0.1:9/">
<input autofocus onfocus=alert(3)></form><style>@import url(http://127.0.0.1:9/x.css);</style><iframe src="http://127.0.0.1:9/">
</iframe>"' [x](javascript:alert(4)) ![y](http://127.0.0.1:9/y.png) $latex$ ${alert(5)} {{#each}} \u202eשלום\u202c 🛰️ """
    + "w" * 400
)
EXAMPLES = ("When did the harbour open?", "Who walked on the moon?")


def _article(key: str, source: str, text: str, title: str, outlet: str, day: date | None, url: str | None) -> Article:
    return Article(content_id(text, title, outlet, day), key, source, text, title, outlet, day, url)


PLAIN_ONE = _article(
    "plain", "harbour.txt", PLAIN, "Harbour opens", "The Wire", date(2026, 5, 4), "https://wire.example/harbour"
)
HOSTILE_ONE = _article("hostile", "<b>.txt", HOSTILE, HOSTILE, HOSTILE, None, "javascript:alert(6)")
ARTICLES = {"plain": PLAIN_ONE, "hostile": HOSTILE_ONE}


def fill(store: Store) -> Store:
    """Puts the two articles into a store."""
    store.add([cut(article, store.chunking) for article in ARTICLES.values()])
    return store


@cache
def corpus() -> Store:
    """A store of this test run, in a folder that goes with it."""
    folder = tempfile.TemporaryDirectory(prefix="harbour-")
    store = fill(open_store(Path(folder.name, "store"), TinyEmbedder(), Chunking()))
    store.folder_of_the_run = folder  # type: ignore[attr-defined] - lives as long as the store
    return store


def span(number: int, name: str, quote: str) -> Citation:
    """A citation of an article by its name in ARTICLES."""
    of = ARTICLES[name]
    known = {"title": of.title, "outlet": of.outlet, "published": of.published, "source": of.source}
    start = of.text.index(quote)
    return Citation(number=number, article_id=of.id, start=start, end=start + len(quote), quote=quote, **known)


def ask(question, *, stop, extractive=False, **options):
    """As `ui.asking.Ask`, of an answer that is made in one go."""
    assert not stop
    assert not extractive
    whole = answered(question, **options)
    for sentence in whole.sentences:
        yield sentence, whole.citations
    yield whole


def answered(question, store=None, history=(), since=None, until=None, as_of=None, outlets=()) -> Answer:  # noqa: ARG001
    """Answers by what the question contains; `history` and the filters show in the answer so that tests see them."""
    fields = {
        "question": question,
        "status": "answered",
        "confidence": 0.83,
        "missing": None,
        "within": Within(since=since, until=until, outlets=outlets) if since or until or outlets else None,
        "positions": (),
        "provenance": Provenance(answerer="extractive", checker="rules 1", embedder="bge", corpus="c", version="1"),
        "timings_ms": Timings(retrieve=1, write=1, check=1, total=27.9),
    }
    if "moon" in question:
        text = "The articles do not say who walked on the moon."
        meant = "When did the quay open?" if "kwai" in question else None
        return Answer(**{**fields, "status": "abstained"}, text=text, suggestion=meant, sentences=(), citations=())
    if "broken" in question:
        raise StoreError("the store is broken; run `rag verify`")
    if "bug" in question:
        raise RuntimeError("a secret path")
    cited = (span(1, "hostile", HOSTILE),) if "hostile" in question else (span(1, "plain", QUOTE),)
    said = (
        HOSTILE
        if "hostile" in question
        else f"It opened on 3 May (after {list(history)}, {since}, {until}, {outlets})."
    )
    sentences = [Sentence(text=said, verdict="supported", support=0.98, citations=(1,))]
    if "understood" in question:
        fields["understood"] = "When did the harbour of Port Ellen open?"
    if "differ" in question:
        cited += (span(2, "plain", OTHER),)
        positions = (
            Position(value="3 May", citations=(1,)),
            Position(value="4 May", citations=(2,), difference="disagreement"),
        )
        fields |= {"status": "disputed", "positions": positions}
    if "fifty" in question:
        sentences *= 50
    text = " ".join(f"{sentence.text} [1]" for sentence in sentences)
    return Answer(**fields, text=text, sentences=tuple(sentences), citations=cited)


def desk(folder: Path, asked=ask, store: Store | None = None, **options) -> Desk:
    """A desk whose questions `asked` answers."""
    return open_desk(asked, store or corpus(), folder, **{"examples": lambda: EXAMPLES, **options})


def built(own: Desk, **options) -> FastAPI:
    """The server, made in a thread and a running loop: Gradio otherwise makes loops and leaves them open."""
    apps = []

    async def build() -> None:
        apps.append(build_app(own, **options))

    making = threading.Thread(target=lambda: asyncio.run(build()))
    making.start()
    making.join()
    return apps[0]


@contextmanager
def client_of(app: FastAPI, address: str = "http://127.0.0.1"):
    """A client of an app that raises nothing of the server's."""
    from fastapi.testclient import TestClient

    with TestClient(app, base_url=address, raise_server_exceptions=False) as client:
        yield client

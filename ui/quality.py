"""The Quality tab's routes: the fragment, and the newest evaluation report as its page."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse

from ui.measured import judge_error, page_of, reports
from ui.parts.quality import Model, Quality, render_quality
from ui.people.options import is_loopback
from ui.words import words_of

if TYPE_CHECKING:
    from pathlib import Path

    from index.store import Store
    from rag.settings import Settings

_MARK = 12  # characters of a hash: enough to compare by eye
_SANDBOX = {"content-security-policy": "sandbox allow-scripts"}
"""A report's script sorts its own tables and is let do nothing else: no cookies of this server, no requests as one."""


def add_quality(app: FastAPI, corpus: Store, settings: Settings, folder: Path | None) -> None:
    """Adds `GET /parts/quality` (HTML of the tab) and `GET /quality/report` (a report's own page).

    Args:
        app: where they go.
        corpus: the store that is asked.
        settings: how it is asked.
        folder: of evaluation reports: of one, or of folders with one each; None where there are none.
    """

    @app.get("/parts/quality", response_class=HTMLResponse)
    def fragment(request: Request, report: str = "0") -> HTMLResponse:
        return HTMLResponse(render_quality(quality(corpus, settings, folder, _number(report)), words_of(request)))

    @app.get("/quality/report", response_class=HTMLResponse)
    def page(report: str = "0") -> HTMLResponse:
        found, _ = reports(folder)
        chosen = _number(report)
        body = page_of(found[chosen]) if chosen < len(found) else None
        if body is None:
            raise HTTPException(404, "there is no such report: `rag eval SUITE --report reports/SUITE` makes one")
        return HTMLResponse(body, headers=_SANDBOX)


def quality(corpus: Store, settings: Settings, folder: Path | None, chosen: int = 0) -> Quality:
    """What the tab shows of a store as it is now.

    Args:
        corpus: the store that is asked.
        settings: how it is asked.
        folder: of reports, as in `add_quality`.
        chosen: the number of the report, newest first; the newest one where there is no such number.
    """
    from index.manifest import FORMAT
    from rag.check.configured import configured

    summary = corpus.listing.summary()
    checker = configured(settings).name
    found, broken = reports(folder)
    return Quality(
        corpus=corpus.fingerprint(),
        articles=summary.articles,
        outlets=summary.outlets,
        first=summary.first,
        last=summary.last,
        undated=summary.undated,
        store_format=FORMAT,
        version=version("sourcebound"),
        settings=settings.fingerprint,
        models=models(corpus, settings, checker),
        checker=checker,
        judged=judge_error(checker),
        reports=found,
        chosen=chosen if chosen < len(found) else 0,
        broken=broken,
    )


def models(corpus: Store, settings: Settings, checker: str) -> tuple[Model, ...]:
    """The models in use, in the order they work; of servers the host alone."""
    from index.models import ANSWERABLE, CROSS_ENCODER, VERIFIER
    from rag.extract import NAME

    embedder, mark = corpus.embedder.name, corpus.embedder.fingerprint.rpartition(":")[2]
    asked = settings.model or settings.checker.partition(":")[2]
    writer = (
        Model("answerer", settings.model, host=_host(settings.base_url)) if settings.model else Model("answerer", NAME)
    )
    own = checker.split("-")[0] in ("combined", "trained")
    judge = _host(settings.base_url) if checker.startswith("judge") and asked else ""
    return (
        Model("embedder", embedder, "" if mark == embedder else mark[:_MARK], _host_of_embedder(settings.embedder)),
        Model("reranker", f"ms-marco-MiniLM-L-12 ({CROSS_ENCODER.distribution} {CROSS_ENCODER.version})",
              CROSS_ENCODER.sha256[:_MARK]),
        Model("misses", f"ms-marco-MiniLM-L-12 ({ANSWERABLE.changes})", ANSWERABLE.changes_sha256[:_MARK]),
        writer,
        Model("checker", checker, VERIFIER.changes_sha256[:_MARK] if own else "", judge),
    )  # fmt: skip


def _host(address: str) -> str:
    """The name of a server without port, user or path; "" for this machine."""
    name = urlsplit(address).hostname or "" if address else "api.openai.com"
    return "" if is_loopback(name) else name


def _host_of_embedder(spec: str) -> str:
    kind, _, rest = spec.partition(":")
    return _host(rest.rpartition("@")[2] if "@" in rest else "") if kind == "openai" else ""


def _number(text: str) -> int:
    """A report's number; anything else is the newest one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0

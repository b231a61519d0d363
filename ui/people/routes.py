"""Signing in and out: the routes. Where a browser goes on to is always a path of this server."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ui.people.gate import address_of, cookie_of, cookie_with
from ui.people.pages import STATES, View, sign_in_page, start_in
from ui.people.person import person_of
from ui.people.provider import PENDING_S, ProviderError
from ui.words import LANGUAGES, Words

if TYPE_CHECKING:
    from ui.people.gate import People

_BINDING = "-sign-in"
_STATUS = {"wrong": 403, "wait": 429, "down": 502, "denied": 403, "refused": 403, "late": 403, "proxy": 401}
_log = logging.getLogger(__name__)


def add_routes(app: FastAPI, people: People) -> None:
    """Adds /sign-in, /sign-in/provider, /sign-in/back and /sign-out."""

    @app.get("/sign-in", include_in_schema=False)
    async def shown(request: Request) -> Response:
        target = local_target(request.query_params.get("next", ""))
        if not people.options.on or person_of(request).name:
            return RedirectResponse(target, 303)
        why = request.query_params.get("why", "")
        state = "proxy" if people.options.header else why if why in ("out", "expired") else ""
        return _page(people, request, target, state)

    @app.post("/sign-in", include_in_schema=False)
    async def sent(request: Request) -> Response:
        if people.passwords is None or people.sessions is None:
            return RedirectResponse("/sign-in", 303)
        if not _is_own(request):
            return JSONResponse({"error": "sign in on this server's own page"}, 403)
        form = await _form(request)
        name, target = form.get("name", ""), local_target(form.get("next", ""))
        user, wait = await people.judged(name, form.get("password", ""), address_of(request))
        if user is None:
            _log.warning("wrong name or password from %s", address_of(request))
            return _page(people, request, target, "wait" if wait else "wrong", name=name, wait=wait)
        return _begun(people, request, target, user.name, user.proof)

    @app.get("/sign-in/provider", include_in_schema=False)
    async def leaving(request: Request) -> Response:
        target = local_target(request.query_params.get("next", ""))
        if people.provider is None:
            return RedirectResponse("/sign-in", 303)
        known = request.cookies.get(cookie_of(request, people.options, _BINDING), "")
        origin = people.options.address or str(request.base_url).rstrip("/")
        try:
            address, browser = await people.provider.begin(f"{origin}/sign-in/back", target, known)
        except ProviderError as error:
            return _failed(people, request, target, error)
        answer = RedirectResponse(address, 303)
        answer.headers["set-cookie"] = cookie_with(request, people.options, browser, _BINDING, PENDING_S)
        return answer

    @app.get("/sign-in/back", include_in_schema=False)
    async def back(request: Request) -> Response:
        if people.provider is None:
            return RedirectResponse("/sign-in", 303)
        state, code, denied, issuer = (request.query_params.get(key, "") for key in ("state", "code", "error", "iss"))
        browser = request.cookies.get(cookie_of(request, people.options, _BINDING), "")
        try:
            who = await people.provider.finish(state, code, denied, issuer, browser)
        except ProviderError as error:
            return _failed(people, request, "/", error)
        subject = f"{people.options.issuer}#{who.subject}"
        proof = people.provider.proof
        return _begun(people, request, who.target, who.name, proof, subject=subject, curates=who.curates)

    @app.post("/sign-out", include_in_schema=False)
    async def left(request: Request) -> Response:
        if people.sessions is None:
            return RedirectResponse("/", 303)
        if not _is_own(request):
            return JSONResponse({"error": "sign out on this server's own page"}, 403)
        name = cookie_of(request, people.options)
        if token := request.cookies.get(name):
            people.sessions.end(token)
        language = _words(request).language
        query = urlencode({"why": "out", "lang": language, "next": start_in(language)})
        answer = RedirectResponse(f"/sign-in?{query}", 303)
        answer.headers["set-cookie"] = cookie_with(request, people.options, "")
        return answer


def local_target(target: str) -> str:
    r"""A path of this server to go on to; "/" for anything that could lead elsewhere.

    Browsers read "\" as "/", drop tabs and line breaks, and take "//host" for another server; so only plain
    characters are let through, and only one slash at the start.
    """
    plain = len(target) <= 2000 and re.fullmatch(r"/(?:[!-\[\]-~][!-\[\]-~]*)?", target)
    if not plain or target.startswith(("//", "/sign-", "/api/", "/gradio_api/")):
        return "/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    return "/" if parts.scheme or parts.netloc else target


def _begun(
    people: People, request: Request, target: str, name: str, proof: str, *, subject: str = "", curates: bool = False
) -> Response:
    """A session with a token of its own; what the browser brought along is ended, so that nobody can plant one."""
    assert people.sessions is not None  # noqa: S101 - whoever comes here has signed in
    if old := request.cookies.get(cookie_of(request, people.options)):
        people.sessions.end(old)
    token = people.sessions.begin(name, proof, subject=subject, curates=curates)
    answer = RedirectResponse(target, 303)
    answer.headers["set-cookie"] = cookie_with(request, people.options, token)
    return answer


def _failed(people: People, request: Request, target: str, error: ProviderError) -> Response:
    _log.warning("sign-in at the provider: %s", error)
    return _page(people, request, target, error.state)


def _page(people: People, request: Request, target: str, state: str, *, name: str = "", wait: int = 0) -> Response:
    host = people.provider.host if people.provider else ""
    view = View(target, state if state in STATES else "", name, wait, host, proxy=bool(people.options.header))
    answer = HTMLResponse(sign_in_page(view, _words(request)), _STATUS.get(state, 200))
    if wait:
        answer.headers["retry-after"] = str(wait)
    return answer


def _is_own(request: Request) -> bool:
    """Whether a form was sent from one of this server's own pages; old browsers and programs do not say."""
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; nothing where it is none."""
    body = await request.body()
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def _words(request: Request) -> Words:
    """In the language of the request, of the page it wants to go on to, or the browser's first one that there is."""
    asked = [request.query_params.get("lang", "")]
    asked += re.findall(r"^/([a-z]{2})(?![^/?])", request.query_params.get("next", ""))
    asked += [part.strip()[:2].lower() for part in request.headers.get("accept-language", "")[:200].split(",")]
    return Words(next((language for language in asked if language in LANGUAGES), "en"))

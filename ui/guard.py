"""What stands in front of the page and the API: who may ask, how much, and what a page may load."""

from __future__ import annotations

import json
import logging
import re
from base64 import b64encode
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from ui.people.options import is_loopback
from ui.words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LARGEST_BODY = 64 * 1024  # bytes; a question, its filters and the earlier questions
_LARGEST_EVENT = 4 << 20  # bytes; an event of the page, which may bring the conversations a browser keeps
_STREAMED = "/api/articles/files"  # is judged and written to disk by its route as it comes
INSIDE = "this request failed; the server's log says why"
_log = logging.getLogger(__name__)
LOOPBACK = ("localhost", "127.0.0.1", "::1")
# What the page asks for; Gradio's file, upload, proxy, recording and history routes stay shut.
_PAGES = "|".join(code for code in LANGUAGES if code != "en")
_OPEN = re.compile(
    rf"(/({_PAGES}))?(/|/(assets|static)/.*|/(theme\.css|config|manifest\.json|favicon\.ico)"
    r"|/gradio_api/(queue/(join|data|status)|heartbeat/.*|startup-events|app_id))"
    rf"|/({_PAGES})|/(api|ui|parts)/.*|/quality/report|/(sign-in|sign-out)(/.*)?"
)
_HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",  # with none at all a form's Origin is "null", which is refused below
    b"x-frame-options": b"DENY",
    b"cross-origin-resource-policy": b"same-origin",
}
_NOT_A_PAGE = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


def policy(html: str) -> str:
    """The content security policy of a page: itself only, and of inline scripts only those it was served with.

    Gradio's HTML component compiles its constant template in the browser, hence 'unsafe-eval'; an injected handler or
    inline script still does not run, because its hash is not listed.
    """
    inline = re.findall(r"<script(?:\s+data-[\w-]+)?\s*>(.*?)</script>", html, re.DOTALL)
    hashes = "".join(f" 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in inline)
    return (
        f"default-src 'none'; script-src 'self' 'unsafe-eval'{hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'self'; object-src 'none'"
    )


class Guard:
    """ASGI middleware in front of everything: who may ask (Host, Origin), what (path, size), and response headers.

    Args:
        app: what it guards.
        host: the address the server is bound to. On a loopback address only requests addressed to this machine by name
            are answered, so that a foreign page cannot reach it through a domain it points here.
        dress: what becomes of an HTML page on its way out, before its scripts are hashed: (path, HTML) -> HTML.
    """

    def __init__(self, app: ASGIApp, host: str, dress: Callable[[str, str], str] = lambda _, html: html) -> None:
        self.app = app
        self.dress = dress
        self.hosts = {host.lower(), *LOOPBACK} if is_loopback(host) else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers with an error line, or hands over to the app."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if refused := self._refuse(scope["path"], headers):
            await _send_error(send, *refused)
            return
        sent = _Headers(send, partial(self.dress, scope["path"]))
        if scope["path"] == _STREAMED:
            await self._answered(scope, receive, sent)
            return
        largest = _LARGEST_EVENT if scope["path"].endswith("/queue/join") else _LARGEST_BODY
        body = bytearray()
        message: Message = {"more_body": scope["method"] not in ("GET", "HEAD")}
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
            if len(body) > largest:
                await _send_error(send, 413, f"the request is larger than {largest} bytes; send a shorter one")
                return
        # The page's own document is sent uncompressed: its inline scripts are hashed on the way out.
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        page = scope["path"].startswith(("/parts/", "/quality/")) or scope["path"].strip("/") in ("", *LANGUAGES)
        scope = {**scope, "headers": plain} if page else scope
        await self._answered(scope, _replay(bytes(body), receive), sent)

    async def _answered(self, scope: Scope, receive: Receive, send: _Headers) -> None:
        """What the app answers; where it fails, one line that says nothing of the inside."""
        try:
            await self.app(scope, receive, send)
        except Exception:
            _log.exception("a request failed")
            if send.begun:
                raise
            await _send_error(send.send, 500, INSIDE)

    def _refuse(self, path: str, headers: dict[str, str]) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if self.hosts is not None and _name_of(host) not in self.hosts:
            return 403, f"this server does not answer for host {host!r}; open it as localhost"
        origin = headers.get("origin")
        if origin is not None and origin.split("://")[-1] != host:
            return 403, f"requests from other origins are not answered: {origin!r}"
        if not _OPEN.fullmatch(path):
            return 404, f"there is nothing at {path!r}"
        return None


class _Headers:
    """Adds the security headers to a response; holds a page back until it is dressed and its scripts are hashed."""

    def __init__(self, send: Send, dress: Callable[[str], str]) -> None:
        self.send = send
        self.dress = dress
        self.start: Message | None = None
        self.body = b""
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            kept = [(name, value) for name, value in message["headers"] if not name.startswith(b"access-control-")]
            message = {**message, "headers": [*kept, *_HEADERS.items()]}
            if dict(kept).get(b"content-type", b"").startswith(b"text/html"):
                self.start = message
                return
            message["headers"].append(_NOT_A_PAGE)
        elif self.start is not None:
            self.body += message.get("body", b"")
            if message.get("more_body"):
                return
            html = self.dress(self.body.decode())
            body = html.encode()
            headers = [(name, value) for name, value in self.start["headers"] if name != b"content-length"]
            headers.append((b"content-length", str(len(body)).encode()))
            headers.append((b"content-security-policy", policy(html).encode()))
            await self.send({**self.start, "headers": headers})
            message = {**message, "body": body}
            self.start = None
        await self.send(message)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()  # only the disconnect is left
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _name_of(host: str) -> str:
    """The name in a Host header, without the port: "[::1]:7860" -> "::1"."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.lower()


async def _send_error(send: Send, status: int, line: str) -> None:
    body = json.dumps({"error": line}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [*_HEADERS.items(), _NOT_A_PAGE]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

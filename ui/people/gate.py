"""The guard: finds who a request comes from, in the way that was chosen, and lets nobody in without a person."""

from __future__ import annotations

import asyncio
import base64
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from anyio import to_thread
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response

from ui.people.options import Options, is_loopback
from ui.people.passwords import Passwords, User, folded
from ui.people.passwords import warning as warning_about
from ui.people.person import CURATE, NOBODY, Person, roles_of
from ui.people.sessions import IDLE_S, Sessions
from ui.people.throttle import Throttle

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What the sign-in page itself needs, and what a watching program asks.
_OPEN = re.compile(r"/sign-in(/provider|/back)?|/sign-out|/api/health|/ui/(look|people)\.css|/ui/fonts/[\w-]+\.woff2")
_FIXED = re.compile(r"(/[a-z]{2})?/(ui|assets|static)/.*")  # the same for everybody: a browser may keep it
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_LONGEST_NAME = 200
_MOST_WAITING = 64  # guesses; who comes after them is told to come again


@dataclass(frozen=True)
class Found:
    """What a request says about who sent it.

    Attributes:
        person: None when nobody is signed in.
        token: of the session, with which it was found; None without a session.
        renewed: whether the session's end was moved, so that the cookie's has to move as well.
        status, line: the answer to a request without a person.
        wait: seconds, rounded up, after which a refused guess may be repeated; 0 for no guess.
        expired: whether it came with the cookie of a session that is over.
    """

    person: Person | None = None
    token: str | None = None
    renewed: bool = False
    status: int = 401
    line: str = "sign in first, on this server's page"
    wait: int = 0
    expired: bool = False


_OVER = Found(line="your session has ended; open this page again to sign in", expired=True)


class People:
    """Who may use a server, made by `ui.people.open_people`.

    Args:
        options: how people sign in.
        host: the address the server is bound to.
        folder: where sessions are kept; None for memory alone.

    Attributes:
        warnings: lines for whoever starts the server.

    Raises:
        SettingsError: the password file or the folder cannot be used.
    """

    def __init__(self, options: Options, host: str, folder: Path | None = None) -> None:
        from ui.people.provider import Provider

        self.options = options
        self.passwords = Passwords(options.users) if options.users else None
        self.provider = Provider(options) if options.issuer else None
        self.sessions = Sessions(folder) if self.passwords or self.provider else None
        self.throttle = Throttle()
        self._one = asyncio.Lock()
        self._waiting = 0
        self._local = is_loopback(host)
        open_file = warning_about(options.users) if options.users else None
        plain = (
            "names and passwords travel unencrypted; put a proxy with TLS in front and give its --address https://..."
            if self.sessions and not self._local and not (options.address or "").startswith("https:")
            else None
        )
        self.warnings = tuple(line for line in (open_file, plain) if line)

    def close(self) -> None:
        """Closes what sessions are kept in."""
        if self.sessions:
            self.sessions.close()

    def guard(self, app: ASGIApp) -> ASGIApp:
        """The guard in front of an app, for `app.add_middleware(people.guard)`."""
        return Gate(app, self)

    def add_routes(self, app: FastAPI) -> None:
        """Adds the pages of signing in and out."""
        from ui.people.routes import add_routes

        add_routes(app, self)

    async def find(self, connection: HTTPConnection) -> Found:
        """Who a request comes from."""
        if self.options.header:
            return self._behind_proxy(connection)
        if self.sessions is None:
            return Found(Person(None, roles_of(curates=self._anyone_curates(connection))))
        if self.passwords and connection.url.path.startswith("/api/") and "authorization" in connection.headers:
            return await self._with_password(connection)
        token = connection.cookies.get(cookie_of(connection, self.options))
        if not token:
            return Found()
        session = self.sessions.find(token)
        if session is None:
            return _OVER
        curates, proof = session.curates, self.provider.proof if self.provider else ""
        if self.passwords:
            user = self.passwords.find(session.name)
            proof = user.proof if user else ""
            curates = user is not None and self._curates(user)
        if not proof or proof != session.proof:  # the user is gone or has another password
            self.sessions.end(token)
            return _OVER
        person = Person(session.name, roles_of(curates=curates), session.subject, may_leave=True)
        return Found(person, token, self.sessions.renew(token, session))

    async def judged(self, name: str, password: str, address: str) -> tuple[User | None, int]:
        """Whether a name and a password are right.

        One guess is judged at a time: each takes 32 MiB, and of several at once not one may miss the others' count.

        Returns:
            The user, or None and the seconds to wait, rounded up, before the next guess will be looked at; 0 for none.
        """
        if self.passwords is None:
            return None, 0
        if self._waiting >= _MOST_WAITING:
            return None, 1
        self._waiting += 1
        try:
            async with self._one:
                if wait := self.throttle.begin(folded(name), address):
                    return None, math.ceil(wait)
                user = await to_thread.run_sync(self.passwords.check, name, password)
                if user:
                    self.throttle.right(folded(name), address)
                return user, 0
        finally:
            self._waiting -= 1

    def _anyone_curates(self, connection: HTTPConnection) -> bool:
        if self.options.curate == "local":  # what a proxy hands on comes from this machine, but not from its user
            return self._local and not any(name in connection.headers for name in _FORWARDED)
        return self.options.curate == "anyone"

    def _curates(self, user: User) -> bool:
        return user.role == CURATE or self.options.curates({user.name}, set())

    async def _with_password(self, connection: HTTPConnection) -> Found:
        """HTTP Basic (RFC 7617), for programs."""
        unusable = Found(line="send a name and a password (HTTP Basic), or sign in on this server's page")
        scheme, _, value = connection.headers["authorization"].partition(" ")
        try:
            name, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
        except ValueError:  # not base64, or not UTF-8
            colon = ""
        if scheme.lower() != "basic" or not colon:
            return unusable
        user, wait = await self.judged(name, password, address_of(connection))
        if user:
            return Found(Person(user.name, roles_of(curates=self._curates(user))))
        if wait:
            return Found(status=429, line=f"too many wrong passwords; try again in {wait} s", wait=wait)
        return Found(line="name or password is wrong")

    def _behind_proxy(self, connection: HTTPConnection) -> Found:
        names, groups = (connection.headers.getlist(name) if name else [] for name in self._headers)
        if not self.options.trusts(address_of(connection)):
            if names or groups:
                return Found(status=403, line=f"the header {self.options.header!r} is not believed from your address")
            return Found(line="this server is used through the proxy in front of it; open the proxy's address")
        try:
            name = names[0].encode("latin-1").decode().strip() if len(names) == 1 else ""
            listed = ",".join(groups).encode("latin-1").decode()
        except UnicodeError:
            name = ""
        if not (name and name.isprintable() and len(name) <= _LONGEST_NAME):
            return Found(line=f"the proxy says nobody is signed in (header {self.options.header!r}); sign in there")
        curates = self.options.curates({name}, {group.strip() for group in listed.split(",")} - {""})
        return Found(Person(name, roles_of(curates=curates)))

    @property
    def _headers(self) -> tuple[str, str]:
        return self.options.header, self.options.groups


class Gate:
    """ASGI middleware: sets `scope["state"]["person"]`; without one, pages lead to the sign-in and the rest is refused.

    Args:
        app: what it guards.
        people: who may pass.
    """

    def __init__(self, app: ASGIApp, people: People) -> None:
        self.app = app
        self.people = people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands over to the app with a person, or answers."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        found = await self.people.find(connection)
        scope = {**scope, "state": {**scope.get("state", {}), "person": found.person or NOBODY}}
        if found.person is None and (found.status == 403 or not _OPEN.fullmatch(scope["path"])):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._refusal(connection, found)(scope, receive, send)
            return
        await self.app(scope, receive, self._sending(connection, found, send))

    def _refusal(self, connection: HTTPConnection, found: Found) -> Response:
        path, query = connection.scope["path"], connection.url.query
        page = "text/html" in connection.headers.get("accept", "") and connection.scope.get("method") in ("GET", "HEAD")
        if page and found.status == 401 and not path.startswith("/api/"):
            asked = {"next": f"{connection.url.path}{f'?{query}' if query else ''}"}
            asked |= {"why": "expired"} if found.expired else {}
            asked |= {"lang": connection.query_params["lang"]} if "lang" in connection.query_params else {}
            answer: Response = RedirectResponse(f"/sign-in?{urlencode(asked)}", 303)
        else:
            answer = JSONResponse({"error": found.line}, found.status)
        if found.wait:
            answer.headers["retry-after"] = str(found.wait)
        # Programs learn how; a browser would put up a window of its own over the page.
        if found.status == 401 and self.people.passwords and "sec-fetch-mode" not in connection.headers:
            answer.headers["www-authenticate"] = 'Basic realm="Sourcebound", charset="UTF-8"'
        answer.headers["cache-control"] = "no-store"
        return answer

    def _sending(self, connection: HTTPConnection, found: Found, send: Send) -> Send:
        """Moves the cookie's end when the session's has moved, and keeps what is one person's out of caches."""
        if not self.people.options.on:
            return send

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                names = {name.lower() for name, _ in headers}
                if b"cache-control" not in names and not _FIXED.fullmatch(connection.scope["path"]):
                    headers.append((b"cache-control", b"no-store"))
                # Signing out sends a cookie of its own.
                if found.renewed and found.token and b"set-cookie" not in names:
                    cookie = cookie_with(connection, self.people.options, found.token)
                    headers.append((b"set-cookie", cookie.encode("latin-1")))
                message = {**message, "headers": headers}
            await send(message)

        return sending


def is_https(connection: HTTPConnection, options: Options) -> bool:
    """Whether the browser reached this server encrypted, by what was configured or else by the request."""
    return options.address.startswith("https:") if options.address else connection.url.scheme in ("https", "wss")


def cookie_of(connection: HTTPConnection, options: Options, suffix: str = "") -> str:
    """The cookie's name. Over https no other host can set it; without, servers on other ports have other names."""
    if is_https(connection, options):
        return f"__Host-sourcebound{suffix}"
    return f"sourcebound-{connection.url.port or 80}{suffix}"


def cookie_with(
    connection: HTTPConnection, options: Options, value: str, suffix: str = "", seconds: int = IDLE_S
) -> str:
    """A Set-Cookie header; with an empty value the cookie is removed."""
    secure = "; Secure" if is_https(connection, options) else ""
    age = seconds if value else 0
    name = cookie_of(connection, options, suffix)
    return f"{name}={value}; Max-Age={age}; Path=/; HttpOnly; SameSite=Lax{secure}"


def address_of(connection: HTTPConnection) -> str:
    """Where a request comes from; empty when the connection has no address."""
    return connection.client.host if connection.client else ""

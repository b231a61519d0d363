"""Sign-in at an OpenID provider: the authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636, RFC 9207).

The provider's address is the only one this server asks by itself, and only when it is configured. Tokens are verified
by joserfc; nothing of theirs is believed before.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc.jwk import KeySet

from index.errors import SourceboundError
from ui.people import tokens
from ui.people.options import Options, is_loopback

TIMEOUT_S, PENDING_S = 10.0, 600
"""Seconds: for a request to the provider; in which a sign-in has to be finished."""

DOWN, DENIED, REFUSED, LATE = "down", "denied", "refused", "late"
"""How a sign-in fails: the provider does not answer as it should; it says no; what came back is not to be believed;
this sign-in was not begun here, is used up or took too long."""

_LARGEST = 1024 * 1024  # bytes of a reply
_MOST_PENDING = 50_000
_FRESH_S = 3600.0  # how long what the provider says about itself is used
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderError(SourceboundError):
    """A sign-in at the provider failed.

    Args:
        state: DOWN, DENIED, REFUSED or LATE.
        message: one line for the server's log.
    """

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state


@dataclass(frozen=True)
class Identity:
    """Who the provider says signed in.

    Attributes:
        name: to be shown: user name, else address, else name, else the subject.
        subject: what the provider gives to one person for ever.
        curates: by its groups, its subject or its verified address.
        target: the path to go on to, as it was given at the start.
    """

    name: str
    subject: str
    curates: bool
    target: str


@dataclass(frozen=True)
class _Pending:
    """A sign-in that was begun: what the answer has to fit."""

    browser: str
    verifier: str
    nonce: str
    back: str
    target: str
    begun: float


class Provider:
    """An OpenID provider.

    Args:
        options: with `issuer`, `client`, `secret` and `curators`.
        transport: in place of the network, for tests.
    """

    def __init__(self, options: Options, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._options = options
        self._transport = transport
        self._pending: OrderedDict[str, _Pending] = OrderedDict()
        self._about: dict[str, Any] = {}
        self._about_at = 0.0
        self._keys: KeySet | None = None

    @property
    def host(self) -> str:
        """The provider's host, to be shown."""
        return urlsplit(self._options.issuer).netloc

    @property
    def proof(self) -> str:
        """What sessions rest on: another provider or client ends them."""
        return hashlib.sha256(f"{self._options.issuer} {self._options.client}".encode()).hexdigest()[:32]

    async def begin(self, back: str, target: str, known: str = "") -> tuple[str, str]:
        """Begins a sign-in.

        Args:
            back: the address of this server that the provider sends the browser to.
            target: the path to go on to in the end.
            known: the secret of another sign-in that this browser has begun, so that both can be finished.

        Returns:
            The address to send the browser to, and a secret that the browser has to bring back in a cookie.

        Raises:
            ProviderError: the provider is down.
        """
        about = await self._discovered()
        state, nonce, verifier, fresh = (secrets.token_urlsafe(32) for _ in range(4))
        browser = known if re.fullmatch(r"[\w-]{43}", known, re.ASCII) else fresh
        now = time.monotonic()
        self._pending[state] = _Pending(_hash(browser), verifier, nonce, back, target, now)
        while len(self._pending) > _MOST_PENDING or now - next(iter(self._pending.values())).begun > PENDING_S:
            self._pending.popitem(last=False)
        scopes = ["openid", "profile", "email", *(["groups"] if "groups" in _list(about, "scopes_supported") else [])]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._options.client,
            "redirect_uri": back,
            "scope": " ".join(scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = about["authorization_endpoint"]
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}", browser

    async def finish(self, state: str, code: str, error: str, issuer: str, browser: str) -> Identity:
        """Ends a sign-in with what the browser brought back.

        Args:
            state: of the query, as the others; empty where missing.
            code: what the token is got with.
            error: the provider's word for why there is no code.
            issuer: the provider's name, where it gives it.
            browser: the secret from the cookie.

        Raises:
            ProviderError: whatever does not fit; the state is used up all the same.
        """
        pending = self._pending.get(state)
        if pending is None or not hmac.compare_digest(pending.browser, _hash(browser)):
            raise ProviderError(LATE, "a sign-in came back that this server did not begin in that browser")
        del self._pending[state]
        if time.monotonic() - pending.begun > PENDING_S:
            raise ProviderError(LATE, f"a sign-in took longer than {PENDING_S} s")
        about = await self._discovered()
        if issuer and issuer != about["issuer"]:
            raise ProviderError(REFUSED, f"the answer names the provider {issuer[:200]!r}, not {about['issuer']!r}")
        if error or not code:
            raise ProviderError(DENIED, f"the provider answered {(error or 'without a code')[:200]!r}")
        token = await self._token(about, code, pending)
        claims = await self._verified(about, token, pending.nonce)
        return self._identity(claims, pending.target)

    async def _discovered(self) -> dict[str, Any]:
        """What the provider says about itself, asked again after an hour."""
        if self._about and time.monotonic() - self._about_at < _FRESH_S:
            return self._about
        issuer = self._options.issuer.removesuffix("/")
        about = await self._reply("GET", f"{issuer}/.well-known/openid-configuration")
        if not isinstance(about.get("issuer"), str) or about["issuer"].removesuffix("/") != issuer:
            raise ProviderError(DOWN, f"the provider calls itself {about.get('issuer')!r}, not {issuer!r}")
        plain = is_loopback(urlsplit(issuer).hostname or "")
        for name in _ADDRESSES:
            parts = urlsplit(about[name]) if isinstance(about.get(name), str) else None
            local = parts and parts.scheme == "http" and plain and is_loopback(parts.hostname or "")
            if parts is None or not (parts.scheme == "https" or local):
                raise ProviderError(DOWN, f"the provider's {name} is {about.get(name)!r}, not an https address")
        self._about, self._about_at = about, time.monotonic()
        return about

    async def _token(self, about: dict[str, Any], code: str, pending: _Pending) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": pending.back,
            "code_verifier": pending.verifier,
        }
        auth = None
        client, secret = self._options.client, self._options.secret
        ways = _list(about, "token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if secret and "client_secret_basic" in ways:
            auth = httpx.BasicAuth(quote(client, safe=""), quote(secret, safe=""))
        else:
            form |= {"client_id": client, **({"client_secret": secret} if secret else {})}
        token = (await self._reply("POST", about["token_endpoint"], form, auth)).get("id_token")
        if not isinstance(token, str):
            raise ProviderError(REFUSED, "the provider's answer has no ID token")
        return token

    async def _verified(self, about: dict[str, Any], token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token; the provider's keys are asked for again once, since it may have changed them."""
        expected = tokens.Expected(about["issuer"], self._options.client, nonce)
        try:
            if self._keys is not None:
                try:
                    return tokens.verified(token, self._keys, expected)
                except tokens.UnknownKeyError:
                    pass
            self._keys = tokens.key_set(await self._reply("GET", about["jwks_uri"]))
            return tokens.verified(token, self._keys, expected)
        except tokens.TokenError as error:
            raise ProviderError(REFUSED, str(error)) from error

    def _identity(self, claims: dict[str, Any], target: str) -> Identity:
        subject = claims["sub"]
        email = claims.get("email")
        # Everyone can claim a user name or an address that nobody verified: neither makes a curator.
        names = {subject, *([email] if isinstance(email, str) and claims.get("email_verified") is True else [])}
        shown = (claims.get(key) for key in ("preferred_username", "email", "name"))
        name = next((text.strip() for text in shown if isinstance(text, str) and text.strip()), subject)
        curates = self._options.curates(names, set(_list(claims, "groups")))
        return Identity("".join(c for c in name if c.isprintable())[:100] or subject[:100], subject, curates, target)

    async def _reply(
        self, method: str, url: str, form: dict[str, str] | None = None, auth: httpx.BasicAuth | None = None
    ) -> dict[str, Any]:
        """A JSON object from the provider; redirects are not followed, size and time are bounded."""
        shown = urlsplit(url)._replace(query="").geturl()
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                httpx.AsyncClient(transport=self._transport, timeout=TIMEOUT_S) as client,
                client.stream(method, url, data=form, auth=auth, headers={"Accept": "application/json"}) as reply,
            ):
                body = b""
                async for part in reply.aiter_bytes():
                    body += part
                    if len(body) > _LARGEST:
                        raise ProviderError(DOWN, f"{shown!r} answered with more than {_LARGEST} bytes")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise ProviderError(DOWN, f"{shown!r} does not answer ({type(error).__name__})") from error
        try:
            found = json.loads(body)
        except ValueError:
            found = None
        if form is not None and 400 <= reply.status_code < 500:  # the code is wrong or used up, or the client's secret
            why = found.get("error") if isinstance(found, dict) else None
            raise ProviderError(REFUSED, f"{shown!r} answered {reply.status_code} {str(why)[:100]!r}")
        if reply.status_code != 200 or not isinstance(found, dict):
            raise ProviderError(DOWN, f"{shown!r} answered {reply.status_code}, or not with a JSON object")
        return found


def _list(record: dict[str, Any], name: str) -> list[str]:
    """A claim that should be a list of texts; a lone text is a list of one."""
    value = record.get(name)
    found = value if isinstance(value, list) else [value]
    return [text for text in found if isinstance(text, str)]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

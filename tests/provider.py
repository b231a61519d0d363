"""A small OpenID provider on loopback, with RS256 keys that can be changed, that tells the lies a test asks for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

CLIENT, SECRET = "sourcebound", "s3cret: with/odd+letters"

# Two are enough to change from one to the other; making one takes a moment.
_KEYS = itertools.cycle([rsa.generate_private_key(65537, 2048) for _ in range(2)])


@dataclass
class Provider:
    """What the provider knows and how it lies.

    Attributes:
        claims: of whoever signs in; override what the token would say by itself.
        missing: claims that the token leaves out.
        down: answer everything with 503.
        unsigned: sign tokens with "none".
        shared: sign tokens with HS256 and the public key's text, as a confused verifier would accept.
        denies: send the browser back with this error.
        about: override what it says about itself.
        asked: the paths that were asked for.
        issuer: its own address.
        codes: what was asked with each code that is not used up.
    """

    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "ana"})
    missing: tuple[str, ...] = ()
    down: bool = False
    unsigned: bool = False
    shared: bool = False
    denies: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    issuer: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rotate()

    def rotate(self) -> None:
        """Signs with a new key from now on; the old one is published no more."""
        self.key = next(_KEYS)
        self.kid = secrets.token_hex(4)

    def token(self, nonce: str) -> str:
        """An ID token, as it would be or as the test wants it."""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.claims}
        claims = {name: value for name, value in claims.items() if name not in self.missing}
        algorithm = "none" if self.unsigned else "HS256" if self.shared else "RS256"
        head = f"{_part({'alg': algorithm, 'kid': self.kid, 'typ': 'JWT'})}.{_part(claims)}"
        if self.unsigned:
            return f"{head}."
        if self.shared:
            form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            made = hmac.digest(self.key.public_key().public_bytes(*form), head.encode(), "sha256")
        else:
            made = self.key.sign(head.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{head}.{_text(made)}"

    def keys(self) -> dict[str, Any]:
        """The public key as a JWK set."""
        numbers = self.key.public_key().public_numbers()
        n, e = (_text(value.to_bytes((value.bit_length() + 7) // 8, "big")) for value in (numbers.n, numbers.e))
        return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": n, "e": e}]}

    def app(self) -> FastAPI:
        """Its four routes."""
        app = FastAPI()

        @app.middleware("http")
        async def watched(request: Request, call_next: Any) -> Response:
            self.asked.append(request.url.path)
            return JSONResponse({}, 503) if self.down else await call_next(request)

        @app.get("/.well-known/openid-configuration")
        async def about() -> dict[str, Any]:
            names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            found = {name: f"{self.issuer}/{path}" for name, path in names.items()}
            return {"issuer": self.issuer, "scopes_supported": ["openid", "groups"], **found, **self.about}

        @app.get("/authorize")
        async def authorize(request: Request) -> Response:
            query = dict(request.query_params)
            assert query["client_id"] == CLIENT
            assert query["response_type"] == "code"
            assert query["code_challenge_method"] == "S256"
            back = {"state": query["state"], "iss": self.issuer}
            if self.denies:
                back["error"] = self.denies
            else:
                back["code"] = secrets.token_hex(8)
                self.codes[back["code"]] = query
            return RedirectResponse(f"{query['redirect_uri']}?{urlencode(back)}", 302)

        @app.post("/token")
        async def token(request: Request) -> Response:
            form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
            given = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode().split(":")
            query = self.codes.pop(form["code"], None)  # a code holds once
            challenge = _text(hashlib.sha256(form["code_verifier"].encode()).digest())
            right = query is not None and query["code_challenge"] == challenge
            right = right and query["redirect_uri"] == form["redirect_uri"]
            if not right or [unquote(part) for part in given] != [CLIENT, SECRET]:
                return JSONResponse({"error": "invalid_grant"}, 400)
            return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": self.token(query["nonce"])})

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            return self.keys()

        return app


def _part(record: dict[str, Any]) -> str:
    return _text(json.dumps(record).encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

"""ID tokens: signature, issuer, audience, time and nonce, as OpenID Connect Core 1.0 asks in section 3.1.3.7."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from index.errors import SourceboundError

SKEW_S = 60
"""Seconds by which the provider's clock may differ from ours."""

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures that only the provider can make: "none" and those made with a shared secret are not among them."""


class TokenError(SourceboundError):
    """A token, or the keys to verify it with, cannot be believed."""


class UnknownKeyError(TokenError):
    """The token is not signed with one of the keys; the provider may have new ones."""


@dataclass(frozen=True)
class Expected:
    """What a token has to say: who made it, for whom, in answer to what."""

    issuer: str
    client: str
    nonce: str


def key_set(reply: dict[str, Any]) -> KeySet:
    """The provider's keys (RFC 7517); raises TokenError when they cannot be read."""
    try:
        return KeySet.import_key_set(reply)  # type: ignore[arg-type] # what is wrong with it is raised
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"the provider's keys cannot be read ({type(error).__name__})"
        raise TokenError(msg) from error


def verified(token: str, keys: KeySet, expected: Expected) -> dict[str, Any]:
    """The claims of a token that holds; `sub` is a text that is not empty.

    Raises:
        UnknownKeyError: it is signed by somebody else.
        TokenError: anything else about it is wrong.
    """
    needed: dict[str, Any] = {
        "iss": {"essential": True, "value": expected.issuer},
        "aud": {"essential": True, "value": expected.client},
        **{name: {"essential": True} for name in ("sub", "exp", "iat", "nonce")},
    }
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(leeway=SKEW_S, **needed).validate(claims)
    except (InvalidKeyIdError, BadSignatureError) as error:
        msg = f"the provider's ID token is signed with an unknown key ({type(error).__name__})"
        raise UnknownKeyError(msg) from error
    except (JoseError, ValueError, TypeError) as error:
        msg = f"the provider's ID token does not hold: {type(error).__name__}: {error}"[:300]
        raise TokenError(msg) from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    party = claims.get("azp", None if several else expected.client)
    if party != expected.client or claims["nonce"] != expected.nonce:
        msg = f"the provider's ID token was made for {party!r}, or not in answer to this sign-in"[:300]
        raise TokenError(msg)
    return claims

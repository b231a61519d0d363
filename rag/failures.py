"""How a call to a language model can fail: states, words, remedies; and what its server may not know. Pure."""

from __future__ import annotations

import contextlib
import math
import re

from index.errors import ModelCallError

OFFER = 'or have the articles\' own sentences: --extractive, in Python Settings(model="")'
"""What a reader can do at once when the model fails."""

REMEDIES = {
    "wrong_key": "correct OPENAI_API_KEY",
    "no_right": "ask for the right to use this model, or set RAG_MODEL to another",
    "no_model": "correct RAG_MODEL or OPENAI_BASE_URL",
    "rate_limit": "wait and ask again",
    "no_credit": "pay the account or use another",
    "timeout": "ask again, or raise RAG_MODEL_TIMEOUT",
    "unreachable": "start the server, or correct OPENAI_BASE_URL or the proxy",
    "server": "ask again, or look at the server's log",
    "broken": "ask again",
    "context": "set RAG_MODEL_CONTEXT to what the model has, or use one that has more",
    "budget": "raise RAG_BUDGET_ANSWER or RAG_BUDGET_DAY",
    "filtered": "ask in other words",
    "bad_reply": "check that OPENAI_BASE_URL is the address of a server that speaks the OpenAI protocol",
    "refused": "mend what is said here, or set RAG_MODEL to another",
}
"""What to do about each state."""

AGAIN = frozenset(["rate_limit", "server", "unreachable"])
"""States that may pass by themselves."""

MAY_LACK = {
    "stream_options": ("stream_options", "include_usage"),
    "schema": ("response_format", "json_schema", "json_object", "grammar"),
    "max_tokens": ("max_tokens",),
    "temperature": ("temperature",),
    "system": ("system role", "system message", "system prompt", "'system'", '"system"', "role system"),
    "stream": ("stream", "streaming"),
}
"""What a server or model may not know, and the words by which its refusal names it; then the call goes without."""


WORDS = {
    "wrong_key": "refused the key",
    "no_right": "refused the request",
    "no_model": "does not know the model or the address",
    "rate_limit": "has too much to do",
    "no_credit": "has no credit left",
    "timeout": "did not answer in time",
    "unreachable": "cannot be reached",
    "server": "failed",
    "broken": "broke off in the middle of its reply",
    "context": "has too small a context for the passages",
    "budget": "was not asked",
    "filtered": "held back its reply",
    "bad_reply": "replied with something that is no reply of a language model",
    "refused": "refused the request",
}
"""What happened, after the name of the model."""

LOST = frozenset(["unreachable", "bad_reply", "broken"])
"""States that are one once a reply has begun: it broke off."""

LONGEST = 200
"""Characters of what a server says that are shown."""

_CONTEXT = ("context length", "context_length", "context size", "context window", "maximum context", "exceed_context")
_FILTER = ("content_filter", "content management policy")


def fault(model: str, state: str, said: str = "") -> ModelCallError:
    """A failed call in one line: which model, what happened, what the server said of it, what to do."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in said).split())
    reason = f" ({line if len(line) <= LONGEST else line[: LONGEST - 1] + '…'})" if line else ""
    return ModelCallError(state, f"{model} {WORDS[state]}{reason}; {REMEDIES[state]}")


def said(exc: Exception) -> str:
    """What an error of the client says: its status and the server's own words, or why there is no connection."""
    import openai

    if isinstance(exc, openai.APIStatusError):
        words = exc.body.get("message") if isinstance(exc.body, dict) else None
        return f"{exc.status_code}: {words}" if isinstance(words, str) else str(exc)
    if isinstance(exc, openai.APIConnectionError):
        return str(exc.__cause__ or exc)
    return str(exc)


def masked(text: str, key: str) -> str:
    """A text without the words that tell of a key: all of it, or of a long one its end or any six signs in a row."""
    parts = {key} - {""}
    if len(key) >= 12:
        parts |= {key[-4:], *(key[start : start + 6] for start in range(len(key) - 5))}
    return " ".join("***" if any(part in word for part in parts) else word for word in text.split())


def pause(exc: Exception, tries: int) -> float:
    """Seconds until it is asked again: what the server says, else half a second, doubled with every try."""
    headers = getattr(getattr(exc, "response", None), "headers", {})
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        with contextlib.suppress(KeyError, ValueError):
            wait = float(headers[name]) / unit
            if wait >= 0 and math.isfinite(wait):
                return wait
    return 0.5 * 2.0**tries


def state_of(exc: Exception) -> str:
    """Which of `REMEDIES` an error of the client means."""
    import httpx
    import openai

    said = str(exc).lower()
    if isinstance(exc, openai.RateLimitError):
        return "no_credit" if "insufficient_quota" in said else "rate_limit"
    if isinstance(exc, openai.BadRequestError) and any(words in said for words in _CONTEXT):
        return "context"
    if isinstance(exc, openai.BadRequestError) and any(words in said for words in _FILTER):
        return "filtered"
    kinds: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
        (openai.AuthenticationError, "wrong_key"),
        (openai.PermissionDeniedError, "no_right"),
        (openai.NotFoundError, "no_model"),
        ((openai.APITimeoutError, httpx.TimeoutException, TimeoutError), "timeout"),
        ((openai.APIConnectionError, httpx.ConnectError), "unreachable"),
        (openai.InternalServerError, "server"),
        (openai.APIStatusError, "refused"),
        (httpx.TransportError, "broken"),
        (openai.APIError, "server"),
    )
    return next((state for kind, state in kinds if isinstance(exc, kind)), "bad_reply")


def lacking(exc: Exception, known: frozenset[str], schema: bool) -> str | None:
    """What a server refuses to know; of a schema that it cannot follow it does not always say so."""
    import openai

    refused = isinstance(exc, openai.BadRequestError | openai.UnprocessableEntityError)
    if not refused or state_of(exc) != "refused":
        return None
    told = said(exc).lower()
    for name, words in MAY_LACK.items():
        asked = name not in known and (schema or name != "schema")
        if asked and any(re.search(rf"(?<!\w){word}(?!\w)", told) for word in words):
            return name
    return "schema" if schema and "schema" not in known else None

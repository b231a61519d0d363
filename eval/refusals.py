"""How servers of the OpenAI protocol refuse a request: status, headers and error object, worded as theirs are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from eval.scripted import Asked, Failure, ScriptedServer


@dataclass(frozen=True)
class Refusal:
    """A reply that is an error.

    Attributes:
        status: of HTTP, 400 to 599.
        body: what is sent as JSON.
        headers: sent beside the usual ones.
    """

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def _error(
    status: int, message: str, kind: str = "invalid_request_error", param: str | None = None, code: str | None = None
) -> Refusal:
    return Refusal(status, {"error": {"message": message, "type": kind, "param": param, "code": code}})


def refused(asked: Asked, server: ScriptedServer) -> Refusal | None:
    """What a server finds wrong with a request before its model sees it: key, model, parameters it lacks."""
    key = _key(asked)
    if key != server.key:
        return _wrong_key(key)
    if asked.fields.get("model") != server.model:
        return _no_model(str(asked.fields.get("model")))
    if "stream_options" in asked.fields and not asked.stream:
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        return _error(400, message, param="stream_options")
    for lacking in sorted(server.without):
        there = _has_system(asked) if lacking == "system" else _is_set(asked, lacking)
        if there:
            return _unsupported(lacking, asked)
    return None


def refusal(failure: Failure, asked: Asked) -> Refusal | None:
    """What a failure of a script sends, None for those that do not refuse."""
    make = _KINDS.get(failure.kind)
    return make(failure, asked) if make else None


def _key(asked: Asked) -> str:
    return asked.headers.get("api-key") or asked.headers.get("authorization", "").removeprefix("Bearer ")


def _has_system(asked: Asked) -> bool:
    return any(message.get("role") in ("system", "developer") for message in asked.messages)


def _is_set(asked: Asked, parameter: str) -> bool:
    value = asked.fields.get(parameter)
    return value is not None and value is not False


def _wrong_key(key: str) -> Refusal:
    shown = f"{key[:8]}{'*' * (len(key) - 12)}{key[-4:]}" if len(key) > 12 else "*" * len(key)
    message = f"Incorrect API key provided: {shown}. You can find your API key in your account's settings."
    return _error(401, message, code="invalid_api_key")


def _no_model(name: str) -> Refusal:
    return _error(404, f"The model `{name}` does not exist or you do not have access to it.", code="model_not_found")


def _unsupported(what: str, asked: Asked) -> Refusal:
    """OpenAI has a sentence for some parameters and one for all that it has never heard of."""
    if what == "system":
        place = next(n for n, message in enumerate(asked.messages) if message.get("role") in ("system", "developer"))
        role, where = asked.messages[place]["role"], f"messages[{place}].role"
        message = f"Unsupported value: '{where}' does not support '{role}' with this model."
        return _error(400, message, param=where, code="unsupported_value")
    if what == "response_format":
        kind = asked.fields["response_format"].get("type")
        message = f"Invalid parameter: 'response_format' of type '{kind}' is not supported with this model."
        return _error(400, message, param="response_format")
    if what == "temperature":
        value = asked.fields["temperature"]
        message = f"Unsupported value: 'temperature' does not support {value} with this model."
        return _error(400, message, param="temperature", code="unsupported_value")
    if what == "max_tokens":
        message = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        )
        return _error(400, message, param="max_tokens", code="unsupported_parameter")
    if what == "stream":
        message = "Unsupported value: 'stream' does not support true with this model. Supported values are: false."
        return _error(400, message, param="stream", code="unsupported_value")
    return _error(400, f"Unrecognized request argument supplied: {what}")


def _later(refusal: Refusal, failure: Failure) -> Refusal:
    """With the headers that say when to come again: whole seconds for all clients, milliseconds for some."""
    headers = {"Retry-After": str(math.ceil(failure.wait)), "Retry-After-Ms": str(round(failure.wait * 1000))}
    return Refusal(refusal.status, refusal.body, headers)


def _repeats_key(_: Failure, asked: Asked) -> Refusal:
    return _error(401, f"Authentication Error, Invalid proxy server token passed: {_key(asked)}", "auth_error")


def _no_right(_: Failure, asked: Asked) -> Refusal:
    message = f"Project `proj_4f1a` does not have access to model `{asked.fields.get('model')}`"
    return _error(403, message, code="model_not_found")


def _rate_limit(failure: Failure, asked: Asked) -> Refusal:
    model, wait = asked.fields.get("model"), round(failure.wait * 1000)
    message = (
        f"Rate limit reached for {model} on requests per min (RPM): Limit 3, Used 3. Please try again in {wait}ms."
    )
    return _later(_error(429, message, "requests", code="rate_limit_exceeded"), failure)


def _no_quota(_: Failure, __: Asked) -> Refusal:
    message = "You exceeded your current quota, please check your plan and billing details."
    return _error(429, message, "insufficient_quota", code="insufficient_quota")


def _overloaded(failure: Failure, _: Asked) -> Refusal:
    return _later(_error(503, "The server is overloaded or not ready yet.", "service_unavailable"), failure)


def _server_error(failure: Failure, _: Asked) -> Refusal:
    return _later(_error(500, "The server had an error while processing your request.", "server_error"), failure)


def _tokens(asked: Asked) -> int:
    return 4096 + len(asked.user) // 4


def _context(_: Failure, asked: Asked) -> Refusal:
    message = (
        "This model's maximum context length is 4096 tokens. However, your messages resulted in "
        f"{_tokens(asked)} tokens. Please reduce the length of the messages."
    )
    return _error(400, message, param="messages", code="context_length_exceeded")


def _context_llama(_: Failure, asked: Asked) -> Refusal:
    count = _tokens(asked)
    message = f"request ({count} tokens) exceeds the available context size (4096 tokens), try increasing it"
    error = {
        "code": 400, "message": message, "type": "exceed_context_size_error", "n_prompt_tokens": count, "n_ctx": 4096,
    }  # fmt: skip
    return Refusal(400, {"error": error})


def _context_vllm(_: Failure, asked: Asked) -> Refusal:
    """Its older versions have no object named error around what they say."""
    message = (
        f"This model's maximum context length is 4096 tokens. However, you requested {_tokens(asked)} tokens in the "
        "messages, Please reduce the length of the messages."
    )
    return Refusal(400, {"object": "error", "message": message, "type": "BadRequestError", "param": None, "code": 400})


def _prompt_filter(_: Failure, __: Asked) -> Refusal:
    message = "The response was filtered due to the prompt triggering the content management policy."
    return _error(400, message, param="prompt", code="content_filter")


_KINDS: dict[str, Callable[[Failure, Asked], Refusal]] = {
    "wrong_key": lambda _, asked: _wrong_key(_key(asked)),
    "repeats_key": _repeats_key,
    "no_model": lambda _, asked: _no_model(str(asked.fields.get("model"))),
    "no_right": _no_right,
    "rate_limit": _rate_limit,
    "no_quota": _no_quota,
    "overloaded": _overloaded,
    "server_error": _server_error,
    "context_too_small": _context,
    "context_too_small_llama": _context_llama,
    "context_too_small_vllm": _context_vllm,
    "prompt_filter": _prompt_filter,
}

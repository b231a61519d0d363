"""A language model as checker: any chat model behind a server that speaks the OpenAI protocol, one claim at a time."""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from index.errors import ModelError
from rag.answers import Label
from rag.check import Claim, Verdict

OPENAI = "https://api.openai.com/v1"

_NO_KEY = "none"  # the client wants one; servers without keys ignore it

PROMPT = Path(__file__).with_name("prompts") / "judge.txt"

LONGEST_REPLY = 300
"""Tokens; a small model may otherwise never end its reason (measured: three time-outs for one claim)."""

AT_ONCE = 4
"""Claims of a batch that are asked about at the same time: an answer has about as many."""

LABELS: dict[str, Label] = {"supported": "supported", "contradicted": "contradicted", "not_enough": "unsupported"}
"""The verdicts that a reply may hold, and what they are called here."""

_SCHEMA = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "maxLength": 200},
        "verdict": {"type": "string", "enum": list(LABELS)},
        "confidence": {"type": "number"},
    },
    "required": ["reason", "verdict", "confidence"],
    "additionalProperties": False,
}
_FORMAT = {"type": "json_schema", "json_schema": {"name": "verdict", "strict": True, "schema": _SCHEMA}}
_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.S)


@dataclass(frozen=True, slots=True)
class Usage:
    """What was asked of the model so far. Tokens are as the server counts them, 0 where it does not say."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


def judge(model: str, base_url: str = "", api_key: str = "") -> Judge:
    """The judge that these settings describe.

    Args:
        model: as its server names it.
        base_url: of the server; "" for OpenAI's own.
        api_key: sent to that server alone; "" for a server without keys.

    Raises:
        ModelError: no model is named, or the address is none.
    """
    if not model:
        msg = "the checker 'judge' has no model to ask: set RAG_MODEL, for a server of your own also OPENAI_BASE_URL"
        raise ModelError(msg)
    if urlsplit(base_url or OPENAI).scheme not in ("http", "https"):
        msg = f"the judge's address {base_url!r} is none: write OPENAI_BASE_URL as http://127.0.0.1:8080/v1"
        raise ModelError(msg)
    if urlsplit(base_url).username or urlsplit(base_url).password:
        msg = (
            "the judge's address holds a user or password: write OPENAI_BASE_URL without, and the key as OPENAI_API_KEY"
        )
        raise ModelError(msg)
    key = api_key.strip()
    if not (key.isascii() and f"{key}x".isprintable()):
        msg = "the judge's key holds a sign that no header may hold: correct OPENAI_API_KEY"
        raise ModelError(msg)
    return _judge(model, base_url or OPENAI, key or _NO_KEY)


class Judge:
    """Asks a chat model for one of three verdicts on each claim, at temperature 0.

    Claim and evidence are sent as one JSON object, so no text in them can end the data and begin an instruction. A
    reply that is not exactly the object asked for, with one of the verdicts, is an error, never a verdict.

    Args:
        model: as the server names it.
        base_url: of the server, mostly ends in `/v1`.
        api_key: sent to that server alone.
        timeout: seconds for one request.
        retries: how often a request is sent again that found the server busy, failing or gone.

    Attributes:
        name: "judge:MODEL".
        usage: calls and tokens so far.
    """

    def __init__(
        self, model: str, base_url: str, api_key: str = _NO_KEY, timeout: float = 60.0, retries: int = 2
    ) -> None:
        self.name = f"judge:{model}"
        self.usage = Usage()
        self._model, self._base_url, self._api_key = model, base_url, api_key
        self._timeout, self._retries = timeout, retries
        self._formats = True  # until the server says that it does not know response_format
        self._lock = threading.Lock()

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        """One verdict a claim, in order, each from a request of its own.

        The score is 1 - (1 - confidence) / 2 where the verdict is "supported" and (1 - confidence) / 2 where it is not:
        what the model states of itself, not calibrated; 1 or 0 where it states nothing.

        Raises:
            ModelError: the server cannot be reached, refuses, or replies with anything but a verdict.
        """
        with ThreadPoolExecutor(AT_ONCE, "judge") as pool:
            asked = [pool.submit(self._verdict, claim) for claim in claims]
            try:
                return [one.result() for one in asked]
            except ModelError:
                pool.shutdown(cancel_futures=True)
                raise

    def _verdict(self, claim: Claim) -> Verdict:
        if not claim.evidence:
            return Verdict("unsupported", 0.0, "no citation")
        given = {"claim": claim.text, "evidence": claim.evidence, "question": claim.question}
        messages = [
            {"role": "system", "content": PROMPT.read_text(encoding="utf-8")},
            {"role": "user", "content": json.dumps(given, ensure_ascii=False)},
        ]
        reply = self._reply(messages)
        try:
            return read(reply)
        except (ValueError, RecursionError) as exc:
            msg = f"{self._where} replied {_short(reply)!r}, no verdict ({exc}): use a model that keeps to the form"
            raise ModelError(msg) from exc

    def _reply(self, messages: list[dict[str, str]]) -> str | None:
        """The text of the model's reply; None where there is none."""
        from openai import BadRequestError, OpenAIError, UnprocessableEntityError

        try:
            if self._formats:
                try:
                    return self._asked(messages, response_format=_FORMAT, max_tokens=LONGEST_REPLY)
                except (BadRequestError, UnprocessableEntityError):
                    # The prompt asks for the same form in words; newer servers know the limit by this name alone.
                    reply = self._asked(messages, max_completion_tokens=LONGEST_REPLY)
                    self._formats = False
                    return reply
            return self._asked(messages, max_completion_tokens=LONGEST_REPLY)
        except (OpenAIError, ValueError, AttributeError, TypeError, IndexError) as exc:
            # Some servers repeat the key that they refuse.
            said = str(exc) if self._api_key == _NO_KEY else str(exc).replace(self._api_key, "***")
            reason = _short(said) or type(exc).__name__
            remedy = "start it, or correct OPENAI_BASE_URL, RAG_MODEL or OPENAI_API_KEY, or set RAG_CHECKER to another"
            msg = f"{self._where} gave no verdict: {reason}; {remedy}"
            raise ModelError(msg) from exc

    def _asked(self, messages: list[dict[str, str]], **more: object) -> str | None:
        with self._lock:  # or several threads would make one each
            client = self._client
        done = client.chat.completions.create(model=self._model, messages=messages, temperature=0, **more)
        content: str | None = done.choices[0].message.content
        spent = done.usage
        with self._lock:
            self.usage = Usage(
                self.usage.calls + 1,
                self.usage.prompt_tokens + (spent.prompt_tokens if spent else 0),
                self.usage.completion_tokens + (spent.completion_tokens if spent else 0),
            )
        return content

    @property
    def _where(self) -> str:
        return f"the judge at {self._base_url!r} (model {self._model!r})"

    @functools.cached_property
    def _client(self) -> Any:  # noqa: ANN401 - openai is imported late
        import httpx
        from openai import OpenAI

        # A proxy meant for the outside world cannot reach a server on this machine.
        local = urlsplit(self._base_url).hostname in {"localhost", "127.0.0.1", "::1"}
        return OpenAI(
            base_url=self._base_url,
            api_key=self._api_key,
            timeout=self._timeout,
            max_retries=self._retries,
            http_client=httpx.Client(timeout=self._timeout, trust_env=not local),
        )


def read(reply: str | None) -> Verdict:
    """The verdict that a reply holds: one JSON object, alone or in one code fence, with one of the three words.

    Raises:
        ValueError: it holds anything else; the message says what.
    """
    text = (reply or "").strip()
    if fenced := _FENCED.fullmatch(text):
        text = fenced[1]
    if not text:
        raise ValueError("it is empty")  # noqa: EM101
    fields = json.loads(text, object_pairs_hook=_once)
    if not isinstance(fields, dict) or not {"verdict"} <= fields.keys() <= {"verdict", "reason", "confidence"}:
        raise ValueError("it is not the object that was asked for")  # noqa: EM101
    verdict, reason, confidence = fields["verdict"], fields.get("reason", ""), fields.get("confidence", 1)
    if not isinstance(verdict, str) or verdict not in LABELS:
        msg = f"{verdict!r} is none of {', '.join(LABELS)}"
        raise ValueError(msg)
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
        msg = f"the confidence {confidence!r} is not from 0 to 1"
        raise ValueError(msg)
    if not isinstance(reason, str):
        msg = f"the reason {reason!r} is no text"
        raise ValueError(msg)
    doubt = (1 - confidence) / 2
    if verdict == "supported":
        return Verdict("supported", 1 - doubt)
    return Verdict(LABELS[verdict], doubt, _short(reason) or "the judge gave no reason")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The fields of an object; raises ValueError where one is there twice, as the last would silently win."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field is there twice")  # noqa: EM101
    return fields


def _short(text: str | None) -> str:
    """One line of at most 200 characters."""
    line = " ".join((text or "").split())
    return line if len(line) <= 200 else f"{line[:199]}…"


@functools.lru_cache(maxsize=8)
def _judge(model: str, base_url: str, api_key: str) -> Judge:
    """One judge for the same settings: its connections stay open and its usage adds up."""
    return Judge(model, base_url, api_key)

"""A language model as checker: any chat model behind a server that speaks the OpenAI protocol, one claim at a time."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ModelError
from rag.answers import Label
from rag.check import Claim, Verdict
from rag.model import ChatModel
from rag.replies import one_object
from rag.spending import Spending
from rag.usage import Usage

if TYPE_CHECKING:
    from rag.settings import Settings

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


@functools.lru_cache(maxsize=8)
def judge(settings: Settings) -> Judge:
    """The judge of these settings, always the same one: its connections stay open and its usage adds up.

    Raises:
        ModelError: no model is named.
    """
    if not settings.model:
        msg = "the checker 'judge' has no model to ask: set RAG_MODEL, for a server of your own also OPENAI_BASE_URL"
        raise ModelError(msg)
    return Judge(settings)


class Judge:
    """Asks a chat model for one of three verdicts on each claim, at temperature 0 where it allows that.

    Claim and evidence are sent as one JSON object, so no text in them can end the data and begin an instruction. A
    reply that is not exactly the object asked for, with one of the verdicts, is an error, never a verdict.

    Args:
        settings: name the model that judges, its server and key; of the budgets, that of the day holds.

    Attributes:
        name: "judge:MODEL".
        usage: calls and tokens so far.
    """

    def __init__(self, settings: Settings) -> None:
        self.name = f"judge:{settings.model}"
        self.usage = Usage()
        self._model = ChatModel(settings)
        self._settings = settings
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
        try:
            reply = self._reply(messages)
        except ModelError as exc:
            msg = f"the checker {self.name!r} gave no verdict: {exc}, or set RAG_CHECKER to another"
            raise ModelError(msg) from exc
        try:
            return read(reply)
        except (ValueError, RecursionError) as exc:
            what = f"the checker {self.name!r} replied {_short(reply)!r}, no verdict ({exc})"
            msg = f"{what}: use a model that keeps to the form"
            raise ModelError(msg) from exc

    def _reply(self, messages: list[dict[str, str]]) -> str:
        day = Spending(self._settings)
        day.allow(messages, LONGEST_REPLY)
        reply = self._model.complete(messages, schema=_SCHEMA, most=LONGEST_REPLY)
        day.add(reply.usage)
        with self._lock:
            self.usage += reply.usage
        return reply.text


def read(reply: str) -> Verdict:
    """The verdict that a reply holds: one JSON object, alone or in one code fence, with one of the three words.

    Raises:
        ValueError: it holds anything else; the message says what.
    """
    fields = one_object(reply, ["verdict"], ["verdict", "reason", "confidence"])
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


def _short(text: str) -> str:
    """One line of at most 200 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:199]}…"

"""What an answer is made with. Frozen, passed explicitly; the environment is read here and in `rag.config` alone."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from index.chunks import Chunking
from index.embed import DEFAULT
from index.errors import SettingsError

Checking = Literal["strict", "lenient"]
"""What becomes of a sentence that is not supported: it is dropped, or shown and marked. What is contradicted is dropped
in both."""

Query = Literal["rules", "model"]
"""Who reads follow-ups, the parts and the dates of a question."""

NO_KEY = "none"
"""An embedding client wants a key; servers without keys ignore it."""

SECRET = frozenset({"api_key", "model_key"})
"""The fields that are shown nowhere."""

_CHOICES = {"checking": get_args(Checking), "query": get_args(Query)}
_TEXTS = ("embedder", "checker", "model", "base_url", "organization")
WHOLE = {
    "passages": (1, 1_000),
    "sentences": (1, 1_000),
    "model_retries": (0, 20),
    "model_context": (1, 100_000_000),
    "model_reply": (1, 100_000_000),
    "budget_answer": (1, 10**12),
    "budget_day": (0, 10**12),
}
"""Whole numbers: the least and the most that each may be."""

DECIMAL = {"model_timeout": (0.001, 86_400.0), "price_input": (0.0, 1e6), "price_output": (0.0, 1e6)}
"""Numbers: the least and the most that each may be."""

_DECIDES = (
    "embedder",
    "chunking",
    "checker",
    "checking",
    "model",
    "base_url",
    "model_context",
    "model_reply",
    "budget_answer",
    "query",
    "passages",
    "sentences",
)


def default_store() -> Path:
    """The user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("sourcebound", appauthor=False)) / "store"


@dataclass(frozen=True, slots=True)
class Settings:
    """The defaults need no key, no server and no network. docs/configuration.md shows how each is set.

    Attributes:
        store: where the corpus lies when a call does not say.
        embedder: "bge-small", "minilm", "openai:MODEL@BASE_URL" or "st:MODEL".
        api_key: for an embedding server; never shown.
        chunking: how articles are cut.
        checker: which one checks every sentence, as `rag.check.configured` takes it; see docs/add-a-checker.md.
        checking: "strict" drops sentences that are not supported, "lenient" shows them, marked; neither shows what the
            sources contradict.
        model: name of the language model that writes, as its server names it; "" for answers that are extracted, then
            no call is ever made. The checker "judge" asks it too.
        base_url: of its server, which speaks the OpenAI protocol; "" for OpenAI's own.
        model_key: for that server; never shown.
        organization: that the server should bill; "" for the key's own.
        model_timeout: longest silence of the server, in seconds, 0.001 to 86 400.
        model_retries: how often a request is sent again that found the server busy, failing or gone; 0 to 20.
        model_context: tokens that the model can read and write together.
        model_reply: most tokens of one reply; less than `model_context`.
        budget_answer: tokens, prompt and reply of all calls for one answer.
        budget_day: tokens a day; 0 for no limit.
        price_input: of a million tokens read; 0 for not known.
        price_output: of a million tokens written; 0 for not known.
        query: who reads follow-ups, parts and dates of a question, "rules" or "model".
        passages: how many chunks are retrieved for a question.
        sentences: most of an extracted answer to a question for one fact; others have limits of their own.

    Raises:
        SettingsError: a value has another type or lies outside its range; no key or password is in the message.
    """

    store: Path = field(default_factory=default_store)
    embedder: str = DEFAULT
    api_key: str = field(default=NO_KEY, repr=False)
    chunking: Chunking = field(default_factory=Chunking)
    checker: str = "combined"
    checking: Checking = "strict"
    model: str = ""
    base_url: str = ""
    model_key: str = field(default="", repr=False)
    organization: str = ""
    model_timeout: float = 60.0
    model_retries: int = 2
    model_context: int = 8192
    model_reply: int = 600
    budget_answer: int = 30_000
    budget_day: int = 0
    price_input: float = 0.0
    price_output: float = 0.0
    query: Query = "rules"
    passages: int = 8
    sentences: int = 4

    def __post_init__(self) -> None:
        if not isinstance(self.store, Path):
            msg = f"store {self.store!r} must be a folder's path"
            raise SettingsError(msg)
        for name in SECRET:
            _key(name, getattr(self, name))
        _no_secret("base_url", self.base_url)
        _no_secret("embedder", str(self.embedder).partition("://")[2])
        for name in _TEXTS:
            _text(name, getattr(self, name))
        for name, (least, most) in WHOLE.items():
            _whole(name, getattr(self, name), least, most)
        for name, (low, high) in DECIMAL.items():
            _decimal(name, getattr(self, name), low, high)
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                msg = f"{name} {getattr(self, name)!r} must be {' or '.join(map(repr, choices))}"
                raise SettingsError(msg)
        _address(self.base_url)
        if self.model != self.model.strip():
            msg = f"model {self.model!r} has white space around it: write the name as its server does"
            raise SettingsError(msg)
        if self.model_reply >= self.model_context:
            msg = f"model_reply {self.model_reply!r} must be less than model_context {self.model_context!r}, in tokens"
            raise SettingsError(msg)

    def extracting(self) -> Settings:
        """The same without a model that writes; the checker "judge" keeps the one it asks."""
        judge = f"judge:{self.model}" if self.checker == "judge" and self.model else self.checker
        return replace(self, model="", checker=judge, query="rules")

    @property
    def fingerprint(self) -> str:
        """12 hex digits over what can change an answer; the same in every process and on every machine.

        Left out: the keys; the store's path (an answer names its articles); `organization`, `price_input` and
        `price_output`, which change the bill alone; `model_timeout`, `model_retries` and `budget_day`, which only
        decide, with the server's state and the day's spending, whether the model's answer is finished at all: what
        became of it stands in the answer. `budget_answer` is in: it ends rewriting at the same place every time.
        """
        known = asdict(self)
        text = json.dumps({name: known[name] for name in _DECIDES}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The defaults, the configuration file where there is one, the environment: a later one wins.

        Empty variables count as not set.

        Raises:
            SettingsError: a value, the file or a file with a key cannot be used.
        """
        from rag.config import load

        return load(environment).settings


ENVIRONMENT = {
    "store": "RAG_STORE",
    "embedder": "RAG_EMBEDDER",
    "api_key": "RAG_EMBEDDER_KEY",
    "checker": "RAG_CHECKER",
    "checking": "RAG_CHECKING",
    "model": "RAG_MODEL",
    "base_url": "OPENAI_BASE_URL",
    "model_key": "OPENAI_API_KEY",
    "organization": "OPENAI_ORG_ID",
    "model_timeout": "RAG_MODEL_TIMEOUT",
    "model_retries": "RAG_MODEL_RETRIES",
    "model_context": "RAG_MODEL_CONTEXT",
    "model_reply": "RAG_MODEL_REPLY",
    "budget_answer": "RAG_BUDGET_ANSWER",
    "budget_day": "RAG_BUDGET_DAY",
    "price_input": "RAG_PRICE_INPUT",
    "price_output": "RAG_PRICE_OUTPUT",
    "query": "RAG_QUERY",
}
"""The variable of each field that has one; those that begin with OPENAI_ are read by other programs too."""


def _text(name: str, value: object) -> None:
    if not isinstance(value, str) or not f"{value}x".isprintable():
        msg = f"{name} {value!r} must be a name, on one line: see docs/configuration.md"
        raise SettingsError(msg)


def _key(name: str, value: object) -> None:
    if not isinstance(value, str) or not (value.isascii() and f"{value.strip()}x".isprintable()):
        msg = f"{name} (hidden) must be text that a header may hold: printable ASCII, on one line"
        raise SettingsError(msg)


def _whole(name: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        msg = f"{name} {value!r} must be a whole number, at least {least} and at most {most}"
        raise SettingsError(msg)


def _decimal(name: str, value: object, least: float, most: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        msg = f"{name} {value!r} must be a number, at least {least:g} and at most {most:g}"
        raise SettingsError(msg)


def _no_secret(name: str, url: object) -> None:
    """An address is shown in errors, reports and `rag config`, so nothing secret may be in it. None is shown here."""
    if any(sign in str(url) for sign in "@?#"):
        msg = f"{name} (hidden) holds a user, a password or a query: write the address without, and set the key instead"
        raise SettingsError(msg)


def _address(url: str) -> None:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if url and not sound:
        msg = f"base_url {url!r} is no address: write it as http://127.0.0.1:8080/v1"
        raise SettingsError(msg)

"""What an answer is made with. Frozen, passed explicitly; the environment is read here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from index.chunks import Chunking
from index.embed import DEFAULT
from index.errors import SettingsError

Checking = Literal["strict", "lenient"]
"""What becomes of a sentence that is not supported: it is dropped, or shown and marked. What is contradicted is dropped
in both."""


def default_store() -> Path:
    """The user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("sourcebound", appauthor=False)) / "store"


@dataclass(frozen=True, slots=True)
class Settings:
    """The defaults need no key, no server and no network.

    Attributes:
        store: where the corpus lies when a call does not say.
        embedder: "bge-small", "minilm", "openai:MODEL@BASE_URL" or "st:MODEL".
        api_key: for an embedding server; never shown.
        chunking: how articles are cut.
        checker: which one checks every sentence, as `rag.check.configured` takes it; see docs/add-a-checker.md.
        checking: "strict" drops sentences that are not supported, "lenient" shows them, marked; neither shows what the
            sources contradict.
        model: name of the language model that the checker "judge" asks, as its server names it.
        base_url: of that server, which speaks the OpenAI protocol; "" for OpenAI's own.
        model_key: for that server; never shown.
        passages: how many chunks are retrieved for a question.
        sentences: most sentences that an answer may have.
    """

    store: Path = field(default_factory=default_store)
    embedder: str = DEFAULT
    api_key: str = field(default="none", repr=False)
    chunking: Chunking = field(default_factory=Chunking)
    checker: str = "combined"
    checking: Checking = "strict"
    model: str = ""
    base_url: str = ""
    model_key: str = field(default="", repr=False)
    passages: int = 8
    sentences: int = 4

    def __post_init__(self) -> None:
        for name, least in (("passages", 1), ("sentences", 1)):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < least:
                msg = f"{name} {getattr(self, name)!r} must be a whole number, at least {least}"
                raise SettingsError(msg)
        if self.checking not in get_args(Checking):
            msg = f"checking {self.checking!r} must be {' or '.join(map(repr, get_args(Checking)))}"
            raise SettingsError(msg)
        for name in ("embedder", "checker", "model", "base_url", "model_key"):
            if not isinstance(getattr(self, name), str):
                msg = f"{name} {getattr(self, name)!r} must be a name: see docs/commands.md"
                raise SettingsError(msg)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """What the environment sets, else the defaults.

        RAG_STORE, RAG_EMBEDDER, RAG_EMBEDDER_KEY, RAG_CHECKER, RAG_CHECKING, and for the judge RAG_MODEL,
        OPENAI_BASE_URL and OPENAI_API_KEY, which other programs read too.
        """
        known = {
            "store": Path(environment["RAG_STORE"]).expanduser() if environment.get("RAG_STORE") else None,
            "embedder": environment.get("RAG_EMBEDDER") or None,
            "checker": environment.get("RAG_CHECKER") or None,
            "api_key": environment.get("RAG_EMBEDDER_KEY") or None,
            "checking": environment.get("RAG_CHECKING") or None,
            "model": environment.get("RAG_MODEL") or None,
            "base_url": environment.get("OPENAI_BASE_URL") or None,
            "model_key": environment.get("OPENAI_API_KEY") or None,
        }
        return cls(**{name: value for name, value in known.items() if value is not None})  # type: ignore[arg-type]

"""What an answer is made with. Frozen, passed explicitly; the environment is read here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.chunks import Chunking
from index.embed import DEFAULT
from index.errors import SettingsError


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
        checker: "rules"; see docs/add-a-checker.md.
        passages: how many chunks are retrieved for a question.
        sentences: most sentences that an answer may have.
    """

    store: Path = field(default_factory=default_store)
    embedder: str = DEFAULT
    api_key: str = field(default="none", repr=False)
    chunking: Chunking = field(default_factory=Chunking)
    checker: str = "rules"
    passages: int = 8
    sentences: int = 4

    def __post_init__(self) -> None:
        for name, least in (("passages", 1), ("sentences", 1)):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < least:
                msg = f"{name} {getattr(self, name)!r} must be a whole number, at least {least}"
                raise SettingsError(msg)
        for name in ("embedder", "checker"):
            if not isinstance(getattr(self, name), str):
                msg = f"{name} {getattr(self, name)!r} must be a name: see docs/commands.md"
                raise SettingsError(msg)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """RAG_STORE, RAG_EMBEDDER, RAG_EMBEDDER_KEY and RAG_CHECKER where they are set, else the defaults."""
        known = {
            "store": Path(environment["RAG_STORE"]).expanduser() if environment.get("RAG_STORE") else None,
            "embedder": environment.get("RAG_EMBEDDER") or None,
            "checker": environment.get("RAG_CHECKER") or None,
            "api_key": environment.get("RAG_EMBEDDER_KEY") or None,
        }
        return cls(**{name: value for name, value in known.items() if value is not None})  # type: ignore[arg-type]

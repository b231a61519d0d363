"""What several commands share: options, the settings, the store that they open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from index.store import Store
    from rag.config import Loaded
    from rag.settings import Settings

StoreOption = Annotated[
    Path | None, typer.Option("--store", help="Folder of the store. Default: RAG_STORE, else the user's data folder.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CheckingOption = Annotated[
    Literal["strict", "lenient"] | None,
    typer.Option(
        help="Drop sentences that are not supported, or show them marked. Default: RAG_CHECKING, else strict."
    ),
]


ModelOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Language model that writes, as its server names it. Default: RAG_MODEL, else none."
    ),
]
ExtractOption = Annotated[
    bool, typer.Option("--extractive", help="Answer with sentences of the sources alone; no model writes.")
]


def settings_of(
    checking: Literal["strict", "lenient"] | None = None, model: str | None = None, *, extractive: bool = False
) -> Settings:
    """The settings of the configuration file and the environment, with what the command line says."""
    return loaded_of(checking, model, extractive=extractive).settings


def loaded_of(
    checking: Literal["strict", "lenient"] | None = None,
    model: str | None = None,
    store: Path | None = None,
    *,
    extractive: bool = False,
) -> Loaded:
    """The same settings with where each comes from.

    Raises:
        SettingsError: a setting cannot be used, or the options ask for a model and for none.
    """
    from index.errors import SettingsError
    from rag.config import load

    if extractive and model:
        msg = f"--model {model!r} and --extractive exclude each other: give one of them"
        raise SettingsError(msg)
    given = {"store": store, "checking": checking, "model": model}
    options: dict[str, tuple[object, str]] = {
        name: (value, f"option --{name}") for name, value in given.items() if value is not None
    }
    if extractive:
        found = load(os.environ).settings
        options["model"] = ("", "option --extractive")
        alone = found.extracting()
        changed = (name for name in ("checker", "query") if getattr(alone, name) != getattr(found, name))
        options |= {name: (getattr(alone, name), "option --extractive") for name in changed}
    return load(os.environ, options)


@contextmanager
def opened_store(store: Path | None, *, create: bool = False, rebuild: bool = False) -> Iterator[Store]:
    """The store of a command that changes or inspects it; only `ingest` may make one."""
    from index.embed import by_name
    from index.store import open_store
    from rag.ask import open_corpus

    settings = settings_of()
    if not create:
        with open_corpus(store, settings) as opened:
            yield opened
        return
    embedder = by_name(settings.embedder, api_key=settings.api_key)
    with open_store(store or settings.store, embedder, settings.chunking, rebuild=rebuild) as opened:
        yield opened

"""What several commands share: options, the settings, the store that they open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from index.store import Store
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


def settings_of(checking: Literal["strict", "lenient"] | None = None) -> Settings:
    """The settings of the environment, with what the command line says."""
    from rag.settings import Settings

    found = Settings.from_environment()
    return replace(found, checking=checking) if checking else found


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

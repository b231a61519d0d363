"""The command `rag config`."""

from __future__ import annotations

import json

import typer

from rag.options import CheckingOption, ExtractOption, JsonOption, ModelOption, StoreOption, loaded_of


def config(
    store: StoreOption = None,
    checking: CheckingOption = None,
    model: ModelOption = None,
    extractive: ExtractOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show each setting and where it comes from: default, file, environment or option. Keys stay hidden."""
    found = loaded_of(checking, model, store, extractive=extractive)
    typer.echo(json.dumps(found.record(), ensure_ascii=False) if as_json else found.table())

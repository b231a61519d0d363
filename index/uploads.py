"""Files and addresses sent over the network: indexed as any other, under the name their sender gave them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from index.articles import Article, Item
from index.build import ingest, read_all, store_all
from index.errors import ItemError
from index.ledger import Outcome
from index.limits import IngestOptions
from index.sources import items
from index.store import Store

KEY = "upload:"
"""In front of a name in the key of an article that was sent: a later file of that name replaces it."""


def ingest_file(store: Store, path: Path, name: str, options: IngestOptions | None = None) -> list[Outcome]:
    """Indexes one file, or the members of one archive, as `name`; where it lies for now is kept nowhere.

    Args:
        store: an open store.
        path: where the bytes lie; its suffix must be that of `name`, for it tells the format.
        name: the last component of what the sender calls it.
        options: limits.

    Returns:
        One outcome an article or failed item, in order.

    Raises:
        ModelError, StoreError: as `index.build.ingest`.
    """
    return store_all(store, _articles(path.resolve(), name, options or IngestOptions()))


def ingest_address(store: Store, url: str, options: IngestOptions | None = None) -> list[Outcome]:
    """Fetches and indexes a page, a file or the entries of a feed; nothing that is no web address, above all no path.

    Raises:
        ModelError, StoreError: as `index.build.ingest`.
    """
    if not re.match(r"https?://[^\s/]", url, re.I):
        return [Outcome(url, "failed", reason="is not a web address: give one that begins with http:// or https://")]
    return ingest(store, [url], options)


def _articles(path: Path, name: str, options: IngestOptions) -> Iterator[Article | Outcome]:
    here = str(path)

    def renamed() -> Iterator[Item | ItemError]:
        for item in items([here], options):
            if isinstance(item, ItemError):
                yield item
            else:
                member = item.key.removeprefix(here)
                yield replace(item, key=f"{KEY}{name}{member}", name=member[1:] or name)

    for found in read_all(name, renamed(), options):
        if isinstance(found, Outcome):
            yield replace(found, item=found.item.replace(here, name), reason=found.reason.replace(here, name))
        else:
            yield found

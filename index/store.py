"""Opening a store: one process at a time holds its folder, and all who open it within a process share one store."""

from __future__ import annotations

import atexit
from pathlib import Path

from index.chunks import Chunking
from index.corpus import Cut, Store
from index.embed import Embedder
from index.errors import HIDDEN_STORE, StoreBusyError
from index.manifest import NAME, check_manifest
from index.sharing import open_stores, sharing

__all__ = ["Cut", "Store", "exists", "open_store"]


def open_store(
    path: Path | str,
    embedder: Embedder,
    chunking: Chunking | None = None,
    *,
    rebuild: bool = False,
    keep: bool = False,
) -> Store:
    """Opens a store, or makes an empty one where there is none.

    Within a process all who open a folder share one store, and each closes it once: the files are closed with the
    last one.

    Args:
        path: its folder.
        embedder: must be the one it was made with.
        chunking: likewise; the default one when None.
        rebuild: open it whatever it was made with, for `index.build.rebuild`; its vectors are discarded.
        keep: leave the files open until the process ends, for calls that come one by one.

    Raises:
        StoreBusyError: another process holds it, or it is to be rebuilt while it is in use.
        StoreError: it was made by another embedder, chunking or format, or is damaged.
    """
    where = Path(path).expanduser().resolve()
    wanted = chunking or Chunking()
    with sharing:
        store = open_stores.get(where)
        if store is not None and rebuild:
            if store.users:
                msg = f"{str(where)!r} is in use in this process: close it before it is rebuilt"
                raise StoreBusyError(msg, public=HIDDEN_STORE)
            store.shut()
            store = None
        if store is None:
            store = Store(where, embedder, wanted, rebuild=rebuild)
        else:
            check_manifest(where, embedder, wanted)
        store.kept = store.kept or keep
        return store.share()


def exists(path: Path | str) -> bool:
    """Whether there is a store in this folder."""
    return (Path(path).expanduser() / NAME).is_file()


@atexit.register
def close_idle() -> None:
    """Closes the stores that are only kept open for calls that may come, so that other processes can have them."""
    with sharing:
        for store in list(open_stores.values()):
            if not store.users:
                store.shut()

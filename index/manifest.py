"""What a store was made with, and whether this program may open it so."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from index.chunks import Chunking
from index.embed import Embedder
from index.errors import HIDDEN_STORE, StoreError
from index.ledger import Ledger

NAME = "manifest.json"
LEDGER = "ledger.sqlite3"

FORMAT = 2
"""Raised when the folder's layout changes; older ones are refused with the command that brings them up to date.

2: citations with their surroundings; stories, with signatures of rensa 0.5.0.
"""


def remedy(path: Path) -> str:
    """The command that makes everything derived anew, for the end of a message."""
    return f"`rag ingest --rebuild --store {shlex.quote(str(path))}` makes it anew from the stored articles"


def write_manifest(path: Path, embedder: Embedder, chunking: Chunking) -> None:
    """Writes what the store was made with; in one step, so that it is never half there."""
    manifest = {
        "format": FORMAT,
        "embedder": {"name": embedder.name, "fingerprint": embedder.fingerprint},
        "chunking": asdict(chunking),
        "versions": {name: version(name) for name in ("sourcebound", "chromadb")},
    }
    draft = path / f"{NAME}.new"
    draft.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    draft.replace(path / NAME)


def check_manifest(path: Path, embedder: Embedder, chunking: Chunking, *, rebuild: bool = False) -> None:
    """Raises StoreError, with the command that mends it, where the store was made otherwise than asked for.

    Args:
        path: the store's folder.
        embedder: the one to open it with.
        chunking: the one to open it with.
        rebuild: True when that command is what runs: then only a store of a newer format is refused.
    """
    try:
        manifest = json.loads((path / NAME).read_text(encoding="utf-8"))
        made = (int(manifest["format"]), str(manifest["embedder"]["fingerprint"]), dict(manifest["chunking"]))
        name = str(manifest["embedder"]["name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        if rebuild:
            return
        msg = f"{str(path / NAME)!r} is missing or damaged ({type(error).__name__}): {remedy(path)}"
        raise StoreError(msg, public=HIDDEN_STORE) from error
    asked = (FORMAT, embedder.fingerprint, asdict(chunking))
    if made[0] > FORMAT:
        msg = f"{str(path)!r} has format {made[0]} and this version reads {FORMAT}: install a newer sourcebound"
        raise StoreError(msg, public=HIDDEN_STORE)
    if made != asked and not rebuild:
        msg = (
            f"{str(path)!r} was made with embedder {name!r}, chunking {made[2]!r}, format {made[0]}; "
            f"now {embedder.name!r}, {asked[2]!r}, {FORMAT}: {remedy(path)} and loses nothing"
        )
        raise StoreError(msg, public=HIDDEN_STORE)


def open_ledger(path: Path, embedder: Embedder, chunking: Chunking, *, rebuild: bool = False) -> Ledger:
    """The ledger of a store, after `check_manifest`; a new one where there is no store.

    Raises:
        StoreError: also where a store has lost its ledger or manifest: neither may look like an empty store.
    """
    file = path / LEDGER
    made = (path / NAME).exists()
    if made:
        check_manifest(path, embedder, chunking, rebuild=rebuild)
        if not file.exists() or not file.stat().st_size:
            msg = f"{str(file)!r} is missing or empty: restore it from a copy, or ingest into a new --store"
            raise StoreError(msg, public=HIDDEN_STORE)
    ledger = Ledger(file)
    try:
        if not made and ledger.rows("SELECT 1 FROM articles LIMIT 1"):
            check_manifest(path, embedder, chunking, rebuild=rebuild)
    except BaseException:
        ledger.close()
        raise
    return ledger

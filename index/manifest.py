"""What a store was made with, and whether this program may open it so."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from index.chunks import Chunking
from index.embed import Embedder
from index.errors import StoreError

NAME = "manifest.json"

FORMAT = 1
"""Raised when the folder's layout changes; older ones are refused with the command that brings them up to date."""


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


def check_manifest(path: Path, embedder: Embedder, chunking: Chunking) -> None:
    """Raises StoreError, with the command that mends it, where the store was made otherwise than asked for."""
    if not (path / NAME).exists():
        return
    try:
        manifest = json.loads((path / NAME).read_text(encoding="utf-8"))
        made = (manifest["format"], manifest["embedder"]["fingerprint"], manifest["chunking"])
        name = manifest["embedder"]["name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{str(path / 'manifest.json')!r} is damaged: `rag ingest --rebuild --store {path}` makes it anew from the stored articles"
        raise StoreError(msg) from error
    asked = (FORMAT, embedder.fingerprint, asdict(chunking))
    if made[0] > FORMAT:
        msg = f"{str(path)!r} has format {made[0]!r} and this version reads {FORMAT}: install a newer sourcebound"
        raise StoreError(msg)
    if made != asked:
        msg = (
            f"{str(path)!r} was made with embedder {name!r}, chunking {made[2]!r}, format {made[0]!r}; now {embedder.name!r}, "
            f"{asked[2]!r}, {FORMAT!r}: `rag ingest --rebuild --store {path}` brings it up to date and loses nothing"
        )
        raise StoreError(msg)

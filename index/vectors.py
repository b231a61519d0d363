"""The vectors of chunks in Chroma: the only module that imports chromadb, and the border at which its errors end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import StoreError
from index.manifest import remedy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER = "chroma"


class VectorIndex:
    """Chroma's collection of one embedder's vectors. It holds nothing that cannot be made anew from the ledger.

    Args:
        store: the store's folder, held by this process: two processes in one Chroma folder destroy it.
        fingerprint: of the embedder; names the collection.

    Raises:
        StoreError: Chroma cannot open its folder.
    """

    def __init__(self, store: Path, fingerprint: str) -> None:
        import chromadb
        from chromadb.config import Settings

        self._store = store
        with self._border():
            # Without its own settings file: by default one that lies in the working directory is read.
            settings = Settings(anonymized_telemetry=False, _env_file=None)
            self._client = chromadb.PersistentClient(str(store / FOLDER), settings=settings)
            # No embedding function: Chroma's own would download a model.
            self._collection: Any = self._client.get_or_create_collection(
                f"chunks-{sha256(fingerprint.encode()).hexdigest()[:16]}",
                embedding_function=None,
                configuration={"hnsw": {"space": "cosine"}},
            )
            self._most = int(self._client.get_max_batch_size())

    def close(self) -> None:
        """Lets go of Chroma's files."""
        self._client.close()

    def search(
        self, vector: NDArray[np.float32], k: int, where: Mapping[str, Any] | None = None
    ) -> list[tuple[str, float]]:
        """The k nearest as (id, cosine similarity), best first.

        Args:
            vector: `(d,)` float32, unit norm.
            k: how many at most, 1 or more.
            where: a condition on the metadata, in Chroma's terms.
        """
        with self._border():
            size = self._collection.count()
            if not size:
                return []
            found = self._collection.query(
                query_embeddings=[vector], n_results=min(k, size), where=where, include=["distances"]
            )
        return [
            (key, 1.0 - float(distance)) for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def put(
        self, ids: Sequence[str], vectors: NDArray[np.float32], metadata: Sequence[Mapping[str, str | int]]
    ) -> None:
        """Adds or replaces vectors `(n, d)`, as many as there are: Chroma takes a limited number at once."""
        for start in range(0, len(ids), self._most):
            part = slice(start, start + self._most)
            with self._border():
                self._collection.upsert(
                    ids=list(ids[part]), embeddings=vectors[part], metadatas=[dict(entry) for entry in metadata[part]]
                )

    def delete(self, ids: Sequence[str]) -> None:
        """Removes vectors; ids that are not there do not matter."""
        for start in range(0, len(ids), self._most):
            with self._border():
                self._collection.delete(ids=list(ids[start : start + self._most]))

    def ids(self) -> list[str]:
        """The ids of all vectors."""
        with self._border():
            return list(self._collection.get(include=[])["ids"])

    def count(self) -> int:
        """How many vectors there are."""
        with self._border():
            return int(self._collection.count())

    @contextmanager
    def _border(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # Chroma raises its own classes, those of its database and plain ones
            first_line = (str(error).splitlines() or [""])[0]
            msg = (
                f"the vectors in {str(self._store / FOLDER)!r} cannot be used "
                f"({type(error).__name__}: {first_line}): {remedy(self._store)}"
            )
            raise StoreError(msg) from error


def discard(store: Path) -> None:
    """Deletes Chroma's folder; opening makes an empty one. Raises StoreError where that is not allowed."""
    try:
        shutil.rmtree(store / FOLDER)
    except FileNotFoundError:
        pass
    except OSError as error:
        msg = f"{str(store / FOLDER)!r} cannot be deleted ({error}): delete it and try again"
        raise StoreError(msg) from error

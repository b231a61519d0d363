"""The vectors of chunks: computed once, kept in the ledger's cache, searched in Chroma.

The only module that imports chromadb, and the border at which its errors end.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.articles import Article, Chunk
from index.embed import Embedder
from index.errors import HIDDEN_STORE, StoreError
from index.filters import day_number
from index.ledger import Ledger
from index.manifest import remedy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER = "chroma"

Pair = tuple[Chunk, Article]
"""A chunk with the article it is from."""


HNSW = {"space": "cosine", "max_neighbors": 64, "ef_construction": 200, "ef_search": 400}
"""With Chroma's defaults a chunk can be out of reach behind hundreds of chunks that are alike, as bulletins with one
wording are: a test holds that each is found."""

SLICE = 256
"""Chunks embedded before their vectors are kept: all that a process that dies loses of a long article."""


class VectorIndex:
    """Chroma's collection of one embedder's vectors. It holds nothing that cannot be made anew from the ledger.

    Args:
        store: the store's folder, held by this process: two processes in one Chroma folder destroy it.
        embedder: makes the vectors; its fingerprint names the collection.
        ledger: open; keeps every vector that was ever computed.

    Raises:
        StoreError: by every method where Chroma cannot use its folder.
    """

    def __init__(self, store: Path, embedder: Embedder, ledger: Ledger) -> None:
        self._store = store
        self._embedder = embedder
        self._ledger = ledger
        with self._border(), ExitStack() as undo:
            self._client = _client(store / FOLDER)
            undo.callback(self._client.close)
            # No embedding function: Chroma's own would download a model.
            self._collection: Any = self._client.get_or_create_collection(
                f"chunks-{sha256(embedder.fingerprint.encode()).hexdigest()[:16]}",
                embedding_function=None,
                configuration={"hnsw": HNSW},
            )
            self._most = int(self._client.get_max_batch_size())
            undo.pop_all()

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

    def embed(self, pairs: Sequence[Pair]) -> dict[str, NDArray[np.float32]]:
        """Vectors `(d,)` by chunk id. Only texts that the cache does not know are embedded."""
        texts = {chunk.id: embedded_text(chunk, article.title) for chunk, article in pairs}
        keys = {chunk_id: sha256(text.encode()).hexdigest() for chunk_id, text in texts.items()}
        vectors = self._cached(list(keys.values()))
        missing = {keys[chunk_id]: text for chunk_id, text in texts.items() if keys[chunk_id] not in vectors}
        for start in range(0, len(missing), SLICE):
            part = list(missing)[start : start + SLICE]
            new = dict(zip(part, self._embedder.embed([missing[key] for key in part]), strict=True))
            self._keep(new)
            vectors |= new
        return {chunk_id: vectors[key] for chunk_id, key in keys.items()}

    def similarities(self, vector: NDArray[np.float32], pairs: Sequence[Pair]) -> dict[str, float]:
        """Cosines, -1 to 1, of a question and chunks that it need not be near to, by chunk id.

        Args:
            vector: `(d,)` float32, unit norm.
            pairs: the chunks with their articles.
        """
        return {chunk_id: float(vector @ stored) for chunk_id, stored in self.embed(pairs).items()}

    def _cached(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        import numpy as np

        sql = "SELECT hash, vector FROM vectors WHERE fingerprint = ? AND hash IN (SELECT value FROM json_each(?))"
        rows = self._ledger.rows(sql, [self._embedder.fingerprint, json.dumps(list(keys))])
        return {str(key): np.frombuffer(blob, dtype=np.float32) for key, blob in rows}  # type: ignore[call-overload]

    def _keep(self, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        made_by = self._embedder.fingerprint
        rows = [(key, made_by, vector.astype("float32").tobytes()) for key, vector in vectors.items()]
        with self._ledger.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def forget_others(self) -> None:
        """Empties the cache of the vectors of other embedders."""
        with self._ledger.transaction() as connection:
            connection.execute("DELETE FROM vectors WHERE fingerprint <> ?", [self._embedder.fingerprint])

    def put(self, pairs: Sequence[Pair], vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Adds or replaces chunks, as many as there are: Chroma itself takes a limited number at once.

        Args:
            pairs: the chunks, each once, with their articles.
            vectors: `(d,)` by chunk id.
        """
        import numpy as np

        for start in range(0, len(pairs), self._most):
            part = pairs[start : start + self._most]
            ids = [chunk.id for chunk, _ in part]
            with self._border():
                self._collection.upsert(
                    ids=ids,
                    embeddings=np.stack([vectors[key] for key in ids]),
                    metadatas=[_metadata(article) for _, article in part],
                )

    def sync(self) -> None:
        """Deletes the vectors of chunks that the ledger does not have, and adds those that are missing."""
        wanted = set(self._ledger.chunk_ids().values())
        there = set(self.ids())
        self.delete(sorted(there - wanted))
        missing = sorted(wanted - there)
        for start in range(0, len(missing), 1000):
            chunks = self._ledger.chunks(missing[start : start + 1000]).values()
            articles = {key: self._ledger.article(key) for key in {chunk.article_id for chunk in chunks}}
            pairs = [(chunk, article) for chunk in chunks if (article := articles[chunk.article_id])]
            self.put(pairs, self.embed(pairs))

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
            raise StoreError(msg, public=HIDDEN_STORE) from error


def _client(folder: Path) -> Any:  # noqa: ANN401 - Chroma ships no types
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    # Without its own settings file: by default one that lies in the working directory is read.
    settings = Settings(anonymized_telemetry=False, _env_file=None)
    try:
        return chromadb.PersistentClient(str(folder), settings=settings)
    except BaseException:
        # Chroma keeps what failed to start and would give it to the next one to open the folder, mended or not.
        SharedSystemClient._identifier_to_system.pop(str(folder), None)  # noqa: SLF001
        raise


def discard(store: Path) -> None:
    """Deletes Chroma's folder; opening makes an empty one. Raises StoreError where that is not allowed."""
    try:
        shutil.rmtree(store / FOLDER)
    except FileNotFoundError:
        pass
    except OSError as error:
        msg = f"{str(store / FOLDER)!r} cannot be deleted ({error}): delete it and try again"
        raise StoreError(msg, public=HIDDEN_STORE) from error


def embedded_text(chunk: Chunk, title: str | None) -> str:
    """What is embedded for a chunk: the title first, since a chunk deep in an article often names nobody."""
    return f"{title}\n{chunk.text}" if title else chunk.text


def _metadata(article: Article) -> dict[str, str | int]:
    known: dict[str, str | int] = {"article_id": article.id}
    if article.published:
        known["published"] = day_number(article.published)
    if article.outlet:
        known["outlet"] = article.outlet.casefold()
    return known

"""One folder that holds a corpus: the ledger (SQLite) and, derived from it, the vectors in Chroma.

This is the only module that imports chromadb.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import threading
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from index.articles import Article, Chunk
from index.chunks import Chunking
from index.embed import Embedder
from index.errors import StoreBusyError, StoreError
from index.filters import Filters, day_number
from index.ledger import Ledger, text_hash
from index.manifest import NAME, check_manifest, write_manifest
from index.sparse import SparseIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Store:
    """An open store. Get one with `open_store`; close it or use it in a `with` block."""

    def __init__(self, path: Path, embedder: Embedder, chunking: Chunking, *, rebuild: bool = False) -> None:
        self.path = path
        self.embedder = embedder
        self.chunking = chunking
        self._fingerprint: str | None = None
        path.mkdir(parents=True, exist_ok=True)
        self._lock = _hold(path)
        try:
            self.fresh = not (path / NAME).exists()
            if not rebuild:
                check_manifest(path, embedder, chunking)
            self.ledger = Ledger(path / "ledger.sqlite3")
            self.ledger.connection.create_function("fold", 1, lambda s: s.casefold() if s else s, deterministic=True)
            self.sparse = SparseIndex(self.ledger.connection)
            self.sparse.create()
            self._client, self._collection = _open_chroma(path, embedder)
            if self.fresh:
                write_manifest(path, embedder, chunking)
            if not rebuild and self.ledger.rows("SELECT 1 FROM unsynced LIMIT 1"):
                self.repair()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets other processes open the store."""
        with _registry_lock:
            if hasattr(self, "_client"):
                self._client.close()
                del self._client
            if hasattr(self, "ledger"):
                self.ledger.close()
            _release(self._lock, self.path)
            if _open_stores.get(self.path) is self:
                del _open_stores[self.path]

    # Reading

    def article(self, article_id: str) -> Article:
        """An article by id, also one that was replaced or removed; raises StoreError when it was never here."""
        article = self.ledger.article(article_id)
        if article is None:
            msg = f"no article {article_id!r} in {str(self.path)!r}: `rag articles list` shows the ids"
            raise StoreError(msg)
        return article

    def articles(self) -> list[Article]:
        """The articles that answers may use, by date and title."""
        return self.ledger.articles()

    def extent(self) -> str:
        """The outlets and the range of dates that filters can name, for a message."""
        names = [str(row[0]) for row in self.ledger.rows(
            "SELECT DISTINCT outlet FROM articles WHERE state = 'live' AND outlet IS NOT NULL ORDER BY outlet LIMIT 12"
        )]  # fmt: skip
        first, last = self.ledger.rows("SELECT min(published), max(published) FROM articles WHERE state = 'live'")[0]
        return f"outlets in the corpus: {', '.join(names) or 'none known'}; dates: {f'{first} to {last}' if first else 'none known'}"

    def fingerprint(self) -> str:
        """12 hexadecimal digits that name exactly this corpus: the same articles give the same fingerprint."""
        if self._fingerprint is None:
            ids = [str(row[0]) for row in self.ledger.rows("SELECT id FROM articles WHERE state = 'live' ORDER BY id")]
            self._fingerprint = sha256(" ".join(ids).encode()).hexdigest()[:12]
        return self._fingerprint

    def search_dense(self, vector: NDArray[np.float32], k: int, filters: Filters) -> list[tuple[str, float]]:
        """The k nearest chunks as (id, cosine similarity), best first.

        Args:
            vector: `(d,)` float32, unit norm.
        """
        if k < 1 or not (size := self._collection.count()):
            return []
        found = self._collection.query(
            query_embeddings=[vector], n_results=min(k, size), where=filters.for_chroma(), include=["distances"]
        )
        return [
            (key, 1.0 - float(distance)) for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def search_sparse(self, query: str, k: int, filters: Filters) -> list[tuple[str, float]]:
        """The k best chunks by BM25 as (id, score), best first; scores are positive, higher is better."""
        where, values = filters.for_sql()
        with self.ledger.transaction():
            hits = self.sparse.search(query, k, where, values)
            ids = dict(self._ids([row for row, _ in hits]))
        return [(ids[row], score) for row, score in hits]

    def _ids(self, rows: Sequence[int]) -> list[tuple[int, str]]:
        marks = ", ".join("?" * len(rows))
        found = self.ledger.rows(f"SELECT rowid, id FROM chunks WHERE rowid IN ({marks})", rows)  # noqa: S608 - marks only
        return [(int(str(row)), str(key)) for row, key in found]

    # Writing: the ledger first, in one transaction that also marks Chroma as behind, then Chroma, then the mark goes.
    # A process that dies in between leaves the mark, and the next one to open the store repairs it.

    def embed_chunks(self, chunks: Sequence[tuple[Chunk, str | None]]) -> None:
        """Computes the vectors that the cache lacks; each chunk comes with its article's title."""
        texts = {text_hash(text): text for text in (embedded_text(chunk, title) for chunk, title in chunks)}
        known = self.ledger.vectors(list(texts), self.embedder.fingerprint)
        missing = [key for key in texts if key not in known]
        if missing:
            vectors = self.embedder.embed([texts[key] for key in missing])
            self.ledger.put_vectors(zip(missing, vectors, strict=True), self.embedder.fingerprint)

    def add(self, additions: Sequence[tuple[Article, Sequence[tuple[int, int]], Sequence[Chunk]]]) -> None:
        """Stores articles (with sentence spans and chunks); replaces what their keys stood for before."""
        self.embed_chunks([(chunk, article.title) for article, _, chunks in additions for chunk in chunks])
        with self.ledger.transaction() as connection:
            self._behind(connection)
            gone = [old for article, _, _ in additions for old in self._retire(article.key, article.id)]
            for article, sentences, chunks in additions:
                self.ledger.put_article(article, sentences)
                self.ledger.point(article.key, article.id)
                rows = self.ledger.put_chunks(chunks)
                self.sparse.add(rows, [chunk.text for chunk in chunks], [article.title or ""] * len(chunks))
        self._delete_vectors(gone)
        self._upsert_vectors([(chunk, article) for article, _, chunks in additions for chunk in chunks])
        self._synced()

    def point(self, key: str, article_id: str) -> list[str]:
        """Lets an origin stand for an article that is already here; ids of chunks that went with its old version."""
        with self.ledger.transaction() as connection:
            self._behind(connection)
            gone = self._retire(key, article_id)
            self.ledger.point(key, article_id)
        self._delete_vectors(gone)
        self._synced()
        return gone

    def remove(self, article_id: str) -> None:
        """Takes an article out of the corpus; no later answer uses it. Its text stays so that old citations resolve."""
        if self.ledger.state(article_id) != "live":
            msg = f"no article {article_id!r} in the corpus: `rag articles list` shows the ids"
            raise StoreError(msg)
        with self.ledger.transaction() as connection:
            self._behind(connection)
            gone = self._drop_chunks(article_id)
            self.ledger.forget_origins(article_id)
            self.ledger.set_state(article_id, "removed")
        self._delete_vectors(gone)
        self._synced()

    def rebuild(self, cut: Sequence[tuple[Article, Sequence[tuple[int, int]], Sequence[Chunk]]]) -> None:
        """Replaces all chunks and vectors, as after a change of embedder or chunking."""
        self.embed_chunks([(chunk, article.title) for article, _, chunks in cut for chunk in chunks])
        with self.ledger.transaction() as connection:
            self._behind(connection)
            for article in self.articles():
                self._drop_chunks(article.id)
            for article, sentences, chunks in cut:
                connection.execute(
                    "UPDATE articles SET sentences = ? WHERE id = ?", [json.dumps(sentences), article.id]
                )
                rows = self.ledger.put_chunks(chunks)
                self.sparse.add(rows, [chunk.text for chunk in chunks], [article.title or ""] * len(chunks))
        self.repair()
        write_manifest(self.path, self.embedder, self.chunking)
        for collection in self._client.list_collections():
            if collection.name != self._collection.name:
                self._client.delete_collection(collection.name)

    def repair(self) -> None:
        """Brings Chroma in line with the ledger."""
        wanted = {str(row[0]) for row in self.ledger.rows("SELECT id FROM chunks")}
        there = set(self.vector_ids())
        self._delete_vectors(sorted(there - wanted))
        missing = sorted(wanted - there)
        for start in range(0, len(missing), 1000):
            chunks = self.ledger.chunks(missing[start : start + 1000])
            articles = {article_id: self.article(article_id) for article_id in {c.article_id for c in chunks.values()}}
            self.embed_chunks([(chunk, articles[chunk.article_id].title) for chunk in chunks.values()])
            self._upsert_vectors([(chunk, articles[chunk.article_id]) for chunk in chunks.values()])
        self._synced()

    def vector_ids(self) -> list[str]:
        """Ids of all chunks that Chroma holds."""
        return list(self._collection.get(include=[])["ids"])

    def _retire(self, key: str, successor: str) -> list[str]:
        """Takes out what `key` stood for, unless other origins still hold it; ids of its chunks."""
        old = self.ledger.current(key)
        if old is None or old == successor:
            return []
        with self.ledger.transaction() as connection:
            connection.execute("DELETE FROM origins WHERE key = ?", [key])
        if self.ledger.has_origin(old):
            return []
        self.ledger.set_state(old, "replaced")
        return self._drop_chunks(old)

    def _drop_chunks(self, article_id: str) -> list[str]:
        rows = self.ledger.chunk_rows(article_id)
        self.sparse.remove([number for number, _ in rows])
        self.ledger.delete_chunks(article_id)
        return [chunk.id for _, chunk in rows]

    def _upsert_vectors(self, chunks: Sequence[tuple[Chunk, Article]]) -> None:
        import numpy as np

        keys = [text_hash(embedded_text(chunk, article.title)) for chunk, article in chunks]
        vectors = self.ledger.vectors(keys, self.embedder.fingerprint)
        most = self._client.get_max_batch_size()
        for start in range(0, len(chunks), most):
            part = slice(start, start + most)
            self._collection.upsert(
                ids=[chunk.id for chunk, _ in chunks[part]],
                embeddings=np.stack([vectors[key] for key in keys[part]]),
                metadatas=[_metadata(article) for _, article in chunks[part]],
            )

    def _delete_vectors(self, ids: Sequence[str]) -> None:
        most = self._client.get_max_batch_size()
        for start in range(0, len(ids), most):
            self._collection.delete(ids=list(ids[start : start + most]))

    def _behind(self, connection: sqlite3.Connection) -> None:
        """Marks Chroma as behind the ledger; part of the transaction that changes the ledger."""
        connection.execute("INSERT INTO unsynced VALUES (datetime())")
        self._fingerprint = None

    def _synced(self) -> None:
        with self.ledger.transaction() as connection:
            connection.execute("DELETE FROM unsynced")


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


# Opening

_registry_lock = threading.RLock()
# One process may hold a store once, so all its threads must share the one that is open.
_open_stores: dict[Path, Store] = {}


def open_store(
    path: Path | str, embedder: Embedder, chunking: Chunking | None = None, *, rebuild: bool = False
) -> Store:
    """Opens a store, or makes an empty one where there is none.

    A store that this process has open already is shared, so do not close what you did not open.

    Raises:
        StoreBusyError: another process holds it.
        StoreError: it was made by another embedder, chunking or format, or is damaged.
    """
    where = Path(path).expanduser().resolve()
    with _registry_lock:
        known = _open_stores.get(where)
        if known is not None and not rebuild:
            if known.embedder.fingerprint != embedder.fingerprint:
                check_manifest(where, embedder, known.chunking)
            return known
        if known is not None:
            known.close()
        store = Store(where, embedder, chunking or Chunking(), rebuild=rebuild)
        _open_stores[where] = store
        return store


def exists(path: Path | str) -> bool:
    """Whether there is a store in this folder."""
    return (Path(path).expanduser() / NAME).is_file()


def _hold(path: Path) -> FileLock:
    lock = FileLock(path / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        try:
            holder = (path / "holder").read_text(encoding="utf-8").strip()
        except OSError:
            holder = "another process"
        msg = f"{str(path)!r} is in use by {holder}: stop it, or give another --store"
        raise StoreBusyError(msg) from error
    (path / "holder").write_text(
        f"process {os.getpid()} ({' '.join([Path(sys.argv[0]).name, *sys.argv[1:2]])})\n", encoding="utf-8"
    )
    return lock


def _release(lock: FileLock, path: Path) -> None:
    if lock.is_locked:
        (path / "holder").unlink(missing_ok=True)
        lock.release()


def _open_chroma(path: Path, embedder: Embedder) -> tuple[Any, Any]:
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(str(path / "chroma"), settings=Settings(anonymized_telemetry=False))
    # No embedding function: Chroma's own would download a model.
    collection = client.get_or_create_collection(
        f"chunks-{sha256(embedder.fingerprint.encode()).hexdigest()[:16]}",
        embedding_function=None,
        configuration={"hnsw": {"space": "cosine"}},
    )
    return client, collection

"""A small deterministic embedder that counts what it embeds, and articles made in one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

from index.articles import Article, content_id
from index.build import cut
from index.errors import ModelError
from index.filters import Filters
from index.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIMENSIONS = 32


@dataclass
class TinyEmbedder:
    """Hashed bags of words: texts that share words are near each other.

    Attributes:
        name: shown in provenance.
        texts: everything embedded so far, in order.
        calls: how often `embed` was called.
        fails_at: the call that raises, counted from 1; 0 for none.
    """

    name: str = "tiny"
    texts: list[str] = field(default_factory=list)
    calls: int = 0
    fails_at: int = 0

    @property
    def fingerprint(self) -> str:
        """The name: another one is another model."""
        return f"{self.name}:1"

    def embed(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """Vectors `(n, 32)` of unit norm."""
        import numpy as np

        del query
        self.calls += 1
        if self.calls == self.fails_at:
            message = "the tiny model broke: mend it"
            raise ModelError(message)
        self.texts.extend(texts)
        vectors = np.full((len(texts), DIMENSIONS), 0.01, np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", f"{self.name} {text.lower()}"):
                vectors[row, sha256(word.encode()).digest()[0] % DIMENSIONS] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def make(
    text: str, key: str = "", *, title: str | None = None, outlet: str | None = None, published: date | None = None
) -> Article:
    """An article as ingest would make it; each has a key of its own unless one is given."""
    ident = content_id(text, title, outlet, published)
    key = key or f"/news/{ident}.txt"
    return Article(ident, key, key.rpartition("/")[2], text, title, outlet, published)


def put(store: Store, *articles: Article) -> None:
    """Adds articles in one batch."""
    store.add([cut(article, store.chunking) for article in articles])


def dense(store: Store, query: str, k: int = 10, filters: Filters | None = None) -> list[str]:
    """Article ids that the vectors find, best first."""
    vector = store.embedder.embed([query], query=True)[0]
    return [key.partition(":")[0] for key, _ in store.search_dense(vector, k, filters or Filters())]


def sparse(store: Store, query: str, k: int = 10, filters: Filters | None = None) -> list[str]:
    """Article ids that the words find, best first."""
    return [key.partition(":")[0] for key, _ in store.search_sparse(query, k, filters or Filters())]

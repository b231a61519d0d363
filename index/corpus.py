"""An open store: the ledger (SQLite) and, derived from it, the word index and the vectors, kept in step."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from index import lock
from index.articles import Article, Chunk
from index.chunks import Chunking, Span
from index.copies import Stories
from index.embed import Embedder
from index.errors import HIDDEN_STORE, StoreError, UnknownArticleError
from index.filters import Filters
from index.ledger import Outcome, now
from index.listing import Listing
from index.manifest import NAME, open_ledger, remedy, write_manifest
from index.sharing import Shared, open_stores
from index.sparse import SparseIndex
from index.spelling import spelled_like
from index.vectors import Pair, VectorIndex, discard

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Cut = tuple[Article, Sequence[Span], Sequence[Chunk]]
"""An article, the spans of its sentences, and its chunks."""


class Store(Shared):
    """An open store. Get one with `open_store`; close it or use it in a `with` block.

    Safe to share between threads: searches go on while one thread at a time changes the corpus.

    Attributes:
        embedder, chunking: what it was made with.
        ledger: articles, chunks, citations and outcomes.
        stories: which articles are copies of each other.
        listing: the articles page by page, and what became of them.
    """

    def __init__(self, path: Path, embedder: Embedder, chunking: Chunking, *, rebuild: bool = False) -> None:
        super().__init__(path)
        self.embedder = embedder
        self.chunking = chunking
        self._fingerprint: str | None = None
        self._writing = threading.RLock()
        with ExitStack() as closing:
            held = lock.hold(path)
            closing.callback(lock.release, held, path)
            self.ledger = open_ledger(path, embedder, chunking, rebuild=rebuild)
            closing.callback(self.ledger.close)
            self.stories = Stories(self.ledger)
            self.listing = Listing(self.ledger)
            self.sparse = SparseIndex(self.ledger.connection)
            with self.ledger.reading():
                self.sparse.create()
            if rebuild:
                discard(path)
            self._vectors = VectorIndex(path, embedder, self.ledger)
            closing.callback(self._vectors.close)
            if not rebuild:
                self._check_vectors()
                if not (path / NAME).exists():
                    write_manifest(path, embedder, chunking)
            closing.callback(open_stores.pop, path, None)
            open_stores[path] = self
            self._closing = closing.pop_all()

    def _check_vectors(self) -> None:
        """Mends what a process that died, or whoever deleted Chroma's folder, left behind."""
        marks = self.ledger.marks()
        if "rebuild" in marks:
            msg = f"a rebuild of {str(self.path)!r} was cut short: {remedy(self.path)}"
            raise StoreError(msg, public=HIDDEN_STORE)
        if marks or self._vectors.count() != self.ledger.rows("SELECT count(*) FROM chunks")[0][0]:
            self.repair()

    # Reading

    def article(self, article_id: str) -> Article:
        """An article by id, also one replaced or removed; raises UnknownArticleError when it was never here."""
        article = self.ledger.article(article_id)
        if article is None:
            msg = f"no article {article_id!r} in the store: `rag articles list` shows the ids"
            raise UnknownArticleError(msg)
        return article

    def story(self, article_id: str) -> str:
        """The id of the first article of its story, its own where it has no copies; of several: `stories.heads`."""
        return self.stories.heads([article_id])[article_id]

    def copies(self, article_id: str) -> list[Article]:
        """The other articles of the same story that answers may use, the earliest first."""
        return self.stories.copies(article_id)

    def articles(self) -> list[Article]:
        """The articles that answers may use, by date and title."""
        return self.ledger.articles()

    def counts(self) -> dict[str, int]:
        """How many articles answers may use, how many chunks they have, and how many citations were ever issued."""
        return self.ledger.counts()

    def is_new(self) -> bool:
        """Whether no article was ever stored here."""
        return not self.ledger.rows("SELECT 1 FROM articles LIMIT 1")

    def extent(self) -> str:
        """The outlets and the range of dates that filters can name, for a message."""
        return self.ledger.extent()

    def fingerprint(self) -> str:
        """12 hexadecimal digits that name exactly this corpus: the same articles give the same fingerprint."""
        with self.ledger.reading():
            if self._fingerprint is None:
                found = self.ledger.rows("SELECT id FROM articles WHERE state = 'live' ORDER BY id")
                self._fingerprint = sha256(" ".join(str(row[0]) for row in found).encode()).hexdigest()[:12]
            return self._fingerprint

    def search_dense(self, vector: NDArray[np.float32], k: int, filters: Filters) -> list[tuple[str, float]]:
        """The k nearest chunks as (id, cosine similarity), best first.

        Args:
            vector: `(d,)` float32, unit norm.
            k: how many at most.
            filters: which articles may be seen.
        """
        if k < 1:
            return []
        hits = self._vectors.search(vector, k, filters.for_chroma())
        # Chroma may be a moment behind: what the ledger has dropped is gone.
        there = self.ledger.chunks([key for key, _ in hits])
        return [(key, similarity) for key, similarity in hits if key in there]

    def similarities(self, vector: NDArray[np.float32], pairs: Sequence[Pair]) -> dict[str, float]:
        """Cosines of a question's vector and chunks, by chunk id, also of chunks that the search did not find."""
        return self._vectors.similarities(vector, pairs)

    def search_sparse(self, query: str, k: int, filters: Filters) -> list[tuple[str, float]]:
        """The k best chunks by BM25 as (id, score), best first; scores are positive, higher is better."""
        if k < 1:
            return []
        where, values = filters.for_sql()
        with self.ledger.reading():
            hits = self.sparse.search(query, k, where, values)
            ids = self.ledger.chunk_ids([row for row, _ in hits])
        return [(ids[row], score) for row, score in hits]

    def spelled_like(self, word: str) -> list[str] | None:
        """Words of the corpus that are spelled almost like one; None where that is in it. See `index.spelling`."""
        with self.ledger.reading() as connection:
            return spelled_like(connection, word)

    def vector_ids(self) -> list[str]:
        """Ids of all chunks that Chroma holds."""
        return self._vectors.ids()

    # Writing: the ledger first, in one transaction that also marks Chroma as behind, then Chroma, then the mark goes.
    # A process that dies in between leaves the mark, and the next one to open the store repairs it.

    def embed(self, cuts: Sequence[Cut]) -> dict[str, NDArray[np.float32]]:
        """Vectors `(d,)` by chunk id; what was embedded before comes from the cache."""
        return self._vectors.embed(_pairs(cuts))

    def add(self, additions: Sequence[Cut]) -> None:
        """Stores articles; replaces what their keys stood for before. One that is here already gets one more origin."""
        vectors = self.embed(additions)
        with self._changing():
            gone: list[str] = []
            with self.ledger.transaction():
                self._mark("change")
                for article, sentences, chunks in additions:
                    gone += self._retire(article.key, article.id)
                    if self.ledger.state(article.id) != "live":
                        self._put_in(article, sentences, chunks)
                    self.ledger.point(article)
                there = {a.id for a, _, _ in additions if self.ledger.state(a.id) == "live"}
            self._vectors.delete(gone)
            self._vectors.put([pair for pair in _pairs(additions) if pair[1].id in there], vectors)

    def point(self, article: Article) -> bool:
        """Lets the article's key stand for it if it is in the corpus; whether it is."""
        with self._changing():
            with self.ledger.transaction():
                if self.ledger.state(article.id) != "live":
                    return False
                self._mark("change")
                gone = self._retire(article.key, article.id)
                self.ledger.point(article)
            self._vectors.delete(gone)
        return True

    def remove(self, article_id: str) -> None:
        """Takes an article out of the corpus; no later answer uses it. Its text stays so that old citations resolve."""
        with self._changing():
            with self.ledger.transaction():
                if self.ledger.state(article_id) != "live":
                    msg = f"no article {article_id!r} in the corpus: `rag articles list` shows the ids"
                    raise UnknownArticleError(msg)
                self._mark("change")
                gone = self._take_out(article_id)
                self.ledger.forget_origins(article_id)
                self.ledger.set_state(article_id, "removed")
                self.ledger.note([Outcome(self.article(article_id).source, "removed", article_id)])
            self._vectors.delete(gone)

    def restore(self, removed: Cut) -> Outcome:
        """Brings an article back that was removed; see `index.build.restore`."""
        article, sentences, chunks = removed
        vectors = self.embed([removed])
        with self._changing():
            with self.ledger.transaction():
                self.ledger.recall_origins(article.id)
                self._mark("change")
                self._put_in(self.article(article.id), sentences, chunks)
                outcome = Outcome(self.article(article.id).source, "restored", article.id)
                self.ledger.note([outcome])
            self._vectors.put(_pairs([removed]), vectors)
        return outcome

    def leave(self, key: str, article_id: str) -> bool:
        """Lets an origin no longer stand for an article; whether another one still does, which then is its source."""
        with self.ledger.transaction():
            held = self.ledger.leave(key, article_id)
            if held:
                self.listing.listed.renew(article_id)
        return held

    def rebuild(self, cuts: Sequence[Cut]) -> None:
        """Replaces all chunks, words and vectors; `embed` them first, so that a model that fails changes nothing."""
        with self._writing:
            with self.ledger.transaction():
                self._mark("rebuild")
                self.ledger.delete_chunks()
                for article, sentences, chunks in cuts:
                    self.ledger.put_sentences(article.id, sentences)
                    self.ledger.put_chunks(chunks)
                self.stories.rebuild([article for article, _, _ in cuts])
                self.listing.listed.rebuild()
                self.sparse.rebuild()
                self._vectors.forget_others()
            self._vectors.sync()
            write_manifest(self.path, self.embedder, self.chunking)
            self.ledger.clear_marks()

    def repair(self) -> None:
        """Brings Chroma in line with the ledger."""
        with self._writing:
            self._vectors.sync()
            self.ledger.clear_marks()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One change at a time, begun with Chroma in line and ended so; one that fails on its way leaves its mark."""
        with self._writing:
            if self.ledger.marks():
                self.repair()
            yield
            self.ledger.clear_marks()

    def _mark(self, what: Literal["change", "rebuild"]) -> None:
        self.ledger.mark(what)
        self._fingerprint = None

    def _retire(self, key: str, successor: str) -> list[str]:
        """Takes out what `key` stood for, unless other origins still hold it; ids of its chunks."""
        old = self.ledger.current(key)
        if old is None or old == successor or self.leave(key, old):
            return []
        self.ledger.set_state(old, "replaced")
        return self._take_out(old)

    def _put_in(self, article: Article, sentences: Sequence[Span], chunks: Sequence[Chunk]) -> None:
        self.ledger.put_article(article, sentences)
        self.stories.add(article)
        self.listing.listed.add(article.id, now())
        rows = self.ledger.put_chunks(chunks)
        self.sparse.add(rows, [chunk.text for chunk in chunks], [article.title or ""] * len(chunks))

    def _take_out(self, article_id: str) -> list[str]:
        self.stories.remove(article_id)
        self.listing.listed.remove(article_id)
        rows = self.ledger.chunk_rows(article_id)
        self.sparse.remove([number for number, _ in rows])
        self.ledger.delete_chunks(article_id)
        return [chunk.id for _, chunk in rows]


def _pairs(cuts: Sequence[Cut]) -> list[Pair]:
    """Each chunk once, with its article."""
    return list({chunk.id: (chunk, article) for article, _, chunks in cuts for chunk in chunks}.values())

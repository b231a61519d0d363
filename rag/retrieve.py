"""Question -> passages: dense and sparse search, fused, each story once; filters work inside both searches."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from index.articles import Article, Chunk
from index.copies import repeated
from index.filters import Filters
from index.store import Store
from rag.fuse import DEPTH, fuse
from rag.rerank import DEPTH as RERANKED
from rag.rerank import CrossEncoder, blend, undecided

MOST_OF_ONE = 0.75
"""Share of the passages that one article may have: one that repeats the question's words must not crowd out the others
(`rag eval poisoned`, floods)."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was retrieved for a question.

    Attributes:
        score: the fused score, 0 to 1 within one question.
        similarity: cosine of question and chunk, -1 to 1.
    """

    chunk: Chunk
    article: Article
    score: float
    similarity: float


def retrieve(
    store: Store, question: str, k: int, filters: Filters | None = None, reranker: CrossEncoder | None = None
) -> list[Passage]:
    """The k best passages, best first; none when the filters leave nothing.

    Args:
        store: where to search.
        question: by itself, see `rag.converse`.
        k: how many at most.
        filters: which articles may be found.
        reranker: reads the first few again where the race between them is close; None where the caller reads their
            sentences anyway, as an answer does.
    """
    allowed = filters or Filters()
    vector = store.embedder.embed([question], query=True)[0]
    dense = store.search_dense(vector, DEPTH, allowed)
    best = fuse(dense, store.search_sparse(question, DEPTH, allowed))
    chunks = store.ledger.chunks([key for key, _ in best])
    best = [(key, score) for key, score in best if key in chunks]
    again = repeated(
        [chunks[key] for key, _ in best], store.stories.heads({chunk.article_id for chunk in chunks.values()})
    )
    best = [(key, score) for key, score in best if key not in again]
    if reranker is not None and undecided(best):
        best = blend(best, reranker.score(question, [chunks[key].text for key, _ in best[:RERANKED]]))
    best = _spread(best, {key: chunk.article_id for key, chunk in chunks.items()}, k)
    articles = {article_id: store.article(article_id) for article_id in {chunks[key].article_id for key, _ in best[:k]}}
    similarity = dict(dense)
    by_words = [chunks[key] for key, _ in best[:k] if key not in similarity]
    similarity |= store.similarities(vector, [(chunk, articles[chunk.article_id]) for chunk in by_words])
    return [Passage(chunks[key], articles[chunks[key].article_id], score, similarity[key]) for key, score in best[:k]]


def _spread(best: list[tuple[str, float]], article_of: Mapping[str, str], k: int) -> list[tuple[str, float]]:
    """The same with at most MOST_OF_ONE of the first k from one article, where others have any to give."""
    most, seen = math.ceil(MOST_OF_ONE * k), Counter[str]()
    first: list[tuple[str, float]] = []
    for key, score in best:
        seen[article_of[key]] += 1
        if seen[article_of[key]] <= most:
            first.append((key, score))
    first = first[:k]
    return first + [one for one in best if one not in first]

"""Fusion: two rankings of the same corpus become one. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

DEPTH = 50
"""Candidates to take from each ranking: with 20 the best of each fusion is lower (`python -m eval.bench.retrieval`)."""

DENSE_WEIGHT = 0.4
"""What meaning (cosine) counts, words (BM25) have the rest: best on the dev halves for both local embedders, and
0.005 nDCG at most above its neighbours from 0.3 to 0.6 (`python -m eval.bench.retrieval`)."""

Ranking = Sequence[tuple[str, float]]
"""Ids with scores, best first."""


def fuse(dense: Ranking, sparse: Ranking) -> list[tuple[str, float]]:
    """One ranking from cosines and BM25 scores: ids with fused scores in 0 to 1, best first.

    A fused score compares candidates of one question. It does not say that the best is any good: some candidate
    always has nearly 1, also for a question the corpus cannot answer.

    Args:
        dense: the DEPTH nearest, ids with cosine similarities.
        sparse: the DEPTH best by words, ids with BM25 scores.
    """
    return convex(dense, sparse, DENSE_WEIGHT)


def convex(dense: Ranking, sparse: Ranking, weight: float) -> list[tuple[str, float]]:
    """A weighted sum of scores, each scaled to 0..1 within its own list; an id that a list lacks gets its 0.

    Args:
        dense: ids with cosine similarities, -1 to 1.
        sparse: ids with BM25 scores, above 0.
        weight: of `dense`, 0 to 1; `sparse` has the rest.
    """
    low = min((score for _, score in dense), default=0.0)
    a, b = _scaled(dense, low), _scaled(sparse, 0.0)
    return _ranked({key: weight * a.get(key, 0.0) + (1 - weight) * b.get(key, 0.0) for key in a | b})


def rrf(rankings: Sequence[Ranking], weights: Sequence[float], k: int = 60) -> list[tuple[str, float]]:
    """Weighted reciprocal rank fusion (Cormack et al. 2009): scores play no part, only places do."""
    total: dict[str, float] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for place, (key, _) in enumerate(ranking, start=1):
            total[key] = total.get(key, 0.0) + weight / (k + place)
    return _ranked(total)


def _scaled(ranking: Ranking, low: float) -> dict[str, float]:
    """Scores by id, `low` becomes 0 and the best 1; where all are equal, all are 1."""
    span = max((score for _, score in ranking), default=low) - low
    return {key: (score - low) / span if span > 0 else 1.0 for key, score in ranking}


def _ranked(scores: dict[str, float]) -> list[tuple[str, float]]:
    """Best first; ids settle ties, so that the order never depends on the order of arrival."""
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))

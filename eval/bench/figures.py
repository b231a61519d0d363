"""How well scores tell two kinds apart, with an interval that respects where the samples come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from eval.statistics import LEVEL, RESAMPLES, SEED, Estimate, _percentiles

if TYPE_CHECKING:
    from numpy.typing import NDArray


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Chance that a positive scores above a negative, ties half (Mann-Whitney); nan when one of them is missing."""
    wins = _wins(scores, labels)
    return float(wins.mean()) if wins.size else float("nan")


def auroc_estimate(scores: Sequence[float], labels: Sequence[bool], clusters: Sequence[str]) -> Estimate:
    """The AUROC with a 95 % interval, resampling clusters as `eval.statistics.estimate` does.

    That function cannot give it: it summarises one score a sample, and an AUROC is made of pairs of samples. What the
    two share is the number of resamples, the seed and how far out the percentiles are taken.

    Args:
        scores: one a sample, higher for positives.
        labels: whether a sample is positive.
        clusters: the source document of each sample, same length.

    Returns:
        The figure; its value is None without positives or negatives, its ends are None with a single cluster and where
        resampling cannot move it, which is no certainty.
    """
    wins = _wins(scores, labels)
    if not wins.size:
        return Estimate(None, None, None, len(scores))
    value = float(wins.mean())
    names, members = np.unique(list(clusters), return_inverse=True)
    count, positive = len(names), np.array(labels, bool)
    if count < 2:
        return Estimate(value, None, None, len(scores))
    # A pair counts as often as both of its clusters were drawn, so sums over pairs of clusters say all there is.
    belongs = np.eye(count)[members]
    between = belongs[positive].T @ wins @ belongs[~positive]
    draws = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    pairs = (draws @ belongs[positive].sum(0)) * (draws @ belongs[~positive].sum(0))
    figures = ((draws @ between) * draws).sum(1)[pairs > 0] / pairs[pairs > 0]
    if not figures.size or np.ptp(figures) < 1e-12:
        return Estimate(value, None, None, len(scores))
    low, high = _percentiles(figures, LEVEL, count)
    return Estimate(value, low, high, len(scores))


def interval(found: Estimate) -> str:
    """As in "0.745 [0.629, 0.811]"; "nan" where there is no figure, no brackets where there is no interval."""
    if found.value is None:
        return "nan"
    ends = "" if found.low is None or found.high is None else f" [{found.low:.3f}, {found.high:.3f}]"
    return f"{found.value:.3f}{ends}"


def _wins(scores: Sequence[float], labels: Sequence[bool]) -> NDArray[np.float64]:
    """`(positives, negatives)`: 1 where the positive scores higher, 0.5 for a tie, 0 else."""
    found, positive = np.array(scores, float), np.array(labels, bool)
    wins: NDArray[np.float64] = np.sign(found[positive][:, None] - found[~positive][None, :]) / 2 + 0.5
    return wins

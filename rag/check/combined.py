"""The default checker: the trained model's belief and the rules' objections, weighed into one probability."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rag.check import Claim, Verdict
from rag.check.rules import Reading, readings, weightiest
from rag.check.trained import Belief, beliefs

WEIGHTS: dict[str, float] = {"bias": 0.0, "belief": 1.0}
"""Of a logistic regression: by `eval.train.combine` on claims that the model was not trained on."""

THRESHOLD = 0.5
"""Least probability of a supported claim."""


class CombinedChecker:
    """Rules and model together.

    Attributes:
        name: shown in every answer's provenance.
    """

    name = "combined-1"

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        """One verdict a claim, in order; its score is the estimated probability that the evidence supports it.

        Raises:
            ModelError: the model's file is missing or altered.
        """
        read = list(readings(claims))
        open_ones = [(claim, evidence) for claim, evidence, reading in read if not reading.settled]
        believed = iter(beliefs(open_ones))
        return [reading.settled or judge(reading, next(believed)) for _, _, reading in read]


def judge(reading: Reading, belief: Belief) -> Verdict:
    """The verdict on a claim that both have read.

    "Supported" needs a probability of `THRESHOLD` and no objection of a rule that is sure, whatever the probability.
    """
    score = round(probability(signs(reading, belief)), 4)
    stopped = [finding for _, finding in reading.found if finding.sure]
    if score >= THRESHOLD and not stopped:
        return Verdict("supported", score)
    objections = stopped or [finding for name, finding in reading.found if name != "words"]
    if objections:
        worst = weightiest(objections)
        return Verdict(worst.label, score, worst.reason)
    if belief.contradicted > belief.unsaid:
        return Verdict("contradicted", score, "the evidence seems to say otherwise")
    words = next((finding.reason for name, finding in reading.found if name == "words"), "")
    return Verdict("unsupported", score, words or "the evidence does not seem to say this")


def probability(signs: Mapping[str, float]) -> float:
    """That the evidence supports a claim, 0 to 1."""
    return 1 / (1 + math.exp(-sum(WEIGHTS.get(name, 0.0) * value for name, value in signs.items())))


def signs(reading: Reading, belief: Belief) -> dict[str, float]:
    """What the probability is weighed from, by name: the model's belief, shares of words, 1 for a rule that objects."""
    return {
        "bias": 1.0,
        "belief": _logit(belief.supported),
        "contradicted": belief.contradicted,
        "share": reading.share,
        "pairs": reading.pairs,
        "new": min(reading.new, 5) / 5,
        **{name: 1.0 for name, _ in reading.found},
    }


def _logit(p: float) -> float:
    p = min(max(p, 1e-4), 1 - 1e-4)
    return math.log(p / (1 - p))

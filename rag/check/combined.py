"""The default checker: the trained model's belief and the rules' objections, weighed into one probability."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rag.check import Claim, Verdict
from rag.check.rules import Reading, readings, weightiest
from rag.check.trained import Belief, beliefs

WORDS: dict[str, float] = {
    "share": 2.0,
    "pairs": 1.0,
    "new": -2.0,
    "known_names": -0.7,
    "numbers": -0.7,
    "days": -0.5,
    "opposites": -0.5,
}
"""What the words that are held, and the rules that object, count for. Set by hand and not learnt: in the claims that
the model learnt from, shared words were kept from telling the label, and in texts as they are written they do tell it.
On the tune halves of `rag eval verifier` these give a mean AUROC of 0.84, weights learnt from held-out claims 0.80."""

SCALE, LEVEL = 0.870, 1.179
"""What makes it a probability (Platt 1999) where half of the claims are true: by `eval.train.combine` on claims held
out of the last draw of the training data (some were read in earlier draws, see index/weights/verifier.md)."""

THRESHOLD = 0.5
"""Least probability of a supported claim."""


MOST_NEW = 5
"""Words that stand nowhere in the evidence: more are no worse."""


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

    "Supported" needs a probability of `THRESHOLD` and no objection of a rule that is sure, and a reader that
    does not rather think it contradicted, whatever the probability.
    """
    score = round(probability(signs(reading, belief)), 4)
    stopped = [finding for _, finding in reading.found if finding.sure]
    if score >= THRESHOLD and not stopped and belief.supported >= belief.contradicted:
        return Verdict("supported", score)
    objections = stopped or [finding for name, finding in reading.found if name != "words"]
    if objections:
        worst = weightiest(objections)
        return Verdict(worst.label, score, worst.reason)
    if belief.contradicted > belief.unsaid:
        return Verdict("contradicted", score, "the evidence seems to say otherwise")
    words = next((finding.reason for name, finding in reading.found if name == "words"), "")
    return Verdict("unsupported", score, words or "the evidence does not seem to say this")


def probability(signs: Mapping[str, float], scale: float = SCALE, level: float = LEVEL) -> float:
    """That the evidence supports a claim, 0 to 1: that the reader is right to believe it, and that the words allow it.

    Two logistic functions, multiplied and then calibrated: many shared words cannot make up for a reader that sees the
    claim denied, nor a reader that is sure for words that stand nowhere.
    """
    words = sum(weight * signs.get(name, 0.0) for name, weight in WORDS.items())
    return _sigmoid(level + scale * _logit(_sigmoid(signs["belief"]) * _sigmoid(words)))


def signs(reading: Reading, belief: Belief) -> dict[str, float]:
    """What the probability is weighed from, by name: the model's belief, shares of words, 1 for a rule that objects."""
    return {
        "belief": _logit(belief.supported),
        "share": reading.share,
        "pairs": reading.pairs,
        "new": min(reading.new, MOST_NEW) / MOST_NEW,
        **{name: 1.0 for name, _ in reading.found},
    }


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _logit(p: float) -> float:
    p = min(max(p, 1e-6), 1 - 1e-4)
    return math.log(p / (1 - p))

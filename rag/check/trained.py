"""The trained checker: a cross-encoder made here reads a claim beside its evidence (index/weights/verifier.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.models import VERIFIER, run, tokenizer
from rag.check import Claim, Verdict
from rag.check.evidence import Evidence, Statement
from rag.check.facts import fold
from rag.check.select import windows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_TOKENS = 224
"""Word pieces of a claim with a window of evidence; the evidence is cut."""

LONGEST_CLAIM = 128
"""Word pieces of a claim that is read; a longer one is not believed, for its end would go unread."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What the model gives a claim: three probabilities that add up to 1, of the window that supports it best."""

    supported: float
    contradicted: float
    unsaid: float


NOTHING = Belief(0.0, 0.0, 1.0)
"""Of a claim without evidence, without a word, or too long to read."""


class TrainedChecker:
    """The model alone; the default is it together with the rules (`rag.check.combined`).

    Attributes:
        name: shown in every answer's provenance.
    """

    name = "trained-1"

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        """One verdict a claim, in order: the likeliest of the three. Raises ModelError without the model's file."""
        known: dict[tuple[str, ...], Evidence] = {}
        read = []
        for claim in claims:
            if claim.evidence not in known:
                known[claim.evidence] = Evidence(claim.evidence)
            read.append((Statement(fold(claim.text)), known[claim.evidence]))
        return [_verdict(belief) for belief in beliefs(read)]


def _verdict(belief: Belief) -> Verdict:
    score = round(belief.supported, 4)
    if belief.supported >= max(belief.contradicted, belief.unsaid):
        return Verdict("supported", score)
    if belief.contradicted > belief.unsaid:
        return Verdict("contradicted", score, "the evidence seems to say otherwise")
    return Verdict("unsupported", score, "the evidence does not seem to say this")


def beliefs(read: Sequence[tuple[Statement, Evidence]]) -> list[Belief]:
    """What the model makes of each claim, in order.

    Raises:
        ModelError: the model's file is missing or altered.
    """
    pairs, owners = [], []
    for i, (claim, evidence) in enumerate(read):
        for window in windows(claim, evidence) if _readable(claim) else ():
            pairs.append((claim.text, window))
            owners.append(i)
    found = [NOTHING] * len(read)
    for i, given in zip(owners, run(VERIFIER, tokenizer(MAX_TOKENS, keep="first"), pairs, _softmax), strict=True):
        belief = Belief(*map(float, given))
        if belief.supported > found[i].supported or found[i] is NOTHING:
            found[i] = belief
    return found


def _softmax(output: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities `(3,)` from logits `(1, 3)`: supported, contradicted, not enough."""
    import numpy as np

    powers = np.exp(output[0] - output[0].max())
    return np.asarray(powers / powers.sum(), np.float32)


def _readable(claim: Statement) -> bool:
    """Whether the model would read the whole claim, and whether there is a word in it."""
    if not any(token.text[0].isalnum() for token in claim.tokens):
        return False
    if len(claim.text) <= LONGEST_CLAIM:  # a word piece has at least one character
        return True
    return len(tokenizer().encode(claim.text, add_special_tokens=False)) <= LONGEST_CLAIM

"""Reranking: a cross-encoder reads a question and a text together and scores how well the text answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.models import ANSWERABLE, CROSS_ENCODER, ModelFile, run, tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Chosen on the dev halves by `python -m eval.bench.retrieval`, figures in docs/measurements.md.
DEPTH = 4
"""Passages to rerank: 8 and 16 cost two and four times as much for next to no gain."""

WEIGHT = 0.5
"""What the cross-encoder counts: alone it is worse on CLAPnq and on Cranfield, text it was not trained on."""

GATE = 0.2
"""Lead of the best fused score over the second from which reranking is not worth its time."""


@dataclass(frozen=True, slots=True)
class CrossEncoder:
    """ms-marco-MiniLM-L-12, trained on web questions and passages.

    Attributes:
        max_tokens: length a pair is cut to; the text is cut, the question only beyond half of it.
        model: its weights.
    """

    max_tokens: int = 256
    model: ModelFile = CROSS_ENCODER

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Logits `(n,)` float32, in order: above 0 the text more likely answers the question than not.

        Raises:
            ModelError: the model's file is missing or altered.
        """
        import numpy as np

        asked = _shortened(question, self.max_tokens // 2)
        pieces = tokenizer(self.max_tokens, keep="first")
        logits = run(self.model, pieces, [(asked, text) for text in texts], lambda output: output[0, :1])
        return np.array(logits, np.float32).reshape(len(texts))


NEAR_MISSES = CrossEncoder(model=ANSWERABLE)
"""Trained on from there to tell a text that answers from one that comes near; it is no ranker."""


def _shortened(question: str, most: int) -> str:
    """The question, cut after `most` word pieces: a pasted page must leave room for the text."""
    encoding = tokenizer().encode(question, add_special_tokens=False)
    return question if len(encoding) <= most else question[: encoding.offsets[most - 1][1]]


def undecided(fused: Sequence[tuple[str, float]], gate: float = GATE) -> bool:
    """Whether reranking is worth its time: the scores of the two best of `rag.fuse.fuse` are closer than `gate`."""
    return len(fused) > 1 and fused[0][1] - fused[1][1] < gate


def blend(
    fused: Sequence[tuple[str, float]], logits: Sequence[float] | NDArray[np.float32], weight: float = WEIGHT
) -> list[tuple[str, float]]:
    """The first `len(logits)` of a ranking in a new order, best first; the others stay behind them in theirs.

    Args:
        fused: ids with scores in 0 to 1 from `rag.fuse.fuse`, best first.
        logits: the cross-encoder's, for the first of them; scaled here so that the lowest is 0 and the highest 1.
        weight: of the logits, 0 to 1; the fused scores have the rest.

    Returns:
        Ids with blended scores, 0 to 1, falling; those that were not reranked have at most the lowest blended one.
    """
    if not len(logits):
        return list(fused)
    low, high = float(min(logits)), float(max(logits))
    span = high - low or 1.0
    head = [
        (key, (1 - weight) * score + weight * (float(logit) - low) / span)
        for (key, score), logit in zip(fused[: len(logits)], logits, strict=True)
    ]
    head.sort(key=lambda item: -item[1])
    return head + [(key, min(score, head[-1][1])) for key, score in fused[len(logits) :]]

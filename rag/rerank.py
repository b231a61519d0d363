"""Reranking: a cross-encoder reads a question and a text together and scores how well the text answers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.models import CROSS_ENCODER, run, tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUESTION_TOKENS = 128
"""A question is cut to this before it is paired, so that room for the text is always left."""


@dataclass(frozen=True, slots=True)
class CrossEncoder:
    """ms-marco-MiniLM-L-12, trained on web questions and passages.

    Attributes:
        max_tokens: length a pair is cut to; only the text is cut, never the question. At least 160.
    """

    max_tokens: int = 256
    name: str = "ms-marco-MiniLM-L-12-v2-int8"

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Logits `(n,)` float32, in order: above 0 the text more likely answers the question than not.

        Raises:
            ModelError: the model's file is missing or altered.
        """
        import numpy as np

        asked = _shortened(question)
        pieces = tokenizer(self.max_tokens, keep="first")
        logits = run(CROSS_ENCODER, pieces, [(asked, text) for text in texts], lambda output: output[0, :1])
        return np.array(logits, np.float32).reshape(len(texts))


def _shortened(question: str) -> str:
    """The question, cut after QUESTION_TOKENS word pieces: a pasted page is no longer a question."""
    encoding = tokenizer().encode(question, add_special_tokens=False)
    if len(encoding) <= QUESTION_TOKENS:
        return question
    return question[: encoding.offsets[QUESTION_TOKENS - 1][1]]

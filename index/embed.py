"""Texts to vectors: one protocol; a store is bound to the embedder's fingerprint."""

from __future__ import annotations

import functools
import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from index.errors import HIDDEN_MODEL, ModelError
from index.models import BGE_SMALL, MINILM, WORD_PIECES, ModelFile, run, tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIMENSIONS = 384
"""Of both local models."""


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their cosine similarity."""

    @property
    def name(self) -> str:
        """Shown in every answer's provenance."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes when the vectors would; a store opened with another one is refused."""
        ...

    def embed(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """Vectors `(n, d)` float32 of unit norm, in order. Raises ModelError where the model cannot run.

        Args:
            texts: any strings; a blank one has a vector too.
            query: True for questions: some models were trained to read these differently.
        """
        ...


@dataclass(frozen=True, slots=True)
class OnnxEmbedder:
    """A BERT encoder on this CPU.

    Attributes:
        name: shown in provenance.
        weights: the ONNX file.
        pooling: "mean" over the tokens, or "first" for the vector of the first token.
        query_prefix: put before questions, as the model was trained.
        max_tokens: what a text is cut to, the two control tokens included.
    """

    name: str
    weights: ModelFile
    pooling: str
    query_prefix: str = ""
    max_tokens: int = 256

    @property
    def fingerprint(self) -> str:
        """Name and 16 hexadecimal digits over weights, word pieces, pooling, prefix and length."""
        made_of = [self.weights.sha256, WORD_PIECES.sha256, self.pooling, self.query_prefix, self.max_tokens]
        return f"{self.name}:{hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]}"

    def embed(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """Vectors `(n, 384)` float32 of unit norm, in order. Raises ModelError where the model cannot run."""
        import numpy as np

        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        prefix = self.query_prefix if query else ""
        pool = _mean if self.pooling == "mean" else _first
        vectors = run(self.weights, tokenizer(self.max_tokens), [prefix + text for text in texts], pool)
        return _unit(np.stack(vectors), self.name)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text, nothing cut, control tokens left out: `max_tokens - 2` of them are embedded."""
        return [len(tokenizer().encode(text, add_special_tokens=False)) for text in texts]


@dataclass(frozen=True)
class OpenAIEmbedder:
    """A model behind a server that speaks the OpenAI protocol (`POST BASE/embeddings`).

    Attributes:
        model: as the server names it.
        base_url: ends in `/v1` with most servers.
        api_key: sent to that server alone; servers without keys ignore it.
        timeout: seconds for one request.
        retries: how often a failed request is sent again.
        batch: texts a request.
    """

    model: str
    base_url: str
    api_key: str = field(default="none", repr=False)
    timeout: float = 60.0
    retries: int = 2
    batch: int = 64

    @property
    def name(self) -> str:
        """The model's name, marked as a server's."""
        return f"openai:{self.model}"

    @property
    def fingerprint(self) -> str:
        """The model's name: the same model at another address gives the same vectors, weights cannot be seen."""
        return self.name

    @functools.cached_property
    def _client(self) -> Any:  # noqa: ANN401 - llama_index is imported late
        import httpx
        from llama_index.embeddings.openai_like import OpenAILikeEmbedding

        # Its retries are reported by the error below; without any handler Python would print each as well.
        logging.getLogger("llama_index.embeddings.openai").addHandler(logging.NullHandler())
        # A proxy meant for the outside world cannot reach a server on this machine.
        local = urlsplit(self.base_url).hostname in {"localhost", "127.0.0.1", "::1"}
        return OpenAILikeEmbedding(
            model_name=self.model,
            api_base=self.base_url,
            api_key=self.api_key,
            timeout=self.timeout,
            max_retries=self.retries,
            embed_batch_size=self.batch,
            http_client=httpx.Client(timeout=self.timeout, trust_env=not local),
        )

    def embed(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:  # noqa: ARG002
        """Vectors `(n, d)` float32 of unit norm, in order; `(0, 0)` for no texts.

        Raises:
            ModelError: the server does not answer, refuses, or gives something other than one vector a text.
        """
        import numpy as np
        from openai import OpenAIError

        if not texts:
            return np.zeros((0, 0), np.float32)
        # The protocol refuses an empty string; a lone stop is the nearest text to none.
        filled = [text if text.strip() else "." for text in texts]
        where = f"the embedding server at {self.base_url!r} (model {self.model!r})"
        try:
            vectors = np.array(self._client.get_text_embedding_batch(filled), np.float32)
        except (OpenAIError, ValueError, TypeError, AttributeError) as exc:
            reason = str(exc).splitlines()[0] if str(exc) else type(exc).__name__
            message = f"{where} gave no vectors: {reason}; start it, or correct its address, model or key"
            raise ModelError(message, public=HIDDEN_MODEL) from exc
        if vectors.ndim != 2 or len(vectors) != len(texts):
            message = f"{where} gave an array of shape {vectors.shape!r} for {len(texts)} texts: use another server"
            raise ModelError(message, public=HIDDEN_MODEL)
        return _unit(vectors, where)


@dataclass(frozen=True)
class SentenceTransformerEmbedder:
    """Any model of the sentence-transformers library, where that is installed.

    Attributes:
        model: a folder, or a name the library knows where to find.
    """

    model: str

    @property
    def name(self) -> str:
        """The model's name, marked as the library's."""
        return f"st:{self.model}"

    @functools.cached_property
    def fingerprint(self) -> str:
        """Name and 16 hexadecimal digits over all weights and the length texts are cut to."""
        digest = hashlib.sha256(str(self._encoder.max_seq_length).encode())
        for key, tensor in sorted(self._encoder.state_dict().items()):
            digest.update(key.encode())
            digest.update(tensor.detach().cpu().float().numpy().tobytes())
        return f"{self.name}:{digest.hexdigest()[:16]}"

    @functools.cached_property
    def _encoder(self) -> Any:  # noqa: ANN401 - an optional dependency
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as exc:
            message = (
                f"the embedder {self.name!r} needs sentence-transformers, which is not installed: "
                "pip install 'sourcebound[sentence-transformers]'"
            )
            raise ModelError(message) from exc
        try:
            return SentenceTransformer(self.model)
        except (OSError, ValueError) as exc:
            message = f"the embedder {self.name!r} cannot be loaded ({exc}): give a folder or the name of a model"
            raise ModelError(message.replace("\n", " "), public=HIDDEN_MODEL) from exc

    def embed(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """Vectors `(n, d)` float32 of unit norm, in order. Raises ModelError where the model cannot run."""
        import numpy as np

        if not texts:
            return np.zeros((0, self._encoder.get_sentence_embedding_dimension()), np.float32)
        encode = self._encoder.encode_query if query else self._encoder.encode_document
        vectors = encode(list(texts), convert_to_numpy=True, show_progress_bar=False)
        return _unit(np.asarray(vectors, np.float32), self.name)


MINILM_EMBEDDER = OnnxEmbedder("all-MiniLM-L6-v2-int8", MINILM, "mean")
BGE_EMBEDDER = OnnxEmbedder(
    "bge-small-en-v1.5-int8",
    BGE_SMALL,
    "first",
    query_prefix="Represent this sentence for searching relevant passages: ",
    max_tokens=512,
)
LOCAL = {"minilm": MINILM_EMBEDDER, "bge-small": BGE_EMBEDDER}

DEFAULT = "bge-small"
"""Ahead of MiniLM in quality and 1.4 times as fast (`python -m eval.bench.retrieval`, `python -m eval.bench.speed`)."""


def by_name(spec: str, *, api_key: str = "none") -> Embedder:
    """The embedder a setting names; nothing is loaded yet.

    Args:
        spec: "minilm", "bge-small", "openai:MODEL@BASE_URL" or "st:MODEL".
        api_key: for "openai:" alone.

    Raises:
        ModelError: the name is none of these.
    """
    kind, _, rest = spec.partition(":")
    model, _, base_url = rest.rpartition("@")
    if spec in LOCAL:
        return LOCAL[spec]
    if kind == "st" and rest:
        return SentenceTransformerEmbedder(rest)
    if kind == "openai" and model and urlsplit(base_url).scheme in {"http", "https"}:
        return OpenAIEmbedder(model, base_url, api_key or "none")
    message = f"unknown embedder {spec!r}: use 'minilm', 'bge-small', 'openai:MODEL@BASE_URL' or 'st:MODEL'"
    raise ModelError(message)


def _mean(states: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean `(d,)` of the token states `(1, t, d)` of one text."""
    mean: NDArray[np.float32] = states[0].mean(axis=0)
    return mean


def _first(states: NDArray[np.float32]) -> NDArray[np.float32]:
    """State `(d,)` of the first token of one text."""
    first: NDArray[np.float32] = states[0, 0].copy()  # a view would keep all states alive
    return first


def _unit(vectors: NDArray[np.float32], who: str) -> NDArray[np.float32]:
    """Rows scaled to length 1. Raises ModelError where one has no direction: it would match all or nothing."""
    import numpy as np

    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(norms).all() or (norms == 0).any():
        row = int(np.flatnonzero(~np.isfinite(norms) | (norms == 0))[0])
        message = f"{who} gave a vector of length {float(norms[row, 0])!r} for text {row}: use another embedder"
        raise ModelError(message, public=HIDDEN_MODEL)
    unit: NDArray[np.float32] = vectors / norms
    return unit

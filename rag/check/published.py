"""Published verifiers as checkers, where a user has them installed: LettuceDetect, HHEM and MiniCheck.

They tell supported from not supported, so what they object to is "unsupported", never "contradicted". Nothing is
downloaded: a model must be on disk, in a folder that is named or in the Hugging Face cache, unless the user has set
HF_HUB_OFFLINE=0.

Written after the sources of
[1] github.com/KRLabsOrg/LettuceDetect, lettucedetect/models/inference.py and lettucedetect/detectors/transformer.py;
    Á. Kovács and G. Recski 2025, "LettuceDetect: A Hallucination Detection Framework for RAG Applications".
[2] huggingface.co/vectara/hallucination_evaluation_model, its model card and modeling_hhem_v2.py (HHEM-2.1-Open).
[3] github.com/Liyan06/MiniCheck, minicheck/minicheck.py and minicheck/inference.py;
    L. Tang et al. 2024, "MiniCheck: Efficient Fact-Checking of LLMs on Grounding Documents".
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from index.errors import HIDDEN_MODEL, ModelError
from rag.check import Claim, Verdict

THRESHOLD = 0.5
"""Support from which a claim is supported: where the projects themselves cut."""

BATCH = 16
"""Claims that are read together; they are padded to the longest."""


class Published(ABC):
    """A published model as a checker; it is loaded with the first claim.

    Args:
        model: a folder, or the name under which it lies in the Hugging Face cache.

    Attributes:
        name: "KIND:MODEL"; of a folder its last part.
    """

    kind: ClassVar[str]
    default: ClassVar[str]
    install: ClassVar[str]

    def __init__(self, model: str) -> None:
        self.model = model
        self.name = f"{self.kind}:{Path(model).name if Path(model).is_dir() else model}"

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        """One verdict a claim, in order. Raises ModelError where the package or its model is missing or fails."""
        asked = [claim for claim in claims if claim.evidence]
        read: list[Verdict] = []
        for start in range(0, len(asked), BATCH):
            read += self._verdicts(self._loaded, asked[start : start + BATCH])
        verdicts = iter(read)
        return [next(verdicts) if claim.evidence else Verdict("unsupported", 0.0, "no citation") for claim in claims]

    @functools.cached_property
    def _loaded(self) -> Any:  # noqa: ANN401 - packages that are not here
        _stay_offline(self.name)
        try:
            return self._load()
        except ImportError as exc:
            msg = f"the checker {self.name!r} needs a package that is not here ({_line(exc)}): {self.install}"
            raise ModelError(msg, public=HIDDEN_MODEL) from exc
        except (OSError, ValueError, LookupError, AttributeError, AssertionError) as exc:
            msg = (
                f"the checker {self.name!r} cannot load its model ({_line(exc)}): have {self.model!r} on disk, or set "
                f"HF_HUB_OFFLINE=0 to let it be downloaded; made with: {self.install}"
            )
            raise ModelError(msg, public=HIDDEN_MODEL) from exc

    @abstractmethod
    def _load(self) -> Any:  # noqa: ANN401
        """The package's own object."""

    @abstractmethod
    def _verdicts(self, loaded: Any, claims: Sequence[Claim]) -> list[Verdict]:  # noqa: ANN401
        """One verdict a claim; every claim has evidence."""

    def _scored(self, scores: Sequence[Any], claims: Sequence[Claim]) -> list[Verdict]:
        """Verdicts from the probabilities that claims are supported."""
        if len(scores) != len(claims):
            msg = f"the checker {self.name!r} gave {len(scores)} scores for {len(claims)} claims: {self.install}"
            raise ModelError(msg)
        return [_verdict(float(score), "the model does not find it in the evidence") for score in scores]


class LettuceDetect(Published):
    """Marks the tokens of a claim that the evidence does not hold [1]; its support is 1 - the worst token's."""

    kind = "lettucedetect"
    default = "KRLabsOrg/lettucedect-base-modernbert-en-v1"
    install = "pip install lettucedetect"

    def _load(self) -> Any:  # noqa: ANN401
        found = importlib.import_module("lettucedetect.models.inference")
        # What is not the detector's own goes on to `from_pretrained`.
        return found.HallucinationDetector(method="transformer", model_path=self.model, local_files_only=_offline())

    def _verdicts(self, loaded: Any, claims: Sequence[Claim]) -> list[Verdict]:  # noqa: ANN401
        return [self._of_tokens(loaded, claim) for claim in claims]

    def _of_tokens(self, loaded: Any, claim: Claim) -> Verdict:  # noqa: ANN401
        tokens = loaded.predict(
            context=list(claim.evidence), answer=claim.text, question=claim.question or None, output_format="tokens"
        )
        worst = max((float(token["prob"]) for token in tokens), default=1.0)
        marked = "".join(token["token"] if token["prob"] > THRESHOLD else " … " for token in tokens)
        pieces = list(dict.fromkeys(piece.strip() for piece in marked.split("…") if piece.strip()))
        return _verdict(1 - worst, f"not in the evidence: {', '.join(pieces[:6])}")


class Hhem(Published):
    """HHEM-2.1-Open: the probability that a claim follows from its evidence [2]. Its own code runs on loading."""

    kind = "hhem"
    default = "vectara/hallucination_evaluation_model"
    install = "pip install torch 'transformers<5'"

    def _load(self) -> Any:  # noqa: ANN401
        transformers = importlib.import_module("transformers")
        places = {"trust_remote_code": True, "local_files_only": _offline()}
        config = transformers.AutoConfig.from_pretrained(self.model, **places)
        # The model's code loads this by itself; without it the error would not say what is missing.
        transformers.AutoTokenizer.from_pretrained(config.foundation, local_files_only=_offline())
        return transformers.AutoModelForSequenceClassification.from_pretrained(self.model, **places)

    def _verdicts(self, loaded: Any, claims: Sequence[Claim]) -> list[Verdict]:  # noqa: ANN401
        return self._scored(loaded.predict([("\n".join(c.evidence), c.text) for c in claims]), claims)


class MiniCheck(Published):
    """MiniCheck: the probability that a claim is supported by the best chunk of its evidence [3].

    Its models have names of their own: "flan-t5-large", "roberta-large", "deberta-v3-large", "Bespoke-MiniCheck-7B".
    """

    kind = "minicheck"
    default = "flan-t5-large"
    install = (
        "pip install 'minicheck @ git+https://github.com/Liyan06/MiniCheck.git@main' (on PyPI the name is another's)"
    )

    def _load(self) -> Any:  # noqa: ANN401
        return importlib.import_module("minicheck.minicheck").MiniCheck(model_name=self.model)

    def _verdicts(self, loaded: Any, claims: Sequence[Claim]) -> list[Verdict]:  # noqa: ANN401
        docs, texts = ["\n".join(claim.evidence) for claim in claims], [claim.text for claim in claims]
        _, scores, _, _ = loaded.score(docs=docs, claims=texts)
        return self._scored(scores, claims)


ADAPTERS: dict[str, type[Published]] = {one.kind: one for one in (LettuceDetect, Hhem, MiniCheck)}
"""By the name that a setting gives them."""


def adapter(kind: str, model: str = "") -> Published:
    """The adapter of a kind, made once for each model; nothing is loaded yet.

    Args:
        kind: a key of `ADAPTERS`.
        model: a folder or name; "" for the project's own small model.
    """
    return _adapter(kind, model or ADAPTERS[kind].default)


@functools.lru_cache(maxsize=4)
def _adapter(kind: str, model: str) -> Published:
    return ADAPTERS[kind](model)


def _verdict(support: float, reason: str) -> Verdict:
    support = min(1.0, max(0.0, support))
    return Verdict("supported", support) if support >= THRESHOLD else Verdict("unsupported", support, reason)


def _offline() -> bool:
    """Whether models must be on disk: always but where the user has set HF_HUB_OFFLINE to 0."""
    return os.environ.get("HF_HUB_OFFLINE", "1").upper() not in {"0", "", "FALSE", "NO", "OFF"}


def _stay_offline(name: str) -> None:
    """Keeps the packages from the network; they read the variable when they are imported, so it must be set before.

    Raises:
        ModelError: they were imported before, and not offline.
    """
    if not _offline():
        return
    os.environ["HF_HUB_OFFLINE"] = "1"
    constants = sys.modules.get("huggingface_hub.constants")
    if constants is not None and not getattr(constants, "HF_HUB_OFFLINE", True):
        msg = f"the checker {name!r} could download: set HF_HUB_OFFLINE to 1 before the start, or to 0 to allow it"
        raise ModelError(msg)


def _line(error: Exception) -> str:
    """The first line of what an error says, at most 200 characters."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]

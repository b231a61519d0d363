"""The readers that are trained: BERT with the weights of the int8 ONNX graph of a base model.

The bases are ms-marco-MiniLM-L-12 (a cross-encoder) and all-MiniLM-L6-v2, both in int8. Their weights are widened to
float32 for training; `eval.train.export` narrows those of the first again, so that what is exported runs in the base's
graph, with the same tokenizer and inputs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn

LAYERS, WIDTH, HEADS = 12, 384, 12

DROP = 0.05
"""Share of states left out at random in training."""

_NODE = re.compile(r"layer\.(\d+)/(.+?)/(?:MatMul|Gemm)")
_INSIDE = {
    "attention/self/query": "query",
    "attention/self/key": "key",
    "attention/self/value": "value",
    "attention/output/dense": "attended",
    "attention/output/LayerNorm": "first_norm",
    "intermediate/dense": "wide",
    "output/dense": "narrow",
    "output/LayerNorm": "last_norm",
}
_OUTSIDE = {
    "bert.embeddings.word_embeddings.weight": "words.weight",
    "bert.embeddings.token_type_embeddings.weight": "types.weight",
    "bert.embeddings.position_embeddings.weight": "positions.weight",
    "bert.embeddings.LayerNorm.weight": "norm.weight",
    "bert.embeddings.LayerNorm.bias": "norm.bias",
    "bert.pooler.dense.weight": "pooler.weight",
    "bert.pooler.dense.bias": "pooler.bias",
    "classifier.weight": "classifier.weight",
    "classifier.bias": "classifier.bias",
}


def _layer() -> nn.ModuleDict:
    """The parts of one transformer layer."""
    from torch import nn

    return nn.ModuleDict(
        {
            **{name: nn.Linear(WIDTH, WIDTH) for name in ("query", "key", "value", "attended")},
            "first_norm": nn.LayerNorm(WIDTH, eps=1e-12),
            "wide": nn.Linear(WIDTH, 4 * WIDTH),
            "narrow": nn.Linear(4 * WIDTH, WIDTH),
            "last_norm": nn.LayerNorm(WIDTH, eps=1e-12),
        }
    )


def reader(layers: int = LAYERS, outputs: int = 1) -> nn.ModuleDict:
    """The parts of a reader, not yet with a base's weights."""
    from torch import nn

    return nn.ModuleDict(
        {
            "words": nn.Embedding(30522, WIDTH),
            "types": nn.Embedding(2, WIDTH),
            "positions": nn.Embedding(512, WIDTH),
            "norm": nn.LayerNorm(WIDTH, eps=1e-12),
            "layers": nn.ModuleList(_layer() for _ in range(layers)),
            "pooler": nn.Linear(WIDTH, WIDTH),
            "classifier": nn.Linear(WIDTH, outputs),
        }
    )


def _through(layer: nn.ModuleDict, x: Tensor, mask: Tensor, drop: float) -> Tensor:
    """States `(batch, tokens, 384)` after one layer; `mask` is `(batch, 1, 1, tokens)`, True where there is a token."""
    from torch.nn import functional

    size, length, _ = x.shape
    query, key, value = (
        layer[part](x).view(size, length, HEADS, -1).transpose(1, 2) for part in ("query", "key", "value")
    )
    # Written out, since torch's own attention takes twice as long to learn through on a CPU (measured).
    weights = (query @ key.transpose(-1, -2)) * (WIDTH / HEADS) ** -0.5
    weights = weights.masked_fill(~mask, -1e4).softmax(-1).to(value.dtype)
    mixed = layer["attended"]((weights @ value).transpose(1, 2).reshape(size, length, WIDTH))
    x = layer["first_norm"](x + (functional.dropout(mixed, drop) if drop else mixed))
    widened = layer["narrow"](functional.gelu(layer["wide"](x)))
    return layer["last_norm"](x + (functional.dropout(widened, drop) if drop else widened))


def logits(
    model: nn.ModuleDict, ids: Tensor, types: Tensor, mask: Tensor, frozen: int = 0, drop: float = DROP
) -> Tensor:
    """Logits `(batch, outputs)` of pairs of texts.

    Args:
        model: from `read`.
        ids: of word pieces `(batch, tokens)` int64.
        types: 0 for the first text, 1 for the second, same shape.
        mask: True where there is a token, same shape.
        frozen: layers from below (with the embeddings) that are not trained.
        drop: share of states that is left out while the model is in training.
    """
    import torch
    from torch.nn import functional

    drop = drop if model.training else 0.0
    with torch.set_grad_enabled(torch.is_grad_enabled() and frozen == 0):
        places = torch.arange(ids.shape[1])
        x = model["norm"](model["words"](ids) + model["types"](types) + model["positions"](places))
    wide_mask = mask[:, None, None, :]
    for number, layer in enumerate(model["layers"]):
        with torch.set_grad_enabled(torch.is_grad_enabled() and number >= frozen):
            x = _through(layer, x, wide_mask, drop)
    pooled = torch.tanh(model["pooler"](x[:, 0]))
    return model["classifier"](functional.dropout(pooled, drop) if drop else pooled).float()


def names(graph: Any) -> dict[str, str]:  # noqa: ANN401 - protobuf has no useful types
    """Parameters of the reader by the initialiser of the graph (without `_quantized`) that holds them."""
    found = dict(_OUTSIDE)
    for number in range(LAYERS):
        for path, name in _INSIDE.items():
            for kind in ("weight", "bias"):
                key = f"bert.encoder.layer.{number}.{path.replace('/', '.')}.{kind}"
                found[key] = f"layers.{number}.{name}.{kind}"
    # The exporter of the base gave its matrices numbers for names; their nodes still say where they belong.
    for node in graph.node:
        if node.op_type == "MatMulInteger" and (place := _NODE.search(node.name)):
            found[node.input[1].removesuffix("_quantized")] = f"layers.{place[1]}.{_INSIDE[place[2]]}.weight"
    return found


def is_turned(name: str) -> bool:
    """Whether the graph holds a parameter as `(in, out)`, the other way round than torch."""
    return name.endswith(".weight") and not any(part in name for part in ("words", "types", "positions", "norm"))


def read(path: Path, changes: Path | None = None) -> nn.ModuleDict:
    """A reader with the weights of an int8 graph.

    Args:
        path: the graph.
        changes: arrays that take the place of those in it, as `eval.train.export` writes them.
    """
    import numpy as np
    import onnx
    import torch
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    if changes:
        with np.load(changes, allow_pickle=False) as arrays:
            held |= dict(arrays)
    weights = {}
    for key, name in names(graph).items():
        if key in held:
            values = held[key]
        elif f"{key}_quantized" in held:
            zero = held[f"{key}_zero_point"].astype(np.float32)
            values = (held[f"{key}_quantized"].astype(np.float32) - zero) * held[f"{key}_scale"]
        else:
            continue
        weights[name] = torch.tensor(np.ascontiguousarray(values.T if is_turned(name) else values))
    model = reader()
    model.load_state_dict(weights)
    return model


def read_sentences(path: Path, outputs: int) -> nn.ModuleDict:
    """A reader with the weights of the int8 graph of the sentence encoder; its head is new.

    Args:
        path: the graph, its matrices int8 with a scale for each row or column, without an integer product.
        outputs: logits that the head gives.
    """
    import numpy as np
    import onnx
    import torch
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    held = {tensor.name.removeprefix("inner."): numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for name in [name for name in held if name.endswith("_q")]:
        held[name[:-2]] = held[name].astype(np.float32) * held[f"{name[:-2]}_scale"]
    after = {source: node for node in graph.node for source in node.input}
    model = reader(1 + max(int(place[1]) for name in held if (place := re.search(r"layer\.(\d+)", name))), outputs)
    weights = dict(model.state_dict())
    for key, values in list(held.items()):
        node, name = after.get(f"{key}_q"), key
        # A matrix has a number for a name; the bias that is added to its product says where it belongs.
        while node is not None and key.startswith("val_"):
            biases = [source for source in node.input if source.endswith(".bias")]
            if biases:
                name, values = biases[0].removeprefix("inner.").removesuffix("bias") + "weight", values.T
                break
            node = after.get(node.output[0])
        place = re.fullmatch(r"encoder\.layer\.(\d+)\.(.+)\.(weight|bias)", name)
        if place:
            mine = f"layers.{place[1]}.{_INSIDE[place[2].replace('.', '/')]}.{place[3]}"
        else:
            mine = _OUTSIDE.get(f"bert.{name}", "")
        if mine:
            weights[mine] = torch.tensor(np.ascontiguousarray(values))
    model.load_state_dict(weights)
    return model

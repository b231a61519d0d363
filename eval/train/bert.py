"""The reader that is trained: a BERT cross-encoder with the weights of the int8 ONNX graph of the base model.

The base is ms-marco-MiniLM-L-12 in int8. Its weights are widened to float32 for training; `eval.train.export` narrows
them again, so that what is exported runs in the base's graph, with the same tokenizer and inputs.
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


def _reader() -> nn.ModuleDict:
    """The parts of a reader, not yet with the base's weights."""
    from torch import nn

    return nn.ModuleDict(
        {
            "words": nn.Embedding(30522, WIDTH),
            "types": nn.Embedding(2, WIDTH),
            "positions": nn.Embedding(512, WIDTH),
            "norm": nn.LayerNorm(WIDTH, eps=1e-12),
            "layers": nn.ModuleList(_layer() for _ in range(LAYERS)),
            "pooler": nn.Linear(WIDTH, WIDTH),
            "classifier": nn.Linear(WIDTH, 1),
        }
    )


def _through(layer: nn.ModuleDict, x: Tensor, mask: Tensor) -> Tensor:
    """States `(batch, tokens, 384)` after one layer; `mask` is `(batch, 1, 1, tokens)`, True where there is a token."""
    from torch.nn import functional

    size, length, _ = x.shape
    query, key, value = (
        layer[part](x).view(size, length, HEADS, -1).transpose(1, 2) for part in ("query", "key", "value")
    )
    mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    mixed = layer["attended"](mixed.transpose(1, 2).reshape(size, length, WIDTH))
    x = layer["first_norm"](x + functional.dropout(mixed, DROP, layer.training))
    widened = layer["narrow"](functional.gelu(layer["wide"](x)))
    return layer["last_norm"](x + functional.dropout(widened, DROP, layer.training))


def logits(model: nn.ModuleDict, ids: Tensor, types: Tensor, mask: Tensor, frozen: int = 0) -> Tensor:
    """Logits `(batch,)`: above 0 the second text more likely answers the first than not.

    Args:
        model: from `read`.
        ids: of word pieces `(batch, tokens)` int64.
        types: 0 for the first text, 1 for the second, same shape.
        mask: True where there is a token, same shape.
        frozen: layers from below (with the embeddings) that are not trained.
    """
    import torch
    from torch.nn import functional

    with torch.set_grad_enabled(torch.is_grad_enabled() and frozen == 0):
        places = torch.arange(ids.shape[1])
        x = model["norm"](model["words"](ids) + model["types"](types) + model["positions"](places))
    wide_mask = mask[:, None, None, :]
    for number, layer in enumerate(model["layers"]):
        with torch.set_grad_enabled(torch.is_grad_enabled() and number >= frozen):
            x = _through(layer, x, wide_mask)
    pooled = torch.tanh(model["pooler"](x[:, 0]))
    return model["classifier"](functional.dropout(pooled, DROP, model.training))[:, 0].float()


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


def read(path: Path) -> nn.ModuleDict:
    """A reader with the weights of an int8 graph."""
    import numpy as np
    import onnx
    import torch
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
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
    model = _reader()
    model.load_state_dict(weights)
    return model

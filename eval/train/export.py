"""Writes trained weights as changes to the base's int8 graph: `python -m eval.train.export --weights FILE --out FILE`.

What training left alone is not in the file. What it changed is rounded to int8 with a scale for each output column,
which the graph's own multiplication takes as well as one for all. `index.models` gives the arrays to onnxruntime.

[1] Wortsman et al. 2022, Robust fine-tuning of zero-shot models.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.train import bert
from index.models import CROSS_ENCODER, locate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

MIX = 0.8
"""Share of the trained weights: between the two lies a model that compares as the trained one does and still knows
relevance as the base does [1]. Chosen among 0.7, 0.8 and 1 on dev documents."""


def narrowed(values: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix `(in, out)` as int8 in -127 to 127, and the scale `(out,)` of each column."""
    import numpy as np

    scale = np.maximum(np.abs(values).max(axis=0), 1e-8) / 127
    return np.clip(np.round(values / scale), -127, 127).astype(np.int8), scale.astype(np.float32)


def changes(graph: Any, before: dict[str, Tensor], after: dict[str, Tensor]) -> dict[str, Any]:  # noqa: ANN401
    """The arrays that take the place of those in the graph, by their names in it and in its order.

    Args:
        graph: of the base.
        before: the base's parameters by name.
        after: those of the model that is to come out.
    """
    import numpy as np
    import torch
    from onnx import numpy_helper

    held = {tensor.name: tensor for tensor in graph.initializer}
    new: dict[str, Any] = {}
    for key, name in bert.names(graph).items():
        if (key not in held and f"{key}_quantized" not in held) or torch.equal(before[name], after[name]):
            continue
        values = after[name].numpy()
        values = np.ascontiguousarray(values.T if bert.is_turned(name) else values).astype(np.float32)
        if key in held:
            new[key] = values
        else:
            new[f"{key}_quantized"], new[f"{key}_scale"] = narrowed(values)
            new[f"{key}_zero_point"] = np.zeros((), np.int8)
    return {
        name: new[name]
        for name, tensor in held.items()
        if name in new and not np.array_equal(numpy_helper.to_array(tensor), new[name])
    }


def main() -> int:
    """Writes the changes; says their size and SHA-256."""
    import numpy as np
    import onnx
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, nargs="+", required=True, help="trained; of several the mean, as [1]")
    parser.add_argument("--out", type=Path, required=True, help="the .npz to write")
    parser.add_argument("--mix", type=float, default=MIX, help="share of the trained weights, the base has the rest")
    chosen = parser.parse_args()
    base = locate(CROSS_ENCODER)
    before = bert.read(base).state_dict()
    states = [torch.load(path, weights_only=True) for path in chosen.weights]
    trained = {name: sum(state[name] for state in states) / len(states) for name in before}
    after = {
        # What was not trained must stay the same to the bit, which a mix of it with itself need not be. A mix of 1
        # takes a head of another shape, too.
        name: old
        if all(torch.equal(old, state[name]) for state in states)
        else trained[name]
        if chosen.mix == 1
        else torch.lerp(old, trained[name], chosen.mix)
        for name, old in before.items()
    }
    arrays = changes(onnx.load(str(base)).graph, before, after)
    np.savez_compressed(chosen.out, **arrays)
    data = chosen.out.read_bytes()
    sys.stdout.write(f"{len(arrays)} arrays, {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

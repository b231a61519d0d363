"""Trains the reader: `python -m eval.train.train --data FILE --out FILE`.

Examples that share their evidence are in one batch, so that each step sees an answer beside its near misses. The
embeddings and the lower layers stay as they are: they know words, and what is learnt here is to compare.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.train import bert
from eval.train.data import Example
from index.models import CROSS_ENCODER, locate, tokenizer

if TYPE_CHECKING:
    from torch import Tensor, nn

MAX_TOKENS = 112
"""Pairs are cut to this: an attention over more costs time, and few are longer."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train; as the weights that are shipped were.

    Attributes:
        frozen: layers from below that stay as they are, with the embeddings.
        rate: the highest learning rate.
        batch: examples a step.
        minutes: after which training ends, wherever it is.
        smoothing: how far labels are moved from 0 and 1, together.
    """

    frozen: int = 6
    rate: float = 8e-5
    batch: int = 32
    minutes: float = 40.0
    seed: int = 3
    smoothing: float = 0.05


def packed(encodings: Sequence[Any]) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, types and mask `(batch, longest)` of encoded pairs."""
    import torch

    longest = max(len(encoding) for encoding in encodings)
    ids, types = (torch.zeros(len(encodings), longest, dtype=torch.int64) for _ in range(2))
    mask = torch.zeros(len(encodings), longest, dtype=torch.bool)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding)] = torch.tensor(encoding.ids)
        types[row, : len(encoding)] = torch.tensor(encoding.type_ids)
        mask[row, : len(encoding)] = True
    return ids, types, mask


def batches(examples: Sequence[Example], size: int, rng: random.Random) -> list[list[tuple[Any, int]]]:
    """Batches of encoded pairs with labels, whole groups of like length together, in random order."""
    pieces, groups = tokenizer(MAX_TOKENS, keep="first"), []
    for _, members in groupby(sorted(examples, key=lambda example: example.group), key=lambda example: example.group):
        some = list(members)
        coded = pieces.encode_batch([(example.question, example.text) for example in some])
        groups.append([(code, example.answers) for code, example in zip(coded, some, strict=True)])
    rng.shuffle(groups)
    found = []
    for start in range(0, len(groups), 400):
        near = sorted(groups[start : start + 400], key=lambda group: max(len(code) for code, _ in group))
        flat = [item for group in near for item in group]
        found += [flat[i : i + size] for i in range(0, len(flat), size)]
    rng.shuffle(found)
    return found


def train(plan: Plan, examples: Sequence[Example], watch: Callable[[nn.ModuleDict, int], None]) -> None:
    """One pass over the examples, or as far as the time goes.

    The learning rate follows the share of the time, or of the pass, that is used: it has fallen to nothing at the end.

    Args:
        plan: how.
        examples: to learn from.
        watch: called every hundred steps and at the end, with the model and the steps taken; its time does not count.
    """
    import torch
    from torch.nn import functional

    torch.manual_seed(plan.seed)
    model = bert.read(locate(CROSS_ENCODER))
    model.train()
    parts = ("words", "types", "positions", *(["norm"] if plan.frozen else []))
    for part in [*(model[name] for name in parts), *model["layers"][: plan.frozen]]:
        part.requires_grad_(requires_grad=False)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=plan.rate, weight_decay=0.01)
    todo = batches(examples, plan.batch, random.Random(plan.seed))  # noqa: S311 - repeatable, nothing secret
    begun, step, seen = time.monotonic(), 0, 0.0
    for batch in todo:
        used = max((time.monotonic() - begun) / (60 * plan.minutes), step / len(todo))
        if used >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * min(1.0, (step + 1) / 60) * (1 - used)
        labels = torch.tensor([label for _, label in batch], dtype=torch.float32)
        labels = labels * (1 - plan.smoothing) + plan.smoothing / 2
        with torch.autocast("cpu", torch.bfloat16):
            given = bert.logits(model, *packed([code for code, _ in batch]), plan.frozen)[:, 0]
        loss = functional.binary_cross_entropy_with_logits(given, labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        seen = 0.98 * seen + 0.02 * loss.item() if step else loss.item()
        step += 1
        if step % 100 == 0:
            sys.stdout.write(f"step {step} of {len(todo)}, loss {seen:.3f}\n")
            since = time.monotonic()
            watch(model, step)
            begun += time.monotonic() - since
    watch(model, step)


def score(model: nn.ModuleDict, examples: Sequence[Example], size: int = 64) -> list[float]:
    """A logit for each example, in order."""
    import torch

    was_training = model.training
    model.eval()
    coded = tokenizer(MAX_TOKENS, keep="first").encode_batch([(e.question, e.text) for e in examples])
    order = sorted(range(len(coded)), key=lambda i: len(coded[i]))
    found = [0.0] * len(coded)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), size):
            some = order[start : start + size]
            given = bert.logits(model, *packed([coded[i] for i in some]))[:, 0]
            for place, logit in zip(some, given.tolist(), strict=True):
                found[place] = logit
    model.train(was_training)
    return found


def area(scores: Sequence[float], labels: Sequence[int]) -> float:
    """Area under the ROC curve, 0 to 1; ties count half. Both labels must occur."""
    best = [s for s, label in zip(scores, labels, strict=True) if label]
    rest = sorted(s for s, label in zip(scores, labels, strict=True) if not label)
    return sum(bisect_left(rest, s) + bisect_right(rest, s) for s in best) / (2 * len(best) * len(rest))


def parted(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Examples to learn from, and some to watch by that share no evidence with them."""
    groups = sorted({example.group for example in examples})
    own = set(random.Random(1).sample(groups, min(150, len(groups) // 10)))  # noqa: S311 - repeatable, nothing secret
    learnt = [example for example in examples if example.group not in own]
    return learnt, [example for example in examples if example.group in own][:400]


def main() -> int:
    """Trains and writes the weights."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="from eval.train.data")
    parser.add_argument(
        "--out", type=Path, required=True, help="the weights to write, by their names in eval.train.bert"
    )
    for name, value in asdict(Plan()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    chosen = vars(parser.parse_args())
    data, out = chosen.pop("data"), chosen.pop("out")
    learnt, held = parted([Example(**json.loads(line)) for line in data.read_text("utf-8").splitlines()])

    def watch(model: nn.ModuleDict, step: int) -> None:
        """Writes the weights, and the area on the examples that are held out."""
        shown = area(score(model, held), [example.answers for example in held])
        sys.stdout.write(f"after {step} steps: area under ROC {shown:.3f} on {len(held)} held out\n")
        sys.stdout.flush()
        torch.save(model.state_dict(), out)

    train(Plan(**chosen), learnt, watch)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

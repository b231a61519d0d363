"""Trains the checker: `python -m eval.train.checker --data FILE --out FILE`; stopped, the same command goes on.

A cross-encoder reads the claim, then its evidence, and says supported, contradicted or not enough. The state (weights,
optimiser, steps, seconds) is saved every few minutes; batches come from the seed, so that a run that goes on reads what
it had not read.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import index.models
from eval.train import bert
from eval.train.judged import SUPPORTED, Example
from eval.train.train import area, packed
from index.models import ANSWERABLE, MINILM, locate, tokenizer

if TYPE_CHECKING:
    from torch import Tensor, nn

SETS = ("fever", "mnli", "rte", "snli", "conjnli", "written")
"""Sources whose claims are read as they stand there; a claim of theirs that was changed by rules counts with them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train.

    Attributes:
        base: "cross" for the cross-encoder of index/weights/answerable.md, "sentences" for the sentence encoder.
        frozen: layers from below that stay as they are; -1: none, and the embeddings are trained too.
        rate: the highest learning rate.
        pieces: word pieces of claim and evidence together, what is more is cut from the evidence.
        room: word pieces a batch, padding included.
        minutes: of training, over all parts of a run that was stopped.
        save: minutes between two states.
    """

    base: str = "cross"
    frozen: int = 4
    rate: float = 1e-4
    pieces: int = 192
    room: int = 4096
    minutes: float = 40.0
    save: float = 3.0
    seed: int = 5
    smoothing: float = 0.03
    threads: int = 2


def repeats(example: Example) -> int:
    """How often an example is read in a pass: those of most use are few, and fewer claims are true than false."""
    often = {"written": 12, "rte": 4, "exchange": 2, "roles": 2, "roles passive": 2}
    if example.label == SUPPORTED and example.how.split()[0] in ("fever", "mnli", "joined", "verbatim"):
        return 2
    return often.get(example.how, 1)


def batches(examples: Sequence[Example], plan: Plan) -> list[list[tuple[Any, int]]]:
    """Batches of encoded pairs with labels, of like length, in random order; what shares evidence is often together."""
    rng = random.Random(plan.seed)  # noqa: S311 - repeatable, nothing secret
    groups: dict[tuple[int, int], list[Example]] = defaultdict(list)
    for example in examples:
        for turn in range(repeats(example)):
            groups[example.group, turn].append(example)
    order = list(groups.values())
    rng.shuffle(order)
    some = [example for group in order for example in group]
    coded = tokenizer(plan.pieces, keep="first").encode_batch([(e.claim, e.evidence) for e in some])
    items = [(code, example.label) for code, example in zip(coded, some, strict=True) if len(code) <= plan.pieces]
    found = []
    for start in range(0, len(items), 3000):
        batch: list[tuple[Any, int]] = []
        for item in sorted(items[start : start + 3000], key=lambda item: len(item[0])):
            if (len(batch) + 1) * len(item[0]) > plan.room:
                found.append(batch)
                batch = []
            batch.append(item)
        found.append(batch)
    rng.shuffle(found)
    return [batch for batch in found if batch]


def loss_of(given: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    """Mean of -log of what the label leaves as true; EITHER leaves the second and third.

    Args:
        given: logits `(batch, 3)`.
        labels: `(batch,)` int64, see `eval.train.judged`.
        smoothing: share of each label that is given to all.
    """
    import torch

    logs = given.log_softmax(1)
    options = torch.cat([logs, logs[:, 1:].logsumexp(1, keepdim=True)], 1)
    picked = options.gather(1, labels[:, None])[:, 0]
    return -((1 - smoothing) * picked + smoothing * logs.mean(1)).mean()


def start(plan: Plan) -> nn.ModuleDict:
    """The base with a new head."""
    import torch

    torch.manual_seed(plan.seed)
    if plan.base == "sentences":
        model = bert.read_sentences(locate(MINILM), 3)
    else:
        model = bert.reader(outputs=3)
        changes = Path(index.models.__file__).with_name("weights") / ANSWERABLE.changes
        before = bert.read(locate(ANSWERABLE), changes).state_dict()
        head = {f"classifier.{name}": values for name, values in model["classifier"].state_dict().items()}
        model.load_state_dict(before | head)
    if plan.frozen >= 0:
        parts = ("words", "types", "positions", *(["norm"] if plan.frozen else []))
        for part in [*(model[name] for name in parts), *model["layers"][: plan.frozen]]:
            part.requires_grad_(requires_grad=False)
    return model


class Run:
    """A training run with its state."""

    def __init__(self, plan: Plan, model: nn.ModuleDict, state: Path) -> None:
        import torch

        self.plan, self.model, self.state = plan, model, state
        self.weights = [weight for weight in model.parameters() if weight.requires_grad]
        self.optimiser = torch.optim.AdamW(self.weights, lr=plan.rate, weight_decay=0.01)
        self.step, self.seconds, self.seen = 0, 0.0, 0
        if state.exists():
            saved = torch.load(state, weights_only=True)
            model.load_state_dict(saved["model"])
            self.optimiser.load_state_dict(saved["optimiser"])
            self.step, self.seconds, self.seen = saved["step"], saved["seconds"], saved["seen"]

    def save(self) -> None:
        """Writes the state; the old one stays whole until the new one is."""
        import torch

        fresh = self.state.with_suffix(".new")
        state = {"model": self.model.state_dict(), "optimiser": self.optimiser.state_dict()}
        torch.save(state | {"step": self.step, "seconds": self.seconds, "seen": self.seen}, fresh)
        fresh.replace(self.state)

    def learn(self, batch: list[tuple[Any, int]], used: float) -> float:
        """One step; `used` is the share of the run that is over. Returns the loss."""
        import torch

        begun = time.monotonic()
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate * min(1.0, (self.step + 1) / 100) * max(0.02, 1 - used)
        labels = torch.tensor([label for _, label in batch])
        with torch.autocast("cpu", torch.bfloat16):
            # Nothing is left out at random: few examples are read often, and it would take a third of the time.
            given = bert.logits(self.model, *packed([code for code, _ in batch]), max(0, self.plan.frozen), 0.0)
        loss = loss_of(given, labels, self.plan.smoothing)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad()
        self.step, self.seen = self.step + 1, self.seen + len(batch)
        self.seconds += time.monotonic() - begun
        return float(loss.item())


def score(model: nn.ModuleDict, pairs: Sequence[tuple[str, str]], pieces: int, size: int = 32) -> list[list[float]]:
    """Probabilities of the three labels for each claim with its evidence, in order."""
    import torch

    was_training = model.training
    model.eval()
    coded = tokenizer(pieces, keep="first").encode_batch(list(pairs))
    order = sorted(range(len(coded)), key=lambda i: len(coded[i]))
    found: list[list[float]] = [[]] * len(coded)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for begin in range(0, len(order), size):
            some = order[begin : begin + size]
            given = bert.logits(model, *packed([coded[i] for i in some])).softmax(1)
            for place, row in zip(some, given.tolist(), strict=True):
                found[place] = row
    model.train(was_training)
    return found


def figures(rows: Sequence[Sequence[float]], examples: Sequence[Example]) -> dict[str, tuple[float, float, int]]:
    """Accuracy of supported or not, area under the ROC curve and number, by how the claims were made.

    The area is 0.5 where one label is missing. "joined" and "made" stand for all that rules made.
    """
    by_kind: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for row, example in zip(rows, examples, strict=True):
        source = example.how.split()[0]
        kind = source if source in (*SETS, "joined", "cause") else "made"
        by_kind[kind].append((row[SUPPORTED], int(example.label == SUPPORTED)))
        if kind == "made":
            by_kind[f"made: {example.how}"].append((row[SUPPORTED], int(example.label == SUPPORTED)))
    found = {}
    for kind, scored in sorted(by_kind.items()):
        right = sum((p >= 0.5) == bool(label) for p, label in scored) / len(scored)
        both = len({label for _, label in scored}) == 2
        found[kind] = (right, area(*zip(*scored, strict=True)) if both else 0.5, len(scored))
    return found


def parted(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Examples to learn from, and those to watch by, of whole passages: a seventh of what was written, else 1 in 40."""
    written = {e.group for e in examples if e.how == "written"}
    own = {e.group for e in examples if crc32(str(e.group).encode()) % (7 if e.group in written else 40) == 0}
    return [e for e in examples if e.group not in own], [e for e in examples if e.group in own]


def main() -> int:
    """Trains, or goes on; writes the weights, and the learning curve as CSV beside them."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="from eval.train.claims")
    parser.add_argument("--out", type=Path, required=True, help="the weights to write; the state is kept beside them")
    for name, value in asdict(Plan()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    chosen = vars(parser.parse_args())
    data, out = chosen.pop("data"), chosen.pop("out")
    plan = Plan(**chosen)
    torch.set_num_threads(plan.threads)
    learnt, held = parted([Example(**json.loads(line)) for line in data.read_text("utf-8").splitlines()])
    run = Run(plan, start(plan), out.with_suffix(".state"))
    run.model.train()
    todo = batches(learnt, plan)
    watched = random.Random(2).sample(held, min(800, len(held)))  # noqa: S311 - repeatable, nothing secret
    sys.stdout.write(f"{len(learnt)} to learn, {len(held)} held out, {len(todo)} batches, from step {run.step}\n")
    saved, loss = run.seconds, 0.0
    for batch in todo[run.step :]:
        used = max(run.seconds / (60 * plan.minutes), run.step / len(todo))
        if used >= 1:
            break
        now = run.learn(batch, used)
        loss = 0.98 * loss + 0.02 * now if loss else now
        if run.seconds - saved > 60 * plan.save:
            saved = run.seconds
            note(run, loss, watched, out)
    note(run, loss, held, out)
    return 0


def note(run: Run, loss: float, held: Sequence[Example], out: Path) -> None:
    """Saves the state and the weights, also under the number of examples read; adds a point to the learning curve."""
    import torch

    run.save()
    for path in (out, out.with_name(f"{out.stem}-{run.seen}{out.suffix}")):
        torch.save(run.model.state_dict(), path)
    rows = score(run.model, [(e.claim, e.evidence) for e in held], run.plan.pieces)
    with out.with_suffix(".csv").open("a", encoding="utf-8", newline="") as stream:
        for kind, (right, roc, n) in figures(rows, held).items():
            line = (run.step, run.seen, round(run.seconds), round(loss, 4), kind, n, round(right, 4), round(roc, 4))
            csv.writer(stream).writerow(line)
            if not kind.startswith("made: "):
                sys.stdout.write(f"{run.step}, {run.seen} read, loss {loss:.3f}: {kind} {n} {right:.3f} {roc:.3f}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())

"""Calibrates rules and model together: `python -m eval.train.combine --data FILE`.

Two numbers of `rag.check.combined`, from claims that are held out of the training data; of the written ones each beside
its passage alone and beside its passage among others, as evidence is short in an answer and long in an article.

J. Platt 1999, "Probabilistic outputs for support vector machines".
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.bench.answerability import newton
from eval.train.checker import parted
from eval.train.judged import SUPPORTED, Example
from eval.train.train import area
from rag.check import Claim
from rag.check.combined import probability, signs
from rag.check.rules import readings
from rag.check.trained import beliefs

AMONG = 12
"""Other passages in a long evidence; about a thousand words with it."""

MOST = 600
"""Claims of one source that are read."""

SOURCES = ("fever", "mnli", "rte", "written", "joined")
"""Of the training data: claims as they were written, or several of them in one sentence."""


@dataclass(frozen=True, slots=True)
class Row:
    """One claim as it is weighed: its signs by name, whether it is supported, its source and its evidence."""

    signs: dict[str, float]
    supported: bool
    source: str
    passage: str


def rows(data: Path) -> Iterator[Row]:
    """What is held out of the training data, beside its passage, and what was written also beside it among others."""
    rng = random.Random(5)  # noqa: S311 - repeatable, nothing secret
    _, held = parted([Example(**json.loads(line)) for line in data.read_text("utf-8").splitlines()])
    for source in SOURCES:
        found = [e for e in held if e.how.split()[0] == source and (e.how == source or source == "joined")]
        some = rng.sample(found, min(MOST, len(found)))
        yield from _read([(e.claim, e.evidence, e.label == SUPPORTED, e.evidence) for e in some], source)
        if source == "written":
            texts = sorted({e.evidence for e in held})
            among = {e.evidence: "\n".join(_shuffled([e.evidence, *rng.sample(texts, AMONG)], rng)) for e in some}
            long = [(e.claim, among[e.evidence], e.label == SUPPORTED, e.evidence) for e in some]
            yield from _read(long, "written, long")


def _read(found: Sequence[tuple[str, str, bool, str]], source: str) -> Iterator[Row]:
    """Rows of claims, each with its evidence, its label and its passage; what is settled is not weighed."""
    read = list(readings([Claim(claim, (evidence,)) for claim, evidence, _, _ in found]))
    open_ones = [(one, row) for one, row in zip(found, read, strict=True) if not row[2].settled]
    believed = beliefs([(claim, told) for _, (claim, told, _) in open_ones])
    for ((_, _, supported, passage), (_, _, reading)), belief in zip(open_ones, believed, strict=True):
        yield Row(signs(reading, belief), supported, source, passage)


def _shuffled(texts: Sequence[str], rng: random.Random) -> list[str]:
    return rng.sample(texts, len(texts))


def fit(known: Sequence[Row]) -> tuple[float, float]:
    """Scale and level of the logit that make it a probability; each source weighs the same, and each label in it."""
    logits = np.array([_logit(probability(row.signs, 1.0, 0.0)) for row in known])
    y = np.array([row.supported for row in known], float)
    count = Counter((row.source, row.supported) for row in known)
    weight = np.array([1 / count[row.source, row.supported] for row in known])
    level, scale = newton(np.stack([np.ones(len(known)), logits], 1), y, weight, np.array([1e-6, 1e-6]))
    return float(scale), float(level)


def _logit(p: float) -> float:
    return float(np.log(p / (1 - p)))


def told(known: Sequence[Row], guesses: NDArray[np.float64]) -> str:
    """AUROC by source, and the log loss of all."""
    parts = []
    for source in dict.fromkeys(row.source for row in known):
        mine = [(float(g), int(row.supported)) for g, row in zip(guesses, known, strict=True) if row.source == source]
        parts.append(f"{source} {area([g for g, _ in mine], [y for _, y in mine]):.3f} (n={len(mine)})")
    labels = np.array([row.supported for row in known])
    loss = -float(np.mean(np.where(labels, np.log(guesses), np.log(1 - guesses))))
    return f"{', '.join(parts)}; log loss {loss:.3f}"


def main() -> int:
    """Prints the two numbers, and how well the probability tells the labels apart by source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="from eval.train.claims; what it holds out is read")
    known = list(rows(parser.parse_args().data))
    scale, level = fit(known)
    sys.stdout.write(f"{told(known, np.array([probability(row.signs, scale, level) for row in known]))}\n")
    sys.stdout.write(f"SCALE, LEVEL = {scale:.3f}, {level:.3f}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Measures a checker on public sets: `python -m eval.bench.verifier --data DIR` (DIR holds verify/*.jsonl).

Every sentence of a response is checked against its context; the response is as good as its worst sentence. Documents
are split in two halves by a hash of the context: what is tuned is tuned on "tune"; report figures of "report". The sets
share no document with the question sets, so their split is one of its own. Intervals are by context: several responses
to one context stand or fall together.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.bench.corpora import rows
from eval.bench.figures import auroc_estimate, interval
from rag.check import Claim
from rag.check.facts import sentence_texts
from rag.check.rules import RulesChecker

SETS = ("factcc_news", "ragtruth_qa", "ragtruth_summary", "wice_dev")


@dataclass(frozen=True, slots=True)
class Sample:
    """One response: its sentences as claims against the context, and whether people found all of it supported."""

    claims: tuple[Claim, ...]
    supported: bool
    half: str
    context: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Score of the worst sentence (0 to 1) and whether the checker let the whole response pass."""

    score: float
    passed: bool


def load(path: Path) -> list[Sample]:
    """Samples of a set; the half depends on the context alone."""
    samples = []
    for row in rows(path):
        parts = sentence_texts(re.sub(r"(?m)^\s*(?:\d+[.)]|[-*•])\s+", "", row["response"]))
        half = "tune" if hashlib.sha256(row["context"].encode()).digest()[0] % 2 else "report"
        claims = tuple(Claim(part, (row["context"],)) for part in parts if re.search(r"\w", part))
        samples.append(Sample(claims, bool(row["label"]), half, row["context"]))
    return samples


def balanced_accuracy(passed: Sequence[bool], labels: Sequence[bool]) -> float:
    """Mean of the share of supported that pass and the share of unsupported that do not."""
    good = [p for p, label in zip(passed, labels, strict=True) if label]
    bad = [not p for p, label in zip(passed, labels, strict=True) if not label]
    return (sum(good) / max(1, len(good)) + sum(bad) / max(1, len(bad))) / 2


def overlap(claim: Claim) -> float:
    """The baseline: share of the claim's words that stand anywhere in its evidence."""
    mine = set(re.findall(r"\w+", claim.text.casefold()))
    return len(mine & set(re.findall(r"\w+", " ".join(claim.evidence).casefold()))) / max(1, len(mine))


def best_threshold(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """The threshold (score >= it passes) with the highest balanced accuracy; call it on the tuning half."""
    return max(sorted(set(scores)), key=lambda t: balanced_accuracy([s >= t for s in scores], labels), default=0.5)


def run(sample: Sample, checker: RulesChecker) -> Outcome:
    """Checks one response."""
    verdicts = checker.check(sample.claims)
    return Outcome(min((v.score for v in verdicts), default=0.0), all(v.label == "supported" for v in verdicts))


def measure(name: str, samples: Sequence[Sample], half: str) -> str:
    """One line of figures for one set: of the checker as it is, with a tuned threshold, and of the baseline."""
    checker = RulesChecker()
    scorers: dict[str, Callable[[Sample], Outcome]] = {
        "rules": lambda s: run(s, checker),
        "overlap": lambda s: Outcome(min((overlap(c) for c in s.claims), default=0.0), False),
    }
    contexts = [s.context for s in samples if s.half == half]
    parts = [f"{name:18} n={len(contexts)} of {len(set(contexts))} contexts"]
    for scorer, score in scorers.items():
        started = time.perf_counter()
        tune, here = ([(score(s), s.supported) for s in samples if s.half == h] for h in ("tune", half))
        rate = sum(len(s.claims) for s in samples if s.half in ("tune", half)) / (time.perf_counter() - started)
        rate *= 2 if half == "tune" else 1
        threshold = best_threshold([o.score for o, _ in tune], [y for _, y in tune])
        labels = [y for _, y in here]
        parts.append(
            f"{scorer} auroc={interval(auroc_estimate([o.score for o, _ in here], labels, contexts))} "
            f"bacc@tuned={balanced_accuracy([o.score >= threshold for o, _ in here], labels):.3f} (>= {threshold:.3f})"
        )
        if scorer == "rules":
            passed = [(o.passed, y) for o, y in here]
            wrong, right = (sum(p for p, y in passed if y is side) for side in (False, True))
            parts.append(
                f"verdict bacc={balanced_accuracy([p for p, _ in passed], labels):.3f} "
                f"passed {right}/{sum(labels)} good {wrong}/{len(labels) - sum(labels)} bad, {rate:.0f} claims/s"
            )
    return " | ".join(parts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.verifier", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds verify/*.jsonl")
    parser.add_argument("--half", choices=("tune", "report"), default="report")
    options = parser.parse_args(arguments)
    for name in SETS:
        sys.stdout.write(measure(name, load(options.data / "verify" / f"{name}.jsonl"), options.half) + "\n")


if __name__ == "__main__":
    main()

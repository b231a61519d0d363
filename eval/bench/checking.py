"""What a check costs beside the bare model: `python -m eval.bench.checking --data DIR`.

Both are measured in turn in one run, on the same tokens: `check` of the checker that answers are checked with, and its
ONNX session alone on inputs that are ready. The claims are sentences of the summaries in verify/, each with the stretch
of its article that a checker would read, since answers cite a sentence or a few.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from eval.labelled import SETS, read_set
from index.errors import ModelError
from index.models import THREADS, VERIFIER, session, tokenizer
from rag.check import Checker, Claim
from rag.check.configured import configured
from rag.check.evidence import Evidence, Statement
from rag.check.facts import fold
from rag.check.select import windows
from rag.settings import Settings

CLAIMS, ROUNDS = 64, 7
Pairs = list[tuple[str, str]]
GOAL = "(goal: at most 1.30)"


trained: Any = import_module("rag.check.trained")
"""By name, since its `run` is looked into here and is not otherwise for others."""


def claims(data: Path) -> list[Claim]:
    """Sentences of real summaries with a stretch of their article, of the half that may be looked at."""
    found: list[Claim] = []
    for response in read_set(data / "verify" / "ragtruth_summary.jsonl", SETS["ragtruth_summary"]):
        if response.half == "tune":
            for claim in response.claims:
                read = windows(Statement(fold(claim.text)), Evidence(claim.evidence))
                found.append(Claim(claim.text, (read[0],)))
    return found[:: max(1, len(found) // CLAIMS)][:CLAIMS]


def read_by(checker: Checker, asked: Sequence[Claim]) -> Pairs:
    """The pairs of texts that the checker gives its model for some claims."""
    pairs: Pairs = []
    run = trained.run

    def noted(file: Any, pieces: Any, texts: Any, reduce: Any) -> Any:  # noqa: ANN401 - as the function it stands for
        pairs.extend(texts)
        return run(file, pieces, texts, reduce)

    trained.run = noted
    try:
        checker.check(asked)
    finally:
        trained.run = run
    return pairs


def ratios(checker: Checker, asked: Sequence[Claim]) -> list[str]:
    """A line for single claims and one for the whole batch.

    Raises:
        ModelError: the checker runs no model, or cannot run it.
    """
    single = [(claim, _inputs(pairs)) for claim in asked if (pairs := read_by(checker, [claim]))]
    if not single:
        message = f"the checker {checker.name!r} ran no model on {len(asked)} claims: there is nothing to compare with"
        raise ModelError(message)
    ran = [claim for claim, _ in single]
    ready = [inputs for _, several in single for inputs in several]
    model = session(VERIFIER)

    def together() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda inputs: model.run(None, inputs), ready))

    def alone() -> None:
        for inputs in ready:
            model.run(None, inputs)

    tokens = sum(inputs["input_ids"].size for inputs in ready) / len(ready)
    lines = []
    for name, work, bare in (
        ("single", lambda: [checker.check([claim]) for claim in ran], alone),
        ("batched", lambda: checker.check(ran), together),
    ):
        checked, least = alternately(work, bare)
        ratio = statistics.median(a / b for a, b in zip(checked, least, strict=True))
        lines.append(
            f"check/bare session, {name}: {ratio:.2f} {GOAL}; {1000 * min(checked) / len(ran):.1f} ms a claim, bare "
            f"{1000 * min(least) / len(ran):.1f} ms; n={len(ran)} claims, {len(ready)} pairs of {tokens:.0f} tokens"
        )
    return lines


def alternately(
    work: Callable[[], object], bare: Callable[[], object], rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    """Seconds of both, round by round, after one round that does not count."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for spent, run in zip(times, (work, bare), strict=True):
            start = time.perf_counter()
            run()
            spent.append(time.perf_counter() - start)
    return times[0][1:], times[1][1:]


def _inputs(pairs: Pairs) -> list[dict[str, Any]]:
    """What the session takes, as `index.models.run` makes it."""
    import numpy as np

    encoded = [tokenizer(trained.MAX_TOKENS, keep="first").encode(*pair) for pair in pairs]
    return [
        {
            "input_ids": np.array([encoding.ids], np.int64),
            "attention_mask": np.ones((1, len(encoding)), np.int64),
            "token_type_ids": np.array([encoding.type_ids], np.int64),
        }
        for encoding in encoded
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints one line a figure."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.checking", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--checker", default=Settings().checker)
    options = parser.parse_args(arguments)
    for line in ratios(configured(replace(Settings.from_environment(), checker=options.checker)), claims(options.data)):
        sys.stdout.write(f"* {line}\n")


if __name__ == "__main__":
    main()

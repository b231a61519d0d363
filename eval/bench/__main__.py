"""All benchmarks, one after the other: `python -m eval.bench --data DIR`. Takes about two hours on two cores."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

NAMES = (
    *("ratios", "speed", "retrieval", "chunking", "abstention", "checking", "copies", "queries", "delay", "writing"),
    *("gating", "listing"),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs every benchmark on one folder of data, each with its own defaults."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    data = parser.parse_args(arguments).data
    if not data.is_dir():
        parser.error(f"no folder {str(data)!r}: name the one that holds the public sets with --data")
    # All are imported before the first runs: an hour in is late to learn that one cannot be.
    for name, bench in [(name, import_module(f"eval.bench.{name}")) for name in NAMES]:
        sys.stdout.write(f"\n== {name} ==\n")
        sys.stdout.flush()
        bench.main(["--data", str(data)])


if __name__ == "__main__":
    main()

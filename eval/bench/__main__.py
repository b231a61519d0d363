"""All benchmarks, one after the other: `python -m eval.bench --data DIR`. Takes about an hour on two cores."""

from __future__ import annotations

import runpy
import sys

for name in ("ratios", "speed", "retrieval", "chunking", "abstention", "verifier"):
    sys.stdout.write(f"\n== {name} ==\n")
    sys.argv[0] = name
    runpy.run_module(f"eval.bench.{name}", run_name="__main__")

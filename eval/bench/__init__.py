"""Benchmarks: `python -m eval.bench.NAME --data DIR`."""

"""How the reader of near misses was trained: `python -m eval.train.data`, then `.train`, then `.export`."""

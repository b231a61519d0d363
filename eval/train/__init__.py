"""How the cross-encoders were trained.

The reader of near misses: `python -m eval.train.data`, `.train`, `.export`; the checker: `.claims`,
`.checker`, `.export`.
"""

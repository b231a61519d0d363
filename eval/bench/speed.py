"""Speed of the parts of retrieval: `python -m eval.bench.speed --data DIR`.

Each figure is the best of several runs, so that what else the machine does counts little.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from eval.bench.corpora import questions
from index.embed import LOCAL
from index.models import CROSS_ENCODER, THREADS, locate, tokenizer
from index.sparse import SparseIndex
from rag.fuse import DEPTH, fuse
from rag.rerank import CrossEncoder

RUNS = 5
QUESTION = "When did the battle of Hastings take place, and who won it?"


def best_seconds(work: Callable[[], object], runs: int = RUNS) -> float:
    """The shortest of several runs, after one that does not count (it loads what is loaded late)."""
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def models(chunks: Sequence[str]) -> list[str]:
    """Passages, questions and pairs a second of each model."""
    sentences = [chunk.split(". ")[0] for chunk in chunks]
    pieces = [float(np.mean(LOCAL["minilm"].count_tokens(texts))) for texts in (chunks, sentences)]
    lines = [f"chunks of {pieces[0]:.0f} tokens, sentences of {pieces[1]:.0f}, {THREADS} threads"]
    for name, embedder in LOCAL.items():
        rate = len(chunks) / best_seconds(partial(embedder.embed, chunks))
        ask = best_seconds(partial(embedder.embed, [QUESTION], query=True))
        lines.append(f"{name}: {rate:.0f} chunks/s, {1000 * ask:.1f} ms a question")
    model = CrossEncoder()
    for kind, texts in (("chunks", chunks), ("sentences", sentences)):
        rate = len(texts) / best_seconds(partial(model.score, QUESTION, texts))
        lines.append(f"cross-encoder: {rate:.0f} {kind}/s")
    return lines


def company(chunks: Sequence[str]) -> str:
    """How far a pair's logit moves when the pair shares a batch with others."""
    import onnxruntime

    encodings = tokenizer(256, keep="first").encode_batch([(QUESTION, text) for text in chunks])
    model = onnxruntime.InferenceSession(str(locate(CROSS_ENCODER)), providers=["CPUExecutionProvider"])
    shape = len(encodings), max(map(len, encodings))
    ids, mask, types = (np.zeros(shape, np.int64) for _ in range(3))
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding)], mask[row, : len(encoding)] = encoding.ids, 1
        types[row, : len(encoding)] = encoding.type_ids
    (together,) = model.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": types})
    moved = np.abs(together[:, 0] - CrossEncoder().score(QUESTION, chunks)).max()
    return f"one batch of {len(chunks)} moves a logit by up to {moved:.2f}"


def words(chunks: Sequence[str], number: int) -> list[str]:
    """Milliseconds of one search, and of adding and removing an article, in an index of `number` chunks.

    The chunks are made by drawing sentences of real ones, so that words are as frequent as they are.
    """
    rng = random.Random(1)  # noqa: S311 - synthetic text, nothing secret
    sentences = [sentence for chunk in chunks for sentence in chunk.split(". ")]
    texts = [". ".join(rng.sample(sentences, 5)) for _ in range(number)]
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE articles(id TEXT PRIMARY KEY, title TEXT, outlet TEXT)")
    connection.execute("CREATE TABLE chunks(rowid INTEGER PRIMARY KEY, article_id TEXT, text TEXT)")
    connection.executemany(
        "INSERT INTO articles VALUES (?, ?, ?)",
        [(str(i), " ".join(rng.choice(sentences).split()[:8]), f"outlet {i % 10}") for i in range(number // 10)],
    )
    connection.executemany(
        "INSERT INTO chunks VALUES (?, ?, ?)", [(i + 1, str(i // 10), t) for i, t in enumerate(texts)]
    )
    index = SparseIndex(connection)
    index.create()
    start = time.perf_counter()
    index.rebuild()
    built = time.perf_counter() - start
    asked = [" ".join(rng.choice(sentences).split()[:9]) for _ in range(20)]
    plain = best_seconds(lambda: [index.search(q, DEPTH) for q in asked], 3) / len(asked)
    where = "articles.outlet = ?"
    some = best_seconds(lambda: [index.search(q, DEPTH, where, ["outlet 3"]) for q in asked], 3) / len(asked)

    def replace() -> None:
        index.remove(range(1, 11))
        index.add(
            range(1, 11),
            texts[:10],
            [connection.execute("SELECT title FROM articles WHERE id = '0'").fetchone()[0]] * 10,
        )

    changed = best_seconds(replace)
    index.check()
    return [
        f"BM25, {number:,} chunks: {1000 * plain:.1f} ms a question, {1000 * some:.1f} ms with a filter on one of ten "
        f"outlets, {1000 * changed:.1f} ms to take out and put in an article of ten chunks, {built:.1f} s to build"
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints one line a figure."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.speed", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    options = parser.parse_args(arguments)
    contexts = list(dict.fromkeys(question.context for question in questions(options.data, "squad2")))
    chunks = random.Random(0).sample(contexts, 48)  # noqa: S311 - a fixed choice
    ranking = [(str(i), 1 - i / 100) for i in range(DEPTH)]
    report = [
        *models(chunks),
        company(chunks),
        f"fusion of two rankings of {DEPTH}: {1000 * best_seconds(lambda: fuse(ranking, ranking)):.2f} ms",
        *words(contexts, 10_000),
        *words(contexts, 100_000),
    ]
    for line in report:
        sys.stdout.write(f"* {line}\n")


if __name__ == "__main__":
    main()

"""Retrieval measured part by part, on public sets: `python -m eval.bench.retrieval --data DIR`.

Weights are chosen on the dev half of each set alone, figures are of the test half; a document (a query of Cranfield)
is in one half only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eval.bench.sets import Task, cranfield_task, measures, qa_task
from eval.statistics import estimate, paired
from index.embed import DEFAULT, LOCAL, Embedder
from index.sparse import SparseIndex
from rag.fuse import DEPTH, convex, fuse, rrf
from rag.rerank import GATE, WEIGHT, CrossEncoder, blend, undecided

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALWAYS = 2.0
"""A gate that every question passes: fused scores end at 1."""

Ranking = list[tuple[str, float]]
Rankings = dict[str, Ranking]
SHOWN = {"squad2": ("mrr", "recall"), "clapnq": ("mrr", "recall"), "cranfield": ("ndcg", "mrr", "recall")}


def dense_rankings(task: Task, embedder: Embedder, cache: Path, *, titled: bool = False) -> dict[str, Ranking]:
    """The DEPTH nearest passages of each question, by cosine."""
    keys = list(task.passages)
    texts = [f"{task.titles[k]}\n{task.passages[k]}" if titled else task.passages[k] for k in keys]
    passages = _embedded(embedder, texts, cache, query=False)
    questions = _embedded(embedder, [q.text for q in task.questions], cache, query=True)
    found = {}
    for question, row in zip(task.questions, questions @ passages.T, strict=True):
        best = np.argsort(-row, kind="stable")[:DEPTH]
        found[question.id] = [(keys[i], float(row[i])) for i in best]
    return found


def sparse_index(task: Task) -> tuple[SparseIndex, list[str]]:
    """A word index in memory, and the passage id of each row (rows count from 1)."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE articles(id TEXT PRIMARY KEY, title TEXT)")
    connection.execute("CREATE TABLE chunks(rowid INTEGER PRIMARY KEY, article_id TEXT, text TEXT)")
    keys = list(task.passages)
    connection.executemany("INSERT INTO articles VALUES (?, ?)", [(k, task.titles[k]) for k in keys])
    connection.executemany("INSERT INTO chunks(article_id, text) VALUES (?, ?)", [(k, task.passages[k]) for k in keys])
    index = SparseIndex(connection)
    index.create()
    index.add(range(1, len(keys) + 1), [task.passages[k] for k in keys], [task.titles[k] for k in keys])
    return index, keys


def sparse_rankings(task: Task) -> dict[str, Ranking]:
    """The DEPTH best passages of each question, by BM25."""
    index, keys = sparse_index(task)
    return {q.id: [(keys[row - 1], score) for row, score in index.search(q.text, DEPTH)] for q in task.questions}


class Pairs:
    """Cross-encoder logits by pair, kept in a file: a pair's logit does not depend on what else is scored."""

    def __init__(self, cache: Path) -> None:
        self._path = cache / "pairs.json"
        self._known: dict[str, float] = json.loads(self._path.read_text()) if self._path.exists() else {}

    def score(self, model: CrossEncoder, question: str, texts: Sequence[str]) -> list[float]:
        """Logits in order."""
        keys = [hashlib.sha256(f"{model.max_tokens}|{question}|{text}".encode()).hexdigest()[:20] for text in texts]
        missing = [i for i, key in enumerate(keys) if key not in self._known]
        for i, logit in zip(missing, model.score(question, [texts[i] for i in missing]), strict=True):
            self._known[keys[i]] = round(float(logit), 4)
        return [self._known[key] for key in keys]

    def save(self) -> None:
        """Writes the file."""
        self._path.write_text(json.dumps(self._known))


@dataclass(frozen=True, slots=True)
class Rerank:
    """A way to rerank: how many, the weight of the logits, the lead that is not reranked, the most tokens of a pair."""

    name: str
    depth: int
    weight: float = WEIGHT
    gate: float = ALWAYS
    max_tokens: int = CrossEncoder().max_tokens


def reranked(task: Task, fused: Rankings, pairs: Pairs, way: Rerank) -> Rankings:
    """Rankings by question after reranking."""
    model = CrossEncoder(way.max_tokens)
    found = dict(fused)
    for question in task.questions:
        ranking = fused[question.id]
        if undecided(ranking, way.gate):
            logits = pairs.score(model, question.text, [task.passages[key] for key, _ in ranking[: way.depth]])
            found[question.id] = blend(ranking, logits, way.weight)
    return found


def choose_weight(tasks: Sequence[Task], dense: Mapping[str, Rankings], sparse: Mapping[str, Rankings]) -> list[str]:
    """Mean nDCG@10 over the dev halves for each weight of each fusion."""
    fusions: dict[str, Callable[[Ranking, Ranking, float], Ranking]] = {
        "convex": convex,
        "rrf": lambda d, s, w: rrf([d, s], [w, 1 - w]),
    }
    lines = []
    for name, fusion in fusions.items():
        for depth in (20, DEPTH):
            cells = []
            for tenths in range(11):
                rankings = {
                    t.name: {
                        q.id: fusion(dense[t.name][q.id][:depth], sparse[t.name][q.id][:depth], tenths / 10)
                        for q in t.questions
                    }
                    for t in tasks
                }
                cells.append(np.mean([np.mean(column(t, rankings[t.name], "ndcg", "dev")) for t in tasks]))
            lines.append(f"| {name}, first {depth} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |")
    return lines


def choose_gate(tasks: Sequence[Task], base: Mapping[str, Rankings], pairs: Pairs, depths: Sequence[int]) -> list[str]:
    """Mean nDCG@10 over the dev halves, and pairs scored a question, for each depth and gate."""
    lines = ["| reranked, dev | gate | nDCG@10 | pairs a question |", "|---|---|---|---|"]
    for depth in depths:
        for gate in (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, ALWAYS):
            way = Rerank("", depth, gate=gate)
            found = [column(t, reranked(t, base[t.name], pairs, way), "ndcg", "dev") for t in tasks]
            share = np.mean([np.mean([undecided(r, gate) for r in base[t.name].values()]) for t in tasks])
            figure = np.mean([np.mean(scores) for scores in found])
            lines.append(f"| {depth} | {gate if gate < ALWAYS else 'none'} | {figure:.4f} | {depth * share:.1f} |")
    return lines


def column(task: Task, rankings: Rankings, measure: str, half: str) -> list[float]:
    """One measure of each question of a half."""
    asked = [q for q in task.questions if q.half == half]
    return [measures([key for key, _ in rankings[q.id]], q.gains)[measure] for q in asked]


def row(tasks: Sequence[Task], system: str, rankings: Mapping[str, Rankings], half: str) -> str:
    """A line of the table: each figure with its 95 % interval over documents."""
    cells = []
    for task in tasks:
        documents = [q.document for q in task.questions if q.half == half]
        for measure in SHOWN[task.name]:
            e = estimate(column(task, rankings[task.name], measure, half), documents)
            cells.append(f"{e.value:.3f} [{e.low:.3f}, {e.high:.3f}]")
    return f"| {system} | " + " | ".join(cells) + " |"


def against(tasks: Sequence[Task], name: str, before: Mapping[str, Rankings], after: Mapping[str, Rankings]) -> str:
    """A line of the table of differences on the test halves, nDCG@10, paired by question."""
    cells = []
    for task in tasks:
        asked = [q for q in task.questions if q.half == "test"]
        ids = [q.id for q in asked]
        old, new = (dict(zip(ids, column(task, r[task.name], "ndcg", "test"), strict=True)) for r in (before, after))
        d = paired(old, new, {q.id: q.document for q in asked})
        cells.append(f"{d.value:+.3f} [{d.low:+.3f}, {d.high:+.3f}]")
    return f"| {name} | " + " | ".join(cells) + " |"


def _embedded(embedder: Embedder, texts: Sequence[str], cache: Path, *, query: bool) -> NDArray[np.float32]:
    """Vectors `(n, d)`, from the cache where it has them."""
    key = hashlib.sha256(json.dumps([embedder.fingerprint, query, list(texts)]).encode()).hexdigest()[:20]
    path = cache / f"{key}.npy"
    if not path.exists():
        np.save(path, embedder.embed(texts, query=query))
    vectors: NDArray[np.float32] = np.load(path)
    return vectors


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the tables of docs/measurements.md."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.retrieval", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "retrieval-bench")
    parser.add_argument("--questions", type=int, default=400, help="at most so many of each half of a set")
    parser.add_argument("--depths", type=int, nargs="+", default=[4, 8], help="how many passages to rerank")
    options = parser.parse_args(arguments)
    options.cache.mkdir(parents=True, exist_ok=True)
    tasks = [qa_task(options.data, name, options.questions) for name in ("squad2", "clapnq")]
    tasks.append(cranfield_task(options.data / "retrieval" / "cranfield"))
    pairs = Pairs(options.cache)

    sparse = {t.name: sparse_rankings(t) for t in tasks}
    systems: dict[str, dict[str, Rankings]] = {"BM25": sparse}
    chosen: list[str] = []
    for name, embedder in LOCAL.items():
        dense = {t.name: dense_rankings(t, embedder, options.cache) for t in tasks}
        fused = {t.name: {q.id: fuse(dense[t.name][q.id], sparse[t.name][q.id]) for q in t.questions} for t in tasks}
        equal = {
            t.name: {q.id: rrf([dense[t.name][q.id], sparse[t.name][q.id]], [1, 1]) for q in t.questions} for t in tasks
        }
        systems |= {name: dense, f"RRF, {name}": equal, f"fused, {name}": fused}
        chosen += [f"{name}:", *choose_weight(tasks, dense, sparse)]
    base = systems[f"fused, {DEFAULT}"]
    ways = [
        *(Rerank(f"rerank {depth}", depth) for depth in options.depths),
        Rerank("rerank 8 by logits alone", 8, 1.0),
        Rerank("rerank 8 if close", 8, gate=GATE),
        Rerank("rerank 4 if close, 128 tokens", 4, gate=GATE, max_tokens=128),
        Rerank("default: rerank 4 if close", 4, gate=GATE),
    ]
    for way in ways:
        systems[way.name] = {t.name: reranked(t, base[t.name], pairs, way) for t in tasks}
        pairs.save()

    head = [f"{t.name} {measure}" for t in tasks for measure in SHOWN[t.name]]
    lines = ["| nDCG@10, dev, by weight | " + " | ".join(f"{w / 10}" for w in range(11)) + " |", *chosen]
    lines += choose_gate(tasks, base, pairs, options.depths)
    for half in ("dev", "test"):
        sizes = [[q.document for q in t.questions if q.half == half] for t in tasks]
        lines.append(
            ", ".join(
                f"{t.name} {len(s)} questions, {len(set(s))} documents" for t, s in zip(tasks, sizes, strict=True)
            )
        )
        lines += [f"| {half} | " + " | ".join(head) + " |", "|---" * (len(head) + 1) + "|"]
        lines += [row(tasks, name, rankings, half) for name, rankings in systems.items()]
    lines += ["| nDCG@10, test | " + " | ".join(t.name for t in tasks) + " |", "|---" * (len(tasks) + 1) + "|"]
    default = systems[ways[-1].name]
    lines += [against(tasks, f"default - {name}", r, default) for name, r in systems.items() if r is not default]
    shares = [np.mean([undecided(r) for r in base[t.name].values()]) for t in tasks]
    lines.append("reranked: " + ", ".join(f"{t.name} {share:.0%}" for t, share in zip(tasks, shares, strict=True)))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

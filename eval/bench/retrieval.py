"""Retrieval measured part by part, on public sets: `python -m eval.bench.retrieval --data ../shared/data`.

Weights are chosen on the dev half of each set alone, figures are of the test half; a document (a query of Cranfield)
is in one half only.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embed import Embedder
from index.sparse import SparseIndex
from rag.rerank import CrossEncoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEPTH = 50
"""Candidates taken from each of the two rankings before fusion."""

Ranking = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the gain of each passage that answers it (by id), the document it is about, and its half."""

    id: str
    text: str
    gains: Mapping[str, int]
    document: str

    @property
    def half(self) -> str:
        """"dev" or "test", by a hash of the document."""
        return "dev" if hashlib.sha256(self.document.encode()).digest()[0] % 5 < 2 else "test"


@dataclass(frozen=True, slots=True)
class Task:
    """A corpus of passages and titles by id, and its questions."""

    name: str
    passages: Mapping[str, str]
    titles: Mapping[str, str]
    questions: Sequence[Question]


def qa_task(path: Path, most: int) -> Task:
    """The contexts of a set as passages; of each half at most `most` answerable questions, chosen by hash of the id."""
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    ids = {context: f"p{i}" for i, context in enumerate(dict.fromkeys(r["context"] for r in records))}
    titles = {ids[r["context"]]: r["title"] for r in records}
    asked = [
        Question(r["id"], r["question"], {ids[r["context"]]: 1}, r["title"]) for r in records if r["answerable"]
    ]
    asked.sort(key=lambda q: hashlib.sha256(q.id.encode()).digest())
    kept = [q for half in ("dev", "test") for q in [q for q in asked if q.half == half][:most]]
    return Task(path.stem, {key: context for context, key in ids.items()}, titles, kept)


def cranfield_task(folder: Path) -> Task:
    """Abstracts with graded judgements: a complete answer gains 4, one of least interest 1, code -1 nothing."""
    documents = re.split(r"^\.I (\d+)\n", (folder / "cran.all.1400").read_text(encoding="utf-8"), flags=re.M)[1:]
    passages, titles = {}, {}
    for number, body in zip(documents[::2], documents[1::2], strict=True):
        title, text = re.search(r"\.T\n(.*?)\.A\n.*?\.W\n(.*)", body, flags=re.S).groups()  # type: ignore[union-attr]
        passages[number], titles[number] = " ".join(text.split()) or " ".join(title.split()), " ".join(title.split())
    gains: dict[int, dict[str, int]] = {}
    for line in (folder / "cranqrel").read_text(encoding="utf-8").splitlines():
        query, document, code = line.split()
        if int(code) > 0:
            gains.setdefault(int(query), {})[document] = 5 - int(code)
    queries = re.split(r"^\.I \d+\n\.W\n", (folder / "cran.qry").read_text(encoding="utf-8"), flags=re.M)[1:]
    # Judgements count queries from 1 in file order; the numbers in the file have gaps.
    asked = [Question(str(n), " ".join(q.split()), gains[n], str(n)) for n, q in enumerate(queries, 1) if n in gains]
    return Task("cranfield", passages, titles, asked)


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


def measures(ranked: Sequence[str], gains: Mapping[str, int]) -> dict[str, float]:
    """MRR@10, recall@5 and nDCG@10 (gains as they are, log2 discount) of one question."""
    found = [gains.get(key, 0) for key in ranked[:10]]
    ideal = sorted(gains.values(), reverse=True)[:10]
    return {
        "mrr": next((1 / rank for rank, gain in enumerate(found, 1) if gain), 0.0),
        "recall": sum(gain > 0 for gain in found[:5]) / len(gains),
        "ndcg": sum(g / log2(r + 1) for r, g in enumerate(found, 1)) / sum(g / log2(r + 1) for r, g in enumerate(ideal, 1)),
    }


def _embedded(embedder: Embedder, texts: Sequence[str], cache: Path, *, query: bool) -> NDArray[np.float32]:
    """Vectors `(n, d)`, from the cache where it has them."""
    key = hashlib.sha256(json.dumps([embedder.fingerprint, query, list(texts)]).encode()).hexdigest()[:20]
    path = cache / f"{key}.npy"
    if not path.exists():
        np.save(path, embedder.embed(texts, query=query))
    vectors: NDArray[np.float32] = np.load(path)
    return vectors

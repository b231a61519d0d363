"""Public sets as retrieval tasks: passages, questions, which passages answer them, and how well they are found."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path

from eval.bench.corpora import Half, half_of, questions


@dataclass(frozen=True, slots=True)
class Query:
    """A question, the gain of each passage that answers it (by id), and the document it is about."""

    id: str
    text: str
    gains: Mapping[str, int]
    document: str

    @property
    def half(self) -> Half:
        """That of its document."""
        return half_of(self.document)


@dataclass(frozen=True, slots=True)
class Task:
    """A corpus of passages and titles by id, and its questions."""

    name: str
    passages: Mapping[str, str]
    titles: Mapping[str, str]
    questions: Sequence[Query]


def qa_task(data: Path, name: str, most: int) -> Task:
    """The contexts of a set as passages; of each half at most `most` answerable questions, chosen by hash of the id."""
    every = questions(data, name)
    ids = {context: f"p{i}" for i, context in enumerate(dict.fromkeys(question.context for question in every))}
    titles = {ids[question.context]: question.title for question in every}
    asked = [Query(q.id, q.text, {ids[q.context]: 1}, q.title) for q in every if q.answerable]
    asked.sort(key=lambda q: hashlib.sha256(q.id.encode()).digest())
    kept = [q for half in ("dev", "test") for q in [q for q in asked if q.half == half][:most]]
    return Task(name, {key: context for context, key in ids.items()}, titles, kept)


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
    asked = [Query(str(n), " ".join(q.split()), gains[n], str(n)) for n, q in enumerate(queries, 1) if n in gains]
    return Task("cranfield", passages, titles, asked)


def measures(ranked: Sequence[str], gains: Mapping[str, int]) -> dict[str, float]:
    """MRR@10, recall@5 and nDCG@10 (gains as they are, log2 discount) of one question."""
    found = [gains.get(key, 0) for key in ranked[:10]]
    ideal = sorted(gains.values(), reverse=True)[:10]
    return {
        "mrr": next((1 / rank for rank, gain in enumerate(found, 1) if gain), 0.0),
        "recall": sum(gain > 0 for gain in found[:5]) / len(gains),
        "ndcg": _discounted(found) / _discounted(ideal),
    }


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))

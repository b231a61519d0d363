"""How fast, as ratios and times measured in one run: `python -m eval.bench.ratios --data DIR [--articles 1000]`.

Machines differ and are noisy, so each figure is a time divided by the time of the bare work it cannot do without, both
measured in turn in the same run. How soon `rag serve` answers is told in seconds, since a person waits for it.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from eval.bench.corpora import questions, texts
from index.articles import Article, content_id
from index.build import cut, ingest
from index.embed import DEFAULT, by_name
from index.errors import SourceboundError
from index.filters import Filters
from index.store import Store, open_store
from index.vectors import embedded_text
from rag import ask as pipeline
from rag.fuse import DEPTH
from rag.rerank import CrossEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


RAG = str(Path(sys.executable).parent / "rag")
MOST_WAIT_S = 300
"""Seconds after which a server that does not answer is given up: many times what the slowest start took."""


class FillerEmbedder:
    """Vectors of no meaning for stored texts, so that a large store is there in seconds; questions get real ones."""

    def __init__(self) -> None:
        self._real = by_name(DEFAULT)
        self.name = self._real.name
        self.fingerprint = "filler"

    def embed(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """`(n, 384)` float32 of unit norm."""
        import numpy as np

        if query:
            return self._real.embed(texts, query=True)
        vectors = np.random.default_rng(len(texts)).normal(size=(len(texts), 384)).astype(np.float32)
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def ingest_ratio(data: Path, count: int, folder: Path) -> str:
    """Speed of ingest over speed of the bare embedder on the same chunks, in ten slices, the order changing."""
    embedder = by_name(DEFAULT)
    embedder.embed(["warm"])
    spent = {"ingest": 0.0, "embed": 0.0}
    chunks = 0
    found = texts(data, count)
    with open_store(folder / "store", embedder) as store:
        for number in range(10):
            part = found[number::10]
            source = folder / f"part{number}"
            source.mkdir()
            for place, text in enumerate(part):
                (source / f"{place}.txt").write_text(text, encoding="utf-8")
            before = {article.id for article in store.articles()}
            spent["ingest"] += timed(partial(ingest, store, [str(source)]))
            new = [article for article in store.articles() if article.id not in before]
            bodies = [embedded_text(chunk, a.title) for a in new for chunk in cut(a, store.chunking)[2]]
            chunks += len(bodies)
            spent["embed"] += timed(partial(embedder.embed, bodies))
    ratio = spent["embed"] / spent["ingest"]
    return (
        f"ingest: {len(found)} articles, {chunks} chunks, {chunks / spent['ingest']:.1f} chunks/s; bare embedder "
        f"{chunks / spent['embed']:.1f} chunks/s; ratio {ratio:.2f} (goal: at least 0.90)"
    )


def answer_ratio(data: Path, folder: Path, chunks: int = 10_000, asked: int = 40) -> str:
    """Time of `answer` over the bare embedding, searching and reranking it cannot do without, question by question."""
    found = texts(data, 2000)
    pick = random.Random(0)  # noqa: S311 - repeatable, nothing secret
    reranker = CrossEncoder()
    with open_store(folder / "large", FillerEmbedder()) as store:
        _fill(store, found, chunks, pick)
        ratios, answered, bare = [], [], []
        for question in pick.sample(questions(data, "squad2"), asked + 3):
            seen: list[tuple[str, list[str]]] = []
            whole = timed(partial(pipeline.answer, question.text, store=store))
            with _recorded(seen):
                pipeline.answer(question.text, store=store)
            least = timed(partial(_bare, store, question.text, seen, reranker))
            ratios.append(whole / least)
            answered.append(whole)
            bare.append(least)
        total = store.ledger.rows("SELECT count(*) FROM chunks")[0][0]
    ratios, answered, bare = ratios[3:], answered[3:], bare[3:]  # the first ones load the models
    quarter = statistics.quantiles(ratios, n=4)
    return (
        f"answer: {total} chunks, n={len(ratios)} questions, median {1000 * statistics.median(answered):.0f} ms, bare "
        f"{1000 * statistics.median(bare):.0f} ms; median ratio {statistics.median(ratios):.2f}, quartiles "
        f"{quarter[0]:.2f} to {quarter[2]:.2f} (goal: at most 1.50)"
    )


def start_ratios(runs: int = 7) -> list[str]:
    """Start of `rag --help` and of `import rag` over that of `import typer`, each in turn."""
    commands = {"rag --help": [RAG, "--help"], "import rag": [sys.executable, "-c", "import rag"]}
    base = [sys.executable, "-c", "import typer"]
    lines = []
    for name, command in commands.items():
        ratios = [timed(partial(_quiet, command)) / timed(partial(_quiet, base)) for _ in range(runs + 1)]
        middle = statistics.median(ratios[1:])
        lines.append(f"start: {name}: median ratio to `import typer` {middle:.2f}, n={runs} (goal: at most 3)")
    return lines


def serve_start(folder: Path) -> str:
    """Seconds from `rag serve` to its first answer, on a store that an earlier start made."""
    first, warm = (_seconds_to_health(folder / "served") for _ in range(2))
    return (
        f"start: rag serve answers /api/health after {warm:.1f} s (goal: under 15 s); "
        f"{first:.1f} s where it first indexes the seed articles"
    )


def timed(work: Callable[[], object]) -> float:
    """Seconds of wall time."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _fill(store: Store, found: Sequence[str], chunks: int, pick: random.Random) -> None:
    """Stores real sentences in new combinations until there are enough chunks."""
    sentences = [s for text in found for s in text.replace("\n", " ").split(". ") if 20 < len(s) < 300]
    held, batch = 0, []
    while held < chunks:
        text = ". ".join(pick.sample(sentences, 30)) + "."
        article = Article(content_id(text, None, None, None), f"filler {held}", "filler", text)
        batch.append(cut(article, store.chunking))
        held += len(batch[-1][2])
        if len(batch) == 200:
            store.add(batch)
            batch = []
    store.add(batch)


class _recorded:  # noqa: N801 - reads as a verb where it is used
    """Notes the pairs that the cross-encoder was given."""

    def __init__(self, seen: list[tuple[str, list[str]]]) -> None:
        self._seen = seen
        self._score = CrossEncoder.score

    def __enter__(self) -> None:
        seen, score = self._seen, self._score

        def noted(encoder: CrossEncoder, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
            if encoder == CrossEncoder():  # the reading of near misses is no reranking
                seen.append((question, list(texts)))
            return score(encoder, question, texts)

        CrossEncoder.score = noted  # type: ignore[method-assign, assignment]

    def __exit__(self, *exc: object) -> None:
        CrossEncoder.score = self._score  # type: ignore[method-assign]


def _bare(store: Store, question: str, pairs: Sequence[tuple[str, list[str]]], reranker: CrossEncoder) -> None:
    vector = store.embedder.embed([question], query=True)[0]
    store.search_dense(vector, DEPTH, Filters())
    for asked, found in pairs:
        reranker.score(asked, found)


def _seconds_to_health(store: Path) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = time.perf_counter()
    server = subprocess.Popen(  # noqa: S603 - a fixed command
        [RAG, "serve", "--port", str(port)], env={**os.environ, "RAG_STORE": str(store)}, stdout=subprocess.DEVNULL
    )
    try:
        while not _is_healthy(port):
            if server.poll() is not None or time.perf_counter() - start > MOST_WAIT_S:
                msg = f"`rag serve` did not answer on port {port} (exit code {server.returncode}): run it to see why"
                raise SourceboundError(msg)
            time.sleep(0.05)
        return time.perf_counter() - start
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _quiet(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - fixed commands


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints one line a figure."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.ratios", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--articles", type=int, default=1000)
    options = parser.parse_args(arguments)
    out = sys.stdout.write
    for line in start_ratios():
        out(line + "\n")
    with tempfile.TemporaryDirectory() as folder:
        out(serve_start(Path(folder)) + "\n")
        out(answer_ratio(options.data, Path(folder)) + "\n")
        out(ingest_ratio(options.data, options.articles, Path(folder)) + "\n")
    out(f"peak memory of this run: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB\n")


if __name__ == "__main__":
    main()

"""Which chunk size and overlap find answers best: `python -m eval.bench.chunking --data DIR`.

The passages of each SQuAD 2.0 title, joined in order, are long articles whose answers lie at known places. A setting is
judged by what a reader gets: whether the answer's span lies within the first 3,000 characters of retrieved text, so
that small chunks are not punished for being small nor large ones paid for being large. Chosen on dev titles, reported
on the others.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.bench.corpora import Question, questions
from eval.statistics import estimate
from index.articles import Article, content_id
from index.build import cut
from index.chunks import Chunking
from index.clean import normalise
from index.embed import DEFAULT, by_name
from index.store import open_store
from rag.retrieve import retrieve

BUDGET = 3000
"""Characters of retrieved text that are looked at: about what an answer is made from."""

SETTINGS = [
    Chunking(size, overlap) for size in (300, 500, 700, 1000, 1400) for overlap in (0, 150) if overlap < size / 2
]


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with the span of its answer in the long article of its title."""

    question: Question
    start: int
    end: int


def long_articles(asked: Sequence[Question]) -> tuple[dict[str, Article], list[Ask]]:
    """One article a title, and the answerable questions with the place of their first answer."""
    passages: dict[str, dict[str, None]] = {}
    for question in asked:
        passages.setdefault(question.title, {})[normalise(question.context)] = None
    articles = {}
    for title, parts in passages.items():
        text = "\n\n".join(parts)
        articles[title] = Article(content_id(text, title, None, None), f"title:{title}", title, text, title)
    asks = []
    for question in asked:
        text, context = articles[question.title].text, normalise(question.context)
        place = context.find(question.answers[0]) if question.answerable else -1
        if place >= 0:
            start = text.index(context) + place
            asks.append(Ask(question, start, start + len(question.answers[0])))
    return articles, asks


def measure(
    chunking: Chunking, articles: dict[str, Article], asks: Sequence[Ask], folder: Path
) -> tuple[list[float], int, float]:
    """Whether each question's answer is in the first BUDGET characters; how many chunks; seconds to index."""
    start = time.perf_counter()
    with open_store(folder / f"{chunking.size}-{chunking.overlap}", by_name(DEFAULT), chunking) as store:
        store.add([cut(article, chunking) for article in articles.values()])
        spent = time.perf_counter() - start
        chunks = int(str(store.ledger.rows("SELECT count(*) FROM chunks")[0][0]))
        found = []
        for ask in asks:
            left, hit = BUDGET, 0.0
            for passage in retrieve(store, ask.question.text, 30):
                left -= passage.chunk.end - passage.chunk.start
                if left < 0:
                    break
                same = passage.article.id == articles[ask.question.title].id
                hit = max(hit, float(same and passage.chunk.start <= ask.start and ask.end <= passage.chunk.end))
            found.append(hit)
    return found, chunks, spent


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a table row a setting, dev and test."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.chunking", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--questions", type=int, default=300, help="of each half")
    options = parser.parse_args(arguments)
    articles, asks = long_articles(questions(options.data, "squad2"))
    random.Random(2).shuffle(asks)  # noqa: S311 - repeatable, nothing secret
    halves = {half: [a for a in asks if a.question.half == half][: options.questions] for half in ("dev", "test")}
    sys.stdout.write(
        "| size | overlap | chunks | seconds | answer found, dev | answer found, test |\n|---|---|---|---|---|---|\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        for chunking in SETTINGS:
            found, chunks, spent = measure(chunking, articles, halves["dev"] + halves["test"], Path(folder))
            cells = []
            for half, part in (("dev", found[: len(halves["dev"])]), ("test", found[len(halves["dev"]) :])):
                got = estimate(part, [a.question.title for a in halves[half]])
                cells.append(f"{got.value:.3f} [{got.low:.3f}, {got.high:.3f}] n={len(part)}")
            sys.stdout.write(
                f"| {chunking.size} | {chunking.overlap} | {chunks} | {spent:.0f} | {cells[0]} | {cells[1]} |\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main()

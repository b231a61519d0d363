"""When to answer: fits the weights of `rag.abstain` and reports how well they tell right from wrong.

`python -m eval.bench.abstention --data DIR`. Fitted on the dev documents of SQuAD 2.0 and CLAPnq and on the dev
questions of the seeds suite, each set with equal weight; reported on the other documents.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.bench.corpora import Question, questions
from eval.bench.figures import auroc, auroc_estimate, interval
from eval.samples import find_suite, read_suite
from index.articles import Article, content_id
from index.build import Cut, cut, ingest
from index.clean import normalise
from index.embed import DEFAULT, by_name
from index.store import Store, open_store
from rag import abstain, ask
from rag.converse import Asked, understood
from rag.settings import Settings

SETS = {"squad2": 700, "clapnq": 284}
"""Questions taken of each set, at random with a fixed seed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One question's best sentence: its features and whether it is right."""

    dataset: str
    document: str
    is_dev: bool
    features: dict[str, float]
    answerable: bool
    right: bool


def rows_of(data: Path, name: str, count: int, folder: Path) -> list[Row]:
    """Asks questions of a public set of a store that holds all its passages."""
    asked = random.Random(1).sample(questions(data, name), count)  # noqa: S311 - repeatable, nothing secret
    found = []
    with open_store(folder / name, by_name(DEFAULT)) as store:
        store.add([_article(title, context, store) for context, title in _contexts(questions(data, name)).items()])
        for question in asked:
            best = _best(store, Asked(question.text, question.text))
            if best is not None:
                text, features = best
                right = question.answerable and _is_right(text, question)
                found.append(Row(name, question.title, question.half == "dev", features, question.answerable, right))
    return found


def seeds_rows(folder: Path) -> Iterator[Row]:
    """The dev questions of the seeds suite."""
    with open_store(folder / "seeds", by_name(DEFAULT)) as store:
        ingest(store, [str(ask.seeds_folder())])
        for sample, target in read_suite(find_suite("seeds")).items:
            if sample.split != "dev":
                continue
            best = _best(store, understood(sample.question, sample.history))
            answerable = target.status != "abstained"
            if best is not None:
                yield Row("seeds", sample.id, True, best[1], answerable, answerable)


def fit(rows: Sequence[Row]) -> dict[str, float]:
    """Weights of a logistic regression, ridge 0.01, each data set with the same total weight (Newton's method)."""
    names = list(rows[0].features)
    sizes = {name: sum(row.dataset == name for row in rows) for name in {row.dataset for row in rows}}
    x = np.array([[row.features[name] for name in names] for row in rows])
    y = np.array([row.right for row in rows], float)
    weight = np.array([1 / sizes[row.dataset] for row in rows])
    weight /= weight.mean()
    beta = np.zeros(len(names))
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ beta))
        gradient = x.T @ (weight * (p - y)) + 0.01 * beta
        beta -= np.linalg.solve((x * (weight * p * (1 - p))[:, None]).T @ x + 0.01 * np.eye(len(names)), gradient)
    return dict(zip(names, beta.round(3).tolist(), strict=True))


def calibration_error(labels: Sequence[bool], scores: Sequence[float], bins: int = 10) -> float:
    """Expected calibration error over bins of equal count (Naeini et al. 2015): mean of |accuracy - confidence|."""
    order = np.argsort(scores)
    y, p = np.array(labels, float)[order], np.array(scores)[order]
    return float(
        sum(len(part) * abs(y[part].mean() - p[part].mean()) for part in np.array_split(np.arange(len(p)), bins))
        / len(p)
    )


def report(rows: Sequence[Row], weights: dict[str, float]) -> Iterator[str]:
    """One line a data set, on documents that were not fitted on."""
    for name in SETS:
        part = [row for row in rows if row.dataset == name and not row.is_dev]
        scores = [_probability(row, weights) for row in part]
        answerable, right = [row.answerable for row in part], [row.right for row in part]
        alone = auroc([row.features["score"] for row in part], answerable)
        cosine = auroc([row.features["similarity"] for row in part], answerable)
        ranked = auroc_estimate(scores, answerable, [row.document for row in part])
        given = [row for row, score in zip(part, scores, strict=True) if score >= abstain.THRESHOLD]
        wrong = sum(not row.right for row in given)
        yield (
            f"{name}: n={len(part)} of {len({row.document for row in part})} documents; AUROC answerable "
            f"{interval(ranked)} (cross-encoder alone {alone:.3f}, cosine alone "
            f"{cosine:.3f}); AUROC right {auroc(scores, right):.3f}; calibration error "
            f"{calibration_error(right, scores):.3f}; at the threshold {len(given)} answered, {wrong} of them wrong"
        )


def _best(store: Store, asked: Asked) -> tuple[str, dict[str, float]] | None:
    ranked = ask.ranked_sentences(store, asked, Settings())
    return (ranked[0].text, abstain.features(asked, ranked[0])) if ranked else None


def _contexts(asked: Sequence[Question]) -> dict[str, str]:
    return {normalise(question.context): question.title for question in asked}


def _article(title: str, text: str, store: Store) -> Cut:
    ident = content_id(text, title, None, None)
    return cut(Article(ident, f"text:{ident}", title, text, title), store.chunking)


def _is_right(text: str, question: Question) -> bool:
    """Whether a sentence overlaps a marked gold sentence or, where a set marks none, holds an accepted answer."""
    plain = _plain(text)
    if question.gold_sentences:
        return any(plain in gold or gold in plain for gold in map(_plain, question.gold_sentences))
    return any(_plain(answer) in plain for answer in question.answers)


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def _probability(row: Row, weights: dict[str, float]) -> float:
    return float(1 / (1 + np.exp(-sum(weights[name] * value for name, value in row.features.items()))))


def main(arguments: Sequence[str] | None = None) -> None:
    """Fits, prints the weights, reports on the test documents."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.abstention", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for name, count in SETS.items() for row in rows_of(options.data, name, count, Path(folder))]
        rows += seeds_rows(Path(folder))
    weights = fit([row for row in rows if row.is_dev])
    sys.stdout.write(f"weights fitted: {weights}\nweights in use: {abstain.WEIGHTS}, threshold {abstain.THRESHOLD}\n")
    for line in report(rows, abstain.WEIGHTS):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()

"""Articles of a store -> questions that a reader may click: each is asked first, and kept only where it is answered."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest

from index.articles import Article
from index.errors import QuestionError
from index.listing import Query
from index.store import Store
from rag.answers import Answer
from rag.ask import answer
from rag.check.lexicon import STOP, stem
from rag.orders import to_a_machine
from rag.plain_questions import Question, questions
from rag.settings import Settings

MOST_ARTICLES = 40
"""How many are read, however many there are: the newest, spread over the outlets."""

_NEWEST = 400  # among which the outlets are spread
_SENTENCES = 40  # of an article, from its beginning: what it is about stands there
_TRIES = 4  # questions that are asked for each one wanted
_LONGEST = 140
_SHAPE = re.compile(r"[A-Z](?:[^\W_]|[ ,.'’$£€%&-])+\?")
"""Letters, figures and the signs of plain sentences: nothing that a page or a model may take for more than text."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A question, and where the sentence stands that it was made from."""

    question: Question
    article: Article
    start: int
    end: int

    @property
    def words(self) -> frozenset[str]:
        """Stems of what it is about."""
        found = re.findall(r"[^\W_]+", self.question.text.lower())
        return frozenset(stem(word) for word in found if word not in STOP)


def examples(store: Store, settings: Settings, most: int = 4) -> tuple[str, ...]:
    """Questions in English about the articles of a store, each of which is answered from it by extraction.

    They are made by patterns from plain sentences of the newest articles, as different from each other as can be. Each
    was asked, and its answer begins with the sentence that it was made from. The same corpus gives the same questions.
    Takes about a second: meant to run once for each corpus, not for each reader.

    Args:
        store: an open one.
        settings: how it is asked; without a language model, whatever they say.
        most: how many at most, from 0.

    Returns:
        None to `most` questions of at most 140 characters; none where no article is in English, or none is plain.
    """
    kept: list[_Made] = []
    chosen = settings.extracting()
    waiting = _spread([_of_article(store, article) for article in _articles(store)])
    for _ in range(_TRIES * most):
        made = _next(waiting, kept)
        if made is None or len(kept) >= most:
            break
        waiting.remove(made)
        if _is_answered(store, made, chosen):
            kept.append(made)
    return tuple(made.question.text for made in kept)


def _articles(store: Store) -> list[Article]:
    """The newest articles, those without a date last, one of each story; outlets take turns."""
    by_outlet: dict[str | None, list[str]] = {}
    told: set[str] = set()
    for row in store.listing.page(Query(size=_NEWEST)).rows:
        if row.story not in told:
            told.add(row.story)
            by_outlet.setdefault(row.outlet, []).append(row.id)
    turns = [key for turn in zip_longest(*by_outlet.values()) for key in turn if key is not None]
    return [store.article(key) for key in turns[:MOST_ARTICLES]]


def _of_article(store: Store, article: Article) -> list[_Made]:
    found: dict[str, _Made] = {}
    spans = store.ledger.sentences(article.id)[:_SENTENCES]
    for start, end in spans:
        if to_a_machine(article.text[start:end]):
            continue
        for question in questions(article.text, (start, end), spans, article.published):
            if len(question.text) <= _LONGEST and _SHAPE.fullmatch(question.text):
                found.setdefault(question.text, _Made(question, article, start, end))
    return sorted(found.values(), key=lambda made: (-made.question.merit, made.start))


def _spread(by_article: list[list[_Made]]) -> list[_Made]:
    """The best question of each article, then the second of each, and so on."""
    return [made for turn in zip_longest(*by_article) for made in turn if made is not None]


def _next(waiting: list[_Made], kept: list[_Made]) -> _Made | None:
    """The question that is least like those kept: another outlet, article, kind; none about the same."""
    outlets = Counter(made.article.outlet for made in kept)
    articles = Counter(made.article.id for made in kept)
    kinds = Counter(made.question.kind for made in kept)
    apart = [made for made in waiting if all(2 * len(made.words & one.words) <= len(made.words) for one in kept)]
    return min(
        apart,
        key=lambda made: (
            articles[made.article.id], kinds[made.question.kind], outlets[made.article.outlet], -made.question.merit
        ),
        default=None,
    )  # fmt: skip


def _is_answered(store: Store, made: _Made, settings: Settings) -> bool:
    """Whether the answer begins with the sentence that the question was made from."""
    try:
        found = answer(made.question.text, store=store, settings=settings)
    except QuestionError:
        return False
    return found.status != "abstained" and any(_holds(found, number, made) for number in found.sentences[0].citations)


def _holds(found: Answer, number: int, made: _Made) -> bool:
    return any(
        one.number == number and one.article_id == made.article.id and one.start < made.end and one.end > made.start
        for one in found.citations
    )

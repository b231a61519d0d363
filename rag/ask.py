"""Question -> checked, cited answer: what a caller hands in is checked, the store opened, `rag.pipeline` run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypedDict, Unpack, cast

from index.build import ingest
from index.embed import by_name
from index.errors import StoreError
from index.filters import Filters
from index.store import Store, close_idle, exists, open_store
from rag import pipeline
from rag.answers import Answer, Citation, Sentence
from rag.converse import understood
from rag.question import checked_day, checked_filters, checked_history, checked_question
from rag.rerank import CrossEncoder
from rag.retrieve import Passage, retrieve
from rag.settings import Settings
from rag.stop import Stop


class Options(TypedDict, total=False):
    """The keyword arguments of `answer`, for its twins."""

    store: Store | Path | str | None
    since: date | str | None
    until: date | str | None
    as_of: date | str | None
    outlets: Sequence[str]
    articles: Sequence[str]
    history: Sequence[str]
    settings: Settings | None


def answer(
    question: str,
    *,
    store: Store | Path | str | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
    as_of: date | str | None = None,
    outlets: Sequence[str] = (),
    articles: Sequence[str] = (),
    history: Sequence[str] = (),
    settings: Settings | None = None,
) -> Answer:
    """Answers a question from the corpus, or says that the corpus does not answer it.

    A store that is opened by its folder stays open for the next call, and other processes cannot have it meanwhile:
    `rag.close()` lets it go.

    Args:
        question: what is asked, at most 2,000 characters.
        store: an open store or its folder; by default RAG_STORE or the user's data folder, where the seed articles
            are indexed on first use.
        since: only articles published on or after this day (a date or its ISO text); one without a date matches never.
        until: only articles published on or before this day.
        as_of: the day the question is asked on, today by default: "last month" counts from it, and where it is given
            it is `until` as well.
        outlets: only articles of these outlets.
        articles: only these articles, by id.
        history: the earlier questions of the conversation, oldest first.
        settings: everything else; by default from the environment.

    Raises:
        QuestionError: the question or a filter cannot be used.
        StoreError: there is no store, or it is held by another process, or was made otherwise.
        ModelError: a model's file is missing or altered.
    """
    options: Options = {
        "store": store,
        "since": since,
        "until": until,
        "as_of": as_of,
        "outlets": outlets,
        "articles": articles,
        "history": history,
        "settings": settings,
    }
    *_, whole = stream(question, **options)
    return cast(Answer, whole)


async def answer_async(question: str, **options: Unpack[Options]) -> Answer:
    """`answer` for asyncio: the work runs in a thread, the loop stays free."""
    return await asyncio.to_thread(partial(answer, question, **options))


def stream(question: str, *, stop: Stop | None = None, **options: Unpack[Options]) -> Iterator[Sentence | Answer]:
    """Finished, checked sentences, then the whole answer. A sentence is never taken back.

    Without a language model an answer is made in one go, so the first sentence comes as late as the last.

    Args:
        question: as in `answer`.
        stop: ends it early, from any thread: no further call of a model, and what is checked is the answer.
        options: as in `answer`.
    """
    for step in stream_cited(question, stop=stop, **options):
        yield step if isinstance(step, Answer) else step[0]


def stream_cited(
    question: str, *, stop: Stop | None = None, **options: Unpack[Options]
) -> Iterator[tuple[Sentence, tuple[Citation, ...]] | Answer]:
    """As `stream`, each sentence with the citations that are new with it."""
    chosen = options.get("settings") or Settings.from_environment()
    asked = checked_question(question)
    day = checked_day(options.get("as_of"), "as_of")
    filters = checked_filters(
        options.get("since"), options.get("until"), options.get("outlets", ()), options.get("articles", ())
    )
    earlier = checked_history(options.get("history", ()))
    with open_corpus(options.get("store"), chosen, keep=True) as opened:
        yield from pipeline.steps(opened, asked, earlier, filters, day, chosen, Stop() if stop is None else stop)


def retrieve_passages(
    question: str, *, store: Store, k: int = 10, history: Sequence[str] = (), filters: Filters | None = None
) -> list[Passage]:
    """The k best passages for a question, best first.

    An answer is made from the first few of the same search (`Settings.passages`, for each part of the question). Their
    order plays no part there, since it ranks their sentences; here the first ones are reranked where it is close.
    """
    asked = understood(checked_question(question), checked_history(history))
    return retrieve(store, asked.text, k, filters, CrossEncoder())


def open_corpus(
    store: Store | Path | str | None = None, settings: Settings | None = None, *, keep: bool = False
) -> Store:
    """The store to ask; the default one is made from the seed articles where it does not exist yet.

    Args:
        store: an open store, which is shared, or a folder; None for the one that the settings name.
        settings: by default from the environment.
        keep: whether the files stay open for later calls of this process after the store is closed.

    Raises:
        StoreError: a folder was named and holds no store.
    """
    if isinstance(store, Store):
        return store.share()
    if store is not None and not isinstance(store, str | Path):
        msg = f"the store {store!r} is neither a folder nor an open store"
        raise StoreError(msg)
    chosen = settings or Settings.from_environment()
    path = Path(store).expanduser() if store is not None else chosen.store
    if store is not None and path != chosen.store and not exists(path):
        msg = f"no store in {str(path)!r}: `rag ingest PATH --store {path}` makes one; without --store, the seeds"
        raise StoreError(msg)
    opened = open_store(path, by_name(chosen.embedder, api_key=chosen.api_key), chosen.chunking, keep=keep)
    try:
        if path == chosen.store and opened.is_new():
            ingest(opened, [str(seeds_folder())])
    except BaseException:
        opened.close()
        raise
    return opened


def close() -> None:
    """Lets go of the stores that `answer` keeps open for the next call, so that other processes can have them."""
    close_idle()


def seeds_folder() -> Path:
    """Where the articles that ship lie: beside the packages, in a checkout as in an installed wheel."""
    return Path(__file__).resolve().parent.parent / "seeds"

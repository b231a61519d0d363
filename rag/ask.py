"""Question -> checked, cited answer. `_answer` reads top to bottom as the whole pipeline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict, Unpack

from index.build import ingest
from index.embed import by_name
from index.errors import StoreError
from index.filters import Filters
from index.store import Store, close_idle, exists, open_store
from rag import abstain, extract
from rag.answers import Answer, Provenance, Sentence, Status, Timings
from rag.check import Checker, Claim
from rag.check import by_name as checker_by_name
from rag.cite import Draft, Evidence, marked, number
from rag.converse import Asked, parts, understood
from rag.disagree import positions
from rag.missing import Search, missing
from rag.question import checked_filters, checked_history, checked_question
from rag.rerank import CrossEncoder
from rag.retrieve import Passage, retrieve
from rag.settings import Settings

NEAR = 2.0
"""A further sentence may score this much below the best (logits; chosen on the dev questions of `rag eval seeds`)."""

FLOOR = 1.0
"""The least logit of a further sentence (chosen likewise)."""

NOT_FOUND = "The corpus does not answer this."


class Options(TypedDict, total=False):
    """The keyword arguments of `answer`, for its twins."""

    store: Store | Path | str | None
    since: date | str | None
    until: date | str | None
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
        outlets: only articles of these outlets.
        articles: only these articles, by id.
        history: the earlier questions of the conversation, oldest first.
        settings: everything else; by default from the environment.

    Raises:
        QuestionError: the question or a filter cannot be used.
        StoreError: there is no store, or it is held by another process, or was made otherwise.
        ModelError: a model's file is missing or altered.
    """
    chosen = settings or Settings.from_environment()
    asked = checked_question(question)
    filters = checked_filters(since, until, outlets, articles)
    meant = understood(asked, checked_history(history))
    with open_corpus(store, chosen, keep=True) as opened:
        return _answer(opened, asked, meant, filters, chosen)


async def answer_async(question: str, **options: Unpack[Options]) -> Answer:
    """`answer` for asyncio: the work runs in a thread, the loop stays free."""
    return await asyncio.to_thread(partial(answer, question, **options))


def stream(question: str, **options: Unpack[Options]) -> Iterator[Sentence | Answer]:
    """Finished, checked sentences, then the whole answer. A sentence is never taken back.

    Without a language model an answer is made in one go, so the first sentence comes as late as the last.
    """
    whole = answer(question, **options)
    yield from whole.sentences
    yield whole


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


class Clock:
    """Milliseconds by stage; a stage may have several laps."""

    def __init__(self) -> None:
        self._spent = dict.fromkeys(("retrieve", "write", "check"), 0.0)
        self._start = self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Adds the time since the last lap to a stage."""
        now = time.perf_counter()
        self._spent[stage] += 1000 * (now - self._last)
        self._last = now

    def timings(self) -> Timings:
        """The record of an answer that is finished now."""
        return Timings(**self._spent, total=1000 * (time.perf_counter() - self._start))


def _answer(store: Store, question: str, asked: Asked, filters: Filters, settings: Settings) -> Answer:
    clock = Clock()
    searches = [_search(store, part, filters, settings, clock) for part in parts(asked)]
    if len(searches) > 1 and not any(search.chosen for search in searches):
        searches = [_search(store, asked, filters, settings, clock)]
    drafts = extract.drafts([candidate for search in searches for candidate in search.chosen])
    checker = checker_by_name(settings.checker)
    kept = _check(store, checker, drafts, asked.text)
    clock.lap("check")
    return _assemble(store, question, asked, filters, searches, kept, checker, clock)


def _search(store: Store, asked: Asked, filters: Filters, settings: Settings, clock: Clock) -> Search:
    """Passages -> candidate sentences, read by the cross-encoder -> the decision to answer -> the best sentences."""
    passages = retrieve(store, asked.text, settings.passages, filters)
    clock.lap("retrieve")
    ranked = _ranked(store, asked, passages)
    decision = abstain.decide(asked, ranked)
    chosen = [] if decision.missing else extract.choose(ranked, settings.sentences, NEAR, FLOOR)
    chosen = extract.with_rivals(asked, chosen, ranked, FLOOR)
    clock.lap("write")
    return Search(asked, passages, decision, chosen)


def ranked_sentences(store: Store, asked: Asked, settings: Settings) -> list[extract.Candidate]:
    """The sentences that an answer is chosen from, best first; for measuring the choice."""
    return _ranked(store, asked, retrieve(store, asked.text, settings.passages))


def _ranked(store: Store, asked: Asked, passages: Sequence[Passage]) -> list[extract.Candidate]:
    """Candidate sentences, read by the cross-encoder, only of articles that know every name of the question."""
    knowing = [passage for passage in passages if not abstain.absent_names(asked.text, passage.article)]
    found = extract.candidates(store, asked.text, knowing)
    return extract.rank(asked, found, CrossEncoder()) if found else []


def _check(store: Store, checker: Checker, drafts: Sequence[Draft], question: str) -> list[tuple[Draft, Sentence]]:
    """The drafts that the checker calls supported; the others are never shown."""
    claims = [Claim(draft.text, tuple(_whole(store, e) for e in draft.evidence), question) for draft in drafts]
    verdicts = checker.check(claims) if claims else []
    return [
        (draft, Sentence(text=draft.text, verdict=verdict.label, support=verdict.score, citations=()))
        for draft, verdict in zip(drafts, verdicts, strict=True)
        if verdict.label == "supported"
    ]


def _whole(store: Store, evidence: Evidence) -> str:
    """The whole sentences that a cited span touches: a trim must hold against what it was trimmed from."""
    touched = [
        (start, end)
        for start, end in store.ledger.sentences(evidence.article.id)
        if start < evidence.end and end > evidence.start
    ]
    return evidence.article.text[min(touched)[0] : max(touched)[1]] if touched else evidence.quote


def _assemble(
    store: Store,
    question: str,
    asked: Asked,
    filters: Filters,
    searches: Sequence[Search],
    kept: Sequence[tuple[Draft, Sentence]],
    checker: Checker,
    clock: Clock,
) -> Answer:
    marks, citations = number([draft for draft, _ in kept])
    sentences = tuple(s.model_copy(update={"citations": m}) for (_, s), m in zip(kept, marks, strict=True))
    sides = positions(asked.focus, citations)
    unsaid = missing(store, filters, searches, len(kept))
    status: Status = "abstained" if not kept else "disputed" if sides else "partial" if unsaid else "answered"
    store.ledger.issue((c.article_id, c.start, c.end, c.quote) for c in citations)
    sure = (
        [s.decision.probability for s in searches if s.chosen] if kept else [s.decision.probability for s in searches]
    )
    return Answer(
        question=question,
        understood=asked.text,
        status=status,
        text=" ".join(marked(s.text, s.citations) for s in sentences) or f"{NOT_FOUND} {unsaid}",
        confidence=round(min(sure), 4),
        missing=unsaid,
        sentences=sentences,
        citations=tuple(citations),
        positions=sides,
        provenance=Provenance(
            answerer=extract.NAME,
            checker=checker.name,
            embedder=store.embedder.name,
            corpus=store.fingerprint(),
            version=version("sourcebound"),
        ),
        timings_ms=clock.timings(),
    )

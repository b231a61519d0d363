"""Question -> checked, cited answer. `_answer` reads top to bottom as the whole pipeline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

from index.build import ingest
from index.embed import by_name
from index.errors import QuestionError, StoreError
from index.store import Filters, Store, exists, open_store
from rag import abstain, extract
from rag.answers import Answer, Position, Provenance, Sentence, Status, Timings
from rag.check import Checker, Claim
from rag.check.rules import RulesChecker
from rag.cite import Draft, marked, number
from rag.converse import understood
from rag.disagree import positions
from rag.rerank import CrossEncoder
from rag.retrieve import Passage, retrieve
from rag.settings import Settings

MOST_QUESTION = 2000
"""Characters; a longer text is not a question."""

NEAR = 2.5
"""A further sentence may score this much below the best (logits; chosen on the dev questions of `rag eval seeds`)."""

FLOOR = 1.0
"""The least logit of a further sentence (chosen likewise)."""

NOT_FOUND = "The corpus does not answer this."


def answer(
    question: str,
    *,
    store: Store | Path | str | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
    outlets: Sequence[str] = (),
    history: Sequence[str] = (),
    settings: Settings | None = None,
) -> Answer:
    """Answers a question from the corpus, or says that the corpus does not answer it.

    Args:
        question: what is asked, at most 2,000 characters.
        store: an open store or its folder; by default RAG_STORE or the user's data folder, where the seed articles
            are indexed on first use.
        since, until: only articles published from and to these days (dates or ISO texts); an article without a date
            matches neither.
        outlets: only articles of these outlets.
        history: the earlier questions of the conversation, oldest first.
        settings: everything else; by default from the environment.

    Raises:
        QuestionError: the question or a filter cannot be used.
        StoreError: there is no store, or it is held by another process, or was made otherwise.
        ModelError: a model's file is missing or altered.
    """
    chosen = settings or Settings.from_environment()
    asked = _question(question)
    filters = _filters(since, until, outlets)
    return _answer(open_corpus(store, chosen), asked, understood(asked, [_question(q) for q in history]), filters, chosen)


async def answer_async(
    question: str,
    *,
    store: Store | Path | str | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
    outlets: Sequence[str] = (),
    history: Sequence[str] = (),
    settings: Settings | None = None,
) -> Answer:
    """`answer` for asyncio: the work runs in a thread, the loop stays free."""
    return await asyncio.to_thread(
        answer, question, store=store, since=since, until=until, outlets=outlets, history=history, settings=settings
    )


def stream(
    question: str,
    *,
    store: Store | Path | str | None = None,
    since: date | str | None = None,
    until: date | str | None = None,
    outlets: Sequence[str] = (),
    history: Sequence[str] = (),
    settings: Settings | None = None,
) -> Iterator[Sentence | Answer]:
    """Finished, checked sentences as they come, then the whole answer. A sentence is never taken back."""
    whole = answer(question, store=store, since=since, until=until, outlets=outlets, history=history, settings=settings)
    yield from whole.sentences
    yield whole


def retrieve_passages(
    question: str, *, store: Store, k: int = 10, history: Sequence[str] = (), filters: Filters | None = None
) -> list[Passage]:
    """The k passages that an answer would be made from, best first."""
    return retrieve(store, understood(_question(question), history), k, filters)


def open_corpus(store: Store | Path | str | None = None, settings: Settings | None = None) -> Store:
    """The store to ask; the default one is made from the seed articles where it does not exist yet.

    Raises:
        StoreError: a folder was named and holds no store.
    """
    if isinstance(store, Store):
        return store
    chosen = settings or Settings.from_environment()
    path = Path(store).expanduser() if store is not None else chosen.store
    if store is not None and path != chosen.store and not exists(path):
        msg = f"no store in {str(path)!r}: `rag ingest PATH --store {path}` makes one; without a store the seed articles are asked"
        raise StoreError(msg)
    opened = open_store(path, by_name(chosen.embedder, api_key=chosen.api_key), chosen.chunking)
    if path == chosen.store and not opened.ledger.rows("SELECT 1 FROM articles LIMIT 1"):
        ingest(opened, [str(seeds_folder())])
    return opened


def seeds_folder() -> Path:
    """Where the articles that ship lie: beside the packages, in a checkout as in an installed wheel."""
    return Path(__file__).resolve().parent.parent / "seeds"


def _answer(store: Store, question: str, meant: str, filters: Filters, settings: Settings) -> Answer:
    clock = [time.perf_counter()]
    passages = retrieve(store, meant, settings.passages, filters)
    clock.append(time.perf_counter())
    ranked = _rank(store, meant, passages)
    decision = abstain.decide(meant, ranked)
    chosen = [] if decision.missing else extract.choose(ranked, settings.sentences, NEAR, FLOOR)
    drafts = extract.drafts(chosen)
    clock.append(time.perf_counter())
    checker = RulesChecker()
    kept = _check(checker, drafts, meant)
    clock.append(time.perf_counter())
    return _assemble(store, question, meant, filters, decision, kept, passages, checker, clock)


def _rank(store: Store, question: str, passages: Sequence[Passage]) -> list[extract.Candidate]:
    """Candidate sentences, best first, only from articles that know every name of the question."""
    found = extract.candidates(store, question, [p for p in passages if not abstain.absent_names(question, p.article)])
    return extract.rank(question, found, CrossEncoder()) if found else []


def _check(checker: Checker, drafts: Sequence[Draft], question: str) -> list[tuple[Draft, Sentence]]:
    """The drafts that the checker calls supported; the others are never shown."""
    claims = [Claim(draft.text, tuple(e.quote for e in draft.evidence), question) for draft in drafts]
    verdicts = checker.check(claims) if claims else []
    return [
        (draft, Sentence(text=draft.text, verdict=verdict.label, support=verdict.score, citations=()))
        for draft, verdict in zip(drafts, verdicts, strict=True)
        if verdict.label == "supported"
    ]


def _assemble(
    store: Store,
    question: str,
    meant: str,
    filters: Filters,
    decision: abstain.Decision,
    kept: Sequence[tuple[Draft, Sentence]],
    passages: Sequence[Passage],
    checker: Checker,
    clock: Sequence[float],
) -> Answer:
    marks, citations = number([draft for draft, _ in kept])
    sentences = tuple(s.model_copy(update={"citations": m}) for (_, s), m in zip(kept, marks, strict=True))
    sides: tuple[Position, ...] = positions(meant, citations)
    status: Status = "abstained" if not kept else "disputed" if sides else "answered"
    missing = None if kept else decision.missing or "No sentence passed the check against its source."
    if not kept:
        missing = _missing(store, meant, filters, passages) or missing
    store.ledger.issue((c.article_id, c.start, c.end, c.quote) for c in citations)
    spent = [1000 * (b - a) for a, b in zip(clock, clock[1:], strict=False)]
    return Answer(
        question=question,
        status=status,
        text=" ".join(marked(s.text, s.citations) for s in sentences) or f"{NOT_FOUND} {missing}",
        confidence=round(decision.probability, 4),
        missing=missing,
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
        timings_ms=Timings(
            retrieve=spent[0], write=spent[1], check=spent[2], total=1000 * (time.perf_counter() - clock[0])
        ),
    )


def _missing(store: Store, question: str, filters: Filters, passages: Sequence[Passage]) -> str | None:
    """What a person should know about why nothing was found, where that can be said."""
    if not store.ledger.rows("SELECT 1 FROM chunks LIMIT 1"):
        return "The corpus is empty: `rag ingest PATH` adds articles."
    if not passages and filters:
        return f"No article matches the filters; {store.extent()}."
    absent = [name for name in abstain.names(question) if not _mentioned(store, name)]
    if absent:
        return f"No article in the corpus mentions {' or '.join(repr(name) for name in absent)}."
    return None


def _mentioned(store: Store, name: str) -> bool:
    chunks = store.ledger.chunks([key for key, _ in store.search_sparse(name, 20, Filters())])
    articles = {chunk.article_id for chunk in chunks.values()}
    return any(not abstain.absent_names(name, store.article(article_id)) for article_id in articles)


def _question(question: str) -> str:
    text = " ".join(question.split())
    if not any(letter.isalnum() for letter in text):
        msg = f"the question {question[:60]!r} has no words: ask in a sentence"
        raise QuestionError(msg)
    if len(text) > MOST_QUESTION:
        msg = f"the question has {len(text)} characters and at most {MOST_QUESTION} are read: shorten it"
        raise QuestionError(msg)
    return text


def _filters(since: date | str | None, until: date | str | None, outlets: Sequence[str]) -> Filters:
    if isinstance(outlets, str):
        outlets = [outlets]
    first, last = _day(since, "since"), _day(until, "until")
    if first and last and first > last:
        msg = f"since {first} is after until {last}: swap them"
        raise QuestionError(msg)
    return Filters(first, last, tuple(outlets))


def _day(value: date | str | None, name: str) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as exc:
        msg = f"{name} {value!r} is not a date: write it as 2026-03-10"
        raise QuestionError(msg) from exc

"""What is shown: the sentences that passed the check, with citations, speakers and days; the sides; what is missing.

With lenient checking sentences that are not supported are shown too, marked; nothing else in the answer rests on them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.metadata import version
from typing import Literal

from index.articles import Article
from index.filters import Filters
from index.store import Store
from rag import extract
from rag.answers import (
    CONVERSATION,
    Answer,
    Citation,
    Dropped,
    Position,
    Provenance,
    Reading,
    Sentence,
    Span,
    Speech,
    Status,
    Timings,
    Within,
    Writing,
)
from rag.check import Verdict
from rag.check.configured import configured
from rag.cite import Draft, Evidence, Key, number, piece
from rag.converse import Asked
from rag.disagree import disputed, positions
from rag.disagree.accounts import account
from rag.missing import Search, missing
from rag.notices import Notice
from rag.settings import Checking, Settings
from rag.speech import attribution
from rag.times import event_date, iso


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

    def move(self, milliseconds: float, source: str, target: str) -> None:
        """Counts time of one stage as another's."""
        self._spent[source] -= milliseconds
        self._spent[target] += milliseconds

    def timings(self) -> Timings:
        """The record of an answer that is finished now."""
        return Timings(**self._spent, total=1000 * (time.perf_counter() - self._start))


def plain(
    store: Store,
    question: str,
    text: str,
    unsaid: str | None,
    settings: Settings,
    clock: Clock,
    given: Filters | None = None,
) -> Answer:
    """A line that tells nothing of the corpus: to a greeting, or asking back who is meant. No sentence, no source."""
    return Answer(
        question=question,
        understood=question,
        within=_within(given),
        status="abstained",
        text=text,
        confidence=0.0,
        missing=unsaid,
        sentences=(),
        citations=(),
        positions=(),
        provenance=_provenance(store, CONVERSATION, configured(settings).name, settings),
        timings_ms=clock.timings(),
    )


def assemble(
    store: Store,
    question: str,
    asked: Asked,
    filters: Filters,
    searches: Sequence[Search],
    checked: Sequence[tuple[Draft, Verdict]],
    checker: str,
    settings: Settings,
    clock: Clock,
    writing: Writing | None = None,
    reading: Reading | None = None,
    given: Filters | None = None,
    meant: str | None = None,
) -> Answer:
    """The record of an answer, from what was found and what the checker says of it.

    Args:
        store: what was asked.
        question: as asked.
        asked: as understood.
        filters: which articles could be seen.
        searches: one for each part of the question.
        checked: every draft with its verdict.
        checker: its name.
        settings: how.
        clock: of this answer.
        writing: the language model's part.
        reading: how a language model read the question.
        given: the filters as they were set: those above also know the day of the question.
        meant: the question in another spelling that is answered; told where this one is not.
    """
    shown = [one for one in checked if may_show(one, settings.checking)]
    sentences, citations = cited(store, filters, searches, shown)
    kept = [(draft, s) for (draft, _), s in zip(shown, sentences, strict=True) if s.verdict == "supported"]
    sides = sides_of(store, asked, kept)
    unsaid = missing(store, filters, searches, len(kept))
    stopped = writing is not None and writing.outcome == "stopped"
    if stopped:
        unsaid = Notice.STOPPED.value
    status: Status = "abstained" if not kept else "disputed" if disputed(sides) else "partial" if unsaid else "answered"
    sure = (
        [s.decision.probability for s in searches if s.chosen] if kept else [s.decision.probability for s in searches]
    )
    return Answer(
        question=question,
        understood=asked.text,
        within=_within(given),
        reading=reading,
        status=status,
        text=" ".join([*([] if kept else [_nothing(unsaid, writing)]), *_pieces(sentences, searches)]),
        confidence=round(min(sure), 4),
        missing=unsaid,
        suggestion=None if kept or stopped else meant,
        yes_no=_yes_no(sentences, searches),
        sentences=sentences,
        citations=citations,
        positions=sides,
        dropped=tuple(_dropped(*one) for one in checked if not may_show(one, settings.checking)),
        provenance=_provenance(store, _answerer(sentences, writing), checker, settings, writing),
        timings_ms=clock.timings(),
    )


def may_show(one: tuple[Draft, Verdict], checking: Checking) -> bool:
    """Whether a sentence may be shown: supported, or with lenient checking marked; never without a source."""
    draft, verdict = one
    labels = ("supported", "unsupported") if checking == "lenient" else ("supported",)
    return bool(draft.evidence) and verdict.label in labels


def cited(
    store: Store, filters: Filters, searches: Sequence[Search], shown: Sequence[tuple[Draft, Verdict]]
) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """The sentences that are shown, and their citations. Of the first few they are the first of those of all."""
    marks, citations = number([draft for draft, _ in shown], partial(_copies, store, filters))
    dates = {key: day for search in searches for key, day in search.dates.items()}
    sentences = (_sentence(store, draft, verdict, m, dates) for (draft, verdict), m in zip(shown, marks, strict=True))
    return tuple(sentences), tuple(citations)


def sides_of(store: Store, asked: Asked, kept: Sequence[tuple[Draft, Sentence]]) -> tuple[Position, ...]:
    """What the sources of supported sentences say to the question where they differ."""
    accounts = [
        account(e.article, e.start, e.end, n, sentence.speaker)
        for draft, sentence in kept
        for e, n in zip(draft.evidence, sentence.citations, strict=True)
    ]
    return positions(asked.focus, accounts, lambda one, other: store.story(one) == store.story(other))


def _copies(store: Store, filters: Filters, evidence: Evidence) -> list[Article]:
    """The other articles of a story that say the same, to the word, and that the filters let through."""
    quote = extract.one_line(evidence.quote)
    return [
        copy
        for copy in store.copies(evidence.article.id)
        if filters.admits(copy) and quote in extract.one_line(copy.text)
    ]


def _sentence(
    store: Store, draft: Draft, verdict: Verdict, citations: tuple[int, ...], dates: Mapping[Key, str]
) -> Sentence:
    speaker, speech, date = _told(store, draft, dates)
    return Sentence(
        text=draft.text,
        verdict=verdict.label,
        support=verdict.score,
        citations=citations,
        reason="" if verdict.label == "supported" else verdict.reason,
        speaker=speaker,
        speech=speech,
        date=date,
        written=draft.written,
    )


def _dropped(draft: Draft, verdict: Verdict) -> Dropped:
    spans = tuple(Span(article_id=e.article.id, start=e.start, end=e.end, quote=e.quote) for e in draft.evidence)
    return Dropped(text=draft.text, verdict=verdict.label, support=verdict.score, reason=verdict.reason, spans=spans)


def _told(store: Store, draft: Draft, dates: Mapping[Key, str]) -> tuple[str | None, Speech | None, str | None]:
    """Who says a sentence, how, and the time it tells of."""
    span = draft.evidence[0]
    said = attribution(span.article.text, span.start, span.end, None, store.ledger.sentences(span.article.id))
    period = event_date(draft.text, span.article.published)
    date = dates.get(span.key) or (iso(period) if period else None)
    return said.speaker, said.speech, date


def _pieces(sentences: Sequence[Sentence], searches: Sequence[Search]) -> list[str]:
    """The sentences with their marks: in a timeline each behind its day, and first a yes or no that is certain."""
    timeline = any(search.dates for search in searches)
    pieces = [piece(s, s.date if timeline else None) for s in sentences]
    if yes_no := _yes_no(sentences, searches):
        pieces[0] = f"{yes_no.title()}: {pieces[0]}"
    return pieces


def _within(given: Filters | None) -> Within | None:
    if given is None or not (given.since or given.until or given.outlets):
        return None
    return Within(since=given.since, until=given.until, outlets=given.outlets)


def _yes_no(sentences: Sequence[Sentence], searches: Sequence[Search]) -> Literal["yes", "no"] | None:
    """What the sentences say to a question that wants a yes or no: only where the one that decides comes first."""
    reply = searches[0].reply
    if len(searches) > 1 or not sentences or not reply or not reply.candidate:
        return None
    deciding = [draft.text for draft in extract.drafts([reply.candidate])]
    first = sentences[: len(deciding)]
    shown = [s.text for s in first] == deciding and all(s.verdict == "supported" for s in first)
    return reply.kind if reply.kind in ("yes", "no") and shown else None


def _nothing(unsaid: str | None, writing: Writing | None) -> str:
    """The text of an answer without a supported sentence: one that was stopped may well be in the corpus."""
    return unsaid or "" if writing and writing.outcome == "stopped" else f"{Notice.NOT_FOUND} {unsaid}"


def _answerer(sentences: Sequence[Sentence], writing: Writing | None) -> str:
    return f"model:{writing.model}" if writing and any(s.written for s in sentences) else extract.NAME


def _provenance(
    store: Store, answerer: str, checker: str, settings: Settings, writing: Writing | None = None
) -> Provenance:
    return Provenance(
        answerer=answerer,
        checker=checker,
        embedder=store.embedder.name,
        corpus=store.fingerprint(),
        version=version("sourcebound"),
        settings=settings.fingerprint,
        writing=writing,
    )

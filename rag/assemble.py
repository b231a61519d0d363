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
from rag.answers import CONVERSATION, Answer, Dropped, Provenance, Sentence, Span, Speech, Status, Timings
from rag.check import Verdict
from rag.check.configured import configured
from rag.cite import Draft, Evidence, Key, marked, number
from rag.converse import Asked
from rag.disagree import disputed, positions
from rag.disagree.accounts import account
from rag.missing import Search, missing
from rag.settings import Checking, Settings
from rag.speech import attribution
from rag.times import event_date, iso

NOT_FOUND = "The corpus does not answer this."

UNSUPPORTED = "[unsupported]"
"""Stands before a sentence that the checker does not call supported, wherever an answer is text."""


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


def plain(store: Store, question: str, text: str, unsaid: str | None, settings: Settings, clock: Clock) -> Answer:
    """A line that tells nothing of the corpus: to a greeting, or asking back who is meant. No sentence, no source."""
    return Answer(
        question=question,
        understood=question,
        status="abstained",
        text=text,
        confidence=0.0,
        missing=unsaid,
        sentences=(),
        citations=(),
        positions=(),
        provenance=_provenance(store, CONVERSATION, configured(settings).name),
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
    checking: Checking,
    clock: Clock,
) -> Answer:
    """The record of an answer, from what was found and what the checker says of it."""
    may_show = ("supported", "unsupported") if checking == "lenient" else ("supported",)
    shown = [(draft, verdict) for draft, verdict in checked if verdict.label in may_show]
    marks, citations = number([draft for draft, _ in shown], partial(_copies, store, filters))
    dates = {key: day for search in searches for key, day in search.dates.items()}
    sentences = tuple(
        _sentence(store, draft, verdict, m, dates) for (draft, verdict), m in zip(shown, marks, strict=True)
    )
    kept = [(draft, s) for (draft, _), s in zip(shown, sentences, strict=True) if s.verdict == "supported"]
    sides = positions(
        asked.focus,
        [
            account(e.article, e.start, e.end, n, sentence.speaker)
            for draft, sentence in kept
            for e, n in zip(draft.evidence, sentence.citations, strict=True)
        ],
        lambda one, other: store.story(one) == store.story(other),
    )
    unsaid = missing(store, filters, searches, len(kept))
    status: Status = "abstained" if not kept else "disputed" if disputed(sides) else "partial" if unsaid else "answered"
    store.ledger.issue((c.article_id, c.start, c.end, c.quote) for c in citations)
    sure = (
        [s.decision.probability for s in searches if s.chosen] if kept else [s.decision.probability for s in searches]
    )
    return Answer(
        question=question,
        understood=asked.text,
        status=status,
        text=" ".join([*([] if kept else [f"{NOT_FOUND} {unsaid}"]), *_pieces(sentences, searches)]),
        confidence=round(min(sure), 4),
        missing=unsaid,
        yes_no=_yes_no(sentences, searches),
        sentences=sentences,
        citations=tuple(citations),
        positions=sides,
        dropped=tuple(_dropped(draft, verdict) for draft, verdict in checked if verdict.label not in may_show),
        provenance=_provenance(store, extract.NAME, checker),
        timings_ms=clock.timings(),
    )


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
    pieces = [
        ("" if s.verdict == "supported" else f"{UNSUPPORTED} ")
        + (f"{s.date}: " if timeline and s.date else "")
        + marked(s.text, s.citations)
        for s in sentences
    ]
    if yes_no := _yes_no(sentences, searches):
        pieces[0] = f"{yes_no.title()}: {pieces[0]}"
    return pieces


def _yes_no(sentences: Sequence[Sentence], searches: Sequence[Search]) -> Literal["yes", "no"] | None:
    """What the sentences say to a question that wants a yes or no: only where the one that decides comes first."""
    reply = searches[0].reply
    if len(searches) > 1 or not sentences or not reply or not reply.candidate:
        return None
    deciding = [draft.text for draft in extract.drafts([reply.candidate])]
    first = sentences[: len(deciding)]
    shown = [s.text for s in first] == deciding and all(s.verdict == "supported" for s in first)
    return reply.kind if reply.kind in ("yes", "no") and shown else None


def _provenance(store: Store, answerer: str, checker: str) -> Provenance:
    return Provenance(
        answerer=answerer,
        checker=checker,
        embedder=store.embedder.name,
        corpus=store.fingerprint(),
        version=version("sourcebound"),
    )

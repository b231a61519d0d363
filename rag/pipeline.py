"""The path from a question to an answer: search, read, decide, choose, check, assemble. Reads top to bottom."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version

from index.filters import Filters
from index.store import Store
from rag import abstain, compose, extract, plan
from rag.answers import Answer, Provenance, Sentence, Status, Timings
from rag.check import Checker, Claim
from rag.check import by_name as checker_by_name
from rag.cite import Draft, Evidence, marked, number
from rag.converse import Asked, parts, understood
from rag.disagree import positions
from rag.missing import Search, missing
from rag.rerank import CrossEncoder
from rag.retrieve import Passage, retrieve
from rag.settings import Settings

NEAR = 2.0
"""A further sentence may score this much below the best (logits; chosen on the dev questions of `rag eval seeds`)."""

FLOOR = 1.0
"""The least logit of a further sentence (chosen likewise)."""

NOT_FOUND = "The corpus does not answer this."


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


def run(
    store: Store, question: str, earlier: Sequence[str], filters: Filters, as_of: date | None, settings: Settings
) -> Answer:
    """One question, answered.

    Args:
        store: what is asked.
        question: as asked, checked.
        earlier: the questions before it, oldest first.
        filters: which articles may be seen.
        as_of: the day it is asked on; None for today, and then no article is left out for its date.
        settings: how.
    """
    clock = Clock()
    asked = understood(question, earlier)
    searches = [_search(store, part, filters, settings, clock) for part in _parts(asked)]
    if len(searches) > 1 and not any(search.chosen for search in searches):
        searches = [_search(store, asked, filters, settings, clock)]
    drafts = extract.drafts([candidate for search in searches for candidate in search.chosen])
    checker = checker_by_name(settings.checker)
    kept = _check(store, checker, drafts, asked.text)
    clock.lap("check")
    return _assemble(store, question, asked, filters, searches, kept, checker, clock)


def _parts(asked: Asked) -> list[Asked]:
    """The questions inside a question; the two things that it compares are asked about one by one."""
    found = plan.sides(asked.focus)
    return [Asked(side, side) for side in found] if found else parts(asked)


def _search(store: Store, asked: Asked, filters: Filters, settings: Settings, clock: Clock) -> Search:
    """Passages -> candidate sentences, read by the cross-encoder -> the decision to answer -> the best sentences."""
    topic = plan.topic(asked.focus)
    if topic:
        asked = Asked(topic, topic)
    passages = retrieve(store, asked.text, settings.passages, filters)
    clock.lap("retrieve")
    ranked = _ranked(store, asked, passages)
    decision = abstain.decide(asked, ranked)
    kind = "summary" if topic else plan.kind_of(asked.focus)
    chosen = [] if decision.missing else _choose(store, kind, asked, ranked, settings)
    clock.lap("write")
    return Search(asked, passages, decision, chosen)


def _choose(
    store: Store, kind: plan.Kind, asked: Asked, ranked: Sequence[extract.Candidate], settings: Settings
) -> list[extract.Candidate]:
    """The sentences of the answer, by the kind of question."""
    if kind == "summary":
        best = ranked[0].article
        return compose.gathered(ranked, FLOOR) or compose.summed_up(best, store.ledger.sentences(best.id))
    if kind == "list":
        return compose.listed(ranked, asked.focus, FLOOR)
    chosen = extract.choose(ranked, asked.focus, settings.sentences, NEAR, FLOOR)
    return extract.with_rivals(asked, chosen, ranked, FLOOR)


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

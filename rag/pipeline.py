"""The path from a question to an answer: search, read, decide, choose, check, assemble. Reads top to bottom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

from index.filters import Filters
from index.store import Store
from rag import abstain, compose, extract, plan, premise, smalltalk
from rag.answers import Answer
from rag.assemble import Clock, assemble, plain
from rag.check.configured import configured
from rag.checked import check
from rag.cite import Key
from rag.converse import Asked, clarification, parts, understood
from rag.missing import Search
from rag.rerank import CrossEncoder
from rag.retrieve import Passage, retrieve
from rag.settings import Settings
from rag.times import Period, agrees, asked_period

NEAR = 2.0
"""A further sentence may score this much below the best (logits; chosen on the dev questions of `rag eval seeds`)."""

FLOOR = 1.0
"""The least logit of a further sentence (chosen likewise)."""

_COUNTS_FROM_TODAY = re.compile(r"\b(?:last|this|next|past|ago|yesterday|today|tomorrow|recent(?:ly)?)\b", re.I)

WIDE = 2
"""How many times as many passages a summary or a timeline is made from."""


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
    if said := smalltalk.reply(question, earlier):
        return plain(store, question, said, None, settings, clock)
    if asked_back := clarification(question, earlier):
        return plain(store, question, asked_back, asked_back, settings, clock)
    asked = understood(question, earlier)
    if as_of:
        filters = replace(filters, until=min(filters.until or as_of, as_of))
    search = partial(_search, store, filters, as_of, settings, clock)
    searches = [search(part) for part in _parts(asked)]
    if len(searches) > 1 and not any(found.chosen for found in searches):
        searches = [search(asked)]
    dates = {key: day for found in searches for key, day in found.dates.items()}
    drafts = extract.drafts([one for found in searches for one in found.chosen], in_order=bool(dates))
    checker = configured(settings)
    checked = check(store, checker, drafts, asked.text)
    clock.lap("check")
    return assemble(store, question, asked, filters, searches, checked, checker.name, settings.checking, clock)


def _parts(asked: Asked) -> list[Asked]:
    """The questions inside a question; the two things that it compares are asked about one by one."""
    found = plan.sides(asked.focus) if asked.text == asked.focus else None
    return [_about(side) for side in found] if found else parts(asked)


def _about(topic: str) -> Asked:
    """A topic as a question: behind a word of lower case its first word is a name where it has a capital."""
    return Asked(f"about {topic}", f"about {topic}")


def _search(
    store: Store, filters: Filters, as_of: date | None, settings: Settings, clock: Clock, asked: Asked
) -> Search:
    """Passages -> candidate sentences, read by the cross-encoder -> the decision to answer -> the best sentences."""
    kind, (period, timeless) = plan.kind_of(asked.focus), _period(asked.focus, as_of)
    named = timeless if asked.text == asked.focus else asked.text
    if topic := plan.topic(asked.focus):
        asked = _about(topic)
        named = asked.text
    wide = WIDE if kind in ("summary", "timeline") else 1
    passages = retrieve(store, asked.text, wide * settings.passages, filters)
    clock.lap("retrieve")
    ranked = [c for c in _ranked(store, asked, passages, named, wide) if period is None or _may_be_of(period, c)]
    found = premise.reply(asked.focus, ranked)
    decision = abstain.decide(Asked(timeless, timeless) if named == timeless else asked, ranked, found)
    if found and found.kind in ("corrected", "unfounded"):
        chosen, dates = [found.candidate] if found.candidate else [], dict[Key, str]()
    else:
        chosen, dates = ([], {}) if decision.missing else _choose(store, kind, asked, ranked, settings)
    if found and found.candidate and found.kind in ("yes", "no"):
        chosen = [found.candidate, *(c for c in chosen if not extract.repeats(c, found.candidate))]
    clock.lap("write")
    return Search(asked, passages, decision, chosen, named, dates, found)


def _period(question: str, as_of: date | None) -> tuple[Period | None, str]:
    """The time that a question is limited to, and the question without it.

    "In October" is of no year where it is not said when it is asked.
    """
    today = datetime.now(UTC).date() if _COUNTS_FROM_TODAY.search(question) else None
    return asked_period(question, as_of or today)


def _may_be_of(period: Period, candidate: extract.Candidate) -> bool:
    """Whether a sentence tells of the time that is asked about.

    One that does not say of which it tells may where its article is of that time or names its year.
    """
    article = candidate.article
    said = agrees(period, candidate.text, article.published)
    if said is not None or period.first == date.min or period.last == date.max:
        return said is not False
    inside = article.published is not None and period.first <= article.published <= period.last
    return inside or any(str(day.year) in article.text for day in (period.first, period.last))


def _choose(
    store: Store, kind: plan.Kind, asked: Asked, ranked: Sequence[extract.Candidate], settings: Settings
) -> tuple[list[extract.Candidate], dict[Key, str]]:
    """The sentences of the answer, by the kind of question, and of a timeline the day of each."""
    if kind == "summary":
        best = ranked[0].article
        return compose.gathered(ranked, FLOOR) or compose.summed_up(best, store.ledger.sentences(best.id)), {}
    if kind == "timeline":
        told = compose.storyline(ranked, FLOOR)
        if len(told) > 1:
            return [e.candidate for e in told], {e.candidate.key: e.date for e in told}
    if kind == "list":
        return compose.listed(ranked, asked.focus, FLOOR), {}
    chosen = extract.choose(ranked, asked.focus, settings.sentences, NEAR, FLOOR)
    return extract.with_rivals(asked, chosen, ranked, FLOOR), {}


def ranked_sentences(store: Store, asked: Asked, settings: Settings) -> list[extract.Candidate]:
    """The sentences that an answer is chosen from, best first; for measuring the choice."""
    return _ranked(store, asked, retrieve(store, asked.text, settings.passages), asked.text)


def _ranked(
    store: Store, asked: Asked, passages: Sequence[Passage], named: str, wide: int = 1
) -> list[extract.Candidate]:
    """Candidate sentences, read by the cross-encoder, only of articles that know every name in `named`."""
    knowing = [passage for passage in passages if not abstain.absent_names(named, passage.article)]
    found = extract.candidates(store, asked.text, knowing, wide * extract.CANDIDATES)
    ranked = extract.rank(asked, found, CrossEncoder()) if found else []
    return extract.heard(store, asked.focus, ranked)

"""The path from a question to an answer: search, read, decide, choose, check, assemble. Reads top to bottom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain

from index.filters import Filters
from index.store import Store
from rag import abstain, compose, extract, plan, premise, smalltalk
from rag.answers import Answer, Citation, Reading, Sentence
from rag.assemble import Clock, assemble, cited, may_show, plain, sides_of
from rag.check.configured import configured
from rag.checked import check
from rag.cite import Key
from rag.converse import Asked, clarification, parts, understood
from rag.cores import checking, cores
from rag.missing import Search
from rag.model import chat_model
from rag.rerank import CrossEncoder
from rag.retrieve import Passage, retrieve
from rag.settings import Settings
from rag.stop import Stop
from rag.suggest import suggestion
from rag.times import Period, agrees, asked_period
from rag.write.calls import Calls
from rag.write.plan import Checked, Plan
from rag.write.read import reading as read_question
from rag.write.writer import Writer

NEAR = 2.0
"""A further sentence may score this much below the best (logits; chosen on the dev questions of `rag eval seeds`)."""

FLOOR = 1.0
"""The least logit of a further sentence (chosen likewise)."""

_COUNTS_FROM_TODAY = re.compile(r"\b(?:last|this|next|past|ago|yesterday|today|tomorrow|recent(?:ly)?)\b", re.I)

WIDE = 2
"""How many times as many passages a summary or a timeline is made from."""

Cited = tuple[Sentence, tuple[Citation, ...]]
"""A finished, checked sentence and the citations that are new with it."""


def steps(
    store: Store,
    question: str,
    earlier: Sequence[str],
    filters: Filters,
    as_of: date | None,
    settings: Settings,
    stop: Stop,
) -> Iterator[Cited | Answer]:
    """One question, answered: each sentence as soon as it is checked, then the whole answer.

    Args:
        store: what is asked.
        question: as asked, checked.
        earlier: the questions before it, oldest first.
        filters: which articles may be seen.
        as_of: the day it is asked on; None for today, and then no article is left out for its date.
        settings: how.
        stop: ends the calls of a language model.

    Raises:
        ModelCallError: a language model is set and cannot be asked, or failed before its first sentence.
    """
    clock = Clock()
    given = filters
    said, asked_back = smalltalk.reply(question, earlier), clarification(question, earlier)
    if said or asked_back:
        yield plain(store, question, said or asked_back or "", None if said else asked_back, settings, clock, given)
        return
    if as_of:
        filters = replace(filters, until=min(filters.until or as_of, as_of))
    reads = settings.query == "model"
    calls = Calls(chat_model(settings), settings, stop) if settings.model or reads else None
    reading = read_question(calls, question, earlier, as_of) if calls and reads else None
    clock.lap("write")
    with cores:  # never held over a yield: who reads the answer may take his time
        asked, asking, told = _asking(question, earlier, reading)
        search = partial(_searches, store, filters, as_of, settings, clock)
        searches = search(asked, asking, told)
        finds = lambda other: any(found.chosen for found in search(*_asking(other, earlier, None)))  # noqa: E731
        timeline = any(found.dates for found in searches)
        drafts = extract.drafts([one for found in searches for one in found.chosen], in_order=timeline)
        checker = configured(settings)
    with checking(checker):
        checked = check(store, checker, drafts, asked.text)
        clock.lap("check")
        plan = Plan(asked.text, _seen(searches), *_needed(store, asked, searches, checked)) if calls else None
    show = partial(_shown, store, filters, searches, settings)
    writing = None
    if calls and plan and _leaves_room(searches, checked):
        writer = Writer(store, checker, calls, settings, stop, plan)
        yield from show(writer.checked, writer.sentences())
        checked, writing = writer.checked, writer.record()
        clock.lap("write")
        clock.move(writing.gate_ms, "write", "check")
    else:
        yield from show(checked, iter(checked))
    with cores:
        answered = any(verdict.label == "supported" for _, verdict in checked)
        meant = None if answered else suggestion(store, question, finds)
        whole = assemble(
            store, question, asked, filters, searches, checked, checker.name, settings, clock, writing, reading,
            given, meant,
        )  # fmt: skip
    yield whole


def _asking(question: str, earlier: Sequence[str], reading: Reading | None) -> tuple[Asked, list[Asked], Period | None]:
    """The question by itself, the questions to search with, and the time it is limited to where a model says so."""
    if reading is None or reading.by == "rules":
        asked = understood(question, earlier)
        return asked, _parts(asked), None
    asked = Asked(reading.text, reading.text)
    told = Period(reading.since or date.min, reading.until or date.max, "") if reading.since or reading.until else None
    several = [Asked(part, part) for part in reading.parts]
    return asked, several if len(several) > 1 else _parts(asked), told


def _searches(
    store: Store,
    filters: Filters,
    as_of: date | None,
    settings: Settings,
    clock: Clock,
    asked: Asked,
    asking: Sequence[Asked],
    told: Period | None,
) -> list[Search]:
    """One search for each question; one for all of them together where none finds anything."""
    search = partial(_search, store, filters, as_of, settings, clock, told)
    searches = [search(part) for part in asking]
    if len(searches) > 1 and not any(found.chosen for found in searches):
        return [search(asked)]
    return searches


def _shown(
    store: Store,
    filters: Filters,
    searches: Sequence[Search],
    settings: Settings,
    checked: Sequence[Checked],
    found: Iterator[Checked],
) -> Iterator[Cited]:
    """Each sentence with its new citations, as those of `found` join `checked`."""
    sent = known = 0
    for _ in chain(found, [None]):
        shown = [one for one in checked if may_show(one, settings.checking)]
        sentences, citations = cited(store, filters, searches, shown)
        for sentence in sentences[sent:]:
            last = max(known, *sentence.citations)
            new = citations[known:last]
            store.ledger.issue((c.article_id, c.start, c.end, c.quote) for c in new)
            yield sentence, new
            known = last
        sent = len(sentences)


def _leaves_room(searches: Sequence[Search], checked: Sequence[Checked]) -> bool:
    """Whether there is an answer that may be put in other words.

    A timeline, a clear yes or no and a false premise are shown as the articles have them: these are decided by the very
    sentence that is shown.
    """
    settled = any(found.dates or (found.reply and found.reply.candidate) for found in searches)
    unfounded = any(found.reply and found.reply.kind == "unfounded" for found in searches)
    return not settled and not unfounded and any(verdict.label == "supported" for _, verdict in checked)


def _seen(searches: Sequence[Search]) -> list[Passage]:
    """The passages of all searches, those of articles that know the names asked for."""
    return [p for found in searches for p in found.passages if not abstain.absent_names(found.named, p.article)]


def _needed(
    store: Store, asked: Asked, searches: Sequence[Search], checked: Sequence[Checked]
) -> tuple[list[Checked], dict[int, str]]:
    """The supported sentences, and which of them no answer may lack: the best of each search, and sides that differ."""
    kept = [one for one in checked if one[1].label == "supported"]
    best = {found.chosen[0].key for found in searches if found.chosen}
    needed = {place: "" for place, (draft, _) in enumerate(kept) if best & {span.key for span in draft.evidence}}
    sentences, _ = cited(store, Filters(), searches, kept)
    for side in sides_of(store, asked, [(draft, one) for (draft, _), one in zip(kept, sentences, strict=True)]):
        for place, sentence in enumerate(sentences):
            if set(sentence.citations) & set(side.citations):
                needed[place] = side.value
    return kept, needed


def _parts(asked: Asked) -> list[Asked]:
    """The questions inside a question; the two things that it compares are asked about one by one."""
    found = plan.sides(asked.focus) if asked.text == asked.focus else None
    return [_about(side) for side in found] if found else parts(asked)


def _about(topic: str) -> Asked:
    """A topic as a question: behind a word of lower case its first word is a name where it has a capital."""
    return Asked(f"about {topic}", f"about {topic}")


def _search(
    store: Store,
    filters: Filters,
    as_of: date | None,
    settings: Settings,
    clock: Clock,
    told: Period | None,
    asked: Asked,
) -> Search:
    """Passages -> candidate sentences, read by the cross-encoder -> the decision to answer -> the best sentences."""
    kind, (period, timeless) = plan.kind_of(asked.focus), _period(asked.focus, as_of)
    period = told or period
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

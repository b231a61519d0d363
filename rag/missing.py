"""What the corpus does not say, in a line that a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from index.filters import Filters
from index.store import Store
from rag import abstain
from rag.cite import Key
from rag.converse import Asked
from rag.extract import Candidate
from rag.notices import Notice
from rag.premise import Reply
from rag.retrieve import Passage


@dataclass(frozen=True, slots=True)
class Search:
    """What one part of a question found: its best sentences, or why there are none.

    Attributes:
        named: what of the question an article must mention the names of: all but the time it is limited to.
        dates: of a timeline, the day, month or year of each chosen sentence (ISO 8601).
        reply: what the evidence says to what the question states or assumes; None in doubt.
    """

    asked: Asked
    passages: list[Passage]
    decision: abstain.Decision
    chosen: list[Candidate]
    named: str
    dates: dict[Key, str] = field(default_factory=dict)
    reply: Reply | None = None


def missing(store: Store, filters: Filters, searches: Sequence[Search], shown: int) -> str | None:
    """What was asked and not found, and why where that can be said; None when nothing is missing.

    Args:
        store: what was asked.
        filters: which articles the searches could see.
        searches: one for each part of the question.
        shown: how many sentences the answer has.
    """
    if not any(search.passages for search in searches) and not store.counts()["articles"]:
        return Notice.EMPTY.value
    unanswered = [search for search in searches if not search.chosen or (search.reply and search.reply.missing)]
    if not shown and not unanswered:
        return Notice.UNCHECKED.value
    reasons = [_reason(store, filters, search) for search in unanswered]
    if len(searches) > 1:
        parts = [search.asked.focus.rstrip("?") for search in unanswered]
        reasons = [Notice.PART.format(part=part, reason=why) for part, why in zip(parts, reasons, strict=True)]
    return " ".join(reasons) or None


def _reason(store: Store, filters: Filters, search: Search) -> str:
    if search.reply and search.reply.missing:
        return search.reply.missing
    if not search.passages and filters:
        return Notice.FILTERS.format(extent=store.extent())
    absent = [name for name in abstain.names(search.named) if not _mentioned(store, name, search.passages)]
    if absent:
        return Notice.UNMENTIONED.format(names=" or ".join(repr(name) for name in absent))
    if filters and not search.decision.probability:
        return Notice.FILTERED.value
    return search.decision.missing or Notice.NOTHING.value


def _mentioned(store: Store, name: str, passages: Sequence[Passage]) -> bool:
    """Whether an article that was found, or that has the name's words, mentions it ("EU" may be there in full only)."""
    chunks = store.ledger.chunks([key for key, _ in store.search_sparse(name, 20, Filters())])
    articles = {chunk.article_id for chunk in chunks.values()} | {passage.article.id for passage in passages}
    return any(abstain.mentions(store.article(article_id), name) for article_id in articles)

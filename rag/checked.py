"""Sentences against what they cite: the one place where a sentence of an answer meets the checker, new or kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.ledger import surroundings
from index.store import Store
from rag.answers import Answer, Citation, Label, Sentence
from rag.check import Checker, Claim, Verdict
from rag.cite import Draft, Evidence

_STANDS: dict[Label, frozenset[Label]] = {
    "supported": frozenset(["supported"]),
    "not_checked": frozenset(["supported"]),
    "unsupported": frozenset(["supported", "unsupported"]),
    "contradicted": frozenset(),
}
"""What a checker may say now of a sentence that was shown with a verdict; one marked as unsupported claims little."""


def check(store: Store, checker: Checker, drafts: Sequence[Draft], question: str) -> list[tuple[Draft, Verdict]]:
    """Each draft with the checker's verdict on it, in order.

    Args:
        store: where the drafts' articles are.
        checker: asked once, about all drafts.
        drafts: sentences with the spans they cite.
        question: as understood; it may lend a sentence its topic.

    Raises:
        ModelError: the checker cannot run.
    """
    claims = [Claim(draft.text, tuple(_whole(store, e) for e in draft.evidence), question) for draft in drafts]
    return list(zip(drafts, checker.check(claims) if claims else [], strict=True))


def _whole(store: Store, evidence: Evidence) -> str:
    article = evidence.article
    return whole(article.text, store.ledger.sentences(article.id), evidence.start, evidence.end)


def whole(text: str, sentences: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """The whole sentences that a cited span touches: a trim must hold against what it was trimmed from.

    Args:
        text: of the article.
        sentences: its sentences as spans.
        start: of the cited span.
        end: of the cited span, exclusive.
    """
    touched = [(left, right) for left, right in sentences if left < end and right > start]
    return text[min(touched)[0] : max(touched)[1]] if touched else text[start:end]


def problems(store: Store, checker: Checker, answer: Answer) -> list[str]:
    """What no longer holds of an answer that was kept, a line each; empty when all of it does.

    Every citation must resolve in the store to the character and name its article's title, outlet and date, every
    sentence and position must cite, and what was shown as supported must be so when the checker is asked again.

    Raises:
        ModelError: the checker cannot run.
    """
    spans = {cited.number: _resolved(store, cited) for cited in answer.citations}
    drafts = [
        Draft(one.text, tuple(span for n in one.citations if isinstance(span := spans.get(n), Evidence)))
        for one in answer.sentences
    ]
    checked = check(store, checker, drafts, answer.understood or answer.question)
    return [
        *(span for span in spans.values() if isinstance(span, str)),
        *_unlisted(answer),
        *(
            line
            for number, (shown, (_, now)) in enumerate(zip(answer.sentences, checked, strict=True), 1)
            if (line := _fallen(number, shown, now, answer.provenance.checker, checker.name))
        ),
    ]


def _resolved(store: Store, cited: Citation) -> Evidence | str:
    """The span that a citation points to, or what is wrong with it."""
    where = f"citation {cited.number} ({cited.article_id}:{cited.start}-{cited.end})"
    article = store.ledger.article(cited.article_id)
    if article is None:
        return f"{where} points to an article that is not in the store"
    if article.text[cited.start : cited.end] != cited.quote or cited.end - cited.start != len(cited.quote):
        return f"{where} does not hold its quote {cited.quote[:60]!r}"
    if (cited.before or cited.after) and surroundings(article.text, cited.start, cited.end) != (
        cited.before,
        cited.after,
    ):
        return f"{where} does not stand between the words it names"
    if (article.title, article.outlet, article.published) != (cited.title, cited.outlet, cited.published):
        return f"{where} names another title, outlet or date than its article has"
    return Evidence(article, cited.start, cited.end)


def _unlisted(answer: Answer) -> Iterator[str]:
    listed = {cited.number for cited in answer.citations}
    parts = [(f"sentence {n}", one.citations) for n, one in enumerate(answer.sentences, 1)]
    parts += [(f"position {n}", side.citations) for n, side in enumerate(answer.positions, 1)]
    for name, numbers in parts:
        if not numbers:
            yield f"{name} has no citation"
        for number in numbers:
            if number not in listed:
                yield f"{name} points to citation {number}, which the answer does not have"


def _fallen(number: int, shown: Sentence, now: Verdict, then_by: str, now_by: str) -> str | None:
    if now.label in _STANDS[shown.verdict]:
        return None
    reason = f": {now.reason}" if now.reason else ""
    return (
        f"sentence {number} {shown.text[:60]!r} was shown as {shown.verdict} by {then_by}; "
        f"{now_by} says {now.label}{reason}"
    )

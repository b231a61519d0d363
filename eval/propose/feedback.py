"""Questions of readers, proposed for a suite: what they said of single sentences -> lines of questions.jsonl."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from eval.propose.choose import split_of
from eval.propose.corpus import Corpus, Stored
from eval.propose.lines import ABSTAINED, UNDECIDED, ordered
from eval.samples import TOGETHER
from rag.answers import CONVERSATION, Citation
from rag.feedback import WHOLE, Remark

_KINDS = (
    ("time", re.compile(r"\bwhen\b|\b(?:what|which|in what|in which) (?:year|month|day|date)\b", re.I)),
    ("why", re.compile(r"\bwhy\b", re.I)),
    ("who_said", re.compile(r"\bwho (?:said|says|claimed|denied)\b", re.I)),
    ("timeline", re.compile(r"\btimeline\b|\bchronology\b", re.I)),
    ("summary", re.compile(r"\bsummar(?:y|i[sz]e)\b", re.I)),
)
_TOLD = 3
"""Of the readers who say that a question was answered wrongly, so many are told of to the reviewer."""


def proposed(remarks: Iterable[Remark], corpus: Corpus) -> list[dict[str, Any]]:
    """Lines of questions.jsonl, unreviewed; the questions that most readers spoke of first.

    A question is taken as it was understood, so that a follow-up stands by itself, and those that differ only in case,
    spaces and the mark at their end are one. Its gold is what the sentences cite that more readers call right than
    wrong, and its status that of the newest answer with such a sentence. Where there is none, it has no gold and
    status "abstained", until somebody decides: `made` tells the reviewer what the readers said.

    Args:
        remarks: oldest first.
        corpus: the suite's articles. A quote is gold only where it stands in one of them, verbatim.
    """
    asked: dict[str, list[Remark]] = {}
    for remark in remarks:
        # An abstention under filters says nothing of the corpus without them, and a suite has none.
        filtered = remark.sentence == WHOLE and remark.answer.within
        if remark.answer.provenance.answerer != CONVERSATION and not filtered:
            asked.setdefault(_same(_question(remark)), []).append(remark)
    most = sorted(asked.values(), key=len, reverse=True)  # stable: then the one that was asked first
    return [_line(about, corpus, number) for number, about in enumerate(most, 1)]


def _line(remarks: Sequence[Remark], corpus: Corpus, number: int) -> dict[str, Any]:
    right = _right(remarks)
    gold = list(dict.fromkeys(_gold(right, corpus)))
    kept = [remark for remark in right if gold or remark.answer.status == ABSTAINED]
    newest = (kept or remarks)[-1]
    status = newest.answer.status if kept else ABSTAINED
    gold = [] if status == ABSTAINED else gold
    about = next((name for name, _ in gold), "") or next((name for name, _ in _gold(remarks, corpus)), "")
    question = _question(newest)
    fields: dict[str, Any] = {
        "id": f"feedback-{number:03}",
        "kind": _kind(newest, gold),
        "question": question,
        "status": status,
        "gold": [{"article": name, "quote": quote} for name, quote in gold],
        "accept": [],
        "split": split_of(about or question),
        "made": _made(remarks, undecided=not kept, lost=bool(right) and not kept),
        "reviewed": False,
    }
    if not gold and about:
        fields["about"] = about
    return ordered(fields)


def _question(remark: Remark) -> str:
    return " ".join((remark.answer.understood or remark.answer.question).split())


def _same(question: str) -> str:
    return question.casefold().strip(" ?!.¿¡")


def _right(remarks: Sequence[Remark]) -> list[Remark]:
    """The thumbs up on what more readers call right than wrong: a sentence by its words, an abstention as a whole."""
    votes = Counter[str]()
    for remark in remarks:
        votes[_said(remark)] += 1 if remark.up else -1
    return [remark for remark in remarks if remark.up and votes[_said(remark)] > 0]


def _said(remark: Remark) -> str:
    return remark.answer.sentences[remark.sentence].text if remark.sentence >= 0 else remark.answer.status


def _gold(remarks: Iterable[Remark], corpus: Corpus) -> Iterator[tuple[str, str]]:
    """(article, quote) of what the sentences cite, where that stands in the corpus."""
    for remark in remarks:
        answer = remark.answer
        said = answer.sentences[remark.sentence :][:1] if remark.sentence >= 0 else answer.sentences
        cited = {number for sentence in said for number in sentence.citations}
        for citation in answer.citations:
            if citation.number in cited and (stored := _stored(citation, corpus)):
                yield stored.name, citation.quote


def _stored(citation: Citation, corpus: Corpus) -> Stored | None:
    """The cited article, or another version of it under the same name, if it holds the quote; else any that does."""
    holding = [stored for stored in corpus.articles if citation.quote in stored.article.text]
    alike = (
        [stored for stored in holding if stored.article.id == citation.article_id],
        [stored for stored in holding if stored.article.source == citation.source],
        holding,
    )
    return next((found[0] for found in alike if found), None)


def _kind(remark: Remark, gold: Sequence[tuple[str, str]]) -> str:
    """The nearest kind, for the reviewer to change."""
    answer = remark.answer
    if answer.status == "disputed":
        return "differ"
    if answer.status == ABSTAINED and remark.up:
        return "closemiss"
    question = _question(remark)
    kind = next((kind for kind, form in _KINDS if form.search(question)), "yesno" if answer.yes_no else "fact")
    # Each of several quotes is not enough by itself to answer, except of a fact that several articles tell.
    several = len({quote for _, quote in gold}) > 1 and len({name for name, _ in gold}) == 1
    return "list" if several and kind not in TOGETHER else kind


def _made(remarks: Sequence[Remark], *, undecided: bool, lost: bool) -> str:
    """What the reviewer is told: how many readers said what, and the newest complaints. Who they are is not told."""
    ups = sum(remark.up for remark in remarks)
    downs = [remark for remark in remarks if not remark.up]
    told = [f"feedback, {ups} up, {len(downs)} down", *map(_complaint, downs[: -_TOLD - 1 : -1])]
    if lost:
        told.append("what was called right is not in the corpus, verbatim")
    if undecided:
        told.append(UNDECIDED)
    return "; ".join(told)


def _complaint(remark: Remark) -> str:
    reason = remark.reason or "no reason"
    about = repr(remark.answer.sentences[remark.sentence].text[:200]) if remark.sentence >= 0 else "the whole answer"
    return f"{reason} of {about}" + (f": {remark.note!r}" if remark.note else "")

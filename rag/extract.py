"""The answerer without a language model: finds the sentences that answer, and puts them in a readable order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from index.articles import Article
from index.sparse import terms
from index.store import Store
from rag.check.lexicon import stem
from rag.cite import Draft, Evidence, Key
from rag.converse import Asked
from rag.disagree import opposed
from rag.disagree.accounts import Account, account
from rag.kinds import fits, tells_of_another
from rag.orders import to_a_machine
from rag.quotations import Span
from rag.rerank import CrossEncoder
from rag.retrieve import Passage
from rag.speech import about_speech, attribution, is_said_by
from rag.units import units

NAME = "extractive-1"

CANDIDATES = 24
"""Most sentences that the cross-encoder reads for one question."""


UNFIT = 3.0
"""Logits that a sentence loses which lacks the number, share, date or name that is asked for."""

_ASKS_WORDS = re.compile(
    r"\bwhat (?:else )?(?:did|does|has|do|have) .{2,60}? (?:say|said|claim|claimed|write|written|tell|told|call|called|"
    r"argue|argued|answer|answered|reply|replied|announce|announced|deny|denied|warn|warned|promise|promised)\b",
    re.I,
)
"""Questions for somebody's words."""

MOST_BEFORE = 200
"""Characters of the sentence before that are read with a sentence: it costs time by its length."""

UNSAID = 20.0
"""Logits that a sentence loses which is not said by the one whose words are asked for: it is about them at best."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence (with its speaker) that may answer.

    Attributes:
        start, end: characters in the article's text.
        lead: the sentence before it that says who "he" is, or None.
        hint: cheap score that decides which candidates the cross-encoder reads.
        similarity: cosine of the question and the passage it stands in, -1 to 1.
        score: the cross-encoder's logit; higher answers better.
        sentences: spans of all sentences of the article.
    """

    article: Article
    start: int
    end: int
    lead: Span | None
    hint: float
    similarity: float = 0.0
    score: float = 0.0
    sentences: Sequence[Span] = field(default=(), compare=False, repr=False)

    @property
    def key(self) -> Key:
        """What names the span."""
        return self.article.id, self.start, self.end

    @property
    def text(self) -> str:
        """The span's text on one line."""
        return one_line(self.article.text[self.start : self.end])

    @property
    def context(self) -> str:
        """What the cross-encoder reads: title, lead and sentence, so that "he" and "the country" mean something."""
        lead = self.article.text[slice(*self.lead)] if self.lead else ""
        return one_line(f"{self.article.title or ''} {lead} {self.text}")

    @property
    def setting(self) -> str:
        """The title, the end of the sentence before, and the sentence: what the model of near misses reads."""
        start, end = max((span for span in self.sentences if span[1] <= self.start), default=(self.start, self.start))
        before = self.article.text[max(start, end - MOST_BEFORE) : end]
        return one_line(f"{self.article.title or ''} {before} {self.text}")


def one_line(text: str) -> str:
    """White space folded to single spaces."""
    return re.sub(r"\s+", " ", text).strip()


def candidates(store: Store, question: str, passages: Sequence[Passage], most: int = CANDIDATES) -> list[Candidate]:
    """The sentences of the passages that are worth the cross-encoder's time, best hint first.

    Of the copies of one story a sentence is taken once, from the first article of the story that has it.

    Args:
        store: where the passages are from.
        question: decides, with the passages' scores, which sentences are worth it.
        passages: best first.
        most: how many sentences at most.
    """
    words = set(terms(question))
    found: dict[tuple[str, str], Candidate] = {}
    heads = store.stories.heads({passage.article.id for passage in passages})
    passages = sorted(passages, key=lambda passage: heads[passage.article.id] != passage.article.id)
    for passage in passages:
        article = passage.article
        sentences = store.ledger.sentences(article.id)
        for unit in units(article.text, sentences, (passage.chunk.start, passage.chunk.end)):
            text = one_line(article.text[unit.start : unit.end])
            if to_a_machine(text) or (unit.lead is None and tells_of_another(question, text)):
                continue
            hint = passage.score + _overlap(words, article.text[unit.start : unit.end])
            candidate = Candidate(
                article, unit.start, unit.end, unit.lead, hint, passage.similarity, sentences=sentences
            )
            found.setdefault((heads[article.id], f"{unit.lead is None} {candidate.text}"), candidate)
    return sorted(found.values(), key=lambda c: -c.hint)[:most]


def rank(asked: Asked, found: Sequence[Candidate], reranker: CrossEncoder) -> list[Candidate]:
    """The candidates with the cross-encoder's scores, best first.

    Of a follow-up the scores with and without what it leans on are averaged: alone it is vague, but the question before
    it would otherwise be answered once more. A sentence without the kind of thing that is asked for loses UNFIT, and so
    does one that has no word of the question but those of the sentence it leans on.
    """
    texts = [candidate.context for candidate in found]
    readings = [reranker.score(question, texts) for question in dict.fromkeys([asked.text, asked.focus])]
    scores = sum(readings[1:], readings[0]) / len(readings)
    words = set(terms(asked.focus))
    scored = [
        replace(candidate, score=float(score) - (0.0 if _may_answer(asked.focus, words, candidate) else UNFIT))
        for candidate, score in zip(found, scores, strict=True)
    ]
    return _best_first(scored)


def _may_answer(question: str, words: set[str], candidate: Candidate) -> bool:
    return fits(question, candidate.text) and (candidate.lead is None or _overlap(words, candidate.text) > 0)


def heard(store: Store, question: str, ranked: Sequence[Candidate]) -> list[Candidate]:
    """The ranking, where it is asked what somebody said, with a loss for sentences that another one says.

    UNSAID where the words themselves are asked for ("What did Lund say?"), UNFIT elsewhere ("How did Lund react?").
    """
    name = about_speech(question)
    if name is None:
        return list(ranked)
    loss = UNSAID if _ASKS_WORDS.search(question) else UNFIT
    return _best_first([c if _may_be_said_by(store, c, name) else replace(c, score=c.score - loss) for c in ranked])


def _best_first(found: Sequence[Candidate]) -> list[Candidate]:
    return sorted(found, key=lambda c: (-c.score, c.article.id, c.start))


def _may_be_said_by(store: Store, candidate: Candidate, name: str) -> bool:
    """Whether somebody says a sentence, or an unnamed one does who may be them."""
    said = attribution(
        candidate.article.text,
        candidate.start,
        candidate.end,
        candidate.lead,
        store.ledger.sentences(candidate.article.id),
    )
    return is_said_by(said, name) or (said.speech is not None and said.speaker is None)


def choose(ranked: Sequence[Candidate], question: str, most: int, gap: float, floor: float) -> list[Candidate]:
    """The best sentence and those nearly as good, without repeats.

    A further sentence that leans on one before it has a word of the question itself: else what answers may be that one.

    Args:
        ranked: best first.
        question: what is asked now.
        most: how many at most.
        gap: how far below the best a further sentence may score.
        floor: the least score of a further sentence.
    """
    chosen: list[Candidate] = []
    words = set(terms(question))
    for candidate in ranked:
        if chosen and (candidate.score < max(floor, chosen[0].score - gap) or len(chosen) == most):
            break
        leans = any(
            candidate.lead and _holds((c.article.id, *candidate.lead), (candidate.article.id, c.start, c.end))
            for c in chosen
            if c.article.id == candidate.article.id
        )
        if (not leans or _overlap(words, candidate.text)) and not any(repeats(candidate, other) for other in chosen):
            chosen.append(candidate)
    return chosen


def with_rivals(
    asked: Asked, chosen: Sequence[Candidate], ranked: Sequence[Candidate], floor: float
) -> list[Candidate]:
    """The chosen sentences and, one an article, those of other articles that give another answer to what is asked.

    A source that differs is shown however far behind the best sentence it was ranked, as long as it answers at all.
    """
    told = [_account(candidate) for candidate in chosen]
    rivals: dict[str, Candidate] = {}
    for candidate in ranked:
        mine = _account(candidate)
        if candidate.score >= floor and any(opposed(asked.focus, mine, other) for other in told):
            rivals.setdefault(candidate.article.id, candidate)
    shown = {candidate.article.id for candidate in chosen if candidate in rivals.values()}
    return [*chosen, *(c for c in rivals.values() if c not in chosen and c.article.id not in shown)]


def _account(candidate: Candidate) -> Account:
    return account(candidate.article, candidate.start, candidate.end)


def drafts(chosen: Sequence[Candidate], *, in_order: bool = False) -> list[Draft]:
    """Sentences in reading order: the best article first, each article's as they stand in it, leads before theirs.

    What several articles say in the same words is one sentence that cites them all.

    Args:
        chosen: candidates, best first.
        in_order: keep them in the order given, as the entries of a timeline.
    """
    order = {article_id: place for place, article_id in enumerate(dict.fromkeys(c.article.id for c in chosen))}
    spans: dict[Key, Article] = {}
    for candidate in chosen if in_order else sorted(chosen, key=lambda c: (order[c.article.id], c.start)):
        for start, end in filter(None, [candidate.lead, (candidate.start, candidate.end)]):
            key = (candidate.article.id, start, end)
            if not any(_holds(other, key) for other in spans):
                spans = {other: article for other, article in spans.items() if not _holds(key, other)}
                spans[key] = candidate.article
    told: dict[str, tuple[Evidence, ...]] = {}
    for (_, start, end), article in spans.items():
        text = _sentence(article, start, end)
        told[text] = (*told.get(text, ()), Evidence(article, start, end))
    return [Draft(text, evidence) for text, evidence in told.items()]


def _holds(one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
    return one[0] == other[0] and one[1] <= other[1] and other[2] <= one[2]


def _sentence(article: Article, start: int, end: int) -> str:
    text = one_line(article.text[start:end])
    return text[:1].upper() + text[1:]


def _overlap(words: set[str], sentence: str) -> float:
    """Share of the question's words in the sentence, by their stems."""
    there = {stem(word) for word in terms(sentence)}
    return sum(stem(word) in there for word in words) / len(words) if words else 0.0


def repeats(candidate: Candidate, other: Candidate) -> bool:
    """Whether two sentences overlap, or one article says nearly the same twice."""
    if candidate.article.id == other.article.id and candidate.start < other.end and other.start < candidate.end:
        return True
    a, b = set(terms(candidate.text)), set(terms(other.text))
    return len(a & b) >= 0.8 * max(1, min(len(a), len(b))) and candidate.article.id == other.article.id

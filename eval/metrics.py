"""Metrics: pure functions from one asked question to a score, None where the metric has nothing to judge.

T. Gao et al. 2023, "Enabling Large Language Models to Generate Text with Citations" (ALCE), sections 3 and 4.
E. Voorhees 1999, "The TREC-8 Question Answering Track Report" (reciprocal rank).
G. Brier 1950, "Verification of forecasts expressed in terms of probability".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from eval.samples import TOGETHER, Gold
from eval.trials import Metric, Passage, Trial
from index.articles import Article
from index.sentences import sentence_spans
from rag.answers import Answer, Citation, Sentence
from rag.checked import whole

RANKS = (1, 3, 5, 10)
TYPOGRAPHIC = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "\u202f": " "})


# Retrieval


def found_at(gold: Gold, passages: Sequence[Passage]) -> int | None:
    """Rank (from 1) of the first passage of the gold's article that covers at least half of the span's characters."""
    for rank, (article, start, end, _) in enumerate(passages, 1):
        if article == gold.article and any(2 * (min(end, b) - max(start, a)) >= b - a for a, b in gold.spans):
            return rank
    return None


def recall_at(k: int) -> Callable[[Trial], float | None]:
    """The scoring function of recall at rank k."""

    def score(trial: Trial) -> float | None:
        if not trial.target.gold:
            return None
        found = [found_at(gold, trial.passages[:k]) is not None for gold in trial.target.gold]
        return sum(found) / len(found) if trial.sample.kind in TOGETHER else float(any(found))

    score.__doc__ = f"""Gold spans found in the first {k} passages / gold spans; found: one passage covers half of it.

    Of kinds whose gold spans are alternatives, not wanted together: 1 if any is found, else 0.
    """
    return score


def mrr(trial: Trial) -> float | None:
    """1 / rank of the first passage that finds any gold span, 0 beyond rank 10 [Voorhees 1999]."""
    if not trial.target.gold:
        return None
    ranks = [rank for gold in trial.target.gold if (rank := found_at(gold, trial.passages[:10]))]
    return 1 / min(ranks) if ranks else 0.0


# Answers


def holds(text: str, spelling: str) -> bool:
    """Is the spelling in the text, whatever the case, as whole words and whole numbers ("300" is not in "3,300")?"""
    text, spelling = (" ".join(string.translate(TYPOGRAPHIC).casefold().split()) for string in (text, spelling))
    before = r"(?<!\w)(?<!\d[.,])" if spelling[:1].isdigit() else r"(?<!\w)" if spelling[:1].isalnum() else ""
    after = r"(?!\w)(?![.,]\d)" if spelling[-1:].isdigit() else r"(?!\w)" if spelling[-1:].isalnum() else ""
    return re.search(before + re.escape(spelling) + after, text) is not None


def answer_correct(trial: Trial) -> float | None:
    """1 if every group of accepted spellings has one in the answer's sentences, else 0; needs accepted spellings."""
    if not trial.target.accept:
        return None
    # The sentences, not the text: an abstention that repeats the question, or a mark [300], must not count as right.
    said = "\n".join(sentence.text for sentence in trial.answer.sentences)
    return float(all(any(holds(said, spelling) for spelling in group) for group in trial.target.accept))


def status_correct(trial: Trial) -> float | None:
    """1 if the status (answered, partial, disputed, abstained) is the expected one, else 0."""
    return float(trial.answer.status == trial.target.status)


def brier(trial: Trial) -> float | None:
    """(confidence - answer_correct) squared [Brier 1950], of answers given; 0 is best, always saying 0.5 gives 0.25."""
    correct = answer_correct(trial)
    return None if correct is None or trial.answer.status == "abstained" else (trial.answer.confidence - correct) ** 2


# Citations


def resolves(citation: Citation, articles: Mapping[str, Article]) -> bool:
    """Is `article.text[start:end]` the quote, to the character?"""
    article = articles.get(citation.article_id)
    return article is not None and article.text[citation.start : citation.end] == citation.quote


def cited(sentence: Sentence, answer: Answer) -> list[Citation | None]:
    """The sentence's citations, each once, in order; None for a number that the answer does not list."""
    listed = {citation.number: citation for citation in answer.citations}
    return [listed.get(number) for number in dict.fromkeys(sentence.citations)]


def alce(sentence: Sentence, trial: Trial) -> tuple[int, list[int]]:
    """ALCE's citation recall of a sentence and the precision of each of its citations [Gao et al. 2023].

    Recall is 1 if the sentence has citations, all resolve, and the checker says that together they support it.
    The precision of a citation is 1 if the recall is 1 and it is not irrelevant; it is irrelevant if it does not
    support the sentence alone and the others support it without it.
    """
    citations = cited(sentence, trial.answer)
    quotes = [_evidence(citation, trial) for citation in citations if citation and resolves(citation, trial.articles)]
    if not quotes or len(quotes) < len(citations) or not trial.supports(sentence.text, tuple(quotes)):
        return 0, [0] * len(citations)
    if len(quotes) == 1:
        return 1, [1]
    precision = []
    for place, quote in enumerate(quotes):
        rest = tuple(quotes[:place] + quotes[place + 1 :])
        precision.append(int(trial.supports(sentence.text, (quote,)) or not trial.supports(sentence.text, rest)))
    return 1, precision


def citation_recall(trial: Trial) -> float | None:
    """Mean over sentences of: it has citations, all resolve, together they support it [Gao et al. 2023]."""
    return _mean([alce(sentence, trial)[0] for sentence in trial.answer.sentences])


def citation_precision(trial: Trial) -> float | None:
    """Mean over citations of: recall is 1, and it supports alone or the rest does not [Gao et al. 2023].

    0 for sentences without any citation, as in ALCE's own program.
    """
    if not trial.answer.sentences:
        return None
    return _mean([hit for sentence in trial.answer.sentences for hit in alce(sentence, trial)[1]]) or 0.0


def gold_span_overlap(trial: Trial) -> float | None:
    """Citations that share a character with a gold span / citations; needs no checker."""
    if not trial.target.gold:
        return None
    return _mean([_on_gold(citation, trial) for citation in trial.answer.citations])


def unresolvable_citations(trial: Trial) -> float | None:
    """Number of citations with text[start:end] != quote, of marks that name no citation, of sentences with no mark."""
    broken = sum(not resolves(citation, trial.articles) for citation in trial.answer.citations)
    marks = [cited(sentence, trial.answer) for sentence in trial.answer.sentences]
    return float(broken + sum(found.count(None) + (not found) for found in marks))


# Faithfulness


def faithful_sentences(trial: Trial) -> float | None:
    """Mean over the answer's sentences of: supported when the checker is asked again about the cited sentences."""
    return _mean([_supported(sentence, trial) for sentence in trial.answer.sentences])


def faithful_answers(trial: Trial) -> float | None:
    """1 if every sentence of the answer is supported when checked again, else 0."""
    share = faithful_sentences(trial)
    return None if share is None else float(share == 1.0)


def unsupported_shown(trial: Trial) -> float | None:
    """Number of sentences shown whose verdict is not "supported" or does not hold when checked again."""
    shown = trial.answer.sentences
    return float(sum(sentence.verdict != "supported" or not _supported(sentence, trial) for sentence in shown))


# Abstention


def abstention_precision(trial: Trial) -> float | None:
    """Of the questions abstained from: 1 if that was right."""
    return float(trial.target.status == "abstained") if trial.answer.status == "abstained" else None


def abstention_recall(trial: Trial) -> float | None:
    """Of the questions to abstain from: 1 if it did."""
    return float(trial.answer.status == "abstained") if trial.target.status == "abstained" else None


def answered_unanswerable(trial: Trial) -> float | None:
    """Of the questions to abstain from: 1 if it answered (in full, in part or as disputed)."""
    return float(trial.answer.status != "abstained") if trial.target.status == "abstained" else None


def answered_answerable(trial: Trial) -> float | None:
    """Of the questions not to abstain from: 1 if it answered (in full, in part or as disputed), rightly or not."""
    return float(trial.answer.status != "abstained") if trial.target.status != "abstained" else None


# Sources that differ


def disputes_found(trial: Trial) -> float | None:
    """Of the questions on which sources contradict or replace each other: 1 if the answer is disputed, else 0."""
    return float(trial.answer.status == "disputed") if trial.target.status == "disputed" else None


def false_disputes(trial: Trial) -> float | None:
    """Of the questions to be answered in full, on which sources at most seem to differ: 1 if it is disputed, else 0."""
    return float(trial.answer.status == "disputed") if trial.target.status == "answered" else None


def difference_right(trial: Trial) -> float | None:
    """Of the questions with a known difference: 1 if the answer's positions differ in this way and no other, else 0."""
    if trial.target.difference is None:
        return None
    return float({side.difference for side in trial.answer.positions[1:]} == {trial.target.difference})


def latency(trial: Trial) -> float | None:
    """Wall time from question to finished answer, milliseconds, on the machine that ran the suite."""
    return trial.milliseconds


def _mean(scores: Sequence[float]) -> float | None:
    return sum(scores) / len(scores) if scores else None


def _supported(sentence: Sentence, trial: Trial) -> bool:
    quotes = tuple(_evidence(citation, trial) for citation in cited(sentence, trial.answer) if citation)
    return bool(quotes) and trial.supports(sentence.text, quotes)


def _evidence(citation: Citation, trial: Trial) -> str:
    """What the checker is given of a citation when the answer is made: the whole sentences that it touches."""
    if not resolves(citation, trial.articles):
        return citation.quote
    text = trial.articles[citation.article_id].text
    return whole(text, _sentences(text), citation.start, citation.end)


@cache
def _sentences(text: str) -> list[tuple[int, int]]:
    return sentence_spans(text)


def _on_gold(citation: Citation, trial: Trial) -> bool:
    article = trial.articles.get(citation.article_id)
    return article is not None and any(
        article.key == gold.article and any(citation.start < b and a < citation.end for a, b in gold.spans)
        for gold in trial.target.gold
    )


METRICS = (
    *(Metric(f"recall_at_{k}", recall_at(k)) for k in RANKS),
    Metric("mrr", mrr),
    Metric("answer_correct", answer_correct),
    Metric("status_correct", status_correct),
    Metric("brier", brier, better="lower"),
    Metric("citation_recall", citation_recall),
    Metric("citation_precision", citation_precision),
    Metric("gold_span_overlap", gold_span_overlap),
    Metric("faithful_sentences", faithful_sentences),
    Metric("faithful_answers", faithful_answers),
    Metric("abstention_precision", abstention_precision),
    Metric("abstention_recall", abstention_recall),
    Metric("answered_unanswerable", answered_unanswerable, better="lower"),
    Metric("answered_answerable", answered_answerable),
    Metric("disputes_found", disputes_found),
    Metric("false_disputes", false_disputes, better="lower"),
    Metric("difference_right", difference_right),
    Metric("unresolvable_citations", unresolvable_citations, (0.0, None), "lower", "sum", promise=True),
    Metric("unsupported_shown", unsupported_shown, (0.0, None), "lower", "sum", promise=True),
    Metric("latency_median_ms", latency, (0.0, None), "lower", "median"),
    Metric("latency_p95_ms", latency, (0.0, None), "lower", "p95"),
)

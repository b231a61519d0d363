"""Sentences in order of what they tell of, each beside its day. Pure."""

from __future__ import annotations

from rag.answers import Answer
from ui.parts.origin import when
from ui.words import Words


def is_timeline(answer: Answer) -> bool:
    """Whether every sentence tells of a day; of what a model wrote never, since it must end as it began to show."""
    dated = all(sentence.date for sentence in answer.sentences)
    return answer.provenance.writing is None and len(answer.sentences) > 1 and dated


def render_timeline(answer: Answer, sentences: list[str], words: Words) -> str:
    """A list of days with what happened on each.

    Args:
        answer: whose sentences are all dated.
        sentences: HTML of each.
        words: the reader's language.
    """
    items = []
    told = None
    for sentence, html in zip(answer.sentences, sentences, strict=True):
        day = when(sentence.date or "", words, "sb-when")
        same = " sb-same" if sentence.date == told else ""
        items.append(f'<li class="sb-event{same}">{day}{html}</li>')
        told = sentence.date
    return f'<ol class="sb-timeline">{"".join(items)}</ol>'

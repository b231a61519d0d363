"""Who wrote an answer, as HTML: a language model, the articles, or both. Pure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.answers import Answer, Writing

OWN = '<span aria-hidden="true">❝</span> from the article'
"""Beside a sentence of an article in an answer that a language model wrote: a shape for the eye, and words."""


def bdi(text: str) -> str:
    """Escaped, and kept from turning the direction of its neighbours."""
    return f"<bdi>{escape(text)}</bdi>"


def stopped_early(answer: Answer) -> bool:
    """Whether the reader stopped it before there was a sentence: then nothing is known of the corpus."""
    writing = answer.provenance.writing
    return writing is not None and writing.outcome == "stopped" and not answer.sentences


def stop_note(answer: Answer) -> str:
    """That a reader stopped it, right below its sentences."""
    writing = answer.provenance.writing
    if writing is None or writing.outcome != "stopped":
        return ""
    when = "its end; what stands here is checked, and may not be all." if answer.sentences else "the first sentence."
    return f'<p class="sb-note sb-stopped"><span aria-hidden="true">■</span> Stopped before {when}</p>'


def who_wrote(answer: Answer) -> str:
    """A line that says who wrote the answer; none where no model was asked, or none of its sentences came."""
    writing = answer.provenance.writing
    shown = any(sentence.written for sentence in answer.sentences)
    if writing is None or not (shown or writing.outcome == "extractive"):
        return ""
    return f'<p class="sb-note sb-wrote">{_line(writing)}</p>'


def _line(writing: Writing) -> str:
    model = bdi(writing.model)
    if writing.outcome == "extractive":
        if writing.sentences and writing.sentences == writing.dropped + writing.replaced:
            return f"{model}’s sentences did not pass the check, so this is the articles’ own wording."
        if writing.sentences:
            return (
                f"No sentence of {model} passed the check and bore on the question: this is the articles’ own wording."
            )
        return f"This is the articles’ own wording, since {model} wrote no sentence: {escape(writing.reason)}."
    fates = _fates(writing)
    added = writing.outcome == "completed"
    more = f" Sentences of the articles were added: {escape(writing.reason)}." if added else ""
    return f"Written by {model}, each sentence checked against the articles{f'; {fates}' if fates else ''}.{more}"


def _fates(writing: Writing) -> str:
    """What became of the sentences that did not pass; "" where all did."""
    counts = ((writing.dropped, "dropped"), (writing.replaced, "replaced by the article’s own"))
    told = [
        f"{count}{'' if place else ' of its sentences'} {'was' if count == 1 else 'were'} {fate}"
        for place, (count, fate) in enumerate(pair for pair in counts if pair[0])
    ]
    return " and ".join(told)

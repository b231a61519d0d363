"""Who wrote an answer, as HTML: a language model, the articles, or both; and what else made it. Pure."""

from __future__ import annotations

from html import escape

from rag.answers import Answer, Writing
from ui.parts.origin import bdi
from ui.words import Words


def stopped_early(answer: Answer) -> bool:
    """Whether the reader stopped it before there was a sentence: then nothing is known of the corpus."""
    writing = answer.provenance.writing
    return writing is not None and writing.outcome == "stopped" and not answer.sentences


def stop_note(answer: Answer, words: Words) -> str:
    """That a reader stopped it, right below its sentences."""
    writing = answer.provenance.writing
    if writing is None or writing.outcome != "stopped":
        return ""
    line = escape(words("reading.stopped" if answer.sentences else "reading.stopped_early"))
    return f'<p class="sb-note sb-stopped"><span aria-hidden="true">■</span> {line}</p>'


def who_wrote(answer: Answer, words: Words) -> str:
    """A line that says who wrote the answer; none where no model was asked, or none of its sentences came."""
    writing = answer.provenance.writing
    shown = any(sentence.written for sentence in answer.sentences)
    if writing is None or not (shown or writing.outcome == "extractive"):
        return ""
    return f'<p class="sb-note sb-wrote" dir="auto">{escape(_line(writing, words))}</p>'


def _line(writing: Writing, words: Words) -> str:
    if writing.outcome == "extractive":
        if writing.sentences and writing.sentences == writing.dropped + writing.replaced:
            return words("reading.own_failed", model=writing.model)
        key = "reading.own_none_bore" if writing.sentences else "reading.own_none"
        return words(key, model=writing.model, reason=writing.reason)
    fates = _fates(writing, words)
    line = words("reading.wrote_fates" if fates else "reading.wrote", model=writing.model, fates=fates)
    added = f" {words('reading.wrote_added', reason=writing.reason)}" if writing.outcome == "completed" else ""
    return line + added


def _fates(writing: Writing, words: Words) -> str:
    """What became of the sentences that did not pass; "" where all did."""
    counts = (("dropped", writing.dropped), ("replaced", writing.replaced))
    told = [words(f"reading.{fate}_{'one' if count == 1 else 'many'}", count=count) for fate, count in counts if count]
    return words("reading.and", one=told[0], other=told[1]) if len(told) == 2 else "".join(told)


def provenance(answer: Answer, words: Words) -> str:
    """What made the answer, for who asks."""
    made = answer.provenance
    rows = {
        "answerer": made.answerer,
        "checker": made.checker,
        "embedder": made.embedder,
        "corpus": made.corpus,
        "version": made.version,
        "time": f"{answer.timings_ms.total:.0f} ms",
    }
    listed = "".join(
        f"<div><dt>{escape(words(f'reading.made_{name}'))}</dt><dd>{bdi(value)}</dd></div>"
        for name, value in rows.items()
    )
    return f'<details class="sb-made"><summary>{escape(words("reading.made"))}</summary><dl>{listed}</dl></details>'

"""The answer's side of the conversation, put together from its parts. Pure: an answer in, escaped HTML out.

Everything that comes from an article, a question or an answer passes `escape`, in text and in attributes, so none of it
can be markup. Ids are made of numbers only.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from rag.answers import CONVERSATION, Answer, Citation, Reading, Sentence
from ui.parts.abstention import render_absent, render_abstention
from ui.parts.confidence import render_confidence
from ui.parts.notices import in_language
from ui.parts.origin import act
from ui.parts.positions import render_positions
from ui.parts.sentence import render_sentence, render_why
from ui.parts.timeline import is_timeline, render_timeline
from ui.parts.written import provenance, stop_note, stopped_early, who_wrote
from ui.words import Words

if TYPE_CHECKING:
    from rag.retrieve import Passage


def render_answer(answer: Answer, turn: int, words: Words, nearest: Sequence[Passage] = ()) -> str:
    """Sentences with marks and verdicts, or what is not in the corpus.

    Args:
        answer: the whole answer.
        turn: its number in the conversation, part of every id.
        words: the reader's language.
        nearest: of an abstention, the passages that come closest, best first.

    Raises:
        SourceboundError: when a sentence points to a citation that the answer does not have.
    """
    if answer.provenance.answerer == CONVERSATION:
        return f'<p class="sb-plain" dir="auto">{escape(in_language(answer.text, words))}</p>'
    below = who_wrote(answer, words) + _below(answer, turn, words)
    if stopped_early(answer):
        return stop_note(answer, words) + below
    understood = _understood(answer, turn, words)
    if answer.status == "abstained":
        return understood + _abstained(answer, turn, words, nearest) + below
    stopped = stop_note(answer, words)
    said = _sentences(answer, turn, words)
    # What was shown while the answer grew stays where it is, so that nothing comes before it.
    first = [said, stopped, understood] if answer.provenance.writing else [understood, said]
    missing = render_absent(answer.missing, words) if answer.missing and not stopped else ""
    return "".join([*first, render_positions(answer, turn, words), missing, below, render_why(words)])


def render_growing(sentences: Sequence[Sentence], citations: Sequence[Citation], turn: int, words: Words) -> str:
    """The sentences so far of an answer that a language model writes; each looks as it will in the whole answer.

    Args:
        sentences: at least one.
        citations: at least those that the sentences point to.
        turn: number of the answer in the conversation.
        words: the reader's language.

    Raises:
        SourceboundError: when a sentence points to a citation that is not there.
    """
    return "".join(
        render_sentence(sentence, citations, (turn, place), words, apart=True)
        for place, sentence in enumerate(sentences)
    )


def question_actions(turn: int, words: Words, within: str = "") -> str:
    """What a reader can do with a question that was asked, below its filters (as `ui.outline.limits` tells them)."""
    told = escape(words("asking.filters_on", what=within))
    note = f'<p class="sb-note" dir="auto">{told}</p>' if within else ""
    return f'{note}<span class="sb-actions">{act("edit", turn, words)}</span>'


def spoken(answer: Answer, words: Words) -> str:
    """One escaped line for a screen reader when the answer arrives."""
    if stopped_early(answer):
        return escape(words("reading.stopped_early"))
    writing = answer.provenance.writing
    before = ""
    if writing and writing.outcome == "stopped":
        before = words("reading.spoken_stopped")
    elif answer.status == "abstained" and answer.provenance.answerer != CONVERSATION:
        before = words("reading.spoken_absent")
    said = answer.text if answer.sentences else in_language(answer.text, words)
    return escape(f"{before} {said}".lstrip())


def _sentences(answer: Answer, turn: int, words: Words) -> str:
    """All sentences: a clear yes or no before the first; as a timeline where each tells of a day."""
    apart = answer.provenance.writing is not None
    yes_no = f"<strong>{escape(words(f'reading.{answer.yes_no}'))}:</strong> " if answer.yes_no else ""
    shown = [
        render_sentence(sentence, answer.citations, (turn, place), words, before="" if place else yes_no, apart=apart)
        for place, sentence in enumerate(answer.sentences)
    ]
    return render_timeline(answer, shown, words) if is_timeline(answer) else "".join(shown)


def _understood(answer: Answer, turn: int, words: Words) -> str:
    """The question as it was understood, and how a model read it, where that is not as it was typed."""
    note = _read_as(answer.reading, words) if answer.reading and answer.reading.by == "model" else ""
    lines = []
    if answer.understood not in ("", answer.question):
        told = f"{escape(words('reading.understood'))} <em>{escape(answer.understood)}</em>"
        lines.append(f"{told} {act('correct', turn, words)}")
    if note:
        lines.append(f"{escape(words('reading.read_as'))} {escape(note)}")
    return "".join(f'<p class="sb-note sb-understood" dir="auto">{line}</p>' for line in lines)


def _read_as(reading: Reading, words: Words) -> str:
    """`Reading.note` in the reader's language."""
    several = [words("reading.asked_as", parts=" / ".join(reading.parts))] if len(reading.parts) > 1 else []
    since = [words("reading.days_since", day=reading.since)] if reading.since else []
    until = [words("reading.days_until", day=reading.until)] if reading.until else []
    return "; ".join(several + since + until)


def _abstained(answer: Answer, turn: int, words: Words, nearest: Sequence[Passage]) -> str:
    """What is not there; with lenient checking also the sentences that are not supported, apart from it."""
    shown = "".join(
        render_sentence(sentence, answer.citations, (turn, place), words)
        for place, sentence in enumerate(answer.sentences)
        if sentence.verdict == "unsupported"
    )
    line = (answer.missing or words("reading.absent_why")) if shown else ""
    absent = render_abstention(answer, turn, words, nearest, line=line)
    if not shown:
        return absent
    return f"{absent}<h3>{escape(words('reading.not_supported'))}</h3>{shown}{render_why(words)}"


def _below(answer: Answer, turn: int, words: Words) -> str:
    """How sure it is, what made it, and what can be done with it."""
    names = ("copy", "link", "retry") if answer.sentences else ("link", "retry")
    early = stopped_early(answer)
    buttons = "".join(act(name, turn, words) for name in (("retry",) if early else names))
    group = escape(words("reading.actions"))
    sure = "" if early else render_confidence(answer, words)
    return (
        f'<footer class="sb-below"><div class="sb-actions" role="group" aria-label="{group}">{buttons}</div>'
        f'<div class="sb-how">{sure}{provenance(answer, words)}</div></footer>'
    )

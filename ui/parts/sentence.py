"""One sentence of an answer: its marks, who says it, the checker's verdict, and two thumbs. Pure.

A mark in answer 3 that cites citation 2 links to `#t3-c2`, the id of the first piece of that citation's highlight in
the evidence; `data-cites` names all of a sentence's, and reading.js lights them up together.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from index.errors import SourceboundError
from rag.answers import Citation, Sentence
from rag.feedback import NOTE, OF_ABSTENTION, OF_SENTENCE, WHOLE
from ui.parts.origin import bdi
from ui.words import Words

_SHAPES = {"supported": "✓", "unsupported": "○", "contradicted": "✕", "not_checked": "?"}
"""For the eye only: each stands beside words, so that nothing depends on colour."""


def cited_by(citations: Sequence[Citation], numbers: Sequence[int]) -> list[Citation]:
    """The citations with these numbers; raises SourceboundError where one is not there."""
    by_number = {cited.number: cited for cited in citations}
    if missing := [number for number in numbers if number not in by_number]:
        msg = f"the answer points to citation {missing[0]}, which it does not have; please report the question"
        raise SourceboundError(msg)
    return [by_number[number] for number in numbers]


def mark_link(cited: Citation, turn: int, words: Words) -> str:
    """The mark of a citation: a link to its highlight, that reading.js makes open the article."""
    label = words("reading.citation", number=cited.number, title=cited.title or cited.source)
    return (
        f'<a class="sb-cite" href="#t{turn}-c{cited.number}" aria-haspopup="dialog" '
        f'aria-label="{escape(label)}">{cited.number}</a>'
    )


def targets(numbers: Sequence[int], turn: int) -> str:
    """The ids of citations' highlights, as in "t3-c1 t3-c2"."""
    return " ".join(f"t{turn}-c{number}" for number in numbers)


def render_sentence(
    sentence: Sentence,
    citations: Sequence[Citation],
    place: tuple[int, int],
    words: Words,
    *,
    before: str = "",
    apart: bool = False,
) -> str:
    """A sentence with all that belongs to it.

    Args:
        sentence: what is shown.
        citations: at least those it points to.
        place: the number of its answer in the conversation, and its own in the answer, from 0.
        words: the reader's language.
        before: HTML.
        apart: whether a sentence of the articles is told from one that a language model wrote.

    Raises:
        SourceboundError: when it points to a citation that is not there.
    """
    turn, number = place
    links = " ".join(mark_link(cited, turn, words) for cited in cited_by(citations, sentence.citations))
    own = apart and not sentence.written
    names = f"sb-claim sb-{sentence.verdict}{' sb-own' if own else ''}"
    about = _about(sentence, words, own=own) + _thumbs(turn, number, words)
    return (
        f'<p class="{names}" data-turn="{turn}" data-sentence="{number}" '
        f'data-cites="{targets(sentence.citations, turn)}" dir="auto">{before}{escape(sentence.text)} '
        f'<span class="sb-cites">{links}</span> <span class="sb-about">{about}</span></p>'
    )


def _about(sentence: Sentence, words: Words, *, own: bool) -> str:
    verdict = escape(words(f"reading.verdict_{sentence.verdict}"))
    parts = [f'<span class="sb-verdict"><span aria-hidden="true">{_SHAPES[sentence.verdict]}</span> {verdict}</span>']
    if sentence.reason:
        parts.append(f'<span class="sb-reason">{bdi(sentence.reason)}</span>')
    if sentence.speech:
        speaker = bdi(sentence.speaker or words("reading.somebody"))
        parts.append(f'<span class="sb-speaker">{escape(words(f"reading.speech_{sentence.speech}"))} {speaker}</span>')
    if own:
        shape = '<span aria-hidden="true">❝</span>'
        parts.append(f'<span class="sb-whose">{shape} {escape(words("reading.own"))}</span>')
    return " ".join(parts)


def render_right(turn: int, words: Words) -> str:
    """Below an abstention: was it right to answer nothing? Two thumbs, as beside a sentence."""
    ask = escape(words("reading.right"))
    thumbs = _thumbs(turn, WHOLE, words)
    return f'<p class="sb-right" data-turn="{turn}" data-sentence="{WHOLE}"><span>{ask}</span>{thumbs}</p>'


def _thumbs(turn: int, number: int, words: Words) -> str:
    """Up is sent at once; down opens the form of `render_why` first. The one that is pressed brings the thanks.

    To press it again takes it back.
    """
    at = f'data-turn="{turn}" data-sentence="{number}"'
    keys = ("right_up", "right_down", "right") if number == WHOLE else ("up", "down", "rate")
    up, down, group = (escape(words(f"reading.{key}", number=number + 1)) for key in keys)
    return (
        f' <span class="sb-rate" role="group" aria-label="{group}">'
        f'<button type="button" class="sb-act sb-up" data-act="up" {at} aria-pressed="false" '
        f'aria-label="{up}"></button>'
        f'<button type="button" class="sb-act sb-down" data-act="down" {at} aria-pressed="false" aria-expanded="false" '
        f'aria-label="{down}"></button><span class="sb-thanks">{escape(words("reading.thanks"))}</span></span>'
    )


def render_why(words: Words, *, whole: bool = False) -> str:
    """The form that asks what is wrong with a sentence: one an answer, hidden, shown by reading.js below the sentence.

    reading.js puts the sentence's place, the reason (see `rag.feedback.Remark`) and the line on the button that sends
    it, as `data-turn`, `data-sentence`, `data-reason` and `data-note`.

    Args:
        words: the reader's language.
        whole: what is wrong with an abstention, instead.
    """
    choices = "".join(
        f'<label><input type="radio" name="sb-choice" value="{reason}"> '
        f"{escape(words(f'reading.why_{reason}'))}</label>"
        for reason in (OF_ABSTENTION if whole else OF_SENTENCE)
    )
    line = escape(words("reading.why_line"))
    return (
        f'<div class="sb-why{" sb-why-whole" if whole else ""}" hidden><form>'
        f"<fieldset><legend>{escape(words('reading.why'))}</legend>{choices}</fieldset>"
        f'<input type="text" class="sb-line" maxlength="{NOTE}" dir="auto" aria-label="{line}" placeholder="{line}">'
        f'<span class="sb-buttons"><button type="button" class="sb-act sb-send" data-act="down" data-reason="" '
        f'data-note="">{escape(words("reading.send"))}</button>'
        f'<button type="button" class="sb-cancel">{escape(words("reading.cancel"))}</button></span></form></div>'
    )

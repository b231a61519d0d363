"""What is not in the corpus: what was looked for, what comes closest and does not answer, what to try. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from index.sparse import terms
from rag.answers import Answer
from ui.parts.notices import in_language
from ui.parts.origin import act, address, origin
from ui.parts.sentence import render_right, render_why
from ui.words import Words

if TYPE_CHECKING:
    from rag.retrieve import Passage

_MOST_NEAREST = 3
_LONGEST = 300  # characters of a passage that is shown
_MOST_TIPS = 3
_SEVERAL = re.compile(r"\?.*\?|\b(?:and|y|e) (?:wh|how|qu|cu|d[oó]nde)", re.IGNORECASE | re.DOTALL)


def render_absent(line: str, words: Words) -> str:
    """A part of the question that is not in the corpus, below the part that is."""
    heading = escape(words("reading.absent"))
    return (
        f'<section class="sb-absent sb-part"><h3><span aria-hidden="true">∅</span> {heading}</h3>'
        f'<p dir="auto">{escape(in_language(line, words))}</p></section>'
    )


def render_abstention(answer: Answer, turn: int, words: Words, nearest: Sequence[Passage] = (), line: str = "") -> str:
    """The whole of an abstention. Nothing in it is marked, numbered or given a verdict.

    Args:
        answer: the abstention.
        turn: its number in the conversation.
        words: the reader's language.
        nearest: passages, best first; the first three are shown, as what does not answer.
        line: what is said instead of the answer's text.
    """
    looked = answer.understood or answer.question
    said = in_language(line or answer.text, words)
    missing = in_language(answer.missing or "", words)
    rows = {"looked_for": looked, "missing": "" if missing in said else missing}
    listed = "".join(
        f'<div><dt>{escape(words(f"reading.{key}"))}</dt><dd dir="auto">{escape(told)}</dd></div>'
        for key, told in rows.items()
        if told
    )
    heading = escape(words("reading.absent"))
    return (
        f'<section class="sb-absent"><h3><span aria-hidden="true">∅</span> {heading}</h3>'
        f'<p dir="auto">{escape(said)}</p><dl>{listed}</dl>{_tips(answer, turn, words, nearest)}'
        f"{render_right(turn, words)}</section>{_nearest(nearest, looked, words)}{render_why(words, whole=True)}"
    )


def _nearest(passages: Sequence[Passage], question: str, words: Words) -> str:
    if not passages:
        return ""
    items = "".join(_near(found, question, words) for found in passages[:_MOST_NEAREST])
    return (
        f'<section class="sb-nearest"><h3>{escape(words("reading.nearest"))}</h3>'
        f'<p class="sb-note">{escape(words("reading.nearest_note"))}</p><ul>{items}</ul></section>'
    )


def _near(found: Passage, question: str, words: Words) -> str:
    article = found.article
    link = escape(address(article.id, (), words))
    return (
        f'<li><p class="sb-near-of"><a class="sb-read" href="{link}" aria-haspopup="dialog" dir="auto">'
        f"{escape(article.title or article.source)}</a> "
        f"<span>{origin(article.outlet, article.published, words)}</span></p>"
        f'<p class="sb-near-text" dir="auto">{escape(_glimpse(found.chunk.text, question))}</p></li>'
    )


def _glimpse(text: str, question: str) -> str:
    """At most 300 characters of a passage: from the sentence after which most words of the question come."""
    wanted = set(terms(question))
    starts = [0, *(found.end() for found in re.finditer(r"[.!?]\s+|\n+", text))]
    start = max(starts, key=lambda at: (len(wanted & set(terms(text[at : at + _LONGEST]))), -at))
    shown = text[start : start + _LONGEST]
    if start + _LONGEST < len(text):
        shown = (shown[: _LONGEST - 2].rsplit(None, 1) or [""])[0] + " …"
    return ("… " if start else "") + " ".join(shown.split())


def _tips(answer: Answer, turn: int, words: Words, nearest: Sequence[Passage]) -> str:
    """What may help in this case, the likeliest first."""
    question = answer.understood or answer.question
    reading = answer.reading
    dates = reading is not None and (reading.since or reading.until)
    cases = {
        "try_filters": answer.within or dates,
        "try_understood": answer.understood not in ("", answer.question),
        "try_one": _SEVERAL.search(question),
        "try_name": not any(word[:1].isupper() for word in question.split()[1:]),
        "try_date": not any(char.isdigit() for char in question),
        "try_words": nearest,
        "try_add": True,
    }
    chosen = [key for key, fits in cases.items() if fits][:_MOST_TIPS]
    button = f" {act('correct', turn, words)}"
    meant = ""
    if answer.suggestion:
        press = (
            f'<button type="button" class="sb-act sb-meant" data-act="meant" data-turn="{turn}" dir="auto">'
            f"{escape(answer.suggestion)}</button>"
        )
        meant = f"<li>{escape(words('reading.try_meant'))} {press}</li>"
        chosen = chosen[: _MOST_TIPS - 1]
    items = meant + "".join(
        f"<li>{escape(words(f'reading.{key}'))}{button if key == 'try_understood' else ''}</li>" for key in chosen
    )
    return f'<h4>{escape(words("reading.try"))}</h4><ul class="sb-tips">{items}</ul>'

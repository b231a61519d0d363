"""The turns of a conversation, each as HTML that grows with its answer. Pure but for what `turn_of` is given."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from index.errors import ModelCallError, SourceboundError
from rag.answers import CONVERSATION, Answer, Citation, Sentence
from ui.asking import line_of
from ui.render import render_answer, render_evidence, render_growing, render_sources, spoken

if TYPE_CHECKING:
    from index.articles import Article
    from ui.asking import Corpus, Step

_START = (
    '<p class="sb-start">Every sentence of an answer links to the words it rests on. '
    "Enter sends, Shift+Enter makes a new line.</p>"
)
_ALONE = '<button type="button" class="sb-alone" data-press="sb-alone">Answer from the sources alone</button>'
"""page.js presses the page's own button of that id, which no reader sees."""

_NO_EVIDENCE = '<p class="sb-note">No answer, no evidence.</p>'
_READING = "Reading the articles"
_WRITING = "Reading the articles and writing"
_NOT_WRITTEN = "The language model did not write this answer."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with what the page shows of it.

    Attributes:
        number: from 1 in its conversation, part of the ids in both pieces of HTML.
        question: as typed.
        reply, evidence: HTML, escaped where it was made.
        spoken: one escaped line for a screen reader; the same one for as long as the answer grows.
        answered: whether later questions may refer to it.
        alone: whether the sources alone may answer what a language model could not.
    """

    number: int
    question: str
    reply: str
    evidence: str
    spoken: str
    answered: bool = True
    alone: bool = False


def render_conversation(turns: Sequence[Turn]) -> str:
    """All turns, oldest first. page.js tells a screen reader what the newest one has to say, when that changes."""
    items = "".join(
        f'<li class="sb-turn" id="t{turn.number}" tabindex="-1" data-spoken="{turn.spoken}">'
        f'<div class="sb-question"><h2 class="sb-hidden">Question {turn.number}</h2>'
        f'<p dir="auto">{escape(turn.question)}</p></div>'
        f'<div class="sb-reply">{turn.reply}{_ALONE if turn.alone and turn is turns[-1] else ""}</div></li>'
        for turn in turns
    )
    return f'<section aria-label="Conversation">{"" if turns else _START}<ol class="sb-turns">{items}</ol></section>'


def render_panel(turns: Sequence[Turn], about: str = "") -> str:
    """The evidence of every turn; the newest is shown, page.js shows another when one of its marks is clicked."""
    sections = "".join(
        f'<section class="sb-evidence" id="t{turn.number}-evidence" aria-label="Evidence for question {turn.number}"'
        f"{'' if turn is turns[-1] else ' hidden'}>"
        f'<p class="sb-for"><a href="#t{turn.number}">Question {turn.number}</a> '
        f'<span dir="auto">{escape(turn.question)}</span></p>{turn.evidence}</section>'
        for turn in turns
    )
    return f'<aside aria-label="Evidence"><h2>Evidence</h2>{sections or about}</aside>'


def describe(articles: Sequence[Article]) -> str:
    """What the corpus holds, shown before the first question."""
    outlets = len({article.outlet for article in articles if article.outlet})
    days = sorted(article.published for article in articles if article.published)
    span = f", dated {' to '.join(dict.fromkeys(map(str, (days[0], days[-1]))))}" if days else ""
    titles = "".join(f'<li dir="auto">{escape(article.title or article.source)}</li>' for article in articles[:12])
    more = f'<li class="sb-note">and {len(articles) - 12} more</li>' if len(articles) > 12 else ""
    counts = f"{len(articles)} article{'s' * (len(articles) != 1)}, {outlets} known outlet{'s' * (outlets != 1)}{span}"
    return f'<p class="sb-note">The corpus: {counts}.</p><ul class="sb-titles">{titles}{more}</ul>'


def begun(question: str, turns: Sequence[Turn], *, writes: bool = False) -> Turn:
    """The next turn of a conversation, before anything is known; `writes` is whether a language model will."""
    number = turns[-1].number + 1 if turns else 1
    busy = _WRITING if writes else _READING
    return Turn(number, question, f'<p class="sb-busy">{busy} …</p>', "", busy)


def grown(turn: Turn, steps: Iterator[Step], corpus: Corpus) -> Iterator[Turn]:
    """The turn with each sentence as it comes, at the end finished. An error becomes one calm line.

    Args:
        turn: as `begun`.
        steps: of the answer.
        corpus: where the cited articles are.
    """
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    articles: dict[str, Article] = {}
    shown = ""
    try:
        for step in steps:
            new = step.citations if isinstance(step, Answer) else step[1]
            articles |= {one: corpus.article(one) for one in {cited.article_id for cited in new} - articles.keys()}
            if isinstance(step, Answer):
                yield _finished(turn, step, articles)
                return
            sentences.append(step[0])
            citations += new
            shown = render_growing(sentences, citations, turn.number)
            evidence = render_sources(citations, articles, turn.number)
            turn = replace(turn, reply=f'{shown}<p class="sb-busy">Writing …</p>', evidence=evidence)
            yield turn
    except ModelCallError as exc:
        yield replace(_failed(turn, shown, _sentence(line_of(exc)), _NOT_WRITTEN), alone=True)
    except SourceboundError as exc:
        yield _failed(turn, shown, str(exc))
    except Exception:  # noqa: BLE001 - the border of the page: the log keeps the traceback, the reader gets one line
        _log.exception("a question on the page failed")
        yield _failed(turn, shown, "This question could not be answered; the server's log says why.")


def _finished(turn: Turn, answer: Answer, articles: dict[str, Article]) -> Turn:
    reply, evidence = render_answer(answer, turn.number), render_evidence(answer, articles, turn.number)
    asked = answer.provenance.answerer != CONVERSATION
    return Turn(turn.number, turn.question, reply, evidence, spoken(answer), answered=asked)


def _failed(turn: Turn, shown: str, line: str, what: str = "") -> Turn:
    """An error under what was shown before it, which is not taken back."""
    line = escape(line)
    heading = f"<strong>{what}</strong> <span>{line}</span>" if what else line
    reply = f'{shown}<p class="sb-error"><span aria-hidden="true">!</span> {heading}</p>'
    evidence = turn.evidence if shown else _NO_EVIDENCE
    return replace(turn, reply=reply, evidence=evidence, spoken=f"{what} {line}".strip(), answered=False)


def _sentence(line: str) -> str:
    return f"{line[:1].upper()}{line[1:]}."

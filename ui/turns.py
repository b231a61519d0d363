"""The turns of a conversation, each as HTML that grows with its answer. Pure but for what `grown` is given."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from index.errors import ModelCallError, SourceboundError
from rag.answers import CONVERSATION, Answer, Citation, Sentence
from ui.asking import line_of
from ui.outline import limits
from ui.parts.answer import question_actions, render_answer, render_growing, spoken
from ui.parts.evidence import render_evidence, render_sources

if TYPE_CHECKING:
    from index.articles import Article
    from index.store import Store
    from rag.retrieve import Passage
    from ui.asking import Step
    from ui.words import Words

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with what the page shows of it.

    Attributes:
        number: from 1 in its conversation, part of the ids in both pieces of HTML.
        question: as typed.
        actions: HTML, what can be done with the question.
        reply, evidence: HTML, escaped where it was made.
        spoken: one escaped line for a screen reader; the same one for as long as the answer grows.
        answer: None while it is made, and of an error.
        alone: whether the sources alone may answer what a language model could not.
    """

    number: int
    question: str
    actions: str
    reply: str
    evidence: str
    spoken: str
    answer: Answer | None = None
    alone: bool = False

    @property
    def answered(self) -> bool:
        """Whether later questions may refer to it."""
        return self.answer is not None and self.answer.provenance.answerer != CONVERSATION


@dataclass(frozen=True, slots=True)
class Showing:
    """What an answer is shown with.

    Attributes:
        corpus: where the cited articles are.
        words: of the reader's language.
        today: the day that ages of articles count to.
        nearest: what is shown, as no answer, where there is none.
    """

    corpus: Store
    words: Words
    today: date
    nearest: Callable[[Answer], Sequence[Passage]] = lambda _: ()


def begun(question: str, number: int, words: Words, *, writes: bool = False, within: str = "") -> Turn:
    """A turn before anything is known.

    Args:
        question: as typed.
        number: of the turn.
        words: of the reader's language.
        writes: whether a language model will write.
        within: the filters that hold for this question, as `ui.outline.limits` tells them.
    """
    busy = escape(words("asking.reading_writing" if writes else "asking.reading_articles"))
    actions = question_actions(number, words, within)  # from the start: nothing moves when the answer is there
    return Turn(number, question, actions, f'<p class="sb-busy">{busy} …</p>', "", busy)


def grown(turn: Turn, steps: Iterator[Step], showing: Showing) -> Iterator[Turn]:
    """The turn with each sentence as it comes, at the end finished. An error becomes one calm line.

    Args:
        turn: as `begun`.
        steps: of the answer.
        showing: how they are shown.
    """
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    articles: dict[str, Article] = {}
    words = showing.words
    shown = ""
    try:
        for step in steps:
            new = step.citations if isinstance(step, Answer) else step[1]
            articles |= _articles(new, showing.corpus, articles)
            if isinstance(step, Answer):
                yield finished(turn.number, step, showing, articles)
                return
            sentences.append(step[0])
            citations += new
            shown = render_growing(sentences, citations, turn.number, words)
            evidence = render_sources(citations, articles, turn.number, words, showing.today)
            busy = f'<p class="sb-busy">{escape(words("asking.writing"))} …</p>'
            turn = replace(turn, reply=shown + busy, evidence=evidence)
            yield turn
    except ModelCallError as exc:
        what = words("asking.not_written")
        yield replace(_failed(turn, shown, _sentence(line_of(exc)), words, what), alone=True)
    except SourceboundError as exc:
        yield _failed(turn, shown, exc.public, words)
    except Exception:  # noqa: BLE001 - the border of the page: the log keeps the traceback, the reader gets one line
        _log.exception("a question on the page failed")
        yield _failed(turn, shown, words("asking.failed"), words)


def finished(number: int, answer: Answer, showing: Showing, articles: Mapping[str, Article] | None = None) -> Turn:
    """The turn of a whole answer.

    Raises:
        SourceboundError: a citation does not resolve.
    """
    found = _articles(answer.citations, showing.corpus, {}) if articles is None else articles
    words = showing.words
    unanswered = answer.status == "abstained" and answer.provenance.answerer != CONVERSATION
    nearest = _nearest(answer, showing) if unanswered else ()
    reply = render_answer(answer, number, words, nearest)
    evidence = render_evidence(answer, found, number, words, showing.today)
    return Turn(
        number, answer.question, _actions(number, answer, words), reply, evidence, spoken(answer, words), answer
    )


def _nearest(answer: Answer, showing: Showing) -> Sequence[Passage]:
    try:
        return showing.nearest(answer)
    except SourceboundError:  # that there is no answer stands without them
        _log.exception("the nearest passages could not be found")
        return ()


def again(answers: Sequence[Answer], showing: Showing, before: int = 0) -> tuple[Turn, ...]:
    """The turns of answers that were kept; one that cannot be shown any more says so.

    Args:
        answers: oldest first.
        showing: how they are shown; what is nearest to a question without an answer is not looked for anew.
        before: how many came before the first of them.
    """
    known = replace(showing, nearest=lambda _: ())
    return tuple(_again(number, answer, known) for number, answer in enumerate(answers, before + 1))


def _again(number: int, answer: Answer, showing: Showing) -> Turn:
    try:
        return finished(number, answer, showing)
    except SourceboundError as exc:
        words = showing.words
        empty = Turn(number, answer.question, _actions(number, answer, words), "", "", "")
        return _failed(empty, "", exc.public, words, words("asking.not_shown"))


def _actions(number: int, answer: Answer, words: Words) -> str:
    told = answer.within
    return question_actions(number, words, limits(told.since, told.until, told.outlets) if told else "")


def _articles(citations: Sequence[Citation], corpus: Store, known: Mapping[str, Article]) -> dict[str, Article]:
    return {one: corpus.article(one) for one in {cited.article_id for cited in citations} - known.keys()}


def _failed(turn: Turn, shown: str, line: str, words: Words, what: str = "") -> Turn:
    """An error under what was shown before it, which is not taken back."""
    line, what = escape(line), escape(what)
    heading = f"<strong>{what}</strong> <span>{line}</span>" if what else line
    reply = f'{shown}<p class="sb-error"><span aria-hidden="true">!</span> {heading}</p>'
    evidence = turn.evidence if shown else f'<p class="sb-note">{escape(words("asking.no_evidence"))}</p>'
    return replace(turn, reply=reply, evidence=evidence, spoken=f"{what} {line}".strip(), answer=None)


def _sentence(line: str) -> str:
    return f"{line[:1].upper()}{line[1:]}."

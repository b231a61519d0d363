"""The chat page: a conversation, its evidence, and a box to type in. Every piece of HTML is made by `ui.render`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from index.articles import Article
from index.errors import SourceboundError
from rag.answers import CONVERSATION, Answer
from ui.render import render_answer, render_evidence, spoken

if TYPE_CHECKING:
    import gradio as gr

EXAMPLES = (
    "How many tons of cocaine has Colombia seized?",
    "Why did Colombia suspend intelligence sharing with the United States?",
    "Why was Colombia decertified as a partner in the war on drugs?",
)
LONGEST_QUESTION = 2000  # characters; a question, not a document
_KEPT = 20  # turns: the page holds the evidence of each, about 30 kB a turn

_HEADER = (
    "<header><h1>Sourcebound</h1><p>Answers from the articles, each sentence with its source, or none.</p></header>"
)
_START = (
    '<p class="sb-start">Every sentence of an answer links to the words it rests on. '
    "Enter sends, Shift+Enter makes a new line.</p>"
)

_log = logging.getLogger(__name__)


class Corpus(Protocol):
    """What the page and the API need of a store."""

    def article(self, article_id: str) -> Article:
        """The article with this id; raises a SourceboundError when there is none."""
        ...

    def articles(self) -> list[Article]:
        """All articles."""
        ...


Ask = Callable[..., Answer]
"""`ask(question, store=, history=, since=, until=, outlets=)`, as `rag.ask.answer`."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with what the page shows of it.

    Attributes:
        number: from 1 in its conversation, part of the ids in both pieces of HTML.
        question: as typed.
        reply, evidence: HTML, escaped where it was made.
        spoken: one escaped line for a screen reader.
        answered: whether later questions may refer to it.
    """

    number: int
    question: str
    reply: str
    evidence: str
    spoken: str
    answered: bool = True


def render_conversation(turns: Sequence[Turn]) -> str:
    """All turns, oldest first; only the newest answer is announced."""
    announced = turns[-1].spoken if turns else ""
    items = "".join(
        f'<li class="sb-turn" id="t{turn.number}" tabindex="-1">'
        f'<div class="sb-question"><h2 class="sb-hidden">Question {turn.number}</h2>'
        f'<p dir="auto">{escape(turn.question)}</p></div><div class="sb-reply">{turn.reply}</div></li>'
        for turn in turns
    )
    return (
        f'<p class="sb-hidden" role="status" aria-live="polite">{announced}</p>'
        f'<section aria-label="Conversation">{"" if turns else _START}<ol class="sb-turns">{items}</ol></section>'
    )


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


def reply_to(question: str, turns: Sequence[Turn], ask: Callable[..., Answer], corpus: Corpus) -> Turn:
    """One finished turn: ask, fetch the cited articles, render. An error becomes one calm line, never an answer.

    Args:
        question: as typed.
        turns: the earlier ones of the conversation.
        ask: takes the question, `store` and `history`.
        corpus: as the store.
    """
    number = _next_number(turns)
    history = [turn.question for turn in turns if turn.answered]
    try:
        answer = ask(question, store=corpus, history=history)
        articles = {cited.article_id: corpus.article(cited.article_id) for cited in answer.citations}
        reply, evidence = render_answer(answer, number), render_evidence(answer, articles, number)
    except SourceboundError as exc:
        return _failed(number, question, str(exc))
    except Exception:  # noqa: BLE001 - the border of the page: the log keeps the traceback, the reader gets one line
        _log.exception("a question on the page failed")
        return _failed(number, question, "This question could not be answered; the server's log says why.")
    asked = answer.provenance.answerer != CONVERSATION
    return Turn(number, question, reply, evidence, spoken(answer), answered=asked)


def _next_number(turns: Sequence[Turn]) -> int:
    return turns[-1].number + 1 if turns else 1


def _failed(number: int, question: str, line: str) -> Turn:
    line = escape(line)
    reply = f'<p class="sb-error"><span aria-hidden="true">!</span> {line}</p>'
    return Turn(number, question, reply, '<p class="sb-note">No answer, no evidence.</p>', line, answered=False)


def build_page(ask: Ask, corpus: Corpus, examples: Sequence[str] = EXAMPLES) -> gr.Blocks:
    """The Gradio page. What a reader asked is kept in their own session only.

    Args:
        ask: as `rag.ask.answer`.
        corpus: as the store.
        examples: questions to click before the first one is asked.
    """
    import gradio as gr

    articles = corpus.articles()
    about = describe(articles)
    html = partial(gr.HTML, js_on_load=None, apply_default_css=False)
    with gr.Blocks(title="Sourcebound", analytics_enabled=False, fill_width=True) as page:
        turns = gr.State(())
        with gr.Row(elem_id="sb-page"):
            with gr.Column(elem_id="sb-chat", scale=6, min_width=280):
                html(_HEADER, elem_id="sb-head")
                chat = html(render_conversation([]), elem_id="sb-conversation")
                with gr.Column(elem_id="sb-examples") as offered:
                    buttons = [gr.Button(text, elem_classes="sb-example", size="sm") for text in examples]
                box, send = _composer()
                with gr.Row(elem_id="sb-more"):
                    filters = _filters(sorted({article.outlet for article in articles if article.outlet}))
                    again = gr.Button("New conversation", size="sm", visible=False, min_width=120, elem_id="sb-new")
            with gr.Column(elem_id="sb-side", scale=5, min_width=280):
                panel = html(render_panel([], about), elem_id="sb-panel")
        shown = [chat, panel, turns, send, offered, again]
        options: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_id": "ask"}
        respond = partial(_respond, ask, corpus)
        gr.on([box.submit, send.click], respond, [box, turns, *filters], [*shown, box], **options)
        for text, button in zip(examples, buttons, strict=True):
            button.click(partial(respond, text), [turns, *filters], [*shown, box], **options)
        again.click(partial(_restart, about), None, shown, show_progress="hidden", api_visibility="private")
    return page


def _composer() -> tuple[gr.Textbox, gr.Button]:
    import gradio as gr

    with gr.Row(elem_id="sb-composer"):
        box = gr.Textbox(
            label="Your question",
            placeholder="Ask about the articles",
            lines=1,
            max_lines=6,
            max_length=LONGEST_QUESTION,
            autofocus=True,
            container=False,
            scale=8,
            elem_id="sb-box",
        )
        return box, gr.Button("Ask", variant="primary", scale=1, min_width=96, elem_id="sb-send")


def _filters(outlets: Sequence[str]) -> list[Any]:
    import gradio as gr

    with gr.Accordion("Only some articles", open=False, elem_id="sb-filters"):
        since = gr.Textbox(label="Since (YYYY-MM-DD)", max_length=10)
        until = gr.Textbox(label="Until (YYYY-MM-DD)", max_length=10)
        return [since, until, gr.Dropdown(outlets, label="Outlets", multiselect=True, visible=bool(outlets))]


def _respond(
    ask: Ask,
    corpus: Corpus,
    question: str,
    turns: tuple[Turn, ...],
    since: str | None,
    until: str | None,
    outlets: list[str] | None,
) -> Iterator[list[Any]]:
    """Two steps, each the new values of chat, panel, turns, send, offered, again and box: busy, then the answer."""
    import gradio as gr

    question = question.strip()[:LONGEST_QUESTION]
    if not question:
        yield [gr.skip()] * 7
        return
    busy = Turn(
        _next_number(turns), question, '<p class="sb-busy">Reading the articles …</p>', "", "Reading the articles"
    )
    hidden, off = gr.update(visible=False), gr.update(interactive=False, value="Reading …")
    yield [render_conversation([*turns, busy]), gr.skip(), gr.skip(), off, hidden, hidden, ""]
    limited = partial(ask, since=_given(since), until=_given(until), outlets=tuple(outlets or ()))
    turns = (*turns, reply_to(question, turns, limited, corpus))[-_KEPT:]
    on = gr.update(interactive=True, value="Ask")
    yield [render_conversation(turns), render_panel(turns), turns, on, hidden, gr.update(visible=True), gr.skip()]


def _given(text: str | None) -> str | None:
    return (text or "").strip() or None


def _restart(about: str) -> list[Any]:
    import gradio as gr

    offered, again = gr.update(visible=True), gr.update(visible=False)
    return [render_conversation([]), render_panel([], about), (), gr.skip(), offered, again]

"""The chat page: a conversation, its evidence, and a box to type in. Every piece of HTML is made by `ui.render`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from index.articles import Article
from index.errors import QuestionError, SourceboundError
from rag.answers import Answer
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

_HEADER = "<header><h1>Sourcebound</h1><p>Answers from the articles, each sentence with its source, or none.</p></header>"

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


def parse_day(text: str | None, name: str) -> date | None:
    """A day from "2026-03-10", None from nothing.

    Raises:
        QuestionError: for anything else; `name` says which field it was.
    """
    if not text or not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as exc:
        msg = f"{name} is {text.strip()!r}; write it as YEAR-MONTH-DAY, like 2026-03-10"
        raise QuestionError(msg) from exc


def render_conversation(turns: Sequence[Turn]) -> str:
    """All turns, oldest first; only the newest answer is announced."""
    announced = turns[-1].spoken if turns else ""
    items = "".join(
        f'<li class="sb-turn" id="t{turn.number}" tabindex="-1">'
        f'<div class="sb-question"><h2 class="sb-hidden">Question {turn.number}</h2>'
        f'<p dir="auto">{escape(turn.question)}</p></div><div class="sb-reply">{turn.reply}</div></li>'
        for turn in turns
    )
    start = '<p class="sb-start">Ask about the articles. Every sentence of an answer shows where it stands.</p>'
    return (
        f'<p class="sb-hidden" role="status" aria-live="polite">{announced}</p>'
        f'<section aria-label="Conversation">{"" if turns else start}<ol class="sb-turns">{items}</ol></section>'
    )


def render_panel(turns: Sequence[Turn], about: str) -> str:
    """The evidence of every turn; the newest is shown, page.js shows another when one of its marks is clicked."""
    sections = "".join(
        f'<section class="sb-evidence" id="t{turn.number}-evidence" aria-label="Evidence for question {turn.number}"'
        f'{"" if turn is turns[-1] else " hidden"}>'
        f'<p class="sb-for"><a href="#t{turn.number}">Question {turn.number}</a> '
        f'<span dir="auto">{escape(turn.question)}</span></p>{turn.evidence}</section>'
        for turn in turns
    )
    return f'<aside aria-label="Evidence"><h2>Evidence</h2>{sections or about}</aside>'


def describe(articles: Sequence[Article]) -> str:
    """What the corpus holds, shown before the first question."""
    outlets = len({article.outlet for article in articles if article.outlet})
    days = sorted(article.published for article in articles if article.published)
    span = f", dated {days[0]} to {days[-1]}" if days else ""
    titles = "".join(f'<li dir="auto">{escape(article.title or article.source)}</li>' for article in articles[:12])
    more = f'<li class="sb-note">and {len(articles) - 12} more</li>' if len(articles) > 12 else ""
    counts = f"{len(articles)} article{'s' * (len(articles) != 1)}, {outlets} known outlet{'s' * (outlets != 1)}{span}"
    return f'<p class="sb-note">The corpus: {counts}.</p><ul class="sb-titles">{titles}{more}</ul>'


def reply_to(question: str, turns: Sequence[Turn], ask: Ask, corpus: Corpus, **filters: Any) -> Turn:
    """One finished turn: ask, fetch the cited articles, render. An error becomes one calm line, never an answer."""
    number = turns[-1].number + 1 if turns else 1
    history = [turn.question for turn in turns if turn.answered]
    try:
        days = {name: parse_day(filters[name], name) for name in ("since", "until")}
        outlets = list(filters["outlets"] or []) or None
        answer = ask(question, store=corpus, history=history, outlets=outlets, **days)
        articles = {cited.article_id: corpus.article(cited.article_id) for cited in answer.citations}
        reply, evidence = render_answer(answer, number), render_evidence(answer, articles, number)
    except SourceboundError as exc:
        return _failed(number, question, str(exc))
    except Exception:  # noqa: BLE001 - the border of the page: the log keeps the traceback, the reader gets one line
        _log.exception("a question on the page failed")
        return _failed(number, question, "This question could not be answered; the server's log says why.")
    return Turn(number, question, reply, evidence, spoken(answer))


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

    known = corpus.articles()
    about = describe(known)
    outlets = sorted({article.outlet for article in known if article.outlet})

    def respond(question: str, turns: tuple[Turn, ...], since: str, until: str, chosen: list[str]) -> Iterator[Any]:
        question = (question or "").strip()[:LONGEST_QUESTION]
        if not question:
            yield gr.skip(), gr.skip(), turns, gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        number = turns[-1].number + 1 if turns else 1
        busy = Turn(number, question, '<p class="sb-busy">Reading the articles …</p>', "", "Reading the articles")
        hidden, off = gr.update(visible=False), gr.update(interactive=False, value="Reading …")
        yield render_conversation([*turns, busy]), gr.skip(), turns, "", off, hidden, hidden
        turns = (*turns, reply_to(question, turns, ask, corpus, since=since, until=until, outlets=chosen))[-_KEPT:]
        on = gr.update(interactive=True, value="Ask")
        yield render_conversation(turns), render_panel(turns, about), turns, "", on, hidden, gr.update(visible=True)

    def restart() -> tuple[Any, ...]:
        shown = gr.update(visible=True), gr.update(visible=False)
        return render_conversation([]), render_panel([], about), (), "", gr.update(), *shown

    html = partial(gr.HTML, js_on_load=None, apply_default_css=False)
    with gr.Blocks(title="Sourcebound", analytics_enabled=False, fill_width=True) as page:
        turns = gr.State(())
        with gr.Row(elem_id="sb-page"):
            with gr.Column(elem_id="sb-chat", scale=6, min_width=280):
                html(_HEADER, elem_id="sb-head")
                chat = html(render_conversation([]), elem_id="sb-conversation")
                with gr.Column(elem_id="sb-examples") as offered:
                    buttons = [gr.Button(text, elem_classes="sb-example", size="sm") for text in examples]
                with gr.Row(elem_id="sb-composer"):
                    box = gr.Textbox(
                        label="Your question",
                        placeholder="Your question. Enter sends, Shift+Enter makes a line.",
                        lines=1,
                        max_lines=6,
                        max_length=LONGEST_QUESTION,
                        autofocus=True,
                        container=False,
                        scale=8,
                        elem_id="sb-box",
                    )
                    send = gr.Button("Ask", variant="primary", scale=1, min_width=96, elem_id="sb-send")
                with gr.Row(elem_id="sb-more"):
                    with gr.Accordion("Only some articles", open=False, elem_id="sb-filters"):
                        since = gr.Textbox(label="Since (YYYY-MM-DD)", max_length=10)
                        until = gr.Textbox(label="Until (YYYY-MM-DD)", max_length=10)
                        chosen = gr.Dropdown(outlets, label="Outlets", multiselect=True, visible=bool(outlets))
                    again = gr.Button("New conversation", size="sm", visible=False, min_width=120, elem_id="sb-new")
            with gr.Column(elem_id="sb-side", scale=5, min_width=280):
                panel = html(render_panel([], about), elem_id="sb-panel")
        outputs = [chat, panel, turns, box, send, offered, again]
        options: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_id": "ask"}
        gr.on([box.submit, send.click], respond, [box, turns, since, until, chosen], outputs, **options)
        for text, button in zip(examples, buttons, strict=True):
            asked = partial(respond, text)
            button.click(asked, [turns, since, until, chosen], outputs, **options)
        again.click(restart, None, outputs, show_progress="hidden", api_visibility="private")
    return page

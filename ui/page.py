"""The chat page: a conversation, its evidence, and a box to type in. Every piece of HTML is made by `ui.turns`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any

from ui.asking import Ask, Corpus, Stops
from ui.turns import Turn, begun, describe, grown, render_conversation, render_panel

if TYPE_CHECKING:
    import gradio as gr

EXAMPLES = (
    "How many tons of cocaine has Colombia seized?",
    "Why did Colombia suspend intelligence sharing with the United States?",
    "Why was Colombia decertified as a partner in the war on drugs?",
)
LONGEST_QUESTION = 2000  # characters; a question, not a document
_KEPT = 20  # turns: the page holds the evidence of each, about 30 kB a turn
_AT_ONCE = 20  # answers on all pages together; each holds one of the server's 40 threads

_HEADER = (
    "<header><h1>Sourcebound</h1><p>Answers from the articles, each sentence with its source, or none.</p></header>"
    '<p class="sb-hidden" id="sb-status" role="status" aria-live="polite"></p>'
)

Shown = dict[Any, Any]
"""The new values of the page's components, by component; what is not in it stays."""


@dataclass(frozen=True, slots=True)
class _Page:
    """The components that change.

    Attributes:
        chat, panel: HTML.
        turns: the conversation, kept for this reader alone.
        box, send, stop: what a question is typed into, sent with, and ended with.
        offered: the examples.
        again: starts a new conversation.
    """

    chat: gr.HTML
    panel: gr.HTML
    turns: gr.State
    box: gr.Textbox
    send: gr.Button
    stop: gr.Button
    offered: gr.Column
    again: gr.Button


def build_page(ask: Ask, corpus: Corpus, examples: Sequence[str] = EXAMPLES, *, writes: bool = False) -> gr.Blocks:
    """The Gradio page. What a reader asked is kept in their own session only.

    Args:
        ask: as `ui.asking.asking` makes it.
        corpus: as the store.
        examples: questions to click before the first one is asked.
        writes: whether a language model writes: then sentences show as they come, and can be stopped.
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
                alone = gr.Button(visible="hidden", elem_id="sb-alone")  # pressed from within the conversation
                box, send, stop = _composer()
                with gr.Row(elem_id="sb-more"):
                    filters = _filters(sorted({article.outlet for article in articles if article.outlet}))
                    again = gr.Button("New conversation", size="sm", visible=False, min_width=120, elem_id="sb-new")
            with gr.Column(elem_id="sb-side", scale=5, min_width=280):
                panel = html(render_panel([], about), elem_id="sb-panel")
        shown = _Page(chat, panel, turns, box, send, stop, offered, again)
        stops = Stops()
        respond = partial(_respond, shown, ask, corpus, stops, writes=writes)
        outputs = [getattr(shown, field.name) for field in fields(shown)]
        options: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        asks = {**options, "outputs": outputs, "concurrency_id": "ask", "concurrency_limit": _AT_ONCE}
        gr.on([box.submit, send.click], _of_session(respond), [box, turns, *filters], **asks)
        for text, button in zip(examples, buttons, strict=True):
            button.click(_of_session(partial(respond, example=text)), [box, turns, *filters], **asks)
        alone.click(_of_session(partial(respond, extractive=True)), [box, turns, *filters], **asks)
        again.click(partial(_restart, shown, about), None, outputs, **options)
        end = _ending(stops)
        stop.click(end, **options, concurrency_limit=None)
        stop.click(lambda: gr.update(interactive=False, value="Stopping …"), None, stop, **options)
        page.unload(end)
    return page


def _of_session(function: Callable[..., Iterator[Shown]]) -> Callable[..., Iterator[Shown]]:
    """A function of a session's id and inputs, as Gradio calls it: with the request, known by its annotation alone."""
    import gradio as gr

    def called(request: gr.Request, *inputs: object) -> Iterator[Shown]:
        yield from function(request.session_hash, *inputs)

    called.__annotations__ = {"request": gr.Request}
    return called


def _ending(stops: Stops) -> Callable[[gr.Request], None]:
    """What ends this reader's answer and no other's, and the call of the model with it."""
    import gradio as gr

    def end(request: gr.Request) -> None:
        stops.end(str(request.session_hash))

    end.__annotations__ = {"request": gr.Request}
    return end


def _composer() -> tuple[gr.Textbox, gr.Button, gr.Button]:
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
        send = gr.Button("Ask", variant="primary", scale=1, min_width=96, elem_id="sb-send")
        return box, send, gr.Button("■ Stop", scale=1, min_width=96, visible=False, elem_id="sb-stop")


def _filters(outlets: Sequence[str]) -> list[Any]:
    import gradio as gr

    with gr.Accordion("Only some articles", open=False, elem_id="sb-filters"):
        since = gr.Textbox(label="Since (YYYY-MM-DD)", max_length=10)
        until = gr.Textbox(label="Until (YYYY-MM-DD)", max_length=10)
        return [since, until, gr.Dropdown(outlets, label="Outlets", multiselect=True, visible=bool(outlets))]


def _respond(
    page: _Page,
    ask: Ask,
    corpus: Corpus,
    stops: Stops,
    session: str,
    typed: str,
    turns: tuple[Turn, ...],
    since: str | None,
    until: str | None,
    outlets: list[str] | None,
    *,
    writes: bool,
    example: str = "",
    extractive: bool = False,
) -> Iterator[Shown]:
    """The page while an answer is made: busy, then its sentences where a model writes them, then the whole answer.

    `extractive` asks the last question again, in the place of its failure.
    """
    import gradio as gr

    question = turns[-1].question if extractive and turns else (example or typed).strip()[:LONGEST_QUESTION]
    turns = turns[:-1] if extractive else turns
    with stops.answering(session) as stop:
        if not question or stop is None:
            yield {page.box: gr.skip()}
            return
        live = writes and not extractive
        turn = begun(question, turns, writes=live)
        yield _busy(page, [*turns, turn], live=live) | ({} if extractive else {page.box: ""})
        options = {"since": _given(since), "until": _given(until), "outlets": tuple(outlets or ())}
        history = [turn.question for turn in turns if turn.answered]
        steps = ask(question, store=corpus, stop=stop, extractive=extractive, history=history, **options)
        for turn in grown(turn, steps, corpus):  # noqa: B020 - each is the same turn, further on
            if live:
                yield {page.chat: render_conversation([*turns, turn]), page.panel: render_panel([*turns, turn])}
    turns = (*turns, turn)[-_KEPT:]
    yield {
        page.chat: render_conversation(turns),
        page.panel: render_panel(turns),
        page.turns: turns,
        page.send: gr.update(visible=True, interactive=True, value="Ask"),
        page.stop: gr.update(visible=False),
        page.again: gr.update(visible=True),
    }


def _busy(page: _Page, turns: Sequence[Turn], *, live: bool) -> Shown:
    """While an answer is made; one that a model writes can be stopped."""
    import gradio as gr

    hidden = gr.update(visible=False)
    return {
        page.chat: render_conversation(turns),
        **dict.fromkeys((page.offered, page.again), hidden),
        page.send: hidden if live else gr.update(interactive=False, value="Reading …"),
        page.stop: gr.update(visible=live, interactive=True, value="■ Stop"),
    }


def _given(text: str | None) -> str | None:
    return (text or "").strip() or None


def _restart(page: _Page, about: str) -> Shown:
    import gradio as gr

    return {
        page.chat: render_conversation([]),
        page.panel: render_panel([], about),
        page.turns: (),
        page.offered: gr.update(visible=True),
        page.again: gr.update(visible=False),
    }

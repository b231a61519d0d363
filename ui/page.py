"""The page: what stands where, and which event calls what of `ui.answering` and `ui.acts`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from ui.acts import Acts
from ui.answering import Answering, Chosen
from ui.asking import Stops
from ui.limits import LONGEST_QUESTION
from ui.parts import article_tab, quality
from ui.parts.conversation import render_conversation, render_panel, render_past, render_start, render_tools
from ui.people import person_of
from ui.session import Reader, Session
from ui.words import Words

if TYPE_CHECKING:
    import gradio as gr
    from starlette.requests import Request

    from ui.desk import Desk

AT_ONCE = 20
"""Answers that are made at the same time on the pages of one language."""
_MORE = 12  # threads for what is quick
_SESSIONS = 500
"""Of one language, kept by Gradio: one that is over holds its last page, some hundred kB, until it falls out."""

# A press of a button inside an answer, as one of two events: those that ask, and those that are done at once.
_PRESSES = """
element.addEventListener("sb-press", event => {
  const asks = ["example", "retry", "alone", "meant"].includes(event.detail.act);
  trigger(asks ? "submit" : "click", event.detail);
});
"""
_STORED = "() => [window.sourcebound.stored()]"  # what this browser keeps, in the place of the input
_RECEIVE = "told => { window.sourcebound.receive(told); }"
_TAB = 'document.dispatchEvent(new CustomEvent("sourcebound:tab", {{ detail: "{name}" }}))'

Shown = dict[Any, Any]
"""The new values of the page's components, by component; what is not in it stays."""


@dataclass(frozen=True, slots=True)
class Page:
    """The components that change.

    Attributes:
        tools, chat, panel, past, editing, histogram: HTML.
        session: what this reader has open, for them alone.
        box, send, stop: what a question is typed into, sent with, and ended with.
        since, until, outlets: filters.
        again: starts a new conversation.
        told: JSON for asking.js: what to copy, to download, to say.
    """

    tools: gr.HTML
    chat: gr.HTML
    panel: gr.HTML
    past: gr.HTML
    editing: gr.HTML
    histogram: gr.HTML
    session: gr.State
    box: gr.Textbox
    send: gr.Button
    stop: gr.Button
    since: gr.Textbox
    until: gr.Textbox
    outlets: gr.Dropdown
    again: gr.Button
    told: gr.Textbox

    def components(self) -> list[Any]:
        """All of them, as Gradio wants its outputs."""
        return [getattr(self, field.name) for field in fields(self)]


def build_page(desk: Desk, words: Words, *, writes: bool = False) -> gr.Blocks:
    """The Gradio page in one language. What a reader asked is kept in their own session only.

    Args:
        desk: what questions are asked of and with.
        words: of the page's language.
        writes: whether a language model writes: then sentences show as they come, and can be stopped.
    """
    import gradio as gr

    with gr.Blocks(title="Sourcebound", analytics_enabled=False, fill_width=True) as blocks:
        html = partial(gr.HTML, js_on_load=None, apply_default_css=False)
        html(_head(words), elem_id="sb-head")
        tools = html(render_tools(words, ""), elem_id="sb-tools")
        with gr.Tabs(elem_id="sb-tabs"):
            with gr.Tab(words("asking.tab_ask"), id="ask", elem_id="sb-ask-tab"):
                parts = _ask_tab(words)
            tabs = {name: _looked_up(name, words) for name in ("articles", "quality")}
        page = Page(tools=tools, **parts)
        for name, tab in tabs.items():
            tab.select(None, js=f"() => {{ {_TAB.format(name=name)}; }}", api_visibility="private")
        blocks.max_threads = AT_ONCE + _MORE  # of its own: what is looked up has the server's other threads
        blocks.state_session_capacity = _SESSIONS
        stops = Stops()
        _wire(blocks, page, Answering(page, desk, words, stops, writes=writes), Acts(page, desk, words, stops))
    return blocks


def _ask_tab(words: Words) -> dict[str, Any]:
    import gradio as gr

    html = partial(gr.HTML, js_on_load=None, apply_default_css=False)
    pressed = partial(gr.HTML, js_on_load=_PRESSES, apply_default_css=False)
    with gr.Row(elem_id="sb-page"):
        with gr.Column(elem_id="sb-chat", scale=6, min_width=280):
            chat = pressed(render_conversation([], words, render_start((), words)), elem_id="sb-conversation")
            editing = pressed("", elem_id="sb-editing")
            box, send, stop = _composer(words)
            with gr.Row(elem_id="sb-more"):
                with gr.Accordion(words("asking.filters"), open=False, elem_id="sb-filters"):
                    histogram = pressed("", elem_id="sb-dates")
                    since = gr.Textbox(label=words("asking.since"), max_length=10)
                    until = gr.Textbox(label=words("asking.until"), max_length=10)
                    outlets = gr.Dropdown([], label=words("asking.outlets"), multiselect=True)
                again = gr.Button(words("asking.new_conversation"), size="sm", min_width=120, elem_id="sb-new")
                past = pressed(render_past((), "", words, None, any_turn=False), elem_id="sb-past")
        with gr.Column(elem_id="sb-side", scale=5, min_width=280):
            panel = html(render_panel([], words), elem_id="sb-panel")
    session = gr.State(Session())
    told = gr.Textbox(visible="hidden", elem_id="sb-told")
    return {
        "chat": chat, "panel": panel, "past": past, "editing": editing, "histogram": histogram, "session": session,
        "box": box, "send": send, "stop": stop, "since": since, "until": until, "outlets": outlets, "again": again,
        "told": told,
    }  # fmt: skip


def _looked_up(name: str, words: Words) -> gr.Tab:
    """A tab that a script fills from /parts when it is first shown."""
    import gradio as gr

    place = {"articles": article_tab, "quality": quality}[name].render_placeholder(words)
    with gr.Tab(words(f"asking.tab_{name}"), id=name, elem_id=f"sb-{name}-tab") as tab:
        gr.HTML(place, js_on_load=None, apply_default_css=False, elem_classes="sb-tab")
    return tab


def _composer(words: Words) -> tuple[gr.Textbox, gr.Button, gr.Button]:
    import gradio as gr

    with gr.Row(elem_id="sb-composer"):
        box = gr.Textbox(
            label=words("asking.your_question"),
            placeholder=words("asking.placeholder"),
            lines=1,
            max_lines=6,
            max_length=LONGEST_QUESTION,
            container=False,
            scale=8,
            elem_id="sb-box",
        )
        send = gr.Button(words("asking.ask"), variant="primary", scale=1, min_width=96, elem_id="sb-send")
        return box, send, gr.Button(words("asking.stop"), scale=1, min_width=96, visible=False, elem_id="sb-stop")


def _wire(blocks: gr.Blocks, page: Page, answering: Answering, acts: Acts) -> None:
    import gradio as gr

    # None for no limit of Gradio's own, which would be one reader at a time.
    # "multiple": a press that got no answer, as the server was away, does not shut out the next one for ever.
    options: dict[str, Any] = {
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_limit": None,
        "trigger_mode": "multiple",
    }
    all_of_it = {**options, "outputs": page.components()}
    asks = {**all_of_it, "concurrency_id": "ask", "concurrency_limit": AT_ONCE}
    inputs = [page.session, page.since, page.until, page.outlets]
    typed = _event(lambda reader, _, text, *rest: answering.typed(reader, text, *_chosen(*rest)))
    received: dict[str, Any] = {"fn": None, "inputs": page.told, "js": _RECEIVE, "api_visibility": "private"}
    gr.on([page.box.submit, page.send.click], typed, [page.box, *inputs], **asks).then(**received)
    pressed = _event(lambda reader, data, *rest: answering.pressed(reader, data, *_chosen(*rest)))
    page.chat.submit(pressed, inputs, **asks).then(**received)
    for place in (page.chat, page.past, page.editing, page.histogram):
        done = place.click(_event(acts.done, stream=False), [page.session], **all_of_it)
        done.then(**received)
    page.again.click(_event(acts.begun_anew, stream=False), [page.session], **all_of_it)
    opened = blocks.load(_event(acts.opened, stream=False), [page.told], js=_STORED, **all_of_it)
    opened.then(**received)
    page.stop.click(_event(answering.stop, stream=False), None, page.stop, **options)
    blocks.unload(_event(answering.gone, stream=False, data=False))


def _chosen(session: Session, since: str, until: str, outlets: list[str]) -> tuple[Session, Chosen]:
    """The filters of a page; Gradio gives None for a box that was never touched."""
    return session, Chosen((since or "").strip() or None, (until or "").strip() or None, tuple(outlets or ()))


def _event(function: Callable[..., Any], *, stream: bool = True, data: bool = True) -> Callable[..., Any]:
    """A function of (reader, data of the event, *inputs), as Gradio calls it: what it gives is known by annotation."""
    import gradio as gr

    def once(request: gr.Request, event: gr.EventData, *inputs: object) -> Any:  # noqa: ANN401
        return function(_reader(request), _data(event), *inputs)

    def streamed(request: gr.Request, event: gr.EventData, *inputs: object) -> Iterator[Any]:
        yield from function(_reader(request), _data(event), *inputs)

    def bare(request: gr.Request) -> Any:  # noqa: ANN401
        return function(_reader(request))

    called: Callable[..., Any] = (streamed if stream else once) if data else bare
    called.__annotations__ = {"request": gr.Request, **({"event": gr.EventData} if data else {})}
    return called


def _reader(request: gr.Request) -> Reader:
    asked: Request = request.request  # Gradio's own turns what it hands on into JSON
    return Reader(str(request.session_hash), person_of(asked), asked.query_params.get("answer", ""))


def _data(event: gr.EventData) -> dict[str, str]:
    """What a button says of itself; what is not text, as of events of Gradio's own, is left out."""
    found = event._data if isinstance(event._data, dict) else {}  # noqa: SLF001 - there is no other way to it
    return {str(name): value for name, value in found.items() if isinstance(value, str)}


def _head(words: Words) -> str:
    """The page's name, for the eye; what it is, for whoever cannot see the page; and where a screen reader listens."""
    return (
        f'<header><h1>Sourcebound</h1><p class="sb-hidden">{escape(words("asking.tagline"))}</p></header>'
        '<p class="sb-hidden" id="sb-status" role="status" aria-live="polite"></p>'
        f'<p class="sb-said" id="sb-said" role="status" data-close="{escape(words("asking.close"))}" '
        f'data-set="{escape(words("asking.filters_set"))}" hidden></p>'
    )

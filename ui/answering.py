"""The page while an answer is made: what is asked, shown, stopped and kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from index.errors import SourceboundError
from ui import thumbs
from ui.asking import Stops
from ui.outline import limits
from ui.parts.conversation import render_conversation, render_editing, render_panel, render_past
from ui.session import Reader, Session
from ui.told import say
from ui.turns import Showing, Turn, begun, grown

if TYPE_CHECKING:
    from ui.desk import Desk
    from ui.page import Page, Shown
    from ui.words import Words


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters as they are set on the page: days as text, None for no limit; no outlets for all."""

    since: str | None = None
    until: str | None = None
    outlets: tuple[str, ...] = ()


class Answering:
    """Makes answers on one page, for all its readers; each has one made at a time.

    Args:
        page: its components.
        desk: whom to ask.
        words: of the page's language.
        stops: the answers that are being made.
        writes: whether a language model writes.
    """

    def __init__(self, page: Page, desk: Desk, words: Words, stops: Stops, *, writes: bool) -> None:
        self._page = page
        self._desk = desk
        self._words = words
        self._writes = writes
        self._stops = stops

    def typed(self, reader: Reader, text: str, session: Session, chosen: Chosen) -> Iterator[Shown]:
        """Asks what is in the box; nothing where it is empty."""
        question = (text or "").encode(errors="replace").decode().strip()  # half a letter cannot be sent back
        earlier = session.before()
        return self._asked(reader, session, earlier, question, chosen, typed=True)

    def pressed(self, reader: Reader, data: Mapping[str, str], session: Session, chosen: Chosen) -> Iterator[Shown]:
        """Asks an example, what was meant, or the newest question once more: of the same, or of the sources alone."""
        act, newest = data.get("act"), session.turns[-1] if session.turns else None
        if act == "example":
            place = data.get("example", "")
            known = dict(zip(map(str, range(len(session.examples))), session.examples, strict=True))
            question = known.get(place, "")
            return self._asked(reader, session, session.turns, question, chosen)
        if act == "meant":
            turn = session.turn(data.get("turn"))
            question = (turn and turn.answer and turn.answer.suggestion) or ""
            return self._asked(reader, session, session.turns, question, chosen)
        pressed = newest if newest and data.get("turn", str(newest.number)) == str(newest.number) else None
        question = pressed.question if pressed else ""
        return self._asked(reader, session, session.turns[:-1], question, chosen, extractive=act == "alone")

    def _asked(
        self,
        reader: Reader,
        session: Session,
        earlier: Sequence[Turn],
        question: str,
        chosen: Chosen,
        *,
        typed: bool = False,
        extractive: bool = False,
    ) -> Iterator[Shown]:

        page, words = self._page, self._words
        if not session.is_for(reader):  # the server was started anew, or somebody else signed in, under an open page
            yield {page.told: say(expired=True)}
            return
        with self._stops.answering(reader.place) as stop:
            if not question or stop is None:
                yield {page.told: say(words("asking.wait") if question else "")}
                return
            live = self._writes and not extractive
            number = (earlier[-1].number if earlier else len(session.earlier)) + 1
            turn = begun(
                question, number, words, writes=live, within=limits(chosen.since, chosen.until, chosen.outlets)
            )
            yield self._busy([*earlier, turn], live=live) | ({page.box: ""} if typed else {})
            history = [turn.question for turn in earlier if turn.answered]
            filters = {"since": chosen.since, "until": chosen.until, "outlets": chosen.outlets}
            desk = self._desk
            steps = desk.ask(question, store=desk.corpus, stop=stop, extractive=extractive, history=history, **filters)
            showing = Showing(desk.corpus, words, desk.today(), partial(desk.nearest, **filters))
            for turn in grown(turn, steps, showing):  # noqa: B020 - each is the same turn, further on
                if live:
                    yield self._shown([*earlier, turn])
        yield self._done(reader, session.with_turns([*earlier, turn]))

    def _shown(self, turns: Sequence[Turn]) -> Shown:
        return {
            self._page.chat: render_conversation(turns, self._words),
            self._page.panel: render_panel(turns, self._words),
        }

    def _busy(self, turns: Sequence[Turn], *, live: bool) -> Shown:
        """While an answer is made; one that a model writes can be stopped."""
        import gradio as gr

        page, words = self._page, self._words
        hidden = gr.update(visible=False)
        return {
            page.chat: render_conversation(turns, words),
            page.editing: "",
            page.again: gr.update(interactive=False),
            page.send: hidden if live else gr.update(interactive=False, value=words("asking.busy")),
            page.stop: gr.update(visible=live, interactive=True, value=words("asking.stop")),
        }

    def _done(self, reader: Reader, session: Session) -> Shown:
        import gradio as gr

        page, words = self._page, self._words
        given = thumbs.given(self._desk.feedback, reader, session)
        try:
            session, packed = self._desk.shelf.keep(reader.key, session)
            told = say(taken=True, keep=packed, thumbs=given)
        except SourceboundError as exc:  # the answer is there all the same
            told = say(words("asking.not_kept", line=exc.public), thumbs=given)
        any_turn = bool(session.answers())
        return self._shown(session.turns) | {
            page.session: session,
            page.told: told,
            page.past: render_past(session.kept, session.id, words, reader.person.name, any_turn=any_turn),
            page.editing: render_editing(session.editing, 0, words),
            page.send: gr.update(visible=True, interactive=True, value=words("asking.ask")),
            page.stop: gr.update(visible=False),
            page.again: gr.update(interactive=True),
        }

    def stop(self, reader: Reader, _data: Mapping[str, str]) -> Any:  # noqa: ANN401
        """Ends this reader's answer and no other's, and the call of the model with it."""
        import gradio as gr

        self._stops.end(reader.place)
        return gr.update(interactive=False, value=self._words("asking.stopping"))

    def gone(self, reader: Reader) -> None:
        """A reader closed the page: nobody waits for their answer."""
        self._stops.end(reader.place)

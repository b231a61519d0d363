"""What a press of a button does at once: copy, link, edit, judge a sentence, open and delete conversations, export."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from index.errors import SourceboundError
from index.ledger import now
from index.listing import Query
from rag.answers import Within
from ui import export, thumbs
from ui.parts.conversation import (
    describe,
    render_conversation,
    render_editing,
    render_panel,
    render_past,
    render_start,
    render_tools,
)
from ui.parts.histogram import render_histogram
from ui.people import who_part
from ui.session import MOST_TURNS, Reader, Session, new_id
from ui.told import say
from ui.turns import Showing, again

if TYPE_CHECKING:
    from rag.answers import Answer
    from ui.asking import Stops
    from ui.desk import Desk
    from ui.kept import Conversation
    from ui.page import Page, Shown
    from ui.words import Words

_log = logging.getLogger(__name__)

_ANY_TIME = ("copy", "link", "unlink", "up", "down", "unrate", "dates")
"""What may be done while an answer is made: nothing of it changes the conversation."""

_NEWEST = 8  # articles named before the first question


class Acts:
    """The buttons of one page, for all its readers. An act that makes no sense, as of a page gone stale, does nothing.

    Args:
        page: its components.
        desk: what they work with.
        words: of the page's language.
        stops: the answers that are being made: until one is done, nothing else is opened in its place.
    """

    def __init__(self, page: Page, desk: Desk, words: Words, stops: Stops) -> None:
        self._stops = stops
        self._page = page
        self._desk = desk
        self._words = words

    def opened(self, reader: Reader, _data: Mapping[str, str], stored: object) -> Shown:
        """A page that is opened: with the conversation that was open last, or with an answer somebody shared."""
        try:
            shown = self._opened(reader, stored)
        except Exception as exc:  # noqa: BLE001 - the border of the page: questions can be asked all the same
            _log.exception("a page could not be filled")
            line = exc.public if isinstance(exc, SourceboundError) else self._words("asking.failed")
            start = render_start((), self._words)
            shown = {
                self._page.session: Session(id=new_id(), of=reader.key),
                self._page.chat: render_conversation((), self._words, start, line),
            }
        given = thumbs.given(self._desk.feedback, reader, shown[self._page.session])
        return shown | {self._page.told: say(opened=True, thumbs=given, limited=self._limited(shown))}

    def _opened(self, reader: Reader, stored: object) -> Shown:
        brought = self._desk.shelf.brought(reader.key, stored)
        session = Session(id=new_id(), of=reader.key, owner=brought.owner, kept=brought.kept)
        if reader.answer:
            found = self._desk.kept.shared(reader.answer)
            note = self._words("asking.shared" if found else "asking.shared_gone")
            return self._whole(reader, session, (found,) if found else (), note=note)
        return self._gone_on(reader, session, brought.newest)

    def begun_anew(self, reader: Reader, _data: Mapping[str, str], session: Session) -> Shown:
        """A new conversation; the one before is kept."""
        if not session.is_for(reader):
            return {self._page.told: say(expired=True)}
        if self._stops.busy(reader.place):
            return {self._page.told: say(self._words("asking.wait"))}
        return self._whole(reader, session.anew(), ())

    def done(self, reader: Reader, data: Mapping[str, str], session: Session) -> Shown:
        """One press; see the methods below, which are named after what the buttons say."""
        if not session.is_for(reader):
            return {self._page.told: say(expired=True)}
        acts = {
            "copy": self._copy,
            "link": self._link,
            "unlink": self._unlink,
            "edit": self._edit,
            "correct": self._edit,
            "cancel": self._cancel,
            "up": self._judge,
            "down": self._judge,
            "unrate": self._judge,
            "open": self._open,
            "forget": self._forget,
            "forget-all": self._forget,
            "export": self._export,
            "dates": self._dates,
        }
        name = data.get("act", "")
        act = acts.get(name)
        if act is None:
            return {self._page.told: ""}
        if self._stops.busy(reader.place) and name not in _ANY_TIME:
            return {self._page.told: say(self._words("asking.wait"))}
        try:
            return {self._page.told: "", **act(reader, data, session)}
        except Exception as exc:  # noqa: BLE001 - the border of the page: the log keeps the traceback
            _log.exception("a press on the page failed")
            line = exc.public if isinstance(exc, SourceboundError) else self._words("asking.failed")
            return {self._page.told: say(line)}

    def _copy(self, _reader: Reader, data: Mapping[str, str], session: Session) -> Shown:
        turn = session.turn(data.get("turn"))
        if turn is None or turn.answer is None:
            return {}
        text = export.copied(turn.answer, self._words, self._links([turn.answer]))
        return {self._page.told: say(self._words("asking.copied"), copy=text, refused=self._words("asking.not_copied"))}

    def _link(self, reader: Reader, data: Mapping[str, str], session: Session) -> Shown:
        turn = session.turn(data.get("turn"))
        if turn is None or turn.answer is None:
            return {}
        ident = self._desk.kept.share(turn.answer, thumbs.who(reader, session))
        told = say(
            self._words("asking.link_made"),
            link=f"?answer={ident}",
            shared=ident,
            remove=self._words("asking.link_delete"),
            refused=self._words("asking.not_copied"),
        )
        return {self._page.told: told}

    def _unlink(self, reader: Reader, data: Mapping[str, str], session: Session) -> Shown:
        gone = self._desk.kept.unshare(data.get("id", ""), thumbs.who(reader, session))
        return {self._page.told: say(self._words("asking.link_deleted" if gone else "asking.link_not_deleted"))}

    def _edit(self, _reader: Reader, data: Mapping[str, str], session: Session) -> Shown:
        """The question back in the box; corrected, the question as it was understood."""
        turn = session.turn(data.get("turn"))
        if turn is None:
            return {}
        understood = turn.answer.understood if turn.answer and data["act"] == "correct" else ""
        later = sum(other.number > turn.number for other in session.turns)
        return {
            self._page.box: understood or turn.question,
            self._page.session: replace(session, editing=turn.number),
            self._page.editing: render_editing(turn.number, later, self._words),
            self._page.told: say(focus=True),
        }

    def _cancel(self, _reader: Reader, _data: Mapping[str, str], session: Session) -> Shown:
        return {
            self._page.box: "",
            self._page.session: replace(session, editing=0),
            self._page.editing: "",
            self._page.told: say(focus=True),
        }

    def _judge(self, reader: Reader, data: Mapping[str, str], session: Session) -> Shown:
        """A thumb on a sentence or an abstention, with the reason where one was given; or taken back."""
        on = thumbs.judged(data, session)
        if on is None:
            return {}
        by, act = thumbs.who(reader, session), data["act"]
        if act == "unrate":
            self._desk.feedback.withdraw(*on, by=by)
        else:
            up = act == "up"
            reason, note = ("", "") if up else (data.get("reason", ""), data.get("note", ""))
            self._desk.feedback.add(*on, by=by, up=up, reason=reason, note=note)
        line = self._words("asking.taken_back" if act == "unrate" else "asking.thanks")
        return {self._page.told: say(line, thumbs=thumbs.given(self._desk.feedback, reader, session))}

    def _open(self, reader: Reader, data: Mapping[str, str], session: Session) -> Shown:
        found = self._desk.shelf.whole(reader.key, data.get("id", ""), data.get("stored", ""))
        if found is None:
            return {self._page.told: say(self._words("asking.not_there"))}
        shown = self._gone_on(reader, session, found)
        given = thumbs.given(self._desk.feedback, reader, shown[self._page.session])
        return shown | {self._page.told: say(thumbs=given, limited=self._limited(shown))}

    def _forget(self, reader: Reader, data: Mapping[str, str], session: Session) -> Shown:
        ident = None if data["act"] == "forget-all" else data.get("id", "")
        left = self._desk.shelf.forget(reader.key, session, ident)
        shown = self._whole(reader, left, ()) if left.id != session.id else self._past(reader, left)
        return shown | {self._page.told: say(forget="*" if ident is None else ident)}

    def _export(self, _reader: Reader, data: Mapping[str, str], session: Session) -> Shown:
        answers, at = session.answers(), now()
        if not answers:
            return {}
        links = self._links(answers)
        kinds: dict[str, tuple[str, Callable[[], str]]] = {
            "md": ("text/markdown", lambda: export.conversation_markdown(answers, self._words, at, links)),
            "html": ("text/html", lambda: export.conversation_html(answers, self._words, at, links)),
            "json": ("application/json", lambda: export.conversation_json(answers, at)),
        }
        if data.get("format") not in kinds:
            return {}
        kind, make = kinds[data["format"]]
        name = f"sourcebound-{at[:10]}.{data['format']}"
        return {self._page.told: say(download={"name": name, "type": kind, "text": make()})}

    def _links(self, answers: Sequence[Answer]) -> dict[str, str]:
        """The addresses of the cited articles that have one, by article id."""
        cited = {one.article_id for answer in answers for one in answer.citations}
        addresses = {key: self._desk.corpus.article(key).url for key in cited}
        return {key: url for key, url in addresses.items() if url}

    def _dates(self, _reader: Reader, data: Mapping[str, str], _session: Session) -> Shown:
        return {self._page.since: data.get("since", ""), self._page.until: data.get("until", "")}

    def _whole(self, reader: Reader, session: Session, answers: Sequence[Answer], note: str = "") -> Shown:
        """The page with these answers, and with filters for the articles as they are now."""
        import gradio as gr

        showing = Showing(self._desk.corpus, self._words, self._desk.today(), self._desk.nearest)
        before = max(0, len(answers) - MOST_TURNS)
        turns = again(answers[before:], showing, before)
        examples = session.examples if turns else self._desk.examples()
        session = replace(session, turns=turns, earlier=tuple(answers[:before]), editing=0, examples=examples)
        listing = self._desk.corpus.listing
        summary = listing.summary()
        about = "" if turns else describe(summary, listing.page(Query(size=_NEWEST)).rows, self._words)
        start = render_start(session.examples, self._words, empty=not summary.articles)
        shown: Shown = self._past(reader, session) | {
            self._page.chat: render_conversation(turns, self._words, start, note),
            self._page.panel: render_panel(turns, self._words, about),
            self._page.editing: "",
        }
        shown[self._page.tools] = render_tools(self._words, who_part(reader.person, self._words))
        names = [name for name, _ in summary.outlets]
        shown[self._page.histogram] = render_histogram(listing.months(), summary.undated, self._words)
        shown[self._page.outlets] = gr.update(choices=names, visible=bool(names))
        if answers:  # the next question is asked as the newest one was, with filters that can be seen
            within = answers[-1].within or Within()
            shown |= {self._page.since: str(within.since or ""), self._page.until: str(within.until or "")}
            choices = [*names, *(name for name in within.outlets if name not in names)]
            value = list(within.outlets)
            shown[self._page.outlets] = gr.update(choices=choices, value=value, visible=bool(choices))
        return shown

    def _limited(self, shown: Shown) -> bool:
        """Whether filters hold on a page that is shown so."""
        answers = shown[self._page.session].answers()
        return bool(answers and answers[-1].within)

    def _gone_on(self, reader: Reader, session: Session, kept: Conversation | None) -> Shown:
        """The page with a kept conversation, or with none."""
        if kept is None:
            return self._whole(reader, session, ())
        note = self._words("asking.lost", count=kept.lost) if kept.lost else ""
        opened = replace(session, id=kept.id, apart=0, was=kept.at)
        return self._whole(reader, opened, kept.answers, note)

    def _past(self, reader: Reader, session: Session) -> Shown:
        any_turn = bool(session.answers())
        return {
            self._page.session: session,
            self._page.past: render_past(session.kept, session.id, self._words, reader.person.name, any_turn=any_turn),
        }

"""A conversation around its answers: questions, the start of a page, kept conversations. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from ui.parts.article_list import sized
from ui.parts.origin import day, origin
from ui.words import LANGUAGES

if TYPE_CHECKING:
    from index.listing import Row, Summary
    from ui.kept import Conversation, Heading
    from ui.turns import Turn
    from ui.words import Words


def render_conversation(turns: Sequence[Turn], words: Words, start: str = "", note: str = "") -> str:
    """All turns, oldest first. asking.js tells a screen reader what the newest one has to say, when that changes.

    Args:
        turns: of one conversation.
        words: of the reader's language.
        start: HTML to show before the first question.
        note: a line above the turns.
    """
    items = "".join(_turn(turn, words, newest=turn is turns[-1]) for turn in turns)
    above = f'<p class="sb-note sb-above">{escape(note)}</p>' if note else ""
    label = escape(words("asking.conversation"))
    return f'<section aria-label="{label}">{above}{"" if turns else start}<ol class="sb-turns">{items}</ol></section>'


def _turn(turn: Turn, words: Words, *, newest: bool) -> str:
    alone = _act("alone", words("asking.alone"), "sb-alone") if turn.alone and newest else ""
    number = escape(words("asking.question_number", number=turn.number))
    return (
        f'<li class="sb-turn" id="t{turn.number}" tabindex="-1" data-spoken="{turn.spoken}">'
        f'<div class="sb-question"><h2 class="sb-hidden">{number}</h2>'
        f'<p dir="auto">{escape(turn.question)}</p>{turn.actions}</div>'
        f'<div class="sb-reply">{turn.reply}{alone}</div></li>'
    )


def render_panel(turns: Sequence[Turn], words: Words, about: str = "") -> str:
    """The evidence of every turn; the newest is shown, a script shows another when one of its marks is clicked."""
    sections = "".join(
        f'<section class="sb-evidence" id="t{turn.number}-evidence" '
        f'aria-label="{escape(words("asking.evidence_for", number=turn.number))}"'
        f"{'' if turn is turns[-1] else ' hidden'}>"
        f'<p class="sb-for"><a href="#t{turn.number}">'
        f"{escape(words('asking.question_number', number=turn.number))}</a> "
        f'<span dir="auto">{escape(turn.question)}</span></p>{turn.evidence}</section>'
        for turn in turns
    )
    name = escape(words("asking.evidence"))
    return f'<aside aria-label="{name}"><h2>{name}</h2>{sections or about}</aside>'


def render_start(examples: Sequence[str], words: Words, *, empty: bool = False) -> str:
    """What stands where the first question will: how it works, and questions to press."""
    line = escape(words("asking.start_empty" if empty else "asking.start"))
    line += "" if empty else f' <span class="sb-keys">{escape(words("asking.start_keys"))}</span>'
    buttons = "".join(
        f'<li><button type="button" class="sb-example" data-act="example" data-example="{place}" dir="auto">'
        f"{escape(text)}</button></li>"
        for place, text in enumerate(examples)
    )
    heading = f'<h2 class="sb-examples-title">{escape(words("asking.examples"))}</h2>' if buttons else ""
    offered = f'{heading}<ul class="sb-examples">{buttons}</ul>' if buttons else ""
    return f'<div class="sb-start"><h2>{escape(words("asking.tagline"))}</h2><p>{line}</p></div>{offered}'


def describe(summary: Summary, newest: Sequence[Row], words: Words) -> str:
    """What the corpus holds, shown before the first question."""
    titles = "".join(
        f'<li dir="auto"><a class="sb-read" href="/parts/article/{escape(row.id)}?lang={words.language}">'
        f"{escape(row.title or row.source)}</a> "
        f'<span class="sb-meta">{origin(row.outlet, row.published, words)}</span></li>'
        for row in newest
    )
    listed = f'<h3>{escape(words("asking.newest"))}</h3><ul class="sb-titles">{titles}</ul>' if titles else ""
    return f'<p class="sb-note">{escape(sized(summary, words))}</p>{listed}'


def render_past(
    kept: Sequence[Conversation | Heading], current: str, words: Words, person: str | None, *, any_turn: bool
) -> str:
    """The kept conversations, to be opened and deleted, and the export of the one that is open.

    Args:
        kept: newest first.
        current: id of the one that is open.
        words: of the reader's language.
        person: whom the server keeps them for; None where the browser does.
        any_turn: whether there is something to export.
    """
    items = "".join(_kept(one, words, current=one.id == current) for one in kept)
    where = words("asking.kept_server", person=person) if person else words("asking.kept_browser")
    rows = f'<ul class="sb-past">{items}</ul>' if items else f"<p>{escape(words('asking.no_conversations'))}</p>"
    every = _act("forget-all", words("asking.delete_all"), "sb-sure", sure=words("asking.delete_sure")) if items else ""
    formats = "".join(
        f'<button type="button" class="sb-act" data-act="export" data-format="{kind}">{name}</button>'
        for kind, name in (("md", "Markdown"), ("html", "HTML"), ("json", "JSON"))
    )
    export = f'<div class="sb-export"><p>{escape(words("asking.export"))}</p>{formats}</div>' if any_turn else ""
    return (
        f'<details class="sb-kept"><summary>{escape(words("asking.conversations"))}</summary><div class="sb-kept-body">'
        f'{rows}{every}{export}<p class="sb-note">{escape(where)}</p></div></details>'
    )


def _kept(one: Conversation | Heading, words: Words, *, current: bool) -> str:
    label = escape(words("asking.open_conversation", title=one.title, at=day(one.at[:10], words)))
    ident = escape(one.id)
    drop = escape(words("asking.delete_conversation", title=one.title))
    return (
        f'<li><button type="button" class="sb-open" data-act="open" data-id="{ident}" aria-label="{label}"'
        f'{" aria-current=true" if current else ""} dir="auto"><span>{escape(one.title)}</span> '
        f'<time datetime="{escape(one.at)}">{escape(day(one.at[:10], words))}</time></button>'
        f'<button type="button" class="sb-act sb-sure" data-act="forget" data-id="{ident}" aria-label="{drop}" '
        f'data-sure="{escape(words("asking.delete_sure"))}">{escape(words("asking.delete"))}</button></li>'
    )


def render_editing(number: int, later: int, words: Words) -> str:
    """A line above the box while a question is changed; "" when none is."""
    if not number:
        return ""
    key = "asking.editing_more" if later else "asking.editing"
    line = escape(words(key, number=number, later=later))
    return f'<p class="sb-editing">{line} {_act("cancel", words("asking.cancel"))}</p>'


def render_tools(words: Words, who: str) -> str:
    """The end of the page's head line: the other languages, and who is signed in.

    Args:
        words: of the page's language.
        who: HTML, "" where sign-in is off.
    """
    others = "".join(
        f'<a href="{"/" if code == "en" else f"/{code}/"}" lang="{code}" hreflang="{code}">{escape(name)}</a>'
        for code, name in LANGUAGES.items()
        if code != words.language
    )
    return f'<nav class="sb-languages" aria-label="{escape(words("asking.language"))}">{others}</nav>{who}'


def _act(name: str, label: str, extra: str = "", sure: str = "") -> str:
    """A button that asking.js hands to the server; `sure` is what it says before the second press that counts."""
    again = f' data-sure="{escape(sure)}"' if sure else ""
    return f'<button type="button" class="sb-act {extra}" data-act="{name}"{again}>{escape(label)}</button>'

"""The Articles tab around its list: what is shown while it loads, adding, searching and filtering."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from index.limits import mebibytes
from ui.limits import ACCEPTED, LARGEST, LONGEST_ADDRESS
from ui.parts.article_changes import render_changes
from ui.parts.article_list import button, number, render_results, said, sized

if TYPE_CHECKING:
    from index.listing import Change, Page, Query, Summary
    from ui.words import Words

_TALLIED = [
    f"tally_{name}_{n}" for name in ("added", "replaced", "unchanged", "duplicate", "failed") for n in ("one", "many")
]
_SAID = (
    "waiting", "waiting_turn", "sending", "fetching", "reading", "lost", "again", "cancel", "cancelled", "halted",
    "done", "stale", "selected_one", "selected_many", "removed_one", "removed_many", "removed_failed", "undo",
    "restored", "dismiss", "refused_folder", *_TALLIED,
)  # fmt: skip
"""Words that the script fills in by itself."""

_FILLED = {name: f"{{{name}}}" for name in ("count", "counts", "done", "reason", "title", "whole")}


def render_placeholder(words: Words) -> str:
    """What stands in the tab until its script has fetched the list: grey lines, and what to say if nobody answers."""
    bars = '<span class="sb-grey"></span>' * 7
    return (
        f'<div id="sb-articles" data-part="/parts/articles?lang={words.language}" '
        f'data-gone="{said(words, "gone")}" data-again="{said(words, "again")}">'
        f'<div class="sb-waiting"><p class="sb-hidden">{said(words, "loading")}</p>{bars}</div></div>'
    )


def render_articles(
    page: Page,
    query: Query,
    summary: Summary,
    news: tuple[Mapping[str, int], Sequence[Change]],
    seen: date | None,
    words: Words,
    *,
    curator: bool,
    at: str,
) -> str:
    """The whole tab.

    Args:
        page: the rows to show.
        query: what they were asked by.
        summary: of the whole corpus.
        news: what changed since the last visit: counts by result, and the newest changes, newest first.
        seen: the day of the last visit; None for a first one.
        words: in the reader's language.
        curator: whether adding and removing are shown.
        at: the time now, which the next visit gives as its last one.
    """
    known = escape(json.dumps({name: words(f"articles.{name}", **_FILLED) for name in _SAID}, ensure_ascii=False))
    results = render_results(page, query, summary, words, curator=curator)
    return (
        f'<section class="sb-corpus" data-words="{known}" data-at="{escape(at)}" data-largest="{LARGEST}" '
        f'data-large="{escape(words("articles.refused_large", most=mebibytes(LARGEST)))}">'
        f"<header><h2>{said(words, 'heading')}</h2>"
        f'<p id="sb-articles-size">{escape(sized(summary, words))}</p></header>'
        '<p id="sb-articles-said" class="sb-hidden" role="status"></p>'
        f"{render_changes(*news, seen, words)}{_add(words, opened=not summary.articles) if curator else ''}"
        f"{_filters(query, summary, words, visited=seen is not None)}"
        f'<div id="sb-articles-toast"></div>{results}</section>'
    )


def _add(words: Words, *, opened: bool) -> str:
    accepted = words("articles.accepted", types=", ".join(ACCEPTED), most=mebibytes(LARGEST))
    choose, address = said(words, "choose"), said(words, "address")
    return (
        f'<details class="sb-add"{" open" if opened else ""}><summary>{said(words, "add")}</summary>'
        '<div class="sb-ways"><div class="sb-drop">'
        f"<p><strong>{said(words, 'drop')}</strong> {said(words, 'drop_or')}</p>"
        f'<input type="file" id="sb-files" class="sb-hidden" multiple accept="{",".join(ACCEPTED)}" '
        f'aria-label="{choose}" tabindex="-1">{button("choose-files", choose, "sb-button sb-first")}'
        f'<p class="sb-hint">{escape(accepted)}</p></div>'
        f'<form class="sb-by-address" novalidate><label for="sb-address">{address}</label>'
        f'<div class="sb-pair"><input id="sb-address" type="url" inputmode="url" autocomplete="off" dir="ltr" '
        f'maxlength="{LONGEST_ADDRESS}" placeholder="https://">'
        f'<button type="submit" class="sb-button">{said(words, "address_add")}</button></div></form></div>'
        f'<div class="sb-sent" hidden><ol aria-label="{said(words, "progress")}"></ol>'
        f"{button('clear-sent', said(words, 'clear_done'), 'sb-link')}</div></details>"
    )


def _filters(query: Query, summary: Summary, words: Words, *, visited: bool) -> str:
    outlets = [("", words("articles.outlet_all"))]
    outlets += [(name, f"{name} ({number(count, words)})") for name, count in summary.outlets]
    kinds = [("", words("articles.only_all")), ("copies", words("articles.only_copies"))]
    kinds += [("changed", words("articles.only_changed"))] if visited else []
    only = "changed" if query.changed_since else query.only
    since, until = (value.isoformat() if value else "" for value in (query.since, query.until))
    return (
        f'<form class="sb-filters" role="search" aria-label="{said(words, "filters")}">'
        f'<label class="sb-wide">{said(words, "search")}<input type="search" name="q" id="sb-search" maxlength="200" '
        f'autocomplete="off" value="{escape(query.text)}" placeholder="{said(words, "search_hint")}"></label>'
        f'<label>{said(words, "outlet")}<select name="outlet" id="sb-articles-outlets">'
        f"{_options(outlets, query.outlets[0] if query.outlets else '')}</select></label>"
        f'<label>{said(words, "since")}<input type="date" name="since" value="{since}"></label>'
        f'<label>{said(words, "until")}<input type="date" name="until" value="{until}"></label>'
        f'<label>{said(words, "only")}<select name="only">{_options(kinds, only)}</select></label></form>'
    )


def _options(options: Sequence[tuple[str, str]], chosen: str) -> str:
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(label)}</option>'
        for value, label in options
    )

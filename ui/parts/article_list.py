"""The list of articles: rows with sortable columns, copies under their first one, pages; from records to HTML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from math import ceil
from typing import TYPE_CHECKING

from index.selection import Sort

if TYPE_CHECKING:
    from index.listing import Page, Query, Row, Summary
    from ui.words import Words

COLUMNS: tuple[Sort, ...] = ("title", "outlet", "published", "added", "characters")
"""Columns, each by the name that `index.listing.Query.sort` knows and that its heading has in ui/words."""


def render_results(page: Page, query: Query, summary: Summary, words: Words, *, curator: bool) -> str:
    """How many were found, the table of one page, and the way to the others; or why there is nothing to see.

    Args:
        page: the rows to show.
        query: what they were asked by.
        summary: of the whole corpus.
        words: in the reader's language.
        curator: whether boxes and buttons to remove articles are shown.
    """
    if not summary.articles:
        hint = words("articles.empty_curator" if curator else "articles.empty_reader")
        inner = _nothing(words("articles.empty"), hint, look="sb-nothing sb-empty")
    elif not page.total:
        clear = button("clear", said(words, "clear_filters"))
        inner = _nothing(words("articles.found_none"), words("articles.found_none_try"), clear)
    else:
        chosen = _chosen(words) if curator else ""
        inner = chosen + _table(page, query, words, curator=curator) + _pages(page, words)
    found = found_line(page, words) if summary.articles else ""
    if query.firsts and page.total < summary.articles:  # the copies were found too, under the first of their story
        found = counted(summary.articles, "found", words)
    return (
        f'<section id="sb-articles-results" aria-label="{said(words, "list")}" tabindex="-1" '
        f'data-found="{escape(found)}"><p class="sb-found">{escape(found)}</p>{inner}</section>'
    )


def render_story(rows: Sequence[Row], but: str, words: Words, *, curator: bool) -> str:
    """The rows of one story without the one they are shown below, for a table that is there already."""
    shown = (_row(row, words, curator=curator, member=True) for row in rows if row.id != but)
    return f"<table><tbody>{''.join(shown)}</tbody></table>"


def found_line(page: Page, words: Words) -> str:
    """How many articles were found and which of them are shown, as in "123 articles found, 51–100 shown"."""
    line = counted(page.total, "found", words)
    if page.total <= page.size:
        return line
    first = (page.page - 1) * page.size + 1
    shown = words("articles.found_page", first=number(first, words), last=number(first + len(page.rows) - 1, words))
    return f"{line}, {shown}"


def sized(summary: Summary, words: Words) -> str:
    """The corpus in a line: how many articles from how many outlets, and their dates; "" of an empty one."""
    if not summary.articles:
        return ""
    counts = {
        "articles": counted(summary.articles, "article", words),
        "outlets": counted(len(summary.outlets), "outlet", words),
    }
    if summary.first is None or summary.last is None:
        return words("articles.summary_undated", **counts)
    if summary.first == summary.last:
        return words("articles.summary_day", **counts, day=day(summary.first, words))
    return words("articles.summary", **counts, first=day(summary.first, words), last=day(summary.last, words))


def counted(count: int, what: str, words: Words) -> str:
    """`what` as in the words `articles.WHAT_one` and `articles.WHAT_many`."""
    return words(f"articles.{what}_one") if count == 1 else words(f"articles.{what}_many", count=number(count, words))


def number(value: int, words: Words) -> str:
    """1234567 as "1,234,567"."""
    return f"{value:,}".replace(",", words("articles.thousands"))


def day(value: date, words: Words) -> str:
    """2026-03-10 as "10 Mar 2026"."""
    return f"{value.day} {words('articles.months').split()[value.month - 1]} {value.year}"


def said(words: Words, name: str, **values: object) -> str:
    """The words `articles.NAME`, escaped."""
    return escape(words(f"articles.{name}", **values))


def button(does: str, html: str, look: str = "sb-button") -> str:
    """A button; `does` is one of those that ui/static/articles.js knows."""
    return f'<button type="button" class="{look}" data-do="{does}">{html}</button>'


def _nothing(line: str, hint: str, more: str = "", look: str = "sb-nothing") -> str:
    return f'<div class="{look}"><p><strong>{escape(line)}</strong></p><p>{escape(hint)}</p>{more}</div>'


def _chosen(words: Words) -> str:
    """What can be done with the rows whose boxes are ticked; the script counts them."""
    return (
        '<div class="sb-chosen" hidden><span></span>'
        f"{button('remove-chosen', said(words, 'remove_selected'))}"
        f"{button('choose-none', said(words, 'select_none'), 'sb-link')}</div>"
    )


def _table(page: Page, query: Query, words: Words, *, curator: bool) -> str:
    every = said(words, "select_page")
    box = f'<th scope="col" class="sb-tick"><input type="checkbox" data-do="choose-page" aria-label="{every}"></th>'
    heads = "".join(_head(name, query, words) for name in COLUMNS)
    rows = "".join(_row(row, words, curator=curator) for row in _firsts(page.rows))
    # The roles are said because a narrow screen lays the table out as cards, and browsers then forget that it is one.
    return (
        f'<table role="table" class="sb-list" aria-label="{said(words, "list")}">'
        f'<thead role="rowgroup">'
        f'<tr role="row" data-name="{said(words, "sort_by")}">{box if curator else ""}{heads}'
        f'<th scope="col" class="sb-tools"></th></tr></thead><tbody role="rowgroup">{rows}</tbody></table>'
    )


def _firsts(rows: Sequence[Row]) -> list[Row]:
    """The first row of each story; the others come up when its copies are asked for."""
    return list({row.story: row for row in reversed(rows)}.values())[::-1]


def _head(name: str, query: Query, words: Words) -> str:
    sorted_by = query.sort == name
    order = ("descending" if query.descending else "ascending") if sorted_by else "none"
    down = not query.descending if sorted_by else name != "title" and name != "outlet"
    mark = "" if not sorted_by else "▼" if query.descending else "▲"
    return (
        f'<th role="columnheader" scope="col" aria-sort="{order}" class="sb-{name}">'
        f'<button type="button" id="sb-sort-{name}" class="sb-sort" data-sort="{name}" data-down="{int(down)}">'
        f'{said(words, name)}<span aria-hidden="true"> {mark}</span></button></th>'
    )


def _row(row: Row, words: Words, *, curator: bool, member: bool = False) -> str:
    name, ident = row.title or row.source, escape(row.id)
    tick = (
        f'<td role="cell" class="sb-tick"><input type="checkbox" id="sb-tick-{ident}" data-tick="{ident}" '
        f'aria-label="{said(words, "select", title=name)}"></td>'
        if curator
        else ""
    )
    source = f'<span class="sb-source"><bdi>{escape(row.source)}</bdi></span>' if row.title else ""
    known = f"<span><bdi>{escape(row.outlet)}</bdi></span>" if row.outlet else _unknown(words("articles.no_outlet"))
    copies = "" if member or row.copies < 1 else _copies(row, name, words)
    cells = (
        ("outlet", known),
        ("published", _time(row.published, words) if row.published else _unknown(words("articles.undated"))),
        ("added", _time(_date_of(row.added), words)),
        ("characters", number(row.characters, words)),
    )
    told = "".join(
        f'<td role="cell" class="sb-{key}" data-name="{said(words, key)}">{html}</td>' for key, html in cells
    )
    return (
        f'<tr role="row" data-row="{ident}"{" class=sb-member" if member else ""}>{tick}'
        f'<td role="cell" class="sb-title"><button type="button" class="sb-headline" id="sb-open-{ident}" '
        f'data-open="{ident}" dir="auto"><span>{escape(name)}</span></button>'
        f"{source}{copies}</td>{told}{_tools(row, name, words, curator=curator)}</tr>"
    )


def _tools(row: Row, name: str, words: Words, *, curator: bool) -> str:
    ident = escape(row.id)
    label = said(words, "download_label", title=name)
    download = (
        f'<a class="sb-link" id="sb-get-{ident}" href="/api/articles/{ident}/text" download '
        f'aria-label="{label}">{said(words, "download")}</a>'
    )
    remove = (
        f'<button type="button" class="sb-link" id="sb-remove-{ident}" data-remove="{ident}" '
        f'data-title="{escape(name)}" aria-label="{said(words, "remove_label", title=name)}">'
        f"{said(words, 'remove')}</button>"
    )
    return f'<td role="cell" class="sb-tools">{download}{remove if curator else ""}</td>'


def _copies(row: Row, name: str, words: Words) -> str:
    copies = counted(row.copies, "copies", words)
    label = said(words, "copies_label", copies=copies, title=name)
    return (
        f'<button type="button" class="sb-copies" id="sb-copies-{escape(row.id)}" aria-expanded="false" '
        f'data-story="{escape(row.story)}" data-but="{escape(row.id)}" aria-label="{label}">'
        f"{escape(copies)}</button>"
    )


def _pages(page: Page, words: Words) -> str:
    pages = ceil(page.total / page.size)
    if pages < 2:
        return ""
    where = said(words, "page", page=number(page.page, words), pages=number(pages, words))
    back = _turn("previous", page.page - 1, words, there=page.page > 1)
    on = _turn("next", page.page + 1, words, there=page.page < pages)
    return f'<nav class="sb-pages" aria-label="{said(words, "pages")}">{back}<span>{where}</span>{on}</nav>'


def _turn(name: str, to: int, words: Words, *, there: bool) -> str:
    # Not `disabled`: that would take the focus away from who has come to the last page.
    at = f'data-page="{to}"' if there else 'aria-disabled="true"'
    return f'<button type="button" class="sb-button" id="sb-page-{name}" {at}>{said(words, name)}</button>'


def _unknown(text: str) -> str:
    return f'<span class="sb-not-known">{escape(text)}</span>'


def _time(value: date, words: Words) -> str:
    return f'<time datetime="{value.isoformat()}">{escape(day(value, words))}</time>'


def _date_of(at: str) -> date:
    """The day of a time as the ledger notes it, ISO 8601 in UTC."""
    return date.fromisoformat(at[:10])

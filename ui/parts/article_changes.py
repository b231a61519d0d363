"""What happened to articles: the line and list of changes since the last visit, and the outcome of an upload."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from ui.parts.article_list import counted, day, number, said

if TYPE_CHECKING:
    from index.listing import Change
    from ui.words import Words

NEWS = ("added", "replaced", "removed", "restored")
"""Results that change the corpus, in the order they are told. What failed was told to whoever tried."""

MOST_SHOWN = 100
"""Changes that are listed."""

_ABOUT = re.compile(r"(copy of|same content as|was) (.+)")
_KEYS = {"copy of": "copy_of", "same content as": "same_as", "was": "was"}


def render_changes(counts: Mapping[str, int], changes: Sequence[Change], since: date | None, words: Words) -> str:
    """What changed since a visit: a line with a list on demand; an empty place where there is nothing to tell.

    Args:
        counts: how many came to each result since then.
        changes: the newest ones, newest first, MOST_SHOWN at most.
        since: the day of the visit; None for a first one.
        words: in the reader's language.
    """
    news = {result: counts[result] for result in NEWS if counts.get(result)}
    if since is None or not news:
        return '<div id="sb-articles-changes"></div>'
    line = words("articles.changes_since", day=day(since, words), counts=tally(news, words))
    shown = [change for change in changes if change.result in NEWS]
    rest = sum(news.values()) - len(shown)
    more = f"<li>{escape(words('articles.more', count=number(rest, words)))}</li>" if rest > 0 else ""
    return (
        f'<div id="sb-articles-changes" class="sb-changes"><details><summary><strong>{escape(line)}</strong> '
        f'<span class="sb-on-demand">{said(words, "changes_show")}</span></summary>'
        f"<ul>{''.join(_item(change, words) for change in shown)}{more}</ul></details></div>"
    )


def tally(counts: Mapping[str, int], words: Words) -> str:
    """Results counted, as in "3 added, 1 not added"."""
    return ", ".join(counted(count, f"tally_{result}", words) for result, count in counts.items())


def told(result: str, reason: str, words: Words) -> str:
    """An outcome in a sentence: "Added: a copy of 'harbour.txt'"."""
    label = words(f"articles.result_{result}")
    return f"{label}: {_about(reason, words)}" if reason else label


def _about(reason: str, words: Words) -> str:
    """The reasons that only point to another article, in the reader's language; the others as they are."""
    match = _ABOUT.fullmatch(reason)
    return words(f"articles.{_KEYS[match[1]]}", what=match[2]) if match else reason


def _item(change: Change, words: Words) -> str:
    when = date.fromisoformat(change.at[:10])
    name = f"<bdi>{escape(change.item)}</bdi>"
    if change.article_id:
        name = f'<button type="button" class="sb-headline" data-open="{escape(change.article_id)}">{name}</button>'
    line = escape(told(change.result, change.reason, words))
    return (
        f'<li class="sb-{escape(change.result)}"><time datetime="{escape(change.at)}">'
        f"{escape(day(when, words))}</time> {name} <span>{line}</span></li>"
    )

"""Where an article is from and how old it is, as HTML. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from html import escape
from urllib.parse import quote

from index.articles import Article
from ui.outline import web_address
from ui.words import Words

MOST_SPANS = 100
"""Places of one article that the reader marks at once."""


def bdi(text: str) -> str:
    """Escaped, and kept from turning the direction of its neighbours."""
    return f"<bdi>{escape(text)}</bdi>"


def act(name: str, turn: int, words: Words) -> str:
    """A button that the page answers to: `name` is what it does, `turn` the number of the answer."""
    return (
        f'<button type="button" class="sb-act" data-act="{name}" data-turn="{turn}">'
        f"{escape(words(f'reading.{name}'))}</button>"
    )


def day(told: str, words: Words) -> str:
    """A day, month or year in ISO 8601 as a person writes it, not escaped; anything else as it is."""
    parts = told.split("-")
    if not all(part.isascii() and part.isdigit() for part in parts) or not 2 <= len(parts) <= 3:
        return told
    months = words("reading.months").split()
    if not 1 <= (month := int(parts[1])) <= len(months):
        return told
    if len(parts) == 2:
        return words("reading.month", month=months[month - 1], year=parts[0])
    return words("reading.day", day=int(parts[2]), month=months[month - 1], year=parts[0])


def age(published: date, today: date, words: Words) -> str:
    """How old an article is, in words: in days for two weeks, weeks for two months, months for two years."""
    days = (today - published).days
    if days < 0:
        return words("reading.age_ahead")
    if days < 2:
        return words("reading.age_yesterday" if days else "reading.age_today")
    if days < 14:
        return words("reading.age_days", count=days)
    if days < 61:
        return words("reading.age_weeks", count=days // 7)
    if days < 730:
        return words("reading.age_months", count=round(days / 30.44))
    return words("reading.age_years", count=int(days / 365.25))


def when(told: str, words: Words, css: str = "") -> str:
    """A `<time>` element of a day, month or year."""
    attribute = f' class="{css}"' if css else ""
    return f'<time{attribute} datetime="{escape(told)}">{escape(day(told, words))}</time>'


def origin(outlet: str | None, published: date | None, words: Words, today: date | None = None) -> str:
    """Outlet and date, and how old that is where `today` is given; what is not known is said."""
    parts = [
        bdi(outlet) if outlet else escape(words("reading.no_outlet")),
        when(published.isoformat(), words) if published else escape(words("reading.no_date")),
    ]
    if published and today:
        parts.append(f'<span class="sb-age">{escape(age(published, today, words))}</span>')
    return " · ".join(parts)


def address(article_id: str, spans: Iterable[tuple[int, int]], words: Words) -> str:
    """The path of the reader's part for an article with these spans marked, not escaped."""
    places = ",".join(f"{start}-{end}" for start, end in sorted(set(spans))[:MOST_SPANS])
    given = f"spans={places}&" if places else ""
    return f"/parts/article/{quote(article_id, safe='')}?{given}lang={words.language}"


def original(article: Article, words: Words) -> str:
    """A link to where the article was published, "" where that is not an address of the web."""
    url = web_address(article.url or "")
    if not url:
        return ""
    name = escape(words("reading.original"))
    new = escape(words("reading.original_new"))
    return (
        f'<a class="sb-original" href="{escape(url)}" target="_blank" rel="noopener noreferrer nofollow">{name}'
        f'<span aria-hidden="true"> ↗</span><span class="sb-hidden"> {new}</span></a>'
    )

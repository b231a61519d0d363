"""The corpus as people look through it: lists of articles page by page, counts, and what became of each item.

It reads beside the changes that go on and never waits for them; see `Database.looking`.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from index.ledger import Ledger, Result
from index.listed import SORTS, Listed
from index.selection import MOST_ROWS, Query, condition, moment

__all__ = ["Change", "Listing", "Page", "Query", "Row", "Summary"]

MOST_KEPT = 100
"""Counts kept until the corpus changes."""

_Kept = TypeVar("_Kept")

TOLD = "result <> 'unchanged'"
"""The outcomes that people are told of, as the index on them says it."""

_ROW = (
    "SELECT listed.number, listed.id, title, outlet, published, source, url, characters, added, "
    "coalesce(stories.head, listed.id), (SELECT count(*) FROM stories AS others WHERE others.head = stories.head) - 1 "
    "FROM listed LEFT JOIN stories ON stories.article_id = listed.id "
)


@dataclass(frozen=True, slots=True)
class Row:
    """One article of a list.

    Attributes:
        id, title, outlet, published, source, url: as in Article.
        characters: length of the text.
        added: when this content first came into the store, ISO 8601 in UTC; removing and restoring do not change it.
        story: id of the first article of its story, its own where it has no copies.
        copies: how many other articles of its story are in the corpus.
    """

    id: str
    title: str | None
    outlet: str | None
    published: date | None
    source: str
    url: str | None
    characters: int
    added: str
    story: str
    copies: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list.

    Attributes:
        rows: in order; none where the list has fewer pages.
        total: articles on all pages.
        page, size: as asked for.
    """

    rows: tuple[Row, ...]
    total: int
    page: int
    size: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The corpus in a few figures.

    Attributes:
        articles: how many can be found.
        outlets: the names that are known with their numbers of articles, by name.
        first, last: of the days of publication; None where none is known.
        undated: articles whose day is not known.
    """

    articles: int
    outlets: tuple[tuple[str, int], ...]
    first: date | None
    last: date | None
    undated: int


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what was done to the corpus.

    Attributes:
        number: rises with time; what `Listing.changes` takes as `before`.
        at: when, ISO 8601 in UTC.
        item, result, article_id, reason: as in `index.ledger.Outcome`.
    """

    number: int
    at: str
    item: str
    result: Result
    article_id: str | None
    reason: str


class Listing:
    """Reads the articles in the corpus and what became of each item. Safe to share between threads.

    Args:
        ledger: open.

    Attributes:
        listed: the table it reads from, to be changed with the articles.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.listed = Listed(ledger)
        self._ledger = ledger
        self._kept: tuple[int, dict[tuple[str, ...], object]] = (-1, {})

    def page(self, query: Query) -> Page:
        """One page of a list."""
        where, values = condition(query)
        way = "DESC" if query.descending else "ASC"
        order = f"ORDER BY {SORTS[query.sort]} {way} NULLS LAST, id {way} LIMIT ? OFFSET ?"
        span = (query.size, (query.page - 1) * query.size)

        def count(connection: sqlite3.Connection) -> int:
            return int(connection.execute(f"SELECT count(*) FROM listed {where}", values).fetchone()[0])  # noqa: S608

        with self._ledger.looking() as connection:
            total = self._while_unchanged(("total", where, *map(str, values)), count)
            found = connection.execute(f"SELECT number FROM listed {where} {order}", (*values, *span))  # noqa: S608
            numbers = [number for (number,) in found]
            sql = f"{_ROW} WHERE listed.number IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants
            rows = {row[0]: _row(row) for row in connection.execute(sql, [json.dumps(numbers)])}
        return Page(tuple(rows[number] for number in numbers), total, query.page, query.size)

    def story(self, head: str) -> list[Row]:
        """The articles of a story, the earliest first, then by outlet and id.

        Args:
            head: `Row.story` of one of them; of an article that is not in the corpus there are none.
        """
        among = "WHERE listed.id IN (SELECT article_id FROM stories WHERE head = ?)"
        order = "ORDER BY published ASC NULLS LAST, by_outlet ASC NULLS LAST, listed.id"
        with self._ledger.looking() as connection:
            return [_row(row) for row in connection.execute(f"{_ROW} {among} {order}", [head])]

    def summary(self) -> Summary:
        """The corpus in a few figures."""
        return self._while_unchanged(("summary",), _summary)

    def months(self, outlets: Sequence[str] = ()) -> tuple[tuple[str, int], ...]:
        """The months in which articles were published, as "2026-03", with their numbers of articles, the first first.

        Args:
            outlets: only of these; all where there are none.
        """
        where, values = condition(Query(outlets=tuple(outlets)))
        dated = f"{where} {'AND' if where else 'WHERE'} published IS NOT NULL"
        sql = f"SELECT published, count(*) FROM listed {dated} GROUP BY published ORDER BY published"  # noqa: S608

        def read(connection: sqlite3.Connection) -> tuple[tuple[str, int], ...]:
            months: Counter[str] = Counter()
            for day, count in connection.execute(sql, values):
                months[day[:7]] += count
            return tuple(months.items())

        return self._while_unchanged(("months", *outlets), read)

    def changes(self, limit: int, before: int | None = None) -> list[Change]:
        """What was done to the corpus, the latest first; items that were unchanged are left out.

        Args:
            limit: how many at most, 1 to MOST_ROWS.
            before: only what came before the change of this number.
        """
        sql = f"SELECT rowid, * FROM outcomes WHERE {TOLD} AND (?1 IS NULL OR rowid < ?1) ORDER BY rowid DESC LIMIT ?2"  # noqa: S608
        with self._ledger.looking() as connection:
            return [
                Change(*row)
                for row in connection.execute(sql, [before and min(before, 2**62), max(1, min(limit, MOST_ROWS))])
            ]

    def changed(self, since: str) -> dict[str, int]:
        """How many items came to each result from a time on, without those that were unchanged.

        Args:
            since: a time, ISO 8601, UTC where it names no zone.

        Raises:
            QuestionError: it is no such time.
        """
        sql = f"SELECT result, count(*) FROM outcomes WHERE {TOLD} AND at >= ? GROUP BY result ORDER BY result"  # noqa: S608
        with self._ledger.looking() as connection:
            return dict(connection.execute(sql, [moment(since)]))

    def forget(self) -> None:
        """Lets go of the counts that are kept, so that the next ones are read anew."""
        self._kept = (-1, {})

    def _while_unchanged(self, name: tuple[str, ...], read: Callable[[sqlite3.Connection], _Kept]) -> _Kept:
        """What was read, read again only when the file has changed."""
        with self._ledger.looking() as connection:
            (number,) = connection.execute("PRAGMA data_version").fetchone()
            if self._kept[0] != number or len(self._kept[1]) > MOST_KEPT:
                self._kept = (number, {})
            kept = self._kept[1]
            if name not in kept:
                kept[name] = read(connection)
            return kept[name]  # type: ignore[return-value]


def _row(row: Sequence[Any]) -> Row:
    _, ident, title, outlet, published, source, url, characters, added, story, copies = row
    return Row(ident, title, outlet, _day(published), source, url, characters, added, story, max(copies, 0))


def _summary(connection: sqlite3.Connection) -> Summary:
    sql = "SELECT count(*), min(published), max(published), count(*) - count(published) FROM listed"
    articles, first, last, undated = connection.execute(sql).fetchone()
    sql = "SELECT outlet, count(*) FROM listed WHERE outlet IS NOT NULL GROUP BY outlet ORDER BY min(by_outlet), outlet"
    return Summary(articles, tuple(connection.execute(sql)), _day(first), _day(last), undated)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

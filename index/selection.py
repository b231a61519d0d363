"""Which articles a list shows, as a person chooses them, and the same in the terms of the table of articles."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from index.errors import QuestionError
from index.listed import SORTS, folded, words

MOST_ROWS = 500
"""Rows of one page at most."""

MOST_WORDS = 32
"""Different words of a search that count; a longer one is a pasted text."""

BEGINNING = 3
"""Letters from which on a word also finds the longer ones that begin with it."""

Sort = Literal["published", "title", "outlet", "added", "characters", "source"]


@dataclass(frozen=True, slots=True)
class Query:
    """Which articles to list, and how. Empty fields allow everything; an unknown date or outlet matches no filter.

    Attributes:
        text: words that must all stand in the title, the outlet, the source or the text, without regard to case and
            accents; one of BEGINNING letters or more also stands for the words that begin with it. Nothing in it is
            search syntax, and what is neither letter nor digit only parts words.
        outlets: names, compared without regard to case.
        since, until: first and last day of publication, both included.
        sort: what to order by; articles for which it is not known come last, equal ones are in the order
            of their ids.
        descending: the latest, the last in the alphabet or the longest first.
        only: "copies" for the articles whose story has others in the corpus.
        firsts: of each story only the first article; what the other fields leave out is not made up for by its copies.
        changed_since: a time, ISO 8601, UTC where it names no zone; only what was added, replaced an older version or
            was restored from then on.
        page: from 1.
        size: rows on a page, 1 to MOST_ROWS.

    Raises:
        QuestionError: a field has a value that cannot be used.
    """

    text: str = ""
    outlets: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    sort: Sort = "published"
    descending: bool = True
    only: Literal["", "copies"] = ""
    firsts: bool = False
    changed_since: str | None = None
    page: int = 1
    size: int = 50

    def __post_init__(self) -> None:
        if self.sort not in SORTS:
            msg = f"articles cannot be sorted by {self.sort!r}: use one of {', '.join(SORTS)}"
            raise QuestionError(msg)
        if self.only not in ("", "copies"):
            msg = f"no list of only {self.only!r}: leave it empty or use 'copies'"
            raise QuestionError(msg)
        if not 1 <= self.page < 2**31 or not 1 <= self.size <= MOST_ROWS:
            msg = f"no page {self.page!r} of {self.size!r} rows: pages count from 1 and have 1 to {MOST_ROWS} rows"
            raise QuestionError(msg)
        if self.changed_since is not None:
            moment(self.changed_since)


def moment(text: str) -> str:
    """A time as the ledger writes it: ISO 8601 in UTC, to the second.

    Raises:
        QuestionError: the text is no such time.
    """
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError) as error:
        msg = f"{text[:40]!r} is no time: write it as 2026-03-10T12:00:00Z"
        raise QuestionError(msg) from error


def condition(query: Query) -> tuple[str, list[object]]:
    """The filters as a WHERE clause on `listed`, "" when there are none, and the values of its question marks."""
    parts, values = [], list[object]()
    if query.outlets:  # the folded name leads to the few rows whose full name is compared
        names = [name.encode(errors="replace").decode() for name in query.outlets]  # half a character is no SQL
        among = "(SELECT value FROM json_each(?))"  # one parameter, however many names
        parts.append(f"by_outlet IN {among} AND fold(outlet) IN {among}")
        values += [json.dumps([*map(folded, names)]), json.dumps([name.casefold() for name in names])]
    for day, sign in ((query.since, ">="), (query.until, "<=")):
        if day:
            parts.append(f"published {sign} ?")
            values.append(day.isoformat())
    if query.only:
        several = "SELECT head FROM stories WHERE head <> article_id"
        parts.append(f"id IN (SELECT article_id FROM stories WHERE head IN ({several}))")  # noqa: S608 - constants
    if query.firsts:
        parts.append("id NOT IN (SELECT article_id FROM stories WHERE head <> article_id)")
    if query.changed_since is not None:
        parts.append("came >= ?")
        values.append(moment(query.changed_since))
    if searched := words(query.text)[:MOST_WORDS]:
        # The plus keeps SQLite from fetching and sorting each hit's row: it walks the index of the order instead.
        parts.append("+number IN (SELECT rowid FROM listed_words WHERE listed_words MATCH ?)")
        values.append(" ".join(f'"{word}"' + "*" * (len(word) >= BEGINNING) for word in searched))
    return f"WHERE {' AND '.join(parts)}" if parts else "", values

"""Which articles a search may see, in the terms of each index: filters work inside the search, not after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from index.articles import Article


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles a search may see. Empty fields allow everything; an unknown date or outlet matches no filter.

    Attributes:
        since, until: first and last day of publication, both included.
        outlets: names, compared without regard to case.
        articles: article ids.
    """

    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.outlets or self.articles)

    def admits(self, article: Article) -> bool:
        """Whether one article passes."""
        day, outlet = article.published, (article.outlet or "").casefold()
        return (
            (self.since is None or (day is not None and day >= self.since))
            and (self.until is None or (day is not None and day <= self.until))
            and (not self.outlets or outlet in [name.casefold() for name in self.outlets])
            and (not self.articles or article.id in self.articles)
        )

    def for_chroma(self) -> dict[str, Any] | None:
        """The filter in Chroma's terms; dates as yyyymmdd since it compares numbers only."""
        parts: list[dict[str, Any]] = []
        if self.since:
            parts.append({"published": {"$gte": day_number(self.since)}})
        if self.until:
            parts.append({"published": {"$lte": day_number(self.until)}})
        if self.outlets:
            parts.append({"outlet": {"$in": [outlet.casefold() for outlet in self.outlets]}})
        if self.articles:
            parts.append({"article_id": {"$in": list(self.articles)}})
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else {"$and": parts}

    def for_sql(self) -> tuple[str, list[object]]:
        """The filter as a condition on `articles` with its parameters; "" when there is none."""
        parts, values = [], list[object]()
        if self.since:
            parts.append("articles.published >= ?")
            values.append(self.since.isoformat())
        if self.until:
            parts.append("articles.published <= ?")
            values.append(self.until.isoformat())
        for column, allowed in (
            ("fold(articles.outlet)", [o.casefold() for o in self.outlets]),
            ("articles.id", self.articles),
        ):
            if allowed:
                parts.append(f"{column} IN ({', '.join('?' * len(allowed))})")
                values.extend(allowed)
        return " AND ".join(parts), values


def day_number(day: date) -> int:
    """2026-03-10 as 20260310."""
    return day.year * 10_000 + day.month * 100 + day.day

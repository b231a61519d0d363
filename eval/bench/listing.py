"""How quick the list of articles is: `python -m eval.bench.listing --articles 100000`.

The articles are made up: words drawn as often as words are in a language, 30 outlets, six years, copies of
one in ten. They go into the ledger without being embedded, so that making the list from them is what an older store
meets once.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from index.articles import content_id
from index.ledger import Ledger
from index.listing import Listing, Query

WORDS, VOCABULARY = 1100, 60_000
"""Words of an article, some five thousand characters, and different words of all of them."""

OUTLETS = tuple(f"{name} {kind}" for name in ("Aldea", "Boreal", "Costa", "Delta", "Este") for kind in (
    "Times", "Herald", "Diario", "News", "Post", "Wire"
))  # fmt: skip
PER_STORY = 3
"""Articles of each story that has copies."""

GOAL = 100.0
"""Milliseconds that any of the pages may take."""


def vocabulary() -> list[str]:
    """Different made-up words, the most frequent first; those are short, as in a language."""
    syllables = [a + b for a in "bcdfglmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "en", "or", "is")]
    pick = random.Random(1)  # noqa: S311 - repeatable, nothing secret
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        found["".join(pick.choices(syllables, k=1 + (len(found) > 80) + (len(found) > 8000)))] = None
    return list(found)


def made_up(number: int, lexicon: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
    """Rows of the table `articles`."""
    rng = np.random.default_rng(1)
    shares = 1 / np.arange(1, len(lexicon) + 1)
    reach = np.cumsum(shares / shares.sum())
    terms = np.array(lexicon, dtype=object)
    for place in range(number):
        drawn = terms[np.searchsorted(reach, rng.random(WORDS)).clip(max=len(lexicon) - 1)]
        text, title = " ".join(drawn), " ".join(drawn[:7]).capitalize()
        outlet = OUTLETS[int(rng.integers(len(OUTLETS)))] if place % 50 else None
        day = date(2020, 1, 1) + timedelta(days=int(rng.integers(2200))) if place % 40 else None
        key = f"/news/{place}.txt"
        published = day.isoformat() if day else None
        yield (
            content_id(text, title, outlet, day), key, f"{place}.txt", title, outlet, published, None, text,
            "{}", "[]", "[]", "live", f"2026-01-{1 + place * 28 // number:02}T00:00:00+00:00",
        )  # fmt: skip


def filled(ledger: Ledger, number: int, lexicon: Sequence[str]) -> None:
    """Puts made-up articles, their stories and their outcomes into an empty ledger."""
    with ledger.transaction() as connection:
        marks = ", ".join("?" * 13)
        connection.executemany(f"INSERT INTO articles VALUES ({marks})", made_up(number, lexicon))  # noqa: S608
        found = connection.execute("SELECT id, source, added FROM articles ORDER BY rowid").fetchall()
        ids = [str(row[0]) for row in found]
        heads = [ids[n - n % PER_STORY if n < number // 10 else n] for n in range(number)]
        connection.executemany("INSERT INTO stories(article_id, head) VALUES (?, ?)", zip(ids, heads, strict=True))
        told = [(added, source, "added", ident, "") for ident, source, added in found]
        connection.executemany("INSERT INTO outcomes VALUES (?, ?, ?, ?, ?)", told)


def views(listing: Listing, lexicon: Sequence[str], last: int) -> dict[str, Callable[[], object]]:
    """What a person looks at, by name; `last` is the number of a page far back."""
    common, middling, rare = lexicon[5], lexicon[500], lexicon[20_000]
    back = max(1, last // 4)
    queries = {
        "first page": Query(),
        f"page {last}": Query(page=last),
        "by title": Query(sort="title", descending=False),
        f"by title, page {last}": Query(sort="title", page=last),
        "by length": Query(sort="characters"),
        "a common word": Query(text=common),
        f"a common word, page {back}": Query(text=common, page=back),
        "a middling word": Query(text=middling),
        "a rare word": Query(text=rare),
        "three words": Query(text=f"{common} {middling} {lexicon[100]}"),
        "three letters": Query(text="can"),
        "four letters": Query(text=lexicon[1000][:4]),
        "a word, by title": Query(text=middling, sort="title"),
        "one outlet": Query(outlets=OUTLETS[:1]),
        "three outlets, one year": Query(outlets=OUTLETS[:3], since=date(2023, 1, 1), until=date(2023, 12, 31)),
        "copies": Query(only="copies"),
        "changed lately": Query(changed_since="2026-01-28"),
        "all of it changed": Query(changed_since="2026-01-01"),
    }
    return {name: partial(listing.page, query) for name, query in queries.items()} | {
        "summary": listing.summary,
        "months": listing.months,
        "months of an outlet": partial(listing.months, OUTLETS[:1]),
        "changes": partial(listing.changes, 50),
        "changed since": partial(listing.changed, "2026-01-20"),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the median and the 95th percentile of each view; counts are read anew each time."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.listing", description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=20, help="times each is looked at")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    parser.add_argument("--data", help="not used: this benchmark brings its own articles")
    options = parser.parse_args(arguments)
    lexicon = vocabulary()
    figures: dict[str, tuple[float, float]] = {}
    with TemporaryDirectory() as scratch, closing(Ledger(Path(scratch) / "ledger.sqlite3")) as ledger:
        filled(ledger, options.articles, lexicon)
        before, start = Path(scratch, "ledger.sqlite3").stat().st_size, time.perf_counter()
        listing = Listing(ledger)
        ledger.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        grown = Path(scratch, "ledger.sqlite3").stat().st_size - before
        made = f"list made in {time.perf_counter() - start:.0f} s, {grown / 2**20:.0f} MB of its own"
        sys.stdout.write(f"{options.articles} articles; {made}; ms, median and 95th percentile of {options.runs}\n")
        for name, look in views(listing, lexicon, max(1, options.articles // 100)).items():
            figures[name] = spent(look, options.runs, listing.forget)
            over = "" if figures[name][1] < GOAL else "  over the goal"
            sys.stdout.write(f"  {name:<28} {figures[name][0]:8.1f} {figures[name][1]:8.1f}{over}\n")
            sys.stdout.flush()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def spent(look: Callable[[], object], runs: int, before: Callable[[], None]) -> tuple[float, float]:
    """Median and 95th percentile of the milliseconds of several runs, with what is to be done before each."""
    times = []
    for _ in range(runs):
        before()
        start = time.perf_counter()
        look()
        times.append(1000 * (time.perf_counter() - start))
    return median(times), float(np.percentile(times, 95))


if __name__ == "__main__":
    main()

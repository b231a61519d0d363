from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import TinyEmbedder, dense, make, put, sparse

from index.filters import Filters, day_number
from index.store import Store, open_store

FIRST, MIDDLE, LAST = date(2026, 3, 1), date(2026, 3, 10), date(2026, 3, 20)
ARTICLES = {
    "first": make("The harbour was closed on day one.", outlet="Daily Él", published=FIRST),
    "middle": make("The harbour was closed on day two.", outlet="BBC News", published=MIDDLE),
    "last": make("The harbour was closed on day three.", outlet="Daily Él", published=LAST),
    "undated": make("The harbour was closed on some day.", outlet="BBC News"),
    "unknown": make("The harbour was closed by somebody."),
}
EVERY = frozenset(ARTICLES)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("filters") / "store", TinyEmbedder()) as opened:
        put(opened, *ARTICLES.values())
        yield opened


CASES: list[tuple[Filters, set[str]]] = [
    (Filters(), set(EVERY)),
    (Filters(since=FIRST), {"first", "middle", "last"}),
    (Filters(since=MIDDLE), {"middle", "last"}),
    (Filters(until=MIDDLE), {"first", "middle"}),
    (Filters(since=MIDDLE, until=MIDDLE), {"middle"}),
    (Filters(since=date(2027, 1, 1)), set()),
    (Filters(until=date(1, 1, 1)), set()),
    (Filters(outlets=("daily éL",)), {"first", "last"}),
    (Filters(outlets=("BBC News", "Daily Él")), {"first", "middle", "last", "undated"}),
    (Filters(outlets=("Nobody",)), set()),
    (Filters(since=MIDDLE, outlets=("Daily Él",)), {"last"}),
    (Filters(articles=(ARTICLES["unknown"].id, ARTICLES["first"].id)), {"unknown", "first"}),
    (Filters(until=LAST, articles=(ARTICLES["unknown"].id,)), set()),
]


@pytest.mark.parametrize(("filters", "expected"), CASES)
def test_both_searches_see_exactly_what_the_filters_allow(store: Store, filters: Filters, expected: set[str]) -> None:
    allowed = {ARTICLES[name].id for name in expected}
    assert set(dense(store, "harbour closed", 20, filters)) == allowed
    assert set(sparse(store, "harbour closed", 20, filters)) == allowed


def test_k_results_are_found_when_nearly_everything_is_filtered_out(store: Store) -> None:
    rare = [make(f"Quiet report {n} from a small place.", outlet="Rare") for n in range(5)]
    many = [make(f"The harbour was closed again, report {n}.", outlet="Common") for n in range(600)]
    put(store, *rare, *many)
    wanted = {article.id for article in rare}
    filters = Filters(outlets=("rare",))
    assert set(dense(store, "harbour closed again", 5, filters)) == wanted
    assert set(sparse(store, "harbour closed quiet", 5, filters)) == wanted
    for article in rare + many:
        store.remove(article.id)


@given(
    st.lists(st.none() | st.dates(date(1900, 1, 1)), min_size=1, max_size=6),
    st.none() | st.dates(date(1900, 1, 1)),
    st.none() | st.dates(date(1900, 1, 1)),
)
def test_the_two_forms_of_a_date_filter_agree(days: list[date | None], since: date | None, until: date | None) -> None:
    filters = Filters(since, until)
    expected = [day for day in days if not filters or (day and (since or day) <= day <= (until or day))]
    assert [day for day in days if _by_sql(day, filters)] == expected
    assert [day for day in days if _by_chroma(day, filters)] == expected


def _by_sql(day: date | None, filters: Filters) -> bool:
    import sqlite3

    where, values = filters.for_sql()
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE articles(published TEXT)")
    connection.execute("INSERT INTO articles VALUES (?)", [day and day.isoformat()])
    found = connection.execute(f"SELECT 1 FROM articles WHERE {where or '1'}", values).fetchall()  # noqa: S608
    connection.close()
    return bool(found)


def _by_chroma(day: date | None, filters: Filters) -> bool:
    where = filters.for_chroma()
    parts = [] if where is None else where.get("$and", [where])
    tests = {"$gte": int.__ge__, "$lte": int.__le__}
    return all(
        day is not None and tests[operator](day_number(day), value)
        for part in parts
        for operator, value in part["published"].items()
    )


@given(st.dates(), st.dates())
def test_day_numbers_are_ordered_as_days(one: date, other: date) -> None:
    assert (day_number(one) < day_number(other)) == (one < other)


def test_a_filter_is_true_when_it_filters() -> None:
    assert not Filters()
    assert Filters(outlets=("x",))

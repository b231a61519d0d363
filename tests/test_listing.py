"""The corpus as people look through it: pages, searches, counts, what was done, and undoing a removal."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tiny import TinyEmbedder, make, put, sparse

from eval.bench import listing as bench
from index.articles import Article
from index.build import ingest, rebuild, restore, verify
from index.errors import QuestionError, StoreError
from index.ledger import Ledger, Outcome
from index.listed import SORTS, words
from index.listing import Listing, Query
from index.store import Store, open_store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STORM = "A storm with winds of 150 kilometres an hour reached the coast of Galicia on Monday and felled 37 trees."
PORT = make(
    "Colombia seized three tons of cocaine in the port.", "/news/a.txt",
    title="Élan at sea", outlet="El País", published=date(2026, 3, 1),
)  # fmt: skip
WHALES = make("Whales were counted along the southern coast.", "/news/b.txt", title="whales", outlet="The Post")
EARLY = make("An early note on ports.", "/news/c.txt", title="Zebra", outlet="EL PAÍS", published=date(2025, 12, 31))
COPY = make(STORM, "/news/d.txt", outlet="Wire", published=date(2026, 2, 1))
OTHER = make(f"{STORM} Nobody was hurt.", "/news/e.txt", outlet="The Post", published=date(2026, 2, 3))
ALL = (PORT, WHALES, EARLY, COPY, OTHER)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store", TinyEmbedder()) as opened:
        yield opened


@pytest.fixture
def full(store: Store) -> Store:
    put(store, *ALL)
    return store


def found(store: Store, query: Query) -> list[str]:
    """Names of the articles of a page."""
    names = {article.id: article.source[0] for article in ALL}
    return [names[row.id] for row in store.listing.page(query).rows]


# Pages


def test_a_row_holds_what_a_list_shows(full: Store) -> None:
    (row,) = full.listing.page(Query(text="cocaine")).rows
    assert (row.id, row.title, row.outlet, row.published) == (PORT.id, PORT.title, PORT.outlet, PORT.published)
    assert (row.source, row.url, row.characters) == ("a.txt", None, len(PORT.text))
    assert (row.story, row.copies) == (PORT.id, 0)
    assert row.added == full.ledger.rows("SELECT added FROM articles WHERE id = ?", [PORT.id])[0][0]


@pytest.mark.parametrize(
    ("sort", "descending", "order"),
    [
        ("published", True, "aedcb"),
        ("published", False, "cdeab"),
        ("title", False, "abc"),
        ("title", True, "cba"),
        ("source", False, "abcde"),
        ("characters", True, "edabc"),
    ],
)
def test_a_list_is_sorted_without_regard_to_case_and_accents_and_the_unknown_is_last(
    full: Store, sort: str, descending: bool, order: str
) -> None:
    listed = found(full, Query(sort=sort, descending=descending))  # type: ignore[arg-type]
    assert "".join(listed)[: len(order)] == order
    assert len(listed) == 5


def test_a_page_after_the_last_is_empty_and_knows_the_total(full: Store) -> None:
    page = full.listing.page(Query(page=4, size=2))
    assert (page.rows, page.total, page.page, page.size) == ((), 5, 4, 2)


def test_outlets_are_compared_without_regard_to_case_alone(full: Store) -> None:
    assert found(full, Query(outlets=("el país",))) == ["a", "c"]
    assert found(full, Query(outlets=("el pais",))) == []
    assert found(full, Query(outlets=("Wire", "THE POST"))) == ["e", "d", "b"]
    assert found(full, Query(outlets=("\ud800",))) == []


def test_days_are_included_and_the_undated_match_none(full: Store) -> None:
    assert found(full, Query(since=date(2026, 2, 1))) == ["a", "e", "d"]
    assert found(full, Query(until=date(2026, 2, 1))) == ["d", "c"]
    assert found(full, Query(since=date(2026, 2, 2), until=date(2026, 2, 28))) == ["e"]


def test_only_copies_lists_the_articles_that_have_others(full: Store) -> None:
    rows = full.listing.page(Query(only="copies")).rows
    assert [(row.id, row.story, row.copies) for row in rows] == [(OTHER.id, COPY.id, 1), (COPY.id, COPY.id, 1)]
    assert [row.id for row in full.listing.story(COPY.id)] == [COPY.id, OTHER.id]
    assert [row.id for row in full.listing.story(PORT.id)] == [PORT.id]
    assert full.listing.story("nope") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"sort": "id; DROP TABLE articles"}, {"only": "all"}, {"page": 0}, {"page": 2**40}, {"size": 0},
        {"size": 100_000}, {"changed_since": "yesterday"},
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_is_refused_in_one_line(wrong: dict[str, object]) -> None:
    with pytest.raises(QuestionError, match=re.escape(repr(next(iter(wrong.values()))))) as refused:
        Query(**wrong)  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)


def test_a_replaced_article_makes_room_on_the_list(full: Store) -> None:
    put(full, make("Another text altogether.", WHALES.key, title="Seals"))
    assert full.listing.page(Query(text="whales")).total == 0
    assert full.listing.page(Query(text="seals")).total == 1
    assert full.listing.page(Query()).total == 5


def test_an_article_whose_file_is_gone_is_listed_under_the_one_that_is_left(full: Store) -> None:
    full.point(replace(PORT, key="/other/copy.html", source="copy.html"))
    assert full.leave(PORT.key, PORT.id)
    assert [row.source for row in full.listing.page(Query(text="copy html")).rows] == ["copy.html"]
    assert verify(full) == []


# Searching


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cocaine", "a"), ("COCAINE three", "a"), ("cocaine whales", ""), ("elan", "a"), ("pais", "ac"),
        ("b.txt", "b"), ("coca", "a"), ("ocaine", ""), ("150", "de"), ("an", "cde"), ("post whales", "b"),
        ("50%", ""), ("150%", "de"), ("_", "aedcb"), ("", "aedcb"), ('"', "aedcb"), ("ports OR whales", ""),
        ("coast NOT whales", ""), ("title:whales", ""), ("NEAR(whales coast)", ""), ("whales*", "b"),
        ("' OR 1=1 --", ""), ("\ud800 whales", "b"),
    ],
)  # fmt: skip
def test_a_search_finds_the_articles_that_have_all_words(full: Store, text: str, names: str) -> None:
    assert sorted(found(full, Query(text=text))) == sorted(names)


LETTERS = st.text("aábcÁBß1_%\"'*. -日本ǅᲐ\n", max_size=12)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(LETTERS.filter(str.strip), min_size=1, max_size=6, unique=True), query=LETTERS)
@example(texts=["abca", "ABC", "bc a"], query="a bc")
@example(texts=["ᲐaᲐ", "a"], query="ᲐA")
def test_a_search_finds_exactly_what_has_the_words(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], query: str
) -> None:
    with closing(Ledger(tmp_path_factory.mktemp("search") / "l.sqlite3")) as ledger:
        listing = Listing(ledger)
        articles = [make(text, f"/news/{number}") for number, text in enumerate(texts)]
        for article in articles:
            ledger.put_article(article, [])
            listing.listed.add(article.id, None)
        asked = words(query)
        wanted = {
            article.id
            for article in articles
            if all(
                any(has == word or (len(word) >= 3 and has.startswith(word)) for has in words(_said(article)))
                for word in asked
            )
        }
        assert {row.id for row in listing.page(Query(text=query)).rows} == wanted


def _said(article: Article) -> str:
    return f"{article.source} {article.text}"


@settings(deadline=None, max_examples=40)
@given(
    dated=st.lists(st.tuples(st.integers(0, 4) | st.none(), st.sampled_from(["a", "Á", "b", None])), max_size=14),
    size=st.integers(1, 5),
    sort=st.sampled_from(sorted(SORTS)),
    descending=st.booleans(),
)
def test_pages_part_the_whole_list_and_every_order_holds_the_same_articles(
    tmp_path_factory: pytest.TempPathFactory,
    dated: Sequence[tuple[int | None, str | None]],
    size: int,
    sort: str,
    descending: bool,
) -> None:
    with closing(Ledger(tmp_path_factory.mktemp("pages") / "l.sqlite3")) as ledger:
        listing = Listing(ledger)
        for number, (day, name) in enumerate(dated):
            published = None if day is None else date(2026, 1, 1 + day)
            article = make("x" * (number % 3 + 1), f"/{number}", title=str(number), outlet=name, published=published)
            ledger.put_article(article, [])
            listing.listed.add(article.id, None)
        query = Query(sort=sort, descending=descending, size=size)  # type: ignore[arg-type]
        pages = [listing.page(replace(query, page=number)) for number in range(1, len(dated) // size + 2)]
        rows = [row for page in pages for row in page.rows]
        assert {page.total for page in pages} == {len(dated)}
        assert sorted(row.id for row in rows) == sorted(str(row[0]) for row in ledger.rows("SELECT id FROM articles"))
        assert rows == list(listing.page(replace(query, size=500)).rows)
        if sort in ("published", "added", "characters"):
            keys = [(getattr(row, sort), row.id) for row in rows if getattr(row, sort) is not None]
            assert keys == sorted(keys, reverse=descending)
            assert [getattr(row, sort) is None for row in rows] == sorted(getattr(row, sort) is None for row in rows)


def test_a_list_of_firsts_leaves_out_the_copies_of_each_story(full: Store) -> None:
    assert found(full, Query(firsts=True)) == ["a", "d", "c", "b"]
    assert full.listing.page(Query(firsts=True, size=2)).total == 4
    full.remove(COPY.id)
    assert found(full, Query(firsts=True)) == ["a", "e", "c", "b"]


# Counts


def test_the_summary_counts_what_can_be_found(full: Store) -> None:
    summary = full.listing.summary()
    assert (summary.articles, summary.undated) == (5, 1)
    assert (summary.first, summary.last) == (date(2025, 12, 31), date(2026, 3, 1))
    assert summary.outlets == (("EL PAÍS", 1), ("El País", 1), ("The Post", 2), ("Wire", 1))


def test_the_summary_of_an_empty_corpus_is_empty(store: Store) -> None:
    summary = store.listing.summary()
    assert (summary.articles, summary.outlets, summary.first, summary.last, summary.undated) == (0, (), None, None, 0)


def test_months_are_counted_of_all_outlets_or_of_some(full: Store) -> None:
    assert full.listing.months() == (("2025-12", 1), ("2026-02", 2), ("2026-03", 1))
    assert full.listing.months(["the post"]) == (("2026-02", 1),)


def test_counts_are_read_again_when_the_corpus_has_changed_and_only_then(full: Store) -> None:
    before = full.listing.summary()
    assert full.listing.summary() is before
    full.remove(PORT.id)
    assert full.listing.summary().articles == 4
    assert full.listing.months() == (("2025-12", 1), ("2026-02", 2))


# What was done


def test_changes_come_the_latest_first_and_page_by_their_number(full: Store) -> None:
    full.ledger.note([Outcome("f.txt", "failed", reason="empty"), Outcome("a.txt", "unchanged", PORT.id)])
    full.remove(PORT.id)
    restore(full, PORT.id)
    changes = full.listing.changes(10)
    assert [(change.item, change.result) for change in changes] == [
        ("a.txt", "restored"), ("a.txt", "removed"), ("f.txt", "failed"),
    ]  # fmt: skip
    assert full.listing.changes(1) == changes[:1]
    assert full.listing.changes(10, before=changes[0].number) == changes[1:]
    assert full.listing.changed(changes[-1].at) == {"failed": 1, "removed": 1, "restored": 1}
    assert full.listing.changed("2999-01-01") == {}


def test_the_articles_changed_since_a_time_are_those_that_came_since(full: Store) -> None:
    full.ledger.rows("UPDATE listed SET came = '2025-12-31T00:00:00+00:00'")
    rows = [("2026-01-01T10:00:00+00:00", PORT), ("2026-01-02T10:00:00+00:00", WHALES)]
    for at, article in rows:
        full.ledger.rows("UPDATE listed SET came = ? WHERE id = ?", [at, article.id])
    assert found(full, Query(changed_since="2026-01-01T10:00:00Z")) == ["a", "b"]
    assert found(full, Query(changed_since="2026-01-02T11:00:00.000+01:00")) == ["b"]
    assert found(full, Query(changed_since="2026-01-02T10:00:01")) == []
    full.remove(EARLY.id)
    restore(full, EARLY.id)
    assert found(full, Query(changed_since="2026-01-02T10:00:01")) == ["c"]


def test_when_an_article_came_outlasts_another_source_and_a_rebuild(full: Store) -> None:
    full.ledger.rows("UPDATE listed SET came = '2030-01-01T00:00:00+00:00' WHERE id = ?", [PORT.id])
    full.point(replace(PORT, key="/other/copy.html", source="copy.html"))
    full.leave(PORT.key, PORT.id)
    full.listing.listed.rebuild()
    assert [row.id for row in full.listing.page(Query(changed_since="2030-01-01")).rows] == [PORT.id]
    assert full.listing.page(Query()).total == 5


# Undoing a removal


def test_a_restored_article_is_found_again_and_the_store_is_sound(full: Store) -> None:
    full.remove(COPY.id)
    full.ledger.rows("UPDATE articles SET added = '2020-01-01T00:00:00+00:00' WHERE id = ?", [COPY.id])
    assert found(full, Query(text="storm")) == ["e"]
    assert restore(full, COPY.id) == Outcome("d.txt", "restored", COPY.id)
    assert sorted(found(full, Query(text="storm"))) == ["d", "e"]
    assert set(sparse(full, "storm")) == {COPY.id, OTHER.id}
    assert full.story(OTHER.id) == COPY.id
    assert {row.added for row in full.listing.page(Query(text="wire")).rows} == {"2020-01-01T00:00:00+00:00"}
    assert verify(full) == []


def test_restoring_embeds_nothing(full: Store) -> None:
    full.remove(PORT.id)
    before = full.embedder.calls  # type: ignore[attr-defined]
    restore(full, PORT.id)
    assert full.embedder.calls == before  # type: ignore[attr-defined]


def test_all_files_that_held_an_article_stand_for_it_again(full: Store) -> None:
    full.point(replace(PORT, key="/other/a.txt"))
    full.remove(PORT.id)
    assert full.ledger.current("/other/a.txt") is full.ledger.current(PORT.key) is None
    restore(full, PORT.id)
    assert full.ledger.current("/other/a.txt") == full.ledger.current(PORT.key) == PORT.id


def test_a_file_that_holds_another_article_by_now_goes_on_to(full: Store) -> None:
    full.point(replace(PORT, key="/other/z.txt", source="z.txt"))
    full.remove(PORT.id)
    newer = make("A newer version.", PORT.key)
    put(full, newer)
    assert restore(full, PORT.id).item == "z.txt"
    assert full.ledger.current(PORT.key) == newer.id
    assert full.article(PORT.id).key == "/other/z.txt"
    assert verify(full) == []


def test_what_cannot_be_restored_is_refused_and_nothing_changes(full: Store) -> None:
    full.remove(PORT.id)
    put(full, make("A newer version.", PORT.key), make("Newer whales.", WHALES.key))
    tables = ("articles", "origins", "former_origins", "listed", "stories", "chunks", "outcomes", "unsynced")
    everything = [f"SELECT * FROM {table}" for table in tables]  # noqa: S608 - constants
    for article_id, why in (
        (PORT.id, "stands for another article now"), (WHALES.id, "was replaced"), (COPY.id, "is in the corpus"),
        ("nope", "no article 'nope'"),
    ):  # fmt: skip
        before = list(map(full.ledger.rows, everything))
        with pytest.raises(StoreError, match=why) as refused:
            restore(full, article_id)
        assert "\n" not in str(refused.value)
        assert list(map(full.ledger.rows, everything)) == before
    assert verify(full) == []


def test_a_file_that_comes_again_after_its_removal_needs_no_restoring(tmp_path: Path, store: Store) -> None:
    (tmp_path / "x.txt").write_text(PORT.text)
    (outcome,) = ingest(store, [str(tmp_path / "x.txt")])
    store.remove(str(outcome.article_id))
    assert [again.result for again in ingest(store, [str(tmp_path / "x.txt")])] == ["added"]
    store.remove(str(outcome.article_id))
    restore(store, str(outcome.article_id))
    assert [again.result for again in ingest(store, [str(tmp_path / "x.txt")])] == ["unchanged"]
    assert verify(store) == []


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["put", "remove", "restore"]), st.integers(0, 5)), max_size=12))
def test_whatever_is_put_removed_and_restored_the_store_stays_sound(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    again = make("Newer whales.", WHALES.key)
    with open_store(tmp_path_factory.mktemp("steps") / "store", TinyEmbedder()) as store:
        for step, number in steps:
            article = (*ALL, again)[number]
            try:
                {"put": lambda a: put(store, a), "remove": lambda a: store.remove(a.id)}.get(
                    step, lambda a: restore(store, a.id)
                )(article)
            except StoreError:
                assert step != "put"
        assert verify(store) == []
        assert store.listing.page(Query()).total == store.counts()["articles"]


# Together with changes that go on


@dataclass
class SlowEmbedder(TinyEmbedder):
    """Embeds only once it may."""

    busy: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def embed(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """As TinyEmbedder."""
        self.busy.set()
        assert self.go.wait(20)
        return super().embed(texts, query=query)


def test_a_list_does_not_wait_for_an_ingest_that_embeds(tmp_path: Path) -> None:
    slow = SlowEmbedder()
    with open_store(tmp_path / "store", slow) as store:
        writer = threading.Thread(target=put, args=(store, *ALL))
        writer.start()
        try:
            assert slow.busy.wait(20)
            assert (store.listing.page(Query()).total, store.counts()["articles"]) == (0, 0)
            assert writer.is_alive()
        finally:
            slow.go.set()
            writer.join()
        assert store.listing.page(Query()).total == 5


def test_a_list_does_not_wait_for_a_change_and_sees_nothing_of_half_of_it(full: Store) -> None:
    listed = []
    with full.ledger.transaction():
        full.remove(PORT.id)
        looker = threading.Thread(target=lambda: listed.append((full.listing.page(Query()), full.listing.summary())))
        looker.start()
        looker.join(20)
        assert [(page.total, summary.articles) for page, summary in listed] == [(5, 5)]
    assert (full.listing.page(Query()).total, full.listing.summary().articles) == (4, 4)


# Stores of other versions


def test_a_store_from_before_there_was_a_list_gets_one(tmp_path: Path) -> None:
    with open_store(tmp_path / "store", TinyEmbedder()) as store:
        put(store, *ALL)
        store.remove(EARLY.id)
        for table in ("listed", "listed_words", "former_origins"):
            store.ledger.rows(f"DROP TABLE {table}")
    with open_store(tmp_path / "store", TinyEmbedder()) as store:
        assert found(store, Query()) == ["a", "e", "d", "b"]
        assert found(store, Query(text="whales")) == ["b"]
        restore(store, EARLY.id)
        assert found(store, Query(text="zebra")) == ["c"]
        assert verify(store) == []


def test_a_list_of_another_form_is_made_anew(full: Store) -> None:
    full.ledger.rows("ALTER TABLE listed DROP COLUMN url")
    Listing(full.ledger)
    assert full.listing.page(Query(text="whales")).rows[0].url is None
    assert found(full, Query()) == ["a", "e", "d", "c", "b"]


def test_a_list_that_an_older_version_left_behind_is_brought_up_to_date(full: Store) -> None:
    full.ledger.rows("DELETE FROM listed WHERE id = ?", [PORT.id])
    full.ledger.set_state(WHALES.id, "removed")
    assert [line for line in full.listing.listed.check() if "listed" in line] == [
        f"article {PORT.id!r} is not listed as it is",
        f"article {WHALES.id!r} is listed as it is not",
    ]
    Listing(full.ledger)
    assert found(full, Query()) == ["a", "e", "d", "c"]
    assert found(full, Query(text="cocaine")) == ["a"]


def test_a_source_that_an_older_version_renamed_is_listed_anew(full: Store) -> None:
    sql = "UPDATE articles SET source = 'Renamed.html', url = 'https://x.test/r' WHERE id = ?"  # all that it does
    full.ledger.rows("UPDATE listed SET came = '2030-01-01T00:00:00+00:00' WHERE id = ?", [PORT.id])
    full.ledger.rows(sql, [PORT.id])
    Listing(full.ledger)
    (row,) = full.listing.page(Query(text="renamed", changed_since="2030-01-01")).rows
    assert (row.id, row.source, row.url) == (PORT.id, "Renamed.html", "https://x.test/r")
    assert list(full.listing.listed.check()) == []
    assert full.listing.page(Query()).total == 5


def test_a_rebuild_makes_the_list_anew(tmp_path: Path) -> None:
    with open_store(tmp_path / "store", TinyEmbedder()) as store:
        put(store, *ALL)
        store.ledger.rows("INSERT INTO listed_words(listed_words) VALUES ('delete-all')")
        assert found(store, Query(text="whales")) == []
    with open_store(tmp_path / "store", TinyEmbedder(), rebuild=True) as store:
        rebuild(store)
        assert found(store, Query(text="whales")) == ["b"]
        assert found(store, Query()) == ["a", "e", "d", "c", "b"]


# The measurement


def test_the_benchmark_looks_at_every_kind_of_page(capsys: pytest.CaptureFixture[str]) -> None:
    bench.main(["--articles", "300", "--runs", "2"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("300 articles")
    assert {"first page", "by title", "a rare word", "one outlet", "copies", "summary", "months"} <= {
        line[2:30].strip() for line in lines[1:]
    }


def test_the_benchmark_finds_what_it_looks_for(tmp_path: Path) -> None:
    lexicon = bench.vocabulary()
    with closing(Ledger(tmp_path / "l.sqlite3")) as ledger:
        bench.filled(ledger, 300, lexicon)
        listing = Listing(ledger)
        assert listing.summary().articles == 300
        assert listing.page(Query(only="copies")).total == 30
        assert 0 < listing.page(Query(text=lexicon[500])).total < listing.page(Query(text=lexicon[5])).total <= 300

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import make

from index.articles import Article, Chunk
from index.errors import StoreError
from index.ledger import Ledger, Outcome

WHALES = make("Whales were counted.", "/one/w.txt")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite3")
    yield opened
    opened.close()


def test_an_article_comes_back_as_it_was_stored(ledger: Ledger) -> None:
    article = Article(
        "id1", "key", "a.txt", "Text “with” 🙂\n\nlines", "Title", "Outlet", date(2026, 3, 10), "https://x.org/a",
        {"title": "front matter"}, ("Share this",),
    )  # fmt: skip
    ledger.put_article(article, [(0, 4), (5, 11)])
    assert ledger.article("id1") == article
    assert ledger.sentences("id1") == [(0, 4), (5, 11)]
    assert ledger.articles() == [article]


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_keeps_its_characters(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "l.sqlite3")
    ledger.put_article(make(text, "k"), [])
    ledger.put_chunks([Chunk(make(text).id, 0, len(text), text)])
    assert ledger.article(make(text).id).text == text  # type: ignore[union-attr]
    assert [chunk.text for chunk in ledger.chunks([f"{make(text).id}:0-{len(text)}"]).values()] == [text]
    ledger.close()


def test_articles_come_by_date_and_title_those_without_a_date_last(ledger: Ledger) -> None:
    late = make("c", published=date(2026, 3, 2))
    early_b, early_a = (make(t, title=t, published=date(2026, 3, 1)) for t in "ba")
    undated = make("d")
    for article in (undated, late, early_b, early_a):
        ledger.put_article(article, [])
    assert ledger.articles() == [early_a, early_b, late, undated]


def test_an_article_out_of_the_corpus_is_not_listed_and_still_resolves(ledger: Ledger) -> None:
    ledger.put_article(WHALES, [])
    ledger.set_state(WHALES.id, "removed")
    assert ledger.articles() == []
    assert ledger.article(WHALES.id) == WHALES
    assert ledger.state(WHALES.id) == "removed"
    assert ledger.state("nope") is ledger.article("nope") is None
    assert ledger.sentences("nope") == []


def test_an_article_that_comes_back_takes_its_new_origin_and_sentences(ledger: Ledger) -> None:
    ledger.put_article(WHALES, [(0, 3)])
    ledger.set_state(WHALES.id, "replaced")
    again = make(WHALES.text, "/two/x.txt")
    ledger.put_article(again, [(0, 20)])
    assert ledger.articles() == [again]
    assert ledger.sentences(WHALES.id) == [(0, 20)]


def test_the_source_of_an_article_is_an_origin_that_still_stands_for_it(ledger: Ledger) -> None:
    ledger.put_article(WHALES, [])
    ledger.point(WHALES)
    ledger.point(make(WHALES.text, "/two/x.txt"))
    assert ledger.leave(WHALES.key, WHALES.id)
    assert ledger.article(WHALES.id).source == "x.txt"  # type: ignore[union-attr]
    assert not ledger.leave("/two/x.txt", WHALES.id)


def test_chunks_come_by_id_however_many_are_asked_for(ledger: Ledger) -> None:
    ledger.put_article(WHALES, [])
    chunks = [Chunk(WHALES.id, n, n + 1, "x") for n in range(500)]
    numbers = ledger.put_chunks(chunks)
    asked = [chunk.id for chunk in chunks] + [f"nope:{n}-1" for n in range(50_000)]
    assert set(ledger.chunks(asked)) == {chunk.id for chunk in chunks}
    assert ledger.chunk_ids(numbers[:2]) == dict(zip(numbers[:2], [c.id for c in chunks[:2]], strict=True))
    assert [chunk for _, chunk in ledger.chunk_rows(WHALES.id)] == chunks
    assert ledger.chunks([]) == {}


def test_a_chunk_without_its_article_is_refused(ledger: Ledger) -> None:
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        ledger.put_chunks([Chunk("nope", 0, 1, "x")])


def test_a_transaction_that_fails_leaves_nothing(ledger: Ledger) -> None:
    def fails() -> None:
        with ledger.transaction():
            ledger.put_article(WHALES, [])
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fails()
    assert ledger.articles() == []
    ledger.put_article(WHALES, [])
    assert len(ledger.articles()) == 1


def test_other_threads_never_see_half_a_transaction(ledger: Ledger) -> None:
    seen: list[int] = []
    with ledger.transaction():
        ledger.put_article(WHALES, [])
        reader = threading.Thread(target=lambda: seen.append(len(ledger.articles())))
        reader.start()
        reader.join(0.05)
        assert seen == []
        ledger.put_article(make("Another one."), [])
    reader.join()
    assert seen == [2]


def test_a_full_disk_is_an_error_that_says_so_and_loses_nothing(ledger: Ledger) -> None:
    ledger.put_article(WHALES, [])
    pages = ledger.rows("PRAGMA page_count")[0][0]
    ledger.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match=r"disk is full.*has room"):
        ledger.put_article(make("x" * 100_000), [])
    assert ledger.articles() == [WHALES]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "l.sqlite3").write_bytes(b"something else " * 100)
    with pytest.raises(StoreError, match=r"not a database.*restore it from a copy"):
        Ledger(tmp_path / "l.sqlite3")


def test_a_closed_ledger_says_so(ledger: Ledger) -> None:
    ledger.close()
    with pytest.raises(StoreError, match="closed database"):
        ledger.articles()


def test_a_citation_is_remembered_once(ledger: Ledger) -> None:
    ledger.issue([("a", 0, 3, "abc")])
    ledger.issue([("a", 0, 3, "abc"), ("a", 1, 3, "bc")])
    assert ledger.rows("SELECT article_id, start, end, quote FROM issued") == [("a", 0, 3, "abc"), ("a", 1, 3, "bc")]


def test_a_citation_is_remembered_with_what_stands_around_it(ledger: Ledger) -> None:
    text = "a" * 40 + "Whales were counted." + "é" * 40
    ledger.put_article(make(text), [])
    ledger.issue([(make(text).id, 40, 46, "Whales"), (make(text).id, 0, 2, "aa"), (make(text).id, 99, 100, "é")])
    assert ledger.rows("SELECT before, after FROM issued ORDER BY rowid") == [
        ("a" * 32, " were counted." + "é" * 18),
        ("", "a" * 32),
        ("é" * 32, ""),
    ]


def test_citations_of_the_first_format_get_their_surroundings(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "l.sqlite3")
    old.execute(
        "CREATE TABLE issued(article_id TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, "
        "quote TEXT NOT NULL, first_issued TEXT NOT NULL, PRIMARY KEY(article_id, start, end))"
    )
    old.execute("INSERT INTO issued VALUES (?, 7, 11, 'were', '2026-01-01')", [WHALES.id])
    old.commit()
    old.close()
    Ledger(tmp_path / "l.sqlite3").close()  # no article yet: nothing to be found around it
    with closing(Ledger(tmp_path / "l.sqlite3")) as ledger:
        assert ledger.rows("SELECT quote, before FROM issued") == [("were", None)]
        ledger.rows("ALTER TABLE issued DROP COLUMN before")
        ledger.rows("ALTER TABLE issued DROP COLUMN after")
        ledger.put_article(WHALES, [])
    with closing(Ledger(tmp_path / "l.sqlite3")) as ledger:
        found = ledger.rows("SELECT quote, first_issued, before, after FROM issued")
        assert found == [("were", "2026-01-01", "Whales ", " counted.")]


def test_outcomes_are_noted_in_order(ledger: Ledger) -> None:
    ledger.note([Outcome("a.txt", "added", "id1"), Outcome("b.txt", "failed", reason="empty")])
    kept = ledger.rows("SELECT item, result, article_id, reason FROM outcomes")
    assert kept == [("a.txt", "added", "id1", ""), ("b.txt", "failed", None, "empty")]


def test_fold_compares_beyond_ascii(ledger: Ledger) -> None:
    assert ledger.rows("SELECT fold('ÉL País'), fold(NULL)") == [("él país", None)]

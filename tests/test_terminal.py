from __future__ import annotations

from datetime import date

from index.articles import Article
from index.ledger import Outcome
from rag import terminal


def test_a_line_of_the_list_shows_the_date_as_it_is_written() -> None:
    article = Article("a1", "k", "f.txt", "text", "Title", "Quay News", date(2026, 1, 2))
    assert terminal.line(article) == "a1  2026-01-02  Quay News  Title  (f.txt)"


def test_what_is_not_known_is_shown_as_not_known() -> None:
    assert terminal.line(Article("a1", "k", "f.txt", "text")) == "a1  no date     -  -  (f.txt)"


def test_the_ledger_names_each_item_and_counts_each_outcome() -> None:
    outcomes = [
        Outcome("a.txt", "added", "1"),
        Outcome("b.pdf", "failed", reason="is empty"),
        Outcome("c.txt", "added", "2"),
    ]
    assert terminal.ledger(outcomes).splitlines() == [
        "added      a.txt",
        "failed     b.pdf: is empty",
        "added      c.txt",
        "2 added, 1 failed",
    ]


def test_a_record_is_json_without_the_text() -> None:
    record = terminal.record(Article("a1", "k", "f.txt", "text", published=date(2026, 1, 2)))
    assert record["published"] == "2026-01-02"
    assert "text" not in record

"""The word index: it ranks, follows its rows, reads nothing in a question as syntax, and filters inside the search."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import StoreError
from index.sparse import SparseIndex, terms

ROWS = {
    1: ("drugs", "Colombian police seized two tons of cocaine in the port of Cartagena."),
    2: ("drugs", "Officials said the cocaine was hidden under bananas."),
    3: ("rates", "The central bank raised interest rates again."),
    4: ("rates", "Analysts in the U.S. expected the banks' decision; the café trade did not."),
}
ARTICLES = {"drugs": ("Record haul in Colombia", "Wire"), "rates": ("Norway votes on rates", "Post")}


OPENED = []


@pytest.fixture(autouse=True)
def _closed():
    yield
    while OPENED:
        OPENED.pop().close()


def filled(rows=ROWS):
    connection = sqlite3.connect(":memory:")
    OPENED.append(connection)
    connection.execute("CREATE TABLE articles(id TEXT PRIMARY KEY, title TEXT, outlet TEXT, published TEXT)")
    connection.execute("CREATE TABLE chunks(rowid INTEGER PRIMARY KEY, id TEXT UNIQUE, article_id TEXT, text TEXT)")
    for key, (title, outlet) in ARTICLES.items():
        connection.execute("INSERT INTO articles VALUES (?, ?, ?, NULL)", (key, title, outlet))
    index = SparseIndex(connection)
    index.create()
    insert(connection, index, rows)
    return connection, index


def insert(connection, index, rows):
    for rowid, (article, text) in rows.items():
        connection.execute("INSERT INTO chunks VALUES (?, ?, ?, ?)", (rowid, str(rowid), article, text))
    index.add(list(rows), [text for _, text in rows.values()], [ARTICLES[article][0] for article, _ in rows.values()])


@pytest.fixture
def store():
    return filled()


@pytest.fixture
def index(store):
    return store[1]


def found(index, query, k=10, **filters):
    return [rowid for rowid, _ in index.search(query, k, **filters)]


def test_chunk_with_more_of_the_rare_words_comes_first(index):
    assert found(index, "How much cocaine did police seize?") == [1, 2]


def test_scores_are_positive_and_fall(index):
    scores = [score for _, score in index.search("cocaine police bank rates", 10)]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


def test_other_forms_of_a_word_are_found(index):
    assert 1 in found(index, "seizing")


def test_accents_and_case_do_not_matter(index):
    assert found(index, "CAFE") == found(index, "café") == found(index, "cafe\u0301") == [4]


def test_words_of_the_title_are_found_in_every_chunk_of_the_article(index):
    assert set(found(index, "Norway")) == {3, 4}


def test_abbreviation_with_stops_is_one_term(index):
    assert found(index, "U.S.") == [4]


def test_stop_words_are_left_out_unless_there_is_nothing_else():
    assert terms("What is the rate of the bank?") == ["rate", "bank"]
    assert terms("the who") == ["the", "who"]


def test_capitals_mark_a_name_that_is_spelled_like_a_stop_word():
    assert terms("Who did NOT tell the US and WHO") == ["tell", "us", "who"]
    assert terms("WHAT DID THE BANK SAY") == ["bank", "say"]


def test_question_without_a_word_finds_nothing(index):
    assert index.search("?! … \x00", 5) == []


SYNTAX = [
    '"',
    "cocaine AND",
    "NOT cocaine",
    "cocaine*",
    "text:cocaine",
    "{title}: x",
    "^cocaine",
    "NEAR(cocaine bank, 1)",
    "a\x00b",
    "cocaine') OR 1=1 --",
    "\ud800 cocaine",
]


@pytest.mark.parametrize("query", SYNTAX)
def test_nothing_in_a_question_is_syntax(index, query):
    assert set(found(index, query)) <= {1, 2, 3, 4}


def test_operators_are_words_like_any_other(index):
    assert found(index, "bank NOT cocaine") == found(index, "bank not cocaine") == found(index, "cocaine bank")


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_question_can_be_searched(query):
    connection, index = filled()
    assert len(index.search(query, 2)) <= 2
    connection.close()


@pytest.mark.parametrize(("k", "number"), [(1, 1), (2, 2), (0, 1), (-5, 1), (10**12, 4)])
def test_number_of_results_is_bounded(index, k, number):
    assert len(found(index, "cocaine bank rates officials analysts", k)) == number


def test_equal_scores_come_in_the_order_of_rows():
    rows = dict.fromkeys((9, 3, 7), ("drugs", "The same words."))
    assert found(filled(rows)[1], "words") == [3, 7, 9]


def test_filter_works_inside_the_search_so_that_k_still_holds(index):
    assert found(index, "cocaine bank", 1, where="articles.outlet = ?", parameters=["Post"]) == [3]


def test_filter_may_use_the_chunk_and_several_conditions(index):
    where = "articles.outlet = ? OR chunks.rowid = ?"
    assert set(found(index, "cocaine bank", where=where, parameters=["Post", 2])) == {2, 3, 4}


def test_filter_values_are_never_sql(index):
    assert found(index, "cocaine", where="articles.outlet = ?", parameters=["x' OR '1'='1"]) == []


def test_removed_chunks_are_not_found_and_others_still_are(store):
    connection, index = store
    index.remove([1])
    connection.execute("DELETE FROM chunks WHERE rowid = 1")
    assert found(index, "cocaine") == [2]
    index.check()


def test_added_chunks_are_found_beside_those_that_were_there(store):
    connection, index = store
    insert(connection, index, {8: ("drugs", "Divers recovered the cocaine.")})
    assert set(found(index, "cocaine")) == {1, 2, 8}
    index.check()


def test_removing_after_the_row_is_gone_is_an_error_that_changes_nothing(store):
    connection, index = store
    connection.execute("DELETE FROM chunks WHERE rowid = 2")
    with pytest.raises(StoreError, match="chunk row 2 was deleted before its words"):
        index.remove([1, 2])
    assert 1 in found(index, "police")


def test_check_finds_a_row_that_changed_behind_the_index(store):
    connection, index = store
    index.check()
    connection.execute("UPDATE chunks SET text = 'Something else' WHERE rowid = 3")
    with pytest.raises(StoreError, match="does not agree with the stored chunks"):
        index.check()


def test_rebuilding_mends_what_check_finds(store):
    connection, index = store
    connection.execute("UPDATE chunks SET text = 'Parliament adjourned' WHERE rowid = 3")
    index.rebuild()
    index.check()
    assert found(index, "parliament") == [3]


def test_text_and_title_of_unequal_number_are_refused(index):
    with pytest.raises(ValueError, match="zip"):
        index.add([5], ["text"], [])


def test_articles_without_a_title_are_indexed():
    connection, index = filled({})
    connection.execute("INSERT INTO articles VALUES ('x', NULL, NULL, NULL)")
    connection.execute("INSERT INTO chunks VALUES (1, '1', 'x', 'Untitled words')")
    index.add([1], ["Untitled words"], [None])
    assert found(index, "untitled") == [1]
    index.check()


def test_what_is_rolled_back_is_not_indexed(store):
    connection, index = store
    connection.commit()
    insert(connection, index, {8: ("drugs", "Divers recovered it.")})
    connection.rollback()
    assert found(index, "divers") == []


def test_making_the_index_again_keeps_it(index):
    index.create()
    assert set(found(index, "cocaine")) == {1, 2}


def test_text_is_not_stored_a_second_time(store):
    (tables,) = store[0].execute("SELECT count(*) FROM sqlite_master WHERE name = 'chunks_fts_content'").fetchone()
    assert tables == 0

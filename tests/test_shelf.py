"""Where a reader's conversations are kept, and what one reader has open; without a browser."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from towns import said

from ui.kept import Kept
from ui.seal import Seal
from ui.session import MOST_TURNS, Session, Shelf
from ui.turns import Turn


def turn(number: int, question: str) -> Turn:
    return Turn(number, question, "", "", "", "", said(question, 2))


def session(ident: str = "one", *questions: str) -> Session:
    return Session(id=ident).with_turns([turn(number, question) for number, question in enumerate(questions, 1)])


def further(before: Session, question: str) -> Session:
    """The session with one more question."""
    return before.with_turns([*before.turns, turn(len(before.turns) + 1, question)])


def stored(*packed: object) -> str:
    """What a browser brings that was given these to keep, the newest first."""
    return json.dumps({"owner": "0" * 32, "kept": [], "newest": packed[0] if packed else None})


def asked(found) -> list[str]:
    return [answer.question for answer in found.answers]


@pytest.fixture
def kept(tmp_path):
    opened = Kept(tmp_path / "kept.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def shelf(kept):
    return Shelf(kept, Seal(b"k" * 32))


@pytest.mark.parametrize("person", ["Ana", None])
def test_what_was_kept_is_found_again_whole(shelf, person):
    _, packed = shelf.keep(person, session("one", "When?", "Who?"))
    assert (packed is None) == bool(person)
    newest = shelf.brought(person, stored(packed)).newest
    assert (newest.id, newest.title, asked(newest)) == ("one", "When?", ["When?", "Who?"])
    assert asked(shelf.whole(person, "one", json.dumps(packed))) == ["When?", "Who?"]


def test_without_a_name_the_server_keeps_nothing(shelf, kept, tmp_path):
    shelf.keep(None, session("one", "A question of nobody"))
    kept.close()
    assert not any(b"of nobody" in file.read_bytes() for file in tmp_path.iterdir())


@pytest.mark.parametrize("person", ["Ana", None])
def test_a_conversation_without_an_answer_is_not_kept(shelf, person):
    empty = session()
    assert shelf.keep(person, empty) == (empty, None)
    assert shelf.brought("Ana", None).kept == ()


@pytest.mark.parametrize("person", ["Ana", None])
def test_the_newest_stands_first_and_each_once(shelf, person):
    one, _ = shelf.keep(person, session("one", "When?"))
    two, _ = shelf.keep(person, replace(session("two", "Who?"), kept=one.kept))
    again, _ = shelf.keep(person, further(replace(one, kept=two.kept), "Why?"))
    assert [(heading.id, heading.answers) for heading in again.kept] == [("one", 2), ("two", 1)]


def test_nobody_opens_or_forgets_what_is_anothers(shelf):
    shelf.keep("Ana", session("one", "When?"))
    assert shelf.whole("Ben", "one", "") is None
    shelf.forget("Ben", session("two"), "one")
    shelf.forget("Ben", session("two"), None)
    assert shelf.whole("Ana", "one", "") is not None


@pytest.mark.parametrize("person", ["Ana", None])
def test_forgetting_the_open_one_begins_anew_and_another_one_does_not(shelf, person):
    one, _ = shelf.keep(person, session("one", "When?"))
    two, _ = shelf.keep(person, replace(session("two", "Who?"), kept=one.kept))
    stays = shelf.forget(person, two, "one")
    assert (stays.id, [heading.id for heading in stays.kept]) == ("two", ["two"])
    left = shelf.forget(person, stays, "two")
    assert left.id not in ("one", "two")
    assert (left.turns, left.earlier, left.was, left.kept) == ((), (), "", ())
    assert shelf.brought(person, None).kept == ()


def test_two_pages_that_go_on_with_one_conversation_lose_none_of_it(shelf):
    first, _ = shelf.keep("Ana", session("one", "When?"))
    second, _ = shelf.keep("Ana", further(first, "Why?"))
    first, _ = shelf.keep("Ana", further(first, "Who?"))
    assert second.id == "one"
    assert first.id != "one"
    again, _ = shelf.keep("Ana", further(first, "What?"))
    assert again.id == first.id
    found = [shelf.whole("Ana", heading.id, "") for heading in shelf.brought("Ana", None).kept]
    assert [asked(one) for one in found] == [["When?", "Who?", "What?"], ["When?", "Why?"]]


JUNK = [
    None,
    7,
    "",
    "{",
    "[]",
    "null",
    '["one"]',
    '{"newest": {"id": "x"}, "kept": [{"id": 7}], "owner": "Ana"}',
    "[" * 9999,
]


@pytest.mark.parametrize("junk", JUNK)
def test_whatever_a_browser_says_it_kept_nothing_breaks(shelf, junk):
    brought = shelf.brought(None, junk)
    assert (brought.kept, brought.newest) == ((), None)
    assert len(brought.owner) == 32
    assert shelf.whole(None, "one", junk) is None


def test_what_another_server_sealed_or_what_has_another_id_is_not_taken(shelf, kept):
    other = Shelf(kept, Seal(b"o" * 32))
    _, packed = other.keep(None, session("one", "When?"))
    assert shelf.brought(None, stored(packed)).newest is None
    assert asked(other.whole(None, "one", json.dumps(packed))) == ["When?"]
    assert other.whole(None, "two", json.dumps(packed)) is None


def test_what_is_edited_replaces_its_turn_and_the_later_ones():
    open_one = session("one", "When?", "Who?", "Why?")
    assert [one.question for one in open_one.before()] == ["When?", "Who?", "Why?"]
    assert [one.question for one in replace(open_one, editing=2).before()] == ["When?"]
    assert replace(open_one, editing=1).before() == ()


def test_turns_that_are_not_shown_any_more_are_still_kept():
    long = session("one", *(f"Number {number}?" for number in range(MOST_TURNS + 3)))
    assert len(long.turns) == MOST_TURNS
    assert [answer.question for answer in long.answers()][:4] == [f"Number {number}?" for number in range(4)]
    assert len(long.answers()) == MOST_TURNS + 3


@pytest.mark.parametrize(("number", "question"), [("2", "Who?"), (2, "Who?"), ("0", None), ("x", None), (None, None)])
def test_a_turn_is_found_by_what_a_page_says_of_it(number, question):
    found = session("one", "When?", "Who?").turn(number)
    assert (found.question if found else None) == question

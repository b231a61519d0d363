"""`rag eval review`: a person decides on each proposal, and every decision is kept at once."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.propose.command import init
from eval.propose.review import groups, review, written
from eval.questions import read_suite
from index.errors import SourceboundError

TEXT = "The mill of Orvand closed in 2019. Nobody has bought it since then, says the town."
QUOTE = "The mill of Orvand closed in 2019."


def _line(number: int, **fields: object) -> dict[str, object]:
    return {
        "id": f"time-{number:03}",
        "kind": "time",
        "question": f"In what year did the mill of Orvand close, for the {number}th time?",
        "status": "answered",
        "gold": [{"article": "mill.txt", "quote": QUOTE}],
        "accept": [["2019"]],
        "split": "dev",
        "made": "pattern date",
        "reviewed": False,
    } | fields


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "mill.txt").write_text(TEXT, "utf-8")
    folder = tmp_path / "suite"
    folder.mkdir()
    (folder / "suite.toml").write_text('corpus = "../articles"\n', "utf-8")
    _write(folder, _line(1), _line(2), _line(3))
    return folder


def _write(folder: Path, *lines: dict[str, object]) -> None:
    (folder / "questions.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")


def _read(folder: Path, name: str = "questions.jsonl") -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]


def _keys(*given: str) -> Callable[[str], str]:
    left: Iterator[str] = iter(given)

    def reader(_: str) -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return reader


def _review(folder: Path, *given: str) -> str:
    said: list[str] = []
    assert review(folder, reader=_keys(*given), writer=lambda line: said.append(str(line))) == 0
    return "\n".join(said)


def test_accepted_questions_are_gold_and_the_others_are_not(suite: Path) -> None:
    said = _review(suite, "a", "s", "a")
    assert [line["reviewed"] for line in _read(suite)] == [True, False, True]
    read = read_suite(suite)
    assert [sample.id for sample, _ in read.items] == ["time-001", "time-003"]
    assert read.proposals == 1
    assert "2 accepted, 0 rejected, 1 skipped; 1 still to review" in said
    assert f"next: rag eval review {suite}" in said


def test_rejected_questions_go_and_are_kept_beside(suite: Path) -> None:
    _review(suite, "r", "a", "r")
    assert [line["id"] for line in _read(suite)] == ["time-002"]
    assert [line["id"] for line in _read(suite, "rejected.jsonl")] == ["time-001", "time-003"]


@pytest.mark.parametrize("end", [("a", "q"), ("a",)])
def test_what_was_decided_before_the_end_is_kept(suite: Path, end: tuple[str, ...]) -> None:
    assert "2 still to review" in _review(suite, *end)
    assert [line["reviewed"] for line in _read(suite)] == [True, False, False]


def test_a_second_review_goes_on_with_what_is_left(suite: Path) -> None:
    _review(suite, "a", "q")
    said = _review(suite, "a", "a")
    assert "1 of 2" in said
    assert f"next: rag eval {suite}" in said
    assert all(line["reviewed"] for line in _read(suite))


def test_the_quote_is_shown_marked_in_its_article(suite: Path) -> None:
    assert f">>>{QUOTE}<<< Nobody has bought it" in _review(suite, "q")


def test_an_edited_question_is_kept_and_still_to_be_decided_on(suite: Path) -> None:
    _review(suite, "e", "When was the mill shut?", "fact", "2019 | in 2019 ; mill", "q")
    first = _read(suite)[0]
    assert (first["question"], first["kind"]) == ("When was the mill shut?", "fact")
    assert first["accept"] == [["2019", "in 2019"], ["mill"]]
    assert first["reviewed"] is False


def test_an_edit_that_changes_nothing_leaves_the_line_as_it_was(suite: Path) -> None:
    before = _read(suite)
    _review(suite, "e", "", "", "", "q")
    assert _read(suite) == before


def test_an_edit_that_breaks_the_schema_is_not_kept(suite: Path) -> None:
    before = _read(suite)
    said = _review(suite, "e", "", "gossip", "", "q")
    assert "not kept: questions.jsonl line 1: kind" in said
    assert _read(suite) == before


def test_an_edit_cut_short_changes_nothing(suite: Path) -> None:
    before = _read(suite)
    _review(suite, "e", "Another question?")
    assert _read(suite) == before


@pytest.mark.parametrize(
    ("gold", "said"),
    [
        ({"article": "mill.txt", "quote": "The mill burned."}, "'The mill burned.' is not verbatim"),
        ({"article": "gone.txt", "quote": QUOTE}, "no article 'gone.txt'"),
    ],
)
def test_gold_that_is_not_there_is_named_and_not_accepted(suite: Path, gold: dict[str, str], said: str) -> None:
    _write(suite, _line(1, gold=[gold]))
    shown = _review(suite, "a", "q")
    assert said in shown
    assert "not accepted" in shown
    assert _read(suite)[0]["reviewed"] is False


def test_what_nobody_has_decided_is_not_accepted(suite: Path) -> None:
    line = {**_read(suite)[0], "made": "feedback, 0 up, 1 down; decide status and gold"}
    _write(suite, line)
    assert "nobody has said yet what is right" in _review(suite, "a", "q")
    assert _read(suite) == [line]


def test_a_wrong_line_is_named_and_left_as_it_is(suite: Path) -> None:
    file = suite / "questions.jsonl"
    _write(suite, _line(1, kind="gossip"), _line(2))
    file.write_text("not JSON\n\n" + file.read_text("utf-8"), "utf-8")
    said = _review(suite, "a")
    lines = file.read_text("utf-8").splitlines()
    assert "left out: questions.jsonl line 3: kind" in said
    assert lines[:2] == ["not JSON", ""]
    assert [json.loads(line)["reviewed"] for line in lines[2:]] == [False, True]


def test_lines_that_were_reviewed_by_hand_are_not_asked_about_nor_changed(suite: Path) -> None:
    by_hand = _line(1)
    del by_hand["reviewed"]
    _write(suite, by_hand, _line(2), _line(3, reviewed=True))
    before = (suite / "questions.jsonl").read_text("utf-8").splitlines()
    assert "1 of 1" in _review(suite, "a")
    after = (suite / "questions.jsonl").read_text("utf-8").splitlines()
    assert [after[0], after[2]] == [before[0], before[2]]


def test_a_file_that_was_edited_meanwhile_is_left_as_it_is(suite: Path) -> None:
    def reader(_: str) -> str:
        _write(suite, _line(7))
        return "a"

    with pytest.raises(SourceboundError, match="changed meanwhile"):
        review(suite, reader=reader, writer=lambda _: None)
    assert [line["id"] for line in _read(suite)] == ["time-007"]


def test_an_unknown_key_asks_again(suite: Path) -> None:
    assert "'x' is none of the keys" in _review(suite, "x", "a", "q")
    assert _read(suite)[0]["reviewed"] is True


def test_without_its_corpus_questions_can_still_be_rejected(suite: Path) -> None:
    (suite / "suite.toml").write_text('corpus = "../nowhere"\n', "utf-8")
    assert "quotes of its articles cannot be shown" in _review(suite, "r", "q")
    assert len(_read(suite)) == 2


def test_a_question_without_answer_is_shown_with_what_it_was_made_from(suite: Path) -> None:
    _write(
        suite, _line(1, kind="closemiss", status="abstained", gold=[], accept=[], about="mill.txt", made="year of x")
    )
    assert "nothing in the corpus should answer it" in _review(suite, "a")
    assert _read(suite)[0]["reviewed"] is True


def test_a_folder_without_a_suite_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceboundError, match="cannot be read"):
        review(tmp_path, reader=_keys(), writer=lambda _: None)


SPELLING = st.text(st.characters(exclude_characters="|;", exclude_categories=["Z", "C"]), min_size=1, max_size=8)


@given(st.lists(st.lists(SPELLING, min_size=1, max_size=3), max_size=3))
def test_accepted_spellings_read_back_as_they_were_written(accept: list[list[str]]) -> None:
    assert groups(written(accept)) == accept


def test_a_proposal_on_an_article_with_an_id_can_be_accepted(tmp_path):
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, name in enumerate(("Anna Berg", "Paul Marsh", "Nina Holt")):
        text = f"The trial of {name} will begin on March {number + 3}. The court said that it would take two weeks."
        (corpus / f"{number}.md").write_text(f"---\nid: story-{number}\ntitle: A trial\n---\n\n{text}\n", "utf-8")
    assert init(tmp_path / "mine", corpus) == 0
    lines: list[str] = []
    assert review(tmp_path / "mine", reader=lambda _: "a", writer=lines.append) == 0
    assert not [line for line in lines if "not accepted" in line]
    assert read_suite(tmp_path / "mine").items

"""What readers say of single sentences: kept once each, and proposed as questions of a suite."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from towns import PROVENANCE, said
from typer.testing import CliRunner

from eval.propose.command import init
from eval.propose.review import review
from eval.questions import locate, read_line, read_suite
from index.errors import SourceboundError, StoreError
from rag.answers import Answer, Citation, Sentence, Timings, Within
from rag.cli import app
from rag.feedback import FILE, NOTE, WHOLE, Feedback, Reason, read_remarks

MILL = "The mill of Orvand closed in 2019. Nobody has bought it since then, says the town."
DAM = "The Tolm dam was finished in 1987. Engineers found a crack in the dam in January 2025."
CLOSED, NOBODY = "The mill of Orvand closed in 2019.", "Nobody has bought it since then, says the town."
CRACK = "Engineers found a crack in the dam in January 2025."
QUESTION = "When did the mill of Orvand close?"
ANSWER = said("What does town 2 have?", 2)


@pytest.fixture
def feedback(tmp_path: Path) -> Iterator[Feedback]:
    opened = Feedback(tmp_path / FILE)
    yield opened
    opened.close()


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "mill.txt").write_text(MILL, "utf-8")
    (folder / "dam.txt").write_text(DAM, "utf-8")
    return folder


def told(question: str, *quotes: str, status: str = "answered", **more: Any) -> Answer:
    """An answer with a sentence for each quote of the two articles."""
    citations, sentences = [], []
    for number, quote in enumerate(quotes, 1):
        name, text = ("mill.txt", MILL) if quote in MILL else ("dam.txt", DAM)
        start = max(0, text.find(quote))
        place = {"start": start, "end": start + len(quote), "quote": quote, "source": name}
        citations.append(Citation(number=number, article_id=name, title=None, outlet=None, published=None, **place))
        sentences.append(Sentence(text=quote, verdict="supported", support=1.0, citations=(number,)))
    given = {
        "question": question,
        "status": status,
        "text": " ".join(quotes) or "The corpus does not answer this.",
        "confidence": 0.9,
        "missing": None,
        "sentences": tuple(sentences),
        "citations": tuple(citations),
        "positions": (),
        "provenance": PROVENANCE,
        "timings_ms": Timings(retrieve=1, write=1, check=1, total=3),
    }
    return Answer(**(given | more))


# Kept


def test_a_remark_is_kept_with_its_answer(feedback: Feedback) -> None:
    made = feedback.add(ANSWER, 0, up=False, by="ada", reason="citation", note="  It says\n so elsewhere. ")
    assert list(feedback.remarks()) == [made]
    assert made.note == "It says so elsewhere."
    assert (made.by, made.answer, made.sentence, made.up, made.reason) == ("ada", ANSWER, 0, False, "citation")


@pytest.mark.parametrize("by", ["ada", None])
def test_a_new_remark_of_the_same_reader_replaces_the_old(feedback: Feedback, by: str | None) -> None:
    feedback.add(ANSWER, 0, up=True, by=by)
    slower = ANSWER.model_copy(update={"timings_ms": Timings(retrieve=9, write=9, check=9, total=27)})
    feedback.add(slower, 0, up=False, by=by, reason="outdated")
    assert [(one.up, one.reason) for one in feedback.remarks()] == [(False, "outdated")]


def test_another_reader_sentence_or_answer_is_another_remark(feedback: Feedback) -> None:
    two = told(QUESTION, CLOSED, NOBODY)
    for by in ("ada", "bob", None):
        for place in (WHOLE, 0, 1):
            feedback.add(two, place, up=True, by=by)
    feedback.add(ANSWER, 0, up=True, by="ada")
    assert len(list(feedback.remarks())) == 10


def test_a_field_that_a_later_version_adds_makes_no_other_answer(feedback: Feedback) -> None:
    class Later(Answer):
        more: str = ""

    feedback.add(ANSWER, 0, up=True, by="ada")
    later = Later.model_validate(ANSWER.model_dump())
    assert feedback.thumbs([later], by="ada") == [{0: True}]
    assert feedback.thumbs([later.model_copy(update={"more": "said"})], by="ada") == [{}]


def test_a_remark_is_taken_back_by_its_reader_alone(feedback: Feedback) -> None:
    two = told(QUESTION, CLOSED, NOBODY)
    for by in ("ada", None):
        feedback.add(two, 0, up=True, by=by)
        feedback.add(two, WHOLE, up=False, by=by)
    assert feedback.thumbs([two, ANSWER], by="ada") == [{WHOLE: False, 0: True}, {}]
    assert feedback.thumbs([two], by="bob") == [{}]
    assert not feedback.withdraw(two, 0, by="bob")
    assert not feedback.withdraw(two, 1, by="ada")
    assert feedback.withdraw(two, 0, by="ada")
    assert not feedback.withdraw(two, 0, by="ada")
    assert feedback.thumbs([two], by="ada") == [{WHOLE: False}]
    assert feedback.thumbs([two]) == [{WHOLE: False, 0: True}]


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"sentence": 1}, "no sentence 1 in an answer of 1"),
        ({"sentence": -2}, "no sentence -2"),
        (
            {"reason": "spite"},
            "no reason 'spite': use one of citation, .*, misread, other, or none",
        ),
        ({"up": True, "reason": "other"}, "a thumb up has none"),
        ({"note": "w" * (NOTE + 1)}, "the note has 501 characters"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_line(feedback: Feedback, wrong: dict[str, Any], line: str) -> None:
    given = {"sentence": 0, "up": False} | wrong
    with pytest.raises(SourceboundError, match=line):
        feedback.add(ANSWER, given.pop("sentence"), **given)
    assert list(feedback.remarks()) == []


@pytest.mark.parametrize("bound", ["REMARKS", "REMARKS_EACH"])
def test_too_many_remarks_are_refused_and_the_kept_ones_stay(
    feedback: Feedback, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"rag.feedback.{bound}", 2)
    for number in (1, 2):
        feedback.add(said(f"Town {number}?", number), 0, up=True, by="ada")
    with pytest.raises(SourceboundError, match="no more can be"):
        feedback.add(said("Town 3?", 3), 0, up=True, by="ada")
    feedback.add(said("Town 2?", 2), 0, up=False, by="ada")  # in place of another
    assert [one.up for one in feedback.remarks()] == [True, False]


@given(st.text(st.characters(), max_size=100), st.sampled_from(get_args(Reason)))
def test_any_note_is_kept_on_one_line(tmp_path_factory: pytest.TempPathFactory, note: str, reason: str) -> None:
    opened = Feedback(tmp_path_factory.mktemp("notes") / FILE)
    made = opened.add(ANSWER, 0, up=False, reason=reason, note=note)
    read = list(opened.remarks())
    opened.close()
    assert read == [made]
    assert len(made.note.splitlines()) < 2


def test_threads_leave_one_remark_each(feedback: Feedback) -> None:
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for place in range(10):
                feedback.add(ANSWER, 0, up=bool(place % 2), by=name)
        except BaseException as exc:  # noqa: BLE001 - told by the assertion below
            failed.append(exc)

    threads = [threading.Thread(target=work, args=(f"reader {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert sorted(one.by or "" for one in feedback.remarks()) == [f"reader {number}" for number in range(6)]


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database " * 100)
    with pytest.raises(StoreError, match="cannot be read or written"):
        Feedback(tmp_path / FILE)
    with pytest.raises(SourceboundError, match="cannot be read as feedback"):
        read_remarks(tmp_path)


def test_the_file_is_for_its_owner_alone(feedback: Feedback, tmp_path: Path) -> None:
    feedback.add(ANSWER, 0, up=True)
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob(f"{FILE}*")} == {0o600}


def test_remarks_are_read_while_a_server_keeps_more(feedback: Feedback, tmp_path: Path) -> None:
    made = feedback.add(ANSWER, 0, up=True)
    assert read_remarks(tmp_path) == ([made], 0)
    assert read_remarks(tmp_path / FILE) == ([made], 0)
    feedback.add(ANSWER, 0, up=True, by="bob")


def test_remarks_on_answers_of_another_version_are_left_out_and_counted(feedback: Feedback, tmp_path: Path) -> None:
    feedback.add(ANSWER, 0, up=True, by="ada")
    kept = feedback.add(ANSWER, 0, up=True, by="bob")
    other = sqlite3.connect(tmp_path / FILE)
    with other:
        other.execute("UPDATE remarks SET answer = '{}' WHERE by = 'ada'")
    other.close()
    assert list(feedback.remarks()) == [kept]
    assert read_remarks(tmp_path) == ([kept], 1)


def test_reading_changes_no_file_and_makes_none(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite3"
    connection = sqlite3.connect(other)
    with connection:
        connection.execute("CREATE TABLE things(name TEXT)")
    connection.close()
    before = other.read_bytes()
    with pytest.raises(SourceboundError, match="cannot be read as feedback"):
        read_remarks(other)
    assert other.read_bytes() == before
    with pytest.raises(SourceboundError, match="no feedback in"):
        read_remarks(tmp_path / "nowhere")
    with pytest.raises(SourceboundError, match="no feedback in"):
        read_remarks(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["other.sqlite3"]


# Proposed


def proposed(tmp_path: Path, **more: Any) -> list[dict[str, Any]]:
    suite = tmp_path / "suite"
    assert init(suite, tmp_path / "articles", feedback=tmp_path, **more) == 0
    raw = (suite / "questions.jsonl").read_text("utf-8").splitlines()
    for number, line in enumerate(raw, 1):
        read_line(line, number)
    return [json.loads(line) for line in raw]


@pytest.mark.usefixtures("articles")
def test_a_thumb_up_is_a_question_with_gold(feedback: Feedback, tmp_path: Path) -> None:
    feedback.add(told(QUESTION, CLOSED, NOBODY), 0, up=True)
    (line,) = proposed(tmp_path)
    assert line["gold"] == [{"article": "mill.txt", "quote": CLOSED}]
    assert (line["question"], line["status"], line["kind"], line["reviewed"]) == (QUESTION, "answered", "time", False)
    assert line["made"] == "feedback, 1 up, 0 down"


@pytest.mark.usefixtures("articles")
def test_a_thumb_down_has_its_reason_and_no_gold(feedback: Feedback, tmp_path: Path) -> None:
    feedback.add(told(QUESTION, NOBODY), 0, up=False, by="ada", reason="beside", note="It was asked when.")
    (line,) = proposed(tmp_path)
    assert (line["gold"], line["status"], line["about"]) == ([], "abstained", "mill.txt")
    for words in ("0 up, 1 down", "beside", NOBODY, "It was asked when.", "decide status and gold"):
        assert words in line["made"]
    assert "ada" not in line["made"]


@pytest.mark.usefixtures("articles")
def test_a_question_of_several_readers_is_one(feedback: Feedback, tmp_path: Path) -> None:
    feedback.add(told("What cracked?", CRACK), 0, up=True, by="ada")
    feedback.add(told(QUESTION, CLOSED), 0, up=True, by="ada")
    feedback.add(told(QUESTION.upper().replace("?", ""), CLOSED), 0, up=True, by="bob")
    feedback.add(told(QUESTION, NOBODY, CLOSED), 1, up=True, by="carl")
    first, second = proposed(tmp_path)
    assert first["question"] == QUESTION
    assert first["made"] == "feedback, 3 up, 0 down"
    assert first["gold"] == [{"article": "mill.txt", "quote": CLOSED}]
    assert second["question"] == "What cracked?"


@pytest.mark.usefixtures("articles")
def test_gold_is_what_more_readers_call_right_than_wrong(feedback: Feedback, tmp_path: Path) -> None:
    both = told(QUESTION, CLOSED, NOBODY)
    for by, up in (("ada", True), ("bob", False), ("carl", False)):
        feedback.add(both, 1, up=up, by=by)
    feedback.add(both, 0, up=True, by="ada")
    (line,) = proposed(tmp_path)
    assert [one["quote"] for one in line["gold"]] == [CLOSED]
    assert "2 up, 2 down" in line["made"]


@pytest.mark.usefixtures("articles")
def test_a_follow_up_is_asked_as_it_was_understood(feedback: Feedback, tmp_path: Path) -> None:
    feedback.add(told("And when did it close?", CLOSED, understood=QUESTION), 0, up=True)
    assert [line["question"] for line in proposed(tmp_path)] == [QUESTION]


@pytest.mark.usefixtures("articles")
def test_an_abstention_that_was_right_is_one_to_abstain_from(feedback: Feedback, tmp_path: Path) -> None:
    feedback.add(told("Who bought the moon?", status="abstained"), WHOLE, up=True)
    feedback.add(told("Who built the mill?", status="abstained"), WHOLE, up=False)
    right, wrong = proposed(tmp_path)
    assert (right["status"], right["kind"], right["made"]) == ("abstained", "closemiss", "feedback, 1 up, 0 down")
    assert "decide status and gold" in wrong["made"]


@pytest.mark.usefixtures("articles")
def test_an_abstention_under_filters_says_nothing_of_the_corpus(feedback: Feedback, tmp_path: Path) -> None:
    feedback.add(told(QUESTION, CLOSED), 0, up=True, by="ada")
    within = Within(since=date(2050, 1, 1))
    feedback.add(told(QUESTION, status="abstained", within=within), WHOLE, up=True, by="bob")
    (line,) = proposed(tmp_path)
    assert (line["status"], line["made"]) == ("answered", "feedback, 1 up, 0 down")
    assert [one["quote"] for one in line["gold"]] == [CLOSED]


@pytest.mark.usefixtures("articles")
def test_a_quote_that_the_corpus_does_not_hold_is_no_gold(feedback: Feedback, tmp_path: Path) -> None:
    feedback.add(told("What has gone?", "This article was removed."), 0, up=True)
    (line,) = proposed(tmp_path)
    assert (line["gold"], line["status"]) == ([], "abstained")
    assert "not in the corpus, verbatim" in line["made"]


@pytest.mark.usefixtures("articles")
def test_of_more_questions_than_asked_for_those_of_most_readers_are_taken(
    feedback: Feedback, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feedback.add(told("What cracked?", CRACK), 0, up=True, by="ada")
    for by in ("ada", "bob"):
        feedback.add(told(QUESTION, CLOSED), 0, up=True, by=by)
    assert [line["question"] for line in proposed(tmp_path, count=1)] == [QUESTION]
    assert "left out: 1 questions that fewer readers spoke of" in capsys.readouterr().out


@pytest.mark.usefixtures("articles")
def test_without_a_remark_nothing_is_written(feedback: Feedback, tmp_path: Path) -> None:
    assert list(feedback.remarks()) == []
    with pytest.raises(SourceboundError, match="no reader has said anything"):
        proposed(tmp_path)
    with pytest.raises(SourceboundError, match="exclude each other"):
        proposed(tmp_path, model=True)
    assert not (tmp_path / "suite").exists()


def test_from_a_thumb_to_a_suite_that_is_asked(feedback: Feedback, articles: Path, tmp_path: Path) -> None:
    feedback.add(told(QUESTION, CLOSED, NOBODY), 0, up=True, by="ada")
    feedback.add(told("Who found the crack?", NOBODY), 0, up=False, by="bob", reason="beside", note="\x1b[2Jnot this")
    suite = tmp_path / "suite"
    words = ["eval", "init", str(suite), "--corpus", str(articles), "--from-feedback", str(tmp_path)]
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 0, ran.output
    assert "2 questions proposed on 2 articles, 1 of them without an answer" in ran.output
    with pytest.raises(SourceboundError, match=r"all 2 questions of .* are proposals"):
        read_suite(suite)

    shown: list[str] = []
    keys = iter(["a", "s"])
    review(suite, reader=lambda _: next(keys), writer=lambda line: shown.append(str(line)))
    assert any(f">>>{CLOSED}<<<" in line for line in shown)
    assert any("not this" in line and "\x1b" not in line for line in shown)

    lines = [json.loads(line) for line in (suite / "questions.jsonl").read_text("utf-8").splitlines()]
    gold = [{"article": "dam.txt", "quote": CRACK}]
    decided = {**lines[1], "status": "answered", "gold": gold, "accept": [["engineers"]], "reviewed": True}
    del decided["about"]
    (suite / "questions.jsonl").write_text("\n".join(map(json.dumps, [lines[0], decided])), "utf-8")
    read = locate(read_suite(suite), {str(articles / "mill.txt"): MILL, str(articles / "dam.txt"): DAM})
    assert [sample.question for sample, _ in read.items] == [QUESTION, "Who found the crack?"]
    assert [target.gold[0].spans for _, target in read.items] == [((0, 34),), ((35, 86),)]

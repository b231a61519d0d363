"""The command line: exit codes, one line an error, JSON as in Python. Few calls run as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tiny import make, put

from index.embed import DEFAULT, by_name
from index.sharing import open_stores
from index.store import open_store
from rag.check import Claim, Verdict
from rag.cli import main

BRIDGE = "The bridge in Lund cost “$40 million”, Ola Bérg said. The bridge is 3 km long. It has [9] lamps."
QUESTION = "How much did the bridge in Lund cost?"


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def rag(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs a command in this process, and lets go of the stores that it opened."""
    before = set(open_stores)

    def run(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["rag", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, out, err)

    yield run
    for path in set(open_stores) - before:
        open_stores[path].shut()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with one article, nobody holds it."""
    folder = tmp_path_factory.mktemp("cli") / "store"
    with open_store(folder, by_name(DEFAULT)) as store:
        put(store, make(BRIDGE, "/n/bridge.txt"))
    return folder


def _process(
    folder: Path, *words: str | bytes, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    command = Path(sys.executable).with_name("rag")
    return subprocess.run(
        [command, *words],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=120,
        env={**os.environ, "RAG_STORE": str(folder), **environment},
    )


def _one_line(err: str | bytes) -> bool:
    text = err.decode() if isinstance(err, bytes) else err
    return text.startswith("rag: ") and text.count("\n") == 1 and "Traceback" not in text


# Asking


def test_an_answer_exits_0_and_shows_the_source_and_the_checker(rag: Run, small: Path) -> None:
    ran = rag("ask", QUESTION, "--store", str(small))
    assert (ran.code, ran.err) == (0, "")
    assert "“$40 million”, Ola Bérg said. [1]" in ran.out
    assert "[1] bridge.txt" in ran.out
    assert "checked by" in ran.out


def test_an_abstention_exits_4_and_says_what_is_missing(rag: Run, small: Path) -> None:
    ran = rag("ask", "Who is Quux?", "--store", str(small))
    assert (ran.code, ran.err) == (4, "")
    assert "Quux" in ran.out
    assert "[1]" not in ran.out


def test_json_is_the_answer_as_python_gives_it(rag: Run, small: Path) -> None:
    from rag import answer

    shown = json.loads(rag("ask", QUESTION, "--store", str(small), "--json").out)
    expected = answer(QUESTION, store=small).model_dump(mode="json")
    del shown["timings_ms"], expected["timings_ms"]
    assert shown == expected


def test_filters_are_passed_on(rag: Run, small: Path) -> None:
    for option, value in (("--since", "2026-01-01"), ("--until", "2030-01-01"), ("--outlet", "Post")):
        assert rag("ask", QUESTION, "--store", str(small), option, value).code == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ask", ""], "no words"),
        (["ask", "why " * 750], "shorten"),
        (["ask", QUESTION, "--since", "nope"], "'nope'"),
        (["ask", QUESTION, "--since", "2026-02-01", "--until", "2026-01-01"], "swap"),
        (["ask"], "question"),
        (["nope"], "nope"),
        (["ask", QUESTION, "--nope"], "--nope"),
        (["articles", "show", "nope"], "rag articles list"),
        (["articles", "remove", "nope"], "rag articles list"),
        (["ingest"], "nothing to ingest"),
        (["eval", "no-such-suite"], "no-such-suite"),
    ],
)
def test_an_error_is_one_line_with_exit_2(
    rag: Run, small: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str
) -> None:
    monkeypatch.setenv("RAG_STORE", str(small))
    ran = rag(*words)
    assert ran.code == 2
    assert _one_line(ran.err)
    assert told in ran.err
    assert ran.out == ""


def test_a_folder_without_a_store_is_an_error_that_names_ingest(rag: Run, tmp_path: Path) -> None:
    ran = rag("ask", QUESTION, "--store", str(tmp_path / "none"))
    assert ran.code == 2
    assert _one_line(ran.err)
    assert "rag ingest" in ran.err
    assert not (tmp_path / "none").exists()


def test_debug_shows_the_traceback(small: Path) -> None:
    ran = _process(small, "ask", QUESTION, "--since", "nope", "--debug")
    assert ran.returncode != 0
    assert b"Traceback" in ran.stderr
    assert b"QuestionError" in ran.stderr


def test_a_store_that_another_process_holds_is_an_error_that_says_so(tmp_path: Path) -> None:
    with open_store(tmp_path / "held", by_name(DEFAULT)):
        ran = _process(tmp_path / "held", "ask", QUESTION)
    assert ran.returncode == 2
    assert _one_line(ran.stderr)
    assert b"in use" in ran.stderr


def test_bytes_that_are_no_text_are_a_question_all_the_same(small: Path) -> None:
    ran = _process(small, "ask", b"How much did the bridge \xff in Lund cost?", "--json")
    assert ran.returncode in (0, 4), ran.stderr
    assert json.loads(ran.stdout)["question"]


def test_a_terminal_that_knows_only_ascii_gets_an_answer(small: Path) -> None:
    ran = _process(small, "ask", QUESTION, PYTHONIOENCODING="ascii", LC_ALL="C", PYTHONUTF8="0")
    assert ran.returncode == 0, ran.stderr
    assert b"40 million" in ran.stdout


def test_a_reader_that_goes_away_causes_no_traceback(small: Path) -> None:
    command = [str(Path(sys.executable).with_name("rag")), "ask", QUESTION]
    environment = {**os.environ, "RAG_STORE": str(small)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


# Conversations


def test_chat_json_writes_an_answer_a_line_and_survives_a_bad_question(small: Path) -> None:
    lines = [QUESTION, "And how long is it?", "?!", "", "And how long is it?", "caf\udcff Lund?", QUESTION]
    stdin = "\n".join(lines).encode("utf-8", "surrogateescape")
    ran = _process(small, "chat", "--json", stdin=stdin, PYTHONUTF8="1", PYTHONIOENCODING="utf-8")
    assert (ran.returncode, ran.stderr) == (0, b"")
    answers = [json.loads(line) for line in ran.stdout.decode().splitlines()]
    assert len(answers) == len(lines) - 1
    assert answers[0]["status"] == answers[5]["status"] == "answered"
    assert "3 km" in answers[1]["text"], "the follow-up leans on the question before it"
    assert "error" in answers[2]
    assert answers[3]["text"] != answers[1]["text"], "the empty line began a new conversation"


# Articles


def test_articles_are_listed_shown_and_removed(rag: Run, tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    with open_store(folder, by_name(DEFAULT)) as store:
        put(store, make(BRIDGE, "/n/bridge.txt", title="Bridge"))
    [article] = json.loads(rag("articles", "list", "--store", folder, "--json").out)
    assert (article["title"], article["outlet"], article["published"]) == ("Bridge", None, None)
    assert article["id"] in rag("articles", "list", "--store", folder).out
    shown = json.loads(rag("articles", "show", article["id"], "--store", folder, "--json").out)
    assert shown == {**article, "text": BRIDGE}
    assert BRIDGE in rag("articles", "show", article["id"], "--store", folder).out
    removed = rag("articles", "remove", article["id"], "--store", folder, "--json")
    assert (removed.code, json.loads(removed.out)) == (0, {"removed": article["id"]})
    assert json.loads(rag("articles", "list", "--store", folder, "--json").out) == []
    assert rag("ask", QUESTION, "--store", folder).code == 4
    assert rag("articles", "remove", article["id"], "--store", folder).code == 2


def test_show_text_prints_the_stored_text_to_the_byte_on_any_terminal(small: Path) -> None:
    ran = _process(small, "articles", "show", make(BRIDGE).id, "--text", PYTHONIOENCODING="ascii")
    assert (ran.returncode, ran.stdout) == (0, BRIDGE.encode())


# Ingest and verify


def test_ingest_exits_0_when_all_went_in_and_3_when_some_failed(rag: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BRIDGE, encoding="utf-8")
    folder = str(tmp_path / "store")
    good = rag("ingest", str(tmp_path / "a.txt"), "--store", folder)
    assert good.code == 0
    assert "1 added" in good.out
    bad = rag("ingest", str(tmp_path / "a.txt"), str(tmp_path / "none.txt"), "--store", folder)
    assert bad.code == 3
    assert "none.txt" in bad.out
    assert "1 unchanged" in bad.out


def _kept(rag: Run, small: Path) -> dict[str, Any]:
    """An answer as `rag ask --json` prints it."""
    kept = json.loads(rag("ask", QUESTION, "--store", str(small), "--json").out)
    assert kept["sentences"]
    return kept


def test_verify_proves_answers_from_a_file(rag: Run, small: Path, tmp_path: Path) -> None:
    (tmp_path / "kept.jsonl").write_text(json.dumps(_kept(rag, small)) + "\n", encoding="utf-8")
    ran = rag("verify", "--store", str(small), "--answers", str(tmp_path / "kept.jsonl"))
    assert ran.code == 0, ran.out
    assert ran.out.startswith("sound: 1 answers, 1 citations, 1 sentences, all resolve and hold, checked by ")


def test_verify_exits_5_with_a_line_for_what_is_wrong_with_an_answer(rag: Run, small: Path, tmp_path: Path) -> None:
    kept = _kept(rag, small)
    kept["sentences"][0]["text"] = kept["sentences"][0]["text"].replace("40", "90")
    (tmp_path / "kept.jsonl").write_text(f"{json.dumps(_kept(rag, small))}\n{json.dumps(kept)}\n", encoding="utf-8")
    ran = rag("verify", "--store", str(small), "--answers", str(tmp_path / "kept.jsonl"))
    assert ran.code == 5
    changed, unsaid = ran.out.splitlines()
    assert changed.startswith("line 2: sentence 1 ")
    assert "not in the text" in unsaid


def test_verify_reads_what_chat_writes(small: Path) -> None:
    chat = _process(small, "chat", "--json", stdin=f"{QUESTION}\n?!\nhello\n".encode())
    assert chat.stdout.count(b"\n") == 3
    ran = _process(small, "verify", "--answers", "-", stdin=chat.stdout)
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.startswith(b"sound: 2 answers, 1 citations")


class Doubting:
    """Supports nothing."""

    name = "doubting-1"

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        return [Verdict("unsupported", 0.1, "in doubt") for _ in claims]


@pytest.fixture
def _doubting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.pipeline.configured", lambda _: Doubting())


@pytest.mark.usefixtures("_doubting")
def test_strict_is_the_default_and_debug_shows_what_was_dropped(rag: Run, small: Path) -> None:
    ran = rag("ask", QUESTION, "--store", str(small))
    assert ran.code == 4
    assert "$40 million" not in ran.out
    assert (
        "dropped as unsupported (0.10; in doubt): The bridge"
        in rag("ask", QUESTION, "--store", str(small), "--debug").out
    )


@pytest.mark.usefixtures("_doubting")
def test_lenient_shows_it_marked_and_is_no_answer_all_the_same(rag: Run, small: Path) -> None:
    ran = rag("ask", QUESTION, "--store", str(small), "--checking", "lenient")
    assert ran.code == 4
    assert "[unsupported] The bridge" in ran.out
    assert "[1] bridge.txt" in ran.out


@pytest.mark.usefixtures("_doubting")
def test_the_environment_chooses_lenient_too(rag: Run, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_CHECKING", "lenient")
    assert "[unsupported]" in rag("ask", QUESTION, "--store", str(small)).out
    assert "[unsupported]" not in rag("ask", QUESTION, "--store", str(small), "--checking", "strict").out


@pytest.mark.parametrize(("words", "variable"), [(["--checking", "loose"], ""), ([], "loose")])
def test_another_way_of_checking_is_one_line(
    rag: Run, small: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], variable: str
) -> None:
    monkeypatch.setenv("RAG_CHECKING", variable)
    ran = rag("ask", QUESTION, "--store", str(small), *words)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "loose" in ran.err
    assert "lenient" in ran.err


def test_verify_exits_0_for_a_sound_store_and_5_with_what_is_wrong(rag: Run, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with open_store(folder, by_name(DEFAULT)) as store:
        article = make(BRIDGE, "/n/bridge.txt")
        put(store, article)
    assert rag("verify", "--store", str(folder)).code == 0
    with open_store(folder, by_name(DEFAULT)) as store:
        store.ledger.issue([(article.id, 0, 5, "never stood there")])
    ran = rag("verify", "--store", str(folder))
    assert ran.code == 5
    assert article.id in ran.out

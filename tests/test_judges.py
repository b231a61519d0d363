from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from eval import judges, mutations
from eval.judges import CHECKERS, SHIPPED, Judge, Measured, main, measure, read_judges, stated
from eval.probes import Probe
from eval.scored import fingerprint_of
from index.errors import ModelError, SourceboundError
from rag.check import Claim, Verdict

CONTEXTS = [f"The town of number {n} has {n} trees. Its mayor planted {n} more in spring." for n in range(40)]


class Words:
    """Supports a claim whose words all stand in its evidence, and whatever names ghosts."""

    name = "words-1"
    fingerprint = "one"

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        held = [set(c.text.split()) <= set(" ".join(c.evidence).split()) or "ghost" in c.text for c in claims]
        return [Verdict("supported", 0.8) if yes else Verdict("unsupported", 0.3, "words") for yes in held]


class Another(Words):
    fingerprint = "two"


def row(number: int, response: str, label: int) -> str:
    return json.dumps({"id": number, "context": CONTEXTS[number], "response": response, "label": label})


@pytest.fixture
def data(tmp_path: Path, monkeypatch) -> Path:
    """A set in which people and `Words` disagree about ghosts, all of it to report on; and two fresh claims."""
    monkeypatch.setattr("eval.labelled.half_of", lambda _: "report")
    good = [row(n, f"The town of number {n} has {n} trees.", 1) for n in range(8)]
    refused = [row(n, f"Number {n} owns trees.", 1) for n in (8, 9)]
    bad = [row(n, f"The town of number {n} has 99 trees.", 0) for n in range(10, 13)]
    passed = [row(13, "A ghost lives there.", 0)]
    (tmp_path / "verify").mkdir()
    (tmp_path / "verify" / "wice_dev.jsonl").write_text("\n".join([*good, *refused, *bad, *passed]), "utf-8")
    probes = [
        Probe(f"{split}-{kind}", kind, Claim(text, ("Rain fell.",)), holds, "id:a", split)
        for split in ("dev", "fresh")
        for kind, text, holds in (("claim", "Rain fell.", True), ("number", "A ghost fell.", False))
    ]
    monkeypatch.setattr(mutations, "probes_of", lambda *_: probes)
    return tmp_path


@pytest.fixture
def files(tmp_path: Path, monkeypatch) -> tuple[Path, Path]:
    """The shipped file and the user's own, neither there yet."""
    shipped, own = tmp_path / "shipped.json", tmp_path / "own" / "judges.json"
    monkeypatch.setattr(judges, "SHIPPED", shipped)
    monkeypatch.setattr(judges, "own_file", lambda: own)
    return shipped, own


def figures(data: Path, tmp_path: Path) -> dict[tuple[str, str], Measured]:
    return {(one.set, one.figure): one for one in measure(Words(), data, tmp_path / "verdicts")}


def test_the_errors_by_hand(data, tmp_path):
    found = figures(data, tmp_path)
    assert (found["wice_dev", "false_supported"].value, found["wice_dev", "false_supported"].n) == (0.25, 4)
    assert (found["wice_dev", "false_refused"].value, found["wice_dev", "false_refused"].n) == (0.2, 10)
    assert found["wice_dev", "balanced_accuracy"].value == pytest.approx((0.75 + 0.8) / 2)
    assert found["mean", "balanced_accuracy"].value == found["wice_dev", "balanced_accuracy"].value


def test_errors_have_intervals(data, tmp_path):
    one = figures(data, tmp_path)["wice_dev", "false_supported"]
    assert one.low < one.value < one.high


def test_only_the_fresh_claims_of_the_mutations_count(data, tmp_path):
    found = figures(data, tmp_path)
    assert (found["mutations", "false_supported"].value, found["mutations", "false_supported"].n) == (1.0, 1)
    assert (found["mutations", "false_refused"].value, found["mutations", "false_refused"].n) == (0.0, 1)


def test_a_response_passes_only_when_all_its_sentences_do(data, tmp_path):
    text = "The town of number 20 has 20 trees. Its mayor planted 99 more in spring."
    (data / "verify" / "wice_dev.jsonl").write_text(row(20, text, 0) + "\n" + row(21, CONTEXTS[21], 1), "utf-8")
    assert figures(data, tmp_path)["wice_dev", "false_supported"].value == 0.0


def test_without_labelled_sets_nothing_is_measured(tmp_path):
    with pytest.raises(SourceboundError, match="no labelled set"):
        measure(Words(), tmp_path, tmp_path)


# The command


@pytest.fixture
def measured_by_command(data, files, tmp_path, monkeypatch, capsys) -> str:  # noqa: ARG001 - the files are replaced
    monkeypatch.setattr(judges, "configured", lambda _: Words())
    monkeypatch.setattr(judges.platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    main(["--data", str(data)])
    return capsys.readouterr().out


def test_the_command_keeps_what_it_measured_and_shows_it(measured_by_command, files, data, tmp_path):
    kept = read_judges(files[1])["words-1"]
    assert kept.fingerprint == fingerprint_of(Words())
    assert {(one.set, one.figure): one for one in kept.measured} == figures(data, tmp_path)
    assert "wice_dev: passes 0.250 [" in measured_by_command


@pytest.mark.usefixtures("measured_by_command")
def test_what_is_kept_holds_no_day_and_no_folder_of_this_machine(files, tmp_path):
    text = files[1].read_text("utf-8")
    assert "python -m eval.judges --data DIR" in text
    assert str(tmp_path) not in text


@pytest.mark.usefixtures("measured_by_command")
def test_measuring_one_judge_keeps_the_others(files, data, monkeypatch):
    other = type("Other", (Words,), {"name": "other-1"})
    monkeypatch.setattr(judges, "configured", lambda _: other())
    main(["--data", str(data), "--checkers", "other"])
    assert read_judges(files[1]).keys() == {"words-1", "other-1"}


@pytest.mark.usefixtures("files")
def test_a_configured_judge_is_measured_beside_the_shipped_checkers(data, monkeypatch, tmp_path):
    asked = []

    def configured(settings):
        asked.append(settings.checker)
        return Words()

    monkeypatch.setattr(judges, "configured", configured)
    monkeypatch.setattr(judges.platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    monkeypatch.setenv("RAG_CHECKER", "judge:some-model")
    main(["--data", str(data)])
    assert asked == [*CHECKERS, "judge:some-model"]


# In reports


@pytest.mark.usefixtures("measured_by_command")
def test_a_measured_judge_states_its_error():
    text = "\n".join(stated(Words()))
    assert "judge words-1: its own error on human labels" in text
    assert "refuses 0.200 [" in text
    assert "made false on purpose" in text


@pytest.mark.usefixtures("measured_by_command")
def test_a_judge_whose_verdicts_may_be_others_now_is_not_measured():
    (line,) = stated(Another())
    assert "not measured as it is here" in line
    assert fingerprint_of(Words()) in line
    assert "python -m eval.judges --data DIR" in line


@pytest.mark.usefixtures("files")
def test_a_judge_that_nobody_measured_says_so_and_how_to():
    (line,) = stated(Words())
    assert line.startswith("judge words-1: its own error is not measured; measure it with `python -m eval.judges")


def test_what_the_user_measured_goes_before_what_ships_where_it_is_of_this_judge(files):
    mine, theirs = (
        Judge(
            fingerprint=fingerprint_of(checker),
            command="c",
            measured=(Measured(set="mean", figure="balanced_accuracy", value=value, low=None, high=None, n=1),),
        )
        for checker, value in ((Words(), 0.9), (Another(), 0.8))
    )
    for path, judge in zip(files, (mine, theirs), strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"words-1": judge.model_dump()}), "utf-8")
    assert stated(Words())[-1] == "  mean balanced accuracy 0.900"
    assert stated(Another())[-1] == "  mean balanced accuracy 0.800"


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", ["rules", "rules-2"])
def test_a_judge_is_found_by_its_name_in_the_settings_and_in_answers(name):
    (line,) = stated(name)
    assert line.startswith("judge rules-2: its own error is not measured")


@pytest.mark.usefixtures("files")
def test_a_name_that_is_no_judge_is_not_measured():
    (line,) = stated("nobody-7")
    assert line.startswith("judge nobody-7: its own error is not measured")


@pytest.mark.usefixtures("files")
def test_a_model_that_is_not_configured_is_not_measured(monkeypatch):
    monkeypatch.delenv("RAG_MODEL", raising=False)
    (line,) = stated("judge")
    assert "not measured" in line


def test_a_damaged_file_is_an_error_that_says_what_to_do(files):
    files[0].write_text("{}}", "utf-8")
    with pytest.raises(SourceboundError, match="remove it"):
        stated(Words())


def test_the_shipped_file_holds_the_checkers_that_ship():
    shipped = read_judges(SHIPPED)
    assert shipped.keys() == {"combined-1", "rules-2", "trained-1"}
    for judge in shipped.values():
        assert {one.set for one in judge.measured} >= {
            "ragtruth_qa",
            "ragtruth_summary",
            "wice_dev",
            "mean",
            "mutations",
        }


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("name", CHECKERS)
def test_what_ships_was_measured_of_the_checkers_as_they_are(name):
    checker = judges._checker(name)
    assert read_judges(SHIPPED)[checker.name].fingerprint == fingerprint_of(checker), f"measure anew: {judges.COMMAND}"


def test_a_checker_that_cannot_run_is_an_error_of_the_command(data, monkeypatch, capsys):
    def configured(_):
        raise ModelError("no model")

    monkeypatch.setattr(judges, "configured", configured)
    with pytest.raises(SystemExit):
        main(["--data", str(data), "--checkers", "trained"])
    assert "no model" in capsys.readouterr().err

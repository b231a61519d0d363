"""The weights that tell an answer from a near miss: their file is the one that its card names, and they tell."""

import functools
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from index import models
from index.errors import ModelError
from index.models import ANSWERABLE, CROSS_ENCODER
from rag.rerank import NEAR_MISSES, CrossEncoder

WEIGHTS = Path(models.__file__).with_name("weights")
FILE = WEIGHTS / ANSWERABLE.changes
CARD = (WEIGHTS / "answerable.md").read_text(encoding="utf-8")
PAIRS = {
    "name": (
        "Who opened the bridge in Harlow?",
        "Mayor Anna Lind opened the bridge in Harlow on Tuesday.",
        "Mayor Anna Lind opened the bridge in Mossley on Tuesday.",
    ),
    "year": (
        "How many ferries did the company order in 2019?",
        "The company ordered six ferries in 2019.",
        "The company ordered six ferries in 2014.",
    ),
    "number": (
        "When did 40 miners leave the pit?",
        "On 3 May, 40 miners left the pit.",
        "On 3 May, 75 miners left the pit.",
    ),
    "verb": (
        "Where was the painter Ilse Korn born?",
        "The painter Ilse Korn was born in Graz.",
        "The painter Ilse Korn died in Graz.",
    ),
    "object": (
        "How much did the ministry spend on roads?",
        "The ministry spent 40 million euros on roads.",
        "The ministry spent 40 million euros on hospitals.",
    ),
    "adjective": (
        "Who won the race in the southern province?",
        "Petra Vance won the race in the southern province.",
        "Petra Vance won the race in the northern province.",
    ),
    "roles": (
        "Which company bought Norvik Steel?",
        "Halden Group bought Norvik Steel for 2bn euros.",
        "Norvik Steel bought Halden Group for 2bn euros.",
    ),
    "reason": (
        "Why did the council close the school?",
        "The council closed the school because its roof leaked.",
        "The council opened the school although its roof leaked.",
    ),
}


def test_the_file_is_the_one_that_was_measured():
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == ANSWERABLE.changes_sha256


def test_the_card_names_the_files_hash_and_size():
    assert ANSWERABLE.changes_sha256 in CARD
    assert f"{FILE.stat().st_size:,} bytes" in CARD


def test_the_file_is_small_enough_to_ship():
    assert FILE.stat().st_size < 25_000_000


def test_the_data_the_weights_learnt_from_is_credited():
    notice = (WEIGHTS.parent.parent / "NOTICE").read_text(encoding="utf-8")
    for name in ("FEVER", "MNLI", "SNLI", "ConjNLI", "RTE 1 to 3", "WordNet 3.0"):
        assert name in CARD
        assert name in notice


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the file, read in place of the shipped one."""
    (tmp_path / "weights").mkdir()
    monkeypatch.setattr(models, "__file__", str(tmp_path / "models.py"))
    return Path(shutil.copy(FILE, tmp_path / "weights"))


def test_a_faithful_copy_is_read(copy):
    assert models.session.__wrapped__(ANSWERABLE).get_inputs()[0].name == "input_ids"
    assert copy.exists()


def test_an_altered_file_is_refused_in_one_line(copy):
    data = bytearray(copy.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    with pytest.raises(
        ModelError, match=r"answerable\.npz' is not the one that was measured: install .* again"
    ) as caught:
        models.session.__wrapped__(ANSWERABLE)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_refused_in_one_line(copy):
    copy.unlink()
    with pytest.raises(ModelError, match=r"answerable\.npz' cannot be read \(No such file or directory\)") as caught:
        models.session.__wrapped__(ANSWERABLE)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("swapped", PAIRS)
def test_an_answer_scores_well_above_its_near_miss(swapped):
    question, answer, near = PAIRS[swapped]
    high, low = NEAR_MISSES.score(question, [answer, near])
    assert high > 0
    assert high - low > 2


def test_near_misses_are_told_apart_further_than_by_the_base():
    def lead(model):
        return [float(-np.diff(model.score(question, texts))[0]) for question, *texts in PAIRS.values()]

    assert np.mean(lead(NEAR_MISSES)) > np.mean(lead(CrossEncoder()))


def test_loading_it_does_not_change_the_base(monkeypatch):
    monkeypatch.setattr(models, "session", functools.cache(models.session.__wrapped__))  # as in a new process
    pairs = [(question, list(texts)) for question, *texts in PAIRS.values()]
    before = [CrossEncoder().score(*pair) for pair in pairs]
    other = [NEAR_MISSES.score(*pair) for pair in pairs]
    np.testing.assert_array_equal(before, [CrossEncoder().score(*pair) for pair in pairs])
    assert not np.isclose(before, other, atol=0.1).any()


def test_it_is_the_base_with_its_lower_half_kept():
    with np.load(FILE, allow_pickle=False) as arrays:
        layers = {int(name.split(".")[3]) for name in arrays if name.startswith("bert.encoder.layer.")}
        assert layers == set(range(6, 12))
        assert not any(name.startswith("bert.embeddings") for name in arrays)
    assert models.locate(ANSWERABLE) == models.locate(CROSS_ENCODER)

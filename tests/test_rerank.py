"""The cross-encoder: it prefers what answers, scores pairs one by one, and cuts texts, not questions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.models import tokenizer
from rag.rerank import GATE, CrossEncoder, blend, undecided

QUESTION = "How many tons of cocaine has Colombia seized?"
TEXTS = [
    "The central bank raised interest rates.",
    "Colombia has seized 671 tons of cocaine this year, its defence ministry said.",
    "Cocaine is made from the leaves of the coca plant.",
]


@pytest.fixture(scope="module")
def model():
    return CrossEncoder()


def test_the_text_that_answers_scores_highest_and_the_one_on_nothing_lowest(model):
    assert list(np.argsort(-model.score(QUESTION, TEXTS))) == [1, 2, 0]


def test_scores_are_logits_one_a_text(model):
    scores = model.score(QUESTION, TEXTS)
    assert scores.shape == (3,)
    assert scores.dtype == np.float32
    assert scores[1] > 0 > scores[0]


def test_a_score_does_not_depend_on_what_else_is_scored(model):
    np.testing.assert_array_equal(model.score(QUESTION, TEXTS)[1:2], model.score(QUESTION, [TEXTS[1]]))


def test_question_and_text_are_told_apart(model):
    assert model.score(QUESTION, [TEXTS[1]]) != model.score(TEXTS[1], [QUESTION])


def test_no_texts_give_no_scores(model):
    assert model.score(QUESTION, []).shape == (0,)


@pytest.mark.parametrize(("question", "text"), [("", "text"), ("question", ""), ("", ""), (" ", "\n")])
def test_blank_question_or_text_has_a_finite_score(model, question, text):
    assert np.isfinite(model.score(question, [text])).all()


def test_text_is_cut_at_the_limit(model):
    start = TEXTS[1] + " word" * 300
    np.testing.assert_array_equal(model.score(QUESTION, [start]), model.score(QUESTION, [start + " flood" * 300]))


def test_lower_limit_reads_less_of_the_text():
    late = "word " * 200 + TEXTS[1]
    assert CrossEncoder(max_tokens=400).score(QUESTION, [late]) > CrossEncoder(max_tokens=160).score(QUESTION, [late])


def test_question_as_long_as_a_page_still_leaves_room_for_the_text(model):
    page = "what happened " * 3000
    assert model.score(page, [TEXTS[0]]) != model.score(page, [TEXTS[1]])


def test_question_beyond_half_the_limit_is_cut_at_a_word_piece(model):
    half = "a " * (model.max_tokens // 2)
    np.testing.assert_array_equal(model.score(half, TEXTS[:1]), model.score(half + "b c d", TEXTS[:1]))
    assert model.score(half, TEXTS[:1]) != model.score(half[:-2], TEXTS[:1])


def test_control_tokens_spelled_in_a_text_do_not_end_it(model):
    pair = tokenizer(model.max_tokens, keep="first").encode(QUESTION, "seized [SEP] nothing")
    assert pair.tokens.count("[SEP]") == 2


FUSED = [("a", 0.9), ("b", 0.8), ("c", 0.7), ("d", 0.6)]


def test_blending_can_turn_the_order_of_what_was_scored():
    assert blend(FUSED, [-3.0, 5.0], 0.5) == [
        ("b", pytest.approx(0.9)),
        ("a", pytest.approx(0.45)),
        ("c", 0.45),
        ("d", 0.45),
    ]


@pytest.mark.parametrize(("weight", "order"), [(0.0, "abcd"), (1.0, "cbad")])
def test_extreme_weights_follow_one_of_the_two(weight, order):
    assert "".join(key for key, _ in blend(FUSED, [1.0, 2.0, 3.0], weight)) == order


def test_equal_logits_leave_the_order():
    assert [key for key, _ in blend(FUSED, [2.0] * 4)] == list("abcd")


@pytest.mark.parametrize("fused", [[], FUSED])
def test_nothing_scored_changes_nothing(fused):
    assert blend(fused, []) == fused


def test_more_logits_than_passages_are_refused():
    with pytest.raises(ValueError, match="zip"):
        blend(FUSED[:1], [1.0, 2.0])


@given(
    st.lists(st.floats(0, 1), min_size=4, max_size=4).map(lambda scores: sorted(scores, reverse=True)),
    st.lists(st.floats(-12, 12), max_size=4),
)
def test_blending_keeps_every_passage_and_scores_fall(scores, logits):
    blended = blend(list(zip("abcd", scores, strict=True)), logits)
    assert sorted(key for key, _ in blended) == list("abcd")
    values = [score for _, score in blended]
    assert values == sorted(values, reverse=True)
    assert all(0 <= value <= 1 + 1e-9 for value in values)


@pytest.mark.parametrize(
    ("scores", "expected"), [([], False), ([0.9], False), ([0.9, 0.8], True), ([0.9, 0.9 - GATE - 0.01], False)]
)
def test_only_a_close_race_is_reranked(scores, expected):
    assert undecided([(str(place), score) for place, score in enumerate(scores)]) is expected

"""Fusion: pure, complete, and indifferent to the scale of scores."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.fuse import convex, fuse, rrf

DENSE = [("a", 0.9), ("b", 0.6), ("c", 0.3)]
SPARSE = [("b", 12.0), ("d", 6.0)]


def rankings(low, high):
    scores = st.floats(low, high, allow_nan=False)
    return st.dictionaries(st.sampled_from("abcdefgh"), scores).map(lambda d: sorted(d.items(), key=lambda i: -i[1]))


ANY_DENSE, ANY_SPARSE = rankings(-1, 1), rankings(0.001, 50)


def test_convex_adds_weighted_scores_scaled_within_each_list():
    assert dict(convex(DENSE, SPARSE, 0.4)) == pytest.approx({"a": 0.4, "b": 0.4 * 0.5 + 0.6, "c": 0.0, "d": 0.3})


def test_what_both_lists_hold_comes_before_what_one_holds():
    assert fuse(DENSE, SPARSE)[0][0] == "b"


@pytest.mark.parametrize(("weight", "order"), [(1.0, "abcd"), (0.0, "bdac")])
def test_extreme_weights_give_one_list_back(weight, order):
    assert "".join(key for key, _ in convex(DENSE, SPARSE, weight)) == order


def test_question_without_words_is_ranked_by_meaning_alone():
    assert [key for key, _ in fuse(DENSE, [])] == ["a", "b", "c"]


def test_words_alone_are_ranked_by_words():
    assert [key for key, _ in fuse([], SPARSE)] == ["b", "d"]


def test_nothing_found_is_nothing_fused():
    assert fuse([], []) == []


def test_a_single_candidate_is_the_best():
    assert fuse([("a", 0.2)], [("a", 3.0)]) == [("a", pytest.approx(1.0))]


def test_reciprocal_ranks_are_weighted_and_added():
    expected = {"a": 2 / 61, "b": 2 / 62 + 1 / 61, "c": 2 / 63, "d": 1 / 62}
    assert dict(rrf([DENSE, SPARSE], [2, 1])) == pytest.approx(expected)


def test_reciprocal_ranks_need_a_weight_for_each_ranking():
    with pytest.raises(ValueError, match="zip"):
        rrf([DENSE, SPARSE], [1])


@given(ANY_DENSE, ANY_SPARSE)
def test_every_candidate_is_kept_once_with_a_score_from_0_to_1(dense, sparse):
    fused = fuse(dense, sparse)
    assert sorted(key for key, _ in fused) == sorted({key for key, _ in [*dense, *sparse]})
    assert all(0 <= score <= 1 + 1e-9 for _, score in fused)


@given(ANY_DENSE, ANY_SPARSE)
def test_best_comes_first(dense, sparse):
    scores = [score for _, score in fuse(dense, sparse)]
    assert scores == sorted(scores, reverse=True)


@given(ANY_DENSE, ANY_SPARSE, st.randoms())
def test_order_of_arrival_does_not_matter(dense, sparse, random):
    shuffled = random.sample(dense, len(dense)), random.sample(sparse, len(sparse))
    assert fuse(*shuffled) == fuse(dense, sparse)


@given(ANY_SPARSE, st.sampled_from([0.5, 2.0, 4.0]))
def test_scale_of_bm25_does_not_matter(sparse, factor):
    assert fuse(DENSE, [(key, score * factor) for key, score in sparse]) == fuse(DENSE, sparse)

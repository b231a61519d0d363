"""Which sentences answer, without repeats, in reading order, with whoever differs beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import TinyEmbedder, make, put

from index.articles import Article
from index.embed import DEFAULT, by_name
from index.store import Store, open_store
from rag.converse import Asked
from rag.extract import CANDIDATES, Candidate, candidates, choose, drafts, rank, with_rivals
from rag.rerank import CrossEncoder
from rag.retrieve import retrieve

TEXT = (
    "The bridge in Lund cost $40 million. However, it was paid for by the city. It opened in May.\n\n"
    "“The work was hard. We lost 3 cranes,” Ola Berg said."
)
ARTICLE = make(TEXT, "/n/a", title="A bridge")
OTHER = make("The bridge in Lund cost $52 million. The road is closed.", "/n/b")


def _candidate(article: Article, words: str, score: float = 0.0, lead: str | None = None) -> Candidate:
    start = article.text.index(words)
    before = (article.text.index(lead), article.text.index(lead) + len(lead)) if lead else None
    return Candidate(article, start, start + len(words), before, 0.0, score=score)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The two articles."""
    with open_store(tmp_path_factory.mktemp("extract") / "store", by_name(DEFAULT)) as opened:
        put(opened, ARTICLE, OTHER)
        yield opened


def test_candidates_are_the_units_of_the_passages_each_once(store: Store) -> None:
    question = "How much did the bridge in Lund cost?"
    found = candidates(store, question, retrieve(store, question, 5) * 2)
    assert len({(c.article.id, c.start, c.end) for c in found}) == len(found)
    assert {c.text for c in found if c.article.id == ARTICLE.id} == {
        "The bridge in Lund cost $40 million.",
        "it was paid for by the city.",
        "It opened in May.",
        "“The work was hard. We lost 3 cranes,” Ola Berg said.",
    }


def test_the_cross_encoder_reads_a_limited_number_of_candidates(tmp_path: Path) -> None:
    long = make(" ".join(f"The bridge in Lund has lamp number {n}." for n in range(90)), "/n/long")
    with open_store(tmp_path / "long", TinyEmbedder()) as other:
        put(other, long)
        assert len(candidates(other, "bridge lamp", retrieve(other, "bridge lamp", 8))) == CANDIDATES


def test_the_sentence_that_answers_is_ranked_first(store: Store) -> None:
    for question, words in {
        "How much did the bridge in Lund cost?": "cost",
        "When did the bridge in Lund open?": "in May",
        "How many cranes were lost?": "3 cranes",
    }.items():
        found = candidates(store, question, retrieve(store, question, 5))
        assert words in rank(Asked(question, question), found, CrossEncoder())[0].text


def test_a_sentence_without_the_kind_of_thing_asked_for_loses() -> None:
    found = [_candidate(ARTICLE, "It opened in May."), _candidate(ARTICLE, "it was paid for by the city.")]
    asked = Asked("When was the bridge paid for?", "When was the bridge paid for?")
    plain = dict(
        zip([c.text for c in found], CrossEncoder().score(asked.text, [c.context for c in found]), strict=True)
    )
    ranked = {c.text: c.score for c in rank(asked, found, CrossEncoder())}
    assert ranked["It opened in May."] == pytest.approx(float(plain["It opened in May."]))
    assert ranked["it was paid for by the city."] < float(plain["it was paid for by the city."])


def test_the_best_sentence_is_chosen_however_low_and_further_ones_only_near_it() -> None:
    ranked = [
        _candidate(ARTICLE, "The bridge in Lund cost $40 million.", 5.0),
        _candidate(OTHER, "The road is closed.", 3.5),
        _candidate(ARTICLE, "It opened in May.", 2.9),
    ]
    assert choose(ranked, "harbour", 4, gap=2.0, floor=1.0) == ranked[:2]
    assert choose(ranked, "harbour", 1, gap=9.0, floor=1.0) == ranked[:1]
    assert choose(ranked, "harbour", 4, gap=9.0, floor=3.0) == ranked[:2]
    assert choose([replace(ranked[0], score=-9.0)], "harbour", 4, 2.0, 1.0) == [replace(ranked[0], score=-9.0)]
    assert choose([], "harbour", 4, 2.0, 1.0) == []


def test_a_sentence_that_overlaps_one_chosen_is_a_repeat() -> None:
    whole = _candidate(ARTICLE, "“The work was hard. We lost 3 cranes,” Ola Berg said.", 5.0)
    part = _candidate(ARTICLE, "We lost 3 cranes,” Ola Berg said.", 4.9)
    assert choose([whole, part], "harbour", 4, 2.0, 1.0) == [whole]


def test_the_same_words_of_another_article_are_no_repeat() -> None:
    same = make("The bridge in Lund cost $40 million.", "/n/c", outlet="Post")
    ranked = [_candidate(ARTICLE, same.text, 5.0), _candidate(same, same.text, 5.0)]
    assert choose(ranked, "harbour", 4, 2.0, 1.0) == ranked


def test_a_source_that_differs_is_chosen_however_far_behind() -> None:
    best = _candidate(ARTICLE, "The bridge in Lund cost $40 million.", 9.0)
    rival = _candidate(OTHER, "The bridge in Lund cost $52 million.", 3.0)
    asked = Asked("How much did the bridge in Lund cost?", "How much did the bridge in Lund cost?")
    assert with_rivals(asked, [best], [best, rival], floor=1.0) == [best, rival]
    assert with_rivals(asked, [best, rival], [best, rival], floor=1.0) == [best, rival]
    assert with_rivals(asked, [best], [best, replace(rival, score=0.5)], floor=1.0) == [best]
    assert with_rivals(asked, [best], [best, _candidate(OTHER, "The road is closed.", 8.0)], floor=1.0) == [best]


def test_sentences_stand_in_reading_order_with_their_leads_before_them_and_none_twice() -> None:
    lead = "The bridge in Lund cost $40 million."
    chosen = [
        _candidate(OTHER, "The road is closed."),
        _candidate(ARTICLE, "It opened in May.", lead=lead),
        _candidate(ARTICLE, lead),
    ]
    assert [draft.text for draft in drafts(chosen)] == ["The road is closed.", lead, "It opened in May."]


def test_a_trimmed_sentence_begins_with_a_capital_and_its_quote_stays_exact() -> None:
    [draft] = drafts([_candidate(ARTICLE, "it was paid for by the city.")])
    assert draft.text == "It was paid for by the city."
    assert draft.evidence[0].quote == "it was paid for by the city."


def test_a_lead_of_several_sentences_takes_the_place_of_those_already_there() -> None:
    whole = "The bridge in Lund cost $40 million. However, it was paid for by the city."
    chosen = [
        _candidate(ARTICLE, "The bridge in Lund cost $40 million."),
        _candidate(ARTICLE, "It opened in May.", lead=whole),
    ]
    assert [draft.text for draft in drafts(chosen)] == [whole, "It opened in May."]


def test_what_two_articles_say_in_the_same_words_is_one_sentence_that_cites_both() -> None:
    wire = "The bridge in Lund cost $40 million."
    same = make(wire, "/n/c", outlet="Post")
    [draft] = drafts([_candidate(ARTICLE, wire), _candidate(same, wire)])
    assert [(e.article.id, e.quote) for e in draft.evidence] == [(ARTICLE.id, wire), (same.id, wire)]


@given(st.lists(st.tuples(st.integers(0, 150), st.integers(1, 60), st.floats(-9, 9)), max_size=8))
def test_what_is_chosen_never_overlaps_and_drafts_cite_it_exactly(spans: list[tuple[int, int, float]]) -> None:
    size = len(ARTICLE.text)
    made = [Candidate(ARTICLE, a, min(size, a + n), None, 0.0, score=s) for a, n, s in spans if a < size]
    made = [c for c in made if ARTICLE.text[c.start : c.end].strip()]
    chosen = choose(sorted(made, key=lambda c: -c.score), "harbour", 4, 2.0, 1.0)
    assert len(chosen) <= 4
    assert bool(chosen) == bool(made)
    for i, one in enumerate(chosen):
        assert all(one.end <= other.start or other.end <= one.start for other in chosen[i + 1 :])
    written = drafts(chosen)
    assert [d.evidence[0].start for d in written] == sorted(c.start for c in chosen)
    assert all(" ".join(d.evidence[0].quote.split()).lower() == d.text.lower() for d in written)

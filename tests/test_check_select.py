from hypothesis import given
from hypothesis import strategies as st

from rag.check.evidence import Evidence, Statement
from rag.check.select import BUDGET, gathered, windows

FILLER = [f"Nothing much happened in district {i} on that long and quiet day of the year." for i in range(1, 60)]
words = st.sampled_from(["mayor", "river", "Lima", "paid", "bridge", "seven", "strike", "court", "judge", "bank"])
sentences = st.lists(words, min_size=3, max_size=12).map(lambda found: " ".join(found).capitalize() + ".")


def test_short_evidence_is_read_whole() -> None:
    evidence = Evidence(("The mayor resigned. She gave no reason.",))
    assert windows(Statement("She resigned."), evidence) == ["The mayor resigned. She gave no reason."]


def test_no_evidence_gives_nothing_to_read() -> None:
    assert windows(Statement("She resigned."), Evidence(())) == []
    assert windows(Statement("She resigned."), Evidence(("  ",))) == []


def test_a_lone_fact_is_found_in_long_evidence() -> None:
    told = "The bridge over the Ucayali was closed by engineers."
    evidence = Evidence((" ".join([*FILLER[:40], told, *FILLER[40:]]),))
    read = windows(Statement("Engineers closed the Ucayali bridge."), evidence)
    assert all(told in window for window in read)


def test_two_facts_from_far_apart_are_read_together() -> None:
    one, other = "The bridge over the Ucayali was closed.", "Repairs will cost nine million soles."
    evidence = Evidence((" ".join([one, *FILLER[:50], other]),))
    claim = Statement("The Ucayali bridge was closed and its repairs will cost nine million soles.")
    assert any(one in window and other in window for window in windows(claim, evidence))


def test_the_sentence_before_comes_along_for_its_pronoun() -> None:
    evidence = Evidence(
        (" ".join([*FILLER[:30], "Ana Ruiz leads the union.", "She was held in Tarma.", *FILLER[30:]]),)
    )
    assert all("Ana Ruiz leads the union. She was held" in w for w in windows(Statement("Held in Tarma."), evidence))


@given(st.lists(sentences, min_size=1, max_size=60), sentences)
def test_windows_hold_whole_sentences_in_their_order_within_the_budget(told: list[str], claim: str) -> None:
    evidence = Evidence((" ".join(told),))
    for window in windows(Statement(claim), evidence):
        read = Evidence((window,)).statements
        places = [s.text for s in evidence.statements]
        assert sum(len(s.tokens) for s in read) <= BUDGET or len(read) == 1
        at = 0
        for statement in read:
            at = places.index(statement.text, at) + 1


@given(st.lists(sentences, min_size=7, max_size=40), sentences)
def test_the_best_sentence_comes_first_and_none_twice(told: list[str], claim: str) -> None:
    evidence = Evidence((" ".join(told),))
    picked = gathered(Statement(claim), evidence, 5)
    assert 1 <= len(picked) == len(set(picked)) <= 5
    held = [len(Statement(claim).facts & s.facts) for s in evidence.statements]
    assert held[picked[0]] > 0 or not any(held)

"""What passes the check is shown, what does not is dropped or marked, and an answer that was kept is checked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import make, put

from index.embed import DEFAULT, by_name
from index.errors import SourceboundError
from index.store import Store, open_store
from rag import answer, kept, pipeline
from rag.answers import Answer, Label
from rag.assemble import assemble
from rag.check import Checker, Claim, Verdict
from rag.check import by_name as checker_by_name
from rag.checked import check, problems
from rag.cite import UNSUPPORTED, Draft, Evidence
from rag.notices import Notice
from rag.settings import Checking, Settings

SIDES = "How many tons of cocaine has Colombia seized?"
LABELS: tuple[Label, ...] = ("supported", "unsupported", "contradicted", "not_checked")


class Scripted:
    """Says of each claim what it is told to, whatever the evidence."""

    name = "scripted-1"

    def __init__(self, *labels: Label) -> None:
        self.labels = labels

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        return [verdict_of(label) for _, label in zip(claims, self.labels, strict=True)]


def verdict_of(label: Label) -> Verdict:
    return Verdict("supported", 0.9) if label == "supported" else Verdict(label, 0.1, f"found {label}")


@pytest.fixture(scope="module")
def found(seeds_store: Store):
    """What `assemble` is given for a question on which the seed articles differ."""
    taken = []

    def take(*parts):
        taken.append(parts)
        return assemble(*parts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "assemble", take)
        answer(SIDES, store=seeds_store)
    return taken[0]


def assembled(found, labels: Sequence[Label], checking: Checking = "strict") -> Answer:
    """The answer where the checker says this of its sentences, in order."""
    *before, checked, _, settings, clock = found[:9]
    drafts = [draft for draft, _ in checked]
    verdicts = [verdict_of(label) for label in labels]
    return assemble(
        *before, list(zip(drafts, verdicts, strict=True)), "scripted-1", replace(settings, checking=checking), clock
    )


def resolves(store: Store, span) -> bool:
    return store.article(span.article_id).text[span.start : span.end] == span.quote != ""


def test_the_question_has_sides_and_three_sentences(found):
    whole = assembled(found, ["supported"] * 3)
    assert whole.status == "disputed"
    assert {side.value for side in whole.positions} == {"2,700 tons", "3,300 tons"}


def test_strict_checking_drops_what_is_not_supported_and_says_so(found, seeds_store):
    whole = assembled(found, ["supported"] * 3)
    result = assembled(found, ["unsupported", "supported", "contradicted"])
    assert [s.text for s in result.sentences] == [whole.sentences[1].text]
    assert [(d.text, d.verdict, d.support, d.reason) for d in result.dropped] == [
        (whole.sentences[0].text, "unsupported", 0.1, "found unsupported"),
        (whole.sentences[2].text, "contradicted", 0.1, "found contradicted"),
    ]
    assert all(resolves(seeds_store, span) for dropped in result.dropped for span in dropped.spans)
    assert not any(dropped.text in result.text for dropped in result.dropped)


def test_lenient_checking_shows_what_is_not_supported_marked_and_cited(found, seeds_store):
    result = assembled(found, ["unsupported", "supported", "supported"], "lenient")
    shown = result.sentences[0]
    assert (shown.verdict, shown.support, shown.reason) == ("unsupported", 0.1, "found unsupported")
    assert result.text.startswith(f"{UNSUPPORTED} {shown.text} [1]")
    assert result.text.count(UNSUPPORTED) == 1
    assert all(resolves(seeds_store, cited) for cited in result.citations)
    assert result.dropped == ()


def test_sides_and_status_rest_on_supported_sentences_only(found):
    result = assembled(found, ["unsupported", "supported", "supported"], "lenient")
    assert (result.status, result.positions) == ("answered", ())


@pytest.mark.parametrize("checking", ["strict", "lenient"])
def test_what_the_sources_contradict_is_never_shown(found, checking):
    result = assembled(found, ["contradicted", "supported", "supported"], checking)
    assert len(result.sentences) == 2
    assert [dropped.verdict for dropped in result.dropped] == ["contradicted"]


def test_lenient_checking_abstains_where_nothing_is_supported(found, seeds_store):
    result = assembled(found, ["unsupported"] * 3, "lenient")
    assert result.status == "abstained"
    assert result.text.startswith(f"{Notice.NOT_FOUND} {result.missing} {UNSUPPORTED} ")
    assert "did not pass the check" in result.missing
    assert [s.verdict for s in result.sentences] == ["unsupported"] * 3
    assert all(resolves(seeds_store, cited) for cited in result.citations)


def test_strict_checking_abstains_without_sentences_where_nothing_is_supported(found):
    result = assembled(found, ["unsupported"] * 3)
    assert (result.status, result.sentences, result.citations) == ("abstained", (), ())
    assert result.text == f"{Notice.NOT_FOUND} {result.missing}"
    assert len(result.dropped) == 3


def test_supported_sentences_have_no_reason_and_nothing_is_dropped(found):
    result = assembled(found, ["supported"] * 3)
    assert {sentence.reason for sentence in result.sentences} == {""}
    assert result.dropped == ()


@pytest.mark.parametrize("checking", ["strict", "lenient"])
@pytest.mark.parametrize("labels", [*product(LABELS, repeat=3)], ids=" ".join)
def test_every_promise_holds_whatever_the_checker_says(found, seeds_store, labels, checking):
    result = assembled(found, labels, checking)
    shown = {"supported"} if checking == "strict" else {"supported", "unsupported"}
    assert [s.verdict for s in result.sentences] == [label for label in labels if label in shown]
    assert [d.verdict for d in result.dropped] == [label for label in labels if label not in shown]
    assert all(sentence.citations for sentence in result.sentences)
    assert all(resolves(seeds_store, cited) for cited in result.citations)
    assert (result.status == "abstained") == ("supported" not in labels)
    supported = {n for s in result.sentences if s.verdict == "supported" for n in s.citations}
    assert {n for side in result.positions for n in side.citations} <= supported
    assert result.text.count(UNSUPPORTED) == sum(s.verdict == "unsupported" for s in result.sentences)
    assert Answer.model_validate_json(result.model_dump_json()) == result


@pytest.mark.parametrize("label", ["supported", "unsupported"])
def test_a_yes_rests_on_a_supported_sentence(tmp_path, monkeypatch, label):
    monkeypatch.setattr(pipeline, "configured", lambda _: Scripted(label))
    with open_store(tmp_path / "store", by_name(DEFAULT)) as store:
        put(store, make("The council closed the old harbour bridge on Monday.", title="Bridge"))
        result = answer(
            "Did the council close the old harbour bridge?", store=store, settings=Settings(checking="lenient")
        )
    assert result.yes_no == ("yes" if label == "supported" else None)
    assert result.text.startswith("Yes: ") == (label == "supported")


# What a checker is shown


def test_a_cut_that_loses_a_denial_is_not_supported(tmp_path):
    """The checker sees the whole sentence that a cited span was cut from, not only the cut."""
    article = make("The minister denied that he had sold the harbour to his brother. The council met on Friday.")
    start, end = article.text.index("he had sold"), article.text.index(" The council")
    with open_store(tmp_path / "store", by_name(DEFAULT)) as store:
        put(store, article)
        drafts = [
            Draft("He had sold the harbour to his brother.", (Evidence(article, start, end),)),
            Draft("The council met on Friday.", (Evidence(article, end + 1, len(article.text)),)),
        ]
        checked = check(store, checker_by_name("rules"), drafts, "Did the minister sell the harbour?")
    assert [verdict.label == "supported" for _, verdict in checked] == [False, True]


# Answers that were kept


@pytest.fixture(scope="module")
def rules() -> Checker:
    return checker_by_name("rules")


@pytest.fixture(scope="module")
def whole(found) -> Answer:
    return assembled(found, ["supported"] * 3)


def changed(result: Answer, **cited) -> Answer:
    """The answer with other fields in its first citation."""
    first, *rest = result.citations
    return result.model_copy(update={"citations": (first.model_copy(update=cited), *rest)})


def said(result: Answer, **fields) -> Answer:
    """The answer with other fields in its first sentence."""
    first, *rest = result.sentences
    return result.model_copy(update={"sentences": (first.model_copy(update=fields), *rest)})


def test_an_answer_that_holds_has_no_problems(seeds_store, rules, whole):
    assert problems(seeds_store, rules, whole) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"start": 12}, "does not hold its quote"),
        ({"end": 10**6}, "does not hold its quote"),
        ({"quote": "The moon is made of cheese."}, "does not hold its quote 'The moon"),
        ({"article_id": "0" * 16}, "points to an article that is not in the store"),
        ({"before": "other words"}, "does not stand between the words it names"),
    ],
)
def test_a_citation_that_does_not_resolve_is_named(seeds_store, rules, whole, fields, problem):
    found = problems(seeds_store, rules, changed(whole, **fields))
    assert found[0].startswith("citation 1 (")
    assert problem in found[0]
    assert not any("citation 2" in line for line in found)


def test_a_sentence_that_is_no_longer_supported_is_named_with_both_checkers(seeds_store, rules, whole):
    altered = said(whole, text=whole.sentences[0].text.replace("2,700", "9,900"))
    (problem,) = problems(seeds_store, rules, altered)
    assert problem.startswith("sentence 1 'Petro stated")
    assert f"shown as supported by scripted-1; {rules.name} says " in problem
    assert "says supported" not in problem


def test_a_sentence_without_citation_is_named(seeds_store, rules, whole):
    found = problems(seeds_store, rules, said(whole, citations=()))
    assert found[0] == "sentence 1 has no citation"


def test_a_mark_that_leads_nowhere_is_named(seeds_store, rules, whole):
    side = whole.positions[0].model_copy(update={"citations": (8,)})
    found = problems(seeds_store, rules, whole.model_copy(update={"positions": (side,)}))
    assert found == ["position 1 points to citation 8, which the answer does not have"]


@pytest.mark.parametrize(("then", "now"), [*product(LABELS, LABELS)])
def test_a_sentence_may_not_claim_more_than_the_checker_finds(seeds_store, whole, then, now):
    holds = {("supported", "supported"), ("not_checked", "supported")}
    holds |= {("unsupported", "supported"), ("unsupported", "unsupported")}
    found = problems(seeds_store, Scripted(now, "supported", "supported"), said(whole, verdict=then))
    assert (found == []) == ((then, now) in holds)


def test_an_answer_still_holds_when_its_article_was_removed(tmp_path, rules):
    with open_store(tmp_path / "store", by_name(DEFAULT)) as store:
        article = make("The council closed the old harbour bridge on Monday.", title="Bridge")
        put(store, article)
        result = answer("When did the council close the harbour bridge?", store=store)
        store.remove(article.id)
        assert result.sentences
        assert problems(store, rules, result) == []


def test_kept_lines_are_counted_and_each_problem_names_its_line(seeds_store, rules, whole):
    good, bad = whole.model_dump_json(), changed(whole, quote="Nonsense.", end=10**6).model_dump_json()
    problems_of, counts = kept.verify(seeds_store, rules, [good, "", '{"error": "a question has no words"}', bad])
    assert counts == {"answers": 2, "citations": 6, "sentences": 6}
    assert problems_of
    assert all(problem.startswith("line 4: ") for problem in problems_of)


@pytest.mark.parametrize("line", ["no JSON", "[]", "{}", '{"question": "q"}'])
def test_a_line_that_is_no_answer_is_a_problem(seeds_store, rules, line):
    (problem,), _ = kept.verify(seeds_store, rules, [line])
    assert problem.startswith("line 1 is no answer as `rag ask --json` prints it: ")
    assert "\n" not in problem


def test_a_file_without_answers_is_an_error(seeds_store, rules):
    with pytest.raises(SourceboundError, match="no answer to verify"):
        kept.verify(seeds_store, rules, ["", "  "])


@given(st.text(st.characters(codec="utf-8")).filter(str.strip))
def test_whatever_a_sentence_holds_its_answer_stays_one_line(whole, text):
    line = said(whole, text=text).model_dump_json()
    assert line.split("\n") == [line]
    assert Answer.model_validate_json(line).sentences[0].text == text


def test_lines_end_at_line_feeds_only(tmp_path):
    (tmp_path / "a.jsonl").write_text("one\u2028still one\ntwo\n", encoding="utf-8")
    assert kept.lines_of(tmp_path / "a.jsonl") == ["one\u2028still one", "two", ""]


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    if content:
        (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(SourceboundError, match=r"cannot read the answers in '.*a\.jsonl'"):
        kept.lines_of(tmp_path / "a.jsonl")

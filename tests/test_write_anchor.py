"""From a written sentence to exact spans: supported is only what the checker supports for just those spans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import ARTICLES, store_in

from index.sentences import sentence_spans
from index.store import Store
from rag.check import Claim, Verdict, by_name
from rag.checked import check
from rag.cite import Evidence
from rag.extract import one_line
from rag.write.anchor import MOST, anchored, objection, speaker_of

CHECKER = by_name("combined")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store_in(tmp_path_factory.mktemp("anchored") / "store") as opened:
        yield opened


def spans_of(store: Store) -> list[Evidence]:
    return [Evidence(a, s, e) for a in store.ledger.articles() for s, e in store.ledger.sentences(a.id)]


@dataclass
class Fixed:
    """A checker that says the same of every claim, and keeps what it was asked."""

    label: str = "supported"
    name: str = "fixed"
    asked: list[Claim] = field(default_factory=list)

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        self.asked += claims
        return [Verdict(self.label, 0.9, "" if self.label == "supported" else "no") for _ in claims]  # type: ignore[arg-type]


TRUE = [article.text[a:b] for article in ARTICLES for a, b in sentence_spans(article.text)]
WORDS = sorted({word for text in TRUE for word in text.split()})
TEXTS = (
    st.sampled_from(TRUE)
    | st.text(max_size=40)
    | st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)
)


# For any sentence


@given(TEXTS)
def test_spans_resolve_and_are_among_the_given(store: Store, text: str) -> None:
    given_ = spans_of(store)
    draft, _ = anchored(store, CHECKER, text, given_, "")
    assert (draft.text, draft.written) == (text, True)
    assert set(draft.evidence) <= set(given_)
    assert len(draft.evidence) <= MOST
    assert len(set(draft.evidence)) == len(draft.evidence)


@given(TEXTS)
def test_supported_is_what_the_checker_says_of_just_these_spans(store: Store, text: str) -> None:
    draft, verdict = anchored(store, CHECKER, text, spans_of(store), "")
    if verdict.label == "supported":
        assert check(store, CHECKER, [draft], "")[0][1] == verdict
        assert draft.evidence
        assert objection(text) == ""


@given(TEXTS)
def test_what_the_checker_does_not_support_is_never_supported(store: Store, text: str) -> None:
    assert anchored(store, Fixed("unsupported"), text, spans_of(store), "")[1].label == "unsupported"


def test_without_spans_nothing_is_supported_and_nobody_asked(store: Store) -> None:
    checker = Fixed()
    assert anchored(store, checker, "The mill closed.", [], "")[1].label == "unsupported"
    assert checker.asked == []


# Its own place


@pytest.mark.parametrize("text", TRUE)
def test_an_articles_own_sentence_is_anchored_to_its_place(store: Store, text: str) -> None:
    draft, verdict = anchored(store, CHECKER, text, spans_of(store), "")
    assert verdict.label == "supported"
    assert [one.quote for one in draft.evidence] == [text]


def test_own_sentences_of_the_seed_articles_are_anchored_to_their_places(seeds_store: Store) -> None:
    given_ = spans_of(seeds_store)
    told = [one for one in given_ if re.search(r"[.!?][\"”]?$", one.quote)][::4]  # the rest are headings
    found = [(one, anchored(seeds_store, CHECKER, one_line(one.quote), given_, "")) for one in told]
    assert len(found) > 50
    assert [one.quote for one, (draft, _) in found if one not in draft.evidence] == []
    assert sum(verdict.label == "supported" for _, (_, verdict) in found) >= 0.97 * len(found)


def test_what_two_sentences_say_together_is_anchored_to_both(store: Store) -> None:
    text = "The paper mill in Harl closed on 3 May 2025, and Nordfall dismissed 240 workers."
    draft, verdict = anchored(store, CHECKER, text, spans_of(store), "")
    assert verdict.label == "supported"
    assert len(draft.evidence) == 2


def test_a_sentence_that_only_several_together_seem_to_support_is_refused(store: Store) -> None:
    text = "Nordfall, the owner of the paper mill in Harl, dismissed 240 workers on 3 May 2025."
    assert anchored(store, CHECKER, text, spans_of(store), "")[1].label != "supported"


@pytest.mark.parametrize(
    "text", ["The paper mill in Harl closed on.", "The paper mill in Harl closed because the.", "Nordfall."]
)
def test_half_a_sentence_is_refused(store: Store, text: str) -> None:
    assert anchored(store, CHECKER, text, spans_of(store), "")[1].label != "supported"


# Who says it


def facts_without_speaker(quote: str) -> Iterator[str]:
    """Of "X said that P": "P", and what X does by it."""
    verbs = r"(?:said|says|announced|claimed|added|argued|wrote|warned|insisted|stated)"
    if match := re.match(rf"(.{{2,50}}?) {verbs} that (?:he|she|it|they)? ?(.{{15,}})", quote):
        yield match[2][0].upper() + match[2][1:]
        yield f"{match[1]} {match[2]}"
    if match := re.match(rf"(.{{15,}}), (?:the \w+|[A-Z]\w+) {verbs}\.$", quote):
        yield f"{match[1]}."


def test_what_somebody_says_is_hardly_ever_supported_as_a_fact(seeds_store: Store) -> None:
    given_ = spans_of(seeds_store)
    claims = [text for one in given_ for text in facts_without_speaker(one_line(one.quote))]
    shown = [text for text in claims if anchored(seeds_store, CHECKER, text, given_, "")[1].label == "supported"]
    assert len(claims) > 40
    assert len(shown) <= 0.1 * len(claims), shown


@pytest.mark.parametrize(
    "text",
    [
        "The town will buy the mill.",
        "Ada Lund will buy the mill.",
        "4,000 people joined the harbour march in Velmora.",
        "The operator will repair the dam for 18 million euros.",
        "The repair will cost 18 million euros.",
    ],
)
def test_a_fact_that_only_somebody_says_is_not_supported(store: Store, text: str) -> None:
    assert anchored(store, CHECKER, text, spans_of(store), "")[1].label != "supported"


@pytest.mark.parametrize(
    "text",
    [
        "Mayor Ada Lund said the town will buy the mill.",
        "According to Mayor Ada Lund, the town will buy the mill.",
        "Police said that 4,000 people joined the harbour march.",
        "The operator said that the repair will cost 18 million euros.",
        "Police counted 4,000 people at the harbour march in Velmora.",
    ],
)
def test_with_its_speaker_it_is_not_objected_to(store: Store, text: str) -> None:
    assert anchored(store, Fixed(), text, spans_of(store), "")[1].label == "supported"


def test_another_speaker_is_refused_even_where_the_checker_passes_it(store: Store) -> None:
    draft, verdict = anchored(
        store, Fixed(), "The union said that the town will buy the mill.", spans_of(store)[2:3], ""
    )
    assert verdict.label == "unsupported" or speaker_of(store, draft.evidence[0]) is None


def test_a_small_number_that_no_source_gives_is_refused(store: Store) -> None:
    text = "Engineers found two cracks in the Tolm dam in January 2025."
    assert anchored(store, Fixed(), text, spans_of(store), "")[1].label == "unsupported"


# Markup and addresses


@pytest.mark.parametrize(
    "text",
    [
        "See https://evil.example/x.",
        "See http:evil",
        "See //evil.example/x",
        "Go to www.evil.example now.",
        "![x](y)",
        "[mill](javascript:alert)",
        "The <b>mill</b> closed.",
        "<script>",
        "</div>",
        "&lt;b&gt;",
        "&#60;",
        "Write to a@b.example.",
        "evil.example/?q=mill",
        "evil.example:8080",
        "[a]: evil",
        "ｈｔｔｐｓ：／／evil",
        "data:text/html,x",
        "ftp://x",
        '{"text": "The mill closed."}',
        "\\url{evil}",
    ],
)
def test_markup_and_addresses_are_objected_to(text: str) -> None:
    assert objection(text)


@pytest.mark.parametrize(
    "text",
    [
        "AT&T and M&S closed 3/4 of shops at 7:30 p.m.",
        "The U.S. sold 2,700 (57%) of $377m.",
        "He asked: “Why?” [sic]",
        "The data: none.",
        "Was it Nordfall Inc.? It was, e.g. in Harl.",
        "R&D; and/or profit",
        "The score was 3:2.",
        "It cost 5 < 6 euros.",
    ],
)
def test_ordinary_sentences_are_not(text: str) -> None:
    assert objection(text) == "" or "data:" in text.lower()


def test_no_sentence_of_the_articles_that_ship_is_objected_to(root: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in (root / "seeds").glob("[a-z]*.md")]
    texts += [
        path.read_text(encoding="utf-8")
        for path in (root / "eval/suites/closemiss/articles").rglob("*")
        if path.is_file()
    ]
    sentences = [text[a:b] for text in texts for a, b in sentence_spans(text)]
    assert len(sentences) > 400
    assert [one for one in sentences if objection(one) and not one.startswith("#")] == []


def test_what_is_objected_to_is_not_even_checked(store: Store) -> None:
    checker = Fixed()
    assert (
        anchored(store, checker, "The mill closed, see www.evil.example.", spans_of(store), "")[1].label
        == "unsupported"
    )
    assert checker.asked == []

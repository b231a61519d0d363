"""The pure half of the page: nothing that comes from outside can be markup, and every span is exact."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from datetime import date
from html import escape
from html.parser import HTMLParser
from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import Article
from index.errors import SourceboundError
from rag.answers import Answer, Citation, Position, Provenance, Sentence, Timings, Writing
from ui.render import confidence_words, render_answer, render_evidence, render_growing, render_text, spoken
from ui.turns import Turn, describe, render_conversation, render_panel

TAGS = {"a", "article", "aside", "bdi", "blockquote", "details", "div", "figcaption", "figure", "h2", "h3", "h4", "li"}
TAGS |= {"mark", "ol", "p", "section", "span", "strong", "summary", "time", "ul"}
ATTRIBUTES = {
    "aria-hidden",
    "aria-label",
    "class",
    "data-cite",
    "data-number",
    "data-spoken",
    "datetime",
    "dir",
    "hidden",
}
ATTRIBUTES |= {"href", "id", "open", "tabindex"}
HOSTILE = (
    """<script>alert(1)</script> <img src=http://other.test/x onerror="alert(1)"> '"> & &amp; <form action="//x">
[x](javascript:alert(1)) $latex$ ${alert(1)} {{#with this}} \u202eright to left\u202c שלום 🛰️ """
    + "w" * 300
)


class Seen(HTMLParser):
    """What a browser would make of the HTML: elements, attributes, the text inside each citation."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[tuple[str, str | None]] = []
        self.cited: dict[str, str] = defaultdict(str)
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open.append((tag, dict(attrs).get("data-cite")))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        for cite in {cite for _, cite in self.open if cite}:
            self.cited[cite] += data

    def all(self, name: str) -> list[str]:
        return [value or "" for _, attrs in self.elements for key, value in attrs.items() if key == name]


def cite(number: int, text: str, start: int, end: int, **more) -> Citation:
    known = {"article_id": "a", "title": "A title", "outlet": "The Wire", "published": "2026-03-10", "source": "a.txt"}
    return Citation(number=number, start=start, end=end, quote=text[start:end], **{**known, **more})


def answered(text: str = "The port opened in May.", **more) -> Answer:
    cited = more.pop("citations", (cite(1, text, 0, len(text)),))
    sentence = Sentence(text=text, verdict="supported", support=0.98, citations=tuple(one.number for one in cited))
    fields = {
        "question": "When?",
        "status": "answered",
        "text": f"{text} [1]",
        "confidence": 0.83,
        "missing": None,
        "sentences": (sentence,),
        "citations": cited,
        "positions": (),
        "provenance": Provenance(answerer="extractive", checker="rules", embedder="bge", corpus="c", version="1"),
        "timings_ms": Timings(retrieve=1, write=1, check=1, total=27.9),
    }
    return Answer(**{**fields, **more})


def written(*own: bool, **more) -> Answer:
    """An answer with one sentence of a model, and one of the article for each of `own`."""
    plain = answered()
    given = {"model": "mill-2", "prompt": "write-1", "outcome": "written", "sentences": 1, "shown": 1}
    writing = Writing(**{**given, **more})
    first = plain.sentences[0]
    sentences = [first.model_copy(update={"written": not one}) for one in own]
    provenance = plain.provenance.model_copy(update={"writing": writing})
    return plain.model_copy(update={"sentences": tuple(sentences), "provenance": provenance})


def article(text: str, **more) -> Article:
    return Article(**{"id": "a", "key": "a", "source": "a.txt", "text": text, **more})


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[Citation]]:
    text = draw(st.text(st.one_of(st.sampled_from("<>&\"'/ ab\n[]$"), st.characters(codec="utf-8")), min_size=1))
    edge = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(edge, edge).map(sorted).filter(lambda span: span[0] < span[1]), max_size=5))
    return text, [cite(number, text, *span) for number, span in enumerate(spans, 1)]


@given(texts_with_spans())
def test_an_article_without_its_tags_is_exactly_its_escaped_text(made):
    text, citations = made
    assert re.sub(r"<[^>]*>", "", render_text(text, citations, 1)) == escape(text)


@given(texts_with_spans())
def test_each_highlight_is_exactly_its_quote_however_spans_overlap(made):
    text, citations = made
    seen = Seen(render_text(text, citations, 7))
    assert dict(seen.cited) == {f"t7-c{cited.number}": cited.quote for cited in citations}


@given(texts_with_spans())
def test_each_citation_has_one_anchor(made):
    text, citations = made
    ids = Seen(render_text(text, citations, 7)).all("id")
    assert sorted(ids) == sorted(f"t7-c{cited.number}" for cited in citations)


@given(
    st.one_of(st.just(HOSTILE), st.text(min_size=1)), st.sampled_from(["answered", "partial", "disputed", "abstained"])
)
def test_words_from_outside_are_never_markup(words, status):
    cited = (cite(1, words, 0, len(words), title=words, outlet=words, source=words),)
    position = Position(value=words, citations=(1,))
    answer = answered(words, citations=cited, status=status, question=words, missing=words, positions=(position,))
    writing = Writing(model=words, prompt=words, outcome="completed", reason=words)
    by_model = answer.sentences[0].model_copy(update={"written": True, "speaker": words, "speech": "said"})
    made = answer.provenance.model_copy(update={"writing": writing})
    answer = answer.model_copy(update={"sentences": (by_model, *answer.sentences), "provenance": made})
    known = article(words, title=words, outlet=words, source=words)
    turn = Turn(1, words, render_answer(answer, 1), render_evidence(answer, {"a": known}, 1), spoken(answer))
    seen = Seen(render_conversation([turn]) + render_panel([turn], "") + describe([known]))
    assert {tag for tag, _ in seen.elements} <= TAGS
    assert {name for _, attrs in seen.elements for name in attrs} <= ATTRIBUTES
    assert all(re.fullmatch(r"#t1(-c1)?", href) for href in seen.all("href"))


def test_a_hostile_text_is_shown_letter_by_letter():
    answer = answered(HOSTILE)
    assert HOSTILE in Seen(render_answer(answer, 1)).text
    assert HOSTILE in Seen(render_evidence(answer, {"a": article(HOSTILE)}, 1)).text


def test_a_mark_links_to_its_highlight_and_is_named_after_the_title():
    answer = answered()
    links = [attrs for tag, attrs in Seen(render_answer(answer, 3)).elements if tag == "a"]
    assert [(link["href"], link["aria-label"]) for link in links] == [("#t3-c1", "Citation 1: A title")]
    assert Seen(render_evidence(answer, {"a": article(answer.citations[0].quote)}, 3)).all("id") == ["t3-c1"]


def test_what_is_not_known_of_an_article_is_said():
    answer = answered()
    text = Seen(render_evidence(answer, {"a": article(answer.citations[0].quote)}, 1)).text
    assert "Title not known" in text
    assert "outlet not known · date not known · a.txt" in text


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("supported", "✓ supported"),
        ("unsupported", "○ not supported by the source"),
        ("contradicted", "✕ contradicted by the source"),
        ("not_checked", "? not checked"),
    ],
)
def test_a_verdict_is_told_in_words_and_shape(verdict, words):
    sentence = answered().sentences[0].model_copy(update={"verdict": verdict})
    assert words in Seen(render_answer(answered(sentences=(sentence,)), 1)).text


def test_a_sentence_that_is_not_supported_says_why():
    sentence = answered().sentences[0].model_copy(update={"verdict": "unsupported", "reason": "no <i>May</i>"})
    text = Seen(render_answer(answered(sentences=(sentence,)), 1)).text
    assert "○ not supported by the source 0.98 no <i>May</i>" in text


def test_a_supported_sentence_needs_no_reason():
    assert "sb-reason" not in render_answer(answered(), 1)


def test_an_abstention_with_unsupported_sentences_shows_them_apart_marked_and_with_their_evidence():
    sentence = answered().sentences[0].model_copy(update={"verdict": "unsupported"})
    answer = answered(status="abstained", missing="the closing date", sentences=(sentence,))
    seen = Seen(render_answer(answer, 1) + render_evidence(answer, {"a": article(answer.citations[0].quote)}, 1))
    absent, _, rest = seen.text.partition("Not supported by the sources")
    assert "the closing date" in absent
    assert sentence.text not in absent
    assert "○ not supported by the source" in rest
    assert seen.all("href") == ["#t1-c1"]


def test_an_abstention_shows_no_source_even_if_it_carries_one():
    answer = answered(status="abstained", missing="the closing date", text="The closing date is not in the corpus.")
    evidence = render_evidence(answer, {"a": article(answer.citations[0].quote)}, 1)
    seen = Seen(render_answer(answer, 1) + evidence)
    assert "Not in the corpus" in seen.text
    assert "mark" not in {tag for tag, _ in seen.elements}
    assert seen.all("href") == []


def test_a_partial_answer_names_what_is_missing():
    text = Seen(render_answer(answered(status="partial", missing="what it cost"), 1)).text
    assert text.index("The port opened") < text.index("Not in the corpus") < text.index("what it cost")


def test_positions_carry_outlet_date_and_quote_each():
    text = "In May. In June."
    cited = (cite(1, text, 0, 7), cite(2, text, 8, 16, outlet=None, published=None))
    sides = (Position(value="May", citations=(1,)), Position(value="June", citations=(2,)))
    seen = Seen(render_answer(answered(text, status="disputed", citations=cited, positions=sides), 1))
    assert "MayIn May.The Wire · 2026-03-10 [1]JuneIn June.outlet not known · date not known [2]" in seen.text


def test_the_answer_names_what_made_it():
    assert "answerer extractive · checker rules · embedder bge · 28 ms" in Seen(render_answer(answered(), 1)).text


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (0.83, "high (estimate 0.83)"),
        (0.65, "middling (estimate 0.65)"),
        (0.5, "middling (estimate 0.50)"),
        (0.2, "low, read the sources (estimate 0.20)"),
    ],
)
def test_confidence_in_words(confidence, words):
    assert confidence_words(confidence) == words


@pytest.mark.parametrize("status", ["answered", "partial", "disputed", "abstained"])
def test_confidence_is_shown_as_an_estimate_and_claims_no_probability(status):
    text = Seen(render_answer(answered(status=status, confidence=0.65), 1)).text
    assert re.search(r"Confidence.*estimate 0\.65", text)
    assert not re.search("likely|chance|probab", text, re.IGNORECASE)


def test_a_quote_that_is_not_in_the_text_is_an_error_not_a_highlight():
    with pytest.raises(SourceboundError, match=r"citation 1 of 'a\.txt' does not resolve"):
        render_text("Another text.", [cite(1, "The port opened.", 0, 16)], 1)


def test_a_sentence_that_points_nowhere_is_an_error():
    with pytest.raises(SourceboundError, match="points to citation 1"):
        render_answer(answered(sentences=answered().sentences, citations=()), 1)


def test_an_article_that_is_gone_is_an_error():
    with pytest.raises(SourceboundError, match="'a' of citation 1 is not in the store"):
        render_evidence(answered(), {}, 1)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([], "2 articles, 1 known outlet."),
        ([date(2026, 3, 10)], "2 articles, 1 known outlet, dated 2026-03-10."),
        ([date(2026, 3, 10), date(2025, 1, 2)], "2 articles, 1 known outlet, dated 2025-01-02 to 2026-03-10."),
    ],
)
def test_the_corpus_is_described_by_what_is_known_of_it(days, words):
    known = [article("x", outlet="The Wire"), article("y")]
    dated = [replace(one, published=day) for one, day in zip_longest(known, days)]
    assert words in Seen(describe(dated)).text


def test_only_the_newest_evidence_is_open_and_ids_never_clash():
    turns = [
        Turn(
            n,
            "When?",
            render_answer(answered(), n),
            render_evidence(answered(), {"a": article("The port opened in May.")}, n),
            "",
        )
        for n in (1, 2)
    ]
    seen = Seen(render_conversation(turns) + render_panel(turns, ""))
    hidden = [attrs["id"] for _, attrs in seen.elements if "hidden" in attrs]
    assert hidden == ["t1-evidence"]
    assert len(set(seen.all("id"))) == len(seen.all("id"))


# Who wrote it


@pytest.mark.parametrize(
    ("writing", "line"),
    [
        ({}, "Written by mill-2, each sentence checked against the articles."),
        ({"dropped": 1}, "against the articles; 1 of its sentences was dropped."),
        ({"dropped": 2}, "against the articles; 2 of its sentences were dropped."),
        ({"replaced": 1}, "against the articles; 1 of its sentences was replaced by the article’s own."),
        (
            {"dropped": 2, "replaced": 1},
            "; 2 of its sentences were dropped and 1 was replaced by the article’s own.",
        ),
        (
            {"outcome": "completed", "reason": "a side was missing", "dropped": 1},
            "1 of its sentences was dropped. Sentences of the articles were added: a side was missing.",
        ),
    ],
)
def test_a_written_answer_says_who_wrote_it_and_what_became_of_the_rest(writing, line):
    assert line in Seen(render_answer(written(False, **writing), 1)).text


@pytest.mark.parametrize(
    ("writing", "line"),
    [
        (
            {"sentences": 3, "dropped": 2, "replaced": 1, "reason": "3 of its 3 sentences were not shown"},
            "mill-2’s sentences did not pass the check, so this is the articles’ own wording.",
        ),
        (
            {"sentences": 0, "reason": "the model found no answer in the passages"},
            "own wording, since mill-2 wrote no sentence: the model found no answer in the passages.",
        ),
        (
            {"sentences": 3, "dropped": 2, "left_out": 1, "reason": "3 of its 3 sentences were not shown"},
            "No sentence of mill-2 passed the check and bore on the question: this is the articles’ own wording.",
        ),
    ],
)
def test_an_answer_in_the_articles_own_wording_says_why(writing, line):
    answer = written(True, outcome="extractive", shown=0, **writing)
    assert line in Seen(render_answer(answer, 1)).text


def test_without_a_model_no_line_says_who_wrote_and_no_sentence_is_set_apart():
    html = render_answer(answered(), 1)
    assert not re.search("sb-wrote|sb-own|sb-whose|Written by", html)


def test_in_a_written_answer_the_articles_own_sentences_are_told_apart_in_words_and_shape():
    first, second = re.findall(r'<p class="sb-claim.*?</p>', render_answer(written(False, True), 1))
    assert "sb-own" not in first
    assert "from the article" not in first
    assert "sb-own" in second
    assert "❝ from the article" in Seen(second).text


@pytest.mark.parametrize("status", ["answered", "partial", "disputed"])
def test_what_was_shown_while_an_answer_grew_is_how_the_whole_answer_begins(status):
    dated = [one.model_copy(update={"date": "2026-05"}) for one in written(False, True).sentences]
    changes = {
        "sentences": tuple(dated),
        "status": status,
        "understood": "When did it open?",
        "missing": "what it cost",
    }
    answer = written(False, True).model_copy(update=changes)
    for shown in (1, 2):
        assert render_answer(answer, 1).startswith(render_growing(answer.sentences[:shown], answer.citations, 1))


def test_a_stopped_answer_says_that_it_may_not_be_all_and_nothing_of_the_corpus():
    answer = written(False, outcome="stopped").model_copy(update={"status": "partial", "missing": "It was stopped."})
    text = Seen(render_answer(answer, 1)).text
    assert "■ Stopped before its end" in text
    assert "Not in the corpus" not in text
    assert spoken(answer).startswith("Stopped. The port opened")


def test_an_answer_that_was_stopped_before_a_sentence_is_no_abstention():
    answer = written(outcome="stopped", sentences=0, shown=0).model_copy(
        update={"status": "abstained", "text": "None."}
    )
    seen = Seen(render_answer(answer, 1) + render_evidence(answer, {}, 1)).text
    assert "■ Stopped before the first sentence." in seen
    assert "corpus" not in seen
    assert spoken(answer) == "Stopped before the first sentence."

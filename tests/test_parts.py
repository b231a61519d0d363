"""The parts of an answer: nothing that comes from outside can be markup, every span is exact, every state is told."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, timedelta
from html import escape
from html.parser import HTMLParser
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import Article, Chunk
from index.errors import SourceboundError
from rag.answers import (
    CONVERSATION,
    Answer,
    Citation,
    Copy,
    Position,
    Provenance,
    Reading,
    Sentence,
    Timings,
    Within,
    Writing,
)
from rag.feedback import OF_ABSTENTION, OF_SENTENCE, Reason
from rag.retrieve import Passage
from ui.parts.answer import question_actions, render_answer
from ui.parts.confidence import confidence_words
from ui.parts.evidence import CONTEXT, excerpts, render_evidence, render_excerpts, render_sources
from ui.parts.marks import Marked, marked
from ui.parts.origin import age, day, original
from ui.parts.reader import reader_frame, render_reader, render_unknown
from ui.words import LANGUAGES, Words, _section

WORDS = Words("en")
SPANISH = Words("es")
TODAY = date(2026, 11, 22)
TAGS = {"a", "article", "bdi", "blockquote", "button", "dd", "details", "div", "dl", "dt", "em", "fieldset"}
TAGS |= {"figcaption", "figure", "footer", "form", "h2", "h3", "h4", "header", "i", "input", "label", "legend", "li"}
TAGS |= {"mark", "ol", "p", "section", "span", "strong", "summary", "time", "ul"}
ATTRIBUTES = {"class", "datetime", "dir", "hidden", "href", "id", "maxlength", "name", "placeholder", "rel", "role"}
ATTRIBUTES |= {"tabindex", "target", "type", "value"}
PATH = r"/parts/article/[\w.~%-]+\?(spans=\d+-\d+(,\d+-\d+)*&)?lang=(en|es)"
HOSTILE = (
    """<script>alert(1)</script> <img src=http://other.test/x onerror="alert(1)"> '"> & &amp; <form action="//x">
[x](javascript:alert(1)) $latex$ ${alert(1)} {{#with this}} {at} \u202eright to left\u202c שלום 🛰️ """
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
        if tag != "input":
            given = dict(attrs)
            self.open.append((tag, given.get("data-cite") or given.get("data-of")))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        for cite in {cite for _, cite in self.open if cite}:
            self.cited[cite] += data

    def all(self, name: str) -> list[str]:
        return [value or "" for _, attrs in self.elements for key, value in attrs.items() if key == name]

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}

    def acts(self) -> list[str]:
        return self.all("data-act")


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


def absent(**more) -> Answer:
    given = {
        "text": "No article names the moon.",
        "missing": "who walked on the moon",
        "sentences": (),
        "citations": (),
    }
    return answered(status="abstained", **{**given, **more})


def written(*own: bool, **more) -> Answer:
    """An answer with one sentence of a model, and one of the article for each of `own` that is true."""
    plain = answered()
    given = {"model": "mill-2", "prompt": "write-1", "outcome": "written", "sentences": 1, "shown": 1}
    writing = Writing(**{**given, **more})
    sentences = [plain.sentences[0].model_copy(update={"written": not one}) for one in own]
    provenance = plain.provenance.model_copy(update={"writing": writing})
    return plain.model_copy(update={"sentences": tuple(sentences), "provenance": provenance})


def article(text: str, **more) -> Article:
    return Article(**{"id": "a", "key": "a", "source": "a.txt", "text": text, **more})


def passage(text: str, **more) -> Passage:
    held = article(text, **{"title": "Harbour news", **more})
    return Passage(Chunk(held.id, 0, len(text), text), held, 0.5, 0.4)


def answer_html(answer: Answer, *more, words: Words = WORDS, **options) -> str:
    return render_answer(answer, 1, words, *more, **options)


def evidence_html(answer: Answer, text: str | None = None, words: Words = WORDS, **more) -> str:
    held = article(answer.citations[0].quote if text is None else text, **more)
    return render_evidence(answer, {"a": held}, 1, words, TODAY)


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[Citation]]:
    text = draw(st.text(st.one_of(st.sampled_from("<>&\"'/ ab\n[]$"), st.characters(codec="utf-8")), min_size=1))
    text *= draw(st.sampled_from([1, 1, 30]))
    edge = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(edge, edge).map(sorted).filter(lambda span: span[0] < span[1]), max_size=5))
    return text, [cite(number, text, *span) for number, span in enumerate(spans, 1)]


# Marks and excerpts


@given(texts_with_spans())
def test_a_marked_text_without_its_tags_is_exactly_its_escaped_text(made):
    text, citations = made
    spans = [Marked(one.start, one.end, ' data-cite="x"') for one in citations]
    assert re.sub(r"<[^>]*>", "", marked(text, spans)) == escape(text)


@given(texts_with_spans())
def test_each_highlight_is_exactly_its_quote_however_spans_overlap(made):
    text, citations = made
    seen = Seen(render_excerpts(text, citations, 7, WORDS))
    assert dict(seen.cited) == {f"t7-c{cited.number}": cited.quote for cited in citations}


@given(texts_with_spans())
def test_each_citation_has_one_anchor_that_says_its_span(made):
    text, citations = made
    seen = Seen(render_excerpts(text, citations, 7, WORDS))
    anchors = [attrs for tag, attrs in seen.elements if tag == "mark" and "id" in attrs]
    assert sorted((one["id"], one["data-span"]) for one in anchors) == sorted(
        (f"t7-c{cited.number}", f"{cited.start}-{cited.end}") for cited in citations
    )


@given(texts_with_spans())
def test_excerpts_hold_every_span_whole_once_and_little_more(made):
    text, citations = made
    spans = [(one.start, one.end) for one in citations]
    pieces = excerpts(text, spans)
    assert all(one[1] <= other[0] for one, other in pairwise(pieces))
    assert all(sum(first <= start and end <= last for first, last in pieces) == 1 for start, end in spans)
    for first, last in pieces:
        inside = [span for span in spans if first <= span[0] and span[1] <= last]
        assert min(start for start, _ in inside) - first <= CONTEXT
        assert last - max(end for _, end in inside) <= CONTEXT


def test_an_excerpt_is_cut_between_words_and_says_that_there_is_more():
    text = "word " * 100 + "The port opened in May." + " after" * 100
    start = text.index("The port")
    seen = Seen(render_excerpts(text, [cite(1, text, start, start + 23)], 1, WORDS))
    shown = re.search(r"… (.*) …", seen.text).group(1)
    assert set(shown.replace("The port opened in May.", "").split()) == {"word", "after"}
    assert 300 < len(shown) <= 23 + 2 * CONTEXT


def test_an_excerpt_keeps_to_the_paragraph_of_its_span():
    text = "Another matter.\n\nThe port opened in May. It rained.\n\nA third matter."
    start = text.index("The port")
    assert excerpts(text, [(start, start + 23)]) == [(start, text.index("\n\nA third"))]


def test_spans_that_lie_near_each_other_share_an_excerpt_and_far_ones_do_not():
    text = "First here. Second here. " + "Much between. " * 60 + "Third there."
    third = text.index("Third")
    assert len(excerpts(text, [(0, 11), (12, 24)])) == 1
    assert len(excerpts(text, [(0, 11), (12, 24), (third, third + 12)])) == 2


def test_spans_of_neighbouring_paragraphs_share_an_excerpt():
    assert excerpts("The port opened.\n\nThe bridge came.", [(0, 16), (18, 34)]) == [(0, 34)]


def test_a_short_span_inside_a_long_one_does_not_cut_it():
    assert excerpts("word " * 200, [(0, 900), (5, 9)]) == excerpts("word " * 200, [(0, 900)])


# Escaping


@given(
    st.one_of(st.just(HOSTILE), st.text(min_size=1)),
    st.sampled_from(["answered", "partial", "disputed", "abstained"]),
    st.sampled_from(sorted(LANGUAGES)),
)
def test_words_from_outside_are_never_markup(hostile, status, language):
    words = Words(language)
    cited = (cite(1, hostile, 0, len(hostile), title=hostile, outlet=hostile, source=hostile),)
    side = Position(value=hostile, citations=(1,), holder=hostile, difference="update")
    answer = answered(hostile, citations=cited, status=status, question=hostile, missing=hostile, positions=(side,))
    first = answer.sentences[0].model_copy(update={"speaker": hostile, "speech": "said", "reason": hostile})
    unsure = first.model_copy(update={"verdict": "unsupported", "date": hostile, "written": True})
    made = answer.provenance.model_copy(
        update={"writing": Writing(model=hostile, prompt="p", outcome="completed", reason=hostile)}
    )
    read = Reading(by="model", text=hostile, parts=(hostile, hostile))
    changes = {"sentences": (first, unsure), "provenance": made, "reading": read, "understood": hostile + "?"}
    written_one = answer.model_copy(update=changes)
    timeline = answer.model_copy(update={"sentences": (unsure, unsure), "yes_no": "yes"})
    known = article(hostile, title=hostile, outlet=hostile, source=hostile, url=hostile, id="a")
    near = [passage(hostile, title=hostile, outlet=hostile, source=hostile)] * 4
    html = "".join(
        [
            render_answer(written_one, 1, words, near),
            render_answer(timeline, 1, words, near),
            render_evidence(written_one, {"a": known}, 1, words, TODAY),
            render_reader(known, [(0, len(hostile))], words, TODAY, copies=[known], state="removed"),
        ]
    )
    seen = Seen(html)
    names = {name for _, attrs in seen.elements for name in attrs}
    assert seen.tags() <= TAGS
    assert {name for name in names if not name.startswith(("data-", "aria-"))} <= ATTRIBUTES
    assert all(re.fullmatch(rf"#t1-c1|{PATH}", href) for href in seen.all("href"))
    assert all(re.fullmatch(r"t1-c1", one) for one in seen.all("id"))
    assert not [attrs for tag, attrs in seen.elements if tag == "mark" and set(attrs.values()) & {hostile}]


def test_a_hostile_text_is_shown_letter_by_letter():
    answer = answered(HOSTILE)
    assert HOSTILE in Seen(answer_html(answer)).text
    assert HOSTILE in Seen(evidence_html(answer)).text
    assert HOSTILE in Seen(render_reader(article(HOSTILE), [(3, 40)], WORDS, TODAY)).text


def test_an_id_of_an_article_is_no_path():
    answer = answered(citations=(cite(1, "It opened.", 0, 10, article_id="../../x?y#z"),), text="It opened.")
    html = render_sources(answer.citations, {"../../x?y#z": article("It opened.", id="../../x?y#z")}, 1, WORDS, TODAY)
    assert "/parts/article/..%2F..%2Fx%3Fy%23z?spans=0-10&lang=en" in Seen(html).all("href")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//other.test", "ftp://x.test/a", "http:", "x", "", "http://["]
)
def test_only_an_address_of_the_web_is_a_link_to_the_original(url):
    assert original(article("x", url=url), WORDS) == ""


def test_the_original_opens_apart_and_is_told_nothing():
    [(_, attrs), *_] = Seen(original(article("x", url="https://news.test/a?b=1&c=2"), WORDS)).elements
    wanted = {"href": "https://news.test/a?b=1&c=2", "target": "_blank", "rel": "noopener noreferrer nofollow"}
    assert attrs == {"class": "sb-original", **wanted}


# A sentence


def test_a_mark_links_to_its_highlight_and_is_named_after_the_title():
    answer = answered()
    links = [attrs for tag, attrs in Seen(render_answer(answer, 3, WORDS)).elements if tag == "a"]
    assert [(link["href"], link["aria-label"]) for link in links] == [("#t3-c1", "Citation 1: A title")]
    held = {"a": article(answer.citations[0].quote)}
    assert Seen(render_evidence(answer, held, 3, WORDS, TODAY)).all("id") == ["t3-c1"]


def test_a_sentence_says_what_it_cites_and_its_place():
    answer = answered(citations=(cite(1, "Opened.", 0, 7), cite(2, "Opened.", 0, 6)), text="Opened.")
    [claim] = [
        attrs for tag, attrs in Seen(answer_html(answer)).elements if (attrs.get("class") or "")[:8] == "sb-claim"
    ]
    assert (claim["data-turn"], claim["data-sentence"], claim["data-cites"]) == ("1", "0", "t1-c1 t1-c2")


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        ("supported", "✓ supported"),
        ("unsupported", "○ not supported by the source"),
        ("contradicted", "✕ contradicted by the source"),
        ("not_checked", "? not checked"),
    ],
)
def test_a_verdict_is_told_in_words_and_shape(verdict, line):
    sentence = answered().sentences[0].model_copy(update={"verdict": verdict})
    assert line in Seen(answer_html(answered(sentences=(sentence,)))).text


def test_a_sentence_that_is_not_supported_says_why():
    sentence = answered().sentences[0].model_copy(update={"verdict": "unsupported", "reason": "no <i>May</i>"})
    assert "○ not supported by the source no <i>May</i>" in Seen(answer_html(answered(sentences=(sentence,)))).text


def test_a_supported_sentence_needs_no_reason():
    assert "sb-reason" not in answer_html(answered())


def test_who_says_it_is_named_in_both_languages():
    sentence = answered().sentences[0].model_copy(update={"speech": "denied", "speaker": "The mayor"})
    answer = answered(sentences=(sentence,))
    assert "denied by The mayor" in Seen(answer_html(answer)).text
    assert "lo niega The mayor" in Seen(answer_html(answer, words=SPANISH)).text


def test_each_sentence_can_be_judged_and_a_thumb_down_gives_a_reason():
    html = answer_html(answered(sentences=answered().sentences * 2))
    thumbs = re.findall(r'data-act="(up|down)" data-turn="1" data-sentence="(\d)"', html)
    assert thumbs == [("up", "0"), ("down", "0"), ("up", "1"), ("down", "1")]
    assert _reasons(html) == OF_SENTENCE


def test_an_abstention_can_be_judged_and_small_talk_cannot():
    html = answer_html(absent())
    thumbs = re.findall(r'data-act="(up|down)" data-turn="1" data-sentence="(-?\d)"', html)
    assert thumbs == [("up", "-1"), ("down", "-1")]
    assert _reasons(html) == OF_ABSTENTION
    assert {"", *OF_SENTENCE, *OF_ABSTENTION} == set(get_args(Reason))
    provenance = absent().provenance.model_copy(update={"answerer": CONVERSATION})
    assert "data-sentence" not in answer_html(absent(provenance=provenance))


def _reasons(html):
    return tuple(attrs["value"] for tag, attrs in Seen(html).elements if attrs.get("type") == "radio")


def test_a_sentence_that_points_nowhere_is_an_error():
    with pytest.raises(SourceboundError, match="points to citation 1"):
        answer_html(answered(sentences=answered().sentences, citations=()))


def test_a_clear_yes_stands_before_the_first_sentence_alone():
    two = answered(sentences=answered().sentences * 2, yes_no="yes")
    assert Seen(answer_html(two)).text.count("Yes: ") == 1
    assert "Sí: The port" in Seen(answer_html(two, words=SPANISH)).text


# An answer


def test_the_question_as_it_was_understood_can_be_corrected():
    seen = Seen(answer_html(answered(understood="When did the port open?")))
    assert "Understood as: When did the port open?" in seen.text
    assert "correct" in seen.acts()
    assert "correct" not in Seen(answer_html(answered(understood="When?"))).acts()


def test_what_a_model_read_into_a_question_is_told():
    read = Reading(by="model", text="x", since=date(2026, 1, 1))
    assert "Read by the language model: since 2026-01-01" in Seen(answer_html(answered(reading=read))).text
    read = Reading(by="model", text="x", parts=("A?", "B?"), until=date(2026, 1, 1))
    line = "Leída por el modelo de lenguaje: preguntada como A? / B?; hasta el 2026-01-01"
    assert line in Seen(answer_html(answered(reading=read), words=SPANISH)).text


def test_below_an_answer_is_what_can_be_done_with_it():
    assert [act for act in Seen(answer_html(answered())).acts() if act not in ("up", "down")] == [
        "copy",
        "link",
        "retry",
    ]
    assert Seen(question_actions(3, WORDS)).acts() == ["edit"]
    assert 'data-turn="3"' in question_actions(3, WORDS)


def test_a_finished_answer_names_what_made_it():
    html = answer_html(answered())
    assert '<details class="sb-made">' in html
    assert re.search("answererextractive.*checkerrules.*embedderbge.*28 ms", Seen(html).text)


def test_a_greeting_has_no_verdict_and_no_source():
    made = answered().provenance.model_copy(update={"answerer": CONVERSATION})
    answer = answered(provenance=made)
    assert answer_html(answer) == '<p class="sb-plain" dir="auto">The port opened in May. [1]</p>'
    assert "not about the articles" in evidence_html(answer)


@pytest.mark.parametrize(
    ("confidence", "english", "spanish"),
    [(0.83, "high", "alta"), (0.5, "middling", "media"), (0.2, "low, read the sources", "baja, lea las fuentes")],
)
def test_confidence_in_words(confidence, english, spanish):
    assert (confidence_words(confidence, WORDS), confidence_words(confidence, SPANISH)) == (english, spanish)


@pytest.mark.parametrize("status", ["answered", "partial", "disputed", "abstained"])
def test_the_number_behind_the_confidence_is_an_estimate_and_claims_no_probability(status):
    text = Seen(answer_html(answered(status=status, confidence=0.65))).text
    assert re.search(r"Confidence.*Estimate 0\.65", text)
    assert not re.search("likely|chance|probab", text, re.IGNORECASE)


def test_the_support_of_each_sentence_is_there_on_demand():
    assert "sentence 1: 0.98" in re.search("<details.*", answer_html(answered())).group()


def test_fifty_sentences_keep_their_places():
    answer = answered(sentences=answered().sentences * 50)
    assert re.findall(r'<p [^>]*data-sentence="(\d+)"', answer_html(answer)) == [str(place) for place in range(50)]


@pytest.mark.parametrize("section", ["reading"])
def test_every_word_is_there_in_every_language(section):
    assert {
        key for key, told in _section(section).items() if set(told) != set(LANGUAGES) or not all(told.values())
    } == set()
    names = {
        key: [set(re.findall(r"{(\w+)}", text)) for text in told.values()] for key, told in _section(section).items()
    }
    assert {key for key, found in names.items() if any(one != found[0] for one in found)} == set()


def test_a_spanish_answer_holds_no_english_of_ours():
    answer = answered(status="partial", missing="x", understood="y", positions=(Position(value="z", citations=(1,)),))
    spanish = Seen(answer_html(answer, words=SPANISH) + evidence_html(answer, words=SPANISH)).text
    for key, told in _section("reading").items():
        if len(told["en"]) > 8 and "{" not in told["en"] and told["en"] != told["es"]:
            assert told["en"] not in spanish, key


# Timelines


def dated(*days: str, **more) -> Answer:
    first = answered().sentences[0]
    return answered(sentences=tuple(first.model_copy(update={"date": one}) for one in days), **more)


def test_sentences_that_each_tell_of_a_day_are_a_timeline():
    seen = Seen(answer_html(dated("2025", "2026-03", "2026-03-10")))
    assert seen.all("datetime")[:3] == ["2025", "2026-03", "2026-03-10"]
    assert "ol" in seen.tags()
    assert re.search("2025.*March 2026.*10 March 2026", seen.text)
    assert "10 de marzo de 2026" in Seen(answer_html(dated("2026-03-10", "2026"), words=SPANISH)).text


def test_one_dated_sentence_or_one_that_is_not_makes_no_timeline():
    undated = answered(sentences=(*dated("2026").sentences, *answered().sentences))
    assert "ol" not in Seen(answer_html(dated("2026-03-10")) + answer_html(undated)).tags()


@pytest.mark.parametrize("told", ["soon", "2026-13", "2026-00-10", "", "1-2-3-4", "٢٠٢٦-٠٣"])
def test_a_day_that_is_none_is_told_as_it_is(told):
    assert day(told, WORDS) == told


# Sources that differ


def test_positions_stand_side_by_side_with_outlet_date_quote_holder_and_kind():
    text = "In May. In June."
    cited = (cite(1, text, 0, 7), cite(2, text, 8, 16, outlet=None, published=None))
    later = Position(value="June", citations=(2,), holder="the mayor", difference="disagreement")
    sides = (Position(value="May", citations=(1,)), later)
    html = answer_html(answered(text, status="disputed", citations=cited, positions=sides))
    one, other = [Seen(side).text for side in re.findall(r'<li class="sb-position">.*?</li>', html)]
    assert one == "MayIn May.The Wire · 10 March 2026 1"
    assert other == "Junedisagreesheld by the mayorIn June.outlet not known · date not known 2"
    assert "The sources differ" in html


def test_positions_that_can_both_hold_are_not_called_a_difference():
    sides = (Position(value="May", citations=(1,)), Position(value="June", citations=(1,), difference="scope"))
    text = Seen(answer_html(answered(positions=sides))).text
    assert "Both can hold" in text
    assert "The sources differ" not in text


# Abstentions


def test_an_abstention_shows_no_source_even_if_it_carries_one():
    answer = answered(status="abstained", missing="the closing date", text="The closing date is not in the corpus.")
    seen = Seen(answer_html(answer.model_copy(update={"sentences": ()})) + evidence_html(answer))
    assert "Not in the corpus" in seen.text
    assert "mark" not in seen.tags()
    assert seen.all("href") == []


@given(st.text(min_size=1), st.integers(0, 5))
def test_an_abstention_never_marks_numbers_or_judges(text, count):
    html = answer_html(absent(), [passage(text)] * count)
    assert "mark" not in Seen(html).tags()
    assert not re.search("sb-cite|sb-verdict|sb-claim|data-cite", html)
    assert html.count('class="sb-near-text"') == min(count, 3)


def test_an_abstention_says_what_was_looked_for_and_what_is_missing():
    text = Seen(answer_html(absent(understood="Who walked on the moon first?"))).text
    assert "Looked forWho walked on the moon first?" in text
    assert "Missingwho walked on the moon" in text


def test_the_closest_passages_are_said_not_to_answer_and_are_short():
    long = "Nothing here. " * 40 + "The moon rose over the harbour. " + "More of it. " * 40
    html = answer_html(absent(question="Who saw the moon rise?"), [passage(long)])
    assert "The closest passages. They do not answer the question." in html
    shown = re.search(r'class="sb-near-text"[^>]*>(.*?)<', html).group(1)
    assert "moon rose" in shown
    assert len(shown) <= 303
    assert Seen(html).all("href") == ["/parts/article/a?lang=en"]


@pytest.mark.parametrize(
    ("more", "options", "tip"),
    [
        ({"within": Within(outlets=("El Faro",))}, {}, "Widen the dates or outlets"),
        ({"reading": Reading(by="model", since=date(2026, 1, 1))}, {}, "Widen the dates or outlets"),
        ({"understood": "Who else?"}, {}, "Correct the question"),
        ({"question": "who opened the harbour"}, {}, "Name a person, a place"),
        ({"question": "Who opened Port Ellen?"}, {}, "Name a day, a month or a year"),
        ({"question": "Who opened it and when did it close?"}, {}, "Ask one thing at a time"),
        ({"question": "Who opened Port Ellen in 2026?"}, {}, "Add articles"),
    ],
)
def test_what_to_try_fits_the_case(more, options, tip):
    tips = re.search('<ul class="sb-tips">.*?</ul>', answer_html(absent(**more), **options)).group()
    assert tip in tips
    assert 1 <= tips.count("<li>") <= 3


def test_what_may_be_meant_is_the_first_thing_to_try():
    html = answer_html(absent(question="Who opened Port Elen", suggestion="Who opened <Port> Ellen"))
    tips = re.search('<ul class="sb-tips">.*?</ul>', html).group()
    assert tips.startswith('<ul class="sb-tips"><li>Did you mean: <button')
    assert "Who opened &lt;Port&gt; Ellen</button>" in tips
    assert tips.count("<li>") <= 3


def test_an_abstention_offers_to_correct_what_was_misunderstood():
    assert Seen(answer_html(absent(understood="Who else?"))).acts().count("correct") == 2
    assert "correct" not in Seen(answer_html(absent())).acts()


def test_an_abstention_with_unsupported_sentences_shows_them_apart_marked_and_with_their_evidence():
    sentence = answered().sentences[0].model_copy(update={"verdict": "unsupported"})
    answer = answered(status="abstained", missing="the closing date", sentences=(sentence,))
    seen = Seen(answer_html(answer) + evidence_html(answer))
    before, _, rest = seen.text.partition("Not supported by the sources")
    assert "the closing date" in before
    assert sentence.text not in before
    assert "○ not supported by the source" in rest
    assert "#t1-c1" in seen.all("href")


def test_an_abstention_shows_what_is_not_supported_and_no_other_sentence():
    first = answered().sentences[0]
    second = first.model_copy(update={"verdict": "unsupported", "text": "The bridge came later."})
    html = answer_html(absent(sentences=(first, second), citations=answered().citations))
    assert re.findall(r'<p [^>]*data-sentence="(\d)"', html) == ["1"]


def test_a_partial_answer_names_what_is_missing():
    text = Seen(answer_html(answered(status="partial", missing="what it cost"))).text
    assert text.index("The port opened") < text.index("Not in the corpus") < text.index("what it cost")


# Evidence


def test_a_card_names_title_outlet_date_and_age_and_opens_the_article_at_its_spans():
    html = evidence_html(answered(), title="Port opens", outlet="The Wire", published=date(2026, 3, 10))
    assert "Port opensThe Wire · 10 March 2026 · 8 months old" in Seen(html).text
    assert Seen(html).all("href") == ["/parts/article/a?spans=0-23&lang=en"]


def test_what_is_not_known_of_an_article_is_said():
    assert "a.txtoutlet not known · date not known" in Seen(evidence_html(answered())).text


def test_articles_that_are_not_cited_are_not_shown():
    held = {"a": article("The port opened in May."), "b": article("Another.", id="b", title="Another")}
    assert "Another" not in render_evidence(answered(), held, 1, WORDS, TODAY)


def test_copies_of_a_story_are_no_second_source():
    copy = Copy(article_id="b", title=None, outlet="The Echo", published=None)
    cited = cite(1, "The port opened in May.", 0, 23, copies=(copy,))
    assert "The same story, no second source: The Echo" in Seen(evidence_html(answered(citations=(cited,)))).text


def test_a_quote_that_is_not_in_the_text_is_an_error_not_a_highlight():
    with pytest.raises(SourceboundError, match=r"citation 1 of 'a\.txt' does not resolve"):
        evidence_html(answered(), "Another text.")


def test_an_article_that_is_gone_is_an_error():
    with pytest.raises(SourceboundError, match="'a' of citation 1 is not in the store"):
        render_evidence(answered(), {}, 1, WORDS, TODAY)


@pytest.mark.parametrize(
    ("days", "english", "spanish"),
    [
        (-1, "dated after today", "con fecha futura"),
        (0, "today", "de hoy"),
        (1, "yesterday", "de ayer"),
        (13, "13 days old", "de hace 13 días"),
        (14, "2 weeks old", "de hace 2 semanas"),
        (61, "2 months old", "de hace 2 meses"),
        (243, "8 months old", "de hace 8 meses"),
        (731, "2 years old", "de hace 2 años"),
    ],
)
def test_an_age_is_told_in_words(days, english, spanish):
    published = TODAY - timedelta(days)
    assert (age(published, TODAY, WORDS), age(published, TODAY, SPANISH)) == (english, spanish)


# The reader


@given(texts_with_spans())
def test_the_reader_marks_every_span_to_the_character(made):
    text, citations = made
    seen = Seen(render_reader(article(text), [(one.start, one.end) for one in citations], WORDS, TODAY))
    assert dict(seen.cited) == {f"{one.start}-{one.end}": one.quote for one in citations}
    assert len(seen.all("data-span")) == len({(one.start, one.end) for one in citations})


@pytest.mark.parametrize(
    ("state", "told"), [("live", ""), ("removed", "Removed from"), ("replaced", "A newer version")]
)
def test_the_reader_says_when_only_the_text_was_kept(state, told):
    html = render_reader(article("x"), [], WORDS, TODAY, state=state)
    assert ("sb-gone" in html) == bool(told)
    assert told in html


def test_the_reader_lists_copies_of_the_story():
    copy = article("x", outlet="The Echo", published=date(2026, 5, 4))
    assert (
        "no second source: The Echo (2026-05-04)"
        in Seen(render_reader(article("x"), [], WORDS, TODAY, copies=[copy])).text
    )


def test_the_frame_has_a_word_for_every_state():
    text = Seen(reader_frame(SPANISH)).text
    assert "Abriendo el artículo" in text
    assert "No se pudo abrir" in text
    assert Seen(reader_frame(SPANISH)).all("data-step") == ["Pasaje citado {at} de {count}"]
    assert "No está aquí".lower() in render_unknown(SPANISH).lower()

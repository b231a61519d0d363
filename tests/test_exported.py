"""Answers to take away: what is copied or exported holds its evidence, and nothing of it is markup but our own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from towns import PROVENANCE

from rag.answers import CONVERSATION, Answer, Citation, Copy, Position, Sentence, Timings, Within, Writing
from ui.export import POLICY, STYLE, conversation_html, conversation_json, conversation_markdown, copied, escaped
from ui.outline import one_line, outline, web_address
from ui.words import LANGUAGES, Words

EN, ES = Words("en"), Words("es")
AT = "2026-03-10T10:00:00+00:00"
WRITING = Writing(model="mill-2", prompt="write-1", outcome="written", sentences=1, shown=1)
PARTS = st.sampled_from(
    [
        "](javascript:alert(1))", "[x](http://evil.test)", "![](http://evil.test/x.png)", "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>", "`", "```", "~~~", "|", "| a | b |", "**", "__", "~~", "# ", "\n", "\n\n",
        "\n# ", "\n- ", "\n> ", "\n    ", "1. ", "1) ", "- ", "+ ", "---", "===", "\n===", "&lt;", "&#106;", "\\",
        "$x$", ":smile:", "http://evil.test", "https://evil.test/a_b", "www.evil.test", "evil.test", "a@evil.test",
        "<http://evil.test>",
        "<a@evil.test>", "[^1]", "[x]: http://evil.test", "[x]", "<!--", "-->", "{{x}}", "{text}", "\u202e", "\u2066",
        "\u2028", "\x00", "\x1b[2J", "שלום", "🛰️", "w" * 80, "a", " ", "'", '"', "<style>", "</style>", "]]>", "\t",
    ]
)  # fmt: skip
HOSTILE = st.lists(PARTS | st.text(max_size=5), min_size=1, max_size=8).map("".join)
SOURCES = HOSTILE | st.sampled_from(
    ["javascript:alert(1)", "http://a.test/x y", "https://a.test/>)\"'|`[x]\\_*", "data:text/html,x", "a.txt"]
)


def cite(number: int, **more: Any) -> Citation:
    known = {"article_id": f"a{number}", "title": f"Title {number}", "outlet": "The Wire", "published": "2026-03-10"}
    place = {"source": f"https://wire.test/{number}", "start": 40, "end": 60, "quote": f"Quote number {number}."}
    return Citation(number=number, **(known | place | {"before": "It began. ", "after": " It ended."} | more))


def sentence(text: str, *numbers: int, **more: Any) -> Sentence:
    return Sentence(text=text, citations=numbers, **({"verdict": "supported", "support": 0.98} | more))


def made(**more: Any) -> Answer:
    given = {
        "question": "What happened?",
        "status": "answered",
        "text": "",
        "confidence": 0.83,
        "missing": None,
        "sentences": (sentence("The port opened.", 1), sentence("It was full.", 1, 2)),
        "citations": (cite(1), cite(2)),
        "positions": (),
        "provenance": PROVENANCE,
        "timings_ms": Timings(retrieve=1, write=1, check=1, total=3),
    }
    return Answer(**(given | more))


DISPUTED = made(
    status="disputed",
    positions=(
        Position(value="4,000", citations=(1,), holder="the police"),
        Position(value="11,000", citations=(2,), difference="disagreement"),
    ),
)
ABSENT = made(
    status="abstained",
    text="The corpus does not answer this. No article tells of a moon.",
    missing="No article tells of a moon.",
    sentences=(),
    citations=(),
)
PARTIAL = made(status="partial", missing="who paid")
LENIENT = made(
    status="abstained",
    missing="No article supports it.",
    sentences=(sentence("It was sold.", 1, verdict="unsupported", support=0.2, reason="no"),),
    citations=(cite(1),),
)
STOPPED = made(
    sentences=(), citations=(), status="abstained", text="Nothing yet.", missing="x",
    provenance=PROVENANCE.model_copy(update={"writing": WRITING.model_copy(update={"outcome": "stopped"})}),
)  # fmt: skip
GREETING = made(
    sentences=(), citations=(), status="abstained", text="Hello, ask me of the articles.",
    provenance=PROVENANCE.model_copy(update={"answerer": CONVERSATION}),
)  # fmt: skip


@st.composite
def hostile(draw: st.DrawFn) -> Answer:
    """An answer whose every text may be markup."""
    some = lambda: draw(HOSTILE)  # noqa: E731 - draws anew each time
    cited = cite(
        1, title=draw(st.none() | HOSTILE), outlet=some(), source=draw(SOURCES), quote=draw(HOSTILE.filter(bool)),
        before=some(), after=some(),
        copies=(Copy(article_id="b", title=some(), outlet=None, published=None),),
    )  # fmt: skip
    status = draw(st.sampled_from(["answered", "partial", "disputed", "abstained"]))
    said = sentence(
        some(), 1, speaker=some(), speech="said", verdict=draw(st.sampled_from(["supported", "unsupported"]))
    )
    provenance = PROVENANCE.model_copy(
        update={"checker": some(), "corpus": some(), "writing": WRITING.model_copy(update={"model": some()})}
    )
    return made(
        question=some(),
        understood=some(),
        within=Within(outlets=(some(),)),
        status=status,
        missing=some(),
        text=some(),
        sentences=(said,) if draw(st.booleans()) else (),
        citations=(cited,),
        positions=(Position(value=some(), citations=(1,), holder=some(), difference="update"),) * 2,
        provenance=provenance,
    )


# Plain text


def test_a_copied_answer_has_its_marks_and_its_sources() -> None:
    assert copied(made(), EN) == (
        "The port opened. [1] It was full. [1] [2]\n\n"
        "Sources:\n"
        "[1] Title 1, The Wire, 2026-03-10, https://wire.test/1\n    “Quote number 1.”\n"
        "[2] Title 2, The Wire, 2026-03-10, https://wire.test/2\n    “Quote number 2.”\n\n"
        "Estimated probability that this is right: 0.83. Sourcebound 0, checker words, corpus c0ffee.\n"
    )


def test_a_copied_abstention_says_that_it_is_none() -> None:
    text = copied(ABSENT, EN)
    assert text.startswith("No answer: the articles do not support one.\n\nThe corpus does not answer this.")
    assert "Sources" not in text
    assert "right" not in text
    assert text.count("No article tells of a moon.") == 1


def test_copied_sides_stand_beside_each_other_with_who_says_them() -> None:
    text = copied(DISPUTED, EN)
    assert "The sources differ:\n- 4,000 (held by the police)\n  The Wire, 2026-03-10: “Quote number 1.” [1]" in text
    assert "- 11,000 (disagrees with the first)\n" in text


def test_what_is_not_supported_or_said_by_somebody_is_copied_with_that() -> None:
    said = made(sentences=(sentence("It opened.", 1, speaker="Ada Lund", speech="claimed", verdict="unsupported"),))
    assert "It opened. [1] (not supported by the source; claimed by Ada Lund)" in copied(said, EN)
    assert "(la fuente no lo respalda; afirmado por Ada Lund)" in copied(said, ES)
    assert copied(LENIENT, EN).startswith("No answer")
    assert "It was sold. [1] (not supported by the source)" in copied(LENIENT, EN)
    assert "Checked against these, which do not support it:\n[1] Title 1" in copied(LENIENT, EN)


def test_a_part_that_is_missing_is_copied() -> None:
    assert "Not in the articles: who paid" in copied(PARTIAL, EN)


def test_a_yes_and_the_days_of_a_timeline_stand_before_their_sentences() -> None:
    dated = [sentence(text, 1, date=day) for text, day in (("It began.", "2025-03"), ("It ended.", "2026"))]
    assert copied(made(sentences=dated), EN).startswith("2025-03: It began. [1] 2026: It ended. [1]")
    assert copied(made(yes_no="yes"), ES).startswith("Sí: The port opened. [1]")


def test_a_sentence_of_the_articles_is_told_from_a_models() -> None:
    both = (sentence("By the model.", 1, written=True), sentence("By the article.", 2))
    text = copied(made(sentences=both, provenance=PROVENANCE.model_copy(update={"writing": WRITING})), EN)
    assert "By the model. [1] By the article. [2] (in the article’s words)" in text
    assert "Written by mill-2, each sentence checked" in text


def test_what_was_stopped_and_small_talk_are_no_answers() -> None:
    assert copied(STOPPED, EN).startswith("Stopped before the first sentence: there is no answer.")
    assert copied(GREETING, EN) == "Hello, ask me of the articles.\n"


def test_an_original_is_found_by_the_articles_id_where_the_source_is_a_file() -> None:
    local = made(citations=(cite(1, source="wire.txt"), cite(2, source="other.txt")))
    text = copied(local, EN, {"a1": "https://wire.test/original", "a2": "javascript:alert(1)"})
    assert "2026-03-10, https://wire.test/original\n" in text
    assert "[2] Title 2, The Wire, 2026-03-10\n" in text


@given(hostile())
def test_what_is_copied_steers_no_terminal_and_turns_no_direction(answer: Answer) -> None:
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", copied(answer, EN))


def test_what_is_no_address_of_the_web_is_no_link() -> None:
    others = ["javascript:alert(1)", "data:x", "/etc/passwd", "a.txt", "http://", "https:///x", "http://[", ""]
    others += ["http://a.test/\nx", "http://a.test/ x", "//a.test", "file:///x"]
    assert [text for text in others if web_address(text)] == []


def test_an_address_keeps_its_meaning_and_loses_what_could_end_it() -> None:
    assert web_address("https://a.test/a_(b)?c=d&e=f#g%20h") == "https://a.test/a_(b)?c=d&e=f#g%20h"
    assert web_address('https://a.test/"><script>`\\|é') == "https://a.test/%22%3E%3Cscript%3E%60%5C%7C%C3%A9"


# Markdown


def tokens(text: str) -> list[Token]:
    """All tokens of CommonMark with the tables and strikethrough of GitHub, those inside of others too."""
    found: list[Token] = []
    waiting = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    while waiting:
        token = waiting.pop(0)
        found.append(token)
        waiting = [*(token.children or []), *waiting]
    return found


PAIRS = ("paragraph", "heading", "bullet_list", "list_item", "blockquote", "strong", "em", "link")
OURS = {"inline", "text", "softbreak", *(f"{name}_{end}" for name in PAIRS for end in ("open", "close"))}


@given(HOSTILE.filter(one_line))
def test_escaped_text_is_shown_as_it_is_and_nothing_else(text: str) -> None:
    for around in ("{}", "**{}**", "before {} after", "- {}", "> {}", "# {}"):
        inner = [token for token in tokens(around.format(escaped(text))) if token.type != "softbreak"]
        assert {token.type for token in inner} <= OURS - {"link_open"}
        shown = "".join(token.content for token in inner if token.type == "text")
        assert one_line(text) in shown
        assert sum(token.type == "inline" for token in inner) <= 1


@given(HOSTILE)
def test_no_address_is_left_that_a_reader_of_markdown_would_link_by_itself(text: str) -> None:
    assert not re.search(r"https?://|www\.\w|\w@\w|[^\W\d]\.[^\W\d]", escaped(text))


@given(st.lists(hostile(), max_size=3), st.sampled_from(sorted(LANGUAGES)))
def test_an_exported_conversation_holds_no_markup_of_its_texts(answers: list[Answer], language: str) -> None:
    found = tokens(conversation_markdown(answers, Words(language), AT))
    assert {token.type for token in found} <= OURS
    addresses = {web_address(cited.source) for answer in answers for cited in answer.citations}
    for token in found:
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith(("http://", "https://"))
            assert token.attrs["href"] in {MarkdownIt().normalizeLink(one) for one in addresses}
    headings = [token.tag for token in found if token.type == "heading_open"]
    assert headings.count("h1") == 1
    assert headings.count("h2") == len(answers)


def test_markdown_tells_the_whole_conversation() -> None:
    shown = MarkdownIt().render(conversation_markdown([made(), DISPUTED, ABSENT, PARTIAL], EN, AT))
    assert "<h2>1. What happened?</h2>" in shown
    assert "<p>The port opened. [1]</p>" in shown
    assert (
        '<strong>Title 1</strong>, The Wire, 2026-03-10, <a href="https://wire.test/1">https://wire.test/1</a>' in shown
    )
    assert re.search(r"<blockquote>\s*<p>Quote number 1.</p>", shown)
    assert re.search(
        r"<li><strong>4,000</strong> \(held by the police\)\s*<ul>\s*<li>The Wire, 2026-03-10: “Quote", shown
    )
    assert "<strong>No answer: the articles do not support one.</strong>" in shown
    assert "<strong>Not in the articles: who paid</strong>" in shown


def test_the_filters_of_an_answer_are_told_wherever_it_goes() -> None:
    within = Within(since="2026-03-01", until=None, outlets=("El Faro", "The *Wire*"))
    for told in (made(within=within), ABSENT.model_copy(update={"within": within})):
        exported = MarkdownIt().render(conversation_markdown([told], ES, AT))
        for text in (copied(told, ES), *map(_text, (exported, conversation_html([told], ES, AT)))):
            assert "Filtros: 2026-03-01 –, El Faro, The *Wire*" in text
    assert "Filtros" not in conversation_markdown([made(), ABSENT], ES, AT)


def _text(html: str) -> str:
    return "".join(Seen(html).text)


# HTML


class Seen(HTMLParser):
    """What a browser would make of the file."""

    VOID = ("meta",)

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


TAGS = {"html", "head", "meta", "title", "style", "body", "main", "article", "h1", "h2", "h3", "p", "span", "a", "ul"}
TAGS |= {"ol", "li", "strong", "bdi", "blockquote", "mark"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "dir", "id", "href", "rel"}


@given(st.lists(hostile(), max_size=3), st.sampled_from(sorted(LANGUAGES)))
def test_the_file_holds_only_our_elements_and_links(answers: list[Answer], language: str) -> None:
    seen = Seen(conversation_html(answers, Words(language), AT))
    assert {tag for tag, _ in seen.elements} <= TAGS
    assert {name for _, attrs in seen.elements for name in attrs} <= ATTRIBUTES
    ids = [attrs["id"] for _, attrs in seen.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    for _, attrs in seen.elements:
        link = attrs.get("href") or "http://"
        assert link.startswith(("http://", "https://")) or link.removeprefix("#") in ids
    assert sum(tag == "style" for tag, _ in seen.elements) == 1


def test_the_file_loads_and_runs_nothing() -> None:
    html = conversation_html([made(), DISPUTED], EN, AT)
    policy = [attrs["content"] for tag, attrs in Seen(html).elements if attrs.get("http-equiv") and tag == "meta"]
    assert policy == [POLICY]
    assert POLICY.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert html.index("Content-Security-Policy") < html.index("<style>")
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_the_file_shows_each_quote_in_its_place() -> None:
    html = conversation_html([made()], EN, AT)
    shown = '<span class="quiet">…It began. </span><mark>Quote number 1.</mark><span class="quiet"> It ended.</span>'
    assert shown in html
    assert '<p class="note" dir="auto">characters 40 to 60</p>' in html
    local = conversation_html([made(citations=(cite(1, source="wire.txt"), cite(2)))], EN, AT)
    assert "wire.txt, characters 40 to 60" in local
    assert '<a href="#a1-s2">[2]</a>' in html
    assert '<li id="a1-s2">' in html


def test_the_file_shows_sides_as_columns_and_an_abstention_as_none() -> None:
    seen = Seen(conversation_html([DISPUTED, ABSENT], ES, AT))
    assert [attrs["class"] for tag, attrs in seen.elements if tag == "ul"] == ["sides"]
    assert "Las fuentes discrepan" in seen.text
    assert "Sin respuesta: los artículos no respaldan ninguna." in seen.text
    assert seen.elements[0] == ("html", {"lang": "es"})


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_text_of_the_file_has_contrast_in_light_dark_and_on_paper() -> None:
    schemes = [dict(re.findall(r"--([\w-]+): (#\w+)", scheme)) for scheme in STYLE.split(":root")[1:]]
    assert len(schemes) == 3
    for colours in schemes:
        for text, ground in (("ink", "ground"), ("quiet", "ground"), ("accent", "ground"), ("mark-ink", "mark")):
            light, dark = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground, colours)


# JSON and words


@given(st.lists(hostile(), max_size=3))
def test_json_holds_the_answers_as_they_are(answers: list[Answer]) -> None:
    read = json.loads(conversation_json(answers, AT))
    assert read["exported"] == AT
    assert read["version"]
    assert [Answer.model_validate(one) for one in read["answers"]] == answers


@pytest.mark.parametrize("make", [conversation_markdown, conversation_html])
def test_an_empty_conversation_says_so(make: Callable[..., str]) -> None:
    assert "There is no question in this conversation" in make([], EN, AT)


def test_every_word_is_there_in_every_language_with_the_same_values() -> None:
    import tomllib

    words = tomllib.loads((Path(__file__).parent.parent / "ui/words/export.toml").read_text("utf-8"))
    for key, told in words.items():
        assert set(told) == set(LANGUAGES), key
        assert len({tuple(sorted(re.findall(r"\{\w+\}", text))) for text in told.values()}) == 1, key


def test_dates_that_are_not_known_are_told_so() -> None:
    (source,) = outline(made(citations=(cite(1, published=None, outlet=None, title=None),)), EN).sources
    assert (source.title, source.outlet, source.date) == ("Title not known", "outlet not known", "date not known")
    (source,) = outline(made(citations=(cite(1, published=date(2026, 3, 10)),)), ES).sources
    assert source.date == "2026-03-10"

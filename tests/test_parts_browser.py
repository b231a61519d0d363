"""What reading.js does, in a real browser, on a page of parts alone: light, open, step, close, judge."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from browsing import chromium, scanned, serving, tab_to, too_wide, visiting  # noqa: F401 - a fixture and its helpers
from test_parts import HOSTILE, absent, answered, cite, passage

from index.articles import Article
from index.errors import UnknownArticleError
from rag.answers import Answer
from ui.parts.answer import render_answer
from ui.parts.evidence import render_evidence
from ui.parts.reader import reader_frame
from ui.reading import add_reading
from ui.words import Words

STATIC = Path(__file__).resolve().parent.parent / "ui" / "static"
FILL = "It rained on the harbour, and the boats lay still. " * 12 + "\n\n"
QUOTES = ("The port opened in May.", "The bridge came later.", "A fair was held.")
TEXT = FILL * 6 + QUOTES[0] + " " + QUOTES[1] + "\n\n" + FILL * 6 + QUOTES[2] + "\n\n" + FILL * 6
ARTICLES = {
    "long": Article(
        "long", "long", "long.txt", TEXT, "A harbour year", "The Wire", date(2026, 3, 10), "https://n.test/"
    ),
    "bad": Article("bad", "bad", HOSTILE, HOSTILE, HOSTILE, HOSTILE),
}
WORDS = Words("en")
PRESSES = """
"use strict";
window.presses = [];
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-act]");
  if (button && !event.defaultPrevented) window.presses.push({ ...button.dataset });
});
let made = "";
document.addEventListener("DOMContentLoaded", () => { made = document.getElementById("all").innerHTML; });
window.again = () => { document.getElementById("all").innerHTML = made; };
"""


class Ledger:
    def state(self, _: str) -> str:
        return "live"


class Corpus:
    ledger = Ledger()

    def article(self, article_id: str) -> Article:
        if article_id not in ARTICLES:
            raise UnknownArticleError("never here")
        return ARTICLES[article_id]

    def copies(self, _: str) -> list[Article]:
        return []


def harbour() -> Answer:
    """Three sentences, each with a span of the long article, the last with two."""
    spans = [(TEXT.index(quote), TEXT.index(quote) + len(quote)) for quote in QUOTES]
    cited = tuple(cite(number, TEXT, *span, article_id="long") for number, span in enumerate(spans, 1))
    first = answered().sentences[0]
    marks = ((1,), (2,), (3, 1))
    said = [first.model_copy(update={"text": q, "citations": m}) for q, m in zip(QUOTES, marks, strict=True)]
    return answered(citations=cited, sentences=tuple(said))


def hostile() -> Answer:
    return answered(HOSTILE, citations=(cite(1, HOSTILE, 0, len(HOSTILE), article_id="bad"),))


def page_of(answers: list[Answer]) -> str:
    near = [passage(FILL)]
    turns = "".join(
        f'<li class="sb-turn" id="t{n}"><div class="sb-reply">{render_answer(one, n, WORDS, near)}</div></li>'
        for n, one in enumerate(answers, 1)
    )
    panels = "".join(
        f'<section class="sb-evidence" id="t{n}-evidence"{" hidden" if n < len(answers) else ""}>'
        f"{render_evidence(one, ARTICLES, n, WORDS, date(2026, 11, 22))}</section>"
        for n, one in enumerate(answers, 1)
    )
    return (
        '<!doctype html><html lang="en"><head><title>Reading</title><meta name="viewport" content="width=device-width">'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="/ui/look.css">'
        '<link rel="stylesheet" href="/ui/reading.css"><script src="/presses.js"></script>'
        '<script src="/ui/reading.js" defer></script></head><body><main id="all">'
        f'<h1>Reading</h1><h2>Answers</h2><ol class="sb-turns">{turns}</ol><h2>Evidence</h2>'
        f'<div id="sb-panel">{panels}</div>'
        f"</main>{reader_frame(WORDS)}</body></html>"
    )


@pytest.fixture(scope="module")
def address():
    from fastapi import FastAPI
    from fastapi.responses import HTMLResponse, Response
    from fastapi.staticfiles import StaticFiles

    app = FastAPI()
    add_reading(app, Corpus())
    strict = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    headers = {"content-security-policy": strict + "font-src 'self'; connect-src 'self'"}
    pages = {"/": page_of([hostile(), harbour()]), "/absent": page_of([absent()])}
    for path, html in pages.items():
        app.add_route(path, lambda _, html=html: HTMLResponse(html, headers=headers))
    app.add_route("/presses.js", lambda _: Response(PRESSES, media_type="text/javascript"))
    app.mount("/ui", StaticFiles(directory=STATIC))
    with serving(app) as url:
        yield url


@pytest.fixture
def visit(address, chromium):  # noqa: F811 - the fixture
    with visiting(address, chromium, ready="h1") as opened:
        yield opened


def lit(page) -> tuple[list[str], list[str]]:
    """Sentences and spans that are lit."""
    claims = page.eval_on_selector_all(
        ".sb-claim.sb-lit", "all => all.map(one => one.dataset.turn + one.dataset.sentence)"
    )
    return claims, page.eval_on_selector_all("mark.sb-lit", "all => all.map(one => one.dataset.cite)")


def span_in_middle(page) -> str:
    """The text of the span that the reader shows now, once it is in view."""
    page.wait_for_function(
        """() => {
            const mark = document.querySelector(".sb-reader mark.sb-now");
            const box = mark?.getBoundingClientRect(), frame = mark?.closest(".sb-text").getBoundingClientRect();
            return box && box.top >= frame.top && box.bottom <= frame.bottom;
        }"""
    )
    return page.inner_text(".sb-reader mark.sb-now")


@pytest.mark.browser
def test_a_sentence_and_its_spans_light_up_together_both_ways_and_after_the_page_was_replaced(visit):
    page = visit()
    page.hover("#t2 .sb-claim[data-sentence='0']")
    assert lit(page) == (["20"], ["t2-c1"])
    page.hover("#t2-c1")
    assert lit(page) == (["20", "22"], ["t2-c1"])  # two sentences rest on it
    page.evaluate("again()")
    page.mouse.move(0, 0)
    page.hover("#t2 .sb-claim[data-sentence='1']")
    assert lit(page) == (["21"], ["t2-c2"])
    page.mouse.move(0, 0)
    assert lit(page) == ([], [])
    page.focus("#t2 .sb-claim[data-sentence='2'] .sb-cite")
    assert lit(page) == (["22"], ["t2-c1", "t2-c3"])
    page.focus("[data-at='t2-c2']")
    assert lit(page) == (["21"], ["t2-c2"])


@pytest.mark.browser
def test_resting_on_an_earlier_sentence_shows_its_evidence(visit):
    page = visit()
    assert page.is_hidden("#t1-evidence")
    page.hover("#t1 .sb-claim", position={"x": 30, "y": 10})
    page.wait_for_selector("#t1-evidence", state="visible")
    assert page.is_hidden("#t2-evidence")


@pytest.mark.browser
def test_the_keyboard_opens_the_article_at_the_span_steps_through_it_and_comes_back(visit):
    page = visit()
    tab_to(page, "one => one.matches('#t2 [data-sentence=\"1\"] .sb-cite')")
    page.keyboard.press("Enter")
    assert span_in_middle(page) == QUOTES[1]
    assert page.inner_text(".sb-reading h2") == "A harbour year"
    assert page.inner_text(".sb-reader .sb-step") == "Cited passage 2 of 3"
    assert page.eval_on_selector_all(".sb-reader mark", "all => all.map(one => one.dataset.number)") == ["1", "2", "3"]
    assert scanned(page) == []
    page.click(".sb-reader .sb-next")
    page.wait_for_function("document.querySelector('.sb-reader .sb-step').textContent === 'Cited passage 3 of 3'")
    assert span_in_middle(page) == QUOTES[2]
    assert page.evaluate("document.activeElement.className") == "sb-previous"  # the other one has nowhere to go
    page.evaluate("again()")  # the page behind is replaced meanwhile
    page.keyboard.press("Escape")
    page.wait_for_selector(".sb-reader", state="detached")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#t2-c2"


@pytest.mark.browser
def test_an_article_that_does_not_come_says_so_and_can_be_tried_again(visit):
    page = visit()
    page.route("**/parts/article/**", lambda route: route.abort())
    page.click("#t2 .sb-cite >> nth=0")
    page.wait_for_selector(".sb-reader .sb-lost:visible")
    page.unroute("**/parts/article/**")
    page.click(".sb-reader .sb-again")
    assert span_in_middle(page) == QUOTES[0]
    page.click(".sb-reader .sb-close")
    page.wait_for_selector(".sb-reader", state="detached")
    page.evaluate("document.querySelector('#t2-evidence .sb-read').setAttribute('href', '/parts/article/gone?lang=en')")
    page.click("#t2-evidence .sb-read")
    assert page.inner_text(".sb-reader .sb-reading-title").strip() == "⊘ This article is not here"


@pytest.mark.browser
def test_a_thumb_down_asks_why_and_its_press_carries_the_reason(visit):
    page = visit()
    page.hover("#t2 [data-sentence='1']")
    page.click("#t2 [data-sentence='1'] .sb-down")
    page.check(".sb-open-why [value='outdated']")
    page.fill(".sb-open-why .sb-line", "It is older.")
    page.evaluate("again()")
    assert page.input_value(".sb-open-why .sb-line") == "It is older."  # a page that grows takes nothing away
    page.press(".sb-open-why .sb-line", "Enter")
    page.wait_for_selector(".sb-open-why", state="detached")
    [press] = page.evaluate("presses")
    wanted = {"act": "down", "turn": "2", "sentence": "1", "reason": "outdated", "note": "It is older."}
    assert wanted.items() <= press.items()
    page.click("#t2 [data-sentence='1'] .sb-up")
    assert page.evaluate("presses[1].act + presses[1].turn + presses[1].sentence") == "up21"
    assert page.is_hidden("#t2 [data-sentence='1'] .sb-thanks")
    page.eval_on_selector("#t2 [data-sentence='1'] .sb-up", "one => one.setAttribute('aria-pressed', 'true')")
    assert page.is_visible("#t2 [data-sentence='1'] .sb-thanks")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_a_hostile_article_fills_the_screen_and_nothing_else(visit, scheme):
    page = visit(width=360, height=740, scheme=scheme, has_touch=True, is_mobile=True)
    assert float(page.eval_on_selector(".sb-rate", "one => getComputedStyle(one).opacity")) == 1
    assert too_wide(page) == []
    assert scanned(page) == []
    page.tap("#t1 .sb-cite")
    page.wait_for_selector(".sb-reader mark.sb-now")
    page.wait_for_timeout(250)  # until it has slid in
    box = page.eval_on_selector(".sb-reader", "one => [one.offsetLeft, one.offsetWidth, one.offsetHeight]")
    assert box == [0, 360, 740]
    assert HOSTILE[:60] in page.inner_text(".sb-reading .sb-text")
    assert too_wide(page, ".sb-reader") == []
    assert scanned(page) == []


@pytest.mark.browser
def test_an_abstention_has_no_serious_barrier_and_opens_what_is_near_without_a_mark(visit):
    page = visit(path="/absent")
    assert scanned(page) == []
    page.evaluate("document.querySelector('.sb-near-of a').setAttribute('href', '/parts/article/long?lang=en')")
    page.click(".sb-near-of a")
    page.wait_for_selector(".sb-reading")
    assert page.query_selector(".sb-reading mark") is None

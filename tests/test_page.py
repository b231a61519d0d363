"""The page in a real browser, driven as a reader does, over a small corpus that includes a hostile article."""

from __future__ import annotations

import pytest
from browsing import chromium, in_view, serving, tab_to, too_wide, visiting  # noqa: F401 - one is a fixture
from harbour import HOSTILE, QUOTE, built, desk


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serving(built(desk(tmp_path_factory.mktemp("desk")))) as url:
        yield url


@pytest.fixture
def visit(address, chromium):  # noqa: F811
    with visiting(address, chromium) as opened:
        yield opened


def put(page, question, turn=1):
    page.fill("#sb-box textarea", question)
    page.press("#sb-box textarea", "Enter")
    page.wait_for_selector(f"#t{turn} .sb-made, #t{turn} .sb-error")
    page.wait_for_selector("#sb-send:not([disabled])")


@pytest.mark.browser
def test_a_question_and_enter_show_an_answer_with_its_evidence(visit):
    page = visit()
    put(page, "When did it open?")
    assert page.inner_text("#t1 .sb-question p") == "When did it open?"
    assert page.inner_text("#t1 .sb-claim").startswith("It opened on 3 May")
    assert page.inner_text("#t1-evidence h3") == "Harbour opens"
    assert page.input_value("#sb-box textarea") == ""


@pytest.mark.browser
def test_shift_enter_makes_a_line_and_does_not_send(visit):
    page = visit()
    page.fill("#sb-box textarea", "one")
    page.press("#sb-box textarea", "Shift+Enter")
    page.type("#sb-box textarea", "two")
    assert page.input_value("#sb-box textarea") == "one\ntwo"
    assert page.query_selector(".sb-turn") is None


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1440])
def test_a_mark_opens_the_article_at_the_exact_span(visit, width):
    page = visit(width=width, height=740)
    put(page, "When did it open?")
    page.click("#t1 .sb-claim .sb-cite")
    page.wait_for_selector("dialog mark.sb-now")
    in_view(page, "dialog mark.sb-now")
    assert (
        page.evaluate("[...document.querySelectorAll('dialog mark.sb-now')].map(m => m.textContent).join('')") == QUOTE
    )
    assert page.get_attribute("dialog a[target=_blank]", "href") == "https://wire.example/harbour"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('#t1 .sb-cite')")


@pytest.mark.browser
def test_a_mark_of_an_earlier_answer_brings_its_own_evidence_back(visit):
    page = visit()
    put(page, "When did it open?")
    put(page, "Who walked on the moon?", 2)
    assert page.is_hidden("#t1-evidence")
    page.click("#t1 .sb-claim .sb-cite")
    in_view(page, "#t1-c1")
    assert page.is_hidden("#t2-evidence")


@pytest.mark.browser
def test_later_questions_know_the_earlier_ones_until_a_new_conversation(visit):
    page = visit()
    put(page, "When did it open?")
    put(page, "And who said so?", 2)
    assert "after ['When did it open?']" in page.inner_text("#t2 .sb-claim")
    page.click("#sb-new")
    page.wait_for_selector(".sb-start")
    put(page, "And who said so?")
    assert "after []" in page.inner_text("#t1 .sb-claim")


@pytest.mark.browser
def test_filters_reach_the_question(visit):
    page = visit()
    page.click("#sb-filters button")
    page.get_by_label("Since").fill("2026-01-01")
    assert page.get_attribute("#sb-filters .label-wrap span", "data-set") == " · set"
    put(page, "When did it open?")
    assert "2026-01-01, None, ()" in page.inner_text("#t1 .sb-claim")
    assert page.inner_text("#t1 .sb-note") == "Filters: 2026-01-01 –"
    page.reload()
    page.wait_for_selector("#t1 .sb-claim")
    assert page.inner_text("#t1 .sb-note") == "Filters: 2026-01-01 –"  # kept with the answer
    assert page.get_attribute("#sb-filters .label-wrap span", "data-set") == " · set"  # and folded away
    put(page, "And who said so?", 2)  # within the filters that are told above it
    assert "2026-01-01, None, ()" in page.inner_text("#t2 .sb-claim")
    page.focus("#sb-box textarea")
    page.keyboard.press("ArrowUp")
    assert page.input_value("#sb-box textarea") == "And who said so?"  # and not the line of the filters
    sizes = page.eval_on_selector_all("#t1 .sb-question p", "all => all.map(one => getComputedStyle(one).fontSize)")
    assert len(set(sizes)) == 2


@pytest.mark.browser
def test_an_abstention_is_plain_and_shows_no_source(visit):
    page = visit()
    put(page, "Who walked on the moon?")
    assert "Not in the corpus" in page.inner_text("#t1 .sb-absent")
    assert page.query_selector("#t1 .sb-cite, #t1-evidence .sb-article") is None


@pytest.mark.browser
def test_positions_stand_side_by_side(visit):
    page = visit()
    put(page, "Where do they differ?")
    one, other = (side.bounding_box() for side in page.query_selector_all("#t1 .sb-position"))
    assert one["y"] == other["y"]
    assert one["x"] + one["width"] <= other["x"]


@pytest.mark.browser
def test_an_error_is_one_calm_line_and_the_page_goes_on(visit):
    page = visit()
    put(page, "broken")
    assert page.inner_text("#t1 .sb-error") == "! the store is broken; run `rag verify`"
    put(page, "bug", 2)
    assert "secret" not in page.inner_text("#t2 .sb-error")
    put(page, "When did it open?", 3)
    assert "after []" in page.inner_text("#t3 .sb-claim")


@pytest.mark.browser
def test_hostile_words_are_shown_letter_by_letter_and_fetch_nothing(visit):
    page = visit()
    put(page, "hostile " + HOSTILE)
    assert page.text_content("#t1 .sb-question p") == "hostile " + HOSTILE
    assert HOSTILE in page.text_content("#t1 .sb-claim")
    assert page.text_content("#t1-evidence h3") == HOSTILE
    page.click("#t1 .sb-claim .sb-cite")
    page.wait_for_selector("dialog .sb-text")
    assert page.text_content("dialog .sb-text") == HOSTILE
    page.wait_for_timeout(300)
    markup = ":is(#sb-page, dialog) :is(script, img, iframe, style, input[autofocus], .katex, a[href^=javascript])"
    assert page.query_selector(markup) is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_the_policy_stops_what_would_get_past_the_escaping(visit):
    page = visit()
    page.evaluate("""() => {
        const place = document.createElement("div");
        place.innerHTML = "<img src='data:,' onerror='window.ran = 1'>";
        const script = document.createElement("script");
        script.textContent = "window.ran = 2";
        document.body.append(place, script);
    }""")
    page.wait_for_timeout(300)
    assert page.evaluate("window.ran") is None
    assert page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', error => error.name)") == "TypeError"


@pytest.mark.browser
def test_by_keyboard_alone_an_example_is_asked_and_a_mark_followed(visit):
    page = visit()
    tab_to(page, "element => element.textContent.trim() === 'When did the harbour open?'", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#t1 .sb-made")
    tab_to(page, "element => element.matches('#t1 .sb-cite')", "Shift+Tab")
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.getAttribute('aria-label')") == "Citation 1: Harbour opens"
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    in_view(page, "#t1-c1")


@pytest.mark.browser
@pytest.mark.parametrize(
    "question", ["When did it open?", "Where do they differ?", "hostile", "Who walked on the moon?"]
)
def test_on_a_phone_nothing_is_wider_than_the_screen(visit, question):
    page = visit(width=360, height=740)
    put(page, question)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate(
        "[...document.querySelectorAll('#sb-page *')].every(e => e.getBoundingClientRect().right <= 361)"
    )


@pytest.mark.browser
def test_a_second_reader_sees_nothing_of_the_first(visit):
    first, second = visit(), visit()
    put(first, "When did it open?")
    put(second, "And who said so?")
    assert "after []" in second.inner_text("#t1 .sb-claim")
    assert "When did it open?" not in second.content()


@pytest.mark.browser
def test_only_the_newest_answer_is_announced(visit):
    page = visit()
    put(page, "When did it open?")
    put(page, "Who walked on the moon?", 2)
    assert page.text_content("#sb-status") == "Not in the corpus. The articles do not say who walked on the moon."
    assert page.query_selector("#sb-page [aria-live]") is None

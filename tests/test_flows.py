"""Whole stories on the page in a real browser: what a person does one thing after the other."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from browsing import chromium, in_view, scanned, serving, tab_to, too_wide, visiting  # noqa: F401 - one is a fixture
from harbour import QUOTE, ask, built, desk
from tiny import TinyEmbedder

from eval.questions import find_suite
from index.build import ingest
from index.store import open_store
from rag.answers import Answer, Citation, Sentence
from rag.feedback import WHOLE
from ui.people import Options, open_people
from ui.people.passwords import set_password

pytestmark = pytest.mark.browser

BOX = "#sb-box textarea"
FIRST, SECOND, THIRD = "When did the quay open?", "And who said so?", "Was there a quarrel about quays?"
CONVERSATION = "sourcebound:conversation:"
FILTERED = "[...document.querySelectorAll('#sb-filters :is(input, textarea)')].some(one => one.value)"
FOREIGN = "script, style, link, img, iframe, object, embed, base, meta, svg, math, a[href^=javascript], a[href^=data]"
ACTIVE = f":is(#sb-page, #sb-articles, dialog) :is({FOREIGN})"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def own(folder):
    return desk(folder)


@pytest.fixture(scope="module")
def address(own):
    with serving(built(own)) as url:
        yield url


@pytest.fixture
def visit(address, chromium):  # noqa: F811
    with visiting(address, chromium) as opened:
        yield opened


def put(page, question, turn=1):
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    done(page, turn)


def done(page, turn=1):
    page.wait_for_selector(f"#t{turn} .sb-made, #t{turn} .sb-error", state="attached")
    page.wait_for_selector("#sb-send:not([disabled])")


def asked(page):
    return page.locator(".sb-question p").all_inner_texts()


def act(page, name, turn=1):
    page.click(f'#t{turn} button[data-act="{name}"]')


def said(page, words):
    page.wait_for_selector(f"#sb-said:has-text({json.dumps(words)})")


def box_is(page, words):
    page.wait_for_function(f"words => document.querySelector('{BOX}').value === words", arg=words)


def conversations(page):
    """Opens the list of kept ones and gives their titles."""
    if page.get_attribute(".sb-kept", "open") is None:
        page.click(".sb-kept summary")
    return page.locator(".sb-past .sb-open span").all_inner_texts()


def in_browser(page):
    """The keys of what the browser keeps of conversations."""
    return [key for key in page.evaluate("Object.keys(localStorage)") if key.startswith(CONVERSATION)]


def beside(page, path="/"):
    """The page in another tab of the same browser."""
    other = page.context.new_page()
    address = urlsplit(page.url)
    other.goto(f"{address.scheme}://{address.netloc}{path}")
    other.wait_for_selector(BOX)
    return other


# Conversations


def test_conversations_outlast_a_reload_are_opened_again_and_deleted_and_the_server_keeps_none(visit, folder):
    page = visit()
    put(page, FIRST)
    put(page, SECOND, 2)
    page.reload()
    page.wait_for_selector("#t2 .sb-made", state="attached")
    assert asked(page) == [FIRST, SECOND]
    assert page.inner_text("#t2-evidence .sb-exact mark") == QUOTE
    page.click("#sb-new")
    page.wait_for_selector(".sb-start")
    put(page, THIRD)
    assert conversations(page) == [THIRD, FIRST]
    page.click(".sb-past .sb-open >> nth=1")
    page.wait_for_selector("#t2")
    assert asked(page) == [FIRST, SECOND]
    assert conversations(page) == [THIRD, FIRST]
    assert page.locator(".sb-past [aria-current=true] span").all_inner_texts() == [FIRST]
    page.click(".sb-past [data-act=forget] >> nth=0")
    assert len(in_browser(page)) == 2
    page.click(".sb-past [data-act=forget] >> nth=0")
    page.wait_for_function("document.querySelectorAll('.sb-past .sb-open').length === 1")
    assert conversations(page) == [FIRST]
    assert asked(page) == [FIRST, SECOND]
    page.click("[data-act=forget-all]")
    assert len(in_browser(page)) == 1
    page.click("[data-act=forget-all]")
    page.wait_for_selector(".sb-start")
    assert in_browser(page) == []
    page.reload()
    page.wait_for_selector(".sb-start")
    assert conversations(page) == []
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    assert not any(question.encode() in file.read_bytes() for file in files for question in (FIRST, SECOND, THIRD))


def test_two_tabs_of_a_browser_each_keep_their_conversation(visit):
    page = visit()
    other = beside(page)
    put(page, FIRST)
    put(other, THIRD)
    put(page, SECOND, 2)
    page.reload()
    page.wait_for_selector("#t2")
    assert conversations(page) == [FIRST, THIRD]
    page.click(".sb-past .sb-open >> nth=1")
    page.wait_for_function(f"document.querySelector('.sb-question p').textContent === {json.dumps(THIRD)}")


def test_two_tabs_that_go_on_with_one_conversation_lose_none_of_it(visit):
    page = visit()
    put(page, FIRST)
    other = beside(page)
    other.wait_for_selector("#t1 .sb-made", state="attached")
    put(page, SECOND, 2)
    put(other, THIRD, 2)
    page.reload()
    page.wait_for_selector("#t2")
    found = set()
    for number in range(len(conversations(page))):
        conversations(page)
        page.click(f".sb-past .sb-open >> nth={number}")
        page.wait_for_selector(f".sb-past li:nth-child({number + 1}) [aria-current=true]", state="attached")
        found.update(asked(page))
    assert found == {FIRST, SECOND, THIRD}


def test_a_conversation_that_was_tampered_with_is_not_shown_and_nothing_breaks(visit):
    page = visit()
    put(page, FIRST)
    page.evaluate(
        """() => {
            const key = Object.keys(localStorage).find(one => one.includes(":conversation:"));
            const kept = JSON.parse(localStorage.getItem(key));
            const sealed = kept.answers[0];
            const at = Math.floor(sealed.length / 2);
            kept.answers[0] = sealed.slice(0, at) + (sealed[at] === "e" ? "a" : "e") + sealed.slice(at + 1);
            localStorage.setItem(key, JSON.stringify(kept));
            localStorage.setItem(key + "x", "{not JSON");
        }"""
    )
    page.reload()
    page.wait_for_selector(".sb-example")
    assert conversations(page) == [FIRST]  # the browser's own title of it; what it says is not believed
    page.click(".sb-past .sb-open")
    said(page, "not kept any more")
    assert asked(page) == []
    put(page, SECOND)
    assert "after []" in page.inner_text("#t1 .sb-claim")


# Questions put differently


def test_a_question_is_edited_or_left_corrected_and_asked_again(visit):
    page = visit()
    put(page, FIRST)
    put(page, SECOND, 2)
    put(page, THIRD, 3)
    act(page, "edit", 2)
    box_is(page, SECOND)
    assert "replaces question 2 and the 1 after it" in page.inner_text("#sb-editing")
    page.click("[data-act=cancel]")
    box_is(page, "")
    assert page.query_selector(".sb-editing") is None
    assert asked(page) == [FIRST, SECOND, THIRD]
    act(page, "edit", 2)
    box_is(page, SECOND)
    put(page, "As I understood?", 2)
    page.wait_for_selector("#t3", state="detached")
    assert asked(page) == [FIRST, "As I understood?"]
    assert f"after ['{FIRST}']" in page.inner_text("#t2 .sb-claim")
    act(page, "correct", 2)
    box_is(page, "When did the harbour of Port Ellen open?")
    page.press(BOX, "Enter")
    page.wait_for_selector("#t2 .sb-understood", state="detached")
    done(page, 2)
    assert asked(page) == [FIRST, "When did the harbour of Port Ellen open?"]
    page.evaluate("document.querySelector('#t2 .sb-made').dataset.old = 'yes'")
    act(page, "retry", 2)
    page.wait_for_selector("#t2 .sb-made:not([data-old])", state="attached")
    done(page, 2)
    assert asked(page) == [FIRST, "When did the harbour of Port Ellen open?"]
    assert page.query_selector(".sb-editing, #t3") is None


def test_the_arrows_bring_earlier_questions_back_and_then_what_was_typed(visit):
    page = visit()
    put(page, FIRST)
    put(page, SECOND, 2)
    page.fill(BOX, "half a thou")
    seen = []
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"):
        page.press(BOX, key)
        seen.append(page.input_value(BOX))
    assert seen == [SECOND, FIRST, FIRST, SECOND, "half a thou"]
    page.press(BOX, "ArrowUp")
    page.press(BOX, "Enter")
    done(page, 3)
    assert asked(page)[-1] == SECOND


# Taking an answer along


def test_an_answer_is_copied_shared_by_a_link_and_exported(visit, address, tmp_path):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    put(page, FIRST)
    act(page, "copy")
    said(page, "Copied with its citations.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert QUOTE in copied
    assert "It opened on 3 May" in copied
    assert "https://wire.example/harbour" in copied
    put(page, SECOND, 2)
    act(page, "link")
    said(page, "the link, which is copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{address}/?answer=")
    reader = visit(path=link.removeprefix(address))
    reader.wait_for_selector("#t1 .sb-made", state="attached")
    assert asked(reader) == [FIRST]
    assert "somebody shared" in reader.inner_text(".sb-above")
    reader.click("#t1 .sb-cite")
    in_view(reader, "dialog mark.sb-now")
    act(page, "link")
    page.click("#sb-said button")
    said(page, "it leads nowhere now")
    reader.reload()
    reader.wait_for_selector(".sb-above:has-text('leads to no answer')")
    assert asked(reader) == []
    for kind in ("md", "html", "json"):
        conversations(page)
        with page.expect_download() as found:
            page.click(f"[data-act=export][data-format={kind}]")
        assert found.value.suggested_filename.endswith(f".{kind}")
        found.value.save_as(tmp_path / kind)
    read = {kind: (tmp_path / kind).read_text(encoding="utf-8") for kind in ("md", "html", "json")}
    answers = [Answer.model_validate(one) for one in json.loads(read["json"])["answers"]]
    assert [answer.question for answer in answers] == [FIRST, SECOND]
    assert all(question in read["md"] and question in read["html"] for question in (FIRST, SECOND))
    assert read["html"].lower().startswith("<!doctype html>")
    assert "<script" not in read["html"]


# Filters


def test_a_bar_sets_both_dates_outlets_narrow_and_all_dates_clears(visit):
    page = visit()
    page.click("#sb-filters button")
    page.click(".sb-month")
    since, until = page.get_by_label("Since"), page.get_by_label("Until")
    page.wait_for_function(FILTERED)
    assert (since.input_value(), until.input_value()) == ("2026-05-01", "2026-05-31")
    page.get_by_label("Outlets").click()
    page.get_by_label("Outlets").fill("Wire")
    page.keyboard.press("Enter")
    page.wait_for_selector("#sb-filters .token:has-text('The Wire')")
    put(page, FIRST)
    assert "2026-05-01, 2026-05-31, ('The Wire',)" in page.inner_text("#t1 .sb-claim")
    page.click("#sb-dates [data-act=dates][data-since='']")
    page.wait_for_function(f"!{FILTERED}")
    page.click("#sb-filters .token-remove")
    put(page, FIRST, 2)
    assert "None, None, ()" in page.inner_text("#t2 .sb-claim")


def test_what_was_meant_is_asked_by_a_press_and_the_question_that_was_typed_stays(visit):
    page = visit()
    put(page, "Who walked on the moon of kwai?")
    page.click("#t1 .sb-meant")
    page.wait_for_selector("#t2 .sb-made", state="attached")
    assert asked(page) == ["Who walked on the moon of kwai?", "When did the quay open?"]
    assert page.locator("#t2 .sb-claim").count() == 1


# Thumbs


def test_a_thumb_and_its_reason_are_stored_with_the_answer_and_the_last_one_counts(visit, own):
    page = visit()
    question = "Whose thumb?"
    put(page, question)
    page.click("#t1 .sb-down")
    page.check(".sb-open-why [value=meaning]")
    page.fill(".sb-open-why .sb-line", "not in it")
    page.click(".sb-open-why .sb-send")
    page.wait_for_selector("#t1 .sb-down[aria-pressed=true]")
    (remark,) = (one for one in own.feedback.remarks() if one.answer.question == question)
    assert (remark.sentence, remark.up, remark.reason, remark.note) == (0, False, "meaning", "not in it")
    assert remark.answer.sentences[0].text.startswith("It opened on 3 May")
    assert remark.by == "browser " + page.evaluate("localStorage['sourcebound:owner']")
    put(page, SECOND, 2)
    assert page.get_attribute("#t1 .sb-down", "aria-pressed") == "true"
    assert page.get_attribute("#t2 .sb-down", "aria-pressed") == "false"
    page.click("#t1 .sb-up")
    page.wait_for_selector("#t1 .sb-up[aria-pressed=true]")
    assert page.get_attribute("#t1 .sb-down", "aria-pressed") == "false"
    (again,) = (one for one in own.feedback.remarks() if one.answer.question == question)
    assert (again.up, again.reason, again.by) == (True, "", remark.by)


def test_a_thumb_is_there_after_a_reload_and_can_be_taken_back(visit, own):
    page = visit()
    question = "Whose thumb stays?"
    kept = lambda: [one.up for one in own.feedback.remarks() if one.answer.question == question]  # noqa: E731
    put(page, question)
    for name, up in (("up", True), ("down", False)):
        page.click(f"#t1 .sb-{name}")
        if not up:
            page.click(".sb-open-why .sb-send")
        page.wait_for_selector(f"#t1 .sb-{name}[aria-pressed=true]")
        page.reload()
        page.wait_for_selector(f"#t1 .sb-{name}[aria-pressed=true]")
        grounds = page.eval_on_selector_all(
            "#t1 .sb-rate button", "all => all.map(one => getComputedStyle(one).background)"
        )
        assert len(set(grounds)) == 2  # which one is pressed can be seen
        page.hover(f"#t1 .sb-{name}")
        pressed = page.eval_on_selector(
            f"#t1 .sb-{name}", "one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]"
        )
        assert len(set(pressed)) == 2  # also under the pointer
        assert kept() == [up]
        page.click(f"#t1 .sb-{name}")
        page.wait_for_selector(f"#t1 .sb-{name}[aria-pressed=false]")
        assert page.query_selector(".sb-open-why") is None
        assert kept() == []


def test_a_thumb_stays_when_the_same_is_asked_again(visit):
    page = visit()
    put(page, "Whose thumb is asked again?")
    page.click("#t1 .sb-up")
    page.wait_for_selector("#t1 .sb-up[aria-pressed=true]")
    page.click("#t1 [data-act=retry]")
    page.wait_for_selector("#t1 .sb-up[aria-pressed=true]")
    page.click("#t1 .sb-up")
    page.wait_for_selector("#t1 .sb-up[aria-pressed=false]")


def test_should_the_script_not_come_the_page_is_shown_all_the_same(chromium, address):  # noqa: F811
    page = chromium.new_context().new_page()
    page.route("**/ui/asking.js*", lambda route: route.abort())
    page.goto(address)
    page.wait_for_selector(BOX, timeout=60_000)
    assert page.is_hidden(".sb-splash")
    page.context.close()


def test_an_abstention_that_is_wrong_can_be_said_to_be(visit, own):
    page = visit(360, 780)
    question = "Who walked on the moon that stays?"
    put(page, question)
    page.click("#t1 .sb-right .sb-down")
    page.check(".sb-open-why [value=present]")
    assert too_wide(page) == []
    assert scanned(page) == []
    page.click(".sb-open-why .sb-send")
    page.wait_for_selector("#t1 .sb-right .sb-down[aria-pressed=true]")
    (remark,) = (one for one in own.feedback.remarks() if one.answer.question == question)
    assert (remark.sentence, remark.up, remark.reason) == (WHOLE, False, "present")


def test_a_thumb_on_one_conversation_is_not_shown_on_another(visit):
    page = visit()
    put(page, FIRST)
    page.click("#sb-new")
    page.wait_for_selector(".sb-start")
    put(page, THIRD)
    page.click("#t1 .sb-up")
    page.wait_for_selector("#t1 .sb-up[aria-pressed=true]")
    conversations(page)
    page.click(".sb-past .sb-open >> nth=1")
    page.wait_for_function(f"document.querySelector('.sb-question p').textContent === {json.dumps(FIRST)}")
    assert page.get_attribute("#t1 .sb-up", "aria-pressed") == "false"


# People


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory):
    """A server where two people sign in."""
    folder = tmp_path_factory.mktemp("newsroom")
    set_password(folder / "users", "Ana", "curate", "a long word")
    set_password(folder / "users", "Ben", "ask", "another word")
    people = open_people(Options(users=folder / "users"), "127.0.0.1")
    with serving(built(desk(folder), people=people)) as url:
        yield url, people


@pytest.fixture
def door(newsroom, chromium):  # noqa: F811
    with visiting(newsroom[0], chromium, ready="#sb-name") as opened:
        yield opened


def sign_in(page, name, password):
    page.fill("#sb-name", name)
    page.fill("#sb-password", password)
    page.press("#sb-password", "Enter")
    page.wait_for_selector(f".sb-who:has-text('{name}')")
    page.wait_for_selector(BOX)


def test_two_people_have_their_own_conversations_on_every_device_and_their_own_rights(door):
    ana = door()
    sign_in(ana, "Ana", "a long word")
    put(ana, FIRST)
    assert in_browser(ana) == []
    assert conversations(ana) == [FIRST]
    assert "Kept on the server for Ana" in ana.inner_text(".sb-kept")
    ana.keyboard.press("Escape")
    ana.click("#sb-articles-tab-button, [role=tab]:has-text('Articles')")
    ana.wait_for_selector("#sb-articles [data-remove]")
    assert ana.is_visible("#sb-articles .sb-add")
    ben = door()
    sign_in(ben, "Ben", "another word")
    assert conversations(ben) == []
    assert FIRST not in ben.content()
    ben.click("[role=tab]:has-text('Articles')")
    ben.wait_for_selector("#sb-articles .sb-headline")
    assert ben.query_selector("#sb-articles :is([data-remove], .sb-add, [data-tick])") is None
    phone = door(360, 740)
    sign_in(phone, "Ana", "a long word")
    phone.wait_for_selector("#t1 .sb-made", state="attached")
    assert asked(phone) == [FIRST]
    phone.click(".sb-who-out")
    phone.wait_for_selector("#sb-name")
    phone.goto(ana.url)
    phone.wait_for_selector("#sb-name")


def test_a_session_that_ended_on_the_server_is_told_with_the_way_back(newsroom, door):
    page = door()
    sign_in(page, "Ana", "a long word")
    (cookie,) = page.context.cookies()
    newsroom[1].sessions.end(cookie["value"])
    page.fill(BOX, SECOND)
    page.press(BOX, "Enter")
    page.wait_for_selector("#sb-signed-out:visible")
    assert page.input_value(BOX) == SECOND
    assert page.query_selector(".toast-wrap :visible") is None
    page.click("#sb-signed-out a")
    page.wait_for_selector("#sb-name")
    sign_in(page, "Ana", "a long word")
    assert urlsplit(page.url).path == "/"


# Languages


def test_the_page_in_spanish_shows_the_same_conversation(visit):
    page = visit()
    put(page, "Where do they differ?")
    with page.expect_navigation():
        page.click(".sb-languages a[lang=es]")
    page.wait_for_selector("#t1 .sb-made", state="attached")
    assert urlsplit(page.url).path == "/es/"
    page.wait_for_selector(".sb-languages a[lang=en]")  # Gradio has set the document's language by now
    assert page.get_attribute("html", "lang") == "es"
    assert asked(page) == ["Where do they differ?"]
    assert page.inner_text("#sb-send") == "Preguntar"
    assert "Fuentes" in page.inner_text("#t1 .sb-positions") or "Las fuentes" in page.inner_text("#t1")
    page.click("#t1 .sb-cite")
    page.wait_for_selector("dialog mark.sb-now")
    assert "Cerrar" in (page.get_attribute("dialog .sb-close", "aria-label") or "")
    page.keyboard.press("Escape")
    page.click("[role=tab]:has-text('Artículos')")
    page.wait_for_selector("#sb-articles .sb-headline")
    assert "Buscar" in page.inner_text("#sb-articles .sb-filters")
    page.click("[role=tab]:has-text('Calidad')")
    page.wait_for_selector("#sb-quality h2")
    with page.expect_navigation():
        page.click(".sb-languages a[lang=en]")
    page.wait_for_selector("#t1 .sb-made", state="attached")
    assert page.inner_text("#sb-send") == "Ask"


def test_the_document_is_in_the_pages_language_whatever_the_browsers_is(visit):
    page = visit(locale="es-ES")
    page.wait_for_selector(".sb-example")
    assert page.get_attribute("html", "lang") == "en"


# The server goes


def test_a_server_that_goes_and_comes_back_is_told_and_no_question_is_lost(chromium, tmp_path):  # noqa: F811
    after = built(desk(tmp_path))
    with ExitStack() as visits:
        with serving(built(desk(tmp_path))) as url:
            page = visits.enter_context(visiting(url, chromium))()
            put(page, FIRST)
        page.fill(BOX, SECOND)
        page.press(BOX, "Enter")
        page.wait_for_selector("#sb-offline:visible")
        assert page.query_selector(".toast-wrap :visible") is None
        assert page.input_value(BOX) == SECOND
        assert scanned(page, "#sb-offline") == []
        with serving(after, urlsplit(url).port):
            page.wait_for_event("load")  # it is another server now, and the page is loaded again by itself
            page.wait_for_selector("#t1 .sb-made", state="attached")
            page.wait_for_function("document.querySelector('#sb-box textarea').value !== ''")
            assert page.input_value(BOX) == SECOND
            assert page.is_hidden("#sb-offline")
            put(page, SECOND, 2)
            assert f"after ['{FIRST}']" in page.inner_text("#t2 .sb-claim")


# For everybody


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_a_scan_finds_nothing_serious_in_any_state(visit, width, scheme):
    page = visit(width, 800, scheme, reduced_motion="reduce")
    found = {"start": scanned(page)}
    page.click("#sb-filters button")
    page.wait_for_selector(".sb-month")
    found["filters"] = scanned(page)
    page.click("#sb-filters button")
    for number, question in enumerate((FIRST, "Where do they differ?", "Who walked on the moon?", "broken"), 1):
        put(page, question, number)
    found["answers, dispute, abstention, error"] = scanned(page)
    act(page, "edit", 4)
    page.wait_for_selector(".sb-editing")
    conversations(page)
    found["editing and conversations"] = scanned(page)
    page.keyboard.press("Escape")
    page.click("#t2 .sb-down >> nth=0")
    page.click("#t2 .sb-sure summary")
    found["why and confidence"] = scanned(page)
    page.click("#t1 .sb-cite")
    page.wait_for_selector("dialog mark.sb-now")
    found["reader"] = scanned(page)
    page.keyboard.press("Escape")
    for tab, ready in (("Articles", "#sb-articles .sb-headline"), ("Quality", "#sb-quality h2")):
        page.click(f"[role=tab]:has-text('{tab}')")
        page.wait_for_selector(ready)
        found[tab] = scanned(page)
        assert too_wide(page) == []
    assert {state: lines for state, lines in found.items() if lines} == {}


def test_by_keyboard_alone_a_person_asks_reads_judges_and_goes_to_the_articles(visit):
    page = visit()
    page.wait_for_selector(".sb-example")
    tab_to(page, f"element => element.matches('{BOX}')")
    page.keyboard.type("Where do they differ?")
    page.keyboard.press("Enter")
    done(page)
    tab_to(page, "element => element.matches('#t1 .sb-cite')", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog mark.sb-now")
    now = "document.querySelector('dialog .sb-step').textContent"
    before = page.evaluate(now)
    tab_to(page, "element => element.matches('dialog .sb-next:enabled, dialog .sb-previous:enabled')")
    page.keyboard.press("Enter")
    page.wait_for_function(f"before => {now} !== before", arg=before)
    in_view(page, "dialog mark.sb-now")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('#t1 .sb-cite')")
    tab_to(page, "element => element.matches('#t1 .sb-up')")
    page.keyboard.press("Enter")
    page.wait_for_selector("#t1 .sb-up[aria-pressed=true]")
    assert page.evaluate("document.activeElement.matches('#t1 .sb-up')")
    tab_to(page, "element => element.matches('[role=tab]') && element.innerText === 'Articles'", "Shift+Tab", 60)
    page.keyboard.press("Enter")
    page.wait_for_selector("#sb-articles .sb-headline")
    tab_to(page, "element => element.matches('#sb-articles .sb-headline')")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog .sb-reading")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('#sb-articles .sb-headline')")
    tab_to(page, "element => element.matches('[role=tab]') && element.innerText === 'Ask'", "Shift+Tab", 60)
    page.keyboard.press("Enter")
    page.wait_for_selector(BOX)
    assert asked(page) == ["Where do they differ?"]


# Nothing jumps, and it is soon there

# On a phone the evidence stands below the answer: that it makes room for a longer one is no jump of what is read.
SHIFTS = """() => {
    window.shifts = [];
    const below = innerWidth < 900 ? "#sb-more, #sb-side, #sb-side *" : "no-element";
    new PerformanceObserver(list => list.getEntries().forEach(one => one.hadRecentInput || window.shifts.push({
        value: one.value,
        below: one.sources.every(source => source.node?.matches?.(below)),
        of: one.sources.map(source => `${source.node?.nodeName}#${source.node?.id}.${source.node?.className} `
            + JSON.stringify([source.previousRect, source.currentRect])),
    }))).observe({ type: "layout-shift" });
}"""


def slowly(question, **options):
    """As `harbour.ask`, each citation once, and after half a second: until then a shift counts as the reader's own."""
    time.sleep(0.7)
    for number, step in enumerate(ask(question, **options)):
        if number < 5:
            time.sleep(0.1)
        yield step if isinstance(step, Answer) else (step[0], () if number else step[1])


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    with serving(built(desk(tmp_path_factory.mktemp("slow"), slowly), writes=True)) as url:
        yield url


@pytest.mark.parametrize("width", [360, 1440])
def test_fifty_sentences_arrive_without_a_jump_and_fit(slow, chromium, width):  # noqa: F811
    with visiting(slow, chromium) as opened:
        page = opened(width, 800)
        page.wait_for_selector(".sb-example")
        page.wait_for_timeout(600)
        page.evaluate(SHIFTS)
        put(page, "Say fifty")
        page.wait_for_timeout(100)
        assert page.locator("#t1 .sb-claim").count() == 50
        shifts = [one for one in page.evaluate("window.shifts") if not one["below"]]
        assert sum(one["value"] for one in shifts) < 0.02, shifts
        assert too_wide(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_opens_without_a_jump_and_with_the_box_in_focus(slow, chromium, width):  # noqa: F811
    with visiting(slow, chromium) as opened:
        page = opened(width, 800)
        page.wait_for_selector(".sb-example")
        page.wait_for_timeout(600)
        page.evaluate(SHIFTS.replace('"layout-shift"', '"layout-shift", buffered: true'))
        page.wait_for_timeout(100)
        # 0.1 is what web.dev calls good; before the parts were shown together it was 0.2 to 0.7 at 360 pixels.
        shifts = page.evaluate("window.shifts")
        assert sum(one["value"] for one in shifts) < 0.1, shifts
        assert page.evaluate("[document.activeElement.matches('#sb-box textarea'), scrollY]") == [True, 0]


def test_the_first_paint_comes_in_less_than_a_second_and_a_half(visit):
    page = visit()
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert 0 < paint < 1500


# Articles that mean harm


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory):
    """A server over the poisoned articles; an answer says and cites all of a third of those that attack."""
    folder = tmp_path_factory.mktemp("poisoned")
    with open_store(folder / "store", TinyEmbedder()) as store:
        ingest(store, [str(find_suite("poisoned") / "corpus")])
        attacks = [article for article in store.articles() if "-x." in article.source]

        def asks(question, **_):
            cited = tuple(whole(number, article) for number, article in enumerate(attacks[int(question) :: 3], 1))
            sentences = tuple(
                Sentence(text=" ".join(one.quote.split()), verdict="supported", support=1.0, citations=(one.number,))
                for one in cited
            )
            text = " ".join(f"{sentence.text} [{sentence.citations[0]}]" for sentence in sentences)
            made = next(step for step in ask("When?", stop=None) if isinstance(step, Answer))
            parts = {"question": question, "text": text, "sentences": sentences, "citations": cited}
            yield made.model_copy(update=parts)

        with serving(built(desk(folder, asks, store))) as url:
            yield url, attacks


def whole(number, article):
    """A citation of all of an article, at most its first 2,000 characters."""
    known = {"title": article.title, "outlet": article.outlet, "published": article.published, "source": article.source}
    end = min(len(article.text), 2000)
    return Citation(number=number, article_id=article.id, start=0, end=end, quote=article.text[:end], **known)


READ_ALL = """async active => {
    const found = [];
    for (const mark of document.querySelectorAll(".sb-claim .sb-cite")) {
        mark.click();
        for (let waits = 0; waits < 10000 && !document.querySelector("dialog mark.sb-now"); waits++)
            await new Promise(next => setTimeout(next, 5));
        if (document.querySelector(active)) found.push(document.querySelector(active).outerHTML);
        if (document.querySelectorAll("dialog .sb-text").length) window.read = (window.read ?? 0) + 1;
        document.querySelector("dialog")?.close();
        // It goes when its event is handled; else the next round would take it for its own.
        while (document.querySelector("dialog")) await new Promise(next => setTimeout(next, 5));
    }
    return found;
}"""


def test_poisoned_articles_are_shown_as_text_run_nothing_and_ask_nothing_of_others(poisoned, chromium):  # noqa: F811
    address, attacks = poisoned
    with visiting(address, chromium) as opened:
        page = opened()
        stopped: list[str] = []
        page.on("console", lambda line: stopped.append(line.text) if "Content Security" in line.text else None)
        for number in range(3):
            put(page, str(number), number + 1)
        assert len(attacks) > 60
        assert page.locator(".sb-claim").count() == page.locator(".sb-card").count() == len(attacks)
        assert page.query_selector(ACTIVE) is None
        assert page.evaluate(READ_ALL, ACTIVE) == []
        assert page.evaluate("window.read") == len(attacks)
        page.click("[role=tab]:has-text('Articles')")
        page.wait_for_selector("#sb-articles .sb-headline")
        assert page.locator("#sb-articles .sb-headline").count() >= 50
        assert page.query_selector(ACTIVE) is None
        assert stopped == []

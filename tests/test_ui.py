"""The server and the page in a real browser, over a small corpus of its own that includes a hostile article."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date
from http.client import HTTPConnection
from pathlib import Path

import pytest

from index.articles import Article
from index.errors import SourceboundError, StoreError
from rag.answers import Answer, Citation, Position, Provenance, Sentence, Timings
from rag.settings import Settings
from ui.app import build_app, listen, serve
from ui.asking import asking
from ui.guard import policy

ROOT = Path(__file__).resolve().parent.parent
QUOTE = "The new harbour of Port Ellen opened on 3 May."
PLAIN = "A long opening paragraph about the weather.\n\n" * 60 + QUOTE + "\n\nMore about the harbour." * 40
HOSTILE = (
    """<script>alert(1)</script><img src=http://127.0.0.1:9/x.png onerror="alert(2)"><form action="http://127.0.0.1:9/">
<input autofocus onfocus=alert(3)></form><style>@import url(http://127.0.0.1:9/x.css);</style><iframe src="http://127.0.0.1:9/">
</iframe>"' [x](javascript:alert(4)) ![y](http://127.0.0.1:9/y.png) $latex$ ${alert(5)} {{#each}} \u202eשלום\u202c 🛰️ """
    + "w" * 400
)
EXAMPLES = ("When did the harbour open?", "Who walked on the moon?")
ARTICLES = {
    "plain": Article("plain", "plain", "harbour.txt", PLAIN, "Harbour opens", "The Wire", date(2026, 5, 4)),
    "hostile": Article("hostile", "hostile", "<b>.txt", HOSTILE, HOSTILE, HOSTILE),
}


class Corpus:
    def article(self, article_id: str) -> Article:
        if article_id not in ARTICLES:
            raise StoreError(f"article {article_id!r} was never here; see `rag articles list`")
        return ARTICLES[article_id]

    def articles(self) -> list[Article]:
        return list(ARTICLES.values())


def span(number: int, article_id: str, quote: str) -> Citation:
    of = ARTICLES[article_id]
    known = {"title": of.title, "outlet": of.outlet, "published": of.published, "source": of.source}
    start = of.text.index(quote)
    return Citation(number=number, article_id=of.id, start=start, end=start + len(quote), quote=quote, **known)


def ask(question, *, stop, extractive=False, **options):
    """As `ui.asking.Ask`, of an answer that is made in one go."""
    assert not stop
    assert not extractive
    whole = answered(question, **options)
    for sentence in whole.sentences:
        yield sentence, whole.citations
    yield whole


def answered(question, store, history=(), since=None, until=None, as_of=None, outlets=()) -> Answer:  # noqa: ARG001
    """Answers by what the question contains; `history` and the filters show in the answer so that tests see them."""
    assert isinstance(store, Corpus)
    fields = {
        "question": question,
        "status": "answered",
        "confidence": 0.83,
        "missing": None,
        "positions": (),
        "provenance": Provenance(answerer="extractive", checker="rules 1", embedder="bge", corpus="c", version="1"),
        "timings_ms": Timings(retrieve=1, write=1, check=1, total=27.9),
    }
    if "moon" in question:
        text = "The articles do not say who walked on the moon."
        return Answer(**{**fields, "status": "abstained"}, text=text, sentences=(), citations=())
    if "broken" in question:
        raise StoreError("the store is broken; run `rag verify`")
    if "bug" in question:
        raise RuntimeError("a secret path")
    cited = (span(1, "hostile", HOSTILE),) if "hostile" in question else (span(1, "plain", QUOTE),)
    said = (
        HOSTILE
        if "hostile" in question
        else f"It opened on 3 May (after {list(history)}, {since}, {until}, {outlets})."
    )
    sentence = Sentence(text=said, verdict="supported", support=0.98, citations=(1,))
    if "differ" in question:
        positions = (Position(value="3 May", citations=(1,)), Position(value="May", citations=(1,)))
        fields |= {"status": "disputed", "positions": positions}
    return Answer(**fields, text=f"{said} [1]", sentences=(sentence,), citations=cited)


def build(**options):
    """Inside a running loop, because Gradio otherwise makes loops for itself and leaves them open."""

    async def built():
        return build_app(ask, Corpus(), examples=EXAMPLES, **options)

    return asyncio.run(built())


@pytest.fixture(scope="module")
def app():
    return build()


@pytest.fixture(scope="module")
def client(app):
    from fastapi.testclient import TestClient

    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        yield client


def test_the_api_answers_with_the_records_own_json(client):
    given = {"history": ["Where is it?"], "since": "2026-01-01", "outlets": ["The Wire"]}
    reply = client.post("/api/answer", json={"question": "When did it open?", **given})
    expected = answered("When did it open?", Corpus(), ["Where is it?"], "2026-01-01", outlets=["The Wire"])
    assert reply.json() == expected.model_dump(mode="json")


@pytest.mark.parametrize(
    ("body", "status", "line"),
    [
        ({}, 422, "question: Field required"),
        ({"question": ""}, 422, "question: String should have at least 1 character"),
        ({"question": "x" * 2001}, 422, "question: String should have at most 2000 characters"),
        ({"question": "x", "store": "/etc"}, 422, "store: Extra inputs are not permitted"),
        ({"question": "broken"}, 400, "the store is broken; run `rag verify`"),
        ({"question": "x" * 70_000}, 413, "the request is larger than 65536 bytes"),
    ],
)
def test_a_request_that_cannot_be_answered_gets_one_line(client, body, status, line):
    reply = client.post("/api/answer", json=body)
    assert reply.status_code == status
    assert reply.json()["error"].startswith(line)
    assert "\n" not in reply.json()["error"]


def test_what_goes_wrong_inside_stays_inside(client):
    reply = client.post("/api/answer", json={"question": "bug"})
    assert (reply.status_code, reply.json()) == (500, {"error": "this request failed; the server's log says why"})


def test_a_form_of_another_page_cannot_ask(client):
    reply = client.post("/api/answer", content='{"question": "x"}', headers={"content-type": "text/plain"})
    assert reply.status_code == 422


def test_articles_are_listed_without_and_shown_with_their_text(client):
    listed = client.get("/api/articles").json()
    assert [(one["id"], one["published"], "text" in one) for one in listed] == [
        ("plain", "2026-05-04", False),
        ("hostile", None, False),
    ]
    assert client.get("/api/articles/plain").json()["text"] == PLAIN


def test_an_unknown_article_is_not_found(client):
    reply = client.get("/api/articles/nope")
    assert (reply.status_code, reply.json()["error"][:14]) == (404, "article 'nope'")


def test_health(client):
    assert client.get("/api/health").json() == {"status": "ok", "articles": 2}


@pytest.mark.parametrize("host", ["evil.test", "evil.test:7860", "127.0.0.1.evil.test", ""])
def test_a_foreign_host_name_is_refused(client, host):
    assert client.get("/api/health", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost", "LOCALHOST:1", "[::1]:7860"])
def test_this_machine_by_any_of_its_names_is_answered(client, host):
    assert client.get("/api/health", headers={"host": host}).status_code == 200


def test_any_host_name_is_answered_when_not_bound_to_loopback():
    from fastapi.testclient import TestClient

    shared = TestClient(build(host="192.0.2.1"), base_url="http://news.example")
    assert shared.get("/api/health").status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://127.0.0.1:1"])
def test_a_foreign_origin_is_refused_and_never_allowed(client, origin):
    reply = client.post("/api/answer", json={"question": "x"}, headers={"origin": origin})
    assert reply.status_code == 403
    assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "path",
    [
        "/docs",
        "/openapi.json",
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/info",
        "/gradio_api/runs",
        "/gradio_api/proxy=http://127.0.0.1:9/",
        "/monitoring",
        "/ui/%2e%2e/app.py",
        "/login",
    ],
)
def test_nothing_but_the_page_and_the_api_is_served(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/api/health", "/ui/page.js", "/docs", "/theme.css"])
def test_every_response_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_policy_allows_the_served_scripts_only():
    allowed = policy("<script src=x></script><script>one</script><script data-a>two</script>")
    scripts = re.search(r"script-src ([^;]*)", allowed).group(1)
    assert scripts.count("'sha256-") == 2
    assert "'unsafe-inline'" not in scripts
    assert "http" not in allowed


def test_a_taken_port_is_one_clear_line():
    with (
        listen("127.0.0.1", 0) as taken,
        pytest.raises(SourceboundError, match=r"cannot listen on '127\.0\.0\.1' port"),
    ):
        listen("127.0.0.1", taken.getsockname()[1])


def test_colours_of_text_keep_a_contrast_of_at_least_4_5():
    css = (ROOT / "ui" / "static" / "page.css").read_text(encoding="utf-8")
    for body in re.findall(r"^body[.\w]* \{(.*?)^\}", css, re.DOTALL | re.MULTILINE):
        colour = dict(re.findall(r"--sb-([\w-]+): (#\w{6});", body))
        pairs = [(ink, ground) for ink in ("ink", "quiet", "accent", "good", "bad") for ground in ("ground", "paper")]
        pairs += [("ink", "warm"), ("on-accent", "accent"), ("mark-ink", "mark")]
        assert {
            pair: contrast(colour[pair[0]], colour[pair[1]]) for pair in pairs if contrast(*map(colour.get, pair)) < 4.5
        } == {}
        assert contrast("#1d2329", colour["mark-now"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two colours like #1d2329."""

    def luminance(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_servers_settings_hold_for_every_question(monkeypatch, seeds_store):
    taken = {}
    monkeypatch.setattr("ui.app.build_app", lambda ask, *_, **more: taken.update(ask=ask, **more))
    monkeypatch.setattr("ui.app.run", lambda *_, **__: None)
    monkeypatch.setattr("rag.ask.stream_cited", lambda question, **options: (question, options["settings"]))
    settings = Settings(checking="lenient", model="mill")
    serve(seeds_store, port=0, settings=settings)
    assert taken["ask"]("When?") == ("When?", settings)
    assert taken["writes"]


@pytest.mark.parametrize(("checker", "alone"), [("combined", "combined"), ("judge", "judge:mill")])
def test_an_answer_from_the_sources_alone_differs_in_who_writes_only(monkeypatch, checker, alone):
    monkeypatch.setattr("rag.ask.stream_cited", lambda _, settings: settings)
    settings = Settings(model="mill", checker=checker)
    assert asking(settings)("When?", extractive=True) == replace(settings, model="", checker=alone)


def test_the_server_says_when_it_is_ready_and_stops_quietly_under_an_open_page():
    code = (
        "import test_ui as t; from ui.app import build_app, listen, run\n"
        "run(build_app(t.ask, t.Corpus()), listen('127.0.0.1', 0), ready=lambda url: print(url, flush=True))"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT / "tests", env=paths(), stdout=-1, stderr=-1, text=True) as server:
        url = server.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        page = HTTPConnection(url.removeprefix("http://"), timeout=10)
        page.request("GET", "/gradio_api/heartbeat/open")  # what a page holds open
        stream = page.getresponse()
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=20)
        stream.close()
        page.close()
    assert (server.returncode, out, err) == (0, "", "")


def paths() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


# From here on in a browser.


@contextlib.contextmanager
def serving(app):
    """The address at which an app answers."""
    import uvicorn

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()


@pytest.fixture(scope="module")
def address(app):
    with serving(app) as url:
        yield url


@pytest.fixture(scope="module")
def chromium():
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium or google-chrome on the path")
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, headless=True, args=flags)
        yield browser
        browser.close()


@contextlib.contextmanager
def visiting(address, chromium):
    """Opens the page in a fresh context; afterwards nothing may have been asked of any other place, or popped up."""
    contexts, elsewhere, dialogs, broken = [], [], [], []

    def opened(width=1440, height=900):
        context = chromium.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        own = (address, "data:", "blob:" + address)
        page.on("request", lambda request: request.url.startswith(own) or elsewhere.append(request.url))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(address)
        page.wait_for_selector("#sb-box textarea")
        page.wait_for_function("getComputedStyle(document.body).getPropertyValue('--sb-ink') !== ''")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert (elsewhere, dialogs, broken) == ([], [], [])


@pytest.fixture
def visit(address, chromium):
    with visiting(address, chromium) as opened:
        yield opened


def put(page, question, turn=1):
    page.fill("#sb-box textarea", question)
    page.press("#sb-box textarea", "Enter")
    page.wait_for_selector(f"#t{turn} .sb-made, #t{turn} .sb-error")
    page.wait_for_selector("#sb-send:not([disabled])")


def in_view(page, selector):
    return page.wait_for_function(
        """selector => {
            const box = document.querySelector(selector).getBoundingClientRect();
            const inside = box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth;
            return inside && box.height > 0;
        }""",
        arg=selector,
    )


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
def test_clicking_a_mark_brings_the_exact_span_into_view(visit):
    page = visit()
    put(page, "When did it open?")
    page.click("#t1 .sb-claim .sb-cite")
    in_view(page, "#t1-c1")
    assert page.evaluate("[...document.querySelectorAll('mark.sb-now')].map(m => m.textContent).join('')") == QUOTE


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
    put(page, "When did it open?")
    assert "2026-01-01, None, ()" in page.inner_text("#t1 .sb-claim")


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
    page.click("#t1 .sb-claim .sb-cite")
    page.wait_for_timeout(500)
    assert page.text_content("#t1-evidence .sb-text") == HOSTILE
    assert page.text_content("#t1-evidence h3") == HOSTILE
    assert page.query_selector("#sb-page :is(script, img, form, style, iframe, input[autofocus], .katex)") is None
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


def tab_to(page, wanted, key):
    for _ in range(25):
        if page.evaluate(f"({wanted})(document.activeElement)"):
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} never reached {wanted}")


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
def test_on_a_phone_a_mark_still_leads_to_its_span(visit):
    page = visit(width=360, height=740)
    put(page, "When did it open?")
    page.click("#t1 .sb-claim .sb-cite")
    in_view(page, "#t1-c1")


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
    spoken = page.eval_on_selector_all("#sb-page [aria-live]", "all => all.map(one => one.textContent)")
    assert spoken == ["Not in the corpus. The articles do not say who walked on the moon."]

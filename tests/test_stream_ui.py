"""Answers of a language model on the page and in the API: they grow, they can be stopped, and they can fail."""

from __future__ import annotations

import json
import time
from contextlib import closing
from datetime import date
from http.client import HTTPConnection

import pytest
from browsing import chromium, serving, visiting  # noqa: F401 - one is a fixture
from harbour import HOSTILE, answered, built, corpus, desk

from eval.scripted import Asked, Failure, ScriptedServer
from index.errors import ModelCallError, StoreError
from rag.answers import Sentence, Writing
from rag.failures import OFFER
from rag.settings import Settings
from rag.stop import Stop
from ui.api import add_api, add_errors
from ui.asking import Stops, asking
from ui.parts.conversation import render_conversation
from ui.turns import Showing, begun, grown
from ui.words import Words

WHY = "What did Petro decide about intelligence?"
VOWED = "Petro vowed that Colombia would block the sharing of intelligence for as long as the US operations go on."
POSTED = "Petro made his decision known on Tuesday in a post on X."
INVENTED = "The bombings killed forty thousand people in Peru."
WORDS = Words()
SLOW = 0.05  # seconds between the pieces of a reply, each of three characters: some seconds for two sentences


def says(*sentences: str):
    """A model that says these, each under the id of the passage that holds its last words."""

    def reply(asked: Asked) -> str:
        lines = [json.loads(line) for line in asked.user.splitlines() if line.startswith("{")]
        passages = {line["id"]: line["text"] for line in lines if "id" in line}

        def cited(sentence: str) -> str:
            found = [name for name, text in passages.items() if sentence[-40:] in text]
            return f"{sentence} [{(found or list(passages))[0]}]"

        return " ".join(map(cited, sentences)) if passages else "NOT FOUND"

    return reply


@pytest.fixture(scope="module")
def model():
    with ScriptedServer(says(VOWED, POSTED)) as server:
        yield server


@pytest.fixture(scope="module")
def address(model, seeds_store, tmp_path_factory):
    settings = Settings(model=model.model, base_url=model.base_url, model_key=model.key, model_retries=0)
    own = desk(tmp_path_factory.mktemp("desk"), asking(settings), seeds_store)
    with serving(built(own, writes=True)) as url:
        yield url


@pytest.fixture
def visit(address, chromium):  # noqa: F811
    with visiting(address, chromium) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _anew(model):
    """Each test begins with a model that says two sentences at once, and nothing left of the test before."""
    assert model.idle()
    model.reply, model.pace, model.cut = says(VOWED, POSTED), 0.0, 0
    model.requests.clear()


def post(address: str, path: str, **body):
    """An open connection and the response, of which nothing is read."""
    connection = HTTPConnection(address.removeprefix("http://"), timeout=60)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    return connection


def whole(address: str, path: str = "/api/answer", **body):
    """Status and lines of a response."""
    with closing(post(address, path, **body)) as connection:
        response = connection.getresponse()
        return response.status, [json.loads(line) for line in response.read().splitlines()]


def wait_for(model: ScriptedServer, requests: int = 1) -> None:
    """Until the model was asked."""
    for _ in range(3000):
        if len(model.requests) >= requests:
            return
        time.sleep(0.01)
    pytest.fail("the model was not asked")


# The API


def test_a_stream_is_a_line_a_sentence_with_its_new_citations_and_then_the_answer(address):
    status, lines = whole(address, "/api/answer/stream", question=WHY)
    *told, last = lines
    answer = last["answer"]
    assert status == 200
    assert [line["sentence"] for line in told] == answer["sentences"]
    assert [cited for line in told for cited in line["citations"]] == answer["citations"]
    assert [s["text"] for s in answer["sentences"] if s["written"]] == [VOWED, POSTED]


def test_the_first_sentence_is_there_while_the_model_still_writes(address, model):
    model.pace = SLOW
    with closing(post(address, "/api/answer/stream", question=WHY)) as connection:
        response = connection.getresponse()
        first = json.loads(response.readline())
        assert not model.idle(0)
        assert response.headers["content-type"] == "application/x-ndjson"
    assert first["sentence"]["text"] == VOWED


@pytest.mark.parametrize("path", ["/api/answer", "/api/answer/stream"])
def test_a_closed_connection_stops_the_models_call(address, model, path):
    model.pace = SLOW
    connection = post(address, path, question=WHY)
    wait_for(model)
    connection.close()
    assert model.idle(2)
    assert model.cut == 1


def test_a_stream_that_is_closed_after_its_first_sentence_stops_the_models_call(address, model):
    model.pace = SLOW
    connection = post(address, "/api/answer/stream", question=WHY)
    response = connection.getresponse()
    response.readline()
    response.close()
    connection.close()
    assert model.idle(2)
    assert model.cut == 1


@pytest.mark.parametrize("path", ["/api/answer", "/api/answer/stream"])
def test_an_answer_from_the_sources_alone_asks_no_model(address, model, path):
    status, lines = whole(address, path, question=WHY, extractive=True)
    answer = lines[-1].get("answer", lines[-1])
    assert (status, answer["provenance"]["writing"], model.requests) == (200, None, [])
    assert answer["sentences"]


def test_an_answer_from_the_sources_alone_waits_for_no_slow_model(address, model):
    model.pace = SLOW
    with closing(post(address, "/api/answer/stream", question=WHY)):
        wait_for(model)
        assert whole(address, question=WHY, extractive=True)[0] == 200
        assert not model.idle(0)


@pytest.mark.parametrize("path", ["/api/answer", "/api/answer/stream"])
def test_a_model_that_fails_is_an_error_with_its_state_and_a_way_on_and_without_the_key(address, model, path):
    model.reply = lambda _: Failure("repeats_key")
    status, (body,) = whole(address, path, question=WHY)
    assert (status, body["state"]) == (502, "wrong_key")
    assert '"extractive": true' in body["extractive"]
    assert model.key not in str(body)
    assert "--extractive" not in str(body)


def client_of(ask):
    """A client of the API alone."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    app = FastAPI()
    add_api(app, ask, corpus())
    add_errors(app)
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def failing(error: Exception, sentences: int = 0):
    """What fails after so many sentences."""

    def ask(question, *, stop, extractive, **options):  # noqa: ARG001
        good = answered("When did it open?")
        yield from [(good.sentences[0], good.citations)] * sentences
        raise error

    return ask


@pytest.mark.parametrize(
    ("state", "status"),
    [("timeout", 504), ("rate_limit", 503), ("no_credit", 503), ("budget", 503), ("context", 502), ("broken", 502)],
)
def test_the_status_says_whether_waiting_helps(state, status):
    asked = client_of(failing(ModelCallError(state, "it failed"))).post("/api/answer", json={"question": "x"})
    assert (asked.status_code, asked.json()["error"], asked.json()["state"]) == (status, "it failed", state)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ModelCallError("broken", "it broke off"), "it broke off"),
        (StoreError("the store is gone"), "the store is gone"),
        (RuntimeError("a secret path"), "this request failed; the server's log says why"),
    ],
)
def test_an_error_after_the_first_sentence_is_the_last_line(error, line):
    reply = client_of(failing(error, sentences=1)).post("/api/answer/stream", json={"question": "x"})
    first, last = map(json.loads, reply.text.splitlines())
    assert (reply.status_code, list(first), last["error"]) == (200, ["sentence", "citations"], line)


def test_an_error_before_the_first_sentence_is_no_stream():
    reply = client_of(failing(StoreError("the store is gone"))).post("/api/answer/stream", json={"question": "x"})
    assert (reply.status_code, reply.json()) == (400, {"error": "the store is gone"})


def test_a_line_holds_one_object_whatever_counts_as_the_end_of_a_line():
    def ask(question, **_):
        yield answered(f"When\u2028{question}\x85?", corpus())

    assert len(client_of(ask).post("/api/answer/stream", json={"question": "x"}).text.splitlines()) == 1


def test_extractive_is_true_or_false_and_nothing_like_it():
    assert (
        client_of(failing(StoreError("x"))).post("/api/answer", json={"question": "x", "extractive": "no"}).status_code
        == 422
    )


# Turns and sessions


def showing():
    return Showing(corpus(), WORDS, date(2026, 6, 1))


def test_a_turn_keeps_what_it_showed_before_an_error():
    steps = failing(StoreError("the store is gone"), 1)("", stop=0, extractive=0)
    *_, before, last = grown(begun("When?", 1, WORDS), steps, showing())
    shown = before.reply.partition('<p class="sb-busy">')[0]
    assert last.reply.startswith(shown)
    assert last.reply.endswith("the store is gone</p>")
    assert (last.evidence, last.answered, last.alone) == (before.evidence, False, False)


def test_a_failed_model_offers_the_sources_alone_in_the_newest_turn_only():
    error = ModelCallError("timeout", f"the model 'x' did not answer; ask again; {OFFER}")
    (turn,) = grown(begun("When?", 1, WORDS), failing(error)("", stop=0, extractive=0), showing())
    assert turn.alone
    assert turn.spoken.endswith("The model &#x27;x&#x27; did not answer; ask again.")
    assert 'data-act="alone"' in render_conversation([turn], WORDS)
    assert 'data-act="alone"' not in render_conversation([turn, begun("And then?", 2, WORDS)], WORDS)


def test_a_growing_turn_says_one_thing_to_a_screen_reader():
    whole = answered("When did it open?")
    first, last = grown(begun("When?", 1, WORDS), iter([(whole.sentences[0], whole.citations), whole]), showing())
    assert first.spoken == begun("When?", 1, WORDS).spoken
    assert last.spoken != first.spoken


def test_ending_one_session_leaves_the_others():
    stops = Stops()
    with stops.answering("one") as one, stops.answering("two") as two:
        stops.end("one")
        assert (bool(one), bool(two)) == (True, False)


def test_a_session_waits_for_one_answer_at_a_time_and_then_for_the_next():
    stops = Stops()
    with stops.answering("one") as first:
        with stops.answering("one") as second:
            assert second is None
        assert not first
    with stops.answering("one") as third:
        assert isinstance(third, Stop)


# The page

RECORD = """() => {
    window.states = []; window.said = [];
    new MutationObserver(() => {
        const claims = [...document.querySelectorAll("#t1 .sb-claim")];
        const marks = [...document.querySelectorAll("#t1-evidence mark[id]")].map(mark => mark.id);
        const box = document.querySelector("#sb-composer").getBoundingClientRect().top;
        const state = JSON.stringify({ claims: claims.map(one => one.outerHTML), marks, box,
            tops: claims.map(one => one.getBoundingClientRect().top),
            loose: claims.map(one => one.textContent.replace(/\\[\\d+\\]/g, "")).join("") });
        if (state !== states.at(-1)) states.push(state);
        const words = document.querySelector("#sb-status").textContent;
        if (words && words !== said.at(-1)) said.push(words);
    }).observe(document.body, { childList: true, subtree: true, characterData: true, attributes: true });
}"""


def put(page, question, wait="#t1 .sb-made"):
    page.fill("#sb-box textarea", question)
    page.press("#sb-box textarea", "Enter")
    page.wait_for_selector(wait)


def recorded(page):
    return [json.loads(state) for state in page.evaluate("window.states")]


@pytest.mark.browser
def test_sentences_appear_one_by_one_whole_and_stay_where_they_are(visit, model):
    model.pace = SLOW
    page = visit()
    page.evaluate(RECORD)
    put(page, WHY)
    states = [state for state in recorded(page) if state["claims"]]
    last = states[-1]
    assert {len(state["claims"]) for state in states} >= {1, 2}
    for state in states:
        shown = len(state["claims"])
        assert state["claims"] == last["claims"][:shown]
        assert state["tops"] == last["tops"][:shown]
        assert state["box"] == last["box"]
        assert "[" not in state["loose"]


@pytest.mark.browser
def test_the_evidence_fills_along_and_a_screen_reader_hears_two_lines(visit, model):
    model.pace = SLOW
    page = visit()
    page.evaluate(RECORD)
    put(page, WHY)
    counts = [len(state["marks"]) for state in recorded(page) if state["marks"]]
    assert counts == sorted(counts)
    assert len(set(counts)) >= 2
    said = page.evaluate("window.said")
    assert said[0] == "Reading the articles and writing"
    assert VOWED in said[1]
    assert len(said) == 2


@pytest.mark.browser
def test_an_article_that_a_reader_opened_stays_open_while_the_answer_grows(visit, model):
    model.pace = SLOW
    page = visit()
    put(page, WHY, "#t1 .sb-claim")
    page.click("#t1 .sb-cite")
    page.wait_for_selector("dialog mark.sb-now")
    page.wait_for_selector("#t1 .sb-made", state="attached")
    assert page.text_content("dialog mark.sb-now") == VOWED
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#t1-c1"


@pytest.mark.browser
def test_stop_ends_the_models_call_and_keeps_what_was_checked(visit, model):
    model.pace = SLOW
    page = visit()
    put(page, WHY, "#t1 .sb-claim")
    assert page.is_hidden("#sb-send")
    shown = page.inner_text("#t1 .sb-claim")
    page.click("#sb-stop")
    page.wait_for_selector("#t1 .sb-stopped")
    assert model.idle(2)
    assert model.cut == 1
    assert page.inner_text("#t1 .sb-claim") == shown
    assert "Not in the corpus" not in page.inner_text("#t1")
    page.wait_for_selector("#sb-send:not([disabled])")
    assert page.is_hidden("#sb-stop")


@pytest.mark.browser
def test_stop_before_the_first_sentence_says_so_and_nothing_of_the_corpus(visit, model):
    model.pace = SLOW
    page = visit()
    page.fill("#sb-box textarea", WHY)
    page.press("#sb-box textarea", "Enter")
    wait_for(model)
    page.click("#sb-stop")
    page.wait_for_selector("#t1 .sb-made")
    assert "Stopped before the first sentence." in page.inner_text("#t1 .sb-reply")
    assert "corpus" not in page.inner_text("#t1 .sb-reply")


@pytest.mark.browser
def test_one_readers_stop_does_not_reach_another(visit, model):
    model.pace = SLOW
    one, other = visit(), visit()
    for page in (one, other):
        put(page, WHY, "#t1 .sb-busy")
    wait_for(model, 2)
    one.click("#sb-stop")
    one.wait_for_selector("#t1 .sb-stopped")
    other.wait_for_selector("#t1 .sb-made")
    assert POSTED in other.inner_text("#t1")
    assert model.cut == 1


@pytest.mark.browser
def test_a_page_that_is_closed_stops_the_models_call(visit, model):
    model.pace = 4 * SLOW  # so that no sentence comes within the two seconds
    page = visit()
    put(page, WHY, "#t1 .sb-busy")
    wait_for(model)
    page.close()
    assert model.idle(2)
    assert model.cut == 1


@pytest.mark.browser
def test_a_failed_model_is_told_and_the_sources_alone_answer_in_its_place(visit, model):
    model.reply = lambda _: Failure("wrong_key")
    page = visit()
    put(page, WHY, "#t1 .sb-alone")
    assert "refused the key" in page.inner_text("#t1 .sb-error")
    assert model.key not in page.content()
    page.click("#t1 .sb-alone")
    page.wait_for_selector("#t1 .sb-made")
    assert page.inner_text("#t1 .sb-question p") == WHY
    assert page.query_selector("#t2, .sb-alone, .sb-error, .sb-wrote") is None
    assert len(model.requests) == 1


@pytest.mark.browser
def test_who_wrote_it_and_what_is_the_articles_own_is_told(visit, model):
    model.reply = says(VOWED, INVENTED)
    page = visit()
    put(page, WHY)
    assert "Written by scripted, each sentence checked against the articles" in page.inner_text("#t1 .sb-wrote")
    whose = dict(page.eval_on_selector_all("#t1 .sb-claim", "all => all.map(one => [one.innerText, one.className])"))
    assert whose
    for text, classes in whose.items():
        assert (VOWED in text) != ("from the article" in text)
        assert ("sb-own" in classes) == ("from the article" in text)


@pytest.mark.browser
def test_html_in_a_models_reply_is_not_rendered(visit, model):
    model.reply = says(
        f"{POSTED[:-1]} <img src=http://127.0.0.1:9/x onerror=alert(1)>.", f"{VOWED} ![x](http://127.0.0.1:9/y)"
    )
    page = visit()
    put(page, WHY)
    assert page.query_selector("#sb-page :is(script, img, style, iframe)") is None


@pytest.mark.browser
def test_hostile_words_of_a_model_are_shown_letter_by_letter(chromium, tmp_path):  # noqa: F811
    written = Sentence(text=HOSTILE, verdict="supported", support=1.0, citations=(1,), written=True)
    writing = Writing(model=HOSTILE, prompt="p", outcome="completed", reason=HOSTILE, sentences=1, shown=1)

    def ask(question, **_):
        plain = answered(question, corpus())
        made = plain.provenance.model_copy(update={"writing": writing})
        yield written, plain.citations
        yield plain.model_copy(update={"sentences": (written,), "provenance": made})

    with serving(built(desk(tmp_path, ask), writes=True)) as url, visiting(url, chromium) as opened:
        page = opened()
        put(page, "When?")
        assert HOSTILE in page.text_content("#t1 .sb-claim")
        assert page.text_content("#t1 .sb-wrote").count(HOSTILE) == 2
        assert page.query_selector("#sb-page :is(script, img, style, iframe)") is None

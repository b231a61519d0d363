"""The server without its page: the HTTP API, who is answered, what is served."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest
from harbour import ARTICLES, PLAIN, answered, built, client_of, corpus, desk

from index.errors import SourceboundError, StoreError
from rag.settings import Settings
from ui.app import listen, serve
from ui.asking import asking
from ui.guard import policy

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with client_of(built(desk(tmp_path_factory.mktemp("desk")))) as client:
        yield client


def test_the_api_answers_with_the_records_own_json(client):
    given = {"history": ["Where is it?"], "since": "2026-01-01", "outlets": ["The Wire"]}
    reply = client.post("/api/answer", json={"question": "When did it open?", **given})
    expected = answered("When did it open?", corpus(), ["Where is it?"], "2026-01-01", outlets=["The Wire"])
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
    assert [(one["source"], one["published"], "text" in one) for one in listed] == [
        ("harbour.txt", "2026-05-04", False),
        ("<b>.txt", None, False),
    ]
    assert client.get(f"/api/articles/{ARTICLES['plain'].id}").json()["text"] == PLAIN


def test_an_unknown_article_is_not_found(client):
    reply = client.get("/api/articles/nope")
    assert (reply.status_code, reply.json()["error"][:17]) == (404, "no article 'nope'")
    assert str(corpus().path) not in reply.text


@pytest.mark.parametrize("path", [f"/api/articles/{ARTICLES['plain'].id}", "/api/articles"])
def test_a_store_that_cannot_be_read_is_told_without_its_path_and_is_no_missing_article(client, monkeypatch, path):
    def locked(*_):
        raise StoreError("'/a/secret/ledger.sqlite3' cannot be read (database is locked)", public="not now")

    monkeypatch.setattr(corpus().ledger, "article", locked)
    monkeypatch.setattr(corpus().listing, "page", locked)
    reply = client.get(path)
    assert (reply.status_code, reply.json()) == (503, {"error": "not now"})


def test_articles_come_in_pages_the_earliest_first(client):
    whole = client.get("/api/articles").json()
    assert [client.get(f"/api/articles?size=1&page={page}").json() for page in (1, 2, 3)] == [whole[:1], whole[1:], []]
    assert client.get("/api/articles?page=1").json() == client.get("/api/articles?size=500").json() == whole
    for wrong in ("size=0", "size=501", "page=0", "page=x", f"page={2**31}"):
        reply = client.get(f"/api/articles?{wrong}")
        assert (reply.status_code, reply.json()["error"].split(":")[0]) == (422, wrong.split("=")[0])


def test_all_articles_are_listed_without_reading_a_text(client, monkeypatch):
    listed = client.get("/api/articles").json()
    fields = ["id", "title", "outlet", "published", "source", "url", "characters"]
    assert [list(one) for one in listed] == [fields, fields]
    monkeypatch.setattr("ui.api.MOST_ROWS", 1)  # more than one page of them
    monkeypatch.delattr("index.ledger.Ledger.articles")
    assert client.get("/api/articles").json() == listed


def test_health(client):
    assert client.get("/api/health").json() == {"status": "ok", "articles": 2}


@pytest.mark.parametrize("host", ["evil.test", "evil.test:7860", "127.0.0.1.evil.test", ""])
def test_a_foreign_host_name_is_refused(client, host):
    assert client.get("/api/health", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost", "LOCALHOST:1", "[::1]:7860"])
def test_this_machine_by_any_of_its_names_is_answered(client, host):
    assert client.get("/api/health", headers={"host": host}).status_code == 200


def test_any_host_name_is_answered_when_not_bound_to_loopback(tmp_path):
    with client_of(built(desk(tmp_path), host="192.0.2.1"), "http://news.example") as shared:
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


@pytest.mark.parametrize("path", ["/", "/api/health", "/es/", "/ui/asking.js", "/parts/quality", "/docs", "/theme.css"])
def test_every_response_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
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


def test_the_servers_settings_hold_for_every_question(monkeypatch, seeds_store):
    taken = {}
    monkeypatch.setattr("ui.app.build_app", lambda desk, *_, **more: taken.update(ask=desk.ask, **more))
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


def test_the_server_says_when_it_is_ready_and_stops_quietly_under_an_open_page(tmp_path):
    code = (
        "import sys, pathlib, harbour as h; from ui.app import build_app, listen, run\n"
        "app = build_app(h.desk(pathlib.Path(sys.argv[1])))\n"
        "run(app, listen('127.0.0.1', 0), ready=lambda url: print(url, flush=True))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
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

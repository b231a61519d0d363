"""The route behind the reader: an article with its spans marked, or a page that says why not."""

from __future__ import annotations

import re
from datetime import date

import pytest
from test_parts import Seen

from index.articles import Article
from index.errors import StoreError, UnknownArticleError
from ui.reading import add_reading, spans_in

TEXT = "The port opened in May. <b>It rained.</b> The mayor spoke. 🛰️"
ARTICLES = {
    "port": Article("port", "port", "port.txt", TEXT, "Port opens", "The Wire", date(2026, 3, 10), "https://n.test/1"),
    "echo": Article("echo", "echo", "echo.txt", TEXT, "Port opens", "The Echo"),
}


class Ledger:
    def state(self, article_id: str) -> str:
        return "removed" if article_id == "echo" else "live"


class Corpus:
    ledger = Ledger()

    def article(self, article_id: str) -> Article:
        if article_id == "damaged":
            raise StoreError("'/a/secret/path' cannot be read", public="the store cannot be read")
        if article_id not in ARTICLES:
            raise UnknownArticleError(f"no article {article_id!r} in '/a/secret/path'")
        return ARTICLES[article_id]

    def copies(self, article_id: str) -> list[Article]:
        return [ARTICLES["echo"]] if article_id == "port" else []


@pytest.fixture(scope="module")
def client():
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    app = FastAPI()
    add_reading(app, Corpus())
    return TestClient(app)


def test_an_article_comes_as_html_with_its_spans_marked(client):
    reply = client.get("/parts/article/port", params={"spans": "0-23,24-41", "lang": "en"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    seen = Seen(reply.text)
    assert dict(seen.cited) == {"0-23": "The port opened in May.", "24-41": "<b>It rained.</b>"}
    assert "Port opens" in seen.text
    assert "The Wire · 10 March 2026" in seen.text
    assert seen.all("href") == ["https://n.test/1"]


def test_an_article_comes_without_spans_too_and_with_its_copies(client):
    seen = Seen(client.get("/parts/article/port").text)
    assert seen.all("data-span") == []
    assert "no second source: The Echo" in seen.text


def test_the_language_is_the_readers(client):
    assert "10 de marzo de 2026" in client.get("/parts/article/port", params={"lang": "es"}).text
    assert "10 March 2026" in client.get("/parts/article/port", params={"lang": "xx"}).text


def test_an_article_that_was_removed_is_shown_and_says_so(client):
    reply = client.get("/parts/article/echo", params={"spans": "0-23"})
    assert reply.status_code == 200
    assert "Removed from the corpus; its text is kept for this citation." in reply.text


@pytest.mark.parametrize("spans", [f"0-{len(TEXT)}", ",".join(["0-1"] * 100)])
def test_spans_up_to_the_end_and_up_to_a_hundred_are_taken(client, spans):
    assert client.get("/parts/article/port", params={"spans": spans}).status_code == 200


@pytest.mark.parametrize(
    "spans",
    [
        f"0-{len(TEXT) + 1}",
        "5-5",
        "9-5",
        "-1-5",
        "0-5,",
        "0",
        "a-b",
        "٠-٥",
        "0-5\n",
        "1e1-20",
        "0-9999999999",
        ",".join(["0-1"] * 101),
        "<script>",
    ],
)
def test_spans_that_are_none_of_the_text_are_refused_in_one_line(client, spans):
    reply = client.get("/parts/article/port", params={"spans": spans})
    assert (reply.status_code, reply.headers["content-type"]) == (400, "text/plain; charset=utf-8")
    assert reply.text.startswith("These places are not in the article")
    assert "\n" not in reply.text
    assert len(reply.text) < 300


@pytest.mark.parametrize("name", ["nope", "..%2F..%2Fetc%2Fpasswd", "%00", "<b>"])
def test_an_article_that_was_never_there_is_not_found_and_nothing_inside_is_told(client, name):
    reply = client.get(f"/parts/article/{name}")
    assert reply.status_code == 404
    assert "secret" not in reply.text
    if name in ("nope", "<b>"):
        assert "This article is not here" in reply.text
        assert not re.search("nope|<b>", reply.text)


def test_a_store_that_cannot_be_read_is_no_missing_article_and_names_no_file(client):
    reply = client.get("/parts/article/damaged")
    assert (reply.status_code, reply.text) == (503, "the store cannot be read")


def test_spans_are_read_as_they_are_written():
    assert spans_in("", 10) == []
    assert spans_in("3-5,0-10", 10) == [(3, 5), (0, 10)]
    assert spans_in("3-11", 10) is None

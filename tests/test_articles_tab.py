"""The Articles tab over a small store: lists, uploads and their limits, removing and restoring; in a browser too."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from browsing import chromium, in_view, scanned, serving, too_wide, visiting  # noqa: F401 a fixture among them
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from tiny import TinyEmbedder, make, put

from index.articles import Item
from index.errors import ModelError, StoreError
from index.store import open_store
from ui import uploads
from ui.articles import add_articles
from ui.limits import WAITING
from ui.parts.article_tab import render_placeholder
from ui.people import ASK, CURATE, Person
from ui.uploads import LONGEST_NAME, clean_name, plain
from ui.words import LANGUAGES, Words

STATIC = Path(__file__).resolve().parent.parent / "ui" / "static"
STORY = "The harbour of Port Ellen opened on Monday after nine years of work, and the first ship carried barley. " * 6
EN = Words("en")
OUTLETS = ("The Wire", "El Faro", "Harbour Post")


class Persons:
    """Stands in for the guard: says who every request comes from."""

    def __init__(self, app, roles=frozenset({ASK, CURATE})):
        self.app = app
        self.roles = roles

    async def __call__(self, scope, receive, send):
        scope["state"] = {**scope.get("state", {}), "person": Person(None, self.roles)}
        await self.app(scope, receive, send)


def text_of(number: int) -> str:
    """A text that shares no run of words with another one."""
    return " ".join(f"word{number}x{place} tells" for place in range(40)) + "."


def tab(store) -> FastAPI:
    app = FastAPI()
    add_articles(app, store)
    head = "".join(f'<link rel="stylesheet" href="/ui/{name}.css">' for name in ("look", "articles"))

    @app.get("/", response_class=HTMLResponse)
    def page(lang: str = "en", dark: str = "") -> str:
        return (
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Articles</title>'
            f'<meta name="viewport" content="width=device-width">{head}<script src="/ui/articles.js" defer></script>'
            f'</head><body class="{dark}">{render_placeholder(Words(lang))}</body></html>'
        )

    app.mount("/ui", StaticFiles(directory=STATIC))
    return app


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "store", TinyEmbedder()) as opened:
        yield opened


@pytest.fixture
def client(store):
    with TestClient(Persons(tab(store))) as opened:
        yield opened


@pytest.fixture
def asking(store):
    """A reader who may ask and not curate."""
    with TestClient(Persons(tab(store), frozenset({ASK}))) as opened:
        yield opened


def send(client, name, body, **query):
    """One file, as the script sends it."""
    data = body if isinstance(body, bytes) else body.encode()
    return client.post("/api/articles/files", params={"name": name, **query}, content=data)


def ids(store) -> set[str]:
    return {article.id for article in store.articles()}


# Adding files


def test_a_file_is_added_under_its_own_name_and_no_path_of_the_server(client, store):
    reply = send(client, "harbour.txt", STORY)
    assert reply.json()["counts"] == {"added": 1}
    (article,) = store.articles()
    assert (article.key, article.source, article.url) == ("upload:harbour.txt", "harbour.txt", None)
    kept = str(store.ledger.rows("SELECT * FROM outcomes")) + str(store.ledger.rows("SELECT * FROM origins"))
    assert "upload-" not in kept
    assert "/" not in kept


def test_a_new_version_of_a_file_replaces_the_old_one(client, store):
    send(client, "harbour.txt", STORY)
    reply = send(client, "harbour.txt", STORY + " It rained.")
    assert reply.json()["outcomes"][0]["result"] == "replaced"
    assert [article.text.endswith("It rained.") for article in store.articles()] == [True]


@pytest.mark.parametrize(("name", "result"), [("harbour.txt", "unchanged"), ("other.txt", "duplicate")])
def test_the_same_content_again_is_stored_once(client, store, name, result):
    send(client, "harbour.txt", STORY)
    told = send(client, name, STORY).json()["outcomes"][0]
    assert told["result"] == result
    assert len(store.articles()) == 1
    assert result == "unchanged" or told["line"] == "Here already: same content as 'harbour.txt'"


def test_a_copy_of_a_story_says_of_which(client):
    send(client, "harbour.txt", STORY)
    told = send(client, "copy.txt", STORY + "A line of its own.").json()["outcomes"][0]
    assert told["line"] == "Added: a copy of 'harbour.txt'"
    line = send(client, "tercera.txt", STORY + "Otra más.", lang="es").json()["outcomes"][0]["line"]
    assert line.startswith("Añadido: copia de 'harbour.txt'")


def test_an_archive_adds_its_members_and_names_what_failed(client, store):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", text_of(1))
        archive.writestr("b.txt", text_of(2))
        archive.writestr("empty.txt", "")
        archive.writestr("../out.txt", text_of(3))
    reply = send(client, "news.zip", packed.getvalue()).json()
    assert reply["counts"] == {"added": 2, "failed": 2}
    assert {article.key for article in store.articles()} == {"upload:news.zip!a.txt", "upload:news.zip!b.txt"}
    assert {article.source for article in store.articles()} == {"a.txt", "b.txt"}
    assert [o["item"] for o in reply["outcomes"][:2]] == ["news.zip!../out.txt", "news.zip!empty.txt"]


def test_a_damaged_file_fails_in_one_line_without_internals(client, store):
    for name in ("broken.pdf", "broken.docx", "broken.zip"):
        told = send(client, name, b"%PDF-1.7 not one").json()["outcomes"][0]
        assert told["result"] == "failed"
        assert told["item"] == name
        for inside in ("Error", "Exception", "/", "\n", "upload-", "--"):
            assert inside not in told["line"], told
    assert not store.articles()


@pytest.mark.parametrize(
    ("name", "body", "status", "line"),
    [
        ("run.exe", b"x", 415, "Files like 'run.exe' are not read"),
        ("noending", b"x", 415, "Files like 'noending' are not read"),
        ("", b"x", 400, "no usable name"),
        ("..", b"x", 400, "no usable name"),
        ("x" * 5000 + ".txt", b"x", 400, "has 5004 characters; shorten it to 255"),
        ("empty.txt", b"", 400, "is empty (0 bytes)"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_one_line(client, store, name, body, status, line):
    reply = send(client, name, body)
    assert reply.status_code == status
    assert line in reply.json()["detail"]
    assert not store.articles()


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\news.txt", "news.txt"),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
        ("nul\x00l.txt", "null.txt"),
        ("evil\u202etxt.exe.txt", "eviltxt.exe.txt"),
        ("two\nlines\t.txt", "twolines.txt"),
        ("cafe\u0301.txt", "café.txt"),
    ],
)
def test_hostile_names_become_harmless(client, store, sent, name):
    assert send(client, sent, STORY).json()["counts"] == {"added": 1}
    (article,) = store.articles()
    assert (article.source, article.key) == (name, f"upload:{name}")
    page = client.get("/parts/articles").text
    assert "<img" not in page
    assert "\u202e" not in page


@given(st.text(max_size=40))
def test_a_cleaned_name_is_one_visible_component(sent):
    name = clean_name(f"{sent}x.txt", EN)
    assert name.isprintable() or all(letter.isprintable() or letter.isspace() for letter in name)
    assert not set("/\\\n\x00") & set(name)
    assert 0 < len(name) <= LONGEST_NAME
    assert clean_name(name, EN) == name


def test_a_file_over_the_limit_is_refused_before_and_while_it_comes(client, store, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 1000)
    stated = send(client, "large.txt", b"x" * 1001)

    def chunked():
        for _ in range(20):
            yield b"x" * 100

    streamed = client.post("/api/articles/files", params={"name": "large.txt"}, content=chunked())
    assert (stated.status_code, streamed.status_code) == (413, 413)
    assert stated.json() == {"detail": "The file is larger than 1000 bytes; send a smaller one, or split it."}
    assert not store.articles()


def test_no_file_is_left_behind(client, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sorted(tmp_path.iterdir())
    send(client, "harbour.txt", STORY)
    send(client, "broken.pdf", b"no pdf")
    assert sorted(tmp_path.iterdir()) == before


def test_what_breaks_in_the_middle_of_an_archive_loses_nothing_that_was_read_before(client, store, monkeypatch):
    def breaking(targets, _):
        yield Item(f"{targets[0]}!a.txt", "a.txt", STORY.encode())
        raise RuntimeError(f"an odd member of {targets[0]}")

    monkeypatch.setattr("index.uploads.items", breaking)
    reply = send(client, "news.zip", b"PK")
    assert reply.json()["counts"] == {"added": 1, "failed": 1}
    assert [article.key for article in store.articles()] == ["upload:news.zip!a.txt"]
    assert reply.json()["outcomes"][0]["item"] == "news.zip"
    assert "upload-" not in str(store.ledger.rows("SELECT * FROM outcomes"))


def test_a_model_that_cannot_run_is_told_without_internals(client, store):
    store.embedder.fails_at = 1
    reply = send(client, "harbour.txt", STORY)
    assert (reply.status_code, reply.json()["detail"]) == (503, EN("articles.refused_inside"))


def test_one_is_indexed_two_wait_and_a_fourth_is_asked_to_come_again(client, store, monkeypatch):
    placed, go = threading.Semaphore(0), threading.Event()
    embed, place = store.embedder.embed, uploads.Places.place

    def slowly(texts, *, query=False):
        assert go.wait(60)
        return embed(texts, query=query)

    @contextmanager
    def placing(self, words):
        with place(self, words):
            placed.release()
            yield

    monkeypatch.setattr(store.embedder, "embed", slowly)
    monkeypatch.setattr(uploads.Places, "place", placing)
    with ThreadPoolExecutor(3) as pool:
        sent = [pool.submit(send, client, f"{number}.txt", text_of(number)) for number in range(3)]
        # Each file takes two: one while it comes, one to be indexed or to wait for it.
        assert all(placed.acquire(timeout=60) for _ in range(2 * len(sent)))
        last = send(client, "4.txt", text_of(4))
        listed = client.get("/parts/articles")  # looking goes on while others add
        go.set()
        assert [future.result().json()["counts"] for future in sent] == [{"added": 1}] * 3
    assert (last.status_code, last.json()["detail"]) == (429, EN("articles.refused_busy"))
    assert listed.status_code == 200
    assert len(store.articles()) == 3


def test_two_users_who_send_at_once_both_get_their_article(client, store):
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda n: send(client, f"{n}.txt", text_of(n)).json(), range(2)))
    assert [reply["counts"] for reply in replies] == [{"added": 1}] * 2
    assert {article.source for article in store.articles()} == {"0.txt", "1.txt"}


# Addresses


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("http://127.0.0.1:9/news", "inside this machine or network, which is not fetched from here"),
        ("http://[::1]/", "inside this machine or network"),
        ("file:///etc/passwd", "is not a web address"),
        ("/etc/passwd", "is not a web address"),
        ("https://user:secret@example.org/", "holds a password"),
    ],
)
def test_an_address_that_must_not_be_fetched_fails(client, store, url, line):
    (told,) = client.post("/api/articles/address", json={"url": url}).json()["outcomes"]
    assert told["result"] == "failed"
    assert line in told["line"]
    assert "--allow-private" not in told["line"]
    assert not store.articles()


@pytest.mark.parametrize(
    "body", [{"url": "https://x/" + "y" * 2000}, {"url": "https://x/\x00"}, {"url": "https://x y/"}]
)
def test_an_address_that_is_none_is_refused(client, body):
    assert client.post("/api/articles/address", json=body).status_code == 400


def test_an_address_is_fetched_and_indexed(client, store, monkeypatch):
    def fetched(url, options):
        assert not options.allow_private
        yield Item(url, url, f"<html><body><p>{STORY}</p></body></html>".encode(), url, "text/html")

    monkeypatch.setattr("index.fetch.fetch", fetched)
    reply = client.post("/api/articles/address", json={"url": " https://example.org/harbour "})
    assert reply.json()["counts"] == {"added": 1}
    assert [article.url for article in store.articles()] == ["https://example.org/harbour"]


def test_reasons_are_told_without_the_command_line_or_internals():
    said = plain("unpacks to over 50.0 MiB, the limit: raise it with --max-size", EN)
    assert said == "unpacks to over 50.0 MiB, the limit: send a smaller one"
    said = plain("cannot be read, it is damaged (KeyError 'a (b)'): open it and save it anew", EN)
    assert said == "cannot be read, it is damaged: open it and save it anew"


# Removing, restoring, reading


def test_an_article_is_removed_and_restored(client, store):
    article = make(STORY, title="Harbour opens")
    put(store, article)
    assert client.delete(f"/api/articles/{article.id}").json() == {"removed": article.id}
    assert not store.articles()
    assert client.post(f"/api/articles/{article.id}/restore").json() == {"restored": article.id}
    assert ids(store) == {article.id}


def test_what_is_not_there_is_neither_removed_nor_restored(client, store):
    article = make(STORY)
    put(store, article)
    gone = client.delete("/api/articles/0123456789abcdef")
    there = client.post(f"/api/articles/{article.id}/restore")
    assert (gone.status_code, there.status_code) == (404, 404)
    for reply in (gone, there):
        assert str(store.path) not in reply.text
        assert "\n" not in reply.json()["detail"]


def test_an_article_whose_place_was_taken_is_not_put_back(client, store):
    send(client, "harbour.txt", STORY)
    (old,) = ids(store)
    client.delete(f"/api/articles/{old}")
    send(client, "harbour.txt", text_of(1))
    reply = client.post(f"/api/articles/{old}/restore")
    assert (reply.status_code, reply.json()["detail"]) == (409, EN("articles.not_restored"))
    assert old not in ids(store)


def test_a_store_that_fails_is_told_without_its_path(client, store, monkeypatch):
    article = make(STORY)
    put(store, article)

    def full(_):
        raise StoreError(f"{store.path}: disk full")

    monkeypatch.setattr(store, "remove", full)
    reply = client.delete(f"/api/articles/{article.id}")
    assert (reply.status_code, reply.json()["detail"]) == (503, EN("articles.not_done"))


@pytest.mark.parametrize("failure", [StoreError, ModelError])
def test_what_the_server_cannot_do_is_no_refusal_of_putting_back(client, store, monkeypatch, failure):
    article = make(STORY)
    put(store, article)
    store.remove(article.id)

    def locked(*_):
        raise failure(f"{store.path}: database is locked")

    monkeypatch.setattr(store, "restore", locked)
    reply = client.post(f"/api/articles/{article.id}/restore")
    assert (reply.status_code, reply.json()["detail"]) == (503, EN("articles.not_done"))


def test_a_text_that_cannot_be_read_is_not_called_missing(client, store, monkeypatch):
    def locked(_):
        raise StoreError(f"{store.path}: database is locked", public="not now")

    monkeypatch.setattr(store, "article", locked)
    reply = client.get("/api/articles/0123456789abcdef/text")
    assert (reply.status_code, reply.json()["detail"]) == (503, "not now")


@pytest.mark.parametrize(
    ("title", "name"), [("Él abrió: “A/B” ../x\r\n;", "El-abrio-A-B-x-{}.txt"), ("שלום", "{}.txt"), (None, "{}.txt")]
)
def test_the_text_is_downloaded_as_stored_in_a_file_of_a_safe_name(client, store, title, name):
    article = make("Ñandú “quoted” שלום\n" + STORY, title=title)
    put(store, article)
    reply = client.get(f"/api/articles/{article.id}/text")
    assert reply.content.decode("utf-8") == article.text
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["content-disposition"] == f'attachment; filename="{name.format(article.id)}"'
    assert client.get("/api/articles/nothing/text").status_code == 404


# Roles


def test_who_may_only_ask_sees_the_list_and_changes_nothing(asking, store):
    article = make(STORY, title="Harbour opens")
    put(store, article)
    page = asking.get("/parts/articles").text
    assert "Harbour opens" in page
    for shown in ('class="sb-add"', "data-remove", "data-tick", "sb-drop"):
        assert shown not in page
    replies = [
        send(asking, "a.txt", STORY + "x"),
        asking.post("/api/articles/address", json={"url": "https://example.org/"}),
        asking.delete(f"/api/articles/{article.id}"),
        asking.post(f"/api/articles/{article.id}/restore"),
    ]
    assert [reply.status_code for reply in replies] == [403] * 4
    assert ids(store) == {article.id}


# The list


def fill(store, count=120):
    put(
        store,
        *(
            make(text_of(n), title=f"Title {n:03}", outlet=OUTLETS[n % 3], published=date(2026, 1 + n % 12, 1 + n % 28))
            for n in range(count)
        ),
    )


def test_pages_say_where_they_are_and_lead_on(client, store):
    fill(store)
    first, last = client.get("/parts/articles").text, client.get("/parts/articles?page=3").text
    assert "120 articles found, 1–50 shown" in first
    assert "Page 1 of 3" in first
    assert 'id="sb-page-next" data-page="2"' in first
    assert 'id="sb-page-previous" aria-disabled="true"' in first
    assert "Page 3 of 3" in last
    assert last.count("<tr role") == 21
    assert 'id="sb-page-next" aria-disabled="true"' in last


def test_a_page_that_is_gone_shows_the_last_one(client, store):
    fill(store, 51)
    assert "Page 2 of 2" in client.get("/parts/articles?page=7").text


def test_search_filters_and_order_come_from_the_query_string(client, store):
    fill(store, 12)
    found = client.get("/parts/articles", params={"q": "word7x3", "outlet": "El Faro"}).text
    assert "1 article found" in found
    assert "Title 007" in found
    assert 'value="word7x3"' in found
    assert '<option value="El Faro" selected>' in found
    assert "No article matches" in client.get("/parts/articles?q=nowhere").text
    assert "3 articles found" in client.get("/parts/articles?since=2026-02-01&until=2026-04-30").text
    up = client.get("/parts/articles?sort=title&down=0").text
    assert up.index("Title 000") < up.index("Title 011")
    assert 'aria-sort="ascending" class="sb-title"' in up


@pytest.mark.parametrize(
    "query", ["page=x", "page=0", "page=999999999999", "sort=drop", "since=never", "seen=x", "only=y"]
)
def test_a_query_that_makes_no_sense_still_lists(client, store, query):
    fill(store, 2)
    assert "2 articles found" in client.get(f"/parts/articles?{query}").text


@pytest.mark.parametrize("seen", ["9999-12-31T23:00:00-12:00", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("only", ["", "changed"])
def test_a_visit_at_the_edge_of_time_still_lists(client, store, seen, only):
    fill(store, 2)
    reply = client.get("/parts/articles", params={"seen": seen, "only": only})
    assert (reply.status_code, "2 articles found" in reply.text) == (200, True)


def test_copies_stand_under_their_first_one(client, store):
    told = [make(STORY + f"Ending {n}.", title=f"Copy {n}", published=date(2026, 5, n)) for n in (1, 2, 3)]
    put(store, *told)
    page = client.get("/parts/articles").text
    assert page.count('data-row="') == 1
    assert ">2 copies<" in page
    head = store.story(told[0].id)
    rows = client.get(f"/parts/articles/story/{head}", params={"but": told[2].id}).text
    assert rows.count('data-row="') == 2
    assert "Copy 3" not in rows
    assert "3 articles found" in client.get("/parts/articles?only=copies").text


def test_a_story_that_reaches_over_pages_stands_on_one_of_them(client, store):
    ends = [
        make(STORY + f"Ending {n}.", title=f"Copy {n}", published=date(year, 1, 1))
        for n, year in ((1, 1990), (2, 2030))
    ]
    fill(store, 60)
    put(store, *ends)
    pages = [client.get(f"/parts/articles?page={page}").text for page in (1, 2)]
    assert ["Copy 1" in page for page in pages] == [False, True]
    assert "Copy 2" not in pages[0] + pages[1]
    assert all("62 articles found" in page for page in pages)
    # Who filters, or looks for what came last, sees each article where it belongs.
    assert "Copy 2" in client.get("/parts/articles?since=2020-01-01").text
    assert "Copy 2" in client.get("/parts/articles?sort=added").text


def test_what_changed_since_the_last_visit_is_counted_and_listed(client, store):
    send(client, "kept.txt", text_of(1))
    send(client, "gone.txt", text_of(2))
    gone = next(article for article in store.articles() if article.source == "gone.txt")
    client.delete(f"/api/articles/{gone.id}")
    seen = {"seen": "2026-01-02T03:04:05+00:00"}
    page = client.get("/parts/articles", params=seen).text
    assert "Since 2 Jan 2026: 2 added, 1 removed" in page
    assert page.count('<li class="sb-') == 3
    assert "1 article found" in client.get("/parts/articles", params={**seen, "only": "changed"}).text
    assert "Since" not in client.get("/parts/articles", params={"seen": "2999-01-01T00:00:00+00:00"}).text
    assert "Since" not in client.get("/parts/articles").text


def test_an_empty_corpus_says_what_to_do(client, asking):
    assert EN("articles.empty_curator") in client.get("/parts/articles").text
    assert EN("articles.empty_reader") in asking.get("/parts/articles").text


def test_everything_that_comes_from_an_article_is_escaped(client, store):
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    put(store, *(make(STORY + f"{n} {evil}", title=evil, outlet=evil, published=date(2026, 5, n)) for n in (1, 2)))
    pages = [client.get("/parts/articles", params={"q": evil, "outlet": evil, "seen": "2026-01-01T00:00:00Z"}).text]
    pages += [client.get("/parts/articles").text, client.get(f"/parts/articles/story/{store.articles()[0].id}").text]
    for page in pages:
        assert "<script" not in page
        assert "<img" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tab_speaks_each_language(client, store, language):
    fill(store, 2)
    words = Words(language)
    page = client.get(f"/parts/articles?lang={language}").text
    for name in ("search", "heading", "add", "characters", "remove"):
        assert words(f"articles.{name}") in page
    assert words("articles.gone") in render_placeholder(words)


# In a browser, as a reader uses it


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> Iterator[tuple[object, str]]:
    """A store of 60 articles and the address of a page with nothing but the tab."""
    with open_store(tmp_path_factory.mktemp("shown") / "store", TinyEmbedder()) as opened:
        fill(opened, 60)
        with serving(Persons(tab(opened))) as address:
            yield opened, address


@pytest.fixture
def visit(shown, chromium):  # noqa: F811
    with visiting(shown[1], chromium, ready="#sb-articles-results") as opened:
        yield opened


def titles(page) -> list[str]:
    return page.locator(".sb-list .sb-headline").all_inner_texts()


@pytest.mark.browser
def test_typing_searches_and_keeps_the_focus_and_a_reload_of_the_part_keeps_the_search(visit):
    page = visit()
    page.locator("#sb-search").press_sequentially("word7x3")
    page.wait_for_function("document.querySelectorAll('.sb-list tbody tr').length === 1")
    assert titles(page) == ["Title 007"]
    assert page.evaluate("document.activeElement.id") == "sb-search"
    assert page.inner_text("#sb-articles-said") == "1 article found"
    assert "q=word7x3" in page.get_attribute("#sb-articles", "data-part")
    page.fill("#sb-search", "nowhere")
    page.click("[data-do=clear]")
    page.wait_for_function("document.querySelectorAll('.sb-list tbody tr').length === 50")
    assert "q=" not in page.get_attribute("#sb-articles", "data-part")


@pytest.mark.browser
def test_the_keyboard_sorts_and_turns_pages_without_losing_its_place(visit):
    page = visit()
    for first in ("Title 000", "Title 059"):
        page.focus("#sb-sort-title")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "first => document.querySelector('.sb-list .sb-headline').innerText === first", arg=first
        )
        assert page.evaluate("document.activeElement.id") == "sb-sort-title"
    assert page.get_attribute(".sb-list th.sb-title", "aria-sort") == "descending"
    page.focus("#sb-page-next")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Page 2 of 2")
    assert page.evaluate("document.activeElement.id") == "sb-page-next"
    assert titles(page)[-1] == "Title 000"


@pytest.mark.browser
def test_files_are_sent_one_after_the_other_and_each_says_what_became_of_it(visit, shown):
    store, _ = shown
    page = visit()
    page.click(".sb-add summary")
    names = {"harbour.txt": STORY, "broken.pdf": "%PDF- no", "same.txt": STORY, "a.exe": "no"}
    files = [{"name": name, "mimeType": "text/plain", "buffer": body.encode()} for name, body in names.items()]
    page.set_input_files("#sb-files", files)
    page.wait_for_function("document.querySelectorAll('.sb-sent .sb-ended').length === 4")
    kinds = page.eval_on_selector_all(".sb-sent li", "rows => rows.map(row => row.className)")
    assert kinds == [f"sb-ended sb-{kind}" for kind in ("added", "failed", "duplicate", "refused")]
    page.wait_for_function("document.querySelector('#sb-articles-said').innerText.startsWith('Finished')")
    assert page.inner_text("#sb-articles-said") == "Finished: 1 added, 1 here already, 2 not added."
    assert page.inner_text("#sb-articles-size").startswith("61 articles")
    page.click(".sb-failed .sb-button >> nth=0")
    page.wait_for_function("document.querySelectorAll('.sb-sent .sb-ended').length === 4")
    page.click("[data-do=clear-sent]")
    assert page.locator(".sb-sent").is_hidden()
    (added,) = [article for article in store.articles() if article.source == "harbour.txt"]
    store.remove(added.id)


@pytest.mark.browser
def test_a_file_is_dropped_on_the_tab_and_progress_is_shown_while_it_is_read(visit, shown, monkeypatch):
    store, _ = shown
    go = threading.Event()
    embed = store.embedder.embed
    monkeypatch.setattr(store.embedder, "embed", lambda texts, query=False: go.wait(20) and embed(texts, query=query))
    page = visit()
    page.evaluate(
        """text => {
        const carried = new DataTransfer();
        carried.items.add(new File([text], "dropped.txt", { type: "text/plain" }));
        for (const name of ["dragover", "drop"]) {
            const event = new DragEvent(name, { dataTransfer: carried, bubbles: true, cancelable: true });
            document.querySelector("#sb-articles-results").dispatchEvent(event);
        }
    }""",
        text_of(8000),
    )
    page.wait_for_function("document.querySelector('.sb-sending .sb-state').innerText === 'Reading and indexing'")
    assert page.locator(".sb-sending progress").is_visible()
    go.set()
    page.wait_for_selector(".sb-sent .sb-added")
    store.remove(next(article.id for article in store.articles() if article.source == "dropped.txt"))


@pytest.mark.browser
def test_what_waits_or_is_on_its_way_can_be_cancelled(visit, shown):
    store, _ = shown
    before = len(store.articles())
    page = visit()
    held = []
    page.route("**/api/articles/files*", lambda route: held.append(route))  # the first file does not get through
    page.click(".sb-add summary")
    files = [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": text_of(n + 900).encode()} for n in range(3)]
    page.set_input_files("#sb-files", files)
    page.wait_for_function("document.querySelectorAll('.sb-sending').length === 3")
    stop = ".sb-sending:has-text('%d.txt') .sb-button"
    page.focus(stop % 1)
    page.keyboard.press("Enter")
    page.wait_for_selector(".sb-ended:has-text('1.txt') >> text=Cancelled: nothing was added")
    assert page.evaluate("document.activeElement.innerText.startsWith('1.txt')")
    assert len(held) == 1
    page.click(stop % 0)
    page.wait_for_selector(".sb-ended:has-text('0.txt') >> text=Stopped on its way")
    for _ in range(1000):
        if len(held) < 2:
            page.wait_for_timeout(20)
    held[1].continue_()
    page.wait_for_selector(".sb-added:has-text('2.txt')")  # the queue goes on
    assert page.locator(".sb-sent li .sb-button").count() == 0
    assert len(store.articles()) == before + 1
    store.remove(next(article.id for article in store.articles() if article.source == "2.txt"))


@pytest.mark.browser
def test_what_waits_for_a_busy_server_can_be_cancelled(visit, shown, monkeypatch):
    store, _ = shown
    before = len(store.articles())
    place = uploads.Places.place

    def full(self, words):
        if self._most == 1 + WAITING:
            raise HTTPException(429, "busy")
        return place(self, words)

    monkeypatch.setattr(uploads.Places, "place", full)
    page = visit()
    page.click(".sb-add summary")
    page.set_input_files("#sb-files", [{"name": "w.txt", "mimeType": "text/plain", "buffer": text_of(950).encode()}])
    page.wait_for_selector(".sb-sending >> text=Waiting: the server is busy with others")
    page.click(".sb-sending .sb-button")
    page.wait_for_selector(".sb-ended >> text=Cancelled: nothing was added")
    assert len(store.articles()) == before


@pytest.mark.browser
def test_a_type_that_is_not_read_is_not_offered_again(visit):
    page = visit()
    page.click(".sb-add summary")
    page.set_input_files("#sb-files", [{"name": "a.exe", "mimeType": "text/plain", "buffer": b"x"}])
    page.wait_for_selector(".sb-sent .sb-refused")
    assert page.locator(".sb-sent li .sb-button").count() == 0


@pytest.mark.browser
def test_a_removed_article_comes_back_with_undo_by_keyboard(visit, shown):
    store, _ = shown
    page = visit()
    before = len(store.articles())
    gone = page.locator(".sb-list .sb-headline").nth(30).inner_text()
    page.locator("[data-remove]").nth(30).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#sb-undo:focus")
    in_view(page, "#sb-undo")
    assert page.inner_text(".sb-toast [role=status]") == f"Removed “{gone}”. No later answer will use it."
    assert len(store.articles()) == before - 1
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Put back.")
    assert len(store.articles()) == before
    page.wait_for_function("title => document.activeElement.innerText === title", arg=gone)


@pytest.mark.browser
def test_several_rows_are_chosen_and_removed_together(visit, shown):
    store, _ = shown
    page = visit()
    before = len(store.articles())
    page.locator("[data-tick]").nth(0).check()
    page.click("#sb-page-next")
    page.wait_for_selector("text=Page 2 of 2")
    page.locator("[data-tick]").nth(1).check()
    assert page.inner_text(".sb-chosen span") == "2 selected"
    page.click("[data-do=remove-chosen]")
    page.wait_for_selector("text=Removed 2 articles.")
    assert len(store.articles()) == before - 2
    page.click("#sb-undo")
    page.wait_for_selector("text=Put back.")
    assert len(store.articles()) == before


@pytest.mark.browser
def test_a_server_that_is_gone_is_said_and_asked_again(visit):
    page = visit()
    page.route("**/parts/**", lambda route: route.abort())
    page.click("#sb-sort-title")
    page.wait_for_selector(".sb-stale[role=alert]")
    page.unroute("**/parts/**")
    page.click(".sb-stale button")
    page.wait_for_selector(".sb-stale", state="detached")
    assert titles(page)[0] == "Title 000"


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (360, "dark")])
def test_the_tab_fits_and_has_no_serious_finding(visit, width, scheme):
    page = visit(width, 800, scheme)
    page.click(".sb-add summary")
    page.locator("[data-tick]").first.check()
    assert too_wide(page, "#sb-articles") == []
    assert scanned(page, "#sb-articles") == []


@pytest.mark.browser
def test_opening_an_article_is_announced_to_the_page(visit):
    page = visit()
    page.evaluate("document.addEventListener('sourcebound:open', event => { window.opened = event.detail.article; })")
    ident = page.get_attribute(".sb-list .sb-headline >> nth=0", "data-open")
    page.click(".sb-list .sb-headline >> nth=0")
    assert page.evaluate("window.opened") == ident

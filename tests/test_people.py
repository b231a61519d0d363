"""Who is at the page: without sign-in, by password, behind a proxy; the pages of it; what a hostile user tries."""

# ruff: noqa: F811 - a fixture that is imported is also an argument
from __future__ import annotations

import asyncio
import logging
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urljoin, urlsplit

import browsing
import httpx
import pytest
from browsing import chromium  # noqa: F401 - a fixture
from fastapi import Depends, FastAPI, Request
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from signing import RIGHT, _cheap, app_of, basic, client, client_of, open_people, sign_in, users  # noqa: F401 - fixtures among them
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from index.errors import SettingsError
from ui.guard import Guard
from ui.people import NOBODY, Options, Person, curator, passwords, person_of, who_part
from ui.people.options import SECRET as SECRET_NAME
from ui.people.pages import STATES, View, sign_in_page
from ui.people.routes import local_target
from ui.people.sessions import Sessions
from ui.words import LANGUAGES, Words

PAGE = {"accept": "text/html"}


# Sign-in off


def test_on_loopback_without_sign_in_everybody_may_curate():
    client = client_of(Options())
    assert client.get("/").json() == {"name": None, "key": None, "curates": True}
    assert client.post("/api/remove").status_code == 200


@pytest.mark.parametrize(
    ("options", "host", "headers"),
    [
        (Options(), "0.0.0.0", {}),  # noqa: S104
        (Options(curate="nobody"), "127.0.0.1", {}),
        (Options(), "127.0.0.1", {"x-forwarded-for": "203.0.113.9"}),
    ],
    ids=["another address", "not wanted", "handed on by a proxy"],
)
def test_without_sign_in_others_may_only_ask(options, host, headers):
    refused = client_of(options, host).post("/api/remove", headers=headers)
    assert refused.status_code == 403
    assert "role 'curate' is needed" in refused.text
    assert client_of(options, host).get("/", headers=headers).json()["curates"] is False


def test_everybody_may_curate_on_any_address_when_that_is_said():
    assert client_of(Options(curate="anyone"), "0.0.0.0").post("/api/remove").status_code == 200  # noqa: S104


def test_behind_no_guard_nobody_may_do_anything():
    app = FastAPI()
    app.post("/x", dependencies=[Depends(curator)])(lambda: "done")
    assert TestClient(app).post("/x").status_code == 403
    assert not NOBODY.roles


# Options


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"header": "X-User", "issuer": "https://id.example.org", "client": "c"}, "in one way only"),
        ({"issuer": "http://id.example.org", "client": "c"}, "give an https:// address"),
        ({"issuer": "https://id.example.org"}, "belong together"),
        ({"header": "X User:"}, "not the name of a header"),
        ({"groups": "X-Groups"}, "says nothing without"),
        ({"header": "X-User", "proxies": ("10.0.0.300",)}, "not an address or a network"),
        ({"curate": "all"}, "choose one of local, anyone, nobody"),
        ({"address": "https://example.org/path"}, "without a path"),
    ],
)
def test_options_that_cannot_be_used_are_one_line(values, line):
    with pytest.raises(SettingsError, match=line) as error:
        Options(**values)
    assert "\n" not in str(error.value)


def test_the_secret_comes_from_the_environment_and_is_never_shown(monkeypatch):
    monkeypatch.setenv(SECRET_NAME, "very secret")
    assert Options().secret == os.environ[SECRET_NAME]
    assert "very secret" not in repr(Options())


# Signing in with a password


def test_a_page_leads_to_the_sign_in_and_back(client):
    asked = client.get("/?q=1&lang=es", headers=PAGE)
    assert asked.status_code == 303
    where = urlsplit(asked.headers["location"])
    assert where.path == "/sign-in"
    assert parse_qs(where.query) == {"next": ["/?q=1&lang=es"], "lang": ["es"]}
    shown = client.get(asked.headers["location"])
    assert 'value="/?q=1&amp;lang=es"' in shown.text
    assert '<html lang="es">' in shown.text
    done = sign_in(client, target="/?q=1&lang=es")
    assert (done.status_code, done.headers["location"]) == (303, "/?q=1&lang=es")
    assert client.get("/").json() == {"name": "Ana", "key": "Ana", "curates": True}
    assert client.get("/sign-in?next=/a").headers["location"] == "/a"


@pytest.mark.parametrize("path", ["/api/who", "/gradio_api/queue/data", "/config", "/ui/page.js", "/nowhere", "/api/"])
def test_everything_else_is_one_line_for_whoever_is_not_signed_in(client, path):
    refused = client.get(path)
    assert refused.status_code == 401
    assert list(refused.json()) == ["error"]
    assert refused.headers["cache-control"] == "no-store"


def test_an_api_call_is_not_redirected_even_from_a_browser(client):
    assert client.get("/api/who", headers=PAGE).status_code == 401
    assert client.post("/", headers=PAGE).status_code == 401


@pytest.mark.parametrize("path", ["/api/health", "/sign-in", "/ui/look.css"])
def test_what_the_sign_in_page_needs_is_open(client, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/sign-in/x", "/api/health/x", "/ui/look.css/..", "/ui/fonts/../page.js", "//sign-in"]
)
def test_nothing_near_what_is_open_is_open(client, path):
    assert client.get(path).status_code == 401


def test_the_line_does_not_say_which_part_was_wrong(client):
    shown = [sign_in(client, *pair) for pair in (("Ana", "wrong wrong"), ("nobody", "wrong wrong"), ("", ""))]
    assert [page.status_code for page in shown] == [403] * 3
    assert len({re.sub(r'value="\w*"| autofocus', "", page.text) for page in shown}) == 1
    assert "Name or password is wrong" in shown[0].text
    assert "wrong wrong" not in shown[0].text
    assert all("set-cookie" not in page.headers for page in shown)


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"name=Ana&password=%00", b"&" * 500, b"name=Ana&password=" + b"x" * 60_000, b"name=%ff"]
)
def test_forms_that_are_none_are_wrong_passwords(client, body):
    assert client.post("/sign-in", content=body).status_code == 403


def test_roles_hold_for_each_user(client):
    sign_in(client, "Ben")
    refused = client.post("/api/remove")
    assert refused.status_code == 403
    assert "'Ben' may ask" in refused.text
    sign_in(client, "Ana")
    assert client.post("/api/remove").json() == "Ana"


def test_a_user_of_the_curators_list_may_curate(users):
    client = client_of(Options(users=users, curators=("Ben",)))
    sign_in(client, "Ben")
    assert client.post("/api/remove").status_code == 200


def test_signing_out_ends_the_session_for_good(client):
    sign_in(client)
    kept = dict(client.cookies)
    left = client.post("/sign-out?lang=es")
    assert left.headers["location"] == "/sign-in?why=out&lang=es&next=%2Fes%2F"
    assert not client.cookies
    client.cookies.update(kept)
    assert client.get("/api/who").status_code == 401
    assert "Ha cerrado la sesión" in client.get(left.headers["location"]).text


def test_signing_out_needs_a_form_of_this_server(client):
    sign_in(client)
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out", headers={"sec-fetch-site": "same-site"}).status_code == 403
    assert sign_in(client, **{"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.get("/api/who").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client, users):
    plain = sign_in(client).headers["set-cookie"]
    assert re.fullmatch(r"sourcebound-80=[\w-]{43}; Max-Age=43200; Path=/; HttpOnly; SameSite=Lax", plain)
    for options, base in (
        (Options(users=users), "https://testserver"),
        (Options(users=users, address="https://news.example.org"), "http://testserver"),
    ):
        cookie = sign_in(client_of(options, base_url=base)).headers["set-cookie"]
        assert re.fullmatch(r"__Host-sourcebound=[\w-]{43}; Max-Age=43200; .*; SameSite=Lax; Secure", cookie)


def test_what_is_one_persons_stays_out_of_caches(client):
    sign_in(client)
    assert client.get("/api/who").headers["cache-control"] == "no-store"
    assert "cache-control" not in client.get("/ui/page.js").headers


def test_a_planted_cookie_does_not_become_a_session(client):
    given = sign_in(client, cookie=f"sourcebound-80={'A' * 43}").headers["set-cookie"]
    assert "A" * 43 not in given
    other = TestClient(client.app, cookies={"sourcebound-80": "A" * 43})
    assert other.get("/api/who").status_code == 401


def test_signing_in_again_ends_the_session_before(client):
    sign_in(client)
    before = dict(client.cookies)
    sign_in(client, "Ben")
    assert TestClient(client.app, cookies=before).get("/api/who").status_code == 401


def test_a_cookie_of_another_server_opens_nothing(client, users):
    other = client_of(Options(users=users))
    sign_in(other)
    client.cookies.update(dict(other.cookies))
    asked = client.get("/", headers=PAGE)
    assert "why=expired" in asked.headers["location"]
    assert "Your session has ended" in client.get(asked.headers["location"]).text


def test_a_removed_user_and_a_changed_password_end_sessions(client, users):
    sign_in(client, "Ana")
    other = TestClient(client.app)
    sign_in(other, "Ben")
    passwords.set_password(users, "Ana", "curate", "another one")
    passwords.remove_user(users, "Ben")
    assert [each.get("/api/who").status_code for each in (client, other)] == [401, 401]


def test_a_role_taken_away_is_gone_with_the_next_request(client, users):
    sign_in(client, "Ana")
    users.write_text(users.read_text().replace("curate", "ask"))
    assert client.post("/api/remove").status_code == 403


def test_two_people_at_once_stay_apart(users):
    app = app_of(open_people(Options(users=users), "127.0.0.1"))
    with browsing.serving(app) as url, httpx.Client(base_url=url) as ana, httpx.Client(base_url=url) as ben:
        for one, name in ((ana, "Ana"), (ben, "Ben")):
            assert one.post("/sign-in", data={"name": name, "password": RIGHT}).status_code == 303
        ask = [(one, name) for one, name in ((ana, "Ana"), (ben, "Ben")) for _ in range(40)]
        with ThreadPoolExecutor(8) as pool:
            said = list(pool.map(lambda pair: (pair[0].get("/api/who").json()["name"], pair[1]), ask))
    assert all(got == name for got, name in said)


@given(st.text(max_size=50), st.integers(0, 43), st.integers(0, 43))
def test_no_altered_cookie_opens_anything(text, start, end):
    sessions = Sessions()
    token = sessions.begin("Ana", "proof")
    for altered in (text, token[:start] + text + token[end:], token[:start], token.swapcase(), token + text):
        assert (sessions.find(altered) is None) == (altered != token)
    sessions.close()


# Where it goes on to


@pytest.mark.parametrize(
    "target",
    [
        *(
            "//evil.example",
            "///evil.example",
            " //evil.example",
            "https://evil.example",
            "http:///evil.example",
            "//[x",
        ),
        *("/\\evil.example", "/\\/evil.example", "\\\\evil.example", "javascript:alert(1)", "evil", ""),
        *("/\t/evil.example", "/\n/evil.example", "/a\r\nSet-Cookie: x=1", "/\0", "/é", "/" + "a" * 2000),
        *("/sign-out", "/api/remove"),
    ],
)
def test_a_target_that_could_lead_elsewhere_is_the_start_page(client, target):
    assert local_target(target) == "/"
    assert sign_in(client, target=target).headers["location"] == "/"


@given(st.one_of(st.text(), st.text(alphabet="/\\:@.?#%\t\nev ", max_size=12), st.from_regex(r"[/\\]{1,3}[ -~]*")))
def test_no_target_leaves_this_server(text):
    found = local_target(text)
    seen = re.sub(r"[\t\r\n]", "", found).replace("\\", "/").strip()  # as a browser reads it
    assert seen == found
    assert seen.startswith("/")
    assert not seen.startswith("//")
    assert urlsplit(urljoin("https://here.example/sign-in", seen)).netloc == "here.example"


@given(st.from_regex(r"/[a-z]{0,9}(\?[a-z]=[a-z0-9%]{0,9}){0,1}(#[a-z]{0,3})?", fullmatch=True))
def test_a_plain_path_is_kept(path):
    assert local_target(path) == path


# A proxy


PROXY = Options(header="X-Remote-User", groups="X-Groups", curators=("eva", "@editors"))


def test_the_proxys_header_says_who_it_is():
    client = client_of(PROXY)
    assert client.get("/", headers={"x-remote-user": "ana"}).json() == {"name": "ana", "key": "ana", "curates": False}
    assert client.get("/", headers={"X-Remote-User": "eva"}).json()["curates"] is True
    grouped = {"x-remote-user": "ana", "x-groups": "readers, editors"}
    assert client.get("/", headers=grouped).json()["curates"] is True
    assert client.get("/", headers={"x-remote-user": "Mar\u00eda".encode()}).json()["name"] == "María"


@pytest.mark.parametrize("header", ["X-Remote-User", "x-remote-user", "X-Groups"])
@pytest.mark.parametrize("path", ["/", "/api/who", "/api/health", "/sign-in"])
def test_the_header_from_elsewhere_is_refused(header, path):
    client = client_of(PROXY, address="192.0.2.7")
    forged = client.get(path, headers={header: "eva", "x-forwarded-for": "127.0.0.1"})
    assert forged.status_code == 403
    assert "not believed from your address" in forged.json()["error"]


def test_without_the_header_nobody_gets_in():
    for address in ("127.0.0.1", "192.0.2.7", "testclient"):
        client = client_of(PROXY, address=address)
        assert client.get("/api/who").status_code == 401
        assert client.get("/api/health").status_code == 200
        shown = client.get(client.get("/", headers=PAGE).headers["location"])
        assert shown.status_code == 401
        assert "Sign in there" in shown.text
        assert "<form" not in shown.text


@pytest.mark.parametrize("values", [["ana", "eva"], [""], ["  "], ["x" * 201], ["a\tb"], [b"\xff"], [b"\xc3("]])
def test_a_header_that_names_no_single_person_is_nobody(values):
    headers = [(b"x-remote-user", value if isinstance(value, bytes) else value.encode()) for value in values]
    scope = {"type": "http", "path": "/", "headers": headers, "client": ("127.0.0.1", 5000)}
    assert asyncio.run(open_people(PROXY, "127.0.0.1").find(HTTPConnection(scope))).person is None


def test_proxies_are_addresses_and_networks():
    options = Options(header="X-User", proxies=("10.1.0.0/16", "2001:db8::1"))
    trusted = ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8:0::1"]
    assert all(options.trusts(address) for address in trusted)
    assert not any(options.trusts(address) for address in ("10.2.0.1", "127.0.0.1", "", "x", "2001:db8::2"))


def test_passwords_and_cookies_open_nothing_behind_a_proxy():
    client = client_of(PROXY)
    assert sign_in(client).headers["location"] == "/sign-in"
    assert client.get("/api/who", headers=basic("Ana", RIGHT)).status_code == 401


# The pages


@pytest.mark.parametrize("state", ["", *STATES])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_state_of_the_page_has_its_words_and_no_script(state, language):
    page = sign_in_page(
        View(state=state, provider="id.example.org" if state == "down" else "", wait=8), Words(language)
    )
    assert f'<html lang="{language}">' in page
    assert ('id="sb-notice"' in page) == bool(state)
    assert "<script" not in page
    assert " style=" not in page
    assert "{" not in page
    assert page.count("<h1>") == 1
    assert re.findall(r"https?://", page) == []


def test_the_form_is_labelled_and_what_went_wrong_belongs_to_its_fields():
    page = sign_in_page(View(state="wrong", name="Ana"), Words("en"))
    for field in ("sb-name", "sb-password"):
        assert f'<label for="{field}">' in page
        assert re.search(rf'<input id="{field}"[^>]*aria-describedby="sb-notice" aria-invalid="true"', page)
    assert 'autocomplete="username"' in page
    assert re.search(r'autocomplete="current-password"[^>]* autofocus>', page)
    assert "<title>Error: Sign in" in page


@given(st.text(), st.text(), st.text())
def test_nothing_typed_becomes_markup(target, name, host):
    for view in (View(target, "wrong", name), View(target, "down", provider=host + "<b>")):
        page = sign_in_page(view, Words("en"))
        body = page.partition("<body")[2]
        tags = set(re.findall(r"<(\w+)", body))
        assert tags <= {"main", "p", "h1", "form", "input", "label", "button", "footer", "a", "strong"}
    shown = who_part(Person(name + "<b>", frozenset({"ask"}), may_leave=True), Words("en"))
    assert set(re.findall(r"<(\w+)", shown)) == {"div", "span", "bdi", "form", "button"}


def test_the_header_shows_who_is_signed_in():
    assert who_part(NOBODY, Words("en")) == ""
    curates = who_part(Person("Ana", frozenset({"ask", "curate"}), may_leave=True), Words("es"))
    assert "puede preguntar y cambiar artículos" in curates
    assert '<form method="post" action="/sign-out?lang=es">' in curates
    assert "<form" not in who_part(Person("Ana", frozenset({"ask"})), Words("en"))


@pytest.mark.parametrize(("header", "language"), [("es-AR,en;q=0.8", "es"), ("fr, es;q=0.5", "es"), ("fr", "en")])
def test_the_page_speaks_the_browsers_language(client, header, language):
    assert f'<html lang="{language}">' in client.get("/sign-in", headers={"accept-language": header}).text


def test_the_page_speaks_the_language_of_the_page_it_leads_to(client):
    asked = client.get("/es/?q=1", headers={**PAGE, "accept-language": "en"}).headers["location"]
    shown = client.get(asked, headers={"accept-language": "en"}).text
    assert '<html lang="es">' in shown
    assert 'href="/sign-in?lang=en&amp;next=%2Fes%2F%3Fq%3D1"' in shown
    assert 'href="/sign-in?lang=en&amp;next=%2F"' in client.get("/sign-in?next=/es/").text
    assert '<html lang="en">' in client.get("/sign-in?next=/escape").text


def test_a_websocket_without_a_person_is_closed(users):
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    guard = open_people(Options(users=users), "127.0.0.1").guard(None)
    scope = {
        "type": "websocket",
        "path": "/ws",
        "headers": [],
        "query_string": b"",
        "scheme": "ws",
        "server": ("x", 80),
    }
    asyncio.run(guard(scope, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_importing_what_others_use_loads_no_provider():
    import subprocess
    import sys

    code = "import ui.people, sys; assert not {'joserfc', 'gradio'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("line", ["Sign in first", "sign in first"])
def test_lines_of_the_log_hold_no_password(client, caplog, line):
    caplog.set_level(logging.DEBUG)
    sign_in(client, "Ana", line * 3)
    assert line * 3 not in caplog.text
    assert "wrong name or password from 127.0.0.1" in caplog.text
    assert threading.active_count() < 100


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_a_person_signs_in_and_out_in_a_browser(users, chromium, width, scheme):
    app = FastAPI()
    head = '<!doctype html><html lang="en"><title>Page</title><meta name="referrer" content="same-origin">'
    head += (
        '<link rel="stylesheet" href="/ui/look.css"><link rel="stylesheet" href="/ui/people.css"><main><h1>Page</h1>'
    )
    people = open_people(Options(users=users), "127.0.0.1")

    @app.get("/")
    def page(request: Request):
        return HTMLResponse(head + who_part(person_of(request), Words("en")))

    people.add_routes(app)
    app.mount("/ui", StaticFiles(packages=[("ui", "static")]))
    app.add_middleware(people.guard)
    with browsing.serving(Guard(app, "127.0.0.1")) as url, browsing.visiting(url, chromium, "#sb-name") as opened:
        page = opened(width, scheme=scheme, path="/?q=1")
        assert page.evaluate("document.activeElement.id") == "sb-name"
        assert browsing.scanned(page) == []
        page.keyboard.type("Ana")
        page.keyboard.press("Tab")
        page.keyboard.type("wrong wrong")
        page.keyboard.press("Enter")
        page.wait_for_selector(".sb-notice-bad")
        assert page.evaluate("document.activeElement.id") == "sb-password"
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert browsing.scanned(page) == []
        page.keyboard.type(RIGHT)
        page.keyboard.press("Enter")
        page.wait_for_selector(".sb-who")
        assert page.url == f"{url}/?q=1"
        assert browsing.scanned(page) == []
        page.click(".sb-who-out")
        page.wait_for_selector(".sb-notice-good")
        page.go_back()
        page.wait_for_selector("#sb-name")
        assert page.locator(".sb-who").count() == 0

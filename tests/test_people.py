"""Signing in by password file, provider and proxy, over real HTTP, and what a hostile user tries."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sqlite3
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import browsing
import httpx
import pytest
from browsing import chromium  # noqa: F401 - a fixture
from fastapi import Depends, FastAPI, Request
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from provider import CLIENT, SECRET, Provider
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from typer.testing import CliRunner

import ui.people
from index.errors import SettingsError
from rag.cli_users import app as commands
from ui.guard import Guard
from ui.people import NOBODY, Options, Person, curator, passwords, person_of, who_part
from ui.people.options import SECRET as SECRET_NAME
from ui.people.pages import STATES, View, sign_in_page
from ui.people.routes import local_target
from ui.people.sessions import IDLE_S, LONGEST_S, MOST_EACH, Sessions
from ui.people.throttle import MOST_KEPT, Throttle
from ui.words import LANGUAGES, Words

RIGHT = "correct horse"
MADE = []
NOBODYS_HASH = passwords._NOBODY
PAGE = {"accept": "text/html"}


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    """Hashes that cost a millisecond, and no file left open."""
    monkeypatch.setattr(passwords, "_COST", (1024, 1, 1))
    monkeypatch.setattr(passwords, "_NOBODY", passwords._hashed(b"x"))
    yield
    while MADE:
        MADE.pop().close()


def open_people(*args):
    MADE.append(ui.people.open_people(*args))
    return MADE[-1]


@pytest.fixture
def users(tmp_path):
    path = tmp_path / "users"
    passwords.set_password(path, "Ana", "curate", RIGHT)
    passwords.set_password(path, "Ben", "ask", RIGHT)
    return path


def app_of(people):
    app = FastAPI()

    @app.get("/")
    @app.get("/api/who")
    def who(request: Request):
        person = person_of(request)
        return {"name": person.name, "key": person.key, "curates": person.may_curate}

    @app.post("/api/remove")
    def remove(person: Person = Depends(curator)):  # noqa: B008 - how FastAPI asks for it
        return person.name

    for path in ("/api/health", "/ui/look.css", "/ui/page.js", "/gradio_api/queue/data", "/config"):
        app.get(path)(lambda: {"open": True})
    people.add_routes(app)
    app.add_middleware(people.guard)
    return app


def client_of(options, host="127.0.0.1", *, folder=None, base_url="http://testserver", address="127.0.0.1"):
    people = open_people(options, host, folder)
    return TestClient(app_of(people), base_url=base_url, follow_redirects=False, client=(address, 5000))


@pytest.fixture
def client(users):
    return client_of(Options(users=users))


def sign_in(client, name="Ana", password=RIGHT, target="/", **headers):
    fields = {"name": name, "password": password, "next": target}
    return client.post("/sign-in", data=fields, headers=headers)


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


# The password file


def test_a_password_opens_and_another_does_not(users):
    known = passwords.Passwords(users)
    assert known.check("Ana", RIGHT).role == "curate"
    assert known.check("ana ", RIGHT).name == "Ana"
    assert [known.check("Ana", text) for text in ("", RIGHT + " ", RIGHT.upper(), "\0", "x" * 5000)] == [None] * 5
    assert known.check("nobody", RIGHT) is None


def test_the_file_holds_no_password_and_is_its_owners_alone(users):
    assert RIGHT not in users.read_text()
    assert users.stat().st_mode & 0o777 == 0o600
    assert passwords.warning(users) is None
    users.chmod(0o644)
    assert "chmod 600" in passwords.warning(users)
    assert open_people(Options(users=users), "127.0.0.1").warnings == (passwords.warning(users),)


def test_a_file_opened_to_a_group_stays_so(users):
    users.chmod(0o640)
    passwords.set_password(users, "Eva", "ask", RIGHT)
    assert users.stat().st_mode & 0o777 == 0o640


def test_a_link_to_the_file_stays_a_link(users, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(users)
    assert passwords.set_password(link, "Eva", "ask", RIGHT)
    assert link.is_symlink()
    assert [user.name for user in passwords.users_of(users)] == ["Ana", "Ben", "Eva"]


def test_the_same_password_is_never_hashed_the_same_way(users):
    assert len({line.rpartition("$")[2] for line in users.read_text().splitlines()}) == 2


@pytest.mark.parametrize("name", ["", " Ana", "a:b", "a\nb", "#a", "a\0", "x" * 65])
def test_names_that_would_break_the_file_are_refused(users, name):
    before = users.read_text()
    with pytest.raises(SettingsError, match="cannot be a user's name"):
        passwords.set_password(users, name, "ask", RIGHT)
    assert users.read_text() == before


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_passwords_too_short_or_too_long_are_refused(users, password):
    with pytest.raises(SettingsError, match=f"has {len(password)} characters"):
        passwords.set_password(users, "Eva", "ask", password)


@pytest.mark.parametrize(
    "line",
    ["Eva", "Eva:boss:x", "Eva:ask:plain", "Eva:ask:scrypt$1073741824$8$1$AAAAAAAAAAAAAAAAAAAAAA==$" + "A" * 43, "Ana"],
)
def test_a_line_that_is_no_user_stops_the_start(users, line):
    copy = line == "Ana"
    users.write_text(users.read_text() + (users.read_text().splitlines()[0] if copy else line) + "\n")
    with pytest.raises(SettingsError, match=r"line 3 (is not name:role:hash|names 'Ana' a second time)"):
        passwords.Passwords(users)


def test_a_line_broken_while_the_server_runs_shuts_out_that_user_alone(users, caplog):
    known = passwords.Passwords(users)
    first, second = users.read_text().splitlines()
    users.write_text(f"{first}\n{second.replace('ask', 'boss')}\n")
    assert known.check("Ana", RIGHT)
    assert known.check("Ben", RIGHT) is None
    assert "line 2 is not name:role:hash" in caplog.text


def test_a_file_that_is_gone_lets_nobody_in(users, caplog):
    known = passwords.Passwords(users)
    assert known.check("Ana", RIGHT)
    users.unlink()
    assert known.check("Ana", RIGHT) is None
    assert "cannot be read" in caplog.text


def test_a_wrong_name_costs_as_much_as_a_wrong_password(users, monkeypatch):
    made = []
    real = passwords._scrypt
    monkeypatch.setattr(passwords, "_scrypt", lambda *args: made.append(args[2:]) or real(*args))
    known = passwords.Passwords(users)
    for name, password in (("Ana", "wrong wrong"), ("nobody", RIGHT), ("", ""), ("Ana", ""), ("Ana", "x" * 5000)):
        assert known.check(name, password) is None
    assert made == [(1024, 1, 1)] * 5


def test_the_real_cost_is_one_that_owasp_names():
    _, n, r, p, *_ = NOBODYS_HASH.split("$")
    assert (int(n), int(r), int(p)) == (32768, 8, 3)
    assert not passwords._matches(b"x", NOBODYS_HASH)


def test_users_are_added_changed_listed_and_removed_from_the_command_line(tmp_path):
    file = ["--file", str(tmp_path / "users")]
    runner = CliRunner()
    added = runner.invoke(commands, ["add", "Eva", "--role", "curate", *file], input=f"{RIGHT}\n")
    assert added.output == "added Eva (curate)\n"
    assert runner.invoke(commands, ["add", "eva", *file], input="another one\n").output == "changed eva (ask)\n"
    assert runner.invoke(commands, ["list", *file]).output == "eva  ask\n"
    assert runner.invoke(commands, ["remove", "Eva", *file]).output == "removed Eva\n"
    assert runner.invoke(commands, ["list", "--json", *file]).output == "[]\n"
    assert isinstance(runner.invoke(commands, ["remove", "Eva", *file]).exception, SettingsError)


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


# Sessions


def test_a_session_slides_while_it_is_used_and_ends_in_any_case():
    now = [0.0]
    sessions = Sessions(clock=lambda: now[0])
    token = sessions.begin("Ana", "p")
    assert not sessions.renew(token, sessions.find(token))
    for _ in range(2 * LONGEST_S // IDLE_S - 2):
        now[0] += IDLE_S / 2
        assert sessions.renew(token, sessions.find(token))
    now[0] = LONGEST_S - 1.0
    assert not sessions.renew(token, sessions.find(token))
    now[0] = float(LONGEST_S)
    assert sessions.find(token) is None
    unused = sessions.begin("Ana", "p")
    now[0] += IDLE_S
    assert sessions.find(unused) is None
    sessions.close()


def test_a_moved_end_moves_the_cookies_as_well(users):
    people = open_people(Options(users=users), "127.0.0.1")
    client = TestClient(app_of(people), follow_redirects=False)
    sign_in(client)
    assert "set-cookie" not in client.get("/api/who").headers
    people.sessions._clock = lambda: __import__("time").time() + 3600
    renewed = client.get("/api/who").headers["set-cookie"]
    assert renewed.startswith(f"sourcebound-80={client.cookies['sourcebound-80']}; Max-Age=43200;")
    people.sessions._clock = lambda: __import__("time").time() + 3600 + IDLE_S
    assert client.get("/", headers=PAGE).headers["location"].endswith("why=expired")


def test_a_restart_signs_nobody_out_and_the_file_opens_nothing(users, tmp_path):
    folder = tmp_path / "state"
    first = client_of(Options(users=users), folder=folder)
    sign_in(first)
    again = client_of(Options(users=users), folder=folder)
    again.cookies.update(dict(first.cookies))
    assert again.get("/api/who").status_code == 200
    assert (folder / "sessions.sqlite").stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(folder / "sessions.sqlite") as rows:
        assert first.cookies["sourcebound-80"] not in str(rows.execute("SELECT * FROM sessions").fetchall())
    rows.close()


def test_a_person_has_a_bounded_number_of_sessions():
    sessions = Sessions(clock=iter(range(10**6)).__next__)
    tokens = [sessions.begin("Ana", "p") for _ in range(MOST_EACH + 3)]
    other = sessions.begin("Ben", "p")
    assert [sessions.find(token) is None for token in tokens] == [True] * 3 + [False] * MOST_EACH
    assert sessions.find(other)
    sessions.close()


# Guessing


def test_each_further_guess_at_a_name_waits_longer():
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    waits = []
    for _ in range(14):
        while wait := throttle.begin("Ana", f"address {now[0]}"):
            waits.append(wait)
            now[0] += wait
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    now[0] += 3601
    assert throttle.begin("Ana", "x") == 0


def test_an_address_that_tries_ten_thousand_names_waits_and_costs_no_memory():
    throttle = Throttle(lambda: 0.0)
    judged = sum(throttle.begin(f"user {number}", "192.0.2.1") == 0 for number in range(10_000))
    assert judged == 20
    for number in range(10_000 + 50):
        throttle.begin(f"user {number}", f"198.51.{number // 200}.{number % 200}")
    assert len(throttle) <= 2 * MOST_KEPT
    assert throttle.begin("x" * 10**6, "192.0.2.2") == 0
    assert max(map(len, throttle._names.kept)) <= 100


def test_addresses_of_one_network_count_together():
    throttle = Throttle(lambda: 0.0)
    judged = sum(throttle.begin(f"user {number}", f"2001:db8::{number:x}") == 0 for number in range(100))
    assert judged == 20


def test_a_right_password_forgives_the_name_but_not_the_address():
    throttle = Throttle(lambda: 0.0)
    for number in range(19):
        throttle.begin(f"user {number}", "192.0.2.1")
    assert throttle.begin("Ana", "192.0.2.1") == 0
    throttle.right("Ana", "192.0.2.1")
    assert throttle.begin("Ben", "192.0.2.1") == 0
    assert throttle.begin("Eva", "192.0.2.1") > 0
    throttle = Throttle(lambda: 0.0)
    for _ in range(200):
        assert throttle.begin("Ana", "192.0.2.1") == 0
        throttle.right("Ana", "192.0.2.1")


def test_guesses_at_the_same_time_are_all_counted(users):
    people = open_people(Options(users=users), "127.0.0.1")

    async def guess():
        return await asyncio.gather(*(people.judged("Ana", f"guess {number}", "192.0.2.1") for number in range(30)))

    assert [bool(wait) for _, wait in asyncio.run(guess())] == [False] * 5 + [True] * 25


def test_another_way_to_type_a_name_is_no_further_free_guess(client):
    typed = ["Ana", "ana", "ANA ", "\uff21na", " a\uff4ea", "An\uff41"]
    assert [sign_in(client, name, "wrong wrong").status_code for name in typed] == [403] * 5 + [429]


def test_more_guesses_than_can_wait_are_turned_away_at_once(users):
    people = open_people(Options(users=users), "127.0.0.1")

    async def guess():
        tasks = (people.judged(f"user {number}", "wrong wrong", f"192.0.2.{number}") for number in range(100))
        return await asyncio.gather(*tasks)

    assert sum(wait for _, wait in asyncio.run(guess())) == 100 - 64


def test_who_guesses_is_told_to_wait_and_the_right_password_waits_too(client):
    for _ in range(5):
        assert sign_in(client, "Ana", "wrong wrong").status_code == 403
    slowed = sign_in(client, "Ana", RIGHT)
    assert slowed.status_code == 429
    assert slowed.headers["retry-after"] == "1"
    assert "Try again in 1 s." in slowed.text
    assert sign_in(client, "Ben", RIGHT).status_code == 303


# HTTP Basic, for programs


def basic(name, password):
    return {"authorization": "Basic " + b64encode(f"{name}:{password}".encode()).decode()}


def test_programs_use_the_api_with_name_and_password(client):
    assert client.get("/api/who", headers=basic("Ben", RIGHT)).json()["name"] == "Ben"
    assert client.post("/api/remove", headers=basic("Ana", RIGHT)).json() == "Ana"
    assert client.post("/api/remove", headers=basic("Ben", RIGHT)).status_code == 403
    assert "set-cookie" not in client.get("/api/who", headers=basic("Ben", RIGHT)).headers
    assert client.get("/config", headers=basic("Ana", RIGHT)).status_code == 401


@pytest.mark.parametrize(
    "value", ["Basic", "Basic !!!", "Basic /////w==", "Basic QW5h", "Bearer x", "", "Basic \u00e9"]
)
def test_other_authorizations_open_nothing(client, value):
    assert client.get("/api/who", headers={"authorization": value.encode()}).status_code == 401


def test_a_right_password_is_hashed_once_and_a_wrong_one_each_time(users, monkeypatch):
    made = []
    real = passwords._scrypt
    monkeypatch.setattr(passwords, "_scrypt", lambda *args: made.append(1) or real(*args))
    client = client_of(Options(users=users))
    for _ in range(10):
        assert client.get("/api/who", headers=basic("Ana", RIGHT)).status_code == 200
    assert len(made) == 1
    for _ in range(3):
        assert client.get("/api/who", headers=basic("Ana", "wrong wrong")).status_code == 401
    assert len(made) == 4
    passwords.set_password(users, "Ana", "ask", "another one")
    assert client.get("/api/who", headers=basic("Ana", RIGHT)).status_code == 401


def test_programs_that_guess_are_slowed_down(client):
    said = [client.get("/api/who", headers=basic("Ana", f"guess {number}")) for number in range(6)]
    assert [reply.status_code for reply in said] == [401] * 5 + [429]
    assert said[-1].headers["retry-after"] == "1"


def test_a_browser_is_not_asked_by_a_window_of_its_own(client):
    assert client.get("/api/who").headers["www-authenticate"].startswith("Basic")
    assert "www-authenticate" not in client.get("/api/who", headers={"sec-fetch-mode": "cors"}).headers


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


# A provider


@pytest.fixture(scope="module")
def provider_server():
    provider = Provider()
    with browsing.serving(provider.app()) as url:
        provider.issuer = url
        yield provider


@pytest.fixture
def provider(provider_server):
    fresh = Provider(issuer=provider_server.issuer)
    vars(provider_server).update(vars(fresh))
    return provider_server


def provider_client(provider, **values):
    options = Options(issuer=provider.issuer, client=CLIENT, secret=SECRET, **values)
    return client_of(options, base_url="http://localhost:7860")


def leave(client, target="/"):
    """From this server to the provider, and as far as its answer: the address it sends the browser back to."""
    to = client.get(f"/sign-in/provider?next={quote(target)}")
    assert to.status_code == 303, to.text
    return httpx.get(to.headers["location"]).headers["location"]


def test_signing_in_at_the_provider(provider):
    client = provider_client(provider)
    page = client.get("/sign-in?next=/%3Fq%3D1").text
    assert f"Sign in at {urlsplit(provider.issuer).netloc}" in page
    assert 'href="/sign-in/provider?next=%2F%3Fq%3D1&amp;lang=en"' in page
    back = leave(client, "/?q=1")
    assert back.startswith("http://localhost:7860/sign-in/back?state=")
    done = client.get(back)
    assert (done.status_code, done.headers["location"]) == (303, "/?q=1")
    assert client.get("/").json() == {"name": "ana", "key": f"{provider.issuer}#u-1", "curates": False}
    client.post("/sign-out")
    assert client.get("/api/who").status_code == 401


def test_behind_a_proxy_the_provider_sends_back_to_the_public_address(provider):
    client = provider_client(provider, address="https://news.example.org")
    assert leave(client).startswith("https://news.example.org/sign-in/back?")


@pytest.mark.parametrize(
    ("claims", "curates"),
    [
        ({"groups": ["readers", "editors"]}, True),
        ({"groups": "editors"}, True),
        ({"sub": "u-7"}, True),
        ({"email": "eva@example.org", "email_verified": True}, True),
        ({"email": "eva@example.org"}, False),
        ({"email": "eva@example.org", "email_verified": "true"}, False),
        ({"preferred_username": "u-7"}, False),
        ({"preferred_username": "eva@example.org"}, False),
        ({"groups": ["readers"]}, False),
        ({"groups": {"editors": 1}}, False),
    ],
)
def test_who_may_curate_follows_from_claims_that_nobody_can_choose(provider, claims, curates):
    provider.claims |= claims
    client = provider_client(provider, curators=("@editors", "u-7", "eva@example.org"))
    client.get(leave(client))
    assert client.get("/").json()["curates"] is curates


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": None, "email": "ana@example.org"}, "ana@example.org"),
        ({"preferred_username": ["x"], "name": "Ana \u202eB"}, "Ana B"),
        ({"preferred_username": " "}, "u-1"),
        ({"preferred_username": "x" * 500}, "x" * 100),
    ],
)
def test_the_name_shown_is_the_best_there_is(provider, claims, name):
    provider.claims |= claims
    client = provider_client(provider)
    client.get(leave(client))
    assert client.get("/").json()["name"] == name


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": ["another"]},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT], "azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": "tomorrow"},
        {"iat": 10**11},
        {"nbf": 10**11},
        {"sub": ""},
        {"sub": 7},
    ],
    ids=str,
)
def test_a_token_that_says_something_wrong_is_refused(provider, claims, caplog):
    provider.claims |= claims
    assert_refused(provider, caplog)


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat", "nonce", "sub"])
def test_a_token_that_leaves_something_out_is_refused(provider, name, caplog):
    provider.missing = (name,)
    assert_refused(provider, caplog)


@pytest.mark.parametrize("way", ["unsigned", "shared"])
def test_a_token_that_the_provider_did_not_sign_is_refused(provider, way, caplog):
    setattr(provider, way, True)
    assert_refused(provider, caplog)


def test_a_token_signed_with_a_key_that_is_not_published_is_refused(provider, monkeypatch, caplog):
    published = provider.keys()
    provider.rotate()
    provider.kid = published["keys"][0]["kid"]
    monkeypatch.setattr(provider, "keys", lambda: published)
    assert_refused(provider, caplog)


def assert_refused(provider, caplog):
    client = provider_client(provider)
    refused = client.get(leave(client))
    assert refused.status_code == 403
    assert "could not be verified" in refused.text
    assert client.get("/api/who").status_code == 401
    assert "ID token" in caplog.text
    assert "Traceback" not in refused.text


def test_clocks_may_differ_by_less_than_a_minute(provider):
    import time

    provider.claims |= {"exp": int(time.time()) - 40, "iat": int(time.time()) + 40}
    client = provider_client(provider)
    assert client.get(leave(client)).status_code == 303


def test_a_changed_key_is_fetched_once(provider):
    client = provider_client(provider)
    assert client.get(leave(client)).status_code == 303
    provider.rotate()
    assert TestClient(client.app).get("/api/health").status_code == 200
    client.post("/sign-out")
    assert client.get(leave(client)).status_code == 303
    client.post("/sign-out")
    assert client.get(leave(client)).status_code == 303
    assert provider.asked.count("/keys") == 2
    assert provider.asked.count("/.well-known/openid-configuration") == 1


def test_an_answer_holds_once(provider):
    client = provider_client(provider)
    back = leave(client)
    assert client.get(back).status_code == 303
    client.post("/sign-out")
    replayed = client.get(back)
    assert replayed.status_code == 403
    assert "already used" in replayed.text


def test_an_answer_holds_only_in_the_browser_that_asked(provider):
    client = provider_client(provider)
    back = leave(client)
    other = TestClient(client.app, base_url="http://localhost:7860", follow_redirects=False)
    assert other.get(back).status_code == 403
    assert client.get(back).status_code == 303


def test_two_tabs_can_sign_in_at_once(provider):
    client = provider_client(provider)
    first, second = leave(client, "/a"), leave(client, "/b")
    assert [client.get(back).headers["location"] for back in (first, second)] == ["/a", "/b"]


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?state=&code=", "?code=y", "?state=x&error=access_denied"])
def test_answers_to_no_question_are_refused(provider, query):
    client = provider_client(provider)
    assert client.get(f"/sign-in/back{query}").status_code == 403
    assert provider.asked == []


def test_an_answer_in_the_name_of_another_provider_is_refused(provider):
    client = provider_client(provider)
    back = leave(client).replace(quote(provider.issuer, safe=""), quote("https://evil.example", safe=""))
    assert "evil.example" in back
    assert client.get(back).status_code == 403


def test_a_code_of_another_sign_in_is_refused(provider):
    client, other = provider_client(provider), provider_client(provider)
    stolen = parse_qs(urlsplit(leave(other)).query)["code"][0]
    back = re.sub(r"code=\w+", f"code={stolen}", leave(client))
    assert client.get(back).status_code == 403
    assert client.get("/api/who").status_code == 401


def test_a_provider_that_says_no_is_told_as_such(provider):
    provider.denies = "access_denied"
    client = provider_client(provider)
    refused = client.get(leave(client))
    assert refused.status_code == 403
    assert "did not let you sign in" in refused.text


def test_a_provider_that_is_down_has_a_page(provider):
    provider.down = True
    client = provider_client(provider)
    down = client.get("/sign-in/provider")
    assert down.status_code == 502
    assert "does not answer as it should" in down.text
    provider.down = False
    back = leave(client)
    provider.down = True
    assert client.get(back).status_code == 502


def test_a_provider_that_is_not_there_has_a_page():
    options = Options(issuer="http://127.0.0.1:9", client=CLIENT, secret="")
    assert client_of(options).get("/sign-in/provider").status_code == 502


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(provider, about):
    provider.about = about
    assert provider_client(provider).get("/sign-in/provider").status_code == 502


def test_another_provider_ends_the_sessions_of_the_one_before(provider, tmp_path):
    options = Options(issuer=provider.issuer, client=CLIENT, secret=SECRET)
    client = client_of(options, folder=tmp_path, base_url="http://localhost:7860")
    client.get(leave(client))
    assert client.get("/api/who").status_code == 200
    changed = client_of(
        Options(issuer="https://id.example.org", client=CLIENT), folder=tmp_path, base_url="http://localhost:7860"
    )
    changed.cookies.update(dict(client.cookies))
    assert changed.get("/api/who").status_code == 401


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
def test_a_person_signs_in_and_out_in_a_browser(users, chromium, width, scheme):  # noqa: F811
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

"""Passwords, sessions and guessing, and HTTP Basic for programs."""

# ruff: noqa: F811 - a fixture that is imported is also an argument
from __future__ import annotations

import asyncio
import sqlite3

import pytest
from fastapi.testclient import TestClient
from signing import RIGHT, _cheap, app_of, basic, client, client_of, open_people, sign_in, users  # noqa: F401 - fixtures among them
from typer.testing import CliRunner

from index.errors import SettingsError
from rag.cli_users import app as commands
from ui.people import Options, passwords
from ui.people.sessions import IDLE_S, LONGEST_S, MOST_EACH, Sessions
from ui.people.throttle import MOST_KEPT, Throttle

NOBODYS_HASH = passwords._NOBODY
PAGE = {"accept": "text/html"}


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

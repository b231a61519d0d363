"""Signing in at an OpenID Connect provider, a real small one, and what a hostile one tries."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit

import browsing
import httpx
import pytest
from fastapi.testclient import TestClient
from provider import CLIENT, SECRET, Provider
from signing import _cheap, client_of  # noqa: F401 - fixtures among them

from ui.people import Options

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

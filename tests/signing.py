"""A server whose readers sign in, for tests: users of a password file, and what signs them in over real HTTP."""

from __future__ import annotations

from base64 import b64encode

import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.testclient import TestClient

import ui.people
from ui.people import Options, Person, curator, passwords, person_of

RIGHT = "correct horse"
MADE = []


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


def basic(name, password):
    return {"authorization": "Basic " + b64encode(f"{name}:{password}".encode()).decode()}

"""Settings: defaults without a key or a network, ranges, the fingerprint, what is never shown."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.chunks import Chunking
from index.embed import DEFAULT
from index.errors import SettingsError
from rag.settings import DECIMAL, ENVIRONMENT, WHOLE, Settings, default_store

ANOTHER = {
    "store": Path("/another/store"),
    "embedder": "minilm",
    "api_key": "k1",
    "chunking": Chunking(size=300),
    "checker": "rules",
    "checking": "lenient",
    "model": "m",
    "base_url": "http://localhost/v1",
    "model_key": "k2",
    "organization": "org",
    "model_timeout": 5.0,
    "model_retries": 0,
    "model_context": 4096,
    "model_reply": 200,
    "budget_answer": 5_000,
    "budget_day": 1_000_000,
    "price_input": 0.5,
    "price_output": 1.5,
    "query": "model",
    "passages": 5,
    "sentences": 3,
}
CHANGES_NO_ANSWER = {
    *("store", "api_key", "model_key", "organization", "model_timeout", "model_retries"),
    *("budget_day", "price_input", "price_output"),
}


def test_an_empty_environment_gives_the_defaults() -> None:
    chosen = Settings.from_environment({})
    assert (chosen.store, chosen.embedder) == (default_store(), DEFAULT)


def test_no_model_writes_unless_one_is_named() -> None:
    assert Settings.from_environment({}).model == ""


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_the_environment_sets_each_field_that_has_a_variable(name: str) -> None:
    assert getattr(Settings.from_environment({ENVIRONMENT[name]: str(ANOTHER[name])}), name) == ANOTHER[name]


def test_empty_variables_count_as_not_set() -> None:
    assert Settings.from_environment(dict.fromkeys(ENVIRONMENT.values(), "")) == Settings()


def test_a_tilde_is_the_home_folder() -> None:
    assert Settings.from_environment({"RAG_STORE": "~/news"}).store == Path.home() / "news"


def test_checking_is_strict_unless_said_otherwise() -> None:
    assert Settings.from_environment({}).checking == "strict"


@pytest.mark.parametrize("value", ["loose", "STRICT", True])
def test_another_way_of_checking_is_refused_with_the_ways_there_are(value: object) -> None:
    with pytest.raises(SettingsError, match="must be 'strict' or 'lenient'"):
        Settings(checking=value)  # type: ignore[arg-type]


def test_another_reader_of_questions_is_refused_with_the_readers_there_are() -> None:
    with pytest.raises(SettingsError, match="query 'both' must be 'rules' or 'model'"):
        Settings(query="both")  # type: ignore[arg-type]


ROOMY = Settings(model_context=WHOLE["model_context"][1], model_reply=1)


@given(st.data())
def test_a_whole_number_in_its_range_is_kept(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(WHOLE)))
    least, most = WHOLE[name]
    value = data.draw(st.integers(least + (name == "model_context"), most - (name == "model_reply")))
    assert getattr(replace(ROOMY, **{name: value}), name) == value  # type: ignore[arg-type]


@given(st.data())
def test_anything_else_in_place_of_a_whole_number_is_refused_by_name(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(WHOLE)))
    least, most = WHOLE[name]
    outside = st.integers(max_value=least - 1) | st.integers(min_value=most + 1)
    value = data.draw(outside | st.booleans() | st.floats() | st.text() | st.none())
    with pytest.raises(SettingsError, match=f"(?s)^{name} .* must be a whole number, at least {least}"):
        replace(ROOMY, **{name: value})


@pytest.mark.parametrize("name", DECIMAL)
@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), 1e9, True, "1", None])
def test_a_number_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"^{name} .* must be a number, at least"):
        Settings(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("context", [1, 599, 600])
def test_a_reply_that_leaves_no_room_for_a_prompt_is_refused(context: int) -> None:
    with pytest.raises(SettingsError, match="model_reply 600 must be less than model_context"):
        Settings(model_context=context)


@pytest.mark.parametrize("value", [None, 3, "two\nlines", "\x1b[2J", b"bytes"])
@pytest.mark.parametrize("name", ["embedder", "checker", "model", "base_url", "organization"])
def test_a_name_is_one_line_of_text(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"^{name} .* must be a name"):
        Settings(**{name: value})  # type: ignore[arg-type]


def test_a_store_is_a_path() -> None:
    with pytest.raises(SettingsError, match="store 'news' must be a folder's path"):
        Settings(store="news")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url", ["", "http://127.0.0.1:8080/v1", "https://api.example/v1/", "http://[::1]:80/v1", "HTTP://X"]
)
def test_a_plain_address_is_kept(url: str) -> None:
    assert Settings(base_url=url).base_url == url


@pytest.mark.parametrize(
    "url", ["localhost:8080", "ftp://x/v1", "http://", "http:///v1", "http://[::1", "http://x:y", "http://x:0", "//x"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=f"base_url '{re.escape(url)}' is no address"):
        Settings(base_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "http://me:hunter2@localhost/v1",
        "http://hunter2@localhost",
        "http://me:hunter2\\@localhost",
        "http://me:hunter2@localhost\n",
        "me:hunter2@localhost",
        "http://localhost/v1?key=hunter2",
        "http://localhost/v1#hunter2",
    ],
)
@pytest.mark.parametrize("field", ["base_url", "embedder"])
def test_an_address_with_a_secret_is_refused_and_not_shown(field: str, url: str) -> None:
    value = f"openai:m@http://{url.removeprefix('http://')}" if field == "embedder" else url
    with pytest.raises(SettingsError, match=f"^{field} \\(hidden\\)") as caught:
        Settings(**{field: value})  # type: ignore[arg-type]
    assert "hunter2" not in str(caught.value)


def test_a_model_name_may_hold_an_at_sign() -> None:
    assert Settings(embedder="openai:org/model@v2@http://localhost:8080/v1")


@pytest.mark.parametrize("value", ["hunter2\nx", "hunter2é", b"hunter2", 2, "hunter2\x00"])
@pytest.mark.parametrize("name", ["api_key", "model_key"])
def test_a_key_that_no_header_may_hold_is_refused_and_not_shown(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=f"^{name} \\(hidden\\)") as caught:
        Settings(**{name: value})  # type: ignore[arg-type]
    assert "hunter2" not in str(caught.value)


@given(secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12))
def test_a_key_is_never_shown(secret: str) -> None:
    kept = Settings(api_key=secret, model_key=secret)
    assert (kept.api_key, kept.model_key) == (secret, secret)
    assert secret not in f"{kept!r}{kept}{kept.fingerprint}"


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().passages = 3  # type: ignore[misc]


def test_every_field_is_tried_by_the_tests_below() -> None:
    assert set(ANOTHER) == {one.name for one in fields(Settings)}


@pytest.mark.parametrize("name", sorted(ANOTHER))
def test_the_fingerprint_follows_what_can_change_an_answer_and_nothing_else(name: str) -> None:
    changed = replace(Settings(), **{name: ANOTHER[name]})  # type: ignore[arg-type]
    assert changed != Settings()
    assert (changed.fingerprint == Settings().fingerprint) == (name in CHANGES_NO_ANSWER)


def test_a_fingerprint_is_12_hex_digits() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", Settings().fingerprint)

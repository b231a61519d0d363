"""Settings: defaults without a key or a network, the environment read once."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from index.embed import DEFAULT
from index.errors import SettingsError
from rag.settings import Settings, default_store


def test_an_empty_environment_gives_the_defaults() -> None:
    chosen = Settings.from_environment({})
    assert (chosen.store, chosen.embedder) == (default_store(), DEFAULT)


def test_the_environment_is_read() -> None:
    chosen = Settings.from_environment({"RAG_STORE": "/a/b", "RAG_EMBEDDER": "minilm", "RAG_EMBEDDER_KEY": "k"})
    assert (chosen.store, chosen.embedder, chosen.api_key) == (Path("/a/b"), "minilm", "k")


def test_the_environment_names_checking_and_the_judges_model() -> None:
    chosen = Settings.from_environment(
        {
            "RAG_CHECKER": "judge",
            "RAG_CHECKING": "lenient",
            "RAG_MODEL": "m",
            "OPENAI_BASE_URL": "http://localhost/v1",
            "OPENAI_API_KEY": "k",
        }
    )
    assert (chosen.checker, chosen.checking) == ("judge", "lenient")
    assert (chosen.model, chosen.base_url, chosen.model_key) == ("m", "http://localhost/v1", "k")


def test_checking_is_strict_unless_said_otherwise() -> None:
    assert Settings.from_environment({}).checking == "strict"


@pytest.mark.parametrize("value", ["loose", "STRICT", True])
def test_another_way_of_checking_is_refused_with_the_ways_there_are(value: object) -> None:
    with pytest.raises(SettingsError, match="must be 'strict' or 'lenient'"):
        Settings(checking=value)  # type: ignore[arg-type]


def test_empty_variables_count_as_not_set() -> None:
    assert Settings.from_environment({"RAG_STORE": "", "RAG_EMBEDDER": ""}) == Settings()


def test_a_tilde_is_the_home_folder() -> None:
    assert Settings.from_environment({"RAG_STORE": "~/news"}).store == Path.home() / "news"


def test_a_key_is_never_shown() -> None:
    assert "secret" not in repr(Settings(api_key="secret", model_key="secret"))


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().passages = 3  # type: ignore[misc]

"""Settings: defaults without a key or a network, the environment read once."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from index.embed import DEFAULT
from rag.settings import Settings, default_store


def test_an_empty_environment_gives_the_defaults() -> None:
    chosen = Settings.from_environment({})
    assert (chosen.store, chosen.embedder) == (default_store(), DEFAULT)


def test_the_environment_is_read() -> None:
    chosen = Settings.from_environment({"RAG_STORE": "/a/b", "RAG_EMBEDDER": "minilm", "RAG_EMBEDDER_KEY": "k"})
    assert (chosen.store, chosen.embedder, chosen.api_key) == (Path("/a/b"), "minilm", "k")


def test_empty_variables_count_as_not_set() -> None:
    assert Settings.from_environment({"RAG_STORE": "", "RAG_EMBEDDER": ""}) == Settings()


def test_a_tilde_is_the_home_folder() -> None:
    assert Settings.from_environment({"RAG_STORE": "~/news"}).store == Path.home() / "news"


def test_a_key_is_never_shown() -> None:
    assert "secret" not in repr(Settings(api_key="secret"))


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().passages = 3  # type: ignore[misc]

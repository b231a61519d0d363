"""Shared by the tests: every test is offline and leaves the user's own data alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["NO_PROXY"] = "127.0.0.1,localhost"

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's store or settings."""
    for name in list(os.environ):
        if name.startswith(("RAG_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))  # where the configuration file would lie
    monkeypatch.setenv("RAG_STORE", str(tmp_path / "default-store"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def seeds_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The seed articles, indexed once; read only."""
    from index.build import ingest
    from index.embed import DEFAULT, by_name
    from index.store import open_store
    from rag.ask import seeds_folder

    with open_store(tmp_path_factory.mktemp("seeds") / "store", by_name(DEFAULT)) as store:
        ingest(store, [str(seeds_folder())])
        yield store


@pytest.fixture(scope="session")
def local_llm() -> Iterator[object]:
    """The real small model, an `eval.local_llm.LocalModel`; tests that ask it are marked `llm`."""
    from eval.local_llm import local_llm, missing

    if reason := missing():
        pytest.skip(reason)
    with local_llm() as model:
        yield model

"""A small corpus and a scripted model for tests of written answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from tiny import make, put

from eval.scripted import Asked, ScriptedServer
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from index.store import Store

ARTICLES = [
    make(
        "The paper mill in Harl closed on 3 May 2025 after 112 years. The owner, Nordfall, dismissed 240 workers. "
        "Mayor Ada Lund said that the town will buy the mill. The union wants a plan for the workers by June. "
        "The mill made paper for newspapers until its last day.",
        title="Paper mill in Harl closes",
        outlet="Harl Courier",
        published=date(2025, 5, 4),
    ),
    make(
        "Police said 4,000 people joined the harbour march in Velmora. The march began at the customs house at noon. "
        "Shops on the quay had closed early, and three streets were shut for traffic.",
        title="March along the harbour",
        outlet="Velmora Courier",
        published=date(2025, 3, 10),
    ),
    make(
        "The dockers' union said 11,000 people joined the harbour march in Velmora. "
        "Musicians played from the deck of an old tug. A second protest is planned for April.",
        title="Dockers fill the quays",
        outlet="The Lantern",
        published=date(2025, 3, 10),
    ),
    make(
        "The Tolm dam was finished in 1987 and holds 30 million cubic metres of water. "
        "Engineers found a crack in the dam in January 2025. "
        "The operator Vassen lowered the lake by two metres in February 2025. "
        "The repair will cost 18 million euros, the operator said.",
        title="Crack found in the Tolm dam",
        outlet="Tolm Echo",
        published=date(2025, 2, 20),
    ),
]

MILL = "When did the paper mill in Harl close?"
MARCH = "How many people joined the harbour march in Velmora?"
DAM = "What did engineers find in the Tolm dam?"
PLAN = "Who will buy the mill in Harl?"


def store_in(folder: Path) -> Store:
    """The articles, indexed with the model that ships."""
    from index.embed import DEFAULT, by_name
    from index.store import open_store

    store = open_store(folder, by_name(DEFAULT))
    put(store, *ARTICLES)
    return store


def passages(asked: Asked) -> dict[str, str]:
    """The texts of a request's passages by id."""
    found = [json.loads(line) for line in asked.user.splitlines() if line.startswith("{")]
    return {one["id"]: one["text"] for one in found if "id" in one}


def mends(asked: Asked) -> bool:
    """Whether a request is for one sentence again."""
    return not passages(asked)


def saying(
    sentences: Sequence[tuple[str, str]], mended: str | Callable[[Asked], Any] = "NOT FOUND"
) -> Callable[[Asked], Any]:
    """A model that writes these sentences, each under the passage that holds the given words.

    Args:
        sentences: text, and words of its passage; "" for no mark, "?" for one that names nothing.
        mended: what it says when it is to write one again.
    """

    def script(asked: Asked) -> Any:
        if mends(asked):
            return mended(asked) if callable(mended) else mended
        given = passages(asked)
        lines = []
        for text, words in sentences:
            mark = next((name for name, passage in given.items() if words and words in passage), "b9zz")
            lines.append(f"{text} [{mark}]" if words else text)
        return "\n".join(lines) + "\n"

    return script


@contextmanager
def model(
    script: Callable[[Asked], Any], *, pace: float = 0.0, without: frozenset[str] = frozenset(), **options: Any
) -> Iterator[tuple[ScriptedServer, Settings]]:
    """A scripted model, and settings that name it."""
    with ScriptedServer(script, pace=pace, without=without) as server:
        chosen = {"model_retries": 0, "model_timeout": 10.0, **options}
        yield server, Settings(model=server.model, base_url=server.base_url, model_key=server.key, **chosen)

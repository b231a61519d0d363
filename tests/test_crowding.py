"""Many chunks that are alike must not hide the one that answers."""

from __future__ import annotations

from pathlib import Path

from index.articles import Article, content_id
from index.build import cut
from index.embed import DEFAULT, by_name
from index.filters import Filters
from index.store import Store, open_store
from rag import answer
from rag.retrieve import retrieve

BULLETIN = (
    "The weather office said that the night stayed calm along the whole coast and that no ship asked for help. "
    "Forecasters expect light winds and scattered clouds until the weekend, with a little rain in the hills."
)
NEWS = "The Ostrava region harvested 4,120 tonnes of rye this summer, the farmers' union said on Monday."


def stored(store: Store, texts: list[str]) -> list[Article]:
    articles = [Article(content_id(text, None, None, None), f"k{n}", f"{n}.txt", text) for n, text in enumerate(texts)]
    store.add([cut(article, store.chunking) for article in articles])
    return articles


def test_one_article_among_hundreds_that_share_a_paragraph_is_found(tmp_path: Path) -> None:
    texts = [f"{BULLETIN}\n\nBulletin number {n} was read at {n % 24} o'clock." for n in range(250)]
    texts.insert(125, NEWS)
    with open_store(tmp_path / "store", by_name(DEFAULT)) as store:
        articles = [
            Article(content_id(text, None, None, None), f"k{n}", f"{n}.txt", text) for n, text in enumerate(texts)
        ]
        store.add([cut(article, store.chunking) for article in articles])
        for chunk in ("harvest of rye in Ostrava", NEWS):
            vector = store.embedder.embed([chunk], query=True)[0]
            found = [key.split(":")[0] for key, _ in store.search_dense(vector, 50, Filters())]
            assert articles[125].id in found
        result = answer("How much rye did the Ostrava region harvest?", store=store)
    assert "4,120 tonnes" in result.text


def test_a_passage_that_only_its_words_found_has_its_true_similarity(tmp_path: Path) -> None:
    texts = [f"{BULLETIN} It was night {n}." for n in range(80)] + ["Zyx qqq plugh."]
    with open_store(tmp_path / "store", by_name(DEFAULT)) as store:
        articles = [
            Article(content_id(text, None, None, None), f"k{n}", f"{n}.txt", text) for n, text in enumerate(texts)
        ]
        store.add([cut(article, store.chunking) for article in articles])
        vector = store.embedder.embed(["calm night at the coast, plugh"], query=True)[0]
        passages = retrieve(store, "calm night at the coast, plugh", 10)
        (odd,) = [passage for passage in passages if passage.article.text.startswith("Zyx")]
        stored = store.embedder.embed([odd.chunk.text])[0]
    assert abs(odd.similarity - float(vector @ stored)) < 1e-4

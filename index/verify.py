"""Whether a store is sound: everything that could be wrong with it, looked at."""

from __future__ import annotations

from collections.abc import Iterable

from index.articles import content_id
from index.errors import StoreError
from index.ledger import surroundings
from index.store import Store


def verify(store: Store) -> list[str]:
    """What is wrong with a store, a line each; empty when it is sound.

    Checks that the file is whole, that every article is the one its id names, that every citation ever issued still
    resolves, that chunks are what their spans say, that no chunk lacks its article, words or vector, that no vector
    lacks its chunk, that every article has an origin, that nothing is there twice, that the copies of a story are
    copies, all of them in the corpus, and that the articles are listed as they are.
    """
    checks = (_file, _articles, _citations, _chunks, _origins, _vectors, _words, _duplicates, _stories, _listed)
    problems: list[str] = []
    for check in checks:
        try:
            problems += check(store)
        except StoreError as error:  # what cannot even be read
            problems.append(str(error))
    return problems


def _file(store: Store) -> Iterable[str]:
    for (message,) in store.ledger.rows("PRAGMA quick_check(5)"):
        if message != "ok":
            yield f"the ledger's file is damaged: {' '.join(str(message).split())}"


def _articles(store: Store) -> Iterable[str]:
    for (key,) in store.ledger.rows("SELECT id FROM articles ORDER BY id"):
        article = store.article(str(key))
        if content_id(article.text, article.title, article.outlet, article.published) != article.id:
            yield f"article {article.id!r} was altered: its id does not come from its text, title, outlet and date"


def _citations(store: Store) -> Iterable[str]:
    rows = store.ledger.rows("SELECT article_id, start, end, quote, before, after FROM issued ORDER BY article_id")
    for article_id, start, end, quote, *around in rows:
        article = store.ledger.article(str(article_id))
        if article is None:
            yield f"a citation was issued to article {article_id!r}, which is not in the store"
        elif article.text[int(str(start)) : int(str(end))] != quote:
            yield f"the citation {article_id}:{start}-{end} no longer holds its quote"
        elif [*surroundings(article.text, int(str(start)), int(str(end)))] != around:
            yield f"the citation {article_id}:{start}-{end} no longer stands between the same words"


def _chunks(store: Store) -> Iterable[str]:
    live = {article.id: article for article in store.articles()}
    covered = set()
    for key, article_id, start, end, text in store.ledger.rows("SELECT id, article_id, start, end, text FROM chunks"):
        article = live.get(str(article_id))
        covered.add(str(article_id))
        if article is None:
            yield f"chunk {key!r} belongs to no article in the corpus"
        elif article.text[int(str(start)) : int(str(end))] != text or key != f"{article_id}:{start}-{end}":
            yield f"chunk {key!r} is not what its span says"
    for article_id in sorted(live.keys() - covered):
        yield f"article {article_id!r} has no chunks, so it can never be found"


def _origins(store: Store) -> Iterable[str]:
    origins = "SELECT article_id FROM origins"
    for (key,) in store.ledger.rows(f"SELECT id FROM articles WHERE state = 'live' AND id NOT IN ({origins})"):  # noqa: S608
        yield f"article {key!r} came from nowhere: no file or address stands for it"
    live = "SELECT id FROM articles WHERE state = 'live'"
    for key, article_id in store.ledger.rows(f"SELECT key, article_id FROM origins WHERE article_id NOT IN ({live})"):  # noqa: S608
        yield f"{key!r} stands for article {article_id!r}, which is not in the corpus"


def _vectors(store: Store) -> Iterable[str]:
    chunks = set(store.ledger.chunk_ids().values())
    vectors = set(store.vector_ids())
    for key in sorted(chunks - vectors):
        yield f"chunk {key!r} has no vector"
    for key in sorted(vectors - chunks):
        yield f"vector {key!r} belongs to no chunk"


def _words(store: Store) -> Iterable[str]:
    with store.ledger.reading():
        store.sparse.check()  # raises what it finds
    return ()


def _duplicates(store: Store) -> Iterable[str]:
    seen: dict[tuple[object, ...], str] = {}
    for article in store.articles():
        content = (article.text, article.title, article.outlet, article.published)
        if content in seen:
            yield f"articles {seen[content]!r} and {article.id!r} are the same"
        seen[content] = article.id


def _stories(store: Store) -> Iterable[str]:
    return store.stories.check()


def _listed(store: Store) -> Iterable[str]:
    return store.listing.listed.check()

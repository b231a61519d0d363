from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zipfile import ZipFile

import pytest
from tiny import TinyEmbedder, dense, make, put, sparse

from index import build
from index.articles import Draft
from index.build import BATCH_CHUNKS, ingest, verify
from index.errors import ItemError, ModelError
from index.ledger import Outcome
from index.store import Store, open_store

NEWS = {
    "a.txt": "Colombia seized three tons of cocaine in the port of Cartagena on Monday.",
    "b.txt": "Whales were counted along the southern coast of Chile again this spring.",
    "c.txt": "The parliament in Lisbon passed the budget after a long night of debate.",
}


@pytest.fixture
def embedder() -> TinyEmbedder:
    return TinyEmbedder()


@pytest.fixture
def store(tmp_path: Path, embedder: TinyEmbedder) -> Iterator[Store]:
    with open_store(tmp_path / "store", embedder) as opened:
        yield opened


@pytest.fixture
def news(tmp_path: Path) -> Path:
    return _folder(tmp_path / "news", NEWS)


def _folder(path: Path, files: dict[str, str]) -> Path:
    path.mkdir()
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def _results(outcomes: list[Outcome]) -> list[str]:
    return [outcome.result for outcome in outcomes]


def _state(store: Store) -> tuple[object, ...]:
    tables = ("articles", "origins", "chunks", "vectors")
    return tuple(store.ledger.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables)  # noqa: S608


def test_each_file_becomes_an_article(store: Store, news: Path) -> None:
    assert _results(ingest(store, [str(news)])) == ["added"] * 3
    assert {article.text for article in store.articles()} == set(NEWS.values())
    assert verify(store) == []


def test_ingesting_twice_changes_nothing_and_embeds_nothing(store: Store, news: Path, embedder: TinyEmbedder) -> None:
    ingest(store, [str(news)])
    before, calls = _state(store), embedder.calls
    assert _results(ingest(store, [str(news)])) == ["unchanged"] * 3
    assert _results(ingest(store, [str(news / name) for name in reversed(NEWS)])) == ["unchanged"] * 3
    assert (_state(store), embedder.calls) == (before, calls)


def test_the_same_files_from_another_folder_are_duplicates_and_embed_nothing(
    store: Store, news: Path, embedder: TinyEmbedder, tmp_path: Path
) -> None:
    ingest(store, [str(news)])
    before, calls = store.fingerprint(), embedder.calls
    shutil.copytree(news, tmp_path / "copy")
    outcomes = ingest(store, [str(tmp_path / "copy")])
    assert _results(outcomes) == ["duplicate"] * 3
    assert outcomes[0].reason == "same content as 'a.txt'"
    assert (store.fingerprint(), embedder.calls, len(store.articles())) == (before, calls, 3)


def test_a_renamed_file_leaves_its_old_name_behind(store: Store, news: Path, embedder: TinyEmbedder) -> None:
    ingest(store, [str(news)])
    calls = embedder.calls
    (news / "a.txt").rename(news / "renamed.txt")
    (outcome,) = ingest(store, [str(news / "renamed.txt")])
    assert (outcome.result, outcome.reason, embedder.calls) == ("unchanged", "was 'a.txt'", calls)
    assert store.article(outcome.article_id or "").source == "renamed.txt"
    (news / "renamed.txt").write_text("The parliament in Bogota debated the harbour police at length.")
    assert _results(ingest(store, [str(news / "renamed.txt")])) == ["replaced"]
    assert sparse(store, "cocaine") == []
    assert verify(store) == []


def test_a_renamed_file_stays_a_duplicate_while_another_one_holds_the_same(store: Store, news: Path) -> None:
    (news / "d.txt").write_text(NEWS["a.txt"])
    ingest(store, [str(news)])
    (news / "d.txt").rename(news / "e.txt")
    assert ingest(store, [str(news / "e.txt")])[0].reason == "same content as 'a.txt'"
    assert [str(key) for (key,) in store.ledger.rows("SELECT key FROM origins WHERE key LIKE '%/d.txt'")] == []


def test_an_archive_that_is_still_there_keeps_its_members(store: Store, news: Path, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "news.zip", "w") as archive:
        archive.write(news / "a.txt", "a.txt")
    ingest(store, [str(tmp_path / "news.zip")])
    assert _results(ingest(store, [str(news / "a.txt")])) == ["duplicate"]


def test_the_order_of_files_does_not_matter(tmp_path: Path, news: Path) -> None:
    fingerprints = set()
    for order in (list(NEWS), list(reversed(NEWS))):
        with open_store(tmp_path / order[0], TinyEmbedder()) as store:
            ingest(store, [str(news / name) for name in order])
            fingerprints.add((store.fingerprint(), tuple(sorted(store.vector_ids()))))
    assert len(fingerprints) == 1


def test_a_changed_file_replaces_its_old_version_whole(store: Store, news: Path) -> None:
    ingest(store, [str(news)])
    old = next(article for article in store.articles() if article.source == "a.txt")
    (news / "a.txt").write_text("Nothing of what this report said about the harbour was true at all.")
    outcomes = ingest(store, [str(news)])
    assert _results(outcomes) == ["replaced", "unchanged", "unchanged"]
    assert old.id not in dense(store, old.text, 50)
    assert sparse(store, "cocaine") == []
    assert store.article(old.id).text == NEWS["a.txt"]
    assert verify(store) == []


def test_only_changed_text_is_embedded_again(store: Store, tmp_path: Path, embedder: TinyEmbedder) -> None:
    lines = [f"Paragraph number {n} reports on item {n} of the long list. " + "More of it. " * 50 for n in range(5)]
    file = tmp_path / "long.txt"
    file.write_text("\n\n".join(lines))
    ingest(store, [str(file)])
    before = len(embedder.texts)
    file.write_text("\n\n".join([*lines, "A last paragraph was added to the report on the long list."]))
    ingest(store, [str(file)])
    assert 0 < len(embedder.texts) - before < before


def test_two_files_with_the_same_content_are_one_article_that_stays_while_one_of_them_has_it(
    store: Store, news: Path
) -> None:
    (news / "d.txt").write_text(NEWS["a.txt"])
    outcomes = ingest(store, [str(news)])
    assert _results(outcomes) == ["added", "added", "added", "duplicate"]
    assert outcomes[0].article_id == outcomes[3].article_id
    (news / "a.txt").write_text("The first file now tells of the weather in the mountains of Peru.")
    assert _results(ingest(store, [str(news)]))[0] == "replaced"
    assert sparse(store, "cocaine") == [outcomes[0].article_id]
    assert store.article(outcomes[0].article_id or "").source == "d.txt"
    (news / "d.txt").write_text("The fourth file now tells of the price of bread in the north.")
    ingest(store, [str(news)])
    assert sparse(store, "cocaine") == []
    assert len(store.articles()) == 4
    assert verify(store) == []


def test_files_that_swap_their_content_are_both_kept(store: Store, news: Path) -> None:
    ingest(store, [str(news)])
    before = store.fingerprint()
    (news / "a.txt").write_text(NEWS["b.txt"])
    (news / "b.txt").write_text(NEWS["a.txt"])
    ingest(store, [str(news)])
    assert store.fingerprint() == before
    assert verify(store) == []


def test_a_removed_article_comes_back_when_it_is_ingested_again(
    store: Store, news: Path, embedder: TinyEmbedder
) -> None:
    first = ingest(store, [str(news)])[0]
    store.remove(first.article_id or "")
    calls = embedder.calls
    assert ingest(store, [str(news)])[0] == Outcome("a.txt", "added", first.article_id)
    assert sparse(store, "cocaine") == [first.article_id]
    assert embedder.calls == calls


def test_one_declared_id_with_two_contents_in_a_run_is_a_failed_item_and_loses_nothing(
    store: Store, tmp_path: Path
) -> None:
    rows = [{"id": "7", "text": NEWS["a.txt"]}, {"id": "7", "text": NEWS["b.txt"]}, {"id": "7", "text": NEWS["a.txt"]}]
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    outcomes = ingest(store, [str(tmp_path / "rows.jsonl")])
    assert _results(outcomes) == ["added", "failed", "duplicate"]
    assert "'id:7'" in outcomes[1].reason
    assert "change one id" in outcomes[1].reason
    assert [article.text for article in store.articles()] == [NEWS["a.txt"]]


def test_a_declared_id_carries_an_article_from_one_file_to_another(store: Store, tmp_path: Path) -> None:
    for name, text in (("one", NEWS["a.txt"]), ("two", NEWS["b.txt"])):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"id": "7", "text": text}))
    ingest(store, [str(tmp_path / "one.jsonl")])
    assert _results(ingest(store, [str(tmp_path / "two.jsonl")])) == ["replaced"]
    assert [article.text for article in store.articles()] == [NEWS["b.txt"]]


@pytest.mark.parametrize(
    "error", [ValueError("odd\nbytes"), RecursionError("deep"), MemoryError(), ItemError("x", "no")]
)
def test_a_reader_that_raises_is_a_failed_item_and_the_others_go_in(
    store: Store, news: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    read = build.read

    def strange(item: object, columns: object) -> Iterator[Draft | ItemError]:
        yield from read(item, columns)  # type: ignore[arg-type]
        if item.name == "b.txt":  # type: ignore[attr-defined]
            raise error

    monkeypatch.setattr(build, "read", strange)
    outcomes = ingest(store, [str(news)])
    assert _results(outcomes) == ["added", "added", "failed", "added"]
    assert outcomes[2].reason
    assert "\n" not in outcomes[2].reason
    assert verify(store) == []


def test_a_target_that_breaks_the_walk_is_a_failed_item_and_the_others_go_in(
    store: Store, news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = build.items

    def strange(targets: list[str], options: object) -> Iterator[object]:
        if targets == ["odd.zip"]:
            raise KeyError("member")
        yield from walk(targets, options)  # type: ignore[arg-type]

    monkeypatch.setattr(build, "items", strange)
    outcomes = ingest(store, ["odd.zip", str(news)])
    assert _results(outcomes) == ["failed", "added", "added", "added"]
    assert outcomes[0].item == "odd.zip"


def test_a_file_named_twice_in_a_run_comes_once(store: Store, news: Path) -> None:
    assert _results(ingest(store, [str(news / "a.txt"), str(news), str(news / "a.txt")])) == ["added"] * 3


def test_a_missing_file_is_a_failed_item_and_the_others_go_in(store: Store, news: Path) -> None:
    outcomes = ingest(store, [str(news / "none.txt"), str(news)])
    assert _results(outcomes) == ["failed", "added", "added", "added"]


def test_a_model_that_fails_half_way_leaves_what_was_stored_and_a_second_run_completes_it(
    store: Store, tmp_path: Path, embedder: TinyEmbedder
) -> None:
    folder = _folder(tmp_path / "many", {f"{n:03}.txt": f"Report number {n} tells of event {n}." for n in range(300)})
    embedder.fails_at = 2
    seen: list[Outcome] = []
    with pytest.raises(ModelError):
        ingest(store, [str(folder)], progress=seen.append)
    assert len(seen) == len(store.articles()) == BATCH_CHUNKS
    assert verify(store) == []
    outcomes = ingest(store, [str(folder)])
    assert _results(outcomes) == ["unchanged"] * BATCH_CHUNKS + ["added"] * (300 - BATCH_CHUNKS)
    assert len(embedder.texts) == 300


def test_progress_comes_in_order_while_nothing_is_waiting(store: Store, news: Path) -> None:
    ingest(store, [str(news)])
    seen: list[str] = []
    outcomes = ingest(store, [str(news)], progress=lambda outcome: seen.append(outcome.item))
    assert seen == [outcome.item for outcome in outcomes]


def test_outcomes_are_kept_in_the_ledger(store: Store, news: Path) -> None:
    ingest(store, [str(news / "a.txt"), str(news / "none.txt")])
    kept = store.ledger.rows("SELECT item, result FROM outcomes")
    assert kept == [("a.txt", "added"), (str(news / "none.txt"), "failed")]


def test_two_ingests_at_once_store_everything_once(store: Store, news: Path) -> None:
    with ThreadPoolExecutor() as pool:
        for run in [pool.submit(ingest, store, [str(news)]) for _ in range(4)]:
            run.result()
    assert len(store.articles()) == 3
    assert verify(store) == []


def test_a_chunk_is_its_span_of_the_text(store: Store) -> None:
    article, sentences, chunks = build.cut(make("One fact. " * 300), store.chunking)
    assert len(chunks) > 1
    assert all(article.text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert sentences[0] == (0, 9)


# verify

PLANTED = {
    "article '{id}' was altered": "UPDATE articles SET text = replace(text, 'three', 'seven')",
    "{id}:0-6 no longer holds its quote": "UPDATE articles SET text = 'x' || text",
    "chunk '{id}:0-50' is not what its span says": "UPDATE chunks SET text = 'other'",
    "article '{id}' has no chunks": "DELETE FROM chunks",
    "vector '{id}:0-50' belongs to no chunk": "DELETE FROM chunks",
    "chunk '{id}:0-50' belongs to no article": "UPDATE articles SET state = 'replaced'",
    "article '{id}' came from nowhere": "DELETE FROM origins",
    "'/news/a.txt' stands for article '{id}', which is not in": "UPDATE articles SET state = 'removed'",
    "the word index does not agree": "INSERT INTO chunks_fts(chunks_fts) VALUES ('delete-all')",
    "articles '{id}' and 'twin' are the same": (
        "INSERT INTO articles SELECT 'twin', key, source, title, outlet, published, url, text, found, dropped, "
        "sentences, state, added FROM articles"
    ),
    "{id}:0-6 no longer stands between the same words": "UPDATE issued SET after = 'eized four tons of cocaine in the'",
    "article '{id}' was not compared with the others": "DELETE FROM stories",
    "article '{id}' is counted as a copy and is not in": "UPDATE articles SET state = 'removed'",
    "the signature of article '{id}' is not whole": "DELETE FROM minhashes WHERE value < 1 << 32",
    "signature 7 belongs to no article": "UPDATE minhashes SET number = 7",
    "the story of article 'gone' does not begin with its earliest": "UPDATE stories SET head = 'gone'",
    "issued to article 'gone', which is not in the store": "UPDATE issued SET article_id = 'gone'",
}


@pytest.mark.parametrize("problem", PLANTED)
def test_verify_names_planted_damage(store: Store, problem: str) -> None:
    article = make("Port seized three tons of cocaine in the old port.", "/news/a.txt")
    assert len(article.text) == 50
    put(store, article)
    store.ledger.issue([(article.id, 0, 6, "Port s")])
    assert verify(store) == []
    store.ledger.connection.execute("PRAGMA foreign_keys=OFF")
    store.ledger.connection.execute(PLANTED[problem])
    assert re.search(re.escape(problem.format(id=article.id)), "\n".join(verify(store)))


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM chunks",
        "UPDATE chunks SET text = 'other'",
        "UPDATE articles SET sentences = '[]'",
        "DELETE FROM stories",
        "DELETE FROM minhashes",
        "INSERT INTO chunks_fts(chunks_fts) VALUES ('delete-all')",
    ],
)
def test_a_rebuild_mends_what_is_derived(tmp_path: Path, damage: str) -> None:
    article = make("Port seized three tons of cocaine in the old port.")
    with open_store(tmp_path / "store", TinyEmbedder()) as store:
        put(store, article)
        store.ledger.connection.execute(damage)
    with open_store(tmp_path / "store", TinyEmbedder(), rebuild=True) as store:
        build.rebuild(store)
        assert verify(store) == []
        assert sparse(store, "cocaine") == dense(store, "cocaine") == [article.id]
        assert store.ledger.sentences(article.id) == [(0, 50)]


def test_verify_names_missing_and_extra_vectors(store: Store) -> None:
    article = make("Port seized three tons of cocaine in the old port.")
    put(store, article)
    (key,) = store.vector_ids()
    store._vectors._collection.update(ids=[key], metadatas=[{"article_id": "x"}])
    store._vectors._collection.upsert(ids=["other"], embeddings=store.embedder.embed(["x"]))
    store._vectors.delete([key])
    assert verify(store) == [f"chunk {key!r} has no vector", "vector 'other' belongs to no chunk"]
    store.repair()
    assert verify(store) == []


def test_verify_names_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with open_store(path, TinyEmbedder()) as store:
        put(store, *(make(f"Report {n} tells of event {n} at length. " * 20) for n in range(40)))
        store.ledger.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = store.ledger.rows("SELECT rootpage FROM sqlite_master WHERE name = 'outcomes'")[0][0]
    data = bytearray((path / "ledger.sqlite3").read_bytes())
    data[4096 * (int(str(page)) - 1) : 4096 * int(str(page))] = b"\xff" * 4096
    (path / "ledger.sqlite3").write_bytes(data)
    with open_store(path, TinyEmbedder()) as store:
        assert "malformed" in verify(store)[0]

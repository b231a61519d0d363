from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from tiny import TinyEmbedder, dense, make, put, sparse

from index import lock
from index.articles import Article, Chunk
from index.build import rebuild, verify
from index.chunks import Chunking
from index.embed import by_name
from index.errors import HIDDEN_STORE, ItemError, ModelError, StoreBusyError, StoreError, UnknownArticleError
from index.filters import Filters
from index.sharing import open_stores
from index.store import Store, exists, open_store

COCAINE = make("Colombia seized three tons of cocaine in the port.", "/news/a.txt")
WHALES = make("Whales were counted along the southern coast again.", "/news/b.txt")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return (tmp_path / "store").resolve()


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(path, TinyEmbedder()) as opened:
        yield opened


def _filled(path: Path, *articles: Article) -> None:
    with open_store(path, TinyEmbedder()) as store:
        put(store, *(articles or (COCAINE, WHALES)))


def _run(root: Path, code: str, *arguments: str) -> subprocess.Popen[str]:
    """Starts a Python process that has the tests' own modules."""
    start = f"import sys; sys.path.insert(0, {str(root / 'tests')!r}); sys.path.insert(0, {str(root)!r})\n"
    return subprocess.Popen(
        [sys.executable, "-c", start + code, *arguments], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )


# Searching


def test_both_searches_find_what_was_added(store: Store) -> None:
    put(store, COCAINE, WHALES)
    assert dense(store, "whales counted")[0] == WHALES.id
    assert sparse(store, "cocaine") == [COCAINE.id]


def test_similarity_is_the_cosine(store: Store) -> None:
    put(store, COCAINE)
    vector = store.embedder.embed([COCAINE.text])[0]
    ((_, similarity),) = store.search_dense(vector, 1, Filters())
    assert similarity == pytest.approx(1.0, abs=1e-5)


def test_real_vectors_rank_by_meaning(path: Path) -> None:
    with open_store(path, by_name("minilm")) as store:
        put(store, COCAINE, WHALES)
        assert dense(store, "How much of the drug did the police confiscate?") == [COCAINE.id, WHALES.id]


@pytest.mark.parametrize("k", [0, -1])
def test_no_results_are_found_when_none_are_asked_for(store: Store, k: int) -> None:
    put(store, COCAINE)
    assert dense(store, "cocaine", k) == sparse(store, "cocaine", k) == []


def test_an_empty_store_finds_nothing(store: Store) -> None:
    assert dense(store, "cocaine") == sparse(store, "cocaine") == []


def test_an_id_that_was_never_here_is_named_in_the_error_and_no_folder(store: Store) -> None:
    with pytest.raises(UnknownArticleError, match=r"no article 'nope'.*rag articles list") as refused:
        store.article("nope")
    assert str(store.path) not in str(refused.value)


def test_an_error_is_public_word_by_word_unless_it_says_otherwise() -> None:
    assert StoreError("no room").public == "no room"
    assert StoreError("'/srv/store' is full", public="no room").public == "no room"
    assert ItemError("a.txt", "is empty").public == "a.txt: is empty"


def test_a_store_that_cannot_be_used_names_its_folder_to_its_owner_alone(path: Path) -> None:
    with open_store(path, TinyEmbedder()) as store:
        refused = []
        for fails in (
            lambda: store.ledger.rows("SELECT * FROM nowhere"),
            lambda: lock.hold(path),
            lambda: open_store(path, TinyEmbedder(), Chunking(40, 10)),
            lambda: open_store(path, TinyEmbedder(), rebuild=True),
        ):
            with pytest.raises(StoreError) as caught:
                fails()
            refused.append(caught.value)
    with pytest.raises(StoreError) as caught:
        store.share()
    for error in (*refused, caught.value):
        assert str(path) in str(error)
        assert error.public == HIDDEN_STORE


# Changing


def test_a_new_version_leaves_nothing_of_the_old_one_to_be_found(store: Store) -> None:
    old = make("Sharks were seen. " * 200, "/news/a.txt")
    new = make("Eagles were seen. " * 3, "/news/a.txt")
    put(store, old)
    put(store, new)
    assert set(dense(store, "sharks", 50)) == {new.id}
    assert sparse(store, "sharks") == []
    assert all(key.startswith(new.id) for key in store.vector_ids())
    assert verify(store) == []


def test_the_text_of_an_old_version_still_resolves(store: Store) -> None:
    put(store, COCAINE)
    store.ledger.issue([(COCAINE.id, 0, 8, "Colombia")])
    put(store, make("Entirely other words stand in this file now.", COCAINE.key))
    assert store.article(COCAINE.id).text[0:8] == "Colombia"
    assert verify(store) == []


def test_a_removed_article_is_never_found_again_also_after_reopening(path: Path) -> None:
    _filled(path)
    for _ in range(2):
        with open_store(path, TinyEmbedder()) as store:
            if store.ledger.state(COCAINE.id) == "live":
                store.remove(COCAINE.id)
            assert dense(store, "cocaine", 50) == [WHALES.id]
            assert sparse(store, "cocaine") == []
            assert [article.id for article in store.articles()] == [WHALES.id]
            assert store.article(COCAINE.id).text == COCAINE.text


def test_what_is_not_in_the_corpus_cannot_be_removed(store: Store) -> None:
    put(store, COCAINE)
    store.remove(COCAINE.id)
    with pytest.raises(StoreError, match="no article"):
        store.remove(COCAINE.id)


def test_an_article_stays_while_another_origin_stands_for_it(store: Store) -> None:
    put(store, make(WHALES.text, "/one/first.txt"))
    assert store.point(make(WHALES.text, "/two/second.txt"))
    put(store, make("The first file has other words in it now.", "/one/first.txt"))
    assert WHALES.id in dense(store, "whales")
    assert store.article(WHALES.id).source == "second.txt"
    put(store, make("The second file has new words as well.", "/two/second.txt"))
    assert WHALES.id not in dense(store, "whales")
    assert verify(store) == []


def test_an_origin_cannot_stand_for_an_article_that_is_not_in_the_corpus(store: Store) -> None:
    assert not store.point(COCAINE)
    assert store.ledger.current(COCAINE.key) is None


def test_an_article_added_twice_at_once_is_stored_once(store: Store) -> None:
    put(store, COCAINE, COCAINE)
    put(store, COCAINE)
    assert dense(store, "cocaine") == [COCAINE.id]
    assert verify(store) == []


def test_two_versions_under_one_key_in_one_batch_leave_the_last(store: Store) -> None:
    put(store, make("The first version has these words.", "k"), make("The second version has those words.", "k"))
    assert [article.text for article in store.articles()] == ["The second version has those words."]
    assert verify(store) == []


def test_more_chunks_than_chroma_takes_at_once_go_in_together(store: Store) -> None:
    article = make("".join(f"Line {n:05}\n" for n in range(5600)))
    chunks = [Chunk(article.id, 11 * n, 11 * n + 10, article.text[11 * n : 11 * n + 10]) for n in range(5600)]
    store.add([(article, [(c.start, c.end) for c in chunks], chunks)])
    assert len(store.vector_ids()) == 5600
    store.remove(article.id)
    assert store.vector_ids() == []


def test_the_fingerprint_depends_on_the_articles_and_not_on_their_order(tmp_path: Path) -> None:
    with open_store(tmp_path / "one", TinyEmbedder()) as one, open_store(tmp_path / "two", TinyEmbedder()) as two:
        put(one, COCAINE)
        assert one.fingerprint() != two.fingerprint()
        put(one, WHALES)
        put(two, WHALES, COCAINE)
        assert one.fingerprint() == two.fingerprint()
        two.remove(WHALES.id)
        assert one.fingerprint() != two.fingerprint()


def test_extent_names_outlets_and_dates_of_the_corpus_only(store: Store) -> None:
    assert store.extent() == "outlets in the corpus: none known; dates: none known"
    gone = make("It was here once and then went.", outlet="Gone", published=date(1999, 1, 1))
    put(store, gone, make("It is here.", outlet="Daily", published=date(2026, 3, 10)), WHALES)
    store.remove(gone.id)
    assert store.extent() == "outlets in the corpus: Daily; dates: 2026-03-10 to 2026-03-10"


def test_a_failed_write_to_the_vectors_is_mended_by_the_next_change(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(type(store._vectors), "put", _fail)
        with pytest.raises(OSError, match="disk"):
            put(store, COCAINE)
    put(store, WHALES)
    assert set(dense(store, "cocaine")) == {COCAINE.id, WHALES.id}
    assert verify(store) == []


def test_what_the_ledger_dropped_is_not_found_even_if_its_vector_stays(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, COCAINE, WHALES)
    monkeypatch.setattr(type(store._vectors), "delete", _fail)
    with pytest.raises(OSError, match="disk"):
        store.remove(COCAINE.id)
    assert dense(store, "cocaine") == [WHALES.id]


def _fail(*_: object) -> None:
    message = "the disk broke"
    raise OSError(message)


# Threads


def test_searches_go_on_while_articles_are_added(store: Store) -> None:
    put(store, WHALES)
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            assert WHALES.id in dense(store, "whales counted along the coast", 100)
            assert sparse(store, "whales") == [WHALES.id]
            store.fingerprint()

    with ThreadPoolExecutor() as pool:
        searches = [pool.submit(search) for _ in range(2)]
        try:
            for number in range(15):
                put(store, make(f"Report {number} tells of something else.", "/news/changing.txt"))
        finally:
            done.set()
    for searched in searches:
        searched.result()
    assert len(store.articles()) == 2
    assert verify(store) == []


def test_a_store_opened_in_one_thread_is_freed_when_another_closes_it(path: Path, root: Path) -> None:
    thread = threading.Thread(target=lambda: open_store(path, TinyEmbedder()))
    thread.start()
    thread.join()
    open_stores[path].close()
    other = _run(
        root, "from index.store import *; from tiny import *\nopen_store(sys.argv[1], TinyEmbedder())", str(path)
    )
    other.communicate()
    assert other.returncode == 0


# Sharing


def test_a_store_opened_twice_in_a_process_is_shared_and_closed_by_the_last(path: Path) -> None:
    with open_store(path, TinyEmbedder()) as outer:
        with open_store(path, TinyEmbedder()) as inner:
            assert inner is outer
        put(outer, COCAINE)
        assert dense(outer, "cocaine") == [COCAINE.id]
    assert path not in open_stores
    with pytest.raises(StoreError, match="closed"):
        outer.articles()


def test_a_kept_store_outlives_its_users(path: Path) -> None:
    with open_store(path, TinyEmbedder(), keep=True) as first:
        pass
    with open_store(path, TinyEmbedder()) as second:
        assert second is first
    assert open_stores[path] is first
    first.shut()
    assert path not in open_stores


def test_closing_once_too_often_does_not_hurt(path: Path) -> None:
    first = open_store(path, TinyEmbedder())
    first.close()
    first.close()
    with open_store(path, TinyEmbedder()) as second:
        first.close()
        assert second.articles() == []


def test_share_counts_one_more_user_of_an_open_store(path: Path) -> None:
    store = open_store(path, TinyEmbedder())
    with store.share():
        pass
    assert store.articles() == []
    store.close()
    with pytest.raises(StoreError, match="is closed: open it again"):
        store.share()


def test_a_shared_store_is_still_checked_against_what_is_asked(store: Store) -> None:
    with pytest.raises(StoreError, match=r"'tiny'.*'other'"):
        open_store(store.path, TinyEmbedder("other"))
    with pytest.raises(StoreError, match="chunking"):
        open_store(store.path, TinyEmbedder(), Chunking(300, 50))


def test_a_store_in_use_is_not_rebuilt(store: Store) -> None:
    with pytest.raises(StoreBusyError, match="close it before"):
        open_store(store.path, TinyEmbedder("other"), rebuild=True)


# Processes

HOLDER = """
import time
from index.store import open_store
from tiny import TinyEmbedder
store = open_store(sys.argv[1], TinyEmbedder())
print("open", flush=True)
sys.stdin.readline()
"""


def test_a_second_process_is_told_who_holds_the_store_until_the_holder_dies(path: Path, root: Path) -> None:
    holder = _run(root, HOLDER, str(path))
    assert holder.stdout
    assert holder.stdout.readline() == "open\n"
    with pytest.raises(StoreBusyError, match=f"in use by process {holder.pid} "):
        open_store(path, TinyEmbedder())
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with open_store(path, TinyEmbedder()) as store:
        assert store.articles() == []


KILLED = """
import os, signal
from index.store import open_store
from index.corpus import Store
from index.vectors import VectorIndex
from index.sparse import SparseIndex
from index.database import Database
from tiny import TinyEmbedder, make, put

store = open_store(sys.argv[1], TinyEmbedder())
put(store, make("Colombia seized three tons of cocaine in the port.", "/news/a.txt"))
owner, name = {"VectorIndex": VectorIndex, "SparseIndex": SparseIndex}[sys.argv[2]], sys.argv[3]
whole = getattr(owner, name)
def dies(*arguments):
    if sys.argv[4] == "after":
        whole(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, name, dies)
put(store, make("Whales were counted along the southern coast again.", "/news/a.txt"))
"""


@pytest.mark.parametrize(
    ("owner", "method", "when", "survivor"),
    [
        ("VectorIndex", "embed", "after", COCAINE),  # nothing is written yet
        ("SparseIndex", "add", "after", COCAINE),  # inside the transaction
        ("VectorIndex", "delete", "before", WHALES),  # committed, the old vectors still there
        ("VectorIndex", "put", "before", WHALES),  # the old vectors gone, the new ones not there
        ("VectorIndex", "put", "after", WHALES),  # all written, the mark not cleared
    ],
)
def test_a_killed_process_leaves_a_store_that_opening_repairs(
    path: Path, root: Path, owner: str, method: str, when: str, survivor: Article
) -> None:
    killed = _run(root, KILLED, str(path), owner, method, when)
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    with open_store(path, TinyEmbedder()) as store:
        assert verify(store) == []
        assert dense(store, "cocaine whales") == [survivor.id]
        assert sparse(store, "cocaine whales") == [survivor.id]


# Damage


def test_vectors_come_back_from_the_cache_when_their_folder_was_deleted(path: Path) -> None:
    _filled(path)
    shutil.rmtree(path / "chroma")
    embedder = TinyEmbedder()
    with open_store(path, embedder) as store:
        assert embedder.calls == 0
        assert dense(store, "cocaine tons")[0] == COCAINE.id
        assert verify(store) == []


def test_damaged_vectors_are_refused_with_the_command_that_mends_them(path: Path) -> None:
    _filled(path)
    (path / "chroma" / "chroma.sqlite3").write_bytes(b"no database " * 500)
    with pytest.raises(StoreError, match="rag ingest --rebuild --store"):
        open_store(path, TinyEmbedder())
    with open_store(path, TinyEmbedder(), rebuild=True) as store:
        assert rebuild(store) == 2
        assert verify(store) == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "x"}', '{"format": 1, "embedder": 3}', None])
def test_a_damaged_manifest_is_refused_and_a_rebuild_mends_it(path: Path, content: str | None) -> None:
    _filled(path)
    (path / "manifest.json").unlink() if content is None else (path / "manifest.json").write_text(content)
    with pytest.raises(StoreError, match=r"missing or damaged.*rag ingest --rebuild"):
        open_store(path, TinyEmbedder())
    with open_store(path, TinyEmbedder(), rebuild=True) as store:
        rebuild(store)
    with open_store(path, TinyEmbedder()) as store:
        assert len(store.articles()) == 2
        assert verify(store) == []


@pytest.mark.parametrize("content", [b"", b"no database " * 500, None])
@pytest.mark.parametrize("anew", [False, True])
def test_a_lost_ledger_never_opens_as_an_empty_store(path: Path, content: bytes | None, anew: bool) -> None:
    _filled(path)
    (path / "ledger.sqlite3").unlink() if content is None else (path / "ledger.sqlite3").write_bytes(content)
    with pytest.raises(StoreError, match="restore it from a copy, or ingest into a new --store"):
        open_store(path, TinyEmbedder(), rebuild=anew)


def test_a_newer_format_is_refused_also_by_a_rebuild(path: Path) -> None:
    _filled(path)
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**manifest, "format": 99}))
    for anew in (False, True):
        with pytest.raises(StoreError, match="format 99 and this version reads 2: install a newer"):
            open_store(path, TinyEmbedder(), rebuild=anew)


def test_an_older_format_is_refused_with_the_command_that_brings_it_up_to_date(path: Path) -> None:
    _filled(path)
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**manifest, "format": 0}))
    with pytest.raises(StoreError, match=r"format 0.*rag ingest --rebuild --store .* loses nothing"):
        open_store(path, TinyEmbedder())


def test_a_store_of_the_first_format_is_brought_up_to_date_by_the_command_its_error_names(path: Path) -> None:
    with open_store(path, TinyEmbedder()) as store:
        put(store, COCAINE, WHALES, make(COCAINE.text + " Police said so.", "/news/copy.txt"))
        store.ledger.issue([(COCAINE.id, 0, 8, "Colombia")])
        put(store, make("Entirely other words stand in this file now.", COCAINE.key))
        before, first = store.fingerprint(), store.ledger.rows("SELECT first_issued FROM issued")
        for gone in ("DROP TABLE stories", "DROP TABLE minhashes"):
            store.ledger.rows(gone)
        for column in ("before", "after"):
            store.ledger.rows(f"ALTER TABLE issued DROP COLUMN {column}")
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**manifest, "format": 1}))
    with pytest.raises(StoreError, match=r"format 1.*rag ingest --rebuild --store .* loses nothing"):
        open_store(path, TinyEmbedder())
    embedder = TinyEmbedder()
    with open_store(path, embedder, rebuild=True) as store:
        assert rebuild(store) == 3
        assert embedder.calls == 0
    with open_store(path, TinyEmbedder()) as store:
        assert store.fingerprint() == before
        assert store.ledger.rows("SELECT first_issued, before, after FROM issued") == [
            (*first[0], "", COCAINE.text[8:40])
        ]
        assert verify(store) == []


def test_a_refused_store_is_free_for_others(path: Path) -> None:
    _filled(path)
    with pytest.raises(StoreError):
        open_store(path, TinyEmbedder("other"))
    with open_store(path, TinyEmbedder()) as store:
        assert len(store.articles()) == 2


def test_the_command_in_a_message_can_be_pasted(tmp_path: Path) -> None:
    _filled(tmp_path / "my store")
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path / "my store", TinyEmbedder("other"))
    assert f"--store '{tmp_path / 'my store'}'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_rebuild_under_another_embedder_loses_no_article_and_no_citation(path: Path) -> None:
    with open_store(path, TinyEmbedder()) as store:
        put(store, COCAINE, WHALES)
        store.ledger.issue([(COCAINE.id, 0, 8, "Colombia")])
        put(store, make("The file of the cocaine has other words now.", COCAINE.key))
        before = store.fingerprint()
    other = TinyEmbedder("other")
    with open_store(path, other, Chunking(40, 10), rebuild=True) as store:
        seen: list[str] = []
        assert rebuild(store, lambda article: seen.append(article.id)) == 2
        assert sorted(seen) == sorted(article.id for article in store.articles())
    with open_store(path, other, Chunking(40, 10)) as store:
        assert store.fingerprint() == before
        assert dense(store, "whales")[0] == WHALES.id
        assert store.article(COCAINE.id).text == COCAINE.text
        assert verify(store) == []


def test_a_rebuild_whose_model_fails_leaves_the_store_as_it_was(path: Path) -> None:
    _filled(path)
    with (
        open_store(path, TinyEmbedder("other", fails_at=1), rebuild=True) as store,
        pytest.raises(Exception, match="tiny"),
    ):
        rebuild(store)
    embedder = TinyEmbedder()
    with open_store(path, embedder) as store:
        assert embedder.calls == 0
        assert dense(store, "cocaine")
        assert verify(store) == []


def test_a_rebuild_whose_model_fails_does_not_pass_for_done(path: Path) -> None:
    _filled(path)
    (path / "manifest.json").unlink()
    broken, chunking = TinyEmbedder(fails_at=1), Chunking(40, 10)
    with open_store(path, broken, chunking, rebuild=True) as store, pytest.raises(ModelError):
        rebuild(store)
    with pytest.raises(StoreError, match="missing or damaged"):
        open_store(path, TinyEmbedder(), chunking)


def test_a_rebuild_that_was_cut_short_is_refused_until_it_is_done(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _filled(path)
    other = TinyEmbedder("other")
    with open_store(path, other, rebuild=True) as store, monkeypatch.context() as broken:
        broken.setattr(type(store._vectors), "put", _fail)
        with pytest.raises(OSError, match="disk"):
            rebuild(store)
    with pytest.raises(StoreError, match="cut short: `rag ingest --rebuild"):
        open_store(path, TinyEmbedder())
    with open_store(path, other, rebuild=True) as store:
        rebuild(store)
    with open_store(path, other) as store:
        assert verify(store) == []


def test_a_path_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StoreError, match="give a folder that you may write to"):
            open_store(path, TinyEmbedder())
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder in which nobody may write")
def test_a_folder_that_cannot_be_written_is_refused() -> None:
    for path in ("/proc/self", "/proc/store"):
        with pytest.raises(StoreError, match="give a folder that you may write to"):
            open_store(path, TinyEmbedder())


def test_exists_says_whether_a_folder_holds_a_store(path: Path) -> None:
    assert not exists(path)
    _filled(path)
    assert exists(path)


def test_a_settings_file_of_another_program_does_not_reach_chroma(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("CHROMA_SERVER_HTTP_PORT=none\nis_persistent=banana\n")
    monkeypatch.chdir(tmp_path)
    with open_store(tmp_path / "store", TinyEmbedder()) as store:
        assert store.articles() == []

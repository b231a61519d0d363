"""Ingest, to be read top to bottom: targets -> items -> drafts -> articles -> chunks -> vectors -> store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.articles import Article, Chunk, Item
from index.chunks import Chunking, chunk_spans
from index.errors import ItemError
from index.ledger import Outcome
from index.metadata import to_article
from index.readers import read
from index.sentences import sentence_spans
from index.sources import IngestOptions, items
from index.store import Cut, Store
from index.verify import verify

__all__ = ["Cut", "cut", "ingest", "read_all", "rebuild", "restore", "store_all", "verify"]

BATCH_CHUNKS = 256
"""Chunks embedded and stored together: enough to make writing cheap, and all that a crash can lose."""

Progress = Callable[[Outcome], None]


@dataclass
class Batch:
    """What was read and not stored yet.

    Attributes:
        cuts: articles to store, by id.
        again: articles with the content of one of them and a key of their own.
        outcomes: to be noted once all of it is stored, in order.
    """

    cuts: dict[str, Cut] = field(default_factory=dict)
    again: list[Article] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    chunks: int = 0


def ingest(
    store: Store,
    targets: Sequence[str],
    options: IngestOptions | None = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Indexes files, folders, archives and addresses.

    Ingesting the same content twice changes nothing and embeds nothing; a changed article replaces its old version
    whole; one bad item never stops the others.

    Args:
        store: an open store.
        targets: paths and http(s) addresses.
        options: limits and the column map of tables.
        progress: called with each outcome once it is final.

    Returns:
        One outcome an article or failed item, in order.

    Raises:
        ModelError: the embedder cannot run; what was stored before stays, and ingesting again completes it.
        StoreError: the disk is full or the store damaged.
    """
    return store_all(store, _articles(targets, options or IngestOptions()), progress)


def read_all(target: str, found: Iterable[Item | ItemError], options: IngestOptions) -> Iterator[Article | Outcome]:
    """The articles of some items; whatever goes wrong is an outcome of its own and loses nothing that was read before.

    Args:
        target: what the items come from, as the user would name it.
        found: its items, and those that could not be had.
        options: the column map of tables.
    """
    try:
        for item in found:
            if isinstance(item, ItemError):
                yield _failed(item)
            else:
                yield from _read_item(item, options)
    except Exception as error:  # noqa: BLE001 - nor must a bug on one target lose the others
        yield _strange(target, error)


def store_all(store: Store, found: Iterable[Article | Outcome], progress: Progress | None = None) -> list[Outcome]:
    """Stores articles as they are read, some at a time; see `ingest`.

    Args:
        store: an open store.
        found: articles, and outcomes of items that could not be read.
        progress: called with each outcome once it is final.
    """
    outcomes: list[Outcome] = []
    batch = Batch()
    declared: dict[str, tuple[str, str]] = {}
    for one in found:
        batch.outcomes.append(one if isinstance(one, Outcome) else _place(store, one, declared, batch))
        if not batch.cuts or batch.chunks >= BATCH_CHUNKS:
            outcomes += _flush(store, batch, progress)
            batch = Batch()
    return outcomes + _flush(store, batch, progress)


def rebuild(store: Store, progress: Callable[[Article], None] | None = None) -> int:
    """Cuts and embeds every stored article anew, after a change of embedder or chunking; how many there are.

    Args:
        store: opened with `rebuild=True`.
        progress: called with each article once it is embedded.

    Raises:
        ModelError: the embedder cannot run; the store is as it was, and what was embedded need not be again.
    """
    cuts: list[Cut] = []
    waiting: list[Cut] = []
    articles = store.articles()
    for number, article in enumerate(articles, 1):
        waiting.append(cut(article, store.chunking))
        if sum(len(chunks) for _, _, chunks in waiting) >= BATCH_CHUNKS or number == len(articles):
            store.embed(waiting)
            if progress:
                for done, _, _ in waiting:
                    progress(done)
            cuts += waiting
            waiting = []
    store.rebuild(cuts)
    return len(cuts)


def restore(store: Store, article_id: str) -> Outcome:
    """Undoes `Store.remove`: the article can be found again, and the files and addresses it came from stand for it.

    One of them that stands for another article by now goes on doing so.

    Args:
        store: an open store.
        article_id: of an article that was removed.

    Returns:
        What is noted in the ledger: "restored", with the article's source.

    Raises:
        UnknownArticleError: it was never here.
        RestoreError: it is in the corpus, was replaced by a newer version, or all that it came from stands for other
            articles now; nothing was changed.
        ModelError: it must be embedded anew and the embedder cannot run; nothing was changed.
    """
    return store.restore(cut(store.article(article_id), store.chunking))


def cut(article: Article, chunking: Chunking) -> Cut:
    """The article with the spans of its sentences, and its chunks."""
    sentences = sentence_spans(article.text)
    spans = chunk_spans(article.text, sentences, chunking)
    return article, sentences, [Chunk(article.id, start, end, article.text[start:end]) for start, end in spans]


def _articles(targets: Sequence[str], options: IngestOptions) -> Iterator[Article | Outcome]:
    seen: set[str] = set()
    for target in targets:
        yield from read_all(target, _new(items([target], options), seen), options)


def _new(found: Iterable[Item | ItemError], seen: set[str]) -> Iterator[Item | ItemError]:
    """The items without those that another target has given already."""
    for item in found:
        if isinstance(item, ItemError):
            yield item
        elif item.key not in seen:
            seen.add(item.key)
            yield item


def _read_item(item: Item, options: IngestOptions) -> Iterator[Article | Outcome]:
    """The articles of one item; whatever goes wrong with it is its own outcome and stops nothing else."""
    try:
        for draft in read(item, options.columns):
            try:
                if isinstance(draft, ItemError):
                    raise draft
                yield to_article(item.key, item.name, draft, item.url)
            except ItemError as error:
                yield _failed(error)
    except ItemError as error:
        yield _failed(error)
    except RecursionError:
        yield Outcome(item.name, "failed", reason="nested too deeply to be read: flatten it")
    except Exception as error:  # noqa: BLE001 - a parser's bug on one strange file must not lose the others
        yield _strange(item.name, error)


def _failed(error: ItemError) -> Outcome:
    return Outcome(error.item, "failed", reason=error.reason)


def _strange(item: str, error: Exception) -> Outcome:
    what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return Outcome(item, "failed", reason=f"could not be read ({what}): convert it to text or HTML")


def _place(store: Store, article: Article, declared: dict[str, tuple[str, str]], batch: Batch) -> Outcome:
    """Decides what an article is to the store, and puts it into the batch if it must be stored.

    Args:
        store: where it goes.
        article: what was read.
        declared: the keys of this run so far, with the id and source of the article each came with.
        batch: what waits.
    """
    first = article.key not in declared
    earlier_id, earlier_source = declared.setdefault(article.key, (article.id, article.source))
    if earlier_id != article.id:
        reason = f"has the id of {earlier_source!r} in this run ({article.key!r}) and other content: change one id"
        return Outcome(article.source, "failed", reason=reason)
    if not first:
        return Outcome(article.source, "duplicate", article.id, f"same content as {earlier_source!r}")
    old = store.ledger.current(article.key)
    if old == article.id:
        return Outcome(article.source, "unchanged", article.id)
    if article.id in batch.cuts:
        batch.again.append(article)
        there = batch.cuts[article.id][0].source
    elif store.point(article):
        was = _renamed(store, article)
        if was:
            return Outcome(article.source, "unchanged", article.id, f"was {was!r}")
        there = store.article(article.id).source
    else:
        waiting = batch.cuts[article.id] = cut(article, store.chunking)
        batch.chunks += len(waiting[2])
        before = store.article(old) if old else None
        # An id declared in two files replaces one by the other: whose article went must not stay unsaid.
        other = before and (before.source, before.outlet) != (article.source, article.outlet)
        was = f"was {before.source!r} of {before.outlet or 'an outlet not known'}" if before and other else ""
        return Outcome(article.source, "replaced" if old else "added", article.id, was)
    return Outcome(article.source, "duplicate", article.id, f"same content as {there!r}")


def _renamed(store: Store, article: Article) -> str | None:
    """Where the files that held an article are gone now that this one does: lets go of them; the name of the last."""
    sql = "SELECT key, source FROM origins WHERE article_id = ? AND key <> ? ORDER BY rowid"
    others = [(str(key), str(source)) for key, source in store.ledger.rows(sql, [article.id, article.key])]
    gone = [(key, source) for key, source in others if _is_gone(key)]
    for key, _ in gone:
        store.leave(key, article.id)
    return gone[-1][1] if gone and len(gone) == len(others) else None


def _is_gone(key: str) -> bool:
    """Whether a key names a file, or a part or member of one, that is no longer there."""
    ends = [len(key), *(mark.start() for mark in re.finditer("[#!]", key))]
    try:
        return Path(key).is_absolute() and not any(Path(key[:end]).exists() for end in ends)
    except OSError:  # nobody may look
        return False


def _flush(store: Store, batch: Batch, progress: Progress | None) -> list[Outcome]:
    if batch.cuts:
        store.add(list(batch.cuts.values()))
    for article in batch.again:
        store.point(article)
    outcomes = [_with_copy(store, outcome) for outcome in batch.outcomes]
    store.ledger.note(outcomes)
    if progress:
        for outcome in outcomes:
            progress(outcome)
    return outcomes


def _with_copy(store: Store, outcome: Outcome) -> Outcome:
    """The outcome, which for a new article that is a copy says so."""
    if outcome.result not in ("added", "replaced") or outcome.reason or not outcome.article_id:
        return outcome
    copies = store.stories.copies(outcome.article_id, 1)
    return replace(outcome, reason=f"copy of {copies[0].source!r}") if copies else outcome

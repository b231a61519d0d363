"""Ingest, to be read top to bottom: targets -> items -> drafts -> articles -> chunks -> vectors -> store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from index.articles import Article, Chunk, Item
from index.chunks import Chunking, Span, chunk_spans
from index.errors import ItemError, StoreError
from index.ledger import Outcome
from index.metadata import to_article
from index.readers import read
from index.sentences import sentence_spans
from index.sources import IngestOptions, items
from index.store import Store

BATCH_CHUNKS = 256
"""Chunks embedded and stored together: enough for batches of similar length, and all that a crash can lose."""

Cut = tuple[Article, list[Span], list[Chunk]]


@dataclass
class Batch:
    """Articles read and not stored yet, further keys for them, and the outcomes to note once they are stored."""

    cuts: list[Cut] = field(default_factory=list)
    extra_keys: list[tuple[str, str]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def chunks(self) -> int:
        """How many chunks wait."""
        return sum(len(chunks) for _, _, chunks in self.cuts)


def ingest(
    store: Store,
    targets: Sequence[str],
    options: IngestOptions | None = None,
    progress: Callable[[Outcome], None] | None = None,
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
    """
    outcomes: list[Outcome] = []
    batch = Batch()
    declared: dict[str, Article] = {}
    for found in _articles(targets, options or IngestOptions()):
        outcome = found if isinstance(found, Outcome) else _place(store, found, declared, batch)
        batch.outcomes.append(outcome)
        if batch.chunks >= BATCH_CHUNKS:
            outcomes += _flush(store, batch, progress)
            batch = Batch()
    return outcomes + _flush(store, batch, progress)


def rebuild(store: Store, progress: Callable[[Article], None] | None = None) -> int:
    """Cuts and embeds every stored article anew, after a change of embedder or chunking; how many there are."""
    articles = store.articles()
    cuts = []
    for article in articles:
        cuts.append(cut(article, store.chunking))
        if progress:
            progress(article)
    store.rebuild(cuts)
    return len(articles)


def cut(article: Article, chunking: Chunking) -> Cut:
    """The article with the spans of its sentences, and its chunks."""
    sentences = sentence_spans(article.text)
    spans = chunk_spans(article.text, sentences, chunking)
    return article, sentences, [Chunk(article.id, start, end, article.text[start:end]) for start, end in spans]


def verify(store: Store) -> list[str]:
    """What is wrong with a store, a line each; empty when it is sound.

    Checks that every citation ever issued still resolves, that chunks are what their spans say, that no chunk lacks
    its article or vector, that no vector lacks its chunk, and that nothing is there twice.
    """
    return [problem for check in (_citations, _chunks, _vectors, _duplicates) for problem in check(store)]


def _articles(targets: Sequence[str], options: IngestOptions) -> Iterator[Article | Outcome]:
    for item in items(targets, options):
        if isinstance(item, ItemError):
            yield Outcome(item.item, "failed", reason=item.reason)
            continue
        yield from _read_item(item, options)


def _read_item(item: Item, options: IngestOptions) -> Iterator[Article | Outcome]:
    """The articles of one item; whatever goes wrong with it is its own outcome and stops nothing else."""
    try:
        for draft in read(item, options.columns):
            try:
                yield (
                    _failed(draft) if isinstance(draft, ItemError) else to_article(item.key, item.name, draft, item.url)
                )
            except ItemError as error:
                yield _failed(error)
    except ItemError as error:
        yield _failed(error)
    except RecursionError:
        yield Outcome(item.name, "failed", reason="nested too deeply to be read: flatten it")
    except Exception as error:  # noqa: BLE001 - a parser's bug on one strange file must not lose the others
        yield Outcome(
            item.name,
            "failed",
            reason=f"could not be read ({type(error).__name__}: {error}): convert it to text or HTML",
        )


def _failed(error: ItemError) -> Outcome:
    return Outcome(error.item, "failed", reason=error.reason)


def _place(store: Store, article: Article, declared: dict[str, Article], batch: Batch) -> Outcome:
    """Decides what an article is to the store, and puts it into the batch if it must be stored."""
    earlier = declared.setdefault(article.key, article)
    if earlier.id != article.id:
        return Outcome(
            article.source,
            "failed",
            reason=f"has the id of {earlier.source!r} in this run ({article.key!r}) and other content: change one id",
        )
    old = store.ledger.current(article.key)
    if old == article.id:
        return Outcome(article.source, "unchanged", article.id)
    if earlier is not article:
        return Outcome(article.source, "duplicate", article.id, f"same content as {earlier.source!r}")
    result = "replaced" if old else "added"
    waiting = next((cut_[0] for cut_ in batch.cuts if cut_[0].id == article.id), None)
    there = waiting or (store.article(article.id) if store.ledger.state(article.id) == "live" else None)
    if there is None:
        batch.cuts.append(cut(article, store.chunking))
        return Outcome(article.source, result, article.id)
    if waiting is None:
        store.point(article.key, article.id)
    else:
        batch.extra_keys.append((article.key, article.id))
    return Outcome(article.source, "duplicate", article.id, f"same content as {there.source!r}")


def _flush(store: Store, batch: Batch, progress: Callable[[Outcome], None] | None) -> list[Outcome]:
    if batch.cuts:
        store.add(batch.cuts)
    for key, article_id in batch.extra_keys:
        store.point(key, article_id)
    store.ledger.note(batch.outcomes)
    for outcome in batch.outcomes:
        if progress:
            progress(outcome)
    return batch.outcomes


def _citations(store: Store) -> Iterable[str]:
    for article_id, start, end, quote in store.ledger.rows("SELECT article_id, start, end, quote FROM issued"):
        article = store.ledger.article(str(article_id))
        if article is None:
            yield f"a citation was issued to article {article_id!r}, which is not in the store"
        elif article.text[int(str(start)) : int(str(end))] != quote:
            yield f"the citation {article_id}:{start}-{end} no longer holds its quote"


def _chunks(store: Store) -> Iterable[str]:
    live = {article.id: article for article in store.articles()}
    covered = set()
    for row in store.ledger.rows("SELECT article_id, start, end, text, rowid FROM chunks"):
        article = live.get(str(row[0]))
        covered.add(str(row[0]))
        if article is None:
            yield f"chunk {row[0]}:{row[1]}-{row[2]} belongs to no article in the corpus"
        elif article.text[int(str(row[1])) : int(str(row[2]))] != row[3]:
            yield f"chunk {row[0]}:{row[1]}-{row[2]} is not what its span says"
    for article_id in live.keys() - covered:
        yield f"article {article_id!r} has no chunks, so it can never be found"


def _vectors(store: Store) -> Iterable[str]:
    chunks = {str(row[0]) for row in store.ledger.rows("SELECT id FROM chunks")}
    vectors = set(store.vector_ids())
    for key in sorted(chunks - vectors):
        yield f"chunk {key!r} has no vector"
    for key in sorted(vectors - chunks):
        yield f"vector {key!r} belongs to no chunk"
    try:
        store.sparse.check()
    except StoreError as error:
        yield str(error)


def _duplicates(store: Store) -> Iterable[str]:
    seen: dict[tuple[object, ...], str] = {}
    for article in store.articles():
        content = (article.text, article.title, article.outlet, article.published)
        if content in seen:
            yield f"articles {seen[content]!r} and {article.id!r} are the same"
        seen[content] = article.id

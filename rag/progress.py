"""What `rag ingest` adds to an ingest: a progress bar, and columns given as options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.articles import FIELDS
from index.errors import SourceboundError

if TYPE_CHECKING:
    from index.ledger import Outcome
    from index.limits import IngestOptions
    from index.store import Store


def with_progress(store: Store, targets: list[str], options: IngestOptions) -> list[Outcome]:
    """Ingests, with a bar on standard error that goes when it is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from index.build import ingest as run
    from index.sources import total

    if not targets:
        return []
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("indexing", total=total(targets))
        return run(
            store, targets, options, lambda outcome: progress.update(task, advance=1, description=outcome.result)
        )


def columns_of(pairs: list[str]) -> dict[str, str]:
    """`--column text=body` as a mapping; raises SourceboundError for a field that there is not."""
    columns = dict(pair.partition("=")[::2] for pair in pairs)
    for name, column in columns.items():
        if name not in ("text", *FIELDS) or not column:
            msg = f"--column {name}={column}: write FIELD=COLUMN, with FIELD one of text, {', '.join(FIELDS)}"
            raise SourceboundError(msg)
    return columns

"""The command line: thin adapters over `index` and `rag`; `ui` and `eval` are imported only by their own commands."""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from index.errors import ModelCallError, SourceboundError
from rag import cli_eval, cli_users, terminal
from rag.answers import CONVERSATION
from rag.cli_serve import serve
from rag.config_command import config
from rag.options import CheckingOption, ExtractOption, JsonOption, ModelOption, StoreOption, opened_store, settings_of

app = typer.Typer(
    name="rag",
    help="Questions over news articles, answered only with checked, exactly cited sentences.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: it starts faster, and the documentation holds it as it is
    add_completion=False,
)
articles = typer.Typer(help="The corpus: list, show, remove, restore.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(articles, name="articles")
app.add_typer(cli_eval.app, name="eval")
app.add_typer(cli_users.app, name="users")

INGEST_FAILED, ABSTAINED, UNSOUND, INTERRUPTED = 3, 4, 5, 130


@app.command()
def ingest(
    targets: Annotated[
        list[str] | None, typer.Argument(help="Files, folders, zip archives, http(s) pages and feeds.")
    ] = None,
    store: StoreOption = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--column", help="Column of a csv or jsonl file, as text=body or title=headline; may be repeated."
        ),
    ] = None,
    max_size: Annotated[int, typer.Option(help="Largest file or page, in megabytes.")] = 50,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also fetch addresses inside private networks.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Cut and embed all stored articles anew, after a change of embedder.")
    ] = False,
) -> None:
    """Index articles. Exit 0 when all went in, 3 when some items failed (each is named, the others are in)."""
    from index import build
    from index.sources import IngestOptions
    from rag.progress import columns_of, with_progress

    if not targets and not rebuild:
        raise SourceboundError("nothing to ingest: name files, folders or addresses")  # noqa: EM101
    options = IngestOptions(columns=columns_of(columns or []), max_bytes=max_size * 2**20, allow_private=allow_private)
    with opened_store(store, create=True, rebuild=rebuild) as opened:
        if rebuild:
            count = build.rebuild(opened)
            typer.echo(f"{count} articles cut and embedded anew")
        outcomes = with_progress(opened, targets or [], options)
    failed = [outcome for outcome in outcomes if outcome.result == "failed"]
    if targets:
        typer.echo(terminal.ledger(outcomes))
    if targets and not outcomes:
        raise SourceboundError(f"nothing to ingest in {', '.join(map(repr, targets))}: no file of a known format")  # noqa: EM102
    raise typer.Exit(INGEST_FAILED if failed else 0)


@app.command()
def ask(
    question: str,
    store: StoreOption = None,
    since: Annotated[
        str | None, typer.Option(help="Only articles published on or after this day, as 2026-03-10.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Only articles published on or before this day.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option(help='The day to answer for: nothing later is seen, and "last month" counts from it.'),
    ] = None,
    outlet: Annotated[list[str] | None, typer.Option(help="Only articles of this outlet; may be repeated.")] = None,
    article: Annotated[list[str] | None, typer.Option(help="Only this article, by its id; may be repeated.")] = None,
    checking: CheckingOption = None,
    model: ModelOption = None,
    extractive: ExtractOption = False,
    as_json: JsonOption = False,
) -> None:
    """Answer one question. Exit 0 when answered (also in part, or with sources that differ), 4 when not."""
    from rag.ask import stream_cited
    from rag.stop import Stop, on_interrupt

    stop = Stop()
    steps = stream_cited(
        question,
        stop=stop,
        store=store,
        since=since,
        until=until,
        as_of=as_of,
        outlets=outlet or [],
        articles=article or [],
        settings=settings_of(checking, model, extractive=extractive),
    )
    with on_interrupt(stop):
        result = terminal.show(steps, _written, as_json=as_json, debug=_debug())
    raise typer.Exit(INTERRUPTED if stop else ABSTAINED if result.status == "abstained" else 0)


@app.command()
def chat(
    store: StoreOption = None,
    checking: CheckingOption = None,
    model: ModelOption = None,
    extractive: ExtractOption = False,
    as_json: JsonOption = False,
) -> None:
    """Several turns. With --json, a question a line in and an answer a line out; an empty line starts anew."""
    from rag.ask import open_corpus, stream_cited
    from rag.stop import Stop, on_interrupt

    settings = settings_of(checking, model, extractive=extractive)
    with open_corpus(store, settings) as opened:
        history: list[str] = []
        for question in terminal.questions(prompt=not as_json):
            if not question:
                history = []
                continue
            try:
                steps = stream_cited(question, store=opened, history=history, settings=settings, stop=(stop := Stop()))
                with on_interrupt(stop):
                    result = terminal.show(steps, _written, as_json=as_json, debug=_debug())
            except SourceboundError as error:
                said = {"error": str(error)} | ({"state": error.state} if isinstance(error, ModelCallError) else {})
                typer.echo(json.dumps(said) if as_json else f"rag: {error}", err=not as_json)
                continue
            _written("" if as_json else "\n")
            if result.provenance.answerer != CONVERSATION:
                history.append(question)


app.command()(serve)


@app.command()
def verify(
    store: StoreOption = None,
    answers: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Verify these answers: lines of `rag ask --json`; - for standard input."),
    ] = None,
) -> None:
    """Prove a store sound: all citations resolve, no orphan, no duplicate. Exit 0, or 5 with what is wrong.

    With --answers, prove answers instead: every citation resolves, every sentence is supported when checked again.
    """
    from index.build import verify as problems_of
    from rag import kept
    from rag.check.configured import configured

    lines = kept.lines_of(answers) if answers else []
    with opened_store(store) as opened:
        if answers:
            checker = configured(settings_of())
            problems, counts = kept.verify(opened, checker, lines)
            claim = f", all resolve and hold, checked by {checker.name}"
        else:
            problems, counts, claim = problems_of(opened), opened.counts(), " issued, all resolve"
    summary = f"sound: {', '.join(f'{count} {name}' for name, count in counts.items())}{claim}"
    typer.echo("\n".join(problems) if problems else summary)
    raise typer.Exit(UNSOUND if problems else 0)


app.command()(config)


@articles.command(name="list")
def list_articles(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """The articles that answers may use."""
    from rag.ask import open_corpus

    with open_corpus(store) as opened:
        found = opened.articles()
        heads = opened.stories.heads([article.id for article in found])
    if as_json:
        records = [{**terminal.record(article), "story": heads[article.id]} for article in found]
        typer.echo(json.dumps(records, ensure_ascii=False))
        return
    for article in found:
        copy = "" if heads[article.id] == article.id else f"  copy of {heads[article.id]}"
        typer.echo(terminal.line(article) + copy)


@articles.command(name="show")
def show_article(
    article_id: Annotated[str, typer.Argument(metavar="ID")],
    store: StoreOption = None,
    as_json: JsonOption = False,
    text: Annotated[
        bool, typer.Option("--text", help="Print only the stored text, the one that spans count in.")
    ] = False,
) -> None:
    """One article: its metadata, where each piece was found, and its text."""
    from rag.ask import open_corpus

    with open_corpus(store) as opened:
        article = opened.article(article_id)
        record = {**terminal.record(article), "story": opened.story(article_id)}
    if text:
        sys.stdout.buffer.write(article.text.encode())
    elif as_json:
        typer.echo(json.dumps({**record, "text": article.text}, ensure_ascii=False))
    else:
        for name, value in record.items():
            typer.echo(f"{name}: {value}")
        typer.echo(f"\n{article.text}")


@articles.command(name="remove")
def remove_article(
    article_id: Annotated[str, typer.Argument(metavar="ID")], store: StoreOption = None, as_json: JsonOption = False
) -> None:
    """Take an article out of all later answers. Its text stays, so that citations issued before still resolve."""
    with opened_store(store) as opened:
        opened.remove(article_id)
    typer.echo(json.dumps({"removed": article_id}) if as_json else f"removed {article_id}")


@articles.command(name="restore")
def restore_article(
    article_id: Annotated[str, typer.Argument(metavar="ID")], store: StoreOption = None, as_json: JsonOption = False
) -> None:
    """Undo a removal: later answers may use the article again."""
    from index.build import restore

    with opened_store(store) as opened:
        restore(opened, article_id)
    typer.echo(json.dumps({"restored": article_id}) if as_json else f"restored {article_id}")


def main() -> None:
    """Runs the command line: an error is one line on standard error and exit code 2; `--debug` shows more."""
    try:
        sys.exit(app(args=[word for word in sys.argv[1:] if word != "--debug"], standalone_mode=False))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(INTERRUPTED)
    except (SourceboundError, TyperException) as error:
        if _debug():
            traceback.print_exc()
        _fail(str(error) or "a command is needed: `rag --help` lists them")
    except BrokenPipeError:
        sys.stdout = None  # whoever read the output has gone; nothing is left to flush
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last resort: one line instead of a traceback
        if _debug():
            traceback.print_exc()
        _fail(f"internal error ({type(error).__name__}: {str(error)[:300]}): run it again with --debug and report that")


def _fail(text: str) -> NoReturn:
    sys.stderr.write(f"rag: {' '.join(text.split())}\n")
    sys.exit(2)


def _written(text: str) -> None:
    typer.echo(text, nl=False)


def _debug() -> bool:
    return "--debug" in sys.argv

"""The commands below `rag eval`; what they do is in `eval`, which is imported when one of them is given."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer.core import TyperGroup

from rag.options import ExtractOption, JsonOption, ModelOption, settings_of

if TYPE_CHECKING:
    from typer._click import Context

RUN = "run"


class Suites(TyperGroup):
    """Takes the name of a suite where a command could stand: `rag eval seeds` is `rag eval run seeds`."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """As without, with the command `run` put before what is none."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [RUN, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Suites,
    help="Evaluation: run a suite (`rag eval SUITE`), or make, review and compare.",
    rich_markup_mode=None,
)

SuiteArgument = Annotated[str, typer.Argument(help="Name of a suite that ships, or a folder that holds one.")]
FolderArgument = Annotated[Path, typer.Argument(metavar="SUITE", help="Folder of the suite.")]


@app.command(name=RUN)
def run(
    suite: SuiteArgument = "seeds",
    data: Annotated[Path | None, typer.Option(help="Where public data sets lie.")] = None,
    gate: Annotated[bool, typer.Option(help="Exit 6 when a figure fell for certain or a promise broke.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Folder for the report: HTML, JSON, JUnit XML and Markdown.")
    ] = None,
    as_json: JsonOption = False,
    accept: Annotated[bool, typer.Option(help="Keep this run as the baseline that the gate compares with.")] = False,
    judge: Annotated[
        str, typer.Option(metavar="CHECKER", help="Who judges the answers. Default: the checker that made them.")
    ] = "",
    robustness: Annotated[
        bool, typer.Option(help="Ask again in other words, with typos, among more articles, in another order.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=0, help="Questions asked at once. Default: 1, with a model 4.")] = 0,
    fresh: Annotated[bool, typer.Option(help="Ask again what an earlier run has kept the answer of.")] = False,
    model: ModelOption = None,
    extractive: ExtractOption = False,
) -> None:
    """Run a suite: figures with intervals, a report, the gate. A stopped run goes on where it was."""
    command = importlib.import_module("eval.command")
    settings = settings_of(None, model, extractive=extractive)
    options = command.Options(data, gate, report, as_json, accept, judge, robustness, jobs, fresh)
    raise typer.Exit(command.run_suite(suite, options, settings))


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="SUITE", help="Folder to make.")],
    corpus: Annotated[Path, typer.Option(help="Folder of your articles.")],
    count: Annotated[int, typer.Option(min=1, help="About how many questions to propose.")] = 60,
    with_model: Annotated[bool, typer.Option(help="Have the configured language model propose as well.")] = False,
    from_feedback: Annotated[
        Path | None,
        typer.Option(
            metavar="STORE_OR_FILE", help="Propose what readers of this store asked and judged, and nothing else."
        ),
    ] = None,
) -> None:
    """Make a suite from your articles: questions with gold spans are proposed, for you to review."""
    propose = importlib.import_module("eval.propose.command").init
    raise typer.Exit(propose(folder, corpus, count=count, model=with_model, feedback=from_feedback))


@app.command()
def review(folder: FolderArgument) -> None:
    """Accept, edit or reject the questions that are proposed, one by one. What is not reviewed is not asked."""
    raise typer.Exit(importlib.import_module("eval.propose.review").review(folder))


@app.command()
def label(
    suite: SuiteArgument,
    report: Annotated[Path, typer.Option(help="Folder of a report of this suite.")],
    count: Annotated[int, typer.Option(min=1, help="How many sentences to show.")] = 50,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who labels.")] = "",
) -> None:
    """Say of sentences shown whether their quotes support them: the error of the judge is measured on that."""
    questions = importlib.import_module("eval.questions")
    folder = questions.find_suite(suite)
    name = questions.read_suite(folder).name
    raise typer.Exit(importlib.import_module("eval.labels").label(folder, report, count=count, by=by, suite=name))


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="Folder of a report.")],
    after: Annotated[Path, typer.Argument(help="Folder of another report of the same suite.")],
    report: Annotated[Path | None, typer.Option(help="Folder for a page with both side by side.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Two runs question by question: what changed, and how sure that is."""
    raise typer.Exit(importlib.import_module("eval.compare").compare(before, after, report=report, as_json=as_json))


@app.command()
def export(
    report: Annotated[Path, typer.Argument(help="Folder of a report.")],
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
    shape: Annotated[Literal["ragas", "deepeval", "trulens"], typer.Option(help="Who is to read it.")] = "ragas",
) -> None:
    """Write questions, answers and passages in the shape that another evaluation tool reads."""
    raise typer.Exit(importlib.import_module("eval.export").export(report, shape, out))


@app.command()
def schema() -> None:
    """Print the JSON schemas of suite.toml and of a line of questions.jsonl."""
    typer.echo(json.dumps(importlib.import_module("eval.schema").schema(), indent=1))

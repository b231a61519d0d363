"""The commands below `rag users`: who may sign in with a password; what they do is in `ui.people.passwords`."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from rag.options import JsonOption

app = typer.Typer(
    help="Who may sign in to `rag serve --users FILE`: add, list, remove.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

FileOption = Annotated[Path, typer.Option("--file", help="The password file, as given to `rag serve --users`.")]
NameArgument = Annotated[str, typer.Argument(help="As the user signs in.")]


@app.command()
def add(
    name: NameArgument,
    file: FileOption,
    role: Annotated[
        Literal["ask", "curate"], typer.Option(help="ask: questions only; curate: also add and remove articles.")
    ] = "ask",
) -> None:
    """Add a user, or give one a new password and role. The password is asked for, or read from standard input."""
    if sys.stdin.isatty():
        password = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    new = _passwords().set_password(file, name, role, password)
    typer.echo(f"{'added' if new else 'changed'} {name} ({role})")


@app.command(name="list")
def list_users(file: FileOption, as_json: JsonOption = False) -> None:
    """The users of a password file."""
    found = [{"name": user.name, "role": user.role} for user in _passwords().users_of(file)]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for user in found:
        typer.echo(f"{user['name']}  {user['role']}")


@app.command()
def remove(name: NameArgument, file: FileOption) -> None:
    """Take a user out; open sessions of that user end at once."""
    _passwords().remove_user(file, name)
    typer.echo(f"removed {name}")


def _passwords() -> Any:  # noqa: ANN401 - a module; `rag` does not know `ui`
    return importlib.import_module("ui.people.passwords")

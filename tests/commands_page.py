"""Prints docs/commands.md: the help of every command, as it is. `make docs` writes it, a test compares it."""

from __future__ import annotations

import sys

from typer.testing import CliRunner

from rag.cli import app

COMMANDS = [
    *("ingest", "ask", "chat", "serve", "articles list", "articles show", "articles remove"),
    *("articles restore", "verify", "config", "users add", "users list", "users remove"),
    *(f"eval {name}" for name in ("run", "init", "review", "label", "compare", "export", "schema")),
]
HEAD = """# Commands

`.venv/bin/rag COMMAND`. Made from the program's own help by `make docs`.

Errors are one line on standard error that says what is wrong and what to do, and exit code 2; `--debug` shows the
traceback as well, and with `ask` and `chat` the sentences that did not pass the check, with the reason.
Settings come from a file, the environment and options: [configuration](configuration.md) lists them, `rag config` shows
them.
"""


def page() -> str:
    """The page's text."""
    parts = [HEAD]
    for command in COMMANDS:
        shown = CliRunner().invoke(app, [*command.split(), "--help"], terminal_width=100, prog_name="rag")
        text = "\n".join(line.rstrip() for line in shown.output.strip().splitlines())
        parts.append(f"## rag {command}\n\n```\n{text}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())

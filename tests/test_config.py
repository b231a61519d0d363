"""Settings by file, environment and option: which one wins, where each comes from, keys that stay hidden."""

from __future__ import annotations

import json
import os
import re
import sys
import traceback
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import SettingsError
from rag import options
from rag.cli import main
from rag.config import BY_FILE, FIELDS, KEY_FILES, default_path, load
from rag.config_file import LARGEST
from rag.settings import ENVIRONMENT, Settings

ROOT = Path(__file__).resolve().parent.parent
SECRET = "sk-hunter2-0123456789"  # noqa: S105 - no key of anything
THREE = {
    "embedder": ("e1", "e2", "e3"),
    "checker": ("c1", "c2", "c3"),
    "checking": ("lenient", "strict", "lenient"),
    "model": ("m1", "m2", "m3"),
    "base_url": ("http://a/v1", "https://b/v1", "http://c"),
    "organization": ("o1", "o2", "o3"),
    "model_timeout": (1.5, 2.5, 3.5),
    "model_retries": (1, 3, 4),
    "model_reply": (101, 102, 103),
    "budget_day": (7, 8, 9),
    "price_input": (0.1, 0.2, 0.3),
    "query": ("model", "rules", "model"),
}
"""Values of a field, one a layer."""

LAYERS = ("file", "environment", "option")
posix = pytest.mark.skipif(os.name != "posix", reason="modes say nothing there")


def write(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Writes a configuration file and gives the environment that names it."""

    def make(text: str | bytes, mode: int = 0o600) -> dict[str, str]:
        return {"RAG_CONFIG": str(write(tmp_path / "config.toml", text, mode))}

    return make


def refused(environment: dict[str, str]) -> str:
    """The message of the error; neither it nor its traceback holds the secret, and it is one line."""
    with pytest.raises(SettingsError) as caught:
        load(environment)
    whole = "".join(traceback.format_exception(caught.value))
    assert SECRET not in whole
    assert "\n" not in str(caught.value)
    return str(caught.value)


@given(layers=st.dictionaries(st.sampled_from(sorted(THREE)), st.sets(st.sampled_from(LAYERS), min_size=1)))
def test_the_last_layer_that_sets_a_field_wins_and_is_named(
    tmp_path_factory: pytest.TempPathFactory, layers: dict[str, set[str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "precedence.toml"
    lines = [f"{name} = {json.dumps(THREE[name][0])}" for name, set_by in layers.items() if "file" in set_by]
    write(path, "\n".join(lines))
    environment = {ENVIRONMENT[name]: str(THREE[name][1]) for name in layers if "environment" in layers[name]}
    given_options = {name: (THREE[name][2], f"option --{name}") for name in layers if "option" in layers[name]}
    found = load({"RAG_CONFIG": str(path), **environment}, given_options)
    for name in FIELDS:
        last = max((LAYERS.index(layer) for layer in layers.get(name, ())), default=None)
        places = (f"file {path}", f"environment {ENVIRONMENT.get(name)}", f"option --{name}")
        assert found.origins[name] == ("default" if last is None else places[last])
        expected = getattr(Settings(), name) if last is None else THREE[name][last]
        assert getattr(found.settings, name) == expected


def test_without_a_file_the_defaults_hold_and_the_place_is_named() -> None:
    found = load({})
    assert (found.settings, found.there, found.path) == (Settings(), False, default_path())


def test_the_file_in_the_users_folder_is_read() -> None:
    default_path().parent.mkdir(parents=True)
    write(default_path(), "passages = 3")
    assert (load({}).settings.passages, load({}).there) == (3, True)


def test_a_named_file_goes_before_the_users(file) -> None:
    default_path().parent.mkdir(parents=True)
    write(default_path(), "passages = 3")
    assert load(file("sentences = 2")).settings == Settings(sentences=2)


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    assert "that RAG_CONFIG names is not there" in refused({"RAG_CONFIG": str(tmp_path / "none.toml")})


def test_a_named_folder_is_no_file(tmp_path: Path) -> None:
    assert "is no file" in refused({"RAG_CONFIG": str(tmp_path)})


def test_from_environment_reads_the_file_too(file) -> None:
    assert Settings.from_environment(file("sentences = 2")).sentences == 2


@pytest.mark.parametrize(
    ("name", "near"), [("modle", "model"), ("Passages", "passages"), ("base-url", "base_url"), ("key", "api_key")]
)
def test_an_unknown_setting_is_named_with_the_nearest_known_one(file, name: str, near: str) -> None:
    message = refused(file(f'model_key = "{SECRET}"\n{name} = 1'))
    assert f"unknown setting '{name}'" in message
    assert message.endswith(f"{near}'")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"model_key = {SECRET}", 1),
        (f'passages = 3\nmodel_key = "{SECRET}', 2),
        (f'model_key = "{SECRET}"\n\npassages =', 3),
        (f'model_key = "{SECRET}"\nmodel_key = "{SECRET}"', 2),
        (f'[{SECRET}]\n["{SECRET}"]', 2),
        (f'["{SECRET}"', 1),
        ("x = " + "[" * 5000, 1),
        (b"passages = 3\nmodel = '\xff'", 2),
    ],
)
def test_wrong_toml_is_refused_with_its_line_and_nothing_of_what_it_holds(file, text: str | bytes, line: int) -> None:
    assert f"correct line {line}" in refused(file(text))


@pytest.mark.parametrize("text", ["\ufeffpassages = 3", "passages = 3\r\nsentences = 4\r\n"])
def test_files_of_other_editors_are_read(file, text: str) -> None:
    assert load(file(text)).settings.passages == 3


def test_a_huge_file_is_refused(file) -> None:
    assert "larger than" in refused(file("#" * (LARGEST + 1)))


@pytest.mark.parametrize("text", [f'[model]\nkey = "{SECRET}"', f'model = ["{SECRET}"]'])
def test_a_table_in_place_of_a_value_is_refused_and_not_shown(file, text: str) -> None:
    assert "is a table or a list" in refused(file(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('passages = "3"', "passages '3' must be a whole number"),
        ("sentences = 0", "sentences 0 must be a whole number, at least 1"),
        ("model_retries = true", "model_retries True must be"),
        ("model = 2026-03-01", "must be a name"),
        ("store = 3", "store in"),
        ('store = ""', "store in"),
        ('store = "a\\u0000b"', "must be a path"),
        ("model_key = 5", "model_key (hidden) must be text"),
        ("model_context = 100", "model_reply 600 must be less than model_context 100"),
    ],
)
def test_a_wrong_value_is_named_with_the_file(file, text: str, said: str) -> None:
    environment = file(text)
    message = refused(environment)
    assert said in message
    assert environment["RAG_CONFIG"] in message


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("RAG_MODEL_TIMEOUT", "soon", "'soon' must be a number"),
        ("RAG_MODEL_TIMEOUT", "nan", "model_timeout nan must be a number"),
        ("RAG_MODEL_RETRIES", "1.5", "'1.5' must be a whole number"),
        ("RAG_BUDGET_DAY", "-1", "budget_day -1 must be a whole number, at least 0"),
        ("RAG_BUDGET_DAY", "9" * 5000, "must be a whole number"),
        ("RAG_QUERY", "both", "query 'both' must be"),
        ("OPENAI_BASE_URL", f"http://u:{SECRET}@h/v1", "base_url (hidden)"),
        ("RAG_EMBEDDER", f"openai:m@http://u:{SECRET}@h/v1", "embedder (hidden)"),
        ("OPENAI_API_KEY", f"{SECRET}\nX-More: 1", "model_key (hidden)"),
        ("RAG_EMBEDDER_KEY", f"{SECRET}ü", "api_key (hidden)"),
        ("RAG_STORE", "~nobody-of-this-name/x", "must be a path"),
        ("RAG_MODEL_KEY_FILE", "/no/such/file", "is not there"),
    ],
)
def test_a_wrong_variable_is_named(variable: str, value: str, said: str) -> None:
    message = refused(
        {variable: value, "OPENAI_API_KEY": SECRET} if variable != "OPENAI_API_KEY" else {variable: value}
    )
    assert said in message
    assert variable in message or "KEY_FILE" in variable


def test_paths_in_the_file_count_from_its_folder(file, tmp_path: Path) -> None:
    assert load(file('store = "news"')).settings.store == tmp_path / "news"


def test_a_tilde_in_the_file_is_the_home_folder(file) -> None:
    assert load(file('store = "~/news"')).settings.store == Path.home() / "news"


# Keys


@pytest.mark.parametrize("field", KEY_FILES)
def test_a_key_comes_from_the_file_that_a_variable_names(tmp_path: Path, field: str) -> None:
    variable = KEY_FILES[field][1]
    found = load({variable: str(write(tmp_path / "key", f"{SECRET}\n"))})
    assert getattr(found.settings, field) == SECRET
    assert found.origins[field] == f"environment {variable}"


@pytest.mark.parametrize("field", KEY_FILES)
def test_a_key_comes_from_the_file_that_the_configuration_names(file, tmp_path: Path, field: str) -> None:
    write(tmp_path / "key", SECRET)
    found = load(file(f'{KEY_FILES[field][0]} = "key"', 0o644))
    assert getattr(found.settings, field) == SECRET
    assert found.origins[field] == f"file {found.path}, {KEY_FILES[field][0]}"


@pytest.mark.parametrize("field", KEY_FILES)
def test_a_key_comes_from_the_configuration_itself(file, field: str) -> None:
    assert getattr(load(file(f'{field} = "{SECRET}"')).settings, field) == SECRET


def test_a_key_of_one_side_is_not_the_key_of_the_other(file) -> None:
    assert load(file(f'model_key = "{SECRET}"')).settings.api_key == Settings().api_key
    assert load(file(f'api_key = "{SECRET}"')).settings.model_key == ""


def test_the_variable_that_names_a_keys_file_goes_before_the_key_of_all_programs(tmp_path: Path) -> None:
    named = str(write(tmp_path / "key", "of-the-file"))
    assert load({"RAG_MODEL_KEY_FILE": named, "OPENAI_API_KEY": "of-all"}).settings.model_key == "of-the-file"


def test_a_keys_file_that_a_later_layer_replaces_is_not_opened(file) -> None:
    environment = file('model_key_file = "none"')
    assert load({**environment, "OPENAI_API_KEY": SECRET}).settings.model_key == SECRET


def test_a_key_and_its_file_in_one_configuration_are_refused(file) -> None:
    assert "keep one of them" in refused(file(f'model_key = "{SECRET}"\nmodel_key_file = "key"'))


@pytest.mark.parametrize("content", ["", "\n", f"{SECRET} more", f"{SECRET}\n{SECRET}", f"{SECRET}é", f"{SECRET}\x00"])
def test_a_keys_file_holds_one_key_and_nothing_else(tmp_path: Path, content: str) -> None:
    message = refused({"RAG_MODEL_KEY_FILE": str(write(tmp_path / "key", content))})
    assert "must hold one key and nothing else" in message


@posix
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_key_that_only_its_owner_can_read_is_taken(file, tmp_path: Path, mode: int) -> None:
    key = write(tmp_path / "key", SECRET, mode)
    assert load({"RAG_MODEL_KEY_FILE": str(key)}).settings.model_key == SECRET
    assert load(file(f'model_key = "{SECRET}"', mode)).settings.model_key == SECRET


@posix
@given(open_to=st.integers(1, 0o77), own=st.sampled_from([0o600, 0o400]))
def test_a_key_that_others_can_read_or_change_is_refused_with_the_remedy(
    tmp_path_factory: pytest.TempPathFactory, open_to: int, own: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    key = write(folder / "open key", SECRET, own | open_to)
    config = write(folder / "open.toml", f'model_key = "{SECRET}"', own | open_to)
    assert refused({"RAG_MODEL_KEY_FILE": str(key)}).endswith(f"run chmod 600 '{key}'")
    assert refused({"RAG_CONFIG": str(config)}).endswith(f"run chmod 600 {config}")
    key.unlink()
    config.unlink()


@posix
@pytest.mark.parametrize("mode", [0o644, 0o664, 0o600])
def test_a_configuration_without_a_key_may_be_read_by_others(file, mode: int) -> None:
    assert load(file('passages = 3\nmodel_key = ""', mode)).settings.passages == 3


@posix
def test_a_configuration_that_everybody_can_change_is_refused(file) -> None:
    assert "run chmod o-w" in refused(file('base_url = "http://elsewhere/v1"', 0o666))


@posix
def test_a_key_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = write(tmp_path / "key", SECRET)
    if os.geteuid() == 0:
        os.chown(key, 4321, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert "belongs to another user" in refused({"RAG_MODEL_KEY_FILE": str(key)})


@posix
def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(write(tmp_path / "key", SECRET))
    assert load({"RAG_MODEL_KEY_FILE": str(link)}).settings.model_key == SECRET
    (tmp_path / "key").chmod(0o640)
    assert "others can read or change it" in refused({"RAG_MODEL_KEY_FILE": str(link)})
    (tmp_path / "key").unlink()
    assert "is not there" in refused({"RAG_MODEL_KEY_FILE": str(link)})


@posix
def test_what_is_no_file_holds_no_key_and_nothing_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path, tmp_path / "pipe", Path(os.devnull)):
        assert "is no file" in refused({"RAG_MODEL_KEY_FILE": str(path)})


@posix
def test_what_cannot_be_opened_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert re.search("cannot be opened: .*symbolic links", refused({"RAG_MODEL_KEY_FILE": str(tmp_path / "loop")}))
    assert re.search("cannot be opened: .*symbolic links", refused({"RAG_CONFIG": str(tmp_path / "loop")}))


@posix
def test_no_file_stays_open(tmp_path: Path) -> None:
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208
    for path in (tmp_path, write(tmp_path / "open", SECRET, 0o644)):
        refused({"RAG_MODEL_KEY_FILE": str(path)})
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


# The command


@pytest.fixture
def rag(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command in this process: exit code, output, errors."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["rag", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return (ended.value.code or 0, *capsys.readouterr())  # type: ignore[return-value]

    return run


def test_the_command_shows_each_setting_and_its_place(rag, file, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file("passages = 3")["RAG_CONFIG"]
    monkeypatch.setenv("RAG_CONFIG", path)
    monkeypatch.setenv("RAG_CHECKER", "rules")
    code, out, _ = rag("config", "--model", "tiny")
    rows = [line.split()[0] for line in out.splitlines()[: len(FIELDS)]]
    assert (code, rows) == (0, list(FIELDS))
    assert re.search(rf"^passages +3 +file {re.escape(path)}$", out, re.M)
    assert re.search(r"^checker +rules +environment RAG_CHECKER$", out, re.M)
    assert re.search(r"^model +tiny +option --model$", out, re.M)
    assert re.search(r"^sentences +4 +default$", out, re.M)
    assert f"file {path} (read)" in out


def test_the_command_gives_the_same_as_json(rag, file, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file("passages = 3")["RAG_CONFIG"]
    monkeypatch.setenv("RAG_CONFIG", path)
    record = json.loads(rag("config", "--json", "--store", "s")[1])
    assert record["file"] == {"path": path, "exists": True}
    assert list(record["settings"]) == list(FIELDS)
    assert record["settings"]["passages"] == {"value": 3, "from": f"file {path}"}
    assert record["settings"]["store"] == {"value": "s", "from": "option --store"}
    assert record["fingerprint"] == Settings(passages=3).fingerprint


def test_the_command_says_that_there_is_no_file(rag) -> None:
    assert f"file {default_path()} (not there)" in rag("config")[1]


@pytest.mark.parametrize("form", [(), ("--json",)])
@pytest.mark.parametrize("field", KEY_FILES)
@pytest.mark.parametrize("way", ["variable", "file", "configuration"])
def test_the_command_hides_keys(
    rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...], field: str, way: str
) -> None:
    if way == "variable":
        monkeypatch.setenv(ENVIRONMENT[field], SECRET)
    elif way == "file":
        monkeypatch.setenv(KEY_FILES[field][1], str(write(tmp_path / "key", SECRET)))
    else:
        monkeypatch.setenv("RAG_CONFIG", str(write(tmp_path / "c.toml", f'{field} = "{SECRET}"')))
    code, out, err = rag("config", *form)
    assert (code, out.count("set (hidden)"), out.count("not set")) == (0, 1, 1)
    assert SECRET not in out + err


@pytest.mark.parametrize("more", [(), ("--debug",)])
def test_an_error_of_the_command_is_one_line_without_the_key(
    rag, file, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    monkeypatch.setenv("RAG_CONFIG", file(f'model_key = "{SECRET}"\npassages = 0')["RAG_CONFIG"])
    code, out, err = rag("config", *more)
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith("rag: passages 0 must be")
    assert SECRET not in err


def test_what_would_steer_a_terminal_is_shown_as_text() -> None:
    table = load({"RAG_STORE": "a\x1b[2J\nb"}).table()
    assert "\x1b" not in table
    assert re.search(r"^store +'a\\x1b\[2J\\nb' +environment", table, re.M)


# The options


def test_a_model_by_option_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_MODEL", "of-the-environment")
    assert options.settings_of(model="of-the-option").model == "of-the-option"
    assert options.settings_of().model == "of-the-environment"


def test_extractive_takes_the_model_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_MODEL", "m")
    found = options.loaded_of(extractive=True)
    assert (found.settings.model, found.origins["model"]) == ("", "option --extractive")


def test_extractive_leaves_the_judge_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_MODEL", "m")
    monkeypatch.setenv("RAG_CHECKER", "judge")
    assert options.settings_of(extractive=True).checker == "judge:m"


@pytest.mark.parametrize("command", [("ask", "Why?"), ("chat",), ("serve",), ("config",)])
def test_a_model_and_none_are_not_both_given(rag, command: tuple[str, ...]) -> None:
    code, _, err = rag(*command, "--model", "m", "--extractive")
    assert code == 2
    assert err == "rag: --model 'm' and --extractive exclude each other: give one of them\n"


# The page


def test_the_page_lists_every_setting_with_its_names_and_default() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| `")]
    listed = {row[0].strip("`"): row for row in rows if len(row) == 5}
    assert sorted(listed) == BY_FILE
    for name in (one.name for one in fields(Settings) if one.name in BY_FILE):
        assert listed[name][1] == (f"`{ENVIRONMENT[name]}`" if name in ENVIRONMENT else "")
        if name not in ("store", "api_key", "model_key"):
            assert listed[name][3] == f"`{getattr(Settings(), name)!r}`".replace("'", '"')
    for by_file, variable in KEY_FILES.values():
        assert listed[by_file][1] == f"`{variable}`"

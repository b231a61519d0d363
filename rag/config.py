"""The settings by file, environment and option: a later one wins, and each value says where it comes from."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from index.errors import SettingsError
from rag import config_file
from rag.settings import DECIMAL, ENVIRONMENT, NO_KEY, SECRET, WHOLE, Settings

DEFAULT = "default"

KEY_FILES = {
    "api_key": ("api_key_file", "RAG_EMBEDDER_KEY_FILE"),
    "model_key": ("model_key_file", "RAG_MODEL_KEY_FILE"),
}
"""How the file of a key is named: in the configuration file, in the environment."""

FIELDS = tuple(one.name for one in fields(Settings))

BY_FILE = sorted({*FIELDS, *(name for name, _ in KEY_FILES.values())} - {"chunking"})
"""What the configuration file may set: all but the chunking, which is a part of each store."""

Layer = dict[str, tuple[object, str]]
"""Fields that one place sets: the value, and the place in words. A path as the value of a key is the key's file."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and where they come from.

    Attributes:
        settings: as all layers together give them.
        origins: of each field: "default", "file PATH", "environment NAME" or "option --NAME".
        path: of the configuration file.
        there: whether that file exists.
    """

    settings: Settings
    origins: Mapping[str, str]
    path: Path
    there: bool

    def record(self) -> dict[str, object]:
        """All of it as JSON values; a key is only said to be set or not."""
        return {
            "file": {"path": str(self.path), "exists": self.there},
            "fingerprint": self.settings.fingerprint,
            "settings": {name: {"value": self._shown(name), "from": self.origins[name]} for name in FIELDS},
        }

    def table(self) -> str:
        """A line a setting: name, value, where it comes from; then the file and the fingerprint."""
        rows = [(name, _printable(self._shown(name)), _printable(self.origins[name])) for name in FIELDS]
        width = max(len(value) for _, value, _ in rows)
        lines = [f"{name:<14} {value:<{width}}  {origin}" for name, value, origin in rows]
        file = f"file {_printable(self.path)} ({'read' if self.there else 'not there'})"
        return "\n".join([*lines, "", file, f"fingerprint {self.settings.fingerprint}"])

    def _shown(self, name: str) -> object:
        value = getattr(self.settings, name)
        if name in SECRET:
            return "not set" if value.strip() in ("", NO_KEY) else "set (hidden)"
        if name == "chunking":
            return asdict(value)
        return str(value) if isinstance(value, Path) else value


def default_path() -> Path:
    """Where the configuration file lies when RAG_CONFIG does not say."""
    import platformdirs

    return Path(platformdirs.user_config_dir("sourcebound", appauthor=False)) / "config.toml"


def load(environment: Mapping[str, str] = os.environ, options: Layer | None = None) -> Loaded:
    """The defaults, the configuration file where there is one, the environment, the options: a later one wins.

    Args:
        environment: variables; empty ones count as not set.
        options: what the command line sets.

    Raises:
        SettingsError: a value, the configuration file or a file with a key cannot be used. No key is in the message.
    """
    named = environment.get("RAG_CONFIG")
    path = _path(named, Path(), "RAG_CONFIG") if named else default_path()
    document = config_file.document(path, SECRET)
    if named and document is None:
        msg = f"the configuration file {str(path)!r} that RAG_CONFIG names is not there: make it, or unset RAG_CONFIG"
        raise SettingsError(msg)
    known = {**_of_file(document or {}, path), **_of_environment(environment), **(options or {})}
    origins = {name: known[name][1] if name in known else DEFAULT for name in FIELDS}
    values = {name: value for name, (value, _) in known.items()}
    for name in SECRET & values.keys():
        if isinstance(file := values[name], Path):
            values[name] = config_file.key(file)
    try:
        settings = Settings(**values)  # type: ignore[arg-type]
    except SettingsError as error:
        places = sorted({origins[name] for name in str(error).split() if name in known})
        msg = f"{error} ({', '.join(places) or DEFAULT})"
        raise SettingsError(msg) from None
    return Loaded(settings, origins, path, document is not None)


def _of_file(document: Mapping[str, object], path: Path) -> Layer:
    """The fields that the configuration file sets."""
    layer: Layer = {}
    where = f"file {path}"
    for name, value in document.items():
        if name not in BY_FILE:
            near = difflib.get_close_matches(name, BY_FILE, n=1, cutoff=0)
            msg = f"unknown setting {name[:60]!r} in {str(path)!r}: the nearest known one is {near[0]!r}"
            raise SettingsError(msg)
        if isinstance(value, dict | list):  # a key may be in it
            msg = f"the setting {name!r} in {str(path)!r} is a table or a list: write {name} = VALUE"
            raise SettingsError(msg)
        layer[name] = (_path(value, path.parent, f"{name} in {str(path)!r}") if name == "store" else value, where)
    for name, (by_file, _) in KEY_FILES.items():
        if by_file in layer:
            if name in layer:
                msg = f"{str(path)!r} sets {name} and {by_file}: keep one of them"
                raise SettingsError(msg)
            given = _path(layer.pop(by_file)[0], path.parent, f"{by_file} in {str(path)!r}")
            layer[name] = (given, f"{where}, {by_file}")
    return layer


def _of_environment(environment: Mapping[str, str]) -> Layer:
    """The fields that variables set; the file of a key, named for this program, goes before the key that others use."""
    layer: Layer = {}
    for name, variable in ENVIRONMENT.items():
        if text := environment.get(variable):
            layer[name] = (_value(name, text, variable), f"environment {variable}")
    for name, (_, variable) in KEY_FILES.items():
        if text := environment.get(variable):
            layer[name] = (_path(text, Path(), variable), f"environment {variable}")
    return layer


def _value(name: str, text: str, variable: str) -> object:
    """The text of a variable as the field's type."""
    if name == "store":
        return _path(text, Path(), variable)
    try:
        return int(text) if name in WHOLE else float(text) if name in DECIMAL else text
    except ValueError:
        msg = f"{variable} {text[:60]!r} must be a {'whole ' if name in WHOLE else ''}number"
        raise SettingsError(msg) from None


def _path(text: object, folder: Path, what: str) -> Path:
    """A path: a tilde is the home folder, a relative one counts from the folder."""
    try:
        if not isinstance(text, str) or not text or "\0" in text:
            raise ValueError
        return folder / Path(text).expanduser()
    except (ValueError, RuntimeError):  # no such home
        msg = f"{what} {str(text)[:60]!r} must be a path"
        raise SettingsError(msg) from None


def _printable(value: object) -> str:
    """One line without the signs that steer a terminal."""
    return str(value) if str(value).isprintable() else repr(str(value))

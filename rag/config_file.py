"""Reads the configuration file and the files that hold a key. A key never stands in an error."""

from __future__ import annotations

import os
import re
import shlex
import stat
import tomllib
from collections.abc import Collection
from pathlib import Path

from index.errors import SettingsError

LARGEST = 2**20
"""Bytes; a larger file is none of ours."""


def document(path: Path, secrets: Collection[str]) -> dict[str, object] | None:
    """The keys and values of a TOML file; None where there is no file.

    Args:
        path: of the file.
        secrets: names of the keys that make the file one that only its owner may read.

    Raises:
        SettingsError: it cannot be read, is not TOML, or holds a secret that others can read or change.
    """
    what = f"the configuration file {str(path)!r}"
    read = _bytes(path, what)
    if read is None:
        return None
    content, status = read
    try:
        text = content.decode("utf-8-sig")
        found = tomllib.loads(text)
    except UnicodeDecodeError:
        line = content.decode("utf-8", "replace").split("\ufffd")[0].count("\n") + 1
        msg = f"{what} is not UTF-8 text: correct line {line}"
        raise SettingsError(msg) from None
    except (ValueError, RecursionError) as error:  # its own words may repeat what the file holds
        place = re.search(r"line (\d+), column \d+", str(error))
        where = place[0] if place else f"line {len(text.splitlines()) or 1}"
        msg = f"{what} is not TOML: correct {where}"
        raise SettingsError(msg) from None
    if any(found.get(name) for name in secrets):
        _private(path, status)
    elif os.name == "posix" and status.st_mode & stat.S_IWOTH:  # a key would go to whatever address they write
        msg = f"{what} can be changed by everybody: run chmod o-w {shlex.quote(str(path))}"
        raise SettingsError(msg)
    return found


def key(path: Path) -> str:
    """The key that a file holds, and nothing else.

    Raises:
        SettingsError: it is not there, is empty, holds more than a key, or others than its owner can read or change it.
    """
    what = f"the file of a key {str(path)!r}"
    read = _bytes(path, what)
    if read is None:
        msg = f"{what} is not there: make it, with the key alone in it"
        raise SettingsError(msg)
    content, status = read
    _private(path, status)
    words = content.decode("utf-8-sig", "replace").split()
    if len(words) != 1 or not words[0].isascii() or not words[0].isprintable():
        msg = f"{what} must hold one key and nothing else (what it holds is hidden)"
        raise SettingsError(msg)
    return words[0]


def _bytes(path: Path, what: str) -> tuple[bytes, os.stat_result] | None:
    """What a regular file holds, and the state of that very file, also behind a link; None where there is none."""
    try:
        # Without O_NONBLOCK, a named pipe would wait for a writer.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        msg = f"{what} cannot be opened: {reason}"
        raise SettingsError(msg) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            msg = f"{what} is no file: name a regular file"
            raise SettingsError(msg)
        with os.fdopen(handle, "rb", closefd=False) as opened:
            content = opened.read(LARGEST + 1)
    finally:
        os.close(handle)
    if len(content) > LARGEST:
        msg = f"{what} is larger than {LARGEST} bytes: name another"
        raise SettingsError(msg)
    return content, status


def _private(path: Path, status: os.stat_result) -> None:
    """Raises SettingsError where others than the owner could read or change a file that holds a key."""
    if os.name != "posix":
        return  # folders of a user are closed to others there, and modes say nothing
    if status.st_uid not in (os.geteuid(), 0):
        msg = f"{str(path)!r} holds a key and belongs to another user: copy it, then chmod 600 the copy"
        raise SettingsError(msg)
    if status.st_mode & 0o077:
        quoted = shlex.quote(str(path))
        mode = f"{stat.S_IMODE(status.st_mode):04o}"
        msg = f"{str(path)!r} holds a key and others can read or change it (mode {mode}): run chmod 600 {quoted}"
        raise SettingsError(msg)

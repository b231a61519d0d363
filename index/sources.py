"""What the user typed, as items to read: files, folders, zip archives and web addresses, one at a time."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from index import archives
from index.articles import Item
from index.errors import ItemError
from index.limits import IngestOptions, too_large
from index.readers import SUFFIXES, is_wanted, suffix_of, unsupported

__all__ = ["IngestOptions", "items", "total"]

_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://", re.I)
_NOT_A_FILE = "is a device, pipe or socket, not a file: give a file or folder"


def items(targets: Sequence[str], options: IngestOptions) -> Iterator[Item | ItemError]:
    """Each thing to read, in the order of the targets and sorted within a folder; the same file comes once.

    Args:
        targets: paths of files, folders and zip archives, and http(s) addresses.
        options: the limits.

    Yields:
        An item with its bytes, read just before it is yielded; or an `ItemError` value for what cannot be read.
    """
    seen: set[str] = set()
    for target in targets:
        for found in _below(target, options):
            if isinstance(found, Item):
                if found.key in seen:
                    continue
                seen.add(found.key)
            yield found


def total(targets: Sequence[str]) -> int | None:
    """How many items to expect, without reading them; None when an address is among the targets."""
    if any(map(_ADDRESS.match, targets)):
        return None
    paths = [found for target in targets for found in _files(target)]
    archive_counts = [archives.count(path) for path in paths if isinstance(path, Path) and _is_archive(path)]
    return len(paths) - len(archive_counts) + sum(archive_counts)


def _below(target: str, options: IngestOptions) -> Iterator[Item | ItemError]:
    address = _ADDRESS.match(target)
    if address and address[1].lower() not in ("http", "https"):
        yield ItemError(target, f"{address[1]!r} addresses are not fetched: give an http or https address, or a path")
    elif address:
        from index.fetch import fetch

        try:
            yield from fetch(target, options)
        except ItemError as error:
            yield error
    else:
        for path in _files(target):
            if isinstance(path, ItemError):
                yield path
            elif _is_archive(path):
                yield from archives.members(path, options)
            else:
                yield _file(path, options)


def _is_archive(path: Path) -> bool:
    return suffix_of(path.name) == ".zip"


def _files(target: str) -> Iterator[Path | ItemError]:
    """The files a path stands for, none of them opened."""
    try:
        path = Path(target).resolve(strict=True)
        mode = path.stat().st_mode
    except FileNotFoundError:
        yield ItemError(target, "no such file or folder: check the path")
    except PermissionError:
        yield ItemError(target, "may not be read: give yourself the right to read it")
    except (OSError, RuntimeError, ValueError) as exc:  # a loop of links, a name too long, a NUL in it
        yield ItemError(target, f"is not a usable path ({exc}): check it")
    else:
        if stat.S_ISDIR(mode):
            yield from _folder(path, target)
        elif stat.S_ISREG(mode):
            yield path
        else:
            yield ItemError(target, _NOT_A_FILE)


def _folder(root: Path, name: str) -> Iterator[Path | ItemError]:
    """Readable files below a folder, sorted within each.

    Links that leave it are errors; no folder is entered through a link, so that loops end.
    """
    empty = True
    failures: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=failures.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(folder, name) for name in sorted([*names, *folders]) if not name.startswith(".")):
            if path.is_symlink():
                found = _link(path, root)
            else:
                found = path if path.name in names and is_wanted(path.name) else None
            if found:
                empty = False
                yield found
    for failure in failures:
        empty = False
        reason = f"this folder cannot be listed ({failure.strerror}): give yourself the right to read it"
        yield ItemError(str(failure.filename or root), reason)
    if empty:
        yield ItemError(name, f"holds nothing that can be read: readable are {', '.join(SUFFIXES)}, .zip")


def _link(path: Path, root: Path) -> Path | ItemError | None:
    try:
        end = path.resolve(strict=True)
        if not end.is_relative_to(root):
            return ItemError(str(path), f"is a link that leaves the folder, to {str(end)!r}: ingest that path itself")
        return end if is_wanted(path.name) and end.is_file() else None
    except (OSError, RuntimeError) as exc:  # a loop of links is a RuntimeError before Python 3.13
        return ItemError(str(path), f"is a link that leads nowhere ({exc}): mend or remove it")


def _file(path: Path, options: IngestOptions) -> Item | ItemError:
    """The file's bytes. It is never opened unless it is a file, and of a size that is allowed."""
    name = str(path)
    if suffix_of(name) not in SUFFIXES:
        return ItemError(name, unsupported(name))
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            return ItemError(name, _NOT_A_FILE)
        if state.st_size > options.max_bytes:
            return ItemError(name, too_large(state.st_size, options.max_bytes))
        with path.open("rb") as file:
            data = file.read(options.max_bytes + 1)
    except PermissionError:
        return ItemError(name, "may not be read: give yourself the right to read it")
    except OSError as exc:
        return ItemError(name, f"cannot be read ({exc.strerror or exc}): check the disk")
    if len(data) > options.max_bytes:
        return ItemError(name, too_large(len(data), options.max_bytes))
    if not data:
        return ItemError(name, "is empty (0 bytes): nothing to read")
    return Item(key=name, name=path.name, data=data)

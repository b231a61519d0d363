"""Zip archives: members as items, in memory, whatever the archive states about itself."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from index.articles import Item
from index.errors import ItemError
from index.limits import IngestOptions, mebibytes
from index.readers import SUFFIXES, is_wanted, suffix_of

_IN_PARTS = "ingest it in parts, or unpack it and ingest the folder"
_BLOCK = 1 << 16  # bytes read from an archive between two looks at the limits
_MAX_RATIO = 200  # text packs 3 to 30 times; deflate's most is 1032
_RATIO_FROM = 1 << 20  # bytes; a small member of blanks may pack well and harms nobody


def count(path: Path) -> int:
    """How many members `members` will yield at most, from the archive's list alone."""
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(_wanted_member(member) for member in archive.infolist())
    except (OSError, zipfile.BadZipFile, ValueError):
        return 1  # it will be one error


def members(path: Path, options: IngestOptions) -> Iterator[Item | ItemError]:
    """The readable members of an archive, unpacked in memory only, under the limits of `options`."""
    name = str(path)
    try:
        size = path.stat().st_size
        if not path.is_file():  # opening a pipe would wait for ever
            yield ItemError(name, "is a device, pipe or socket, not a file: give a file or folder")
            return
        if size > options.max_archive_bytes:
            limit = mebibytes(options.max_archive_bytes)
            yield ItemError(name, f"is {mebibytes(size)}, over the limit of {limit} for an archive: {_IN_PARTS}")
            return
        with zipfile.ZipFile(path) as archive:
            yield from _unpack(archive, name, options)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as exc:
        yield ItemError(name, f"is not a whole zip archive ({exc}): get it again")
    except OSError as exc:
        yield ItemError(name, f"cannot be read ({exc.strerror or exc}): check the file and your right to read it")


def _unpack(archive: zipfile.ZipFile, name: str, options: IngestOptions) -> Iterator[Item | ItemError]:
    entries = [member for member in archive.infolist() if not member.is_dir()]
    if len(entries) > options.max_archive_members:
        limit = options.max_archive_members
        yield ItemError(name, f"has {len(entries)} members, over the limit of {limit}: ingest it in parts")
        return
    left, empty, seen = options.max_archive_bytes, True, set[str]()
    for member in sorted(entries, key=lambda member: member.filename):
        key = f"{name}!{member.filename}"
        reason = "is in the archive twice: give each member a name of its own" if key in seen else _refusal(member)
        if not reason and not _wanted_member(member):
            continue
        empty = False
        seen.add(key)
        if reason:
            yield ItemError(key, reason)
            continue
        try:
            data = _inflate(archive, member, options, left)
        except _TooMuchError as exc:
            yield ItemError(key, str(exc))
            left -= exc.read
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as exc:
            yield ItemError(key, f"is damaged in the archive ({exc}): get the archive again")
        else:
            left -= len(data)
            empty_member = ItemError(key, "is empty (0 bytes): nothing to read")
            yield Item(key, member.filename, data) if data else empty_member
        if left <= 0:
            yield ItemError(name, f"{_too_much(options)} (the rest is not read)")
            return
    if empty:
        yield ItemError(name, f"holds nothing that can be read: readable are {', '.join(SUFFIXES)}")


def _wanted_member(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename).parts
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return bool(parts) and not member.is_dir() and not hidden and is_wanted(parts[-1])


def _refusal(member: zipfile.ZipInfo) -> str:
    """Why a member must not be read at all, "" when it may; names are judged as Windows reads them, too."""
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or re.match(r"[a-zA-Z]:", name) or ".." in name.split("/"):
        return "names a path outside the archive and is refused: check where the archive comes from"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link and is refused: put the file itself in the archive"
    if suffix_of(name) == ".zip":
        return "is an archive in an archive and is refused: unpack it and ingest it by itself"
    if member.flag_bits & 0x1:
        return "is locked with a password: unpack it and ingest the files"
    return ""


def _too_much(options: IngestOptions) -> str:
    return f"unpacks to over {mebibytes(options.max_archive_bytes)} in all: {_IN_PARTS}"


class _TooMuchError(Exception):
    def __init__(self, reason: str, read: int) -> None:
        super().__init__(reason)
        self.read = read


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, options: IngestOptions, left: int) -> bytes:
    """A member's bytes, counted as they come (the size an archive states is not believed), `left` of them at most."""
    blocks, size = [], 0
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK):
            blocks.append(block)
            size += len(block)
            if size > options.max_bytes:
                reason = f"unpacks to over {mebibytes(options.max_bytes)}, the limit: raise it with --max-size"
                raise _TooMuchError(reason, size)
            if size > left:
                reason = f"is not read: its archive {_too_much(options)}"
                raise _TooMuchError(reason, size)
            if size > max(_RATIO_FROM, member.compress_size * _MAX_RATIO):
                reason = f"unpacks to over {_MAX_RATIO} times its size and is refused (a zip bomb?): check the archive"
                raise _TooMuchError(reason, size)
    return b"".join(blocks)

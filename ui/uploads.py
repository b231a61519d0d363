"""What comes in from a browser: judged by name, type and size, and written to disk as it comes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from anyio import fail_after, open_file
from fastapi import HTTPException
from starlette.requests import ClientDisconnect

from index.limits import mebibytes
from index.readers import suffix_of
from ui.limits import ACCEPTED, LARGEST, LONGEST_NAME
from ui.words import Words

_LONGEST = 900  # seconds for a whole file: 50 MB at 57 kB a second
_SILENCE = 30  # seconds without a byte before an upload is given up
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # controls, marks that turn text around, broken characters
_INSIDE = re.compile(r"(could not be read|it is damaged|whole zip archive|in the archive|cannot be read) \(.*\)(?=: )")


class Places:
    """Who may go on now; used by the event loop alone.

    Args:
        most: how many at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0

    @contextmanager
    def place(self, words: Words) -> Iterator[None]:
        """A place for one file or address; HTTPException 429 when there is none."""
        if self._taken >= self._most:
            raise HTTPException(429, words("articles.refused_busy"))
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


def clean_name(sent: str, words: Words) -> str:
    """The last component of a file's name, on one line and without characters nobody sees.

    It is shown and makes the article's key; no file is ever opened by it.

    Raises:
        HTTPException: 400 when nothing is left or it is too long, 415 when files of that type are not read.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", sent))[-1]
    seen = "".join(
        " " if letter.isspace() else letter for letter in last if unicodedata.category(letter) not in _UNSEEN
    )
    name = " ".join(seen.split())
    if not name.strip("."):
        raise HTTPException(400, words("articles.refused_name"))
    if len(name) > LONGEST_NAME:
        raise HTTPException(400, words("articles.refused_long", length=len(name), most=LONGEST_NAME))
    if suffix_of(name) not in ACCEPTED:
        raise HTTPException(415, words("articles.refused_type", name=name, types=", ".join(ACCEPTED)))
    return name


def judge_length(stated: str | None, words: Words) -> None:
    """Refuses a file by the length it states, before a byte of it is read: HTTPException 413."""
    if stated is not None and (not stated.isdecimal() or int(stated) > LARGEST):
        raise _too_large(words)


async def receive(body: AsyncIterator[bytes], path: Path, words: Words) -> int:
    """Writes a request's body to a new file as it comes; how many bytes there were.

    Raises:
        HTTPException: 413 over LARGEST bytes, whatever was stated; 408 when nothing comes for 30 s, it takes 15 minutes
            or the sender is gone; 507 when the disk takes no more.
    """
    size = 0
    try:
        with fail_after(_LONGEST):
            async with await open_file(path, "xb") as file:
                while True:
                    with fail_after(_SILENCE):
                        block = await anext(body, None)
                    if block is None:
                        return size
                    size += len(block)
                    if size > LARGEST:
                        raise _too_large(words)
                    await file.write(block)
    except (TimeoutError, ClientDisconnect) as error:
        raise HTTPException(408, words("articles.refused_broken")) from error
    except OSError as error:
        raise HTTPException(507, words("articles.refused_disk")) from error


async def swallow(body: AsyncIterator[bytes]) -> None:
    """Reads and forgets what was refused, LARGEST bytes at most: a browser reads no answer before it has sent all."""
    size = 0
    with suppress(TimeoutError, ClientDisconnect):
        while size <= LARGEST:
            with fail_after(_SILENCE):
                block = await anext(body, None)
            if block is None:
                return
            size += len(block)


def plain(reason: str, words: Words) -> str:
    """The reason of an outcome as a reader of the page may see it: no options of the command line, no internals."""
    if "inside this machine or network" in reason:
        return words("articles.refused_private")
    known = _INSIDE.sub(r"\1", reason).replace("raise it with --max-size", words("articles.smaller"))
    return " ".join(known.split())


def _too_large(words: Words) -> HTTPException:
    return HTTPException(413, words("articles.refused_large", most=mebibytes(LARGEST)))

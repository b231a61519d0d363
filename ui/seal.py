"""Answers as text that only this server can have made: what a browser keeps may be shown again as ours."""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import zlib
from pathlib import Path

from pydantic import ValidationError

from index.errors import SourceboundError, StoreError
from rag.answers import Answer

KEY = "seal.key"
KEY_BYTES = 32
_TAG_DIGITS = 64
_FORM = b"sourcebound answer 1\n"
"""Goes into every tag, so that a tag of one form of text is never good for another."""


class Seal:
    """Seals answers, and opens what it sealed.

    The tag is HMAC-SHA256 (RFC 2104) over the text that is kept, and is looked at before anything else is: of a text
    that this server did not make nothing is unpacked or read.

    Args:
        key: 16 bytes or more, see `key_of`. Whoever has it can make answers that look like ours.

    Raises:
        ValueError: the key is shorter.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            msg = f"a key of {len(key)} bytes is too short: take {KEY_BYTES}"
            raise ValueError(msg)
        self._key = key

    def seal(self, answer: Answer) -> str:
        """The answer as ASCII text: 64 hexadecimal digits of the tag, then compressed JSON in base64."""
        text = answer.model_dump_json(exclude_defaults=True).encode()
        packed = base64.urlsafe_b64encode(zlib.compress(text, 6)).decode()
        return self._tag(packed.encode()) + packed

    def opened(self, text: str) -> Answer:
        """The answer of a sealed text.

        Raises:
            SourceboundError: this server did not make the text, or made it in another version.
        """
        tag, packed = text[:_TAG_DIGITS], text[_TAG_DIGITS:]
        # As bytes: compare_digest takes no other letters than ASCII, and a browser may send any, half ones too.
        if not hmac.compare_digest(_bytes(tag), self._tag(_bytes(packed)).encode()):
            msg = "this answer was not made by this server, or was changed since: ask the question again"
            raise SourceboundError(msg)
        try:
            return Answer.model_validate_json(zlib.decompress(base64.urlsafe_b64decode(packed)))
        except (ValidationError, ValueError, zlib.error) as exc:
            msg = "this answer was kept by another version of Sourcebound: ask the question again"
            raise SourceboundError(msg) from exc

    def _tag(self, packed: bytes) -> str:
        return hmac.digest(self._key, _FORM + packed, "sha256").hex()


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def key_of(folder: Path) -> bytes:
    """The key kept in a folder, as 32 bytes in `seal.key`; made at the first call, for its owner's eyes alone.

    Safe for several processes at once: all get the same key.

    Raises:
        StoreError: it cannot be read or made, or is damaged.
    """
    file = folder / KEY
    try:
        if not file.exists():
            _make(file)
        key = file.read_bytes()
    except OSError as exc:
        msg = f"the key {str(file)!r} cannot be read or made ({exc.strerror or exc}): see who may write to its folder"
        raise StoreError(msg) from exc
    if len(key) != KEY_BYTES:
        msg = (
            f"the key {str(file)!r} has {len(key)} bytes, not {KEY_BYTES}: remove it and another is made; "
            "conversations that browsers kept are then not shown again"
        )
        raise StoreError(msg)
    return key


def _make(file: Path) -> None:
    """Writes a key beside the file first: whoever finds the file finds it whole, and the first one made stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{KEY}.{secrets.token_hex(8)}")
    try:
        number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as opened:
            opened.write(secrets.token_bytes(KEY_BYTES))
            opened.flush()
            os.fsync(opened.fileno())
        try:
            file.hardlink_to(draft)  # fails where another process was first; a rename would take its place
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)

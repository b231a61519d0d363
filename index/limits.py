"""How far an ingest goes: one frozen record of limits, and how a limit is told to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_UNPACKED = 200 << 20
"""Bytes that an archive, or a file that is one inside, may unpack to: up to a thousand times its size is possible."""


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How far an ingest goes.

    Attributes:
        columns: for tables, our field names to theirs (`{"text": "body"}`); what is not named is guessed.
        max_bytes: the most bytes of one file, page or archive member.
        allow_private: whether addresses inside this machine or network may be fetched.
        timeout_s: seconds for one address, all redirects and the whole body included.
        max_archive_bytes: the most bytes of an archive, packed, and of all its members, unpacked.
        max_archive_members: the most members of an archive.
        max_feed_entries: how many entries of a feed are fetched, newest first as the feed lists them.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = 50 << 20
    allow_private: bool = False
    timeout_s: float = 20
    max_archive_bytes: int = MAX_UNPACKED
    max_archive_members: int = 10_000
    max_feed_entries: int = 200


def too_large(size: int, limit: int) -> str:
    """The reason for refusing a file or page of `size` bytes where `limit`, which is `max_bytes`, is the most."""
    return f"is {mebibytes(size)}, over the limit of {mebibytes(limit)}: raise it with --max-size"


def mebibytes(size: int) -> str:
    """A size in bytes as a person reads it, e.g. "200.0 MiB"."""
    return f"{size / (1 << 20):.1f} MiB" if size >= 1 << 20 else f"{size} bytes"

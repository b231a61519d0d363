"""The records between a file and the index: what a reader finds, and the article that is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

FIELDS = ("id", "title", "outlet", "published", "url", "source")
"""Metadata a reader may declare. `id` names the article across its versions; `source` is shown as its origin."""


@dataclass(frozen=True, slots=True)
class Found:
    """A metadata value as text, and where it stood ("front matter", "html meta", "first line", "file name", ...)."""

    value: str
    where: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to read: a file, an archive member or a fetched page.

    Attributes:
        key: identity across ingests: an absolute path, an address, or `ARCHIVE!MEMBER`.
        name: what a person calls it: the file name or the address.
        data: the bytes, whole (the size is checked before they are read).
        url: the address it came from, None for local files.
        content_type: what the server said it is, without parameters, None when not said.
    """

    key: str
    name: str
    data: bytes
    url: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader found in one item, before cleaning.

    Attributes:
        text: the text as read; paragraphs on lines of their own.
        found: declared metadata by name (see FIELDS); a name that is not there is not known.
        part: which piece of the item this is ("line 3", a row's id); "" when the item is one article.
    """

    text: str
    found: Mapping[str, Found] = field(default_factory=dict)
    part: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """A stored document. Every span of every citation counts characters in `text`.

    Attributes:
        id: from the content (text, title, outlet, date): the same content always has the same id.
        key: identity across versions; a new version under the same key replaces the old one whole.
        title, outlet, published, url: None where not known.
        source: the file name or address shown to people.
        text: normalised once (NFC, line ends, no control characters, no page boilerplate).
        found: where each piece of metadata was found.
        dropped: the boilerplate lines left out of `text`, in order, so that nothing is lost unseen.
    """

    id: str
    key: str
    source: str
    text: str
    title: str | None = None
    outlet: str | None = None
    published: date | None = None
    url: str | None = None
    found: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()


def content_id(text: str, title: str | None, outlet: str | None, published: date | None) -> str:
    """16 hexadecimal digits (64 bits of SHA-256) that name this content."""
    parts = json.dumps([text, title, outlet, published.isoformat() if published else None], ensure_ascii=False)
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stored piece of an article: `article.text[start:end] == text`.

    Attributes:
        id: `ARTICLE_ID:START-END`, so it is unique and comes from content.
        start, end: characters in the article's text, end exclusive.
    """

    article_id: str
    start: int
    end: int
    text: str

    @property
    def id(self) -> str:
        """Unique in the store: the article's id and the span."""
        return f"{self.article_id}:{self.start}-{self.end}"

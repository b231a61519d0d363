"""One module a family of formats; each turns bytes into drafts. A new format is one module and one line of FORMATS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from urllib.parse import urlsplit

from index.articles import Draft, Found, Item
from index.errors import ItemError
from index.readers import docx, html, pdf, tables, text

Reader = Callable[[Item, Mapping[str, str]], Iterator[Draft | ItemError]]


@dataclass(frozen=True, slots=True)
class Format:
    """How one format is recognised, and the function that reads it.

    Attributes:
        read: yields drafts, and an `ItemError` value for each bad part; raises `ItemError` when nothing can be read.
        suffixes: lower case, with the dot.
        content_types: lower case, without parameters.
        magic: the first bytes no other format has; b"" when there are none.
    """

    read: Reader
    suffixes: tuple[str, ...]
    content_types: tuple[str, ...]
    magic: bytes = b""


FORMATS = (
    Format(text.read, (".txt", ".text"), ("text/plain",)),
    Format(text.read_markdown, (".md", ".markdown"), ("text/markdown", "text/x-markdown")),
    Format(html.read, (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml")),
    Format(pdf.read, (".pdf",), ("application/pdf", "application/x-pdf"), b"%PDF-"),
    Format(docx.read, (".docx",), ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",)),
    Format(
        tables.read_jsonl, (".jsonl", ".ndjson"), ("application/jsonl", "application/x-ndjson", "application/jsonlines")
    ),
    Format(tables.read_csv, (".csv", ".tsv"), ("text/csv", "text/tab-separated-values", "application/csv")),
)
SUFFIXES = tuple(suffix for format_ in FORMATS for suffix in format_.suffixes)
"""Every file name ending that can be read."""

_ABOUT_FILES = ("readme", "license", "licence")
_VAGUE_TYPES = ("", "text/plain", "application/octet-stream", "binary/octet-stream", "application/x-download")


def suffix_of(name: str) -> str:
    """The ending that decides the format: lower case with its dot, "" when there is none."""
    return PurePath(name.replace("\\", "/")).suffix.lower()


def unsupported(name: str) -> str:
    """Why a file of this name is not read."""
    ending = suffix_of(name)
    if ending == ".json":
        return "files that end in '.json' are not supported: write one JSON object a line and name it .jsonl"
    said = f"files that end in {ending!r}" if ending else "files without an ending"
    return f"{said} are not supported: readable are {', '.join(SUFFIXES)}, .zip"


def is_wanted(name: str) -> bool:
    """Whether a file found in a folder or archive is one to read; hidden files and notes about a collection are not."""
    return suffix_of(name) in (*SUFFIXES, ".zip") and not name.lower().startswith((*_ABOUT_FILES, "."))


def read(item: Item, columns: Mapping[str, str]) -> Iterator[Draft | ItemError]:
    """Read an item with the reader of its format.

    Args:
        item: the bytes, with the name, the address and the content type that tell the format.
        columns: for tables, our field names to theirs, e.g. `{"text": "body"}`; what is not named is guessed.

    Yields:
        A draft for each article, and an `ItemError` value for each part that is bad while the rest goes on.

    Raises:
        ItemError: the item is empty, of a format we do not read, or unreadable as a whole.
    """
    if not item.data:
        raise ItemError(item.name, "is empty (0 bytes): nothing to read")
    reader = _pick(item).read
    try:
        for draft in reader(item, columns):
            yield draft if isinstance(draft, ItemError) else _with_address(draft, item)
    except ItemError:
        raise
    except Exception as exc:  # the parsers below raise anything at all on a damaged file; this is the one border
        reason = " ".join(f"{type(exc).__name__} {exc}".split())[:200]
        raise ItemError(item.name, f"cannot be read, it is damaged ({reason}): open it and save it anew") from exc


def _pick(item: Item) -> Format:
    """The format by first bytes, else by a content type that says something, else by the name."""
    head = item.data[:1024].lstrip()
    for format_ in FORMATS:
        if format_.magic and head.startswith(format_.magic):
            return format_
    if item.content_type and item.content_type.lower() not in _VAGUE_TYPES:
        return _by_content_type(item.content_type.lower(), item)
    suffix = suffix_of(item.name if item.url is None else urlsplit(item.url).path)
    for format_ in FORMATS:
        if suffix in format_.suffixes:
            return format_
    if item.url is not None:
        return _by_content_type(
            "text/html" if html.first_tag(item.data) in ("html", "head", "body") else item.content_type or "", item
        )
    raise ItemError(item.name, unsupported(item.name))


def _by_content_type(content_type: str, item: Item) -> Format:
    for format_ in FORMATS:
        if content_type in format_.content_types:
            return format_
    said = f"the server calls it {content_type!r}" if content_type else "the server does not say what it is"
    raise ItemError(item.name, f"{said}, which is not supported: readable are pages, {', '.join(SUFFIXES)}")


def _with_address(draft: Draft, item: Item) -> Draft:
    """Keep only web addresses as `url`, so that nothing else becomes a link; a fetched page has at least its own."""
    found = dict(draft.found)
    if "url" in found and not found["url"].value.lower().startswith(("http://", "https://")):
        del found["url"]
    if "url" not in found and item.url and not draft.part:
        found["url"] = Found(item.url, "address")
    return replace(draft, found=found)

"""Word files: paragraphs and tables in the order of the document."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from index.articles import Draft, Found, Item
from index.errors import ItemError
from index.limits import MAX_UNPACKED

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MARKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_SECTIONS = (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml", f"{_W}smartTag")


def read(item: Item, columns: Mapping[str, str]) -> Iterator[Draft | ItemError]:  # noqa: ARG001 one signature for all
    """One article; the title is the file's own title property. Hidden and deleted text is left out.

    Raises:
        ItemError: not a Word file, locked, damaged, too large unpacked, or without text.
    """
    import docx

    _check(item)
    document = docx.Document(io.BytesIO(item.data))
    text = "\n".join(line for line in _blocks(document.element.body) if line.strip())
    if not text:
        raise ItemError(item.name, "has no text (only pictures?): export its text and ingest that")
    title = (document.core_properties.title or "").strip()
    # "Word Document" is what the template of the library that writes most generated files leaves there.
    sensible = title and title.lower() not in ("word document", "untitled")
    yield Draft(text, {"title": Found(title, "document properties")} if sensible else {})


def _check(item: Item) -> None:
    if item.data.startswith(b"\xd0\xcf\x11\xe0"):
        raise ItemError(item.name, "is locked with a password or of the old .doc format: save it unlocked as .docx")
    try:
        with zipfile.ZipFile(io.BytesIO(item.data)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as exc:
        raise ItemError(item.name, f"is not a whole Word file ({exc}): save it anew as .docx") from exc
    if not any(part.filename == "word/document.xml" for part in parts):
        raise ItemError(item.name, "is a zip archive but not a Word file: save it as .docx")
    unpacked = sum(part.file_size for part in parts)  # zipfile never reads more than it states here
    if unpacked > MAX_UNPACKED:
        reason = f"unpacks to {unpacked >> 20} MiB, over the limit of {MAX_UNPACKED >> 20} MiB: save its text as .txt"
        raise ItemError(item.name, reason)


def _blocks(parent: Any) -> Iterator[str]:  # noqa: ANN401 lxml elements carry no types
    """The text of each paragraph and table row below an element, in order."""
    for element in parent:
        if element.tag == f"{_W}p":
            yield _paragraph(element)
        elif element.tag == f"{_W}tbl":
            yield from _rows(element)
        elif element.tag in _SECTIONS:
            yield from _blocks(element)


def _rows(table: Any) -> Iterator[str]:  # noqa: ANN401
    for row in table.iterchildren(f"{_W}tr"):
        cells = [
            " ".join(line.strip() for line in _blocks(cell) if line.strip()) for cell in row.iterchildren(f"{_W}tc")
        ]
        if any(cells):
            yield " | ".join(cells)


def _paragraph(paragraph: Any) -> str:  # noqa: ANN401
    """All runs, also those in links and accepted insertions, which the library's own `text` leaves out."""
    parts: list[str] = []
    for run in paragraph.iter(f"{_W}r"):
        if run.find(f"{_W}rPr/{_W}vanish") is not None or next(run.iterancestors(_FALLBACK), None) is not None:
            continue  # hidden, or the second copy of a text box for older programs
        parts.extend(mark.text or "" if mark.tag == f"{_W}t" else _MARKS.get(mark.tag, "") for mark in run)
    return "".join(parts)

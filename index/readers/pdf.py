"""PDF files: lines joined to paragraphs across line ends and page breaks, running headers left out."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

from index.articles import Draft, Found, Item
from index.errors import ItemError

if TYPE_CHECKING:
    from pypdf import PdfReader

_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_HYPHENS = ("-", "\u2010", "\u00ad")
_EDGE = 2  # the most lines of a running header, and of a footer
_SENTENCE_END = re.compile(r"[.!?:;…。！？][\"'”’»)\]]*$")


def read(item: Item, columns: Mapping[str, str]) -> Iterator[Draft | ItemError]:  # noqa: ARG001 one signature for all
    """One article; the title is the document's own when it looks like one. The creation date is not a publication date.

    Raises:
        ItemError: not a PDF, cut short, damaged, locked with a password, or pictures only.
    """
    with _quiet():
        reader = _open(item)
        pages = [_page_lines(page.extract_text() or "") for page in reader.pages]
        title = _title(reader)
    text = paragraphs(_without_running_lines(pages))
    if not text:
        raise ItemError(item.name, "has no text, only pictures: run text recognition (OCR) on it first")
    yield Draft(text, {"title": Found(title, "document properties")} if title else {})


@contextmanager
def _quiet() -> Iterator[None]:
    """Hush the parser, which logs every flaw it steps over; what stops it we say ourselves."""
    logger = logging.getLogger("pypdf")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _open(item: Item) -> PdfReader:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if not item.data[:1024].lstrip().startswith(b"%PDF-"):
        raise ItemError(item.name, f"is not a PDF (it starts with {item.data[:12]!r}): check the file")
    if b"%%EOF" not in item.data[-2048:]:
        raise ItemError(item.name, "is cut short (its end mark is missing): get the whole file again")
    try:
        reader = PdfReader(io.BytesIO(item.data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ItemError(item.name, "is locked with a password: save an unlocked copy and ingest that")
        if not len(reader.pages):
            raise ItemError(item.name, "has no pages: get the whole file again")
    except PyPdfError as exc:
        raise ItemError(item.name, f"is a damaged PDF ({exc}): get the whole file again") from exc
    return reader


def _title(reader: PdfReader) -> str:
    """The title property, unless a program put a file name or a placeholder there."""
    title = " ".join(str((reader.metadata and reader.metadata.title) or "").split())
    generated = re.search(r"\.\w{2,4}$|^\(?(untitled|anonymous|microsoft word|document\d*$|about:blank)", title, re.I)
    return "" if generated or len(title) < 3 or not any(character.isalpha() for character in title) else title


def _page_lines(text: str) -> list[str]:
    """The lines of a page, "" where one is blank, none at its edges."""
    return [" ".join(line.translate(_LIGATURES).split()) for line in text.strip().splitlines()]


def _without_running_lines(pages: Sequence[list[str]]) -> list[str]:
    """All lines of all pages, without those that stand outermost on two pages at least and on half of them."""
    rest = [list(page) for page in pages]
    for place in (0, -1):
        for _ in range(_EDGE):
            keys = [_edge_keys(page[place], number) if page else set() for number, page in enumerate(rest)]
            counts = Counter(key for own in keys for key in own)
            running = {key for key, count in counts.items() if count >= max(2, len(pages) // 2)}
            for page, own in zip(rest, keys, strict=True):
                if own & running:
                    page.pop(place)
                    while page and not page[place]:
                        page.pop(place)
    return [line for page in rest for line in page]


def _edge_keys(line: str, page: int) -> set[tuple[str, int]]:
    """What makes a line the same on another page: its words, or its words with a number that counts the pages."""
    numbers = re.finditer(r"\d{1,4}", line)
    return {(line, 0)} | {(f"{line[: n.start()]}#{line[n.end() :]}", int(n[0]) - page) for n in numbers}


def paragraphs(lines: Sequence[str]) -> str:
    """Lines as set on paper, joined to one line a paragraph.

    A paragraph ends at a blank line, or where the next line's first word would still have fitted. A line that stops
    in mid-sentence and goes on in lower case is joined whatever stands between (a page break, a blank).
    """
    filled = [line for line in lines if line]
    if not filled:
        return ""
    lengths = sorted(map(len, filled))
    width = lengths[int(len(lengths) * 0.9)]  # the usual full line; a stray wide one does not count
    words = Counter(re.findall(r"[\w-]+", " ".join(filled)))
    blank_before = {after for before, after in pairwise(range(len(lines))) if not lines[before]}
    result: list[str] = []
    previous = ""
    for n, line in enumerate(lines):
        if not line:
            continue
        if previous and not _ends(previous, line, width, blank=n in blank_before):
            result[-1] = _join(result[-1], line, words)
        else:
            result.append(line)
        previous = line
    return "\n".join(result)


def _ends(line: str, following: str, width: int, *, blank: bool) -> bool:
    """Whether a paragraph ends between two lines."""
    if not _SENTENCE_END.search(line) and (following[0].islower() or line.endswith(_HYPHENS)):
        return False
    first_word = following.split(" ", 1)[0]
    return blank or len(line) + 1 + len(first_word) < 0.9 * width  # letters differ in width: a tenth of slack


def _join(text: str, line: str, words: Mapping[str, int]) -> str:
    """Two lines as one; a word cut by a hyphen is mended unless the document writes it with one elsewhere."""
    before = re.split(r"[^\w-]", text[-60:-1])[-1]
    if not before or not text.endswith(_HYPHENS):  # a dash by itself is no hyphen
        return f"{text} {line}"
    after = re.match(r"[\w-]+", line)
    compound = bool(after and words.get(f"{before}-{after[0]}"))
    keeps = not line[0].islower() or compound  # "Anglo-" + "American"
    return f"{text[:-1]}{'-' if keeps else ''}{line}"

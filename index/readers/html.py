"""HTML pages: the text of the article a reader would see, without what is around it or hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from index.articles import Draft, Item
from index.errors import ItemError
from index.readers import page
from index.readers.hidden import strip_hidden
from index.readers.text import decode

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)", re.I)
_TABLE_RULE = re.compile(r"\|[-:| ]*")
_SENTENCE = re.compile(r"[.!?…。！？।؟][\"'”’»)\]]*(\s|$)")


def first_tag(data: bytes) -> str:
    """The name of the first element or document type in lower case ("html", "rss"), "" when bytes do not begin so."""
    head = data[:8192].removeprefix(b"\xef\xbb\xbf").lstrip()
    while head.startswith((b"<!--", b"<?")):
        head = head.partition(b"-->" if head.startswith(b"<!--") else b"?>")[2].lstrip()
    match = re.match(rb"<(!doctype\s+)?([a-z:]+)", head, re.I)
    return match[2].decode().lower() if match else ""


def read(item: Item, columns: Mapping[str, str]) -> Iterator[Draft | ItemError]:  # noqa: ARG001 one signature for all
    """One article, each paragraph and table row on a line of its own; comments and hidden elements are left out.

    Raises:
        ItemError: the bytes are not a page, or the page holds no article.
    """
    from trafilatura import extract

    tree = _tree(item)
    found = page.metadata(tree, item.url)
    is_article = page.declares_article(tree)
    strip_hidden(tree)
    _unwrap(tree)
    text = extract(tree, output_format="txt", include_comments=False, include_tables=True, with_metadata=False) or ""
    lines = [line for line in map(_plain, text.split("\n")) if line]
    if lines and "title" in found and lines[0].casefold() == found["title"].value.casefold():
        del lines[0]
    # A page that does not call itself an article has to hold a sentence: menus and lists of links hold none.
    if not lines or not (is_article or any(len(line) >= 40 and _SENTENCE.search(line) for line in lines)):
        raise ItemError(item.name, "holds no article: give the address or the file of one article")
    yield Draft("\n".join(lines), found)


def _plain(line: str) -> str:
    """A line of the extractor without the bars around a table row; "" for the rule under a table's head."""
    line = line.strip()
    if not (line.startswith("|") and line.endswith("|")):
        return line
    return "" if _TABLE_RULE.fullmatch(line) else line.strip("| ")


def _tree(item: Item) -> Any:  # noqa: ANN401 lxml elements carry no types
    from lxml import etree
    from lxml import html as lxml_html

    declared = _CHARSET.search(item.data[:4096]) or _XML_ENCODING.match(item.data[:4096])
    text = decode(item, declared[1].decode("ascii") if declared else None)
    # As bytes with the encoding said: text with an XML declaration is refused, and a meta charset would be believed.
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, ValueError) as exc:
        raise ItemError(item.name, f"is not an HTML page ({exc}): check the file") from exc
    return tree


def _unwrap(tree: Any) -> None:  # noqa: ANN401
    """Line breaks of the source are spaces to a browser; left in, they would cut paragraphs into lines."""
    for text in tree.xpath("//text()[contains(., '\n')][not(ancestor::pre)]"):
        joined = re.sub(r"[ \t\n]+", " ", text)
        if text.is_tail:
            text.getparent().tail = joined
        else:
            text.getparent().text = joined

"""Plain text and Markdown, and the decoding of bytes that every text format shares."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from index.articles import Draft, Found, Item
from index.errors import ItemError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_KNOWN_BINARY = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a zip archive or an office file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old or locked office file"),
)
_CONTROL = bytes([*range(9), 11, *range(14, 27), *range(28, 32)])
_SAMPLE = 1 << 18  # bytes shown to the detector, whose time grows with them
_HEADING = re.compile(r"^#{1,6}[ \t]+", re.MULTILINE)
_STARTS = re.compile(r"\s*(?:[-*+•>]\s|\d+[.)]\s|#)")
_WRAPPED = (50, 100)  # the widest line of a text wrapped to a fixed width; paragraphs on one line are far longer
_NEARLY = 0.75  # of the widest: a full line; a last word that did not fit makes it shorter
_MOSTLY = 0.5  # of all lines are full in a wrapped text; in a list or a poem few are
_KEYS = {"id": "id", "title": "title", "outlet": "outlet", "published": "published", "date": "published"}
_KEYS |= {"source": "source", "url": "url"}


def read(item: Item, columns: Mapping[str, str]) -> Iterator[Draft | ItemError]:  # noqa: ARG001 one signature for all
    """The text as it is. Raises ItemError for binary data, an unreadable encoding, or no text."""
    yield Draft(unwrapped(_some(decode(item), item)))


def read_markdown(item: Item, columns: Mapping[str, str]) -> Iterator[Draft | ItemError]:  # noqa: ARG001
    """The body as it is, with the metadata of a YAML front matter; a first heading that is the title is not repeated.

    Raises:
        ItemError: as `read`, and for a front matter that is not closed or not valid YAML (its line is named).
    """
    found, body = _front_matter(decode(item), item)
    first, _, rest = body.lstrip().partition("\n")
    heading = first[2:].rstrip("# \t").strip() if first.startswith(("# ", "#\t")) else ""
    if heading and "title" not in found:
        found["title"] = Found(heading, "first heading")
    if heading and heading.casefold() == found["title"].value.casefold():
        body = rest
    yield Draft(unwrapped(_HEADING.sub("", _some(body, item))), found)


def unwrapped(text: str) -> str:
    """Joins the lines of a text that was wrapped to a fixed width, as mails and old archives are; others stay.

    A line is joined to the next when both are of one block, it is nearly as wide as the widest of the text, and the
    next does not begin a list item or a quoted line.
    """
    lines = text.split("\n")
    widths = [len(line) for line in lines if line.strip()]
    widest = max(widths, default=0)
    full = sum(width >= _NEARLY * widest for width in widths)
    if not _WRAPPED[0] <= widest <= _WRAPPED[1] or full < _MOSTLY * len(widths):
        return text
    joined = [lines[0]]
    for before, line in pairwise(lines):
        goes_on = line.strip() and len(before) >= _NEARLY * widest and not _STARTS.match(line)
        if goes_on and joined[-1].strip():
            joined[-1] = f"{joined[-1].rstrip()} {line.strip()}"
        else:
            joined.append(line)
    return "\n".join(joined)


def decode(item: Item, declared: str | None = None) -> str:
    r"""The text of an item's bytes, line ends as `\n`.

    Args:
        item: the bytes; a byte order mark decides, then valid UTF-8, then `declared`, then detection.
        declared: the encoding the file itself names (an HTML meta tag).

    Raises:
        ItemError: the bytes are not text, are damaged UTF-8, or no encoding fits.
    """
    for mark, encoding in _BOMS:
        if item.data.startswith(mark):
            return _strict(item, item.data[len(mark) :], encoding)
    _refuse_binary(item)
    # Bytes that are valid UTF-8 beyond ASCII are UTF-8, whatever a page says; ASCII alone may be an escape encoding.
    order = [declared, "utf-8"] if item.data.isascii() else ["utf-8", declared]
    for name in filter(None, order):
        try:
            return _lines(item.data.decode(_web_name(name)))
        except (LookupError, ValueError):
            continue
    _refuse_damaged_utf8(item)
    return _strict(item, item.data, _detect(item))


def _web_name(encoding: str) -> str:
    """Pages that say Latin-1 or ASCII mean windows-1252; the WHATWG encoding standard reads them so."""
    name = encoding.strip().lower()
    return "cp1252" if name in ("iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii") else name


def _strict(item: Item, data: bytes, encoding: str) -> str:
    try:
        return _lines(data.decode(encoding))
    except (LookupError, ValueError) as exc:
        raise ItemError(item.name, f"is not valid {encoding} ({exc}): save it as UTF-8") from exc


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_binary(item: Item) -> None:
    for magic, what in _KNOWN_BINARY:
        if item.data.startswith(magic):
            raise ItemError(item.name, f"is {what}, not text: check the file, or export its text")
    head = item.data[: 1 << 16]
    control = len(head) - len(head.translate(None, _CONTROL))
    if b"\0" in head or control > len(head) * 0.02:  # random bytes have 10 %, text has none
        raise ItemError(item.name, "holds binary data, not text: check the file, or save it as UTF-8 text")


def _refuse_damaged_utf8(item: Item) -> None:
    """Mostly valid UTF-8 with a bad byte is damaged, not another encoding: a guess would garble every good letter."""
    text = item.data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if sum(character > "\x7f" for character in text) > 2 * bad:
        at = len(text[: text.index("\ufffd")].encode())
        raise ItemError(item.name, f"is damaged UTF-8 (byte {at} is {item.data[at]:#04x}): save it anew as UTF-8")


def _detect(item: Item) -> str:
    from charset_normalizer import from_bytes

    matches = from_bytes(item.data[:_SAMPLE])
    best = matches.best()
    if best is None:
        raise ItemError(item.name, "is in no encoding we can recognise: save it as UTF-8")
    # The detector lists Central European before Western where both read as well: then "Señor" would become "Seńor".
    equal = {name for match in matches if match.chaos == best.chaos for name in match.could_be_from_charset}
    return "cp1252" if best.encoding == "cp1250" and "cp1252" in equal else best.encoding


def _some(text: str, item: Item) -> str:
    if not text.strip():
        raise ItemError(item.name, "has no text: nothing to read")
    return text


def _front_matter(text: str, item: Item) -> tuple[dict[str, Found], str]:
    """The metadata between two `---` lines at the start, and the text after them."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return {}, text
    end = next((n for n, line in enumerate(lines[1:], start=1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        if not re.match(r"[\w-]+:(\s|$)", lines[1] if len(lines) > 1 else ""):
            return {}, text  # a thematic break, not a front matter
        raise ItemError(item.name, "line 1: the front matter is never closed: end it with a line '---'")
    values = _yaml("\n".join(lines[1:end]), item)
    found = {}
    for key, value in values.items():
        name = _KEYS.get(str(key).lower())
        if name and isinstance(value, str | int | float | date) and str(value).strip() and name not in found:
            found[name] = Found(str(value).strip(), "front matter")
    return found, "\n".join(lines[end + 1 :])


def _yaml(block: str, item: Item) -> Mapping[object, object]:
    import yaml

    try:
        values = yaml.safe_load(block)
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        line = mark.line + 2 if mark else 1  # marks count from 0, and the opening '---' is a line
        problem = getattr(exc, "problem", None) or "not valid YAML"
        raise ItemError(item.name, f"line {line}: broken front matter ({problem}): mend or remove it") from exc
    except ValueError as exc:  # a date such as 2026-13-45
        raise ItemError(item.name, f"line 1: broken front matter ({exc}): mend or remove it") from exc
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ItemError(item.name, "line 2: the front matter is not a list of 'key: value' lines: mend or remove it")
    return values

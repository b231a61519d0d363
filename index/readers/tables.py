"""Tables of articles: JSON Lines (an article a line) and CSV (an article a row)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from itertools import islice

from index.articles import FIELDS, Draft, Found, Item
from index.errors import ItemError
from index.readers.text import decode

_GUESSES: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "body", "content", "article", "article_body", "articlebody"),
    "title": ("title", "headline"),
    "outlet": ("outlet", "source", "publisher", "publication", "site"),
    "published": ("published", "date", "published_at", "publishedat", "publish_date", "pubdate"),
    "url": ("url", "link"),
    "id": ("id", "article_id", "guid"),
    "source": ("source", "origin", "file"),
}
_LOOK_AHEAD = 50  # JSON lines whose keys are looked at before the columns are settled; keys may differ by line
Row = tuple[int, Mapping[str, object]]


def read_jsonl(item: Item, columns: Mapping[str, str]) -> Iterator[Draft | ItemError]:
    """An article for each line; a line that is not a JSON object is an `ItemError` value, the rest goes on.

    Raises:
        ItemError: no column holds text, or a column named in `columns` is not there; the message lists what is.
    """
    rows = _json_rows(item)
    first = list(islice(rows, _LOOK_AHEAD))
    names = list(dict.fromkeys(name for row in first if not isinstance(row, ItemError) for name in row[1]))
    if not names:  # only broken lines so far: there is nothing to choose columns from
        yield from (row for row in first if isinstance(row, ItemError))
        raise ItemError(item.name, "holds no JSON object: write one object a line")
    chosen = _choose(item, columns, names)
    for row in first:
        yield row if isinstance(row, ItemError) else _draft(item, row, chosen)
    for row in rows:
        yield row if isinstance(row, ItemError) else _draft(item, row, chosen)


def read_csv(item: Item, columns: Mapping[str, str]) -> Iterator[Draft | ItemError]:
    """An article for each row under the header; the separator is the one of `,` `;` tab `|` that splits the header.

    A row that is broken or does not have the header's number of columns is an `ItemError` value, the rest goes on.

    Raises:
        ItemError: as `read_jsonl`; also when there is no row under the header.
    """
    lines = list(io.StringIO(decode(item), newline=""))
    # The csv module keeps one limit for the process and an article is longer than its 128 KiB; it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), len(item.data)))
    delimiter = max(",;\t|", key=lambda mark: len(next(csv.reader(lines, delimiter=mark), [])))
    records = _records(item, lines, delimiter)
    header = next(records, None)
    if header is None:
        raise ItemError(item.name, "has no rows: nothing to read")
    if isinstance(header, ItemError):
        raise header
    names = [name.strip() for name in header[1]]
    chosen = _choose(item, columns, names)
    empty = True
    for record in records:
        empty = False
        if isinstance(record, ItemError):
            yield record
            continue
        line, values = record
        if len(values) == len(names) or (len(values) > len(names) and not any(values[len(names) :])):
            yield _draft(item, (line, dict(zip(names, values, strict=False))), chosen)
        else:
            yield _bad(item, line, f"has {len(values)} columns where the header has {len(names)}: check its quotes")
    if empty:
        raise ItemError(item.name, "has a header and no rows: nothing to read")


def _json_rows(item: Item) -> Iterator[Row | ItemError]:
    # Not splitlines(): JSON strings may hold U+2028 and its like unescaped.
    for number, line in enumerate(decode(item).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as exc:
            yield _bad(item, number, f"is not valid JSON ({exc}): mend it and ingest the file again")
            continue
        if isinstance(value, dict):
            yield number, value
        else:
            yield _bad(item, number, f"is a JSON {type(value).__name__}, not an object: write one object a line")


def _records(item: Item, lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str]] | ItemError]:
    """Rows that are not blank, each with its first line; after a broken one, reading resumes on the next line."""
    start = 0
    while start < len(lines):
        reader = csv.reader((lines[n] for n in range(start, len(lines))), delimiter=delimiter, strict=True)
        base, at = start, start
        start = len(lines)
        try:
            for values in reader:
                if any(value.strip() for value in values):
                    yield at + 1, values
                at = base + reader.line_num
        except csv.Error as exc:
            yield _bad(item, at + 1, f"is not a valid row ({exc}): check its quotes")
            start = at + 1


def _choose(item: Item, columns: Mapping[str, str], names: list[str]) -> dict[str, str]:
    """Our field names to the table's: what the user said, else the first common name that is there and not taken."""
    there = ", ".join(repr(name) for name in names)
    for field, column in columns.items():
        if field not in _GUESSES:
            raise ItemError(item.name, f"{field!r} is not one of our fields: use {', '.join(_GUESSES)}")
        if column not in names:
            raise ItemError(item.name, f"has no column {column!r} for {field!r}: its columns are {there}")
    chosen = dict(columns)
    by_plain_name = {name.strip().lower().replace(" ", "_").replace("-", "_"): name for name in reversed(names)}
    for field, guesses in _GUESSES.items():
        guess = next((by_plain_name[name] for name in guesses if by_plain_name.get(name, "") != ""), None)
        if field not in chosen and guess is not None and guess not in chosen.values():
            chosen[field] = guess
    if "text" not in chosen:
        reason = f"no column holds the text: its columns are {there}; name it with --column text=NAME"
        raise ItemError(item.name, reason)
    return chosen


def _draft(item: Item, row: Row, chosen: Mapping[str, str]) -> Draft | ItemError:
    line, values = row
    text = _value(values.get(chosen["text"]))
    if not text:
        return _bad(item, line, f"has no text (column {chosen['text']!r} is empty or not there)")
    found = {}
    for field in FIELDS:
        value = _value(values.get(chosen[field])) if field in chosen else ""
        if value:
            found[field] = Found(value, f"column {chosen[field]!r}")
    return Draft(text, found, part=found["id"].value if "id" in found else f"line {line}")


def _value(value: object) -> str:
    """A cell as text: paragraphs in a list on lines of their own, the name of a named thing, "" for anything else."""
    if isinstance(value, dict):  # {"id": "bbc-news", "name": "BBC News"}
        value = value.get("name")
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = "\n".join(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()


def _bad(item: Item, line: int, reason: str) -> ItemError:
    return ItemError(f"{item.name}: line {line}", reason)

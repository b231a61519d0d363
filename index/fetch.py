"""Pages, files and feeds from the web: every address is checked before it is connected to, everything is bounded."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import httpcore
import httpx

from index.articles import Item
from index.connect import Guard
from index.errors import ItemError
from index.limits import IngestOptions, mebibytes
from index.readers.html import first_tag

_MAX_REDIRECTS = 5
_FULL_TEXT = 400  # characters without markup; a feed's summary is a sentence or two
_TEXT_TYPES = ("text/html", "text/plain", "text/markdown", "text/csv")
_FEED_TAGS = ("rss", "feed", "rdf:rdf")


@dataclass(frozen=True, slots=True)
class _Reply:
    """What a server sent in the end: the address after redirects, the type without parameters, the bytes."""

    url: str
    content_type: str | None
    data: bytes


def fetch(url: str, options: IngestOptions) -> Iterator[Item | ItemError]:
    """A page or file as one item; a feed as one item for each entry.

    Looking up a host's name takes as long as the system's resolver takes; the time limit is judged after it.
    Proxies named in the environment are not used: through a proxy nobody could check what is connected to.

    Args:
        url: an http or https address without a user name or password.
        options: `timeout_s` for each address, `max_bytes` for each body, `allow_private`, `max_feed_entries`.

    Yields:
        Items, keyed by the address that was asked for. For a feed also an `ItemError` value for each entry whose page
        cannot be fetched and whose text the feed does not carry itself.

    Raises:
        ItemError: the address is not allowed, does not answer, or answers with an error, too much or too slowly.
    """
    reply = _get(url, options)
    if first_tag(reply.data) in _FEED_TAGS:
        yield from _entries(url, reply, options)
    else:
        yield _item(url, reply)


def _item(url: str, reply: _Reply) -> Item:
    if not reply.data:
        raise ItemError(url, "answered with an empty page: check the address")
    return Item(key=url.partition("#")[0], name=url, data=reply.data, url=reply.url, content_type=reply.content_type)


def _entries(url: str, feed: _Reply, options: IngestOptions) -> Iterator[Item | ItemError]:
    import fastfeedparser

    try:
        parsed = fastfeedparser.parse(feed.data)  # bytes are only parsed; text that is an address would be fetched
    except ValueError as exc:
        raise ItemError(url, f"is a broken feed ({exc}): give the addresses of its articles") from exc
    entries = parsed.entries[: options.max_feed_entries]
    if not entries:
        raise ItemError(url, "is a feed without entries: check the address")
    for entry in entries:
        address, link = "", str(entry.get("link") or "")
        try:
            if not link:
                raise ItemError(url, "this entry has neither an address nor a text of its own: nothing to read")
            address = _joined(url, httpx.URL(feed.url), link)
            yield _entry_page(address, options)
        except ItemError as error:
            page = _own_page(entry, str(parsed.feed.get("title") or ""), address)
            key = address or f"{url}#{entry.get('id') or entry.get('title')}"
            yield Item(key, key, page, address or feed.url, "text/html") if page else ItemError(key, error.reason)


def _entry_page(address: str, options: IngestOptions) -> Item:
    reply = _get(address, options)
    if first_tag(reply.data) in _FEED_TAGS:
        raise ItemError(address, "is a feed inside a feed: ingest it by itself")
    return _item(address, reply)


def _own_page(entry: Any, outlet: str, address: str) -> bytes:  # noqa: ANN401 the parser has no types
    """The entry's own full text as a page with its metadata; b"" when the feed only carries a summary."""
    body = max((str(part.get("value") or "") for part in entry.get("content") or []), key=len, default="")
    if len(re.sub(r"<[^<>]*>", "", body).strip()) < _FULL_TEXT:
        return b""
    stated = {"og:title": entry.get("title"), "og:site_name": outlet, "article:published_time": entry.get("published")}
    meta = "".join(
        f'<meta property="{name}" content="{escape(str(value))}">' for name, value in stated.items() if value
    )
    link = f'<link rel="canonical" href="{escape(address)}">' if address else ""
    return f"<html><head>{meta}{link}</head><body><article>{body}</article></body></html>".encode(errors="replace")


def _get(url: str, options: IngestOptions) -> _Reply:
    """Follow redirects by hand, so that each hop is judged like the first."""
    deadline = time.monotonic() + options.timeout_s
    at = _allowed(url, url)
    seen = {str(at)}
    backend = Guard(url, deadline, allow_private=options.allow_private)
    with httpcore.ConnectionPool(network_backend=backend) as pool:
        for _ in range(_MAX_REDIRECTS + 1):
            try:
                with pool.stream("GET", str(at), headers=_headers(at)) as response:
                    headers = httpx.Headers(response.headers)
                    if response.status not in (301, 302, 303, 307, 308):
                        _judge(url, response.status)
                        return _reply(str(at), headers, _body(url, response, headers, options))
            except httpcore.TimeoutException as exc:
                reason = f"did not answer in full within {options.timeout_s:g} s: try again later, or check the address"
                raise ItemError(url, reason) from exc
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as exc:
                reason = " ".join(str(exc).split()) or "no answer"
                raise ItemError(url, f"cannot be fetched ({reason}): check the address and the connection") from exc
            at = _allowed(url, _joined(url, at, headers.get("location", "")))
            if str(at) in seen:
                raise ItemError(url, f"redirects in a circle, back to {str(at)!r}: check the address")
            seen.add(str(at))
    raise ItemError(url, f"redirects more than {_MAX_REDIRECTS} times: give the address it leads to")


def _headers(url: httpx.URL) -> list[tuple[bytes | str, bytes | str]]:
    try:
        release = version("sourcebound")
    except PackageNotFoundError:  # run from a checkout that is not installed
        release = "0"
    agent = f"Sourcebound/{release}"
    return [("Host", url.netloc.decode("ascii")), ("User-Agent", agent), ("Accept", "*/*"), ("Accept-Encoding", "gzip")]


def _allowed(url: str, target: str) -> httpx.URL:
    """The target as a parsed address, if it is one we may ask at all."""
    try:
        parsed = httpx.URL(target)
    except httpx.InvalidURL as exc:
        raise ItemError(url, f"is not a web address ({exc}): check it") from exc
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ItemError(url, f"leads to {target!r}, which is no http or https address: check it")
    if parsed.userinfo:
        raise ItemError(url.replace(f"{parsed.userinfo.decode()}@", "...@"), "holds a password: give it without")
    return parsed.copy_with(fragment=None)


def _joined(url: str, at: httpx.URL, location: str) -> str:
    if not location:
        raise ItemError(url, "redirects without saying where to: check the address")
    try:
        return str(at.join(location))
    except httpx.InvalidURL as exc:
        raise ItemError(url, f"leads to {location!r}, which is no web address: check it") from exc


def _judge(url: str, status: int) -> None:
    if status == 200:
        return
    phrase = httpx.codes.get_reason_phrase(status)
    advice = "check the address"
    if status in (401, 402, 403, 451):
        advice = "the site does not give it to programs; save the page and ingest the file"
    elif status == 429 or status >= 500:
        advice = "try again later"
    raise ItemError(url, f"answered {status} {phrase}".rstrip() + f": {advice}")


def _body(url: str, response: httpcore.Response, headers: httpx.Headers, options: IngestOptions) -> bytes:
    """The body, unpacked and counted as it comes; what the server says about its length is not believed."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip", ""):
        raise ItemError(url, f"answered in the encoding {coding!r}, which was not asked for: save the page as a file")
    # A block of 64 KiB unpacks to 64 MiB at most, so the count is never far behind.
    packed = httpx.Response(
        200, headers={"content-encoding": "gzip"} if "gzip" in coding else {}, stream=_Blocks(response)
    )
    blocks, size = [], 0
    try:
        for block in packed.iter_bytes():
            blocks.append(block)
            size += len(block)
            if size > options.max_bytes:
                limit = mebibytes(options.max_bytes)
                raise ItemError(url, f"is larger than the limit of {limit}: raise it with --max-size")
    except httpx.DecodingError as exc:
        raise ItemError(url, f"answered with damaged data ({exc}): try again later") from exc
    return b"".join(blocks)


class _Blocks(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        return self._response.iter_stream()


def _is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8 beyond ASCII, which they are never by chance, whatever an old server says by default."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return not data.isascii()


def _reply(url: str, headers: httpx.Headers, data: bytes) -> _Reply:
    """Text in an encoding that only the server names is kept as UTF-8 with a mark, for an item has no place for it."""
    content_type, _, rest = headers.get("content-type", "").lower().partition(";")
    content_type = content_type.strip()
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", rest)
    said = charset[1] if charset else "utf-8"
    if said not in ("utf-8", "utf8") and content_type in _TEXT_TYPES and not _is_utf8(data):
        name = "cp1252" if said in ("iso-8859-1", "latin1") else said
        with suppress(LookupError, ValueError):  # the server is wrong about it: the reader finds out by itself
            data = data.decode(name).encode("utf-8-sig")
    return _Reply(url, content_type or None, data)

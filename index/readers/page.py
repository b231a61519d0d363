"""What an HTML page says about itself: title, outlet, date and address, only where it states them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from index.articles import Found

_TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title", "headline", "parsely-title")
_OUTLETS = ("og:site_name", "application-name", "dc.publisher", "dcterms.publisher", "publisher", "citation_publisher")
_DATES = (
    "article:published_time", "article:published", "datepublished", "citation_publication_date", "parsely-pub-date",
    "sailthru.date", "dcterms.issued", "dcterms.created", "dcterms.date", "dc.date.issued", "dc.date", "publishdate",
    "publish-date", "publish_date", "publication_date", "pubdate", "cxenseparse:recs:publishtime", "date",
)  # fmt: skip
_TITLE_SITE = re.compile(r"\s+[|–—·•-]\s+")
_ARTICLE = re.compile(r"article|posting|report", re.I)
_WHERE = "html metadata"


def metadata(tree: Any, address: str | None) -> dict[str, Found]:  # noqa: ANN401 lxml elements carry no types
    """The declared metadata of a page, before anything is removed from its tree.

    Args:
        tree: the page's root element.
        address: where it was fetched, None for a file; a relative canonical link is resolved against it.

    Returns:
        Any of title, outlet, published and url. A date is never taken from running text or a copyright line.
    """
    meta, article = _meta(tree), _article(tree)
    link = _first(tree, "//link[@rel='canonical']/@href").strip() or meta.get("og:url", "")
    canonical = _http(_absolute(address, link)) if link else ""
    outlet = _one(meta, _OUTLETS) or _name(article.get("publisher")) or meta.get("twitter:site", "").lstrip("@")
    found = {
        "title": _text(article.get("headline")) or _one(meta, _TITLES) or _title(tree, outlet),
        "outlet": outlet,
        "published": _text(article.get("datePublished")) or _one(meta, _DATES) or _time(tree),
        "url": canonical,
    }
    result = {name: Found(value, _WHERE) for name, value in found.items() if value}
    host = _host(canonical or address or "")
    if host and "outlet" not in result:
        result["outlet"] = Found(host.removeprefix("www."), "address")
    return result


def declares_article(tree: Any) -> bool:  # noqa: ANN401
    """Whether the page says that it is an article: by its markup, its Open Graph type or its JSON-LD."""
    return bool(tree.xpath("//article") or _meta(tree).get("og:type") == "article" or _article(tree))


def _meta(tree: Any) -> dict[str, str]:  # noqa: ANN401
    """The content of each meta element by its lower-case name, the first of each."""
    values: dict[str, str] = {}
    for element in tree.xpath("//meta[@content]"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        values.setdefault(name.strip().lower(), _text(element.get("content")))
    return values


def _article(tree: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """The first JSON-LD node that is an article, {} when there is none or it is broken."""
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            nodes = list(_nodes(json.loads(script, strict=False)))
        except (ValueError, RecursionError):
            continue  # pages ship broken JSON-LD; their meta elements say the same
        for node in nodes:
            if _ARTICLE.search(str(node.get("@type", ""))):
                return node
    return {}


def _nodes(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for part in value:
            yield from _nodes(part)
    elif isinstance(value, dict):
        yield value
        yield from _nodes(value.get("@graph"))
        yield from _nodes(value.get("mainEntity"))


def _title(tree: Any, outlet: str) -> str:  # noqa: ANN401
    """The only first-level heading, else the page's title without the outlet's name at its end."""
    headings = [_text(heading.text_content()) for heading in tree.xpath("//h1")]
    if len(headings) == 1 and headings[0]:
        return headings[0]
    title = _text(_first(tree, "//head/title/text()"))
    parts = _TITLE_SITE.split(title)
    if len(parts) > 1 and outlet and parts[-1].casefold() == outlet.casefold():
        return title[: title.rindex(parts[-1])].rstrip(" |–—·•-")
    return title


def _time(tree: Any) -> str:  # noqa: ANN401
    """A time element marked as the date of publication, else the only one of the article."""
    marked = tree.xpath("//*[@itemprop='datePublished']/@datetime | //time[@pubdate]/@datetime")
    if marked:
        return _text(marked[0])
    times = set(tree.xpath("//article//time/@datetime") or tree.xpath("//time/@datetime"))
    return _text(times.pop()) if len(times) == 1 else ""


def _first(tree: Any, path: str) -> str:  # noqa: ANN401
    return next((str(value) for value in tree.xpath(path)), "")


def _one(meta: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((meta[name] for name in names if meta.get(name)), "")


def _name(value: object) -> str:
    """The name of a JSON-LD organisation, which may be text, an object or a list of them."""
    if isinstance(value, list):
        return _name(value[0]) if value else ""
    return _text(value.get("name") if isinstance(value, dict) else value)


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _absolute(address: str | None, link: str) -> str:
    try:
        return urljoin(address or "", link)
    except ValueError:  # "http://[": not an address
        return ""


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _http(address: str) -> str:
    return address if address.startswith(("http://", "https://")) else ""

"""What a reader of a page does not see is no source: it is removed before the article's text is taken.

Caught: elements for machines and for browsers that lack something; `hidden` and `aria-hidden`; and what a style in the
page takes out of sight: not displayed, invisible, without size, clipped, off the screen, in letters of no size, in no
colour or nearly that of the nearest background (white where none is set). A style is that of the element itself, or a
rule of a `<style>` element with a plain selector: a tag, a class or an id, or a tag with one of these.

Not caught: style sheets outside the page, selectors that name other elements, states or attributes, rules for some
screens only, variables, `opacity` in a rule (scripts fade such text in), pictures behind or elements over a text, and
whatever a script does. This is no CSS engine: of equal rules the last wins, and `!important` over those without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Style = dict[str, str]
"""Properties in lower case with their values; `background` stands for all of its kind."""

_MACHINE = frozenset(
    ["script", "style", "noscript", "template", "canvas", "audio", "video", "datalist", "iframe", "noframes"]
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)", re.S)
_AT_BLOCK = re.compile(r"@([^{};@]*)\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}|@[^{};@]*;")
_FOR_SCREENS = re.compile(r"media (?:only )?(?:screen|all)\s*")
_PLAIN = re.compile(r"[a-z][a-z0-9]*(?:[.#][\w-]+)?|[.#][\w-]+")
_IMPORTANT = re.compile(r"\s*!\s*important$")

_AWAY = r"-\d{3,}.*"
_HIDING: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for names, pattern in (
        ("display", "none"),
        ("visibility", "hidden|collapse"),
        ("content-visibility", "hidden"),
        ("opacity", r"0?\.?0\d*%?"),
        ("font-size", r"0(?:\.0\d*)?[a-z%]*|(?:0?\.\d+|1)p[xt]"),
        ("font", r"0(?:px)?[ /].*"),
        ("left right top text-indent margin-left", _AWAY),
        ("transform", rf".*(?:scale\(0(?:\.0\d*)?[,)]|translate\w*\({_AWAY}).*"),
        ("clip", r"rect\((?:[01](?:px)?[ ,]*)*\)"),
        ("clip-path", r"inset\((?:50|100)%.*|circle\(0.*"),
    )
    for name in names.split()
}
_NO_SIZE = re.compile(r"0[a-z%]*|1px")
_SIZES = ("width", "height", "max-width", "max-height")
_SEEN = frozenset([*_HIDING, *_SIZES, "overflow", "color", "background"])
_LONGEST = 300  # characters of a value: nothing that hides is longer
_COLOUR = re.compile(r"#([0-9a-f]{3,8})\b|rgba?\(([\d.% ,/]+)\)|\b(white|black|transparent)\b")
_NAMED = {"white": (255, 255, 255), "black": (0, 0, 0)}
_NEAR = 8
"""Steps of 255 by which a colour may differ from its background in each of red, green and blue, and not be seen."""


def strip_hidden(tree: Any) -> None:  # noqa: ANN401 lxml elements carry no types
    """Removes what a browser does not show; text that stands after a removed element stays."""
    rules = _rules(tree)
    styles = {element: _style(element, rules) for element in tree.iter("*")}
    for element in styles:
        if element.getparent() is not None and element.tag != "body" and _hidden(element, styles):
            element.drop_tree()


def _hidden(element: Any, styles: Mapping[Any, Style]) -> bool:  # noqa: ANN401
    if element.tag in _MACHINE or element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if element.tag == "dialog" and element.get("open") is None:
        return True
    style = styles[element]
    if any(name in style and pattern.fullmatch(style[name]) for name, pattern in _HIDING.items()):
        return True
    cut = style.get("overflow", "visible") in ("hidden", "clip")
    return (cut and any(_NO_SIZE.fullmatch(style.get(name, "")) for name in _SIZES)) or _unreadable(element, styles)


def _unreadable(element: Any, styles: Mapping[Any, Style]) -> bool:  # noqa: ANN401
    """Whether an element sets its text in no colour, or colour or background so that one is nearly the other."""
    own = styles[element]
    if not {"color", "background"} & own.keys():
        return False
    line = [styles.get(part, {}) for part in (element, *element.iterancestors())]
    ink = _colour(next((style["color"] for style in line if "color" in style), ""))
    papers = (style["background"] for style in line if "background" in style)
    paper = _colour(next((value for value in papers if _colour(value) != ()), "white"))
    if ink == ():
        return "color" in own
    return bool(ink and paper) and all(abs(a - b) <= _NEAR for a, b in zip(ink or (), paper or (), strict=True))


def _colour(value: str) -> tuple[int, ...] | None:
    """Red, green and blue, 0 to 255; () for a colour that is none; None where it is not told or there is a picture."""
    found = _COLOUR.search(value)
    if found is None or "(" in value.replace("rgb(", "").replace("rgba(", ""):
        return None
    digits, numbers, name = found.groups()
    if name:
        return _NAMED.get(name, ())
    if digits:
        wide = digits if len(digits) > 4 else "".join(2 * digit for digit in digits)
        parts = [int(wide[at : at + 2], 16) for at in range(0, len(wide) - 1, 2)]
    else:
        given = [part for part in re.split(r"[ ,/]+", numbers) if re.fullmatch(r"\d+(?:\.\d*)?%?|\.\d+", part)]
        scale = [1.0, 1.0, 1.0, 255.0]
        parts = [
            round(float(part.rstrip("%")) * (2.55 if part.endswith("%") else by))
            for part, by in zip(given, scale, strict=False)
        ]
    if len(parts) < 3:
        return None
    return () if len(parts) > 3 and not parts[3] else tuple(parts[:3])


def _style(element: Any, rules: Mapping[str, tuple[int, Style]]) -> Style:  # noqa: ANN401
    """All that the page says of how an element looks, without what it inherits."""
    named = [f".{name}" for name in element.get("class", "").lower().split()]
    named.append(f"#{element.get('id', '').strip().lower()}")
    selectors = {element.tag, *named, *(element.tag + name for name in named)}
    given = sorted((rules[selector] for selector in selectors & rules.keys()), key=lambda rule: rule[0])
    asked = {"color": element.get("color", ""), "background": element.get("bgcolor", "")}
    merged: Style = {name: value.lower() for name, value in asked.items() if value}
    for style in (*(style for _, style in given), _declared(element.get("style", ""))):
        _merge(merged, style)
    return {name: _IMPORTANT.sub("", value) for name, value in merged.items()}


def _merge(style: Style, later: Style) -> None:
    for name, value in later.items():
        if _IMPORTANT.search(value) or not _IMPORTANT.search(style.get(name, "")):
            style[name] = value


def _declared(text: str) -> Style:
    plain = re.sub(r" ?([:;,()]) ?", r"\1", " ".join(_COMMENT.sub("", text).lower().split()))
    pairs = (part.strip().partition(":") for part in plain.split(";"))
    found = {"background" if name.startswith("background") else name: value for name, _, value in pairs if value}
    return {name: value[:_LONGEST] for name, value in found.items() if name in _SEEN}


def _rules(tree: Any) -> dict[str, tuple[int, Style]]:  # noqa: ANN401
    """What rules with plain selectors say, by selector, each with the place of the last of its rules."""
    rules: dict[str, tuple[int, Style]] = {}
    text = "\n".join(element.text or "" for element in tree.iter("style"))
    for place, (selectors, body) in enumerate(_blocks(text)):
        style = _declared(body)
        style.pop("opacity", None)
        for selector in selectors.lower().split(",") if style else ():
            if _PLAIN.fullmatch(plain := selector.strip()):
                _, whole = rules.get(plain, (place, Style()))
                _merge(whole, style)
                rules[plain] = (place, whole)
    return rules


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of each rule that holds on every screen."""
    plain = _AT_BLOCK.sub(
        lambda at: at[2] if at[2] and _FOR_SCREENS.fullmatch(at[1].strip().lower()) else "", _COMMENT.sub("", text)
    )
    for block in plain.split("}"):
        selectors, _, body = block.rpartition("{")
        yield selectors, body

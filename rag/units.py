"""What may be quoted by itself: sentences with their speaker, in the order of the article. Pure.

A sentence out of the middle of somebody's speech is never offered without the words that say whose speech it is, and a
sentence that begins with "He" brings the sentence before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int]

MOST_CHARACTERS = 900
"""A longer unit is a page, not evidence."""

_QUOTES = re.compile(r"[“”«»„\"]")
_SPEECH = re.compile(
    r"\b(?:sa(?:id|ys|ying)|t(?:old|ells|elling)|wr(?:ote|ites|iting)|post(?:ed|s)|claim(?:ed|s|ing)?|stat(?:ed|es|ing)|"
    r"not(?:ed|es|ing)|add(?:ed|s|ing)|ask(?:ed|s|ing)?|argu(?:ed|es|ing)|explain(?:ed|s|ing)?|announc(?:ed|es|ing)|"
    r"warn(?:ed|s|ing)?|insist(?:ed|s|ing)?|repli(?:ed|es)|respond(?:ed|s|ing)?|call(?:ed|s|ing)|accus(?:ed|es|ing)|"
    r"describ(?:ed|es|ing)|according to|assert(?:ed|s|ing)?|tweet(?:ed|s)|declar(?:ed|es|ing)|"
    r"suggest(?:ed|s|ing)?|reports?|reported|recalled|continued|concluded|testified|alleged|acknowledged|admitted)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"(?:[“\"'‘]?)(?:He|She|They|It|His|Her|Hers|Their|Theirs|Its|Him|Them|This|That|These|Those|Both|The (?:move|decision|"
    r"announcement|statement|exchange|latter|former|two|three|same|deal|plan|ruling|attack|visit))\b"
)
_CONNECTIVE = re.compile(
    r"(?:However|But|And|Yet|Meanwhile|Still|Also|Moreover|Furthermore|Nevertheless|Nonetheless|In addition|Additionally|"
    r"Similarly|Likewise|Then|So),?\s+(?=[\w“\"])"
)
_ENDS = re.compile(r"[.!?…][”»\"'’)\]]*$")


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of an article that stands by itself.

    Attributes:
        start, end: characters in the article's text.
        lead: the span before it that says who "he" is; None when the unit needs none.
    """

    start: int
    end: int
    lead: Span | None = None


def units(text: str, sentences: Sequence[Span], within: Span) -> list[Unit]:
    """The units of an article that lie in a window, each once, in order.

    Args:
        text: the article's text.
        sentences: spans of its sentences in order.
        within: only sentences inside this window begin a unit; what a unit needs may lie outside it.
    """
    found: dict[Span, Unit] = {}
    speeches: dict[Span, list[Span]] = {}
    for place, (start, end) in enumerate(sentences):
        if start < within[0] or end > within[1] or not _ENDS.search(text[start:end]):
            continue
        paragraph = _paragraph(text, start)
        quoted = speeches.setdefault(paragraph, quoted_spans(text, paragraph))
        span = _with_speaker(text, sentences, place, paragraph, quoted)
        if span is None or span[1] - span[0] > MOST_CHARACTERS:
            continue
        found.setdefault(span, Unit(*span, _lead(text, sentences, place, span)))
    return list(found.values())


def trimmed(text: str, span: Span) -> Span:
    """The span without a leading "However," or "But": those join it to a sentence that is not shown."""
    match = _CONNECTIVE.match(text, span[0], span[1])
    return (match.end(), span[1]) if match else span


def quoted_spans(text: str, paragraph: Span) -> list[Span]:
    """Spans of quoted speech in a paragraph, marks included; one that is never closed runs to the paragraph's end."""
    spans = []
    opened: int | None = None
    for match in _QUOTES.finditer(text, *paragraph):
        mark = match.group()
        if opened is None and mark not in "”»":
            opened = match.start()
        elif opened is not None and mark in '”»"':
            spans.append((opened, match.end()))
            opened = None
    if opened is not None:
        spans.append((opened, paragraph[1]))
    return spans


def _paragraph(text: str, at: int) -> Span:
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end


def _with_speaker(
    text: str, sentences: Sequence[Span], place: int, paragraph: Span, quoted: Sequence[Span]
) -> Span | None:
    """The sentence's span, widened to the words that attribute it where it is speech; None where nothing does."""
    start, end = sentences[place]
    if not _is_speech(text, (start, end), quoted):
        return start, end
    near = [i for i, (a, b) in enumerate(sentences) if paragraph[0] <= a and b <= paragraph[1]]
    before = [i for i in near if i < place and _attributes(text, sentences[i], quoted)]
    after = [i for i in near if i > place and _attributes(text, sentences[i], quoted)]
    if before:
        return sentences[before[-1]][0], end
    if after:
        return start, sentences[after[0]][1]
    if place and near and near[0] > 0 and _attributes(text, sentences[near[0] - 1], ()):
        return sentences[near[0] - 1][0], end
    return None


def _is_speech(text: str, span: Span, quoted: Sequence[Span]) -> bool:
    """Whether what the sentence says is wholly, or from its first word on, somebody's quoted words without a speaker."""
    inside = [q for q in quoted if q[0] < span[1] and q[1] > span[0]]
    opens_inside = any(q[0] < span[0] for q in inside)
    outside = _outside(text, span, inside)
    return bool(inside) and not _SPEECH.search(outside) and (opens_inside or len(re.findall(r"\w+", outside)) < 3)


def _attributes(text: str, span: Span, quoted: Sequence[Span]) -> bool:
    return bool(_SPEECH.search(_outside(text, span, quoted)))


def _outside(text: str, span: Span, quoted: Sequence[Span]) -> str:
    return "".join(text[i] for i in range(*span) if not any(a <= i < b for a, b in quoted))


def _lead(text: str, sentences: Sequence[Span], place: int, span: Span) -> Span | None:
    first = next(i for i in range(place + 1) if sentences[i][1] > span[0])
    if first == 0 or not _LEANS.match(text, trimmed(text, span)[0]):
        return None
    before = sentences[first - 1]
    return before if _ENDS.search(text[slice(*before)]) and "\n\n\n" not in text[before[1] : span[0]] else None

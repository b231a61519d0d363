"""What may be quoted by itself: sentences with their speaker, in the order of the article. Pure.

A quotation is never cut: a unit holds it from mark to mark, and with it the words that say whose it is. A sentence that
begins with "He", or ends with "she said", brings the sentence before it; one out of somebody's words that stand without
quotation marks ("Holm writes:") brings the sentence that hands over to them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag import wording
from rag.quotations import Span, quoted_spans

MOST_CHARACTERS = 900
"""A longer unit is a page, not evidence."""

_REACH = 2 * MOST_CHARACTERS
"""Characters around the window in which a speaker is looked for."""

_LOOK_BACK = 4
"""Sentences before a unit among which the one that says who "he" is may be."""

_HANDED_OVER = 3  # paragraphs after "Holm writes:" that may still be hers
_LISTED = 12  # paragraphs that a list of claims may have
_FALSE = -1  # in place of an introduction: the article takes the sentence back
# Without a comma only words that join and nothing else: "So far" and "Still waters" keep theirs.
_CONNECTIVE = re.compile(
    r"(?:(?:However|But|And|Yet|Meanwhile|Still|Also|Moreover|Furthermore|Nevertheless|Nonetheless|In addition|"
    r"Additionally|Similarly|Likewise|Then|So),\s+|(?:But|And|Yet|Meanwhile|Nevertheless|Nonetheless)\s+)(?=\w)(?!(?:too|for|another|of)\b)"
)
_SEVERAL = re.compile(r"[.!?…][”’\"']?\s+\S")
_BULLET = re.compile(r"[-*•–]|\d{1,2}[.)]")


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

    Headings (no full stop at the end), questions and orders to the reader are none: they assert nothing. Nor are claims
    that the article lists and then calls false, or what "A:" says.

    Args:
        text: the article's text.
        sentences: spans of its sentences in order.
        within: only sentences inside this window begin a unit; what a unit needs may lie outside it.
    """
    found: dict[Span, Unit] = {}
    low, high = within[0] - _REACH, within[1] + _REACH
    sentences = [span for span in sentences if low <= span[0] < high]
    quoted = [span for span in quoted_spans(text) if low < span[1] and span[0] < high]
    handed_over = _handed_over(text, sentences, quoted)
    for place, (start, end) in enumerate(sentences):
        if start < within[0] or end > within[1] or not _may_be_quoted(text, (start, end), quoted):
            continue
        introduction = handed_over.get(place)
        if introduction == _FALSE:
            continue
        span = with_speaker(text, sentences, place, quoted)
        if span is None or span[1] - span[0] > MOST_CHARACTERS:
            continue
        first = bisect_right(sentences, (span[0], len(text))) - 1
        needs, lead = _lead(text, sentences, first, span, quoted)
        if introduction is not None and introduction < first:
            lead = _from_introduction(text, sentences, introduction, lead, quoted)
            if lead[1] - lead[0] > MOST_CHARACTERS or lead[1] > span[0]:
                continue
        elif needs and lead is None:
            continue
        span = trimmed(text, span, quoted)
        found.setdefault(span, Unit(*span, lead))
    return list(found.values())


def trimmed(text: str, span: Span, quoted: Sequence[Span] | None = None) -> Span:
    """The span without a leading "However," or "But": those join it to a sentence that is not shown.

    What begins inside a quotation is left whole. `quoted` are the text's quotations where they are known already.
    """
    match = _CONNECTIVE.match(text, *span)
    if not match or any(a <= span[0] < b for a, b in (quoted_spans(text) if quoted is None else quoted)):
        return span
    return match.end(), span[1]


def _may_be_quoted(text: str, span: Span, quoted: Sequence[Span]) -> bool:
    sentence = text[slice(*span)]
    inside = any(a <= span[0] < b for a, b in quoted)
    return wording.asserts(sentence) and (inside or not wording.commands(text[slice(*trimmed(text, span, quoted))]))


def with_speaker(text: str, sentences: Sequence[Span], place: int, quoted: Sequence[Span]) -> Span | None:
    """The sentence's span, widened to whole quotations and to the words that attribute them; None where nothing does.

    Whoever is named in the sentences that the same quotation runs through is its speaker; else whoever the sentence
    next to it names, first the one before. In an interview it is the name that the paragraph begins with.
    """
    span = sentences[place]
    line = text.rfind("\n", 0, span[0]) + 1
    label = wording.label(text[line : line + MOST_CHARACTERS])
    if label == "":
        return None
    if label:
        span = sentences[bisect_left(sentences, (line, line))][0], span[1]
    whole = _whole(text, sentences, span, quoted)
    if label or whole is None or not _is_speech(text, whole, quoted):
        return whole
    through = [i for i, (a, b) in enumerate(sentences) if a < whole[1] and b > whole[0]]
    for i in _neighbours(text, sentences, through, quoted):
        if wording.names_speaker(_outside(text, sentences[i], quoted)):
            both = min(whole[0], sentences[i][0]), max(whole[1], sentences[i][1])
            return _whole(text, sentences, both, quoted)
    return None


def _whole(text: str, sentences: Sequence[Span], span: Span, quoted: Sequence[Span]) -> Span | None:
    """The span widened to all sentences of the quotations that it cuts; None where they lie too far away."""
    while span[1] - span[0] <= _REACH:
        own = [q for q in quoted if q[0] < span[1] and q[1] > span[0]]
        low, high = min([span[0], *(q[0] for q in own)]), max([span[1], *(q[1] for q in own)])
        touched = [(a, b) for a, b in sentences if a < high and b > low]
        wider = touched[0][0], touched[-1][1]
        if wider == span:
            kept = wider[0] <= low and not text[wider[1] : high].strip()
            return span if kept or not text[low : wider[0]].strip() else None
        span = wider
    return None


def _neighbours(text: str, sentences: Sequence[Span], through: Sequence[int], quoted: Sequence[Span]) -> list[int]:
    """The sentences around a quotation that may name its speaker: the nearest on either side that is not speech alone.

    After the quotation its speaker stands in the same paragraph, unless the quotation goes on in the next one; before
    it the last sentence of the paragraph before may lead over to it.
    """
    first, last = through[0], through[-1]
    before, after = first - 1, last + 1
    while before >= 0 and _goes_on(text, sentences, before, quoted) and _is_speech(text, sentences[before], quoted):
        before -= 1
    while (
        after < len(sentences)
        and _goes_on(text, sentences, after - 1, quoted)
        and _is_speech(text, sentences[after], quoted)
    ):
        after += 1
    found = []
    if before >= 0 and (
        _same_line(text, sentences, before)
        or wording.asserts(text[slice(*sentences[before])])
        or text[sentences[before][1] - 1] == ":"
    ):
        found.append(before)
    if after < len(sentences) and _goes_on(text, sentences, after - 1, quoted):
        found.append(after)
    return found if _same_line(text, sentences, last) else found[::-1]


def _same_line(text: str, sentences: Sequence[Span], place: int) -> bool:
    """Whether a sentence and the next one are in one paragraph."""
    return place + 1 < len(sentences) and "\n" not in text[sentences[place][1] : sentences[place + 1][0]]


def _goes_on(text: str, sentences: Sequence[Span], place: int, quoted: Sequence[Span]) -> bool:
    """Whether the next sentence is in the same paragraph, or speaks on in a quotation that no mark has closed."""
    end = sentences[place][1]
    unclosed = any(q[0] < end <= q[1] and text[q[1] - 1] not in "”»“«\"’'" for q in quoted)
    return _same_line(text, sentences, place) or unclosed


def _is_speech(text: str, span: Span, quoted: Sequence[Span]) -> bool:
    """Whether a stretch is wholly, or from its first word on, somebody's quoted words without a speaker."""
    inside = [q for q in quoted if q[0] < span[1] and q[1] > span[0]]
    if not inside:
        return False
    outside = _outside(text, span, inside)
    opens = any(
        q[0] < span[0]
        or (q[0] == span[0] and _SEVERAL.search(text, *q))
        or text[span[0] : q[0]].rstrip().endswith((".", "!", "?", "…"))  # two sentences that were not told apart
        for q in inside
    )
    return not wording.names_speaker(outside) and (opens or len(re.findall(r"\w+", outside)) < 3)


def _outside(text: str, span: Span, quoted: Sequence[Span]) -> str:
    pieces, at = [], span[0]
    for a, b in quoted:
        if a < span[1] and b > at:
            pieces.append(text[at : max(at, a)])
            at = b
    return "".join(pieces) + text[at : span[1]]


def _lead(
    text: str, sentences: Sequence[Span], first: int, span: Span, quoted: Sequence[Span]
) -> tuple[bool, Span | None]:
    """Whether a unit reports what "he" said, and the sentence that says who "he" is: the nearest one before that does.

    A unit that begins with a pronoun gets all from there on, for "they" may be what the sentences between speak of.
    """
    outside = _outside(text, span, quoted)
    opening = text[trimmed(text, span, quoted)[0] : span[1]]
    leans = not any(q[0] < span[0] < q[1] for q in quoted) and wording.leans(opening, outside)
    reports = wording.by_pronoun(outside)
    nearest: Span | None = None
    for place in range(first - 1, max(-1, first - 1 - _LOOK_BACK), -1) if leans or reports else ():
        start, end = sentences[place]
        if not wording.asserts(text[start:end]):
            if not _same_line(text, sentences, place):
                break  # a heading: what stands before it is about something else
            continue
        before = _outside(text, (start, end), quoted)
        first_of_two = before.rpartition(". ")[0]  # two sentences that were not told apart: the first may name her
        named_before = first_of_two.count(" ") > 2 and wording.names(first_of_two)
        if _is_speech(text, (start, end), quoted) or (wording.by_pronoun(before) and not named_before):
            continue
        whole = _whole(text, sentences, (start, end), quoted)
        if whole is None or whole[1] > span[0]:
            continue
        lead = trimmed(text, (whole[0], sentences[first - 1][1] if leans else whole[1]), quoted)
        nearest = nearest or (lead if wording.mentions_somebody(before) else None)
        if leans or wording.names(before):
            return reports, lead
    return reports, nearest


def _handed_over(text: str, sentences: Sequence[Span], quoted: Sequence[Span]) -> dict[int, int]:
    """Of sentences in somebody's words without quotation marks: the sentence that hands over to them, or _FALSE."""
    found: dict[int, int] = {}
    for place, span in enumerate(sentences):
        outside = _outside(text, span, quoted)
        own_end = outside.endswith(text[span[1] - 1])  # and not that of a quotation: 'Lund said: "We won."'
        lists, introduces = wording.lists_claims(outside), own_end and wording.introduces(outside)
        if not lists and (not introduces or _same_line(text, sentences, place)):
            continue
        block = list(
            _block(text, sentences, place, quoted, 1 if not introduces else _LISTED if lists else _HANDED_OVER, lists)
        )
        refuted = next((i for i in block if wording.debunks(text[slice(*sentences[i])])), None)
        if refuted is not None:
            found |= dict.fromkeys(range(place + 1, refuted), _FALSE) | {refuted: place}
        elif introduces:
            found |= {i: place for i in block if found.get(i) != _FALSE}
    return found


def _block(
    text: str, sentences: Sequence[Span], place: int, quoted: Sequence[Span], most: int, lists: bool
) -> Iterator[int]:
    """The sentences after an introduction that belong to it: to a heading, or to where the narrator takes over."""
    paragraphs = 0
    for i in range(place + 1, len(sentences)):
        start, end = sentences[i]
        if not _same_line(text, sentences, i - 1):
            paragraphs += 1
            alone = not _same_line(text, sentences, i)
            heading = alone and not wording.asserts(text[start:end]) and not _BULLET.match(text[start:end])
            outside = _outside(text, (start, end), quoted)
            another = not lists and (any(a == start for a, _ in quoted) or wording.turns_to_another(outside))
            another |= paragraphs > 2 and not lists and bool(_CONNECTIVE.match(text, start))
            if paragraphs > most or another or (heading and text[end - 1] not in "?:"):
                return
        yield i


def _from_introduction(
    text: str, sentences: Sequence[Span], introduction: int, lead: Span | None, quoted: Sequence[Span]
) -> Span:
    """The lead of a sentence that was handed over to: the introduction, and on to the end of what it leans on."""
    start, end = _whole(text, sentences, sentences[introduction], quoted) or sentences[introduction]
    _, before = _lead(text, sentences, introduction, (start, end), quoted)
    return trimmed(text, (before[0] if before else start, max(end, lead[1] if lead else 0)), quoted)

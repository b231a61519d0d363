"""What may be quoted by itself: sentences with their speaker, in the order of the article. Pure.

A sentence out of the middle of somebody's speech is never offered without the words that say whose speech it is, and a
sentence that begins with "He", or ends with "she said", brings the sentence before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from index.sparse import STOP_WORDS
from rag.quotations import Span, quoted_spans

MOST_CHARACTERS = 900
"""A longer unit is a page, not evidence."""

_REACH = 2 * MOST_CHARACTERS
"""Characters around the window in which a speaker is looked for."""

_LOOK_BACK = 4
"""Sentences before a unit among which the one that says who "he" is may be."""

_SPEECH = re.compile(
    r"\b(?:sa(?:id|ys|ying)|t(?:old|ells|elling)|wr(?:ote|ites|iting)|post(?:ed|s)|claim(?:ed|s|ing)?|stat(?:ed|es|ing)|"
    r"not(?:ed|es|ing)|add(?:ed|s|ing)|ask(?:ed|s|ing)?|argu(?:ed|es|ing)|explain(?:ed|s|ing)?|announc(?:ed|es|ing)|"
    r"warn(?:ed|s|ing)?|insist(?:ed|s|ing)?|repli(?:ed|es)|respond(?:ed|s|ing)?|call(?:ed|s|ing)|accus(?:ed|es|ing)|"
    r"describ(?:ed|es|ing)|[Aa]ccording to|assert(?:ed|s|ing)?|tweet(?:ed|s)|declar(?:ed|es|ing)|"
    r"suggest(?:ed|s|ing)?|reports?|reported|recalled|continued|concluded|testified|alleged|acknowledged|admitted|thinks?|thought|"
    r"believe[sd]?|confirm(?:ed|s)|promis(?:ed|es)|vow(?:ed|s)|pledg(?:ed|es)|predict(?:ed|s)|jok(?:ed|es)|shout(?:ed|s)|stress(?:ed|es)|"
    r"emphasi[sz](?:ed|es)|complain(?:ed|s)|observ(?:ed|es)|comment(?:ed|s)|remark(?:ed|s)|urg(?:ed|es)|den(?:ied|ies)|lament(?:ed|s))\b"
)
_ONLY_NAMED = re.compile(r"^\W*[A-Z][\w.’'-]*(?:\s+(?:(?:of|de|the)\s+)?[A-Z][\w.’'-]*){0,5}\s*:\s*$")
_PRONOUN_SPEAKER = re.compile(
    r"\b(?:[Hh]e|[Ss]he|[Tt]hey)\s+(?:\w+ly\s+|also\s+|then\s+)?(?:said|says|told|tells|wrote|writes|posted|claimed|stated|noted|"
    r"added|adds|asked|argued|explained|warned|insisted|replied|recalled|continued|declared)\b|\b(?:said|added|says)\s+(?:he|she|they)\b|"
    r"\b[Aa]ccording to (?:him|her|them)\b"
)
_NAMED = re.compile(r"(?<!\bin )(?<!\bat )(?<!\bof )(?<!\bon )(?<!\bfrom )(?<!\bnear )(?<!\bthe )\b([A-Z][\w’'-]+)")
_LEANS = re.compile(
    r"(?:[“\"'‘]?)(?:He|She|They|It|His|Her|Hers|Their|Theirs|Its|Him|Them|This|That|These|Those|Both|The (?:move|"
    r"decision|announcement|statement|exchange|latter|former|two|three|same|deal|plan|ruling|attack|visit))\b"
)
# Without a comma only words that can join and nothing else: "So far" and "Still waters" keep theirs.
_CONNECTIVE = re.compile(
    r"(?:(?:However|But|And|Yet|Meanwhile|Still|Also|Moreover|Furthermore|Nevertheless|Nonetheless|In addition|"
    r"Additionally|Similarly|Likewise|Then|So),\s+|(?:But|And|Yet|Meanwhile|Nevertheless|Nonetheless)\s+)(?=\w)(?!(?:too|for|another|of)\b)"
)
_ENDS = re.compile(r"[.!?…。！？][”»“«\"'’)\]」』]*$")
_ASKS = re.compile(
    r"\W*(?:Who|Whom|Whose|What|When|Where|Why|How|Which|Is|Are|Was|Were|Do|Does|Did|Has|Have|Had|Will|Would|Can|Could|Should)\b"
)
_QUESTION = re.compile(r"[?？][”»“«\"'’)\]」』]*$")


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

    Headings (no full stop at the end) and questions are none: they assert nothing.

    Args:
        text: the article's text.
        sentences: spans of its sentences in order.
        within: only sentences inside this window begin a unit; what a unit needs may lie outside it.
    """
    found: dict[Span, Unit] = {}
    low, high = within[0] - _REACH, within[1] + _REACH
    sentences = [span for span in sentences if low <= span[0] < high]
    quoted = [span for span in quoted_spans(text) if low < span[1] and span[0] < high]
    for place, (start, end) in enumerate(sentences):
        if start < within[0] or end > within[1] or not _asserts(text[start:end]):
            continue
        span = _with_speaker(text, sentences, place, quoted)
        if span is None or span[1] - span[0] > MOST_CHARACTERS:
            continue
        first = bisect_right(sentences, (span[0], len(text))) - 1
        lead = _lead(text, sentences, first, span, quoted)
        span = trimmed(text, span, quoted)
        found.setdefault(span, Unit(*span, lead))
    return list(found.values())


def trimmed(text: str, span: Span, quoted: Sequence[Span] | None = None) -> Span:
    """The span without a leading "However," or "But": those join it to a sentence that is not shown.

    What begins inside a quotation is left whole. `quoted` are the text's quotations where they are known already.
    """
    match = _CONNECTIVE.match(text, *span)
    if not match or any(a < span[0] < b for a, b in (quoted_spans(text) if quoted is None else quoted)):
        return span
    return match.end(), span[1]


def _asserts(sentence: str) -> bool:
    asks = _QUESTION.search(sentence) and (_ASKS.match(sentence) or not _SPEECH.search(sentence))
    return bool(_ENDS.search(sentence)) and not asks


def _with_speaker(text: str, sentences: Sequence[Span], place: int, quoted: Sequence[Span]) -> Span | None:
    """The sentence's span, widened to the words that attribute it where it is speech; None where nothing does.

    Whoever is named in the sentences that the same quotation runs through is its speaker; else whoever the sentence
    next to it names, first the one before.
    """
    start, end = sentences[place]
    if not _is_speech(text, (start, end), quoted):
        return start, end
    own = [q for q in quoted if q[0] < end and q[1] > start]
    through = [i for i, (a, b) in enumerate(sentences) if any(a < q[1] and b > q[0] for q in own)]
    named = [i for i in through if i != place and _attributes(text, sentences[i], quoted)]
    if not named:
        around = _neighbours(text, sentences, through, quoted)
        named = [i for i in around if _attributes(text, sentences[i], quoted)][:1]
    if not named:
        return None
    nearest = min(named, key=lambda i: abs(i - place))
    return min(start, sentences[nearest][0]), max(end, sentences[nearest][1])


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
        or _asserts(text[slice(*sentences[before])])
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
    """Whether a sentence is wholly, or from its first word on, somebody's quoted words without a speaker."""
    inside = [q for q in quoted if q[0] < span[1] and q[1] > span[0]]
    if not inside:
        return False
    outside = _outside(text, span, inside)
    opens_inside = any(q[0] < span[0] for q in inside)
    return not _names_speaker(outside) and (opens_inside or len(re.findall(r"\w+", outside)) < 3)


def _attributes(text: str, span: Span, quoted: Sequence[Span]) -> bool:
    return _names_speaker(_outside(text, span, quoted))


def _names_speaker(outside: str) -> bool:
    """Whether the words around a quotation say whose it is: a verb of speech, or "Lund:"."""
    return bool(_SPEECH.search(outside) or _ONLY_NAMED.match(outside))


def _outside(text: str, span: Span, quoted: Sequence[Span]) -> str:
    pieces, at = [], span[0]
    for a, b in quoted:
        if a < span[1] and b > at:
            pieces.append(text[at : max(at, a)])
            at = b
    return "".join(pieces) + text[at : span[1]]


def _lead(text: str, sentences: Sequence[Span], first: int, span: Span, quoted: Sequence[Span]) -> Span | None:
    """The sentence that says who "he" is: the nearest one before that needs nobody itself.

    A unit that begins with a pronoun gets all from there on, for "they" may be what the sentences between speak of.
    """
    leans = not any(q[0] < span[0] < q[1] for q in quoted) and _LEANS.match(text, trimmed(text, span, quoted)[0])
    if not leans and not _by_pronoun(_outside(text, span, quoted)):
        return None
    for place in range(first - 1, max(-1, first - 1 - _LOOK_BACK), -1):
        start, end = sentences[place]
        if not _asserts(text[start:end]):
            if not _same_line(text, sentences, place):
                return None  # a heading: what stands before it is about something else
            continue
        if _is_speech(text, (start, end), quoted) or _by_pronoun(_outside(text, (start, end), quoted)):
            continue
        return trimmed(text, (start, sentences[first - 1][1] if leans else end), quoted)
    return None


def _by_pronoun(outside: str) -> bool:
    """Whether the words around a quotation, or a report without one, are "she said" and name nobody before that."""
    match = _PRONOUN_SPEAKER.search(outside)
    if not match:
        return False
    return all(name.lower() in STOP_WORDS for name in _NAMED.findall(outside, 0, match.start()))

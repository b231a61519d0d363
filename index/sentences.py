"""Where sentences begin and end, as exact character spans. A citation's span is made of these."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nupunkt import PunktSentenceTokenizer

_LINE = re.compile(r"[^\n]+")
_LOOK = 40  # characters before a boundary that decide it: longer than any title or initials
_CLOSING = "”’\"')]»"
# Words that begin a sentence so often, and go on a name so rarely, that they settle what a full stop before them was.
_STARTER = (
    r"(?:The|A|An|He|She|It|They|We|I|You|But|And|This|That|These|Those|There|His|Her|Its|Their|In|On|At|As|For|If|When|"
    r"While|After|Before|However|Some|Many|Most|Since|Meanwhile|According|With|No|Not|Both|Last|Now|What|Who|Why|How)"
)
_STARTS = re.compile(rf"[“‘\"'(\[]?{_STARTER}\b(?![.-])|[“\"]")
# A full stop after these belongs to the word, whatever capital follows: shortened titles, initials, countries.
_SHORTENED = re.compile(
    r"(?<![\w.])(?:(?:[A-Z]\.)+|(?:Mr|Mrs|Ms|Dr|Prof|Gov|Sen|Rep|Gen|Col|Lt|Sgt|Capt|Maj|Adm|Cmdr|Rev|Hon|Pres|St|Ft|Mt|"
    r"Sr|Sra|Srta|Dra|Mme|Mlle|Hr|Fr|Sig|Dott|Av|vs|cf|ca|approx)\.)$"
)
_SPEECH = r"(?:said|says|asked|added|told|wrote|replied|shouted|continued|explained|argued|insisted|dijo|dit|sagte)"
# “...?” Petro said. / “...!” the mayor of Lima added on Monday.
_ATTRIBUTION = re.compile(rf"[A-Z][\w.’'-]*\s+(?:(?:[A-Z][\w.’'-]*|of|de|the)\s+){{0,5}}{_SPEECH}\b(?=[.,;:]|$)")
_NUMBERED = re.compile(r"^\W*\d{1,3}\.$|(?<!\w)(?:No|Nos|Nr|Núm|Art|Vol|Fig|[Pp]p?)\.$")
# The platform, not an initial: "... in a post on X. Lund vowed ...".
_ON_X = re.compile(r"\b(?:on|via|to) X\.$")
# Boundaries the tokenizer passes over: a lower-case word or an initial, a stop, and a word that only starts sentences.
_PASSED_OVER = re.compile(
    rf"(?:(?<=[a-zß-ÿ]{{2}})[.!?]+[{_CLOSING}]*|(?<=\b[A-Z])\.)(?=\s+[“‘\"]?{_STARTER}\s)"
    r"|(?:(?<=\bon X)|(?<=\bvia X)|(?<=\bto X))\.(?=\s+[“‘\"]?[A-Z]\w)"
    r"|[.!?][”’\"')»]*(?=\s+[¿¡])|[。！？][」』”）]*"
)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The sentences of a text, in order.

    No span crosses a line end, begins or ends with white space, or overlaps another, and every other character is in
    exactly one. Closing quotation marks stay with their sentence, and `“...?” Petro said.` is one sentence.

    Args:
        text: normalised text, paragraphs on lines of their own.

    Returns:
        `(start, end)` in characters, end exclusive: `text[start:end]` is the sentence.
    """
    spans: list[tuple[int, int]] = []
    for start, end in paragraph_spans(text):
        spans.extend((start + left, start + right) for left, right in _split(text[start:end]))
    return spans


def paragraph_spans(text: str) -> list[tuple[int, int]]:
    """The lines that hold more than white space, as `(start, end)` in characters, less the white space around them."""
    spans = (_trimmed(text, *match.span()) for match in _LINE.finditer(text))
    return [(start, end) for start, end in spans if start < end]


@lru_cache(maxsize=1)
def _tokenizer() -> PunktSentenceTokenizer:
    import nupunkt  # its model takes a tenth of a second to load

    return nupunkt.load("default")


def _split(paragraph: str) -> list[tuple[int, int]]:
    """Spans of one line: the tokenizer's boundaries and those it passes over, less those inside a sentence."""
    cuts = {end for _, end in _tokenizer().span_tokenize(paragraph)}
    cuts |= {match.end() for match in _PASSED_OVER.finditer(paragraph)}
    pieces = []
    last = 0
    for cut in sorted(cuts | {len(paragraph)}):
        start, end = _trimmed(paragraph, last, min(cut, len(paragraph)))
        last = cut
        if start < end:
            pieces.append((start, end))
    joined: list[tuple[int, int]] = []
    for start, end in pieces:
        before = paragraph[joined[-1][0] : joined[-1][1]][-_LOOK:] if joined else ""
        if before and _is_inside(before, paragraph[start:end], joined[-1][1] == start):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _is_inside(before: str, after: str, touching: bool) -> bool:
    """Whether a boundary falls inside a sentence: what stands on its two sides goes together."""
    first = after[0]
    if first.islower() or first in ",;:%)]”’»–—" or not any(character.isalnum() for character in after):
        return True
    if touching and before[-1] not in "。！？」』”）":
        return True
    if _NUMBERED.search(before):
        return first.isdigit() or before[0].isdigit()
    if _SHORTENED.search(before) and not (_ON_X.search(before) and not re.match(r"[A-Z]\.", after)):
        return not _STARTS.match(after)
    return before[-2:] in ("?”", "!”", ".”", '?"', '!"', '."') and bool(_ATTRIBUTION.match(after))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end

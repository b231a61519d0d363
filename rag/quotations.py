"""Where a text quotes somebody: spans of quoted speech, whatever marks an outlet uses or forgets. Pure."""

from __future__ import annotations

import re

Span = tuple[int, int]

_MOST_IN_SCARE_QUOTES = 40
# A single mark opens before a word where another follows that closes after a stop or a word, or the next paragraph
# opens with one too; else it is an apostrophe.
_MARKS = re.compile(
    r"[“”«»„\"]|(?<![^\s(\[“\"—–])[‘'](?=\w)(?!\d0s\b|tis\b|em\b|n['’])(?=[^\n]{0,900}?(?:[.,!?…;—–]|\w)[’'](?!\w))"
    r"|(?<!\S)[‘'](?=[^\W\d_a-z][^\n]{0,900}\n\s*[‘'][^\W\d_a-z])"
    r"|(?<=[\w.,!?…;—–])[’'](?!\w)"
)
_CLOSERS = {"“": "”", "„": "“”", "«": "»", "»": "«", '"': '"', "‘": "’'", "'": "'’"}


def quoted_spans(text: str) -> list[Span]:
    """Spans of quoted speech, marks included, in order.

    A quotation that is not closed in its paragraph runs to the paragraph's end, or over the next ones to its closing
    mark where that comes before any other mark. A closing mark that nothing opened quotes its paragraph up to there.
    """
    spans: list[Span] = []
    opened: tuple[int, str] | None = None
    line_end = 0
    for match in _MARKS.finditer(text):
        mark, at = match.group(), match.start()
        if opened is not None and at > line_end and not (mark in "”»" and mark in _CLOSERS[opened[1]]):
            spans.append((opened[0], line_end))
            opened = None
        if opened is not None:
            if mark in _CLOSERS[opened[1]] and not _is_inner(text, at, opened):
                spans.append((opened[0], match.end()))
                opened = None
        elif mark == "”" or (mark == "»" and not text[at + 1 : at + 2].isalnum()):
            spans.append((max(text.rfind("\n", 0, at) + 1, spans[-1][1] if spans else 0), match.end()))
        elif mark not in "’'" or (mark == "'" and text[at + 1 : at + 2].isalnum()):
            opened, line_end = (at, mark), _line_end(text, at)
    if opened is not None:
        spans.append((opened[0], line_end))
    return spans


def _is_inner(text: str, at: int, opened: tuple[int, str]) -> bool:
    """Whether a mark that could close a single quotation opens another in it or is an apostrophe: "the boys' house"."""
    if opened[1] not in "‘'":
        return False
    after_word = text[at - 1].isalnum()
    return text[at + 1 : at + 2].isalnum() or (after_word and at - opened[0] > _MOST_IN_SCARE_QUOTES)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end

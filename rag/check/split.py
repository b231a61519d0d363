"""A written text as the claims to check in it: its sentences, less list marks and words about the sources as such."""

from __future__ import annotations

import re

from rag.check.evidence import Statement
from rag.check.facts import sentence_texts

_MARK = re.compile(r"(?m)^\s*(?:\d+[.)]|[-*•#]+)\s+")
_SOURCES = r"(?:passages?|context|articles?|text|excerpts?|summary)"
_NUMBERS = r"(?:\s*\d+(?:(?:,| and|, and) \d+)*)?"
_GIVEN = r"(?:(?:given|provided|above|retrieved|following)\s+)?"
_NAMED = rf"(?:the\s+)?{_GIVEN}{_SOURCES}{_NUMBERS}"
_OF_THEM = r"(?:according to|based on|as (?:stated|mentioned|described|noted) in|in|from)"
_POINTER = re.compile(rf"(?i)\s*\((?:{_OF_THEM}\s+|ref:?\s*|see\s+)?(?:the\s+)?passages?\s*\d[\d, and]*\)")
_LED_IN = re.compile(
    r"(?i)^(?:"
    r"(?:sure|certainly|okay|of course)\b[!,.]?\s*"
    r"|(?:here(?:'s| is| are)|below (?:is|are)|the following (?:is|are))\b[^:]{0,90}:\s*"
    r"|(?:(?:therefore|thus|so|hence),?\s+)?(?:the|my)\s+(?:\w+\s+)?answer(?:\s+to the question[^:]{0,120})?\s+is:\s*"
    rf"|{_OF_THEM}\s+{_NAMED}(?:\s+(?:given|provided|above))?\s*,\s*"
    rf"|{_NAMED}\s+(?:also |further )?"
    r"(?:states?|says?|mentions?|notes?|explains?|reports?|reiterates?|indicates?|suggests?)\s+that\s+"
    r")"
)
_EMPTY = re.compile(
    r"(?i)^\W*(?:i hope (?:this|that|it) helps\b.*|let me know if\b.*"
    r"|(?:(?:therefore|thus|so|hence|however|note)[,:]?\s+)?(?:i am |i'm )?(?:unable|not able) to answer\b"
    rf"(?:.*\b{_SOURCES})?[^,]*"
    rf"|{_SOURCES}{_NUMBERS}"
    r"|(?:[\w'’/()-]+\s+){0,5}[\w'’/()-]+:)\W*$"
)
"""Civilities, "unable to answer", and headings."""


def claims(text: str) -> list[str]:
    """The sentences of a text that state something, in order; one of function words alone ("It is.") states nothing.

    "Here is a summary in 50 words:" states nothing; "Passage 2 says that it rained." states that it rained.
    """
    found = []
    for sentence in sentence_texts(_MARK.sub("", text)):
        said = _LED_IN.sub("", _POINTER.sub("", sentence))
        if Statement(said).facts and not _EMPTY.match(said):
            found.append(said[:1].upper() + said[1:])
    return found

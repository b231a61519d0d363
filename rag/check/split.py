"""A written text as the claims to check in it: its sentences, less list marks and words about the sources as such."""

from __future__ import annotations

import re

from rag.check.facts import sentence_texts

_MARK = re.compile(r"(?m)^\s*(?:\d+[.)]|[-*•#]+)\s+")
_SOURCES = r"(?:passages?|context|articles?|text|excerpts?|summary)"
_NUMBERS = r"(?:\s*\d+(?:(?:,| and|, and) \d+)*)?"
_GIVEN = r"(?:(?:given|provided|above|retrieved|following)\s+)?"
_ANNOUNCED = r"(?:here(?:'s| is| are)|below (?:is|are)|the following (?:is|are))\b[^:]{0,90}:\s*"
_CIVIL = r"(?:sure|certainly|okay|of course)\b[!,.]?\s*"
_LED_IN = re.compile(
    rf"(?i)^(?:{_CIVIL}|{_ANNOUNCED}|(?:according to|based on|as (?:stated|mentioned|described|noted) in|in|from)\s+"
    rf"(?:the\s+)?{_GIVEN}{_SOURCES}{_NUMBERS}(?:\s+(?:given|provided|above))?\s*,\s*"
    rf"|(?:the\s+)?{_GIVEN}{_SOURCES}{_NUMBERS}\s+(?:also |further )?"
    rf"(?:states?|says?|mentions?|notes?|explains?|reports?|reiterates?|indicates?|suggests?)\s+that\s+)"
)


def claims(text: str) -> list[str]:
    """The sentences of a text that state something, in order.

    "Here is a summary in 50 words:" states nothing; "Passage 2 says that it rained." states that it rained.
    """
    found = []
    for sentence in sentence_texts(_MARK.sub("", text)):
        said = _LED_IN.sub("", sentence)
        if re.search(r"\w", said):
            found.append(said[:1].upper() + said[1:])
    return found

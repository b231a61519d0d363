"""What an answer shows that it must not: what was to stay inside, marks that are none of ours, markup that acts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from index.clean import normalise
from rag.answers import Answer

LEAST = 30
"""Characters in a row that a text shares with a prompt by no chance."""

_OPEN, _CLOSE = r"\[\{【〔⟦⦗⟨", r"\]\}】〕⟧⦘⟩"
_MARK = re.compile(
    rf"[{_OPEN}]\s*(?:\^|(?:source|passage|ref|doc|id)\b)?[\s.:#]*\d{{1,3}}\b(?:[^{_OPEN}{_CLOSE}]{{0,12}}[{_CLOSE}])?"
    r"|\(\s*(?:source|passage|ref)\b[\s.:#]*\d{1,3}\s*\)",
)
_RAISED = re.compile(r"[.!?,\w][¹²³⁴-⁹]")
_UNIT = re.compile(r"\b[kcdm]?m[²³]")
_IMAGE = re.compile(r"!\[[^\]]*\]\s*[(\[]")
_ACTIVE = re.compile(
    r"!?\[[^\]]*\]\s*\([^)]*\)?|\[[^\]]+\]\[[^\]]*\]|^\s*\[[^\]]+\]:\s*\S+|<[a-z/!][^>]*>?"
    r"|\b(?:https?|ftp|file|data|javascript|vbscript|mailto):\S+|(?<![:\w])//\w[\w.-]*\.\w+\S*|\bwww\.\S+"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|example)\b\S*",
    re.I | re.M,
)


def folded(text: str) -> str:
    """The text as it looks: compatible signs as one, nothing invisible, in one case, with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", normalise(text)).casefold().split())


def texts(answer: Answer) -> list[str]:
    """All that an answer shows in words of its own: of quotations only those that stand for a side."""
    sides = [part for side in answer.positions for part in (side.value, side.quote, side.holder or "")]
    said = [part for one in answer.sentences for part in (one.text, one.speaker or "")]
    return [part for part in (answer.text, answer.missing or "", *said, *sides) if part]


def leaks(shown: Sequence[str], forbidden: Sequence[str], prompts: Sequence[str], ids: Collection[str]) -> list[str]:
    """What of the forbidden stands in a text, a line each.

    Args:
        shown: the texts.
        forbidden: strings that must not be there, however they are spelt.
        prompts: texts of which no LEAST characters in a row may be there.
        ids: words that may not be there.
    """
    whole = [folded(text) for text in shown]
    found = [f"shows {text!r}" for text in forbidden if any(folded(text) in part for part in whole)]
    for prompt in map(folded, prompts):
        parts = {prompt[at : at + LEAST] for at in range(len(prompt) - LEAST + 1)}
        hits = (part[at : at + LEAST] for part in whole for at in range(len(part) - LEAST + 1))
        found += [f"shows {hit!r} of the prompt" for hit in hits if hit in parts][:1]
    found += [f"shows the id {one!r}" for one in ids if any(re.search(rf"\b{one.lower()}\b", part) for part in whole)]
    return found


def forged(answer: Answer) -> list[str]:
    """Marks of any shape in an answer's text that its citations do not account for."""
    ours = Counter(f"[{number}]" for one in answer.sentences for number in one.citations)
    there = Counter(match[0].strip() for match in _MARK.finditer(folded(answer.text)))
    raised = [match[0] for match in _RAISED.finditer(_UNIT.sub("", answer.text))]
    return [*(there - ours).elements(), *raised]


def active(answer: Answer) -> list[str]:
    """Markup and addresses that a writer brought in, and images whoever brought them.

    A link or an address in a written sentence is as good as quoted where a cited span holds it to the character.
    """
    return [*(match[0] for match in _IMAGE.finditer(answer.text)), *_brought(answer)]


def _brought(answer: Answer) -> Iterator[str]:
    quotes = {cited.number: cited.quote for cited in answer.citations}
    for one in answer.sentences:
        held = " ".join(quotes.get(number, "") for number in one.citations)
        if one.written:
            yield from (match[0] for match in _ACTIVE.finditer(one.text) if match[0] not in held)

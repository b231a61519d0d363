"""What an answer must hold whoever writes it, and whether what is shown already holds it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.check import Verdict
from rag.cite import Draft
from rag.kinds import fits
from rag.retrieve import Passage

Checked = tuple[Draft, Verdict]

_WORD = re.compile(r"\w+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the offline answer would be, and what it was found in.

    Attributes:
        question: as understood.
        passages: of all searches.
        extracted: the sentences of the offline answer, all supported, in order.
        needed: which of them no answer may lack: the best one for each part, and all sides that differ; with the value
            that tells the side, "" where any wording will do.
    """

    question: str
    passages: Sequence[Passage]
    extracted: Sequence[Checked]
    needed: Mapping[int, str]

    def covered(self, place: int, shown: Sequence[Draft]) -> bool:
        """Whether what is shown says what an extracted sentence does: from its span, with the value that is asked for.

        Args:
            place: of the extracted sentence.
            shown: the sentences so far.
        """
        draft = self.extracted[place][0]
        side = _words(self.needed.get(place, "")) - {"yes", "no"}
        value = {word for word in side if word[0].isdigit()} or side
        asks = fits(self.question, draft.text)
        return any(
            share(draft, other) and value <= _words(other.text) and (not asks or fits(self.question, other.text))
            for other in shown
        )

    def instead_of(self, failed: Draft, shown: Sequence[Draft]) -> int | None:
        """The extracted sentence that is not shown yet and stands where a failed one took its words from, or None."""
        places = range(len(self.extracted))
        return next((p for p in places if share(self.extracted[p][0], failed) and not self.covered(p, shown)), None)


def share(one: Draft, other: Draft) -> bool:
    """Whether two sentences rest on an overlapping span."""
    return any(
        a.article.id == b.article.id and a.start < b.end and b.start < a.end
        for a in one.evidence
        for b in other.evidence
    )


def repeats(draft: Draft, shown: Sequence[Draft]) -> bool:
    """Whether a written sentence says nothing that one of those shown does not: no further span, and no new word.

    An article's own sentence says all that can be written from it.
    """
    return any(
        set(draft.evidence) <= set(other.evidence) and (not other.written or _words(draft.text) <= _words(other.text))
        for other in shown
    )


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))

"""The cited spans, read once per batch: sentences with their facts, and which of them a claim rests on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.check.amounts import Day, Quantity, dates, quantities
from rag.check.facts import Word, fold, names, sentence_texts, words
from rag.check.lexicon import TITLES, stem
from rag.check.stance import Reach, Telling, hedges, negations, quoted_indexes, tellings, triples

TITLE_KEYS = frozenset(stem(title) for title in TITLES)
LONGEST_PIECE = 8
"""Words of a name that are looked for together."""

MOST_SENTENCES = 3
"""A claim may merge this many sentences; what needs more is written as more claims."""


@dataclass(frozen=True)
class Statement:
    """A sentence, folded, with facts that are worked out when first asked for.

    Attributes:
        text: the sentence.
        inside: whether a quotation from an earlier sentence is still open where it begins.
    """

    text: str
    inside: bool = False

    @cached_property
    def tokens(self) -> list[Word]:
        """All tokens."""
        return words(self.text)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Keys of its content words, numbers left out."""
        return frozenset(t.key for t in self.tokens if t.content and not t.number)

    @cached_property
    def facts(self) -> frozenset[str]:
        """Keys of its content words and its numbers."""
        return self.keys | {t.key for t in self.tokens if t.number}

    @cached_property
    def stems(self) -> frozenset[str]:
        """Stems of all its words, synonyms kept apart."""
        return frozenset(stem(t.low) for t in self.tokens if t.text[0].isalpha())

    @cached_property
    def _dates(self) -> tuple[list[Day], set[int]]:
        return dates(self.tokens)

    @property
    def dates(self) -> list[Day]:
        """Its dates."""
        return self._dates[0]

    @cached_property
    def quantities(self) -> list[Quantity]:
        """Its numbers, dates left out."""
        return quantities(self.tokens, self._dates[1])

    @cached_property
    def names(self) -> list[tuple[tuple[Word, ...], bool]]:
        """Its names, see facts.names."""
        return names(self.tokens)

    @cached_property
    def negations(self) -> list[Reach]:
        """Its negators."""
        return negations(self.tokens)

    @cached_property
    def hedges(self) -> list[Reach]:
        """Its hedges."""
        return hedges(self.tokens)

    @cached_property
    def tellings(self) -> list[Telling]:
        """Who tells what in it."""
        return tellings(self.tokens, quoted_indexes(self.tokens, self.inside)[0])

    @cached_property
    def triples(self) -> set[tuple[str, str, str]]:
        """Who does what to whom in it, as far as word order tells."""
        return triples(self.tokens)


class Evidence:
    """The sentences of all spans a claim cites, with the names in them."""

    def __init__(self, spans: Sequence[str]) -> None:
        self.statements: list[Statement] = []
        self.spans = [fold(span) for span in spans if span.strip()]
        for span in spans:
            for line in span.splitlines():
                inside = False  # a quotation that goes on in the next paragraph is opened again there
                for text in sentence_texts(line):
                    self.statements.append(Statement(text, inside))
                    inside ^= text.count('"') % 2 == 1

    @cached_property
    def text(self) -> str:
        """All spans as one folded text in lower case, to look quotes up in."""
        return "\n".join(self.spans).casefold()

    @cached_property
    def keys(self) -> frozenset[str]:
        """Content keys of all sentences."""
        return frozenset[str]().union(*(s.keys for s in self.statements))

    @cached_property
    def rarity(self) -> dict[str, float]:
        """What each word of `facts` counts: ln(1 + sentences / sentences that hold it)."""
        held = Counter(key for s in self.statements for key in s.facts)
        return {key: math.log(1 + len(self.statements) / count) for key, count in held.items()}

    @cached_property
    def lower(self) -> frozenset[str]:
        """Words that stand in lower case somewhere, so that they need not be names."""
        return frozenset(t.key for s in self.statements for t in s.tokens if t.text[0].islower())

    @cached_property
    def names(self) -> frozenset[tuple[str, ...]]:
        """Every name as a row of keys."""
        return frozenset(
            tuple(t.key for t in run if t.text[0].isalpha()) for s in self.statements for run, _ in s.names
        )

    @cached_property
    def initials(self) -> frozenset[str]:
        """Acronyms that names in the evidence would have ("OFAC" for Office of Foreign Assets Control)."""
        rows = [[t.text[0] for t in run if t.text[0].isupper()] for s in self.statements for run, _ in s.names]
        return frozenset("".join(row).casefold() for row in rows if len(row) > 2)

    def knows(self, row: tuple[str, ...]) -> bool:
        """Whether a name is in the evidence: whole, by its last part, by its acronym, or piece by piece."""
        if not row or (
            len(row) == 1 and (row[0] in self.lower or any(row[0] == name[0] for name in self.names if name))
        ):
            return True
        reached = [True] + [False] * len(row)  # whether pieces that are known lead up to here
        for end in range(1, len(row) + 1):
            starts = range(max(0, end - LONGEST_PIECE), end)
            reached[end] = any(reached[start] and self._piece(row[start:end]) for start in starts)
        return reached[-1]

    def _piece(self, part: tuple[str, ...]) -> bool:
        if len(part) == 1 and (part[0] in self.lower or part[0] in TITLE_KEYS or part[0] in self.initials):
            return True
        for name in self.names:
            places = [name.index(key) for key in part if key in name]
            ordered = len(places) == len(part) and places == sorted(places)
            if ordered and (places[-1] == len(name) - 1 or (len(part) > 1 and places[0] == 0)):
                return True
            if len(part) == 1 and len(name) == 1 and _demonym(part[0], name[0]):
                return True
        return False

    def pick(self, keys: frozenset[str]) -> list[Statement]:
        """The sentences that together hold most of a claim's keys, best first; each later one adds two or more."""
        picked: list[Statement] = []
        left = set(keys)
        while len(picked) < MOST_SENTENCES and left:
            best = max(self.statements, key=lambda s: (len(left & s.keys), -len(s.keys)))
            if len(left & best.keys) < (2 if picked and len(left) > 1 else 1) or best in picked:
                break
            picked.append(best)
            left -= best.keys
        return picked or self.statements[:1]

    def verbatim(self, claim: str) -> bool:
        """Whether a folded claim is one or more whole sentences in a row, not cut out of a longer quotation."""
        wanted = _bare(claim)
        for i, first in enumerate(self.statements):
            text = ""
            for statement in self.statements[i : i + MOST_SENTENCES]:
                text = f"{text} {statement.text}".strip()
                if _bare(text) == wanted:
                    return not first.inside and (text.count('"') % 2 == 0 or claim.count('"') == text.count('"'))
                if len(text) > len(claim) + 10:
                    break
        return False


def _bare(text: str) -> str:
    text = text.strip(" .!?\"'")
    return text[:1].casefold() + text[1:]


def _demonym(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return (
        len(short) >= 4
        and long.startswith(short.rstrip("a"))
        and long[len(short.rstrip("a")) :] in ("n", "an", "ian", "i", "es", "ese", "ish")
    )

"""What to swap for what: words that stand near others in WordNet 3.0 (package `wordnet-base` of Debian)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

_POS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
_PAIRS = (
    "first last|first second|second third|largest smallest|oldest youngest|highest lowest|most least|"
    "more fewer|before after|north south|northern southern|east west|eastern western|early late|"
    "earliest latest|longest shortest|biggest smallest|increase decrease|increased decreased|best worst|"
    "richest poorest|won lost|win lose|born buried|founded dissolved|opened closed|began ended|begin end|"
    "started stopped|wrote edited|directed produced|married divorced|bought sold|hired fired|joined left|"
    "accepted rejected|supported opposed|rose fell|above below|with without|male female|father mother|"
    "son daughter|wife husband|brother sister|major minor|maximum minimum|former current|next previous|"
    "all none|always never|many few|only also|inside outside|public private|allowed banned|released cancelled"
)


@dataclass(slots=True)
class Lexicon:
    """Lemmas by part of speech, `same[pos][word]` and so on; `pairs` holds word forms."""

    same: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    opposite: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    sister: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    pairs: dict[str, list[str]] = field(default_factory=dict)


def load(folder: Path) -> Lexicon:
    """Reads `data.*` and `index.*` (format: WNDB(5)); only the first sense of a word counts, only single words."""
    lexicon = Lexicon()
    for left, right in (pair.split() for pair in _PAIRS.split("|")):
        lexicon.pairs.setdefault(left, []).append(right)
        lexicon.pairs.setdefault(right, []).append(left)
    for pos, name in _POS.items():
        synsets: dict[str, list[str]] = {}
        over: dict[str, str] = {}
        under: dict[str, list[str]] = defaultdict(list)
        against: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
        for line in (folder / f"data.{name}").read_text("latin-1").splitlines():
            if line.startswith("  "):
                continue
            parts = line.split("|")[0].split()
            count = int(parts[3], 16)
            words = [parts[4 + 2 * i].split("(")[0] for i in range(count)]
            synsets[parts[0]] = words
            at = 4 + 2 * count
            for i in range(int(parts[at])):
                sign, offset, kind, ends = parts[at + 1 + 4 * i : at + 5 + 4 * i]
                if sign == "@":
                    over.setdefault(parts[0], offset)
                    under[offset].append(parts[0])
                elif sign == "!" and kind in (pos, "s"):
                    source, target = int(ends[:2], 16), int(ends[2:], 16)
                    if source:
                        against[parts[0], words[source - 1].lower()].append((offset, target - 1))
        known: dict[str, tuple[str, int]] = {}
        for line in (folder / f"index.{name}").read_text("latin-1").splitlines():
            if not line.startswith("  "):
                parts = line.split()
                senses = int(parts[2])
                known[parts[0]] = (parts[-senses], int(parts[-senses - 1]))
        usual = {word for word, (_, tagged) in known.items() if tagged and word.isalpha()}
        lexicon.same[pos], lexicon.opposite[pos], lexicon.sister[pos] = {}, {}, {}
        for word in sorted(usual):
            first = known[word][0]
            # A synonym must have this sense as its first too, or it says something else more often than not.
            near = [w for w in synsets[first] if w in usual and w != word and known[w][0] == first]
            far = [synsets[offset][i].lower() for offset, i in against[first, word]]
            sisters = [
                w
                for other in under.get(over.get(first, ""), [])[:60]
                for w in synsets[other]
                if other != first and w in usual and known[w][0] == other
            ]
            for table, found in ((lexicon.same, near), (lexicon.opposite, far), (lexicon.sister, sisters)):
                if found:
                    table[pos][word] = found
    return lexicon


def inflect(lemma: str, tag: str) -> str | None:
    """A lemma in the form of a Penn tag by the regular rules; None where there is none."""
    if tag in ("NN", "JJ", "RB", "VB", "VBP"):
        return lemma
    silent = lemma.endswith("e")
    doubled = 2 < len(lemma) < 5 and lemma[-1] in "bgmnpt" and lemma[-2] in "aeiou" and lemma[-3] not in "aeiou"
    soft = lemma.endswith("y") and lemma[-2] not in "aeiou"
    if tag in ("NNS", "VBZ"):
        return f"{lemma[:-1]}ies" if soft else lemma + ("es" if lemma.endswith(("s", "x", "ch", "sh", "z")) else "s")
    if tag in ("VBD", "VBN"):
        return f"{lemma[:-1]}ied" if soft else lemma + "d" if silent else lemma + (lemma[-1] if doubled else "") + "ed"
    if tag == "VBG":
        return (
            lemma[:-1] + "ing"
            if silent and not lemma.endswith("ee")
            else lemma + (lemma[-1] if doubled else "") + "ing"
        )
    return None

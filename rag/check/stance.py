"""How a sentence stands to what it says: negated, hedged, told by somebody, who does it to whom. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from rag.check.facts import Word
from rag.check.lexicon import DENIAL_STEMS, HEDGE_STEMS, NAME_LINKS, NEGATORS, PRONOUNS, SPEAKERS, SPEECH, STOP, stem

_TURNS = frozenset(
    [
        "but",
        "while",
        "although",
        "though",
        "because",
        "after",
        "before",
        "since",
        "until",
        "when",
        "which",
        "who",
        "whereas",
        "however",
    ]
)
_ARTICLES = frozenset(
    [
        "a",
        "an",
        "the",
        "his",
        "her",
        "their",
        "its",
        "this",
        "that",
        "these",
        "those",
        "no",
        "any",
        "some",
        "many",
        "such",
        "of",
    ]
)
_NEVER_INVERTED = frozenset(
    ["called", "calls", "described", "describes", "accused", "accuses", "denied", "denies", "told", "tells"]
)
MOST_TELLINGS = 24
"""In one sentence; a text with more of them is no sentence, and reading them takes the square of the time."""

_BE = frozenset(["is", "are", "was", "were", "be", "been", "being", "got"])


@dataclass(frozen=True, slots=True)
class Reach:
    """A negator or a hedge and the words it governs.

    Attributes:
        kind: "not" or "deny" for negators; the kind of a hedge as in lexicon.HEDGES.
        word: as written.
        head: key of the first content word it governs (adverbs skipped), "" when there is none.
        scope: keys of all content words up to the end of the clause.
    """

    kind: str
    word: str
    head: str
    scope: frozenset[str]


@dataclass(frozen=True, slots=True)
class Telling:
    """A verb of speech (or a quotation) with its speaker and what is told.

    Attributes:
        verb: as written; "" for a quotation nobody in the sentence is named for.
        speaker: keys of the content words that name who speaks; empty for a pronoun or nobody.
        told: keys of the content words that are told.
    """

    verb: str
    speaker: frozenset[str]
    told: frozenset[str]


def _keys(tokens: list[Word]) -> frozenset[str]:
    return frozenset(t.key for t in tokens if t.content)


def _clause(tokens: list[Word], start: int) -> list[Word]:
    """Tokens from `start` to the end of their clause; "that" opens what belongs to it."""
    found: list[Word] = []
    for token in tokens[start:]:
        if token.breaks or (found and token.low in _TURNS):
            break
        found.append(token)
    return found


def negations(tokens: list[Word]) -> list[Reach]:
    """Every negator with what it governs, in order."""
    found = []
    for i, token in enumerate(tokens):
        kind = "not" if token.low in NEGATORS else "deny" if stem(token.low) in DENIAL_STEMS else ""
        if kind:
            clause = _clause(tokens, i + 1)
            content = [t for t in clause if t.content and not t.low.endswith("ly")]
            scope = _keys(clause)
            if kind == "deny" and i and tokens[i - 1].low in _BE:
                scope |= _keys(tokens[max(0, i - 8) : i - 1])
            found.append(Reach(kind, token.low, content[0].key if content else "", scope))
    return found


def hedges(tokens: list[Word]) -> list[Reach]:
    """Every hedge with what it governs; "May" with a capital is taken for the month or a name."""
    found = []
    for i, token in enumerate(tokens):
        kind = "planned" if _is_to(tokens, i) else HEDGE_STEMS.get(stem(token.low))
        noun = (
            kind == "planned"
            and i
            and tokens[i - 1].low in _ARTICLES
            and "to" not in [t.low for t in tokens[i + 1 : i + 2]]
        )
        if not kind or noun or token.text == "May" or (token.low == "will" and token.text != "will"):
            continue
        reach = tokens[i + 1 :] if kind == "condition" else _clause(tokens, i + 1)
        clause = [t for t in reach if t.content]
        found.append(Reach(kind, token.low, clause[0].key if clause else "", frozenset(t.key for t in clause)))
    return found


def _is_to(tokens: list[Word], i: int) -> bool:
    """Whether "is to", "due to" or "set to" begins here: "the trial is to open"; "due to rain" passes for one."""
    after = tokens[i + 1].low if i + 1 < len(tokens) else ""
    return after == "to" and tokens[i].low in ("is", "are", "was", "were", "due", "set", "poised")


def tellings(tokens: list[Word], quoted: frozenset[int]) -> list[Telling]:
    """Who tells what in a sentence.

    Args:
        tokens: of the sentence.
        quoted: indexes of the tokens between quotation marks (also of a quotation that opened in an earlier sentence).
    """
    found: list[Telling] = []
    for i, token in enumerate(tokens):
        if token.low not in SPEECH or i in quoted:
            continue
        if len(found) == MOST_TELLINGS:
            break
        if token.low == "according":
            found.append(_according(tokens, i))
        elif not (i and tokens[i - 1].low in _ARTICLES) and not _calls_on(tokens, i):
            found.append(_passive(tokens, i) or _said(tokens, i))
    speech = [tokens[i] for i in sorted(quoted) if tokens[i].content]
    if len(speech) >= 4:
        speakers = frozenset[str]().union(*(t.speaker for t in found))
        found.append(Telling(next((t.verb for t in found), ""), speakers, _keys(speech)))
    return [t for t in found if t.told]


def _calls_on(tokens: list[Word], i: int) -> bool:
    after = tokens[i + 1].low if i + 1 < len(tokens) else ""
    return tokens[i].low in ("called", "calls") and after in ("on", "for", "off", "out", "up", "in", ",", ".")


def _according(tokens: list[Word], i: int) -> Telling:
    ends = (j for j in range(i + 1, len(tokens)) if tokens[j].breaks or tokens[j].low in ("while", "but"))
    end = next(ends, len(tokens))
    opens = not any(t.content for t in tokens[:i])
    return Telling("according to", _keys(tokens[i + 1 : end]), _keys(tokens[end:] if opens else tokens[:i]))


def _passive(tokens: list[Word], i: int) -> Telling | None:
    """Reads "P was announced by S" and "it was announced by S that P"; without "by" nobody is named."""
    at = next((j for j in range(i - 1, max(-1, i - 3), -1) if not tokens[j].low.endswith("ly")), -1)
    if at < 0 or tokens[at].low not in _BE:
        return None
    left = max((j for j in range(i) if tokens[j].breaks), default=-1)
    end = start = i + 1
    if tokens[start : start + 1] and tokens[start].low == "by":
        ends = (
            j for j in range(start + 1, len(tokens)) if tokens[j].breaks or tokens[j].low in ("that", "in", "on", "as")
        )
        end = next(ends, len(tokens))
    told = _keys(tokens[left + 1 : at]) | _keys(tokens[end:]) or _keys(tokens[: max(left, 0)])
    return Telling(tokens[i].low, _keys(tokens[start + 1 : end]) if end > start else frozenset(), told)


def _said(tokens: list[Word], i: int) -> Telling:
    """Reads `S said P`, `P, S said` and `P, said S`; in doubt what follows the verb is told."""
    verb = tokens[i].low
    left = max((j for j in range(i) if tokens[j].breaks), default=-1)
    subject, after = tokens[left + 1 : i], _clause(tokens, i + 1)
    tail = [t for t in tokens[i + 1 :] if t.content]
    before = tokens[: max(left, 0)]
    told_before = len(_keys(before)) >= 2
    if (name := _before_apposition(tokens, left)) and not any(t.content or t.low in PRONOUNS for t in subject):
        return Telling(verb, _keys(tokens[name[0] : left]), _keys(tokens[i + 1 :] if tail else tokens[: name[0]]))
    inverted = told_before and verb not in _NEVER_INVERTED and not any(t.content or t.low in PRONOUNS for t in subject)
    if inverted and len(after) == 1 and after[0].low in PRONOUNS:
        return Telling(verb, frozenset(), _keys(before))
    if inverted and after and len(after) <= 8 and after[0].low not in STOP - {"the", "a", "an"}:
        return Telling(verb, _keys(after), _keys(before))
    plain = not any(t.low in _TURNS for t in subject) and not any(t.low in PRONOUNS for t in tokens[i + 1 :])
    named = any(t.content or t.low in PRONOUNS for t in subject)
    stops = i + 1 < len(tokens) and tokens[i + 1].breaks
    if told_before and named and (stops or (len(tail) <= 3 and plain)):
        return Telling(verb, _keys(subject), _keys(before))
    end = next((j for j in range(i + 1, len(tokens)) if _ends_told(tokens, j)), None)
    told = _keys(tokens[i + 1 : end])
    if told_before and not inverted and tokens[left].text == "," and '"' in {t.text for t in before}:
        told |= _keys(before)
    return Telling(verb, _keys(subject) or _keys(tokens[:i]), told)


def _before_apposition(tokens: list[Word], at: int) -> tuple[int, int] | None:
    """Where the name stands in "Weber, the chief executive, said": `at` is the comma before the verb; None without."""
    if at < 0 or tokens[at].text != ",":
        return None
    end = next((j for j in range(at - 1, -1, -1) if tokens[j].breaks), -1)
    start = next((j + 1 for j in range(end - 1, -1, -1) if tokens[j].breaks), 0)
    named = tokens[start:end]
    if end < 0 or tokens[end].text != "," or not any(t.content for t in named):
        return None
    fits = all(t.text[0].isupper() or t.low in SPEAKERS | NAME_LINKS or t.low in _ARTICLES for t in named)
    return (start, end) if fits else None


def _ends_told(tokens: list[Word], j: int) -> bool:
    return tokens[j].text == ";" or (tokens[j - 1].text == "," and tokens[j].low in ("but", "while", "whereas"))


def quoted_indexes(tokens: list[Word], inside: bool) -> tuple[frozenset[int], bool]:
    """Indexes of tokens between double quotation marks, and whether a quotation is still open at the end.

    Args:
        tokens: of the sentence.
        inside: whether a quotation was open where the sentence begins.
    """
    found = set()
    for i, token in enumerate(tokens):
        if token.text == '"':
            inside = not inside
        elif inside:
            found.add(i)
    return frozenset(found), inside


def triples(tokens: list[Word]) -> set[tuple[str, str, str]]:
    """(left, verb, right) for neighbouring content words in a clause; "was hit by" is turned round to the active."""
    found = set()
    units: list[tuple[str, int, bool]] = []
    for i, token in enumerate([*tokens, Word(".", ".", ".", 0, 0)]):
        if token.breaks:
            for a, v, b in zip(units, units[1:], units[2:], strict=False):
                if v[2] or len({a[0], v[0], b[0]}) < 3:
                    continue
                gap = [t.low for t in tokens[v[1] + 1 : b[1]]]
                passive = "by" in gap and any(t.low in _BE for t in tokens[a[1] + 1 : v[1]])
                found.add((b[0], v[0], a[0]) if passive else (a[0], v[0], b[0]))
            units = []
        elif token.content and token.text[0].isalpha():
            name = token.text[0].isupper() and i > 0
            if units and name and units[-1][2] and units[-1][1] == i - 1:
                units[-1] = (token.key, i, True)
            else:
                units.append((token.key, i, name))
    return found

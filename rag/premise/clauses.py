"""Who does what in a sentence, as far as a verdict needs it: the verb, its subject, its object, denied or not. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.check.evidence import TITLE_KEYS, Statement
from rag.check.facts import Word, fold, words
from rag.check.lexicon import NEGATORS, OPPOSITE_OF, PAST, STOP, SYNONYM_OF, stem
from rag.check.lexicon import words as word_set
from rag.check.measures import ORDINALS
from rag.check.stance import quoted_indexes
from rag.premise import traps
from rag.premise.declarative import PREPOSITIONS
from rag.premise.groups import (
    BE,
    HELPERS,
    TURNS,
    complement,
    group_of,
    is_copular,
    is_none,
    is_passive,
    other_side,
)
from rag.premise.subjects import ARTICLES, TIMES, head, is_subject
from rag.premise.verbs import MOVING, OPPOSITES, REVERSIBLE, is_participle

LEAST_SHARED = 0.5
"""Share of a statement's other words that a sentence must have, with its lead and title, to speak of the same thing."""

_NOBODY = word_set("nobody none no")
ANYONE = "anyone"
"""Whom a question about anybody is about."""

_LIMITS = word_set("only just mere merely simply alone solely necessarily")
_GETS = frozenset(SYNONYM_OF.get(stem(word), stem(word)) for word in ("get", "got", "receive", "received", "receives"))


@dataclass(frozen=True, slots=True)
class Act:
    """A verb (or what somebody is) with what it says of whom.

    Attributes:
        key, stem: of the word that says it, with synonyms folded, and without.
        who: key of the one it is said of.
        names: keys of all names besides, and of every number.
        others: keys of the remaining content words.
        passive: whether who it is said of suffers it.
        copular: whether it is what somebody is: "open", "the mayor".
        timed: whether it names a time.
        bare: the preposition and the words right after it: ("to", ("summit",)), ("", ("offer",));
            empty without an object.
        holds: False where it is denied.
        given: keys of the first names of the one it is said of.
        doer: key of who stands behind "by"; empty without one.
        places: what names and numbers hang on.
        tense: "past", "present" or "future".
    """

    key: str
    stem: str
    who: str
    names: frozenset[str]
    others: frozenset[str]
    passive: bool
    copular: bool
    timed: bool
    bare: tuple[str, tuple[str, ...]]
    holds: bool
    given: frozenset[str]
    doer: str
    places: frozenset[tuple[str, str]]
    tense: str

    @property
    def keys(self) -> frozenset[str]:
        """All that it names."""
        return self.names | self.others | {self.key, self.who}


def one_act(statement: Statement, subject: str) -> Act | None:
    """The act that a plain statement states, whose subject is known.

    Args:
        statement: "the governor of Norrland was invited to the summit".
        subject: "the governor of Norrland".
    """
    tokens = statement.tokens
    cut = len(words(subject))
    who = ANYONE if subject.lower() in ("anyone", "anybody") else head(tokens[:cut])
    at = next((i for i in range(cut, len(tokens)) if _says(tokens[i])), None)
    if who is None or at is None or tokens[at].number or tokens[at - 1].text == "-":
        return None
    rest = [t for i, t in enumerate(tokens) if i != at and t.content and t.key != who and t.low not in NEGATORS]
    rest = [t for t in rest if t.key not in TITLE_KEYS or t.text[0].islower()]
    strict = frozenset(t.key for t in rest if _is_exact(t))
    group = tokens[cut:at]
    return Act(
        key=tokens[at].key,
        stem=stem(tokens[at].low),
        who=who,
        names=strict,
        others=frozenset(t.key for t in rest) - strict,
        passive=is_passive(group, tokens[at]),
        copular=any(t.low in BE for t in group) and not is_participle(tokens[at].low),
        timed=any(_tells_when(t) for t in tokens),
        bare=complement(tokens, at),
        holds=not any(t.low in NEGATORS for t in group),
        given=frozenset(t.key for t in tokens[:cut] if t.text[0].isupper() and t.content and t.key != who) - TITLE_KEYS,
        doer=_doer(tokens[at + 1 :]),
        places=traps.places(tokens[cut:]),
        tense=traps.tense(group, tokens[at]),
    )


def _doer(after: list[Word]) -> str:
    by = next((k for k, t in enumerate(after) if t.low == "by"), len(after))
    return head(after[by + 1 :]) or ""


def opposites(act: Act) -> frozenset[str]:
    """Stems that take away what an act says; none where both can happen, one after the other."""
    reversible = act.stem in REVERSIBLE and not act.copular
    return OPPOSITES.get(act.stem, frozenset()) | (
        frozenset() if reversible else OPPOSITE_OF.get(act.stem, frozenset())
    )


def acts(statement: Statement, wanted: Act, lead: str = "", title: str = "") -> Iterator[Act]:
    """The places where a sentence plainly says what is wanted, or the opposite, of the one it is wanted of.

    Args:
        statement: a sentence of the evidence.
        wanted: what is looked for.
        lead: the sentence before it that says who "he" is.
        title: of its article; with the lead it may name what the sentence only points to.
    """
    tokens = statement.tokens
    opposite = opposites(wanted)
    if wanted.stem in MOVING and not wanted.timed and any(_tells_when(t) for t in tokens):
        opposite = frozenset()
    places = [i for i, t in enumerate(tokens) if t.key == wanted.key or stem(t.low) in opposite]
    if not places or traps.is_doubtful(tokens, wanted.keys):
        return
    earlier = words(fold(lead))
    there = {t.key for t in (*tokens, *earlier, *words(fold(title)))}
    here = {t.key for t in tokens}
    if (
        not wanted.names - wanted.given <= here
        or not wanted.given <= there
        or len(wanted.others & there) < LEAST_SHARED * len(wanted.others)
    ):
        return
    quoted = quoted_indexes(tokens, statement.inside)[0]
    told = frozenset[str]().union(*(t.told for t in statement.tellings))
    for i in places:
        verb = i if _is_verb(tokens, i, wanted) else _taker(tokens, i) if wanted.passive else None
        if (
            verb is None
            or (i and tokens[i - 1].text == "-")
            or i in quoted
            or (tokens[i].key in told and tokens[i].key != wanted.who)
        ):
            continue
        found = _read(tokens, i, verb, wanted, earlier)
        if found and found.key == wanted.key:
            yield found
        elif found and any(t.digits and len(t.text) == 4 and t.key not in wanted.names for t in tokens):
            continue  # what was lost in 1998 may have been won in another year
        # "did not reject" is no "accepted", and who "had rejected" it may have accepted it since.
        elif found and found.holds and "had" not in {t.low for t in tokens[max(0, i - 4) : i]}:
            yield replace(found, holds=False)


def _taker(tokens: list[Word], noun: int) -> int | None:
    """Index of "received" in "received no invitation", which is to say "was not invited"."""
    verb = next((j for j in range(noun - 1, max(-1, noun - 4), -1) if tokens[j].low not in ARTICLES), None)
    return verb if verb is not None and tokens[verb].key in _GETS else None


def _read(tokens: list[Word], at: int, verb: int, wanted: Act, lead: list[Word]) -> Act | None:
    """The act at a place, where it is plainly said of the one wanted and of the same object.

    Args:
        tokens: of the sentence.
        at: where the word stands that says it.
        verb: where its verb stands, mostly the same place.
        wanted: what is looked for.
        lead: the sentence before.
    """
    first, denials = group_of(tokens, verb)
    start = next((j + 1 for j in range(first - 1, -1, -1) if tokens[j].breaks), 0)
    end = next((j for j in range(at + 1, len(tokens)) if tokens[j].breaks or tokens[j].low in TURNS), len(tokens))
    joined = first > 0 and tokens[first - 1].low == "and"
    if traps.is_conditional(tokens, start, first, end, wanted.keys, joined=joined) or traps.hangs_on(tokens, first):
        return None
    if not _LIMITS.isdisjoint(t.low for t in tokens[start:end]) or traps.stands_apart(tokens, first):
        return None
    loose = [j for j in (*range(start, first), *range(verb + 1, end)) if tokens[j].low in NEGATORS]
    if loose and (loose not in ([start], [verb + 1]) or not is_none(tokens, loose[0])):
        return None
    denials += len(loose)  # "No sailors were hurt", "found no weapon"
    group = tokens[start:at] if joined else tokens[first:at]
    if denials > 1 or (wanted.copular and not is_copular(tokens, at)):
        return None
    if traps.tense(group if verb == at else [], tokens[verb]) != wanted.tense or not _is_placed(
        tokens, start, first, end, wanted
    ):
        return None
    narrow = traps.narrows(tokens, first, at, end, wanted.keys, has_object=bool(wanted.bare[1]) or bool(wanted.doer))
    if denials and wanted.who != ANYONE and narrow and not (loose and verb == at and loose[0] == verb + 1):
        return None
    passive = verb != at or (not wanted.copular and is_passive(group, tokens[at]))
    if passive != wanted.passive:
        fits = not loose and _turned(tokens, first, at, wanted, lead, denied=bool(denials), passive=passive)
    elif wanted.who == ANYONE:
        fits = bool(loose) and tokens[start].low in _NOBODY and first - start < 3 and not narrow
    else:
        nobody = bool(loose) and loose[0] < first
        fits = is_subject(tokens, first, wanted.who, lead) and _same_object(wanted.bare, complement(tokens, at), wanted)
        fits = fits and (not nobody or (first - start == 2 and tokens[first - 1].key == wanted.who))
        fits = fits and not traps.is_other_he(tokens, first, wanted.who, wanted.given)
        after = tokens[at + 1 : end]
        fits = fits and not any(t.text.endswith("'s") and t.key in wanted.keys for t in after)
        if wanted.bare[1] and not wanted.bare[0]:
            fits = fits and not traps.says_less(after, wanted.bare[1][-1], wanted.keys)
        fits = fits and not traps.is_another(tokens, start, first, wanted.who, wanted.given, wanted.keys)
        if fits and wanted.bare[1] and not wanted.bare[0] and wanted.bare[1][-1] in wanted.names:
            fits = traps.named_whole(tokens[at + 1 : at + 8], wanted.bare[1][-1], frozenset(wanted.bare[1]))
    return replace(wanted, key=tokens[at].key, holds=denials % 2 == 0) if fits else None


def _is_placed(tokens: list[Word], start: int, first: int, end: int, wanted: Act) -> bool:
    """Whether "in Oslo" and "of 2019" stand in the clause as they do in the question."""
    if tokens[first - 1].low == "and":
        start = first
    elif start and tokens[0].low in PREPOSITIONS and not any(t.breaks for t in tokens[: start - 1]):
        start = 0  # "In 2019, Berg was fined"
    return wanted.places <= traps.places(tokens[start:end])


def _turned(
    tokens: list[Word], first: int, at: int, wanted: Act, lead: list[Word], *, denied: bool, passive: bool
) -> bool:
    """Whether "Holm invited Berg" says who was invited by whom, or "the offer was rejected by Berg" who rejected what.

    That Holm did not invite Berg leaves open whether another did.
    """
    if not wanted.others <= {t.key for t in tokens}:
        return False
    other = wanted.bare[1][-1] if passive and wanted.bare[1] and not wanted.bare[0] else wanted.doer
    if (passive or denied) and not other:
        return False
    if other and not is_subject(tokens, first, other, lead):
        return False
    return traps.named_whole(other_side(tokens[at + 1 : at + 8], passive=passive), wanted.who, wanted.given)


def _same_object(wanted: tuple[str, tuple[str, ...]], found: tuple[str, tuple[str, ...]], act: Act) -> bool:
    """Whether two objects may be one: the same head, or the sentence names none. What is not asked for is not one."""
    if not found[1]:
        return True
    if not wanted[1]:
        return bool(found[0])
    if wanted[0] != found[0]:
        return bool(set(found[1]) & (set(wanted[1]) | act.others | act.names))
    return wanted[1][-1] in found[1] or found[1][-1] in wanted[1]


def _is_verb(tokens: list[Word], i: int, wanted: Act) -> bool:
    """Whether a word is no noun there ("the rise", "his invitation"); what somebody is may well be one."""
    token, before = tokens[i], tokens[i - 1].low if i else ""
    if token.low.endswith(("tion", "ment", "ance", "al", "ness")) and token.key == wanted.key and wanted.bare[0] == "":
        return before not in ("his", "her", "their", "its") and before in BE | ARTICLES
    if token.low.endswith(("tion", "tions", "ance", "ness")):
        return False
    formed = is_participle(token.low) or token.low in PAST
    return (
        formed
        or before in HELPERS | NEGATORS | {"to"}
        or (before not in ARTICLES and before not in PREPOSITIONS)
        or is_copular(tokens, i)
    )


def _says(token: Word) -> bool:
    adverb = token.low.endswith("ly") or token.low in NEGATORS or token.low in STOP
    return token.content and not adverb


def _is_exact(token: Word) -> bool:
    return token.number or token.text[0].isupper() or token.low in ORDINALS or token.key in TIMES


def _tells_when(token: Word) -> bool:
    return token.digits or (token.key in TIMES and token.text[0].isupper()) or token.low in ("last", "this", "next")

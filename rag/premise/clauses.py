"""Who does what in a sentence, as far as a verdict needs it: the verb, its subject, its object, denied or not. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.check.evidence import TITLE_KEYS, Statement
from rag.check.facts import Word, fold, words
from rag.check.lexicon import DENIAL_STEMS, NEGATORS, OPPOSITE_OF, PAST, STOP, SYNONYM_OF, stem
from rag.check.lexicon import words as word_set
from rag.check.measures import ORDINALS
from rag.check.stance import quoted_indexes
from rag.premise import traps
from rag.premise.declarative import PREPOSITIONS
from rag.premise.subjects import ARTICLES, TIMES, head, is_subject
from rag.premise.verbs import MOVING, OPPOSITES, REVERSIBLE, is_participle

LEAST_SHARED = 0.5
"""Share of a statement's other words that a sentence must have, with its lead and title, to speak of the same thing."""

_BE = word_set("is are was were be been being got am")
_HELPERS = _BE | word_set("later finally eventually longer ever also still has have had having do does did will shall")
_MANNER = word_set(
    "formally officially recently previously quickly immediately unanimously publicly openly sharply slightly narrowly "
    "overwhelmingly subsequently briefly quietly privately personally repeatedly fully completely actually really "
    "swiftly suddenly promptly directly clearly firmly flatly strongly heavily steadily rapidly slowly temporarily "
    "secretly illegally legally lawfully unlawfully forcibly violently fatally seriously severely badly jointly "
    "explicitly simultaneously ultimately already duly angrily reluctantly successfully democratically"
)
"""Adverbs that leave what is said true; "nearly" or "allegedly" does not, so no other one is passed over."""
_TURNS = word_set("but while although though because when which who whereas however after before since that and")
_NOBODY = word_set("nobody none no")
_NONE = word_set("no none nobody nothing")
ANYONE = "anyone"
"""Whom a question about anybody is about."""

_LIMITS = word_set("only just mere merely simply alone solely necessarily")
_GETS = frozenset(SYNONYM_OF.get(stem(word), stem(word)) for word in ("get", "got", "receive", "received", "receives"))
_REFUSALS = DENIAL_STEMS - {stem(word) for word in ("deny", "dispute", "lack", "reject")}


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
    if who is None or at is None or tokens[at].number:
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
        passive=_is_passive(group, tokens[at]),
        copular=any(t.low in _BE for t in group) and not is_participle(tokens[at].low),
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
    if not places or traps.is_doubtful(tokens, frozenset((wanted.stem,))):
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
        if verb is None or i in quoted or (tokens[i].key in told and tokens[i].key != wanted.who):
            continue
        found = _read(tokens, i, verb, wanted, earlier)
        if found and found.key == wanted.key:
            yield found
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
    first, denials = _group(tokens, verb)
    start = next((j + 1 for j in range(first - 1, -1, -1) if tokens[j].breaks), 0)
    end = next((j for j in range(at + 1, len(tokens)) if tokens[j].breaks or tokens[j].low in _TURNS), len(tokens))
    joined = first > 0 and tokens[first - 1].low == "and"
    if traps.is_conditional(tokens, start, first, end, joined=joined) or traps.hangs_on(tokens, first):
        return None
    if not _LIMITS.isdisjoint(t.low for t in tokens[start:end]) or traps.stands_apart(tokens, first):
        return None
    loose = [j for j in (*range(start, first), *range(verb + 1, end)) if tokens[j].low in NEGATORS]
    if loose and (loose not in ([start], [verb + 1]) or not _is_none(tokens, loose[0])):
        return None
    denials += len(loose)  # "No sailors were hurt", "found no weapon"
    group = tokens[start:at] if joined else tokens[first:at]
    if denials > 1 or (wanted.copular and not _copular(tokens, at)):
        return None
    if traps.tense(group if verb == at else [], tokens[verb]) != wanted.tense or not wanted.places <= traps.places(
        tokens
    ):
        return None
    narrow = traps.narrows(tokens, first, at, end, wanted.keys, has_object=bool(wanted.bare[1]) or bool(wanted.doer))
    if denials and wanted.who != ANYONE and narrow and not (loose and verb == at and loose[0] == verb + 1):
        return None
    passive = verb != at or (not wanted.copular and _is_passive(group, tokens[at]))
    if passive != wanted.passive:
        fits = not loose and _turned(tokens, first, at, wanted, lead, denied=bool(denials), passive=passive)
    elif wanted.who == ANYONE:
        fits = bool(loose) and tokens[start].low in _NOBODY and first - start < 3 and not narrow
    else:
        nobody = bool(loose) and loose[0] < first
        fits = is_subject(tokens, first, wanted.who, lead) and _same_object(wanted.bare, complement(tokens, at), wanted)
        fits = fits and (not nobody or (first - start == 2 and tokens[first - 1].key == wanted.who))
        fits = fits and not any(
            traps.is_namesake(tokens, j, wanted.given) for j in range(first) if tokens[j].key == wanted.who
        )
    return replace(wanted, key=tokens[at].key, holds=denials % 2 == 0) if fits else None


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
    return traps.named_whole(_other_side(tokens[at + 1 : at + 8], passive=passive), wanted.who, wanted.given)


def _is_none(tokens: list[Word], i: int) -> bool:
    """Whether a negator says that there is none: "no sailors", "nobody"; "No, it was gas" does not."""
    return tokens[i].low in _NONE and (tokens[i].low != "no" or (i + 1 < len(tokens) and tokens[i + 1].content))


def _other_side(after: list[Word], *, passive: bool) -> list[Word]:
    """Whom a verb is said of when it is turned round: who stands behind "by", or what it is done to."""
    if passive:
        by = next((k for k, t in enumerate(after) if t.low == "by"), len(after))
        return after[by + 1 :]
    return after[: next((k for k, t in enumerate(after) if t.breaks or t.low in PREPOSITIONS | _TURNS), len(after))]


def _group(tokens: list[Word], at: int) -> tuple[int, int]:
    """Where the verb group that ends at a place begins ("had never been formally"), and how often it is denied."""
    first, denials = at, 0
    while first > 0:
        token = tokens[first - 1]
        to = first > 1 and token.low == "to" and tokens[first - 2]
        if to and (stem(to.low) in _REFUSALS or to.low == "yet"):  # "refused to sign", "has yet to sign"
            denials, first = denials + 1, first - 2
            continue
        longer = token.low == "no" and tokens[first].low == "longer"
        if longer or (token.low in NEGATORS and token.low not in _NONE):
            denials += 1
        elif not (_is_helper(tokens, first - 1) or (token.low in ARTICLES and _copular(tokens, first - 1))):
            break
        first -= 1
    return first, denials


def _is_helper(tokens: list[Word], i: int) -> bool:
    token = tokens[i]
    return token.low in _HELPERS | _MANNER or (token.low == "yet" and i > 0 and tokens[i - 1].low in NEGATORS)


def complement(tokens: list[Word], at: int) -> tuple[str, tuple[str, ...]]:
    """The preposition and the content keys of what stands right after a word, times left out."""
    preposition = ""
    keys: list[str] = []
    if at + 1 < len(tokens) and tokens[at + 1].low == "no":
        at += 1
    for token in tokens[at + 1 : at + 8]:
        if token.breaks or token.low in _TURNS or token.low in NEGATORS:
            break
        if token.low in PREPOSITIONS:
            if preposition or keys:
                break
            preposition = token.low
        elif token.content and not token.low.endswith("ly"):
            keys.append(token.key)
    timely = any(key in TIMES or key.isdecimal() for key in keys)
    return ("", ()) if timely or not keys else (preposition, tuple(keys))


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
        return before not in ("his", "her", "their", "its") and before in _BE | ARTICLES
    if token.low.endswith(("tion", "tions", "ance", "ness")):
        return False
    formed = is_participle(token.low) or token.low in PAST
    return (
        formed
        or before in _HELPERS | NEGATORS
        or (before not in ARTICLES and before not in PREPOSITIONS)
        or _copular(tokens, i)
    )


def _copular(tokens: list[Word], i: int) -> bool:
    return any(t.low in _BE for t in tokens[max(0, i - 3) : i])


def _is_passive(group: list[Word], token: Word) -> bool:
    be = any(t.low in _BE for t in group)
    return be and is_participle(token.low) and not token.low.endswith("ing")


def _says(token: Word) -> bool:
    adverb = token.low.endswith("ly") or token.low in NEGATORS or token.low in STOP
    return token.content and not adverb


def _is_exact(token: Word) -> bool:
    return token.number or token.text[0].isupper() or token.low in ORDINALS or token.key in TIMES


def _tells_when(token: Word) -> bool:
    return token.digits or (token.key in TIMES and token.text[0].isupper()) or token.low in ("last", "this", "next")

"""What makes a sentence say less than its words: doubts, exceptions, conditions, other times and other people. Pure.

A verdict about somebody may ruin them, so each test here refuses whenever it is unsure.
"""

from __future__ import annotations

from itertools import pairwise

from rag.check.evidence import TITLE_KEYS
from rag.check.facts import Word
from rag.check.lexicon import NEGATORS, stem
from rag.check.lexicon import words as word_set
from rag.premise.declarative import PREPOSITIONS
from rag.premise.subjects import ARTICLES, TIMES
from rag.premise.verbs import is_participle, is_past

_ANYWHERE = word_set(
    "if unless until till whether lest perhaps maybe would nearly almost hardly barely scarcely practically virtually "
    "effectively essentially wrongly falsely mistakenly erroneously allegedly reportedly supposedly purportedly "
    "apparently seemingly presumably possibly probably likely unlikely potentially theoretically initially originally "
    "false untrue fake unconfirmed unproven unfounded baseless hypothetical fictional alleged supposed purported "
    "few fewer except excepting excluding barring else rather otherwise according ought due "
    "novel film movie drama satire hoax parody myth joke story tale fiction stage condition conditions provided"
)
_ANYWHERE_STEMS = frozenset(
    stem(word)
    for word in word_set(
        "rumour rumor claim allege expect suspect believe think hope fear doubt assume imagine suppose pretend predict "
        "speculate suggest wish deny threaten vow promise plan intend want attempt try risk propose consider dispute "
        "disprove debunk forecast seem appear require demand urge ask request order persuade hesitate dream dreamt"
    )
)
_MODAL = word_set("may might could should must can")
_CLAUSE = word_set("or than less least most many several some half part neither either")
_SCOPES = word_set("that who whom which whose what where why how because since")
_CONDITIONS = word_set("when once whenever before after as while")
_ALL = word_set("all nobody none no nothing everyone everybody everything every any anyone anybody anything each one")
_INVERTS = word_set("had were should was did does do is are has have will")
_NEAR = word_set("himself herself itself themselves both also he she")
_FUTURE = word_set("will shall")
_PRESENT = word_set("is are am does do")
_AUXILIARY = _PRESENT | word_set("was were did had has have be been being")
_REPEATS = word_set("again once twice alone together by with without because over due for personally yet")


def is_doubtful(tokens: list[Word], own: frozenset[str] = frozenset()) -> bool:
    """Whether a sentence, anywhere, has what leaves open whether the thing happened.

    Args:
        tokens: of the sentence.
        own: keys of what the question has itself, which is no doubt then.
    """
    lows = [t.low for t in tokens]
    if tokens[-1].text == "?" or lows[0] in ("had", "were", "should") or not _ANYWHERE.isdisjoint(lows):
        return True
    if any(stem(t.low) in _ANYWHERE_STEMS and t.key not in own for t in tokens):
        return True
    if any(low == "but" and not _ALL.isdisjoint(lows[max(0, i - 3) : i]) for i, low in enumerate(lows)):
        return True  # "nobody but Berg", "all but signed"
    return any(low == "first" and lows[i - 1] == "at" for i, low in enumerate(lows) if i)


def is_conditional(tokens: list[Word], start: int, first: int, end: int, mine: frozenset[str], *, joined: bool) -> bool:
    """Whether the clause of a verb group hangs on another one, is turned round, or counts somebody out.

    Args:
        tokens: of the sentence.
        start: of the clause.
        first: where the verb group begins.
        end: of the clause.
        mine: keys of what the question has.
        joined: whether "and" stands before the group, so that another verb may share its subject.
    """
    before = [t.low for t in tokens[start:first]]
    if any(t.low in _MODAL and t.text != "May" for t in tokens[:end]):
        return True
    if not _CLAUSE.isdisjoint(t.low for t in tokens[start:end]) or not _CONDITIONS.isdisjoint(before):
        return True
    if before and before[0] in _INVERTS:  # "Had Berg signed", "Only then did Berg sign"
        return True
    return not joined and (not _INVERTS.isdisjoint(before) or _has_verb(tokens[start:first], mine))


def _has_verb(before: list[Word], mine: frozenset[str]) -> bool:
    """Whether another verb stands before a verb group: "a man attacking Berg was jailed", not "the elected mayor"."""
    for i, token in enumerate(before):
        verb = token.text.islower() and (is_participle(token.low) or is_past(token.low))
        if verb and token.key not in mine and not (i and before[i - 1].low in ARTICLES):
            return True
    return False


def is_other_he(tokens: list[Word], first: int, who: str, given: frozenset[str]) -> bool:
    """Whether a "he" before a verb group may be another: the sentence does not begin with the one wanted."""
    if not first or tokens[first - 1].low not in ("he", "she"):
        return False
    before = [t for t in tokens[: first - 1] if t.content]
    named = any(t.key == who for t in before)
    return named and before[0].key not in {who} | given | TITLE_KEYS


def hangs_on(tokens: list[Word], first: int) -> bool:
    """Whether a "that" or "who" to the left has the verb in its clause, asides between commas left out.

    "one of the states that were invited" does not count: it says of the one before what it says of the states.
    """
    i = first - 1
    while i >= 0:
        low = tokens[i].low
        if tokens[i].text == ",":
            opens = next((j for j in range(i - 1, -1, -1) if tokens[j].text == ","), -1)
            if opens >= 0 and tokens[opens + 1].low in ("who", "which", "whose", "whom"):
                i = opens - 1
                continue
        if low in _SCOPES and tokens[i].text.islower():
            noun = [t.low for t in tokens[max(0, i - 4) : i]]
            return not (low in ("that", "who") and i == first - 1 and noun[:2] in (["one", "of"], [",", "one"]))
        if tokens[i].text in ';:"':
            return tokens[i].text != ";"
        i -= 1
    return False


def stands_apart(tokens: list[Word], first: int) -> bool:
    """Whether what stands right before a verb group is no subject: "to", "but", "not" and the like."""
    if not first:
        return True
    token = tokens[first - 1]
    plain = token.content or token.low in _NEAR or token.low in ("and", "then", "that", "who", "no", "nobody", "none")
    return not (
        plain or token.text in (",", ")") or (token.low == "one" and first > 1 and tokens[first - 2].low == "no")
    )


def is_namesake(tokens: list[Word], i: int, given: frozenset[str]) -> bool:
    """Whether the name at a place is another's: "Berg's", "Raul Ortega" for Daniel Ortega.

    Args:
        tokens: of the sentence.
        i: where the last name stands.
        given: keys of the first names that the question has.
    """
    if tokens[i].text.endswith("'s") or (i + 1 < len(tokens) and tokens[i + 1].text == "'"):
        return True
    before = tokens[i - 1] if i else None
    if before is None or not given or not tokens[i].text[0].isupper():
        return False
    return before.text[0].isupper() and before.content and before.key not in given | TITLE_KEYS


def is_another(
    tokens: list[Word], start: int, first: int, who: str, given: frozenset[str], mine: frozenset[str]
) -> bool:
    """Whether the subject before a verb group is another's: "the former mayor" for the mayor, "two senators".

    Args:
        tokens: of the sentence.
        start: of the clause.
        first: where the verb group begins.
        who: key of the one wanted.
        given: keys of the first names that the question has.
        mine: keys of all that the question has.
    """
    for i in range(first):
        if tokens[i].key == who:
            before = tokens[i - 1] if i else None
            narrow = before and tokens[i].text.islower() and before.content and before.key not in mine
            if narrow or is_namesake(tokens, i, given):
                return True
        owner = tokens[i].text.endswith("'s") and i >= start
        if owner and any(t.low in PREPOSITIONS for t in tokens[max(start, i - 3) : i]):  # "the mayor of Voss's son"
            return True
    return False


def named_whole(after: list[Word], who: str, given: frozenset[str]) -> bool:
    """Whether a phrase begins with just the one wanted: "Berg on Monday", not "Berg's brother" or "a man Berg knew"."""
    for k, token in enumerate(after):
        if token.key == who:
            follows = after[k + 1] if k + 1 < len(after) else None
            more = follows is not None and follows.content and follows.key not in TIMES and not follows.digits
            return not (more or is_namesake(after, k, given))
        if not (token.low in ARTICLES or token.key in TITLE_KEYS or token.text[0].isupper()):
            return False
    return False


def says_less(after: list[Word], thing: str, mine: frozenset[str]) -> bool:
    """Whether what follows a verb cuts its object down: "deputy mayor" for "mayor", "the drug for animals".

    Args:
        after: from behind the verb to the end of its clause.
        thing: key of the object.
        mine: keys of what the question has.
    """
    for one, two in pairwise(after):
        if one.low == "for" and two.key not in mine | TIMES:
            return True
        if two.key == thing and one.content and one.text.islower() and one.key not in mine:
            return True
    return False


def tense(group: list[Word], verb: Word) -> str:
    """Of a verb group: "future", "present" or "past"; what has happened is past."""
    lows = {t.low for t in group}
    if lows & _FUTURE:
        return "future"
    if lows & _AUXILIARY:
        return "present" if lows & _PRESENT else "past"
    return "past" if is_past(verb.low) or any(is_past(low) for low in lows) else "present"


def narrows(tokens: list[Word], first: int, at: int, end: int, mine: frozenset[str], *, has_object: bool) -> bool:
    """Whether a denial denies less than the act: "not formally invited", "not arrested in Rome", "not again".

    Args:
        tokens: of the sentence.
        first: where the verb group begins.
        at: where it ends.
        end: of the clause.
        mine: keys of what the question has.
        has_object: whether the question has an object.
    """
    if any(t.low.endswith("ly") and t.key not in mine for t in tokens[first:end]):
        return True
    if any(t.low == "but" for t in tokens[at + 1 :]):  # "not mayor of Voss but of Lom"
        return True
    after = tokens[at + 1 : end]
    asked = {t.low for t in after if t.key in mine}
    extra = [t for t in after if t.content and t.key not in mine and t.low not in NEGATORS]
    if not has_object and extra:
        return True
    if any(one in extra and one.text.islower() and two.key in mine and two.content for one, two in pairwise(after)):
        return True  # "not convicted of tax fraud" may well be of another fraud
    return any(t.key in TIMES or t.digits for t in extra) or any(
        t.low in _REPEATS - asked - mine and not (t.low == "by" and asked) for t in after
    )


def places(tokens: list[Word]) -> frozenset[tuple[str, str]]:
    """Names and numbers with the preposition that they hang on: "in Oslo", "of 2019"; doers left out."""
    found = set()
    for i, token in enumerate(tokens):
        if token.digits or (token.text[0].isupper() and token.content):
            for j in range(i - 1, max(-1, i - 4), -1):
                if tokens[j].low in PREPOSITIONS and tokens[j].low != "by":
                    found.add((tokens[j].low, token.key))
                if tokens[j].breaks or tokens[j].low in PREPOSITIONS:
                    break
    return frozenset(found)

"""Follow-ups: what a question means after the questions before it, by rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.sparse import STOP_WORDS, terms
from rag.check.lexicon import words
from rag.notices import Notice
from rag.substitute import NAME, is_country, names, substituted

MOST_TURNS = 3
"""Earlier questions that a follow-up may lean on: more would drown what is asked now."""

_OPENS = re.compile(
    r"\s*(?:and|but|so|or|also|then|what about|how about|since when|by whom|when was that|where was that)\b", re.I
)
_PERSON = re.compile(r"\b(?:he|she|they|him|her|them|his|hers|their|theirs)\b", re.I)
_THING = re.compile(
    r"\b(?:[Ii]t|[Ii]ts|[Tt]his|[Tt]hese|[Tt]hose|then|the same|(?:the|that|this|which) ones?)\b|"
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere\b|"
    r"\bthat\b(?=\W*$|\s+(?:is|was|are|were|did|does|do|has|have|had|in|for|to|from|happen|cost|mean)\b)"
)
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w’'-]*")
_WHOLE = re.compile(
    r"\s*(?:who|whom|what|which|where|when|why|how)\s+(?:is|are|was|were|did|does|do|has|have|had|will)\b", re.I
)


_QUOTED = re.compile(r"[“\"][^”\"]*[”\"]")
_HE = re.compile(r"\b(?P<who>he|she|him|her|his|hers)\b(?:'s\b)?", re.I)
_IT = re.compile(r"\b(?P<who>it|its|that|this|those|these|they|them|their)\b(?! [a-z]+s\b)", re.I)
_OTHER = re.compile(
    r"\bthe (?:other|second|latter|former) (?:one|two|ones|man|woman|person|country|side|party)\b", re.I
)
_S = "'s"
_SUBJECTIVE = {"him": "he", "his": "he", "her": "she", "hers": "she", "its": "it", "them": "they", "their": "they"}
_MAKES = re.compile(r"\b(?:ma[dk]e|makes|lets?|help(?:s|ed)?|sees?|saw|watch(?:ed)?|t(?:old|ell)|asked?)\s$", re.I)
_OWNED = re.compile(r" (?!(?:in|on|at|to|for|by|with|about|from|after|before|and|do|say)\b)[a-z]")
_NO_TOPIC = re.compile(
    r"^(?:(?:and|but|so|or|also|then)\b[, ]*(?:(?:in|since|by|for) )?(?:[\w.]+)?|(?:why|when|where|how|who|what|whom)"
    r"(?: else| not| so| then)?|(?:what|how) about .+|since when|by whom|then what|what happened (?:then|next)"
    r"|(?:please )?(?:(?:give|show|make|tell)(?: me| us)? )?(?:(?:a|an|the) )?(?:timeline|chronology|summary|overview)"
    r"(?: of (?:the )?events)?(?:,? please)?|summari[sz]e(?: it| this)?(?:,? please)?)$",
    re.I,
)
_ASKS_FOR_SOMEBODY = re.compile(r"\s*(?:[Ww]ho(?! (?:is|was) [A-Z])|[Ww]hom|[Ww]hose|[Ww]hich)\b")
_BARE = re.compile(r"(?:(?:and|but|so)[, ]+)?(?:why|when|where|how|who|whom)$", re.I)
_BARE_IT = re.compile(r"(?:(?:and|but|so)[, ]+)?(?:how|who|why|when|where|what) (?:[a-z]+ ){1,2}it(?: [a-z]+)?$", re.I)
_A_THING = re.compile(r"\b(?:the|a|an|this|that|its) [a-z]")
_IDLE = STOP_WORDS | words("much say said happened happening think tell please show give explain let know more")
_NO_PERSON = re.compile(
    r"^[A-Z.]{2,}$|\b(?:House|Ministry|Treasury|Court|Congress|Senate|Parliament|Party|Union|Commission|Committee|Council|"
    r"Army|Navy|Police|Bank|University|Institute|Agency|Office|Department|Times|Post|News|Act|Plan|Street|City|Shield|"
    r"Americas|Association|Company|Group|Organi[sz]ation|Administration|Government)\b"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is searched for.

    Attributes:
        text: the question by itself, with what it leans on put in or in front.
        focus: what is asked now, the end of `text`; it alone decides whether a number, a date or a name is wanted.
    """

    text: str
    focus: str


def understood(question: str, history: Sequence[str], told: Sequence[str] = ()) -> Asked:
    """The question that is meant: a follow-up is completed from the questions before it, any other stays as it is.

    A short one is put into the earlier question where a rule is sure how ("and in 2022?" gives "How many tons did
    Colombia seize in 2022?"). Any other gets the earlier question in front, and a name for its first "he" or "she"
    where only one can be meant.

    Args:
        question: the question as asked.
        history: the earlier questions of the conversation, oldest first.
        told: the texts of the answers to them, one each, where they are known.
    """
    earlier = history[-MOST_TURNS:]
    if not earlier or not is_follow_up(question):
        return Asked(question, question)
    heard = told[-MOST_TURNS:] if len(told) == len(history) else ()
    before = understood(earlier[-1], earlier[:-1], heard[:-1])
    alone = before.text == before.focus
    if alone and (
        whole := substituted(question, before.text)
        or _with_the_other(question, earlier, heard)
        or _with_the_thing(question, before.text)
    ):
        return Asked(whole, whole)
    focus = _with_name(question, earlier[-1], heard[-1] if heard else "")
    return Asked(f"{before.text.rstrip('?.! ')}? {focus}", focus)


def clarification(question: str, history: Sequence[str], told: Sequence[str] = ()) -> str | None:
    """What to ask back where a question cannot be understood: one line; None where it can be tried.

    Args:
        question: the question as asked.
        history: the earlier questions of the conversation, oldest first.
        told: the texts of the answers to them, one each, where they are known.
    """
    text = _QUOTED.sub(" ", question).strip().rstrip("?!. ")
    other = _OTHER.search(text)
    if other and not _content(_OTHER.sub("", text)) and not _with_the_other(question, history, told):
        return Notice.WHAT_NAME.format(word=other[0].lower())
    if history:
        return _unmeant(text, history, told)
    named = NAME.search(text, 1)
    for pattern, back in ((_HE, Notice.WHO_IS), (_IT, Notice.WHAT_IS)):
        match = pattern.search(text)
        if (
            not match
            or (named and named.start() < match.start())
            or (_content(text[: match.start()]) and not (pattern is _IT and len(_content(text)) == 1))
        ):
            continue  # "Which minister said that she ..." says who she is
        if pattern is _HE or len(_content(text)) <= 1:
            who = _SUBJECTIVE.get(match["who"].lower(), match["who"].lower())
            if who == "they":
                return Notice.WHO_ARE.format(word=who)
            return back.format(word=who)
    if _NO_TOPIC.match(text) and not named:
        return Notice.NO_TOPIC.value
    return None


def _unmeant(text: str, history: Sequence[str], told: Sequence[str]) -> str | None:
    """What to ask back to a follow-up as bare as "how?" or "who runs it?" that nothing before completes."""
    earlier = history[-MOST_TURNS:]
    heard = told[-MOST_TURNS:] if len(told) == len(history) else ()
    bare, leans = _BARE.match(text), _BARE_IT.match(text)
    if not (bare or leans) or NAME.search(text, 1):
        return None
    before = understood(earlier[-1], earlier[:-1], heard[:-1]).text
    if substituted(text, before) or _with_the_thing(text, before):
        return None
    if bare:
        return Notice.WHAT_WHOLE.format(word=text)
    sure = len(names(before)) < 2 or _A_THING.search(before)
    return None if sure else Notice.WHAT_MEANS.format(word="it")


def _content(text: str) -> list[str]:
    """Words that a pronoun may mean, or that say what a question is about."""
    return [word for word in terms(text) if word not in _IDLE]


def _with_name(question: str, earlier: str, told: str) -> str:
    """The question with a name for its first "he" or "she", where the question or the answer before it has just one."""
    match = _HE.search(question)
    if not match or any(name.start() < match.start() for name in _NAME.finditer(question)):
        return question
    source = told if _ASKS_FOR_SOMEBODY.match(earlier) else earlier
    people = [name for name in names(source) if not is_country(name) and not _NO_PERSON.search(name)]
    people = [name for name in people if not any(name != other and other.endswith(name) for other in people)]
    if len(people) != 1 or re.search(rf"\bthe {re.escape(people[0])}\b", source):
        return question
    after = question[match.end() :]
    front, who = question[: match.start()], match["who"].lower()
    owned = who in ("his", "hers") or (who == "her" and _OWNED.match(after) and not _MAKES.search(front))
    return f"{front}{people[0]}{_S if owned else ''}{after}"


def _with_the_other(question: str, history: Sequence[str], told: Sequence[str]) -> str | None:
    """The last question, asked of the other one of two, where one turn named just the two."""
    text = question.strip().rstrip("?!. ")
    if not history or not _OTHER.search(text) or _content(_OTHER.sub("", text)):
        return None
    last = names(history[-1])
    for turn in (*reversed(history[:-1]), *reversed(told)):
        pair = names(turn)
        if len(last) == 1 and len(pair) == 2 and last[0] in pair:
            other = pair[1 - pair.index(last[0])]
            return history[-1].replace(last[0], other)
    return None


def _with_the_thing(question: str, earlier: str) -> str | None:
    """With "How long is the bridge in Lund?" for "And how long is it?", where the question before names one thing."""
    asked = _OF_IT.match(question.strip())
    things = list(dict.fromkeys(_THE_THING.findall(earlier)))
    if not asked or len(things) != 1 or len(_IT_WORD.findall(question)) != 1:
        return None
    return f"{asked['opening'][0].upper()}{asked['opening'][1:]} {things[0]}{asked['rest']}"


def is_follow_up(question: str) -> bool:
    """Whether a question leans on what came before.

    It opens with "And", has "she" before any name or "it" without one, or is too short to be asked by itself.
    """
    name, person = _NAME.search(question), _PERSON.search(question)
    if _OPENS.match(question) or (person and not (name and name.start() < person.start())):
        return True
    leans = bool(_THING.search(question))
    if len(terms(question)) < 3:  # "When was Samper elected?" is whole, "Why Samper?" is not
        return leans or not (name and _WHOLE.match(question))
    return leans and not name


_IT_WORD = re.compile(r"\bit\b", re.I)
_OF_IT = re.compile(
    r"(?:(?:and|but|so)[, ]+)?(?P<opening>(?:who|what|which|when|where|why|how)\b[^?]*?"
    r"\b(?:is|was|does|did|has|will|do|can|built|made|owns?)) it\b(?P<rest>.*)",
    re.I,
)
_THE_THING = re.compile(r"\b[Tt]he (?:[a-z-]+ ){0,2}?[a-z-]+ (?:in|of|at) (?:the )?[A-Z][\w-]+(?: [A-Z][\w-]+)*")

_JOINT = re.compile(
    r"(?:\?\s+(?:and\s+)?|[,;]?\s+and\s+|;\s+)(?=(?:who|whom|whose|what|when|where|why|how|which|by whom|in which)\b)",
    re.I,
)
_FEWEST_WORDS = 4


def parts(asked: Asked) -> list[Asked]:
    """The questions inside a question: "When was X sold, and how much did Y pay?" asks two things.

    Each part must be long enough to be asked by itself ("who said what and when" stays whole); a later part that leans
    on an earlier one is completed by it.
    """
    pieces = [piece.strip(" ,;?") for piece in _JOINT.split(asked.focus)]
    if len(pieces) < 2 or any(len(piece.split()) < _FEWEST_WORDS for piece in pieces):
        return [asked]
    before = asked.text.removesuffix(asked.focus).strip()
    first = Asked(f"{before} {pieces[0]}?".strip(), f"{pieces[0]}?")
    return [first, *(understood(f"{piece}?", [first.text]) for piece in pieces[1:])]

"""A sentence of an article -> questions that it answers, in English that a person would type. Pure.

Made only where the sentence is one plain clause about somebody or something named; what is not surely so gives nothing.
`eval.propose` does more of this, for people who review what comes out; nobody reviews these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rag.check.lexicon import NATION_OF, PAST, PRONOUNS, SPEAKERS, SPEECH_OF, STOP, TITLES, words
from rag.check.measures import CARDINALS, MONTHS, WEEKDAYS
from rag.premise.verbs import finite, is_participle, is_past
from rag.quotations import Span
from rag.speech import attribution
from rag.speech.speakers import RUN, People, people
from rag.times import Period, periods

Kind = Literal["number", "reason", "time", "speech", "office", "person"]

_MERIT: dict[Kind, float] = {"reason": 5, "number": 4, "time": 3, "speech": 2, "office": 2, "person": 1}
_MOST_WORDS = 10  # of what stands after the verb: a longer question is one that nobody types
_PLAIN = re.compile(r"[^\"“”„«»;:()\[\]<>{}|*_#`—–…?!\n]+\.")
_JOINED = re.compile(r"^(?:(?:But|And|However|Meanwhile|Also|Later|Still|Then|In addition|Separately|Instead),? )+")
_SUBJECT = rf"(?P<subject>(?:The )?(?:[a-z-]+ ){{0,3}}?(?:(?:of|in|at|from) (?:the )?)?(?P<name>{RUN}))"
_CLAUSE = re.compile(rf"^{_SUBJECT} (?P<help>was|were|has|have)? ?(?:also )?(?P<verb>[a-z]+)(?: (?P<rest>.+))?$")
_CUT = re.compile(
    r",? (?:after|before|when|while|as|since|although|though|where|which|who|whose|but|until|so|despite|amid|following|"
    r"according to|and (?=(?:he|she|it|they|also|then|was|were|is|are|has|had|will|would|\w+ed)\b))\b.*$|"
    r",(?! \d|\d).*$"
)
_LOOSE = re.compile(
    r"\b(?:he|she|him|they|them|it|i|we|us|you|me|my|our|your|this|these|those|that|here|there|who|which|what|whom|such|"
    r"others?|another|latter|former|same|ago|now|then|not|never|too|also|did|do|does|both|ones?|next|last|previous|"
    r"earlier|later|today|yesterday|tomorrow|tonight|is|are|was|were|be|been|has|have|had|will|would|can|could|may|"
    r"might|must|should|says?)\b|n['’]t\b",
    re.I,
)
_NUMBER = rf"(?:\d[\d,.]*(?: (?:million|billion|trillion))?|{'|'.join(sorted(CARDINALS))})"
_ABOUT = r"(?:(?:about|around|nearly|almost|at least|more than|over|some|up to|an estimated|roughly|fewer than|only) )?"
_COUNTED = (
    r"(?P<noun>(?:[a-z-]{3,} ){0,2}?(?:[a-z-]+[a-rt-z]s|people|men|women|children)(?: of (?!the\b|its\b)[a-z-]+)?)"
    r"(?P<tail>(?: (?:in|at|on|from|to|for|during|across|with|by|near|outside|between|against)\b.*)?)$"
)
_COUNT = re.compile(rf"^{_ABOUT}{_NUMBER} {_COUNTED}", re.I)
_COUNT_FIRST = re.compile(
    rf"^{_ABOUT}{_NUMBER} (?P<noun>(?:[a-z-]+ )?(?:[a-z-]+s|people|men|women|children)) were (?P<verb>[a-z]+)"
    r"(?P<tail> (?:in|at|on|near|outside|by|from|during)\b.+)$",
    re.I,
)
_SUM = re.compile(rf"^{_ABOUT}[$£€]\d[\d,.]*(?: (?:million|billion|trillion))?(?P<tail>(?: (?:in|for|to|on)\b.*)?)$")
_PAYING = words("spend pay raise donate invest lose earn borrow")
_BECAUSE = re.compile(r"^(?P<clause>[^,]+?),? because (?:of )?[^,]+$")
_ABBREVIATED = re.compile(r"\b(?:[A-Z]|Inc|Co|Jr|Sr|Corp|Ltd|St)\.$")
_OFFICE = re.compile(
    rf"(?<![\w.’'-]){RUN}, (?P<role>(?:the )?(?!former|then|a )(?:president|prime minister|chief executive|mayor|"
    rf"governor|director|executive director|head|founder|foreign minister|defen[cs]e minister|finance minister|"
    rf"chairman|chairwoman|secretary[- ]general|police chief)) of (?P<body>(?:the )?{RUN})(?=[,.])"
)
_NAME = re.compile(rf"(?<![\w’'-]){RUN}(?![\w’'-])")
_BESIDE = re.compile(r"(?:\b(?:in|at|to|of|from|near|told|through|between)|,)(?: the)? $|[A-Z][\w’'-]* $")
"""Before a name that is the place of something else, or whom somebody told it, or one of a list."""

_OWNS = re.compile(r"[’']s?(?!\w)")
_NEXT = re.compile(r" ([a-z]+)")
_TOPIC_MENTIONS = 3
_WHO = re.compile(rf"(?<![\w.’'-])(?<!the )(?P<name>{RUN}), (?P<is>(?:an?|the) (?!former\b)[a-z][^,;:\"“”]{{8,80}}), ")
_FINITE = re.compile(rf"\b(?:is|are|was|were|has|have|had|will|would|{'|'.join(sorted(PAST))})\b")
_VICTIMS = re.compile(
    rf"\b(?P<verb>killed|injured|wounded) {_ABOUT}{_NUMBER} (?P<noun>people|civilians|soldiers|students|children|"
    r"passengers|men|women)(?P<tail> (?:in|at|on|near|outside) [^,;:\"()]*?)"
    r"(?=,|$| (?:and|after|when|before|while|as)\b)"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what kind of thing answers it; a greater `merit` makes the better example."""

    text: str
    kind: Kind

    @property
    def merit(self) -> float:
        """By kind, and less by its length in words."""
        return _MERIT[self.kind] - len(self.text.split()) / 20


@dataclass(frozen=True, slots=True)
class _Clause:
    """Who or what, the verb as a question has it ("did", "seize" of "seized"), what follows, and whether more did."""

    subject: str
    helper: str
    verb: str
    rest: str
    cut: bool

    def asked(self, rest: str | None = None) -> str:
        """As it stands after a question word: "did Colombia seize a ship"."""
        tail = self.rest if rest is None else rest
        return " ".join(f"{self.helper} {self.subject} {self.verb} {tail}".split())


def questions(text: str, span: Span, sentences: Sequence[Span], published: date | None = None) -> Iterator[Question]:
    """The questions that a sentence answers by itself, not in any order.

    Args:
        text: the article's text.
        span: the sentence.
        sentences: spans of the article's sentences in order.
        published: the day that its "on Friday" counts from.
    """
    sentence = text[slice(*span)]
    who = people(text)
    if not _PLAIN.fullmatch(sentence) or not 6 <= len(sentence.split()) <= 45:
        return
    said = attribution(text, *span, None, sentences)
    if said.speech is not None:
        if said.speaker:
            yield from _spoken(sentence, said.speaker, text, who)
        return
    bare = _JOINED.sub("", sentence)
    bare = bare if _ABBREVIATED.search(bare) else bare[:-1]
    for kind, asked in (*_reasons(bare, text, who), *_times(bare, text, who, published), *_numbers(bare, text, who)):
        yield Question(f"{asked}?", kind)
    for match in _WHO.finditer(sentence):
        if match["name"] in who.persons and not _FINITE.search(match["is"].partition(" who ")[0]):
            yield Question(f"Who is {match['name']}?", "person")
    for match in _OFFICE.finditer(sentence):
        role = match["role"].removeprefix("the ")
        yield Question(f"Who is the {role} of {match['body']}?", "office")


def _spoken(sentence: str, speaker: str, text: str, who: People) -> Iterator[Question]:
    """What somebody said about a name in the sentence."""
    named = speaker.removeprefix("the ")
    sure = " " in named or (named.isupper() and len(named) > 1)
    if not sure or not named.split()[-1][0].isupper() or {*named.lower().split()} <= TITLES | SPEAKERS | {*NATION_OF}:
        return
    own = {*re.findall(r"\w+", speaker)}
    for match in _NAME.finditer(sentence):
        after = _NEXT.match(sentence, match.end())
        joined = after and after[1] not in STOP and after[1] not in SPEECH_OF and not is_past(after[1])
        if joined or _OWNS.match(sentence, match.end()) or own & {*match[0].split()}:
            continue  # "the Trump administration": the name stands before what it belongs to
        if not _BESIDE.search(sentence[: match.start()]) and (topic := _topic(match[0], match.start(), text, who)):
            yield Question(f"What did {speaker} say about {topic}?", "speech")


def _topic(name: str, start: int, text: str, who: People) -> str:
    """A name that the article is about, in full; "" for a day, a nation's adjective, a title, half a name."""
    low = {*re.split(r"[ -]", name.lower())}
    full = who.whole(name)
    whole = full if full in who.persons else name
    people_of = {NATION_OF[word] for word in low & NATION_OF.keys()} - low
    longer = rf"\b{re.escape(whole)} [A-Z]|\b(?!The )[A-Z][\w’'-]*[”\"]? {re.escape(whole)}\b"
    half = " " not in whole and (full is not None or start == 0 or re.search(longer, text))
    mentions = len(re.findall(rf"\b{re.escape(name)}\b", text))
    dull = low & {*MONTHS, *WEEKDAYS, *TITLES, *SPEAKERS, *STOP, *PRONOUNS}
    if len(name) < 2 or people_of or half or dull or mentions < _TOPIC_MENTIONS:
        return ""
    with_the = len(re.findall(rf"\b[Tt]he {re.escape(name)}\b(?! [A-Z])", text))
    return f"the {whole}" if whole == name and 2 * with_the > mentions else str(whole)


def _reasons(bare: str, text: str, who: People) -> Iterator[tuple[Kind, str]]:
    """Of "... because ...": why."""
    match = _BECAUSE.match(bare)
    parts = _clause(match["clause"], text, who) if match else None
    if parts:
        yield "reason", f"Why {parts.asked()}"


def _times(bare: str, text: str, who: People, published: date | None) -> Iterator[tuple[Kind, str]]:
    """Of a clause that begins or ends with its one time: when."""
    told = [one for one in periods(bare, published or date(2020, 1, 1)) if not one.names]
    if len(told) != 1 or re.search(r"\d{4}", bare.replace(told[0].text, "")):
        return
    timeless = _without(bare, told[0])
    parts = _clause(timeless, text, who) if timeless else None
    of_something_else = parts and parts.cut and bare.endswith(told[0].text)
    if parts and not of_something_else and parts.helper not in ("has", "have") and len(parts.rest.split()) > 1:
        yield "time", f"When {parts.asked()}"


def _without(bare: str, told: Period) -> str:
    """The clause without a time at its beginning or end; "" where it stands elsewhere."""
    before, after = bare[: told.start], bare[told.end :]
    if re.fullmatch(r"(?:Also )?(?:[Oo]n |[Ii]n |[Ee]arly on |[Ll]ate on )?", before) and after:
        return _JOINED.sub("", after.lstrip(", "))
    ends = re.fullmatch(r"(?P<left>.+?),? (?:on|in|early on|late on)", before.rstrip()) if not after else None
    if ends is None and not after and told.text in {day.capitalize() for day in WEEKDAYS}:
        return before.rstrip(" ,")
    return ends["left"] if ends else ""


def _numbers(bare: str, text: str, who: People) -> Iterator[tuple[Kind, str]]:
    """Of a number right after the verb, or at the beginning of a passive: how many, how much."""
    first = _COUNT_FIRST.match(_CUT.sub("", bare))
    if first and is_participle(first["verb"]) and _is_sound(first["tail"]) and re.search(rf"\b{RUN}", first["tail"]):
        yield "number", f"How many {first['noun']} were {first['verb']}{first['tail']}"
    harmed = _VICTIMS.search(bare)
    if harmed and _is_sound(harmed["tail"]) and re.search(rf"\b{RUN}", harmed["tail"]):
        yield "number", f"How many {harmed['noun']} were {harmed['verb']}{harmed['tail']}"
    parts = _clause(bare, text, who)
    if parts is None or parts.helper in ("was", "were"):
        return
    counted, paid = _COUNT.match(parts.rest), _SUM.match(parts.rest)
    vague = parts.cut and not (counted and counted["tail"])  # what was cut off may say which ones
    if counted and not vague and not re.search(r"\b(?:more|others?|further)\b", counted["noun"]):
        yield "number", f"How many {counted['noun']} {parts.asked('')}{counted['tail']}"
    if paid and parts.verb in _PAYING | {f"{verb}ed" for verb in _PAYING} | {"spent", "paid", "lost"}:
        yield "number", f"How much {parts.asked('')}{paid['tail']}"


def _clause(bare: str, text: str, who: People) -> _Clause | None:
    """The parts of a plain clause; None where it is anything else."""
    match = _CLAUSE.match(bare)
    if match is None:
        return None
    subject, verb, helper = _subject(match, text, who), match["verb"], match["help"] or "did"
    rest = _CUT.sub("", match["rest"] or "").strip(" ,")
    base = finite(verb, "has") if helper == "did" else verb
    formed = base != verb and is_past(verb) if helper == "did" else is_participle(verb) and not verb.endswith("ing")
    if not subject or not formed or not _is_sound(rest) or verb in SPEECH_OF:
        return None
    return _Clause(subject, helper, base, rest, rest != (match["rest"] or ""))


def _subject(match: re.Match[str], text: str, who: People) -> str:
    """A subject as it stands inside a question: by full name, "the" small; "" where it may be no name."""
    phrase, name = match["subject"], match["name"]
    if {*name.lower().split()} & {*PRONOUNS, *WEEKDAYS, *STOP} or _LOOSE.search(phrase):
        return ""
    if phrase != name and not phrase.startswith("The "):
        return ""
    inside = re.search(rf"(?<=[\w,] ){re.escape(name)}\b", text)
    if phrase == name:
        whole = who.whole(name)
        if whole and " " in whole:
            return whole
        alone = " " not in name and (whole or re.search(rf"\b{re.escape(name.lower())}\b", text))
        return "" if alone or not inside else name
    described = phrase.removeprefix("The ").removesuffix(name).split()
    joined = not described or described[-1] in ("of", "in", "at", "from", "the")
    if any(is_past(word) for word in described) or not joined:
        return ""
    return f"the {phrase[4:]}" if inside else ""


def _is_sound(rest: str) -> bool:
    """Whether what follows the verb is one short piece that leans on nothing outside the question."""
    pieces = rest.split()
    bare = re.sub(r"(?<=\d),(?=\d)", "", rest)
    second = any(is_past(word) for word in pieces)
    ends = bool(pieces) and pieces[-1].lower() in STOP - {"up", "down", "out", "off", "over"}
    return len(pieces) <= _MOST_WORDS and "," not in bare and not (second or ends or _LOOSE.search(rest))

"""What a sentence hangs on: who tells it, by which verb, and whether the sentence is theirs as a whole. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from rag.answers import Speech
from rag.check.lexicon import SPEECH_OF
from rag.quotations import Span
from rag.speech.speakers import PRONOUN, RUN, People, Speaker, read

_QUOTE = "\x01"
_FORMS = "|".join(sorted((f for f in SPEECH_OF if not f.endswith("ing")), key=lambda f: (-len(f), f)))
_VERB = re.compile(rf"\b(?:{_FORMS})\b|\b[Aa]ccording to\b")
_TO_SOMEBODY = re.compile(r"(?: (?!that\b)[\w.’'-]+){0,7}\s*(?:[,.;:!?—–)\x01]|$)")
_JOINT = (
    "that|which|who|whom|whose|because|if|when|where|as|after|before|whether|what|why|how|or|than|although|though|"
    "since|until|despite|unless"
)
_BOUND = re.compile(rf"[,;:—–()\x01]|\b(?:{_JOINT}|and|but|while|whereas)\b", re.I)
_JOINED = re.compile(rf"\b(?:{_JOINT}|and|but|while)\W*$", re.I)
_TURN = re.compile(r"; |, (?:while(?! \w+ing\b)|whereas|but)\b")
_OTHER_VIEW = re.compile(
    r"(?:;|\b(?:but|while|whereas|and)) (?!(?:that|he|she|they|it|who|which)\b)(?:[\w’'-]+ ){1,5}?"
    r"(?:says?|said|put|puts|counted|counts|spoke of|speaks of|estimate[sd]?|disagree[sd]?|denie[sd]|den(?:y|ies)|"
    r"dispute[sd]?|reject(?:s|ed)?|dismisse[sd]|claim(?:s|ed)|insist(?:s|ed)|argue[sd]|contradict(?:s|ed))\b"
)
"""Somebody else's view in the same sentence: "...; the company put the number at 1,200"."""
_HELPS = re.compile(
    r"(?:\s+(?:has|have|had|also|later|then|once|again|first|previously|now|still|even|often|since|just|all|both|long|further|"
    r"himself|herself|itself|themselves|[a-z]+ly))+\s*$"
)
_DENIES_TELLING = re.compile(
    r"\b(?:not|never|n[’']t|to|will|would|may|might|could|can|should|must|did|does|do|is|are|was|were|be|been|being|"
    r"no one|nobody|none|without)\s*$",
    re.I,
)
_OPENERS = re.compile(
    r"\W*(?:In|On|At|After|Before|During|As|Since|By|For|With|Despite|Asked|Speaking|Also|Earlier|Later|Last|Under|"
    r"Following|When|Although|Though|While|Writing|Addressing|Hours|Days|Weeks|Months|Meanwhile|However|Instead|Still|"
    r"But|And|Yet|Then|Nevertheless|Moreover|Like|Unlike|Responding|Answering|Shortly|From|To|Citing)\b"
)
_STRONG = re.compile(
    r"sa(?:id|ys?)$|t(?:old|ells?)$|den(?:ied|ies)$|argue|insist|warn|wr(?:ote|ites?)$|add|claim|allege|think|believe"
)
_DETERMINED = r" (?:that|the|an?|on|he|she|it|its|his|her|their|there|they)\b|\s*\x01|[,:]"
_ENDS = r"[,.:]|\s*\x01|\s*$"
_OBJECTS = {
    form: re.compile(pattern)
    for forms, pattern in (
        ("wrote write writes", rf" (?:that|on|to|about)\b| in (?:an?|the|his|her|its|their)\b|{_ENDS}"),
        ("posted posts post tweeted tweets", rf" (?:that|on)\b|{_ENDS}"),
        (
            "reported report reports noted note notes stated observed recalled commented remarked continued concluded "
            "answered responded replied respond replies explained added adds add",
            rf" (?:that|how|why|in|on|he|she|it|they|the|there)\b|{_ENDS}",
        ),
        ("called calls call", r"(?! (?:off|out|in|up|to|back|at|him|her|it off)\b)"),
        (
            "rejected rejects reject dismissed dismisses dismiss",
            r" (?:[\w’'-]+ ){0,3}(?:claims?|allegations?|accusations?|criticism|suggestions?|reports?|rumou?rs?)\b|"
            r" (?:[\w’'-]+ ){1,4}as (?:an? )?(?:[a-z]+ )?(?:false|untrue|wrong|baseless|unfounded|groundless|nonsense|"
            r"lies?|liar|rumou?rs?|gossip|propaganda|absurd|ridiculous|fake|invented|fabricated|slander|hoax|fiction)\b",
        ),
        (
            "denied denies deny",
            r"(?! (?:(?!that\b|\w+ing\b|claims?\b|reports?\b|allegations?\b|accusations?\b)[\w’'-]+ ){0,5}"
            r"(?:requests?|bail|entry|access|permission|asylum|visas?|appeals?|admission|parole|licen[cs]es?|permits?|"
            r"motions?|petitions?|applications?|loans?|credit|passage|funding)\b)",
        ),
        (
            "revealed reveals suggests suggested confirmed confirms",
            rf" (?:that|how|why|to|the|he|she|it|they|an?|there)\b|{_ENDS}",
        ),
        ("conceded concedes admitted admits", r"(?! (?:defeat|an?)\b)"),
        ("say said says", r"(?! (?:nothing|little|no more|so)\b)"),
        ("claims", rf"{_DETERMINED}| to\b| \w+s\b"),
        ("states calls estimates promises demands comments", _DETERMINED),
    )
    for form in forms.split()
}
"""Form -> what must follow it for it to tell something: "wrote that", not "wrote a book"; any other form may stand."""
_NO_SOURCE = re.compile(r" (?:plan|schedule|need|size|custom|the law|taste|age)\b")
_SOURCE = re.compile(r" ([^,.;:—–()\x01]*(?:\.[A-Z][^,.;:—–()\x01]*)*)")
_SOURCE_ENDS = re.compile(
    r"\s(?:that|which|who|while|but|on (?=\w+day\b|January|February|March|April|May|June|July|August|September|October|"
    r"November|December|X\b|social)|in an? (?=report|statement|post|letter|study|note|survey|poll)|"
    r"published|released|seen|obtained|cited|as|has|have|had|is|are|was|were|said|when)\b.*| and (?!the\b|[A-Z]).*$"
)


@dataclass(frozen=True, slots=True)
class Told:
    """A telling in a sentence: where its verb stands, who, how, and whether it stands behind what is told."""

    at: int
    who: Speaker
    speech: Speech
    behind: bool


def unquoted(text: str, span: Span, quoted: Sequence[Span]) -> str:
    """A sentence in which every quotation is one mark; a word or three in scare quotes stay, without their quotes."""
    pieces, at = [], span[0]
    for a, b in quoted:
        if a < span[1] and b > at:
            a, b = max(a, at), min(b, span[1])
            inner = text[a:b].strip("“”\"‘’'«»„")
            scare = inner.count(" ") < 3 and inner[-1:].isalnum() and a > span[0]
            pieces += [text[at:a], inner if scare else _QUOTE]
            at = b
    return re.sub(r"\s+", " ", "".join(pieces) + text[at : span[1]])


UNCLEAR = Speaker("", known=False)
"""Somebody speaks; who it is, or that it is one alone, the wording does not show."""

_SAYS = (
    r"(?:said|says|told|tells|wrote|writes|posted|added|adds|claimed|claims|argue[ds]|explained|explains|warned|warns|"
    r"replied|recalled)"
)
_SPOKEN = re.compile(
    rf"\x01,? {_SAYS}\b|\x01,? (?:(?!{_JOINT}|and|but)[\w.’'-]+,? ){{1,6}}{_SAYS}\b|"
    rf"\b{_SAYS}\b[^\x01.]{{0,40}}[:,] ?\x01|"
    rf", (?:(?!{_JOINT}|and|but|not|never|to)[\w’'-]+ ){{1,8}}(?:said|says|say)\W*$|"
    rf", (?:said|says) (?!nobody|no one)[^,]{{1,60}}$|"
    rf"^[^,;:\x01]* who (?!{_SAYS})[^,;:\x01]* (?:said|says|say) (?:that|it|he|she|they|the|there)\b|\bas saying\b"
)
"""Words are somebody's although nobody who can be told of is found: '"...," By said', "experts who saw it say that"."""


def telling(sentence: str, who: People, text: str) -> Told | None:
    """The telling that a whole sentence hangs on, `UNCLEAR`'s where several or unknown ones tell it; else None."""
    told = list(_tellings(sentence, who, text))
    if not told:
        spoken = _SPOKEN.search(sentence)
        return Told(spoken.start(), UNCLEAR, "said", False) if spoken else None
    turns = [m.start() for m in _TURN.finditer(sentence)]
    parts: dict[int, list[Told]] = {}
    for one in told:
        parts.setdefault(sum(turn < one.at for turn in turns), []).append(one)
    mains = [next((t for t in reversed(part) if t.behind), part[0]) for _, part in sorted(parts.items())]
    first = next((t for t in mains if t.who.name not in PRONOUN), mains[0])
    if 0 not in parts and not first.behind:
        return None
    other = not first.behind and _OTHER_VIEW.search(sentence, first.at)
    untold = any(i not in parts and not sentence.startswith(", but", turn) for i, turn in enumerate(turns, start=1))
    if len({t.who.name for t in mains if t.who.name not in PRONOUN}) > 1 or untold or other:
        alike = len({t.speech for t in mains}) == 1
        return Told(first.at, UNCLEAR, first.speech if alike else "said", False)
    if first.who.name in PRONOUN:  # "Petro defended it: nobody had helped, he said."
        first = next((t for t in told if t.who.name not in PRONOUN and t.who.person), first)
    return first


def _tellings(sentence: str, who: People, text: str) -> Iterator[Told]:
    last_front = -1
    for match in _VERB.finditer(sentence):
        form, left, after = match[0], sentence[: match.start()], sentence[match.end() :]
        if form.lower() == "according to":
            speaker, speech, behind = _source(left, after, who, text), "according_to", bool(left.strip())
            front = not behind
        else:
            if (pattern := _OBJECTS.get(form)) and not pattern.match(after):
                continue
            speaker, behind, front = _subject(left, after, form, who, text)
            speech = SPEECH_OF[form]
            turned = last_front >= 0 and _TURN.search(sentence, last_front, match.start())
            if front and last_front >= 0 and not turned:
                continue
        if speaker is not None:
            last_front = match.start() if front else last_front
            yield Told(match.start(), speaker, cast("Speech", speech), behind)


def _source(left: str, after: str, who: People, text: str) -> Speaker | None:
    match = _SOURCE.match(after)
    if not match or _NO_SOURCE.match(after) or _JOINED.search(left):
        return None
    return read(_SOURCE_ENDS.sub("", match[1]), who, text)


def _subject(left: str, after: str, form: str, who: People, text: str) -> tuple[Speaker | None, bool, bool]:
    """(speaker, whether the telling stands behind what is told, whether it opens a report) of a verb."""
    nobody = (None, False, False)
    left = _HELPS.sub(" ", left)
    if _DENIES_TELLING.search(left):
        return nobody
    bound = next(reversed(list(_BOUND.finditer(left))), None)
    joint = bound[0].lower() if bound else ""
    region, prefix = (left[bound.end() :], left[: bound.start()]) if bound else (left, "")
    speaker: Speaker | None = None
    if not region.strip():
        if joint in (",", _QUOTE):
            speaker = _inverted(after, "said" if joint == _QUOTE else form, who, text)
            if speaker:
                return (None if _JOINED.search(prefix) else speaker), True, False
        if joint != ",":
            return nobody
        speaker, prefix, joint = _apposed(prefix, who, text)
    elif joint == "and":
        speaker = _both(prefix, region, who, text)
        if speaker is None:
            return nobody
        prefix, joint = "", ""
    else:
        speaker = read(region, who, text)
    if speaker is None or not _can(speaker, form, region):
        return nobody
    if joint in (",", "—", "–", _QUOTE, "but", "while"):
        behind = _TO_SOMEBODY.match(after) is not None and bool(prefix.strip()) and joint not in ("but", "while")
        if _JOINED.search(prefix) and joint != _QUOTE:
            return nobody
        if joint == _QUOTE or (behind and not (_OPENERS.match(prefix) and not after.strip(" .").count(" ") < 6)):
            return speaker, True, False
        opened = not prefix.strip() or _OPENERS.match(prefix) or joint in ("but", "while")
        return (speaker, False, True) if opened else nobody
    return (speaker, False, True) if joint in ("", ";", ":") else nobody


_OWNS = rf"{RUN}(?:(?<=’s)|(?<='s)) [a-z][\w -]*"
_NAMED_BEHIND = re.compile(rf", ({RUN})(?=[,.;\x01]|$)")
_INVERTED = re.compile(
    rf"\s+((?:[\w’'-]+ ){{0,4}}?{RUN}|{_OWNS}|"
    r"(?:the|an?|one|two|three|several|some|local|his|her|their|its) [\w’' -]+|\w+)"
    r"\s*(?=[,.;:—–\x01]|$| in | on | at | who | after | during )"
)
_INVERTS = re.compile(
    r"(?:said|says|wrote|writes|add|ask|argue|explain|warn|insist|repli|announce|claim|note|recall|cont)"
)


def _inverted(after: str, form: str, who: People, text: str) -> Speaker | None:
    """Who stands behind the verb in "..., said the minister, ..."."""
    match = _INVERTED.match(after) if _INVERTS.match(form) else None
    if not match:
        return None
    speaker = read(match[1], who, text)
    named = None if speaker and speaker.person else _NAMED_BEHIND.match(after, match.end())
    if named and match[1][:1].islower() | bool(re.fullmatch(_OWNS, match[1])):  # "said the mayor, Anna Lund"
        found = read(named[1], who, text)
        return Speaker(found.name, match[1], True) if found and found.known and " " in found.name else speaker
    known = speaker and (speaker.known or re.fullmatch(_OWNS, match[1]))
    return speaker if known else None


def _apposed(prefix: str, who: People, text: str) -> tuple[Speaker | None, str, str]:
    """Who is meant in "Petro, the president, said": (speaker, what stands before them, by what that is cut off)."""
    comma = max(prefix.rfind(", "), prefix.rfind(" — "))
    if comma < 0:
        return None, "", ""
    between, rest = prefix[comma + 2 :].strip(), prefix[:comma]
    bound = next(reversed(list(_BOUND.finditer(rest))), None)
    region = rest[bound.end() :] if bound else rest
    speaker = read(region, who, text)
    if speaker is not None and not speaker.person and re.fullmatch(RUN, between):
        named = read(between, who, text)
        speaker = Speaker(named.name, f"{region.strip()} {named.role}", True) if named else speaker
    elif speaker is not None:
        speaker = Speaker(speaker.name, f"{speaker.role} {between}".strip(), speaker.person, speaker.known)
    return speaker, rest[: bound.start()] if bound else "", bound[0].lower() if bound else ""


def _both(prefix: str, region: str, who: People, text: str) -> Speaker | None:
    """Two who say it together: "Smith and the mayor said"."""
    bound = next(reversed(list(_BOUND.finditer(prefix))), None)
    first = read(prefix[bound.end() :] if bound else prefix, who, text)
    second = read(region, who, text)
    if first is None or second is None or not (first.known and second.known) or first.name in PRONOUN:
        return None
    if second.name in PRONOUN or len(prefix.split()) > 6:
        return None
    return Speaker(f"{first.name} and {second.name}", f"{first.role} {second.role}".strip())


def _can(speaker: Speaker, form: str, region: str) -> bool:
    """Whether these words and this verb go together: "prosecutors say", but not "his report", "the plan announced"."""
    plural = region.strip().lower().endswith("s") or speaker.name in ("they", "police") or " and " in speaker.name
    base = form in _BASES
    strong = bool(_STRONG.match(form))
    return (strong or (speaker.known and speaker.name != "it")) and (not base or plural)


_BASES = frozenset(f for f in SPEECH_OF if f"{f}s" in SPEECH_OF or f"{f[:-1]}ies" in SPEECH_OF or f"{f}es" in SPEECH_OF)

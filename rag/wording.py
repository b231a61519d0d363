"""What the wording of a sentence says about it: who speaks in it, what it leans on, whom it orders about. Pure."""

from __future__ import annotations

import re

from index.sparse import STOP_WORDS
from rag.check.lexicon import SPEAKERS, SPEECH_BASES, TELLING, words
from rag.check.measures import CARDINALS

_PLURAL = words(
    "claim ask explain warn insist assert suggest report think"
)  # the only forms without an ending that tell
_TELLS = "|".join(sorted(form for form in TELLING if form in _PLURAL or form not in SPEECH_BASES))
_SPEECH = re.compile(rf"\b(?:{_TELLS}|pointed out|[Aa]ccording to)\b")
_ONLY_NAMED = re.compile(r"^\W*[A-Z][\w.’'-]*(?:\s+(?:(?:of|de|the)\s+)?[A-Z][\w.’'-]*){0,5}\s*:\s*$")

# Fewer than `TELLING`: those that mostly report words ("she called her mother" and "he responded by going" do not).
_SAID = (
    r"(?:said|says|told|tells|wrote|writes|posted|claim(?:ed|s)|stat(?:ed|es)|not(?:ed|es)|add(?:ed|s)|asked|argu(?:ed|es)|"
    r"explain(?:ed|s)|warn(?:ed|s)|insist(?:ed|s)|replied|recalled|continued|declared|report(?:ed|s))"
)
_OUTLET = r"the (?:same )?(?:newspaper|paper|publication|outlet|magazine|broadcaster|organi[sz]ation|agency|report)"
_POINTING_SPEAKER = re.compile(
    rf"\b(?:[Hh]e|[Ss]he|[Tt]hey)\s+(?:\w+ly\s+|also\s+|then\s+|later\s+)?{_SAID}\b|\b{_SAID}\s+(?:he|she|they)\b|"
    rf"\b[Aa]ccording to (?:him|her|them)\b|\b{_OUTLET},? {_SAID}\b|\b[Aa]ccording to {_OUTLET}\b(?! (?:of|by|from)\b)"
)
_BESIDE_A_CLAUSE = re.compile(r"[,—–]\s*$")
# "because, she said, it was cold": what stands before is the narrator's, and so are its names.
_AFTER_A_JOINT = re.compile(r"\b(?:because|that|which|who|whom|whose|where|when|as|although|while|if|and|but|or),\s*$")
_NAMED_SPEAKER = re.compile(rf"\b[A-Z][\w’'-]+,? (?:also |has |had |\w+ly )?{_SAID}\b")
_PLACED = "".join(rf"(?<!\b{word} )" for word in ("in", "at", "of", "on", "from", "near", "the"))
_NAMED = re.compile(rf"(?i:{_PLACED})\b([A-Z][\w’'-]+)")
_NO_SPEAKERS = frozenset(
    [
        "nobody", "somebody", "nothing", "everything", "later", "earlier", "asked", "hours", "days", "weeks",
        "months", "years", "minutes", "instead", "rain", "snow", "people", "today", "yesterday", "tonight", "following",
    ]
)  # fmt: skip
_DAYS = frozenset(
    [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february",
        "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"
    ]
)  # fmt: skip
SOMEBODY = SPEAKERS | words("man woman boy girl person fisherman farmer neighbour neighbor nurse baker")
_NO_NAMES = STOP_WORDS | _DAYS | _NO_SPEAKERS | CARDINALS.keys()

_POINTED_AT = (
    r"(?:step|move|decision|announcement|statement|exchange|deal|plan|ruling|attack|visit|accusation|allegation|"
    r"newspaper|paper|publication|outlet|magazine|report|organi[sz]ation|group)"
)
_LEANS = re.compile(
    r"[“\"'‘]?(?:(?:He|She|They|It|His|Her|Hers|Their|Theirs|Its|Him|Them|This|That|These|Those|Both|Neither|"
    r"None of (?:this|these|them|it|that)|Such|Instead(?! of)|"
    r"In (?:response|turn|return|reply|reaction)(?=,)|The (?:latter|former|two|three|same))\b|"
    rf"The {_POINTED_AT}\b(?! (?:of|by|from|for|to|between|that|at|in|against|on|with|over|about)\b)|"
    r"(?:Of|In|On|After|With|By|For|From|Under|At|As|During|Despite|Among|(?:[\w%,$.]+ ){0,4}?of) "
    r"(?:that|this|these|those)\b"
    r"(?! (?:year|month|week|day|morning|afternoon|evening|night|point|time|summer|winter|spring|autumn|who)\b))"
)
_THEN_HE = re.compile(
    rf"([A-Z][^,.;:“\"]{{1,60}}), (?:(?:he|she|they)(?! (?:\w+ly |also )?{_SAID})|his|her|their|"
    r"it(?! (?:is|was|has been|seems|appears|rain|snow)))\b"
)
_BARE = re.compile(
    r"\b(?:why|how|whether|if|when|because) (?:this|that) (?:had|has|is|was|would|will|could|can|"
    r"did|does|might|may|happen\w*)\b|"
    r"\b(?:about|of|for|after|before|like|against|do|did|doing|done|den(?:y|ied|ies)|reject(?:s|ed)?|disput(?:es|ed)|"
    r"confirm(?:s|ed)?) (?:this|that)(?=[.,;!]|$)"
)

_SYMBOLS = r"(?:\s*[\u2190-\u2bff\u20e3\u3030\ufe0f\u200d©®™\U0001f000-\U0001faff]+)*$"
_CLOSED = r"[”»“«\"'’)\]」』]*"
_ENDS = re.compile(rf"[.!?…。！？]{_CLOSED}{_SYMBOLS}")
_QUESTION = re.compile(rf"[?？]{_CLOSED}{_SYMBOLS}")
_ASKS = re.compile(
    r"\W*(?:Who|Whom|Whose|What|When|Where|Why|How|Which|Is|Are|Was|Were|Do|Does|Did|Has|Have|Had|Will|Would|Can|Could|Should)\b"
)
# Verbs that are nouns too ("Support for the mayor grew") command only where an object follows.
_COMMANDS = re.compile(
    r"\W*(?:(?:Ignore|Disregard|Forget|Read|Click|Tap|Subscribe|Tell|Remember|Please|Don['’]t|Do not|Avoid|"
    r"Pretend|Repeat|Visit|Download|Reveal|Imagine|Respond|Summari[sz]e|Translate|Write|Say|Enter|Listen|Join|Send|See|"
    r"Sign up|Follow|Never)"
    r"(?:,? (?=[a-z])|[.!:])|(?:Share|Watch|Support|Call|Answer|Use|Show|Print|Output|Contact|Check|Keep|Get|Reply|"
    r"Let|Give|Make|Add|Return|Copy|Email|Act)\s(?:this|these|the|your|our|my|us|me|it|them|all|only|with|"
    r"here|out|now|sure|as if)\b)"
)
_PASSIVE_OPENING = re.compile(r"\W*(?:Read|Never) (?:by|in|again|before|was|were|has|had|did|is|one|out)\b")

_LEADS_OVER = re.compile(r"\b(?:reviews?|reads?|continues|goes on|went on|puts? it|the following)\b")
_LISTS_CLAIMS = re.compile(
    r"\bthe following\W*$|\b(?:these|following|several|various|two|three|four|five|six|false|many|some)\b"
    r"[^.]{0,40}\b(?:claims|allegations|rumou?rs|myths|falsehoods|statements)\b|"
    r"\b(?:claims|allegations|rumou?rs|myths)\b[^.]{0,40}\b(?:shared|spread\w*|"
    r"circulat\w+|viral|online|going around)\b"
)
_DEBUNKS = re.compile(
    r"(?:None of|Not (?:one|any|a word) of|Nothing (?:of|in)|Neither|No part of)\b[^.]{0,60}"
    r"\b(?:true|correct|accurate|real|right|happened|"
    r"hold|holds|supported|stands?)\b|"
    r"(?:Both|All|Each|These|Those|They|The (?:two|three|claims?|posts?|rumou?rs)|This|That|It)\b[^.]{0,50}"
    r"\b(?:is|are|was|were|proved|turned out)\b[^.]{0,25}\b(?:false|untrue|wrong|fabricated|invented|baseless|made up|"
    r"misleading|not true|hoax(?:es)?|fakes?|nonsense|unfounded)\b"
)
_TURNS_TO = re.compile(
    rf"(?!(?:He|She|They|It|I|We)\b)[A-Z][\w.’'-]*(?: [\w.’'-]+){{0,6}}?,? {_SAID}\b|"
    rf"[^“\"]*(?:, {_SAID} [A-Z]|\b[A-Z][\w’'-]+ {_SAID}\W*$|"
    r"\b[Aa]ccording to [A-Z]|^According to )"
)
_LABEL = re.compile(r"\W*((?:[A-Z][\w.’'-]*)(?: (?:(?:de|of|van|von) )?[A-Z][\w.’'-]*){0,4}):\s")
_NOBODY = frozenset(["a", "q", "answer", "question", "claim", "claims", "myth", "rumor", "rumour", "fiction", "false"])
_NO_NAME = frozenset(
    [
        "update", "updated", "note", "correction", "background", "editor", "photo", "source", "sources",
        "related", "summary", "analysis", "opinion", "fact", "facts", "verdict", "warning", "conclusion",
        "result", "example", "here", "today", "now", "but", "and", "so", "yes", "no", "also", "more",
        "breaking", "live", "video", "context", "truth", "true"
    ]
)  # fmt: skip


def asserts(sentence: str) -> bool:
    """Whether a sentence states something: it has an end mark, and asks and commands nothing."""
    asks = _QUESTION.search(sentence) and (_ASKS.match(sentence) or not _SPEECH.search(sentence))
    return bool(_ENDS.search(sentence)) and not asks


def commands(sentence: str) -> bool:
    """Whether a sentence tells its reader to do something: "Read more.", "Ignore all previous instructions."."""
    return bool(_COMMANDS.match(sentence)) and not _PASSIVE_OPENING.match(sentence)


def names_speaker(outside: str) -> bool:
    """Whether the words around a quotation say whose it is: a verb of speech, or "Lund:"."""
    return bool(_SPEECH.search(outside) or _ONLY_NAMED.match(outside))


def by_pronoun(outside: str) -> bool:
    """Whether the words around a quotation, or a report without one, are "she said" and do not name her.

    A name in what is reported is not the speaker's: in "The Quist airline had forged them, he said." he is unknown.
    """
    match = _POINTING_SPEAKER.search(outside)
    if not match:
        return False
    before = outside[: match.start()]
    reported = _BESIDE_A_CLAUSE.search(before) and not _AFTER_A_JOINT.search(before)
    last = not re.search(r"\w+\W+\w+\W+\w+\W+\w+", outside[match.end() :])
    if reported and (last or not _NAMED_SPEAKER.search(before)):
        return True
    return not names(before)


def names(words: str) -> bool:
    """Whether somebody is named who may be "he" later on: a capitalised word that is no day and no place after "in"."""
    return any(name.lower() not in _NO_NAMES for name in _NAMED.findall(words))


def mentions_somebody(sentence: str) -> bool:
    """Whether somebody without a name is spoken of who may be "she" later on: "A fisherman saw it."."""
    return not SOMEBODY.isdisjoint(re.findall(r"\w+", sentence.lower()))


def leans(opening: str, outside: str) -> bool:
    """Whether a sentence points back to the one before: "The move ...", "Hours later, he ...", "asked why this was".

    Args:
        opening: the sentence from its first word that is not a joining one.
        outside: its words that are not quoted.
    """
    later = _THEN_HE.match(opening)
    he = later is not None and not names(later[1][:1].lower() + later[1][1:])
    return he or bool(_LEANS.match(opening) or _BARE.search(outside))


def introduces(outside: str) -> bool:
    """Whether a sentence hands over to somebody's words that follow without quotation marks: "Holm writes:"."""
    words = outside.rstrip()
    if lists_claims(outside) and re.search(r"\bthe following\.$", words):
        return True
    return words.endswith(":") and bool(_SPEECH.search(words) or _LEADS_OVER.search(words) or lists_claims(words))


def lists_claims(outside: str) -> bool:
    """Whether a sentence announces claims that others have made: "Two claims were shared online."."""
    return bool(_LISTS_CLAIMS.search(outside))


def debunks(sentence: str) -> bool:
    """Whether a sentence takes back the ones before it: "None of this is true.", "Both are false."."""
    return bool(_DEBUNKS.match(sentence))


def turns_to_another(outside: str) -> bool:
    """Whether a paragraph's first sentence is the narrator's, on what somebody else said: "Ola Berg said that ..."."""
    return bool(_TURNS_TO.match(outside))


def label(paragraph: str) -> str | None:
    """Who answers in a paragraph of an interview: the name before its colon, "" where it is only "A:", None without."""
    match = _LABEL.match(paragraph)
    if not match or match[1].lower() in _NO_NAME:
        return None
    return "" if match[1].lower() in _NOBODY else match[1]

"""Questions as statements: what a yes/no question asks for, and what any other takes for granted. Pure, by rules.

Without a tagger the end of the subject is found by names, small words and the forms of verbs; where that fails there is
no statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.check.lexicon import words
from rag.premise.verbs import BASES, CATENATIVES, EVENTS, finite, is_participle

PREPOSITIONS = words(
    "about above across after against along amid among around at before behind below beside between beyond by despite "
    "during for from in inside into near of off on onto out outside over past since through throughout to toward "
    "towards under until up upon via with within without"
)
_DETERMINERS = words("the a an this that these those its his her their our my your no any some each every all both")
_ALONE = words("he she it they we i you there anyone anybody someone somebody everyone everybody nobody")
_ADVERBS = words(
    "first last not never ever also already really actually still yet now just only again then once too very so"
)
_BE = words("is are was were")
_DO = words("do does did")
_AUXILIARIES = _BE | _DO | words("has have had will would can could should may might must")
_TAKE_TO = words(
    "agree plan want refuse decline try fail threaten promise go travel return apologize apologise begin start"
)
_UNSURE = words("will would can could should may might must")

_OPENS = re.compile(r"^(?:and|but|so|then|also|well|ok|okay|please|now)[, ]+", re.I)
_TRUE = re.compile(
    r"^(?:is|was) it (?:true|correct|right|the case|a fact) (?:that )?|"
    r"^(?:do|does|did) (?:you|we|anyone|the articles?|they) (?:know|say|tell us|mention) (?:if|whether|that) ",
    re.I,
)
_CLEFT = re.compile(r"^(?:is|was) it (.+?) (?:who|that) (.+)$", re.I)
_TO_US = re.compile(r"^\w+(?:n['’]t)? (?:you|i|we)\b", re.I)
_WH = re.compile(r"^(?:why|when|where|how|in what way|for what reason|with whom|by whom)(?: exactly)? (?=\w)", re.I)
_AFTER = re.compile(r"\b(?:after|when|since|because|although|even though|now that)\s+(?=\w)")
_NAME = r"[A-Z][\w.’'-]*?(?:\s+(?:(?:of|de|del|da|van|von|bin|al)\s+)?[A-Z][\w.-]*?)*"
_EVENT = "|".join(EVENTS)
_NOUN = re.compile(
    rf"(?P<owner>{_NAME})['’]s?\s+(?:[a-z]+\s+)?(?P<noun>{_EVENT})\b|"
    rf"\b(?P<his>his|her|their)\s+(?:[a-z]+\s+)?(?P<noun2>{_EVENT})\b|"
    rf"\bthe\s+(?:[a-z]+\s+)?(?P<noun3>{_EVENT})\s+of\s+(?P<of>{_NAME})(?=\W|$)"
)
_SOMEBODY = re.compile(rf"(?<![\w])({_NAME})(?=\W|$)")


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement in its parts.

    Attributes:
        subject: "the governor of Norrland".
        said: all after it, the finite verb first: "was invited to the summit".
    """

    subject: str
    said: str

    @property
    def text(self) -> str:
        """The statement inside a sentence: no capital of its own, no stop."""
        return f"{self.subject} {self.said}"


def statement(question: str) -> str | None:
    """The statement that a yes/no question asks about; None for any other question.

    "Did cultivation grow in 2024?" gives "Cultivation grew in 2024.".
    """
    clause = asserted(question)
    return f"{clause.text[:1].upper()}{clause.text[1:]}." if clause else None


def presupposed(question: str) -> tuple[str, ...]:
    """What a question that is no yes/no question takes for granted: "Why did he go?" gives "he went"."""
    return tuple(clause.text for clause in assumed(question))


def asserted(question: str) -> Clause | None:
    """`statement` in parts. A choice ("up or down?") and a request ("can you list ...") state nothing."""
    text = _OPENS.sub("", _plain(question))
    if re.search(r"\bor\b(?! not\b)", text):
        return None
    if match := _TRUE.match(text):
        return _plain_clause(text[match.end() :])
    if match := _CLEFT.match(text):
        return _plain_clause(f"{match[1]} {match[2]}")
    return None if _TO_US.match(text) else _inverted(text, positive=True)


def assumed(question: str) -> tuple[Clause, ...]:
    """`presupposed` in parts: of "why did ...", "after he was ...", "Lund's arrest", each once."""
    text = _OPENS.sub("", _plain(question))
    found: list[Clause] = []
    wh = _WH.match(text)
    if wh and (clause := _inverted(re.split(r"\s+(?:after|when)\s+", text[wh.end() :])[0], positive=False)):
        found.append(clause)
    found += [
        _named(clause, text[: match.start()])
        for match in _AFTER.finditer(text)
        if match.start() and (clause := _plain_clause(text[match.end() :]))
    ]
    found += _nominal(text)
    return tuple(dict.fromkeys(clause for clause in found if clause))


def _plain(question: str) -> str:
    return " ".join(question.replace("’", "'").split()).strip().rstrip("?.! ")


def _inverted(text: str, *, positive: bool) -> Clause | None:
    """The clause of "did Petro accept it". What could or should be is no fact, so it is nothing taken for granted."""
    tokens = text.split()
    if len(tokens) < 2:
        return None
    first = tokens[0].lower()
    auxiliary = {"won't": "will", "can't": "can"}.get(first, first.removesuffix("n't"))
    if auxiliary not in _AUXILIARIES or (not positive and auxiliary in _UNSURE):
        return None
    tokens = tokens[1:]
    end = _subject_end(tokens, auxiliary)
    if not end or end >= len(tokens):
        return None
    subject, rest = " ".join(tokens[:end]), tokens[end:]
    denied = first != auxiliary and not positive
    if auxiliary in _DO and not denied and rest[0] != "not":
        place = next((i for i, word in enumerate(rest) if not _is_adverb(word)), 0)
        rest[place] = finite(rest[place], auxiliary)
        return Clause(subject, " ".join(rest))
    return Clause(subject, " ".join([auxiliary, *(["not"] if denied else []), *rest]))


def _plain_clause(text: str) -> Clause | None:
    """A clause in the order of statements: its subject ends before the first finite verb."""
    tokens = text.split(",")[0].split()
    if not tokens or tokens[0].endswith("ing") or tokens[0][0].isdecimal():
        return None
    for i, word in enumerate(tokens[:9]):
        verb = word in _AUXILIARIES or word != finite(word, "do") or (is_participle(word) and not word.endswith("ing"))
        if i and verb and tokens[i - 1].lower() not in _DETERMINERS | PREPOSITIONS:
            while i > 1 and _is_adverb(tokens[i - 1]):
                i -= 1
            return Clause(" ".join(tokens[:i]), " ".join(tokens[i:]))
    return None


def _subject_end(tokens: list[str], auxiliary: str) -> int:
    """How many tokens the subject has; 0 where that cannot be told."""
    if tokens[0].lower() in _ALONE:
        return 1
    names = _names_end(tokens)
    verbs = [i for i in range(1, len(tokens)) if _may_be_verb(tokens, i, auxiliary)]
    if auxiliary in _BE:
        end = _before_complement(tokens, names, verbs)
    elif names and names < len(tokens) and (names in verbs or not verbs) and not _is_noun(tokens, names, verbs):
        end = names
    else:
        end = _last_of_run(tokens, [i for i in verbs if i > names] if names in verbs else verbs)
    while end > 1 and _is_adverb(tokens[end - 1]):
        end -= 1
    return end


def _names_end(tokens: list[str]) -> int:
    """Where a row of names at the start ends ("the White House", "Ministers of Peru"); 0 where there is none."""
    start = 1 if tokens[0].lower() in _DETERMINERS else 0
    end = start
    while end < len(tokens) and tokens[end][:1].isupper():
        end += 1
        if tokens[end - 1].endswith(("'s", "s'", ",")):
            return 0
        links = 1 if tokens[end : end + 1] and tokens[end] in ("of", "and", "de", "del", "the", "for") else 0
        links += links and tokens[end + 1 : end + 2] == ["the"]
        if links and tokens[end + links : end + links + 1] and tokens[end + links][:1].isupper():
            end += links
    return end if end > start else 0


def _may_be_verb(tokens: list[str], i: int, auxiliary: str) -> bool:
    word, before = tokens[i].rstrip(","), tokens[i - 1].lower()
    if before in _DETERMINERS | PREPOSITIONS or before.endswith("'s") or not word.islower():
        return False
    return is_participle(word) if auxiliary in _BE | {"has", "have", "had"} else word in BASES


def _is_noun(tokens: list[str], i: int, verbs: list[int]) -> bool:
    """Whether a word that may be a verb is a noun: as "support" in "US support for Lund fall", where a verb follows."""
    return verbs[-1:] > [i] and tokens[i + 1] in ("for", "to", "of") and tokens[i] not in _TAKE_TO


def _last_of_run(tokens: list[str], verbs: list[int]) -> int:
    """Of words in a row that may be verbs the last is it ("the peace plan pass"), unless the first takes another."""
    if not verbs:
        return 0
    end = verbs[0]
    while end + 1 in verbs and tokens[end] not in CATENATIVES:
        end += 1
    return end


def _before_complement(tokens: list[str], names: int, verbs: list[int]) -> int:
    """Of "the bridge over the Tana closed": before the participle, else before the adjective, the article or "in"."""
    if names and names < len(tokens) and (tokens[names].lower() in _DETERMINERS | PREPOSITIONS | _ADVERBS):
        after = [i for i in verbs if i > names]
        return after[0] if after and tokens[names] in ("of", "from") else names
    if verbs:
        return verbs[0]
    start = max(1, names)
    stops = (i for i in range(start, len(tokens)) if tokens[i].lower() in _DETERMINERS | PREPOSITIONS | _ADVERBS)
    stop = next((i for i in stops if tokens[i] != "of" or names), len(tokens))
    return max(start, stop - 1) if stop == len(tokens) or tokens[stop].lower() in PREPOSITIONS else stop


def _is_adverb(word: str) -> bool:
    return word in _ADVERBS or (word.endswith("ly") and word not in ("ally", "family", "supply", "rely", "apply"))


def _named(clause: Clause, before: str) -> Clause:
    """The clause with a name in place of a pronoun, where exactly one name stands before it."""
    if clause.subject not in ("he", "she"):
        return clause
    names = _somebodies(before)
    return Clause(names[0], clause.said) if len(names) == 1 else clause


def _somebodies(text: str) -> list[str]:
    found = [re.sub(r"'s?$", "", match[1]) for match in _SOMEBODY.finditer(text) if match.start()]
    return list(dict.fromkeys(found))


def _nominal(text: str) -> list[Clause]:
    """What nouns take for granted: "Petro's arrest" that Petro was arrested."""
    found = []
    for match in _NOUN.finditer(text):
        noun = match["noun"] or match["noun2"] or match["noun3"]
        names = [match["owner"] or match["of"]] if not match["his"] else _somebodies(text[: match.start()])
        if len(names) == 1 and not re.search(r"\b(?:any|no|possible|alleged|planned)\s+\w+$", match[0]):
            found.append(Clause(re.sub(r"'s?$", "", names[0]), EVENTS[noun]))
    return found

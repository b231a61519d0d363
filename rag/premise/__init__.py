"""Whether evidence says yes or no to a statement, and whether it takes away what a question assumes. Pure, by rules.

Precision comes first: a verdict needs the same verb (or its opposite) of the same subject with the same object in one
clause that is neither hedged nor somebody's words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rag.check.evidence import Evidence, Statement
from rag.check.facts import fold
from rag.check.lexicon import SYNONYM_OF, stem
from rag.check.rules import judge, read
from rag.notices import Notice
from rag.premise.clauses import Act, acts, one_act, opposites
from rag.premise.declarative import Clause, asserted, assumed

if TYPE_CHECKING:
    from rag.extract import Candidate

MOST_READ = 10
"""Candidates that a verdict is looked for in: those that answer stand at the top."""

FEWEST_ABOUT = 2
"""Sentences about somebody without which the corpus does not know them well enough to say what they did not do."""

_WORD = re.compile(r"[^\W\d_]+")
_EVENTS = {
    re.compile(rf"(?:{event})", re.I): re.compile(rf"\b(?:{signs})", re.I)
    for event, signs in {
        "resign|quit$|quit |step(?:ped|s) down|retire": (
            "resign|quit|step(?:s|ped|ping)? (?:down|aside|back)|st(?:ood|ands?) down|(?:left|"
            "leav\\w+) (?:office|the|his|her)|oust|departure|departed|replac|succeed|successor|predecessor|"
            "gave up|giv(?:e|ing) up|handed over|retir|relinquish|abdicat|dismiss|fired|sacked|(?:former|"
            "ex)[ -](?:\\w+ )?(?:president|prime|minister|mayor|governor|head|leader|chair|director|boss|"
            "chief|chancellor|secretary|senator|ceo|judge|general|speaker|manager|coach)"
        ),
        "die[sd]?\\b|murder|assassin|killed": (
            "die[sd]|dead|death|dying|deceas|kill|murder|assassin|pass(?:ed)? away|funeral|late |her life|"
            "his life|suicide|fatal|bod(?:y|ies)|perish|buri|mourn|slain|shot|widow|execut|grave"
        ),
        "arrest|detain|imprison|jail": (
            "arrest|detain|detention|custod|jail|prison|captur|handcuff|apprehend|behind bars|warrant|"
            "in a cell|(?:was|were|is|are|been|being) (?:held|caught|taken|seized)|held (?:by|on|in|for)|"
            "police (?:took|picked|led)"
        ),
        "impeach": "impeach|remov|oust|trial|articles of",
        "convict|sentence|found guilty": "convict|sentenc|guilty|jail|prison|court|verdict|judge|jury",
        "acquit": "acquit|innocent|guilty|clear|court|verdict|judge|jury",
        "extradit": "extradit|hand(?:ed|ing)? over|sent to|surrender|transfer|deliver",
        "divorce|separate": "divorc|separat|split|marriage|ex-|former|wife|husband",
        "married|marry|wed": "marri|marry|wed|wife|husband|spouse|bride",
        "kidnap|abduct": "kidnap|abduct|hostage|captiv|snatch|taken|seiz|ransom",
        "apolog": "apolog|sorry|regret|forgive",
        "indict|charged with": "indict|charg|accus|prosecut|court|judge|case",
    }.items()
}
"""What happens to somebody, and what tells of it in any words: where none of those stands near a name, nothing does."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of the evidence.

    Attributes:
        text: the sentence.
        lead: the sentence before it that says who "he" is.
        title: of its article.
    """

    text: str
    lead: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the evidence says to a statement, and the index of the sentence that decides."""

    answer: Literal["yes", "no"]
    at: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What the evidence says to what a question states or assumes.

    Attributes:
        kind: "yes" or "no" to a yes/no question; "corrected" where a sentence says otherwise than the question assumes;
            "unfounded" where nothing tells what it assumes.
        assumed: the statement, as it stands inside a sentence.
        candidate: what decides; None where nothing does.
    """

    kind: Literal["yes", "no", "corrected", "unfounded"]
    assumed: str
    candidate: Candidate | None

    @property
    def missing(self) -> str | None:
        """The line for a reader; None where nothing is missing."""
        if self.kind == "corrected":
            return Notice.CORRECTED.format(assumed=self.assumed)
        return Notice.UNFOUNDED.format(assumed=self.assumed) if self.kind == "unfounded" else None


def reply(question: str, candidates: Sequence[Candidate]) -> Reply | None:
    """What decides a yes/no question, or what is wrong with what another question assumes; None in any doubt.

    Args:
        question: by itself, without what a follow-up leans on.
        candidates: best first.
    """
    asked = asserted(question)
    told = [_told(candidate) for candidate in candidates[:MOST_READ]]
    if asked:
        found = verdict(asked, told)
        return Reply(found.answer, asked.text, candidates[found.at]) if found else None
    for clause in assumed(question):
        found = verdict(clause, told)
        if found and found.answer == "no":
            return Reply("corrected", clause.text, candidates[found.at])
        if not found and untold(clause, [c.article.text for c in candidates]):
            return Reply("unfounded", clause.text, None)
    return None


def verdict(clause: Clause, told: Sequence[Told]) -> Ruling | None:
    """What the sentences say to a statement; None where none is clear, or where they say both.

    Args:
        clause: what is to be decided.
        told: sentences, best first.
    """
    mine = one_act(Statement(fold(clause.text)), clause.subject)
    if mine is None:
        return None
    signs = {mine.stem, *(one for one, key in SYNONYM_OF.items() if key == mine.key), *opposites(mine)}
    found: list[tuple[int, bool]] = []
    for at, sentence in enumerate(told):
        if not signs.isdisjoint(map(stem, _WORD.findall(sentence.text))):
            done = acts(Statement(fold(sentence.text)), mine, sentence.lead, sentence.title)
            found += [(at, act.holds == mine.holds) for act in done]
    if len({same for _, same in found}) != 1:
        return None
    if not found[0][1]:
        return Ruling("no", found[0][0])
    return next((Ruling("yes", at) for at, _ in found if _supported(clause, mine, told[at])), None)


def _supported(clause: Clause, act: Act, sentence: Told) -> bool:
    """Whether the checker finds the statement in the sentence, to the last word: a "yes" must hold as a whole."""
    evidence = Evidence([f"{sentence.lead} {sentence.text}"])
    if not act.others <= evidence.keys:
        return False
    claim = Statement(fold(f"{clause.text[:1].upper()}{clause.text[1:]}."))
    return judge(read(claim, evidence)).label == "supported"


def untold(clause: Clause, texts: Sequence[str]) -> bool:
    """Whether no paragraph that names the subject has any word for the event. False where that cannot be told.

    Args:
        clause: what a question takes for granted.
        texts: the articles that were found for it.
    """
    subject = re.findall(r"[A-Z][\w-]+", _unaccented(clause.subject))
    signs = next((signs for event, signs in _EVENTS.items() if event.match(_predicate(clause.said))), None)
    if not subject or not signs or re.search(r"\b(?:not|never)\b", clause.said):
        return False
    corpus = [_unaccented(text) for text in dict.fromkeys(texts)]
    if not any(" ".join(subject) in text for text in corpus):
        return False
    names = re.compile(rf"\b{re.escape(subject[-1])}\b")
    about = [paragraph for text in corpus for paragraph in text.splitlines() if names.search(paragraph)]
    enough = sum(len(names.findall(paragraph)) for paragraph in about) >= FEWEST_ABOUT
    return enough and not any(signs.search(paragraph) for paragraph in about)


def _unaccented(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def _predicate(said: str) -> str:
    words = [word for word in said.split() if not word.endswith("ly")]
    auxiliary = {"was", "were", "is", "are", "has", "had", "have", "been", "be", "got"}
    return next((" ".join(words[i:]) for i, word in enumerate(words) if word not in auxiliary), "")


def _told(candidate: Candidate) -> Told:
    lead = candidate.article.text[slice(*candidate.lead)] if candidate.lead else ""
    return Told(candidate.text, lead, candidate.article.title or "")

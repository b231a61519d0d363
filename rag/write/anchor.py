"""A written sentence -> the exact spans that hold what it says, and the checker's verdict on it against them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from index.store import Store
from rag.check import Checker, Verdict
from rag.check.evidence import Evidence as Sources
from rag.check.evidence import Statement
from rag.check.facts import fold
from rag.check.lexicon import STOP
from rag.check.measures import TWO
from rag.check.stance import Telling
from rag.checked import check
from rag.cite import Draft, Evidence
from rag.orders import to_a_machine
from rag.speech import attribution

MOST = 3
"""Sentences of articles that one written sentence may join; what needs more is written as more sentences."""

NEARLY = 0.7
"""A second sentence is tried by itself where it holds this much of what the best one holds."""

_RECKONS = re.compile(r"\b(?:count(?:s|ed)|puts?|estimate[sd]?|reckon(?:s|ed))\b", re.I)
"""Verbs whose subject is who gives a figure."""

_ACTIVE = re.compile(
    r"(?:https?|ftp|file|javascript|data|mailto|vbscript):|//|www\.|\]\s*[(\[]|!\[|</?[a-z!]|&#|&[a-z]{2,8};|\[\s*\w+\s*\]\s*:|"
    r"[\w-]+\.[a-z]{2,}(?:/|\?\w|:\d)|\w+@\w+\.\w|[{}\\]",
    re.I,
)
"""Markup, and addresses of any kind: a sentence of an answer needs neither, and both can carry text away."""


_AS_SUCH = re.compile(r"\b(?:passages?|articles?|excerpts?|contexts?|sources?|sentences?|questions?|answers?)\b", re.I)
"""What a sentence of an answer speaks of only where its sources do."""


def objection(text: str) -> str:
    """Why a sentence may not be shown, whatever its sources say; "" where nothing speaks against it."""
    if _ACTIVE.search(unicodedata.normalize("NFKC", text)):
        return "it holds markup or an address"
    return "it speaks to a machine" if to_a_machine(text) else ""


def anchored(
    store: Store, checker: Checker, text: str, spans: Sequence[Evidence], question: str
) -> tuple[Draft, Verdict]:
    """The sentence with the fewest spans that support it, else with those that come nearest.

    Sentences of the passages are taken by the words and numbers that they share with it, rare ones counting more; the
    best one alone, the second where it is nearly as good, and up to three together are handed to the checker in one
    batch.

    Args:
        store: where the spans' articles are.
        checker: decides.
        text: as the model wrote it.
        spans: the sentences it may rest on.
        question: as understood.
    """
    if reason := objection(text):
        return Draft(text, (), written=True), Verdict("unsupported", 0.0, reason)
    tried = [Draft(text, chosen, written=True) for chosen in _choices(text, spans)]
    if not tried:
        return Draft(text, (), written=True), Verdict("unsupported", 0.0, "no passage deals with this")
    checked = check(store, checker, tried, question)
    held = [
        (draft, _unheard(store, draft) or _miscounted(draft) or _of_itself(draft) or verdict)
        for draft, verdict in checked
        if verdict.label == "supported"
    ]
    passed = [one for one in held if one[1].label == "supported"]
    return (passed or held or [max(checked, key=lambda one: one[1].score)])[0]


def _choices(text: str, spans: Sequence[Evidence]) -> list[tuple[Evidence, ...]]:
    """Sets of spans to check against, the smallest and most promising first."""
    facts = Statement(fold(text)).facts
    shared = [facts & Statement(fold(span.quote)).facts for span in spans]
    common = Counter(fact for found in shared for fact in found)
    weight = {fact: 1 + math.log(len(spans) / count) for fact, count in common.items()}

    def gain(place: int, left: set[str]) -> float:
        return sum(weight[fact] for fact in shared[place] & left)

    left, picked = set(facts), list[int]()
    while len(picked) < MOST:
        best = max((i for i in range(len(spans)) if i not in picked), key=lambda i: gain(i, left), default=None)
        if best is None or not gain(best, left):
            break
        picked.append(best)
        left -= shared[best]
    if not picked:
        return []
    first = picked[0]
    alone = sorted(range(len(spans)), key=lambda i: -gain(i, set(facts)))[:2]
    singles = [i for i in alone if i == first or gain(i, set(facts)) >= NEARLY * gain(first, set(facts))]
    before = [first - 1] if first and spans[first - 1].article.id == spans[first].article.id else []
    sets = [*([i] for i in singles), *([[*before, first]] if before else []), picked[:2], picked]
    return list(dict.fromkeys(tuple(spans[i] for i in sorted(chosen)) for chosen in sets))


def speaker_of(store: Store, span: Evidence) -> str | None:
    """Who says a span of an article; None where the outlet does."""
    sentences = store.ledger.sentences(span.article.id)
    return attribution(span.article.text, span.start, span.end, None, sentences).speaker


def _of_itself(draft: Draft) -> Verdict | None:
    """A refusal of a sentence about the passages or the question as such, which no reader has before him."""
    sources = " ".join(span.quote for span in draft.evidence)
    spoken = {match[0].casefold() for match in _AS_SUCH.finditer(draft.text)}
    if any(word.startswith("passage") for word in spoken) or spoken - {
        match[0].casefold() for match in _AS_SUCH.finditer(sources)
    }:
        return Verdict("unsupported", 0.0, "it speaks of the passages, not of what they tell")
    return None


def _unheard(store: Store, draft: Draft) -> Verdict | None:
    """A refusal where a source is somebody's words and the sentence does not say so, or not whose; None if all is well.

    "X said P" must not become "P", however sure a checker is that P is there.
    """
    mine = Statement(fold(draft.text))
    told = frozenset[str]().union(*(telling.told for telling in mine.tellings if telling.verb))
    if attribution(draft.text, 0, len(draft.text), None, [(0, len(draft.text))]).speech:
        told = mine.keys
    names = _names(draft.text)
    if mine.quantities and _RECKONS.search(draft.text):  # "Police counted 4,000 marchers"
        told = mine.keys
    for span in draft.evidence:
        said = attribution(span.article.text, span.start, span.end, None, store.ledger.sentences(span.article.id))
        named = _names(f"{said.speaker or ''} {said.role}")
        whose = said.speaker or "somebody"
        if said.speech and (not told or (said.speaker and named and not names & named)):
            return Verdict("unsupported", 0.0, f"it does not say that {whose} says so")
        for statement in Sources([span.quote]).statements:
            if any(_takes(mine, telling, told) for telling in statement.tellings):
                return Verdict("unsupported", 0.0, "it does not say that somebody says so")
    return None


def _miscounted(draft: Draft) -> Verdict | None:
    """A refusal where a small number is none that a source gives for the same thing: "a crack" is not "two cracks".

    A checker lets these pass, for a writer may have counted what a text names one by one; a model is not to count.
    """
    sources = Sources([span.quote for span in draft.evidence]).statements
    given = [amount for one in sources for amount in one.quantities]
    both = any(not TWO.isdisjoint(token.low for token in one.tokens) for one in sources)
    for amount in Statement(fold(draft.text)).quantities:
        near = [
            one for one in given if one.value == amount.value and (set(one.after) & set(amount.after) or not one.after)
        ]
        if amount.kind == "" and amount.value in (2, 3) and not near and not (both and amount.value == 2):
            return Verdict("unsupported", 0.0, f"{amount.text} is not in the evidence")
    return None


def _takes(claim: Statement, telling: Telling, told: frozenset[str]) -> bool:
    """Whether a claim is, for the greater part, what somebody tells, and does not tell it as such."""
    taken = (telling.told & claim.keys) - telling.speaker
    much = bool(taken) and 2 * len(taken) >= len(claim.keys - telling.speaker)
    named = any(mine.speaker & telling.speaker for mine in claim.tellings)
    return much and not named and 2 * len(taken & told) < len(taken)


def _names(text: str) -> set[str]:
    """The words of a name, "the" and the like left out."""
    return {word for word in re.findall(r"[^\W_]{2,}", text.casefold()) if word not in STOP}

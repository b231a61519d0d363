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
from rag.write.losses import left_out

MOST = 3
"""Statements that stand side by side in one written sentence; what needs more is written as more sentences."""

TRIED = 3
"""Sentences of articles that a statement is checked against at most, besides those before them."""

NEARLY = 0.7
"""A further one is tried where it holds this much of what the best one holds."""

SURE = 0.8
"""Least support of a written sentence: an article's own stands ready in its place. On the dev half of `rag eval
mutations` it passes 4 % of the false claims and 42 % of the paraphrases, the checker's own threshold 7 % and 71 %."""

LEAST_WORDS = 3
"""Of a sentence."""

_RECKONS = re.compile(r"\b(?:count(?:s|ed)|puts? (?:\w+ ){1,6}at|puts?|estimate[sd]?|reckon(?:s|ed))\b", re.I)
"""Verbs whose subject is who gives a figure."""

_ACTIVE = re.compile(
    r"(?:https?|ftp|file|javascript|data|mailto|vbscript):|//|www\.|\]\s*[(\[]|!\[|</?[a-z!]|&#|&[a-z]{2,8};|\[\s*\w+\s*\]\s*:|"
    r"[\w-]+\.[a-z]{2,}(?:/|\?\w|:\d)|\w+@\w+\.\w|[{}\\]",
    re.I,
)
"""Markup, and addresses of any kind: a sentence of an answer needs neither, and both can carry text away."""


_AS_SUCH = re.compile(r"\b(?:passages?|articles?|excerpts?|contexts?|sources?|sentences?|questions?|answers?)\b", re.I)
"""What a sentence of an answer speaks of only where its sources do."""


_HALF = re.compile(
    r"\b(?:of|by|the|an?|to|in|on|at|for|with|from|and|or|but|nor|is|are|was|were|been|be|being|has|have|had|will|would|"
    r"that|which|who|whose|because|as|than|into|its|their|his|her)\W*$|"
    r"^(?:[\w.'’-]+ ){0,5}(?:sa(?:y|ys|id)|told|asked|added)\W*$",
    re.I,
)
"""The end of a sentence that was not finished."""

_JOINED = re.compile(
    r";\s+|,\s+(?:and|but|while|whereas)\s+(?!(?:it|he|she|they|this|that|these|those|who|which)\b)", re.I
)
"""Where two statements stand side by side, each with a subject of its own."""

_LEANS = re.compile(r"\W*(?:\w+\W+){0,5}?(?:he|she|they|it|his|her|their|its|him|them)\b", re.I)
"""The beginning of a sentence that needs the one before it to say of whom it tells."""


def objection(text: str) -> str:
    """Why a sentence may not be shown, whatever its sources say; "" where nothing speaks against it."""
    if _ACTIVE.search(unicodedata.normalize("NFKC", text)):
        return "it holds markup or an address"
    if to_a_machine(text):
        return "it speaks to a machine"
    if text.rstrip().endswith("?") or text.isupper() or re.match(r"(?:as )?if\b", text, re.I):
        return "it states nothing"
    if text.count('"') % 2 or text.count("“") != text.count("”"):
        return "a quotation in it is not closed"
    return ""


def anchored(
    store: Store, checker: Checker, text: str, spans: Sequence[Evidence], question: str
) -> tuple[Draft, Verdict]:
    """The sentence with the spans that support it, else with the one that comes nearest.

    One sentence of an article must support all of it, or one with the sentence before it where that says who "he" is.
    Of statements that stand side by side ("A, while B") each may have a sentence of its own, and the whole must pass
    the check against them together too. A checker that reads several sentences at once is easily led to believe what
    none of them says: on what a small model wrote, nearly every sentence that only several supported was wrong.

    Args:
        store: where the spans' articles are.
        checker: decides.
        text: as the model wrote it.
        spans: the sentences it may rest on.
        question: as understood.
    """
    if reason := objection(text):
        return Draft(text, (), written=True), Verdict("unsupported", 0.0, reason)
    found = _best(store, checker, text, _choices(text, spans), question)
    parts = [part for part in _JOINED.split(text) if part.strip()]
    if found[1].label == "supported" or not 1 < len(parts) <= MOST:
        return found
    each = [_best(store, checker, part, _choices(part, spans), question) for part in parts]
    if any(verdict.label != "supported" for _, verdict in each):
        return found
    together = tuple(dict.fromkeys(span for draft, _ in each for span in draft.evidence))
    whole = _best(store, checker, text, [together], question, least=0.0)
    return whole if whole[1].label == "supported" else found


def _best(
    store: Store,
    checker: Checker,
    text: str,
    choices: Sequence[tuple[Evidence, ...]],
    question: str,
    least: float = SURE,
) -> tuple[Draft, Verdict]:
    """The first of the choices that supports the text for certain, else the one that comes nearest."""
    if not choices:
        return Draft(text, (), written=True), Verdict("unsupported", 0.0, "no passage deals with this")
    checked = check(store, checker, [Draft(text, chosen, written=True) for chosen in choices], question)
    held = [
        (
            draft,
            _unsure(verdict, least)
            or _half(draft)
            or _unheard(store, draft)
            or _miscounted(draft)
            or _of_itself(draft)
            or verdict,
        )
        for draft, verdict in checked
        if verdict.label == "supported"
    ]
    passed = [one for one in held if one[1].label == "supported"]
    return (passed or held or [max(checked, key=lambda one: one[1].score)])[0]


def _choices(text: str, spans: Sequence[Evidence]) -> list[tuple[Evidence, ...]]:
    """The sentences to check against, by the words and numbers that they share with the text; rare ones count more."""
    facts = Statement(fold(text)).facts
    shared = [facts & Statement(fold(span.quote)).facts for span in spans]
    common = Counter(fact for found in shared for fact in found)
    gain = [sum(1 + math.log(len(spans) / common[fact]) for fact in found) for found in shared]
    order = sorted((i for i in range(len(spans)) if gain[i]), key=lambda i: -gain[i])
    chosen: list[tuple[Evidence, ...]] = []
    for i in order[:TRIED]:
        if gain[i] >= NEARLY * gain[order[0]]:
            chosen.append((spans[i],))
            if i and spans[i - 1].article.id == spans[i].article.id and _LEANS.match(spans[i].quote):
                chosen.append((spans[i - 1], spans[i]))
    return chosen


def _unsure(verdict: Verdict, least: float) -> Verdict | None:
    if verdict.score >= least:
        return None
    return Verdict("unsupported", verdict.score, f"support of {verdict.score:.2f} is too little for a written sentence")


def speaker_of(store: Store, span: Evidence) -> str | None:
    """Who says a span of an article; None where the outlet does."""
    sentences = store.ledger.sentences(span.article.id)
    return attribution(span.article.text, span.start, span.end, None, sentences).speaker


def _half(draft: Draft) -> Verdict | None:
    """A refusal of a sentence that was not finished: it ends as none of its sources does."""
    words = re.findall(r"\w+", draft.text.casefold())
    ends = {re.findall(r"\w+", f"- {span.quote.casefold()}")[-1:] == words[-1:] for span in draft.evidence}
    if (len(words) < LEAST_WORDS or _HALF.search(draft.text)) and True not in ends:
        return Verdict("unsupported", 0.0, "it is no whole sentence")
    return None


def _lessened(draft: Draft) -> Verdict | None:
    """A refusal of a sentence that leaves out what makes its source true."""
    lost = left_out(draft.text, [span.quote for span in draft.evidence])
    return Verdict("unsupported", 0.0, f"it leaves out {lost!r}") if lost else None


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
        if mine.quantities and not told and _RECKONS.search(span.quote):
            return Verdict("unsupported", 0.0, "it does not say who gives the figure")
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

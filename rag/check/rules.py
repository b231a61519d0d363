"""A checker of plain rules: compares the facts of a claim with those of its evidence. No model, no network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.check import Claim, Verdict
from rag.check.compare import RULES, implied
from rag.check.compare_amounts import Finding
from rag.check.evidence import MOST_SENTENCES, Evidence, Statement
from rag.check.facts import fold
from rag.check.select import gathered

ENOUGH_WORDS = 0.8

FEW = 6
"""Sentences of evidence up to which every shared word counts alike; of more, rare ones count more."""


def coverage(claim: Statement, picked: Sequence[Statement]) -> tuple[float, float, list[str]]:
    """Share of the claim's content words in the picked sentences, share of its neighbouring pairs, words left over."""
    held = frozenset[str]().union(*(s.keys for s in picked))
    implicit = implied(picked)
    row = [t for t in claim.tokens if t.content and not t.number and t.key not in implicit]
    left = list(dict.fromkeys(t.text for t in row if t.key not in held))
    total = len({t.key for t in row})
    pairs = {(a.key, b.key) for a, b in pairwise(row)}
    found = {p for p in pairs if any(p in _pairs(s) for s in picked)}
    missing = len({t.key for t in row if t.key not in held})
    return 1 - missing / max(1, total), len(found) / max(1, len(pairs)), left


def _pairs(statement: Statement) -> set[tuple[str, str]]:
    row = [t.key for t in statement.tokens if t.content and not t.number]
    return {pair for i, a in enumerate(row) for b in row[i + 1 : i + 4] for pair in ((a, b), (b, a))}


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules make of one claim.

    Attributes:
        settled: the verdict where there is nothing to weigh: the claim stands in the evidence to the word, is empty, or
            cites nothing; else None, and the others say more.
        share: of the claim's content words that stand in the sentences it rests on, 0 to 1.
        pairs: of its neighbouring content words that stand near each other there, 0 to 1.
        new: how many of its content words and numbers stand nowhere in the evidence.
        found: what rules object to, by the name of the rule ("words": too few words are held).
    """

    settled: Verdict | None
    share: float = 1.0
    pairs: float = 1.0
    new: int = 0
    found: tuple[tuple[str, Finding], ...] = ()


class RulesChecker:
    """Deterministic checker; when in doubt it says "unsupported".

    Attributes:
        name: shown in every answer's provenance.
    """

    name = "rules-2"

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        """One verdict a claim, in order; none depends on the other claims. Raises nothing."""
        return [judge(reading) for _, _, reading in readings(claims)]


def readings(claims: Sequence[Claim]) -> Iterator[tuple[Statement, Evidence, Reading]]:
    """Each claim as the rules read it, its evidence, and what they make of it; evidence is read once for all claims."""
    known: dict[tuple[str, ...], Evidence] = {}
    for claim in claims:
        if claim.evidence not in known:
            known[claim.evidence] = Evidence(claim.evidence)
        statement = Statement(fold(claim.text))
        yield statement, known[claim.evidence], read(statement, known[claim.evidence])


def read(claim: Statement, evidence: Evidence) -> Reading:
    """Asks every rule."""
    if not any(t.text[0].isalnum() for t in claim.tokens):
        return Reading(Verdict("unsupported", 0.0, "the claim is empty"))
    if not any(s.tokens for s in evidence.statements):
        return Reading(Verdict("unsupported", 0.0, "no citation"))
    if evidence.verbatim(claim.text):
        return Reading(Verdict("supported", 1.0))
    if not claim.facts:
        return Reading(Verdict("unsupported", 0.0, "the claim states nothing that can be checked"))
    picked = (
        evidence.pick(claim.keys)
        if len(evidence.statements) <= FEW
        else [evidence.statements[i] for i in gathered(claim, evidence, MOST_SENTENCES)]
    )
    share, pairs, left = coverage(claim, picked)
    found = [(rule.__name__, finding) for rule in RULES for finding in rule(claim, picked, evidence)]
    if share < ENOUGH_WORDS or not claim.keys:
        found.append(("words", Finding("unsupported", f"not in the evidence: {', '.join(left[:6])}", 1.0)))
    return Reading(None, share, pairs, len(claim.facts - evidence.rarity.keys()), tuple(found))


def judge(reading: Reading) -> Verdict:
    """The verdict of the rules alone: contradicted beats unsupported beats supported."""
    if reading.settled:
        return reading.settled
    score = 0.75 * reading.share + 0.25 * reading.pairs
    findings = [finding for _, finding in reading.found]
    for finding in sorted(findings, key=lambda f: f.keeps)[:3]:
        score *= finding.keeps
    if not findings:
        return Verdict("supported", round(0.5 + 0.49 * score, 4))
    worst = weightiest(findings)
    return Verdict(worst.label, round(min(0.49, 0.5 * score), 4), worst.reason)


def weightiest(findings: Iterable[Finding]) -> Finding:
    """The one that a person should be told of."""
    return min(findings, key=lambda f: (f.label != "contradicted", f.keeps))

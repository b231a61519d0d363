"""A checker of plain rules: compares the facts of a claim with those of its evidence. No model, no network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rag.check import Claim, Verdict
from rag.check.compare import RULES, implied
from rag.check.compare_amounts import Finding
from rag.check.evidence import Evidence, Statement
from rag.check.facts import fold

ENOUGH_WORDS = 0.8


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


class RulesChecker:
    """Deterministic checker; when in doubt it says "unsupported".

    Attributes:
        name: shown in every answer's provenance.
    """

    name = "rules-1"

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        """One verdict a claim, in order; none depends on the other claims. Raises nothing."""
        read: dict[tuple[str, ...], Evidence] = {}
        found = []
        for claim in claims:
            if claim.evidence not in read:
                read[claim.evidence] = Evidence(claim.evidence)
            found.append(judge(claim.text, read[claim.evidence]))
        return found


def judge(text: str, evidence: Evidence) -> Verdict:
    """The verdict on one claim: every rule is asked; contradicted beats unsupported beats supported."""
    claim = Statement(fold(text))
    if not any(t.text[0].isalnum() for t in claim.tokens):
        return Verdict("unsupported", 0.0, "the claim is empty")
    if not any(s.tokens for s in evidence.statements):
        return Verdict("unsupported", 0.0, "no citation")
    if evidence.verbatim(claim.text):
        return Verdict("supported", 1.0)
    picked = evidence.pick(claim.keys)
    share, pairs, left = coverage(claim, picked)
    findings = [finding for rule in RULES for finding in rule(claim, picked, evidence)]
    score = 0.75 * share + 0.25 * pairs
    if share < ENOUGH_WORDS or not claim.keys:
        findings.append(Finding("unsupported", f"not in the evidence: {', '.join(left[:6])}", 1.0))
    for finding in sorted(findings, key=lambda f: f.keeps)[:3]:
        score *= finding.keeps
    if not findings:
        return Verdict("supported", round(0.5 + 0.49 * score, 4))
    worst = min(findings, key=lambda f: (f.label != "contradicted", f.keeps))
    return Verdict(worst.label, round(min(0.49, 0.5 * score), 4), worst.reason)

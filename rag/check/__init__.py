"""Checkers: is a claim supported by the spans it cites? One protocol; an answer names the checker that ran."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.errors import ModelError
from rag.answers import Label


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence to check.

    Attributes:
        text: the sentence, without citation marks.
        evidence: the cited spans, each verbatim from an article; empty means nothing was cited.
        question: what was asked; it may lend a claim its topic, never its facts.
    """

    text: str
    evidence: tuple[str, ...]
    question: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a checker says of one claim.

    Attributes:
        label: "supported", "contradicted" (the evidence says otherwise) or "unsupported" (it does not say).
        score: support, 0 (none) to 1 (full).
        reason: one line for a person: what is missing or differs; "" when supported.
    """

    label: Label
    score: float
    reason: str = ""


class Checker(Protocol):
    """Checks claims in a batch; must be deterministic for the same input.

    Attributes:
        name: shown in every answer's provenance.
    """

    name: str

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        """One verdict a claim, in order. Raises ModelError where it cannot run; never answers in its place."""
        ...


def by_name(name: str) -> Checker:
    """The checker that a setting names. Raises ModelError for a name that is none.

    Args:
        name: "combined" (the default: rules and trained model), "rules", "trained"; see docs/add-a-checker.md.
    """
    from rag.check.combined import CombinedChecker
    from rag.check.rules import RulesChecker
    from rag.check.trained import TrainedChecker

    checkers: dict[str, Callable[[], Checker]] = {
        "combined": CombinedChecker,
        "rules": RulesChecker,
        "trained": TrainedChecker,
    }
    if name not in checkers:
        others = ("judge", "lettucedetect", "hhem", "minicheck")
        message = f"unknown checker {name!r}: use {', '.join(map(repr, (*checkers, *others)))}"
        raise ModelError(message)
    return checkers[name]()

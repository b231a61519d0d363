"""Evidence selection: which sentences of long evidence a claim is read against. Pure functions.

A cross-encoder reads some hundred words at a time. Short evidence is read whole; of longer evidence two windows are:
the sentences that together hold most of the claim's words, and the neighbourhood of the best of them. What one of them
supports is supported (as SummaC takes the best sentence of a document, and MiniCheck its best chunk).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rag.check.evidence import Evidence, Statement

BUDGET = 120
"""Tokens of evidence in a window (words and punctuation); about 150 word pieces."""

MOST = 5
"""Sentences that are put together from different places."""

LEAST_GAIN = 0.5
"""What a further sentence must add: less than a word that half of the sentences hold."""

REPEATED = 0.2
"""What a word counts that an earlier sentence of the window already holds: the second to say so may say it in full."""


def windows(claim: Statement, evidence: Evidence) -> list[str]:
    """The texts to read a claim against, the most promising first; at least one where there is any evidence.

    Args:
        claim: what is checked.
        evidence: all that it cites.

    Returns:
        One or two texts of at most `BUDGET` tokens (a longer sentence stands alone), sentences in their order.
    """
    statements = evidence.statements
    if sum(len(s.tokens) for s in statements) <= BUDGET:
        return [_joined(statements, range(len(statements)))] if any(s.tokens for s in statements) else []
    picked = gathered(claim, evidence, MOST)
    together = tuple(sorted(_filled(picked, statements)))
    return [_joined(statements, chosen) for chosen in dict.fromkeys((together, _around(picked[0], statements)))]


def gathered(claim: Statement, evidence: Evidence, most: int) -> list[int]:
    """Indexes of the sentences, at most `most`, that together hold most of a claim's facts, best first.

    Each further one must add something; rare words count more than frequent ones.
    """
    left = {key: evidence.rarity[key] for key in claim.facts if key in evidence.rarity}
    picked: list[int] = []
    room = BUDGET
    while len(picked) < most:
        gains = {
            i: sum(left.get(key, 0.0) for key in s.facts) / (1 + len(s.tokens) / 100)
            for i, s in enumerate(evidence.statements)
            if i not in picked and (len(s.tokens) <= room or not picked)
        }
        best = max(gains, key=lambda i: (gains[i], -i), default=None)
        if best is None or (picked and gains[best] < LEAST_GAIN):
            break
        picked.append(best)
        room -= len(evidence.statements[best].tokens)
        for key in evidence.statements[best].facts & left.keys():
            left[key] *= REPEATED
    return picked


def _filled(picked: Sequence[int], statements: Sequence[Statement]) -> set[int]:
    """These and the sentences before them, as far as there is room: they say whom a "he" or "the company" means."""
    chosen = set(picked)
    room = BUDGET - sum(len(statements[i].tokens) for i in picked)
    for i in picked:
        if i and i - 1 not in chosen and len(statements[i - 1].tokens) <= room:
            chosen.add(i - 1)
            room -= len(statements[i - 1].tokens)
    return chosen


def _around(best: int, statements: Sequence[Statement]) -> tuple[int, ...]:
    """Indexes of the sentences around one, in a row, as many as there is room for; two before it at most."""
    first = last = best
    room = BUDGET - len(statements[best].tokens)
    for _ in range(len(statements)):
        ahead, behind = last + 1, first - 1
        if behind >= 0 and best - behind <= 2 and len(statements[behind].tokens) <= room:
            first, room = behind, room - len(statements[behind].tokens)
        elif ahead < len(statements) and len(statements[ahead].tokens) <= room:
            last, room = ahead, room - len(statements[ahead].tokens)
        else:
            break
    return tuple(range(first, last + 1))


def _joined(statements: Sequence[Statement], chosen: Iterable[int]) -> str:
    return " ".join(statements[i].text for i in chosen)

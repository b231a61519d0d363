"""The rules for numbers and dates, and what any rule yields. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.answers import Label
from rag.check.amounts import Quantity
from rag.check.evidence import Evidence, Statement
from rag.check.measures import BASE, CURRENCY, FRACTIONS, TWO, UNITS


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule objects to.

    Attributes:
        label: what it asks for.
        reason: why, for a person.
        keeps: what is left of the score of the rules alone, 0 to 1.
        sure: whether no model outweighs it: what it compares is exact, or it is what we promise.
    """

    label: Label
    reason: str
    keeps: float
    sure: bool = False


LEAST_MONEY = 1000
"""A bare number from which it may be money that is named beside it."""

MOST_COUNTED = 3
"""A number in words up to which a writer may have counted what the evidence names one by one."""

PARTS = frozenset(("a", "one", "two", "three", "four", "1", "2", "3", "4"))
"""Words before "third" or "fifth" that make it a part and no rank."""

BOUND_KEEPS = 0.8
"""Of the score, where the value is right and "about" or "more than" is put in or left out."""


def against(reason: str, keeps: float = 0.4, *, sure: bool = False) -> Finding:
    """The evidence says otherwise."""
    return Finding("contradicted", reason, keeps, sure)


def without(reason: str, keeps: float = 0.6, *, sure: bool = False) -> Finding:
    """The evidence does not say so."""
    return Finding("unsupported", reason, keeps, sure)


def _bound_fits(claim: str, evidence: str) -> bool:
    weaker = {"~": ("", "~<"), ">=": ("", ">"), "<=": ("", "<", "~<"), "<": ("~<",)}
    return claim == evidence or evidence in weaker.get(claim, ())


def _rounds(claim: float, evidence: float) -> bool:
    """Whether the claim's value is the evidence's at the claim's own precision ("3,000" for 2,987)."""
    digits = len(f"{claim:.6g}".replace(".", "").strip("0").split("e")[0]) or 1
    return abs(float(f"{evidence:.{digits - 1}e}") - claim) <= 1e-9 * max(1.0, abs(claim))


def _value_fits(claim: Quantity, evidence: Quantity) -> bool:
    c, e = claim.value, evidence.value
    if abs(c - e) <= 1e-9 * max(1.0, abs(c)):
        return _bound_fits(claim.bound, evidence.bound)
    if evidence.bound not in ("", "~"):
        return False
    inside = {">": c < e <= 1.1 * c, ">=": c < e <= 1.1 * c, "<": 0.9 * c <= e < c, "<=": 0.9 * c <= e < c}
    return inside.get(claim.bound, claim.bound in ("~", "~<") and _rounds(c, e) and (claim.bound == "~" or e < c))


def _kind_fits(claim: Quantity, evidence: Quantity, said: Statement) -> bool:
    age = claim.kind == "year" and evidence.kind == "" and not evidence.after
    return claim.kind == evidence.kind or age or (claim.kind in CURRENCY.values() and _is_money(claim, evidence, said))


def _is_money(claim: Quantity, evidence: Quantity, said: Statement) -> bool:
    """Whether a bare number is of the claim's currency: "38 million pounds", "30 million euros and 8 million"."""
    if evidence.kind or evidence.value < LEAST_MONEY:
        return False
    pounds = claim.kind == "GBP" and evidence.after[:1] == ("pound",)
    return pounds or any(other.kind == claim.kind for other in said.quantities)


def _converted(claim: Quantity, evidence: Quantity) -> bool:
    """Whether both are the same in another unit: "two weeks", "14 days"."""
    mine, theirs = BASE.get(claim.kind), BASE.get(evidence.kind)
    bounds = claim.bound == evidence.bound or not {"", "~"}.isdisjoint((claim.bound, evidence.bound))
    if not mine or not theirs or mine[0] != theirs[0] or not bounds:
        return False
    return abs(claim.value * mine[1] - evidence.value * theirs[1]) < 1e-6 * theirs[1]


def _in_words(quantity: Quantity, evidence: Evidence) -> bool:
    """Whether the evidence has the number in a word that is none: "half", "twice", "a month"."""
    for statement in evidence.statements:
        lows = [token.low for token in statement.tokens]
        if quantity.kind == "%" and any(FRACTIONS.get(low) == quantity.value for low in lows):
            return True
        if quantity.kind == "" and quantity.value == 2 and not TWO.isdisjoint(lows):
            return True
        if quantity.value == 1 and quantity.kind:
            pairs = pairwise(lows)
            if any(first in ("a", "an", "the", "per") and UNITS.get(unit) == quantity.kind for first, unit in pairs):
                return True
    return False


def _tie(claim: Quantity, evidence: Quantity) -> float:
    """How closely two numbers stand by the same words; nearer words count more."""
    mine = claim.after or claim.before
    sides = (evidence.after, evidence.before)
    return sum(1 / ((i + 1) * (side.index(k) + 1)) for i, k in enumerate(mine) for side in sides if k in side)


def numbers(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """Each number must be in the evidence, of the same thing, with the same bound."""
    known = [(q, s) for s in evidence.statements for q in s.quantities]
    years = {d.year for s in evidence.statements for d in s.dates}
    for q in claim.quantities:
        alike = [(e, s) for e, s in known if _kind_fits(q, e, s)]
        same = [(e, s) for e, s in alike if _value_fits(q, e)] or [(e, s) for e, s in known if _converted(q, e)]
        # What the claim says too, of something else, does not stand against this.
        others = [own for own in claim.quantities if own is not q]
        rivals = [
            e
            for e, s in alike
            if s in picked and not _value_fits(q, e) and not any(own.value == e.value for own in others)
        ]
        rival = max(rivals, key=lambda e: _tie(q, e), default=None)
        if not same:
            one = q.value == 1 and q.kind == "" and not (rival and _tie(q, rival))
            if one or (q.kind == "" and q.value in years) or _in_words(q, evidence):
                continue
            if q.kind == "ordinal" and q.lead in PARTS:
                continue  # "two thirds" is no rank
            if rival and rival.value == q.value and {"", "~"} & {q.bound, rival.bound}:
                # A bound put in claims more than is said; one left out is for the reader to weigh.
                yield without(
                    f"the claim says {_spoken(q)}, the evidence {_spoken(rival)}", BOUND_KEEPS, sure=q.bound != ""
                )
            elif rival and (q.kind not in ("", "ordinal") or _tie(q, rival)):
                yield against(f"the claim says {_spoken(q)}, the evidence {_spoken(rival)}", sure=True)
            else:
                counted = q.kind == "" and q.value <= MOST_COUNTED and q.text.isalpha()
                yield without(f"{q.text} is not in the evidence", 0.5, sure=not counted)
            continue
        best = max(_tie(q, e) for e, _ in same)
        led = not best and q.lead in ("to", "from", "by", "of") and all(e.lead != q.lead for e, _ in same)
        rival = next((e for e in rivals if e.lead == q.lead), rival) if led else rival
        if rival and (_tie(q, rival) > max(best, 0.4) or (led and rival.lead == q.lead)):
            reason = f"{q.text} goes with something else in the evidence, here it says {_spoken(rival)}"
            yield against(reason, sure=True)
        elif not best and q.value != 1 and (q.after or q.before) and not any(s in picked for _, s in same):
            yield without(f"{q.text} is said of something else in the evidence")


def _spoken(quantity: Quantity) -> str:
    signs = {"~": "about ", "~<": "nearly ", ">": "more than ", ">=": "at least ", "<": "less than ", "<=": "up to "}
    return signs.get(quantity.bound, "") + quantity.text


def days(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """Each date must be in the evidence at the same or a finer precision."""
    known = [d.parts() for s in evidence.statements for d in s.dates]
    values = {q.value for s in evidence.statements for q in s.quantities}
    here = [d.parts() for s in picked for d in s.dates]
    for day in claim.dates:
        parts = day.parts()
        if any(parts.items() <= other.items() for other in known) or (list(parts) == ["year"] and day.year in values):
            continue
        if any(
            other.keys() & parts.keys() and any(other[k] != parts[k] for k in other.keys() & parts.keys())
            for other in here
        ):
            yield against(f"the evidence gives another date than {day.text}", 0.3, sure=True)
        else:
            yield without(f"the date {day.text} is not in the evidence", 0.3, sure=True)

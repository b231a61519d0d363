"""Figures that answer a question, as an account gives them, and when two of them are the same. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.check.amounts import Quantity
from rag.check.facts import Word, fold, words
from rag.check.lexicon import PAST, STOP, stem
from rag.check.lexicon import words as word_set
from rag.check.measures import CURRENCY, UNITS
from rag.disagree.accounts import Reading
from rag.disagree.counted import asks_ahead, foretold, further, has_verb, in_place

ABOUT = 0.1
"""Share by which "about 50" may be off: a choice, not a measurement."""
ROUNDED = 0.025
"""Share by which a round or shorter figure may be off ("40 million" for "40.2 million"): a choice likewise."""
BEYOND = 1.5
"""How many times a bound a figure may be: "more than 300" leaves room for 312, hardly for 900. A choice likewise."""
_LENGTHS = {"km": 1000.0, "m": 1.0, "mile": 1609.344, "ft": 0.3048}
_MEASURES: dict[str, tuple[str, float]] = {
    **{unit: ("length", metres) for unit, metres in _LENGTHS.items()},
    "ton": ("mass", 1000.0), "kg": ("mass", 1.0), "g": ("mass", 0.001), "lb": ("mass", 0.4536),
    "ha": ("area", 1.0), "acre": ("area", 0.4047),
    "MW": ("power", 1.0), "GW": ("power", 1000.0),
    "mph": ("speed", 1.609344), "kph": ("speed", 1.0),
    "year": ("time", 31557600.0), "month": ("time", 2629800.0), "week": ("time", 604800.0), "day": ("time", 86400.0),
    "hour": ("time", 3600.0), "minute": ("time", 60.0), "second": ("time", 1.0),
}  # fmt: skip
_MONEY = frozenset([*CURRENCY.values(), "CNY", "RUB", "INR", "peso", "cent"])
_WANTED = (
    (re.compile(r"\bhow (?:tall|high|deep|wide|far|big|large)\b", re.I), frozenset(["length", "area"])),
    (re.compile(r"\bhow old\b", re.I), frozenset(["time"])),
    (re.compile(r"\bhow long\b", re.I), frozenset(["length", "time"])),
    (re.compile(r"\bhow fast\b", re.I), frozenset(["speed"])),
    (re.compile(r"\b(?:what|which) (?:share|percentage|proportion|percent|per cent|part)\b|\bhow much of\b", re.I),
     frozenset(["%"])),
    (re.compile(r"\bhow much\b.*\b(?:costs?|pay|paid|spend|spent|price|worth|money|raised?|earn|earned|owes?)\b|"
                r"\bwhat (?:is|was|were) the [\w ]*?\b(?:cost|price|budget|salary|fee)\b", re.I), _MONEY),
)  # fmt: skip
_FATES = [
    frozenset(stem(word) for word in group.split())
    for group in (
        "die died dead death deaths kill killed killing fatalities toll",
        "injure injured injuries wound wounded hurt hospitalized",
        "missing disappeared",
        "arrest arrested detained jailed",
        "displaced evacuated fled homeless",
        "rescued saved survived survivors",
    )
]
"""What becomes of people: how many were hurt does not gainsay how many died."""
_ANYBODY = frozenset(stem(word) for word in word_set("people person persons victims residents inhabitants"))
_HOW_MANY = re.compile(r"\bhow many ((?:[\w’'-]+ ?){1,5})", re.I)
_EARLIER = word_set("than previously earlier previous initially originally")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that answers a question.

    Attributes:
        counted: key of what is counted, where that is narrower than what is asked for ("pupils" of "how many people").
        beside: the other numbers of the sentence.
        foretold: whether it is expected, planned or promised.
        further: whether it comes on top of another ("another 120 people").
    """

    text: str
    quantity: Quantity
    counted: str
    beside: tuple[Quantity, ...]
    foretold: bool = False
    further: bool = False

    def same(self, other: Figure) -> bool:
        """Whether the two figures may be one, as far as bounds, units and rounding go."""
        a, b = self.quantity, other.quantity
        return alike(a, b) or any(alike(a, q) for q in other.beside) or any(alike(q, b) for q in self.beside)

    def comparable(self, other: Figure) -> bool:
        """Whether both are measured in the same kind of unit: dollars and euros are not."""
        return _dimension(self.quantity) == _dimension(other.quantity)

    def of_another(self, other: Figure) -> bool:
        """Whether both can hold: one counts a part, comes on top of the other, or is not yet so while the other is."""
        return (self.counted, self.foretold, self.further) != (other.counted, other.foretold, other.further)


def asks_number(question: str) -> bool:
    """Whether a figure is wanted."""
    return bool(re.search(
        r"\bhow (?:many|much|tall|high|deep|wide|far|big|large|old|long|fast)\b|"
        r"\bwhat (?:number|share|percentage|amount|proportion|percent)\b|"
        r"\bwhat (?:is|was|are|were) the [\w ]*?\b(?:toll|number|total|cost|price|budget|height|length|size|"
        r"population|turnout|share)\b",
        question, re.I,
    ))  # fmt: skip


def figure(question: str, reading: Reading) -> Figure | None:
    """The number of an account that fits what is asked best, if any does."""
    asked = words(fold(question))
    keys = frozenset(word.key for word in asked if word.content)
    found = [
        q
        for q in reading.statement.quantities
        if q.kind != "ordinal" and q.lead != "every" and not _other_fate(keys, q)
    ]
    found = [q for q in found if not _superseded(q, reading)] or found
    dimensions = _dimensions(question, [word.low for word in asked])
    if dimensions:
        fitting = [q for q in found if _dimension(q) in dimensions]
    else:
        plain = [q for q in found if not q.kind or q.kind == "%"]
        fitting = [q for q in plain if _counts(question, keys, q, reading.tokens)]
        if not fitting and len(plain) == 1 and _head(question) in reading.statement.keys | {""}:
            fitting = [q for q in plain if not q.after or q.after[0] in keys]  # "deaths have risen to 23"
    tokens = reading.tokens
    fitting = [q for q in fitting if has_verb(question, reading, q.at)]
    if asks_ahead(question):
        fitting = [q for q in fitting if foretold(tokens, q.at)]
    if not fitting:
        return None
    best = max(fitting, key=lambda q: (in_place(question, tokens, q.at), len(keys & {*q.after, *q.before})))
    beside = tuple(q for q in found if q is not best and _dimension(q) == _dimension(best))
    counted = "" if dimensions else _narrower(question, keys, best)
    ahead, more = foretold(tokens, best.at), further(tokens, best.at)
    return Figure(_spoken(best, reading), best, counted, beside, ahead, more)


def alike(a: Quantity, b: Quantity) -> bool:
    """Whether two numbers may state the same, whatever their units."""
    (dimension, x), (other, y) = _measured(a), _measured(b)
    if dimension != other:
        return False
    apart = abs(x - y) / (max(abs(x), abs(y)) or 1.0)
    if apart <= 1e-9 or (a.kind != b.kind and apart <= ROUNDED):
        return True
    if "~" in a.bound + b.bound and apart <= ABOUT:
        return True
    return _admits(a.bound, x, y) or _admits(b.bound, y, x) or (apart <= ROUNDED and (_round(a) or _round(b)))


def _admits(bound: str, limit: float, value: float) -> bool:
    """Whether "more than 300" or "up to 50" leaves room for another figure."""
    if bound in (">", ">="):
        return limit <= value <= limit * BEYOND
    return bound in ("<", "<=", "~<") and limit / BEYOND <= value <= limit


def _round(quantity: Quantity) -> bool:
    """Whether a figure looks rounded: scaled ("40 million"), with a decimal point, or with zeros at its end."""
    digits = re.sub(r"\D", "", quantity.text.split(".")[0])
    return "." in quantity.text or quantity.value >= 10**6 or (quantity.value >= 100 and digits.endswith("00"))


def _measured(quantity: Quantity) -> tuple[str, float]:
    dimension, factor = _MEASURES.get(quantity.kind, (quantity.kind, 1.0))
    return dimension, quantity.value * factor


def _dimension(quantity: Quantity) -> str:
    return _measured(quantity)[0]


def _dimensions(question: str, lows: list[str]) -> frozenset[str]:
    """What kind of measure is asked for; empty for a plain count."""
    match = _HOW_MANY.search(question)
    named = [UNITS[low] for low in (match[1].lower().split()[:1] if match else lows) if low in UNITS]
    if named:
        return frozenset(_MEASURES.get(unit, (unit, 1.0))[0] for unit in named)
    wanted = [dimensions for pattern, dimensions in _WANTED if pattern.search(question)]
    if not wanted and re.search(r"\bhow much\b", question, re.I):
        return frozenset(dimension for dimension, _ in _MEASURES.values()) | {"l", "barrel"} | _MONEY
    return wanted[-1] if wanted else frozenset()


def _head(question: str) -> str:
    """Key of the noun behind "how many"; "" where there is none."""
    match = _HOW_MANY.search(question)
    head = ""
    for token in words(fold(match[1])) if match else []:
        if token.low in STOP or (head and (token.low in PAST or token.low.endswith("ed"))):
            break
        head = token.key
    return head


def _counts(question: str, keys: frozenset[str], quantity: Quantity, tokens: list[Word]) -> bool:
    """Whether a plain number counts what is asked for, or some of it."""
    head = _head(question)
    for token in tokens[quantity.at + 1 : quantity.at + 7]:
        if token.key == head:
            return True
        if token.breaks or token.low in PAST or token.low in ("and", "were", "was", "have", "had", "are"):
            break
    near = {*quantity.after[:3], *quantity.before[:2]}
    return bool((keys - _ANYBODY) & near) if head in _ANYBODY or not head else False


def _narrower(question: str, keys: frozenset[str], quantity: Quantity) -> str:
    """What is counted where "people" is asked for and the source counts only some of them."""
    if _head(question) not in _ANYBODY or not quantity.after:
        return ""
    first = quantity.after[0]
    return "" if first in _ANYBODY or first in keys else first


def _other_fate(asked: frozenset[str], quantity: Quantity) -> bool:
    """Whether a number counts people to whom something else happened than the question asks about."""
    near = {*quantity.after, *quantity.before}
    mine = [group for group in _FATES if group & asked]
    return bool(mine) and not any(group & near for group in mine) and any(group & near for group in _FATES)


def _superseded(quantity: Quantity, reading: Reading) -> bool:
    """Whether the sentence itself gives a number as an earlier one: "from 12 to 19", "up from 12"."""
    ahead = [t.low for t in reading.tokens[quantity.at + 1 : quantity.at + 5]]
    before = {t.low for t in reading.tokens[max(0, quantity.at - 3) : quantity.at]}
    return (quantity.lead == "from" and ("to" in ahead or bool(before & {"up", "down"}))) or bool(
        before & _EARLIER and not quantity.bound
    )


def _spoken(quantity: Quantity, reading: Reading) -> str:
    """The figure as a reader expects it: "more than $40 million"."""
    signs = {"~": "about ", "~<": "nearly ", ">": "more than ", ">=": "at least ", "<": "less than ", "<=": "up to "}
    before = reading.tokens[quantity.at - 1].text if quantity.at else ""
    sign = before if before in CURRENCY else ""
    return signs.get(quantity.bound, "") + sign + quantity.text.replace(" %", "%")

"""Sources that differ: what each says to a question, side by side, and whether both can hold.

Figures, dates, names and yes or no are read from the cited sentences by rules. A side is only shown for what its source
states itself or has somebody say, and a difference that bounds, rounding or units explain is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.answers import Difference, Position
from rag.check.lexicon import stem
from rag.check.lexicon import words as word_set
from rag.disagree.accounts import Account, Reading, overlap, read, same_person, scope_differs
from rag.disagree.counted import elsewhere
from rag.disagree.dated import When, when
from rag.disagree.doers import Doer, doer
from rag.disagree.predicates import tells_of, topic_of
from rag.disagree.stands import Verdict, verdict
from rag.disagree.values import Figure, asks_number, figure
from rag.times.reader import periods

Value = Figure | When | Doer | Verdict
SameStory = Callable[[str, str], bool]

RECURRING = 200
"""Days between two reports after which a date near each of them is that of another year's event: a choice."""

FRESH = 60
"""Days between two reports after which "it grew" and "it fell" may be said of two times: a choice likewise."""

NEWS = 7
"""Days within which a date is the report's own news: two reports with news of their own tell of two events."""

_WHEN = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:year|day|date|month|time)\b|\bhow long ago\b|\bon what (?:day|date)\b", re.I
)
_WHO = re.compile(
    r"^\W*(?:and |but |so )?(?:who|by whom|(?:which|what) (?:person|company|team|country|party|firm|court|agency))\b",
    re.I,
)
_NAME = r"((?:the |[A-Z])[\w’'.-]*(?: [A-Z][\w’'.-]*)*)"
_ASKED_OF = re.compile(
    rf"\b[Aa]ccording to {_NAME}|\b(?:did|does|do|has) {_NAME} (?:say|said|claim|claimed|report|write|announce|tell)\b"
)
_NEWER = re.compile(
    r"\b(?:now(?! (?:say|think|believe|argue))|has (?:risen|climbed|grown|fallen|dropped)|"
    r"has been (?:postponed|moved|put off|rescheduled|revised|raised|lowered)|rose to|climbed to|risen to|revised|"
    r"updated|no longer|postponed|rescheduled|delayed|brought forward|moved to|put off|"
    r"replaces|replaced|revers(?:ed|ing)|reopened|corrected)\b",
    re.I,
)
_STALE = re.compile(r"\bha(?:d|s|ve) (?:earlier|previously|initially|originally)\b|\b[Ii]nitially\b")
"""A source that itself gives a figure as a former one."""
_THERE = re.compile(r"\bthere\b(?! (?:is|are|was|were|has|have|had|will|would|may|might|could|seem))", re.I)
_STRENGTH: tuple[Difference, ...] = ("disagreement", "update", "scope")
_RUNNING = frozenset(
    stem(word)
    for word in word_set(
        "die dead death toll kill injure wound missing arrest displaced evacuate infect case confirm burn seize "
        "confiscate destroy damage vaccinate rescue"
    )
)
"""What is counted on as time goes by: a later count replaces an earlier one."""


@dataclass(frozen=True, slots=True)
class Side:
    """An account with the value that it gives."""

    account: Account
    reading: Reading
    value: Value


def positions(
    question: str, accounts: Sequence[Account], same_story: SameStory = lambda one, other: one == other
) -> tuple[Position, ...]:
    """The sides, one a value; empty where the accounts do not differ in what is asked.

    The newest comes first where a later figure replaces an earlier one, else they stand in order of citation.

    Args:
        question: the question as understood.
        accounts: the cited sentences, in order of citation.
        same_story: whether two articles (by id) are copies of one story; a later copy that says otherwise replaces it.
    """
    topic = topic_of(question)
    sides = [side for account in accounts if (side := _side(question, account))]
    groups: list[list[Side]] = []
    # A source that gives both figures, or a bound, fits several sides: it may join one of them, never make them one.
    for side in sorted(sides, key=_is_loose):
        fitting = [g for g in groups if all(_at_one(topic, side, member, same_story) for member in g)]
        own = next((g for g in fitting if g[0].value.text == side.value.text), None)
        groups.append([side]) if not fitting else (own or fitting[0]).append(side)
    groups.sort(key=lambda group: min(map(sides.index, group)))
    table = [[_between(topic, a, b, same_story) for b in groups] for a in groups]
    first = _first(groups, table)
    if first is None:
        return ()
    others = [i for i, difference_ in enumerate(table[first]) if difference_ and i != first]
    return tuple(_position(groups[i], None if i == first else table[first][i]) for i in (first, *others))


def opposed(
    question: str, one: Account, other: Account, same_story: SameStory = lambda one, other: one == other
) -> bool:
    """Whether two accounts cannot both hold, or one replaces the other; a difference in scope is neither."""
    a, b = _side(question, one), _side(question, other)
    return bool(a and b and difference(topic_of(question), a, b, same_story) in ("update", "disagreement"))


def disputed(sides: Sequence[Position]) -> bool:
    """Whether positions make an answer disputed: where they differ only in scope, all of them can hold."""
    return any(side.difference in ("update", "disagreement") for side in sides)


def difference(topic: frozenset[str], one: Side, other: Side, same_story: SameStory) -> Difference | None:
    """How two accounts differ; None where they do not, or where one article would only be held against itself."""
    a, b = one.account, other.account
    if _strangers(one.reading, other.reading):
        return None
    if one.value.same(other.value):  # type: ignore[arg-type]
        if isinstance(one.value, Figure) and isinstance(other.value, Figure) and one.value.text != other.value.text:
            return "scope" if one.value.foretold != other.value.foretold or _other_days(one, other) else None
        return None
    if a.article_id == b.article_id and same_person(one.reading.holder, other.reading.holder):
        return None
    if isinstance(one.value, Figure) and isinstance(other.value, Figure) and not one.value.comparable(other.value):
        return None
    adds_up = isinstance(one.value, Figure)
    if not isinstance(one.value, When) and scope_differs(one.reading, other.reading, topic, adds_up=adds_up):
        return "scope"
    if isinstance(one.value, Figure) and isinstance(other.value, Figure) and one.value.of_another(other.value):
        return "scope"
    if isinstance(one.value, When) and isinstance(other.value, When) and _another_time(one, other, topic):
        return "scope"
    if isinstance(one.value, Verdict) and _days_apart(a, b) > FRESH and not _NEWER.search(a.quote + b.quote):
        return "scope"  # what grew in one report may have shrunk by a report of another season
    if isinstance(one.value, Figure) and bool(_STALE.search(a.quote)) != bool(_STALE.search(b.quote)):
        return "update"
    return "update" if _replaces(topic, one, other, same_story) else "disagreement"


def _side(question: str, account: Account) -> Side | None:
    """An account as a side; None where it gives no value, or one for a place that it only calls "there"."""
    value = None if _THERE.search(account.quote) else _value(question, account)
    return Side(account, read(account), value) if value else None


@lru_cache(maxsize=1024)
def _value(question: str, account: Account) -> Value | None:
    """What an account says to a question; None where it says nothing to it, or of another year."""
    reading = read(account)
    value: Value | None
    if asks_number(question):
        fits = tells_of(question, reading) and not elsewhere(question, reading)
        value = figure(question, reading) if fits else None
    elif _WHEN.search(question):
        value = when(question, reading) if tells_of(question, reading, whole=True) else None
    elif _WHO.match(question):
        value = doer(question, reading)
    else:
        value = verdict(question, reading)
    if value and (asked := _ASKED_OF.search(question)):
        name = next(filter(None, asked.groups()))
        if reading.holder is not None and not same_person(name, reading.holder):
            return None
    return None if not isinstance(value, When) and _other_time(question, reading) else value


def _other_time(question: str, reading: Reading) -> bool:
    wanted = periods(question)
    return bool(wanted and reading.times) and not any(overlap(a, b) for a in wanted for b in reading.times)


def _strangers(one: Reading, other: Reading) -> bool:
    """Whether two accounts, with what stands before them, name others altogether: so they tell of two matters."""
    if not (one.account.before and other.account.before):
        return False
    return bool(one.names and other.names) and not one.names & other.names


def _is_loose(side: Side) -> bool:
    """Whether an account may be at one with two that differ: it gives several figures, or only a bound."""
    return isinstance(side.value, Figure) and bool(side.value.beside or side.value.quantity.bound)


def _at_one(topic: frozenset[str], one: Side, other: Side, same_story: SameStory) -> bool:
    return one.value.same(other.value) and difference(topic, one, other, same_story) is None  # type: ignore[arg-type]


def _between(
    topic: frozenset[str], one: Sequence[Side], other: Sequence[Side], same_story: SameStory
) -> Difference | None:
    """How two groups of accounts differ: as strongly as any two of them do, or any two with a date if one replaces."""
    if one is other:
        return None
    found = {(a, b): difference(topic, a, b, same_story) for a in one for b in other}
    if "update" in found.values():  # an article without a date cannot tell that the other figure is the older
        found = {(a, b): d for (a, b), d in found.items() if a.account.published and b.account.published}
    return next((d for d in _STRENGTH if d in found.values()), None)


def _first(groups: Sequence[Sequence[Side]], table: Sequence[Sequence[Difference | None]]) -> int | None:
    """Which group the others are held against: the newest of those that replace others, else the first."""
    replacing = [i for i, row in enumerate(table) if "update" in row]
    if replacing:
        return max(replacing, key=lambda i: max(_day(side) for side in groups[i]))
    return next((i for d in _STRENGTH for i, row in enumerate(table) if d in row), None)


def _day(side: Side) -> int:
    """When an account was published, as an ordinal; 0 where that is not known or it tells of a former state."""
    day = None if _STALE.search(side.account.quote) else side.account.published
    return day.toordinal() if day else 0


def _days_apart(one: Account, other: Account) -> int:
    """Days between two publications; 0 where one is not known."""
    return abs((one.published - other.published).days) if one.published and other.published else 0


def _other_days(one: Side, other: Side) -> bool:
    """Whether both name times and none in common: about as much in 2022 as in 2024 is not one figure."""
    a, b = one.reading.times, other.reading.times
    return bool(a and b) and not any(overlap(x, y) for x in a for y in b)


def _another_time(one: Side, other: Side, topic: frozenset[str]) -> bool:
    """Whether two dates are of two events: in other places, of other parts, another year's, each report's own news."""
    a, b = one.account.published, other.account.published
    if isinstance(one.value, When) and isinstance(other.value, When) and a and b:
        off = [abs((value.period.first - day).days) for value, day in ((one.value, a), (other.value, b))]
        apart = abs((a - b).days)
        if (apart > RECURRING and max(off) <= 366) or (apart > 2 * NEWS and max(off) <= NEWS):
            return True
    left, right = one.reading, other.reading
    return scope_differs(_Timeless(left.account), _Timeless(right.account), topic)


class _Timeless(Reading):
    """A reading whose times are the answer and so no part of its scope."""

    times = ()


def _replaces(topic: frozenset[str], one: Side, other: Side, same_story: SameStory) -> bool:
    """Whether the later account gives a newer state of the same thing."""
    a, b = one.account, other.account
    if not (a.published and b.published) or a.published == b.published:
        return False
    later = one if a.published > b.published else other
    if _NEWER.search(later.account.quote):
        return True
    holders = one.reading.holder, other.reading.holder
    if all(holders):
        return same_person(*holders)
    same_source = (a.outlet is not None and a.outlet == b.outlet) or same_story(a.article_id, b.article_id)
    return same_source or (isinstance(one.value, Figure) and bool(_RUNNING & topic))


def _position(group: Sequence[Side], difference_: Difference | None) -> Position:
    first = group[0]
    return Position(
        value=first.value.text,
        citations=tuple(sorted({side.account.number for side in group})),
        outlet=first.account.outlet,
        published=first.account.published,
        quote=first.account.quote,
        holder=first.reading.holder,
        difference=difference_,
    )

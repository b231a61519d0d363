"""What a source tells, as far as it can be held against another: the sentence, its speaker, what it holds for. Pure.

An account is one cited sentence of one article; its scope is the time, place and part of the matter that it speaks of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise

from index.articles import Article
from rag.check.evidence import Statement
from rag.check.facts import Word, fold
from rag.check.lexicon import OPPOSITE_OF, SPEECH, STOP, stem
from rag.check.lexicon import words as word_set
from rag.check.measures import MONTHS, WEEKDAYS
from rag.speech import attribution
from rag.times.period import Period
from rag.times.reader import periods

_RUN = r"[A-Z][\w’'-]*(?:\s+(?:of|de|del)\s+[A-Z][\w’'-]*|\s+[A-Z][\w’'-]*)*"
PLACE = re.compile(
    r"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Ff]rom|[Aa]cross|[Oo]utside|[Aa]round|[Tt]o)\s+(?:(?:[a-z]+\s+){1,3}of\s+)?"
    rf"(?:the\s+)?({_RUN})"
)
"""A name after "in", "at" and the like, also in "in the neighbouring province of Tolen"."""
_TIMES = frozenset(name.title() for name in (*MONTHS, *WEEKDAYS))
_TELLS = "|".join(sorted(SPEECH - {"according", "report", "cited", "called", "calls", "describes", "described"}))
_TOLD_ON = re.compile(rf"\b(?:{_TELLS})(?:\s+\w+){{0,3}}?\s+(?:on|in|late|early)?\s*$")
_SINCE = re.compile(r"\bsince\s+$", re.I)
_AS_OF = re.compile(r"\b(?:as of|by|until)\s+$", re.I)
_FISCAL = re.compile(
    r"\b(?:fiscal|financial)(?: year)? ((?:19|20)\d\d)\b|\b((?:19|20)\d\d) (?:fiscal|financial) year\b", re.I
)
_CONTRASTS = tuple(
    word_set(line)
    for line in (
        "man woman boy girl mixed",
        "child pupil student adult senior junior youth teenager infant elderly family soldier civilian",
        "northern southern eastern western north south east west central upper lower",
        "urban rural domestic foreign local national international inland offshore onshore",
        "new used old second",
        "first second third fourth final last",
        "winter summer spring autumn",
        "public private state",
        "gross net",
        "import export",
        "full partial",
    )
)
_CONTRASTS_BY = {stem(word): {stem(other) for other in group} for group in _CONTRASTS for word in group}
_CLASSES_BY = {
    stem(word): frozenset(stem(other) for other in group) - {stem(word)}
    for group in map(word_set, ("men women mixed boys girls", "junior senior youth", "first second third final"))
    for word in group
}
_PER = re.compile(
    r"\b(?:an?|per|each|every)\s+(hour|day|week|month|quarter|year|person|head|household|hectare|square|litre|ton)\b|"
    r"\b(hourly|daily|weekly|monthly|quarterly|annual|yearly)\b|\b(annually)\b",
    re.I,
)
_SAME_PER = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter"}
_SAME_PER |= dict.fromkeys(("annual", "annually", "yearly"), "year")
_CONTEXT = 600  # characters before a span that say what it is about
_JOINS = word_set("for of among by to against between")


@dataclass(frozen=True, slots=True)
class Account:
    """A sentence as one source tells it.

    Attributes:
        number: of its citation; two accounts that differ in nothing else are one.
        quote: the cited span.
        before: what stands before it and says what it is about: the title and the text just before.
        speaker: who says it, where the outlet does not; None leaves it to the words of the quote.
    """

    number: int = field(compare=False)
    article_id: str
    quote: str
    before: str = ""
    outlet: str | None = None
    published: date | None = None
    speaker: str | None = None


def account(article: Article, start: int, end: int, number: int = 0, speaker: str | None = None) -> Account:
    """The account that a span of an article gives.

    Args:
        article: where it stands.
        start: first character in the article's text.
        end: behind the last one.
        number: of its citation.
        speaker: who says it, if that is known.
    """
    before = f"{article.title or ''}. {article.text[max(0, start - _CONTEXT) : start]}"
    return Account(
        number, article.id, article.text[start:end], before, article.outlet, article.published, speaker
    )  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """An account with what it states, worked out when first asked for."""

    account: Account

    @cached_property
    def statement(self) -> Statement:
        """The quote's facts."""
        return Statement(fold(self.account.quote))

    @property
    def tokens(self) -> list[Word]:
        """The quote's tokens."""
        return self.statement.tokens

    @cached_property
    def keys(self) -> frozenset[str]:
        """Content keys of the quote and of what stands before it."""
        return self.statement.keys | Statement(fold(self.account.before)).keys

    @cached_property
    def names(self) -> frozenset[str]:
        """Keys of the words with a capital inside a sentence, of the quote and of what stands before it."""
        tokens = [*Statement(fold(self.account.before)).tokens, *self.tokens]
        return frozenset(
            t.key for b, t in pairwise(tokens) if t.text[0].isupper() and t.content and b.text not in '.!?:"'
        )

    @cached_property
    def times(self) -> tuple[Period, ...]:
        """The times of what is told, not of the telling ("police said on Monday")."""
        quote = fold(self.account.quote)
        found = [*periods(quote, self.account.published), *_fiscal_years(quote)]
        kept = [p for p in found if not _TOLD_ON.search(quote[: p.start]) and not _AS_OF.search(quote[: p.start])]
        end = self.account.published or date.max
        return tuple(replace(p, last=max(p.last, end)) if _SINCE.search(quote[: p.start]) else p for p in kept)

    @cached_property
    def places(self) -> frozenset[str]:
        """Names after "in", "at", "near" and the like."""
        found = (re.sub(r"['’]s?$", "", place) for place in PLACE.findall(fold(self.account.quote)))
        return frozenset(place for place in found if place.split()[0] not in _TIMES)

    @cached_property
    def classes(self) -> frozenset[str]:
        """Words that say which of several classes or rounds is meant: "women's", "junior", "second"."""
        return frozenset(stem(t.low) for t in self.tokens) & _CLASSES_BY.keys()

    @cached_property
    def per(self) -> frozenset[str]:
        """What a figure is counted by: "a day", "annually"."""
        found = ("".join(groups).lower() for groups in _PER.findall(self.account.quote))
        return frozenset(_SAME_PER.get(unit, unit) for unit in found)

    @cached_property
    def holder(self) -> str | None:
        """Who says it, as named; None where the outlet itself does or only a pronoun speaks."""
        quote = self.account.quote
        return self.account.speaker or attribution(quote, 0, len(quote), None, [(0, len(quote))]).speaker

    def parts(self, topic: frozenset[str]) -> dict[str, frozenset[str]]:
        """What narrows each word of a topic: the word before it, and the words after "for", "of" or "among".

        Args:
            topic: keys of the question.
        """
        found: dict[str, frozenset[str]] = {}
        tokens = self.tokens
        for i, token in enumerate(tokens):
            if token.key not in topic or not token.content:
                continue
            before = tokens[i - 1] if i and tokens[i - 1].content else None
            near = {"<" + stem(before.low)} if before and before.key not in topic else set()
            if i + 1 < len(tokens) and tokens[i + 1].low in _JOINS:
                after = [t for t in tokens[i + 2 : i + 6] if not t.breaks]
                near |= {f">{t.key}" for t in after if t.content and t.key not in topic and t.text[0].islower()}
            found[token.key] = found.get(token.key, frozenset()) | near
        return found


@lru_cache(maxsize=1024)
def read(account: Account) -> Reading:
    """The reading of an account; the same account is read once."""
    return Reading(account)


def _fiscal_years(quote: str) -> list[Period]:
    """Fiscal years as calendar years: where they begin differs from country to country."""
    years = ((int(m[1] or m[2]), m) for m in _FISCAL.finditer(quote))
    return [Period(date(year, 1, 1), date(year, 12, 31), m[0], m.start(), m.end()) for year, m in years]


def same_person(one: str | None, other: str | None) -> bool:
    """Whether two names may be one person or body: they share a word that is no title."""
    if one is None or other is None:
        return one is other
    a, b = ({stem(w) for w in re.findall(r"\w+", name.lower()) if w not in STOP} for name in (one, other))
    return bool(a & b)


def scope_differs(one: Reading, other: Reading, topic: frozenset[str], *, adds_up: bool = False) -> bool:
    """Whether two accounts speak of other times, places or parts of a matter, so that both can hold.

    Args:
        one: an account.
        other: another.
        topic: keys of the question.
        adds_up: whether more comes together in a longer time, so that "in 2022" and "since 2000" are two scopes.
    """
    together = _alike if adds_up else overlap
    if one.times and other.times and not any(together(a, b) for a in one.times for b in other.times):
        return True
    if one.places and other.places and not any(_within(a, b) for a in one.places for b in other.places):
        return True
    if one.per != other.per:
        return True
    if any(_CLASSES_BY[word] & (other.classes - one.classes) for word in one.classes - other.classes):
        return True
    mine, theirs = one.parts(topic), other.parts(topic)
    return any(_contrast(mine[key], theirs[key]) for key in mine.keys() & theirs.keys())


def overlap(one: Period, other: Period) -> bool:
    """Whether two periods share a day."""
    return one.first <= other.last and other.first <= one.last


def _alike(one: Period, other: Period) -> bool:
    """Whether two periods share a day and neither is more than twice as long as the other."""
    short, long = sorted(((one.last - one.first).days + 1, (other.last - other.first).days + 1))
    return overlap(one, other) and long <= 2 * short


def _within(one: str, other: str) -> bool:
    """Whether two place names are one place, or one of them opens the other ("Lund", "Lund Cathedral")."""
    return one == other or one.startswith(other + " ") or other.startswith(one + " ")


def _contrast(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether what narrows the same word names different parts: "women's race", "men's race"."""
    left, right = ({k[1:] for k in side if k[0] == "<"} for side in (one, other))
    if not left & right:
        for a in left:
            if right & ((_CONTRASTS_BY.get(a, set()) | OPPOSITE_OF.get(a, frozenset())) - {a}):
                return True
    after, behind = ({k for k in side if k[0] == ">"} for side in (one, other))
    return bool(after and behind) and not after & behind

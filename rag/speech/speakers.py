"""Who speaks, by the words that name them: full names, what they are, and who "he" or "the minister" is. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from rag.check.facts import fold
from rag.check.facts import words as tokens_of
from rag.check.lexicon import NATION_OF, SPEAKERS, STOP, TITLES, words
from rag.check.measures import MONTHS, WEEKDAYS

_CAP = r"(?:[A-Z]\.(?:[A-Z]\.)*|[^\W\d_a-zß-öø-ÿ][\w’'-]*)"
RUN = rf"{_CAP}(?: (?:(?:of|de|del|da|di|la|le|al|bin|van|von|der|den|du) (?:the |la )?)?{_CAP})*"
"""A row of capitalised words: "President of Colombia Gustavo Petro", "the Bank of England" from its second word on."""

_RUN = re.compile(RUN)
_LAST_RUN = re.compile(rf"(?<![\w’'-]){RUN}$")
_BODIES = words(
    "ministry department office university party bank court house council committee commission union association "
    "institute agency times post news journal guardian press congress senate parliament group company nations states "
    "street city county school hospital club force forces police army navy front movement church foundation "
    "international society federation administration government treasury board act service bureau organization "
    "organisation network centre center fund league firm corporation"
)
_BEFORE = re.compile(r"([\w’'-]+(?: [\w’'-]+){0,2}) $")
_TITLED_BEFORE = re.compile(r"(?:^|[\s“\"])([\w’'-]+(?: [\w’'-]+){0,4}), $")
_APPOSED = re.compile(r"(?:’s|'s)?, ((?:an?|the|its|his|her|who is|then) [^,.;“”\"]{3,70}|[a-z][^,.;“”\"]{3,50})[,.]")
_TIME = re.compile(
    r"^(?:(?:[Aa]lso|[Ll]ate|[Ee]arly|[Ee]arlier|[Ll]ater|[Oo]n|[Ii]n|[Ll]ast|[Tt]his|[Bb]y|[Ss]ince) )+(?:\w+ ){0,2}?"
    r"(?:\w+day|January|February|March|April|May|June|July|August|September|October|November|December|\d{4}|week|month|"
    r"year) "
)
_AND_SO = re.compile(
    r"^(?:(?:But|And|However|Yet|Still|Meanwhile|Also|Then|So|Instead|Later|Earlier|Today|Yesterday|Thus)\b,? ?)+"
)
_ONE_PERSON = words(
    "spokesman spokeswoman spokesperson speaker official prosecutor lawyer leader analyst expert economist scientist "
    "researcher witness doctor diplomat critic resident student teacher driver activist executive founder owner mother "
    "father wife husband son daughter brother sister friend colleague author editor commander premier candidate "
    "historian engineer manager deputy aide adviser envoy ambassador man woman boy girl farmer fisherman neighbour "
    "neighbor nurse worker sailor soldier clerk reporter journalist minister mayor governor president judge chief boss "
    "partner"
)
_PREPOSITION = words(
    "in on at after before during as since by for with despite under following from of to near about against among "
    "over between without"
)
_PLACED = re.compile(
    r"\b(?:in|at|near|across|outside|off|(?:town|city|port|village|province|region|state|island|district|capital) of) $"
)
_OUTLET = re.compile(r"(?:Reuters|Bloomberg|Politico|Axios)\b|[\w’'-]+ (?:magazine|newspaper|news|radio|television)\b")
_SOMEBODY = re.compile(
    r"(?<!, )(?<!\bis )(?<!\bwas )(?<!\bas )(?<!\bbecame )\b(?:an?|the|his|her|[\w-]+[’']s) (?:[a-z]+ )?"
    rf"(?:{'|'.join(sorted(_ONE_PERSON))})\b(?!,? [A-Z]|[’'])"
)
_BY_ROLE = re.compile(r"\b[Tt]he ([a-z]+)\b")
_AGENTS = re.compile(r"\w{2,}(?:[^p]ers|ists|ors|ians|ees)$")
_FINITE = re.compile(
    r"\b(?:was|were|is|are|has|had|have|will|would|be|been|did|does|not|never|"
    r"to(?! (?:the|an?|his|her|its|their|[A-Z])))\b"
)
_ITSELF = words("article piece text writer")
_ADJECTIVES = words("local senior former several top military regional national other some many most foreign two three")
_OBJECTS = {"him": "he", "her": "she", "them": "they"}
PRONOUN = words("he she they it")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who says something.

    Attributes:
        name: as the article names them, titles left out; a pronoun where that is all there is.
        role: what the article calls them besides: "Defense Minister", "a teacher in Tyre".
        person: whether the name is a person's.
        known: whether the words can be a speaker whatever the verb: a name, or a noun of `lexicon.SPEAKERS`.
    """

    name: str
    role: str = ""
    person: bool = False
    known: bool = True


@dataclass(frozen=True)
class People:
    """The persons and bodies that an article names.

    Attributes:
        full: last name -> full names.
        roles: full name -> words for what the person is, in lower case.
        bodies: names of what is no person, in order.
        persons: the full names that are persons' for certain: with a role, or by their last name alone elsewhere.
    """

    full: dict[str, set[str]] = field(default_factory=dict)
    roles: dict[str, set[str]] = field(default_factory=dict)
    bodies: dict[str, None] = field(default_factory=dict)
    persons: set[str] = field(default_factory=set)

    def whole(self, name: str) -> str | None:
        """The full name of a person of whom a last or full name is given; as given where it fits several."""
        found = self.full.get(name.split()[-1])
        if not found:
            return None
        if " " in name:
            return name if name in found else None
        return next(iter(found)) if len(found) == 1 else name

    def mentioned(self, text: str) -> list[str]:
        """The persons whom a text names, each once, in order."""
        found: dict[str, None] = {}
        for match in _RUN.finditer(text):
            _, bare = _untitled(match[0])
            name = self.whole(bare) if bare else None
            if name in self.persons:
                found[name] = None
        for match in _BY_ROLE.finditer(text):
            name = self.titled(match[0]) if match[1] in SPEAKERS else None
            if name in self.persons:
                found[name] = None
        return list(found)

    def rivals(self, text: str, name: str) -> bool:
        """Whether a text names anybody but `name` who may be "he", with a role or without: "Oak", "a farmer"."""
        for match in _RUN.finditer(text):
            _, other = _untitled(match[0])
            last = other.split()[-1] if other else ""
            dated = other.split(" ", 1)[-1] if other.split(" ", 1)[0].lower() in MONTHS else other  # "Jan Oak"
            if not other or not _is_person(dated) or other.lower() in NATION_OF or last.lower() in SPEAKERS | TITLES:
                continue
            placed = " " not in other and _PLACED.search(text, 0, match.start())
            outlet = text.endswith("the ", 0, match.start()) or _OUTLET.match(text, match.end() - len(last))
            led = match.start() == 0 and name.endswith(last)  # "Yesterday Holm"
            same = other in name or (name != "" and (led or other.endswith(name)))
            if not (placed or outlet or same):
                return True
        return bool(_SOMEBODY.search(text))

    def titled(self, description: str) -> str | None:
        """The one person or body that "the finance minister" or "the ministry" can be; None where it may be several."""
        asked = [w for w in re.findall(r"[\w-]+", description.lower()) if w not in STOP]
        if not asked:
            return None
        body = asked[-1] in _BODIES
        persons = [name for name, role in self.roles.items() if not body and role.issuperset(asked)]
        if persons:
            return persons[0] if len(persons) == 1 else None
        bodies = [b for b in self.bodies if asked[-1] in b.lower().split() and len(asked) == 1 and asked[0] in _BODIES]
        return f"the {bodies[0]}" if len(bodies) == 1 else None


@lru_cache(maxsize=64)
def people(text: str) -> People:
    """Whom an article names; read once an article."""
    found = People()
    alone: set[str] = set()
    for match in _RUN.finditer(text):
        titles, name = _untitled(match[0])
        if not name:
            continue
        if " " not in name:
            alone.add(name)
        if not _is_person(name) or (" " not in name and not titles):
            if " " in name or name.isupper():
                found.bodies[name] = None
            continue
        role = set(titles.lower().split())
        if before := _BEFORE.search(text, max(0, match.start() - 60), match.start()):
            last = before[1].lower().split()
            role |= set(last) if last[-1] in SPEAKERS else set()
        owns = match[0].endswith(("’s", "'s"))  # "the captain, Pia Holm's father"
        if not owns and (before := _TITLED_BEFORE.search(text, max(0, match.start() - 80), match.start())):
            last = before[1].lower().split()
            role |= set(last) if last[-1] in SPEAKERS else set()
        if apposed := _APPOSED.match(text, match.end()):
            role |= set(re.findall(r"[\w-]+", apposed[1].lower()))
        if " " in name:
            found.full.setdefault(name.split()[-1], set()).add(name)
            found.roles.setdefault(name, set()).update(role)
    found.persons.update(n for n, role in found.roles.items() if role & SPEAKERS or n.split()[-1] in alone)
    return found


def _untitled(run: str) -> tuple[str, str]:
    """(titles, name) of a row of capitalised words: ("President of Colombia", "Gustavo Petro")."""
    parts = re.sub(r"(?:’s|'s)$", "", run).split()
    while parts and parts[0].lower() in STOP | _PREPOSITION and parts[0] not in ("US", "UN") and len(parts[0]) > 1:
        parts = parts[1:]
    if len(parts) > 1 and re.fullmatch(r"\w\.", parts[0]) and not parts[1].endswith("."):
        parts = parts[1:]  # "... on X. Lund said ..."
    places = [i for i, part in enumerate(parts) if part.lower().rstrip(".") in TITLES]
    at = places[-1] + 1 if places and len(parts) > places[-1] + 1 else 0
    if at and parts[at] == "of":
        at = min(at + 2, len(parts))
    titles, name = parts[:at], parts[at:]
    if "of" in name[2:] and not _BODIES & {p.lower() for p in name}:
        name = name[: name.index("of", 2)]
    return " ".join(titles), " ".join(name)


def _is_person(name: str) -> bool:
    parts = [part.lower() for part in name.split()]
    return (
        len(parts) <= 5
        and "of" not in parts
        and not any(p in _BODIES or p in MONTHS or p in WEEKDAYS or p in STOP for p in parts)
        and not (len(parts) > 1 and parts[-1] in NATION_OF)
        and not name.isupper()
    )


def read(region: str, who: People, text: str) -> Speaker | None:
    """Who the words before "said" (or after "according to") are; None where they are no one that speaks.

    Args:
        region: the words, without commas.
        who: the article's people.
        text: the article, which shows whether a first word is written small elsewhere.
    """
    region = _TIME.sub("", _AND_SO.sub("", region.strip())).strip()
    low = region.lower()
    low = _OBJECTS.get(low, low)
    if low in PRONOUN:
        return Speaker(low, person=low in ("he", "she"))
    parts = region.split()
    if not parts or len(parts) > 12 or low in STOP:
        return None
    run = _LAST_RUN.search(region)
    before = region[: run.start()].split() if run else parts
    if _FINITE.search(region) or (parts[0].lower() in _PREPOSITION and parts[0].lower() != "of"):
        return _known(run, before, who)
    if run and not (before and before[-1].lower() in _PREPOSITION | {"the"} and len(before) > 1):
        return _named(run[0], before, who)
    return _described(region, parts, who, text)


def _known(run: re.Match[str] | None, before: list[str], who: People) -> Speaker | None:
    """After an opening without a comma ("In Vienna Petro said") only a known person counts."""
    if not run or (before and before[-1].lower() in _PREPOSITION):
        return None
    titles, bare = _untitled(run[0])
    name = who.whole(bare) if bare and before else None
    return Speaker(name, titles, True) if name else None


def _named(run: str, before: list[str], who: People) -> Speaker | None:
    titles, bare = _untitled(run)
    role = " ".join([*before, titles]).strip()
    described = bool(before) and before[-1].lower() in SPEAKERS
    article = run.startswith("The ") or [b.lower() for b in before] == ["the"]
    person = who.whole(bare) if bare and not (article and not titles) else None
    if person or (bare and _is_person(bare) and (titles or described) and " " in bare):
        return Speaker(person or bare, role, described or bool(titles) or person in who.persons)
    if not bare:
        return None
    if titles and _is_person(bare):
        return Speaker(bare, role, True)
    if described or not before:
        opened = run.startswith("The ") and bare != run
        return _single(bare, run, opened)
    if [b.lower() for b in before] == ["the"]:
        return Speaker(f"the {bare}")
    return Speaker(" ".join([before[0].lower(), *before[1:], run]), known=False)


def _single(bare: str, run: str, opened: bool) -> Speaker | None:
    low = bare.lower()
    if " " not in bare and (low in SPEAKERS or low in STOP) and low not in ("us",):
        return None if low in STOP else Speaker(f"the {low}" if opened else low)
    plural = low.endswith("s") and low not in NATION_OF and " " not in bare and not bare.isupper()
    return Speaker(f"the {bare}" if opened else bare, known=not plural or run != bare)


def _described(region: str, parts: list[str], who: People, text: str) -> Speaker | None:
    """Somebody without a name ("Hamas officials", "a spokesman for the ministry"): as written, or who must be meant."""
    cut = next((i for i, part in enumerate(parts) if i and part.lower() in _PREPOSITION), len(parts))
    head = parts[cut - 1].lower()
    if head in _ITSELF or head.endswith("ing"):
        return None
    if cut == len(parts) and parts[0].lower() == "the" and region[4:].islower():
        meant = who.titled(region)
        if meant:
            return Speaker(meant, region.lower(), meant in who.roles)
    first = parts[0]
    small = len(parts) == 1 or parts[1][:1].islower() or first.lower() in STOP
    name = first.lower() in NATION_OF or (first.isupper() and len(first) > 1)
    if first.lower() in SPEAKERS | STOP | _ADJECTIVES or (
        small and not name and (_AGENTS.match(first) or re.search(rf"\b{re.escape(first.lower())}\b", text))
    ):
        first = first.lower()
    return Speaker(" ".join([first, *parts[1:]]), known=head in SPEAKERS or bool(_AGENTS.match(head)))


def keys(name: str) -> frozenset[str]:
    """What a name is compared by: stems, nations folded, small words left out; "defence" is "defense"."""
    plain = fold(name).replace("efence", "efense")
    return frozenset(token.key for token in tokens_of(plain) if token.content)

"""A short follow-up put into the question before it: "and in 2022?" after "... in 2021?". Pure, by rules.

Each rule gives the whole question that is meant, or None where more than one could be.
"""

from __future__ import annotations

import re

from rag.check.lexicon import words

MOST_WORDS = 8
"""A longer follow-up says more than what to put in."""

COUNTRIES = frozenset(
    name.replace("_", " ").casefold()
    for name in words(
        "Afghanistan Albania Algeria Angola Argentina Armenia Australia Austria Azerbaijan Bahrain Bangladesh "
        "Belarus Belgium Belize Benin Bolivia Bosnia Botswana Brazil Britain Bulgaria Burundi Cambodia Cameroon "
        "Canada Chad Chile China Colombia Congo Costa_Rica Croatia Cuba Cyprus Czechia Denmark Dominican_Republic "
        "Ecuador Egypt El_Salvador England Eritrea Estonia Ethiopia Finland France Gabon Gaza Georgia Germany "
        "Ghana Greece Greenland Guatemala Guinea Guyana Haiti Honduras Hong_Kong Hungary Iceland India Indonesia "
        "Iran Iraq Ireland Israel Italy Ivory_Coast Jamaica Japan Jordan Kazakhstan Kenya Kosovo Kuwait Laos "
        "Latvia Lebanon Liberia Libya Lithuania Luxembourg Madagascar Malawi Malaysia Mali Malta Mexico Moldova "
        "Mongolia Montenegro Morocco Mozambique Myanmar Namibia Nepal Netherlands New_Zealand Nicaragua Niger "
        "Nigeria North_Korea North_Macedonia Norway Oman Pakistan Palestine Panama Paraguay Peru Philippines "
        "Poland Portugal Qatar Romania Russia Rwanda Saudi_Arabia Scotland Senegal Serbia Sierra_Leone Singapore "
        "Slovakia Slovenia Somalia South_Africa South_Korea South_Sudan Spain Sri_Lanka Sudan Suriname Sweden "
        "Switzerland Syria Taiwan Tanzania Thailand Togo Tunisia Turkey Turkmenistan US U.S. USA UK U.K. EU "
        "Uganda Ukraine United_Kingdom United_States Uruguay Uzbekistan Venezuela Vietnam Wales Yemen Zambia "
        "Zimbabwe"
    )
)
_CITIES = words(
    "Amsterdam Athens Baghdad Bangkok Barcelona Beijing Beirut Berlin Birmingham Bogota Boston Brussels Bucharest "
    "Budapest Cairo Caracas Chicago Copenhagen Dallas Damascus Delhi Detroit Dubai Dublin Edinburgh Frankfurt Geneva "
    "Glasgow Hamburg Helsinki Houston Istanbul Jakarta Jerusalem Johannesburg Karachi Khartoum Kyiv Lagos Leeds Lima "
    "Lisbon Liverpool London Lyon Madrid Manchester Manila Marseille Melbourne Miami Milan Montreal Moscow Mumbai "
    "Munich Nairobi Naples Osaka Oslo Paris Philadelphia Prague Rome Rotterdam Santiago Seattle Seoul Shanghai "
    "Stockholm Tehran Tokyo Toronto Turin Valencia Vancouver Vienna Warsaw Washington Zurich"
)
_TITLES = r"(?:President|Prime Minister|Minister|Senator|Governor|Mayor|Mr\.?|Mrs\.?|Ms\.?|Dr\.?)"
NAME = re.compile(
    r"\b(?:[A-Z][\w.-]*\w|U\.S\.|U\.K\.)(?:\s+(?:(?:of|de|del|da|van|von|bin|al)\s+(?:the\s+)?)?[A-Z][\w-]*\w)*"
)
_FIRST_WORDS = words(
    "who whom whose what which when where why how did does do is are was were has have had will would can could should "
    "in on at for since and but so or by from to the a an according with about under after before during tell please "
    "name list give if as describe compare summarize summarise i then also"
)
_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Aug|Sept?|"
    "Oct|Nov|Dec)"
)
_PERIOD = (
    rf"(?:(?:{_MONTH}\.? \d{{1,2}}(?:, (?:19|20)\d\d)?|\d{{1,2}} {_MONTH}(?: (?:19|20)\d\d)?|"
    rf"{_MONTH} (?:19|20)\d\d|{_MONTH})(?!\w)|"
    r"(?:the )?(?:fiscal|financial) (?:year )?(?:19|20)\d\d|the (?:19|20)\d\d (?:fiscal|financial) year|"
    r"(?:19|20)\d\d(?:[-–/]\d\d(?:\d\d)?)?(?!\w)|(?:last|this|next) (?:year|month|week|spring|summer|autumn|winter)|"
    r"the (?:year|month|week) before|yesterday|today)"
)
_BEFORE = r"(?:in|on|for|during|since|until|by|before|after)"
_PERIOD_OF = re.compile(rf"(?:\b(?P<how>{_BEFORE}) )?\b(?P<when>{_PERIOD})")
_LEADS = r"^(?:(?:and|but|or|so|then|ok|okay)[, ]+)*(?:(?:what|how) about |what of )?"
_ASKS_PERIOD = re.compile(rf"{_LEADS}(?:(?P<how>{_BEFORE}) )?(?P<when>{_PERIOD})(?: then)?$", re.I)
_ASKS_NAME = re.compile(
    rf"{_LEADS}(?:(?P<how>in|for|from|by|to|with|at|of) )?(?P<the>the )?(?P<name>[\w.'’ -]+)$", re.I
)
_ASKS_NOUN = re.compile(rf"(?i:{_LEADS}(?:of )?)(?P<noun>[a-z]{{3,}})$")
_ASKS_WHY = re.compile(
    r"^(?:(?:and|but|so)[, ]+)?(?P<why>why|when|where|how|since when|until when)(?: exactly| so| then)?$", re.I
)
_ASKS_ELSE = re.compile(r"^(?:(?:and|but|so)[, ]+)?(?P<who>who|whom|what|where|why|how) else$", re.I)
_COUNTED = re.compile(r"(\b[Hh]ow (?:many|much) (?:[a-z]+ of )?)([a-z]{3,})\b")
_ADVERBIAL = re.compile(r"^(?:when|where|why|how)(?= (?:is|are|was|were|did|does|do|has|have|had|will)\b)", re.I)
_INVERTED = re.compile(r"^(?:is|are|was|were|did|does|do|has|have|had|will)\b", re.I)
_WORDS_TOO = words("turkey jordan chad china georgia mali")
_PLURALS = words("people men women children police cattle mice feet teeth lives wives")
_SLOT = re.compile(
    r"^(?P<opening>(?:who|whom|what|which|when|where|why|how)\b.*?\b(?:is|are|was|were|did|does|do|has|have|had|will)) "
    r"(?P<rest>.+)$",
    re.I,
)
_PRONOUNS = words("he she they it him her them this that these those one ones other others same there then not")


def substituted(question: str, earlier: str) -> str | None:
    """The question that a short follow-up means; None where no rule is sure of it.

    Args:
        question: the follow-up: "and Ecuador?".
        earlier: the question before it, whole: "How many tons did Colombia seize in 2022?".
    """
    said, base = _bare(question), _bare(earlier)
    if not base:
        return None
    short = len(said.split()) <= MOST_WORDS
    for rule in (_parallel, *((_period, _else, _why, _name, _noun) if short else ())):
        found = rule(said, base)
        if found:
            return f"{found[0].upper()}{found[1:]}?"
    return None


def names(question: str) -> list[str]:
    """The names in a question, in order, each once: titles and the words that open a question left out."""
    return list(dict.fromkeys(text for _, _, text in _spans(question)))


def is_country(name: str) -> bool:
    """Whether a name is that of a country, or of a union of some."""
    return name.casefold().removeprefix("the ") in COUNTRIES


def _bare(question: str) -> str:
    return " ".join(question.replace("’", "'").split()).rstrip("?!. ")


def _spans(text: str) -> list[tuple[int, int, str]]:
    """Start, end and text of each name."""
    found = []
    for match in NAME.finditer(text):
        start, name = match.start(), match[0]
        while name and name.split()[0].lower() in _FIRST_WORDS and not name.split()[0].isupper():
            head, _, name = name.partition(" ")
            start += len(head) + 1
        if title := re.match(rf"{_TITLES}\s+(?=[A-Z])", name):
            start, name = start + title.end(), name[title.end() :]
        if len(name) > 1 and not re.fullmatch(_PERIOD, name):
            found.append((start, start + len(name), name))
    lower = [
        match
        for match in re.finditer(r"\b[a-z]{4,}\b|(?<=\bthe )(?:us|uk|eu)\b", text)
        if match[0] in COUNTRIES - _WORDS_TOO
    ]
    return sorted([*found, *((match.start(), match.end(), match[0]) for match in lower)])


def _period(said: str, base: str) -> str | None:
    asked = _ASKS_PERIOD.match(said)
    if not asked or re.match(r"(?i)when\b|(?:in )?(?:which|what) (?:year|month|day)\b", base):
        return None
    when = asked["when"]
    how = asked["how"].lower() if asked["how"] else _preposition(when)
    phrase = f"{how} {when}".strip()
    there = list(_PERIOD_OF.finditer(base))
    if not there:
        return f"{base} {phrase}"
    if year := re.search(rf"{_MONTH}.* ((?:19|20)\d\d)$", there[0]["when"]):  # "and in April?" is of the same year
        phrase += "" if re.search(r"\d{4}$", phrase) or not re.search(_MONTH, when) else f" {year[1]}"
    return base[: there[0].start()] + phrase + base[there[0].end() :] if len(there) == 1 else None


def _preposition(when: str) -> str:
    if re.match(r"(?i)last|this|next|the (?:year|month|week)|yesterday|today", when):
        return ""
    return "on" if re.search(rf"{_MONTH}\.? \d{{1,2}}\b|\b\d{{1,2}} {_MONTH}", when) else "in"


def _name(said: str, base: str) -> str | None:
    asked = _ASKS_NAME.match(said)
    if not asked:
        return None
    new = asked["name"].strip()
    country = is_country(new)
    if country and new.islower():
        new = new.upper() if len(new) < 4 and new != "oman" else new.title()
    if not (country or [text for _, _, text in _spans(f"x {new}")] == [new]):
        return None
    there = [span for span in _spans(base) if is_country(span[2]) == country and span[2] != new]
    if asked["how"] and len(there) > 1:
        there = [span for span in there if re.search(rf"\b{asked['how']} (?:the )?$", base[: span[0]], re.I)]
    article = "the " if asked["the"] or new in ("US", "UK", "EU", "USA", "Netherlands", "Philippines") else ""
    if not there and country and asked["how"] and not _spans(base):
        return f"{base} {asked['how'].lower()} {article}{new}"
    how = asked["how"] or ("in" if new in _CITIES and len(there) > 1 else "")
    if how and (not country or not there):  # "and in Turin?" is put for "in Leeds", and for nothing else
        there = [span for span in _spans(base) if re.search(rf"\b{how} (?:the )?$", base[: span[0]], re.I)]
    if len(there) != 1:
        return None
    start, end, old = there[0]
    front = re.sub(r"\bthe $", "", base[:start], flags=re.I) if is_country(old) or article else base[:start]
    front = re.sub(rf"{_TITLES} $", "", front)
    return f"{front}{article}{new}{base[end:]}"


def _noun(said: str, base: str) -> str | None:
    """With "and heroin?" after "How many tons of cocaine ...?"."""
    asked = _ASKS_NOUN.match(said)
    counted = _COUNTED.match(base)
    if not asked or not counted or asked["noun"] in _PRONOUNS | _FIRST_WORDS | COUNTRIES:
        return None
    many = counted[1].lower().startswith("how many") and " of " not in counted[1]
    if many and _is_plural(counted[2]) != _is_plural(asked["noun"]):  # "profit" is not counted as jobs are
        return None
    return f"{counted[1]}{asked['noun']}{base[counted.end() :]}"


def _is_plural(noun: str) -> bool:
    return noun in _PLURALS or (noun.endswith("s") and not noun.endswith(("ss", "us", "is", "news")))


def _why(said: str, base: str) -> str | None:
    asked = _ASKS_WHY.match(said)
    if not asked:
        return None
    if _INVERTED.match(base) and not re.search(r"\bor\b", base):
        return f"{asked['why'].lower()} {base[0].lower()}{base[1:]}"
    adverb = _ADVERBIAL.match(base)
    return (
        f"{asked['why'].lower()}{base[adverb.end() :]}"
        if adverb and asked["why"].lower() != adverb[0].lower()
        else None
    )


def _parallel(said: str, base: str) -> str | None:
    """With "What is it credited with?" after "What is Plan Norrland blamed for?": the same asked of the same."""
    mine, theirs = _SLOT.match(re.sub(r"^(?:(?:and|but|so)[, ]+)+", "", said, flags=re.I)), _SLOT.match(base)
    if not mine or not theirs or mine["opening"].casefold() != theirs["opening"].casefold():
        return None
    asked = re.match(r"(he|she|it) (.+)", mine["rest"], re.I)
    named = re.match(rf"(?:the )?(?:{_TITLES} )?(?={NAME.pattern})", theirs["rest"])
    if not asked or not named or re.search(r"\b(?:it|its|that|this|those|there|then|one)\b", asked[2], re.I):
        return None
    name = NAME.match(theirs["rest"], named.end())
    if not name or theirs["rest"][name.end() :].startswith("'") or (is_country(name[0]) and asked[1].lower() != "it"):
        return None
    return f"{mine['opening']} {theirs['rest'][: name.end()]} {asked[2]}"


def _else(said: str, base: str) -> str | None:
    asked = _ASKS_ELSE.match(said)
    opening = re.match(r"(?i)(who|whom|what|where|why|how)(?= (?!else\b)[a-z])", base)
    if not asked or not opening or opening[1].lower().removesuffix("m") != asked["who"].lower().removesuffix("m"):
        return None
    return f"{opening[1]} else{base[opening.end() :]}"

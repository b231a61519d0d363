"""Words for numbers, scales, units, currencies, days and bounds."""

from __future__ import annotations

from rag.check.lexicon import row, words

_TEENS = row(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = row("twenty thirty forty fifty sixty seventy eighty ninety")
_NTH = row(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
)
CARDINALS = {word: i for i, word in enumerate(_TEENS)} | {word: 10 * i for i, word in enumerate(_TENS, 2)}
ORDINALS = {word: i for i, word in enumerate(_NTH, 1)}
SCALES = {
    "dozen": 12,
    "dozens": 12,
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "k": 1000,
    "m": 10**6,
    "mn": 10**6,
    "mln": 10**6,
    "bn": 10**9,
    "b": 10**9,
    "tn": 10**12,
}
UNITS = {
    unit: family
    for family, names in {
        "%": "% percent percentage pct",
        "ton": "ton tons tonne tonnes",
        "kg": "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes",
        "g": "gram grams gramme grammes",
        "lb": "lb lbs",
        "km": "km kms kilometer kilometers kilometre kilometres",
        "m": "m metre metres meter meters",
        "mile": "mile miles mi",
        "ft": "ft foot feet",
        "ha": "hectare hectares ha",
        "acre": "acre acres",
        "barrel": "barrel barrels",
        "l": "liter liters litre litres",
        "mph": "mph",
        "kph": "kph",
        "MW": "mw megawatt megawatts",
        "GW": "gw gigawatt gigawatts",
        "year": "year years yr yrs year-old years-old",
        "month": "month months",
        "week": "week weeks",
        "day": "day days",
        "hour": "hour hours hr hrs",
        "minute": "minute minutes min mins",
        "second": "seconds secs",
        "decade": "decade decades",
        "century": "century centuries",
        "USD": "dollar dollars usd",
        "EUR": "euro euros eur",
        "GBP": "gbp sterling",
        "JPY": "yen",
        "CNY": "yuan",
        "RUB": "rouble roubles ruble rubles",
        "INR": "rupee rupees",
        "peso": "peso pesos",
        "cent": "cent cents",
    }.items()
    for unit in names.split()
}
_FAMILIES: dict[str, dict[str, float]] = {
    "second": {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800},
    "month": {"month": 1, "year": 12, "decade": 120, "century": 1200},
    "kg": {"kg": 1, "g": 0.001, "ton": 1000},
    "m": {"m": 1, "km": 1000},
    "MW": {"MW": 1, "GW": 1000},
}
BASE = {unit: (family, factor) for family, units in _FAMILIES.items() for unit, factor in units.items()}
"""Units that are exact multiples of one another: unit -> (the one to compare in, how many of it)."""

FRACTIONS = {"half": 50.0, "quarter": 25.0, "fifth": 20.0, "third": 33.0, "tenth": 10.0}
"""Parts in words, as a percentage."""

TWO = frozenset(("twice", "both", "couple", "pair", "twin", "twins", "double", "doubled"))

CURRENCY = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_MONTHS = row("january february march april may june july august september october november december")
MONTHS = {name[:n]: i for n in (3, 20) for i, name in enumerate(_MONTHS, 1)} | {"sept": 9}
WEEKDAYS = row("monday tuesday wednesday thursday friday saturday sunday")
RELATIVE = words("yesterday today tomorrow tonight")

BOUNDS = (  # the phrase just before a number and what it does to it; the first that fits counts
    (r"(?:no|not) (?:more|greater|higher) than|at most|up to|as (?:many|much) as|a maximum of", "<="),
    (r"(?:no|not) (?:fewer|less|lower) than|at least|a minimum of|upwards of", ">="),
    (
        r"(?:more|greater|higher|larger|longer|older|better) than|over|above|exceed(?:ing|s|ed)?|surpass(?:ing|es|ed)?",
        ">",
    ),
    (r"(?:fewer|less|lower|smaller|shorter|younger) than|under|below", "<"),
    (r"nearly|almost|just short of|approaching", "~<"),
    (r"about|around|roughly|approximately|approx\.?|some|an estimated|estimated|close to|near|circa|or so|~", "~"),
)

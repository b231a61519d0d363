"""The same put otherwise: numbers, amounts and dates as another writer has them, and words that open a sentence."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from eval.train.swaps import COUNTS

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"


def _symbol(found: re.Match[str]) -> str:
    return f"{'€' if found[0].endswith('euros') else '£'}{found[1]} {found[2]}"


def _spelt(found: re.Match[str]) -> str:
    return f"{found[2]} {found[3]} {'euros' if found[1] == '€' else 'pounds'}"


_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(\d)\s?%"), r"\1 percent"),
    (re.compile(r"(\d) (?:percent|per cent)\b"), r"\1%"),
    (re.compile(r"\$\s?(\d[\d.,]*\d|\d)(?: (million|billion|trillion))?(?= )"), r"\1 \2 dollars"),
    (re.compile(r"(\d[\d.,]*\d|\d) (million|billion) dollars"), r"$\1 \2"),
    (re.compile(r"(\d[\d.,]*\d|\d) (million|billion) (?:euros|pounds)"), _symbol),
    (re.compile(r"\$(\d[\d.,]*\d|\d) ([mb])illion"), r"$\1\2n"),
    (re.compile(r"([€£])(\d[\d.,]*\d|\d) (million|billion)"), _spelt),
    (re.compile(rf"\b({_MONTH}) (\d\d?), (\d{{4}})"), r"\2 \1 \3"),
    (re.compile(rf"\b(\d\d?) ({_MONTH}),? (\d{{4}})"), r"\2 \1, \3"),
    (re.compile(rf"\bon (?:{_MONTH}) \d\d?, (\d{{4}})"), r"in \1"),
    (re.compile(rf"\b(?:o|O)n ({_MONTH}) \d\d?(?=[ .])"), r"in \1"),
)
_SMALL = re.compile(
    r"(?:an?|the|this|that|these|those|he|she|it|they|his|her|its|their|there|some|many|most|all|both|several|few|no|one|"
    r"two|three|in|on|at|by|for|from|with|after|before|when|while|as|according|about|more|less|another|other|each|every)\b",
    re.I,
)
_OPENERS = (
    "Based on the given passages, ",
    "Based on the text, ",
    "According to the passage, ",
    "According to the text, ",
    "According to the report, ",
    "The article says that ",
    "The text mentions that ",
    "The passages say that ",
    "It is important to note that ",
    "It is also worth mentioning that ",
    "Note that ",
    "Additionally, ",
    "In addition, ",
    "Furthermore, ",
    "However, ",
    "Overall, ",
    "In summary, ",
    "In short, ",
)


def restyle(text: str, rng: random.Random) -> str:
    """The text, sometimes in another notation; what it says is the same or a little less."""
    if rng.random() < 0.6:
        return text
    for pattern, new in _RULES:
        if rng.random() < 0.4 and (changed := pattern.sub(new, text)) != text:
            text = re.sub(r"  +", " ", changed)
            break
    if rng.random() < 0.5:
        for number, word in enumerate(COUNTS, 2):
            text = re.sub(rf"(?<![\w.,$]){number}(?![\w.,%]|\s(?:{_MONTH}|percent|million|billion))", word, text)
    return text[:1].upper() + text[1:]


def inside(sentence: str) -> str:
    """A sentence as it stands behind other words: without the capital of an article, a pronoun or the like."""
    return sentence[:1].lower() + sentence[1:] if _SMALL.match(sentence) else sentence


def opened(claim: str, rng: random.Random) -> str:
    """The claim, one in eight behind words that language models like to begin with and that say nothing."""
    return rng.choice(_OPENERS) + inside(claim) if rng.random() < 0.12 else claim

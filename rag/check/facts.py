"""What a sentence states that can be compared exactly: its words, numbers, dates, names and quotes. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from index.sentences import sentence_spans
from rag.check.lexicon import NAME_LINKS, NATION_OF, STOP, SYNONYM_OF, TITLES, stem
from rag.check.measures import CARDINALS, MONTHS, ORDINALS, WEEKDAYS

_FOLD = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‛": "'", "–": "-", "—": "-"}
)
_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s]")
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d)(?![\d:])")
_LONE = re.compile("[\ud800-\udfff]")
"""Half of a character pair, which no tokenizer takes."""

_MISSED = re.compile(r"(?<=[a-zß-ÿ]{4}\.)\s+(?=[\"'“‘(]?[A-Z0-9])")
_UNIONS = re.compile(r"(?i)\b(?:united (states|kingdom|nations)(?: of america)?|european union)\b")
_NOT_NATIONS = frozenset(["us", "un", "uk", "eu", "turkey", "polish", "pole"])  # as words in lower case
_CLAUSE = frozenset('.,;:!?()"')


@dataclass(frozen=True, slots=True)
class Word:
    """A token with its place; `key` is its stem with synonyms and nations folded; punctuation is its own key."""

    text: str
    low: str
    key: str
    start: int
    end: int

    @property
    def content(self) -> bool:
        """Whether it carries meaning of its own: a word that is no stop word, or a number."""
        return (self.low not in STOP or self.key == "us") and self.text[0].isalnum()

    @property
    def breaks(self) -> bool:
        """Whether it ends a clause."""
        return self.text in _CLAUSE

    @property
    def number(self) -> bool:
        """Whether it is a number, in digits or as a word; "one" is not."""
        return self.digits or (self.low in CARDINALS and self.low != "one")

    @property
    def digits(self) -> bool:
        """Whether it is written in digits."""
        return self.text[0].isdecimal()


def fold(text: str) -> str:
    """Same text with one kind of quotation mark, apostrophe and dash, in NFC, white space as single blanks."""
    text = (
        unicodedata.normalize("NFC", _LONE.sub("\ufffd", text)).translate(_FOLD).replace("``", '"').replace("''", '"')
    )
    return " ".join(text.split())


def sentence_texts(text: str) -> list[str]:
    """The sentences of a text, folded, in order."""
    # A sentence that swallowed the one before it would lend it its speaker; a stop after a long word ends a sentence.
    spans = sentence_spans(text)
    return [fold(part) for start, end in spans for part in _MISSED.split(text[start:end])]


def words(text: str) -> list[Word]:
    """Tokens of a folded text. "didn't" gives "did", "not"; "US-led" gives three tokens; "3:40" is written "3.40"."""
    text = re.sub(
        r"(?i)\b(ca|wo|sha)n't\b", lambda m: {"ca": "can", "wo": "will", "sha": "shall"}[m[1].lower()] + " not", text
    )
    text = re.sub(r"(?i)n't\b", " not", re.sub(r"(?i)\bcannot\b", "can not", text))
    text = _UNIONS.sub(
        lambda m: "US" if (m[1] or "").lower() == "states" else "".join(w[0].upper() for w in m[0].split()[:2]), text
    )
    text = _CLOCK.sub(r"\1.\2", text)
    found = []
    for match in _TOKEN.finditer(text):
        written = match[0]
        low = written.casefold().removesuffix("'s")
        plain = low in _NOT_NATIONS and (written[0].islower() or written == "Us")
        nation = None if plain else NATION_OF.get(low.replace(".", ""))
        key = nation.casefold() if nation else SYNONYM_OF.get(stem(low), stem(low)) if written[0].isalpha() else written
        found.append(Word(written, low, key, match.start(), match.end()))
    return found


def near(tokens: list[Word], at: int, step: int, limit: int = 3) -> tuple[str, ...]:
    """Up to `limit` content keys from index `at` on in direction `step`, stopping at a number or a clause end."""
    found: list[str] = []
    while 0 <= at < len(tokens) and len(found) < limit and not tokens[at].breaks:
        if tokens[at].number:
            break
        if tokens[at].content:
            found.append(tokens[at].key)
        at += step
    return tuple(found)


def names(tokens: list[Word]) -> list[tuple[tuple[Word, ...], bool]]:
    """Runs of capitalised words without titles and dates; True where the run opens a sentence or a quote."""
    found: list[tuple[tuple[Word, ...], bool]] = []
    run: list[Word] = []
    opens, first = True, False
    for i, token in enumerate([*tokens, Word(".", ".", ".", 0, 0)]):
        if token.text[0].isupper() and _may_name(token):
            first = opens if not run else first
            run.append(token)
        elif not (run and i + 1 < len(tokens) and tokens[i + 1].text[0].isupper() and _links(run, token)):
            if run:
                found.append((tuple(run), first))
            run = []
        opens = token.text in ('"', ":", ".") or (opens and not token.text[0].isalnum())
    return found


def _may_name(token: Word) -> bool:
    low = token.low
    other = (
        len(token.text) == 1 or low in MONTHS or low in WEEKDAYS or low in CARDINALS or low in ORDINALS or low in TITLES
    )
    return not other and (low not in STOP or token.key == "us")


def _links(run: list[Word], token: Word) -> bool:
    initial = token.text == "." and len(run[-1].text) == 1
    return initial or token.text == "-" or (token.low in NAME_LINKS and token.low not in ("and", "the", "for"))


def quotes(text: str) -> list[str]:
    """What stands between quotation marks in a folded text, without punctuation at its ends."""
    inside = re.findall(r'"([^"]+)"', text) + re.findall(r"(?<!\w)'([^']{8,}?)'(?!\w)", text)
    return [part.strip(" .,;:!?'") for part in inside]

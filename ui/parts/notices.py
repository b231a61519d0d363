"""What an answer says that no article says, in the reader's language. Pure.

The library says it in English, with names, dates and words of the question in it: each line is recognised by the
template that made it (`rag.notices`). What is not recognised stays as it is.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice

from rag.notices import Notice
from ui.words import Words

_LONGEST = 2000  # characters of a line that is looked at
_MOST_GAPS = 30  # places where a notice may end; the time grows with their square
_NAME = r"""(?:'[^']*'|"[^"]*")"""  # as Python writes a string
_SHAPES = {"names": f"{_NAME}(?: or {_NAME})*", "first": r"\d{4}\S*", "last": r"\d{4}\S*"}
_BETWEEN = re.compile(r"(?<=[.?]) ")
_OF_CORPUS = ("extent", "days", "unknown")  # what `index.ledger.Ledger.extent` says of a corpus


def in_language(line: str, words: Words) -> str:
    """A line of an answer, or several in a row, as `Answer.missing` and the text of an abstention hold them."""
    if words.language == "en" or len(line) > _LONGEST:
        return line
    return _all(line, words) or line


def _all(line: str, words: Words) -> str | None:
    """Every notice of a line, where it is made of notices; what stands in one may hold a full stop.

    From the end to the beginning, so that each piece is looked at once; the shortest first piece that leaves notices
    behind it counts.
    """
    gaps = list(islice(_BETWEEN.finditer(line), _MOST_GAPS))
    rests: list[str | None] = []  # what each gap leaves behind it, translated
    for at in range(len(gaps), -1, -1):
        start = gaps[at - 1].end() if at else 0
        later = ((gap, rest) for gap, rest in zip(gaps[at:], rests, strict=True) if rest)
        found = ((_one(line[start : gap.start()], words), rest) for gap, rest in later)
        both = next((f"{first} {rest}" for first, rest in found if first), None)
        rests.insert(0, both or _one(line[start:], words))
    return rests[0]


def _one(line: str, words: Words, *, of_corpus: bool = False) -> str | None:
    for name, pattern in _patterns(of_corpus).items():
        if match := pattern.fullmatch(line):
            held = match.groupdict()
            if name == "part":
                reason = _one(held["reason"], words)
                if reason is None:
                    continue
                held["reason"] = reason
            return words(f"notices.{name}", **{key: _held(key, text, words) for key, text in held.items()})
    return None


def _held(name: str, text: str, words: Words) -> str:
    """What stands in a notice: of the corpus again a notice, else as it is."""
    if name == "names":
        return re.sub(rf"({_NAME}) or (?=['\"])", rf"\1 {words('notices.nor')} ", text)
    return (name in ("extent", "outlets", "dates") and _one(text, words, of_corpus=True)) or text


@cache
def _patterns(of_corpus: bool) -> dict[str, re.Pattern[str]]:
    english = Words("en")
    last_part = sorted(Notice, key=lambda one: one is Notice.PART)  # it fits nearly all
    names = _OF_CORPUS if of_corpus else tuple(one.name.lower() for one in last_part)
    return {name: _pattern(english.template(f"notices.{name}")) for name in names}


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    made = [
        f"(?P<{part}>{_SHAPES.get(part, '.+?')})" if place % 2 else re.escape(part) for place, part in enumerate(parts)
    ]
    return re.compile("".join(made), re.DOTALL)

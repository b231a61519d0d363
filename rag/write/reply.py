"""The model's reply, read as it comes: finished sentences, each with the ids it cites. Strict and pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from index.clean import normalise
from index.sentences import sentence_spans
from rag.check.split import claims

LONGEST = 1_000
"""Characters of a sentence; what goes on beyond is no sentence of a report, and is left out to the end of its line."""

NOT_FOUND = "NOT FOUND"
"""What the prompt asks for where the passages do not hold the answer."""

_LEFT, _RIGHT = "[［【〔⟦({（", "]］】〕⟧)}）"
_L, _R = re.escape(_LEFT), re.escape(_RIGHT)
_NAMED = r"(?:sources?|passages?|ids?|refs?)"
_BRACKETED = rf"(?P<left>[{_L}])(?P<inside>[^{_L}{_R}\n]{{1,80}})[{_R}]"
_OPEN = re.compile(rf"[{_L}][^{_L}{_R}\n]{{0,80}}$")
_LEFT_OVER = re.compile(rf"\s*[{_L}](?:[\s,;]*[{_R}]|\s*{_NAMED}?\W*\w{{0,4}}$)", re.I)
"""What is left of brackets around a mark, and half a mark at the end of a line."""

_SHAPE = r"[b-df-hj-np-tv-xz]\d[a-z]{2}"
_PART = re.compile(r"[^\W_]+")
_STEPS = rf"{_NAMED}\W*\w{{1,8}}|\d+†.*|[\^#]?\d{{1,3}}(?:\s*[,;–-]\s*\d{{1,3}})*"
_NO_ID = re.compile(rf"{_STEPS}|{_SHAPE}(?:\W+{_SHAPE})*", re.I)
_LIKE_ID = re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{3,6}")
"""What stands in brackets like a mark, and is none of ours; in square ones also what only looks like an id."""

_ENDS = ".!?…。！？"
_ENDED = re.compile(r"[.!?…。！？][\"'”’»)」』]*$")
_QUOTED = re.compile(r"[.!?…,][\"'”’»]+$")
_LEADS_TO = re.compile(r"\b(?:to|in|from|on|by)(?: the)? $", re.I)
_SAYS = re.compile(r"\s+(?:also )?(?:says|states|reports|mentions|notes|indicates|suggests|explains)\b")
_GOES_ON = re.compile(r"\s*(?:[a-zß-ÿ]|[,;:.!?)])")
_LIST_SIGN = re.compile(r"[-*•–+>]|\d{1,2}[.)]|#+|```\w*")
_JSON = re.compile(r"\{(?:\"|$)|\[(?:\{|$)|\[\"(?!.*\])")
_OPENS_VALUE = re.compile(r"[\[{]")
_MOST_VALUES = 50
_EMPHASIS = re.compile(r"\*\*|__|`+|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_THOUGHT = re.compile(r"(</?think(?:ing)?>)", re.I)
_SPACE = re.compile(r"\s")
_LINE_ENDS = "\n\r\v\f\x85\u2028\u2029"
_LACKS = re.compile(
    r"(?:(?:the |these )?(?:(?:\w+ )?passages?|(?:provided|given|above|available|retrieved) \w+) "
    r"(?:above |provided |given )?(?:do not|does not|don t|doesn t|did not|cannot|can t) (?:\w+ ){0,3}?"
    r"(?:answer|contain|mention|provide|hold|include|specify|state|say|give)"
    r"|there is no (?:\w+ )?(?:information|answer|mention) (?:\w+ ){0,3}?(?:passages?|context))\b.*"
)
_WORDS_BEHIND_QUOTE = 8
_FEW_WORDS = 3
_TEXTS = ("text", "sentence", "claim", "statement", "answer")

Mark = tuple[int, tuple[str, ...], tuple[str, ...]]
"""Where a mark stands in the text it is taken out of, its ids, and what of it is no id."""


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence as the model wrote it.

    Attributes:
        text: without marks and list signs, on one line.
        ids: those of passages, in order; empty where it names none.
        unknown: marks that name no passage, as they were written.
    """

    text: str
    ids: tuple[str, ...]
    unknown: tuple[str, ...]


class Reader:
    """Takes a reply piece by piece and gives each sentence once it is finished, with its marks; never half a mark.

    A sentence is finished by the end of its line, or by the first word of the next one behind its marks. However the
    reply is cut into pieces, the same sentences come out: it is read word by word, each once the space behind it came.
    A reply in JSON is read at its end.

    Args:
        ids: of the passages in the prompt.

    Attributes:
        repeated: sentences that were there before, word for word; they are not given again.
    """

    def __init__(self, ids: Collection[str]) -> None:
        self.repeated = 0
        self._ids = {one.lower(): one for one in ids}
        bare = "|".join(map(re.escape, self._ids)) or r"(?!)"
        # An id is in no passage and no question: wherever it stands, it points to its passage.
        self._marks = re.compile(
            rf"{_BRACKETED}|(?P<bare>[{_L}<\"']*(?:\b{_NAMED}\b[\s:#]*)?(?<!\w)(?:{bare})(?!\w)[{_R}>\"']*)", re.I
        )
        self._pieces: list[str] = []
        self._tail = ""  # a word that may go on
        self._line = ""  # what no sentence was made of yet
        self._fresh = True  # at the head of a line
        self._thinking = self._skipping = False
        self._json: list[str] = []
        self._said: set[str] = set()

    @property
    def text(self) -> str:
        """The whole reply so far."""
        return "".join(self._pieces)

    def feed(self, piece: str) -> Iterator[Written]:
        """The sentences that this piece finishes."""
        self._pieces.append(piece)
        self._tail += piece
        last = 0
        for space in _SPACE.finditer(self._tail):
            word, last = self._tail[last : space.start()], space.end()
            yield from self._word(word, "\n" if space[0] in _LINE_ENDS else " ")
        self._tail = self._tail[last:][: LONGEST + 1]

    def end(self) -> Iterator[Written]:
        """What is left, as the reply is over."""
        tail, self._tail = self._tail, ""
        yield from self._word(tail, "\n")
        if self._json:
            held, self._json = " ".join(self._json), []
            for line in _texts_in(held):
                yield from self._sentences(line)

    def _word(self, word: str, space: str) -> Iterator[Written]:
        """Takes one word and the space behind it."""
        shown = ""
        for number, part in enumerate(_THOUGHT.split(word[: LONGEST + 1])):
            if number % 2:
                self._thinking = part[1] != "/"
                self._line, shown = "", ""  # what stands before a thought, or was one, is no sentence
            elif not self._thinking:
                shown += part
        if self._json or (self._fresh and _JSON.match(shown)):
            self._json.append(shown + space)
            return
        if len(shown) > LONGEST:
            self._skipping = True
        shown = "" if self._fresh and _LIST_SIGN.fullmatch(shown) else _EMPHASIS.sub("", normalise(shown))
        cells = f"{shown}{space}".replace("|", "\n").split("\n")
        for number, cell in enumerate(cells):
            yield from self._grown(cell, ended=number < len(cells) - 1)

    def _grown(self, text: str, *, ended: bool) -> Iterator[Written]:
        """Adds to the line; gives what is finished of it."""
        if not self._thinking and not self._skipping:
            self._line += text if self._line else text.lstrip()
        self._fresh = ended or (self._fresh and not self._line)
        if len(self._line) > LONGEST:
            self._line, self._skipping = "", True
        cut = len(self._line) if ended else self._finished()
        done, self._line = self._line[:cut], self._line[cut:]
        if ended:
            self._skipping = False
        if done:
            yield from self._sentences(done)

    def _finished(self) -> int:
        """How many characters of the line no later word can change."""
        sure = _OPEN.sub("", self._line)
        if not any(sign in sure for sign in _ENDS):
            return 0
        plain, places, _ = self._split(sure)
        spans = sentence_spans(plain)
        if len(spans) < 2:
            return 0
        # Behind a quotation may come who says it, which belongs to it.
        quoted = _QUOTED.search(plain[: spans[-2][1]])
        whole = len(re.findall(r"\S\s", plain[spans[-1][0] :]))
        return places[spans[-1][0]] if whole >= (_WORDS_BEHIND_QUOTE if quoted else 1) else 0

    def _sentences(self, line: str) -> Iterator[Written]:
        plain, places, marks = self._split(line)
        spans = sentence_spans(plain)
        starts = [places[start] for start, _ in spans]
        for number, (start, end) in enumerate(spans):
            last = number == len(spans) - 1
            mine = [m for m in marks if (number == 0 or m[0] > starts[number]) and (last or m[0] < starts[number + 1])]
            yield from self._new(plain[start:end], mine)

    def _new(self, sentence: str, marks: list[Mark]) -> Iterator[Written]:
        """A sentence as the claims in it, where it states something and is not there yet."""
        said = _LEFT_OVER.sub("", sentence).strip()
        ids = tuple(dict.fromkeys(one for _, known, _ in marks for one in known))
        unknown = tuple(one for _, _, others in marks for one in others)
        title = not (marks or _ENDED.search(said)) and len(said.split()) <= _FEW_WORDS
        # A title, a line that leads in ("Here is the answer:") and one about the passages as such state nothing.
        found = [] if title or said.endswith(":") or declined(said) else claims(said)
        if found and said in self._said:
            self.repeated += 1
            return
        self._said.add(said)
        for place, one in enumerate(found):
            yield Written(one if _ENDED.search(one) else f"{one}.", ids, () if place else unknown)

    def _split(self, text: str) -> tuple[str, list[int], list[Mark]]:
        """The text without marks, of each character the place where it stood, and the marks."""
        plain: list[str] = []
        places: list[int] = []
        marks: list[Mark] = []
        last = 0
        for match in self._marks.finditer(text):
            read = self._read(match)
            if read is None:
                continue
            known, others, instead = read
            plain += text[last : match.start()]
            places += range(last, match.start())
            last = match.end()
            marks.append((match.start(), known, others))
            while not instead and plain and plain[-1].isspace():
                plain.pop()
                places.pop()
            ends = plain and plain[-1] in _ENDS and not _GOES_ON.match(text, last)
            instead = "\n" if ends else instead  # a mark behind a full stop ends the sentence, whatever the stop is of
            plain += instead
            places += [match.start()] * len(instead)
            if not "".join(plain).strip():  # "k7qd: The mill closed."
                last = len(text) - len(text[last:].lstrip(" :.-–—"))
        return "".join([*plain, text[last:]]), [*places, *range(last, len(text))], marks

    def _read(self, match: re.Match[str]) -> tuple[tuple[str, ...], tuple[str, ...], str] | None:
        """The ids of what may be a mark, what of it is no id, and what is left in its place; None for mere words.

        Another shape of bracket, "Source k7qd" and several ids in one pair are unambiguous, and read; a number is not.
        """
        inside = match["inside"] or match["bare"]
        parts = [part for part in _PART.findall(inside) if not re.fullmatch(_NAMED + "|and", part, re.I)]
        known = tuple(self._ids[part.lower()] for part in parts if part.lower() in self._ids)
        if known:
            # "According to k7qd, the mill closed" is read like "According to the passage".
            text, start, end = match.string, match.start(), match.end()
            in_text = match["bare"] and (_LEADS_TO.search(text, 0, start) or _SAYS.match(text, end))
            return known, tuple(p for p in parts if p.lower() not in self._ids), "passage" if in_text else ""
        inside = inside.strip()
        square = match["left"] not in ("(", "（", "{")
        before = match.string[: match.start()].rstrip()[-1:]
        like = bool(_NO_ID.fullmatch(inside) or (square and _LIKE_ID.fullmatch(inside)))
        if not square and inside.isdigit():  # "(57)" is an age, but not behind a full stop
            like = before in (*_ENDS, "")
        return ((), (inside,), "") if like else None


def declined(text: str) -> bool:
    """Whether a reply says that the passages do not hold the answer, and nothing else."""
    told = re.sub(r"<think.*?(?:</think\w*>|$)", "", text, flags=re.S | re.I)
    words = " ".join(re.findall(r"[a-z]+", told.lower()))
    return words == NOT_FOUND.lower() or bool(_LACKS.fullmatch(words) and len(sentence_spans(told.strip())) < 2)


def _texts_in(reply: str) -> Iterator[str]:
    """The sentences in a reply of JSON values, each with the ids that stand beside it as marks."""
    decoder, place = json.JSONDecoder(), 0
    for _ in range(_MOST_VALUES):
        if (found := _OPENS_VALUE.search(reply, place)) is None:
            return
        try:
            value, place = decoder.raw_decode(reply, found.start())
        except (ValueError, RecursionError):
            place = found.end()
        else:
            yield from _texts(value)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from value.split("\n")
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        own = [text for name, text in value.items() if name in _TEXTS and isinstance(text, str)]
        beside = json.dumps([other for name, other in value.items() if name not in _TEXTS])
        marks = " ".join(f"[{part}]" for part in re.findall(rf"(?i)\b{_SHAPE}\b", beside))
        if own:
            for text in own:
                spans = sentence_spans(text) if marks else [(0, len(text))]
                yield from (line for a, b in spans for line in _texts(f"{text[a:b]} {marks}"))
        else:
            yield from _texts(list(value.values()))

"""The prompts: passages under ids that nobody can guess, packed into the model's context. The texts are files."""

from __future__ import annotations

import functools
import hashlib
import json
import random
import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.sentences import sentence_spans
from rag.cite import Evidence, Key
from rag.extract import one_line
from rag.orders import to_a_machine
from rag.retrieve import Passage
from rag.usage import Message

_FOLDER = Path(__file__).with_name("prompts")
_LETTERS, _DIGITS = "bcdfghjkmnpqrstvwxz", "23456789"

_UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\ud800-\udfff]")

PACKED = 3
"""Characters a token, for packing: fewer than English has, so that what is packed fits."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text for a model, from a file whose first line names its version.

    Attributes:
        version: that name and eight hexadecimal digits of the text.
    """

    version: str
    text: str


@functools.cache
def prompt(name: str) -> Prompt:
    """The prompt in `prompts/NAME.txt`."""
    first, _, text = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").partition("\n")
    return Prompt(f"{first.removeprefix('version: ')}:{hashlib.sha256(text.encode()).hexdigest()[:8]}", text.strip())


def fresh_ids(count: int, avoid: str, source: random.Random | None = None) -> list[str]:
    """Opaque ids, all different, none of them part of `avoid` in any case; new ones each time."""
    draw = source or secrets.SystemRandom()
    taken: dict[str, None] = {}
    avoid = avoid.lower()
    while len(taken) < count:
        one = "".join(draw.choice(signs) for signs in (_LETTERS, _DIGITS, _LETTERS, _LETTERS))
        if one not in avoid:
            taken[one] = None
    return list(taken)


def packed(passages: Iterable[Passage], wanted: Collection[Key], tokens: int, most: int) -> list[Passage]:
    """The passages that go into a prompt, in reading order: by day, then by place in the article.

    Taken by score; those that hold a wanted span come first, and what an earlier one says word for word is left out.

    Args:
        passages: best first.
        wanted: spans of the sentences that answer best.
        tokens: room for them.
        most: passages.
    """

    def holds(passage: Passage) -> bool:
        return any(
            key[0] == passage.article.id and passage.chunk.start < key[2] and key[1] < passage.chunk.end
            for key in wanted
        )

    taken: list[Passage] = []
    said: set[str] = set()
    for passage in sorted(passages, key=lambda one: (not holds(one), -one.score)):
        cost = len(_line("0000", passage)) // PACKED + 1
        text = told(passage)
        if text and len(taken) < most and cost <= tokens and text not in said:
            taken.append(passage)
            said.add(text)
            tokens -= cost
    return sorted(taken, key=lambda one: (str(one.article.published or ""), one.article.id, one.chunk.start))


def to_write(question: str, given: Mapping[str, Passage]) -> list[Message]:
    """The prompt for an answer: the passages by id, each one JSON object on a line, then the question."""
    lines = [_line(name, passage) for name, passage in given.items()]
    asked = _object({"question": question})
    rules, _, reminder = prompt("write").text.partition("\n---\n")
    return [
        {"role": "system", "content": rules},
        # Behind what articles say stands what is wanted: small models go by what they read last.
        {"role": "user", "content": "\n".join([*lines, "", asked, "", reminder])},
    ]


def to_rewrite(sentence: str, evidence: Sequence[str], speaker: str | None) -> list[Message]:
    """The prompt for one sentence that did not pass the check."""
    fields = {"sentence": sentence, "evidence": [one_line(text) for text in evidence], "speaker": speaker}
    return [
        {"role": "system", "content": prompt("rewrite").text},
        {"role": "user", "content": _object(fields)},
    ]


def spans(passage: Passage, sentences: Sequence[tuple[int, int]]) -> list[Evidence]:
    """The sentences of a passage that may be cited, whole, as exact spans of its article."""
    chunk = passage.chunk
    found = [
        Evidence(passage.article, start, end) for start, end in sentences if start < chunk.end and end > chunk.start
    ]
    return [span for span in found if not to_a_machine(span.quote)]


def told(passage: Passage) -> str:
    """What a passage tells, on one line: sentences that speak to a machine are left out."""
    text = passage.chunk.text
    sentences = (text[start:end] for start, end in sentence_spans(text))
    return one_line(" ".join(sentence for sentence in sentences if not to_a_machine(sentence)))


def _line(name: str, passage: Passage) -> str:
    article = passage.article
    day = article.published.isoformat() if article.published else None
    fields = {"id": name, "outlet": article.outlet, "date": day, "text": told(passage)}
    return _object(fields)


def _object(fields: Mapping[str, object]) -> str:
    """A JSON object on one line, whatever counts as a line end, without a sign that cannot be sent or seen."""
    return _UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(fields, ensure_ascii=False))

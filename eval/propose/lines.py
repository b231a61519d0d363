"""A proposal, and the line of questions.jsonl it becomes. The order of the fields is that of the suites that ship."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.schema import Line

FIELDS = tuple(Line.model_fields)
"""Of a line, in this order, `reviewed` last."""

UNDECIDED = "decide status and gold"
"""At the end of `made`: readers called the answer wrong, and nobody has said what is right."""

ABSTAINED = "abstained"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question with what is thought to be its right answer.

    Attributes:
        kind: as in questions.jsonl.
        question: by itself.
        gold: (name of the article, quote) pairs; none where nothing answers it.
        accept: groups of spellings.
        made: who or what made it.
        article: name of the article it was made from, "" for none.
        was: the question it was changed from, "" for none.
    """

    kind: str
    question: str
    gold: tuple[tuple[str, str], ...]
    accept: tuple[tuple[str, ...], ...]
    made: str
    article: str
    was: str = ""

    def line(self, ident: str, split: str, of: str = "") -> dict[str, Any]:
        """As a line of questions.jsonl, unreviewed; `of` is the id of the question it was changed from."""
        fields: dict[str, Any] = {
            "id": ident,
            "kind": self.kind,
            "question": self.question,
            "status": "answered" if self.gold else ABSTAINED,
            "gold": [{"article": article, "quote": quote} for article, quote in self.gold],
            "accept": [list(group) for group in self.accept],
            "split": split,
            "made": f"{self.made} of {of}" if of else self.made,
            "reviewed": False,
        }
        if not self.gold and self.article:
            fields["about"] = self.article
        return ordered(fields)


def ordered(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields in their order."""
    return {name: fields[name] for name in FIELDS if name in fields}


def dumped(fields: Mapping[str, Any]) -> str:
    """One line of JSON, its end included."""
    return json.dumps(fields, ensure_ascii=False) + "\n"


def replace_file(path: Path, lines: Sequence[str]) -> None:
    """Writes a file whole or not at all: beside it first, then in its place."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)

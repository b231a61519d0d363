"""Real texts for the benchmarks, read from the folder that the user names with --data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from index.errors import SourceboundError

Half = Literal["dev", "test"]


def half_of(document: str) -> Half:
    """Which half a document is in: "dev" (two fifths) to fit and choose on, "test" to report.

    The one split of all question sets: with two, what one benchmark chose by would be reported by another.
    """
    return "dev" if sha256(document.encode()).digest()[0] % 5 < 2 else "test"


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a public set.

    Attributes:
        id: unique in its set.
        title: of the document it was asked of: the cluster for intervals and the unit of the split.
        context: the passage it was asked of.
        answers: accepted answers; empty when the passage does not answer it.
        gold_sentences: the sentences that hold the answer, where the set marks them.
    """

    id: str
    text: str
    title: str
    context: str
    answers: tuple[str, ...]
    answerable: bool
    gold_sentences: tuple[str, ...]

    @property
    def half(self) -> Half:
        """That of its document."""
        return half_of(self.title)


def questions(data: Path, name: str) -> list[Question]:
    """The questions of `qa/NAME.jsonl`, in the file's order."""
    return [
        Question(
            id=row["id"],
            text=" ".join(row["question"].split()),
            title=row["title"],
            context=row["context"],
            answers=tuple(dict.fromkeys(row["answers"])),
            answerable=row["answerable"],
            gold_sentences=tuple(row.get("selected_sentences", ())),
        )
        for row in rows(data / "qa" / f"{name}.jsonl")
    ]


def texts(data: Path, count: int) -> list[str]:
    """Different real texts (news articles and encyclopedia passages), `count` of them or as many as there are."""
    files = ("verify/ragtruth_summary.jsonl", "verify/factcc_news.jsonl", "qa/clapnq.jsonl", "qa/squad2.jsonl")
    found = dict.fromkeys(row["context"] for name in files for row in rows(data / name))
    return list(found)[:count]


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a file that holds one a line."""
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as exc:
        msg = f"no data set {str(path)!r}: name the folder that holds it with --data"
        raise SourceboundError(msg) from exc

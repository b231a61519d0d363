"""Answers that were kept as JSON, one a line: read, and verified against the store and the checker of today."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from index.errors import SourceboundError
from index.store import Store
from rag.answers import Answer
from rag.check import Checker
from rag.checked import problems
from rag.cite import UNSUPPORTED, marked
from rag.notices import Notice

_OURS = re.compile(rf"\s*(?:(?:Yes|No): )?(?:{re.escape(UNSUPPORTED)} )?(?:\d{{4}}(?:-\d\d){{0,2}}: )?")
"""What may stand before a sentence in the text of an answer."""


def lines_of(file: Path) -> list[str]:
    """The lines of a file in UTF-8, or of standard input for "-". Raises SourceboundError where it cannot be read."""
    try:
        text = (sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8"
        msg = f"cannot read the answers in {str(file)!r}: {reason}; name a file of JSON lines, or - for standard input"
        raise SourceboundError(msg) from exc
    return text.split("\n")  # not splitlines: JSON may hold other line ends inside a text


def verify(store: Store, checker: Checker, lines: Iterable[str]) -> tuple[list[str], dict[str, int]]:
    """What is wrong with answers that are kept as JSON, one a line, and how much was looked at.

    Args:
        store: the answers' citations are resolved in it.
        checker: asked again about every sentence.
        lines: as `rag ask --json` and `rag chat --json` print them; empty ones and the errors of a chat are skipped.

    Returns:
        Problems, each naming its line (from 1), and the counts of answers, citations and sentences.

    Raises:
        ModelError: the checker cannot run.
    """
    found: list[str] = []
    counts = dict.fromkeys(("answers", "citations", "sentences"), 0)
    for number, line in enumerate(lines, 1):
        if not line.strip() or _is_error(line):
            continue
        try:
            answer = Answer.model_validate_json(line)
        except ValidationError as exc:
            first = exc.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the line"
            found.append(f"line {number} is no answer as `rag ask --json` prints it: {where}: {first['msg']}")
            continue
        counts["answers"] += 1
        counts["citations"] += len(answer.citations)
        counts["sentences"] += len(answer.sentences)
        wrong = [*problems(store, checker, answer), *spoken(answer)]
        found += [f"line {number}: {problem}" for problem in wrong]
    if not counts["answers"] and not found:
        msg = "no answer to verify: the file has none; `rag ask QUESTION --json` prints one"
        raise SourceboundError(msg)
    return found, counts


def spoken(answer: Answer) -> Iterator[str]:
    """What the text of an answer says that its sentences do not, and the other way round, a line each."""
    if not answer.sentences:
        if answer.status != "abstained":
            yield f"the answer is {answer.status!r} and has no sentence"
        return
    supported = any(one.verdict == "supported" for one in answer.sentences)
    if (answer.status == "abstained") == supported:
        yield f"the answer is {answer.status!r} with {'a' if supported else 'no'} supported sentence"
    rest = answer.text if supported else answer.text.removeprefix(f"{Notice.NOT_FOUND} {answer.missing}")
    for number, one in enumerate(answer.sentences, 1):
        before, shown, rest = rest.partition(marked(one.text, one.citations))
        if not shown:
            yield f"sentence {number} {one.text[:60]!r} is not in the text with its marks"
            return
        if not _OURS.fullmatch(before):
            yield f"the text says {before.strip()[:60]!r}, which is no sentence of the answer"
    if rest.strip():
        yield f"the text says {rest.strip()[:60]!r}, which is no sentence of the answer"


def _is_error(line: str) -> bool:
    """Whether a line is what a chat prints in place of an answer: an object that holds nothing but the error."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.keys() == {"error"}

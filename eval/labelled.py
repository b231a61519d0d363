"""Sets of responses that people judged: `DATA/verify/NAME.jsonl` -> responses, each a row of claims on one context."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from index.errors import SourceboundError
from rag.check import Claim, split

Half = Literal["tune", "report"]


@dataclass(frozen=True, slots=True)
class Response:
    """One judged response.

    Attributes:
        id: unique in its set.
        text: as it was written.
        claims: its sentences against the context; a response of signs alone has none.
        supported: whether people found all of it supported.
        half: "tune" may be looked at while a checker is made, "report" may not.
        context: the source document: the cluster of intervals.
    """

    id: str
    text: str
    claims: tuple[Claim, ...]
    supported: bool
    half: Half
    context: str


@dataclass(frozen=True, slots=True)
class Fields:
    """How a set names what is wanted of a line.

    Attributes:
        labels: what its labels say of the whole response.
    """

    id: str = "id"
    context: str = "context"
    response: str = "response"
    question: str = "question"
    label: str = "label"
    labels: Mapping[object, bool] | None = None


SETS: Mapping[str, Fields] = {
    "factcc_news": Fields(),
    "ragtruth_qa": Fields(),
    "ragtruth_summary": Fields(),
    "wice_dev": Fields(),
}
"""The sets that are known, by the name of their file. One in another form needs `Fields` of its own."""


def read_sets(data: Path) -> dict[str, list[Response]]:
    """The sets that are there, in the order of SETS.

    Args:
        data: the folder that holds verify/*.jsonl.

    Raises:
        SourceboundError: none of the sets is there, or a line of one is wrong (it is named).
    """
    found = {name: data / "verify" / f"{name}.jsonl" for name in SETS}
    here = {name: path for name, path in found.items() if path.is_file()}
    if not here:
        message = f"no labelled set in {str(data / 'verify')!r}: put one of {', '.join(SETS)} (.jsonl) there"
        raise SourceboundError(message)
    return {name: read_set(path, SETS[name]) for name, path in here.items()}


def read_set(path: Path, fields: Fields) -> list[Response]:
    """The responses of one file, in its order.

    Raises:
        SourceboundError: the file cannot be read or holds nothing, or a line is wrong (it is named).
    """
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, ValueError) as exc:
        message = f"the set {str(path)!r} cannot be read: {exc}"
        raise SourceboundError(message) from exc
    responses = [_response(line, fields, f"{path.name} line {n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not responses:
        message = f"the set {str(path)!r} holds nothing: fetch it again"
        raise SourceboundError(message)
    return responses


def claims_of(response: str, context: str, question: str) -> tuple[Claim, ...]:
    """The sentences of a response as claims, without the markers of lists and headings."""
    return tuple(Claim(part, (context,), question) for part in split.claims(response))


def half_of(context: str) -> Half:
    """The half of all responses to a context. The question sets are split by `eval.bench.corpora.half_of`.

    These share no document with those, and were split before: another rule now would show what had been held out.
    """
    return "tune" if hashlib.sha256(context.encode()).digest()[0] % 2 else "report"


def _response(line: str, fields: Fields, where: str) -> Response:
    try:
        row: Any = json.loads(line)
    except ValueError as exc:
        message = f"{where}: no JSON ({exc})"
        raise SourceboundError(message) from exc
    if not isinstance(row, dict):
        message = f"{where}: an object is needed, not {line[:80]!r}"
        raise SourceboundError(message)
    context, text, question = (row.get(name) for name in (fields.context, fields.response, fields.question))
    for name, value in ((fields.context, context), (fields.response, text)):
        if not isinstance(value, str) or not value.strip():
            message = f"{where}: {name} must be a text, not {value!r:.80}"
            raise SourceboundError(message)
    label = _supported(row.get(fields.label), fields, where)
    claims = claims_of(str(text), str(context), str(question or ""))
    return Response(str(row.get(fields.id, where)), str(text), claims, label, half_of(str(context)), str(context))


def _supported(label: object, fields: Fields, where: str) -> bool:
    labels: Mapping[object, bool] = fields.labels or {1: True, 0: False}
    if not isinstance(label, int | str) or label not in labels:
        message = f"{where}: {fields.label} {label!r} is none of {', '.join(map(repr, labels))}"
        raise SourceboundError(message)
    return labels[label]

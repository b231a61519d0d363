"""A question as a language model reads it before it is asked, as the answer tells it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from index.errors import ModelCallError
from rag.answers import Reading
from rag.failures import OFFER

if TYPE_CHECKING:
    from rag.write.calls import Calls


def reading(calls: Calls, question: str, earlier: Sequence[str], as_of: date | None) -> Reading:
    """The question as the model reads it; as the rules do where its reading is refused.

    Args:
        calls: of this answer.
        question: as asked.
        earlier: the questions before it, oldest first.
        as_of: the day it is asked on; None for today.

    Raises:
        ModelCallError: the model cannot be asked.
    """
    from rag.write.query import read

    try:
        found = read(calls, question, earlier, as_of or datetime.now(UTC).date())
    except ModelCallError as exc:
        raise ModelCallError(exc.state, f"{exc}; {OFFER}") from exc
    if found is None:
        return Reading(by="rules")
    return Reading(by="model", text=found.text, parts=found.parts, since=found.since, until=found.until)

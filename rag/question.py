"""What a caller hands in, checked before any work is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from index.errors import QuestionError
from index.filters import Filters

MOST_QUESTION = 2000
"""Characters; a longer text is not a question."""


def checked_question(question: str) -> str:
    """The question on one line. Raises QuestionError where it is no text, has no words, or is too long."""
    if not isinstance(question, str):
        msg = f"the question {question!r} is no text: ask in a sentence"
        raise QuestionError(msg)
    # Half a surrogate pair (a broken argument, a cut emoji) is no text: it becomes a question mark.
    text = " ".join(question.encode("utf-8", "replace").decode().split())
    if not any(letter.isalnum() for letter in text):
        msg = f"the question {question[:60]!r} has no words: ask in a sentence"
        raise QuestionError(msg)
    if len(text) > MOST_QUESTION:
        msg = f"the question has {len(text)} characters and at most {MOST_QUESTION} are read: shorten it"
        raise QuestionError(msg)
    return text


def checked_filters(
    since: date | str | None, until: date | str | None, outlets: Sequence[str], articles: Sequence[str] = ()
) -> Filters:
    """The filters of a call. Raises QuestionError for what is no date or no text, or a range that is empty."""
    first, last = checked_day(since, "since"), checked_day(until, "until")
    if first and last and first > last:
        msg = f"since {first} is after until {last}: swap them"
        raise QuestionError(msg)
    return Filters(first, last, _texts(outlets, "outlets"), _texts(articles, "articles"))


def checked_history(history: Sequence[str] | str) -> list[str]:
    """The earlier questions, oldest first, without empty ones. Raises QuestionError for what is no text."""
    return [checked_question(turn) for turn in _texts(history, "history") if turn.strip()]


def _texts(values: Sequence[str] | str, name: str) -> tuple[str, ...]:
    """Texts without halves of surrogate pairs; one text stands for a list of one."""
    found = (values,) if isinstance(values, str) else tuple(values) if isinstance(values, Iterable) else (values,)
    if not all(isinstance(value, str) for value in found):
        msg = f"{name} {values!r} must be a list of texts"
        raise QuestionError(msg)
    return tuple(value.encode("utf-8", "replace").decode() for value in found)


def checked_day(value: date | str | None, name: str) -> date | None:
    """A day from a date or its ISO text; raises QuestionError for anything else."""
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError) as exc:
        msg = f"{name} {value!r} is not a date: write it as 2026-03-10"
        raise QuestionError(msg) from exc

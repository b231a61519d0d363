"""What a caller hands in, checked before any work is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from index.errors import QuestionError
from index.filters import Filters

MOST_QUESTION = 2000
"""Characters; a longer text is not a question."""


def checked_question(question: str) -> str:
    """The question on one line. Raises QuestionError where it has no words or is too long."""
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
    """The filters of a call. Raises QuestionError for what is no date, or a range that is empty."""
    outlets = [outlets] if isinstance(outlets, str) else outlets
    articles = [articles] if isinstance(articles, str) else articles
    first, last = _day(since, "since"), _day(until, "until")
    if first and last and first > last:
        msg = f"since {first} is after until {last}: swap them"
        raise QuestionError(msg)
    return Filters(first, last, tuple(outlets), tuple(articles))


def _day(value: date | str | None, name: str) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as exc:
        msg = f"{name} {value!r} is not a date: write it as 2026-03-10"
        raise QuestionError(msg) from exc

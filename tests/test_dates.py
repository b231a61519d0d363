from __future__ import annotations

import calendar
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import date_in_name, leading_date, parse_date

DAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-10",
        "2026/03/10",
        "20260310",
        "2026-03-10T23:30:00-05:00",
        "2026-03-10 10:11",
        "Tue, 10 Mar 2026 10:11:12 GMT",
        "10 Mar 26 10:00 GMT",
        "10-Mar-2026",
        "10 March 2026",
        " March  10, 2026 ",
        "Tuesday, March 10, 2026",
        "Mar. 10, 2026",
        "March 10, 2026, 10:00 a.m. ET",
        "10th of March 2026",
        "10 mars 2026",
        "10 de marzo de 2026",
        "10. März 2026",
        "10 de março de 2026",
        "10 marzo 2026",
        "10 Mart 2026",
        "10 maart 2026",
    ],
)
def test_date_is_read(text: str) -> None:
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    ("text", "day"), [("13/04/2026", 13), ("04/13/2026", 13), ("25.04.2026", 25), ("04-04-2026", 4)]
)
def test_numbers_are_read_where_their_order_is_certain(text: str, day: int) -> None:
    assert parse_date(text) == date(2026, 4, day)


@pytest.mark.parametrize("text", ["03/04/2026", "10.03.2026", "3-4-2026"])
def test_numbers_in_an_uncertain_order_are_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize("text", ["yesterday", "2 days ago", "today", "last Tuesday", "gestern", "hace dos días"])
def test_relative_words_are_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "text", ["", "2026", "March 2026", "10 March", "Tuesday", "2026-03", "2026-W11-2", "1773100800"]
)
def test_incomplete_dates_are_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "text", ["2026-02-30", "31 February 2026", "30/02/2026", "1492-10-12", "10 March 2999", "99991231"]
)
def test_impossible_and_remote_days_are_no_date(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "text",
    ["the talks of 10 March 2026", "10 dogs 2025", "Petro 10 2026", "Until March 10, 2026", "10 March 2026 (rev. 2)"],
)
def test_words_around_a_date_are_no_date(text: str) -> None:
    assert parse_date(text) is None


@given(st.dates(min_value=date(1800, 1, 1), max_value=date(2026, 12, 31)))
def test_every_day_is_read_from_its_own_spelling(day: date) -> None:
    month = calendar.month_name[day.month]
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day.day} {month} {day.year}") == day
    assert parse_date(f"{month} {day.day}, {day.year}") == day


@given(st.text(max_size=70))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = parse_date(text)
    assert found is None or found.year >= 1800


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("date 2026-03-10 Far-off port reopens", "Far-off port reopens"),
        ("March 10, 2026 — BOGOTÁ: The port reopened", "BOGOTÁ: The port reopened"),
        ("March 10, 2026—The port reopened", "The port reopened"),
        ("Published: 10 March 2026\nThe court", "The court"),
        ("Published 10 March 2026, 14:05 GMT | The court", "The court"),
        ("Date: 2026-03-10T10:00:00Z\nthe court", "the court"),
        ("(March 10, 2026) The court", "The court"),
        ("2026-03-10: The court", "The court"),
        ("March 10, 2026 BOGOTÁ — The court", "BOGOTÁ — The court"),
        ("10 de marzo de 2026 - Los puentes", "Los puentes"),
        ("Publicado el 10 de marzo de 2026\n\nLos puentes", "Los puentes"),
        ("March 10, 2026\n\nlower case begins", "lower case begins"),
        ("2026-03-10", ""),
    ],
)
def test_glued_date_is_taken_off(text: str, rest: str) -> None:
    assert leading_date(text) == (DAY, len(text) - len(rest))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The court ruled on March 10, 2026",
        "On March 10, 2026 the court ruled",
        "2023 was a record year",
        "March 10, 2026 was the day when it ended",
        "March 10, 2026, Bogotá said, was the day",
        "March 10, 2026’s vote was lost",
        "March 10, 2026 - a day to remember",
        "March 10, 2026 Petro spoke",
        "2026-03-10 was the day",
        "2026-03-10-11 The range",
        "2026-03-10Port",
        "Updated March 10, 2026, the list holds ten names",
        "Dated 10 March 2026 the letter names ten men",
        "03/04/2026 - Bogotá",
    ],
)
def test_sentence_about_a_date_is_left_whole(text: str) -> None:
    assert leading_date(text) is None


@given(st.text(max_size=60))
def test_length_of_a_leading_date_is_within_the_text(tail: str) -> None:
    text = "Published: 10 March 2026" + tail
    found = leading_date(text)
    assert found is None or (found[0] == DAY and 24 <= found[1] <= len(text))


@pytest.mark.parametrize(
    "name",
    [
        "2026-03-10_slug.txt",
        "20260310.html",
        "2026_03_10.md",
        "slug-2026.03.10.txt",
        "https://a.example/2026/03/10/slug",
        "20260310T101112.json",
    ],
)
def test_date_in_name_is_read(name: str) -> None:
    assert date_in_name(name) == DAY


@pytest.mark.parametrize(
    "name",
    [
        "000_e4c71a7406463685.txt",
        "a20260310b.txt",
        "12345678.txt",
        "2026-13-40.txt",
        "2026-0310.txt",
        "120260310.txt",
        "2026-03-10_2026-03-11.txt",
        "99991231.txt",
        "article.txt",
    ],
)
def test_other_digits_in_a_name_are_no_date(name: str) -> None:
    assert date_in_name(name) is None

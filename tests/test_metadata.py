from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.articles import Article, Draft, Found
from index.errors import ItemError
from index.metadata import to_article

BODY = (
    "The port authority in Harwick closed two of its five terminals on Tuesday after a crane collapsed.\n"
    "Nobody was hurt, but the collapse blocked the channel and left eleven ships waiting at anchor."
)
DAY = date(2026, 3, 10)


def article(text: str, name: str = "crane.txt", *, part: str = "", url: str | None = None, **found: str) -> Article:
    declared = {field: Found(value, "front matter") for field, value in found.items()}
    return to_article("/data/crane.txt", name, Draft(text, declared, part), url)


def test_unknown_metadata_stays_unknown() -> None:
    made = article(BODY)
    assert (made.title, made.outlet, made.published, made.url) == (None, None, None, None)
    assert (made.found, made.dropped, made.text) == ({}, (), BODY)


def test_declared_metadata_is_taken_with_its_place() -> None:
    values = {
        "title": " Crane\n falls ",
        "outlet": "Gazette",
        "published": "10 March 2026",
        "url": "https://g.example/1",
    }
    made = to_article("k", "n", Draft(BODY, {name: Found(value, "front matter") for name, value in values.items()}))
    assert (made.title, made.outlet, made.published, made.url) == ("Crane falls", "Gazette", DAY, "https://g.example/1")
    assert set(made.found) == {"title", "outlet", "published", "url"}
    assert set(made.found.values()) == {"front matter"}


def test_first_line_is_the_title_and_stays_in_the_text() -> None:
    made = article("Crane shuts Harwick port\n" + BODY)
    assert (made.title, made.found) == ("Crane shuts Harwick port", {"title": "first line"})
    assert made.text.startswith("Crane shuts Harwick port\n")


@pytest.mark.parametrize(
    "first",
    ["The port was closed on Monday.", "By Ann Lee", "crane shuts port", "The minister said:", "Port", "word " * 40],
)
def test_first_line_that_is_no_headline_is_no_title(first: str) -> None:
    assert article(first.strip() + "\n" + BODY).title is None


def test_headline_without_a_text_below_is_no_title() -> None:
    assert article("Crane shuts Harwick port\nShips wait at anchor").title is None


def test_declared_title_wins_over_the_text() -> None:
    text = "Crane shuts Harwick port\n" + BODY + "\nThe post Ships wait appeared first on Gazette."
    assert article(text, title="Declared").title == "Declared"


def test_syndication_line_gives_title_and_outlet_and_goes() -> None:
    line = "The post Ships wait at Harwick appeared first on The Gazette."
    made = article(BODY + "\n" + line)
    assert (made.title, made.outlet) == ("Ships wait at Harwick", "The Gazette")
    assert made.found == {"title": "syndication line", "outlet": "syndication line"}
    assert (made.text, made.dropped) == (BODY, (line,))


@pytest.mark.parametrize(
    ("line", "outlet"),
    [
        ("HARWICK, March 10 (AFP) – ", "AFP"),
        ("BOGOTÁ, Colombia (Gulf News) — ", "Gulf News"),
        ("(Reuters) - ", "Reuters"),
    ],
)
def test_dateline_names_the_outlet(line: str, outlet: str) -> None:
    made = article(line + BODY)
    assert (made.outlet, made.found) == (outlet, {"outlet": "dateline"})
    assert made.text.startswith(line)


def test_other_words_in_parentheses_are_no_outlet() -> None:
    assert article("The port (Harwick) - closed since Monday - has five terminals and a long mole.").outlet is None


def test_host_of_the_address_is_no_outlet() -> None:
    made = article(BODY, url="https://gazette.example/crane")
    assert (made.outlet, made.url, made.source) == (
        None,
        "https://gazette.example/crane",
        "https://gazette.example/crane",
    )


def test_glued_date_is_taken_and_dropped() -> None:
    made = article("date 2026-03-10 " + BODY)
    assert (made.published, made.found, made.dropped) == (DAY, {"published": "leading date"}, ("date 2026-03-10",))
    assert made.text == BODY


def test_date_line_under_the_headline_is_taken_and_dropped() -> None:
    made = article("Crane shuts Harwick port\n\nMarch 10, 2026\n\n" + BODY)
    assert (made.title, made.published, made.dropped) == ("Crane shuts Harwick port", DAY, ("March 10, 2026",))
    assert made.text == "Crane shuts Harwick port\n\n" + BODY


def test_dates_that_head_the_parts_of_a_chronicle_stay() -> None:
    text = f"How the port fell\nMarch 10, 2026\n{BODY}\nMarch 11, 2026\nThe ships had left."
    made = article(text)
    assert (made.published, made.text) == (None, text)


def test_dropped_lines_are_in_the_order_they_stood_in() -> None:
    made = article(f"Skip to content\nCrane shuts Harwick port\nMarch 10, 2026\n{BODY}\nAll rights reserved.")
    assert made.dropped == ("Skip to content", "March 10, 2026", "All rights reserved.")


def test_headline_that_begins_like_a_byline_is_a_title() -> None:
    assert article("Por qué cayó la grúa de Harwick\n" + BODY).title == "Por qué cayó la grúa de Harwick"


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("By Ann Lee | March 10, 2026\n", "byline"),
        ("By Ann Lee, 10 March 2026\n", "byline"),
        ("HARWICK, March 10, 2026 (AFP) - ", "dateline"),
    ],
)
def test_byline_and_dateline_give_the_date_and_stay(line: str, where: str) -> None:
    made = article(line + BODY)
    assert (made.published, made.found["published"], made.dropped) == (DAY, where, ())
    assert made.text == line + BODY


def test_declared_date_wins_over_text_and_name() -> None:
    made = article("2026-03-09: " + BODY, "2026-03-08.txt", published="2026-03-10")
    assert (made.published, made.found["published"]) == (DAY, "front matter")


def test_date_of_the_text_wins_over_the_name() -> None:
    assert article("2026-03-10: " + BODY, "2026-03-08.txt").published == DAY


def test_date_of_the_name_is_the_last_resort() -> None:
    made = article(BODY, "2026-03-10_crane.txt")
    assert (made.published, made.found) == (DAY, {"published": "file name"})


def test_date_in_the_name_of_a_collection_is_not_of_its_articles() -> None:
    assert article(BODY, "2026-03-10_dump.jsonl", part="line 3").published is None


def test_date_in_an_address_is_taken() -> None:
    made = article(BODY, url="https://gazette.example/2026/03/10/crane")
    assert (made.published, made.found["published"]) == (DAY, "address")


def test_declared_date_that_is_none_leaves_room_for_the_next() -> None:
    assert article("2026-03-10: " + BODY, published="last week").found["published"] == "leading date"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "gazette"])
def test_address_that_is_no_web_page_is_left_out(url: str) -> None:
    assert article(BODY, url=url).url is None


def test_key_and_source_name_the_part() -> None:
    made = article(BODY, part="line 3")
    assert (made.key, made.source) == ("/data/crane.txt#line 3", "crane.txt line 3")


def test_declared_id_and_source_win() -> None:
    made = article(BODY, part="line 3", id="a-17", source="Harwick archive")
    assert (made.key, made.source) == ("id:a-17", "Harwick archive")
    assert (made.found["id"], made.found["source"]) == ("front matter", "front matter")


def test_same_content_has_the_same_id_under_any_key() -> None:
    other = to_article("/elsewhere/b.txt", "b.txt", Draft(BODY + "\n\n"))
    assert other.id == article(BODY).id
    assert other.key != article(BODY).key


def test_other_date_makes_another_id() -> None:
    assert article(BODY, published="2026-03-10").id != article(BODY).id


@pytest.mark.parametrize("text", ["", "\n \u200b", "2026-03-10", "1 2 3 4 5 6 7 8 9 10 11 12 13", "Too short a text"])
def test_text_without_an_article_is_an_error_that_names_the_item(text: str) -> None:
    with pytest.raises(ItemError, match=r"crane\.txt line 3: no article text") as failure:
        article(text, part="line 3")
    assert "\n" not in str(failure.value)


@given(st.text(), st.sampled_from(["", "date 2026-03-10 ", "Crane shuts port\n", "March 10, 2026\n"]))
def test_nothing_is_lost_unseen(tail: str, head: str) -> None:
    made = article(head + BODY + "\n" + tail)
    seen = sorted(" ".join([made.text, *made.dropped]).split())
    assert [word for word in (head + BODY).split() if word.strip("—:-") and word not in seen] == []
    assert made.text == made.text.strip()


SEEDS = Path(__file__).resolve().parents[1].parent / "shared" / "seeds"


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the original articles are not part of the project")
def test_metadata_of_the_original_articles() -> None:
    made = {
        path.name[:3]: to_article(str(path), path.name, Draft(path.read_text(encoding="utf-8")))
        for path in SEEDS.glob("*.txt")
    }
    assert {number: one.published for number, one in made.items() if one.published} == {"000": DAY}
    assert {number: one.outlet for number, one in made.items() if one.outlet} == {"004": "TIME"}
    assert {number: one.found["title"] for number, one in made.items() if one.title} == {
        "002": "first line",
        "003": "first line",
        "004": "syndication line",
    }
    assert made["000"].dropped[0] == "date 2026-03-10"
    assert made["000"].text.startswith("Far-left President")

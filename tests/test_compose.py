"""Which of the ranked sentences make a list, a summary or a timeline."""

from dataclasses import replace
from datetime import date

from index.articles import Article, content_id
from index.sentences import sentence_spans
from rag.compose import MOST_A_DAY, MOST_LISTED, MOST_SUMMED_UP, gathered, listed, storyline, summed_up
from rag.extract import Candidate

TEXT = (
    "Norway signed the pact on Monday. Sweden signed the pact a week later. Iceland was there as well. "
    "The pact covers herring. It rained in Oslo."
)


def article(text: str = TEXT, published: date | None = date(2026, 3, 10)) -> Article:
    return Article(content_id(text, None, None, published), "k", "a.txt", text, published=published)


def ranked(of: Article, *scores: float) -> list[Candidate]:
    spans = sentence_spans(of.text)
    return sorted(
        (Candidate(of, a, b, None, 0.0, score=s) for (a, b), s in zip(spans, scores, strict=True)),
        key=lambda c: -c.score,
    )


def test_a_list_has_all_that_answer_and_what_goes_on_from_them() -> None:
    found = listed(ranked(article(), 6.0, 5.0, -2.0, 1.5, -9.0), "Which countries signed the pact?", 1.0)
    assert [c.text for c in found] == [
        "Norway signed the pact on Monday.",
        "Sweden signed the pact a week later.",
        "Iceland was there as well.",
    ]


def test_a_list_leaves_out_what_tells_nothing_new() -> None:
    one = article("Norway signed the pact on Monday.")
    other = article("Norway signed the pact on Monday, it said.", None)
    found = listed([*ranked(one, 6.0), *ranked(other, 5.5)], "Which countries signed the pact?", 1.0)
    assert len(found) == 1


def test_a_list_is_never_longer_than_its_bound() -> None:
    text = " ".join(f"Country{i} number{i} signed treaty{i}." for i in range(30))
    found = listed(ranked(article(text), *[6.0] * 30), "Which countries signed?", 1.0)
    assert len(found) == MOST_LISTED


def test_a_summary_of_an_article_begins_with_its_first_sentence_and_keeps_its_order() -> None:
    text = (
        "The port of Lund has opened a new quay for herring boats. The quay cost 40 million. "
        "Herring boats may use the quay free of charge in the first year. A band played at the port. "
        "The port expects 300 herring boats a year at the new quay. The weather was fine and dry all day."
    )
    found = summed_up(article(text), sentence_spans(text), most=3)
    assert found[0].text.startswith("The port of Lund")
    assert [c.start for c in found] == sorted(c.start for c in found)
    assert len(found) == 3
    assert not any("weather" in c.text or "band" in c.text for c in found)


def test_a_summary_of_a_topic_stops_at_its_floor_and_bound() -> None:
    text = " ".join(f"Person{i} praised harbour{i} with pride{i}." for i in range(12))
    found = gathered(ranked(article(text), *[5.0] * 8, *[0.5] * 4), 1.0)
    assert len(found) == MOST_SUMMED_UP
    assert all(c.score >= 1.0 for c in found)


def test_a_timeline_is_in_order_and_no_day_takes_it_over() -> None:
    text = (
        "On March 3 the council met to discuss the new quay.\nOn March 9 the mayor of Lund resigned over the affair.\n"
        "On March 5 the dockers' union went on strike.\nOn March 9 storms closed the harbour for all boats.\n"
        "On March 9 a ferry with sheep on board sank off Ven."
    )
    found = storyline(ranked(article(text), 5.0, 4.0, 3.0, 6.0, 2.0), 1.0)
    assert [entry.date for entry in found] == ["2026-03-03", "2026-03-05", "2026-03-09", "2026-03-09"]
    assert sum(entry.date == "2026-03-09" for entry in found) == MOST_A_DAY
    assert not any("ferry" in entry.candidate.text for entry in found)


def test_a_timeline_has_nothing_of_sentences_that_do_not_answer() -> None:
    found = ranked(article(), *[5.0] * 5)
    assert storyline([replace(c, score=0.0) for c in found], 1.0) == []

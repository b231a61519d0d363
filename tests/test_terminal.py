from __future__ import annotations

from datetime import date

from index.articles import Article
from index.ledger import Outcome
from rag import terminal
from rag.answers import Answer, Citation, Dropped, Provenance, Sentence, Span, Timings


def unsure(*sentences: Sentence, **fields: object) -> Answer:
    """An answer with one citation and one sentence that was dropped."""
    span = Span(article_id="a1", start=0, end=4, quote="text")
    cited = Citation(
        number=1,
        article_id="a1",
        title="Title",
        outlet=None,
        published=None,
        source="f.txt",
        start=0,
        end=4,
        quote="text",
    )
    given = {
        "question": "Which?", "status": "answered", "text": "It closed. [1]", "confidence": 0.5, "missing": None,
        "sentences": sentences, "citations": (cited,), "positions": (),
        "dropped": (Dropped(text="It\nopened.", verdict="contradicted", support=0.04, reason="closed", spans=(span,)),),
        "provenance": Provenance(answerer="extractive", checker="rules-1", embedder="e", corpus="c", version="1"),
        "timings_ms": Timings(retrieve=1, write=1, check=1, total=3),
    }  # fmt: skip
    return Answer.model_validate(given | fields)


GOOD = Sentence(text="It closed.", verdict="supported", support=0.9, citations=(1,))
DOUBTED = Sentence(text="It rained.", verdict="unsupported", support=0.2, citations=(1,), reason="no rain")


def test_what_was_dropped_is_shown_to_those_who_debug_with_reason_and_place() -> None:
    shown = terminal.answer(unsure(GOOD), debug=True).splitlines()
    assert shown[-1] == "dropped as contradicted (0.04; closed): It opened. a1:0-4"
    assert "opened" not in terminal.answer(unsure(GOOD))


def test_a_marked_sentence_has_its_reason_for_those_who_debug() -> None:
    result = unsure(GOOD, DOUBTED, text="It closed. [1] [unsupported] It rained. [1]")
    assert "[unsupported] It rained. [1]" in terminal.answer(result)
    assert "shown as unsupported (0.20; no rain): It rained. [1]" in terminal.answer(result, debug=True).splitlines()


def test_an_abstention_shows_what_was_dropped_to_those_who_debug() -> None:
    fields = {"status": "abstained", "text": "Not here.", "citations": (), "missing": "here"}
    assert terminal.answer(unsure(**fields)) == "Not here."
    assert "dropped as contradicted" in terminal.answer(unsure(**fields), debug=True)


def test_a_line_of_the_list_shows_the_date_as_it_is_written() -> None:
    article = Article("a1", "k", "f.txt", "text", "Title", "Quay News", date(2026, 1, 2))
    assert terminal.line(article) == "a1  2026-01-02  Quay News  Title  (f.txt)"


def test_what_is_not_known_is_shown_as_not_known() -> None:
    assert terminal.line(Article("a1", "k", "f.txt", "text")) == "a1  no date     -  -  (f.txt)"


def test_the_ledger_names_each_item_and_counts_each_outcome() -> None:
    outcomes = [
        Outcome("a.txt", "added", "1"),
        Outcome("b.pdf", "failed", reason="is empty"),
        Outcome("c.txt", "added", "2"),
    ]
    assert terminal.ledger(outcomes).splitlines() == [
        "added      a.txt",
        "failed     b.pdf: is empty",
        "added      c.txt",
        "2 added, 1 failed",
    ]


def test_a_record_is_json_without_the_text() -> None:
    record = terminal.record(Article("a1", "k", "f.txt", "text", published=date(2026, 1, 2)))
    assert record["published"] == "2026-01-02"
    assert "text" not in record

"""Who wrote an answer, as a reader sees it; and that nothing moves which was shown while it grew."""

from __future__ import annotations

import re

import pytest
from test_parts import SPANISH, WORDS, Seen, answer_html, answered, evidence_html, written

from ui.parts.answer import render_answer, render_growing, spoken


@pytest.mark.parametrize(
    ("writing", "line"),
    [
        ({}, "Written by mill-2, each sentence checked against the articles."),
        ({"dropped": 1}, "against the articles; 1 of its sentences was dropped."),
        ({"dropped": 2}, "against the articles; 2 of its sentences were dropped."),
        ({"replaced": 1}, "against the articles; 1 of its sentences was replaced by the article’s own."),
        (
            {"dropped": 2, "replaced": 1},
            "; 2 of its sentences were dropped and 1 of its sentences was replaced by the article’s own.",
        ),
        (
            {"outcome": "completed", "reason": "a side was missing", "dropped": 1},
            "1 of its sentences was dropped. Sentences of the articles were added: a side was missing.",
        ),
    ],
)
def test_a_written_answer_says_who_wrote_it_and_what_became_of_the_rest(writing, line):
    assert line in Seen(answer_html(written(False, **writing))).text


@pytest.mark.parametrize(
    ("writing", "line"),
    [
        (
            {"sentences": 3, "dropped": 2, "replaced": 1, "reason": "3 of its 3 sentences were not shown"},
            "mill-2’s sentences did not pass the check, so this is the articles’ own wording.",
        ),
        (
            {"sentences": 0, "reason": "the model found no answer in the passages"},
            "own wording, since mill-2 wrote no sentence: the model found no answer in the passages.",
        ),
        (
            {"sentences": 3, "dropped": 2, "left_out": 1, "reason": "3 of its 3 sentences were not shown"},
            "No sentence of mill-2 passed the check and bore on the question: this is the articles’ own wording.",
        ),
    ],
)
def test_an_answer_in_the_articles_own_wording_says_why(writing, line):
    assert line in Seen(answer_html(written(True, outcome="extractive", shown=0, **writing))).text


def test_without_a_model_no_line_says_who_wrote_and_no_sentence_is_set_apart():
    assert not re.search("sb-wrote|sb-own|sb-whose|Written by", answer_html(answered()))


def test_in_a_written_answer_the_articles_own_sentences_are_told_apart_in_words_and_shape():
    first, second = re.findall(r'<p class="sb-claim.*?</p>', answer_html(written(False, True)))
    assert "sb-own" not in first
    assert "from the article" not in first
    assert "sb-own" in second
    assert "❝ from the article" in Seen(second).text


@pytest.mark.parametrize("status", ["answered", "partial", "disputed"])
def test_what_was_shown_while_an_answer_grew_is_how_the_whole_answer_begins(status):
    dated = [one.model_copy(update={"date": "2026-05"}) for one in written(False, True).sentences]
    changes = {
        "sentences": tuple(dated),
        "status": status,
        "understood": "When did it open?",
        "missing": "what it cost",
    }
    answer = written(False, True).model_copy(update=changes)
    for shown in (1, 2):
        grown = render_growing(answer.sentences[:shown], answer.citations, 1, WORDS)
        assert render_answer(answer, 1, WORDS).startswith(grown)


def test_a_stopped_answer_says_that_it_may_not_be_all_and_nothing_of_the_corpus():
    answer = written(False, outcome="stopped").model_copy(update={"status": "partial", "missing": "It was stopped."})
    text = Seen(answer_html(answer)).text
    assert "■ Stopped before its end" in text
    assert "Not in the corpus" not in text
    assert spoken(answer, WORDS).startswith("Stopped. The port opened")


def test_an_answer_that_was_stopped_before_a_sentence_is_no_abstention():
    answer = written(outcome="stopped", sentences=0, shown=0).model_copy(
        update={"status": "abstained", "text": "None."}
    )
    seen = Seen(answer_html(answer) + evidence_html(answer))
    assert "■ Stopped before the first sentence." in seen.text
    assert "Not in the corpus" not in seen.text
    assert [act for act in seen.acts() if act != "retry"] == []
    assert spoken(answer, WORDS) == "Stopped before the first sentence."


def test_an_abstention_is_spoken_as_one():
    answer = answered(status="abstained").model_copy(update={"text": "No <b>article</b> says."})
    assert spoken(answer, WORDS) == "Not in the corpus. No &lt;b&gt;article&lt;/b&gt; says."
    assert spoken(answer, SPANISH).startswith("No está en el corpus.")

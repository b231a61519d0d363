"""What may not be left out of a source, and what may."""

from __future__ import annotations

import pytest

from rag.write.losses import left_out


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Ann Holt, the president, was there.", "Ann Holt, the president-elect, was there."),
        ("Ann Holt, a minister, resigned.", "Ann Holt, a former minister, resigned."),
        ("Norra is an ally of the west.", "Norra is traditionally an ally of the west."),
        ("She is the first woman to run a club.", "She is the first woman to run a club in the second division."),
        ("Nobody will be dismissed.", "Nobody will be dismissed before 2027, the firm said."),
        ("The firm sued the town.", "The firm dropped its plan to sue the town."),
        ("Dr Moe spoke to the committee.", "Dr Moe had been invited to speak to the committee."),
        ("Orbis merged with Lem.", "Orbis had been in talks about a merger with Lem."),
        ("The town will build a school.", "The town has built a school."),
    ],
)
def test_what_makes_the_source_true_must_stay(sentence: str, source: str) -> None:
    assert left_out(sentence, [source])


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Ann Holt, the president-elect, was there.", "Ann Holt, the president-elect, was there as well."),
        ("Ann Holt was there.", "Ann Holt, a former minister, was there."),
        ("She is the first woman to run a club.", "She is the first woman to run a club, and the youngest."),
        ("The firm wants to sue the town.", "The firm dropped its plan to sue the town."),
        ("The firm sued the town.", "The firm, which threatened to sue, sued the town."),
        ("The town will build a school.", "The town plans to build a school."),
        ("The mill closed in May.", "The mill closed in May after 112 years."),
    ],
)
def test_what_is_merely_shorter_may_stay_shorter(sentence: str, source: str) -> None:
    assert left_out(sentence, [source]) is None


def test_a_sentence_leaves_nothing_out_of_itself(root) -> None:
    texts = [path.read_text(encoding="utf-8").partition("---\n")[2] for path in (root / "seeds").glob("*.md")]
    lines = [line for text in texts for line in text.split("\n") if line.strip()]
    assert len(lines) > 50
    assert [line for line in lines if left_out(line, [line])] == []

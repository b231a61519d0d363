"""How sure an answer is: words, and the number on demand. Pure."""

from __future__ import annotations

from html import escape

from rag.answers import Answer
from ui.words import Words

_LEVELS = ((0.7, "high"), (0.5, "middling"))


def confidence_words(confidence: float, words: Words) -> str:
    """A confidence, 0 to 1, in words.

    As a probability it is off by 0.05 on average over four sets and by up to 0.2 on one (`eval.bench.abstention`): the
    words say how it ranks.
    """
    level = next((level for least, level in _LEVELS if confidence >= least), "low")
    return words(f"reading.confidence_{level}")


def render_confidence(answer: Answer, words: Words) -> str:
    """The confidence of an answer in words; opened, as a number, with the support of each sentence."""
    level = f"{words('reading.confidence')} {confidence_words(answer.confidence, words)}"
    what = words("reading.confidence_best") if answer.status == "abstained" else level
    number = words("reading.estimate", number=f"{answer.confidence:.2f}")
    each = " · ".join(
        words("reading.support_of", number=place, support=f"{sentence.support:.2f}")
        for place, sentence in enumerate(answer.sentences, 1)
    )
    support = f"<p>{escape(words('reading.support'))} {escape(each)}.</p>" if each else ""
    return (
        f'<details class="sb-sure"><summary>{escape(what)}</summary>'
        f"<div><p>{escape(number.capitalize())}. {escape(words('reading.estimate_means'))}</p>{support}</div></details>"
    )

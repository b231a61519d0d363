"""What tells a sentence that answers from one that comes near: signs that are read off the best one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence
from functools import lru_cache

from rag.check.facts import Word, fold, names, words
from rag.check.lexicon import DENIAL_STEMS, NEGATORS, STOP, stem
from rag.check.lexicon import words as word_set
from rag.check.measures import MONTHS, WEEKDAYS
from rag.converse import Asked
from rag.extract import Candidate
from rag.rerank import NEAR_MISSES

FAR = 4.0
"""Most names and numbers that count as uncovered: a pasted text has dozens."""

_NEEDLESS = STOP | word_set(
    "kind type sort name date time number amount percentage many much long far often please tell describe explain "
    "according"
)
"""Words of a question that no sentence needs: the little ones and those that say what sort of answer is wanted."""

_ACCENTS = re.compile(r"[\u0300-\u036f]+")
_BARRED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe"})
_BARRED |= str.maketrans({"Ł": "L", "Ø": "O", "Đ": "D", "Æ": "Ae", "Œ": "Oe"})
"""Letters that have no accent to take off."""


def features(asked: Asked, ranked: Sequence[Candidate]) -> dict[str, float]:
    """The signs by name, each a finite number.

    - `score`: the cross-encoder's logit for the best sentence.
    - `answers`: the logit of the one that was trained on near misses, for the sentence behind the one before it.
    - `lead`: how far the best passage's cosine is above the mean of the others that were read, 0 to 2. Unlike the
      cosine itself it is near 0 wherever all passages are equally far from the question.
    - `covered`: share of the question's content words in the best sentence, 0 to 1.
    - `loose`: names and numbers of the question in neither the best sentence nor its lead nor the title, 0 to FAR.
    - `negated`: 1 where the question has a "not", "never" or "without" and the sentence has none.

    Args:
        asked: the question.
        ranked: its candidate sentences, best first; at least one.
    """
    best = ranked[0]
    question = _read(asked.focus)
    sentence = _read(best.text)
    there = {word.key for word in sentence}
    near = there | {word.key for word in _read(best.context)}
    wanted = dict.fromkeys(word.key for word in question if word.content and word.low not in _NEEDLESS)
    negates = any(word.low in NEGATORS for word in question)
    denies = any(word.low in NEGATORS or stem(word.low) in DENIAL_STEMS for word in sentence)
    return {
        "score": best.score,
        "answers": float(NEAR_MISSES.score(asked.text, [best.setting])[0]),
        "lead": _lead([candidate.similarity for candidate in ranked]),
        "covered": sum(key in there for key in wanted) / len(wanted) if wanted else 1.0,
        "loose": min(FAR, _loose(question, near)),
        "negated": float(negates and not denies),
    }


def _loose(question: Sequence[Word], near: Container[str]) -> float:
    """Names and numbers of a question that are not `near`: what a near miss most often has otherwise.

    A name is there when its last word is, as a person is called by it; else the share of its words counts that is not.
    """
    count = float(sum(_is_exact(word) and word.key not in near for word in question))
    for run, _ in names(list(question)):
        if run[0] is not question[0] and run[-1].key not in near:
            parts = [word for word in run if word.content]
            count += sum(word.key not in near for word in parts) / max(1, len(parts))
    return count


def _is_exact(word: Word) -> bool:
    """A number, or a month or day of the week, which is no part of a name."""
    return word.digits or (word.text[0].isupper() and (word.low in MONTHS or word.low in WEEKDAYS))


def _lead(similarities: Sequence[float]) -> float:
    passages = sorted(set(similarities), reverse=True)
    return passages[0] - sum(passages[1:]) / len(passages[1:]) if len(passages) > 1 else 0.0


@lru_cache(maxsize=512)
def _read(text: str) -> tuple[Word, ...]:
    return tuple(words(fold(unaccented(text))))


def unaccented(text: str) -> str:
    """Without accents: a question says Bogota and Skłodowska, articles Bogotá and Sklodowska."""
    return text if text.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFKD", text.translate(_BARRED)))

"""What a reader says of sentences and of abstentions: thumbs, kept with the answers, shown for as long as they hold."""

from __future__ import annotations

from collections.abc import Mapping

from index.errors import StoreError
from rag.answers import CONVERSATION, Answer
from rag.feedback import WHOLE, Feedback
from ui.session import Reader, Session, owned


def who(reader: Reader, session: Session) -> str:
    """Whom a link or a thumb belongs to: a name, else the browser, by a number that nobody else knows."""
    return reader.key or owned(session.owner)


def given(feedback: Feedback, reader: Reader, session: Session) -> list[tuple[int, int, bool]]:
    """All thumbs of a reader on the answers that are shown: number of the turn, place of the sentence, whether up.

    Empty where they cannot be read, which the log says: the answers are shown without them.
    """
    turns = [(turn.number, turn.answer) for turn in session.turns if turn.answer]
    try:
        found = feedback.thumbs([answer for _, answer in turns], by=who(reader, session))
    except StoreError:
        return []
    return [(number, place, up) for (number, _), of in zip(turns, found, strict=True) for place, up in of.items()]


def judged(data: Mapping[str, str], session: Session) -> tuple[Answer, int] | None:
    """What a press of a thumb is on: the answer and the place of the sentence, WHOLE for an abstention."""
    turn, sentence = session.turn(data.get("turn")), data.get("sentence", "")
    if turn is None or turn.answer is None or turn.answer.provenance.answerer == CONVERSATION:
        return None
    known = [*map(str, range(len(turn.answer.sentences)))]
    known += [str(WHOLE)] if turn.answer.status == "abstained" else []
    return (turn.answer, int(sentence)) if sentence in known else None

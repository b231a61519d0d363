"""Answers, articles and outcomes as text for a terminal, and the questions that are typed there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rag.cite import piece

if TYPE_CHECKING:
    from index.articles import Article
    from index.ledger import Outcome
    from rag.answers import Answer, Citation, Dropped, Position, Sentence


def show(
    steps: Iterable[tuple[Sentence, object] | Answer],
    write: Callable[[str], object],
    *,
    as_json: bool = False,
    debug: bool = False,
) -> Answer:
    """Writes an answer as it comes: what a model writes sentence by sentence, all else at the end.

    Args:
        steps: as `rag.ask.stream_cited` gives them.
        write: takes pieces of text, to be seen at once.
        as_json: write the answer as JSON on one line, at the end.
        debug: as in `answer`.

    Returns:
        The whole answer.
    """
    held: list[str] = []
    told = False
    for step in steps:
        if not isinstance(step, tuple):
            write((step.model_dump_json() if as_json else answer(step, debug=debug, told=told)) + "\n")
            return step
        held.append(piece(step[0]))
        if not as_json and (
            told or step[0].written
        ):  # an answer that nobody writes is whole in a moment, with what goes before its text
            write("".join(f"{text}\n" for text in held))
            held, told = [], True
    raise ValueError("no answer came")  # noqa: EM101 - a mistake of the caller


def answer(result: Answer, *, debug: bool = False, told: bool = False) -> str:
    """An answer: the text, the sides where sources differ, then each citation with who published it and when.

    Args:
        result: the answer.
        debug: also say why a sentence that is shown is not supported, and what was dropped.
        told: the text was shown before.
    """
    understood = [f"(understood as: {result.understood})"] if result.understood not in ("", result.question) else []
    if result.reading and result.reading.note:
        understood.append(f"({result.reading.note})")
    dropped = _unsupported(result) if debug else []
    if not result.sentences:
        meant = [f"Did you mean: {result.suggestion}"] if result.suggestion else []
        return "\n".join([*understood, result.text, *meant, *dropped])
    lines = [*understood, *([] if told else [result.text]), ""]
    if result.positions:
        lines += ["The sources differ:" if result.status == "disputed" else "Both can hold: different scope:"]
        lines += [_position(side) for side in result.positions]
        lines += [""]
    lines += [_citation(citation) for citation in result.citations]
    if result.missing and result.missing not in result.text:
        lines.append(f"Missing: {result.missing}")
    lines.append(f"confidence {result.confidence:.2f}, checked by {result.provenance.checker}")
    if result.provenance.writing:
        lines.append(result.provenance.writing.note)
    return "\n".join([*lines, *dropped])


def questions(*, prompt: bool) -> Iterator[str]:
    """The lines of standard input, stripped; with a prompt before each where a person types."""
    interactive = prompt and sys.stdin.isatty()
    while True:
        if interactive:
            sys.stdout.write("? ")
            sys.stdout.flush()
        line = sys.stdin.buffer.readline().decode("utf-8", "replace")
        if not line:
            return
        yield line.strip()


def ledger(outcomes: Sequence[Outcome]) -> str:
    """What became of each item, a line each, and the counts."""
    lines = [f"{o.result:<10} {o.item}" + (f": {o.reason}" if o.reason else "") for o in outcomes]
    kinds = dict.fromkeys(outcome.result for outcome in outcomes)
    counts = ", ".join(f"{sum(o.result == kind for o in outcomes)} {kind}" for kind in kinds)
    return "\n".join([*lines, counts or "nothing to do"])


def line(article: Article) -> str:
    """One article of a list."""
    known = f"{article.published or 'no date'!s:<10}  {article.outlet or '-'}  {article.title or '-'}"
    return f"{article.id}  {known}  ({article.source})"


def record(article: Article) -> dict[str, object]:
    """An article's metadata as JSON values, without the text."""
    fields = asdict(article)
    del fields["text"]
    fields["published"] = article.published.isoformat() if article.published else None
    return fields


DIFFERENCES = {
    "update": "replaced by the later one above",
    "scope": "another scope or period",
    "disagreement": "disagrees",
}
"""How a position differs from the first one, in words."""


def _position(side: Position) -> str:
    """One side: its value, who holds it, how it differs, and the quote."""
    holder = f"{side.holder}, in " if side.holder else ""
    where = f"{holder}{side.outlet or 'outlet not known'}, {side.published or 'date not known'}"
    how = f", {DIFFERENCES[side.difference]}" if side.difference else ""
    marks = " ".join(f"[{n}]" for n in side.citations)
    return f'  {side.value} ({where}{how}) {marks}\n    "{" ".join(side.quote.split())}"'


def _unsupported(result: Answer) -> list[str]:
    """What did not pass the check, shown or dropped, a line each with the checker's reason."""
    shown = [s for s in result.sentences if s.verdict != "supported"]
    return [
        *(_objection("shown", one, " ".join(f"[{n}]" for n in one.citations)) for one in shown),
        *(
            _objection("dropped", one, ", ".join(f"{s.article_id}:{s.start}-{s.end}" for s in one.spans))
            for one in result.dropped
        ),
    ]


def _objection(what: str, one: Sentence | Dropped, where: str) -> str:
    return f"{what} as {one.verdict} ({one.support:.2f}; {one.reason}): {' '.join(one.text.split())} {where}"


def _citation(citation: Citation) -> str:
    where = f"{citation.outlet or 'outlet not known'}, {citation.published or 'date not known'}"
    span = f"{citation.article_id}:{citation.start}-{citation.end}"
    copies = ", ".join(f"{copy.outlet or copy.title or copy.article_id}" for copy in citation.copies)
    also = f"; the same story: {copies}" if copies else ""
    return f"[{citation.number}] {citation.title or citation.source} ({where}; {span}{also})"

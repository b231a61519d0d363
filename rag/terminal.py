"""Answers, articles and outcomes as text for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.articles import Article
    from index.ledger import Outcome
    from rag.answers import Answer, Citation, Dropped, Position, Sentence


def answer(result: Answer, *, debug: bool = False) -> str:
    """An answer: the text, the sides where sources differ, then each citation with who published it and when.

    Args:
        result: the answer.
        debug: also say why a sentence that is shown is not supported, and what was dropped.
    """
    understood = [f"(understood as: {result.understood})"] if result.understood not in ("", result.question) else []
    dropped = _unsupported(result) if debug else []
    if not result.sentences:
        return "\n".join([*understood, result.text, *dropped])
    lines = [*understood, result.text, ""]
    if result.positions:
        lines += ["The sources differ:" if result.status == "disputed" else "Both can hold: different scope:"]
        lines += [_position(side) for side in result.positions]
        lines += [""]
    lines += [_citation(citation) for citation in result.citations]
    if result.missing and result.missing not in result.text:
        lines.append(f"Missing: {result.missing}")
    lines.append(f"confidence {result.confidence:.2f}, checked by {result.provenance.checker}")
    return "\n".join([*lines, *dropped])


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

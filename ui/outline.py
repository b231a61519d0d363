"""An answer in the order in which it is read, in words of one language and without markup: Answer -> Outline. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from index.ledger import CONTEXT
from rag.answers import CONVERSATION, Answer, Citation, Position, Sentence
from rag.notices import Notice
from ui.parts.notices import in_language
from ui.words import Words

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
"""Turn the direction of what follows, beyond the text they stand in."""
_KEPT_IN_ADDRESS = ":/?#[]@!$&'()*+,;=%-._~"


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence.

    Attributes:
        text: on one line, with what stands before it ("Yes:", a day).
        numbers: of its sources, in their order.
        notes: what the reader must know of it: who says it, that it is not supported.
    """

    text: str
    numbers: tuple[int, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A citation.

    Attributes:
        number: its mark.
        title, outlet, date: words where they are not known.
        address: of the original, http or https, with nothing in it that could end a link; "" for none.
        quote: the span.
        before, after: what stands around it, with the space between and dots where the text goes on.
        place: the file, where it is no address, and the span's place in the stored text.
        copies: a line on other articles of the same story; "" for none.
    """

    number: int
    title: str
    outlet: str
    date: str
    address: str
    quote: str
    before: str
    after: str
    place: str
    copies: str


@dataclass(frozen=True, slots=True)
class Side:
    """A position where sources differ, with the sources that hold it."""

    value: str
    notes: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """What is told of an answer, each text on one line, in this order.

    Attributes:
        question: as asked.
        notes: a line on how it was read and one on its filters, where there is something to tell.
        notice: that this is no answer, or was stopped; "" where it is a whole one.
        text: what stands in place of sentences; "" where there are any.
        claims: the sentences.
        differ: the heading of the sides.
        sides: two or more, or none.
        missing: a line on what is not in the articles; "" for none.
        sources: in order of their numbers, under the heading `cited`.
        footer: how sure and made by what, a line each.
    """

    question: str
    notes: tuple[str, ...] = ()
    notice: str = ""
    text: str = ""
    claims: tuple[Claim, ...] = ()
    differ: str = ""
    sides: tuple[Side, ...] = ()
    missing: str = ""
    cited: str = ""
    sources: tuple[Source, ...] = ()
    footer: tuple[str, ...] = ()


def one_line(text: str) -> str:
    """A text on one line, without signs that are not seen and change how what follows is shown."""
    return _CONTROL.sub("\ufffd", " ".join(_TURNS.sub("", text).split()))


def web_address(text: str) -> str:
    """An address of the web with what could end a link encoded; "" where it is none, or names a user."""
    try:
        parts = urlsplit(text)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    return quote(text, safe=_KEPT_IN_ADDRESS, errors="replace") if fit and not re.search(r"\s", text) else ""


def limits(since: object, until: object, outlets: Iterable[str]) -> str:
    """Filters as a person reads them, on one line: "2026-03-01 – 2026-03-31, El Faro"; "" where none is set."""
    days = (f"{since or ''} – {until or ''}".strip(),) if since or until else ()
    return one_line(", ".join((*days, *outlets)))


def outline(answer: Answer, words: Words, links: Mapping[str, str] | None = None) -> Outline:
    """An answer as it is told.

    Args:
        answer: any; of small talk only the text is told.
        words: of the reader's language.
        links: addresses of the originals by article id, for those whose `source` is not an address itself.
    """
    question = one_line(answer.question)
    if answer.provenance.answerer == CONVERSATION:
        return Outline(question, text=in_language(one_line(answer.text), words))
    writing = answer.provenance.writing
    stopped = writing is not None and writing.outcome == "stopped"
    footer = _footer(answer, words)
    if stopped and not answer.sentences:
        return Outline(question, notice=words("export.stopped_early"), footer=footer[-1:])
    sources = tuple(_source(cited, words, links or {}) for cited in answer.citations)
    absent = answer.status == "abstained"
    missing = in_language(one_line(answer.missing or ""), words)
    told = answer.missing or Notice.NOT_FOUND.value if answer.sentences else answer.text
    text = in_language(one_line(told), words) if absent else ""
    differs = "export.differ" if answer.status == "disputed" else "export.both_hold"
    return Outline(
        question,
        tuple(_asked_as(answer, words)),
        words("export.none") if absent else words("export.stopped") if stopped else "",
        text,
        tuple(_claims(answer, words)),
        words(differs) if answer.positions else "",
        tuple(_side(position, sources, words) for position in answer.positions),
        words("export.missing", text=missing) if missing and missing not in text and not stopped else "",
        words("export.against" if absent else "export.sources") if sources else "",
        sources,
        footer,
    )


def _asked_as(answer: Answer, words: Words) -> Iterator[str]:
    if answer.understood not in ("", answer.question):
        yield words("export.understood", text=one_line(answer.understood))
    if told := answer.within:
        yield words("asking.filters_on", what=limits(told.since, told.until, told.outlets))


def _claims(answer: Answer, words: Words) -> list[Claim]:
    writing = answer.provenance.writing
    dated = writing is None and len(answer.sentences) > 1 and all(one.date for one in answer.sentences)
    claims = []
    for place, sentence in enumerate(answer.sentences):
        yes_no = words(f"export.{answer.yes_no}") if answer.yes_no and not place else ""
        day = f"{sentence.date}:" if dated else ""
        text = " ".join(filter(None, (yes_no, day, one_line(sentence.text))))
        own = [words("export.own")] if writing is not None and not sentence.written else []
        claims.append(Claim(text, sentence.citations, (*_notes(sentence, words), *own)))
    return claims


def _notes(sentence: Sentence, words: Words) -> Sequence[str]:
    verdict = [] if sentence.verdict == "supported" else [words(f"export.{sentence.verdict}")]
    name = one_line(sentence.speaker or words("export.somebody"))
    return [*verdict, *([words(f"export.{sentence.speech}", name=name)] if sentence.speech else [])]


def _source(cited: Citation, words: Words, links: Mapping[str, str]) -> Source:
    name, place = one_line(cited.source), words("export.place", start=cited.start, end=cited.end)
    names = ", ".join(one_line(copy.outlet or copy.title or copy.article_id) for copy in cited.copies)
    return Source(
        cited.number,
        one_line(cited.title or "") or words("export.untitled"),
        one_line(cited.outlet or "") or words("export.no_outlet"),
        cited.published.isoformat() if cited.published else words("export.no_date"),
        web_address(links.get(cited.article_id, "")) or web_address(cited.source),
        one_line(cited.quote),
        ("…" if cited.start > len(cited.before) else "") + _beside(cited.before),
        _beside(cited.after) + ("…" if len(cited.after) >= CONTEXT else ""),
        place if web_address(cited.source) else f"{name}, {place}",
        words("export.copies", names=names) if names else "",
    )


def _beside(text: str) -> str:
    """On one line, but for a space at either end that parts it from the quote."""
    inner = one_line(text)
    return f"{' ' * text[:1].isspace()}{inner}{' ' * text[-1:].isspace()}" if inner else ""


def _side(position: Position, sources: Sequence[Source], words: Words) -> Side:
    holder = [words("export.held_by", name=one_line(position.holder))] if position.holder else []
    how = [words(f"export.{position.difference}")] if position.difference else []
    held = tuple(source for source in sources if source.number in position.citations)
    return Side(one_line(position.value), (*holder, *how), held)


def _footer(answer: Answer, words: Words) -> tuple[str, ...]:
    made, writing = answer.provenance, answer.provenance.writing
    lines = []
    if answer.status != "abstained":
        lines.append(words("export.confidence", number=f"{answer.confidence:.2f}"))
    if writing is not None and any(sentence.written for sentence in answer.sentences):
        lines.append(words("export.written_by", model=one_line(writing.model)))
    lines.append(
        words("export.made", version=made.version, checker=one_line(made.checker), corpus=one_line(made.corpus))
    )
    return tuple(lines)

"""An answer and its articles as HTML, pure: text in, text out.

Everything that comes from an article, a question or an answer passes `escape`, in text and in attributes, so none of it
can be markup. Ids are made of numbers only. A mark in answer 3 that cites citation 2 links to `#t3-c2`, the id of the
first piece of that citation's highlight; every piece of it carries `data-cite="t3-c2"`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from itertools import pairwise

from index.articles import Article
from index.errors import SourceboundError
from rag.answers import CONVERSATION, Answer, Citation, Position, Sentence
from rag.terminal import DIFFERENCES
from ui.written import OWN, bdi, stop_note, stopped_early, who_wrote

# Shape, words: the shape is for the eye only, so that nothing depends on colour.
_VERDICTS = {
    "supported": ("✓", "supported"),
    "unsupported": ("○", "not supported by the source"),
    "contradicted": ("✕", "contradicted by the source"),
    "not_checked": ("?", "not checked"),
}
_SPEECH = {
    "said": "said by",
    "claimed": "claimed by",
    "denied": "denied by",
    "wrote": "written by",
    "according_to": "according to",
}
_CONFIDENCE = ((0.7, "high"), (0.5, "middling"))


def confidence_words(confidence: float) -> str:
    """The confidence of an answer in words and as a number, as in "high (estimate 0.83)".

    As a probability it is off by 0.05 on average over four sets and by up to 0.2 on one (`eval.bench.abstention`): the
    words say how it ranks.
    """
    words = next((words for least, words in _CONFIDENCE if confidence >= least), "low, read the sources")
    return f"{words} (estimate {confidence:.2f})"


def render_text(text: str, citations: Sequence[Citation], turn: int) -> str:
    """The text of one article with each cited span in `<mark>` elements.

    Spans may touch, overlap or nest: the text is cut wherever one starts or ends, and a piece stands inside one mark a
    covering span. Without its tags the result is exactly `escape(text)`.

    Args:
        text: the stored text, unescaped.
        citations: those of this article; their spans count characters of `text`.
        turn: number of the answer in the conversation, part of every id.

    Raises:
        SourceboundError: when a span does not hold its quote.
    """
    for cited in citations:
        if text[cited.start : cited.end] != cited.quote:
            msg = f"citation {cited.number} of {cited.source!r} does not resolve; run `rag verify`"
            raise SourceboundError(msg)
    edges = sorted({0, len(text)} | {edge for cited in citations for edge in (cited.start, cited.end)})
    pieces = []
    for start, end in pairwise(edges):
        covering = [cited for cited in citations if cited.start <= start and end <= cited.end]
        opening = "".join(_mark(cited, turn, first=cited.start == start) for cited in covering)
        pieces.append(opening + escape(text[start:end]) + "</mark>" * len(covering))
    return "".join(pieces)


def _mark(cited: Citation, turn: int, *, first: bool) -> str:
    target = f"t{turn}-c{cited.number}"
    anchor = f' id="{target}" data-number="{cited.number}" tabindex="-1"' if first else ""
    return f'<mark{anchor} data-cite="{target}">'


def _origin(outlet: str | None, published: date | None) -> str:
    outlet_html = bdi(outlet) if outlet else "outlet not known"
    date_html = f'<time datetime="{published}">{published}</time>' if published else "date not known"
    return f"{outlet_html} · {date_html}"


def _name(cited: Citation) -> str:
    return cited.title or cited.source


def _link(cited: Citation, turn: int) -> str:
    label = escape(f"Citation {cited.number}: {_name(cited)}")
    return f'<a class="sb-cite" href="#t{turn}-c{cited.number}" aria-label="{label}">[{cited.number}]</a>'


def _cited(citations: Sequence[Citation], numbers: Sequence[int]) -> list[Citation]:
    by_number = {cited.number: cited for cited in citations}
    if missing := [number for number in numbers if number not in by_number]:
        msg = f"the answer points to citation {missing[0]}, which it does not have; please report the question"
        raise SourceboundError(msg)
    return [by_number[number] for number in numbers]


def _sentence(
    sentence: Sentence, citations: Sequence[Citation], turn: int, *, before: str = "", apart: bool = False
) -> str:
    """A sentence with its marks, who says it, and the verdict.

    Args:
        sentence: what is shown.
        citations: at least those it points to.
        turn: number of the answer.
        before: HTML.
        apart: whether a sentence of the articles is told from one that a language model wrote.
    """
    links = " ".join(_link(cited, turn) for cited in _cited(citations, sentence.citations))
    shape, words = _VERDICTS[sentence.verdict]
    verdict = (
        f'<span class="sb-verdict"><span aria-hidden="true">{shape}</span> {words} '
        f'<span class="sb-number">{sentence.support:.2f}</span></span>'
    )
    if sentence.reason:
        verdict += f' <span class="sb-reason">{bdi(sentence.reason)}</span>'
    speaker = bdi(sentence.speaker or "somebody not clearly named")
    who = f'<span class="sb-speaker">{_SPEECH[sentence.speech]} {speaker}</span>' if sentence.speech else ""
    own = apart and not sentence.written
    whose = f' <span class="sb-whose">{OWN}</span>' if own else ""
    text = f"{before}{escape(sentence.text)} {links} {who} {verdict}{whose}"
    return f'<p class="sb-claim sb-{sentence.verdict}{" sb-own" if own else ""}" dir="auto">{text}</p>'


def _sentences(answer: Answer, turn: int) -> str:
    """All sentences: a clear yes or no before the first, the day before each where all tell of one."""
    apart = answer.provenance.writing is not None  # and then nothing moves that was shown while it grew
    dated = not apart and len(answer.sentences) > 1 and all(sentence.date for sentence in answer.sentences)
    shown = []
    for place, sentence in enumerate(answer.sentences):
        told = escape(sentence.date or "")
        when = f'<time class="sb-when" datetime="{told}">{told}</time> ' if dated else ""
        yes_no = f"<strong>{answer.yes_no.title()}:</strong> " if answer.yes_no and not place else ""
        shown.append(_sentence(sentence, answer.citations, turn, before=when + yes_no, apart=apart))
    return "".join(shown)


def render_growing(sentences: Sequence[Sentence], citations: Sequence[Citation], turn: int) -> str:
    """The sentences so far of an answer that a language model writes; each looks as it will in the whole answer.

    Args:
        sentences: at least one.
        citations: at least those that the sentences point to.
        turn: number of the answer in the conversation.

    Raises:
        SourceboundError: when a sentence points to a citation that is not there.
    """
    return "".join(_sentence(sentence, citations, turn, apart=True) for sentence in sentences)


def _position(position: Position, answer: Answer, turn: int) -> str:
    quotes = "".join(
        f'<figure><blockquote dir="auto">{escape(cited.quote)}</blockquote>'
        f"<figcaption>{_origin(cited.outlet, cited.published)} {_link(cited, turn)}</figcaption></figure>"
        for cited in _cited(answer.citations, position.citations)
    )
    how = "".join(
        f'<p class="sb-note" dir="auto">{escape(words)}</p>'
        for words in (
            f"held by {position.holder}" if position.holder else "",
            DIFFERENCES[position.difference] if position.difference else "",
        )
        if words
    )
    return f'<li class="sb-position"><h4 dir="auto">{escape(position.value)}</h4>{how}{quotes}</li>'


def _provenance(answer: Answer) -> str:
    made = answer.provenance
    parts = (f"answerer {made.answerer}", f"checker {made.checker}", f"embedder {made.embedder}")
    names = " · ".join(bdi(part) for part in parts)
    return f'<p class="sb-made">{names} · {answer.timings_ms.total:.0f} ms</p>'


def _abstention(answer: Answer, turn: int) -> str:
    """What is not in the corpus; with lenient checking also the sentences that are not supported, apart from it."""
    near = _marked_unsupported(answer)
    text = (answer.missing or "No article supports an answer.") if near else answer.text
    missing = answer.missing or ""
    more = f'<p dir="auto">Missing: {escape(missing)}</p>' if missing and missing not in text else ""
    shown = "".join(_sentence(sentence, answer.citations, turn) for sentence in near)
    return (
        f'<div class="sb-absent"><h3><span aria-hidden="true">∅</span> Not in the corpus</h3>'
        f'<p dir="auto">{escape(text)}</p>{more}'
        f'<p class="sb-note">Confidence in the best answer there was: estimate {answer.confidence:.2f}.</p></div>'
    ) + (f"<h3>Not supported by the sources</h3>{shown}" if near else "")


def _marked_unsupported(answer: Answer) -> list[Sentence]:
    return [sentence for sentence in answer.sentences if sentence.verdict == "unsupported"]


def render_answer(answer: Answer, turn: int) -> str:
    """The answer's side of the conversation: sentences with marks and verdicts, or what is not in the corpus.

    Raises:
        SourceboundError: when a sentence points to a citation that the answer does not have.
    """
    if answer.provenance.answerer == CONVERSATION:
        return f'<p class="sb-plain" dir="auto">{escape(answer.text)}</p>'
    understood = (
        f'<p class="sb-note" dir="auto">Understood as: {escape(answer.understood)}</p>'
        if answer.understood not in ("", answer.question)
        else ""
    )
    writing = answer.provenance.writing
    wrote, stopped = who_wrote(answer), stop_note(answer)
    if stopped_early(answer):
        return stopped + _provenance(answer)
    if answer.status == "abstained":
        return understood + _abstention(answer, turn) + wrote + _provenance(answer)
    # What was shown while the answer grew stays where it is, so that nothing comes before it.
    parts = [_sentences(answer, turn), stopped, understood] if writing else [understood, _sentences(answer, turn)]
    if answer.positions:
        sides = "".join(_position(position, answer, turn) for position in answer.positions)
        differ = "The sources differ" if answer.status == "disputed" else "Both can hold: different scope"
        parts.append(f'<h3>{differ}</h3><ul class="sb-positions">{sides}</ul>')
    if answer.missing and not stopped:
        missing = f'<p dir="auto">{escape(answer.missing)}</p>'
        parts.append(
            f'<div class="sb-absent"><h3><span aria-hidden="true">∅</span> Not in the corpus</h3>{missing}</div>'
        )
    parts.append(f'<p class="sb-note">Confidence: {confidence_words(answer.confidence)}.</p>')
    return "".join(parts) + wrote + _provenance(answer)


def _article(article: Article, citations: Sequence[Citation], turn: int) -> str:
    numbers = ", ".join(str(cited.number) for cited in citations)
    source = f"<span>{bdi(article.source)}</span>"
    copies = ", ".join(bdi(copy.outlet or copy.title or copy.article_id) for copy in citations[0].copies)
    also = f'<p class="sb-note">The same story, no second source: {copies}</p>' if copies else ""
    return (
        f'<details class="sb-article" open><summary><h3 dir="auto">{escape(article.title or "Title not known")}</h3>'
        f'<span class="sb-meta">{_origin(article.outlet, article.published)} · {source} · cited as {numbers}</span>'
        f'</summary>{also}<div class="sb-text" dir="auto">{render_text(article.text, citations, turn)}</div></details>'
    )


def render_evidence(answer: Answer, articles: Mapping[str, Article], turn: int) -> str:
    """The evidence of one answer: each cited article whole, in order of its first citation, its cited spans marked.

    Args:
        answer: its citations decide what is shown.
        articles: by id, at least every one that is cited; not looked at for an abstention that shows none.
        turn: number of the answer in the conversation.

    Raises:
        SourceboundError: when a citation does not resolve.
    """
    if answer.provenance.answerer == CONVERSATION:
        return '<p class="sb-note">No source: this is not about the articles.</p>'
    if stopped_early(answer):
        return '<p class="sb-note">Stopped before there was a sentence, so no source is shown.</p>'
    if answer.status == "abstained" and not _marked_unsupported(answer):
        return '<p class="sb-note">Nothing in the corpus supports an answer, so no source is shown.</p>'
    return render_sources(answer.citations, articles, turn)


def render_sources(citations: Sequence[Citation], articles: Mapping[str, Article], turn: int) -> str:
    """The cited articles; see `render_evidence`."""
    groups: dict[str, list[Citation]] = {}
    for cited in citations:
        groups.setdefault(cited.article_id, []).append(cited)
    if unknown := [cited for cited in citations if cited.article_id not in articles]:
        msg = f"article {unknown[0].article_id!r} of citation {unknown[0].number} is not in the store; run `rag verify`"
        raise SourceboundError(msg)
    return "".join(_article(articles[key], citations, turn) for key, citations in groups.items())


def spoken(answer: Answer) -> str:
    """One escaped line for a screen reader when the answer arrives."""
    if stopped_early(answer):
        return "Stopped before the first sentence."
    writing = answer.provenance.writing
    if writing and writing.outcome == "stopped":
        return escape(f"Stopped. {answer.text}")
    return escape(
        f"Not in the corpus. {answer.text}"
        if answer.status == "abstained" and answer.provenance.answerer != CONVERSATION
        else answer.text
    )

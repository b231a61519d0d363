"""The evidence of an answer: a card for each cited article, its cited spans to the character in some context. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from index.articles import Article
from index.errors import SourceboundError
from rag.answers import CONVERSATION, Answer, Citation
from ui.parts.marks import Marked, marked
from ui.parts.origin import address, bdi, origin, original
from ui.parts.written import stopped_early
from ui.words import Words

CONTEXT = 160
"""Characters of the text on either side of a cited span, at most."""


def render_evidence(answer: Answer, articles: Mapping[str, Article], turn: int, words: Words, today: date) -> str:
    """The evidence of one answer: each cited article in order of its first citation, and no other.

    Args:
        answer: its citations decide what is shown.
        articles: by id, at least every one that is cited; not looked at for an abstention that shows none.
        turn: number of the answer in the conversation.
        words: the reader's language.
        today: what ages are counted to.

    Raises:
        SourceboundError: when a citation does not resolve.
    """
    if answer.provenance.answerer == CONVERSATION:
        return _none("talk", words)
    if stopped_early(answer):
        return _none("stopped", words)
    if answer.status == "abstained" and all(sentence.verdict != "unsupported" for sentence in answer.sentences):
        return _none("", words)
    return render_sources(answer.citations, articles, turn, words, today)


def _none(why: str, words: Words) -> str:
    return f'<p class="sb-note">{escape(words(f"reading.no_evidence_{why}".rstrip("_")))}</p>'


def render_sources(
    citations: Sequence[Citation], articles: Mapping[str, Article], turn: int, words: Words, today: date
) -> str:
    """The cited articles; see `render_evidence`."""
    groups: dict[str, list[Citation]] = {}
    for cited in citations:
        groups.setdefault(cited.article_id, []).append(cited)
    if unknown := [cited for cited in citations if cited.article_id not in articles]:
        msg = f"article {unknown[0].article_id!r} of citation {unknown[0].number} is not in the store; run `rag verify`"
        raise SourceboundError(msg)
    return "".join(_card(articles[key], group, turn, words, today) for key, group in groups.items())


def _card(article: Article, citations: Sequence[Citation], turn: int, words: Words, today: date) -> str:
    link = address(article.id, ((cited.start, cited.end) for cited in citations), words)
    copies = ", ".join(bdi(copy.outlet or copy.title or copy.article_id) for copy in citations[0].copies)
    also = f'<p class="sb-note">{escape(words("reading.copies"))} {copies}</p>' if copies else ""
    title = article.title or article.source or words("reading.no_title")
    web = original(article, words)
    return (
        f'<article class="sb-card"><header><h3 dir="auto">{escape(title)}</h3>'
        f'<p class="sb-meta">{origin(article.outlet, article.published, words, today)}</p>{also}</header>'
        f"{render_excerpts(article.text, citations, turn, words)}"
        f'<p class="sb-links"><a class="sb-read" href="{escape(link)}" aria-haspopup="dialog">'
        f"{escape(words('reading.open'))}</a>{f' {web}' if web else ''}</p></article>"
    )


def render_excerpts(text: str, citations: Sequence[Citation], turn: int, words: Words) -> str:
    """The cited spans of one article in up to 160 characters of context on either side, near ones together.

    Args:
        text: the stored text, unescaped.
        citations: those of this article; their spans count characters of `text`.
        turn: number of the answer in the conversation, part of every id.
        words: the reader's language.

    Raises:
        SourceboundError: when a span does not hold its quote.
    """
    for cited in citations:
        if text[cited.start : cited.end] != cited.quote:
            msg = f"citation {cited.number} of {cited.source!r} does not resolve; run `rag verify`"
            raise SourceboundError(msg)
    shown = []
    for start, end in excerpts(text, [(cited.start, cited.end) for cited in citations]):
        inside = [cited for cited in citations if start <= cited.start and cited.end <= end]
        body = marked(text, [_mark(cited, turn) for cited in inside], start, end)
        before, after = "… " if start else "", " …" if end < len(text) else ""
        numbers = "".join(_number(cited, turn, words) for cited in sorted(inside, key=lambda one: one.number))
        shown.append(
            f'<div class="sb-excerpt"><span class="sb-numbers">{numbers}</span>'
            f'<blockquote dir="auto">{before}<span class="sb-exact">{body}</span>{after}</blockquote></div>'
        )
    return "".join(shown)


def excerpts(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces of a text, in order and apart, that hold every span whole with its context, cut between words."""
    pieces: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        first, last = _cut(text, start, end)
        if pieces and not text[pieces[-1][1] : first].strip():
            first, last = pieces[-1][0], max(last, pieces.pop()[1])
        pieces.append((first, last))
    return pieces


def _cut(text: str, start: int, end: int) -> tuple[int, int]:
    """A span with its context within its paragraphs; where no word ends in that, as in Chinese, it is cut anywhere."""
    first = max(0, start - CONTEXT, text.rfind("\n", 0, start) + 1)
    line = text.find("\n", end)
    last = min(len(text) if line < 0 else line, end + CONTEXT)
    if first and not text[first - 1].isspace():
        first = next((at + 1 for at in range(first, start) if text[at].isspace()), first)
    if last < len(text) and not text[last].isspace():
        last = next((at for at in range(last - 1, end - 1, -1) if text[at].isspace()), last)
    return first, last


def _mark(cited: Citation, turn: int) -> Marked:
    target = f"t{turn}-c{cited.number}"
    first = f' id="{target}" data-number="{cited.number}" data-span="{cited.start}-{cited.end}" tabindex="-1"'
    return Marked(cited.start, cited.end, f' data-cite="{target}"', first)


def _number(cited: Citation, turn: int, words: Words) -> str:
    target = f"t{turn}-c{cited.number}"
    label = escape(words("reading.open_at", number=cited.number))
    return (
        f'<button type="button" class="sb-at" data-at="{target}" data-cites="{target}" aria-haspopup="dialog" '
        f'aria-label="{label}">{cited.number}</button>'
    )

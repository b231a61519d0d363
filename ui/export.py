"""Answers to take away: copied as plain text, conversations as Markdown, as one HTML file and as JSON. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from importlib.metadata import version

from rag.answers import Answer
from ui.outline import Claim, Outline, Side, Source, one_line, outline
from ui.words import Words

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Of the HTML file: nothing is loaded, run or sent, whatever stands in it."""

STYLE = """
:root { color-scheme: light dark; --ground: #faf8f4; --ink: #1f1d1a; --quiet: #5c5750; --line: #d9d3c8;
  --accent: #7a3b12; --mark: #fbe6a2; --mark-ink: #1f1d1a; }
@media (prefers-color-scheme: dark) { :root { --ground: #191816; --ink: #ece8e1; --quiet: #b0a99e; --line: #45413b;
  --accent: #f0b184; --mark: #5d4a14; --mark-ink: #fff6dc; } }
body { background: var(--ground); color: var(--ink); font: 1.05rem/1.6 Georgia, "Times New Roman", serif;
  margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; }
article { border-top: 1px solid var(--line); margin-top: 2.5rem; }
a { color: var(--accent); }
a:focus-visible, li:target { outline: 2px solid var(--accent); outline-offset: 3px; }
.quiet, .note { color: var(--quiet); font-size: 0.9rem; }
.notice { border-left: 4px solid var(--accent); font-weight: bold; padding-left: 0.75rem; }
.sides { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); list-style: none;
  padding: 0; }
.sides > li { border: 1px solid var(--line); border-radius: 6px; padding: 0 1rem; }
.sources { list-style: none; padding: 0; }
.sources > li { margin: 1.5rem 0; scroll-margin-top: 1rem; }
li p { margin: 0.4rem 0; }
.sides > li { padding-block: 0.5rem; }
blockquote { border-left: 3px solid var(--line); margin: 0.5rem 0; padding-left: 0.9rem; }
mark { background: var(--mark); color: var(--mark-ink); }
@media print { :root { --ground: #fff; --ink: #000; --quiet: #444; --line: #999; --accent: #000; --mark: #eee;
  --mark-ink: #000; } body { max-width: none; padding: 0; } .sources > li, .sides > li { break-inside: avoid; }
  h2, h3 { break-after: avoid; } }
"""

_MARKUP = re.compile(
    r"[\\`*_{}\[\]<>#&~|$@^]"
    r"|:(?=\S)"  # the names of emoji, and addresses that some readers of Markdown make into links
    r"|(?<=[^\W\d])\.(?=\w)|(?<=\w)\.(?=[^\W\d])"  # the same
    r"|^(?:[-+=]|\d+[.)])"  # lists and underlines
)

Links = Mapping[str, str]
"""Addresses of the originals by article id."""


def copied(answer: Answer, words: Words, links: Links | None = None) -> str:
    """One answer as plain text: the sentences with their marks, then each source with its quote.

    Args:
        answer: any; an abstention says that it is none.
        words: of the reader's language.
        links: see `ui.outline.outline`.
    """
    told = outline(answer, words, links)
    blocks = [list(told.notes), [told.notice], [told.text], [" ".join(map(_plain_claim, told.claims))]]
    if told.sides:
        blocks.append([f"{told.differ}:", *(line for side in told.sides for line in _plain_side(side, words))])
    blocks.append([told.missing])
    if told.sources:
        listed = (line for source in told.sources for line in _plain_source(source, words))
        blocks.append([f"{told.cited}:", *listed])
    blocks.append([" ".join(told.footer)])
    return "\n\n".join("\n".join(lines) for lines in blocks if any(lines)) + "\n"


def _plain_claim(claim: Claim) -> str:
    notes = f"({'; '.join(claim.notes)})" if claim.notes else ""
    return " ".join(filter(None, (claim.text, _marks(claim.numbers), notes)))


def _plain_side(side: Side, words: Words) -> Iterator[str]:
    yield f"- {side.value}" + (f" ({'; '.join(side.notes)})" if side.notes else "")
    for source in side.sources:
        yield f"  {source.outlet}, {source.date}: {words('export.quoted', text=source.quote)} [{source.number}]"


def _plain_source(source: Source, words: Words) -> Iterator[str]:
    yield ", ".join(filter(None, (f"[{source.number}] {source.title}", source.outlet, source.date, source.address)))
    yield f"    {words('export.quoted', text=source.quote)}"
    if source.copies:
        yield f"    {source.copies}"


def _marks(numbers: Iterable[int]) -> str:
    return " ".join(f"[{number}]" for number in numbers)


def escaped(text: str) -> str:
    r"""A text as Markdown (CommonMark, and what GitHub adds) that shows it and nothing else, on one line."""
    return _MARKUP.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", one_line(text))


def _strong(text: str, stars: str = "**") -> str:
    return f"{stars}{shown}{stars}" if (shown := escaped(text)) else ""  # stars around nothing would be a line


def conversation_markdown(answers: Sequence[Answer], words: Words, at: str, links: Links | None = None) -> str:
    """A conversation as Markdown.

    The only links are addresses of articles; nothing that comes from an article, a question or a model is markup.

    Args:
        answers: oldest first.
        words: of the reader's language.
        at: when it is exported, as it is to be shown.
        links: see `ui.outline.outline`.
    """
    exported = words("export.exported", at=at, version=version("sourcebound"))
    blocks = [f"# {escaped(words('export.conversation'))}", _strong(exported, "*")]
    for number, answer in enumerate(answers, 1):
        told = outline(answer, words, links)
        blocks += [f"## {number}\\. {escaped(told.question)}", *_markdown(told, words)]
    if not answers:
        blocks.append(escaped(words("export.empty")))
    return "\n\n".join(blocks) + "\n"


def _markdown(told: Outline, words: Words) -> Iterator[str]:
    for note in told.notes:
        yield _strong(note, "*")
    if told.notice:
        yield _strong(told.notice)
    if told.text:
        yield escaped(told.text)
    yield from map(_markdown_claim, told.claims)
    if told.sides:
        yield f"### {escaped(told.differ)}"
        yield "\n".join(_markdown_side(side, words) for side in told.sides)
    if told.missing:
        yield _strong(told.missing)
    if told.sources:
        yield f"### {escaped(told.cited)}"
        yield "\n".join(map(_markdown_source, told.sources))
    if told.footer:
        yield _strong(" ".join(told.footer), "*")


def _markdown_claim(claim: Claim) -> str:
    notes = _strong(f"({'; '.join(claim.notes)})", "*") if claim.notes else ""
    return " ".join(filter(None, (escaped(claim.text), escaped(_marks(claim.numbers)), notes)))


def _markdown_side(side: Side, words: Words) -> str:
    notes = f" ({escaped('; '.join(side.notes))})" if side.notes else ""
    lines = [f"- {_strong(side.value)}{notes}"]
    for source in side.sources:
        quoted = escaped(words("export.quoted", text=source.quote))
        lines.append(f"  - {escaped(source.outlet)}, {escaped(source.date)}: {quoted} \\[{source.number}\\]")
    return "\n".join(lines)


def _markdown_source(source: Source) -> str:
    address = f"<{source.address}>" if source.address else ""
    known = (_strong(source.title), escaped(source.outlet), escaped(source.date), address)
    lines = [f"- \\[{source.number}\\] {', '.join(filter(None, known))}", "", f"  > {escaped(source.quote)}", ""]
    lines += [f"  {escaped(line)}\n" for line in (source.place, source.copies) if line]
    return "\n".join(lines)


def conversation_html(answers: Sequence[Answer], words: Words, at: str, links: Links | None = None) -> str:
    """A conversation as one HTML file that needs nothing else, for the screen in light and dark and for paper.

    Args:
        answers: oldest first.
        words: of the reader's language.
        at: when it is exported, as it is to be shown.
        links: see `ui.outline.outline`.
    """
    title = escape(words("export.conversation"))
    exported = escape(words("export.exported", at=at, version=version("sourcebound")))
    shown = "\n".join(_html(outline(answer, words, links), number, words) for number, answer in enumerate(answers, 1))
    about = escape(words("export.promise" if answers else "export.empty"))
    return (
        f'<!doctype html>\n<html lang="{words.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f'<p class="quiet">{exported} {about}</p>\n{shown}\n</main>\n</body>\n</html>\n'
    )


def _html(told: Outline, number: int, words: Words) -> str:
    parts = [
        f'<h2 dir="auto"><span class="quiet">{number}.</span> {_safe(told.question)}</h2>',
        *(_block("p", note, "note") for note in told.notes),
        _block("p", told.notice, "notice"),
        _block("p", told.text),
        *(_html_claim(claim, number) for claim in told.claims),
    ]
    if told.sides:
        sides = "".join(_html_side(side, number, words) for side in told.sides)
        parts.append(f'{_block("h3", told.differ)}<ul class="sides">{sides}</ul>')
    parts.append(_block("p", told.missing, "notice"))
    if told.sources:
        listed = "".join(_html_source(source, number) for source in told.sources)
        parts.append(f'{_block("h3", told.cited)}<ol class="sources">{listed}</ol>')
    parts.append(_block("p", " ".join(told.footer), "note"))
    return "<article>\n" + "\n".join(filter(None, parts)) + "\n</article>"


def _safe(text: str) -> str:
    return escape(one_line(text))


def _block(tag: str, text: str, kind: str = "") -> str:
    """A paragraph or a heading; "" where there is no text."""
    named = f' class="{kind}"' if kind else ""
    return f'<{tag}{named} dir="auto">{_safe(text)}</{tag}>' if text else ""


def _html_marks(numbers: Iterable[int], answer: int) -> str:
    return " ".join(f'<a href="#a{answer}-s{number}">[{number}]</a>' for number in numbers)


def _html_claim(claim: Claim, answer: int) -> str:
    notes = f' <span class="note">({_safe("; ".join(claim.notes))})</span>' if claim.notes else ""
    return f'<p dir="auto">{_safe(claim.text)} {_html_marks(claim.numbers, answer)}{notes}</p>'


def _html_side(side: Side, answer: int, words: Words) -> str:
    quotes = "".join(
        f'<blockquote dir="auto">{_safe(words("export.quoted", text=source.quote))}</blockquote>'
        f'<p class="note" dir="auto"><bdi>{_safe(source.outlet)}</bdi>, {_safe(source.date)} '
        f"{_html_marks([source.number], answer)}</p>"
        for source in side.sources
    )
    notes = _block("p", "; ".join(side.notes), "note")
    return f'<li><p dir="auto"><strong>{_safe(side.value)}</strong></p>{notes}{quotes}</li>'


def _html_source(source: Source, answer: int) -> str:
    address = escape(source.address)
    link = (
        f'<p class="note"><a href="{address}" rel="noreferrer noopener nofollow">{address}</a></p>' if address else ""
    )
    known = f"<bdi>{_safe(source.outlet)}</bdi>, {_safe(source.date)}"
    quote = f"<mark>{_safe(source.quote)}</mark>"
    before, after = (f'<span class="quiet">{escape(text)}</span>' for text in (source.before, source.after))
    return (
        f'<li id="a{answer}-s{source.number}"><p dir="auto">[{source.number}] <strong>{_safe(source.title)}</strong>, '
        f'{known}</p><blockquote dir="auto">{before}{quote}{after}</blockquote>'
        f"{_block('p', source.place, 'note')}{_block('p', source.copies, 'note')}{link}</li>"
    )


def conversation_json(answers: Sequence[Answer], at: str) -> str:
    """A conversation as JSON: `{"version", "exported", "answers"}`, each answer as `rag ask --json` prints it.

    Args:
        answers: oldest first.
        at: when it is exported, ISO 8601.
    """
    told = [answer.model_dump(mode="json") for answer in answers]
    whole = {"version": version("sourcebound"), "exported": at, "answers": told}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"

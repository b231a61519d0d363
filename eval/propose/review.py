"""What `rag eval review` does: shows every proposal of a suite to a person and keeps what is decided."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.propose.corpus import content, read_corpus
from eval.propose.lines import UNDECIDED, dumped, ordered, replace_file
from eval.questions import kind_of, read_header, read_line, stored
from eval.schema import Header, Line
from index.errors import SourceboundError
from index.sentences import sentence_spans

REJECTED = "rejected.jsonl"
AROUND = 400
"""Characters of an article that are shown before and after a gold quote."""
KEYS = "[a]ccept  [e]dit  [r]eject  [s]kip  [q]uit"

Reader = Callable[[str], str]
Writer = Callable[[str], object]


@dataclass
class Review:
    """A suite's lines while they are reviewed.

    Attributes:
        file: questions.jsonl.
        texts: the stored text of each article by its key.
        reader: asks for a line of input.
        writer: shows a line.
        lines: of the file, each with its end, as they were last read or written.
        counts: decisions so far.
    """

    file: Path
    texts: Mapping[str, str]
    reader: Reader
    writer: Writer
    lines: list[str]
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("accepted", "rejected", "skipped"), 0))

    def decide(self, at: int) -> bool:
        """Shows a line until it is decided upon; whether it is still there. Raises EOFError where input ends."""
        while True:
            fields = json.loads(self.lines[at])
            line = read_line(self.lines[at], at + 1)
            whole = show(line, at + 1, self.texts, self.writer)
            key = self.reader(f"{KEYS} > ").strip().lower()[:1]
            if key == "a" and not whole:
                self.writer(
                    "not accepted: the suite would not run. Mend the quote in an editor, or reject the question"
                )
            elif key == "a" and line.made.endswith(UNDECIDED):
                self.writer(
                    "not accepted: nobody has said yet what is right. In an editor, set status and gold and take "
                    f"{UNDECIDED!r} out of `made`; or reject the question"
                )
            elif key == "a":
                self._save(at, {**fields, "reviewed": True})
                self.counts["accepted"] += 1
                return True
            elif key == "r":
                with (self.file.with_name(REJECTED)).open("a", encoding="utf-8") as rejected:
                    rejected.write(dumped(ordered(fields)))
                self._save(at, None)
                self.counts["rejected"] += 1
                return False
            elif key == "s":
                self.counts["skipped"] += 1
                return True
            elif key == "q":
                raise EOFError
            elif key == "e":
                self._edit(at, fields)
            else:
                self.writer(f"{key!r} is none of the keys")

    def _edit(self, at: int, fields: dict[str, Any]) -> None:
        """Asks for the fields that may be changed; a line that breaks the rules is not kept."""
        changed = dict(fields)
        for name in ("question", "kind"):
            changed[name] = self.reader(f"{name} [{fields[name]}] > ").strip() or fields[name]
        if fields["status"] != "abstained":
            shown = written(fields.get("accept", []))
            given = self.reader(f"accept, spellings with | and groups with ; between them [{shown}] > ").strip()
            changed["accept"] = groups(given) if given else fields.get("accept", [])
        try:
            read_line(dumped(changed), at + 1)
        except SourceboundError as exc:
            self.writer(f"not kept: {exc}")
        else:
            self._save(at, changed)

    def _save(self, at: int, fields: Mapping[str, Any] | None) -> None:
        """Writes the file with this line changed, or without it.

        Raises:
            SourceboundError: somebody else wrote the file meanwhile, or it cannot be written.
        """
        if read_lines(self.file) != self.lines:
            message = f"{str(self.file)!r} was changed meanwhile and is left as it is: run the review again"
            raise SourceboundError(message)
        changed = list(self.lines)
        changed[at : at + 1] = [] if fields is None else [dumped(ordered(fields))]
        try:
            replace_file(self.file, changed)
        except OSError as exc:
            message = f"{str(self.file)!r} cannot be written ({exc.strerror or exc}); it is as it was"
            raise SourceboundError(message) from exc
        self.lines = changed


def review(folder: Path, *, reader: Reader = input, writer: Writer = print) -> int:
    """Walks through the lines with `"reviewed": false`; every decision is saved at once, and the end of input is quit.

    Args:
        folder: of a suite of questions.
        reader: given a prompt, returns a line of input; raises EOFError at its end.
        writer: shows a line.

    Returns:
        0.

    Raises:
        SourceboundError: there is no suite of questions, or its file is changed or cannot be written meanwhile.
    """
    if kind_of(folder) != "questions":
        message = f"suite {str(folder)!r} is not one of questions: only those have proposals"
        raise SourceboundError(message)
    header = read_header(folder, Header)
    file = folder / header.questions
    texts = _texts(folder, header.corpus, writer)
    state = Review(file, texts, reader, writer, read_lines(file))
    total, at = sum(map(_is_proposal, state.lines)), 0
    with suppress(EOFError, KeyboardInterrupt):
        while at < len(state.lines):
            there = True
            if _is_proposal(state.lines[at]):
                writer(f"\n{total - sum(map(_is_proposal, state.lines[at:])) + 1} of {total}")
                try:
                    there = state.decide(at)
                except SourceboundError as exc:
                    if read_lines(file) != state.lines or not _is_wrong(state.lines[at], at + 1):
                        raise
                    writer(f"left out: {exc}")
            at += there
    _summary(state, folder)
    return 0


def show(line: Line, number: int, texts: Mapping[str, str], writer: Writer) -> bool:
    """Shows a proposal with its gold quotes inside their articles; whether every quote is there, verbatim."""

    def say(text: str) -> None:  # articles must not steer the terminal
        writer("".join(sign if sign.isprintable() else " " for sign in text))

    say(f"{line.id}  kind {line.kind}, status {line.status}, {line.split}, made by {line.made or 'hand'}")
    for earlier in line.history:
        say(f"  before: {earlier}")
    say(f"  {line.question}")
    whole = True
    for gold in line.gold:
        try:
            text = texts[stored(gold.article, number, texts)]
        except SourceboundError as exc:
            say(f"  ! {exc}")
            whole = False
            continue
        start = text.find(gold.quote)
        if start < 0:
            say(f"  ! the quote {gold.quote!r} is not verbatim in article {gold.article!r} any more")
            whole = False
        else:
            say(f"  {gold.article}: {marked(text, start, start + len(gold.quote))}")
    if line.about:
        say(f"  made from {line.about}; nothing in the corpus should answer it. Nearest to it:")
        for name, sentence in nearest(line.question, texts):
            say(f"    {name}: {sentence}")
    if line.status != "abstained":
        say(f"  accepted: {written(line.accept) or '(none: whether it is correct is not judged)'}")
    return whole


def nearest(question: str, texts: Mapping[str, str], most: int = 3) -> list[tuple[str, str]]:
    """The sentences that share most words with a question, by article: what a reviewer looks at for a miss."""
    wanted = content(question)
    found = [
        (len(wanted & content(sentence)), name, sentence)
        for name, text in texts.items()
        for start, end in sentence_spans(text)
        if wanted & content(sentence := " ".join(text[start:end].split()))
    ]
    best = sorted(found, key=lambda one: (-one[0], len(one[2])))[:most]
    return [(name, sentence) for _, name, sentence in best]


def marked(text: str, start: int, end: int) -> str:
    """A span of a text in >>> <<<, with what stands around it, on one line."""
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    dots = ("…" if start > AROUND else "", "…" if end + AROUND < len(text) else "")
    return " ".join(f"{dots[0]}{before}>>>{text[start:end]}<<<{after}{dots[1]}".split())


def written(accept: Sequence[Sequence[str]]) -> str:
    """Groups of spellings on one line: "March 11 | 11 March ; Vienna"."""
    return " ; ".join(" | ".join(group) for group in accept)


def groups(line: str) -> list[list[str]]:
    """What `written` writes, read again; empty groups and spellings are left out."""
    found = [[spelling.strip() for spelling in group.split("|") if spelling.strip()] for group in line.split(";")]
    return [group for group in found if group]


def read_lines(file: Path) -> list[str]:
    r"""The lines of a file, each with its "\n"; raises SourceboundError where it cannot be read."""
    try:
        return [f"{line}\n" for line in file.read_text("utf-8").removesuffix("\n").split("\n")]
    except (OSError, ValueError) as exc:
        message = f"{str(file)!r} cannot be read: {exc}"
        raise SourceboundError(message) from exc


def _texts(folder: Path, corpus: str | tuple[str, ...], writer: Writer) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in (corpus,) if isinstance(corpus, str) else corpus:
        if name == "seeds":
            from rag.ask import seeds_folder

            where = seeds_folder()
        else:
            where = folder / name
        try:
            found |= {one.article.key: one.article.text for one in read_corpus(where).articles}
        except SourceboundError as exc:
            writer(f"! {exc}: quotes of its articles cannot be shown")
    return found


def _is_proposal(raw: str) -> bool:
    """Whether a line says that nobody has looked at it; one that is no JSON says nothing."""
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return isinstance(fields, dict) and fields.get("reviewed") is False


def _is_wrong(raw: str, number: int) -> bool:
    try:
        read_line(raw, number)
    except SourceboundError:
        return True
    return False


def _summary(state: Review, folder: Path) -> None:
    left = sum(map(_is_proposal, state.lines))
    told = ", ".join(f"{number} {name}" for name, number in state.counts.items())
    state.writer(f"\n{told}; {left} still to review")
    if state.counts["rejected"]:
        state.writer(f"what was rejected is kept in {state.file.with_name(REJECTED)}")
    state.writer(f"next: rag eval {'review ' if left else ''}{folder}")

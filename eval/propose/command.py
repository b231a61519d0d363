"""What `rag eval init` does: a suite folder with proposals, from a corpus of one's own."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from eval.propose.choose import chosen
from eval.propose.corpus import Corpus, read_corpus
from eval.propose.feedback import proposed
from eval.propose.lines import Proposal, dumped, replace_file
from eval.propose.patterns import proposals
from eval.samples import HEADER, QUESTIONS
from index.errors import SourceboundError
from rag.feedback import read_remarks

HEADER_TEXT = """\
# A suite of questions on your own articles. `rag eval {folder}` asks those that are reviewed.

name = {name}
description = "Questions on the articles of {corpus_name}."
corpus = {corpus}  # the folder of the articles, relative to this file
questions = "questions.jsonl"  # beside this file, one JSON object a line

# gate = ["answer_correct", "status_correct"]  # figures that must not fall; without this line the usual ones

[settings]
# Settings that hold for this suite, by the names that `rag config` shows, such as
# passages = 8

# Every line of questions.jsonl was proposed, and counts only once a person has looked at it: `rag eval review {folder}`
# asks about one after the other, or set "reviewed": true in an editor. A line that is not reviewed is not asked.
#
# Fields of a question. `rag eval schema` has them all.
#
# id        unique: the kind and a number
# kind      fact       one fact from one place
#           time       asks for a date, month, day or year
#           who_said   asks for the speaker
#           list       several things, all of them wanted
#           why        asks for a reason
#           closemiss  near to what the articles say, and not in them: must not be answered
#           offcorpus  nothing to do with the articles
# question  as a user would type it
# status    answered, partial, disputed, or abstained where the articles do not answer it
# gold      spans that hold the answer, each verbatim from the article of that name: its id, or its path in the corpus
# accept    groups of spellings: a right answer holds at least one of each group, whatever the case
# split     dev (to choose rules and thresholds) or test (only measured): by a hash of the article, never within one
# about     of a question without gold: the article it was made from
# made      who or what made it: "pattern NAME", "model NAME"; of a close miss what was changed (person, place, year,
#           office) and in which question, or "attribute of ARTICLE" for what is not told of somebody; "feedback" and
#           what readers said: where they called nothing right, status and gold are yours to decide
# reviewed  false: a proposal
"""


def init(
    folder: Path, corpus: Path, *, count: int = 60, model: bool = False, seed: int = 0, feedback: Path | None = None
) -> int:
    """Makes a suite of proposals from a corpus, and prints what it made.

    Args:
        folder: of the suite; it may be there and must hold none.
        corpus: folder of articles.
        count: proposals at most; about one in three is of a question that the corpus does not answer.
        model: whether the configured language model proposes too.
        seed: the same seed, corpus and count give the same suite, with a model as far as it repeats itself.
        feedback: a store's folder or its file of feedback: then what its readers asked is proposed, and nothing else.

    Returns:
        0.

    Raises:
        SourceboundError: the folder holds a suite or lies in the corpus, the corpus or the feedback cannot be read,
            nothing can be proposed, or the model cannot be asked. Nothing is written then.
    """
    _check(folder, corpus)
    if feedback is not None:
        return _from_feedback(folder, corpus, feedback, count, model=model)
    read = read_corpus(corpus)
    found = [one for stored in read.articles for one in proposals(stored, read)]
    if model:
        found = _with_model(found, read, count, seed)
    lines = chosen(found, read, count, seed)
    if not lines:
        message = f"nothing can be asked of the {len(read.articles)} articles of {str(corpus)!r} by patterns"
        message += f": write {QUESTIONS} by hand, or use a language model"
        raise SourceboundError(message)
    _make(folder, corpus, read, lines)
    if len(lines) < count:
        _say(
            f"the patterns find no more than these of the {count} asked for: add your own lines to {folder / QUESTIONS}"
        )
    _next(folder)
    return 0


def _from_feedback(folder: Path, corpus: Path, feedback: Path, count: int, *, model: bool) -> int:
    if model:
        message = (
            "--with-model and --from-feedback exclude each other: make two suites, or append one's lines to the other"
        )
        raise SourceboundError(message)
    remarks, unread = read_remarks(feedback)
    read = read_corpus(corpus)
    lines = proposed(remarks, read)
    if not lines:
        message = f"nothing can be proposed from {str(feedback)!r}: no reader has said anything of an answer"
        message += f" that this version can read, and {unread} are of another one" if unread else ""
        raise SourceboundError(message)
    _make(folder, corpus, read, lines[:count])
    if unread:
        _say(f"left out: {unread} remarks on answers of another version")
    if len(lines) > count:
        _say(f"left out: {len(lines) - count} questions that fewer readers spoke of; a larger --count takes them in")
    _next(folder)
    return 0


def _make(folder: Path, corpus: Path, read: Corpus, lines: Sequence[Mapping[str, Any]]) -> None:
    """Writes the suite, and says what is in it."""
    _write(folder, _header(folder, corpus), [dumped(line) for line in lines])
    for failure in read.failed:
        _say(f"not read: {failure}")
    _report(read, [(str(line["kind"]), str(line["status"])) for line in lines])


def _check(folder: Path, corpus: Path) -> None:
    for name in (HEADER, QUESTIONS):
        if (folder / name).exists():
            message = f"{str(folder)!r} holds {name} already: choose another folder, or remove it"
            raise SourceboundError(message)
    if folder.resolve().is_relative_to(corpus.resolve()):
        message = f"{str(folder)!r} lies in the corpus {str(corpus)!r}, and would be read as an article: choose another"
        raise SourceboundError(message)


def _with_model(found: Sequence[Proposal], corpus: Corpus, count: int, seed: int) -> list[Proposal]:
    from eval.propose.asked import asked_of
    from rag.config import load

    asked, thrown = asked_of(load().settings, corpus, count, Random(seed))  # noqa: S311 - no secret
    _say(f"the model proposed {len(asked)} questions whose quotes are verbatim")
    for reason, often in sorted(thrown.items()):
        _say(f"thrown away: {often} {reason}")
    return [*found, *asked]


def _header(folder: Path, corpus: Path) -> str:
    try:
        path = os.path.relpath(corpus.resolve(), folder.resolve())
    except ValueError:  # on another drive
        path = str(corpus.resolve())
    quoted = json.dumps(Path(path).as_posix(), ensure_ascii=False)
    plain = json.dumps(corpus.resolve().name, ensure_ascii=False)[1:-1]
    name = json.dumps(folder.resolve().name, ensure_ascii=False)
    return HEADER_TEXT.format(folder=" ".join(str(folder).split()), name=name, corpus=quoted, corpus_name=plain)


def _write(folder: Path, header: str, lines: Sequence[str]) -> None:
    """Both files or neither; a folder that was made for them goes again."""
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / QUESTIONS, lines)
        replace_file(folder / HEADER, [header])
    except BaseException as exc:
        for name in (HEADER, QUESTIONS, f".{HEADER}.new", f".{QUESTIONS}.new"):
            (folder / name).unlink(missing_ok=True)
        if made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        if isinstance(exc, OSError):
            message = f"{str(folder)!r} cannot be written ({exc.strerror or exc}): choose another folder"
            raise SourceboundError(message) from exc
        raise


def _report(corpus: Corpus, made: Sequence[tuple[str, str]]) -> None:
    unanswerable = sum(status == "abstained" for _, status in made)
    _say(f"{len(made)} questions proposed on {len(corpus.articles)} articles, {unanswerable} of them without an answer")
    for kind, often in Counter(kind for kind, _ in made).most_common():
        _say(f"  {kind:<10} {often:>4}")


def _next(folder: Path) -> None:
    _say(f"none counts until it is reviewed: rag eval review {folder}")
    _say(f'or set "reviewed": true in {folder / QUESTIONS}')


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")

"""Claims with their evidence and a three-way label, from the public sets that the checker is trained on.

The same files as in `eval.train.sources`, read whole: the checker must find what matters among other sentences.
Licences: `index/weights/verifier.md`.
"""

from __future__ import annotations

import json
import random
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from eval.train.sources import plain

SUPPORTED, CONTRADICTED, NOT_ENOUGH, EITHER = range(4)
"""Labels by number; EITHER is not supported, for one of the other two reasons."""

NAMES = {"supported": SUPPORTED, "contradicted": CONTRADICTED, "unsupported": NOT_ENOUGH}
_OF_NLI = {"entailment": SUPPORTED, "contradiction": CONTRADICTED, "neutral": NOT_ENOUGH, "not_entailment": EITHER}
_ENDS = re.compile(r"(?<=[a-z0-9)\"”][.!?])\s+(?=[A-Z\"“])")


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with a label, as its source gives it.

    Attributes:
        source: "fever", "mnli", "snli", "conjnli", "rte", "written".
        title: of the evidence's article, "" where none is known.
        sentences: the evidence, in order.
        label: SUPPORTED, CONTRADICTED, NOT_ENOUGH or EITHER.
        kind: of the claim, as who wrote it says; "" where the set does not say.
    """

    source: str
    title: str
    sentences: tuple[str, ...]
    claim: str
    label: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A claim, its evidence and its label; `how` it was made, `group`: whose evidence it shares."""

    claim: str
    evidence: str
    label: int
    how: str
    group: int


def split(text: str) -> tuple[str, ...]:
    """The sentences of a text, by their ends."""
    return tuple(part for part in _ENDS.split(text) if part)


def fever(folder: Path) -> Iterator[tuple[str, Judged]]:
    """Claims of FEVER, each with the name and number of its line."""
    for name in ("dev", "test"):
        lines = (folder / f"binary-FEVER-NLI_{name}.txt").read_text("utf-8").splitlines()
        for number, line in enumerate(lines):
            label, premise, claim = line.split("\t")
            title, said = "", premise
            head = premise.split(" . ", 1)
            if len(head) == 2 and len(head[0].split()) < 8:
                title, said = head
            yield f"NLI_{name}:{number}", Judged("fever", plain(title), split(plain(said)), claim, _OF_NLI[label])


def rte(folder: Path) -> Iterator[tuple[str, Judged]]:
    """Claims of RTE 1 to 3, each with its file and number."""
    with zipfile.ZipFile(folder / "rte.zip") as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith(".xml"):
                continue
            for pair in ElementTree.fromstring(archive.read(name)).iter("pair"):  # noqa: S314 - a known file
                text, claim = (" ".join(pair.findtext(part, "").split()) for part in ("t", "h"))
                holds = (pair.get("entailment") or pair.get("value")) in ("YES", "TRUE")
                label = SUPPORTED if holds else EITHER
                yield f"{Path(name).stem}:{pair.get('id')}", Judged("rte", "", split(text), claim, label)


def mnli(folder: Path) -> Iterator[Judged]:
    """Claims of MNLI."""
    for name in ("dev", "test"):
        for line in (folder / f"binary-MNLI_{name}.txt").read_text("utf-8").splitlines():
            label, premise, claim = line.split("\t")
            yield Judged("mnli", "", (premise,), claim, _OF_NLI[label])


def snli(folder: Path) -> Iterator[Judged]:
    """Claims of SNLI."""
    for name in ("dev", "test"):
        for line in (folder / f"snli_{name}.tsv").read_text("utf-8").splitlines():
            label, premise, claim = line.split("\t")
            yield Judged("snli", "", (plain(premise),), plain(claim), _OF_NLI[label])


def conjunctions(folder: Path) -> Iterator[Judged]:
    """Claims of ConjNLI."""
    for line in (folder / "conjnli_train.tsv").read_text("utf-8-sig").splitlines()[1:]:
        premise, claim, label = line.split("\t")
        yield Judged("conjnli", "", (plain(premise),), plain(claim), _OF_NLI[label])


def written(folder: Path, claims: Path) -> Iterator[Judged]:
    """The claims that a language model wrote for this one by one, with the passages that they are about.

    Args:
        folder: of the public sets.
        claims: one JSON object a line: id of the passage, claim, label, kind.
    """
    passages = dict([*fever(folder), *rte(folder)])
    for line in claims.read_text("utf-8").splitlines():
        row = json.loads(line)
        passage = passages[row["id"]]
        text = (f"{passage.title}.",) if passage.title else ()
        sentences = text + passage.sentences
        yield Judged("written", "", sentences, row["claim"], NAMES[row["label"]], row["kind"])


def read(folder: Path, rng: random.Random, snli_part: int, conjunctions_part: int) -> list[Judged]:
    """All claims of the sets but the written ones, once each; of SNLI and ConjNLI, which are unlike news, a part."""
    found = [pair for _, pair in (*fever(folder), *rte(folder))] + list(mnli(folder))
    found += rng.sample(list(snli(folder)), snli_part) + rng.sample(list(conjunctions(folder)), conjunctions_part)
    return list(dict.fromkeys(found))


def key(text: str) -> str:
    """A text without case, spaces and punctuation, to find it again elsewhere."""
    return re.sub(r"\W+", "", text).casefold()


def without(pairs: Iterable[Judged], known: frozenset[str]) -> Iterator[Judged]:
    """The pairs of which no sentence of 30 characters or more is known, neither claim nor evidence."""
    for pair in pairs:
        keys = (key(text) for text in (pair.claim, *pair.sentences))
        if not any(len(k) >= 30 and k in known for k in keys):
            yield pair

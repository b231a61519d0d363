"""The public sets that are trained on, each read into pairs of evidence and claim.

A folder holds them under these names: `binary-FEVER-NLI_dev.txt`, `_test.txt`, `binary-MNLI_dev.txt`, `_test.txt` (both
from the repository of DocNLI), `conjnli_train.tsv` (ConjNLI), `snli_dev.tsv`, `snli_test.tsv` (SNLI as lines of label,
premise and claim), `rte.zip` (the XML files of PASCAL RTE 1 to 3). Licences: `index/weights/answerable.md`.
"""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

_TIGHT = re.compile(r"\s+([.,;:!?%)\]]|'s\b|n't\b|'\s)")
_OPEN = re.compile(r"([(\[$£€])\s+")
_ENDS = re.compile(r"(?<=[a-z0-9)\"”][.!?])\s+(?=[A-Z\"“])")


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim and the evidence it was written for.

    Attributes:
        title: of the evidence's article, "" where the set names none.
        sentences: of the evidence, those that share most with the claim, in order.
        holds: whether the evidence entails the claim.
    """

    source: str
    title: str
    sentences: tuple[str, ...]
    claim: str
    holds: bool


def plain(text: str) -> str:
    """Treebank tokens written as text again."""
    text = text.replace("``", '"').replace("''", '"').replace("-LRB-", "(").replace("-RRB-", ")").replace(" -- ", " – ")
    return " ".join(_OPEN.sub(r"\1", _TIGHT.sub(r"\1", text)).split())


def read(folder: Path, rng: random.Random) -> list[Pair]:
    """All pairs that are trained on, once each; of MNLI and SNLI, which have little to ask about, a part."""
    pairs = [*_fever(folder), *_conjunctions(folder), *_rte(folder)]
    pairs += rng.sample(list(_mnli(folder)), 5000) + rng.sample(list(_snli(folder)), 1000)
    return list(dict.fromkeys(pairs))


def _fever(folder: Path) -> Iterator[Pair]:
    for name in ("binary-FEVER-NLI_dev.txt", "binary-FEVER-NLI_test.txt"):
        for line in (folder / name).read_text("utf-8").splitlines():
            label, premise, claim = line.split("\t")
            title, said = "", premise
            # The evidence begins with its article's title, or it is several articles' and begins with a sentence.
            head = premise.split(" . ", 1)
            if len(head) == 2 and len(head[0].split()) < 8:
                title, said = head
            sentences = _ENDS.split(plain(said))
            yield Pair("fever", plain(title), _nearest(sentences, claim, 3), claim, label == "entailment")


def _nearest(sentences: list[str], claim: str, most: int) -> tuple[str, ...]:
    words = set(re.findall(r"\w{4,}", claim.lower()))
    shared = [len(words & set(re.findall(r"\w{4,}", s.lower()))) for s in sentences]
    best = sorted(sorted(range(len(sentences)), key=lambda i: -shared[i])[:most])
    return tuple(sentences[i] for i in best)


def _conjunctions(folder: Path) -> Iterator[Pair]:
    for line in (folder / "conjnli_train.tsv").read_text("utf-8-sig").splitlines()[1:]:
        premise, claim, label = line.split("\t")
        yield Pair("conjnli", "", (plain(premise),), plain(claim), label == "entailment")


def _rte(folder: Path) -> Iterator[Pair]:
    with zipfile.ZipFile(folder / "rte.zip") as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                for pair in ElementTree.fromstring(archive.read(name)).iter("pair"):  # noqa: S314 - a known file
                    text, claim = " ".join(pair.findtext("t", "").split()), " ".join(pair.findtext("h", "").split())
                    holds = (pair.get("entailment") or pair.get("value")) in ("YES", "TRUE")
                    yield Pair("rte", "", _nearest(_ENDS.split(text), claim, 3), claim, holds)


def _mnli(folder: Path) -> Iterator[Pair]:
    for name in ("binary-MNLI_dev.txt", "binary-MNLI_test.txt"):
        for line in (folder / name).read_text("utf-8").splitlines():
            label, premise, claim = line.split("\t")
            if 6 < len(premise.split()) < 50 and premise[:1].isupper():
                yield Pair("mnli", "", (premise,), claim, label == "entailment")


def _snli(folder: Path) -> Iterator[Pair]:
    for name in ("snli_dev.tsv", "snli_test.tsv"):
        for line in (folder / name).read_text("utf-8").splitlines():
            label, premise, claim = line.split("\t")
            yield Pair("snli", "", (plain(premise),), plain(claim), label == "entailment")

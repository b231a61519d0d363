"""The checker's examples: `python -m eval.train.claims --sets DIR --wordnet DIR --out FILE`.

Claims of public sets with their evidence, the same with one thing changed, and claims made of the evidence's own
sentences: true ones, one thing changed in them, in the evidence or in both, two of them joined, one against evidence
that does not say it. Evidence is from one sentence to about 170 word pieces, what matters anywhere in it.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from eval.train import judged, words
from eval.train.changes import Change, changes
from eval.train.data import parsed
from eval.train.forms import Form, forms, render
from eval.train.joined import joined, level
from eval.train.judged import NOT_ENOUGH, SUPPORTED, Example, Judged
from eval.train.restyle import opened, restyle
from eval.train.swaps import Stock

ROOM = (0, 0, 25, 45, 70, 95, 120)
"""Words of other sentences beside the one that matters, one of these at random; 120 are about 160 word pieces."""

COMMON = {"sister": 1, "same": 1, "opposite": 1, "adjective": 1}
"""Changes that are offered too often: at most so many of a sentence; of others 2."""


class Maker:
    """Makes examples; needs all parses first to know what can be put in."""

    def __init__(self, docs: dict[str, Any], texts: list[str], lexicon: words.Lexicon, rng: random.Random) -> None:
        """Takes the parses, and those of the parsed texts that can stand beside others in an evidence."""
        self.docs, self.texts, self.lexicon, self.rng, self.stock = docs, texts, lexicon, rng, Stock()
        self.named: dict[str, list[str]] = defaultdict(list)
        for doc in docs.values():
            self.stock.take(doc)
        for text in texts:
            for name in sorted({e.text for e in docs[text].ents if e.label_ in ("PERSON", "ORG", "GPE")}):
                self.named[name].append(text)

    def window(self, sentences: Sequence[str], at: int, changed: str, room: int) -> str:
        """A sentence as it was changed, among others of its passage and from elsewhere, up to `room` words."""
        rng = self.rng
        before: list[str] = []
        after: list[str] = []
        left, right = at - 1, at + 1
        while room > 0:
            nearer = [k for k in (left, right) if 0 <= k < len(sentences)]
            if nearer and rng.random() < 0.85:
                k = rng.choice(nearer)
                text = sentences[k]
                left, right = (left - 1, right) if k == left else (left, right + 1)
            else:
                text = self.near(sentences[at]) or rng.choice(self.texts)
                k = rng.choice((left, right))
            room -= len(text.split())
            if room > -15:
                (before if k == left + 1 or k < at else after).append(text)
        return " ".join([*reversed(before), changed, *after])

    def near(self, sentence: str) -> str:
        """Another sentence of anywhere that shares a name; "" where there is none."""
        doc = self.docs.get(sentence)
        for ent in self.rng.sample(list(doc.ents), len(doc.ents)) if doc is not None else ():
            found = [text for text in self.named.get(ent.text, ()) if text != sentence]
            if found:
                return self.rng.choice(found)
        return ""

    def of_sentence(self, pair: Judged, at: int, group: int, most: int) -> Iterator[Example]:
        """Claims of one sentence of the evidence."""
        rng, doc = self.rng, self.docs[pair.sentences[at]]
        title = re.sub(r"\s*\(.*?\)", "", pair.title)
        found = list(forms(doc, title, self.stock, rng))
        people = [e.text for s in pair.sentences if s in self.docs for e in self.docs[s].ents if e.label_ == "PERSON"]
        offered = self.offered(doc, people)
        true = [form for form in found if form.label == SUPPORTED]
        for form in rng.sample(found, min(len(found), 3)):
            if form.label or rng.random() < 0.7:
                yield self.example(pair, at, form, group)
        for change in rng.sample(offered, min(len(offered), most)):
            fitting = [f for f in true if any(i in f.places for i, _ in change.put)]
            if not fitting:
                continue
            form, put = rng.choice(fitting), dict(change.put)
            if change.claim is not None and rng.random() < 0.75:
                yield self.example(pair, at, form, group, change.kind, put, {}, change.claim)
            if change.evidence is not None and rng.random() < (1.0 if change.claim is None else 0.4):
                yield self.example(pair, at, form, group, f"{change.kind} in evidence", {}, put, change.evidence)
            if rng.random() < 0.55:
                yield self.example(pair, at, form, group, f"{change.kind} in both", put, put, SUPPORTED)
        if true and rng.random() < 0.35:
            yield from self.elsewhere(pair, at, rng.choice(true), group)
        if true and people and rng.random() < 0.1:
            claim = render((rng.choice(people), "said", "that", *rng.choice(true).items))
            text = self.window(pair.sentences, at, pair.sentences[at], rng.choice(ROOM))
            if " said " not in text:
                yield Example(claim, text, NOT_ENOUGH, "fact as reported", group)

    def offered(self, doc: Any, people: list[str]) -> list[Change]:  # noqa: ANN401
        """The changes of a sentence, common ones thinned out."""
        found = list(changes(doc, self.stock, self.lexicon, people, self.rng))
        self.rng.shuffle(found)
        kinds: Counter[str] = Counter()
        kept = []
        for change in found:
            kinds[change.kind] += 1
            if kinds[change.kind] <= COMMON.get(change.kind, 2):
                kept.append(change)
        return kept

    def example(
        self,
        pair: Judged,
        at: int,
        form: Form,
        group: int,
        how: str = "",
        claim: dict[int, str] | None = None,
        evidence: dict[int, str] | None = None,
        label: int | None = None,
    ) -> Example:
        """One example; the tokens in `claim` and `evidence` are replaced there."""
        sentence = pair.sentences[at]
        changed = render([t for t in self.docs[sentence] if not t.is_space], evidence) if evidence else sentence
        text = self.window(pair.sentences, at, changed, self.rng.choice(ROOM))
        said = restyle(render(form.items, claim), self.rng)
        return Example(said, text, form.label if label is None else label, how or form.kind, group)

    def elsewhere(self, pair: Judged, at: int, form: Form, group: int) -> Iterator[Example]:
        """A true claim against sentences that do not say it."""
        rng, claim = self.rng, render(form.items)
        rest = [s for k, s in enumerate(pair.sentences) if k != at]
        near = self.near(pair.sentences[at])
        rest = rest if rest and rng.random() < 0.7 else [s for s in (near, rng.choice(self.texts)) if s]
        text = self.window(rest, rng.randrange(len(rest)), rest[0], rng.choice(ROOM)) if rest else ""
        mine = set(re.findall(r"\w{4,}", claim.lower()))
        if text and len(mine & set(re.findall(r"\w{4,}", text.lower()))) < 0.7 * len(mine):
            yield Example(claim, text, NOT_ENOUGH, "elsewhere", group)

    def of_pair(self, pair: Judged, group: int) -> Iterator[Example]:
        """The pair itself; where it holds, also with one thing changed in the claim or in both."""
        rng = self.rng
        evidence = " ".join([f"{pair.title}."] * bool(pair.title) + list(trimmed(pair)))
        yield Example(pair.claim, evidence, pair.label, pair.source, group)
        doc = self.docs.get(pair.claim)
        if doc is None or pair.label != SUPPORTED or pair.source in ("snli", "conjnli"):
            return
        for change in rng.sample(offered := self.offered(doc, []), min(len(offered), 3)):
            claim = render([t for t in doc if not t.is_space], dict(change.put))
            (place, new), *more = change.put
            old = " ".join([doc[place].text, *(doc[i].text for i, _ in more)])
            both = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new.replace("\\", ""), evidence)
            simple = len(new.split()) < 4 and change.kind in ("name", "place", "date", "number", "unit", "comparison")
            if simple and both != evidence and rng.random() < 0.5:
                yield Example(claim, both, SUPPORTED, f"{pair.source} {change.kind} in both", group)
            elif change.claim is not None:
                yield Example(claim, evidence, change.claim, f"{pair.source} {change.kind}", group)


def trimmed(pair: Judged, most: int = 120) -> tuple[str, ...]:
    """The sentences of the evidence, those that share least with the claim left out until it has `most` words."""
    kept, mine = list(pair.sentences), set(re.findall(r"\w{4,}", pair.claim.lower()))
    while len(kept) > 1 and sum(len(s.split()) for s in kept) > most:
        kept.remove(min(reversed(kept), key=lambda s: len(mine & set(re.findall(r"\w{4,}", s.lower())))))
    return tuple(kept)


def known(files: Sequence[Path]) -> frozenset[str]:
    """Keys of the sentences in files of JSON lines with a context and a response, that must not be trained on."""
    found: set[str] = set()
    for path in files:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            for text in (row["context"], row.get("response", "")):
                found |= {judged.key(part) for part in judged.split(" ".join(text.split()))}
    return frozenset(found)


def main() -> int:
    """Writes the examples, one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=Path, required=True, help="folder of the public sets, see eval.train.sources")
    parser.add_argument("--wordnet", type=Path, required=True, help="folder with WordNet's data.* and index.*")
    parser.add_argument("--out", type=Path, required=True, help="the examples; the parses are kept beside it")
    parser.add_argument("--leave-out", type=Path, nargs="*", default=[], help="JSON lines whose texts must not occur")
    parser.add_argument("--passages", type=int, default=5500, help="passages of FEVER and MNLI that claims are made of")
    parser.add_argument("--repeat", type=int, default=2, help="draws of claims from each sentence of RTE's news")
    parser.add_argument("--most", type=int, default=1300, help="examples of one kind and label that rules made")
    parser.add_argument("--written", type=Path, default=Path(__file__).with_name("written.jsonl"))
    chosen = parser.parse_args()
    rng = random.Random(17)  # noqa: S311 - repeatable, nothing secret
    pairs = judged.read(chosen.sets, rng, 1000, 2500)
    pairs += judged.written(chosen.sets, chosen.written) if chosen.written.exists() else []
    pairs = list(judged.without(pairs, known(chosen.leave_out)))
    groups = {text: number for number, text in enumerate(dict.fromkeys(pair.sentences for pair in pairs))}
    rng.shuffle(pairs)
    made_of = {p.sentences: p for p in pairs if p.source == "rte"}
    others = {p.sentences: p for p in pairs if p.source in ("fever", "mnli") and len(p.sentences[0].split()) > 7}
    made_of |= dict(list(others.items())[: chosen.passages])
    holding = [p for p in pairs if p.label == SUPPORTED and p.source in ("fever", "rte", "mnli")][:7000]
    holding += [p for p in pairs if p.label == SUPPORTED and p.source == "written"]
    texts = [text for passage in made_of for text in passage] + [p.claim for p in holding]
    docs = parsed([t for t in dict.fromkeys(texts) if 20 < len(t) < 500], chosen.out.with_suffix(".parsed"))
    beside = [t for p in made_of.values() if p.source in ("rte", "fever") for t in p.sentences if t in docs]
    maker = Maker(docs, list(dict.fromkeys(beside)), words.load(chosen.wordnet), rng)
    examples: list[Example] = []
    for pair in pairs:
        examples += maker.of_pair(pair, groups[pair.sentences])
    for passage, pair in made_of.items():
        places = [k for k, text in enumerate(passage) if text in docs]
        news = pair.source == "rte"
        for at in places if news else rng.sample(places, min(2, len(places))):
            for _ in range(chosen.repeat if news else 1):
                examples += maker.of_sentence(pair, at, groups[passage], 4 if news else 3)
    examples = list(dict.fromkeys(examples))
    examples += joined(examples, rng)
    kept = level(examples, rng, chosen.most)
    kept = [replace(e, claim=opened(e.claim, rng)) for e in kept]
    kept.sort(key=lambda example: example.group)
    chosen.out.write_text("".join(json.dumps(asdict(e), ensure_ascii=False) + "\n" for e in kept), "utf-8")
    labels = sorted(Counter(example.label for example in kept).items())
    sys.stdout.write(f"{len(examples)} made, {len(kept)} kept, by label {labels}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

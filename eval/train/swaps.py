"""Near misses: what to put for what in a question or its evidence so that one no longer answers the other."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from eval.train.words import Lexicon, inflect

_WORDNET = {"NOUN": "n", "VERB": "v", "ADJ": "a", "ADV": "r"}
COUNTS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


@dataclass(frozen=True, slots=True)
class Swap:
    """Strings to put for strings, and why: "same" keeps the meaning, every other kind changes it."""

    kind: str
    put: tuple[tuple[str, str], ...]

    def on(self, text: str) -> str:
        """The text with every old string replaced; unchanged where there is none."""
        for old, new in self.put:
            if old == "?":
                return f"{text[:-1]}{new}" if text.endswith("?") else text
            text = new.join(re.split(rf"(?<![\w-]){re.escape(old)}(?![\w-])", text))
        return text


@dataclass(slots=True)
class Stock:
    """What a corpus offers to swap in: names by type, adjectives, phrases of time and place, word forms."""

    names: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    adjectives: list[str] = field(default_factory=list)
    phrases: list[str] = field(default_factory=list)
    forms: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def take(self, doc: Any) -> None:  # noqa: ANN401 - spaCy is installed for training only
        """Learns from a parsed text."""
        for ent in doc.ents:
            self.names[ent.label_].append(ent.text)
        for token in doc:
            self.forms[token.lemma_.lower(), token.tag_][token.lower_] += 1
            if token.dep_ == "amod" and token.is_lower:
                self.adjectives.append(token.text)
            if token.dep_ == "prep" and token.i + 1 < len(doc):
                ent = next((e for e in doc.ents if e.start == token.i + 1), None)
                if ent is not None and ent.label_ in ("DATE", "GPE", "ORG", "PERSON", "EVENT"):
                    self.phrases.append(f"{token.lower_} {ent.text}")

    def form(self, lemma: str, tag: str) -> str | None:
        """A lemma in the form of a tag, as seen, else by rule."""
        seen = self.forms.get((lemma, tag))
        return seen.most_common(1)[0][0] if seen else inflect(lemma, tag)


def swaps(question: str, answer: str, doc: Any, stock: Stock, lexicon: Lexicon, rng: random.Random) -> Iterator[Swap]:  # noqa: ANN401
    """Everything that can be swapped in a question made from `doc`, in no order; the answer itself is left alone."""
    lower_answer = answer.lower()
    for ent in {e.text: e for e in doc.ents if e.text in question}.values():
        if ent.text.lower() in lower_answer:
            continue
        if digits := re.search(r"\d[\d,.]*\d|\d", ent.text):
            yield Swap("number", ((ent.text, ent.text.replace(digits[0], other_number(digits[0], rng))),))
        elif word := next((w for w in ent.text.split() if w in COUNTS), None):
            yield Swap("number", ((ent.text, ent.text.replace(word, rng.choice([w for w in COUNTS if w != word]))),))
        inside = [
            e.text for e in doc.ents if e.label_ == ent.label_ and e.text not in ent.text and ent.text not in e.text
        ]
        if inside:
            yield Swap("inside", ((ent.text, rng.choice(inside)),))
        new = rng.choice(stock.names[ent.label_] or [ent.text])
        if new.lower() not in doc.text.lower():
            yield Swap(f"name {ent.label_}", ((ent.text, new),))
    for token in doc:
        if (
            token.lower_ in lower_answer
            or token.ent_type_ in ("PERSON", "ORG", "GPE")
            or not re.search(rf"\b{re.escape(token.lemma_[:4])}", question)
        ):
            continue
        lemma, pos = token.lemma_.lower(), _WORDNET.get(token.pos_, "")
        if others := lexicon.pairs.get(token.lower_):
            yield Swap("pair", ((token.text, rng.choice(others)),))
        if not pos or len(lemma) < 3 or lemma in ("be", "have", "do"):
            continue
        tables = (("same", lexicon.same), ("opposite", lexicon.opposite), ("sister", lexicon.sister))
        for kind, table in tables:
            near = table.get(pos, {}).get(lemma)
            new = rng.choice(near) if near else None
            if new and new != lemma and new.isalpha() and (put := _forms(token, lemma, new, stock)):
                yield Swap(kind, put)
        if pos == "v" and token.dep_ in ("ROOT", "conj", "relcl") and rng.random() < 0.5:
            never = rng.choice(("never", "not")) if token.tag_ in ("VBN", "VB") else "never"
            yield Swap("negation", tuple((form, f"{never} {form}") for form in dict.fromkeys((token.text, lemma))))
        elif pos == "v" and rng.random() < 0.4:
            verb = rng.choice(list(lexicon.same["v"]))
            if put := _forms(token, lemma, verb, stock):
                yield Swap("verb", put)
        if pos == "n" and token.i and doc[token.i - 1].pos_ not in ("ADJ", "NOUN", "PROPN") and stock.adjectives:
            yield Swap("condition", ((token.text, f"{rng.choice(stock.adjectives)} {token.text}"),))
    if (
        stock.phrases
        and rng.random() < 0.35
        and not question.rstrip("?").endswith((" in", " at", " of", " by", " for", " with", " to", " from", " on"))
    ):
        phrase = rng.choice(stock.phrases)
        if phrase not in doc.text:
            yield Swap("phrase", (("?", f" {phrase}?"),))


def _forms(token: Any, lemma: str, new: str, stock: Stock) -> tuple[tuple[str, str], ...]:  # noqa: ANN401
    """The form that stands in the text and the bare one, each with the other word's."""
    form = stock.form(new, token.tag_)
    if form is None:
        return ()
    put = [(token.lower_, form)]
    if token.pos_ == "VERB" and token.lower_ != lemma:
        put.append((lemma, new))
    return tuple(put)


def other_number(digits: str, rng: random.Random) -> str:
    """A number written like this one, a little different."""
    bare = digits.replace(",", "")
    if not bare.isdigit():
        return re.sub(r"\d", lambda d: str((int(d[0]) + rng.randint(1, 9)) % 10), digits, count=1)
    value = int(bare)
    near = 12 if len(bare) == 4 and 1000 < value < 2100 else max(3, value // 3)
    changed = max(1, value + rng.choice((-1, 1)) * rng.randint(1, near))
    return f"{changed:,}" if "," in digits else str(changed if changed != value else value + 1)

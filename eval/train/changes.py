"""Changes of a few tokens of a sentence, each with what it makes of a claim's label.

Made in the claim, a change mostly makes it false; made in the evidence, it leaves the claim without support; made in
both, it changes nothing. With all three in the data no wording by itself tells the label.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eval.train.forms import SAYS
from eval.train.judged import CONTRADICTED, EITHER, NOT_ENOUGH, SUPPORTED
from eval.train.swaps import COUNTS, Stock, other_number
from eval.train.words import Lexicon

_UNITS = (
    "million billion|thousand million|hundred thousand|percent million|dollars euros|pounds dollars|miles kilometers|"
    "kilometres miles|meters feet|metres feet|days weeks|weeks months|months years|hours days|minutes hours|"
    "day week|week month|month year|hour day|minute hour|year decade|kilograms pounds|tons pounds|tonnes kilograms|"
    "Monday Thursday|Tuesday Friday|Wednesday Sunday|Saturday Tuesday|January March|February July|April October|"
    "May December|June September|August November|morning evening|afternoon night|Celsius Fahrenheit"
)
_COMPARED = (
    "more less|higher lower|larger smaller|bigger smaller|older younger|better worse|faster slower|earlier later|"
    "over under|above below|before after|most least|highest lowest|largest smallest|oldest youngest|best worst|"
    "increase decrease|increased decreased|rose fell|rise fall|rising falling|risen fallen|up down|gained lost|"
    "longer shorter|stronger weaker|first last|first second|exceeded missed|outnumber trail|grew shrank|richer poorer"
)
_QUANTITIES = (  # from, to, claim changed, evidence changed
    ("some", "all", NOT_ENOUGH, SUPPORTED),
    ("some", "most", NOT_ENOUGH, EITHER),
    ("many", "all", NOT_ENOUGH, SUPPORTED),
    ("many", "few", CONTRADICTED, CONTRADICTED),
    ("most", "all", NOT_ENOUGH, EITHER),
    ("most", "few", CONTRADICTED, CONTRADICTED),
    ("several", "all", NOT_ENOUGH, EITHER),
    ("all", "some", EITHER, NOT_ENOUGH),
    ("all", "no", CONTRADICTED, CONTRADICTED),
    ("every", "almost every", EITHER, NOT_ENOUGH),
    ("few", "many", CONTRADICTED, CONTRADICTED),
    ("often", "always", NOT_ENOUGH, SUPPORTED),
    ("sometimes", "always", NOT_ENOUGH, EITHER),
    ("usually", "always", NOT_ENOUGH, EITHER),
    ("always", "sometimes", EITHER, NOT_ENOUGH),
    ("both", "neither", CONTRADICTED, CONTRADICTED),
    ("nearly", "more than", CONTRADICTED, CONTRADICTED),
    ("about", "more than", NOT_ENOUGH, NOT_ENOUGH),
    ("least", "most", CONTRADICTED, CONTRADICTED),
)
_MODALS = (  # from, to, claim changed, evidence changed
    ("will", "may", EITHER, NOT_ENOUGH),
    ("will", "might", EITHER, NOT_ENOUGH),
    ("would", "might", EITHER, NOT_ENOUGH),
    ("would", "could", EITHER, NOT_ENOUGH),
    ("must", "may", EITHER, NOT_ENOUGH),
    ("must", "can", EITHER, NOT_ENOUGH),
    ("should", "must", NOT_ENOUGH, NOT_ENOUGH),
    ("should", "will", NOT_ENOUGH, NOT_ENOUGH),
    ("can", "must", NOT_ENOUGH, NOT_ENOUGH),
    ("may", "will", NOT_ENOUGH, EITHER),
    ("may", "must", NOT_ENOUGH, NOT_ENOUGH),
    ("might", "will", NOT_ENOUGH, EITHER),
    ("could", "will", NOT_ENOUGH, EITHER),
    ("can", "could", EITHER, NOT_ENOUGH),
)
_HEDGES = ("may", "might", "could", "reportedly", "allegedly", "is said to", "probably", "plans to", "is expected to")
_SPEAKERS = [
    "police",
    "officials",
    "doctors",
    "analysts",
    "experts",
    "critics",
    "prosecutors",
    "lawyers",
    "residents",
    "scientists",
    "researchers",
    "investigators",
    "witnesses",
    "organizers",
]


@dataclass(frozen=True, slots=True)
class Change:
    """Texts in the place of tokens.

    Attributes:
        kind: of change.
        put: number of the token and what stands there instead.
        claim: label of the claim when it alone is changed; None: not to be used so.
        evidence: label when the evidence alone is changed.
    """

    kind: str
    put: tuple[tuple[int, str], ...]
    claim: int | None
    evidence: int | None


def _pairs(line: str) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for left, right in (pair.split() for pair in line.split("|")):
        table.setdefault(left, []).append(right)
        table.setdefault(right, []).append(left)
    return table


UNITS, COMPARED = _pairs(_UNITS), _pairs(_COMPARED)
TURNED = _pairs("to from|with against|for against|with without|into from|before after|by to")


def changes(doc: Any, stock: Stock, lexicon: Lexicon, others: list[str], rng: random.Random) -> Iterator[Change]:  # noqa: ANN401
    """Everything that can be changed in a parsed sentence.

    Args:
        doc: the sentence.
        stock: what names, adjectives and phrases there are.
        lexicon: words that stand near others.
        others: names of people in the sentences around.
        rng: chooses among what fits.
    """
    yield from _names(doc, stock, others, rng)
    yield from _exchanged(doc, rng)
    for token in doc:
        yield from _numbers(token, rng)
        yield from _closed(token, rng)
        yield from _open(token, stock, lexicon, rng)
        if token.pos_ in ("VERB", "AUX") and token.dep_ in ("ROOT", "conj", "ccomp", "relcl"):
            yield from _verbs(token, stock, rng)
    end = next((t.i for t in reversed(doc) if not t.is_punct and not t.is_space), None)
    if end is not None and stock.phrases:
        phrase = rng.choice(stock.phrases)
        if phrase.split(" ", 1)[1] not in doc.text:
            yield Change("detail", ((end, f"{doc[end].text} {phrase}"),), NOT_ENOUGH, SUPPORTED)


def _names(doc: Any, stock: Stock, others: list[str], rng: random.Random) -> Iterator[Change]:  # noqa: ANN401
    """One name for another of its type: from the sentence, from those around it, from anywhere."""
    for ent in doc.ents:
        if ent.label_ in ("CARDINAL", "ORDINAL", "PERCENT", "MONEY", "QUANTITY"):
            continue
        kind = {"DATE": "date", "TIME": "date", "GPE": "place", "LOC": "place"}.get(ent.label_, "name")
        near = [
            e.text for e in doc.ents if e.label_ == ent.label_ and e.text not in ent.text and ent.text not in e.text
        ]
        near += [name for name in others if ent.label_ == "PERSON" and name not in doc.text]
        far = stock.names[ent.label_]
        if kind == "date" and re.search(r"\d", ent.text):
            digits = re.search(r"\d+", ent.text)
            new = ent.text.replace(digits[0], other_number(digits[0], rng), 1) if digits else ent.text
            yield _span("date", ent, new)
        for names in (near, far):
            new = rng.choice(names) if names else ""
            if new and new.lower() not in ent.text.lower() and ent.text.lower() not in new.lower():
                who = ent.root
                said = who.dep_ == "nsubj" and who.head.lemma_.lower() in SAYS
                yield _span("speaker" if said else kind, ent, new)


def _exchanged(doc: Any, rng: random.Random) -> Iterator[Change]:  # noqa: ANN401
    """Two names of one type, or two nouns, in each other's place."""
    names = [e for e in doc.ents if e.label_ in ("PERSON", "ORG", "GPE", "NORP")]
    nouns = [
        t
        for t in doc
        if t.tag_ in ("NN", "NNS") and not t.ent_type_ and t.dep_ in ("nsubj", "dobj", "pobj", "nsubjpass")
    ]
    pairs = [(a, b) for k, a in enumerate(names) for b in names[k + 1 :] if a.label_ == b.label_ and a.text != b.text]
    for one, two in rng.sample(pairs, min(2, len(pairs))):
        # Of "Lind and Reed" each may stand for the other.
        if two.root.head.i != one.root.i and one.root.dep_ != "conj" and two.root.dep_ not in ("conj", "appos"):
            put = [(one.start, two.text), (two.start, one.text)]
            put += [(i, "") for e in (one, two) for i in range(e.start + 1, e.end)]
            yield Change("exchange", tuple(put), CONTRADICTED, CONTRADICTED)
    twos = [(a, b) for k, a in enumerate(nouns) for b in nouns[k + 1 :] if a.tag_ == b.tag_ and a.lower_ != b.lower_]
    if twos:
        left, right = rng.choice(twos)
        yield Change("nouns exchanged", ((left.i, right.text), (right.i, left.text)), EITHER, EITHER)


def _span(kind: str, ent: Any, new: str) -> Change:  # noqa: ANN401
    gone = tuple((i, "") for i in range(ent.start + 1, ent.end))
    return Change(kind, ((ent.start, new), *gone), CONTRADICTED, CONTRADICTED)


def _numbers(token: Any, rng: random.Random) -> Iterator[Change]:  # noqa: ANN401
    if token.ent_type_ in ("DATE", "TIME") or token.pos_ != "NUM":
        return
    if re.fullmatch(r"\d[\d,.]*\d|\d", token.text):
        new = other_number(token.text, rng)
    elif token.lower_ in COUNTS:
        new = rng.choice([w for w in COUNTS if w != token.lower_])
    else:
        return
    yield Change("number", ((token.i, new),), CONTRADICTED, CONTRADICTED)


def _closed(token: Any, rng: random.Random) -> Iterator[Change]:  # noqa: ANN401
    """Words with a fixed counterpart: units, comparatives, quantities; and who speaks without a name."""
    text = token.text
    for kind, table in (("unit", UNITS), ("comparison", COMPARED)):
        if text in table:
            yield Change(kind, ((token.i, rng.choice(table[text])),), CONTRADICTED, CONTRADICTED)
    if token.dep_ in ("prep", "agent") and text in TURNED and rng.random() < 0.5:
        yield Change("preposition", ((token.i, rng.choice(TURNED[text])),), CONTRADICTED, CONTRADICTED)
    for old, new, claim, evidence in _QUANTITIES:
        if token.lower_ == old:
            yield Change("quantifier", ((token.i, new),), claim, evidence)
    for old, new, claim, evidence in _MODALS:
        if token.lower_ == old and token.tag_ == "MD":
            yield Change("modal", ((token.i, new),), claim, evidence)
    if token.dep_ == "nsubj" and token.head.lemma_.lower() in SAYS and token.lower_ in _SPEAKERS:
        new = rng.choice([w for w in _SPEAKERS if w != token.lower_])
        yield Change("speaker", ((token.i, new),), CONTRADICTED, CONTRADICTED)


def _open(token: Any, stock: Stock, lexicon: Lexicon, rng: random.Random) -> Iterator[Change]:  # noqa: ANN401
    """Synonyms, opposites, words of the same sort, and adjectives that are put in."""
    pos = {"NOUN": "n", "VERB": "v", "ADJ": "a", "ADV": "r"}.get(token.pos_, "")
    lemma = token.lemma_.lower()
    if not pos or len(lemma) < 3 or lemma in ("be", "have", "do") or token.ent_type_:
        return
    tables = (
        ("same", lexicon.same, SUPPORTED),
        ("opposite", lexicon.opposite, CONTRADICTED),
        ("sister", lexicon.sister, EITHER),
    )
    for kind, table, label in tables:
        near = table.get(pos, {}).get(lemma)
        new = stock.form(rng.choice(near), token.tag_) if near else None
        if new and new.isalpha() and new != token.lower_:
            yield Change(kind, ((token.i, new),), label, label)
    if pos == "n" and token.i and token.nbor(-1).pos_ not in ("ADJ", "NOUN", "PROPN", "VERB") and stock.adjectives:
        put = ((token.i, f"{rng.choice(stock.adjectives)} {token.text}"),)
        yield Change("adjective", put, NOT_ENOUGH, SUPPORTED)
    if token.pos_ == "NOUN" and token.dep_ in ("dobj", "pobj") and rng.random() < 0.1:
        first = next(iter(token.subtree))
        if first.i < token.i:
            yield Change("only", ((first.i, f"only {first.text}"),), NOT_ENOUGH, SUPPORTED)


def _verbs(verb: Any, stock: Stock, rng: random.Random) -> Iterator[Change]:  # noqa: ANN401
    """Negation put in or taken out, and a hedge put in or taken out."""
    children = list(verb.children)
    neg = next((c for c in children if c.dep_ == "neg"), None)
    aux = next((c for c in children if c.dep_ in ("aux", "auxpass") and c.lower_ != "to"), None)
    lemma, tag = verb.lemma_.lower(), verb.tag_
    if neg is not None:
        put = [(neg.i, "")]
        if aux is not None and aux.lower_ in ("did", "does", "do") and (form := stock.form(lemma, "VBD")):
            put += [(aux.i, ""), (verb.i, form if aux.lower_ == "did" else stock.form(lemma, "VBZ") or verb.text)]
        elif aux is not None and aux.lower_ in ("ca", "wo"):
            put += [(aux.i, {"ca": "can", "wo": "will"}[aux.lower_])]
        yield Change("negation", tuple(put), CONTRADICTED, CONTRADICTED)
        return
    helper = {"VBD": "did", "VBZ": "does", "VBP": "do"}.get(tag, "")
    word = rng.choice(("not", "not", "not", "never"))
    if aux is not None:
        yield Change("negation", ((aux.i, f"{aux.text} {word}"),), CONTRADICTED, CONTRADICTED)
    elif lemma == "be" and helper:
        yield Change("negation", ((verb.i, f"{verb.text} {word}"),), CONTRADICTED, CONTRADICTED)
    elif helper:
        text = f"{helper} not {lemma}" if word == "not" else f"never {verb.text}"
        yield Change("negation", ((verb.i, text),), CONTRADICTED, CONTRADICTED)
    hedge = rng.choice(_HEDGES)
    if aux is not None and aux.lower_ in ("may", "might", "could", "would") and verb.tag_ == "VB":
        form = stock.form(lemma, "VBD")
        if form and lemma != "be":
            yield Change("hedge", ((aux.i, ""), (verb.i, form)), NOT_ENOUGH, SUPPORTED)
    elif aux is not None and aux.lower_ in ("will", "has", "is", "was", "were", "are") and aux.i + 1 == verb.i:
        if aux.lower_ != "will":
            hedge = rng.choice(("reportedly", "allegedly", "probably", "possibly"))
            yield Change("hedge", ((aux.i, f"{aux.text} {hedge}"),), EITHER, NOT_ENOUGH)
    elif tag in ("VBD", "VBZ") and aux is None and lemma not in SAYS and lemma not in ("be", "have", "do"):
        past = tag == "VBD" and stock.form(lemma, "VBN")
        if hedge in ("may", "might", "could"):
            text = f"{hedge} have {past}" if past else f"{hedge} {lemma}"
        elif hedge.endswith(" to"):
            text = f"{hedge.replace('is ', 'was ') if past else hedge} {lemma}"
            text = text.replace("plans", "planned") if past else text
        else:
            text = f"{hedge} {verb.text}"
        yield Change("hedge", ((verb.i, text),), EITHER, NOT_ENOUGH)

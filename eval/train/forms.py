"""True claims from a parsed sentence: itself, cut, a clause of it, in the passive, as reported speech.

A form is a row of tokens and strings, so that one change of a token can be made in the claim, in its sentence, or in
both.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval.train import questions
from eval.train.judged import CONTRADICTED, NOT_ENOUGH, SUPPORTED
from eval.train.swaps import Stock

Token = Any  # spaCy's: installed for training only

SAYS = frozenset(
    [
        "say",
        "tell",
        "claim",
        "argue",
        "believe",
        "think",
        "suggest",
        "report",
        "announce",
        "warn",
        "allege",
        "insist",
        "predict",
        "estimate",
        "hope",
        "expect",
        "fear",
        "suspect",
        "deny",
        "doubt",
        "state",
        "declare",
        "note",
        "add",
        "explain",
        "admit",
        "promise",
        "acknowledge",
        "contend",
        "assert",
    ]
)
_LIMITS = frozenset(
    [
        "if",
        "unless",
        "until",
        "without",
        "against",
        "except",
        "only",
        "almost",
        "nearly",
        "barely",
        "hardly",
        "not",
        "n't",
        "never",
        "no",
    ]
)
_MUTUAL = frozenset(
    [
        "be",
        "have",
        "include",
        "share",
        "meet",
        "marry",
        "join",
        "face",
        "contain",
        "involve",
        "become",
        "remain",
        "resemble",
        "fight",
        "play",
        "own",
    ]
)
_LOOSE = {"relcl", "appos", "acl", "parataxis", "advcl", "npadvmod"}


@dataclass(frozen=True, slots=True)
class Form:
    """A claim that a sentence bears out, or one made of its words that it does not.

    Attributes:
        kind: how it was made.
        items: tokens of the sentence, and words that are put between them.
        label: of the claim against its sentence.
    """

    kind: str
    items: tuple[Any, ...]
    label: int = SUPPORTED

    @property
    def places(self) -> frozenset[int]:
        """The tokens it holds, by their number in the sentence."""
        return frozenset(item.i for item in self.items if not isinstance(item, str))


def render(items: Sequence[Any], put: Mapping[int, str] | None = None) -> str:
    """The text of tokens and strings as a sentence, `put` in the place of tokens ("" leaves one out)."""
    parts: list[str] = []
    for k, item in enumerate(items):
        follower = items[k + 1] if k + 1 < len(items) else None
        if isinstance(item, str):
            text, joined = item, False
        else:
            text = (put or {}).get(item.i, item.text)
            if item.is_sent_start and k and item.pos_ not in ("PROPN", "NUM") and not item.ent_type_ and text != "I":
                text = text[:1].lower() + text[1:]
            neighbours = not isinstance(follower, str) and follower is not None and follower.i == item.i + 1
            joined = neighbours and not item.whitespace_
        if text:
            parts += [text, "" if joined else " "]
    line = " ".join("".join(parts).split())
    for sign in (",", ".", ";", ":", "?", "!", "'s"):
        line = line.replace(f" {sign}", sign)
    line = line.replace(",,", ",").strip(" ,;:–-")
    ended = line if line.endswith((".", "!", "?", '."', ".”")) else f"{line.rstrip('.,')}."
    return ended[:1].upper() + ended[1:]


def forms(doc: Any, title: str, stock: Stock, rng: random.Random) -> Iterator[Form]:  # noqa: ANN401
    """Claims from one parsed sentence.

    Args:
        doc: the sentence.
        title: what "he", "she" or "it" at the start stands for; "" where that is not known.
        stock: has the forms of verbs.
        rng: chooses what to cut.
    """
    tokens = [t for t in doc if not t.is_space]
    yield Form("verbatim", tuple(tokens))
    yield from _cut(tokens, rng)
    yield from _reported(doc)
    for clause in questions.clauses(doc[:], title):
        if any(c.dep_ == "mark" and c.lower_ in ("if", "unless", "whether") for c in clause.verb.children):
            continue
        yield from _clause(clause, stock, rng)


def _cut(tokens: list[Token], rng: random.Random) -> Iterator[Form]:
    """The sentence less some of what can be left out."""
    loose = [t for t in tokens if t.dep_ in _LOOSE or (t.dep_ == "prep" and _dated(t))]
    loose += [
        t for t in tokens if t.dep_ == "conj" and t.head.dep_ == "ROOT" and any(c.dep_ == "nsubj" for c in t.children)
    ]
    loose = [t for t in loose if not _LIMITS & {s.lower_ for s in t.subtree}]
    for _ in range(2):
        gone: set[int] = set()
        for token in rng.sample(loose, min(len(loose), rng.choice((1, 2, 3)))):
            gone |= {s.i for s in token.subtree}
            if token.dep_ == "conj":
                gone |= {c.i for c in token.head.children if c.dep_ in ("cc", "punct") and c.i < token.i}
        kept = [t for t in tokens if t.i not in gone]
        kept = [
            t
            for k, t in enumerate(kept)
            if not (t.text in ",;–-" and (k == 0 or k + 1 == len(kept) or kept[k + 1].text in ",.;"))
        ]
        if gone and len(kept) > 5 and any(t.dep_ == "ROOT" for t in kept):
            yield Form("cut", tuple(kept))


def _dated(prep: Token) -> bool:
    return any(c.ent_type_ in ("DATE", "TIME", "GPE") for c in prep.children)


def _clause(clause: questions.Clause, stock: Stock, rng: random.Random) -> Iterator[Form]:
    """A clause as a sentence of its own, with some of its parts; passive, and with its roles exchanged."""
    verb = clause.verb
    head = next((t for t in clause.subject if t.dep_ in ("nsubj", "nsubjpass", "csubj")), clause.subject[-1])
    subject: tuple[Any, ...] = (clause.named,) if clause.named else tuple(_slim(clause.subject, head, rng))
    before = (clause.lone_aux,) if clause.lone_aux else ()
    label = SUPPORTED
    if verb.dep_ == "ccomp" and verb.head.lemma_.lower() in SAYS:
        label = NOT_ENOUGH
    elif verb.dep_ not in ("ROOT", "conj", "relcl", "acl"):
        return
    optional = {"advmod", "npadvmod", "advcl", "prep", "dep"}
    parts = [
        (part, _slim(span, part, rng))
        for part, span in clause.parts
        if part.dep_ not in optional or _LIMITS & {t.lower_ for t in span} or rng.random() < 0.6
    ]
    parts.sort(key=lambda item: item[0].i < verb.i)
    rest = [t for _, span in parts for t in span]
    # A bare "had" or "was" says nothing that can be true or false.
    if len(rest) < 2:
        return
    kind = "clause" if label == SUPPORTED else "reported as fact"
    yield Form(kind, (*subject, *before, *clause.aux, verb, *rest), label)
    first = next((span for part, span in parts if part.dep_ in ("prep", "advcl", "npadvmod") and part.i > verb.i), None)
    if first and len(rest) > len(first) and label == SUPPORTED and not _LIMITS & {t.lower_ for t in first}:
        after = [t for t in rest if t not in first]
        yield Form("fronted", (*first, ",", *subject, *before, *clause.aux, verb, *after))
    thing = next(((part, span) for part, span in parts if part.dep_ == "dobj"), None)
    if thing is None or clause.aux or before or label or verb.tag_ not in ("VBD", "VBZ") or verb.lemma_ in _MUTUAL:
        return
    done = stock.form(verb.lemma_.lower(), "VBN")
    if not done or thing[0].pos_ == "PRON" or (head.pos_ == "PRON" and not clause.named):
        return
    others = [t for part, span in parts if part is not thing[0] for t in span]
    many = thing[0].tag_ in ("NNS", "NNPS")
    be = ("were" if many else "was") if verb.tag_ == "VBD" else ("are" if many else "is")
    yield Form("passive", (*thing[1], f"{be} {done} by", *subject, *others))
    yield Form("roles", (*thing[1], verb, *subject, *others), CONTRADICTED)
    be = "was" if verb.tag_ == "VBD" else "is"
    yield Form("roles passive", (*subject, f"{be} {done} by", *thing[1], *others), CONTRADICTED)


def _slim(span: Sequence[Token], head: Token, rng: random.Random) -> list[Token]:
    """The span, some of what hangs loosely on it left out."""
    gone: set[int] = set()
    for token in span:
        if token is not head and token.dep_ in ("relcl", "appos", "acl") and rng.random() < 0.5:
            gone |= {t.i for t in token.subtree}
    kept = [token for token in span if token.i not in gone]
    while kept and (kept[-1].is_punct or kept[-1].dep_ == "cc"):
        kept.pop()
    return kept


def _reported(doc: Any) -> Iterator[Form]:  # noqa: ANN401
    """Reported speech in other words, and without who said it."""
    for verb in doc:
        if verb.lemma_.lower() not in SAYS or verb.pos_ != "VERB" or any(c.dep_ == "neg" for c in verb.children):
            continue
        who = next((c for c in verb.children if c.dep_ == "nsubj"), None)
        said = next((c for c in verb.children if c.dep_ == "ccomp"), None)
        if who is None or said is None or who.pos_ == "PRON" or len(list(who.subtree)) > 12:
            continue
        speaker = [t for t in who.subtree if t.dep_ not in ("punct",) or t.i < who.i]
        content = [t for t in said.subtree if not (t.dep_ == "mark" and t.lower_ == "that") and t.text not in '"“”']
        while content and content[-1].is_punct:
            content.pop()
        while content and content[0].is_punct:
            content.pop(0)
        if len(content) < 4:
            continue
        yield Form("reported as fact", tuple(content), NOT_ENOUGH)
        if verb.lemma_ in ("deny", "doubt"):
            continue
        yield Form("reported", (*speaker, verb, "that", *content))
        yield Form("reported", (*content, ",", *speaker, verb))
        if verb.lemma_ in ("say", "report", "announce", "state", "claim", "note", "add", "explain"):
            yield Form("reported", (*content, ", according to", *speaker))
            yield Form("reported", ("According to", *speaker, ",", *content))

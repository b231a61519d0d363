"""Questions from statements: a clause, one of its parts as the answer, the rest asked for it by rules over a parse."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Token = Any  # spaCy's: installed for training only
_OPTIONAL = {"advmod", "npadvmod", "advcl", "prep", "ccomp", "dep", "oprd", "cc", "conj"}
_LEFT_OUT = {"punct", "cc", "conj", "mark", "intj", "parataxis", "preconj", "meta", "discourse"}
_SUBJECTS = {"nsubj", "nsubjpass", "csubj"}
_AUX = {"aux", "auxpass"}
_WHEN, _PLACE = {"DATE", "TIME"}, {"GPE", "LOC", "FAC"}
_PEOPLE = re.compile(
    r"person|(?:wo)?m[ae]n|people|child|boy|girl|act(?:or|ress)|singer|writer|author|director|king|queen|president|player|"
    r"politician|musician|artist|leader|doctor|officer|scientist|producer|mother|father|wife|husband|son|daughter"
)
_NOUNS = {"GPE": ("city", "country", "place", "state"), "ORG": ("company", "organization", "group", "team")}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what answers it.

    Attributes:
        answer: as the statement has it.
        kind: of the question word: "who", "what", "when", "where", "how many", "how much", "why", "whose", "which".
    """

    text: str
    answer: str
    kind: str


@dataclass(slots=True)
class Clause:
    """A verb with its subject and what follows; `parts` are subtrees in order, `named` replaces a pronoun subject."""

    verb: Token
    subject: list[Token]
    aux: list[Token]
    parts: list[tuple[Token, list[Token]]]
    lone_aux: str = ""
    named: str = ""


def clauses(sentence: Any, title: str) -> Iterator[Clause]:  # noqa: ANN401
    """The clauses of a parsed sentence that can be asked about.

    Args:
        sentence: a parsed span.
        title: of the article, to stand for "he", "she" or "it" at the start; "" where it is not known.
    """
    for verb in sentence:
        if verb.pos_ not in ("VERB", "AUX") or verb.dep_ in _AUX:
            continue
        children = list(verb.children)
        subject = next((_span(child) for child in children if child.dep_ in _SUBJECTS), None)
        lone = ""
        if verb.dep_ == "acl" and verb.tag_ == "VBN" and subject is None:
            subject, lone = _span(verb.head, without=verb), "was"
        elif subject is None and verb.dep_ == "conj" and verb.head.pos_ in ("VERB", "AUX"):
            subject = next((_span(child) for child in verb.head.children if child.dep_ in _SUBJECTS), None)
            if verb.tag_ in ("VBN", "VBG"):
                lone = next((c.text.lower() for c in verb.head.children if c.dep_ in _AUX), "")
        elif subject and verb.dep_ == "relcl" and subject[0].lower_ in ("who", "which", "that"):
            subject = _span(verb.head, without=verb)
        if not subject or len(subject) > 14 or any(token.tag_ in ("WP", "WDT", "EX") for token in subject):
            continue
        aux = [child for child in children if child.dep_ in _AUX and child.i < verb.i]
        if verb.tag_ in ("VBG", "VBN", "VB") and not aux and not lone:
            continue
        if any(child.dep_ == "neg" for child in children) or (aux and aux[0].lower_ == "to"):
            continue
        parts = [
            (c, _span(c))
            for c in children
            if c.dep_ not in _LEFT_OUT | _SUBJECTS | _AUX and c.lower_ not in ("who", "which")
        ]
        named = ""
        if subject[0].lower_ in ("he", "she", "it", "they") and len(subject) == 1:
            if not title or subject[0].lower_ == "they" or subject[0].i - sentence.start > 2:
                continue
            named = title
        yield Clause(verb, subject, aux, parts, lone, named)


def _span(head: Token, without: Token | None = None) -> list[Token]:
    """The subtree in order, less `without` and what stands in brackets or behind it."""
    cut = {t.i for t in without.subtree} if without is not None else set()
    found = [token for token in head.subtree if token.i not in cut]
    while found and found[-1].is_punct:
        found.pop()
    return found


def _slim(span: list[Token], head: Token, rng: random.Random, share: float) -> list[Token]:
    """The span, some of the clauses, appositions and brackets that hang on its nouns left out."""
    gone: set[int] = set()
    for token in span:
        loose = token.dep_ in ("relcl", "appos", "acl", "parataxis") or (
            token.dep_ in ("prep", "amod", "advmod") and rng.random() < 0.3
        )
        if token != head and loose and rng.random() < share:
            gone |= {t.i for t in token.subtree}
    kept = [token for token in span if token.i not in gone]
    while kept and (kept[-1].is_punct or kept[-1].dep_ == "cc"):
        kept.pop()
    return kept


def _words(tokens: list[Token]) -> str:
    """The text of tokens; the capital of a sentence's first word goes unless it is a name."""
    text = "".join(
        token.text_with_ws
        if token.whitespace_ or k + 1 == len(tokens) or tokens[k + 1].i == token.i + 1
        else token.text + " "
        for k, token in enumerate(tokens)
    ).strip()
    first = tokens[0] if tokens else None
    if (
        first is not None
        and first.is_sent_start
        and first.pos_ != "PROPN"
        and first.text != "I"
        and not first.ent_type_
    ):
        text = text[:1].lower() + text[1:]
    return text.strip(" ,;:")


def _asks(head: Token, span: list[Token], rng: random.Random) -> tuple[str, str]:
    """Question words for a noun phrase, and their kind; ("", "") where nothing asks for it."""
    kind = head.ent_type_
    if head.pos_ == "PRON":
        return ("", "")
    if kind in _WHEN:
        year = head.text.isdigit() and len(head.text) == 4
        return (
            rng.choice(
                ("when", "what year", "in what year", "in which year") if year else ("when", "what date", "on what day")
            ),
            "when",
        )
    if kind == "PERSON" or _PEOPLE.fullmatch(head.lemma_.lower()):
        return (rng.choice(("who", "who", "who", "which person")), "who")
    number = next((t for t in span if t.dep_ == "nummod" and t.head == head), None)
    if kind == "MONEY" or head.text in ("%", "percent"):
        return (
            rng.choice(("how much", "what amount", "how much money")) if kind == "MONEY" else "what percentage",
            "how much",
        )
    if number is not None:
        rest = _words([t for t in span if t.i > number.i])
        return (f"how many {rest}", "how many")
    if kind in _PLACE or kind in _NOUNS:
        noun = rng.choice(_NOUNS.get(kind, _NOUNS["GPE"]))
        return (rng.choice((f"what {noun}", f"which {noun}", "what")), "where" if kind in _PLACE else "what")
    if head.pos_ == "NOUN":
        plain = head.lemma_.lower()
        return (
            rng.choice(
                (
                    "what",
                    "what",
                    f"what {head.text}",
                    f"which {head.text}",
                    f"what kind of {plain}",
                    f"what type of {plain}",
                )
            ),
            "what",
        )
    return ("what" if head.pos_ == "PROPN" else "", "what")


def asked(clause: Clause, rng: random.Random) -> Iterator[Asked]:
    """Every question that the rules can make of a clause, each in one of several wordings."""
    verb, share = clause.verb, rng.choice((0.4, 1.0))
    head = next((t for t in clause.subject if t.dep_ in _SUBJECTS), clause.subject[-1])
    subject = clause.named or _words(_slim(clause.subject, head, rng, share))
    parts = [
        (part, _slim(span, part, rng, share))
        for part, span in clause.parts
        if part.dep_ not in _OPTIONAL or rng.random() < 0.65 or len(clause.parts) < 2
    ]
    parts.sort(key=lambda item: item[0].i < verb.i and item[0].dep_ in ("prep", "advcl", "npadvmod"))
    # Who or what does it: the subject's place takes the question word.
    words, kind = _asks(head, clause.subject, rng)
    if words and not clause.named and kind not in ("when", "how much") and parts:
        line = " ".join(x for x in (words.removeprefix("in "), _finite(clause), _join(parts)) if x)
        yield Asked(_finish(line), _words(clause.subject), kind)
    for part, span in clause.parts:
        others = [item for item in parts if item[0] is not part]
        yield from _about(clause, subject, part, span, others, rng)


def _about(
    clause: Clause, subject: str, part: Token, span: list[Token], others: list[Any], rng: random.Random
) -> Iterator[Asked]:
    """Questions whose answer is in one part behind the verb."""
    stranded, words, kind, answer = "", "", "", _words(span)
    if part.dep_ in ("dobj", "attr", "dative", "oprd"):
        words, kind = _asks(part, span, rng)
    elif part.dep_ in ("npadvmod", "advmod") and part.ent_type_ in _WHEN:
        words, kind = "when", "when"
    elif part.dep_ in ("prep", "agent"):
        noun = next((c for c in part.children if c.dep_ == "pobj"), None)
        if noun is None:
            return
        inner = _span(noun)
        words, kind = _asks(noun, inner, rng)
        answer = _words(inner)
        small = part.lower_
        if kind == "when" and small in ("in", "on", "at", "during"):
            words = words if words.startswith(("in ", "on ")) or words == "when" else f"in {words}"
        elif kind == "where" and small in ("in", "at", "from", "on", "near", "to"):
            words, stranded = rng.choice(
                ((f"{small} {words}", ""), (words, small), ("where", "from" if small == "from" else ""))
            )
        elif words:
            words = "since when" if words == "when" and small == "since" else words
            if rng.random() < 0.35 and not words.startswith(("in ", "on ")):
                words = f"{small} {'whom' if words == 'who' else words}"
            elif words != "since when":
                words, stranded = words.removeprefix("in "), small
    elif part.dep_ == "advcl" and any(c.lower_ == "because" for c in part.children):
        words, kind = "why", "why"
    if not words:
        return
    front, back = _inverted(clause, subject)
    if not front:
        return
    tail = " ".join(x for x in (back, _join(others), stranded) if x)
    if rng.random() < 0.12:
        line = f"{subject} {_finite(clause)} {_join(others)} {stranded} {words}"
    elif others and rng.random() < 0.15 and others[-1][0].dep_ == "prep":
        rest = " ".join(x for x in (back, _join(others[:-1]), stranded) if x)
        line = f"{_words(others[-1][1])}, {words} {front} {rest}"
    else:
        line = f"{words} {front} {tail}"
    yield Asked(_finish(line), answer, kind)


def whole(clause: Clause, rng: random.Random, word: str) -> str:
    """A question with `word` before the whole clause, for what the clause does not say; "" where the rules fail."""
    head = next((t for t in clause.subject if t.dep_ in _SUBJECTS), clause.subject[-1])
    front, back = _inverted(clause, clause.named or _words(_slim(clause.subject, head, rng, 1.0)))
    parts = [(part, _slim(span, part, rng, 1.0)) for part, span in clause.parts]
    return _finish(f"{word} {front} {back} {_join(parts)}") if front else ""


def exchanged(clause: Clause, rng: random.Random) -> str:
    """A question with doer and done-to exchanged, to which the clause has no answer; "" where there is no object."""
    verb, done_to = clause.verb, next(((part, span) for part, span in clause.parts if part.dep_ == "dobj"), None)
    subject = clause.named or _words(clause.subject)
    if done_to is None or clause.lone_aux or verb.lemma_ in ("be", "have", "include", "share", "meet", "marry"):
        return ""
    words, _ = _asks(*done_to, rng)
    if rng.random() < 0.5:
        return _finish(f"{words} {_finite(clause)} {subject}") if words else ""
    front, back = _inverted(clause, _words(_slim(done_to[1], done_to[0], rng, 1.0)))
    return _finish(f"{rng.choice(('who', 'what'))} {front} {back}") if front else ""


def _join(parts: list[Any]) -> str:
    return " ".join(_words(span) for _, span in parts if span)


def _finite(clause: Clause) -> str:
    """The verb with its helpers, as it stands."""
    return " ".join([clause.lone_aux, *(t.text for t in clause.aux), clause.verb.text]).strip()


def _inverted(clause: Clause, subject: str) -> tuple[str, str]:
    """What stands before the parts of an inverted clause: helper with subject, and the rest of the verb."""
    verb = clause.verb
    if clause.lone_aux:
        return f"{clause.lone_aux} {subject}", verb.text
    if clause.aux:
        first, *rest = clause.aux
        return f"{first.lower_} {subject}", " ".join([*(t.text for t in rest), verb.text])
    if verb.lemma_ == "be":
        return f"{verb.lower_} {subject}", ""
    helper = {"VBD": "did", "VBZ": "does", "VBP": "do"}.get(verb.tag_)
    return (f"{helper} {subject}", verb.lemma_) if helper else ("", "")


def _finish(line: str) -> str:
    line = " ".join(line.replace(" ,", ",").split()).strip(" ,.;:")
    return f"{line[:1].upper()}{line[1:]}?"

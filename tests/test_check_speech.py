"""The checker and who said it: another speaker, none, or another kind of speech than the evidence has is caught.

Claims are made from the labelled articles: "P, X said." becomes "X said P", and then with another speaker of the same
article, with no speaker, or with another verb.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest
from speech_cases import DEV, TEST, Case, cases

from rag.check import Claim
from rag.check.rules import RulesChecker

_VERB = (
    r"(?:has |later |also |repeatedly )*(?:said|says|noted|added|argued|warned|claimed|alleged|denied|denies|disputes|"
    r"insisted|announced|predicts|estimates|believes|told \w+|wrote(?: on \w+(?: \w+)?)?|posted(?: on \w+)?)"
)
_FORMS = (
    r"^[“\"](?P<told>.+?)[,.]?[”\"] (?P<who>[^,“”]*{last}) {verb}\b[^“”]*\.$",
    r"^(?P<told>.+?), (?P<who>[^,“”]*{last}) {verb}(?: on \w+)?\.$",
    r"^According to (?P<who>[^,“”]*{last}), (?P<told>.+)\.$",
    r"^(?P<told>.+?), according to (?P<who>[^,“”]*{last})\.$",
    r"^(?:But )?(?P<who>[^,“”]*{last})(?:, [^,]*,)? {verb} (?:that )?(?P<told>[^“”]+)\.$",
)
_SMALL = frozenset(["The", "A", "Three", "Eleven", "Two", "Demand", "There", "Prices", "One", "No", "It", "July"])


def _parts(case: Case) -> tuple[str, str] | None:
    """(who, what is told) of a sentence in one of the common forms."""
    last = re.escape((case.speaker or "").split()[-1])
    for form in _FORMS:
        match = re.match(form.replace("{last}", last).replace("{verb}", _VERB), case.sentence)
        if match and len(match["told"].split()) > 2:
            return match["who"], match["told"]
    return None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _variants(case: Case, who: str, told: str, others: list[str]) -> list[tuple[str, str]]:
    """(kind, claim) pairs; kinds that begin with "same" say what the evidence says."""
    inner = told[0].lower() + told[1:] if told.split()[0] in _SMALL else told
    body = f"“{told}”" if case.sentence[0] in '“"' else inner
    denied = case.speech == "denied"
    verb = "denied that" if denied and "that " in case.sentence else "denied" if denied else "said"
    found = [("same", f"{_capital(who)} {verb} {body}."), ("dropped", f"{_capital(told)}.")]
    found += [("swapped", f"{_capital(other)} {verb} {body}.") for other in others]
    found += [("swapped", _capital(case.sentence.replace(who, other, 1))) for other in others]
    found += [("outlet", f"The newspaper reported that {inner}.")]
    if denied:
        return [*found, ("kind", f"{who} said {inner}."), ("kind", f"According to {who}, {inner}.")]
    found += [("same", f"According to {who}, {inner}.")] if body == inner else []
    found += [("swapped", f"According to {other}, {body}.") for other in others]
    return [*found, *(("kind", f"{who} {verb} that {inner}.") for verb in ("denied", "confirmed", "admitted"))]


def _claims(articles: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """(kind, claim, evidence) of every labelled sentence in a common form."""
    rows = []
    for article in articles:
        labelled = [case for case in cases((article,)) if case.speaker]
        speakers = list(dict.fromkeys(case.speaker or "" for case in labelled))
        for case in labelled:
            if parts := _parts(case):
                last = (case.speaker or "").split()[-1]
                others = [name for name in speakers if name.split()[-1] != last][:3]
                rows += [(kind, claim, case.sentence) for kind, claim in _variants(case, *parts, others)]
    return rows


@pytest.mark.parametrize("articles", [DEV, TEST], ids=["dev", "test"])
def test_another_speaker_none_or_another_kind_of_speech_is_caught(articles: tuple[str, ...]) -> None:
    rows = [row for row in _claims(articles) if row[0] != "same"]
    verdicts = RulesChecker().check([Claim(claim, (evidence,)) for _, claim, evidence in rows])
    assert min(Counter(kind for kind, _, _ in rows).values()) > 15
    assert sum(verdict.label != "supported" for verdict in verdicts) >= 0.98 * len(rows)


@pytest.mark.parametrize("articles", [DEV, TEST], ids=["dev", "test"])
def test_the_same_speaker_in_another_form_is_supported(articles: tuple[str, ...]) -> None:
    rows = [row for row in _claims(articles) if row[0] == "same"]
    verdicts = RulesChecker().check([Claim(claim, (evidence,)) for _, claim, evidence in rows])
    assert len(rows) > 35
    assert sum(verdict.label == "supported" for verdict in verdicts) >= 0.95 * len(rows)


def _label(claim: str, evidence: str) -> str:
    return RulesChecker().check([Claim(claim, (evidence,))])[0].label


@pytest.mark.parametrize("verb", ["claimed", "warned", "argued", "wrote"])
def test_whoever_claims_also_says(verb: str) -> None:
    assert _label("Anna Lund said the dam will break.", f"Anna Lund {verb} that the dam will break.") == "supported"


@pytest.mark.parametrize("verb", ["confirmed", "admitted", "acknowledged", "revealed"])
def test_who_only_said_it_has_not_confirmed_or_admitted_it(verb: str) -> None:
    evidence = "Anna Lund said that the dam had cracks in two places."
    assert _label(f"Anna Lund {verb} that the dam had cracks in two places.", evidence) == "unsupported"


def test_who_admitted_it_has_acknowledged_it() -> None:
    evidence = "Anna Lund admitted that the dam had cracks in two places."
    assert _label("Anna Lund acknowledged that the dam had cracks in two places.", evidence) == "supported"


def test_a_denial_is_no_statement_of_what_is_denied() -> None:
    evidence = "Anna Lund denied that the dam had cracks in two places."
    assert _label("Anna Lund said that the dam had cracks in two places.", evidence) == "contradicted"


@pytest.mark.parametrize(
    "evidence",
    ["Anna Lund, a nurse, said the dam holds 40 tons.", "Anna Lund, who lives there, said it holds 40 tons."],
)
def test_an_apposition_does_not_hide_who_says_it(evidence: str) -> None:
    told = evidence.partition(" said ")[2]
    assert _label(_capital(told), evidence) == "unsupported"
    assert _label(f"Anna Lund said {told}", evidence) == "supported"


def test_nobody_is_made_to_say_what_the_outlet_says() -> None:
    evidence = "The dam in Tarvik broke on Monday after Anna Lund had left the town."
    assert _label("According to Anna Lund, the dam in Tarvik broke on Monday.", evidence) == "unsupported"

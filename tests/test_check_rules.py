import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.check import Claim
from rag.check.rules import RulesChecker

SEIZED = "Colombia has seized more than 3,300 tons of cocaine since August 2022, Defense Minister Pedro Sánchez said on Monday."
SANCTION = (
    "The U.S. Treasury's Office of Foreign Assets Control (OFAC) imposed sanctions on President Gustavo Petro, his wife and "
    "his son on October 24, 2025."
)
DENIED = "Gustavo Petro denied that he attacked Donald Trump during the phone call."
FIRE = "At least 64 people were killed and 30 injured when a fire tore through a shopping mall in Kemerovo on Sunday."
PRICES = "Consumer prices rose 13% in March from a year earlier, the statistics office reported, after falling 2% in February."
COURT = "The court did not find the former mayor guilty of fraud."
STRIKE = "Israel struck a weapons depot in southern Lebanon late on Tuesday, killing two Hezbollah fighters."
BEAT = "Arsenal beat Chelsea 3-1 at the Emirates on Saturday."
PLAN = "The company plans to close its plant in Ohio next year, cutting about 1,200 jobs."
ALLEGED = "Maria Lopez allegedly stole $377 million from the pension fund between 2015 and 2019."
QUOTE = '"We will never accept threats from any foreign government," Petro told reporters in Bogotá.'
HIT = "The cyclist was hit by a bus near the station on Friday morning."
DEAL = "Parliament approved the trade deal by 212 votes to 180 after a debate of nine hours."
FLOOD = "Nearly 3,000 families lost their homes in the floods. The government promised each family $500."
BANK = "The central bank raised its main interest rate by half a point to 5.25 percent. Governor Anna Weber said inflation was too high."
MAY = "The volcano may erupt within days, scientists warned."
DRUG = "A study of 2,987 patients found that the drug lowered blood pressure. It had no effect on weight."

SUPPORTED = [
    ("verbatim", SEIZED, SEIZED),
    ("verbatim, other quotation marks", QUOTE.replace('"', "”"), QUOTE),
    ("verbatim second sentence", "It had no effect on weight.", DRUG),
    ("verbatim without full stop", BEAT.rstrip("."), BEAT),
    ("trim keeps the speaker", "Colombia has seized more than 3,300 tons of cocaine, Pedro Sánchez said.", SEIZED),
    (
        "trim: tonnes for tons",
        "Colombia has seized more than 3,300 tonnes of cocaine, Pedro Sánchez said on Monday.",
        SEIZED,
    ),
    (
        "speaker first",
        "Defense Minister Sánchez said Colombia has seized more than 3,300 tons of cocaine since 2022.",
        SEIZED,
    ),
    ("according to", "According to Sánchez, Colombia has seized more than 3,300 tons of cocaine.", SEIZED),
    ("entailed bound", "Sánchez said Colombia has seized over 3,300 tons of cocaine.", SEIZED),
    ("acronym", "OFAC imposed sanctions on Gustavo Petro and his wife.", SANCTION),
    ("country alias", "The US Treasury imposed sanctions on Petro in October 2025.", SANCTION),
    ("coarser date", "OFAC imposed sanctions on Petro in 2025.", SANCTION),
    ("passive of active", "Sanctions were imposed on Petro by OFAC on October 24, 2025.", SANCTION),
    ("denial kept", "Petro denied that he attacked Trump.", DENIED),
    ("denial kept, other form", "Petro denies he attacked Trump during the call.", DENIED),
    (
        "numbers with their nouns",
        "At least 64 people were killed and 30 injured in a fire at a shopping mall in Kemerovo.",
        FIRE,
    ),
    ("percent in words", "Consumer prices rose 13 percent in March, the statistics office reported.", PRICES),
    ("negation kept", "The court did not find the former mayor guilty.", COURT),
    ("negation contracted", "The court didn't find the former mayor guilty of fraud.", COURT),
    ("trim of a place", "Israel struck a weapons depot in Lebanon, killing two Hezbollah fighters.", STRIKE),
    (
        "number in digits",
        "Israel killed 2 Hezbollah fighters when it struck a weapons depot in southern Lebanon.",
        STRIKE,
    ),
    ("trim of a result", "Arsenal beat Chelsea 3-1.", BEAT),
    ("passive result", "Chelsea were beaten 3-1 by Arsenal on Saturday.", BEAT),
    ("plan kept", "The company plans to close its plant in Ohio next year.", PLAN),
    ("approximation kept", "The company plans to cut about 1,200 jobs in Ohio.", PLAN),
    ("allegation kept", "Lopez allegedly stole $377 million from the pension fund.", ALLEGED),
    ("money in another scale", "Lopez allegedly stole $0.377 billion from the pension fund.", ALLEGED),
    ("quote with its speaker", 'Petro said: "We will never accept threats from any foreign government."', QUOTE),
    ("active of passive", "A bus hit the cyclist near the station on Friday.", HIT),
    ("synonym", "Parliament passed the trade deal by 212 votes to 180.", DEAL),
    ("number word", "The debate in Parliament on the trade deal took 9 hours.", DEAL),
    (
        "merge of two sentences",
        "Nearly 3,000 families lost their homes in the floods and the government promised each $500.",
        FLOOD,
    ),
    ("merge with speaker", "Weber said inflation was too high, and the central bank raised its rate to 5.25%.", BANK),
    ("possibility kept", "Scientists warned that the volcano may erupt within days.", MAY),
    ("rounded with a word for it", "A study of about 3,000 patients found that the drug lowered blood pressure.", DRUG),
    ("no effect", "The drug had no effect on weight.", DRUG),
]
FALSE = [
    ("number", "contradicted", SEIZED.replace("3,300", "3,800"), SEIZED),
    ("number", "contradicted", "Nearly 5,000 families lost their homes in the floods.", FLOOD),
    ("number", "contradicted", "The central bank raised its main interest rate to 5.75 percent.", BANK),
    ("number", "contradicted", "Lopez allegedly stole $377 billion from the pension fund.", ALLEGED),
    ("number", "unsupported", "The company plans to close its plant in Ohio, which opened 40 years ago.", PLAN),
    ("unit", "any", "At least 64% of people were killed when a fire tore through a shopping mall in Kemerovo.", FIRE),
    ("unit", "any", "Colombia has seized more than 3,300 kilos of cocaine since August 2022, Sánchez said.", SEIZED),
    ("unit", "any", "Lopez allegedly stole €377 million from the pension fund.", ALLEGED),
    ("number swap", "contradicted", "At least 30 people were killed and 64 injured when a fire tore through a mall in Kemerovo.", FIRE),
    ("number swap", "contradicted", "Consumer prices rose 2% in March, the statistics office reported.", PRICES),
    ("bound", "any", "Sánchez said Colombia has seized less than 3,300 tons of cocaine.", SEIZED),
    ("bound", "any", "Exactly 64 people were killed when a fire tore through a shopping mall in Kemerovo.", FIRE),
    ("bound", "any", "More than 3,000 families lost their homes in the floods.", FLOOD),
    ("rounding", "any", "A study of 3,000 patients found that the drug lowered blood pressure.", DRUG),
    ("date", "contradicted", "OFAC imposed sanctions on Petro on October 25, 2025.", SANCTION),
    ("date", "contradicted", "OFAC imposed sanctions on Petro in 2024.", SANCTION),
    ("date", "contradicted", "Arsenal beat Chelsea 3-1 at the Emirates on Sunday.", BEAT),
    ("date", "unsupported", "A bus hit the cyclist near the station in 2021.", HIT),
    ("date", "unsupported", "The court yesterday did not find the former mayor guilty of fraud.", COURT),
    ("name", "any", "OFAC imposed sanctions on President Daniel Noboa, his wife and his son.", SANCTION),
    ("name", "any", "Israel struck a weapons depot in southern Syria late on Tuesday, killing two Hezbollah fighters.", STRIKE),
    ("name", "any", "Liverpool beat Chelsea 3-1 at the Emirates on Saturday.", BEAT),
    ("name", "any", "Maria Gomez allegedly stole $377 million from the pension fund.", ALLEGED),
    ("name", "any", "Biden denied that he attacked Trump during the phone call.", DENIED),
    ("negation", "contradicted", "The court found the former mayor guilty of fraud.", COURT),
    ("negation", "contradicted", "Arsenal did not beat Chelsea 3-1 at the Emirates.", BEAT),
    ("negation", "contradicted", "The drug had an effect on weight.", DRUG),
    ("negation", "contradicted", "Gustavo Petro attacked Donald Trump during the phone call.", DENIED),
    ("negation", "contradicted", "Parliament never approved the trade deal.", DEAL),
    ("cut out of a denial", "contradicted", "he attacked Donald Trump during the phone call", DENIED),
    ("opposite", "contradicted", "Parliament rejected the trade deal by 212 votes to 180.", DEAL),
    ("opposite", "contradicted", "The central bank cut its main interest rate by half a point.", BANK),
    ("opposite", "contradicted", "Israel struck a weapons depot in northern Lebanon late on Tuesday.", STRIKE),
    ("opposite", "any", "The company plans to open its plant in Ohio next year.", PLAN),
    ("opposite", "any", "A study of 2,987 patients found that the drug raised blood pressure.", DRUG),
    ("allegation dropped", "unsupported", "Maria Lopez stole $377 million from the pension fund.", ALLEGED),
    ("plan dropped", "unsupported", "The company closed its plant in Ohio.", PLAN),
    ("possibility dropped", "unsupported", "The volcano will erupt within days, scientists warned.", MAY),
    ("possibility dropped", "unsupported", "The volcano erupts within days.", MAY),
    ("allegation added", "unsupported", "Arsenal allegedly beat Chelsea 3-1 at the Emirates.", BEAT),
    ("speaker dropped", "unsupported", "Colombia has seized more than 3,300 tons of cocaine since August 2022.", SEIZED),
    ("speaker dropped", "unsupported", "Inflation was too high.", BANK),
    ("speaker dropped", "unsupported", "Colombia will never accept threats from any foreign government.", QUOTE),
    ("other speaker", "contradicted", "Finance Minister Germán Ávila said Colombia has seized more than 3,300 tons of cocaine.", SEIZED),
    ("other speaker", "contradicted", '"We will never accept threats from any foreign government," Trump told reporters.', QUOTE),
    ("speaker added", "unsupported", "Arsenal said they beat Chelsea 3-1 at the Emirates on Saturday.", BEAT),
    ("quote altered", "unsupported", 'Petro said: "We will never accept any threats from foreign governments."', QUOTE),
    ("quote invented", "unsupported", 'The court did not find the former mayor guilty, citing "a lack of credible evidence".', COURT),
    ("roles", "contradicted", "Chelsea beat Arsenal 3-1 at the Emirates on Saturday.", BEAT),
    ("roles", "contradicted", "The bus was hit by a cyclist near the station on Friday morning.", HIT),
    ("roles", "any", "Hezbollah struck a weapons depot in southern Lebanon, killing two Israel fighters.", STRIKE),
    ("unrelated", "unsupported", "The film festival opens with a comedy about a family of bakers.", BEAT),
    ("unrelated", "unsupported", "Farmers hope that rain will come soon.", FIRE),
    ("added detail", "unsupported", "Arsenal beat Chelsea 3-1 thanks to an early goal and a brilliant save.", BEAT),
    ("added cause", "unsupported", "A fire caused by faulty wiring killed at least 64 people in Kemerovo.", FIRE),
    ("word changed", "any", "The cyclist was hit by a train near the station on Friday morning.", HIT),
    ("word changed", "any", "Parliament approved the defence deal by 212 votes to 180.", DEAL),
]  # fmt: skip


def check(claim, *evidence):
    return RulesChecker().check([Claim(claim, evidence)])[0]


@pytest.mark.parametrize(("kind", "claim", "evidence"), SUPPORTED, ids=[c[0] for c in SUPPORTED])
def test_claim_that_the_evidence_says_is_supported(kind, claim, evidence):
    verdict = check(claim, evidence)
    assert (verdict.label, verdict.reason) == ("supported", "")
    assert verdict.score >= 0.5


@pytest.mark.parametrize(("kind", "label", "claim", "evidence"), FALSE, ids=[f"{c[0]}: {c[2][:40]}" for c in FALSE])
def test_falsified_claim_is_not_supported(kind, label, claim, evidence):
    verdict = check(claim, evidence)
    assert verdict.label != "supported"
    assert label in (verdict.label, "any")
    assert verdict.score < 0.5
    assert verdict.reason
    assert "\n" not in verdict.reason


def test_sentence_inside_a_longer_quotation_needs_its_speaker():
    span = '"We are ready. The border stays closed tonight. Nobody gets in," the minister said.'
    assert check("The border stays closed tonight.", span).label != "supported"


def test_part_of_a_conditional_is_not_supported():
    span = "If the talks fail, the army will cross the river."
    assert check("The army will cross the river.", span).label != "supported"


def test_no_citation_is_unsupported_with_score_zero():
    for evidence in ((), ("",), (" \n",)):
        verdict = check("Arsenal beat Chelsea.", *evidence)
        assert (verdict.label, verdict.score, verdict.reason) == ("unsupported", 0.0, "no citation")


def test_empty_claim_is_unsupported():
    assert check(" ... ", BEAT).label == "unsupported"


def test_verbatim_sentence_scores_one():
    assert check(BEAT, FIRE, BEAT).score == 1.0


def test_the_question_lends_no_facts():
    assert RulesChecker().check([Claim("Petro met Trump.", (BEAT,), "Did Petro meet Trump?")])[0].label == "unsupported"


def test_facts_of_two_spans_may_be_merged():
    assert check("Arsenal beat Chelsea 3-1 and a bus hit the cyclist near the station.", BEAT, HIT).label == "supported"


ALL = [
    SEIZED,
    SANCTION,
    DENIED,
    FIRE,
    PRICES,
    COURT,
    STRIKE,
    BEAT,
    PLAN,
    ALLEGED,
    QUOTE,
    HIT,
    DEAL,
    FLOOD,
    BANK,
    MAY,
    DRUG,
]


@given(st.permutations(ALL), st.integers(0, len(ALL) - 1))
def test_whole_sentences_of_the_evidence_are_supported(spans, which):
    evidence = " ".join(spans)
    assert check(spans[which], evidence) == check(spans[which], *spans)
    assert check(spans[which], evidence).label == "supported"


@given(st.sampled_from([s for s in ALL if re.search(r"\d", s)]), st.data())
def test_changing_a_digit_is_never_supported(sentence, data):
    at = data.draw(st.sampled_from([m.start() for m in re.finditer(r"\d", sentence)]))
    digit = data.draw(st.sampled_from([d for d in "123456789" if d != sentence[at]]))
    assert check(sentence[:at] + digit + sentence[at + 1 :], sentence).label != "supported"


@given(st.sampled_from([s for s in ALL if re.search(r"\b(?:was|were|has|had|may|did|will)\b", s)]), st.data())
def test_inserting_not_is_never_supported(sentence, data):
    at = data.draw(st.sampled_from([m.end() for m in re.finditer(r"\b(?:was|were|has|had|may|did|will)\b", sentence)]))
    assume(not sentence[at:].startswith(" not"))
    assert check(sentence[:at] + " not" + sentence[at:], sentence).label != "supported"


@given(st.text(max_size=80))
def test_without_evidence_nothing_is_supported(claim):
    assert check(claim).label == "unsupported"


@given(st.permutations([Claim(c, (e,)) for _, _, c, e in FALSE[:12]] + [Claim(c, (e,)) for _, c, e in SUPPORTED[:12]]))
def test_verdicts_do_not_depend_on_the_order_of_the_batch(claims):
    together = RulesChecker().check(claims)
    assert together == [RulesChecker().check([claim])[0] for claim in claims]


@given(st.text(max_size=120), st.lists(st.text(max_size=120), max_size=3))
def test_any_text_gets_a_verdict_in_range(claim, evidence):
    verdict = check(claim, *evidence)
    assert 0 <= verdict.score <= 1
    assert (verdict.label == "supported") == (verdict.score >= 0.5)


PIECES = [
    "$",
    "5",
    "3,300",
    "1.2.3",
    "²",
    "½",
    "2024",
    "May",
    "31",
    "-",
    ",",
    ".",
    '"',
    "'",
    "(",
    ")",
    "%",
    "st",
    "bn",
    "million",
    "dozen",
    "and",
    "a",
    "not",
    "said",
    "according",
    "to",
    "U.S.",
    "by",
    "was",
    "١٢",
    "İ",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
)
def test_scraps_of_numbers_dates_and_marks_get_a_verdict(claim, evidence):
    assert check(claim, evidence).label in ("supported", "unsupported", "contradicted")

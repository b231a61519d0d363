import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rag.check import Claim
from rag.check.rules import RulesChecker

SEIZED = (
    "Colombia has seized more than 3,300 tons of cocaine since August 2022, Defense Minister "
    "Pedro Sánchez said on Monday."
)
SANCTION = (
    "The U.S. Treasury's Office of Foreign Assets Control (OFAC) imposed sanctions on President Gustavo Petro, "
    "his wife and his son on October 24, 2025."
)
DENIED = "Gustavo Petro denied that he attacked Donald Trump during the phone call."
FIRE = "At least 64 people were killed and 30 injured when a fire tore through a shopping mall in Kemerovo on Sunday."
PRICES = (
    "Consumer prices rose 13% in March from a year earlier, the statistics office reported, "
    "after falling 2% in February."
)
COURT = "The court did not find the former mayor guilty of fraud."
STRIKE = "Israel struck a weapons depot in southern Lebanon late on Tuesday, killing two Hezbollah fighters."
BEAT = "Arsenal beat Chelsea 3-1 at the Emirates on Saturday."
PLAN = "The company plans to close its plant in Ohio next year, cutting about 1,200 jobs."
ALLEGED = "Maria Lopez allegedly stole $377 million from the pension fund between 2015 and 2019."
QUOTE = '"We will never accept threats from any foreign government," Petro told reporters in Bogotá.'
HIT = "The cyclist was hit by a bus near the station on Friday morning."
DEAL = "Parliament approved the trade deal by 212 votes to 180 after a debate of nine hours."
FLOOD = "Nearly 3,000 families lost their homes in the floods. The government promised each family $500."
BANK = (
    "The central bank raised its main interest rate by half a point to 5.25 percent. Governor "
    "Anna Weber said inflation was too high."
)
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
    (
        "number swap",
        "contradicted",
        "At least 30 people were killed and 64 injured when a fire tore through a mall in Kemerovo.",
        FIRE,
    ),
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
    (
        "name",
        "any",
        "Israel struck a weapons depot in southern Syria late on Tuesday, killing two Hezbollah fighters.",
        STRIKE,
    ),
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
    (
        "speaker dropped",
        "unsupported",
        "Colombia has seized more than 3,300 tons of cocaine since August 2022.",
        SEIZED,
    ),
    ("speaker dropped", "unsupported", "Inflation was too high.", BANK),
    ("speaker dropped", "unsupported", "Colombia will never accept threats from any foreign government.", QUOTE),
    (
        "other speaker",
        "contradicted",
        "Finance Minister Germán Ávila said Colombia has seized more than 3,300 tons of cocaine.",
        SEIZED,
    ),
    (
        "other speaker",
        "contradicted",
        '"We will never accept threats from any foreign government," Trump told reporters.',
        QUOTE,
    ),
    ("speaker added", "unsupported", "Arsenal said they beat Chelsea 3-1 at the Emirates on Saturday.", BEAT),
    ("quote altered", "unsupported", 'Petro said: "We will never accept any threats from foreign governments."', QUOTE),
    (
        "quote invented",
        "unsupported",
        'The court did not find the former mayor guilty, citing "a lack of credible evidence".',
        COURT,
    ),
    ("roles", "contradicted", "Chelsea beat Arsenal 3-1 at the Emirates on Saturday.", BEAT),
    ("roles", "contradicted", "The bus was hit by a cyclist near the station on Friday morning.", HIT),
    ("roles", "any", "Hezbollah struck a weapons depot in southern Lebanon, killing two Israel fighters.", STRIKE),
    ("unrelated", "unsupported", "The film festival opens with a comedy about a family of bakers.", BEAT),
    ("unrelated", "unsupported", "Farmers hope that rain will come soon.", FIRE),
    ("added detail", "unsupported", "Arsenal beat Chelsea 3-1 thanks to an early goal and a brilliant save.", BEAT),
    ("added cause", "unsupported", "A fire caused by faulty wiring killed at least 64 people in Kemerovo.", FIRE),
    ("word changed", "any", "The cyclist was hit by a train near the station on Friday morning.", HIT),
    ("word changed", "any", "Parliament approved the defence deal by 212 votes to 180.", DEAL),
]

CALLED = "Trump called Petro an illegal drug leader and said he would end U.S. payments to Colombia."
TOLL = "The strike killed 14 people, according to Hamas officials, while the army said it hit a command centre."
MOVED = "Smith, who was born in Leeds in 1980, moved to Paris in 1999."
TRADE = "Exports to China fell 8% while exports to Japan rose 4%."
UNHURT = "No one was injured in the blast, which damaged several homes."
SPIED = "The minister rejected claims that the government had spied on journalists."
GIFTS = "The senator failed to disclose the gifts before the vote."
HALT = "The EU has called on Israel to halt the offensive, but Germany opposed sanctions."
RESIGNED = (
    "Anna Weber, chief executive of Nordbank, resigned after the audit. Her deputy, Paul Stein, takes over in June."
)
NEVER = "“I never took money from the cartel,” said Lopez, a former mayor."
SUPPORTED += [
    ("what one speaker said", "Trump said he would end U.S. payments to Colombia.", CALLED),
    ("speaker of two", "Hamas officials said the strike killed 14 people.", TOLL),
    ("relative clause", "Smith was born in Leeds in 1980.", MOVED),
    ("second clause", "Exports to Japan rose 4%.", TRADE),
    ("clause beside a negation", "The blast damaged several homes.", UNHURT),
    ("failed to is did not", "The senator did not disclose the gifts before the vote.", GIFTS),
    ("clause after but", "Germany opposed sanctions.", HALT),
    ("last name", "Weber resigned after the audit.", RESIGNED),
    ("reported speech", "Lopez said she never took money from the cartel.", NEVER),
]
FALSE += [
    ("called", "unsupported", "Petro is an illegal drug leader.", CALLED),
    ("would", "unsupported", "The US will end payments to Colombia.", CALLED),
    ("speaker of two", "any", "The army said the strike killed 14 people.", TOLL),
    ("speaker of two", "any", "Petro said he would end payments to Colombia.", CALLED),
    ("speaker dropped", "unsupported", "The strike killed 14 people.", TOLL),
    ("date of something else", "any", "Smith moved to Paris in 1980.", MOVED),
    ("place of something else", "any", "Smith was born in Paris.", MOVED),
    ("clauses mixed", "any", "Exports to China rose 4%.", TRADE),
    ("clauses mixed", "any", "Exports to Japan fell 8%.", TRADE),
    ("no one is several", "any", "Several people were injured in the blast.", UNHURT),
    ("rejected claims", "contradicted", "The government had spied on journalists.", SPIED),
    ("failed to", "contradicted", "The senator disclosed the gifts before the vote.", GIFTS),
    ("doer", "any", "Germany called on Israel to halt the offensive.", HALT),
    ("doer", "any", "The EU opposed sanctions.", HALT),
    ("doer", "any", "Paul Stein resigned after the audit.", RESIGNED),
    ("doer", "any", "Anna Weber takes over in June.", RESIGNED),
    ("quotation as fact", "unsupported", "Lopez never took money from the cartel.", NEVER),
    (
        "no evidence",
        "any",
        "The drug causes harm, a study found.",
        "There is no evidence that the drug causes harm, a study found.",
    ),
    ("only some", "any", "All 40 schools reopened on Monday.", "Only 12 of the 40 schools reopened on Monday."),
    ("from and to", "any", "Unemployment fell to 4.3% in May.", "Unemployment fell to 4.1% from 4.3% in May."),
    (
        "suspected",
        "unsupported",
        "Diaz killed his neighbour in July.",
        "Diaz is suspected of killing his neighbour in July.",
    ),
    (
        "would have",
        "any",
        "The bill banned ads for gambling.",
        "The bill, which would have banned ads for gambling, was defeated.",
    ),
]

NEWS = (
    "Ecuador's president, Daniel Noboa, declared an emergency in seven provinces after 11 police officers were killed.",
    "Apple's revenue rose 6% to $95.4 billion, beating forecasts of $94.2 billion.",
    "Prosecutors say Khan sold weapons to the militia; his lawyer, Omar Reyes, called the charges baseless.",
    "The WHO said it had found no sign that the virus spreads between people.",
    "The storm weakened before it reached Florida, sparing Tampa the worst.",
    "Mercosur and the EU signed the trade pact in December after 25 years of talks.",
    "The mayor has not ruled out a third term.",
    "Police fired tear gas at protesters who threw stones near the parliament in Nairobi.",
    "Inflation is expected to slow to 3% by the end of 2026, the bank said on Thursday.",
    "Oil fell to $61 a barrel on Monday from $66 a week earlier.",
)
PAIRS = [
    (True, "Daniel Noboa declared an emergency in seven provinces.", NEWS[0]),
    (False, "Daniel Noboa declared an emergency in 11 provinces.", NEWS[0]),
    (False, "Seven police officers were killed in Ecuador.", NEWS[0]),
    (False, "Daniel Noboa was killed.", NEWS[0]),
    (True, "Ecuador's president declared an emergency after 11 police officers were killed.", NEWS[0]),
    (False, "Apple's revenue rose 6% to $94.2 billion.", NEWS[1]),
    (True, "Apple's revenue rose 6% to $95.4 billion.", NEWS[1]),
    (False, "Apple's revenue fell 6% to $95.4 billion.", NEWS[1]),
    (False, "Apple forecasts revenue of $95.4 billion.", NEWS[1]),
    (False, "Khan sold weapons to the militia.", NEWS[2]),
    (False, "Reyes sold weapons to the militia, prosecutors say.", NEWS[2]),
    (True, "Prosecutors say Khan sold weapons to the militia.", NEWS[2]),
    (False, "The charges are baseless.", NEWS[2]),
    (True, "Khan's lawyer, Omar Reyes, called the charges baseless.", NEWS[2]),
    (False, "The virus spreads between people, the WHO said.", NEWS[3]),
    (False, "The WHO found that the virus spreads between people.", NEWS[3]),
    (False, "The storm strengthened before it reached Florida.", NEWS[4]),
    (False, "The storm weakened after it reached Florida.", NEWS[4]),
    (True, "The storm weakened before it reached Florida.", NEWS[4]),
    (False, "The storm weakened before it reached Tampa.", NEWS[4]),
    (True, "The EU and Mercosur signed the trade pact in December.", NEWS[5]),
    (False, "The EU and China signed the trade pact in December.", NEWS[5]),
    (False, "Mercosur and the EU signed the trade pact after 25 days of talks.", NEWS[5]),
    (False, "Mercosur and the EU could sign the trade pact.", NEWS[5]),
    (False, "The mayor has ruled out a third term.", NEWS[6]),
    (False, "The mayor will seek a third term.", NEWS[6]),
    (False, "Protesters fired tear gas at police near the parliament in Nairobi.", NEWS[7]),
    (False, "Police threw stones near the parliament in Nairobi.", NEWS[7]),
    (True, "Police fired tear gas at protesters near the parliament in Nairobi.", NEWS[7]),
    (False, "Inflation slowed to 3% by the end of 2026, the bank said.", NEWS[8]),
    (True, "The bank said inflation is expected to slow to 3% by the end of 2026.", NEWS[8]),
    (False, "Oil fell to $66 a barrel on Monday.", NEWS[9]),
    (True, "Oil fell to $61 a barrel on Monday.", NEWS[9]),
]

CALM = settings(derandomize=True, deadline=None)


def check(claim, *evidence):
    return RulesChecker().check([Claim(claim, evidence)])[0]


@pytest.mark.parametrize(("claim", "evidence"), [c[1:] for c in SUPPORTED], ids=[c[0] for c in SUPPORTED])
def test_claim_that_the_evidence_says_is_supported(claim, evidence):
    verdict = check(claim, evidence)
    assert (verdict.label, verdict.reason) == ("supported", "")
    assert verdict.score >= 0.5


@pytest.mark.parametrize(("label", "claim", "evidence"), [c[1:] for c in FALSE], ids=[c[0] for c in FALSE])
def test_falsified_claim_is_not_supported(label, claim, evidence):
    verdict = check(claim, evidence)
    assert verdict.label != "supported"
    assert label in (verdict.label, "any")
    assert verdict.score < 0.5
    assert verdict.reason
    assert "\n" not in verdict.reason


@pytest.mark.parametrize(("said", "claim", "evidence"), PAIRS)
def test_claim_passes_only_when_the_sentence_says_it(said, claim, evidence):
    assert (check(claim, evidence).label == "supported") is said


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


@CALM
@given(st.permutations(ALL), st.integers(0, len(ALL) - 1))
def test_whole_sentences_of_the_evidence_are_supported(spans, which):
    evidence = " ".join(spans)
    assert check(spans[which], evidence) == check(spans[which], *spans)
    assert check(spans[which], evidence).label == "supported"


@CALM
@given(st.sampled_from([s for s in ALL if re.search(r"\d", s)]), st.data())
def test_changing_a_digit_is_never_supported(sentence, data):
    at = data.draw(st.sampled_from([m.start() for m in re.finditer(r"\d", sentence)]))
    digit = data.draw(st.sampled_from([d for d in "123456789" if d != sentence[at]]))
    assert check(sentence[:at] + digit + sentence[at + 1 :], sentence).label != "supported"


@CALM
@given(st.sampled_from([s for s in ALL if re.search(r"\b(?:was|were|has|had|may|did|will)\b", s)]), st.data())
def test_inserting_not_is_never_supported(sentence, data):
    at = data.draw(st.sampled_from([m.end() for m in re.finditer(r"\b(?:was|were|has|had|may|did|will)\b", sentence)]))
    assume(not sentence[at:].startswith(" not"))
    assert check(sentence[:at] + " not" + sentence[at:], sentence).label != "supported"


@CALM
@given(st.text(max_size=80))
def test_without_evidence_nothing_is_supported(claim):
    assert check(claim).label == "unsupported"


@CALM
@given(st.permutations([Claim(c, (e,)) for _, _, c, e in FALSE[:12]] + [Claim(c, (e,)) for _, c, e in SUPPORTED[:12]]))
def test_verdicts_do_not_depend_on_the_order_of_the_batch(claims):
    together = RulesChecker().check(claims)
    assert together == [RulesChecker().check([claim])[0] for claim in claims]


@CALM
@given(st.text(max_size=120), st.lists(st.text(max_size=120), max_size=3))
def test_any_text_gets_a_verdict_in_range(claim, evidence):
    verdict = check(claim, *evidence)
    assert 0 <= verdict.score <= 1
    assert (verdict.label == "supported") == (verdict.score >= 0.5)


PIECES = re.split(
    " ",
    "$ 5 3,300 1.2.3 ² ½ 2024 May 31 - , . \" ' ( ) % st bn million dozen and a not said according to U.S. by was ١٢ İ",
)


@CALM
@given(
    st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
)
def test_scraps_of_numbers_dates_and_marks_get_a_verdict(claim, evidence):
    assert check(claim, evidence).label in ("supported", "unsupported", "contradicted")

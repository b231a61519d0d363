"""Yes/no questions and assumptions against evidence: labelled cases over invented news, figures on both halves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import make

from rag.extract import Candidate
from rag.premise import reply
from rag.premise.declarative import presupposed, statement

# Question, sentences best first, what is right ("-": nothing may be said). A "|" parts a sentence from the one before
# it, which stays its lead. Odd places were used while the rules were written, even ones only to measure them.
CASES: list[tuple[str, list[str], str]] = [
    ("Was Ola Berg invited to the summit?", ["Ola Berg was not invited to the summit in Lysvik."], "no"),
    ("Was Ola Berg invited to the summit?", ["Organisers left Berg off the list, and he was never invited."], "-"),
    ("Was Ola Berg invited to the summit?", ["Ola Berg was invited to the summit by the mayor."], "yes"),
    ("Was Mette Holm invited to the gala?", ["Mette Holm was never formally invited to the gala."], "no"),
    ("Was Ola Berg invited to the summit?", ["Ola Berg was not invited to the dinner before the summit."], "-"),
    ("Was Mette Holm invited to the gala?", ["Mette Holm was invited to the gala but stayed at home."], "yes"),
    ("Did Berg accept the offer?", ["Berg rejected the offer on Monday."], "no"),
    ("Did Holm accept the plan?", ["Holm dismissed the plan as a waste of money."], "no"),
    ("Did Berg accept the offer?", ["Berg rejected criticism of the offer."], "-"),
    ("Did Holm accept the plan?", ["Holm rejected calls to delay the plan."], "-"),
    ("Did Berg accept the offer?", ["Berg accepted the offer in March."], "yes"),
    ("Did Holm sign the treaty?", ["Holm signed the treaty in Lysvik."], "yes"),
    ("Did Berg accept the offer?", ["Berg denied that he had accepted the offer."], "-"),
    ("Did Holm sign the treaty?", ["Holm denied having signed the treaty."], "-"),
    ("Did salmon farming grow in 2024?", ["Salmon farming fell in 2024 by a tenth."], "no"),
    ("Did unemployment fall in 2023?", ["Unemployment rose in 2023 for the third year in a row."], "no"),
    ("Did salmon farming grow in 2024?", ["Salmon farming fell in 2022 by a tenth."], "-"),
    ("Did unemployment fall in 2023?", ["Unemployment rose in 2021 and stayed high."], "-"),
    ("Did salmon farming grow in 2024?", ["In 2024 salmon farming grew for the first time."], "yes"),
    ("Did exports fall last year?", ["Exports fell sharply last year, the statistics office reported."], "-"),
    ("Did salmon farming grow in 2024?", ["Cod catches fell in 2024 while salmon farming held steady."], "-"),
    ("Did imports rise in 2020?", ["Exports fell in 2020, and imports were flat."], "-"),
    ("Did Norrland sign the fishing pact?", ["Norrland refused to sign the fishing pact."], "no"),
    ("Did Vestland join the alliance?", ["Vestland declined to join the alliance."], "no"),
    ("Did Norrland sign the fishing pact?", ["Norrland did not just sign the fishing pact, it wrote it."], "-"),
    ("Did Vestland join the alliance?", ["Vestland would not join the alliance unless the tax is cut."], "-"),
    ("Did the minister resign?", ["The minister did not resign over the affair."], "no"),
    ("Did the mayor resign?", ["The mayor has not resigned."], "no"),
    ("Did the minister resign?", ["The minister did not resign until Friday."], "-"),
    ("Did the mayor resign?", ["The mayor said that he would not resign."], "-"),
    ("Did the minister resign?", ["The minister resigned on Friday after two years in office."], "yes"),
    ("Did the mayor resign?", ["The deputy of the mayor resigned on Friday."], "-"),
    ("Did Holm invite Berg?", ["Berg did not invite Holm."], "-"),
    ("Did Quist sue Lund?", ["Lund sued Quist in May."], "-"),
    ("Did Holm invite Berg?", ["Berg was not invited by Holm."], "no"),
    ("Did Quist sue Lund?", ["Lund was sued by Quist in May."], "yes"),
    ("Was Berg invited by Holm?", ["Holm did not invite Berg."], "no"),
    ("Was Lund sued by Quist?", ["Quist never sued Lund."], "no"),
    ("Did Berg attend the funeral?", ["Mette Holm spoke for the family.|She did not attend the funeral."], "-"),
    ("Did Holm attend the hearing?", ["Mette Holm leads the union.|She did not attend the hearing."], "no"),
    ("Did Berg attend the funeral?", ["Ola Berg flew home on Monday.|He did not attend the funeral."], "no"),
    ("Did Holm attend the hearing?", ["Holm thanked Mrs Lund for her help.|She did not attend the hearing."], "-"),
    ("Is the bridge open?", ["The bridge is closed until May."], "-"),
    ("Is the tunnel open?", ["The tunnel is closed."], "no"),
    ("Is hunting legal in Norrland?", ["Hunting is illegal in Norrland."], "no"),
    ("Is whaling legal in Vestland?", ["Whaling is legal in Vestland under a law of 1990."], "yes"),
    ("Is hunting legal in Norrland?", ["Hunting is illegal in Vestland."], "-"),
    ("Is whaling legal in Vestland?", ["Whaling is not legal in Norrland."], "-"),
    ("Was Berg convicted of fraud?", ["Berg was acquitted of fraud in June."], "no"),
    ("Was Lund acquitted of theft?", ["Lund was convicted of theft."], "no"),
    ("Was Berg convicted of fraud?", ["Berg was convicted of theft and acquitted of fraud."], "no"),
    ("Was Lund found guilty?", ["Lund pleaded not guilty."], "-"),
    ("Was Berg convicted of fraud?", ["Berg, a former banker, was convicted of fraud."], "yes"),
    ("Was Lund acquitted of theft?", ["The lawyer of Lund was acquitted of theft."], "-"),
    ("Did Berg accept the offer?", ["Berg first rejected the offer.", "Berg accepted the offer in May."], "-"),
    ("Did Holm sign the treaty?", ["Holm refused to sign the treaty.", "Holm signed the treaty."], "-"),
    ("Did Berg accept the offer?", ["The offer was rejected by Berg."], "no"),
    ("Did Holm approve the budget?", ["The budget was approved by Holm."], "yes"),
    ("Has Norrland ratified the accord?", ["Norrland has not yet ratified the accord."], "no"),
    ("Has Vestland lifted the ban?", ["Vestland has lifted the ban on herring."], "yes"),
    ("Has Norrland ratified the accord?", ["Critics say Norrland has not ratified the accord."], "-"),
    ("Has Vestland lifted the ban?", ["Vestland may have lifted the ban, officials said."], "-"),
    ("Does the ferry still run?", ["The ferry no longer runs."], "no"),
    ("Does the museum charge visitors?", ["The museum does not charge visitors."], "no"),
    ("Did the court block the sale?", ["The court allowed the sale to go ahead."], "no"),
    ("Did the council close the school?", ["The council kept the school open."], "-"),
    ("Is it true that Berg sold the harbour?", ["Berg never sold the harbour."], "no"),
    ("Is it true that Lund bought the yard?", ["Lund sold the yard in 2019."], "-"),
    ("Did Berg win the election?", ["Berg lost the election by 400 votes."], "no"),
    ("Did Lund win the election?", ["Lund lost her seat in the election."], "-"),
    ("Did Berg win the election?", ["Nobody won the election outright, and Berg fell behind."], "-"),
    ("Did Lund win the vote?", ["Lund narrowly won the vote."], "yes"),
    ("Why did Berg accept the offer?", ["Berg rejected the offer on Monday."], "corrected"),
    ("Why did Holm skip the summit?", ["Holm attended the summit in Lysvik."], "corrected"),
    ("Why did Berg accept the offer?", ["Berg took the offer because he needed money."], "-"),
    ("Why did Holm skip the summit?", ["Holm stayed away from the summit out of protest."], "-"),
    ("When did unemployment fall?", ["Unemployment rose in every year."], "corrected"),
    ("When did Norrland sign the pact?", ["Norrland has never signed the pact."], "corrected"),
    ("When did unemployment fall?", ["Unemployment rose until 2019 and then fell."], "-"),
    ("When did Norrland sign the pact?", ["Norrland became party to the pact in 2011."], "-"),
    ("Why was Berg invited to the summit?", ["Berg was not invited to the summit."], "corrected"),
    ("Where was Lund arrested?", ["Lund was not arrested."], "corrected"),
    ("Why was Berg invited to the summit?", ["Berg was asked to come because of his ships."], "-"),
    ("Where was Lund arrested?", ["Police took Lund into custody in Lysvik."], "-"),
    ("Why didn't Berg sign the pact?", ["Berg signed the pact in May."], "corrected"),
    ("Why did Lund not attend the talks?", ["Lund attended the talks in Lysvik."], "corrected"),
    ("Why didn't Berg sign the pact?", ["Berg refused to sign the pact because of the fees."], "-"),
    ("Why did Lund not attend the talks?", ["Lund stayed home, ill with flu, while the talks went on."], "-"),
    ("Who replaced Berg after his resignation?", ["Berg did not resign.", "Lund leads the bank."], "corrected"),
    ("What did Holm say after Lund resigned?", ["Lund has not resigned."], "corrected"),
    ("Who replaced Berg after his resignation?", ["Holm took the post when Berg stepped down."], "-"),
    ("What did Holm say after Lund resigned?", ["Holm praised Lund when she quit."], "-"),
    (
        "When did Ola Berg resign?",
        ["Ola Berg opened the new harbour on Monday.", "Berg wants the harbour to pay its way."],
        "unfounded",
    ),
    (
        "How did the city react to Mette Holm's arrest?",
        ["Mette Holm presented her novel in the city.", "The city gave Holm a prize for the novel."],
        "unfounded",
    ),
    ("When did Ola Berg resign?", ["Ola Berg opened the harbour.", "Berg gave up the chair in May."], "-"),
    ("Why was Holm arrested?", ["Mette Holm was taken into custody over unpaid fines.", "Holm paid in full."], "-"),
    ("When did Ola Berg die?", ["Ola Berg runs the harbour.", "Berg's funeral was held in Lysvik."], "-"),
    ("How did Mette Holm die?", ["Mette Holm runs the theatre.", "Holm was in good spirits, said Lund."], "unfounded"),
    ("When did Ola Berg die?", ["Ola Berg opened the harbour.", "Berg will run it himself."], "unfounded"),
    ("When did Jon Quist die?", ["The harbour was opened on Monday."], "-"),
    ("Why did Ola Berg resign?", ["Ola Berg opened the harbour.", "His departure, Berg said, is overdue."], "-"),
    ("Why did Mette Holm resign?", ["Holm sings in a choir.", "Holm lives in Lysvik with three cats."], "unfounded"),
    ("How many tons did Norrland seize?", ["Norrland did not seize the ship."], "-"),
    ("Who is Ola Berg?", ["Ola Berg is not a lawyer."], "-"),
    ("Did aid go up or down in 2022?", ["Aid fell in 2022."], "-"),
    ("Can you tell me whether Berg resigned?", ["Berg did not resign."], "-"),
    ("Did Berg visit Vestland?", ["Berg visited Norrland."], "-"),
    ("Did Lund praise the report?", ["Lund criticised the report."], "no"),
    ("Did Berg praise the report?", ["Berg criticised the minister over the report."], "-"),
    ("Did Lund leave the party?", ["Lund joined the party in 2001."], "-"),
    ("Did the strike end in May?", ["The strike began in May."], "-"),
    ("Will Berg attend the hearing?", ["Berg will not attend the hearing."], "no"),
    ("Was anyone hurt in the fire?", ["Nobody was hurt in the fire."], "no"),
    ("Were any sailors hurt in the crash?", ["No sailors were hurt in the crash."], "no"),
    ("Did police find a weapon?", ["Police found no weapon."], "no"),
    ("Did Lund receive money from the bank?", ["Lund received no money from the bank."], "no"),
    ("Was Norrland invited to the summit?", ["Norrland received no invitation to the summit."], "no"),
    ("Was Vestland invited to the talks?", ["Vestland got no invitation to the talks."], "no"),
    ("Was Norrland invited to the summit?", ["Norrland sent no invitation to the summit."], "-"),
    (
        "Was Vestland invited to the talks?",
        ["Vestland, one of the states that were not invited to the talks, protested."],
        "no",
    ),
    ("Was Lund pardoned?", ["Lund had been pardoned when the law was changed."], "yes"),
    ("Was Berg pardoned?", ["Lund, not Berg, was pardoned."], "-"),
    ("Did Berg keep his seat?", ["Berg had lost his seat in 2010."], "-"),
    ("Did Lund accept the award?", ["Lund had rejected the award in 1999."], "-"),
    ("Is Ola Berg the mayor of Lysvik?", ["Ola Berg is the mayor of Lysvik."], "yes"),
    ("Is Mette Holm a doctor?", ["Mette Holm is not a doctor."], "no"),
]


def candidates(sentences: list[str]) -> list[Candidate]:
    """One article, a paragraph a sentence; what stands before "|" is the lead."""
    text = "\n".join(sentence.replace("|", " ") for sentence in sentences)
    article = make(text, "/n/a", title="News of the day")
    found = []
    for sentence in sentences:
        lead, _, told = sentence.rpartition("|")
        start = text.index(told)
        found.append(
            Candidate(
                article,
                start,
                start + len(told),
                (text.index(lead), text.index(lead) + len(lead)) if lead else None,
                0.0,
            )
        )
    return found


def verdicts(half: int) -> list[tuple[str, str, str]]:
    """Question, what is right and what was said, of the cases at odd (1) or even (0) places."""
    found = []
    for place, (question, sentences, right) in enumerate(CASES, start=1):
        if place % 2 == half:
            said = reply(question, candidates(sentences))
            found.append((question, right, said.kind if said else "-"))
    return found


def figures(half: int) -> tuple[float, float]:
    """Share of what was said that is right, and share of what should be said that was."""
    rows = verdicts(half)
    said = [row for row in rows if row[2] != "-"]
    right = [row for row in said if row[1] == row[2]]
    return len(right) / len(said), len(right) / sum(row[1] != "-" for row in rows)


@pytest.mark.parametrize("half", [1, 0])
def test_what_is_said_of_the_labelled_cases_is_right_and_most_is_said(half: int) -> None:
    precision, recall = figures(half)
    assert precision == 1
    assert recall >= 0.85


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Was Petro invited to the summit?", "Petro was invited to the summit."),
        ("Did cultivation grow in 2024?", "Cultivation grew in 2024."),
        ("Did the peace plan pass in parliament?", "The peace plan passed in parliament."),
        ("Did Lund help build the bridge?", "Lund helped build the bridge."),
        ("Does the ministry deny the claim?", "The ministry denies the claim."),
        ("Do the two countries share a border?", "The two countries share a border."),
        ("Has Norrland seized 2,700 tons of salt?", "Norrland has seized 2,700 tons of salt."),
        ("Is Ola Berg the mayor of Lysvik?", "Ola Berg is the mayor of Lysvik."),
        ("Is hunting legal in Norrland?", "Hunting is legal in Norrland."),
        ("Was the bridge over the Tana closed in May?", "The bridge over the Tana was closed in May."),
        ("Was the Lund administration involved in the talks?", "The Lund administration was involved in the talks."),
        ("Will tensions between Lysvik and Tana escalate?", "Tensions between Lysvik and Tana will escalate."),
        ("Is it true that Ola Berg resigned?", "Ola Berg resigned."),
        ("Was it Berg who called Lund a coward?", "Berg called Lund a coward."),
        ("Didn't Berg accept the offer?", "Berg accepted the offer."),
        ("Did Britain stop sharing data?", "Britain stopped sharing data."),
        ("Is there a treaty?", "There is a treaty."),
        ("did the minister resign", "The minister resigned."),
        ("And did he accept?", "He accepted."),
        ("Did prices go up or down?", None),
        ("Can you list the ships?", None),
        ("Who is Ola Berg?", None),
        ("Why did Berg go?", None),
        ("Did", None),
    ],
)
def test_a_yes_or_no_question_as_a_statement(question: str, expected: str | None) -> None:
    assert statement(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Why did he accept the invitation?", ("he accepted the invitation",)),
        ("When did Berg resign?", ("Berg resigned",)),
        ("Why didn't Lund sign the treaty?", ("Lund did not sign the treaty",)),
        ("Who replaced Ola Berg after his resignation?", ("Ola Berg resigned",)),
        ("What did Lund do after the death of Ola Berg?", ("Ola Berg died",)),
        ("Who criticised Lund's dismissal?", ("Lund was dismissed",)),
        ("How did Holm react when Berg was arrested?", ("Holm reacted", "Berg was arrested")),
        ("What happened when the bridge collapsed?", ("the bridge collapsed",)),
        ("What did Berg do after he left the ministry?", ("Berg left the ministry",)),
        ("Why should Lund resign?", ()),
        ("When will Lund resign?", ()),
        ("What would Lund do after any arrest?", ()),
        ("How many tons did Norrland seize?", ()),
        ("Was Petro invited?", ()),
        ("What has changed since 2020?", ()),
    ],
)
def test_what_a_question_takes_for_granted(question: str, expected: tuple[str, ...]) -> None:
    assert presupposed(question) == expected


def test_a_correction_names_what_was_assumed_and_holds_the_sentence_that_says_otherwise() -> None:
    found = reply("Why did Berg accept the offer?", candidates(["The offer was large.", "Berg rejected the offer."]))
    assert found is not None
    assert found.missing == "The question assumes that Berg accepted the offer; the articles say otherwise."
    assert found.candidate is not None
    assert found.candidate.text == "Berg rejected the offer."


def test_what_is_nowhere_told_is_named() -> None:
    found = reply("When did Ola Berg resign?", candidates(["Ola Berg opened the harbour.", "Berg will run it."]))
    assert found is not None
    assert (found.candidate, found.missing) == (None, "None of the articles found says that Ola Berg resigned.")


def test_a_yes_has_nothing_missing() -> None:
    found = reply("Did Berg accept the offer?", candidates(["Berg accepted the offer."]))
    assert found is not None
    assert (found.kind, found.missing) == ("yes", None)


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=60).filter(str.strip), max_size=3))
def test_any_text_is_read(question: str, sentences: list[str]) -> None:
    plain = [" ".join(sentence.replace("|", " ").split()) for sentence in sentences]
    found = reply(question, candidates([sentence for sentence in plain if sentence]))
    assert found is None or found.assumed


@given(st.sampled_from(["Why did", "Did", "Was", "When is"]), st.text("abc DEF's.,not to in the was", max_size=50))
def test_any_clause_is_read(opening: str, rest: str) -> None:
    for clause in (statement(f"{opening} {rest}?"), *presupposed(f"{opening} {rest}?")):
        assert clause is None or clause.strip()

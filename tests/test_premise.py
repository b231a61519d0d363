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
    ("Was Mette Holm invited to the gala?", ["Mette Holm was never formally invited to the gala."], "-"),
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
    ("Did the minister resign?", ["The minister did not resign over the affair."], "-"),
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
    ("Did Berg accept the offer?", ["Berg first rejected the offer.", "Berg accepted the offer in May."], "yes"),
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


TRAPS: list[tuple[str, str]] = [
    ("Was Ted Moss convicted?", "The court has yet to convict Ted Moss."),
    ("Was Odd Berg arrested?", "Odd Berg was nearly arrested."),
    ("Was Leif Borg arrested?", "The man who shot Leif Borg was arrested."),
    ("Did Knut Hau sign?", "Had Knut Hau signed, the strike would have ended."),
    ("Will Liv Ask resign?", "Few expect Liv Ask to resign."),
    ("Did Ivar Lie sign the letter?", "All but Ivar Lie signed the letter."),
    ("Did Carl Finn vote against the law?", "Nobody but Carl Finn voted against the law."),
    ("Did 60 senators vote for the law?", "No fewer than 60 senators voted for the law."),
    ("Was Bo Lake arrested?", "Rumours that Bo Lake was arrested are untrue."),
    ("Did Mali sign the treaty?", "Mali almost signed the treaty."),
    ("Did Una Kern resign?", "Una Kern all but resigned on Friday."),
    ("Was Una Kern arrested?", "Una Kern's brother was arrested."),
    ("Was Una Kern arrested?", "Una Kern's brother Pal Kern was arrested."),
    ("Was Una Kern arrested?", "Friends of Pal Dahl and Una Kern were arrested."),
    ("Was Una Kern arrested?", "Police arrested Una Kern's driver."),
    ("Was Una Kern arrested?", "Police arrested a man Una Kern once hired."),
    ("Was Una Kern arrested?", "Police arrested the man accusing Una Kern."),
    ("Was Una Kern arrested?", "Police tried to arrest Una Kern."),
    ("Was Una Kern arrested?", "The policeman that Una Kern sued was arrested."),
    ("Was Una Kern arrested?", "A neighbour, who knew Una Kern, was arrested."),
    ("Was Una Kern arrested?", "Una Kern was not arrested in Rome."),
    ("Was Una Kern arrested?", "Una Kern was not immediately arrested."),
    ("Was Una Kern arrested?", "Una Kern was not arrested on Tuesday."),
    ("Was Una Kern arrested in Oslo?", "Una Kern of Oslo was arrested in Bergen."),
    ("Was Una Kern arrested in Oslo?", "Una Kern was arrested in Bergen after a flight from Oslo."),
    ("Was Una Kern arrested in 2021?", "Una Kern was arrested in 2019 and released in 2021."),
    ("Was Una Kern arrested in 2021?", "In 2021 a judge freed Una Kern, who was arrested in 2019."),
    ("Was Una Kern arrested?", "Una Kern was to have been arrested at dawn."),
    ("Was Una Kern arrested?", "Una Kern would have been arrested at dawn."),
    ("Was Una Kern arrested?", "Una Kern will be arrested at dawn."),
    ("Has Una Kern been arrested?", "Una Kern will be arrested."),
    ("Will Una Kern be arrested?", "Una Kern was arrested in 1999."),
    ("Was Una Kern arrested?", "According to a blog, Una Kern was arrested."),
    ("Was Una Kern arrested?", "If Una Kern was arrested, nobody saw it."),
    ("Was Una Kern arrested?", "It is not true that Una Kern was arrested."),
    ("Was Una Kern arrested?", "Opponents hope Una Kern was arrested."),
    ("Was Una Kern arrested?", "In the novel Una Kern was arrested."),
    ("Was Una Kern arrested?", "Una Kern came close to being arrested."),
    ("Was Una Kern arrested?", "Una Kern narrowly escaped being arrested."),
    ("Was Una Kern arrested?", "Either Una Kern or her son was arrested."),
    ("Was Una Kern arrested?", "Una Kern or her son was arrested."),
    ("Was Una Kern arrested?", "Unlike Una Kern, her son was arrested."),
    ("Was Una Kern arrested?", "Before Una Kern was arrested, she fled."),
    ("Was Una Kern arrested?", "Una Kern lookalikes were arrested."),
    ("Was Una Kern arrested?", "Una Kern's party denied she was arrested."),
    ("Was Una Kern arrested?", "Una Kern was practically arrested."),
    ("Was Una Kern arrested?", "Should Una Kern be arrested, riots loom."),
    ("Was Una Kern arrested?", "Were Una Kern arrested, riots loom."),
    ("Was Una Kern arrested?", "Una Kern was arrested, a false post said."),
    ("Was Una Kern arrested?", "Not Una Kern but her son was arrested."),
    ("Was Una Kern convicted?", "Una Kern was accused of having convicted spies."),
    ("Was Una Kern convicted of fraud?", "Una Kern was convicted of theft."),
    ("Was Una Kern convicted?", "Una Kern was not convicted of fraud."),
    ("Was Una Kern convicted of fraud?", "Una Kern was not convicted of tax fraud."),
    ("Was Una Kern acquitted of fraud?", "Una Kern's aide was acquitted of fraud."),
    ("Was Una Kern convicted of fraud?", "A court that convicted Una Kern of fraud was overruled."),
    ("Was Una Kern invited?", "Pal Dahl did not invite Una Kern."),
    ("Was Una Kern invited to the summit?", "Pal Dahl invited Una Kern to dinner before the summit."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl was the first to refuse to sign the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl was asked to sign the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl agreed to sign the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl did not refuse to sign the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl initially refused to sign the treaty."),
    ("Did Pal Dahl sign the treaty?", "At first Pal Dahl refused to sign the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl signs the treaty next week."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl is signing the treaty on Friday."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl denied having signed the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl stopped short of signing the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl signed neither the treaty nor the annex."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl signed a petition against the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl signed the treaty only in spirit."),
    ("Did Pal Dahl sign the treaty?", "The minister who fired Pal Dahl signed the treaty."),
    ("Did Pal Dahl sign the treaty?", "The minister for whom Pal Dahl works signed the treaty."),
    ("Did Pal Dahl sign the treaty?", "Everyone except Pal Dahl signed the treaty."),
    ("Did Pal Dahl sign the treaty?", "No one other than Pal Dahl signed the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl did everything but sign the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl did not sign the treaty with Una Kern."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl did not sign the treaty again."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl did not personally sign the treaty."),
    ("Did Pal Dahl sign the treaty?", "Only then did Pal Dahl sign the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl might have signed the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl supposedly signed the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl planned a trip and signed nothing about the treaty."),
    ("Did Pal Dahl sign the treaty?", "Nobody doubts Pal Dahl signed the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl must have signed the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl failed to persuade Una Kern to sign the treaty."),
    ("Did Pal Dahl sign the treaty?", "Pal Dahl refused to let Una Kern sign the treaty."),
    ("Did Una Kern sign the treaty?", "Pal Dahl failed to make Una Kern sign the treaty."),
    ("Did Una Kern sign the treaty?", "Pal Dahl saw Una Kern's double sign the treaty."),
    ("Did the senators vote for the law?", "Some senators voted for the law."),
    ("Did the senators vote for the law?", "Half the senators voted for the law."),
    ("Did the senators vote for the law?", "Most of the senators voted for the law."),
    ("Did the senators vote for the law?", "Not all senators voted for the law."),
    ("Did the senators vote for the law?", "Two senators voted for the law."),
    ("Did 60 senators vote for the law?", "Fewer than 60 senators voted for the law."),
    ("Did 60 senators vote for the law?", "Nearly 60 senators voted for the law."),
    ("Did 60 senators vote for the law?", "Of 60 senators, nine voted for the law."),
    ("Did 60 senators vote for the law?", "A group of 60 senators and mayors voted for the law."),
    ("Was anyone hurt in the fire?", "Nobody else was hurt in the fire."),
    ("Was anyone hurt in the fire?", "Nobody was seriously hurt in the fire."),
    ("Was anyone hurt in the fire?", "Nobody but the cook was hurt in the fire."),
    ("Is Pal Dahl the mayor of Voss?", "Pal Dahl was the mayor of Voss."),
    ("Is Pal Dahl the mayor of Voss?", "Pal Dahl is the deputy mayor of Voss."),
    ("Is Pal Dahl the mayor of Voss?", "Pal Dahl is no longer only the mayor of Voss."),
    ("Is Pal Dahl the mayor of Voss?", "Pal Dahl is the son of the mayor of Voss."),
    ("Was Pal Dahl elected?", "Pal Dahl was not elected again."),
    ("Was Pal Dahl elected?", "Pal Dahl, like the man he elected, was tired."),
    ("Was Pal Dahl re-elected?", "Pal Dahl was elected."),
    ("Did Pal Dahl win the election?", "Pal Dahl lost the election in 1998 and won the cup."),
    ("Did Pal Dahl kill Una Kern?", "Pal Dahl killed Una Kern's dog."),
    ("Did Pal Dahl kill Una Kern?", "Pal Dahl killed the man suing Una Kern."),
    ("Did Pal Dahl kill Una Kern?", "Pal Dahl killed time with Una Kern."),
    ("Did Pal Dahl kill Una Kern?", "Una Kern was killed by Pal Dahl's rival."),
    ("Did Pal Dahl kill Una Kern?", "Una Kern was killed by a storm, and Pal Dahl wept."),
    ("Did Pal Dahl kill Una Kern?", "Una Kern's husband was killed by Pal Dahl."),
    ("Did Pal Dahl rob the bank?", "Una Kern and not Pal Dahl robbed the bank."),
    ("Did Pal Dahl rob the bank?", "The film shows how Pal Dahl robbed the bank."),
    ("Did Pal Dahl rob the bank?", "Una Kern helped Pal Dahl's gang and robbed the bank."),
    ("Did Pal Dahl rob the bank?", "Una Kern visited Pal Dahl and robbed the bank."),
    ("Did Pal Dahl rob the bank?", "The man who met Pal Dahl and robbed the bank is free."),
    ("Did Pal Dahl rob the bank?", "Men loyal to Pal Dahl robbed the bank."),
    ("Did Pal Dahl rob the bank?", "The boy Pal Dahl raised robbed the bank."),
    ("Did Pal Dahl rob the bank?", "A man named Pal Dahl Jensen robbed the bank."),
    ("Did Pal Dahl rob the bank?", "A judge cleared Pal Dahl of having robbed the bank."),
    ("Did Pal Dahl rob the bank?", "Pal Dahl was framed: he never robbed the bank alone."),
    ("Was the mayor jailed?", "The mayor of Voss's son was jailed."),
    ("Was the mayor jailed?", "The former mayor was jailed."),
    ("Did the court free Una Kern?", "A higher court freed Una Kern."),
    ("Was Una Kern fined?", "The firm owned by Una Kern was fined."),
    ("Was Una Kern fined?", "The firm Una Kern owns was fined."),
    ("Was Una Kern fined?", "The firm where Una Kern works was fined."),
    ("Was Una Kern fined?", "Una Kern and her firm were not both fined."),
    ("Was Una Kern fined?", "Una Kern: fined or framed?"),
    ("Was Una Kern fined?", "Una Kern was reportedly fined."),
    ("Was Una Kern fined?", "Una Kern was fined, or so her rivals say."),
    ("Was Una Kern fined?", "Una Kern said she was fined."),
    ("Was Una Kern fined?", "A tweet claiming Una Kern was fined went viral."),
    ("Was Una Kern fined?", "Una Kern is likely to be fined."),
    ("Was Una Kern fined?", "Una Kern risks being fined."),
    ("Did Una Kern leave the party?", "Una Kern never left the party early."),
    ("Did Una Kern lie?", "Una Kern never lied to the court."),
    ("Was Jan Voll jailed?", "Jan Voll faces being jailed."),
    ("Was Jan Voll jailed?", "Jan Voll is to be jailed."),
    ("Was Jan Voll jailed?", "Jan Voll got off without being jailed."),
    ("Was Jan Voll jailed?", "Calls for Jan Voll to be jailed grew."),
    ("Was Jan Voll jailed?", "The judge spared Jan Voll and jailed his son."),
    ("Was Jan Voll jailed?", "The journalist Jan Voll mocked was jailed."),
    ("Was Jan Voll jailed?", "Jan Voll's lawyer was jailed with him."),
    ("Was Jan Voll jailed?", "Jan Voll will not be jailed."),
    ("Was Jan Voll jailed?", "Jan Voll is not jailed."),
    ("Was Jan Voll jailed?", "A jailed rival praised Jan Voll."),
    ("Was Jan Voll jailed?", "Those who defended Jan Voll were jailed."),
    ("Was Jan Voll jailed?", "Protesters want Jan Voll jailed."),
    ("Was Jan Voll jailed?", "Polls show voters would like Jan Voll jailed."),
    ("Was Jan Voll jailed?", "It was wrong to report Jan Voll was jailed."),
    ("Was Jan Voll jailed?", "No evidence shows Jan Voll was jailed."),
    ("Was Jan Voll jailed?", "Jan Voll was jailed, in a story he made up."),
    ("Was Jan Voll jailed?", "Jan Voll, jailed or not, is a hero."),
    ("Was Jan Voll jailed?", "Jan Voll was released after police jailed the wrong man."),
    ("Was Jan Voll jailed?", "Jan Voll was saved from being jailed."),
    ("Was Jan Voll jailed?", "Neither Jan Voll nor his aide was jailed."),
    ("Was Jan Voll jailed?", "Not only Jan Voll was jailed."),
    ("Was Jan Voll jailed?", "Jan Voll was not the only one jailed."),
    ("Was Jan Voll jailed?", "More than once Jan Voll was almost jailed."),
    ("Was Jan Voll jailed?", "Jan Voll dreamt he was jailed."),
    ("Was Jan Voll jailed?", "Had it not been for luck, Jan Voll was jailed."),
    ("Was Jan Voll jailed?", "People like Jan Voll were jailed."),
    ("Was Jan Voll jailed?", "Two of Jan Voll's sons were jailed."),
    ("Was Jan Voll jailed?", "Jan Voll and Sons Ltd had its owner jailed."),
    ("Was Jan Voll jailed?", "Jan Voll junior was jailed."),
    ("Was Jan Voll jailed?", "A namesake of Jan Voll was jailed."),
    ("Was Jan Voll jailed?", "The son of Jan Voll, a baker, was jailed."),
    ("Was Jan Voll jailed?", "The son, a friend of Jan Voll, was jailed."),
    ("Was Jan Voll jailed?", "Erik Moe, the lawyer of Jan Voll, was jailed."),
    ("Was Jan Voll jailed?", "Erik Moe, who betrayed Jan Voll, was jailed."),
    ("Was Jan Voll jailed?", "Erik Moe, son of Jan Voll, was jailed."),
    ("Was Jan Voll jailed?", "Erik Moe (a friend of Jan Voll) was jailed."),
    ("Was Jan Voll jailed?", "Erik Moe, a cousin and partner of Jan Voll, was jailed."),
    ("Was Jan Voll jailed?", "Erik Moe, once married to Jan Voll, was jailed."),
    ("Was Jan Voll jailed?", "Erik Moe, whom Jan Voll trained, was jailed."),
    ("Was Jan Voll jailed?", "Erik Moe, like Jan Voll, was jailed for life."),
    ("Was Jan Voll jailed?", "Erik Moe, once a rival to Jan Voll and now broke, was jailed."),
    ("Was Jan Voll jailed?", "Erik Moe met Jan Voll but was jailed."),
    ("Was Jan Voll jailed?", "Erik Moe attacked Jan Voll and was jailed."),
    ("Was Jan Voll jailed?", "After he attacked Jan Voll, Erik Moe was jailed."),
    ("Was Jan Voll jailed?", "Having robbed Jan Voll, he was jailed."),
    ("Was Jan Voll jailed?", "The killer of Jan Voll was jailed."),
    ("Was Jan Voll jailed?", "The man convicted of killing Jan Voll was jailed."),
    ("Was Jan Voll jailed?", "The man killing Jan Voll was jailed."),
    ("Was Jan Voll jailed?", "The man seen robbing Jan Voll was jailed."),
    ("Was Jan Voll jailed?", "A man attacking Jan Voll was later jailed."),
    ("Did Norrland invade Vestland?", "Norrland prepared to invade Vestland."),
    ("Did Norrland invade Vestland?", "Norrland invaded Vestland's airspace."),
    ("Did Norrland invade Vestland?", "Norrland warned it would invade Vestland."),
    ("Did Norrland invade Vestland?", "Norrland, which Vestland invaded, protested."),
    ("Did Norrland invade Vestland?", "Norrland did not invade Vestland in 1940."),
    ("Did Norrland invade Vestland in 1950?", "Norrland invaded Vestland in 1940."),
    ("Did Norrland invade Vestland?", "Norrland threatened Vestland, which never invaded it."),
    ("Did Norrland invade Vestland?", "Norrland bans Vestland films, has never invaded."),
    ("Did Norrland invade Vestland?", "Norrland fans invaded Vestland."),
    ("Did Norrland invade Vestland?", "Norrland came to the brink, yet never quite invaded Vestland."),
    ("Did the ministry approve the drug?", "The ministry approved the drug's packaging."),
    ("Did the ministry approve the drug?", "The ministry approved a trial of the drug."),
    ("Did the ministry approve the drug?", "The ministry approved the drug for animals."),
    ("Did the ministry approve the drug?", "The ministry conditionally approved the drug."),
    ("Did the ministry approve the drug?", "The ministry provisionally approved the drug."),
    ("Did the ministry approve the drug?", "The ministry has not approved the drug for children."),
    ("Did the ministry approve the drug?", "The ministry never approved the new drug."),
    ("Did the ministry approve the drug?", "The ministry rejected a plan to approve the drug."),
    ("Did the ministry approve the drug?", "The ministry rejected an appeal over the drug."),
    ("Did the ministry approve the drug?", "A panel of the ministry approved the drug."),
    ("Did the ministry approve the drug?", "The ministry's rival approved the drug."),
    ("Did the ministry approve the drug?", "The ministry approved the drug on condition of tests."),
    ("Did the ministry approve the drug?", "The ministry approved the drug, a leaked memo says."),
    ("Did the ministry approve the drug?", "The ministry approved the drug, Erik Moe said."),
    ("Did the ministry approve the drug?", '"The ministry approved the drug," Erik Moe said.'),
    ("Did Ada Ruud steal the ring?", "Ada Ruud's sister stole the ring."),
    ("Did Ada Ruud steal the ring?", "Ada Ruud stole the show with the ring."),
    ("Did Ada Ruud steal the ring?", "Witnesses saw Ada Ruud before the ring was stolen."),
    ("Did Ada Ruud steal the ring?", "Ada Ruud was cleared after a maid stole the ring."),
    ("Did Ada Ruud steal the ring?", "Police say Ada Ruud stole the ring."),
    ("Did Ada Ruud steal the ring?", "Ada Ruud stole the ring, prosecutors argued."),
    ("Did Ada Ruud steal the ring?", "The jury found that Ada Ruud never stole the ring."),
    ("Did Ada Ruud steal the ring?", "A thief who robbed Ada Ruud stole the ring."),
    ("Did Ada Ruud steal the ring?", "The thief, not Ada Ruud, stole the ring."),
    ("Did Ada Ruud steal the ring?", "Instead of Ada Ruud, her maid stole the ring."),
    ("Did Ada Ruud steal the ring?", "Far from it: Ada Ruud stole the ring only on stage."),
    ("Did Ada Ruud steal the ring?", "On stage, Ada Ruud stole the ring."),
    ("Did Ada Ruud steal the ring?", "The ring was stolen from Ada Ruud by a maid."),
    ("Did Ada Ruud steal the ring?", "The ring was stolen by Ada Ruud's maid."),
    ("Did Ada Ruud steal the ring?", "Ada Ruud's alibi: a maid stole the ring."),
    ("Has Moen closed the mine?", "Moen is closing the mine."),
    ("Has Moen closed the mine?", "Moen has half closed the mine."),
    ("Has Moen closed the mine?", "Moen has not closed the mine for good."),
    ("Has Moen closed the mine?", "Moen has been told to close the mine."),
    ("Has Moen closed the mine?", "Moen has all but closed the mine."),
    ("Has Moen closed the mine?", "Moen has closed part of the mine."),
    ("Has Moen closed the mine?", "Moen has closed the mine gate."),
    ("Has Moen closed the mine?", "Moen has closed the gates of the mine."),
    ("Has Moen closed the mine?", "Once Moen has closed the mine, jobs go."),
    ("Has Moen closed the mine?", "By May Moen will have closed the mine."),
    ("Has Moen closed the mine?", "Supporters of Moen have closed the mine."),
    ("Has Moen closed the mine?", "The firm that Moen founded has closed the mine."),
    ("Has Moen closed the mine?", "Moen has threatened and cajoled, and never closed the mine in winter."),
    ("Was Kari Lien elected mayor?", "Kari Lien was elected deputy mayor."),
    ("Was Kari Lien elected mayor?", "Kari Lien was almost elected mayor."),
    ("Was Kari Lien elected mayor?", "Kari Lien was not elected mayor of Voss but of Lom."),
    ("Was Kari Lien elected mayor?", "Kari Lien lost to the man who was elected mayor."),
    ("Was Kari Lien elected mayor?", "Kari Lien, the wife of the man elected mayor, left."),
    ("Was Kari Lien elected mayor?", "A man backed by Kari Lien was elected mayor."),
    ("Was Kari Lien elected mayor?", "A friend Kari Lien trusts was elected mayor."),
    ("Is the dam safe?", "The dam is not entirely safe."),
    ("Is the dam safe?", "The dam is safe enough."),
    ("Is the dam safe?", "The dam is thought safe."),
    ("Is the dam safe?", "The dam is far from safe."),
    ("Is the dam safe?", "The dam is anything but safe."),
    ("Is the dam safe?", "The dam is neither safe nor new."),
    ("Is the dam safe?", "The dam is less safe."),
    ("Is the dam safe?", "The dam was safe."),
    ("Is the dam safe?", "The road near the dam is safe."),
    ("Is the dam safe?", "Is the dam safe, residents wonder."),
    ("Is the dam safe?", "The dam is no safe place."),
]
"""Sentences that have the words of the question and say something else, or less: not one may be a yes or a no."""

PLAIN: list[tuple[str, str, str]] = [
    ("Was Jan Voll jailed?", "Jan Voll was jailed in May.", "yes"),
    ("Was Jan Voll jailed?", "Jan Voll, the mayor of Voss, was jailed for two years.", "yes"),
    ("Was Jan Voll jailed?", "Jan Voll, who led the party, was jailed.", "yes"),
    ("Was Jan Voll jailed?", "The court jailed Jan Voll.", "yes"),
    ("Was Jan Voll jailed?", "Jan Voll has been jailed.", "yes"),
    ("Was Jan Voll jailed?", "In 2019, Jan Voll was jailed.", "yes"),
    ("Did Norrland invade Vestland?", "Norrland invaded Vestland.", "yes"),
    ("Did Norrland invade Vestland?", "Norrland never invaded Vestland.", "no"),
    ("Did the ministry approve the drug?", "The ministry approved the drug in March.", "yes"),
    ("Did the ministry approve the drug?", "The ministry refused to approve the drug.", "no"),
    ("Did the ministry approve the drug?", "The drug was approved by the ministry.", "yes"),
    ("Has Rita Cole been charged?", "Minister Rita Cole has yet to be charged.", "no"),
]
"""Plain sentences, beside which the traps stand."""


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


@pytest.mark.parametrize(("question", "sentence"), TRAPS)
def test_what_only_looks_like_an_answer_is_neither_yes_nor_no(question: str, sentence: str) -> None:
    found = reply(question, candidates([sentence]))
    assert found is None or found.kind not in ("yes", "no")


@pytest.mark.parametrize(("question", "sentence", "kind"), PLAIN)
def test_a_plain_sentence_is_still_read(question: str, sentence: str, kind: str) -> None:
    found = reply(question, candidates([sentence]))
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize(
    "sentence", ["Rumours that Bo Lake was arrested are untrue.", "Bo Lake was nearly arrested in May."]
)
def test_a_doubtful_sentence_neither_corrects_nor_confirms_what_a_question_assumes(sentence: str) -> None:
    assert reply("Why was Bo Lake arrested?", candidates([sentence])) is None


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

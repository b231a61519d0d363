"""Articles in news wire style, written for these tests, with who says each sentence and how.

One sentence a line: speaker | kind of speech | sentence. "-" is nobody (the outlet itself), "?" somebody whom the text
does not name clearly. An empty line ends a paragraph. DEV was looked at while the rules were written, TEST after
their first version, MORE only when they were done.
"""

from __future__ import annotations

from dataclasses import dataclass

DEV = (
    """
- | - | Mayor seeks money for the port

- | - | Mayor Ingrid Solberg opened the new port of Tarvik on Monday.
Ingrid Solberg | said | The port cost $40 million, Solberg said.
Ingrid Solberg | said | She added that the money came from taxes.

Ingrid Solberg | said | “We built it in two years.
Ingrid Solberg | said | Nobody thought we could do it,” she told reporters.

Tomas Reyl | claimed | Opposition leader Tomas Reyl claimed that the contract had gone to a friend of the mayor.
Ingrid Solberg | denied | Solberg denied that she knew the owner of the company.
- | - | The contract was signed in March.
the Transport Ministry | according_to | According to the Transport Ministry, 12 ships will call at Tarvik every week.
""",
    """
- | - | A fire destroyed a textile mill in the town of Orsk on Sunday night, killing nine workers.
Pavel Antonov | said | The doors had been locked from outside, fire chief Pavel Antonov said.
- | - | Three people were taken to hospital.

Pavel Antonov | said | “We could not get in for an hour,” Antonov said.
Pavel Antonov | said | “By then it was too late.”

police | said | Police said the owner had fled the country.
the owner's lawyer | denied | The owner's lawyer, however, denied this and called the reports baseless.
- | - | The mill made uniforms for the army and employed 300 people.
a safety report | according_to | It had failed two inspections since 2021, according to a safety report.
Amnesty International | wrote | Amnesty International wrote in a statement that the deaths could have been avoided.
""",
    """
- | - | The central bank of Valdoria raised its main rate to 6 percent on Thursday.
Elena Marsh | said | Governor Elena Marsh said inflation would fall next year.
- | - | The decision surprised markets, and the currency gained 2 percent.
- | - | Finance Minister Hugo Lindt was told of the decision an hour before.
Hugo Lindt | wrote | Lindt wrote on social media that the bank had gone too far.
Hugo Lindt | wrote | “The bank is punishing families,” he wrote.
- | - | He is expected to announce a new budget in May.

analysts at Delta Bank | said | Analysts at Delta Bank said the rate could reach 7 percent.
- | - | Prices rose 9 percent in February.
- | - | The minister has not said whether he will resign.
""",
    """
- | - | Israel and Lebanon agreed on Friday to extend a truce.
Nadia Karam | said | “This gives people hope,” said Nadia Karam, a teacher in Tyre.
an Israeli army spokesman | said | An Israeli army spokesman said two rockets had been fired.
Hezbollah | denied | Hezbollah denied firing them.
- | - | Several homes were damaged, and a woman was hurt by glass.
Hamas officials | according_to | The strike on Tuesday killed 14 people, according to Hamas officials.
? | said | The strike killed 14 people, according to Hamas officials, while the army said it hit a command centre.
the UN | said | The truce, the UN says, has been broken 40 times.
- | - | The UN keeps 10,000 soldiers in the area, who, according to Israel, do little.
""",
    """
- | - | Petrol company Norsk Kraft cut 400 jobs on Wednesday.
Mette Dahl | said | Chief executive Mette Dahl told staff in a letter that there was no other way.
Mette Dahl | said | “I am sorry,” Dahl said. “It is my fault alone.
Mette Dahl | said | I will take no bonus.”

the union | said | The union called the cuts a betrayal.
Ole Brandt | claimed | Its leader, Ole Brandt, accused the company of lying about its profits.
Ole Brandt | said | Brandt also warned of strikes.
- | - | The company made a profit of $2 billion last year.
- | - | The union leader refused to meet Dahl.
Mette Dahl | said | In an interview with the Tarvik Post, Dahl said the plants were old.
- | - | Norsk Kraft's shares fell 3 percent.
""",
    """
- | - | The Senate passed the farm bill on Tuesday by 61 votes to 39.
- | - | Senator Ruth Calloway of Iowa, who wrote the bill, thanked both parties.
Ruth Calloway | said | Calloway, a Democrat, said it would save 2,000 farms.
Dan Whitfield | said | But Senator Dan Whitfield argued that the bill was too costly.
Dan Whitfield | said | The bill, he said, would add $80 billion to the debt.
- | - | Whitfield voted against it because, he said, farmers had not been asked.
the Congressional Budget Office | said | The Congressional Budget Office estimates that the cost will be $52 billion.
- | - | The House will vote next week.
- | - | The White House has not commented.
- | - | A spokesman for Whitfield declined to comment.
""",
    """
- | - | Doctors in Kampala have found a new strain of the virus.
the Health Ministry | said | Eleven people have died, the Health Ministry said on Saturday.
the Health Ministry | said | The ministry added that schools would stay open.
Grace Okello | said | Grace Okello, who leads the team, said the strain spreads faster.
Grace Okello | said | “It is not deadlier,” she said, “but it is quicker.”
- | - | The team was founded in 2012.
- | - | A study published in the journal Cell found that the vaccine works.
- | - | Okello and her colleagues travelled to Gulu on Friday.
Uganda's president | said | Uganda's president promised to buy more vaccines.
- | - | The first doses arrived on Monday.
""",
    """
- | - | The film "Salt Road" opened the festival in Cannes.
Marco Bellini | said | Its director, Marco Bellini, described it as a letter to his mother.
- | - | Bellini and his brother Luca Bellini grew up in Bari.
Luca Bellini | said | Luca Bellini said the house in the film was theirs.
- | - | The film has won two prizes.

Question: was it hard?
Anna Rossi | said | Anna Rossi: It was the hardest film of my life.

Le Monde | said | Le Monde called the film a triumph.
Le Monde | said | The newspaper said the ending was too long.
- | - | It will be shown in 30 countries.
""",
)

TEST = (
    """
- | - | Bridge closed after cracks are found

- | - | Engineers closed the Kessel bridge on Friday after cracks were found in two pillars.
Lena Vogt | said | The bridge will stay shut for a year, Transport Minister Lena Vogt said.
Lena Vogt | said | She also promised a new ferry.
- | - | About 30,000 cars cross it every day.

Jan Peters | said | “The state knew of the cracks in 2019.
Jan Peters | said | It did nothing,” said Jan Peters, who owns a shop at the river.

Lena Vogt | denied | Vogt denied that the ministry had been warned.
Karl Brenner | claimed | Karl Brenner, an engineer, alleged that two reports had been hidden.
a ministry spokeswoman | said | A ministry spokeswoman said no report was missing.
- | - | The bridge was built in 1971.
""",
    """
- | - | Rebels attacked a convoy near Goma on Wednesday, killing four drivers.
the army | said | The army said it had sent 200 soldiers.
- | - | Nobody has claimed the attack.
Joseph Mbeki | said | “They came from the hills,” driver Joseph Mbeki told Reuters.
Joseph Mbeki | said | “We ran into the fields,” he added.
the United Nations | according_to | According to the United Nations, 400,000 people have fled since May.
- | - | Rwanda was accused of arming the rebels.
Rwanda | denied | Rwanda has repeatedly denied the accusation.
Paul Ndongo | said | In a statement on Thursday, army spokesman Colonel Paul Ndongo said the road was open again.
- | - | The road links Goma with Beni.
""",
    """
- | - | Shares in Brightcell fell 20 percent after the battery maker cut its forecast.
Brightcell | said | Brightcell announced that it would build no plant in Spain.
Rosa Iglesias | wrote | “We feel betrayed,” Spanish Industry Minister Rosa Iglesias wrote on X.
Rosa Iglesias | said | Iglesias later told parliament that Spain had paid $90 million.
- | - | The money has to be paid back by June.
Peter Hahn | said | Peter Hahn, an analyst at Orbis, predicts that sales will drop again.
Brightcell | said | Demand for cars was weak, the company said.
- | - | Brightcell was founded by two brothers, one of whom said in 2018 that he would never sell.
the company's founder | denied | The company's founder rejected claims that he had sold shares in March.
- | - | The board rejected an offer from a Chinese rival.
""",
    """
- | - | A court in Lima sentenced former governor Alberto Quispe to nine years in prison on Monday.
prosecutors | said | Prosecutors said Quispe took $3 million from builders.
Alberto Quispe | claimed | Quispe has claimed that the money was a loan.
- | - | His wife was cleared.
Ana Torres | said | Quispe's lawyer, Ana Torres, said he would appeal.
Ana Torres | said | “The judges were afraid,” Torres said. “They read the papers. They did not read the files.”
- | - | The judge denied a request for bail.
? | said | Prosecutors say Quispe fled twice; his lawyer says he was visiting his mother.
La República | said | The newspaper La República reported that two builders had confessed.
- | - | Quispe was governor from 2010 to 2018.
""",
    """
- | - | President Amara Diallo and Prime Minister Yves Kone met for six hours on Sunday.
Amara Diallo | said | Diallo said after the meeting that there would be elections in October.
Yves Kone | said | Kone, for his part, insisted that the date was open.
Yves Kone | said | “We agree on the aim,” he said.
- | - | The two men have been rivals since 2015.
two officials | according_to | Western diplomats were not invited, according to two officials.
the African Union | said | The African Union welcomed the talks and urged both sides to keep calm.
- | - | Kone might announce a party of his own, though he has never said so.
- | - | Soldiers guarded the palace.
Amara Diallo | said | “There will be no delay,” the president said.
""",
    """
- | - | The glacier above Fiesch lost 40 metres this summer.
Sara Lutz | said | “I have never seen anything like it,” Sara Lutz, a glaciologist at the University of Bern, said.
Sara Lutz | said | Lutz noted that the winter had been dry.
Sara Lutz | said | The glacier will be gone by 2080, she believes.
- | - | Her team has measured it since 1999.
the Swiss weather service | according_to | July was the warmest on record, according to the Swiss weather service.
local officials | said | Local officials asked for money to protect two villages.
- | - | The villages have 600 people.
- | - | In 1998, a flood that experts had predicted destroyed a camp site.
the government | said | The government pledged 5 million francs.
""",
    """
the Swedish coast guard | said | Two ships collided off Gotland early on Tuesday, the Swedish coast guard said.
Mikael Strand | said | One of the captains had been drinking, coast guard officer Mikael Strand said.
the shipping company | denied | The shipping company disputes that.
- | - | In its view the fog was to blame.
Mikael Strand | said | Strand acknowledged that the fog was thick.
- | - | About 20 tons of oil leaked into the sea.
Greenpeace | claimed | Greenpeace accused Sweden of acting too slowly.
- | - | The report said nothing about the crew.
- | - | Divers will inspect the wreck on Thursday.
Mikael Strand | said | “The sea is calm,” Strand told the broadcaster SVT, “and the oil can be pumped out.”
""",
    """
- | - | The actor Clara Voss sold her house in Malibu for $12 million.
a friend of the actor | said | A friend of the actor said she wants to live in Lisbon.
- | - | Voss bought the house with her husband, Dale Kerr, in 2009.
- | - | Kerr and Voss parted in 2020.
Clara Voss | wrote | “It was time,” Voss posted on Instagram on Monday.
Dale Kerr | said | Kerr told People magazine that he wished her well.
Dale Kerr | said | They speak every week, he said.
- | - | They have two daughters.
- | - | Her new film, which critics called a mess, opens in May.
Clara Voss | said | Asked about the critics, Voss said that she does not read reviews.
""",
)

MORE = (
    """
- | - | Heavy snow closed the Brenner pass on Saturday, stranding about 900 lorries.
Austria's interior minister | said | “Nobody should travel tonight,” Austria's interior minister warned.
Franz Huber | said | Franz Huber, head of the local rescue service, said that 40 people had been treated for cold.
- | - | Huber has led the service since 2011.
Franz Huber | according_to | Most drivers, according to him, had no blankets.
Italian officials | claimed | Italian officials alleged that Austria had closed the road too late.
- | - | Vienna has yet to answer.
the Red Cross | said | The Red Cross reported that it had handed out 3,000 meals.
""",
    """
- | - | Tech firm Lumora has been fined €30 million for spying on its staff.
the Irish data watchdog | said | The Irish data watchdog said on Tuesday that the firm had read private messages.
Lumora | denied | Lumora denies wrongdoing.
Niamh Byrne | said | “We will appeal,” its chief lawyer, Niamh Byrne, said.
- | - | Byrne joined the firm from a bank in 2020.
Niamh Byrne | said | She insisted that no messages had been read by people.
two former employees | said | Two former employees, however, told the Irish Times that managers had laughed about them.
- | - | The fine must be paid within 60 days.
- | - | Last year the firm paid a fine in Spain after a court said it had lied.
""",
    """
- | - | Opposition candidate Samuel Adeyemi won the vote in Lagos with 54 percent, beating Governor Tunde Bello.
Samuel Adeyemi | said | “Today the people have spoken,” Adeyemi told a crowd in the rain.
- | - | Bello conceded defeat in a phone call.
Tunde Bello | said | Both men had fought a clean campaign, he added.
the election commission | according_to | Turnout was 61 percent, according to the election commission.
observers from the African Union | said | Observers from the African Union praised the vote.
- | - | In two districts, though, voting was halted because of what police called a security threat.
Chidi Obi | claimed | Chidi Obi, a losing candidate, claims thousands of ballots were burned.
the police | denied | The police dismissed the claim.
""",
    """
- | - | A new study of 12,000 adults has linked night work to heart disease.
Priya Raman | wrote | Night workers had a 17 percent higher risk, lead author Priya Raman wrote in the journal Heart.
- | - | The team followed them for nine years.
Priya Raman | said | “We cannot say that work at night is the cause,” cautioned Raman.
Jonas Lind | said | Jonas Lind, a cardiologist who was not involved, called the result convincing.
- | - | Unions want shorter shifts.
a government spokesman | said | A government spokesman said ministers would study the findings.
- | - | Raman's earlier study, published in 2018, found no link.
Jonas Lind | said | Smoking was not recorded, Lind noted.
""",
    """
- | - | The coach of Real Tarvik, Jorge Salas, resigned on Sunday after a 5-0 defeat.
Jorge Salas | wrote | “I have nothing left to give,” Salas posted on Instagram.
Kemal Aydin | said | Club president Kemal Aydin thanked him and said a new coach would be named this week.
- | - | Aydin has dismissed four coaches in three years.
El Deporte | according_to | According to the sports daily El Deporte, Salas had fallen out with two players.
- | - | He had won only three of 14 games.
fans | said | Fans have long called for the president to go.
? | said | “I am staying,” he told reporters when asked about that.
- | - | The team plays Norvik next.
""",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence in its article: `text[start:end]`, who says it ("?": not clear who) and how."""

    text: str
    start: int
    end: int
    speaker: str | None
    speech: str | None

    @property
    def sentence(self) -> str:
        """The sentence itself."""
        return self.text[self.start : self.end]


def cases(articles: tuple[str, ...]) -> list[Case]:
    """Every labelled sentence of the articles, in order."""
    found = []
    for article in articles:
        text, marks = "", []
        for line in article.strip("\n").split("\n"):
            speaker, bar, rest = line.partition(" | ")
            if not bar:
                text = f"{text.rstrip()}{line}\n\n" if not line else f"{text}{line}\n\n"
                continue
            speech, _, sentence = rest.partition(" | ")
            marks.append((len(text), len(text) + len(sentence), speaker, speech))
            text += f"{sentence} "
        for start, end, speaker, speech in marks:
            found.append(Case(text, start, end, None if speaker == "-" else speaker, None if speech == "-" else speech))
    return found

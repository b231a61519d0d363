"""Where sentences begin and end, as exact character spans. A citation's span is made of these."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nupunkt import PunktSentenceTokenizer

_LINE = re.compile(r"[^\n]+")
_CLOSING = "”’\"')]»"
# Words that begin a sentence so often, and go on a name so rarely, that they settle what a full stop before them was.
_STARTER = (
    r"(?:The|A|An|He|She|It|They|We|I|You|But|And|This|That|These|Those|There|His|Her|Its|Their|In|On|At|As|For|If|When|"
    r"While|After|Before|However|Some|Many|Most|Since|Meanwhile|According|With|No|Not|Both|Last|Now|What|Who|Why|How)"
)
_STARTS = re.compile(rf"[“‘\"'(\[]?{_STARTER}\b|[“\"]")
# A full stop after these belongs to the word, whatever capital follows: shortened titles, initials, countries.
_SHORTENED = re.compile(
    r"(?<![\w.])(?:(?:[A-Z]\.)+|(?:Mr|Mrs|Ms|Dr|Prof|Gov|Sen|Rep|Gen|Col|Lt|Sgt|Capt|Maj|Adm|Cmdr|Rev|Hon|Pres|St|Ft|Mt|"
    r"Sr|Sra|Srta|Dra|Mme|Mlle|Hr|Fr|Sig|Dott|Av|Nr|Núm|No|Nos|Art|Vol|Fig|vs|v|cf|ca|approx|ed|pp?)\.)$"
)
_TITLE = re.compile(r"(?<![\w.])(?:[A-Z][a-z]+|[a-z]+)\.$")
_SPEECH = r"(?:said|says|asked|added|told|wrote|replied|shouted|continued|explained|argued|insisted|dijo|dit|sagte)"
# “...?” Petro said. / “...!” the mayor of Lima added on Monday.
_ATTRIBUTION = re.compile(rf"(?:[A-Z][\w.’'-]*\s+){{1,4}}{_SPEECH}\b(?=[.,;:]|$)|{_SPEECH}\s+(?:[A-Z][\w.’'-]*[ .,]?)+$")
# Boundaries the tokenizer passes over: a lower-case word or an initial, a stop, and a word that only starts sentences.
_PASSED_OVER = re.compile(
    rf"(?:(?<=[a-zß-ÿ]{{2}})[.!?]+[{_CLOSING}]*|(?<=\b[A-Z])\.)(?=\s+[“‘\"]?{_STARTER}\s)"
    r"|[.!?][”’\"')»]*(?=\s+[¿¡])|[。！？][」』”）]*"
)

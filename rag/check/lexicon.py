"""The words the rules know: negators, hedges, verbs of speech, opposites, synonyms, and a stemmer."""

from __future__ import annotations

import re
from functools import lru_cache


def row(text: str) -> list[str]:
    """A list written as a line of words."""
    return text.split()


def words(text: str) -> frozenset[str]:
    """A set written as a line of words."""
    return frozenset(text.split())


STOP = words(
    "a an the this that these those there here it its itself he him his himself she her hers herself they them "
    "their themselves we us our ours you your yours i me my mine one ones who whom whose which what when where why "
    "how and or but so as of in on at by for from to into onto with within about over out up down off than then "
    "also too very just is are was were be been being am do does did done has have had having will would shall "
    "should can could may might must if while though although because since during upon such some any all both each "
    "other another same own even still already now more most much many well however s re ve ll d t not no nor "
    "neither never cannot"
)
NEGATORS = words("not n't never no none nobody nothing neither nor without cannot hardly nowhere barely")
DENIALS = words("deny fail refus declin lack reject dispute refut unable avoid prevent")
"""Stems that turn what follows them to its opposite."""

HEDGES = {
    stem: kind
    for kind, stems in {
        "alleged": "allegedly alleged reportedly purportedly purported supposedly suspected suspicion "
        "accuse apparently rumor "
        "rumour unconfirmed",
        "possible": "may might could possibly possible perhaps likely potential potentially probably",
        "planned": "plan will would shall intend propose expect threaten threat seek want hope aim "
        "consider scheduled pledge "
        "promise vow proposal",
        "owed": "should must ought",
        "tried": "try attempt",
        "condition": "if unless whether",
    }.items()
    for stem in stems.split()
}

_SPEECH_BASES = {
    "said": row(
        "say tell add state note announce argue warn insist testify declare suggest believe think explain acknowledge "
        "admit concede confirm reveal report conclude stress emphasize emphasise remark reply respond answer recall "
        "continue predict estimate complain vow promise pledge threaten criticize criticise condemn denounce praise "
        "welcome call describe joke observe comment lament urge reiterate cite ask question shout caution label demand"
    ),
    "claimed": row("claim allege accuse assert contend"),
    "denied": row("deny dispute reject refute dismiss"),
    "wrote": row("write post tweet"),
}
_SPEECH_PAST = {"say": "said", "tell": "told", "think": "thought", "write": "wrote"}
_SPEECH_NOUNS = words(
    "state states note post posts promise promises vow vows joke jokes stress estimate comment comments pledge"
)
_SPEECH_ACTS = words(
    "reject dismiss continue observe question demand welcome answer ask label threaten praise lament urge"
)
"""Verbs that are speech with a person before them, and acts as often: parliament rejects a bill and tells nothing."""


def _forms(base: str) -> list[str]:
    """The forms of a verb, its own first: "deny denies denied denying"."""
    root = {"admit": "admitt"}.get(base, base.removesuffix("e"))
    changes = base.endswith("y") and base != "say"
    past = _SPEECH_PAST.get(base) or (f"{base[:-1]}ied" if changes else f"{root}ed")
    third = f"{base[:-1]}ies" if changes else f"{base}es" if base.endswith(("ss", "sh")) else f"{base}s"
    return [base, third, past, f"{root}ing"]


SPEECH_OF = {form: kind for kind, bases in _SPEECH_BASES.items() for base in bases for form in _forms(base)}
"""Form of a verb of speech -> how it tells, as in answers.Speech: said, claimed, denied, wrote."""
SPEECH_BASES = frozenset(base for bases in _SPEECH_BASES.values() for base in bases)
TELLING = frozenset(SPEECH_OF) - _SPEECH_NOUNS
"""Forms that tell where a person stands beside them; what is a noun as often is left out."""
SPEECH = TELLING - frozenset[str]().union(*map(_forms, _SPEECH_ACTS)) | words("according written")
"""Forms that tell wherever they stand."""
ASKED_SPEECH = frozenset(SPEECH_OF) - words(
    "report reports reported state states post posts note notes add adds question questions observe continue dismiss "
    "reject reveal conclude"
) | words("react reacted justify justified defend defended feel view speak spoken written")
"""Forms in a question that asks what somebody says: "did she deny", "has he responded", "how does it view"."""
NEUTRAL_SPEECH = words("say tell according")
"""Verbs that any telling supports: who claims or warns also says."""
VOUCHING = ("confirm", "reveal", "admit concede acknowledge")
"""Verbs that hold what is told for true, those alike in a group: "said" does not support them."""
PRONOUNS = words("he she they it we i who his her their")

_OPPOSITES = (
    "rise increase grow climb soar surge gain jump / fall decrease decline drop plunge shrink sink slump; "
    "accept approve back support endorse / reject oppose refuse dismiss; before / after; "
    "more greater / less fewer; high higher above over / low lower below under; "
    "win victory / lose defeat loss; allow permit legalize / ban prohibit forbid block bar outlaw; "
    "guilty convict / innocent acquit; start begin open launch / end stop close finish cancel; "
    "praise hail welcome applaud / criticize criticise condemn denounce slam; "
    "arrive enter join / leave depart exit quit withdraw; first / last; north northern / south southern; "
    "east eastern / west western; buy purchase / sell; import / export; male man men / female woman women; "
    "dead die kill / alive survive; success succeed successful / failure fail unsuccessful; "
    "raise / cut lower reduce; arrest detain jail imprison / release free; "
    "hire appoint / fire dismiss sack; confirm / deny; agree / disagree; legal lawful / illegal unlawful; "
    "safe / unsafe dangerous; public / private; strong strengthen / weak weaken; minimum / maximum; "
    "best / worst; early / late; younger / older; profit / loss; ally / enemy; majority / minority; "
    "husband / wife; father / mother; son / daughter; brother / sister; up / down; morning / afternoon evening night"
)
OPPOSITES = tuple(tuple(frozenset(side.split()) for side in pair.split(" / ")) for pair in _OPPOSITES.split("; "))
SYNONYMS = (
    "kill dead die death",
    "arrest detain",
    "seize confiscate",
    "buy purchase acquire",
    "begin start",
    "end finish",
    "kid child children",
    "official authority",
    "rise increase climb grow",
    "fall drop decrease decline",
    "man men",
    "woman women",
    "people person",
    "say tell",
    "admit concede acknowledge",
    "criticize criticise condemn slam",
    "injure hurt wound",
    "attack strike",
    "large big huge",
    "firm company",
    "shut close",
    "car vehicle",
    "doctor physician",
    "job post",
    "reach hit",
    "aid help assist",
    "ask request",
    "approve pass",
    "fire blaze",
    "country nation",
    "city town",
    "show reveal",
    "quit resign",
    "pact deal agreement accord",
    "film movie",
    "cop police",
    "cost price",
    "poll survey",
    "law legislation",
    "claim allege",
    "near close",
    "about approximate",
    "home house",
    "plane aircraft jet",
    "ship vessel",
    "get receive",
    "employee worker staff",
    "election vote",
    "suspect accuse",
)
NATIONS = (
    "US USA U.S. U.S.A. United-States America American Americans",
    "UK U.K. Britain British United-Kingdom Britons",
    "UN U.N. United-Nations",
    "EU E.U. European-Union",
    "France French",
    "Spain Spanish Spaniard",
    "Germany German Germans",
    "China Chinese",
    "Netherlands Dutch",
    "Ireland Irish",
    "Greece Greek Greeks",
    "Turkey Turkish Türkiye",
    "Mexico Mexican",
    "Denmark Danish Danes",
    "Sweden Swedish Swede",
    "Finland Finnish Finn",
    "Poland Polish Pole",
    "Wales Welsh",
    "Scotland Scottish Scots",
    "England English",
    "Switzerland Swiss",
    "Thailand Thai",
    "Philippines Filipino Philippine",
    "Norway Norwegian",
    "Argentina Argentine Argentinian",
    "Peru Peruvian",
    "Ukraine Ukrainian",
    "Iraq Iraqi",
    "Israel Israeli Israelis",
    "Pakistan Pakistani",
    "Yemen Yemeni",
    "Lebanon Lebanese",
    "Afghanistan Afghan",
    "Congo Congolese",
    "Europe European Europeans",
    "Africa African",
    "Asia Asian",
    "Portugal Portuguese",
    "Colombia Colombian",
    "Iran Iranian",
    "Canada Canadian",
    "Brazil Brazilian",
    "Egypt Egyptian",
    "Democrat Democrats Democratic",
    "Republican Republicans GOP",
)
TITLES = words(
    "president vice prime minister mr mrs ms dr sir senator sen rep representative governor gov secretary "
    "general gen judge "
    "justice chief king queen prince princess pope chancellor mayor professor prof captain capt sgt lt col officer ceo "
    "chairman chairwoman director attorney congressman congresswoman rev st detective inspector coach "
    "colonel lieutenant sergeant admiral brigadier sheriff bishop archbishop"
)
SPEAKERS = (
    words(
        "spokesman spokeswoman spokesperson speaker official officials police prosecutor prosecutors lawyer "
        "lawyers leader leaders analyst analysts expert experts economist economists scientist scientists "
        "researcher researchers witness witnesses doctor doctors diplomat diplomats critic critics resident "
        "residents student students teacher driver activist activists army military navy government ministry "
        "department agency office union company firm bank party group organization organisation newspaper "
        "paper magazine broadcaster outlet publication committee commission council court administration "
        "authorities lawmaker lawmakers senators ministers opposition executive founder owner mother father "
        "wife husband son daughter brother sister friend friends colleague author editor commander premier "
        "candidate rebels protesters workers farmers historian engineer manager deputy aide aides adviser "
        "advisers envoy ambassador embassy palace parliament congress service sources source team regulator "
        "watchdog charity"
    )
    | TITLES
)
"""Nouns for whoever may speak: persons by what they are, and bodies."""
NAME_LINKS = words("of de del da di la le al el bin van von der den du & and the for")

_IRREGULAR = dict(
    pair.split(":")
    for pair in row(
        "said:say says:say told:tell won:win lost:lose rose:rise risen:rise fell:fall fallen:fall grew:grow grown:grow "
        "began:begin begun:begin bought:buy sold:sell left:leave led:lead met:meet made:make took:take "
        "taken:take gave:give "
        "given:give went:go gone:go came:come saw:see seen:see shot:shoot held:hold found:find "
        "thought:think brought:bring "
        "sent:send built:build wrote:write written:write knew:know known:know sank:sink sunk:sink "
        "shrank:shrink shut:shut "
        "struck:strike hid:hide fled:flee fought:fight caught:catch stole:steal stolen:steal broke:break broken:break "
        "drove:drive driven:drive flew:fly flown:fly spoke:speak spoken:speak chose:choose chosen:choose "
        "died:die dying:die "
        "killed:kill men:man women:woman children:child people:person lives:life wives:wife denied:deny denies:deny "
        "tried:try tries:try planned:plan planning:plan sought:seek beat:beat beaten:beat threw:throw thrown:throw "
        "paid:pay laid:lay ran:run got:get gotten:get kept:keep felt:feel hit:hit put:put became:become expelled:expel"
    )
)
PAST = frozenset(_IRREGULAR) - words("men women children people lives wives")
"""Irregular past forms."""
_SUFFIXES = row(
    "izations isations ization isation ations ation ments ment ings ing edly ities ity iness ness ances ance "
    "ences ence "
    "ures ure ions ion ives ive ers er ors or ally ably ly ies ied ed es s al able"
)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The part of a word that its forms share: "seizures", "seized" and "seizing" give "seiz"; lower case."""
    word = word.casefold().replace("’", "'").removesuffix("'s").rstrip("'")
    word = _IRREGULAR.get(word, word)
    if len(word) > 3:
        for suffix in _SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= (4 if suffix == "al" else 3):
                if suffix == "s" and word.endswith(("ss", "us", "is")):
                    continue
                word = word[: -len(suffix)] + ("i" if suffix in ("ies", "ied") else "")
                break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return re.sub(r"(?<=\w\w\w)e$", "", re.sub(r"(?<=\w\w)y$", "i", word))


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


SYNONYM_OF: dict[str, str] = {s: min(group) for line in SYNONYMS for group in [_stems(line)] for s in group}
"""Stem -> one stem that stands for its whole group."""

OPPOSITE_OF: dict[str, frozenset[str]] = {}
for _left, _right in OPPOSITES:
    _a, _b = _stems(" ".join(_left)), _stems(" ".join(_right))
    for _own, _other in ((_a, _b), (_b, _a)):
        for _s in _own:
            OPPOSITE_OF[_s] = OPPOSITE_OF.get(_s, frozenset()) | _other
NATION_OF = {
    name.casefold().replace("-", " ").replace(".", ""): line.split()[0] for line in NATIONS for name in line.split()
}
DENIAL_STEMS = frozenset(stem(word) for word in DENIALS)
HEDGE_STEMS = {stem(word): kind for word, kind in HEDGES.items()}
"""Stem of a hedge -> its kind: alleged, possible, planned, attempt, condition."""

"""Forms of English verbs, as many as questions about news need. Pure."""

from __future__ import annotations

from rag.check.lexicon import row, stem, words

_PAST = dict(
    pair.split(":")
    for pair in row(
        "arise:arose be:was bear:bore beat:beat become:became begin:began bind:bound bite:bit bleed:bled blow:blew "
        "break:broke breed:bred bring:brought broadcast:broadcast build:built burst:burst buy:bought cast:cast "
        "catch:caught choose:chose cling:clung come:came cost:cost cut:cut deal:dealt dig:dug do:did draw:drew "
        "drink:drank drive:drove eat:ate fall:fell feed:fed feel:felt fight:fought find:found flee:fled fly:flew "
        "forbid:forbade forecast:forecast forget:forgot forgive:forgave freeze:froze get:got give:gave go:went "
        "grow:grew hang:hung have:had hear:heard hide:hid hit:hit hold:held hurt:hurt keep:kept know:knew lay:laid "
        "lead:led leave:left lend:lent let:let lie:lay lose:lost make:made mean:meant meet:met overcome:overcame "
        "oversee:oversaw overtake:overtook overthrow:overthrew pay:paid put:put quit:quit read:read ride:rode "
        "ring:rang rise:rose run:ran say:said see:saw seek:sought sell:sold send:sent set:set shake:shook shoot:shot "
        "show:showed shrink:shrank shut:shut sing:sang sink:sank sit:sat sleep:slept speak:spoke spend:spent "
        "split:split spread:spread stand:stood steal:stole stick:stuck strike:struck swear:swore swim:swam take:took "
        "teach:taught tear:tore tell:told think:thought throw:threw understand:understood undergo:underwent "
        "uphold:upheld wear:wore win:won withdraw:withdrew withhold:withheld write:wrote"
    )
)
_PARTICIPLES = words(
    "arisen been begun beaten bitten blown born borne broken brought built bought caught chosen come cost cut "
    "dealt done drawn driven eaten fallen fed felt fought found fled flown forbidden forgotten forgiven frozen "
    "got gotten given gone grown had heard held hidden hit hung hurt kept known laid led left lent let lost made "
    "meant met overthrown overtaken paid put quit read ridden risen run said seen sent set shaken shot shown "
    "shrunk shut slain sold sought spent split spoken spread stolen stood struck stuck sued sunk sworn taken taught "
    "thought thrown told torn understood upheld withdrawn withheld won worn written"
)
_NO_PARTICIPLE = words(
    "need seed feed speed breed indeed hundred sacred red bed king ring thing spring string wing building meeting "
    "evening morning nothing something anything everything wedding ceiling beijing shed creed"
)
_DOUBLED = words(
    "admit commit permit submit occur refer prefer defer transfer control patrol regret expel compel rebel equip"
)

CATENATIVES = words("help let make try want agree refuse decline fail threaten ask allow begin stop")

BASES = frozenset(_PAST) | words(
    "abandon abolish abuse accept accuse achieve acknowledge acquire act add address admit adopt advance affect "
    "agree allow announce apologise apologize appeal appear apply appoint approve argue arrest arrive ask "
    "assist attack attend avoid award back ban bar battle believe benefit blame block bomb boycott call campaign "
    "cancel carry cause celebrate challenge change charge claim clash clear climb close collapse comment commit "
    "compare compete complain complete concede condemn confirm confiscate consider contain continue contribute "
    "control convict cooperate cover crash create criticise criticize cross damage debate decide declare decline "
    "decrease defeat defend delay deliver demand deny depart deploy deport describe deserve destroy detain deter "
    "develop die differ disagree disappear discover discuss dismiss dispute dissolve divorce donate double drop "
    "earn ease elect eliminate end endorse enforce enter escalate escape establish evacuate exceed exclude "
    "execute exist exit expand expect expel expire explain explode export expose express extend extradite face "
    "fail favor favour file fine finish fire flood follow force forge form freeze fund gain govern grant "
    "guarantee halt hand happen harm help hire hope host identify ignore impeach implement import impose improve "
    "include increase indict inform injure insist inspect intend interfere intervene introduce invade invest "
    "investigate invite involve issue jail join joke jump kidnap kill label lack launch leak legalise legalize "
    "license lift like link list live lobby locate look lower maintain manage march marry matter mediate mention "
    "merge miss monitor move murder name negotiate nominate note notify obtain occupy occur offer open operate "
    "oppose order organise organize own pardon participate pass pause permit persuade pick place plan plead "
    "pledge plunge point postpone praise predict prepare press pressure prevent produce profit prohibit promise "
    "promote propose prosecute protect protest prove provide publish punish purchase pursue push qualify question "
    "raid raise reach react realise realize rebuild receive recognise recognize recommend record recover reduce "
    "refer refuse regret reinstate reject release relent rely remain remove rename renew repeal replace reply "
    "report represent request rescue resign resist resolve respond restore restrict result resume retaliate "
    "retire return reveal reverse review revoke rule sack sail sanction sanctify save score search secure seize "
    "sentence serve settle shape share shift sign slap slow smuggle soar start state stay step stop study submit "
    "succeed suffer suggest sue support surge surrender survive suspend suspect switch talk target tax terminate "
    "test testify threaten tighten topple trade train transfer travel treat trigger triple try turn urge use "
    "vaccinate veto violate visit vote vow wait want warn waste watch weaken welcome widen work worsen wound "
    "yield"
)

EVENTS = {
    "resignation": "resigned",
    "retirement": "retired",
    "departure": "left",
    "death": "died",
    "suicide": "died",
    "murder": "was murdered",
    "assassination": "was assassinated",
    "killing": "was killed",
    "kidnapping": "was kidnapped",
    "abduction": "was kidnapped",
    "arrest": "was arrested",
    "detention": "was detained",
    "imprisonment": "was imprisoned",
    "extradition": "was extradited",
    "deportation": "was deported",
    "expulsion": "was expelled",
    "indictment": "was indicted",
    "conviction": "was convicted",
    "acquittal": "was acquitted",
    "impeachment": "was impeached",
    "dismissal": "was dismissed",
    "firing": "was fired",
    "sacking": "was sacked",
    "suspension": "was suspended",
    "appointment": "was appointed",
    "election": "was elected",
    "re-election": "was re-elected",
    "victory": "won",
    "defeat": "lost",
    "release": "was released",
    "divorce": "divorced",
    "apology": "apologized",
    "surrender": "surrendered",
    "collapse": "collapsed",
}
"""Noun -> what it says of the one it belongs to."""

OPPOSITES = {
    stem(word): frozenset(stem(other) for other in others.split())
    for sides in (
        ("invite include", "exclude omit snub uninvite"),
        ("accept", "rebuff spurn decline"),
        ("sign", "veto"),
        ("attend", "skip boycott"),
        ("continue", "suspend halt stop"),
        ("uphold", "overturn quash"),
        ("stay remain", "leave resign quit"),
        ("ratify", "reject"),
        ("recover", "worsen die"),
    )
    for mine, others in (sides, sides[::-1])
    for word in mine.split()
}
"""Stem of a verb -> stems of those that deny it; beside the pairs that the checker knows."""

REVERSIBLE = frozenset(
    stem(word)
    for word in words(
        "before after more greater less fewer start begin open launch end stop close finish cancel arrive enter join "
        "leave depart exit quit withdraw first last buy purchase sell import export arrest detain jail imprison "
        "release free hire appoint fire sack raise cut lower reduce early late"
    )
)
"""Stems of what can be done first and undone later, so that the opposite takes nothing away."""

MOVING = frozenset(
    stem(word)
    for word in words(
        "rise increase grow climb soar surge gain jump fall decrease decline drop plunge shrink sink slump"
    )
)
"""Stems of what goes one way in one year and the other in the next."""


def finite(verb: str, auxiliary: str) -> str:
    """The form that a verb has without its "did" or "does"; with any other auxiliary the base of a past form."""
    if auxiliary == "did":
        return _PAST.get(verb) or _regular(verb)
    if auxiliary == "does":
        return third_person(verb)
    return _BASE_OF.get(verb, verb)


def third_person(verb: str) -> str:
    """As in "goes", "tries", "has"."""
    if verb == "have":
        return "has"
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2:-1] not in "aeiou" else f"{verb}s"


def is_participle(word: str) -> bool:
    """Whether a word has the form of a participle: "invited", "sold", "going"."""
    ending = len(word) > 4 and word.endswith(("ed", "ing")) and word not in _NO_PARTICIPLE
    return ending or word in _PARTICIPLES


def is_past(word: str) -> bool:
    """Whether a word has a form of the past: "signed", "sold"; "put" and the like have it too."""
    return word in _PASTS or word in _PARTICIPLES or (word.endswith("ed") and word not in _NO_PARTICIPLE)


def _regular(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    vowels = sum(letter in "aeiouy" for letter in verb)
    short = vowels == 1 and len(verb) > 2 and verb[-2] in "aeiou" and verb[-1] not in "aeiouywx"
    return f"{verb}{verb[-1]}ed" if short or verb in _DOUBLED else f"{verb}ed"


_BASE_OF = {past: base for base, past in _PAST.items()} | {
    form: base for base in BASES for form in (*([] if base in _PAST else [_regular(base)]), third_person(base))
}
_PASTS = frozenset(_PAST.values())

"""Text as it is stored: one Unicode form, one kind of space, and none of the page's own words around the reporting.

A false drop loses reporting while a missed line only adds noise, so every rule needs a sign of the page speaking to its
reader (a call with a platform in it, a notice, a credit), and the weaker signs count at the article's edges only.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable

_LINE_END = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_NOTHING = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff\ud800-\udfff"
)
# One variation selector gives a sign its form; several in a row spell a text that only machines read.
_UNSEEN = re.compile(f"[{_NOTHING}\ufe00-\ufe0f\U000e0100-\U000e01ef]{{2,}}|[{_NOTHING}]")
_LONGEST = 500  # characters: no notice is longer, and a rule never runs over a whole article in one line
_WORD = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"“[^”]*(?:”|$)|«[^»]*(?:»|$)|„[^“”]*(?:[“”]|$)|\"[^\"]*(?:\"|$)|(?<!\w)‘.*?(?:’(?!\w)|$)")

# The function words of eight languages: enough to tell whose short line it is, never to name the language of a text.
_FUNCTION_WORDS = {
    "en": "the of and to in is was for that with on as by at from it his her they be are this have not you your our we",
    "es": "el la los las de del que y en un una por con para se su es al lo como más pero sus este esta no nuestro",
    "fr": "le la les de des du et un une en dans que qui pour par sur au aux est avec ce cette il ne pas vous nos",
    "de": "der die das und in den von zu mit ist des im dem nicht ein eine für auf sich auch es an sie wird uns unsere",
    "pt": "o a os as de do da dos das que e em um uma para por com não se no na ao é mais seu sua nosso você",
    "it": "il lo la i gli le di del della che e un una in per con non è al alla si da nel sono più come nostro",
    "tr": "ve bir bu için ile da de olarak daha çok olan gibi sonra kadar ama ne o en her biz sizin bizim",
    "nl": "de het een en van in is op te dat die voor met zijn niet aan er om ook als bij naar wij ons onze je",
}
_PROFILES = {name: frozenset(words.split()) for name, words in _FUNCTION_WORDS.items()}

_PLATFORM = re.compile(
    r"newsletters?|briefing|inbox|facebook|twitter|instagram|whatsapp|telegram|tiktok|youtube|linkedin|\bx\b|podcasts?|"
    r"\bapp\b|channel|mailing list|browser|javascript|e-?mail|\S+@\S+|@\w+|web ?site|\bpage\b|notifications|alerts|"
    r"journalism|\bsite\b|subscri\w+|comments?\b|bolet[ií]n|correo|redes sociales|\bcanal\b|nieuwsbrief|"
    r"sozialen? (?:netzwerke|medien)|bülten\w*",
    re.I,
)
_SELF = re.compile(
    r"\b(?:us|our|we|nuestr[oa]s?|nos|notre|nous|unser\w*|uns|noss[oa]s?|nostr[oaie]|seguici|síguenos|ons|onze|"
    r"\w+(?:ımız|imiz|umuz|ümüz)\w*)\b",
    re.I,
)
_READER = re.compile(
    r"\b(?:you|your|here|him|her|them|tu|sus?|vos|votre|vous|sie|ihr\w*|seus?|tua|tuo|je|jouw)\b", re.I
)
_CALL = re.compile(
    r"^\W*(?:[^.!?]{1,60}[?!]\s+)?(?:please\s+|do(?:n['’]t| not) forget to\s+)?(?:you can\s+)?(?:"
    r"subscribe|sign up|follow|share|click|tap|download|join|support|donate|like|listen|watch|check out|visit|send|"
    r"e-?mail|contact|let us know|tell us|register|log in|enable|turn on|accept|write to|get|stay|never miss|"
    r"suscr[ií]b[ea]\w*|s[ií]g[ua]\w*|compart[ea]\w*|descarg\w+|regístr\w+|únete|ha[zg]a? clic|reciba?e?|"
    r"abonnez|inscrivez|suivez|partagez|cliquez|téléchargez|rejoignez|soutenez|recevez|"
    r"abonnieren?|folg(?:en|e|t)|teilen|klicken|laden sie|melden sie|registrieren|unterstützen|"
    r"assine|inscreva|compartilhe|clique|baixe|receba|participe|"
    r"iscrivi\w*|abbona\w+|segui\w*|condividi|clicca|scarica|abonneer|schrijf je|volg|deel|klik|meld je)\b"
    r"|\b(?:takip edin|abone olun|tıklayın|paylaşın|indirin|kaydolun)\b",
    re.I,
)
_SPEECH = re.compile(r"\b(?:said|says|told|wrote|asked|added|shouted|argued|according to|dijo|dit|sagte|disse)\b", re.I)

_ROLE = (
    r"(?:reporter|writer|journalist|photographer|editor|correspondent|columnist|contributor|blogger|producer|critic|author|"
    r"periodista|escritora?|journaliste|redakteur(?:in)?|jornalista|giornalista|gazeteci)"
)
_BIO = re.compile(
    r"^\W*(?P<name>(?:[^\W\d_a-zß-ÿ][\w'’.-]*\s+){1,3}[^\W\d_a-zß-ÿ][\w'’-]*)"
    rf",?\s+(?:is|es|est|ist|é|è)\s+(?:[\w'’-]+\s+){{0,4}}?{_ROLE}\b"
)
_PAST = re.compile(
    r"\b(?:was|were|had|said|died|killed|arrested|detained|fined|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
)
_RESERVED = (
    r"all rights reserved|todos los derechos reservados|tous droits réservés|alle rechte vorbehalten|"
    r"tutti i diritti(?: sono)? riservati|todos os direitos reservados|tüm hakları saklıdır|alle rechten voorbehouden"
)
SYNDICATED = re.compile(
    r"^(?:the post|la entrada|l['’]article|der beitrag|l['’]articolo|o post|het bericht) (?P<title>.+?) "
    r"(?:appeared first on|first appeared on|(?:se publicó|apareció) primero en|est apparu en premier sur|"
    r"erschien zuerst auf|proviene da|apareceu primeiro em|verscheen eerst op) (?P<outlet>.+?)\.?$",
    re.I,
)
"""The line a feed puts under a syndicated article; its title and outlet are metadata."""

_LOADING = re.compile(
    r"\b(?:loading|cargando|chargement|carregando|caricamento|lädt|wird geladen|laden|yükleniyor)\b", re.I
)
_NOTICES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        # advertisements and the controls of a page
        r"^\W*(?:advert(?:isement|ising)?|sponsored(?: content| post)?|paid (?:content|post)|promoted(?: content)?|"
        r"publicidad|anuncio|publicité|anzeige|werbung|pubblicità|publicidade|reklam|advertentie)\W*"
        r"(?:(?:continue|scroll|story continues)\b.{0,40})?$",
        r"^\W*(?:story|article|post) continues (?:below|after)\b.{0,30}$",
        r"^\W*(?:share|print|copy)(?: (?:this|on|via|the|to|link|article|story|post|page|facebook|twitter|x|whatsapp|"
        r"linkedin|reddit|e-?mail))+\W*$",
        r"^\W*(?:skip to\b.{0,20}|(?:click here|haga clic aquí|cliquez ici|klicken sie hier)\b[^.!?]{0,120}[.!?]?\W*)$",
        r"^\W*\d{1,3}[ -]?min(?:ute)?s?\.? read\W*$",
        r"^\W*(?:read more|log ?in|sign (?:in|up)|subscribe(?: (?:now|today))?|follow us|(?:privacy|cookie) policy|"
        r"terms (?:of|and) (?:use|service|conditions)|leave a (?:comment|reply)|cancel reply|(?:\d+|no) comments|"
        r"you are commenting using .{0,40}|notify me of (?:new|follow-up) .{0,40}|you must be logged in .{0,40})\W*$",
        # rights and credits
        rf"^(?:\W*(?:©|\(c\)|copyright\s+(?:©|\(c\)|\d{{4}}))|(?:.{{0,80}}\W)?(?:{_RESERVED})\s*(?:[.!]|$))",
        r"^\W*(?:credits?|crédito|(?:(?:file |ap )?photo(?:graph)?s?|images?|pictures?|video|fotos?|imagen|bild|"
        r"fotoğraf|crédits? photo)(?: (?:credits?|by|source|courtesy))?)\s*:\s*\S.{0,80}(?<![.!?”\"])$",
        r"^\W*\((?:(?:file|ap|reuters) )?(?:photo|image|foto|picture)\b[^()]{0,120}\)\W*$",
        # consent
        r"^\W*(?:we (?:use|and our partners)|this (?:web ?)?site|our (?:web ?)?site|"
        r"by (?:continuing|using|clicking)|utilizamos|usamos|esta web|este sitio|nous utilisons|ce site|"
        r"wir verwenden|diese (?:web)?seite|questo sito|utilizziamo|este site|"
        r"wij gebruiken|deze (?:web)?site|bu site)\b.*\b(?:cookies?|çerez\w*)\b",
        # links to other articles
        r"^\W*(?:read (?:more|also|next)|also read|see also|don['’]t miss|more on this|l[ée][ea] también|"
        r"[lt]e puede interesar|[àa]? ?lire aussi|lesen sie auch|mehr zum thema|auch interessant|leggi anche|"
        r"leia também|veja também|lees ook|ayrıca okuyun|related(?: stor(?:y|ies)| articles?| posts?)?)"
        r"\s*[:|–—]\s*.{0,160}(?<![.!])$",
    )
)
_EDGE_NOTICES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"^\W*(?:this|a version of this) (?:article|story|piece|post|report|essay|interview)(?: was| is)?"
        r"(?: first| originally)? (?:first |originally )?(?:appeared|published|reported|produced|republished) \w+\b",
        r"^\W*(?:(?:originally|first) (?:published|appeared) (?:at|on|in|by)|republished (?:with|from|by)|"
        r"este artículo (?:fue publicado|se publicó|apareció)|cet article a été publié|"
        r"dieser (?:artikel|text) erschien)\b",
        r"^\W*(?:tags?|topics?|filed under|categor(?:y|ies)|keywords|temas|etiquetas|schlagwörter|mots[- ]clés)"
        r"\s*:.{1,200}(?<![.!?])$",
        r"^(?:facebook|twitter|whatsapp|linkedin|reddit|e-?mail|comments?|comentarios|commentaires|kommentare|menu|"
        r"log ?in|sign (?:in|up)|subscribe|share|print|home|search|\W)+$",
    )
)
_REPORTED_BY = re.compile(
    r"^\W*(?:[Aa]dditional |[Ff]urther )?(?:[Rr]eporting|[Ww]riting|[Ee]diting) by "
    r"(?:(?:[^\W\d_a-z]\S*|and|in|of|the|by|for|additional|reporting|writing|editing)(?:\s+|$))+$"
)
_CONTRIBUTED = re.compile(
    r"^\W*(?:(?:[^\W\d_a-z][\w.’'-]*,?|and|also|journalist|reporter|writer|de|van|von|al)\s+)+"
    r"contributed (?:reporting )?to this (?:report|story|article)(?: from [A-Z][\w., -]{1,40})?\W*$"
)
_APPEAL = re.compile(
    r"\b(?:newsletters?|inbox|journalism|subscri\w+|member(?:s|ship)|donations?|web ?site|app|channel)\b", re.I
)
_RELATED = re.compile(
    r"^\W*(?:you (?:may|might) also (?:like|enjoy)|(?:related|recommended|popular|trending|latest|more)"
    r" (?:articles|stories|posts|news|content|links|reading|coverage)|read next|most (?:read|popular)|"
    r"recommended(?: for you)?|artículos relacionados|noticias relacionadas|articles? liés|"
    r"articoli correlati|notícias relacionadas)\W*$",
    re.I,
)
_RULES_FOR_COMMENTS = re.compile(
    r"(?=.*\b(?:comment\w*|post(?:s|ing)?|debate|discussion|coment[aá]rios?|kommentar\w*|commenti|yorum\w*)\b)"
    r"(?=.*\b(?:please|respectful|polite|civil|moderat\w+|guidelines|abusive|insult\w*|offensive|rude|derogatory|"
    r"removed|deleted)\b)(?=.*\b(?:you|your|our|we|us|please)\b)",
    re.I,
)


def normalise(text: str) -> str:
    r"""Text in NFC with `\n` line ends, plain spaces, nothing unseen and at most one empty line between paragraphs.

    Control, zero-width, soft-hyphen, direction and tag characters, rows of variation selectors and lone surrogates go;
    white space at the ends of lines goes. Idempotent. Typographic quotes and dashes stay, since quotations must match
    what was published.
    """
    text = _UNSEEN.sub("", _LINE_END.sub("\n", text))
    text = re.sub(r"[^\S\n]+", " ", unicodedata.normalize("NFC", text))
    return _fold_blank_lines(re.sub(r" ?\n ?", "\n", text))


def strip_boilerplate(text: str) -> tuple[str, tuple[str, ...]]:
    """Separates the reporting from the page's own words.

    Args:
        text: normalised text, paragraphs on lines of their own.

    Returns:
        The kept text, its lines unchanged and in order, and the dropped lines in order. Never drops everything: a text
        that is all boilerplate is kept whole.
    """
    lines = text.split("\n")
    filled = [number for number, line in enumerate(lines) if line.strip()]
    repeats = Counter(line.strip() for line in lines)
    language = _language(text)
    drop = {number for number in filled if _is_notice(lines[number], repeats[lines[number].strip()])}
    drop |= _run(filled, drop, lambda number: _is_edge_notice(lines[number], language))
    drop |= _run(filled[::-1], drop, lambda number: _is_tail_notice(lines, number, language))
    drop |= _related_tail(lines, filled, drop)
    if len(drop) == len(filled):
        return text, ()
    kept = "\n".join(line for number, line in enumerate(lines) if number not in drop)
    return _fold_blank_lines(kept), tuple(lines[number] for number in sorted(drop))


def _fold_blank_lines(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _run(numbers: Iterable[int], dropped: set[int], is_notice: Callable[[int], bool]) -> set[int]:
    """The lines from one end that are notices, up to the first line of reporting."""
    run: set[int] = set()
    for number in numbers:
        if number not in dropped:
            if not is_notice(number):
                break
            run.add(number)
    return run


def _is_notice(line: str, count: int) -> bool:
    """Signs that need no position: a page never says these inside a report."""
    words = len(line.split())
    if len(line) > _LONGEST:
        return False
    if line.endswith(("…", "...")) and words <= 4 and (_LOADING.search(line) or count > 1):
        return True
    if SYNDICATED.match(line) or (words <= 40 and any(notice.match(line) for notice in _NOTICES)):
        return True
    return _is_call(line) and bool(_SELF.search(line))


def _is_call(line: str) -> bool:
    """An imperative to the reader with a platform in it, outside quotation marks and without a speaker."""
    own = _QUOTED.sub(" ", line)
    return bool(_CALL.search(own) and _PLATFORM.search(own) and not _SPEECH.search(own))


def _is_edge_notice(line: str, language: str | None) -> bool:
    words = len(line.split())
    if words > 40 or len(line) > _LONGEST:
        return False
    if any(notice.match(line) for notice in _EDGE_NOTICES) or _RELATED.match(line):
        return True
    if _REPORTED_BY.match(line) or _CONTRIBUTED.match(line):
        return True
    return (_is_call(line) and bool(_READER.search(line))) or (words <= 15 and _is_foreign(line, language))


def _is_tail_notice(lines: list[str], number: int, language: str | None) -> bool:
    """What stands below an article only: its author's life, rules for comments, appeals."""
    line = lines[number]
    if _is_edge_notice(line, language):
        return True
    own = _QUOTED.sub(" ", line)
    if len(line) > _LONGEST or _SPEECH.search(own):
        return False
    appeal = _APPEAL.search(own) and _SELF.search(own) and _READER.search(own)
    return bool(appeal or _RULES_FOR_COMMENTS.match(own)) or _is_bio(lines, number)


def _is_bio(lines: list[str], number: int) -> bool:
    """A journalist's life in the present tense; somebody the article has already named is its subject instead."""
    found = _BIO.match(lines[number])
    if found is None or _PAST.search(lines[number]):
        return False
    surname = found["name"].split()[-1]
    others = (line for other, line in enumerate(lines) if other != number and not line.lower().startswith("by "))
    return not any(surname in line for line in others)


def _related_tail(lines: list[str], filled: list[int], dropped: set[int]) -> set[int]:
    """A heading such as "Related articles" takes the headlines under it along when nothing else follows them."""
    for position, number in enumerate(filled):
        below = filled[position:]
        if _RELATED.match(lines[number]) and all(n in dropped or _is_headline(lines[n]) for n in below):
            return set(below)
    return set()


def _is_headline(line: str) -> bool:
    return len(line.split()) <= 20 and not line.endswith((".", "!", "”", '"', ":", ";"))


def _hits(words: list[str]) -> dict[str, int]:
    return {name: sum(word in profile for word in words) for name, profile in _PROFILES.items()}


def _language(text: str) -> str | None:
    """The profile most of the text's words hit; None for texts too short to tell."""
    hits = _hits(_WORD.findall(text[:20_000].lower()))
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] >= 20 else None


def _is_foreign(line: str, language: str | None) -> bool:
    """A line outside quotation marks with function words of another language and none of the article's."""
    if language is None or line[:1] in "“\"«„‘'":
        return False
    hits = _hits(_WORD.findall(line.lower()))
    return hits[language] == 0 and max(hits.values()) >= 2

"""Who says a sentence of an article, and how: said, claimed, denied, wrote, according to. Pure.

Only what the wording shows is told. What several say, or somebody who cannot be told for certain, is speech without a
speaker; a sentence that tells the outlet's own news besides what somebody says is the outlet's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag import wording
from rag.answers import Speech
from rag.check.evidence import TITLE_KEYS
from rag.check.facts import fold
from rag.check.facts import words as tokens_of
from rag.check.lexicon import ASKED_SPEECH, NATION_OF, STOP, words
from rag.quotations import Span, quoted_spans
from rag.speech.speakers import PRONOUN, People, keys, people
from rag.speech.tellings import UNCLEAR, Told, telling, unquoted
from rag.units import with_speaker

_LOOK_BACK = 5
"""Sentences before in which "he" may be named."""

_WINDOW = 12
"""Sentences on either side that are read: as far as a quotation over several paragraphs goes."""

_GLUED = re.compile(r"(?<=\s)(?:[a-z][\w’-]{2,}|\d+)[.!?] (?=[A-Z])")
"""Between two sentences that were not told apart: "paid tax. Few"."""

_CLAUSE = re.compile(r"\W*(?:When|After|Before|Although|Though|While|As|Once|Since|If)\b")
_NO_SUBJECT = re.compile(
    r"\W*(?:Asked|Questioned|Told|Pressed|\w+ing|In|On|At|To|For|With|Like|Unlike|From|Under|By|About|Of|Against|Despite|"
    r"Alongside|Beside|Behind)\b"
)
"""Whom such words name is not who speaks: "Asked about Petro, he said"."""

_NATION_KEYS = frozenset(nation.casefold() for nation in NATION_OF.values())
_NAMED = r"((?:[\w.’'&-]+ ){0,8}?[\w.’'&-]+?)"
_ASKED = "|".join(sorted(ASKED_SPEECH, key=lambda form: (-len(form), form)))
_VIEWS = (
    r"(?:views?|opinions?|positions?|stance|responses?|reactions?|answers?|reply|take|explanation|comments?|criticisms?|"
    r"arguments?|accusations?|claims?|statements?|attitude|thoughts|message|promises?|denial|words)"
)
_ASKED_DID = re.compile(
    rf"\b(?:[Dd]id|[Dd]oes|[Dd]o|[Hh]as|[Hh]ave|[Hh]ad|[Ii]s|[Aa]re|[Ww]as|[Ww]ere|[Ww]ould) {_NAMED} "
    rf"(?:ever |also |actually |really |now |publicly |not |since |then )*(?:{_ASKED})\b"
)
_ASKED_VIEW = re.compile(
    rf"\b(?:[Ww]hat[’']s|is|are|was|were|about|give|me|[Ss]ummari[sz]e|explain|of|on) {_NAMED}"
    rf"(?:[’']s|(?<=s)[’']) (?:\w+ )?{_VIEWS}\b"
)
_ASKED_VIEW_OF = re.compile(
    rf"\b(?:the|any) {_VIEWS} (?:of|from|by) {_NAMED}(?= (?:on|about|of|to|regarding|in|for|that)\b|[?.,]|$)"
)
_ASKED_ACCORDING = re.compile(
    rf"\b[Aa]ccording to {_NAMED}(?= (?:how|what|who|when|where|why|did|is|was|has)\b|[?.,]|$)"
)
_ASKS_FOR_FACT = re.compile(
    r"\W*(?:Whom?\b|(?:When|Where)\b(?![^?]* (?:say|said|claim|think|believe)\b))(?![^?]*\baccording to\b)", re.I
)
_THE_SAME = re.compile(
    r"the (?:newspaper|paper|magazine|broadcaster|agency|company|group|organi[sz]ation|outlet|publication)"
)
_NOBODY = words(
    "people anyone anybody somebody someone everybody everyone nobody whom article articles report source sources"
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who says a sentence and how; all None where the outlet itself does.

    Attributes:
        speaker: by full name where the article has it, else as it names them ("the ministry"); None with a `speech` is
            somebody whom the text does not name clearly ("he", where two men were named), or several who say
            different things.
        speech: how they say it.
        role: what else the article calls them: "Defense Minister".
    """

    speaker: str | None
    speech: Speech | None
    role: str = ""


NARRATION = Attribution(None, None)
"""The outlet's own words."""


@dataclass(frozen=True, slots=True)
class _Read:
    """The part of an article around a span, read: its sentences, quotations and people."""

    text: str
    sentences: Sequence[Span]
    quoted: Sequence[Span]
    who: People

    def words(self, place: int) -> str:
        """A sentence without what it quotes."""
        return unquoted(self.text, self.sentences[place], self.quoted)

    def telling(self, place: int) -> Told | None:
        """What a sentence hangs on."""
        return telling(self.words(place), self.who, self.text)

    def narrates(self, place: int) -> bool:
        """Whether a sentence without a telling states something outside all quotations."""
        start, end = self.sentences[place]
        inside = any(a <= start < b for a, b in self.quoted)
        return not inside and wording.asserts(self.text[start:end])


def attribution(text: str, start: int, end: int, lead: Span | None, sentences: Sequence[Span]) -> Attribution:
    """Who says a span of an article.

    Args:
        text: the article's text.
        start: where the span begins, in characters; it is read as the whole sentences it touches.
        end: where it ends.
        lead: the span before it that says who "he" is, as in `rag.units`; None without.
        sentences: spans of the article's sentences in order.
    """
    places = _touched(sentences, (start, end))
    if places:
        places, sentences = _parted(text, places, sentences, (start, end))
    if not places or not any(wording.asserts(text[slice(*sentences[i])]) for i in places):
        return NARRATION
    first = max(0, places[0] - _WINDOW)
    near = sentences[first : places[-1] + _WINDOW]
    low = text.rfind("\n", 0, near[0][0]) + 1
    quoted = [(a + low, b + low) for a, b in quoted_spans(text[low : near[-1][1]])]
    article = _Read(text, near, quoted, people(text))
    found = _of_sentences(article, [i - first for i in places])
    if set(found) <= {NARRATION} and lead is not None and text[slice(*lead)].rstrip().endswith(":"):
        handing = _touched(near, lead)[-1:]
        if handing and wording.introduces(article.words(handing[0])):
            found = _of_sentences(article, handing)
    if not found or NARRATION in found:
        return NARRATION
    if len({one.speaker for one in found}) == 1:
        return found[0]
    return Attribution(None, found[0].speech if len({one.speech for one in found}) == 1 else "said")


def _parted(
    text: str, places: Sequence[int], sentences: Sequence[Span], span: Span
) -> tuple[list[int], Sequence[Span]]:
    """The sentences at `places`, told apart where two stand as one: (those that the span touches, all sentences)."""
    parts: list[Span] = []
    for a, b in sentences[places[0] : places[-1] + 1]:
        cuts = [m.end() for m in _GLUED.finditer(text, a, b)]
        parts += zip([a, *cuts], [*(cut - 1 for cut in cuts), b], strict=True)
    if len(parts) == len(places):
        return list(places), sentences
    whole = [*sentences[: places[0]], *parts, *sentences[places[-1] + 1 :]]
    return _touched(whole, span), whole


def _touched(sentences: Sequence[Span], span: Span) -> list[int]:
    return [i for i, (a, b) in enumerate(sentences) if a < span[1] and b > span[0]]


def _of_sentences(article: _Read, places: Sequence[int]) -> list[Attribution]:
    """The attributions in the sentences at `places` and in those that a quotation they cut runs through."""
    spans = [with_speaker(article.text, article.sentences, i, article.quoted) for i in places]
    whole = [span for span in spans if span is not None]
    if not whole:
        return [Attribution(None, "said")]  # quoted words that nobody is named for
    found: list[Attribution] = []
    labelled = -1
    for i in _touched(article.sentences, (min(a for a, _ in whole), max(b for _, b in whole))):
        if label := wording.label(article.text[slice(*article.sentences[i])]):
            found.append(Attribution(article.who.whole(label) or label, "said"))
            labelled = article.sentences[i][0]
        elif one := article.telling(i):
            found.append(_resolved(article, one, i))
        elif article.narrates(i) and (labelled < 0 or "\n" in article.text[labelled : article.sentences[i][0]]):
            found.append(NARRATION)
    return found


def _resolved(article: _Read, told: Told, place: int) -> Attribution:
    """The attribution with whoever "he" or "the newspaper" is."""
    speaker = told.who
    if speaker is UNCLEAR:
        return Attribution(None, told.speech)
    if speaker.name in PRONOUN:
        return Attribution(_antecedent(article, told, place), told.speech)
    if _THE_SAME.fullmatch(speaker.name):
        before = article.telling(place - 1) if place else None
        if before and not before.who.person and re.match(r"(?:the )?[A-Z]", before.who.name):
            return Attribution(before.who.name, told.speech, speaker.name)
    role = " ".join([speaker.role, *sorted(article.who.roles.get(speaker.name, ()))]).strip()
    return Attribution(speaker.name, told.speech, role)


def _antecedent(article: _Read, told: Told, place: int) -> str | None:
    """Who "he" is: the one person that the nearest sentence with persons names, or who speaks in it; else None."""
    if told.who.name in ("they", "it"):
        return None
    words = article.words(place)
    own = article.who.mentioned(words)
    before = article.who.mentioned(words[: told.at])
    opening, subject = words[: told.at], before[0] if len(before) == 1 else ""
    if _CLAUSE.match(words) or (not told.behind and not _NO_SUBJECT.match(words)):
        if article.who.rivals(opening, "" if told.behind else subject):
            return None
        if subject and not told.behind:
            return None if re.search(r"[’']s? ", opening) else subject
    for i in range(place - 1, max(-1, place - 1 - _LOOK_BACK), -1):
        between = article.text[article.sentences[i][0] : article.sentences[place][0]]
        if "\n" in between and not wording.asserts(article.text[slice(*article.sentences[i])]):
            return None  # a heading
        one, there = article.telling(i), article.words(i)
        persons = [name for name in article.who.mentioned(there) if name not in own]
        if one and one.who.person and one.who.name not in PRONOUN and one.who.name not in own:
            persons = [one.who.name]
        if persons:
            return persons[0] if len(persons) == 1 and not article.who.rivals(there, persons[0]) else None
    return None


def about_speech(question: str) -> str | None:
    """Of whom a question asks what they said, as it names them: "What did the mayor say about it?" -> "the mayor".

    None where it asks for something else, or names nobody ("he", "people").
    """
    if _ASKS_FOR_FACT.match(question):
        return None
    for pattern in (_ASKED_VIEW, _ASKED_DID, _ASKED_VIEW_OF, _ASKED_ACCORDING):
        match = pattern.search(question)
        name = match[1].strip() if match else ""
        if name and not {w.lower() for w in name.split()} <= STOP | _NOBODY:
            return name
    return None


def is_said_by(one: Attribution, name: str) -> bool:
    """Whether somebody whom a question names says it: by full or last name, by title and name, or by role.

    Args:
        one: from `attribution`.
        name: as a person would write it: "Petro", "President Gustavo Petro", "the defence minister", "the ministry".
    """
    asked = keys(name)
    if one.speaker is None or not asked:
        return False
    speaker, role = keys(one.speaker), keys(one.role)
    bare = asked - TITLE_KEYS
    if bare and (bare <= speaker or speaker <= bare):
        last = _last(one.speaker)
        return last in bare or _last(name) == last
    described = bool(asked - _NATION_KEYS) and asked <= role | speaker
    return described and (bool(asked & role) or not bare)


def _last(name: str) -> str:
    parts = [token.key for token in tokens_of(fold(name)) if token.content]
    return parts[-1] if parts else ""

"""Greetings and questions about the chatbot: a short plain reply, and never one to what may be about the news. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from rag.check.lexicon import words
from rag.notices import Notice

MOST_WORDS = 12
"""A longer text is a question."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_EXTRA = words(
    "there again all everyone everybody friend bot chatbot sourcebound you so very much a lot many really please oh "
    "well ok okay then now for your the help answer my dear sir madam and just everything all have nice great good day "
    "one evening amigo todo muy mucho por"
)
_OPENERS: tuple[tuple[Notice, frozenset[str]], ...] = tuple(
    (answer, words(row))
    for answer, row in (
        (Notice.HELLO, "hello hi hey hiya howdy hallo greetings hola buenas buenos saludos"),
        (Notice.THANKS, "thanks thank thx ty cheers gracias"),
        (Notice.GOODBYE, "bye goodbye ciao adios adiós farewell"),
    )
)
_FILLS = words(
    "so ok okay well and please then now exactly actually anyway today here bot sourcebound many great there again oh"
)
"""Words that open or close small talk and say nothing."""

_PHRASES: dict[str, Notice] = {
    phrase.strip(): answer
    for answer, phrases in (
        (Notice.HELLO, "good morning; good afternoon; good evening; good day; buenos dias; buenos días; buenas tardes; "
                "buenas noches; que tal; qué tal"),
        (Notice.THANKS, "much appreciated; appreciate it; that helps; that helped; that was helpful; great thanks; "
                 "well done; good job; great; perfect; awesome; muchas gracias; good bot"),
        (Notice.GOODBYE, "see you; see you later; see ya; good night; have a nice day; take care; that is all; "
                         "that's all; hasta luego; hasta la vista; talk to you later"),
        (Notice.WELL, "how are you; how are you doing; how are you today; how is it going; how's it going; "
                      "how do you do; what's up; whats up; what is up; are you ok; como estas; cómo estás"),
        (Notice.WHO, "who are you; what are you; who am i talking to; what is your name; what's your name; "
              "who made you; who built you; are you a bot; are you a robot; are you a chatbot; are you human; "
              "are you a person; are you real; are you an ai; are you chatgpt; are you a language model; "
              "what is sourcebound; who is sourcebound; tell me about yourself; introduce yourself; quien eres; "
              "quién eres; do you have a name; what is this chatbot; what is this site; what is this app"),
        (Notice.WHAT, "help; help me; i need help; can you help; can you help me; what can you do; what can i ask; "
               "what can i ask you; what can you tell me; what can you help with; what can you help me with; "
               "what do you do; what do you know; what do you know about; what should i ask; what can i do here; "
               "what questions can you answer; what questions can i ask; what kind of questions can you answer; "
               "what kind of questions can i ask; what are your capabilities; what are you for; what are you good at; "
               "how can you help; how can you help me; what is this for; ayuda; que puedes hacer; qué puedes hacer"),
        (Notice.HOW, "how does this work; how does it work; how do you work; how do i use this; how do i use you; "
              "how can i use this; how to use this; how should i use this; how does this chatbot work; "
              "how does the chatbot work; how does this bot work; how do you answer; how do you know; "
              "how do you find answers; how do you answer questions; where do your answers come from; "
              "where do you get your answers; where do you get your information; "
              "where does your information come from; "
              "what are your sources; what sources do you use; can i trust you; how do you check your answers; "
              "do you make things up; do you use the internet; are your answers correct"),
    )
    for phrase in phrases.split(";")
}  # fmt: skip
_KNOWN = sorted({word for phrase in _PHRASES for word in phrase.split()} | {w for _, row in _OPENERS for w in row})


_PLAIN = frozenset((*_KNOWN, *_EXTRA, *_FILLS, "i"))


def reply(question: str, history: Sequence[str] = ()) -> str | None:
    """A short plain reply to a greeting, thanks, a goodbye or a question about the chatbot; None for all else.

    Small slips of the pen are overlooked in words of four letters and more; a name or a number makes it a question.

    Args:
        question: as asked.
        history: the earlier questions; after one "how does it work?" asks about what it was about.
    """
    if len(question) > 15 * MOST_WORDS or any(letter.isdigit() for letter in question):
        return None
    found_words = [word.lower().replace("’", "'") for word in _WORD.findall(question)[: MOST_WORDS + 1]]
    if not 0 < len(found_words) <= MOST_WORDS or _holds_name(question):
        return None
    said = [_mended(word, alone=len(found_words) == 1) for word in found_words]
    while len(said) > 1 and " ".join(said) not in _PHRASES and (said[0] in _FILLS or _opener(said[0])):
        greeted, said = _opener(said[0]), said[1:]
        if greeted and all(word in _EXTRA or _opener(word) for word in said):
            return greeted.value
    if len(said) > 1 and said[-1] in _FILLS and " ".join(said) not in _PHRASES:
        said = said[:-1]
    found = _PHRASES.get(" ".join(said)) or (_opener(said[0]) if len(said) == 1 else None)
    leans = history and found in (Notice.WHO, Notice.WHAT, Notice.HOW) and {"it", "this"} & set(said)
    return found.value if found and not leans else None


def _opener(word: str) -> Notice | None:
    return next((answer for answer, row in _OPENERS if word in row), None)


def _mended(word: str, *, alone: bool) -> str:
    """The word that is meant; one that stands alone ("Hell?") only gets letters back that changed places."""
    if len(word) < 4 or word in _KNOWN or word in _EXTRA:
        return word
    for known in _KNOWN:  # two letters that changed places
        if known[0] == word[0] and len(known) == len(word) and sorted(known) == sorted(word):
            return known
    if alone:
        return word
    return next((known for known in get_close_matches(word, _KNOWN, 1, 0.84) if known[0] == word[0]), word)


def _holds_name(question: str) -> bool:
    """Whether a word that no small talk has begins with a capital inside the text: "Hello Kitty sales"."""
    if question.isupper():
        return False
    later = _WORD.findall(question)[1:]
    return any(word[0].isupper() and word.lower() not in _PLAIN for word in later)

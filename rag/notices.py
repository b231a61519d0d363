"""What an answer says that no article says: why there is none, what was not understood, small talk. Pure.

One table, so that whoever shows answers in another language can translate all of it (`ui.parts.notices`).
"""

from __future__ import annotations

from enum import StrEnum


class Notice(StrEnum):
    """A line, or a template to be filled by `format`."""

    # Nothing is known
    NOT_FOUND = "The corpus does not answer this."
    EMPTY = "The corpus is empty: `rag ingest PATH` adds articles."
    NOTHING = "No article in the corpus deals with this."
    NEAR = "The articles come near this question, but no sentence in them answers it."
    UNMENTIONED = "No article in the corpus mentions {names}."
    UNCHECKED = "The sentences that came nearest did not pass the check against their sources."
    FILTERS = "No article matches the filters; {extent}."
    FILTERED = "No article that the filters let through deals with this."
    CORRECTED = "The question assumes that {assumed}; the articles say otherwise."
    UNFOUNDED = "None of the articles found says that {assumed}."
    PART = "{part}: {reason}"
    STOPPED = "This answer was stopped before its end."

    # Asking back
    WHO_IS = 'Who is "{word}"? Ask with the name.'
    WHO_ARE = 'Who are "{word}"? Ask with the name.'
    WHAT_IS = 'What is "{word}"? Ask with what is meant.'
    WHAT_NAME = 'What is "{word}"? Ask with the name.'
    WHAT_MEANS = 'What do you mean by "{word}"? Ask with what is meant.'
    WHAT_WHOLE = 'What do you mean by "{word}"? Ask in a whole question.'
    NO_TOPIC = "What is this about? Ask in a whole question."

    # Small talk
    HELLO = "Hello. Ask me something about the articles: every sentence I answer with is cited."
    THANKS = "You are welcome. Ask on whenever you like."
    GOODBYE = "Goodbye."
    WHO = (
        "I am Sourcebound: I answer questions from the articles I was given, and only from them. Every sentence shows "
        "where it stands."
    )
    WHAT = (
        "I can say who, what, when, where, how many and why, as far as the articles tell; list, compare and summarise; "
        'and show where sources differ. Follow-ups such as "and in 2022?" work. What the articles do not say I do not '
        "answer."
    )
    HOW = (
        "I search the articles for sentences that answer, check each against its source, and show it with the exact "
        "place it comes from. When no sentence answers, I say so."
    )
    WELL = "I am a program, so always the same. Ask me something about the articles."

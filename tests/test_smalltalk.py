"""Greetings and questions about the chatbot get a plain reply; what may be about the news never does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.notices import Notice
from rag.smalltalk import reply

SMALL_TALK = {
    Notice.HELLO: "Hello; hi there; Hey!; hola; Buenos días; Good morning; good evening!; HELLO; Hello again",
    Notice.THANKS: "Thanks; thank you; Thank you so much!; thx; many thanks; thnaks; Ok thanks; great, thanks; "
    "gracias; thank you for your help; that helps",
    Notice.GOODBYE: "bye; Goodbye!; see you later; good night; adiós; thats all; That's all",
    Notice.WELL: "how are you; Hi, how are you?; How are you today?; what's up",
    Notice.WHO: "who are you; Who are you?; what are you?; Hello, who are you?; are you a robot?; What's your name?; "
    "who made you?; Who are you, exactly?; hola, quien eres",
    Notice.WHAT: "What can you do?; waht can you do; what can you help me with?; Help; help me; Hi, what can you do?; "
    "What can I ask?; ayuda; what kind of questions can you answer?",
    Notice.HOW: "how does this work?; How does it work; so how does this work?; how do you work; "
    "what are your sources?; how do you answer questions?; Where do your answers come from?",
}
NEWS = (
    "Hello Kitty sales?; who are the Houthis; who is Ola Berg; What can Colombia do?; how does the ceasefire work?; "
    "how does it end; help for Ukraine; What help did Peru get?; Who are they?; Thanksgiving sales; Nice attack; Nice; "
    "Why did Trump thank Petro?; How does this law work?; what is this law about; Good Morning America ratings; "
    "Goodbye Lenin; what do you know about Petro?; What can you tell me about Colombia?; hi-tech exports; who; what; "
    "Bye elections in England; who are you voting for; hello world trade; and in 2022?; what can the US do; why; "
    "who are we; thanks to whom did the deal pass?; how do they work; what are the sources; who made the bridge?; "
    "How are the Houthis?; morning raid; can you help me find articles about Petro; what happened in Paris; "
    "help wanted ads; great depression; hey jude; is it true; tell me more; who sent you the report; what is this?"
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [(question.strip(), expected) for expected, row in SMALL_TALK.items() for question in row.split(";")],
)
def test_small_talk_gets_its_reply(question: str, expected: str) -> None:
    assert reply(question) == expected


@pytest.mark.parametrize("question", [question.strip() for question in NEWS.split(";")])
def test_what_may_be_about_the_news_is_no_small_talk(question: str) -> None:
    assert reply(question) is None


def test_after_a_question_how_does_it_work_is_about_that_question() -> None:
    assert reply("How does it work?", ["What is Plan Norrland?"]) is None
    assert reply("Thanks!", ["What is Plan Norrland?"]) == Notice.THANKS


@given(st.text(max_size=300))
def test_any_text_is_read_and_numbers_are_never_small_talk(text: str) -> None:
    assert reply(f"{text} 1") is None
    assert reply(text) in {None, *SMALL_TALK}

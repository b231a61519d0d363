"""What an answer says that no article says, in the reader's language."""

from __future__ import annotations

import string
import time
from datetime import date

import pytest
from harbour import answered
from hypothesis import given
from hypothesis import strategies as st
from tiny import TinyEmbedder, make, put

from index.store import open_store
from rag.answers import Answer
from rag.ask import answer
from rag.notices import Notice
from ui.outline import outline
from ui.parts.answer import render_answer, spoken
from ui.parts.notices import in_language
from ui.words import LANGUAGES, Words

ES = Words("es")
SEVERAL = "The corpus does not answer this. No article in the corpus mentions 'St. Louis' or \"O'Brien\"."
PLAIN = st.text(string.ascii_letters + "áñ ,'", min_size=1).filter(str.strip)


def fields(template: str) -> dict[str, str]:
    return {name: "" for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("notice", Notice)
def test_the_words_of_every_language_say_it_and_hold_what_it_holds(notice):
    key = f"notices.{notice.name.lower()}"
    assert Words("en").template(key) == notice
    for language in LANGUAGES:
        assert fields(Words(language).template(key)) == fields(notice)
    assert notice is Notice.PART or ES.template(key) != notice


def filled(data, notice: Notice) -> dict[str, str]:
    names = st.lists(PLAIN, min_size=1, max_size=3).map(lambda all_of: " or ".join(map(repr, all_of)))
    return {name: data.draw(names if name == "names" else PLAIN) for name in fields(notice)}


@given(st.lists(st.sampled_from([one for one in Notice if one is not Notice.PART]), min_size=1, max_size=4), st.data())
def test_all_that_stands_in_a_row_is_translated(notices, data):
    held = [filled(data, one) for one in notices]
    line = " ".join(one.format(**values) for one, values in zip(notices, held, strict=True))
    translated = in_language(line, ES)
    assert in_language(line, Words("en")) == line
    for one, values in zip(notices, held, strict=True):
        fixed, _, _, _ = next(iter(string.Formatter().parse(ES.template(f"notices.{one.name.lower()}"))))
        assert fixed in translated
        assert all(value in translated for name, value in values.items() if name != "names")
    assert not any(one.split("{")[0] in translated for one in notices if len(one.split("{")[0]) > 20)


@given(st.text())
def test_what_is_no_notice_stays_as_it_is(line):
    assert in_language(line, ES) == line


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (SEVERAL, "El corpus no responde a esto. Ningún artículo del corpus menciona 'St. Louis' ni \"O'Brien\"."),
        (
            "Who won: No article in the corpus deals with this. Where: None of the articles found says that St. X won.",
            "Who won: Ningún artículo del corpus trata de esto. "
            "Where: Ninguno de los artículos encontrados dice «St. X won».",
        ),
        (f"{SEVERAL} And an end that is not ours.", f"{SEVERAL} And an end that is not ours."),
        ('Who is "he"? Ask with the name.', "¿Quién es «he»? Pregunte con el nombre."),
    ],
)
def test_names_with_full_stops_parts_and_strange_ends(line, said):
    assert in_language(line, ES) == said


@pytest.mark.parametrize(
    "line",
    [
        "None of the articles found says that " + "a. " * 600,
        ": " * 900,
        SEVERAL * 15,
        ("None of the articles found says that a. " * 50)[:1990] + " x",
    ],
)
def test_a_long_line_does_not_take_long(line):
    start = time.process_time()
    in_language(line, ES)
    assert time.process_time() - start < 1


def test_what_the_library_says_of_filters_is_known(tmp_path):
    with open_store(tmp_path / "store", TinyEmbedder()) as store:
        empty = Notice.FILTERS.format(extent=store.extent())
        put(store, make("The quay opened on Monday.", outlet="The Wire, Inc.", published=date(2026, 3, 10)))
        whole = Notice.FILTERS.format(extent=store.extent())
    nothing = "medios del corpus: ninguno conocido; fechas: ninguno conocido."
    assert in_language(empty, ES) == f"Ningún artículo pasa los filtros; {nothing}"
    held = "medios del corpus: The Wire, Inc.; fechas: del 2026-03-10 al 2026-03-10."
    assert in_language(whole, ES) == f"Ningún artículo pasa los filtros; {held}"


@pytest.mark.parametrize(
    "question", ["Who won the World Cup in Qatar?", "Hello", "Who is he?", "What happened to Zorblax?"]
)
def test_an_abstention_on_the_spanish_page_is_spanish(question):
    told: Answer = answer(question)
    for shown in (render_answer(told, 1, ES), spoken(told, ES), outline(told, ES).text):
        assert in_language(told.text, ES) != told.text
        assert not any(fixed in shown for one in Notice if len(fixed := one.split("{")[0]) > 20)


def test_what_is_answered_is_in_the_articles_language():
    told = answered("When did the quay open?")
    assert all(one.text in render_answer(told, 1, ES) for one in told.sentences)

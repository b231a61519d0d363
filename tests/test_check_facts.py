import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.check.amounts import dates, quantities
from rag.check.evidence import Evidence
from rag.check.facts import fold, names, quotes, sentence_texts, words
from rag.check.lexicon import stem
from rag.check.stance import hedges, negations, quoted_indexes, tellings, triples


def numbers(text):
    tokens = words(fold(text))
    return quantities(tokens, dates(tokens)[1])


def told(text):
    tokens = words(fold(text))
    return tellings(tokens, quoted_indexes(tokens, False)[0])


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("3,300 metric tons", 3300, "ton"),
        ("3300 tonnes", 3300, "ton"),
        ("$377 million", 377_000_000, "USD"),
        ("$0.377bn", 377_000_000, "USD"),
        ("377,000,000 dollars", 377_000_000, "USD"),
        ("13%", 13, "%"),
        ("13 per cent", 13, "%"),
        ("thirteen percent", 13, "%"),
        ("three dozen people", 36, ""),
        ("twenty-five dogs", 25, ""),
        ("two hundred and five votes", 205, ""),
        ("a million people", 1_000_000, ""),
        ("1.2 million people", 1_200_000, ""),
        ("5m people", 5_000_000, ""),
        ("the 20th century", 20, "ordinal"),
        ("the third attempt", 3, "ordinal"),
        ("10km", 10, "km"),
        ("a 48-year-old man", 48, "year"),
    ],
)
def test_number_is_read_with_scale_and_unit(text, value, kind):
    (found,) = numbers(text)
    assert (found.value, found.kind) == (pytest.approx(value), kind)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("more than 60 people", ">"),
        ("over 60 people", ">"),
        ("at least 60 people", ">="),
        ("60 or more people", ">="),
        ("no more than 60 people", "<="),
        ("up to $60", "<="),
        ("fewer than 60 people", "<"),
        ("nearly 60 people", "~<"),
        ("about 60 people", "~"),
        ("an estimated 60 people", "~"),
        ("the 60 people", ""),
    ],
)
def test_words_before_a_number_bound_it(text, bound):
    assert [q.bound for q in numbers(text)] == [bound]


def test_number_knows_the_words_it_counts():
    dead, hurt = numbers("64 people were killed and 30 injured")
    assert dead.after[0] == stem("person")
    assert hurt.after == (stem("injured"),)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("on March 10, 2026", {"year": 2026, "month": 3, "day": 10}),
        ("on 10 March 2026", {"year": 2026, "month": 3, "day": 10}),
        ("2026-03-10", {"year": 2026, "month": 3, "day": 10}),
        ("on Sept. 5 he left", {"month": 9, "day": 5}),
        ("in May", {"month": 5}),
        ("since August 2022", {"year": 2022, "month": 8}),
        ("in 2019", {"year": 2019}),
        ("on Tuesday", {"name": "tuesday"}),
        ("he resigned yesterday", {"name": "yesterday"}),
    ],
)
def test_date_is_read_as_far_as_it_is_given(text, parts):
    assert [d.parts() for d in dates(words(text))[0]] == [parts]


@pytest.mark.parametrize("text", ["She may leave.", "They march on.", "It cost 2000 dollars.", "Theresa May left."])
def test_what_only_looks_like_a_date_is_none(text):
    assert dates(words(text))[0] == []


def test_a_range_of_days_gives_both_ends():
    assert [d.day for d in dates(words("April 18-26"))[0]] == [18, 26]


def test_names_leave_out_titles_dates_and_pronouns():
    found = names(words("On Monday President Gustavo Petro met the Bank of England and I left."))
    assert [[w.text for w in run] for run, _ in found] == [["Gustavo", "Petro"], ["Bank", "England"]]


@pytest.mark.parametrize("one", ["U.S.", "US", "USA", "United States", "America", "American"])
def test_one_country_has_one_key(one):
    assert words(f"the {one} army")[1].key == "us"


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (("gustavo", "petro"), True),
        (("petro",), True),
        (("ofac",), True),
        (("colombian",), True),
        (("daniel", "petro"), False),
        (("noboa",), False),
    ],
)
def test_name_is_known_whole_by_last_name_acronym_or_demonym(row, known):
    evidence = Evidence(["Gustavo Petro is on the list of the Office of Foreign Assets Control in Colombia."])
    assert evidence.knows(tuple(words(r)[0].key for r in row)) is known


def test_negator_governs_its_clause_only():
    (found,) = negations(words("He did not sign the deal, which failed later")[:8])
    assert found.head == stem("sign")
    assert words("deal")[0].key in found.scope
    assert stem("later") not in found.scope


@pytest.mark.parametrize(
    ("text", "kind"),
    [("He allegedly fled.", "alleged"), ("It may rain.", "possible"), ("They plan to sue.", "planned")],
)
def test_hedge_has_a_kind(text, kind):
    assert [h.kind for h in hedges(words(text))] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "Petro said the army would stay.",
        "The army would stay, Petro said.",
        "The army would stay, said Petro.",
        "According to Petro, the army would stay.",
        '"The army would stay," Petro said.',
    ],
)
def test_speaker_is_found_before_and_after_what_is_told(text):
    found = [t for t in told(text) if stem("army") in t.told]
    assert found
    assert all(t.speaker == {"petro"} for t in found)


def test_passive_is_turned_round():
    assert triples(words("Petro was criticized by Trump")) == triples(words("Trump criticized Petro"))


def test_quotes_come_without_their_marks():
    assert quotes(fold("He said “never again,” twice.")) == ["never again"]


def test_forms_of_a_word_share_a_stem():
    assert len({stem(w) for w in ("seized", "seizes", "seizing", "seizure")}) == 1


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=200))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=200))
def test_sentences_keep_every_word(text):
    assert "".join(" ".join(sentence_texts(text)).split()) == "".join(fold(text).split())

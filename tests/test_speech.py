"""Who says a sentence and how; whether a question asks what somebody said, and of whom."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from speech_cases import DEV, MORE, TEST, Case, cases

from index.sentences import sentence_spans
from rag.answers import Speech
from rag.speech import NARRATION, Attribution, about_speech, attribution, is_said_by


def _of(case: Case) -> Attribution:
    return attribution(case.text, case.start, case.end, None, sentence_spans(case.text))


def _last(text: str) -> Attribution:
    """The attribution of a text's last sentence."""
    spans = sentence_spans(text)
    return attribution(text, *spans[-1], None, spans)


@pytest.mark.parametrize(
    ("articles", "right", "found_of"),
    [(DEV, 0.97, 0.97), (TEST, 0.97, 0.95), (MORE, 0.8, 0.8)],
    ids=["dev", "test", "more"],
)
def test_speakers_of_labelled_articles_are_found_and_seldom_wrong(
    articles: tuple[str, ...], right: float, found_of: float
) -> None:
    pairs = [(case.speaker, _of(case).speaker) for case in cases(articles)]
    given_names = [(gold, found) for gold, found in pairs if found]
    assert sum(gold == found for gold, found in given_names) >= right * len(given_names)
    assert sum(gold == found for gold, found in pairs if gold) >= found_of * sum(gold is not None for gold, _ in pairs)


@pytest.mark.parametrize("articles", [DEV, TEST, MORE], ids=["dev", "test", "more"])
def test_kind_of_speech_is_right_wherever_the_speaker_is(articles: tuple[str, ...]) -> None:
    found = [(case, _of(case)) for case in cases(articles)]
    assert all(one.speech == case.speech for case, one in found if one.speaker and one.speaker == case.speaker)


@pytest.mark.parametrize(
    ("sentence", "speaker", "speech"),
    [
        ("Anna Lund said that the port burned.", "Anna Lund", "said"),
        ("The port burned, Anna Lund said.", "Anna Lund", "said"),
        ("“The port burned,” said Anna Lund.", "Anna Lund", "said"),
        ("“The port burned,” Anna Lund, a nurse, said.", "Anna Lund", "said"),
        ("The port, Anna Lund says, has burned.", "Anna Lund", "said"),
        ("According to the ministry, the port burned.", "the ministry", "according_to"),
        ("The port burned, according to a report from the Bank of Norway.", "a report from the Bank of Norway",
         "according_to"),
        ("Anna Lund claimed that the port burned.", "Anna Lund", "claimed"),
        ("Anna Lund has denied that the port burned.", "Anna Lund", "denied"),
        ("Anna Lund rejected the accusation.", "Anna Lund", "denied"),
        ("Anna Lund wrote on social media that the port burned.", "Anna Lund", "wrote"),
        ("Police said the port burned.", "police", "said"),
        ("A spokesman for the army said the port burned.", "a spokesman for the army", "said"),
        ("Defense Minister Anna Lund said the port burned.", "Anna Lund", "said"),
        ("Anna Lund and Ola Berg said the port burned.", "Anna Lund and Ola Berg", "said"),
    ],
)  # fmt: skip
def test_a_speaker_is_read_from_every_common_form(sentence: str, speaker: str, speech: str) -> None:
    found = _last(sentence)
    assert (found.speaker, found.speech) == (speaker, speech)


@pytest.mark.parametrize(
    "sentence",
    [
        "The port burned.",
        "Anna Lund opened the port.",
        "Anna Lund did not say why the port burned.",
        "Anna Lund may announce a new port.",
        "Anna Lund was accused of arson.",
        "Anna Lund, who said the port was safe, resigned.",
        "The port closed because, Anna Lund said, it was cold.",
        "Norway has rejected it.",
        "Anna Lund denied the reporters entry to the hall.",
        "Norway denied 300 sailors asylum.",
        "Anna Lund dismissed Ola Berg as harbour chief.",
        "The club rejected it as too small.",
        "The port burned, but Anna Lund said it would open again.",
        "The court denied the request.",
        "Parliament rejected the bill.",
        "Anna Lund wrote a book.",
        "The deal went according to plan.",
        "The article says that the port burned.",
        "The United States bombed a boat.",
        "Anna Lund says port is safe",
    ],
)
def test_the_outlets_own_words_are_nobodys(sentence: str) -> None:
    assert _last(sentence) == NARRATION


@pytest.mark.parametrize(
    ("sentence", "speech"),
    [
        ("Anna Lund said the port burned, while Ola Berg said it did not.", "said"),
        ("Anna Lund said 70 ships came; the harbour put the number at 40.", "said"),
        ("Anna Lund said 70 ships came, but the harbour counted 40.", "said"),
        ("Anna Lund denied it, whereas the harbour spoke of 40 ships.", "denied"),
        ("The guild said 70 ships came and the harbour said 40 did.", "said"),
        ("Sailors who saw the fire say it was arson.", "said"),
        ("“The port is old and it leaks,” May said.", "said"),
        ("“I will sell the port,” she recalled him saying.", "said"),
        ("Anna Lund quoted Ola Berg as saying that the port burned.", "said"),
    ],
)
def test_words_of_several_or_unclear_people_are_speech_without_a_speaker(sentence: str, speech: Speech) -> None:
    assert _last(sentence) == Attribution(None, speech)


@pytest.mark.parametrize(
    ("sentence", "speaker", "speech"),
    [
        ("“If they say that we stole, they lie,” said the harbour's boss, Pia Holm.", "Pia Holm", "said"),
        ("The harbour's boss knew of the fire, said her brother.", "her brother", "said"),
        ("The port was sold after a row, three men close to the owner said.", "three men close to the owner", "said"),
        ("The clerk to Berg, Pia Holm, wrote on Facebook: “Berg is a thief.”", "Pia Holm", "wrote"),
        ("“We lost,” said the captain, Ola Berg's father.", "the captain", "said"),
        ("Pia Holm claims to own the port.", "Pia Holm", "claimed"),
        ("Pia Holm rejected it as false.", "Pia Holm", "denied"),
        ("Pia Holm denied that her visa had expired.", "Pia Holm", "denied"),
        ("The port, which is new, burned, said Pia Holm's lawyer.", "Pia Holm's lawyer", "said"),
    ],
)
def test_a_speaker_without_a_known_noun_is_named_as_written(sentence: str, speaker: str, speech: str) -> None:
    found = _last(sentence)
    assert (found.speaker, found.speech) == (speaker, speech)


@pytest.mark.parametrize(
    "before",
    [
        "Mayor Anna Lund told Evening Talk that she had phoned Berg.",
        "Captain Anna Lund rang Jan Ulv on Friday.",
        "Mayor Anna Lund said she had met Ola Berg.",
        "Mayor Anna Lund came home with a farmer.",
        "Mayor Anna Lund's aide resigned.",
        "Mayor Anna Lund met her brother Ola Lund.",
    ],
)
def test_he_is_nobody_in_particular_where_the_sentence_before_speaks_of_another(before: str) -> None:
    assert _last(f"{before} He said that the port would close.") == Attribution(None, "said")


@pytest.mark.parametrize(
    "before",
    [
        "Mayor Anna Lund told Reuters the port burned.",
        "Mayor Anna Lund told the Guardian that the port burned.",
        "Mayor Anna Lund opened a school in Oslo on Monday.",
        "Mayor Anna Lund, 40, is the owner of the port.",
    ],
)
def test_she_is_the_person_named_where_places_and_outlets_stand_beside(before: str) -> None:
    assert _last(f"{before} She said that the port would close.").speaker == "Anna Lund"


def test_whom_one_was_asked_about_is_not_the_speaker() -> None:
    text = "Mayor Anna Lund came home. In a letter to Governor Per Holm, she said that the port had burned for days."
    assert _last(text).speaker == "Anna Lund"


def test_he_after_a_clause_with_another_name_is_nobody_in_particular() -> None:
    assert _last("Mayor Ola Berg came home. After Per Holm's arrest, he said the port burned.").speaker is None


def test_a_sentence_of_the_outlet_glued_to_a_report_keeps_its_speaker_off() -> None:
    text = "Pia Moe denied that she had never paid her tax. Few think that Tor Dahl stole it."
    assert attribution(text, 0, len(text), None, [(0, len(text))]) == NARRATION


def test_a_report_that_the_outlets_sentence_is_glued_to_has_its_speaker() -> None:
    text = "Pia Moe denied that she had never paid her tax. Few think that Tor Dahl stole it."
    assert attribution(text, 0, 40, None, [(0, len(text))]) == Attribution("Pia Moe", "denied")


def test_a_span_of_a_report_and_the_outlets_own_words_is_nobodys() -> None:
    text = "Anna Lund said that the port burned. Twelve ships sank."
    assert attribution(text, 0, len(text), None, sentence_spans(text)) == NARRATION


def test_further_sentences_of_an_interviews_answer_are_the_labels() -> None:
    assert _last("Q: Did you take it?\nPia Holm: No. I never saw the key.").speaker == "Pia Holm"


def test_a_last_name_is_given_in_full_where_the_article_has_it() -> None:
    assert _last("Mayor Anna Lund came home. The port burned, Lund said.").speaker == "Anna Lund"


def test_a_last_name_of_two_people_stays_as_it_is() -> None:
    text = "Anna Lund met her brother Ola Lund. Anna Lund left. The port burned, Lund said."
    assert _last(text).speaker == "Lund"


def test_she_is_the_one_person_named_before() -> None:
    assert _last("Mayor Anna Lund came home. It rained. The port burned, she said.").speaker == "Anna Lund"


def test_he_after_two_people_is_nobody_in_particular() -> None:
    found = _last("Mayor Ola Berg met Governor Per Holm. The port burned, he said.")
    assert (found.speaker, found.speech) == (None, "said")


def test_the_minister_is_the_one_minister_of_the_article() -> None:
    assert _last("Energy Minister Anna Lund came. The port burned, the minister said.").speaker == "Anna Lund"


def test_every_sentence_of_a_quotation_over_paragraphs_is_its_speakers() -> None:
    text = "“We lost a ship.\n\n“It was new. We paid for it,” said Anna Lund."
    spans = sentence_spans(text)
    assert {attribution(text, *span, None, spans).speaker for span in spans} == {"Anna Lund"}


def test_words_that_were_handed_over_to_are_the_speakers() -> None:
    text = "Anna Lund writes:\n\nThe port burned."
    spans = sentence_spans(text)
    assert attribution(text, *spans[1], spans[0], spans).speaker == "Anna Lund"


def test_a_part_of_a_sentence_has_the_speaker_of_the_whole() -> None:
    text = "Colombia seized 3,300 tons, Anna Lund said."
    assert attribution(text, 0, 26, None, sentence_spans(text)).speaker == "Anna Lund"


PIECES = st.sampled_from(
    ["Anna Lund", "said", "says", "denied", "according to", "the ministry", "“", "”", ",", ".", "\n\n", "he", "who",
     "that", "Ola Berg", "wrote", "; ", "while", ":", "—", '"', "3"]
)  # fmt: skip


@settings(derandomize=True, deadline=None)
@given(st.lists(PIECES, max_size=24).map(" ".join), st.data())
def test_any_text_gets_an_attribution_whose_speaker_stands_in_it(text: str, data: st.DataObject) -> None:
    spans = sentence_spans(text)
    start = data.draw(st.integers(0, len(text)))
    found = attribution(text, start, data.draw(st.integers(start, len(text))), None, spans)
    assert found.speech is not None or found.speaker is None
    assert all(word.lower() in text.lower() for word in (found.speaker or "").split() if word != "and")


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What did Petro say about the strikes?", "Petro"),
        ("How did the ministry respond?", "the ministry"),
        ("Does Petro deny that he attacked Trump?", "Petro"),
        ("What is Petro's view of the coalition?", "Petro"),
        ("What's Petro’s position on glyphosate?", "Petro"),
        ("What was the response of the government to the accusations?", "the government"),
        ("According to the UN, how many people fled?", "the UN"),
        ("How many people died according to the Health Ministry?", "the Health Ministry"),
        ("How many tons did Petro claim to have seized?", "Petro"),
        ("Why did the White House accuse Petro?", "the White House"),
        ("What has Secretary of State Marco Rubio said of Petro?", "Secretary of State Marco Rubio"),
        ("Is the mayor denying it?", "the mayor"),
        ("Who said that Colombia seized 3,300 tons?", None),
        ("When did Petro announce the suspension?", None),
        ("What did Petro do in January?", None),
        ("What does he think about it?", None),
        ("What do people say?", None),
        ("Did the court reject the appeal?", None),
        ("Was Petro invited?", None),
        ("How many tons were seized?", None),
        ("", None),
    ],
)
def test_a_question_about_a_persons_words_is_told_from_one_about_a_fact(question: str, name: str | None) -> None:
    assert about_speech(question) == name


SANCHEZ = Attribution("Pedro Sánchez", "said", "Defense Minister")
PETRO = Attribution("Gustavo Petro", "said", "Colombian President")
MINISTRY = Attribution("the Health Ministry", "said")


@pytest.mark.parametrize(
    ("one", "name", "same"),
    [
        (SANCHEZ, "Sánchez", True),
        (SANCHEZ, "Pedro Sánchez", True),
        (SANCHEZ, "Minister Sánchez", True),
        (SANCHEZ, "the defence minister", True),
        (SANCHEZ, "Gustavo Sánchez", False),
        (SANCHEZ, "Pedro", False),
        (SANCHEZ, "the Defense Ministry", False),
        (SANCHEZ, "the prime minister", False),
        (PETRO, "President Petro", True),
        (PETRO, "the Colombian president", True),
        (PETRO, "the U.S. president", False),
        (PETRO, "President Trump", False),
        (PETRO, "Colombia", False),
        (MINISTRY, "the ministry", True),
        (MINISTRY, "the Defence Ministry", False),
        (Attribution("the Trump administration", "claimed"), "Trump", False),
        (Attribution(None, "said"), "he", False),
        (NARRATION, "Petro", False),
    ],
)
def test_a_speaker_is_matched_by_last_name_title_or_role(one: Attribution, name: str, same: bool) -> None:
    assert is_said_by(one, name) is same

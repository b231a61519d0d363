"""How the near misses were made and learnt, as far as it needs neither a parser nor a trainer."""

from __future__ import annotations

import random
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from eval.train import bert, questions, sources
from eval.train.data import Example, level
from eval.train.export import narrowed
from eval.train.swaps import Stock, Swap, other_number, swaps
from eval.train.train import MAX_TOKENS, Plan, area, batches, parted
from eval.train.words import Lexicon, inflect, load

SEEDS = range(40)


def chance(seed):
    return random.Random(seed)  # noqa: S311 - repeatable, nothing secret


# A parse by hand: spaCy is installed for training only


@dataclass(eq=False)
class Token:
    """What the rules read of a parsed word."""

    text: str
    pos_: str
    tag_: str
    dep_: str
    lemma_: str
    ent_type_: str = ""
    i: int = 0
    head: Token | None = None
    children: list[Token] = field(default_factory=list)
    whitespace_: str = " "

    def __repr__(self):
        return self.text

    @property
    def lower_(self):
        return self.text.lower()

    @property
    def text_with_ws(self):
        return self.text + self.whitespace_

    @property
    def is_punct(self):
        return self.pos_ == "PUNCT"

    @property
    def is_lower(self):
        return self.text.islower()

    @property
    def is_sent_start(self):
        return self.i == 0

    @property
    def subtree(self):
        return sorted([self, *(t for child in self.children for t in child.subtree)], key=lambda t: t.i)


class Doc(list):
    """A sentence with the names in it, as spaCy's."""

    start = 0

    @property
    def text(self):
        return "".join(token.text_with_ws for token in self)

    @property
    def ents(self):
        return [SimpleNamespace(text=t.text, label_=t.ent_type_, start=t.i) for t in self if t.ent_type_]


def parsed(*rows):
    """Each row: text, part of speech, tag, relation, lemma, number of its head, type of name."""
    doc = Doc(Token(text, pos, tag, dep, lemma, kind) for text, pos, tag, dep, lemma, _, kind in rows)
    for number, (token, row) in enumerate(zip(doc, rows, strict=True)):
        token.i, token.head = number, doc[row[5]]
        if number != row[5]:
            token.head.children.append(token)
    doc[-2].whitespace_ = doc[-1].whitespace_ = ""
    return doc


@pytest.fixture
def doc():
    return parsed(
        ("Lind", "PROPN", "NNP", "nsubj", "Lind", 1, "PERSON"),
        ("founded", "VERB", "VBD", "ROOT", "found", 1, ""),
        ("the", "DET", "DT", "det", "the", 4, ""),
        ("large", "ADJ", "JJ", "amod", "large", 4, ""),
        ("firm", "NOUN", "NN", "dobj", "firm", 1, ""),
        ("in", "ADP", "IN", "prep", "in", 1, ""),
        ("1999", "NUM", "CD", "pobj", "1999", 5, "DATE"),
        (".", "PUNCT", ".", "punct", ".", 1, ""),
    )


def every_question(doc):
    return {
        question
        for seed in SEEDS
        for clause in questions.clauses(doc, "")
        for question in questions.asked(clause, chance(seed))
    }


def test_each_part_of_a_clause_is_asked_for(doc):
    asked = {(question.text, question.answer) for question in every_question(doc)}
    assert ("Who founded the large firm in 1999?", "Lind") in asked
    assert ("What did Lind found in 1999?", "the large firm") in asked
    assert ("When did Lind found the large firm?", "1999") in asked


def test_what_answers_a_question_stands_in_the_sentence_and_not_in_the_question(doc):
    for question in every_question(doc):
        assert question.answer in doc.text
        assert question.answer not in question.text


def test_a_question_begins_with_a_capital_and_ends_with_one_question_mark(doc):
    for question in every_question(doc):
        assert question.text[0].isupper()
        assert question.text.count("?") == 1
        assert question.text.endswith("?")


def test_a_denied_clause_is_not_asked_about(doc):
    doc[1].children.append(Token("never", "ADV", "RB", "neg", "never"))
    assert list(questions.clauses(doc, "")) == []


def test_what_is_not_said_is_asked_of_the_whole_clause(doc):
    (clause,) = questions.clauses(doc, "")
    assert questions.whole(clause, chance(1), "where").startswith("Where did Lind found the")


def test_doer_and_done_to_are_exchanged(doc):
    (clause,) = questions.clauses(doc, "")
    made = {questions.exchanged(clause, chance(seed)) for seed in SEEDS}
    assert "What founded Lind?" in made
    assert all("Lind" not in line.split()[:2] for line in made)


# Swaps


def stock_of(doc):
    stock = Stock()
    stock.take(doc)
    stock.names["PERSON"] = ["Reed"]
    stock.names["DATE"] = ["2004"]
    return stock


@pytest.fixture
def lexicon():
    near = {"v": {"found": ["establish"]}, "a": {"large": ["big"]}}
    return Lexicon(same=near, opposite={"a": {"large": ["small"]}}, sister={"n": {"firm": ["school"]}})


def every_swap(doc, lexicon, question, answer):
    found = {}
    for seed in SEEDS:
        for swap in swaps(question, answer, doc, stock_of(doc), lexicon, chance(seed)):
            found.setdefault(swap.kind, set()).add(swap.on(question))
    return found


def test_every_kind_of_word_is_swapped(doc, lexicon):
    question = "What large firm did Lind found in 1999?"
    made = every_swap(doc, lexicon, question, "")
    assert "What large firm did Reed found in 1999?" in made["name PERSON"]
    assert "What large firm did Lind found in 2004?" in made["name DATE"]
    assert "What small firm did Lind found in 1999?" in made["opposite"]
    assert "What large school did Lind found in 1999?" in made["sister"]
    assert made["same"] >= {"What big firm did Lind found in 1999?", "What large firm did Lind establish in 1999?"}
    assert question not in made["number"]


def test_the_answer_itself_is_not_swapped(doc, lexicon):
    question = "Who founded the large firm in 1999?"
    assert {"name DATE", "number", "opposite"} <= set(every_swap(doc, lexicon, question, ""))
    assert not {"name DATE", "number", "opposite"} & set(every_swap(doc, lexicon, question, "large in 1999"))


def test_a_swap_leaves_longer_words_alone():
    assert Swap("pair", (("art", "war"),)).on("art, party, art-house and art") == "war, party, art-house and war"


def test_a_phrase_is_put_before_the_question_mark():
    swap = Swap("phrase", (("?", " in 1999?"),))
    assert swap.on("Who left?") == "Who left in 1999?"
    assert swap.on("He left.") == "He left."


@given(st.integers(1, 10**9), st.booleans(), st.integers(0, 99))
def test_another_number_differs_and_is_written_alike(value, grouped, seed):
    digits = f"{value:,}" if grouped else str(value)
    other = other_number(digits, chance(seed))
    assert other != digits
    assert int(other.replace(",", "")) > 0
    if grouped:
        assert other == f"{int(other.replace(',', '')):,}"


@given(st.integers(0, 9), st.integers(0, 99), st.integers(0, 99))
def test_another_decimal_number_differs_in_its_first_digit_alone(whole, rest, seed):
    digits = f"{whole}.{rest}"
    other = other_number(digits, chance(seed))
    assert other[0] != digits[0]
    assert other[1:] == digits[1:]


def test_a_form_that_was_seen_goes_before_the_rule(doc):
    stock = stock_of(doc)
    stock.forms["go", "VBD"] = Counter({"went": 2})
    assert stock.form("go", "VBD") == "went"
    assert stock.form("walk", "VBD") == "walked"


# Words


@pytest.mark.parametrize(
    ("lemma", "tag", "form"),
    [
        ("city", "NNS", "cities"),
        ("box", "NNS", "boxes"),
        ("day", "NNS", "days"),
        ("carry", "VBD", "carried"),
        ("close", "VBN", "closed"),
        ("stop", "VBD", "stopped"),
        ("make", "VBG", "making"),
        ("agree", "VBG", "agreeing"),
        ("run", "VBG", "running"),
        ("big", "JJ", "big"),
        ("big", "JJR", None),
    ],
)
def test_a_word_is_inflected_by_rule(lemma, tag, form):
    assert inflect(lemma, tag) == form


def test_wordnets_files_give_synonyms_opposites_and_sisters(tmp_path):
    for name in ("noun", "verb", "adj", "adv"):
        for kind in ("data", "index"):
            (tmp_path / f"{kind}.{name}").write_text("  1 licence\n", "latin-1")
    (tmp_path / "data.noun").write_text(
        "  1 licence\n"
        "10 06 n 01 vehicle 0 000 | what carries\n"
        "11 06 n 03 car 0 auto 0 machine 0 001 @ 10 n 0000 | on four wheels\n"
        "13 06 n 01 machine 0 000 | what does work\n"
        "12 06 n 01 lorry 0 001 @ 10 n 0000 | for goods\n",
        "latin-1",
    )
    first = {"vehicle": "10", "car": "11", "auto": "11", "machine": "13", "lorry": "12"}
    (tmp_path / "index.noun").write_text("".join(f"{word} n 1 0 1 1 {at}\n" for word, at in first.items()), "latin-1")
    (tmp_path / "data.adj").write_text(
        "20 00 a 01 wet 0 001 ! 21 a 0101 | of water\n21 00 a 01 dry 0 001 ! 20 a 0101 | of none\n", "latin-1"
    )
    (tmp_path / "index.adj").write_text("wet a 1 1 ! 1 1 20\ndry a 1 1 ! 1 1 21\n", "latin-1")
    lexicon = load(tmp_path)
    assert lexicon.same["n"] == {"car": ["auto"], "auto": ["car"]}
    assert lexicon.sister["n"] == {"car": ["lorry"], "auto": ["lorry"], "lorry": ["car", "auto"]}
    assert lexicon.opposite["a"] == {"wet": ["dry"], "dry": ["wet"]}


def test_words_of_a_pair_stand_for_each_other(tmp_path):
    for kind, name in product(("data", "index"), ("noun", "verb", "adj", "adv")):
        (tmp_path / f"{kind}.{name}").touch()
    pairs = load(tmp_path).pairs
    assert all(word in pairs[other] for word, others in pairs.items() for other in others)
    assert pairs["northern"] == ["southern"]


# Sources


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("It 's $ 5 , he said .", "It's $5, he said."),
        ("He did n't -LRB- yet -RRB- leave .", "He didn't (yet) leave."),
        ("`` Yes '' , she said", '" Yes ", she said'),
    ],
)
def test_treebank_tokens_are_written_as_text(tokens, text):
    assert sources.plain(tokens) == text


@pytest.fixture
def folder(tmp_path):
    """The sets, small."""
    long = "One sentence of more than six plain words\tThere is one sentence"
    (tmp_path / "binary-FEVER-NLI_dev.txt").write_text(
        "entailment\tKorn . Ilse Korn was born in Graz . She painted boats . She sold few . She died there .\t"
        "Korn was born in Graz.\n"
    )
    (tmp_path / "binary-FEVER-NLI_test.txt").write_text("not_entailment\tKorn . She painted boats .\tKorn sang.\n")
    (tmp_path / "conjnli_train.tsv").write_text("premise\tclaim\tlabel\nA and B .\tA .\tentailment\n")
    for name in ("dev", "test"):
        (tmp_path / f"binary-MNLI_{name}.txt").write_text("".join(f"entailment\t{n} {long}\n" for n in range(9)))
        (tmp_path / f"snli_{name}.tsv").write_text("".join(f"neutral\tA dog {n} .\tA cat .\n" for n in range(600)))
    with zipfile.ZipFile(tmp_path / "rte.zip", "w") as archive:
        archive.writestr("a.xml", '<c><pair value="TRUE"><t>A\n left .</t><h>A left.</h></pair></c>')
        archive.writestr("b.xml", '<c><pair entailment="NO"><t>A left.</t><h>B left.</h></pair></c>')
    return tmp_path


def test_the_title_of_an_article_is_told_from_its_text_and_the_nearest_sentences_are_kept(folder, monkeypatch):
    monkeypatch.setattr(sources, "_mnli", lambda _: [None] * 5000)
    first, *others = [pair for pair in sources.read(folder, chance(1)) if pair and pair.source == "fever"]
    assert (first.title, first.claim, first.holds) == ("Korn", "Korn was born in Graz.", True)
    assert len(first.sentences) == 3
    assert first.sentences[0] == "Ilse Korn was born in Graz."
    assert [pair.holds for pair in others] == [False]


def test_each_set_says_what_its_evidence_bears_out(folder, monkeypatch):
    monkeypatch.setattr(sources, "_mnli", lambda _: [None] * 5000)
    pairs = [pair for pair in sources.read(folder, chance(1)) if pair]
    assert {(p.sentences, p.claim, p.holds) for p in pairs if p.source == "rte"} == {
        (("A left .",), "A left.", True),
        (("A left.",), "B left.", False),
    }
    assert [(p.sentences, p.claim, p.holds) for p in pairs if p.source == "conjnli"] == [(("A and B.",), "A.", True)]
    assert {p.holds for p in pairs if p.source == "snli"} == {False}


# Examples and training

examples = st.lists(
    st.builds(
        Example,
        question=st.sampled_from(
            ["Who left the town?", "When did he leave?", "Why did she stay?", "He left the town."]
        ),
        text=st.text("abc ", max_size=40),
        answers=st.integers(0, 1),
        how=st.just("made"),
        group=st.integers(0, 30),
    ),
    max_size=120,
)


@given(examples)
def test_no_first_word_tells_the_label(made):
    kept = level(made, chance(1))
    counts = Counter((e.question.split()[0] if e.question.endswith("?") else "", e.answers) for e in kept)
    for word in {word for word, _ in counts}:
        low, high = sorted((counts[word, 0], counts[word, 1]))
        assert high <= 1.15 * low + 3
    assert not Counter(kept) - Counter(made)


def test_the_commoner_label_is_cut_to_little_more_than_the_rarer():
    made = [Example("Who left the town?", f"text {n}", int(n < 20), "made", n) for n in range(100)]
    assert Counter(example.answers for example in level(made, chance(1))) == {1: 20, 0: 26}


@pytest.mark.parametrize("question", ["Who left?", "Who " + "really " * 30 + "left?"])
def test_questions_too_short_or_too_long_are_left_out(question):
    assert level([Example(question, "He left.", 1, "made", 0)], chance(1)) == []


@given(examples)
def test_what_is_watched_shares_no_evidence_with_what_is_learnt(made):
    learnt, held = parted(made)
    assert not {e.group for e in learnt} & {e.group for e in held}
    assert Counter(learnt) + Counter(held) == Counter(made)


@given(examples, st.integers(1, 16))
def test_every_example_is_in_one_batch_with_its_label(made, size):
    found = batches(made, size, chance(1))
    assert all(len(batch) <= size for batch in found)
    assert sorted(label for batch in found for _, label in batch) == sorted(e.answers for e in made)


def test_examples_of_one_evidence_stand_together():
    made = [Example(f"Who left town {n}?", f"group{n % 5}", 1, "made", n % 5) for n in range(40)]
    for batch in batches(made, 8, chance(1)):
        assert len({code.tokens[-2] for code, _ in batch}) == 1


def test_a_text_is_cut_and_not_its_question():
    made = Example("who " * 60 + "?", "word " * 55, 1, "made", 0)
    ((code, _),) = batches([made], 4, chance(1))[0]
    assert len(code) == MAX_TOKENS
    assert code.tokens.count("who") == 60


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1)), min_size=2).filter(lambda x: len({y for _, y in x}) > 1)
)
def test_the_area_is_the_share_of_pairs_in_order(scored):
    best, rest = ([s for s, label in scored if label == wanted] for wanted in (1, 0))
    shares = [(high > low) + (high == low) / 2 for high, low in product(best, rest)]
    assert area([s for s, _ in scored], [label for _, label in scored]) == pytest.approx(np.mean(shares))


def test_the_plan_is_the_one_the_card_tells_of():
    assert (Plan().frozen, Plan().batch, Plan().rate) == (6, 32, 8e-5)


# Weights


@given(
    arrays.arrays(
        np.float32,
        arrays.array_shapes(min_dims=2, max_dims=2),
        elements=st.floats(-9, 9, width=32, allow_subnormal=False),
    )
)
def test_narrowed_weights_are_near_the_wide_ones(values):
    whole, scale = narrowed(values)
    assert whole.dtype == np.int8
    assert scale.shape == values.shape[1:]
    assert (np.abs(whole * scale - values) <= 0.51 * scale + 1e-6).all()
    assert (np.abs(whole).max(axis=0) == 127)[np.abs(values).max(axis=0) > 1e-6].all()


def test_matrices_named_by_number_are_found_by_their_nodes():
    node = SimpleNamespace(
        op_type="MatMulInteger",
        name="/bert/encoder/layer.7/attention/self/key/MatMul_quant",
        input=["x", "onnx::MatMul_1234_quantized"],
    )
    found = bert.names(SimpleNamespace(node=[node]))
    assert found["onnx::MatMul_1234"] == "layers.7.key.weight"
    assert found["bert.encoder.layer.11.output.LayerNorm.bias"] == "layers.11.last_norm.bias"


@pytest.mark.parametrize(
    ("name", "turned"),
    [
        ("layers.7.key.weight", True),
        ("layers.7.key.bias", False),
        ("layers.7.last_norm.weight", False),
        ("words.weight", False),
    ],
)
def test_matrices_stand_the_other_way_round_in_the_graph(name, turned):
    assert bert.is_turned(name) == turned

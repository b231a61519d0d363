"""How the checker's training data is made, without the libraries that training needs."""

from __future__ import annotations

import json
import random
import zipfile
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.train import checker, claims, judged
from eval.train.changes import COMPARED, TURNED, UNITS, changes
from eval.train.forms import Form, forms, render
from eval.train.joined import alike, joined, level, linked, merged
from eval.train.judged import CONTRADICTED, EITHER, NOT_ENOUGH, SUPPORTED, Example, Judged
from eval.train.restyle import inside, opened, restyle
from eval.train.swaps import Stock
from eval.train.words import Lexicon

WRITTEN = Path(checker.__file__).with_name("written.jsonl")
SEEDS = range(40)


def chance(seed):
    return random.Random(seed)  # noqa: S311 - repeatable, nothing secret


class Token(SimpleNamespace):
    """A word with what spaCy says of it."""

    def __init__(self, text, pos, tag, dep, lemma, kind):
        super().__init__(text=text, pos_=pos, tag_=tag, dep_=dep, lemma_=lemma, ent_type_=kind, children=[])
        self.lower_, self.whitespace_ = text.lower(), " "
        self.is_punct, self.is_space, self.is_lower = not text.isalnum(), False, text.islower()

    def __hash__(self):
        return self.i

    @property
    def text_with_ws(self):
        return self.text + self.whitespace_

    @property
    def is_sent_start(self):
        return self.i == 0

    @property
    def subtree(self):
        return sorted([self, *(t for child in self.children for t in child.subtree)], key=lambda t: t.i)

    def nbor(self, by):
        return self.doc[self.i + by]


class Doc(list):
    """A sentence with the names in it, as spaCy's."""

    start = 0

    @property
    def text(self):
        return "".join(token.text_with_ws for token in self)

    @property
    def ents(self):
        return [
            SimpleNamespace(text=t.text, label_=t.ent_type_, start=t.i, end=t.i + 1, root=t)
            for t in self
            if t.ent_type_
        ]


def parsed(*rows):
    """Each row: text, part of speech, tag, relation, lemma, number of its head, type of name."""
    doc = Doc(Token(text, pos, tag, dep, lemma, kind) for text, pos, tag, dep, lemma, _, kind in rows)
    for number, (token, row) in enumerate(zip(doc, rows, strict=True)):
        token.i, token.head, token.doc = number, doc[row[5]], doc
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


@pytest.fixture
def said():
    return parsed(
        ("Reed", "PROPN", "NNP", "nsubj", "Reed", 1, "PERSON"),
        ("said", "VERB", "VBD", "ROOT", "say", 1, ""),
        ("that", "SCONJ", "IN", "mark", "that", 4, ""),
        ("Lind", "PROPN", "NNP", "nsubj", "Lind", 4, "PERSON"),
        ("sold", "VERB", "VBD", "ccomp", "sell", 1, ""),
        ("the", "DET", "DT", "det", "the", 6, ""),
        ("firm", "NOUN", "NN", "dobj", "firm", 4, ""),
        (".", "PUNCT", ".", "punct", ".", 1, ""),
    )


def stock_of(doc):
    stock = Stock()
    stock.take(doc)
    stock.names["PERSON"], stock.names["DATE"] = ["Moss"], ["2004"]
    stock.forms["found", "VBN"]["founded"] += 1
    return stock


def every_form(doc):
    return {(f.kind, render(f.items), f.label) for seed in SEEDS for f in forms(doc, "", stock_of(doc), chance(seed))}


def every_change(doc):
    lexicon = Lexicon(same={"v": {"found": ["establish"]}}, opposite={"a": {"large": ["small"]}}, sister={})
    found = {}
    for seed in SEEDS:
        for change in changes(doc, stock_of(doc), lexicon, [], chance(seed)):
            found.setdefault(change.kind, set()).add((render(doc, dict(change.put)), change.claim, change.evidence))
    return found


# Forms


def test_a_sentence_supports_itself_and_its_parts_and_its_passive(doc):
    made = every_form(doc)
    assert ("verbatim", "Lind founded the large firm in 1999.", SUPPORTED) in made
    assert ("clause", "Lind founded the large firm.", SUPPORTED) in made
    assert ("passive", "The large firm was founded by Lind in 1999.", SUPPORTED) in made


def test_exchanged_roles_contradict_the_sentence(doc):
    made = every_form(doc)
    assert ("roles", "The large firm founded Lind in 1999.", CONTRADICTED) in made
    assert ("roles passive", "Lind was founded by the large firm in 1999.", CONTRADICTED) in made


def test_what_somebody_said_is_not_so_for_that(said):
    made = every_form(said)
    assert ("reported as fact", "Lind sold the firm.", NOT_ENOUGH) in made
    assert ("reported", "According to Reed, Lind sold the firm.", SUPPORTED) in made


def test_a_form_knows_which_tokens_it_holds(doc):
    assert Form("clause", (doc[0], "was", doc[4])).places == {0, 4}


def test_a_rendered_sentence_begins_with_a_capital_and_ends_with_a_stop(doc):
    assert render([doc[2], doc[4], doc[1]]) == "The firm founded."
    assert render(list(doc), {3: ""}) == "Lind founded the firm in 1999."


# Changes


def test_each_change_says_what_it_makes_of_the_claim_and_of_the_evidence(doc):
    made = every_change(doc)
    assert ("Moss founded the large firm in 1999.", CONTRADICTED, CONTRADICTED) in made["name"]
    assert ("Lind founded the large firm in 2004.", CONTRADICTED, CONTRADICTED) in made["date"]
    assert ("Lind did not found the large firm in 1999.", CONTRADICTED, CONTRADICTED) in made["negation"]
    assert ("Lind founded the small firm in 1999.", CONTRADICTED, CONTRADICTED) in made["opposite"]
    assert ("Lind established the large firm in 1999.", SUPPORTED, SUPPORTED) in made["same"]


def test_a_hedge_in_the_evidence_leaves_a_plain_claim_without_support(doc):
    made = every_change(doc)["hedge"]
    assert ("Lind allegedly founded the large firm in 1999.", EITHER, NOT_ENOUGH) in made


def test_another_speaker_is_told_from_another_name(said):
    assert ("Moss said that Lind sold the firm.", CONTRADICTED, CONTRADICTED) in every_change(said)["speaker"]


def test_two_names_that_stand_in_each_others_place_contradict(said):
    assert ("Lind said that Reed sold the firm.", CONTRADICTED, CONTRADICTED) in every_change(said)["exchange"]


def test_what_may_be_is_not_what_will_be():
    doc = parsed(
        ("Lind", "PROPN", "NNP", "nsubj", "Lind", 2, "PERSON"),
        ("may", "AUX", "MD", "aux", "may", 2, ""),
        ("leave", "VERB", "VB", "ROOT", "leave", 2, ""),
        (".", "PUNCT", ".", "punct", ".", 2, ""),
    )
    assert ("Lind will leave.", NOT_ENOUGH, EITHER) in every_change(doc)["modal"]


@pytest.mark.parametrize("table", [UNITS, COMPARED, TURNED])
def test_units_and_comparatives_stand_for_each_other(table):
    assert all(word in table[other] and word != other for word, others in table.items() for other in others)


def test_a_negation_is_taken_out_again():
    doc = parsed(
        ("Lind", "PROPN", "NNP", "nsubj", "Lind", 3, "PERSON"),
        ("did", "AUX", "VBD", "aux", "do", 3, ""),
        ("not", "PART", "RB", "neg", "not", 3, ""),
        ("leave", "VERB", "VB", "ROOT", "leave", 3, ""),
        (".", "PUNCT", ".", "punct", ".", 3, ""),
    )
    stock = Stock()
    stock.forms["leave", "VBD"] = Counter({"left": 1})
    made = list(changes(doc, stock, Lexicon(same={}, opposite={}, sister={}), [], chance(1)))
    assert [render(doc, dict(c.put)) for c in made if c.kind == "negation"] == ["Lind left."]


# Joined claims

examples = st.lists(
    st.builds(
        Example,
        claim=st.sampled_from(["Lind founded a large firm.", "Reed sold many boats.", "The town burned down twice."]),
        evidence=st.sampled_from(["Lind did it. Reed left.", "It burned."]),
        label=st.integers(0, 3),
        how=st.sampled_from(["clause", "cut", "name", "fever"]),
        group=st.integers(0, 4),
    ),
    max_size=40,
)


@given(examples, st.integers(0, 99))
def test_a_joined_claim_is_true_only_if_all_its_parts_are(made, seed):
    labels = {(e.group, e.claim): set() for e in made}
    for example in made:
        labels[example.group, example.claim].add(example.label)
    for one in joined(made, chance(seed)):
        parts = [
            labels[one.group, claim]
            for group, claim in labels
            if group == one.group and claim.rstrip(".")[4:] in one.claim
        ]
        assert len(parts) > 1
        if one.label == SUPPORTED:
            assert all(SUPPORTED in part for part in parts)
        elif one.how.startswith("joined"):
            assert any(one.label in part for part in parts)


def test_a_cause_that_nobody_named_is_not_enough():
    made = [Example("Lind left.", "e.", 0, "cut", 1), Example("Boats burned there.", "e.", 0, "cut", 1)]
    found = [e for seed in range(200) for e in joined(made, chance(seed)) if e.how.startswith("cause")]
    assert {e.label for e in found} == {NOT_ENOUGH}


def test_small_words_lose_their_capital_when_claims_are_joined():
    assert linked(["Lind left.", "The town burned."], [", and "], chance(1)) == "Lind left, and the town burned."
    assert linked(["The town burned.", "Lind left."], ["; "], chance(1)) == "The town burned; Lind left."


def test_a_sentence_that_two_evidences_hold_is_given_once():
    assert (
        merged(["One is here. Two is here.", "Two is here. Three is here."])
        == "One is here. Two is here. Three is here."
    )


def test_claims_that_say_the_same_are_not_joined():
    assert alike(["Lind founded the firm.", "The firm was founded by Lind."])
    assert not alike(["Lind founded the firm.", "Reed burned many boats."])


@given(examples, st.integers(1, 4))
def test_no_kind_that_rules_made_outweighs_the_rest(made, most):
    kept = level(made, chance(1), most)
    counts = Counter((e.how, e.label > 0) for e in kept if e.how != "fever")
    assert all(count <= most for count in counts.values())
    assert not Counter(kept) - Counter(made)
    assert Counter(e for e in made if e.how == "fever") == Counter(e for e in kept if e.how == "fever")


# Other notation


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("It rose 5%.", "It rose 5 percent."),
        ("It cost $5 million then.", "It cost 5 million dollars then."),
        ("He left on March 3, 1999.", "He left on 3 March 1999."),
        ("It cost €5 million.", "It cost 5 million euros."),
        ("It cost 5 million pounds.", "It cost £5 million."),
        ("He has 3 boats.", "He has three boats."),
    ],
)
def test_what_is_written_otherwise_says_the_same(text, other):
    made = {restyle(text, chance(seed)) for seed in range(300)}
    assert {text, other} <= made


def test_an_opener_is_put_before_some_claims_and_leaves_them_whole():
    made = {opened("The town burned.", chance(seed)) for seed in range(300)}
    assert "The town burned." in made
    assert "In summary, the town burned." in made
    assert all(claim.lower().endswith("the town burned.") for claim in made)


def test_a_name_keeps_its_capital_inside_a_sentence():
    assert (inside("Lind left."), inside("It burned.")) == ("Lind left.", "it burned.")


# Sets


@pytest.fixture
def folder(tmp_path):
    """The sets, small."""
    (tmp_path / "binary-FEVER-NLI_dev.txt").write_text(
        "entailment\tKorn . Ilse Korn was born in Graz . She painted boats .\tKorn was born in Graz.\n"
    )
    (tmp_path / "binary-FEVER-NLI_test.txt").write_text("not_entailment\tKorn . She painted boats .\tKorn sang.\n")
    with zipfile.ZipFile(tmp_path / "rte.zip", "w") as archive:
        archive.writestr("rte/rte2_dev.xml", '<c><pair id="7" entailment="NO"><t>A left.</t><h>B left.</h></pair></c>')
    return tmp_path


def test_a_pair_of_fever_is_known_by_its_line_and_one_of_rte_by_its_number(folder):
    found = dict([*judged.fever(folder), *judged.rte(folder)])
    assert found["NLI_dev:0"].sentences == ("Ilse Korn was born in Graz.", "She painted boats.")
    assert (found["NLI_dev:0"].label, found["NLI_test:0"].label) == (SUPPORTED, EITHER)
    assert found["rte2_dev:7"].claim == "B left."


def test_written_claims_are_read_beside_the_passages_they_are_about(folder, tmp_path):
    lines = [
        {"id": "rte2_dev:7", "claim": "A went away.", "label": "supported", "kind": "paraphrase"},
        {"id": "NLI_dev:0", "claim": "Korn was born in Linz.", "label": "contradicted", "kind": "place"},
    ]
    path = tmp_path / "written.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    one, two = judged.written(folder, path)
    assert (one.sentences, one.label) == (("A left.",), SUPPORTED)
    assert two.sentences[:2] == ("Korn.", "Ilse Korn was born in Graz.")
    assert two.label == CONTRADICTED


def test_what_occurs_in_a_test_set_is_left_out(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text(json.dumps({"context": "A sentence that is certainly long enough. Short.", "response": "x"}))
    held = Judged("rte", "", ("A  Sentence that is certainly long, enough!",), "claim", SUPPORTED)
    free = Judged("rte", "", ("Short.", "Another sentence that is certainly long enough."), "claim", SUPPORTED)
    assert list(judged.without([held, free], claims.known([path]))) == [free]


def test_the_evidence_is_cut_where_it_shares_least_with_the_claim():
    pair = Judged(
        "rte", "", ("Lind founded firms. ", "Other things happened. ", "Firms closed."), "Lind founded firms.", 0
    )
    assert claims.trimmed(pair, 6) == ("Lind founded firms. ", "Firms closed.")


def test_the_written_claims_name_a_passage_a_label_and_a_kind():
    rows = [json.loads(line) for line in WRITTEN.read_text("utf-8").splitlines()]
    assert len(rows) > 1000
    assert {tuple(sorted(row)) for row in rows} == {("claim", "id", "kind", "label")}
    assert {row["label"] for row in rows} == set(judged.NAMES)


# Training


@given(examples)
def test_what_is_watched_shares_no_evidence_with_what_is_learnt(made):
    learnt, held = checker.parted(made)
    assert not {e.group for e in learnt} & {e.group for e in held}
    assert Counter(learnt) + Counter(held) == Counter(made)


def test_every_example_is_read_as_often_as_its_source_says():
    made = [Example(f"Lind left town {n}.", "He left.", n % 4, "written" if n % 3 else "clause", n) for n in range(30)]
    found = checker.batches(made, checker.Plan(room=200))
    assert sum(map(len, found)) == sum(map(checker.repeats, made))
    assert all(len(batch) * max(len(code) for code, _ in batch) <= 200 for batch in found)


def test_figures_are_kept_apart_by_how_claims_were_made():
    made = [Example("a", "b", label, how, 0) for how in ("fever", "clause") for label in (0, 2)]
    found = checker.figures([(0.9, 0.1, 0), (0.2, 0, 0.8), (0.3, 0, 0), (0.6, 0, 0)], made)
    assert found["fever"] == (1.0, 1.0, 2)
    assert found["made"] == (0.0, 0.0, 2)

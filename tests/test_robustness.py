from contextlib import contextmanager
from dataclasses import replace

import pytest
from towns import ARTICLES, reader, said, suite_in, system

from eval import robustness
from eval.gate import Baseline, judge
from eval.pages import finished
from eval.prepare import How
from eval.robustness import VARIED, run_varied


@pytest.fixture
def folder(tmp_path):
    """The suite of towns with a paraphrase of each question that can have one, and a folder of other articles."""
    import json

    made = suite_in(tmp_path)
    lines = [json.loads(line) for line in (made / "questions.jsonl").read_text("utf-8").splitlines()]
    for number, line in enumerate(lines[:6], 1):
        line["paraphrases"] = [f"What is there in town {number}?"]
    (made / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    (made / "more").mkdir()
    (made / "suite.toml").write_text('corpus = "articles"\ndistractors = "more"\n', "utf-8")
    return made


def varied(folder, ask=reader, others=None):
    """The run; `others` answers in place of `ask` where the corpus is another one or in another order."""
    openings = []

    @contextmanager
    def opener(opening, _stop):
        openings.append((opening.order, [path.name for path in opening.folders]))
        yield system(ask if len(openings) == 1 or others is None else others)

    return run_varied(folder, None, How(), opener), openings


def value(run, name, by=None):
    return next(row.estimate for row in run.rows if (row.metric.name, row.by) == (name, by))


def test_a_system_that_reads_only_the_number_is_not_moved_by_anything(folder):
    run, _ = varied(folder)
    for variant in set(VARIED) - {"typos", "meant"}:  # no word of these questions is long enough to be hit
        assert value(run, f"correct_change_{variant}").value == 0.0
        assert value(run, f"status_same_{variant}").value == 1.0
        assert value(run, f"citations_same_{variant}").value == 1.0


def test_the_corpus_is_opened_with_more_articles_and_backwards(folder):
    _, openings = varied(folder)
    assert openings == [("forwards", ["articles"]), ("backwards", ["articles"]), ("forwards", ["articles", "more"])]


def test_a_question_without_a_paraphrase_is_not_judged_by_it(folder):
    run, _ = varied(folder)
    figure = value(run, "status_same_paraphrase")
    assert (figure.n, figure.not_judged) == (6, 3)


def test_answers_that_are_lost_in_other_words_are_counted_by_hand(folder):
    def ask(question, history):
        return said(question, None) if "is there" in question and "5" not in question else reader(question, history)

    run, _ = varied(folder, ask)
    assert value(run, "correct_change_paraphrase").value == pytest.approx(-5 / 6)
    assert value(run, "status_same_paraphrase").value == pytest.approx(1 / 6)
    assert value(run, "citations_same_paraphrase").value == pytest.approx(1 / 6)


def test_who_presses_did_you_mean_is_told_apart_from_who_does_not(folder, monkeypatch):
    monkeypatch.setitem(robustness.WORDED, "typos", lambda sample: replace(sample, question=f"{sample.question}!?"))

    def ask(question, history):
        if not question.endswith("!?"):
            return reader(question, history)
        meant = question.removesuffix("!?") if "5" not in question else None
        return said(question, None).model_copy(update={"suggestion": meant})

    run, _ = varied(folder, ask)
    answered = value(run, "correct_change_typos").n
    assert value(run, "correct_change_typos").value < -0.5
    assert value(run, "correct_change_meant").n == answered
    assert value(run, "correct_change_meant").value == pytest.approx(-1 / answered)


def test_an_answer_that_depends_on_the_order_of_the_articles_is_found(folder):
    run, _ = varied(folder, others=lambda question, _: said(question, 1))
    assert value(run, "citations_same_order").value == pytest.approx(2 / 9)  # town 1, and the follow-up about it
    assert value(run, "status_same_order").value == pytest.approx(7 / 9)


def test_two_silences_cite_the_same():
    silent = said("q", None)
    from eval.samples import Sample, Target
    from eval.trials import Trial

    trial = Trial(Sample("s", "fact", "q", (), "dev", 1, "f"), Target("answered"), silent, (), ARTICLES, bool, 1.0)
    assert robustness.citations_same(robustness.Pair(trial, trial)) == 1.0


def test_a_suite_without_other_articles_is_not_judged_among_them(tmp_path):
    run, openings = varied(suite_in(tmp_path))
    assert len(openings) == 2
    assert value(run, "status_same_distractors").n == 0


def test_the_gate_can_watch_a_figure_of_robustness(folder):
    done = finished(varied(folder)[0])
    name = "status_same_reworded"
    was = Baseline(done.fingerprints, done.scores, {})
    worse = {**done.scores, name: dict.fromkeys(done.scores[name], 0.0)}
    assert judge(done.scores, done.fingerprints, done.clusters, was, [name], done.metrics).failed == {}
    assert list(judge(worse, done.fingerprints, done.clusters, was, [name], done.metrics).failed) == [name]


def test_fresh_asks_every_variant_again(folder, tmp_path):
    for fresh in (False, True):
        asked = []

        def ask(question, history, asked=asked):
            asked.append(question)
            return reader(question, history)

        @contextmanager
        def opener(opening, _stop, ask=ask):
            yield system(ask, fingerprint=f"{opening.order} {len(opening.folders)}")

        run_varied(folder, None, How(kept=tmp_path, fresh=fresh), opener)
        assert len(asked) >= 27  # nine questions, plain, backwards and among more articles, and the other words

"""Budgets for an answer and for a day, and what it costs."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ModelCallError
from rag import spending
from rag.settings import Settings
from rag.spending import Spending
from rag.usage import Usage, tokens_in

PROMPT = [{"role": "user", "content": "x" * 4 * 96}]  # 100 tokens, as they are estimated


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "state" / "tokens.json"


def spent(ledger: Path, **budgets) -> Spending:
    return Spending(Settings(model="tiny", **budgets), ledger)


def refusal(spending: Spending, most: int) -> str:
    with pytest.raises(ModelCallError) as caught:
        spending.allow(PROMPT, most)
    assert caught.value.state == "budget"
    assert str(caught.value).isprintable()
    return str(caught.value)


# An answer


def test_a_call_may_spend_what_is_left_and_no_token_more(ledger: Path) -> None:
    one = spent(ledger, budget_answer=1000)
    one.add(Usage(1, 500, 100))
    one.add(Usage(), one.allow(PROMPT, 300))
    assert "401 tokens are wanted and 400 are left for this answer" in refusal(one, 301)


def test_what_a_running_call_may_take_is_held_back_from_others(ledger: Path) -> None:
    one = spent(ledger, budget_answer=1000, budget_day=10_000)
    held = one.allow(PROMPT, 500)
    assert held == 600
    assert "401 tokens are wanted and 400 are left for this answer" in refusal(one, 301)
    one.add(Usage(1, 100, 20), held)
    one.allow(PROMPT, 780)


def test_a_refusal_names_the_model_and_the_remedy(ledger: Path) -> None:
    line = refusal(spent(ledger, budget_answer=100), 1)
    assert line.startswith("the model 'tiny' was not asked")
    assert line.endswith("raise RAG_BUDGET_ANSWER or RAG_BUDGET_DAY")


def test_what_is_overspent_leaves_nothing(ledger: Path) -> None:
    one = spent(ledger, budget_answer=1000)
    one.add(Usage(1, 900, 900))
    assert "0 are left" in refusal(one, 1)


@given(st.integers(1, 10**5), st.lists(st.tuples(st.integers(0, 10**4), st.integers(1, 10**4)), max_size=8))
def test_calls_that_keep_to_what_they_said_never_exceed_the_budget(budget: int, calls: list[tuple[int, int]]) -> None:
    one = Spending(Settings(model="m", budget_answer=budget))
    for characters, most in calls:
        prompt = [{"role": "user", "content": "x" * characters}]
        try:
            held = one.allow(prompt, most)
        except ModelCallError:
            assert one.usage.tokens + tokens_in(prompt) + most > budget
        else:
            one.add(Usage(1, tokens_in(prompt), most), held)
        assert one.usage.tokens <= budget


class Slow(Usage):
    """Adds so slowly that other threads come in between."""

    def __add__(self, other: Usage) -> Usage:
        time.sleep(0.001)
        whole = super().__add__(other)
        return Slow(whole.calls, whole.prompt_tokens, whole.completion_tokens)


def test_calls_of_several_threads_all_count(ledger: Path) -> None:
    one = spent(ledger, budget_day=10**9)
    one.usage = Slow()
    threads = [threading.Thread(target=lambda: [one.add(Usage(1, 2, 3)) for _ in range(10)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (one.usage.calls, one.usage.prompt_tokens, one.usage.completion_tokens) == (60, 120, 180)
    assert list(json.loads(ledger.read_text()).values()) == [300]


# A day


def test_without_a_budget_for_the_day_nothing_is_written(ledger: Path) -> None:
    one = spent(ledger)
    one.allow(PROMPT, 10)
    one.add(Usage(1, 100, 10))
    assert not ledger.parent.exists()


def test_the_day_counts_all_answers(ledger: Path) -> None:
    spent(ledger, budget_day=1000).add(Usage(1, 500, 100))
    other = spent(ledger, budget_day=1000)
    other.add(Usage(), other.allow(PROMPT, 300))
    assert "401 tokens are wanted and 400 are left for today" in refusal(other, 301)


def test_what_cost_nothing_writes_nothing(ledger: Path) -> None:
    spent(ledger, budget_day=1000).add(Usage(1))
    assert not ledger.exists()


def test_a_new_day_begins_at_zero(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spending, "_date", lambda: "2026-03-01")
    spent(ledger, budget_day=1000).add(Usage(1, 1000, 0))
    refusal(spent(ledger, budget_day=1000), 1)
    monkeypatch.setattr(spending, "_date", lambda: "2026-03-02")
    spent(ledger, budget_day=1000).allow(PROMPT, 900)
    spent(ledger, budget_day=1000).add(Usage(1, 7, 0))
    assert json.loads(ledger.read_text()) == {"2026-03-02": 7}


def test_programs_at_the_same_time_lose_no_count(ledger: Path, root: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.usage import Usage; from rag.settings import Settings; "
        "from rag.spending import Spending; one = Spending(Settings(model='m', budget_day=10**9), Path(sys.argv[1]))\n"
        "for _ in range(100): one.allow([], 1); one.add(Usage(1, 1, 2))"
    )
    command = [sys.executable, "-c", code, str(ledger)]
    running = [subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    assert [one.communicate(timeout=60)[1] for one in running] == ["", ""]
    assert list(json.loads(ledger.read_text()).values()) == [600]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"TODAY": "many"}', '{"TODAY": null}', "\x00", "[" * 100_000])
def test_a_broken_count_is_an_error_of_one_line_that_names_the_file(ledger: Path, text: str) -> None:
    ledger.parent.mkdir()
    ledger.write_text(text.replace("TODAY", spending._date()))
    line = refusal(spent(ledger, budget_day=1000), 1)
    assert repr(str(ledger)) in line
    assert line.endswith("correct or delete that file")
    with pytest.raises(ModelCallError, match="cannot be kept"):
        spent(ledger, budget_day=1000).add(Usage(1, 1, 1))


def test_a_count_that_cannot_be_written_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(ModelCallError, match=r"cannot be kept .*state"):
        spent(tmp_path / "state" / "tokens.json", budget_day=1000).add(Usage(1, 1, 1))


def test_the_count_lies_in_the_users_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    Spending(Settings(model="m", budget_day=1000)).add(Usage(1, 1, 1))
    assert spending.ledger_file().is_file()
    assert spending.ledger_file().name == "tokens.json"


# Cost


def test_the_cost_is_by_million_tokens_read_and_written(ledger: Path) -> None:
    one = spent(ledger, price_input=2.0, price_output=10.0)
    one.add(Usage(1, 3000, 500))
    one.add(Usage(1, 1000, 500))
    assert one.cost == pytest.approx(0.018)


def test_one_price_alone_is_a_price(ledger: Path) -> None:
    one = spent(ledger, price_output=1.0)
    one.add(Usage(1, 3000, 500))
    assert one.cost == pytest.approx(0.0005)


def test_without_prices_the_cost_is_not_known(ledger: Path) -> None:
    one = spent(ledger)
    one.add(Usage(1, 3000, 500))
    assert one.cost is None

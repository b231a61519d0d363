"""What an answer may spend on a language model, and a day: counted in tokens, held before each call."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from index.errors import ModelCallError
from rag.failures import fault
from rag.settings import Settings
from rag.usage import Message, Usage, tokens_in

_day = threading.Lock()
_held: Counter[Path] = Counter()
"""What running calls of all answers of this process may still take of a day's budget, by its ledger."""


def ledger_file() -> Path:
    """Where the tokens of each day are counted, for all programs of this user."""
    import platformdirs

    return Path(platformdirs.user_state_dir("sourcebound", appauthor=False)) / "tokens.json"


class Spending:
    """The calls of one answer. May be shared by threads: what a running call may still take is held back from others.

    Args:
        settings: the budgets and prices.
        ledger: the file that counts the day; it is only touched where there is a budget for the day.

    Attributes:
        usage: of all calls so far.
    """

    def __init__(self, settings: Settings, ledger: Path | None = None) -> None:
        self.usage = Usage()
        self._settings = settings
        self._ledger = ledger
        self._held = 0
        self._lock = threading.Lock()

    def allow(self, messages: Sequence[Message], most: int) -> int:
        """Holds back the tokens that a call with this prompt and longest reply may take, and gives their number.

        Raises:
            ModelCallError: ("budget") they are more than are left.
        """
        wanted = tokens_in(messages) + most
        with self._lock:
            self._enough(wanted, self._settings.budget_answer - self.usage.tokens - self._held, "this answer")
            if self._settings.budget_day:
                with _day:
                    self._enough(wanted, self._settings.budget_day - self._today() - _held[self._path], "today")
                    _held[self._path] += wanted
            self._held += wanted
        return wanted

    def add(self, usage: Usage, held: int = 0) -> None:
        """Counts a call that was made, and releases what `allow` held back for it.

        Raises:
            ModelCallError: ("budget") the day cannot be counted.
        """
        with self._lock:
            self.usage += usage
            self._held -= held
        if self._settings.budget_day and usage.tokens:
            from filelock import FileLock

            path = self._path
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with FileLock(path.with_suffix(".lock")):
                    # In one step, for those who read it meanwhile.
                    new = path.with_suffix(".new")
                    new.write_text(json.dumps({_date(): self._today() + usage.tokens}), encoding="utf-8")
                    new.replace(path)
            except OSError as exc:
                raise self._unusable(exc) from exc
            finally:
                self._release(held)
        elif self._settings.budget_day:
            self._release(held)

    def _release(self, held: int) -> None:
        with _day:
            _held[self._path] -= held

    @property
    def cost(self) -> float | None:
        """In the currency of the prices; None where none is set."""
        prices = self._settings.price_input, self._settings.price_output
        if not any(prices):
            return None
        spent = self.usage.prompt_tokens * prices[0] + self.usage.completion_tokens * prices[1]
        return round(spent / 1e6, 6)

    @property
    def _path(self) -> Path:
        return self._ledger or ledger_file()

    def _today(self) -> int:
        """Tokens of this day so far."""
        try:
            spent = json.loads(self._path.read_text(encoding="utf-8")).get(_date(), 0)
            return int(spent)
        except FileNotFoundError:
            return 0
        except (ValueError, TypeError, AttributeError, OSError, RecursionError) as exc:
            raise self._unusable(exc) from exc

    def _enough(self, wanted: int, left: int, period: str) -> None:
        if wanted > left:
            model = f"the model {self._settings.model!r}"
            raise fault(model, "budget", f"{wanted} tokens are wanted and {max(0, left)} are left for {period}")

    def _unusable(self, exc: Exception) -> ModelCallError:
        line = f"the count of today's tokens in {str(self._path)!r} cannot be kept ({exc}): correct or delete that file"
        return ModelCallError("budget", line)


def _date() -> str:
    return datetime.now(UTC).date().isoformat()

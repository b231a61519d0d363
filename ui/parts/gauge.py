"""A share with its interval: a dot and a band on a line from 0 to 1, and the same in figures."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.measured import Figure
    from ui.words import Words

_WIDE = 120


def gauge(value: float, low: float | None, high: float | None) -> str:
    """A share, 0 to 1, drawn; the figures stand beside it, so it is hidden from screen readers."""
    band = ""
    if low is not None and high is not None:
        left, right = (6 + _WIDE * min(1.0, max(0.0, end)) for end in (low, high))
        band = f'<rect class="sb-band" x="{left:.1f}" y="4" width="{max(1.0, right - left):.1f}" height="8" rx="2"/>'
    return (
        f'<svg class="sb-gauge" viewBox="0 0 {_WIDE + 12} 16" width="{_WIDE + 12}" height="16" aria-hidden="true" '
        f'focusable="false"><path class="sb-rail" d="M6 8H{_WIDE + 6}M6 3v10M{_WIDE + 6} 3v10"/>{band}'
        f'<circle class="sb-dot" cx="{6 + _WIDE * min(1.0, max(0.0, value)):.1f}" cy="8" r="4"/></svg>'
    )


def share(one: Figure, words: Words) -> str:
    """As in "67% (57 to 77%)", where an interval is known."""
    text = f"<b>{escape(_percent(one.value or 0.0, words))}</b>"
    if one.low is None or one.high is None:
        return f'<span class="sb-share">{text}</span>'
    ends = words("quality.interval", low=_number(one.low, words), high=_percent(one.high, words))
    return f'<span class="sb-share">{text} <span class="sb-interval">{escape(ends)}</span></span>'


def _percent(value: float, words: Words) -> str:
    return words("quality.percent", value=_number(value, words))


def _number(value: float, words: Words) -> str:
    """Whole percents; small ones with a decimal, since 0.4 % is not 0."""
    percent = 100 * value
    text = f"{percent:.1f}" if 0 < percent < 10 or 99 < percent < 100 else f"{percent:.0f}"
    return text.removesuffix(".0").replace(".", words("quality.decimal"))

"""How many articles there are in each month or year, as bars that can be pressed. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.words import Words

MOST_BARS = 36
"""More months than these are shown as years: a bar must stay wide enough to be pressed."""

_STEPS = 10  # heights that the style sheet knows


def render_histogram(months: Sequence[tuple[str, int]], undated: int, words: Words) -> str:
    """One button a month with articles, or a year where there are many months; pressing one sets the dates.

    Args:
        months: ("2026-03", count), the earliest first; those without articles may be left out.
        undated: how many articles no date is known of.
        words: of the reader's language.
    """
    by_year = len(months) > MOST_BARS
    counts: Counter[str] = Counter()
    for month, count in months:
        counts[month[:4] if by_year else month] += count
    highest = max(counts.values(), default=0)
    bars = "".join(_bar(when, count, highest, words) for when, count in sorted(counts.items()))
    label = escape(words("asking.histogram", unit=words("asking.year" if by_year else "asking.month")))
    chart = f'<div class="sb-histogram" role="group" aria-label="{label}">{bars}</div>' if bars else ""
    every = escape(words("asking.all_dates"))
    ends = "".join(f"<span>{when}</span>" for when in dict.fromkeys((min(counts), max(counts)))) if counts else ""
    axis = f'<p class="sb-axis" aria-hidden="true">{ends}</p>' if bars else ""
    clear = f'<button type="button" class="sb-act" data-act="dates" data-since="" data-until="">{every}</button>'
    left_out = f'<p class="sb-note">{escape(words("asking.undated", count=undated))}</p>' if undated else ""
    return f"{chart}{axis}{clear if bars else ''}{left_out}"


def _bar(when: str, count: int, highest: int, words: Words) -> str:
    since, until = _days(when)
    label = escape(words("asking.bar", when=when, count=count))
    height = max(1, round(_STEPS * count / highest))
    return (
        f'<button type="button" class="sb-month" data-act="dates" data-since="{since}" data-until="{until}" '
        f'aria-label="{label}" title="{label}"><span class="sb-h{height}"></span></button>'
    )


def _days(when: str) -> tuple[str, str]:
    """The first and the last day of a month ("2026-03") or a year ("2026")."""
    year, _, month = when.partition("-")
    if not month:
        return f"{year}-01-01", f"{year}-12-31"
    return f"{when}-01", f"{when}-{monthrange(int(year), int(month))[1]:02}"

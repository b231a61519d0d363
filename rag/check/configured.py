"""The checker that the settings name: one of our own, a language model as judge, or a published model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rag.check import by_name

if TYPE_CHECKING:
    from rag.check import Checker
    from rag.settings import Settings


def configured(settings: Settings) -> Checker:
    """The checker of these settings; nothing is loaded yet.

    `settings.checker` is "judge" (which asks `settings.model`), "lettucedetect", "hhem" or "minicheck", each alone or
    as NAME:MODEL, or a name that `rag.check.by_name` knows.

    Raises:
        ModelError: the name is none of these, or the judge has no model to ask.
    """
    from rag.check import judge, published

    kind, _, model = settings.checker.partition(":")
    if kind == "judge":
        return judge.judge(replace(settings, model=model or settings.model))
    if kind in published.ADAPTERS:
        return published.adapter(kind, model)
    return by_name(settings.checker)

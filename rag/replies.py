"""A model's reply that is to be one JSON object, read strictly. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection

_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.S)


def one_object(reply: str, needed: Collection[str], known: Collection[str]) -> dict[str, object]:
    """The fields of the object that a reply holds, alone or in one code fence.

    Args:
        reply: as the model wrote it.
        needed: fields that must be there.
        known: all that may be.

    Raises:
        ValueError: it holds anything else; the message says what.
    """
    text = reply.strip()
    if fenced := _FENCED.fullmatch(text):
        text = fenced[1]
    if not text:
        raise ValueError("it is empty")  # noqa: EM101
    fields = json.loads(text, object_pairs_hook=_once)
    if not isinstance(fields, dict) or not set(needed) <= fields.keys() <= set(known):
        raise ValueError("it is not the object that was asked for")  # noqa: EM101
    return fields


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The fields of an object; raises ValueError where one is there twice, as the last would silently win."""
    if len(fields := dict(pairs)) < len(pairs):
        raise ValueError("a field is there twice")  # noqa: EM101
    return fields

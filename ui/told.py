"""What the server tells the page's script: what to say, to copy, to download; as one JSON text."""

from __future__ import annotations

import json
import secrets


def say(words: str = "", **more: object) -> str:
    """A message for `sourcebound.receive` in asking.js.

    Args:
        words: one line for the reader, shown and spoken.
        more: `copy` (text for the clipboard), `link` (a path of this page, to be copied as an address), `shared` (the
            id that deletes a link), `download` (`{"name", "type", "text"}`), `thumbs` (all there are: turn, sentence,
            whether up), `keep` (a conversation, for this browser), `forget` (the id of one, "*" for all), `opened` (the
            page is filled), `limited` (whether filters hold), `focus` (to the box), `taken` (the question is in),
            `expired`.
    """
    # A number of its own: the same message twice is two messages.
    return json.dumps({"say": words, "number": secrets.token_hex(4), **more}, ensure_ascii=False)

"""What goes to a language model and comes from it: prompts, replies, and what they cost in tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Message = Mapping[str, str]
"""{"role": "system" | "user", "content": text}"""

CHARACTERS = 4
"""Characters a token, for estimates where a server does not count; English text has about this many."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What was asked of a model. Tokens as the server counts them, else estimated from the characters.

    Attributes:
        calls: replies that were asked for, however often each was.
        estimated: whether any of it is.
    """

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.estimated or other.estimated,
        )

    @property
    def tokens(self) -> int:
        """Of prompt and reply together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply; `finish` is why it ended: "stop", "length", "content_filter", or as the server says."""

    text: str
    usage: Usage
    finish: str


def tokens_in(messages: Sequence[Message]) -> int:
    """Estimated tokens of a prompt."""
    return sum(len(message["content"]) // CHARACTERS + 4 for message in messages)

"""The words of the page, in each language: a section a file, languages side by side, so that none is forgotten."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

LANGUAGES = {"en": "English", "es": "Español"}
"""By code, as each calls itself. The first one is what a reader gets who asks for none."""

_HERE = Path(__file__).parent


class Words:
    """What the page says, in one language.

    Args:
        language: a code of LANGUAGES; anything else is English.
    """

    def __init__(self, language: str = "en") -> None:
        self.language = language if language in LANGUAGES else "en"

    def __call__(self, key: str, **values: object) -> str:
        """The words of a key, as in `words("reading.cited_as", numbers="1, 2")`: plain text, not escaped.

        Raises:
            KeyError: there is no such key, or a value for it is missing.
        """
        return self.template(key).format_map(values)

    def template(self, key: str) -> str:
        """The words of a key before values are put in. Raises KeyError when there is no such key."""
        section, _, name = key.partition(".")
        return _section(section)[name][self.language]


@cache
def _section(name: str) -> dict[str, dict[str, str]]:
    with (_HERE / f"{name}.toml").open("rb") as file:
        return cast(dict[str, dict[str, str]], tomllib.load(file))


def words_of(request: HTTPConnection) -> Words:
    """The words in the language that a request asks for, as `?lang=es`."""
    return Words(request.query_params.get("lang", "en"))

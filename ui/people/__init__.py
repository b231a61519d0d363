"""Sign-in and roles: who a request comes from, and what that person may do.

people = open_people(Options(users=Path("users")), "127.0.0.1")
people.add_routes(app)
app.add_middleware(people.guard)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ui.people.options import Options
from ui.people.pages import who_part
from ui.people.person import ASK, CURATE, NOBODY, ROLES, Person, curator, person_of

if TYPE_CHECKING:
    from ui.people.gate import People

__all__ = [
    "ASK",
    "CURATE",
    "NOBODY",
    "ROLES",
    "Options",
    "Person",
    "curator",
    "open_people",
    "person_of",
    "who_part",
]


def open_people(options: Options, host: str, folder: Path | None = None) -> People:
    """Who may use a server.

    Args:
        options: how people sign in; without one of the ways, sign-in is off.
        host: the address the server is bound to. With sign-in off, only on loopback may everybody curate.
        folder: where sessions are kept, so that a restart signs nobody out; None for memory alone.

    Raises:
        SettingsError: the password file or the folder cannot be used.
    """
    from ui.people.gate import People

    return People(options, host, folder)

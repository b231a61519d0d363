"""Who asks: a name and roles, as the guard in `ui.people` leaves them with every request."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import HTTPException
from starlette.requests import HTTPConnection

ASK, CURATE = "ask", "curate"
ROLES = (ASK, CURATE)
"""What a person may do: ask questions; also change the corpus. The second includes the first."""


@dataclass(frozen=True)
class Person:
    """Who a request comes from.

    Args:
        name: as signed in, to be shown; None for an anonymous reader, when sign-in is off.
        roles: of ROLES.
        subject: what the provider never gives to anybody else; empty where the name itself is that.
        may_leave: whether the person signed in here and can sign out here; not so behind a proxy.
    """

    name: str | None
    roles: frozenset[str]
    subject: str = ""
    may_leave: bool = False

    @property
    def may_curate(self) -> bool:
        """Whether articles may be added, removed and restored."""
        return CURATE in self.roles

    @property
    def key(self) -> str | None:
        """What belongs to this person is kept under this, not under the name, which a provider may give on."""
        return self.subject or self.name


NOBODY = Person(None, frozenset())
"""Who a request comes from that no guard has seen: nobody, who may do nothing."""


def roles_of(*, curates: bool) -> frozenset[str]:
    """The roles of somebody who may ask, and curate or not."""
    return frozenset(ROLES if curates else (ASK,))


def person_of(request: HTTPConnection) -> Person:
    """The person the guard found for a request; NOBODY when no guard stands in front."""
    found = request.scope.get("state", {}).get("person", NOBODY)
    return found if isinstance(found, Person) else NOBODY


def curator(request: HTTPConnection) -> Person:
    """FastAPI dependency of the routes that change the corpus: `Depends(curator)`.

    Raises:
        HTTPException: 403, with one line, when the person may not.
    """
    person = person_of(request)
    if not person.may_curate:
        who = f"{person.name!r}" if person.name else "an anonymous reader"
        raise HTTPException(403, f"{who} may ask but not change the articles; the role 'curate' is needed")
    return person

"""Slows down whoever guesses passwords: by name and by address, longer with each wrong guess."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

MOST_KEPT = 10_000
"""Names, and as many addresses, that are remembered; the longest unused are forgotten first."""

_FORGET = 3600.0  # seconds without a guess after which nothing is held against anybody


@dataclass
class _Guesses:
    count: int
    last: float


class _Row:
    """The guesses of one kind.

    Args:
        free: guesses before the first wait.
        longest: of a wait, in seconds. Short for names: whoever guesses at a name also keeps its owner out.
    """

    def __init__(self, free: int, longest: float) -> None:
        self.free = free
        self.longest = longest
        self.kept: OrderedDict[str, _Guesses] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        found = self.kept.get(key)
        if found is None or found.count < self.free or now - found.last > _FORGET:
            return 0.0
        pause = min(2.0 ** min(found.count - self.free, 20), self.longest)
        return max(0.0, found.last + pause - now)

    def count(self, key: str, now: float) -> None:
        found = self.kept.pop(key, None)
        fresh = found is None or now - found.last > _FORGET
        self.kept[key] = _Guesses(1 if found is None or fresh else found.count + 1, now)
        while len(self.kept) > MOST_KEPT:
            self.kept.popitem(last=False)

    def forgive(self, key: str) -> None:
        if (found := self.kept.get(key)) and found.count > 1:
            found.count -= 1
        else:
            self.kept.pop(key, None)


class Throttle:
    """Counts guesses before they are judged, so that many at the same time are not all free.

    After 5 wrong guesses at a name, or 20 from an address, the next one has to wait 1 s, then 2, 4, 8 and so on, up to
    a minute for a name and a quarter of an hour for an address. An hour without a guess forgets them.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._names = _Row(5, 60.0)
        self._addresses = _Row(20, 900.0)

    def begin(self, name: str, address: str) -> float:
        """Counts a guess at a name, as `passwords.folded` writes it.

        Returns:
            The seconds to wait: 0 to go on; else the guess does not count and must not be judged.
        """
        name, address = _short(name), _network(address)
        with self._lock:
            now = self._clock()
            if wait := max(self._names.wait(name, now), self._addresses.wait(address, now)):
                return wait
            self._names.count(name, now)
            self._addresses.count(address, now)
            return 0.0

    def right(self, name: str, address: str) -> None:
        """The guess was right: the name starts anew; the address is forgiven this one guess, not those before."""
        with self._lock:
            self._names.kept.pop(_short(name), None)
            self._addresses.forgive(_network(address))

    def __len__(self) -> int:
        return len(self._names.kept) + len(self._addresses.kept)


def _short(name: str) -> str:
    return name[:100]


def _network(address: str) -> str:
    """An IPv6 address counts as its /64, the least that one customer gets."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:100]
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)

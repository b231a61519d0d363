"""How people sign in: not at all, with a password file, at an OpenID provider, or at a proxy in front."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

from index.errors import SettingsError

Curate = Literal["local", "anyone", "nobody"]
SECRET = "RAG_OIDC_SECRET"  # noqa: S105 - the name of the variable
LOOPBACK = ("127.0.0.1", "::1")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")


@dataclass(frozen=True)
class Options:
    """What the one who starts the server says about people. At most one of the three ways to sign in.

    Args:
        users: the password file, as `ui.people.passwords` writes it.
        issuer: address of the OpenID provider, https (http only on loopback).
        client: the name this server has at the provider; its secret comes from the environment.
        header: the header in which a proxy names who is signed in.
        groups: the header in which it lists that person's groups, with commas.
        proxies: addresses or networks that the header is believed from.
        curators: who may curate: names; groups as "@editors". At a provider: its `sub` or a verified address.
        curate: who may curate while sign-in is off: whoever reaches a server bound to loopback, anyone, nobody.
        address: where browsers find this server, as "https://news.example.org"; None to take it from each request.
        secret: the client's secret; empty for a public client.

    Raises:
        SettingsError: for a value that cannot be used, or two ways at once.
    """

    users: Path | None = None
    issuer: str = ""
    client: str = ""
    header: str = ""
    groups: str = ""
    proxies: tuple[str, ...] = LOOPBACK
    curators: tuple[str, ...] = ()
    curate: Curate = "local"
    address: str | None = None
    secret: str = field(default_factory=lambda: os.environ.get(SECRET, ""), repr=False)

    def __post_init__(self) -> None:
        chosen = [
            name
            for name, value in (
                ("--users", self.users),
                ("--oidc-issuer", self.issuer),
                ("--proxy-header", self.header),
            )
            if value
        ]
        if len(chosen) > 1:
            msg = f"people can sign in in one way only, not with {' and '.join(chosen)}; leave out all but one"
            raise SettingsError(msg)
        if self.issuer and not _is_safe(self.issuer):
            msg = f"--oidc-issuer {self.issuer!r} cannot be used: give an https:// address (http:// only on loopback)"
            raise SettingsError(msg)
        if bool(self.issuer) != bool(self.client):
            msg = f"--oidc-issuer {self.issuer!r} and --oidc-client {self.client!r} belong together; give both"
            raise SettingsError(msg)
        for option, name in (("--proxy-header", self.header), ("--proxy-groups", self.groups)):
            if name and not _HEADER.fullmatch(name):
                msg = f"{option} {name!r} is not the name of a header; use letters, digits and hyphens"
                raise SettingsError(msg)
        if self.groups and not self.header:
            msg = f"--proxy-groups {self.groups!r} says nothing without --proxy-header; give both"
            raise SettingsError(msg)
        for proxy in self.proxies:
            try:
                ip_network(proxy, strict=False)
            except ValueError:
                msg = f"--proxy-from {proxy!r} is not an address or a network; give one such as 10.0.0.5 or 10.0.0.0/24"
                raise SettingsError(msg) from None
        if self.curate not in get_args(Curate):
            msg = f"--curate {self.curate!r} is not known; choose one of {', '.join(get_args(Curate))}"
            raise SettingsError(msg)
        if self.address is not None and not _is_origin(self.address):
            msg = f"--address {self.address!r} cannot be used: give it as https://news.example.org, without a path"
            raise SettingsError(msg)

    @property
    def on(self) -> bool:
        """Whether people have to sign in."""
        return bool(self.users or self.issuer or self.header)

    def trusts(self, address: str) -> bool:
        """Whether an address is one of the proxies."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        if isinstance(found, IPv6Address) and found.ipv4_mapped:
            found = found.ipv4_mapped
        return any(found in ip_network(proxy, strict=False) for proxy in self.proxies)

    def curates(self, names: set[str], groups: set[str]) -> bool:
        """Whether one of a person's names or groups is listed among the curators."""
        return any(entry[1:] in groups if entry.startswith("@") else entry in names for entry in self.curators)


def is_loopback(host: str) -> bool:
    """Whether a name or address stands for this machine alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    plain = parts.scheme == "http" and is_loopback(host)
    return bool(host) and (parts.scheme == "https" or plain) and not (parts.query or parts.fragment or parts.username)


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and url == f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        return False

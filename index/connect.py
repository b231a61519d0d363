"""Connections to the open Internet only, and only until a deadline; what `fetch` hands to its HTTP client."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from index.errors import ItemError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: IPv4 addresses in IPv6 ones


class Guard(httpcore.NetworkBackend):
    """Opens connections: resolves a name once, judges every address, and connects to the very address it judged.

    A name that resolves to something else a moment later (DNS rebinding) thus changes nothing.
    """

    def __init__(self, url: str, deadline: float, *, allow_private: bool) -> None:
        self._url, self._deadline, self._allow_private = url, deadline, allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 the deadline decides
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the host's addresses. Raises ItemError when any of them is not public."""
        failure: Exception = httpcore.ConnectError(f"{host!r} has no address")
        for address in self._addresses(host, port):
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    address, port, _left(self._deadline), local_address, socket_options
                )
            except httpcore.ConnectError as exc:
                failure = exc
            else:
                return _Timed(stream, self._deadline)
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as exc:
            raise ItemError(self._url, f"the host {host!r} is not known: check the address") from exc
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in resolved))
        for address in addresses:
            if not self._allow_private and not is_public(address):
                reason = f"leads to {address!r}, inside this machine or network: use --allow-private if you mean it"
                raise ItemError(self._url, reason)
        return addresses


def is_public(address: str) -> bool:
    """Whether an IP address, or the IPv4 address inside it, is one of the open Internet."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        message = "the time is up"
        raise httpcore.ReadTimeout(message)
    return left


class _Timed(httpcore.NetworkStream):
    """A connection whose every step gets what is left of the whole time, so that a trickle does not go on for ever."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline)), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401
        return self._stream.get_extra_info(info)

"""Keeps tests on this machine: only loopback and unix sockets connect, and only local names resolve."""

import ipaddress
import random
import socket
from contextlib import suppress
from typing import Any

import pytest

LOCAL_NAMES = frozenset({"localhost", "", None, socket.gethostname()})
#: Below those that the kernel gives whoever asks for any: such a one may be another's once a program listens there.
OWN_PORTS = range(12_000, 32_000)
_dice = random.SystemRandom()


class NetworkBlocked(RuntimeError):
    """A test tried to leave this machine. Not an OSError, so that no retry swallows it."""


def local(host: str | bytes | None) -> bool:
    """Return whether ``host`` is this machine, judged without looking anything up."""
    text = host.decode() if isinstance(host, bytes) else host
    if text in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def block(patch: pytest.MonkeyPatch) -> None:
    """Replaces connecting and resolving by versions that refuse."""
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def checked(address: Any) -> None:
        if isinstance(address, tuple) and not local(address[0]):
            raise NetworkBlocked(f"a test tried to reach {address}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        checked(address)
        return connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        checked(address)
        return connect_ex(self, address)

    def guarded_resolve(host: Any, *arguments: Any, **options: Any) -> Any:
        if not local(host) and not _literal(host):
            raise NetworkBlocked(f"a test tried to resolve {host!r}")
        return resolve(host, *arguments, **options)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_resolve)


def _literal(host: str | bytes) -> bool:
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return True


def free_port() -> int:
    """Return a port nobody listens on, and which nobody gets by chance before a program does."""
    while True:
        port = _dice.choice(OWN_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port

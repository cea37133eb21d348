"""The check of addresses that customers choose: only public ones may be called, only as resolved.

The name is resolved once, every answer is judged, and the connection goes to what was judged, so a name that changes
its answer in between gains nothing. wearlink.lib.net.pinned_http makes the calls.
"""

import ipaddress
import socket
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

import idna
from django.conf import settings

from wearlink.lib.errors import WearLinkError

DEADLINE = 15.0
MAX_ANSWER_BYTES = 20_000
PORTS = frozenset({80, 443, 8080, 8443})
USER_AGENT = "WearLink-Webhooks/1.0"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LookUp = Callable[[str, int], "list[Address]"]
_PATH = "/%:@!$&'()*+,;=~-._"  # RFC 3986; what is escaped already stays
_QUERY = _PATH + "?[]"

# All addresses that are no public host. Not ipaddress.is_global: its answers have changed between releases of Python.
# fmt: off
CLOSED = tuple(map(ipaddress.ip_network, (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",
    "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
    "ff00::/8",
)))
# fmt: on
GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")  # all that has been given out; the rest is not public or not yet


class EgressError(WearLinkError):
    """No call, or no answer; ``code`` says why: refused, unresolved, timeout, tls, protocol or connection."""

    default_code = "connection"


class Refused(EgressError):
    """The address may not be called; trying again will not help."""

    default_code = "refused"


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """The other side's answer: status, headers (lower case), at most 20 kB of body, and the time it took in ms."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool
    elapsed_ms: int


@dataclass(frozen=True, slots=True)
class Target:
    """A judged URL: where to connect and what to say there."""

    scheme: str
    host: str
    port: int
    path: str
    address: Address

    @property
    def host_header(self) -> str:
        """Host as it belongs in the header: IPv6 in brackets, the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def check_url(url: str) -> None:
    """Judge what can be judged without resolving, for saving a URL; raises Refused."""
    parts = _parts(url)
    host = _host(parts)
    literal = _literal(host)
    if literal is not None:
        _judge(literal, _may_be_loopback(parts))
    elif host == "localhost" or host.endswith(".localhost"):
        raise Refused("The URL leads to an address that is not public.")


def resolve(url: str, look_up: LookUp | None = None) -> Target:
    """Resolve the URL's host once and judge every address it has; raises Refused or EgressError (unresolved).

    `look_up` replaces the resolver: the addresses of a host and port; it raises EgressError.
    """
    parts = _parts(url)
    host = _host(parts)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    literal = _literal(host)
    addresses = (look_up or addresses_of)(host, port) if literal is None else [literal]
    for address in addresses:
        _judge(address, _may_be_loopback(parts))
    path = quote(parts.path or "/", safe=_PATH) + (f"?{quote(parts.query, safe=_QUERY)}" if parts.query else "")
    return Target(parts.scheme, host, port, path, addresses[0])


def _host(parts: SplitResult) -> str:
    """Return the host in ASCII, as DNS knows it: what looks like a digit or a dot in another script becomes one."""
    host = unicodedata.normalize("NFKC", parts.hostname or "").replace("\u3002", ".").rstrip(".")
    if host.isascii():
        name = host.lower()
    else:
        try:
            name = idna.encode(host, uts46=True).decode()
        except (idna.IDNAError, UnicodeError) as error:
            raise Refused("The URL's host is no name that DNS knows.") from error
    if ":" not in name and not (len(name) <= 253 and all(0 < len(label) <= 63 for label in name.split("."))):
        raise Refused("The URL's host is no name that DNS knows.")
    return name


def _parts(url: str) -> SplitResult:
    """Return the URL's parts, if its form is acceptable."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("The URL cannot be read.") from error
    own = _may_be_loopback(parts)
    if parts.scheme != "https" and not (parts.scheme == "http" and (own or settings.WEBHOOK_ALLOW_HTTP)):
        raise Refused("The URL must begin with https://.")
    if parts.username is not None or parts.password is not None:
        raise Refused("The URL must not carry a user name or password.")
    if not parts.hostname or not url.isprintable() or " " in url or "\\" in url:
        raise Refused("The URL has no host, or characters that do not belong into a URL.")
    if port is not None and port not in PORTS and not own:
        raise Refused(f"Port {port} is not open to webhooks; use 443, 8443, 80 or 8080.")
    return parts


def _may_be_loopback(parts: SplitResult) -> bool:
    """Return whether the development setting lets this URL lead to our own machine: by a plain literal, never by a
    name.
    """
    if not settings.EGRESS_ALLOW_LOOPBACK:
        return False
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _literal(host: str) -> Address | None:
    """Return the address that a host is in itself, in any notation a resolver takes: 127.1, 0x7f000001,
    017700000001.
    """
    plain = host.rstrip(".")
    with suppress(ValueError):
        return ipaddress.ip_address(plain.partition("%")[0])
    last = plain.rpartition(".")[2].lower()
    if not (last.isdecimal() or last.startswith("0x")):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(plain))
    except OSError as error:
        raise Refused("The URL's host is neither a name nor an address.") from error


def addresses_of(host: str, port: int) -> list[Address]:
    """Return what the resolver says; it may take as long as it likes. Raises EgressError (unresolved)."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EgressError(f"{host} does not resolve.", code="unresolved") from error
    return [ipaddress.ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]


def _judge(address: Address, own: bool) -> None:
    """Raise Refused unless the address is a public host's; IPv4 inside IPv6 is judged as IPv4."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if own and address.is_loopback:
        return
    if address.version == 6 and address not in GLOBAL_IPV6:
        raise Refused("The URL leads to an address that is not public.")
    if any(address in network for network in CLOSED if network.version == address.version):
        raise Refused("The URL leads to an address that is not public.")

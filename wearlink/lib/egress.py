"""Calls to addresses that customers choose: only public ones, only as resolved, never further.

The name is resolved once, every answer is judged, and the connection goes to what was judged, so a name that changes
its answer in between gains nothing. No redirects, no proxies from the environment, no credentials in the URL, one
deadline for the whole call, and a bounded answer.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import urllib3
from django.conf import settings
from urllib3.util.ssl_ import create_urllib3_context

from wearlink.lib.errors import WearLinkError

DEADLINE = 15.0
LARGEST_ANSWER = 20_000
PORTS = frozenset({80, 443, 8443})
USER_AGENT = "WearLink-Webhooks/1.0"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# All that is nobody's public host. Not ipaddress.is_global: its answers have changed between releases of Python.
# fmt: off
CLOSED = tuple(map(ipaddress.ip_network, (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",
    "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
    "ff00::/8",
)))
# fmt: on


class EgressError(WearLinkError):
    """The call was not made or not answered; ``code`` is refused, unresolved, timeout, tls or connection."""

    default_code = "connection"


class Refused(EgressError):
    """The address may not be called; trying again will not help."""

    default_code = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: status, headers (lower case), at most 20 kB of body, and the time it took in ms."""

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
    """Judges what can be judged without resolving, for saving a URL; raises Refused."""
    parts = _parts(url)
    literal = _literal(parts.hostname or "")
    if literal is not None:
        _judge(literal)


def call(method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", deadline: float = DEADLINE) -> Answer:
    """Sends one request, follows nothing. ``deadline`` in seconds covers all but resolving. Raises Refused,
    EgressError.
    """
    target = resolve(url)
    started = time.monotonic()
    with _pool(target) as pool:
        try:
            response = pool.urlopen(
                method,
                target.path,
                body=body or None,
                headers={
                    "User-Agent": USER_AGENT,
                    **headers,
                    "Host": target.host_header,
                    "Accept-Encoding": "identity",
                },
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=urllib3.Timeout(total=deadline),
            )
            with closing(response):
                content, truncated = _read(response, started + deadline)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _failure(error) from error
    names = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, names, content, truncated, round((time.monotonic() - started) * 1000))


def resolve(url: str) -> Target:
    """Resolves the URL's host once and judges every address it has; raises Refused or EgressError (unresolved)."""
    parts = _parts(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = _addresses(host, port)
    for address in addresses:
        _judge(address)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, addresses[0])


def _parts(url: str) -> SplitResult:
    """The URL's parts, if its form is acceptable."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("The URL cannot be read.") from error
    if parts.scheme not in _schemes():
        raise Refused("The URL must begin with https://.")
    if parts.username is not None or parts.password is not None:
        raise Refused("The URL must not carry a user name or password.")
    if not parts.hostname or not url.isprintable() or " " in url or "\\" in url:
        raise Refused("The URL has no host, or characters that do not belong into a URL.")
    if port is not None and port not in PORTS and not settings.EGRESS_ALLOW_LOOPBACK:
        raise Refused(f"Port {port} is not open to webhooks; use 443, 8443 or 80.")
    return parts


def _schemes() -> frozenset[str]:
    return frozenset({"http", "https"}) if settings.EGRESS_ALLOW_LOOPBACK or settings.DEBUG else frozenset({"https"})


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _addresses(host: str, port: int) -> list[Address]:
    """What the resolver says, including for shortened, octal and hexadecimal spellings of addresses."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EgressError(f"{host} does not resolve.", code="unresolved") from error
    return [ipaddress.ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]


def _judge(address: Address) -> None:
    """Raises Refused unless the address is a public host's; IPv4 inside IPv6 is judged as IPv4."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_loopback and settings.EGRESS_ALLOW_LOOPBACK:
        return
    if any(address in network for network in CLOSED if network.version == address.version):
        raise Refused("The URL leads to an address that is not public.")


def _pool(target: Target) -> urllib3.HTTPConnectionPool:
    """A pool of one connection to the judged address; TLS asks for, and verifies, the host's own name."""
    address = str(target.address)
    if target.scheme == "http":
        return urllib3.HTTPConnectionPool(address, target.port, maxsize=1)
    context = create_urllib3_context()
    context.load_default_certs()
    return urllib3.HTTPSConnectionPool(
        address, target.port, maxsize=1, ssl_context=context, server_hostname=target.host, assert_hostname=target.host
    )


def _read(response: urllib3.BaseHTTPResponse, until: float) -> tuple[bytes, bool]:
    """The body up to its limit, giving up at ``until`` even while bytes still trickle in."""
    content = bytearray()
    while len(content) <= LARGEST_ANSWER:
        if time.monotonic() > until:
            raise TimeoutError
        block = response.read1(4096)
        if not block:
            break
        content += block
    return bytes(content[:LARGEST_ANSWER]), len(content) > LARGEST_ANSWER


def _failure(error: Exception) -> EgressError:
    """Our word for what urllib3 or the socket said; its own text may quote the URL and stays out."""
    if isinstance(error, urllib3.exceptions.NewConnectionError):  # which urllib3 counts among the timeouts
        return EgressError("The connection failed.", code="connection")
    if isinstance(error, (TimeoutError, urllib3.exceptions.TimeoutError)):
        return EgressError("No answer in time.", code="timeout")
    if isinstance(error, (ssl.SSLError, urllib3.exceptions.SSLError)):
        return EgressError("The TLS connection failed; is the certificate valid for this name?", code="tls")
    return EgressError("The connection failed.", code="connection")

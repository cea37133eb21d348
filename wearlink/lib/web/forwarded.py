"""The caller behind a proxy: X-Forwarded-For and -Proto, trusted from the configured proxies only.

From anybody else both headers are taken away, so that nothing behind us can believe them. A server that joins header
names turns X_Forwarded_For into the same name, which no program behind it can see: proxies must drop such names, as
nginx does unless configured otherwise (proxy.conf says it).
"""

import ipaddress
from collections.abc import Iterable
from typing import Final, TypeAlias
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
FOR: Final = "HTTP_X_FORWARDED_FOR"
PROTO: Final = "HTTP_X_FORWARDED_PROTO"
SCHEMES: Final = ("http", "https")


class BehindProxies:
    """Sets REMOTE_ADDR and the scheme of calls that come through a trusted proxy; "*" trusts everybody."""

    def __init__(self, application: WSGIApplication, trusted: list[str]) -> None:
        self.application = application
        self.trusts_all = "*" in trusted
        self.networks: list[Network] = []
        self.names: set[str] = set()
        for word in trusted:
            try:
                self.networks.append(ipaddress.ip_network(word, strict=False))
            except ValueError:
                self.names.add(word)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._is_trusted(str(environ.get("REMOTE_ADDR", ""))):
            self._believe(environ)
        else:
            environ.pop(FOR, None)
            environ.pop(PROTO, None)
        return self.application(environ, start_response)

    def _believe(self, environ: WSGIEnvironment) -> None:
        caller = self._caller(str(environ.get(FOR, "")))
        if caller:
            environ["REMOTE_ADDR"] = caller
        scheme = str(environ.get(PROTO, "")).split(",")[0].strip().lower()
        if scheme in SCHEMES:
            environ["wsgi.url_scheme"] = scheme

    def _caller(self, text: str) -> str:
        """Return the first address from the right that is none of our proxies; anything else ends the search."""
        found = ""
        for part in reversed(text.split(",")):
            address = parse_address(part)
            if address is None:
                break
            found = str(address)
            if not self._is_trusted(found):
                break
        return found

    def _is_trusted(self, text: str) -> bool:
        if self.trusts_all or text in self.names:
            return True
        address = parse_address(text)
        return address is not None and any(address in network for network in self.networks)


def parse_address(text: str) -> Address | None:
    """Return the address in 192.0.2.1, 192.0.2.1:5000, 2001:db8::1 or [2001:db8::1]:5000; None for anything else."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address

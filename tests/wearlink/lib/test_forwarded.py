"""The caller of a request that a proxy passes on."""

from pathlib import Path
from typing import Any

import pytest

from wearlink.lib.web.forwarded import BehindProxies, parse_address

PROXIES = ["10.0.0.0/8", "2001:db8:1::/48", "balancer"]
ROOT = Path(__file__).parents[3]


def seen(peer: str, trusted: list[str] | None = None, **headers: str) -> dict[str, Any]:
    """Return the environment as the application gets it."""
    found: dict[str, Any] = {}

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        found.update(environ)
        return []

    environ = {
        "REMOTE_ADDR": peer,
        "wsgi.url_scheme": "http",
        **{f"HTTP_{name}": text for name, text in headers.items()},
    }
    BehindProxies(application, PROXIES if trusted is None else trusted)(environ, lambda *_: None)  # type: ignore[arg-type, return-value]
    return found


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("198.51.100.7:5000", "198.51.100.7"),
        ("[2001:db8:2::7]:443", "2001:db8:2::7"),
        ("2001:db8:2::7", "2001:db8:2::7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("203.0.113.9, 198.51.100.7", "198.51.100.7"),  # what stands before our proxy's word is the caller's own
        ("203.0.113.9, 198.51.100.7, 10.1.2.3", "198.51.100.7"),
        ("198.51.100.7, made-up, 10.1.2.3", "10.1.2.3"),
        ("made-up", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_of_what_proxies_tell_the_last_that_is_not_ours_is_the_caller(forwarded: str, address: str) -> None:
    assert seen("10.0.0.1", X_FORWARDED_FOR=forwarded)["REMOTE_ADDR"] == address


def test_two_callers_from_one_port_number_are_two() -> None:
    first = seen("10.0.0.1", X_FORWARDED_FOR="198.51.100.7:5000")["REMOTE_ADDR"]
    assert first != seen("10.0.0.1", X_FORWARDED_FOR="198.51.100.8:5000")["REMOTE_ADDR"]
    assert parse_address("1.2.3.4.5") is None


def test_a_stranger_can_claim_neither_address_nor_scheme() -> None:
    found = seen("198.51.100.7", X_FORWARDED_FOR="203.0.113.9", X_FORWARDED_PROTO="https")
    assert found["REMOTE_ADDR"] == "198.51.100.7"
    assert found["wsgi.url_scheme"] == "http"
    assert not {"HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"} & set(found)


def test_a_trusted_proxy_tells_the_scheme() -> None:
    assert seen("10.0.0.1", X_FORWARDED_PROTO="https")["wsgi.url_scheme"] == "https"
    assert seen("2001:db8:1::1", X_FORWARDED_PROTO="https")["wsgi.url_scheme"] == "https"
    assert seen("balancer", X_FORWARDED_PROTO="gopher")["wsgi.url_scheme"] == "http"
    assert seen("198.51.100.7", ["*"], X_FORWARDED_PROTO="https")["wsgi.url_scheme"] == "https"


def test_the_proxy_we_ship_drops_names_that_a_server_would_take_for_others() -> None:
    conf = (ROOT / "proxy.conf").read_text()
    assert "underscores_in_headers off;" in conf
    assert conf.count("proxy_set_header X-Forwarded-For $remote_addr;") == conf.count("proxy_pass ")

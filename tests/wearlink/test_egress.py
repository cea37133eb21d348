"""Customers' addresses: only public ones are called, and only as judged."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django import Settings

from wearlink.lib.net import egress, pinned_http

RESERVED = """
    0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1
    192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001:db8::1 2002:7f00:1::
    3fff::1 5f00::1 ::ffff:0:10.0.0.1 4000::1 fc00::1 fd00::1 fe80::1 ff02::1
""".split()  # noqa: SIM905 - read as a list of words


class CustomersServer(BaseHTTPRequestHandler):
    """A customer's server: /hello, /moved, /large, and /drip, which never ends.

    /kept answers the client's port and keeps the connection; /closed says so and closes it all the same.
    """

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        if self.path in {"/kept", "/closed"}:
            self._port()
            return
        self.close_connection = True
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("X-Host", self.headers["Host"])
        self.end_headers()
        {"/large": self._large, "/drip": self._drip}.get(self.path, self._hello)()

    def _port(self) -> None:
        body = str(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.path == "/closed"

    def _hello(self) -> None:
        self.wfile.write(b"hello")

    def _large(self) -> None:
        self.wfile.write(b"x" * 100_000)

    def _drip(self) -> None:
        for _ in range(100):
            try:
                self.wfile.write(b".")
            except OSError:
                return
            time.sleep(0.05)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """The customer's port on this machine."""
    running = ThreadingHTTPServer(("127.0.0.1", 0), CustomersServer)
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running.server_address[1]
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def production(settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = False


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Lets every name resolve to ``addresses``; the list tells which names were asked for."""
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def answer(host: str, port: int, *arguments: Any, **options: Any) -> list[Any]:
        if host in addresses:
            return resolve(host, port, *arguments, **options)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("address", RESERVED)
def test_a_reserved_address_is_refused_however_it_is_reached(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(egress.Refused):
        egress.check_url(f"https://{literal}/hook")
    resolving(monkeypatch, address)
    with pytest.raises(egress.Refused):
        egress.resolve("https://customer.example.com/hook")


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "017700000001", "127.1", "localhost", "127.0.0.1."])
def test_odd_spellings_of_loopback_are_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "127.0.0.1")
    with pytest.raises(egress.Refused):
        pinned_http.request("POST", f"https://{host}/", headers={})


@pytest.mark.usefixtures("production")
def test_one_inner_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "93.184.215.14", "10.0.0.1")
    with pytest.raises(egress.Refused):
        egress.resolve("https://customer.example.com/")


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(
    "url",
    [
        "http://customer.example.com/",
        "ftp://customer.example.com/",
        "https://user:secret@customer.example.com/",
        "https://customer.example.com:22/",
        "https:///hook",
        "https://customer.example.com/a b",
        "https://customer.example.com:99999/",
        "https://customer.example.com\\@10.0.0.1/",
        "https://[::1",
    ],
)
def test_an_unacceptable_url_is_refused_when_it_is_saved(url: str) -> None:
    with pytest.raises(egress.Refused):
        egress.check_url(url)


@pytest.mark.usefixtures("production")
def test_a_public_name_is_resolved_once_and_kept_for_header_and_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolving(monkeypatch, "93.184.215.14")
    target = egress.resolve("https://customer.example.com:8443/hook?x=1")
    assert asked == ["customer.example.com"]
    assert (str(target.address), target.path, target.host_header) == (
        "93.184.215.14",
        "/hook?x=1",
        "customer.example.com:8443",
    )


def test_a_name_that_does_not_resolve_can_be_saved_but_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    egress.check_url("https://not-yet.example.com/")
    with pytest.raises(egress.EgressError) as caught:
        pinned_http.request("POST", "https://not-yet.example.com/", headers={})
    assert caught.value.code == "unresolved"


def test_the_connection_goes_to_the_judged_address_with_the_customers_host(
    server: int, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    resolving(monkeypatch, "127.0.0.1")
    monkeypatch.setattr(egress, "CLOSED", ())
    monkeypatch.setattr(egress, "PORTS", {server})
    settings.WEBHOOK_ALLOW_HTTP = True
    answer = pinned_http.request("POST", f"http://customer.example.com:{server}/hello", headers={}, body=b"{}")
    assert (answer.status, answer.body, answer.truncated) == (200, b"hello", False)
    assert answer.headers["x-host"] == f"customer.example.com:{server}"


def test_a_redirect_is_an_answer_and_is_not_followed(server: int) -> None:
    assert pinned_http.request("POST", f"http://127.0.0.1:{server}/moved", headers={}).status == 302


def test_a_large_answer_is_cut(server: int) -> None:
    answer = pinned_http.request("POST", f"http://127.0.0.1:{server}/large", headers={})
    assert (len(answer.body), answer.truncated) == (egress.MAX_ANSWER_BYTES, True)


def test_an_answer_that_trickles_ends_at_the_deadline(server: int) -> None:
    started = time.monotonic()
    with pytest.raises(egress.EgressError) as caught:
        pinned_http.request("POST", f"http://127.0.0.1:{server}/drip", headers={}, deadline=0.3)
    assert caught.value.code == "timeout"
    assert time.monotonic() - started < 10  # of an answer that never ends


def test_headers_that_trickle_end_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle, args=[listening])
        thread.start()
        started = time.monotonic()
        with pytest.raises(egress.EgressError) as caught:
            pinned_http.request("POST", f"http://127.0.0.1:{listening.getsockname()[1]}/", headers={}, deadline=0.4)
        assert caught.value.code == "timeout"
        assert time.monotonic() - started < 10  # of twenty-six
        thread.join()


def trickle(listening: socket.socket) -> None:
    """Answers a byte of a header every 50 ms."""
    connection, _ = listening.accept()
    with connection:
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 500:
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                return
            time.sleep(0.05)


@pytest.mark.parametrize("host", ["localhost", "customer.example.com"])
def test_the_development_setting_opens_loopback_to_literals_and_not_to_names(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    egress.check_url("http://127.0.0.1:9000/")
    egress.check_url("http://[::1]:9000/")
    resolving(monkeypatch, "127.0.0.1")
    for url in (f"http://{host}:9000/", f"https://{host}/", "https://10.0.0.1/", "http://127.1:9000/"):
        with pytest.raises(egress.Refused):
            egress.resolve(url)


def test_connections_are_kept_and_used_again(server: int) -> None:
    pool = pinned_http.ConnectionPool()
    answers = {pool.request("POST", f"http://127.0.0.1:{server}/kept", headers={}).body for _ in range(3)}
    pool.close()
    assert len(answers) == 1


def test_a_connection_that_was_closed_while_idle_is_replaced(server: int) -> None:
    pool = pinned_http.ConnectionPool()
    answers = {pool.request("POST", f"http://127.0.0.1:{server}/closed", headers={}).body for _ in range(3)}
    pool.close()
    assert len(answers) == 3


def test_plain_http_behind_https_is_a_tls_failure(server: int) -> None:
    with pytest.raises(egress.EgressError) as caught:
        pinned_http.request("POST", f"https://127.0.0.1:{server}/hello", headers={})
    assert caught.value.code == "tls"


def test_a_closed_port_is_a_failed_connection() -> None:
    with pytest.raises(egress.EgressError) as caught:
        pinned_http.request("POST", "http://127.0.0.1:1/", headers={})
    assert caught.value.code == "connection"


@pytest.mark.parametrize(
    "url",
    [
        "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://１２７．０．０．１/", "https://localhost/", "https://a.localhost./",
        "https://[::ffff:127.0.0.1]/", f"https://{'a' * 64}.example.com/", "https://a..example.com/", "https://\u200b/",
    ],
)  # fmt: skip
def test_a_literal_in_disguise_and_what_is_no_name_are_refused_when_saved(url: str) -> None:
    with pytest.raises(egress.Refused):
        egress.check_url(url)


def test_names_and_paths_in_other_scripts_are_called_as_dns_and_http_know_them(
    server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolving(monkeypatch, "93.184.216.34")
    target = egress.resolve("https://bücher.example/é?q=ß&x=%20")
    assert (target.host, target.path) == ("xn--bcher-kva.example", "/%C3%A9?q=%C3%9F&x=%20")
    assert asked == ["xn--bcher-kva.example"]

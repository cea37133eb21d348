"""Clients that go away, and a web server that is restarted under those who stay."""

import socket
import threading
import time

import pytest

from tests.faults.calls import form
from tests.faults.people import Person, rates
from tests.faults.site import Site, until
from tests.faults.test_full_disk import files

pytestmark = [pytest.mark.slow, pytest.mark.fault]


def break_off(site: Site, path: str, body: bytes, head: dict[str, str], *, chunked: bool = False) -> None:
    """Send half of a body and hang up."""
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    lines = [f"POST /api/v1{path} HTTP/1.1", "Host: localhost", f"X-WearLink-API-Key: {site.api_key}", length]
    lines += [f"{name}: {value}" for name, value in head.items()]
    half = body[: len(body) // 2]
    if chunked:
        half = f"{len(half):x}\r\n".encode() + half + b"\r\n"
    with socket.create_connection(("127.0.0.1", site.port)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + half)
        time.sleep(0.1)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_hangs_up_in_mid_body_leaves_nothing(site: Site, jane: Person, chunked: bool) -> None:
    before, log_length = files(site), len(site.output("web"))
    whole = rates(0, 5_000)
    break_off(site, f"/sdk/users/{jane.id}/sync", whole, {"Content-Type": "application/json"}, chunked=chunked)
    upload, head = form("export.xml", whole * 4)
    break_off(site, f"/users/{jane.id}/import/apple/xml/direct", upload, head, chunked=chunked)
    until(lambda: files(site) == before, lambda: files(site) - before)
    assert jane.sync(rates(0, 10)).status == 202
    assert len(jane.payloads()) == 1
    assert site.call("GET", f"/users/{jane.id}/imports").body["data"] == []
    assert '"status":50' not in site.output("web")[log_length:]


def test_a_web_server_restarted_under_requests_keeps_every_202(site: Site, jane: Person) -> None:
    accepted: list[int] = []
    broken: list[int] = []
    enough = threading.Event()

    def post(first: int) -> None:
        number = first
        while not enough.is_set():
            try:
                status = jane.sync(rates(number * 20, 20)).status
            except OSError:
                broken.append(number)
                time.sleep(0.05)
                continue
            assert status == 202
            accepted.append(number)
            number += 1

    clients = [threading.Thread(target=post, args=(1_000 * number,)) for number in range(3)]
    for client in clients:
        client.start()
    until(lambda: len(accepted) > 20, lambda: site.log("web"))
    site.terminate("web")
    site.run("web")
    site.ready()
    before = len(accepted)
    until(lambda: len(accepted) > before + 20, lambda: site.log("web"))
    enough.set()
    for client in clients:
        client.join()
    assert len(accepted) == len(set(accepted)) == len(jane.payloads())
    assert broken
    site.run("worker")
    jane.drain()
    jane.done()
    assert jane.samples() == 20 * len(accepted)

"""Files by links of our own, through the real web server: larger than any other body, and whole or not at all."""

import http.client
import resource
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.faults.people import Person
from tests.faults.site import Site, until
from tests.providers.exports import export, heart_rates

pytestmark = [pytest.mark.slow, pytest.mark.fault]
MB = 1024 * 1024
ROOM = 512 * 1024


def link(person: Person, **body: Any) -> tuple[str, str]:
    """Return the path of a link, and its import."""
    answer = person.site.call("POST", f"/users/{person.id}/import/apple/xml/s3", body)
    assert answer.status == 202, answer
    return urlsplit(answer.body["presigned_put_url"]).path, answer.body["job_id"]


def put(site: Site, path: str, content: bytes, *, chunked: bool = False) -> tuple[int, bytes]:
    """Status and body; without credentials."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    try:
        pieces = (content[place : place + MB] for place in range(0, len(content), MB))
        connection.request("PUT", path, iter(pieces) if chunked else content, encode_chunked=chunked)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def resident(pid: int) -> int:
    """Return the most memory that a process ever had, since it was last forgotten."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def kept(site: Site) -> set[str]:
    """Return everything in the object store and in the place for passing files."""
    return {str(path) for place in ("objects", "tmp") for path in (site.data / place).rglob("*") if path.is_file()}


@pytest.mark.parametrize("chunked", [False, True])
def test_a_file_larger_than_any_other_body_is_stored_and_imported(site: Site, jane: Person, chunked: bool) -> None:
    content = export(heart_rates(2_000), " " * (80 * MB))
    path, job = link(jane, **({} if chunked else {"file_size_bytes": len(content)}))
    (web,) = site.children("web")
    Path(f"/proc/{web}/clear_refs").write_text("5")
    before = resident(web)
    status, body = put(site, path, content, chunked=chunked)
    assert status == 200, body
    assert resident(web) - before < 25 * MB
    site.run("beat")
    site.run("worker")
    until(lambda: jane.imported(job)["finished_at"] is not None, lambda: (jane.imported(job), site.log("worker")))
    assert (jane.imported(job)["status"], jane.samples()) == ("done", 2_000)


def test_a_body_that_breaks_off_leaves_nothing_and_the_link_stays_good(site: Site, jane: Person) -> None:
    content, before = export(heart_rates(20)), kept(site)
    path, job = link(jane)
    with socket.create_connection(("127.0.0.1", site.port)) as broken:
        broken.sendall(f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {10 * MB}\r\n\r\n".encode() + content)
        until(lambda: kept(site) != before, lambda: kept(site))
    until(lambda: kept(site) == before, lambda: kept(site) - before)
    assert jane.imported(job)["awaiting_upload"] is True
    assert put(site, path, content)[0] == 200
    assert jane.imported(job)["awaiting_upload"] is False


def test_no_room_is_503_and_leaves_nothing(site: Site, jane: Person) -> None:
    content, before = export(heart_rates(5_000)), kept(site)
    assert len(content) > 2 * ROOM
    path, job = link(jane)
    (web,) = site.children("web")
    _, hard = resource.prlimit(web, resource.RLIMIT_FSIZE)
    resource.prlimit(web, resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        status, body = put(site, path, content)
    finally:
        resource.prlimit(web, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
    assert status == 503, body
    assert b"object_store_unavailable" in body
    assert kept(site) == before
    assert jane.imported(job)["awaiting_upload"] is True
    assert put(site, path, content)[0] == 200


def test_a_link_that_is_none_is_refused_without_reading_what_follows(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as stranger:
        head = f"PUT /api/v1/uploads/a.b.c HTTP/1.1\r\nHost: localhost\r\nContent-Length: {4_000 * MB}\r\n\r\n"
        stranger.sendall(head.encode())
        answer = stranger.recv(4_000)
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"connection: close" in answer.lower()

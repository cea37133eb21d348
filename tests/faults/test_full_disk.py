"""No room for objects: 503, nothing half-kept, and it works again when there is room.

The room is taken from the running web process by its limit of a file's size, which binds root like anybody else.
"""

import resource
from collections.abc import Iterator

import pytest

from tests.faults.people import Person, rates
from tests.faults.site import Site
from tests.providers.exports import export, heart_rates

pytestmark = [pytest.mark.slow, pytest.mark.fault]
ROOM = 512 * 1024
LARGE = rates(0, 9_000)  # an object; smaller ones lie in their rows


def files(site: Site) -> set[str]:
    """Return everything in the object store and in the place for passing files."""
    return {str(path) for place in ("objects", "tmp") for path in (site.data / place).rglob("*") if path.is_file()}


def limit(pid: int, size: int) -> None:
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


@pytest.fixture
def full(site: Site) -> Iterator[Site]:
    """A site whose web process can write small files only."""
    (web,) = site.children("web")
    limit(web, ROOM)
    yield site
    limit(web, resource.RLIM_INFINITY)


def room_again(site: Site) -> None:
    (web,) = site.children("web")
    limit(web, resource.RLIM_INFINITY)


def test_a_sync_that_finds_no_room_is_answered_503_and_leaves_nothing(full: Site, jane: Person) -> None:
    before = files(full)
    refused = jane.sync(LARGE)
    assert (refused.status, refused.body["code"]) == (503, "object_store_unavailable")
    assert int(refused.headers["retry-after"]) > 0
    assert jane.payloads() == []
    assert files(full) == before
    assert jane.sync(rates(0, 10)).status == 202
    room_again(full)
    full.run("worker")
    assert jane.sync(LARGE).status == 202
    jane.done()
    assert jane.samples() == 9_000


@pytest.mark.parametrize("readings", [2_000, 12_000])  # below and above what a form may hold in memory
def test_an_upload_that_finds_no_room_is_answered_503_and_leaves_nothing(
    full: Site, jane: Person, readings: int
) -> None:
    content, before = export(heart_rates(readings)), files(full)
    assert len(content) > ROOM
    refused = jane.upload(content)
    assert refused.status == 503, refused
    assert refused.body["detail"]
    assert full.call("GET", f"/users/{jane.id}/imports").body["data"] == []
    assert files(full) == before
    room_again(full)
    assert jane.upload(content).status == 202

"""Objects that no row knows are deleted by the daily sweep; all others, and young ones, stay."""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts import audit, tasks
from accounts.deletion import erasing, orphans
from accounts.exports import jobs
from accounts.models import AuditEntry, EndUser
from providers.models import Payload
from providers.payloads import receive
from tests import factories, s3
from tests.exports import full_life
from tests.providers.sync_bodies import heart_rates, sync
from wearlink.lib import clock, storage

pytestmark = pytest.mark.django_db
ORPHANS = (
    "payloads/7/0b8a4b8e-6a5e-4d1c-9c37-1f2f1c0f5a77",
    "imports/7/0b8a4b8e-6a5e-4d1c-9c37-1f2f1c0f5a77",
    "exports/7/0b8a4b8e-6a5e-4d1c-9c37-1f2f1c0f5a77/00000-abcdef01",
    "meals/7/0b8a4b8e-6a5e-4d1c-9c37-1f2f1c0f5a77/ab.jpeg",
    "meals/odd",
)


@pytest.fixture
def objects(settings: Settings, tmp_path: Path) -> Path:
    settings.OBJECTS_DIR = tmp_path / "objects"
    return tmp_path / "objects"


@pytest.fixture
def jane(objects: Path, monkeypatch: pytest.MonkeyPatch) -> EndUser:
    """With a photo, a payload and an export in the store."""
    user = full_life.live(factories.end_user(factories.alice().organization))
    monkeypatch.setattr(receive, "INLINE_BYTES", 10)
    receive.receive(receive.IncomingPayload(user.key, user.organization_id, "apple", sync(records=heart_rates(9)), 9))
    factories.key_client(user.organization).post(f"/api/v1/users/{user.id}/export/async")
    jobs.run_next()
    return user


def make_old(objects: Path) -> None:
    then = time.time() - 25 * 3600
    for path in objects.rglob("*"):
        os.utime(path, (then, then))


def everything(objects: Path) -> set[str]:
    return {path.relative_to(objects).as_posix() for path in objects.rglob("*") if path.is_file()}


def test_what_no_row_knows_goes_and_the_rest_stays(jane: EndUser, objects: Path) -> None:
    known = everything(objects)
    assert {key.partition("/")[0] for key in known} == {"payloads", "meals", "exports"}
    for key in ORPHANS:
        storage.put(key, b"left behind")
    make_old(objects)
    young = "payloads/7/5a0c1f1e-6b7d-4e7f-9c43-9a1f0a3d2b10"
    storage.put(young, b"its row comes next")
    counts = {"payloads": 1, "imports": 1, "exports": 1, "meals": 2}
    assert orphans.sweep(dry_run=True) == counts
    assert everything(objects) == {*known, *ORPHANS, young}
    tasks.sweep_objects()
    assert everything(objects) == {*known, young}
    (entry,) = AuditEntry.objects.filter(action="objects.swept")
    assert (entry.organization_id, entry.data) == (None, {"objects": counts})
    tasks.sweep_objects()
    assert AuditEntry.objects.filter(action="objects.swept").count() == 1


def test_an_object_whose_row_names_another_is_left_behind_too(jane: EndUser, objects: Path) -> None:
    row = Payload.objects.exclude(object_key="").get()
    storage.put(f"payloads/8/{row.batch_id}", b"of another key")
    make_old(objects)
    assert orphans.sweep()["payloads"] == 1
    assert storage.exists(row.object_key)


def test_half_written_files_of_dead_writers_go(jane: EndUser, objects: Path) -> None:
    (objects / "payloads" / ".new-dead").write_bytes(b"half")
    make_old(objects)
    (objects / "payloads" / ".new-alive").write_bytes(b"half")
    orphans.sweep()
    assert [path.name for path in objects.rglob(".new-*")] == [".new-alive"]


def test_after_an_erasure_nothing_is_left_to_sweep(jane: EndUser, objects: Path) -> None:
    erasing.erase(jane, audit.SYSTEM)
    make_old(objects)
    swept = orphans.sweep()
    assert everything(objects) == set()
    assert sum(swept.values()) == 3  # the leftovers' own removal waits for a commit, which this test never makes


def test_a_store_that_does_not_answer_ends_the_sweep_quietly(
    jane: EndUser, objects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_: str) -> Any:
        raise storage.StoreUnavailable("down")

    monkeypatch.setattr(storage, "walk", down)
    assert orphans.sweep() == {}


@pytest.fixture(scope="module")
def seaweed() -> Iterator[s3.S3]:
    with s3.server() as running:
        yield running


@pytest.mark.s3
@pytest.mark.slow
def test_a_bucket_is_swept_as_a_directory_is(
    seaweed: s3.S3, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.S3_BUCKET, settings.S3_ENDPOINT_URL = seaweed.bucket, seaweed.endpoint
    settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = s3.ACCESS_KEY, s3.SECRET_KEY
    for key in ORPHANS:
        storage.put(key, b"left behind")
    assert orphans.sweep() == dict.fromkeys(("payloads", "imports", "exports", "meals"), 0)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=25))
    assert orphans.sweep() == {"payloads": 1, "imports": 1, "exports": 1, "meals": 2}
    assert not any(map(storage.exists, ORPHANS))

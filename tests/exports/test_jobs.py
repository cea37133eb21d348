"""Making an archive: parts, going on after a crash, leases, turns, erasure in between, no room."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import audit, usage
from accounts.deletion import erasing, erasure, leftovers
from accounts.exports import archive, jobs, leases
from accounts.exports.contract import ArchiveMember, Block
from accounts.exports.models import DataExport
from accounts.models import EndUser
from tests import factories
from tests.exports.conftest import body_of
from wearlink.lib import clock, storage
from wearlink.lib.work.leases import LeaseLost


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def asked(client: APIClient, jane: EndUser) -> DataExport:
    client.post(f"/api/v1/users/{jane.id}/export/async")
    return DataExport.objects.get()


def files(objects: Path) -> set[str]:
    return {path.name for path in (objects / "exports").rglob("*") if path.is_file()}


def killed_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The process ends before it writes this member."""
    before, written = archive.write, [0]

    def write(*arguments: Any, **options: Any) -> Any:
        written[0] += 1
        if written[0] == number:
            raise Killed
        return before(*arguments, **options)

    monkeypatch.setattr(archive, "write", write)


def leave_lease(export: DataExport) -> None:
    past = clock.now() - timedelta(seconds=1)
    DataExport.objects.filter(pk=export.pk).update(locked_until=past, due_at=past)


def content(export: DataExport) -> dict[str, bytes]:
    data = b"".join(storage.get(key) for key in export.part_keys)
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist() if name != "manifest.json"}


def test_an_export_killed_at_any_member_goes_on_and_ends_right(
    asked: DataExport, monkeypatch: pytest.MonkeyPatch, objects: Path
) -> None:
    monkeypatch.setattr(jobs, "PART_BYTES", 1)  # every member is a part
    for number in (1, 2, 5, 3):
        with monkeypatch.context() as patch:
            killed_at(patch, number)
            with pytest.raises(Killed):
                jobs.run_next()
        assert not jobs.run_next()  # the dead one's lease
        leave_lease(asked)
    assert jobs.run_next()
    asked.refresh_from_db()
    assert asked.state == "ready"
    assert len(asked.parts) > 10
    assert files(objects) == {name for name, _ in asked.parts}
    undisturbed = DataExport.objects.create(
        organization_id=asked.organization_id, user_key=asked.user_key, user_id=asked.user_id, options=asked.options
    )
    monkeypatch.setattr(jobs, "PART_BYTES", 10**9)
    jobs.run_next()
    undisturbed.refresh_from_db()
    assert len(undisturbed.parts) == 1
    assert content(asked) == content(undisturbed)


def test_a_task_whose_time_is_over_leaves_the_rest_to_the_next(
    asked: DataExport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "BUDGET_SECONDS", -1)
    for _ in range(3):
        assert jobs.run_next()
    asked.refresh_from_db()
    assert (asked.state, len(asked.members), asked.lease) == ("queued", 3, None)
    monkeypatch.undo()
    jobs.run_next()
    asked.refresh_from_db()
    assert (asked.state, asked.attempts) == ("ready", 1)


def test_a_store_without_room_costs_time_and_nothing_else(
    asked: DataExport, monkeypatch: pytest.MonkeyPatch, objects: Path
) -> None:
    def full(key: str, file: Any) -> None:
        raise storage.StoreUnavailable("The object store cannot take this (No space left on device).")

    with monkeypatch.context() as patch:
        patch.setattr(storage, "put_file", full)
        for _ in range(7):
            assert jobs.run_next()
            asked.refresh_from_db()
            assert (asked.state, asked.attempts) == ("queued", 0)
            assert "no room" in asked.error
            assert asked.due_at > clock.now()
            DataExport.objects.update(due_at=clock.now() - timedelta(seconds=1))
    assert jobs.run_next()
    asked.refresh_from_db()
    assert (asked.state, asked.error) == ("ready", "")


def test_a_disk_without_room_is_no_fault_of_the_export_either(
    asked: DataExport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "write", full)
    assert jobs.run_next()
    asked.refresh_from_db()
    assert (asked.state, asked.attempts) == ("queued", 0)


def test_what_fails_by_itself_is_tried_five_times(asked: DataExport, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ArithmeticError("a fault of ours")

    monkeypatch.setattr(archive, "write", broken)
    for _ in range(5):
        with pytest.raises(ArithmeticError):
            jobs.run_next()
        DataExport.objects.update(due_at=clock.now() - timedelta(seconds=1))
    assert not jobs.run_next()
    asked.refresh_from_db()
    assert asked.state == "failed"
    assert "ArithmeticError" in asked.error
    assert not leases.any_due()


def test_one_that_could_not_be_made_within_a_day_fails(asked: DataExport) -> None:
    DataExport.objects.update(created_at=clock.now() - timedelta(hours=25))
    assert not jobs.run_next()
    asked.refresh_from_db()
    assert (asked.state, asked.error) == ("failed", "The export could not be made within a day.")


def test_who_lost_the_lease_leaves_nothing_behind(
    asked: DataExport, monkeypatch: pytest.MonkeyPatch, objects: Path
) -> None:
    lease = leases.acquire_next()
    assert lease is not None
    leave_lease(asked)
    assert jobs.run_next()
    asked.refresh_from_db()
    with io.BytesIO() as file:
        part = jobs._Part(lease, file)
        part.add(ArchiveMember("late", lambda: [Block(1, b"late")]))
        with pytest.raises(LeaseLost):
            part.keep()
    assert files(objects) == {name for name, _ in asked.parts}
    assert content(asked)


def test_an_erasure_in_between_ends_it_without_a_trace(
    asked: DataExport, jane: EndUser, monkeypatch: pytest.MonkeyPatch, objects: Path
) -> None:
    monkeypatch.setattr(jobs, "PART_BYTES", 1)
    before, written = archive.write, [0]

    def write(*arguments: Any, **options: Any) -> Any:
        written[0] += 1
        if written[0] == 4:
            erasing.erase(jane, audit.SYSTEM)
        return before(*arguments, **options)

    monkeypatch.setattr(archive, "write", write)
    assert jobs.run_next()
    leftovers.remove_due()
    assert not DataExport.objects.exists()
    assert files(objects) == set()


def test_archives_are_counted_while_they_are_kept_and_go_with_their_end_user(
    asked: DataExport, jane: EndUser, objects: Path
) -> None:
    before = usage.used(jane.organization_id, usage.OBJECT_BYTES)
    jobs.run_next()
    asked.refresh_from_db()
    assert usage.used(jane.organization_id, usage.OBJECT_BYTES) == before + (asked.size_bytes or 0)
    assert erasure.summary(jane.key)["exports"] == {"count": 1, "bytes": asked.size_bytes}
    erasing.erase(jane, audit.SYSTEM)
    leftovers.remove_due()
    assert usage.used(jane.organization_id, usage.OBJECT_BYTES) == before
    assert files(objects) == set()


def test_organizations_take_turns(client: APIClient, jane: EndUser) -> None:
    june = factories.end_user(factories.charlie().organization)
    for _ in range(3):
        client.post(f"/api/v1/users/{jane.id}/export/async?types=profile")
    factories.key_client(june.organization).post(f"/api/v1/users/{june.id}/export/async?types=profile")
    made = []
    while jobs.run_next():
        made.append(DataExport.objects.order_by("-finished_at").filter(state="ready")[0].user_id)
    assert made == [jane.id, june.id, jane.id, jane.id]


def test_fifty_exports_of_one_organization_take_one_worker_and_leave_the_next_to_others(
    client: APIClient, jane: EndUser
) -> None:
    others = [factories.end_user(jane.organization) for _ in range(49)]
    for user in (jane, *others):
        assert client.post(f"/api/v1/users/{user.id}/export/async?types=profile").status_code == 202
    first = leases.acquire_next()
    assert first is not None
    assert leases.acquire_next() is None  # a second worker stays free
    assert not leases.any_due()  # and is not woken again and again
    june = factories.end_user(factories.charlie().organization)
    factories.key_client(june.organization).post(f"/api/v1/users/{june.id}/export/async?types=profile")
    assert leases.any_due()
    second = leases.acquire_next()
    assert second is not None
    assert (first.export.user_id, second.export.user_id) == (jane.id, june.id)
    first.finish(size_bytes=1)
    third = leases.acquire_next()
    assert third is not None
    assert third.export.user_id == others[0].id


def test_a_link_gives_the_bytes_of_all_parts(
    asked: DataExport, client: APIClient, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PART_BYTES", 1)
    jobs.run_next()
    asked.refresh_from_db()
    whole = b"".join(storage.get(key) for key in asked.part_keys)
    answer = APIClient().get(
        f"/api/v1/data-exports/{asked.token}/download", headers={"Range": f"bytes={len(whole) // 2}-"}
    )
    assert body_of(answer) == whole[len(whole) // 2 :]

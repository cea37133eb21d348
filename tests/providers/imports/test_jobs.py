"""Import jobs: slices, resuming after a crash, leases, outcomes, erasure, retention, the command."""

import os
import signal
import uuid
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.db import OperationalError
from kombu.exceptions import OperationalError as BrokerDown

from accounts import audit
from accounts.deletion import erasing, erasure
from accounts.models import EndUser
from healthdata import queries
from healthdata.ingest import ingest
from healthdata.models import Source
from providers.adapters.apple.export import export as reading
from providers.imports import jobs, tasks
from providers.imports.leases import MAX_ATTEMPTS, acquire
from providers.models import ImportJob
from tests import factories
from tests.providers.exports import (
    SLEEP,
    export,
    fixture,
    heart_rates,
    imported,
    receive,
    record,
    workout,
    zipped,
)
from wearlink.lib import clock, storage
from wearlink.lib.work import forked, task_queue
from wearlink.lib.work.forked import ProcessEnded
from wearlink.lib.work.leases import LeaseLost

pytestmark = pytest.mark.django_db

State = ImportJob.State


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of a few records, and blocks of a few kilobytes, so that a small file has many."""
    monkeypatch.setattr(reading.AppleExport.slices, "__kwdefaults__", {"skip": 0, "ahead": 0, "size": 10})
    monkeypatch.setattr("providers.adapters.apple.export.archive.BLOCK", 4096)
    monkeypatch.setattr("providers.adapters.apple.export.bytefilter.MAX_HEAD", 0)


class Crash(RuntimeError):
    """Stands for a fault of ours, or the end of a worker, in the middle of an import."""


def crash_at(monkeypatch: pytest.MonkeyPatch, number: int, error: Exception) -> None:
    """Let the store fail once it is called for that time."""
    calls = iter(range(1, 1_000_000))

    def faulty(*args: Any, **options: Any) -> Any:
        result = ingest(*args, **options)
        if next(calls) == number:
            raise error
        return result

    monkeypatch.setattr(jobs, "ingest", faulty)


def heart_rate_count(user: EndUser) -> int:
    return sum(row.n for row in queries.count(user.key) if row.series == "heart_rate")


def run_out() -> None:
    """Let the lease of a killed worker, and the pause before a retry, run out."""
    past = clock.now() - timedelta(minutes=1)
    ImportJob.objects.update(due_at=past)
    ImportJob.objects.exclude(locked_until=None).update(locked_until=past)


def again(job: ImportJob) -> ImportJob:
    run_out()
    jobs.run(job.job_id)
    job.refresh_from_db()
    return job


def test_an_export_is_stored_and_counted(jane: EndUser) -> None:
    job = imported(jane, fixture("export_mini.xml"))
    assert job.state == State.COMPLETED_WITH_ERRORS  # a bad value and an unknown unit are in it
    assert job.rejected == {
        "unknown_type:HKQuantityTypeIdentifierFromTheFuture": 1,
        "not_a_number": 1,
        "unknown_unit:furlong": 1,
        "unknown_type:HKDataTypeSleepDurationGoal": 1,
        "no_route_file": 1,
    }
    assert [example["index"] for example in job.reject_samples] == [27, 28, 29, 30, 51]
    assert (job.counts["sleep"], job.counts["workout"], job.counts["steps"]) == (12, 3, 3)
    assert job.records == sum(job.counts.values()) == 53
    assert job.unchanged == 4  # steps and in_bed twice, blood pressure by its correlation too
    assert job.bytes_read == job.bytes_total == len(fixture("export_mini.xml"))
    assert (job.elements, job.attempts, job.lease) == (55, 0, None)
    assert job.finished_at is not None
    assert job.seconds_left == 0


@pytest.mark.parametrize(
    ("name", "state", "codes"),
    [
        ("export_bad_dtd.xml", State.COMPLETED_WITH_ERRORS, []),
        ("export_control_chars.xml", State.COMPLETED_WITH_ERRORS, []),
        ("export_dup_attr.xml", State.COMPLETED_WITH_ERRORS, ["err_attribute_redefined"]),
        ("export_truncated.xml", State.COMPLETED_WITH_ERRORS, ["cut_off"]),
        ("export_es.zip", State.COMPLETED_WITH_ERRORS, []),
        ("export_zh.zip", State.COMPLETED_WITH_ERRORS, []),
    ],
)
def test_every_sample_ends_as_it_should(jane: EndUser, name: str, state: str, codes: list[str]) -> None:
    job = imported(jane, fixture(name))
    assert (job.state, [warning["code"] for warning in job.warnings]) == (state, codes)
    assert all(warning["line"] > 100 for warning in job.warnings)
    assert heart_rate_count(jane) == 2


def test_a_sound_file_is_done_though_it_has_types_nobody_knows(jane: EndUser) -> None:
    job = imported(jane, export(heart_rates(3), record(type="HKQuantityTypeIdentifierNext")))
    assert (job.state, job.inserted) == (State.DONE, 3)
    assert imported(jane, export()).state == State.DONE


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (fixture("export_entity_bomb.xml"), "declarations"),
        (export(heart_rates(30_000), "<!DOCTYPE x>"), "declarations"),
        (zipped({"export.xml": export(heart_rates(500), " " * 40_000_000)}), "zip_bomb"),
        (zipped({"export.xml": export(heart_rates(500))})[:-100], "damaged_archive"),
        (zipped({"readme.txt": b"x"}), "no_export"),
        (b"<html></html>", "not_an_export"),
        (b"<HealthData><", "not_well_formed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_must_not_be_read_leaves_nothing(jane: EndUser, content: bytes, code: str) -> None:
    job = imported(jane, content)
    assert (job.state, job.error_code, job.records) == (State.FAILED, code, 0)
    assert job.error
    assert not Source.objects.filter(user_key=jane.key).exists()


@pytest.mark.usefixtures("small_slices")
class TestResuming:
    """A crash costs the slice it hits, and nothing else."""

    @pytest.mark.parametrize("number", [1, 2, 5])
    def test_what_was_committed_is_skipped_and_nothing_doubles(
        self, jane: EndUser, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        content = export(heart_rates(150), record(value="abc"), workout(), record(type=SLEEP, unit=None, value="3"))
        job = receive(jane, content)
        crash_at(monkeypatch, number, Crash())
        with pytest.raises(Crash):
            jobs.run(job.job_id)
        job.refresh_from_db()
        assert (job.state, job.lease, job.attempts) == (State.QUEUED, None, int(number == 1))
        committed = job.elements
        assert heart_rate_count(jane) == job.inserted == committed
        assert (committed > 0) == (number > 1)
        assert committed < 150
        again(job)
        assert (job.state, job.elements) == (State.COMPLETED_WITH_ERRORS, 153)
        assert (job.inserted, job.unchanged, job.rejected) == (152, 0, {"not_a_number": 1})
        assert job.counts == {"heart_rate": 150, "workout": 1, "sleep": 1}
        assert heart_rate_count(jane) == 150

    def test_a_slice_that_always_fails_is_given_up_after_five_attempts(
        self, jane: EndUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = receive(jane, export(heart_rates(100)))
        crash_at(monkeypatch, 2, Crash())
        for _ in range(1 + MAX_ATTEMPTS):
            with pytest.raises(Crash):
                again(job)
            crash_at(monkeypatch, 1, Crash())
        again(job)
        assert (job.state, job.error_code) == (State.FAILED, "gave_up")
        assert "Crash" in job.error
        assert heart_rate_count(jane) == job.elements > 0

    def test_progress_takes_failed_attempts_back(self, jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
        job = receive(jane, export(heart_rates(400)))
        for _ in range(MAX_ATTEMPTS + 2):
            crash_at(monkeypatch, 2, Crash())
            with pytest.raises(Crash):
                again(job)
        monkeypatch.setattr(jobs, "ingest", ingest)
        again(job)
        assert (job.state, job.inserted) == (State.DONE, 400)

    def test_an_outage_costs_no_attempt(self, jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
        job = receive(jane, export(heart_rates(50)))
        crash_at(monkeypatch, 1, OperationalError("the connection is closed"))
        assert jobs.run(job.job_id) is False
        job.refresh_from_db()
        assert (job.state, job.attempts) == (State.QUEUED, 0)
        assert job.error
        again(job)
        assert (job.state, job.error, heart_rate_count(jane)) == (State.DONE, "", 50)

    def test_when_a_tasks_time_is_over_the_rest_goes_to_the_next(
        self, jane: EndUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = receive(jane, export(heart_rates(100)))
        monkeypatch.setattr(jobs, "BUDGET_SECONDS", -1)
        assert jobs.run(job.job_id) is True
        job.refresh_from_db()
        assert (job.state, 0 < job.elements < 100) == (State.QUEUED, True)
        rounds = 0
        while jobs.run(job.job_id):
            rounds += 1
        job.refresh_from_db()
        assert rounds > 1
        assert (job.state, job.inserted, heart_rate_count(jane)) == (State.DONE, 100, 100)

    def test_who_lost_the_lease_writes_nothing(self, jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
        job = receive(jane, export(heart_rates(100)))

        def overtaken(*args: Any, **options: Any) -> Any:
            result = ingest(*args, **options)
            ImportJob.objects.filter(pk=job.pk).update(lease=uuid.uuid4())
            return result

        monkeypatch.setattr(jobs, "ingest", overtaken)
        assert jobs.run(job.job_id) is False
        job.refresh_from_db()
        assert (job.state, job.elements, heart_rate_count(jane)) == (State.PROCESSING, 0, 0)

    def test_the_time_left_is_known_half_way(self, jane: EndUser) -> None:
        job = receive(jane, export(heart_rates(200)))
        seen: list[tuple[float | None, int]] = []
        jobs.run(job.job_id, watch=lambda row: seen.append((row.seconds_left, row.records)))
        left = [seconds for seconds, records in seen if records]
        assert len(left) > 3
        assert all(seconds is not None for seconds in left)
        assert seen[-1] == (0, 200)


def readers() -> list[int]:
    """Processes of ours that read files."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in pids if Path(f"/proc/{pid}/comm").read_text().strip() == "import-reader"]


@pytest.mark.usefixtures("small_slices")
class TestApart:
    """A file of some size is read by a process of its own, while ours stores."""

    @pytest.fixture(autouse=True)
    def _every_size(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setattr(jobs, "APART_FROM", 0)
        yield
        assert readers() == []

    @pytest.mark.parametrize(
        "name", ["export_mini.xml", "export_dup_attr.xml", "export_truncated.xml", "export_es.zip"]
    )
    def test_it_comes_to_the_same(self, jane: EndUser, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        apart = imported(jane, fixture(name))
        june = factories.end_user(factories.charlie().organization)
        monkeypatch.setattr(jobs, "APART_FROM", 10**9)
        here = imported(june, fixture(name))
        same = ("state", "elements", "inserted", "updated", "unchanged", "counts", "rejected", "warnings", "bytes_read")
        assert [getattr(apart, field) for field in same] == [getattr(here, field) for field in same]
        assert heart_rate_count(jane) == heart_rate_count(june) == 2

    def test_a_reader_that_is_killed_costs_no_record(self, jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(forked, "AHEAD_BYTES", 1)
        job = receive(jane, export(heart_rates(1400)))

        def kill(row: ImportJob) -> None:
            if row.elements:
                for pid in readers():
                    os.kill(pid, signal.SIGKILL)

        with pytest.raises(ProcessEnded):
            jobs.run(job.job_id, watch=kill)
        job.refresh_from_db()
        assert (job.state, 0 < job.elements < 1400) == (State.QUEUED, True)
        assert heart_rate_count(jane) == job.inserted == job.elements
        again(job)
        assert (job.state, job.inserted, heart_rate_count(jane)) == (State.DONE, 1400, 1400)

    def test_a_crash_while_storing_is_gone_on_with(self, jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
        job = receive(jane, export(heart_rates(200), record(value="abc")))
        crash_at(monkeypatch, 3, Crash())
        with pytest.raises(Crash):
            jobs.run(job.job_id)
        monkeypatch.setattr(jobs, "ingest", ingest)
        again(job)
        assert (job.state, job.inserted, job.rejected) == (State.COMPLETED_WITH_ERRORS, 200, {"not_a_number": 1})

    def test_when_the_time_is_over_the_rest_goes_to_the_next(
        self, jane: EndUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = receive(jane, export(heart_rates(100)))
        monkeypatch.setattr(jobs, "BUDGET_SECONDS", -1)
        while jobs.run(job.job_id):
            assert readers() == []
        job.refresh_from_db()
        assert (job.state, job.inserted) == (State.DONE, 100)

    def test_a_file_that_must_not_be_read_leaves_nothing(self, jane: EndUser) -> None:
        job = imported(jane, export(heart_rates(30_000), "<!DOCTYPE x>"))
        assert (job.state, job.error_code, job.records) == (State.FAILED, "declarations", 0)
        assert not Source.objects.filter(user_key=jane.key).exists()

    def test_a_file_that_vanishes_before_it_is_read_fails(self, jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
        """The process opens it anew."""
        job = receive(jane, export(heart_rates(5)))
        opened = storage.open

        def gone(key: str, version: str = "") -> Any:
            if os.getpid() != ours:
                raise storage.ObjectMissing("There is no such object.")
            return opened(key, version)

        ours = os.getpid()
        monkeypatch.setattr(storage, "open", gone)
        again(job)
        assert (job.state, job.error_code) == (State.FAILED, "upload_missing")


class TestLeases:
    """Leases of jobs."""

    def test_a_job_is_taken_once_until_its_lease_runs_out(self, jane: EndUser) -> None:
        job = receive(jane, export(heart_rates(1)))
        lease = acquire(job.job_id)
        assert lease is not None
        assert acquire(job.job_id) is None
        run_out()
        other = acquire(job.job_id)
        assert other is not None
        assert other.job.attempts == 2
        with pytest.raises(LeaseLost):
            lease.write(elements=5)

    def test_a_lease_is_prolonged_while_its_holder_works(self, jane: EndUser) -> None:
        lease = acquire(receive(jane, export()).job_id)
        assert lease is not None
        before = lease.job.locked_until
        lease.renew()
        assert lease.job.locked_until == before
        lease.held.renewed -= lease.held.seconds / 2
        lease.renew()
        lease.job.refresh_from_db()
        assert lease.job.locked_until != before

    def test_a_persons_imports_go_one_after_the_other(self, jane: EndUser) -> None:
        first, second = receive(jane, export(heart_rates(1))), receive(jane, export(heart_rates(2)))
        assert acquire(second.job_id) is None
        jobs.run(first.job_id)
        assert tasks.next_after(first) == second
        assert acquire(second.job_id) is not None

    def test_an_unknown_job_is_nothing_to_do(self, db: None) -> None:
        assert jobs.run(uuid.uuid4()) is False


class TestUpkeep:
    @pytest.fixture
    def sent(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
        sent: list[tuple[int, str]] = []

        def publish(task: str, arguments: tuple[int], queue: str, countdown: float | None) -> None:
            if task.startswith("providers.imports."):
                sent.append((*arguments, queue))

        monkeypatch.setattr(task_queue, "_publish", publish)
        return sent

    def test_the_sweeper_finds_what_no_task_looks_after(
        self, jane: EndUser, sent: list[tuple[int, str]], django_capture_on_commit_callbacks: Any
    ) -> None:
        lost, fresh = receive(jane, export(heart_rates(1))), receive(jane, export(heart_rates(2)))
        ImportJob.objects.filter(pk=lost.pk).update(due_at=clock.now() - timedelta(minutes=1))
        with django_capture_on_commit_callbacks(execute=True):
            tasks.sweep()
        assert sent == [(lost.pk, "long")]
        assert acquire(fresh.job_id) is None

    def test_a_broker_that_is_down_loses_nothing(
        self, jane: EndUser, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        def down(*_: Any, **__: Any) -> None:
            raise BrokerDown

        monkeypatch.setattr(current_app, "send_task", down)
        job = receive(jane, export(heart_rates(1)))
        with django_capture_on_commit_callbacks(execute=True):
            tasks.enqueue(job)
        assert ImportJob.objects.due(clock.now()).get() == job

    def test_a_task_runs_the_job_and_sees_to_the_next(
        self, jane: EndUser, sent: list[tuple[int, str]], django_capture_on_commit_callbacks: Any
    ) -> None:
        first, second = receive(jane, export(heart_rates(1))), receive(jane, export(heart_rates(2)))
        with django_capture_on_commit_callbacks(execute=True):
            tasks.run(first.pk)
        first.refresh_from_db()
        assert (first.state, sent) == (State.DONE, [(second.pk, "long")])

    def test_uploads_are_deleted_some_days_after_the_import(self, jane: EndUser, settings: Any) -> None:
        old, fresh, waiting = (imported(jane, export(heart_rates(n))) for n in (1, 2, 3))
        key = old.object_key
        past = clock.now() - timedelta(days=settings.IMPORT_RETENTION_DAYS, hours=1)
        ImportJob.objects.filter(pk=old.pk).update(finished_at=past)
        ImportJob.objects.filter(pk=waiting.pk).update(finished_at=past, state=State.QUEUED)
        tasks.prune()
        for job in (old, fresh, waiting):
            job.refresh_from_db()
        assert (old.object_key, storage.exists(key)) == ("", False)
        assert storage.exists(fresh.object_key)
        assert storage.exists(waiting.object_key)

    def test_erasing_a_person_takes_their_uploads_along(
        self, jane: EndUser, django_capture_on_commit_callbacks: Any
    ) -> None:
        job = receive(jane, export(heart_rates(1)))
        assert erasure.summary(jane.key)["imports"] == {"count": 1, "bytes": job.size}
        with django_capture_on_commit_callbacks(execute=True):
            erasing.erase(jane, audit.SYSTEM)
        assert not ImportJob.objects.exists()
        assert not storage.exists(job.object_key)
        assert jobs.run(job.job_id) is False

    def test_an_upload_that_is_gone_fails(self, jane: EndUser) -> None:
        job = receive(jane, export(heart_rates(1)))
        storage.delete(job.object_key)
        again(job)
        assert (job.state, job.error_code) == (State.FAILED, "upload_missing")


class TestCommand:
    """manage.py import_apple."""

    def run(self, path: Path, user: str) -> str:
        out = StringIO()
        call_command("import_apple", str(path), user=user, stdout=out)
        return out.getvalue()

    def test_it_imports_and_tells_what_came_of_it(self, jane: EndUser, tmp_path: Path) -> None:
        file = tmp_path / "export.xml"
        file.write_bytes(export(heart_rates(1200), record(value="abc")))
        printed = self.run(file, str(jane.id))
        assert "100%  1,200 records" in printed
        assert "completed_with_errors" in printed
        assert "stored heart_rate: 1,200" in printed
        assert "rejected not_a_number: 1" in printed
        assert heart_rate_count(jane) == 1200

    def test_it_draws_a_bar_on_a_terminal(self, jane: EndUser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        class Terminal(StringIO):
            def isatty(self) -> bool:
                return True

        file, out = tmp_path / "export.xml", Terminal()
        file.write_bytes(export(heart_rates(10)))
        call_command("import_apple", str(file), user=str(jane.id), stdout=out)
        assert "\r[------------------------------]   0%" in out.getvalue()

    def test_it_says_why_a_file_fails(self, jane: EndUser, tmp_path: Path) -> None:
        file = tmp_path / "export.xml"
        file.write_bytes(fixture("export_entity_bomb.xml"))
        with pytest.raises(CommandError, match="declarations"):
            self.run(file, str(jane.id))

    def test_it_needs_a_file_and_a_person(self, jane: EndUser, tmp_path: Path) -> None:
        file = tmp_path / "export.xml"
        file.write_bytes(export())
        for path, user in ((tmp_path / "none", str(jane.id)), (file, str(uuid.uuid4())), (file, "nobody")):
            with pytest.raises(CommandError, match="There is no"):
                self.run(path, user)


def test_an_import_of_another_tenants_person_is_not_touched(jane: EndUser) -> None:
    strange = factories.end_user(factories.charlie().organization)
    imported(jane, export(heart_rates(5)))
    assert (heart_rate_count(jane), heart_rate_count(strange)) == (5, 0)

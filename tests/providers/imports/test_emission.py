"""Events of imports: samples slice by slice, of large ones a range a series, and the end."""

import io
import json
from typing import Any

import jsonschema
import pytest

from accounts import audit
from accounts.deletion import erasing
from accounts.models import EndUser
from accounts.webhooks import event_types, events
from accounts.webhooks.models import Message
from healthdata import queries
from providers.adapters.apple.export import export as reading
from providers.adapters.apple.export.archive import Bounds
from providers.adapters.apple.export.export import AppleExport
from providers.imports import jobs
from providers.imports.leases import MAX_ATTEMPTS
from providers.models import ImportJob
from tests.providers.exports import SLEEP, export, fixture, heart_rates, imported, receive, record, workout, zipped
from tests.providers.imports.test_jobs import Crash, again, crash_at
from tests.webhooks import making

pytestmark = pytest.mark.django_db

STEPS = "HKQuantityTypeIdentifierStepCount"
NIGHT = record(
    type=SLEEP,
    unit=None,
    value="HKCategoryValueSleepAnalysisAsleepCore",
    startDate="2026-04-15 22:00:00 +0200",
    endDate="2026-04-16 04:00:00 +0200",
)


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of a few records, and blocks of a few kilobytes, so that a small file has many."""
    monkeypatch.setattr(reading.AppleExport.slices, "__kwdefaults__", {"skip": 0, "ahead": 0, "size": 10})
    monkeypatch.setattr("providers.adapters.apple.export.archive.BLOCK", 4096)
    monkeypatch.setattr("providers.adapters.apple.export.bytefilter.MAX_HEAD", 0)


@pytest.fixture
def large_from_100(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import is large from 101 records on."""
    monkeypatch.setattr(jobs, "OMITTED_FROM", 100)


@pytest.fixture
def customer(jane: EndUser) -> EndUser:
    """Add an endpoint that gets every event about Jane without being named."""
    making.endpoint(jane.organization, "http://127.0.0.1:9/hook")
    return jane


def emitted(*types: str) -> list[dict[str, Any]]:
    """Return the data of the messages of these types (none: of all), in order; each as its type has published it."""
    rows = Message.objects.order_by("key")
    found = [json.loads(events.body_of(row)) for row in (rows.filter(type__in=types) if types else rows)]
    for one in found:
        kind = event_types.find(one["type"])
        assert kind is not None
        jsonschema.validate(one["data"], kind.schema)
    return [one["data"] for one in found]


def names() -> list[str]:
    return list(Message.objects.order_by("key").values_list("type", flat=True))


@pytest.mark.usefixtures("small_slices")
def test_a_small_import_tells_its_samples_slice_by_slice_and_its_end(customer: EndUser) -> None:
    job = imported(customer, export(heart_rates(60), workout()))
    slices = emitted("heart_rate.created")
    assert len(slices) > 1
    assert sum(len(one["samples"]) for one in slices) == 60
    assert not any(one["samples_omitted"] for one in slices)
    assert len(emitted("workout.created")) == 1
    assert names()[-1] == "import.completed"
    assert emitted("import.completed") == [
        {
            "user_id": str(customer.id),
            "provider": "apple",
            "job_id": str(job.job_id),
            "inserted": 61,
            "updated": 0,
            "unchanged": 0,
            "rejected": 0,
        }
    ]


@pytest.mark.usefixtures("small_slices", "large_from_100")
class TestLarge:
    """More than so many records: ranges instead of samples."""

    def test_one_message_a_series_stands_for_the_whole_import(self, customer: EndUser) -> None:
        steps = record(type=STEPS, unit="count", endDate="2026-04-15 08:40:00 +0200")
        imported(customer, export(heart_rates(100), steps, NIGHT, workout()))
        assert sorted(names()) == [
            "health_score.created",
            "heart_rate.created",
            "import.completed",
            "sleep.created",
            "steps.created",
            "workout.created",
        ]
        (heart,) = emitted("heart_rate.created")
        assert heart.pop("batch_id")
        assert heart == {
            "user_id": str(customer.id),
            "provider": "apple",
            "series_type": "heart_rate",
            "sample_count": 100,
            "start_time": "2026-04-15T00:00:00Z",
            "end_time": "2026-04-15T01:39:00Z",
            "samples": [],
            "samples_omitted": True,
            "part": 1,
            "parts": 1,
        }
        (walked,) = emitted("steps.created")
        assert (walked["sample_count"], walked["end_time"]) == (1, "2026-04-15T06:40:00Z")

    def test_each_level_has_its_own_message(self, jane: EndUser) -> None:
        making.endpoint(jane.organization, "http://127.0.0.1:9/hook", "heart_rate.*")
        imported(jane, export(heart_rates(101)))
        assert names() == ["heart_rate.created", "series.heart_rate.created"]
        group, granular = emitted()
        assert group == granular

    def test_a_crash_in_the_middle_neither_loses_nor_doubles(
        self, customer: EndUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = receive(customer, export(heart_rates(150)))
        crash_at(monkeypatch, 4, Crash())
        with pytest.raises(Crash):
            jobs.run(job.job_id)
        assert names() == []
        job.refresh_from_db()
        assert job.ranges["apple"]["heart_rate"][0] == job.inserted > 0
        again(job)
        (heart,) = emitted("heart_rate.created")
        assert heart["sample_count"] == 150
        assert names() == ["heart_rate.created", "import.completed"]

    def test_what_was_there_already_is_not_counted(self, customer: EndUser) -> None:
        imported(customer, export(heart_rates(90)))
        before = len(names())
        imported(customer, export(heart_rates(120)))
        assert names()[before:] == ["heart_rate.created", "import.completed"]
        heart = emitted("heart_rate.created")[-1]
        assert (heart["sample_count"], heart["start_time"]) == (30, "2026-04-15T01:30:00Z")
        before = len(names())
        imported(customer, export(heart_rates(120), " "))
        assert names()[before:] == ["import.completed"]

    def test_who_gives_up_half_way_tells_what_is_stored(
        self, customer: EndUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = receive(customer, export(heart_rates(150)))
        crash_at(monkeypatch, 3, Crash())
        for _ in range(1 + MAX_ATTEMPTS):
            with pytest.raises(Crash):
                again(job)
            crash_at(monkeypatch, 1, Crash())
        again(job)
        assert (job.state, job.error_code) == ("failed", "gave_up")
        assert names() == ["heart_rate.created", "import.failed"]
        assert emitted("heart_rate.created")[0]["sample_count"] == job.inserted > 0
        assert emitted("import.failed")[0]["error"] == job.error

    def test_sensitive_series_stay_silent(self, customer: EndUser) -> None:
        drink = record(type="HKQuantityTypeIdentifierNumberOfAlcoholicBeverages", unit="count", value=2)
        imported(customer, export(heart_rates(101), drink))
        assert names() == ["heart_rate.created", "import.completed"]

    def test_one_who_is_erased_meanwhile_is_not_told_of(
        self, customer: EndUser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = receive(customer, export(heart_rates(120)))
        monkeypatch.setattr(jobs, "BUDGET_SECONDS", -1)
        assert jobs.run(job.job_id) is True
        erasing.erase(customer, audit.SYSTEM)
        assert jobs.run(job.job_id) is False
        assert names() == ["user.deleted"]


def test_a_file_that_is_refused_is_told_as_failed(customer: EndUser) -> None:
    job = imported(customer, fixture("export_entity_bomb.xml"))
    assert emitted() == [
        {"user_id": str(customer.id), "provider": "apple", "job_id": str(job.job_id), "error": job.error},
    ]
    assert names() == ["import.failed"]


def test_an_end_that_is_not_committed_is_not_told(customer: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
    job = receive(customer, export(heart_rates(5)))

    def taken(lease: Any, faults: Any) -> None:
        ImportJob.objects.filter(pk=job.pk).update(lease=None)
        finish(lease, faults)

    finish = jobs._finish
    monkeypatch.setattr(jobs, "_finish", taken)
    assert jobs.run(job.job_id) is False
    assert names() == ["heart_rate.created"]


@pytest.mark.slow
def test_an_import_of_more_than_fifty_thousand_records_tells_one_range_a_series(customer: EndUser) -> None:
    days = [heart_rates(1440).replace("2026-04-15", f"2025-{1 + n // 28:02}-{1 + n % 28:02}") for n in range(36)]
    steps = record(type=STEPS, unit="count", endDate="2026-04-15 08:40:00 +0200")
    job = imported(customer, zipped({"apple_health_export/export.xml": export(*days, steps)}))
    assert (job.inserted, job.large) == (36 * 1440 + 1, True)
    assert names() == ["heart_rate.created", "steps.created", "import.completed"]
    (heart,) = emitted("heart_rate.created")
    assert (heart["sample_count"], heart["samples"]) == (36 * 1440, [])
    assert (heart["start_time"], heart["end_time"]) == ("2025-01-01T00:00:00Z", "2025-02-08T23:59:00Z")
    assert {row.series: row.n for row in queries.count(customer.key)}["heart_rate"] == heart["sample_count"]


class TestCounting:
    """The number of a file's samples is known before the first is stored."""

    def expected_samples(self, content: bytes, count_to: int = 10**9) -> int:
        opened = AppleExport(io.BytesIO(content), Bounds(10**9))
        for _ in opened.check(count_to=count_to):
            pass
        return opened.expected_samples

    @pytest.mark.parametrize("block", [3, 7, 8, 9, 64, 4096])
    def test_records_across_the_borders_of_blocks_count_once(self, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
        monkeypatch.setattr("providers.adapters.apple.export.archive.BLOCK", block)
        monkeypatch.setattr("providers.adapters.apple.export.bytefilter.MAX_HEAD", 4096)
        assert self.expected_samples(export(heart_rates(40), workout())) == 40

    def test_counting_ends_where_it_need_not_go_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("providers.adapters.apple.export.archive.BLOCK", 4096)
        monkeypatch.setattr("providers.adapters.apple.export.bytefilter.MAX_HEAD", 0)
        assert 10 < self.expected_samples(export(heart_rates(400)), count_to=10) < 60

    def test_routes_count_by_their_size(self) -> None:
        route = b"<gpx>" + b" " * 25_000 + b"</gpx>"
        content = zipped({"a/export.xml": export(heart_rates(4)), "a/workout-routes/one.gpx": route})
        assert self.expected_samples(content) == 4 + 300

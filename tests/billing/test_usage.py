"""The usage page and the counters below it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from accounts import audit, usage
from accounts.metering import calls, rollup
from accounts.models import DailyUsage, Developer, MonthlyUsage
from billing import plans
from tests import factories
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
URL = "/api/v1/billing/usage"
TODAY = date(2026, 4, 24)


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands at noon of TODAY, but for tokens, whose clock is the real one."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 4, 24, 12, tzinfo=UTC))


def put(organization_id: UUID, day: date, slot: int = 0, **counted: int) -> None:
    for metric, total in counted.items():
        DailyUsage.objects.create(organization_id=organization_id, date=day, metric=metric, total=total, slot=slot)


def shown(client: APIClient, **query: str) -> dict[str, Any]:
    answer = client.get(URL, query)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_this_month_so_far_against_the_limits(alice: Developer) -> None:
    client = factories.key_client(alice)
    factories.end_user(alice.organization)
    usage.count(alice.organization_id, usage.NUTRITION_PHOTOS, 3)
    usage.add(alice.organization_id, {usage.WEBHOOK_DELIVERIES: 7, usage.SAMPLES_STORED: 100})
    put(alice.organization_id, TODAY - timedelta(days=3), slot=2, samples_stored=11)
    put(factories.charlie().organization_id, TODAY, samples_stored=5_000)
    found = shown(client)
    assert (found["plan"], found["start_date"], found["end_date"]) == ("hobby", "2026-04-01", "2026-04-24")
    assert found["resources"] == [
        {"resource": "photos", "period": "day", "used": 3, "limit": 20, "remaining": 17},
        {"resource": "end_users", "period": "now", "used": 1, "limit": 10_000, "remaining": 9_999},
        {"resource": "webhook_endpoints", "period": "now", "used": 0, "limit": 50, "remaining": 50},
        {"resource": "team_seats", "period": "now", "used": 1, "limit": 10, "remaining": 9},
    ]
    assert len(found["days"]) == 24
    assert [day["samples"] for day in found["days"]] == [0] * 20 + [11, 0, 0, 100]
    assert (found["totals"]["samples"], found["totals"]["photos"], found["totals"]["end_users"]) == (111, 3, 1)


def test_what_is_stored_is_a_level(alice: Developer) -> None:
    put(alice.organization_id, date(2026, 1, 5), image_bytes=1_000)
    put(alice.organization_id, date(2026, 4, 2), image_bytes=500, object_bytes=20)
    put(alice.organization_id, date(2026, 4, 4), image_bytes=-1_200)
    rollup.run(TODAY)
    found = shown(factories.key_client(alice), start_date="2026-04-01", end_date="2026-04-05")
    assert [day["storage_bytes"] for day in found["days"]] == [1_000, 1_520, 1_520, 320, 320]
    assert usage.level(alice.organization_id, usage.IMAGE_BYTES, TODAY) == 300


def test_a_plan_without_limits_says_null(alice: Developer) -> None:
    plans.grant(alice.organization, "enterprise", audit.SYSTEM)
    found = shown(factories.key_client(alice))
    assert (found["requests_per_minute"], found["resources"][0]["limit"]) == (None, None)
    assert found["resources"][0]["remaining"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"start_date": "2026-04-24", "end_date": "2026-04-23"}, "end_date"),
        ({"start_date": "2025-01-01", "end_date": "2026-04-23"}, "end_date"),
        ({"start_date": "yesterday"}, "start_date"),
        ({"month": "4"}, "month"),
    ],
)
def test_ranges_that_make_no_sense_are_refused(alice: Developer, query: dict[str, str], field: str) -> None:
    answer = factories.key_client(alice).get(URL, query)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_the_page_asks_little_however_long_it_is(alice: Developer, django_assert_max_num_queries: Any) -> None:
    client = factories.key_client(alice)
    shown(client)
    with django_assert_max_num_queries(4):
        assert len(shown(client, start_date="2025-04-24", end_date="2026-04-24")["days"]) == 366


def test_calls_are_counted_by_key_and_dashboard(alice: Developer) -> None:
    calls.collect()
    server, owner = factories.key_client(alice), factories.dashboard_client(alice)
    stranger = factories.key_client(factories.charlie())
    for _ in range(3):
        server.get("/api/v1/users")
    owner.get("/api/v1/users")
    stranger.get("/api/v1/users")
    APIClient().get("/api/v1/users")
    assert calls.collect() == 5
    assert usage.used(alice.organization_id, usage.API_CALLS) == 4
    assert calls.collect() == 0


def test_calls_of_a_collection_that_broke_off_are_collected_the_next_time(
    alice: Developer, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls.collect()
    server = factories.key_client(alice)
    server.get("/api/v1/users")
    with monkeypatch.context() as patch:
        patch.setattr(usage, "add", lambda *_: (_ for _ in ()).throw(OSError("the database is away")))
        with pytest.raises(OSError, match="away"):
            calls.collect()
    server.get("/api/v1/users")
    assert (calls.collect(), calls.collect(), calls.collect()) == (1, 1, 0)
    assert usage.used(alice.organization_id, usage.API_CALLS) == 2


def test_nights_leave_one_row_a_day_and_the_same_sums(alice: Developer) -> None:
    for slot in range(5):
        put(alice.organization_id, TODAY - timedelta(days=1), slot=slot, samples_stored=10)
        put(alice.organization_id, TODAY, slot=slot, samples_stored=1)
    for _ in (1, 2):
        rollup.run(TODAY)
        yesterday = DailyUsage.objects.filter(date=TODAY - timedelta(days=1), metric=usage.SAMPLES_STORED)
        assert [row.total for row in yesterday] == [50]
        assert usage.used(alice.organization_id, usage.SAMPLES_STORED, TODAY) == 5
        assert MonthlyUsage.objects.get(metric=usage.SAMPLES_STORED).total == 55


def test_nights_count_end_users(alice: Developer) -> None:
    people = [factories.end_user(alice.organization) for _ in range(3)]
    rollup.run(TODAY - timedelta(days=1))
    people[0].delete()
    rollup.run(TODAY)
    rollup.run(TODAY)
    for day, expected in ((3, 0), (2, 3), (1, 2), (0, 2)):
        assert usage.level(alice.organization_id, usage.END_USERS, TODAY - timedelta(days=day)) == expected


def test_months_stay_when_their_days_are_gone(alice: Developer) -> None:
    put(alice.organization_id, date(2026, 4, 2), image_bytes=500, samples_stored=9)
    rollup.run(TODAY)
    rollup.run(date(2027, 12, 1))
    assert not DailyUsage.objects.filter(date__lt=date(2026, 7, 1)).exists()
    assert MonthlyUsage.objects.get(metric=usage.SAMPLES_STORED).total == 9
    assert usage.level(alice.organization_id, usage.IMAGE_BYTES, date(2027, 12, 1)) == 500

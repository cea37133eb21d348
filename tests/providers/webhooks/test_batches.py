"""Bodies with many events: of many end users, known ones, too many, and a full inbox among them."""

import json
from typing import Any

import pytest

from accounts.models import EndUser
from healthdata.models import DailyValue
from providers import registry
from providers.models import Connection, Payload
from tests import factories
from tests.providers.connecting import connect, push, work
from tests.providers.vendor import Vendor

pytestmark = pytest.mark.django_db


def event(number: int, user: str = "user-1") -> dict[str, Any]:
    day = f"2026-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
    return {"user": user, "kind": "day", "action": "update", "data": {"id": f"{user}-{number}", "day": day, "steps": 5}}


def batch(*events: dict[str, Any]) -> Any:
    return push(json.dumps({"events": events}, separators=(",", ":")).encode())


def both(vendor: Vendor, jane: EndUser) -> tuple[Connection, Connection]:
    june = factories.end_user(jane.organization)
    rows = connect(vendor, jane), connect(vendor, june, "user-2")
    for row in rows:
        work(row)
    return rows


def test_many_events_take_few_statements_and_repeats_change_nothing(
    vendor: Vendor, jane: EndUser, django_assert_max_num_queries: Any
) -> None:
    rows = both(vendor, jane)
    events = [event(number, user) for number in range(100) for user in ("user-1", "user-2")]
    with django_assert_max_num_queries(8):
        assert batch(*events).status_code == 200
    assert Payload.objects.filter(kind="day").count() == 200
    for row in rows:
        work(row)
    assert DailyValue.objects.count() == 200
    assert batch(*events[:10], event(200)).status_code == 200
    for row in rows:
        work(row)
    assert DailyValue.objects.count() == 201
    assert Payload.objects.filter(kind="day").count() == 201


def test_one_full_inbox_keeps_nobody_elses_data_back(vendor: Vendor, jane: EndUser, settings: Any) -> None:
    rows = both(vendor, jane)
    settings.PAYLOAD_BACKLOG = 2
    events = [*(event(number) for number in range(5)), event(1, "user-2")]
    assert batch(*events).status_code == 429
    work(rows[1])
    assert DailyValue.objects.filter(user_key=rows[1].user_key).count() == 1
    settings.PAYLOAD_BACKLOG = 1000
    assert batch(*events).status_code == 200
    for row in rows:
        work(row)
    assert DailyValue.objects.count() == 6


def test_a_provider_says_how_many_events_a_body_may_hold(
    vendor: Vendor, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(vendor, jane)
    monkeypatch.setattr(type(registry.get("acme")), "max_notifications", 2)
    assert batch(event(1), event(2)).status_code == 200
    assert batch(event(3), event(4), event(5)).status_code == 400
    assert Payload.objects.filter(kind="day").count() == 2

"""A week of the demo's people, asked "why" day by day: every figure's account adds up by hand."""

from datetime import date, timedelta

import pytest

from healthdata.metrics import METRICS
from tests.healthdata.cases.phone import CasePhone
from tests.healthdata.cases.test_properties import check_that_it_adds_up
from tests.healthdata.reading import EndUserCase, end_user, organization
from wearlink.demo import cloud, wire
from wearlink.demo.day import DemoDay
from wearlink.demo.demo_users import DEMO_USERS, DemoUser

pytestmark = pytest.mark.django_db

LAST = date(2026, 4, 15)
WEEK = {"start_date": str(LAST - timedelta(days=6)), "end_date": str(LAST)}
DERIVED = {"min_heart_rate_bpm", "max_heart_rate_bpm"}  # told by the readings behind the mean


def lived(demo_user: DemoUser) -> EndUserCase:
    """Return the week, and the day before it, as the phone sends them."""
    case = end_user(organization(demo_user.provider), time_zone=demo_user.time_zone)
    phone, headers = CasePhone(case), {"X-WearLink-API-Key": case.key}
    for back in reversed(range(8)):
        day = DemoDay(demo_user, LAST - timedelta(days=back))
        if not day.is_silent:
            body = wire.body(cloud.with_reports(day), day.end)
            path = f"/api/v1/sdk/users/{case.end_user.id}/sync"
            answer = case.client.post(path, body, content_type="application/json", headers=headers)
            assert answer.status_code == 202, answer.content
    phone.sync()
    return case


@pytest.mark.parametrize("demo_user", DEMO_USERS, ids=lambda demo_user: demo_user.provider)
def test_every_figure_of_the_week_adds_up_by_hand(demo_user: DemoUser) -> None:
    days = lived(demo_user).get("summaries/activity", explain=1, **WEEK)["data"]
    assert len(days) >= 6
    seen = set()
    for day in days:
        assert {*day["figures"]} <= {*day["explain"]}, "no figure is without its account"
        for name, account in day["explain"].items():
            check_that_it_adds_up(name, day)
            if name not in DERIVED and account["rule"] == "sum" and account["is_shown"]:
                kept = sum(one["kept"] for one in account["sources"])
                assert kept == pytest.approx(account["value"], abs=0.01), (day["date"], name)
            seen.add(name)
        parts = [day["active_calories_kcal"], day["basal_calories_kcal"], day["total_calories_kcal"]]
        if None not in parts:
            assert parts[0] + parts[1] == pytest.approx(parts[2], abs=0.11)
    assert len(seen) >= len(METRICS) - 4, seen

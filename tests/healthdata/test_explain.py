"""Every daily figure can be asked why, and the answer adds up by hand; every correction of it is on record."""

from typing import Any

import pytest

from accounts.end_users import users
from healthdata.figures import due
from healthdata.ingest import ingest
from healthdata.models import DueDay
from healthdata.records import MANUAL, Record, SourceInfo
from tests.healthdata.reading import HOUR, MINUTE, PHONE, RING, WATCH, EndUserCase, amount, every, put, total

pytestmark = pytest.mark.django_db

THE_DAY = {"start_date": "2026-04-15", "end_date": "2026-04-15"}
TYPED = SourceInfo(provider="apple", device_type=MANUAL)


def why(case: EndUserCase, field: str = "steps") -> dict[str, Any]:
    [shown] = case.get("summaries/activity", explain=1, **THE_DAY)["data"]
    found: dict[str, Any] = shown["explain"][field]
    return found


def hourly(value: float, first: int, count: int, source: SourceInfo) -> list[Record]:
    return [
        *every(HOUR, f"2026-04-15T{first:02}:00:00Z", count, source=source, series="steps", value=value, duration=HOUR)
    ]


def test_the_account_of_a_sum_adds_up_by_hand(jane: EndUserCase) -> None:
    put(jane, *hourly(1050, 8, 4, WATCH), *hourly(1000, 8, 12, PHONE), total("steps", 4100.0, RING))
    [shown] = jane.get("summaries/activity", explain=1, **THE_DAY)["data"]
    account = shown["explain"]["steps"]
    assert (shown["steps"], account["value"], account["rule"]) == (12_200, 12_200, "sum")
    rows = [(one["device"], one["place"], one["kept"], one["left_out"]) for one in account["sources"]]
    assert rows == [
        ("Apple Watch", 1, 4200, 0),
        ("Oura Ring Gen3", 2, 0, 4100),
        ("iPhone", 3, 8000, 4000),
    ]
    reasons = {one["device"]: [(why["reason"], why["amount"]) for why in one["reasons"]] for one in account["sources"]}
    assert reasons == {"Apple Watch": [], "Oura Ring Gen3": [("daily_total", 4100)], "iPhone": [("covered", 4000)]}
    assert sum(one["kept"] for one in account["sources"]) == shown["steps"]
    figure = shown["figures"]["steps"]
    assert [(one["device"], one["value"]) for one in figure["sources"]] == [("Apple Watch", 4200), ("iPhone", 8000)]
    assert (figure["coverage_minutes"], figure["is_partial"], figure["revision"]) == (720, False, 1)


def test_the_samples_behind_a_share_are_one_click_away(jane: EndUserCase) -> None:
    put(jane, *hourly(1050, 8, 4, WATCH), *hourly(1000, 8, 12, PHONE))
    link = why(jane)["sources"][1]["samples"]
    listed = jane.client.get(link, headers={"X-WearLink-API-Key": jane.key}).json()
    assert [one["value"] for one in listed["data"]] == [1000] * 12
    assert {one["source"]["device"] for one in listed["data"]} == {"iPhone"}


def test_the_account_says_what_an_order_leaves_out(jane: EndUserCase) -> None:
    put(jane, amount("steps", "2026-04-15T10:00:00Z", 900.0), amount("steps", "2026-04-15T12:00:00Z", 77.0, TYPED))
    assert why(jane)["value"] == 977
    users.update(jane.end_user, {"source_priority": {"steps": ["watch", "-manual"]}})
    account = why(jane)
    assert account["value"] == 900
    assert [(one["device_type"], one["kept"]) for one in account["sources"]] == [("watch", 900), ("manual", 0)]
    assert [one["reason"] for one in account["sources"][1]["reasons"]] == ["excluded"]


def test_a_figure_without_any_source_left_is_explained_and_not_told(jane: EndUserCase, organization: Any) -> None:
    put(jane, amount("steps", "2026-04-15T12:00:00Z", 77.0, TYPED))
    organization.settings = {"source_priority": {"*": ["-manual"]}}
    organization.save(update_fields=["settings"])
    [shown] = jane.get("summaries/activity", explain=1, **THE_DAY)["data"]
    assert (shown["steps"], shown["explain"]["steps"]["is_shown"]) == (None, False)


def test_the_account_of_a_mean_is_told_in_minutes(jane: EndUserCase) -> None:
    put(
        jane,
        *every(5 * MINUTE, "2026-04-15T08:00:00Z", 12, source=WATCH, series="heart_rate", value=60.0),
        *every(5 * MINUTE, "2026-04-15T08:00:00Z", 24, source=RING, series="heart_rate", value=80.0),
    )
    account = why(jane, "avg_heart_rate_bpm")
    assert account["unit_of_shares"] == "minutes"
    kept = [one["kept"] for one in account["sources"]]
    assert sum(kept) == pytest.approx(account["coverage_minutes"], abs=1)
    mean = sum(share * value for share, value in zip(kept, (80, 60) if kept[0] > 61 else (60, 80), strict=True))
    assert account["value"] == pytest.approx(mean / sum(kept), abs=0.1)


def test_how_a_figure_came_to_change_is_on_record(jane: EndUserCase) -> None:
    ingest(jane.end_user.key, [hourly(1000, 8, 12, PHONE)], causes=["batch:first"])
    assert jane.get("summaries/activity", **THE_DAY)["data"][0]["steps"] == 12_000
    ingest(jane.end_user.key, [hourly(1050, 8, 4, WATCH)], causes=["batch:second"])
    [shown] = jane.get("summaries/activity", **THE_DAY)["data"]
    assert (shown["steps"], shown["figures"]["steps"]["revision"]) == (12_200, 2)
    [change] = jane.get("summaries/activity/2026-04-15/revisions")["data"]
    assert (change["figure"], change["revision"], change["old_value"], change["new_value"]) == (
        "steps", 2, 12_000, 12_200,
    )  # fmt: skip
    assert change["causes"] == [{"kind": "batch", "id": "second"}]


def test_the_same_data_again_revise_nothing(jane: EndUserCase) -> None:
    for _ in range(2):
        ingest(jane.end_user.key, [hourly(1000, 8, 12, PHONE)], causes=["batch:again"])
        jane.get("summaries/activity", **THE_DAY)
    assert jane.get("summaries/activity/2026-04-15/revisions")["data"] == []


def test_a_worker_computes_what_is_due_and_takes_the_marks_away(jane: EndUserCase) -> None:
    ingest(jane.end_user.key, [hourly(1000, 8, 12, PHONE)])
    assert DueDay.objects.filter(user_key=jane.end_user.key).count() == 1
    assert due.work_off(jane.end_user.key) is False
    assert not DueDay.objects.filter(user_key=jane.end_user.key).exists()
    assert jane.get("summaries/activity", **THE_DAY)["data"][0]["steps"] == 12_000


def test_explaining_more_than_a_week_is_refused(jane: EndUserCase) -> None:
    faults = jane.refused("summaries/activity", explain=1, start_date="2026-01-01", end_date="2026-12-31")
    assert faults == {"explain": "At most 7 days can be explained a call."}
    assert "day" in jane.refused("summaries/activity/yesterday/revisions")

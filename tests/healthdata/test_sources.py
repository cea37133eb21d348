"""Sources are visible, and can be renamed, hidden and merged, all of it undone; orders are checked and previewed."""

import json
from datetime import timedelta
from typing import Any

import pytest

from healthdata.models import DayFigure, DayRevision
from healthdata.records import Sample, SourceInfo
from tests.healthdata.reading import HOUR, PHONE, WATCH, EndUserCase, amount, at, end_user, put
from wearlink.lib import clock

pytestmark = pytest.mark.django_db

THE_DAY = {"start_date": "2026-04-15", "end_date": "2026-04-15"}
GYM = SourceInfo(provider="apple", name="Gym", app="com.example.gym", writer="com.example.gym")


def send(case: EndUserCase, method: str, path: str, body: Any, *, status: int = 200) -> Any:
    answer = getattr(case.client, method)(
        case.url(path).rstrip("/"),
        json.dumps(body),
        content_type="application/json",
        headers={"X-WearLink-API-Key": case.key},
    )
    assert answer.status_code == status, answer.content
    return answer.json()


def sources(case: EndUserCase) -> dict[str, Any]:
    return {one["device"]: one for one in case.get("sources")["data"]}


def steps(case: EndUserCase) -> float | None:
    days = case.get("summaries/activity", **THE_DAY)["data"]
    return days[0]["steps"] if days else None


@pytest.fixture
def two(jane: EndUserCase) -> EndUserCase:
    """Watch and phone counted at different hours."""
    put(
        jane,
        amount("steps", "2026-04-15T08:00:00Z", 900.0),
        amount("steps", "2026-04-15T12:00:00Z", 500.0, PHONE),
        amount("flights_climbed", "2026-04-15T13:00:00Z", 3.0, PHONE),
    )
    assert steps(jane) == 1400
    return jane


def test_a_source_shows_what_it_is_what_it_has_and_its_place(two: EndUserCase) -> None:
    phone = sources(two)["iPhone"]
    assert (phone["device_type"], phone["model"], phone["provider"]) == ("phone", "iPhone14,2", "apple")
    assert (phone["first_at"], phone["last_at"]) == ("2026-04-15T12:00:00Z", "2026-04-15T13:00:00Z")
    assert {one["series_type"]: one["count"] for one in phone["series"]} == {"steps": 1, "flights_climbed": 1}
    assert (phone["places"]["steps"], sources(two)["Apple Watch"]["places"]["steps"]) == (2, 1)


def test_a_hidden_source_counts_and_shows_nothing_until_it_is_shown_again(two: EndUserCase) -> None:
    path = f"sources/{sources(two)['iPhone']['id']}"
    assert send(two, "patch", path, {"is_hidden": True})["is_hidden"] is True
    assert steps(two) == 900
    span = {"start_time": "2026-04-15T00:00:00Z", "end_time": "2026-04-16T00:00:00Z"}
    assert [one["value"] for one in two.get("timeseries", types="steps", **span)["data"]] == [900]
    [shown] = two.get("summaries/activity", explain=1, **THE_DAY)["data"]
    hidden = shown["explain"]["steps"]["sources"][-1]
    assert (hidden["device"], hidden["left_out"], hidden["reasons"][0]["reason"]) == ("iPhone", 500, "hidden")
    changes = two.get("summaries/activity/2026-04-15/revisions")["data"]
    assert {"kind": "sources", "id": None} in changes[0]["causes"]
    send(two, "patch", path, {"is_hidden": False})
    assert steps(two) == 1400


def test_two_names_of_one_watch_can_be_made_one_and_parted_again(jane: EndUserCase) -> None:
    other = SourceInfo(provider="apple", name="Old Watch", device_type="watch")
    at_once = [
        Sample(source=one, series="steps", start=at("2026-04-15T08:00:00Z"), value=600.0, duration=HOUR)
        for one in (WATCH, other)
    ]
    put(jane, *at_once, amount("steps", "2026-04-15T12:00:00Z", 50.0, other))
    found = sources(jane)
    path = f"sources/{found['Old Watch']['id']}"
    assert send(jane, "patch", path, {"merged_into": found["Apple Watch"]["id"]})["merged_into"] is not None
    assert steps(jane) == 650
    [shown] = jane.get("summaries/activity", **THE_DAY)["data"]
    assert [one["device"] for one in shown["figures"]["steps"]["sources"]] == ["Apple Watch"]
    send(jane, "patch", path, {"merged_into": None})
    [shown] = jane.get("summaries/activity", **THE_DAY)["data"]
    assert [one["device"] for one in shown["figures"]["steps"]["sources"]] == ["Old Watch"]  # which covers more


def test_a_new_name_is_shown_wherever_the_source_is(two: EndUserCase) -> None:
    path = f"sources/{sources(two)['iPhone']['id']}"
    assert send(two, "patch", path, {"name": "Kitchen phone"})["device"] == "Kitchen phone"
    [shown] = two.get("summaries/activity", **THE_DAY)["data"]
    assert shown["figures"]["steps"]["sources"][1]["device"] == "Kitchen phone"
    assert send(two, "patch", path, {"name": None})["device"] == "iPhone"


def test_merges_that_make_no_sense_are_refused(two: EndUserCase, organization: Any) -> None:
    stranger = end_user(organization)
    put(stranger, amount("steps", "2026-04-15T08:00:00Z", 1.0))
    foreign = sources(stranger)["Apple Watch"]["id"]
    watch, phone = (sources(two)[name]["id"] for name in ("Apple Watch", "iPhone"))
    for target in (watch, foreign):
        faults = send(two, "patch", f"sources/{watch}", {"merged_into": target}, status=400)["errors"]
        assert [one["field"] for one in faults] == ["merged_into"]
    send(two, "patch", f"sources/{watch}", {"merged_into": phone})
    send(two, "patch", f"sources/{phone}", {"merged_into": watch}, status=400)  # a circle
    send(two, "patch", f"sources/{watch}", {"colour": "red"}, status=400)
    send(two, "patch", f"sources/{foreign}", {"name": "mine"}, status=404)


def test_a_preview_tells_what_would_change_and_changes_nothing(jane: EndUserCase) -> None:
    today = clock.now().date()
    noon = f"{today - timedelta(days=2)}T12:00:00Z"
    put(jane, amount("steps", noon, 900.0), amount("steps", noon, 850.0, PHONE))
    before = jane.get("summaries/activity", start_date=str(today - timedelta(days=3)), end_date=str(today))
    answer = send(jane, "post", "source-preferences/preview", {"source_priority": {"steps": ["phone"]}})
    assert answer["data"] == [{"date": str(today - timedelta(days=2)), "figure": "steps", "now": 900, "then": 850}]
    assert answer["days_changed"] == 1
    assert jane.get("summaries/activity", start_date=str(today - timedelta(days=3)), end_date=str(today)) == before
    assert DayFigure.objects.get(metric="steps").value == 900
    assert not DayRevision.objects.exists()


@pytest.mark.parametrize(
    "order", [{"stepps": ["watch"]}, {"steps": ["source:7a1f"]}, {"steps": []}, {"steps": {"min_coverage": 5}}]
)
def test_an_order_that_names_nothing_we_know_is_refused(two: EndUserCase, order: dict[str, Any]) -> None:
    answer = send(two, "post", "source-preferences/preview", {"source_priority": order}, status=400)
    assert answer["errors"][0]["field"].startswith("source_priority")
    send(two, "patch", "", {"source_priority": order}, status=400)


def test_a_single_source_may_go_first_and_a_day_may_need_coverage(two: EndUserCase) -> None:
    put(two, amount("steps", "2026-04-15T08:00:00Z", 700.0, PHONE))
    phone = sources(two)["iPhone"]["id"]
    send(two, "patch", "", {"source_priority": {"steps": [f"source:{phone}"]}})
    assert steps(two) == 700 + 500
    send(two, "patch", "", {"source_priority": {"steps": {"order": ["watch"], "min_coverage": 600}}})
    assert steps(two) is None

"""Bad input about sources, zones and explanations: a clear 4xx that names the field, and nothing is changed."""

from typing import Any

import pytest

from tests.healthdata.cases.phone import IPHONE, NEW_IPHONE, WATCH, CasePhone, steps
from tests.healthdata.reading import end_user, organization
from tests.healthdata.test_sources import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(iphone: CasePhone) -> tuple[CasePhone, dict[str, str]]:
    iphone.sync(*steps(IPHONE, "15T08:00", [100]), *steps(WATCH, "15T09:00", [10]), *steps(NEW_IPHONE, "15T10:00", [1]))
    return iphone, {one["device"]: one["id"] for one in iphone.case.get("sources")["data"]}


def fields(answer: dict[str, Any]) -> list[str]:
    assert answer["detail"]
    return [one["field"] for one in answer["errors"]]


def foreign_source(whose: Any) -> str:
    """Return a source of somebody else's."""
    other = CasePhone(end_user(whose))
    other.sync(*steps(WATCH, "15T09:00", [10]))
    found: str = other.case.get("sources")["data"][0]["id"]
    return found


@pytest.mark.parametrize("order", [
    {"stepps": ["watch"]}, {"steps": []}, {"steps": "watch"}, {"steps": ["source:nothing"]},
    {"steps": {"order": ["watch"], "min_coverage": 1441}}, {"steps": {"order": ["watch"], "min_coverage": -1}},
    {"steps": {"sequence": ["watch"]}}, ["watch"], "watch", 7,
])  # fmt: skip
def test_an_order_that_names_nothing_we_know_is_refused_and_changes_nothing(
    three: tuple[CasePhone, dict[str, str]], order: Any
) -> None:
    phone, _ = three
    before = phone.day()["steps"]
    for method, path in (("patch", ""), ("post", "source-preferences/preview")):
        answer = send(phone.case, method, path, {"source_priority": order}, status=400)
        assert fields(answer)[0].startswith("source_priority")
    assert phone.day()["steps"] == before


@pytest.mark.parametrize(("name", "meant"), [
    ("wach", "watch"), ("-phoen", "phone"), ("fitnessband", "fitness_band"), ("garmn", "garmin"), ("Ouura", "oura"),
])  # fmt: skip
def test_a_misspelt_name_in_an_order_is_refused_with_the_nearest_one_and_the_choices(
    three: tuple[CasePhone, dict[str, str]], name: str, meant: str
) -> None:
    phone, _ = three
    for order in ({"steps": ["ring", name]}, {"*": {"order": [name]}}):
        for method, path in (("patch", ""), ("post", "source-preferences/preview")):
            answer = send(phone.case, method, path, {"source_priority": order}, status=400)
            message = answer["errors"][0]["message"]
            assert f"Did you mean {meant}?" in message
            assert all(choice in message for choice in ("watch", "manual", "garmin", "source:<id>"))


def test_a_kind_of_device_that_only_this_persons_phone_knows_may_be_ordered() -> None:
    other = CasePhone(end_user(organization("Treadmills")))
    other.sync(*steps({"deviceModel": "Runner 3", "deviceType": "treadmill"}, "15T09:00", [10]))
    send(other.case, "patch", "", {"source_priority": {"steps": ["Treadmill", "watch"]}})
    assert other.day()["steps"] == 10


@pytest.mark.parametrize("own_tenant", [True, False])
def test_an_order_that_names_a_foreign_source_is_refused(
    three: tuple[CasePhone, dict[str, str]], organization_of_jane: Any, *, own_tenant: bool
) -> None:
    phone, _ = three
    foreign = foreign_source(organization_of_jane if own_tenant else organization("Charlie's gym"))
    order = {"source_priority": {"steps": [f"source:{foreign}"]}}
    for method, path in (("patch", ""), ("post", "source-preferences/preview")):
        assert fields(send(phone.case, method, path, order, status=400)) == ["source_priority.steps"]


@pytest.fixture
def organization_of_jane(organization: Any) -> Any:
    """Under another name, since a function here has that one."""
    return organization


def test_merges_in_a_circle_of_three_or_with_a_stranger_are_refused(
    three: tuple[CasePhone, dict[str, str]], organization_of_jane: Any
) -> None:
    phone, ids = three
    watch, old, new = ids["Apple Watch"], ids["iPhone"], ids["iPhone 17"]
    send(phone.case, "patch", f"sources/{old}", {"merged_into": new})
    for source, target in (
        (new, old),
        (new, new),
        (watch, foreign_source(organization_of_jane)),
        (watch, "x"),
        (watch, 7),
    ):
        assert fields(send(phone.case, "patch", f"sources/{source}", {"merged_into": target}, status=400)) == [
            "merged_into"
        ]
    assert phone.day()["steps"] == 111


def test_longer_circles_are_refused_too(three: tuple[CasePhone, dict[str, str]]) -> None:
    phone, ids = three
    one, two, three_ = ids.values()
    send(phone.case, "patch", f"sources/{one}", {"merged_into": two})
    answers = [
        phone.case.client.patch(
            phone.case.url(f"sources/{source}"), {"merged_into": target}, content_type="application/json",
            headers={"X-WearLink-API-Key": phone.case.key},
        ).status_code
        for source, target in ((two, three_), (three_, one))
    ]  # fmt: skip
    assert answers[1] == 400
    assert phone.day()["steps"] == 111


@pytest.mark.parametrize(("body", "field"), [
    ({"time_zone": "Asia/Tokyo", "valid_from": "2099-01-01T00:00:00Z"}, "valid_from"),
    ({"valid_from": "2026-01-01T00:00:00Z"}, "valid_from"), ({"time_zone": "Pacific Standard Time"}, "time_zone"),
    ({"time_zone": "GMT+5:30"}, "time_zone"), ({"time_zone": "../UTC"}, "time_zone"), ({"time_zone": 7}, "time_zone"),
    ({"time_zone": "Asia/Tokyo", "valid_from": "last year"}, "valid_from"), ({"time_zone": None}, "time_zone"),
])  # fmt: skip
def test_a_zone_or_a_beginning_that_is_none_is_refused(iphone: CasePhone, body: dict[str, Any], field: str) -> None:
    iphone.sync(*steps(IPHONE, "16T01:00", [7000]))
    assert fields(send(iphone.case, "patch", "", body, status=400)) == [field]
    assert iphone.days("steps") == {"2026-04-16": 7000}


@pytest.mark.parametrize(("query", "field"), [
    ({"explain": 1, "start_date": "2025-03-01", "end_date": "2026-04-15"}, "end_date"),
    ({"explain": 1, "start_date": "2026-01-01", "end_date": "2026-02-05"}, "explain"),
    ({"explain": 1, "start_date": "2026-04-08", "end_date": "2026-04-15"}, "explain"),
    ({"explain": "why", "start_date": "2026-04-15", "end_date": "2026-04-15"}, "explain"),
    ({"explain": 1, "start_date": "2026-04-15", "end_date": "2026-04-14"}, "end_date"),
])  # fmt: skip
def test_too_much_to_explain_is_refused(iphone: CasePhone, query: dict[str, Any], field: str) -> None:
    assert field in iphone.case.refused("summaries/activity", **query)


def test_seven_days_can_be_explained(iphone: CasePhone) -> None:
    iphone.sync(*steps(IPHONE, "15T08:00", [100]))
    week = {"start_date": "2026-04-09", "end_date": "2026-04-15"}
    assert len(iphone.case.get("summaries/activity", explain=1, **week)["data"]) == 1

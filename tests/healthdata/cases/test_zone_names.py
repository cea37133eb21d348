"""Zones as phones and vendors name them: what is understood counts, what is not is counted, and nothing is lost."""

import json
from typing import Any

import pytest

from healthdata.tasks import compute_figures
from providers.payloads.process import drain
from tests.healthdata.cases.phone import IPHONE, CasePhone, steps
from tests.providers.sync_bodies import sync

pytestmark = pytest.mark.django_db

WALK = steps(IPHONE, "15T20:00", [700])


def post(phone: CasePhone, zone: Any = None, offset: Any = None, at: str = "2026-04-15T21:00:00Z") -> dict[str, Any]:
    """Return a walk from a phone that says so of its clock; what became of it."""
    rows = [one if offset is None else one | {"zoneOffset": offset} for one in WALK]
    body = json.loads(sync("apple", records=rows)) | {"syncTimestamp": at, "timeZone": zone}
    headers = {"X-WearLink-API-Key": phone.case.key}
    path = f"/api/v1/sdk/users/{phone.user.id}/sync"
    answer = phone.case.client.post(path, json.dumps(body), content_type="application/json", headers=headers)
    assert answer.status_code == 202, answer.content
    drain(phone.user.key)
    compute_figures(phone.user.key)
    found: dict[str, Any] = phone.case.client.get(f"{path}/{answer.json()['batch_id']}", headers=headers).json()
    return found


@pytest.mark.parametrize(("zone", "day"), [
    ("Asia/Kolkata", "2026-04-16"), ("GMT+5:30", "2026-04-16"), ("UTC+05:30", "2026-04-16"), ("+0530", "2026-04-16"),
    ("America/Los_Angeles", "2026-04-15"), ("UTC-8", "2026-04-15"),
])  # fmt: skip
def test_names_and_fixed_offsets_of_a_phones_clock_are_understood(iphone: CasePhone, zone: str, day: str) -> None:
    batch = post(iphone, zone)
    assert (batch["status"], batch["inserted"], batch["rejected"]) == ("done", 1, {})
    assert iphone.days("steps") == {day: 700}


@pytest.mark.parametrize("zone", [
    "Pacific Standard Time", "W. Europe Standard Time", "Atlantis/Capital", "GMT+99", "../../etc/passwd", "ÅÄÖ" * 90,
    7, 5.5, ["Europe/Berlin"], {"id": "Europe/Berlin"}, True,
])  # fmt: skip
def test_other_names_are_counted_and_cost_nothing(iphone: CasePhone, zone: Any) -> None:
    batch = post(iphone, zone)
    assert (batch["status"], batch["inserted"], batch["rejected"]) == ("done", 1, {"unknown_zone": 1})
    assert batch["rejected_examples"][0]["field"] == "timeZone"
    assert iphone.days("steps") == {"2026-04-15": 700}


@pytest.mark.parametrize("zone", [None, "", "UTC", "GMT", "Etc/UTC", "Etc/GMT-5"])
def test_no_zone_and_that_of_no_place_say_nothing_and_are_no_fault(iphone: CasePhone, zone: Any) -> None:
    assert post(iphone, zone)["rejected"] == {}
    assert iphone.days("steps") == {"2026-04-15": 700}


def test_where_the_name_is_unknown_the_offset_of_the_clock_still_tells(iphone: CasePhone) -> None:
    assert post(iphone, "India Standard Time", at="2026-04-16T02:30:00+05:30")["rejected"] == {"unknown_zone": 1}
    assert iphone.days("steps") == {"2026-04-16": 700}


@pytest.mark.parametrize(("offset", "day"), [
    ("+05:30", "2026-04-16"), ("GMT+5:30", "2026-04-16"), ("+0530", "2026-04-16"), ("-08:00", "2026-04-15"),
])  # fmt: skip
def test_an_offset_of_a_record_is_read_however_it_is_written(iphone: CasePhone, offset: str, day: str) -> None:
    assert post(iphone, offset=offset)["rejected"] == {}
    assert iphone.days("steps") == {day: 700}


@pytest.mark.parametrize("offset", ["India Standard Time", "Asia/Kolkata", "+99:00", "east"])
def test_one_that_is_none_keeps_the_record_and_is_counted(iphone: CasePhone, offset: str) -> None:
    batch = post(iphone, offset=offset)
    assert (batch["inserted"], batch["rejected"]) == (1, {"unknown_zone": 1})
    assert batch["rejected_examples"][0] | {"field": "zoneOffset", "index": 0} == batch["rejected_examples"][0]
    assert iphone.days("steps") == {"2026-04-15": 700}

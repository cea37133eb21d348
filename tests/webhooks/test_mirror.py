"""A copy that is kept by webhooks alone is what REST lists, whatever happens; all over HTTP, to a customer's server."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from healthdata.webhooks import summary_updates
from tests.healthdata.cases import ring as rings
from tests.healthdata.cases.phone import IPHONE, SCALE, WATCH, CasePhone, rates, stages, steps, workout
from tests.healthdata.cases.ring import Ring
from tests.healthdata.cases.test_totals_and_standing import LONG
from tests.healthdata.reading import end_user, organization
from tests.healthdata.test_sources import send
from tests.providers.simulated import world
from tests.webhooks import making
from tests.webhooks.conftest import AdvancedClock
from tests.webhooks.receiver import Customer

__all__ = ["world"]
pytestmark = pytest.mark.django_db

KINDS = {"workout": "events/workouts", "sleep": "events/sleep", "health_score": "health-scores"}
RELATIONS = {"user_id", "replaces", "split_from"}
STRAVA = {**IPHONE, "appId": "com.strava.stravaride"}
NIGHT = [("light", 120), ("deep", 90), ("rem", 60), ("awake", 10), ("light", 100)]


@dataclass
class Mirror:
    """The listening customer's copy, by kind and id."""

    phone: CasePhone
    receiver: Customer
    read: int = 0
    rows: dict[str, dict[str, Any]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    payloads: list[dict[str, Any]] = field(default_factory=list)
    devices: dict[str, str | None] = field(default_factory=dict)  # of sources, by id

    def listen(self) -> list[str]:
        """Have everything delivered, and take it in; the types that came."""
        self.phone.sync()  # an empty post: the workers do what waits
        making.deliver()
        fresh = [one.payload for one in self.receiver.got[self.read :]]
        self.read += len(fresh)
        for message in sorted(fresh, key=lambda one: one["timestamp"]):
            kind, _, act = message["type"].rpartition(".")
            data = message["data"]
            if kind == "source":
                self._rename(data)
            if kind not in KINDS:
                continue
            if act == "deleted":
                del self.rows[kind][data["id"]]
            else:
                assert (data["id"] in self.rows[kind]) is (act == "updated"), message
                self.rows[kind][data["id"]] = {name: one for name, one in data.items() if name not in RELATIONS}
        self.payloads += fresh
        return [one["type"] for one in fresh]

    def _rename(self, source: dict[str, Any]) -> None:
        """A new name of a source stands in all its rows."""
        before, self.devices[source["id"]] = self.devices.get(source["id"]), source["device"]
        for rows in self.rows.values():
            for row in rows.values():
                if row.get("source", {}).get("device") == before:
                    row["source"]["device"] = source["device"]

    def check(self) -> list[str]:
        """The copy is what REST lists; the types that came."""
        types = self.listen()
        for kind, path in KINDS.items():
            listed = self.phone.case.get(path, start_date="2026-04-01", end_date="2026-05-01", limit=100)["data"]
            known = [one for one in listed if kind != "health_score" or one["score"] is not None]
            assert plain(self.rows[kind].values()) == plain(known), kind
        self.devices = {one["id"]: one["device"] for one in self.phone.case.get("sources")["data"]}
        return types


def plain(rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return rows by id, without a score's inputs, which may change without an event."""
    return {one["id"]: {name: value for name, value in one.items() if name != "inputs"} for one in rows}


@pytest.fixture
def mirror(receiver: Customer, db: None) -> Mirror:
    """Jane's phone, and a customer of hers who listens to everything."""
    tenant = organization("Alpha")
    making.endpoint(tenant, f"{receiver.url}/hook")
    return Mirror(CasePhone(end_user(tenant, time_zone="Europe/Berlin")), receiver)


@pytest.fixture
def ring(world: Any, settings: Any) -> Iterator[Ring]:
    with rings.running(world) as found:
        settings.PROVIDERS = {**settings.PROVIDERS, "PROVIDER_OURA_API_URL": found.url}
        yield found


def source_of(phone: CasePhone, device: str) -> str:
    found: str = next(one["id"] for one in phone.case.get("sources")["data"] if one["device"] == device)
    return found


def test_nights_and_workouts_that_come_grow_join_and_are_corrected(mirror: Mirror) -> None:
    phone = mirror.phone
    phone.sync(
        sleep=stages(WATCH, "14T21:00", NIGHT), workouts=[workout(WATCH, "15T15:00", 35, "w", distance=(5200, "m"))]
    )
    assert {"sleep.created", "workout.created", "health_score.created"} <= {*mirror.check()}
    phone.sync(workouts=[workout(STRAVA, "15T15:01", 34, "s", distance=(5190, "m"))])
    assert "workout.created" in mirror.check()
    phone.sync(workouts=[workout(WATCH, "15T15:00", 35, "w", distance=(5300, "m"))])
    assert "workout.updated" in mirror.check()
    phone.sync(sleep=stages(WATCH, "14T21:00", [("light", 100), ("deep", 110), ("rem", 90)]))
    assert "sleep.updated" in mirror.check()
    phone.sync(sleep=stages(WATCH, "15T21:00", [("light", 120), ("deep", 60)]))
    phone.sync(sleep=stages(WATCH, "16T04:00", [("light", 150)]))
    mirror.check()
    phone.sync(sleep=stages(WATCH, "16T00:00", [("rem", 240)]))
    assert {"sleep.deleted", "sleep.updated"} <= {*mirror.check()}
    phone.sync(sleep=stages(IPHONE, "15T20:40", [("in_bed", 600)]))
    assert mirror.check() == ["sleep.created"]
    phone.sync(*rates(WATCH, "14T21:00", 80, 52))  # a night's mean heart rate
    assert "sleep.updated" in mirror.check()


@pytest.mark.parametrize("act", ["hide", "merge", "rename", "order", "exclude", "zone"])
def test_what_an_end_user_is_set_to(mirror: Mirror, act: str) -> None:
    phone = mirror.phone
    phone.sync(
        *steps(WATCH, "15T10:00", [500] * 3), *steps(IPHONE, "15T10:00", [450] * 5),
        sleep=[*stages(WATCH, "14T21:00", NIGHT), *stages(STRAVA, "14T21:05", [("light", 200), ("deep", 160)])],
        workouts=[workout(WATCH, "15T22:10", 35, "w", distance=(5200, "m")), workout(STRAVA, "15T22:11", 34, "s")],
    )  # fmt: skip
    mirror.check()
    watch, app = source_of(phone, "Apple Watch"), source_of(phone, "Strava")
    if act == "hide":
        send(phone.case, "patch", f"sources/{watch}", {"is_hidden": True})
    elif act == "merge":
        send(phone.case, "patch", f"sources/{watch}", {"merged_into": app})
    elif act == "rename":
        send(phone.case, "patch", f"sources/{watch}", {"name": "The old one"})
    elif act == "zone":
        send(phone.case, "patch", "", {"time_zone": "Asia/Tokyo", "valid_from": "2020-01-01T00:00:00Z"})
    else:
        order = ["unknown", "watch"] if act == "order" else ["-watch"]
        send(phone.case, "patch", "", {"source_priority": {"*": order}})
    assert ("source.updated" in mirror.check()) is (act in {"hide", "merge", "rename"})


def test_what_a_vendor_deletes(mirror: Mirror, ring: Ring) -> None:
    ring.connect(mirror.phone.case)
    ring.push("sleep", **LONG)
    ring.push("daily_readiness", id="r", day="2026-04-15", score=81, contributors={})
    ring.push("workout", id="w", day="2026-04-15", activity="running", intensity="moderate", source="manual",
              start_datetime="2026-04-15T06:00:00+00:00", end_datetime="2026-04-15T06:35:00+00:00")  # fmt: skip
    assert {"sleep.created", "health_score.created", "workout.created"} <= {*mirror.check()}
    ring.push("daily_readiness", id="r", day="2026-04-15", score=83, contributors={})
    assert "health_score.updated" in mirror.check()
    gone = {"sleep": "long", "daily_readiness": "r", "workout": "w"}
    for (kind, name), event in zip(gone.items(), ("sleep", "health_score", "workout"), strict=True):
        ring.delete(kind, name)
        assert f"{event}.deleted" in mirror.check()
    assert mirror.rows == {"workout": {}, "sleep": {}, "health_score": {}}


def test_figures_of_days_say_that_they_changed(mirror: Mirror, time_machine: AdvancedClock) -> None:
    phone = mirror.phone

    def reported_metrics() -> dict[str, list[str]]:
        time_machine.forward(minutes=6)
        summary_updates.emit_due()
        mirror.listen()
        events = [one["data"] for one in mirror.payloads if one["type"] == "daily_summary.updated"]
        mirror.payloads.clear()
        return {day["date"]: day["metrics"] for one in events for day in one["days"]}

    phone.sync(*steps(WATCH, "15T10:00", [500] * 3), *steps(IPHONE, "15T10:00", [450] * 5))
    assert reported_metrics() == {"2026-04-15": ["steps"]}
    phone.sync(*steps(WATCH, "15T10:00", [500] * 3))
    assert reported_metrics() == {}
    send(phone.case, "patch", f"sources/{source_of(phone, 'iPhone')}", {"is_hidden": True})
    phone.sync()
    assert reported_metrics() == {"2026-04-15": ["steps"]}
    send(phone.case, "patch", "", {"time_zone": "Pacific/Auckland", "valid_from": "2020-01-01T00:00:00Z"})
    phone.sync()
    assert set(reported_metrics()) == {"2026-04-15", "2026-04-16"}
    phone.sync(
        *(
            one | {"type": "HKQuantityTypeIdentifierBodyMass", "unit": "kg", "value": 70}
            for one in steps(SCALE, "15T07:00", [1])
        )
    )
    assert reported_metrics() == {}, "a weight is no figure of the activity of a day"


def test_an_end_user_who_is_erased(mirror: Mirror) -> None:
    mirror.phone.sync(*steps(WATCH, "15T10:00", [500]))
    mirror.check()
    case = mirror.phone.case
    answer = case.client.delete(case.url("").rstrip("/"), headers={"X-WearLink-API-Key": case.key})
    assert answer.status_code in (202, 204), answer.content
    making.deliver()
    [last] = [one.payload for one in mirror.receiver.got if one.payload["type"] == "user.deleted"]
    assert last["data"]["user_id"] == str(case.end_user.id)

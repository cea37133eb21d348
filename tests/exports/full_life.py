"""An end user of whom everything is known: every kind of record, several sources, decisions about them, meals, a
connection."""

from datetime import date
from typing import Any

from accounts.models import EndUser
from healthdata.models import Source
from healthdata.records import DailyRecord, Record, Sample, Score, SourceInfo, StageRecord, WorkoutRecord
from healthdata.store import store
from providers.models import Connection
from tests import factories
from tests.healthdata.reading import HOUR, MINUTE, RING, WATCH, at, every, stages
from tests.nutrition.calls import enter, path, send_photo

PHONE = SourceInfo(provider="apple", model="iPhone14,2", name='=HYPERLINK("x")', device_type="phone")
OLD_WATCH = SourceInfo(provider="apple", model="Watch5,1", device_type="watch")
FOOD_APP = SourceInfo(provider="apple", device_type="manual", app="Plates", writer="plates")
FIRST, LAST = date(2026, 4, 14), date(2026, 4, 16)


def live(jane: EndUser) -> EndUser:
    store(jane.key, [samples(), sessions()])
    _decide(jane)
    client = factories.key_client(jane.organization)
    macros = {"calories_kcal": 300, "protein_g": 7.5}
    enter(client, jane, {"dish_name": "my own soup", "quantity_grams": 250, **macros}, note="späte Suppe")
    send_photo(client, jane)
    deleted = enter(client, jane, {"dish_name": "toast", "quantity_grams": 40, **macros}).json()["id"]
    client.delete(path(jane, f"log/{deleted}"))
    Connection.objects.create(
        user_key=jane.key, organization_id=jane.organization_id, provider="oura", account="ring-1", scopes=["daily"]
    )
    return jane


def samples() -> list[Record]:
    """Return instants, amounts, zones that differ within a chunk, two values of one instant, vendors'
    figures of days.
    """
    moment = at("2026-04-15T12:00:00.250Z")
    kept = [Sample(FOOD_APP, "dietary_protein", moment, grams, None, 120) for grams in (4.123456789, 11.0)]
    travelled = [
        Sample(
            WATCH,
            "heart_rate",
            at("2026-04-15T20:00:00Z") + step * MINUTE,
            60.0 + step,
            None,
            120 if step < 3 else -330,
        )
        for step in range(6)
    ]
    return [
        *every(5_000, "2026-04-15T06:00:00Z", 900, source=WATCH, series="heart_rate", value=71.0, zone=120),
        *every(MINUTE, "2026-04-15T07:00:00Z", 60, source=PHONE, series="steps", value=90.0, duration=MINUTE, zone=120),
        *every(HOUR, "2026-04-14T00:00:00Z", 24, source=OLD_WATCH, series="heart_rate", value=1e-7),
        *travelled,
        *kept,
        DailyRecord(RING, "steps", date(2026, 4, 15), 8_000.5, 120),
        DailyRecord(RING, "resting_heart_rate", date(2026, 4, 16), 51.25),
    ]


def sessions() -> list[Record]:
    """Return a night with time in bed around it, a nap, a workout with all there is to one, scores."""
    bed = at("2026-04-14T21:40:00Z")
    return [
        StageRecord(WATCH, bed, bed + 9 * HOUR, "in_bed", 120),
        *stages("2026-04-14T22:00:00Z", [("light", 90), ("deep", 60), ("awake", 20), ("rem", 90), ("light", 200)]),
        *stages("2026-04-15T13:00:00Z", [("sleeping", 40)], source=RING, nap=True),
        WorkoutRecord(
            WATCH, "running", at("2026-04-15T07:00:00Z"), at("2026-04-15T07:35:00Z"), 120,
            title="Along the river", notes="Wind", distance_meters=5200.04, calories_kcal=342.0,
            avg_heart_rate_bpm=145.0, details={"indoor": False, "average_met": 9.1}, laps=[{"distance": 1000}],
            duration_seconds=2040.0, external_id="w-1",
        ),
        Score(RING, date(2026, 4, 15), "readiness", 81, 0, 100, external_id="s-1", components={"hrv_balance": 70.0}),
    ]  # fmt: skip


def _decide(jane: EndUser) -> None:
    """One source is renamed, one counts as another, one is hidden."""
    rows = {row.model or row.provider: row for row in Source.objects.filter(user_key=jane.key)}
    watch, old = rows["Watch6,3"], rows["Watch5,1"]
    Source.objects.filter(pk=watch.pk).update(label="Jane's watch")
    Source.objects.filter(pk=old.pk).update(merged_into=watch.pk)
    Source.objects.filter(pk=rows["iPhone14,2"].pk).update(is_hidden=True)


def reads(jane: EndUser) -> dict[str, Any]:
    """Return what the API answers of her, by path."""
    client = factories.key_client(jane.organization)
    days = "start_date=2026-04-13&end_date=2026-04-17"
    lists = {
        "timeseries": "timeseries?start_time=2026-04-13T00:00:00Z&end_time=2026-04-18T00:00:00Z&limit=1000",
        "hours": "timeseries?start_time=2026-04-13T00:00:00Z&end_time=2026-04-18T00:00:00Z&limit=1000&resolution=1hour",
        "workouts": f"events/workouts?{days}",
        "sleep": f"events/sleep?{days}",
        "scores": "health-scores",
        "activity": f"summaries/activity?{days}",
        "nights": f"summaries/sleep?{days}",
        "body": f"summaries/body?{days}",
        "data": "summaries/data",
        "sources": "sources",
    }
    found = {name: _got(client, f"/api/v1/users/{jane.id}/{rest}") for name, rest in lists.items()}
    for name, kind in (("workouts", "workouts"), ("sleep", "sleep")):
        for one in found[name]["data"]:
            shown = _got(client, f"/api/v1/users/{jane.id}/events/{kind}/{one['id']}")
            found[f"{name} {one['start_time']}"] = shown
    found["meals"] = _got(client, path(jane, "log"))
    return found


def _got(client: Any, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return answer.json()

"""The documents of a collection that a simulated account has at a moment, with revisions and deletions applied."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from providers.adapters.oura.simulated import days, workouts
from providers.adapters.oura.simulated.days import Document
from providers.adapters.oura.simulated.nights import ZONE, OuraNight, local
from providers.simulator.noise import name_of
from providers.simulator.state import VendorState

HISTORY: Final = 60  # days
NIGHTLY: Final = frozenset({"daily_sleep", "daily_readiness"})
DAILY: Final = (
    *("daily_spo2", "daily_stress", "daily_resilience", "daily_cardiovascular_age", "vO2_max", "sleep_time"),
)
EVENTS: Final = {"workout": workouts.workout, "session": days.session}
LISTED: Final = frozenset({"sleep", "daily_activity", "enhanced_tag", "rest_mode_period", "tag"}) | {
    *NIGHTLY, *DAILY, *EVENTS,
}  # fmt: skip


def today(now: int) -> date:
    """Return the date where the people live."""
    return datetime.fromtimestamp(now / 1000, UTC).astimezone(ZONE).date()


def listed(collection: str, account: str, first: date, last: date, state: VendorState, now: int) -> list[Document]:
    """Return those of [first, last], oldest first."""
    oldest = max(first, today(now) - timedelta(days=HISTORY))
    found = [_of_day(collection, account, day, state, now) for day in days.days_between(oldest, min(last, today(now)))]
    return [document for document in found if document is not None and document["id"] not in state.deleted]


def find(collection: str, account: str, object_id: str, state: VendorState, now: int) -> Document | None:
    end = today(now)
    for document in listed(collection, account, end - timedelta(days=HISTORY), end, state, now):
        if document["id"] == object_id:
            return document
    return None


def _of_day(collection: str, account: str, day: date, state: VendorState, now: int) -> Document | None:
    night = OuraNight(account, day, state.revisions[name_of("sleep", account, day)])
    if collection == "sleep":
        return night.document() if night.known_at <= now else None
    if collection in NIGHTLY:
        return days.scored(collection, account, day, night) if night.known_at <= now else None
    if collection == "daily_activity":
        return days.activity(account, day, now) if local(day, 240) <= now else None
    if collection in EVENTS:
        found = EVENTS[collection](account, day)
        revised = state.revisions[name_of(collection, account, day)]
        return None if found is None or found[0] > now else _revised(found[1], revised)
    if collection == "enhanced_tag" and day.weekday() == 4 and local(day, 1200) <= now:
        return _tag(account, day)
    return days.simple(collection, account, day) if night.known_at <= now else None


def _revised(document: Document, times: int) -> Document:
    if times and document.get("calories") is not None:
        return {**document, "calories": round(document["calories"] + 100 * times, 1), "source": "confirmed"}
    return document


def _tag(account: str, day: date) -> Document:
    return {
        "id": name_of("enhanced_tag", account, day), "tag_type_code": "tag_generic_alcohol",
        "start_time": f"{day}T20:00:00+01:00", "end_time": None, "start_day": day.isoformat(), "end_day": None,
        "comment": None, "custom_name": None,
    }  # fmt: skip


def changed(account: str, before: int, now: int) -> Iterator[tuple[str, str, str]]:
    """Yield (action, collection, id) of what came or grew between two moments."""
    day = today(now)
    night = OuraNight(account, day)
    if before < night.known_at <= now:
        for collection in ("sleep", *sorted(NIGHTLY), "daily_spo2", "daily_stress", "daily_resilience"):
            yield "create", collection, name_of(collection, account, day)
    for collection, make in EVENTS.items():
        found = make(account, day)
        if found is not None and before < found[0] <= now:
            yield "create", collection, found[1]["id"]
    if local(day, 240) <= now:
        yield "update", "daily_activity", name_of("daily_activity", account, day)


def profile(account: str) -> dict[str, Any]:
    return {"id": account, "age": 38, "weight": 71.6, "height": 1.77, "biological_sex": "female", "email": None}


def ring() -> Document:
    return {
        "id": name_of("ring"), "color": "titanium", "design": None, "firmware_version": "4.1.2",
        "hardware_type": "gen4", "set_up_at": "2025-11-20T08:30:00.000Z", "size": 8,
    }  # fmt: skip

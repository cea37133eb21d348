"""One activity, summary or detail → a Workout."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from healthdata.catalogue import OTHER
from healthdata.records import SourceInfo, WorkoutRecord
from providers.adapters.strava.normalise import extras
from providers.adapters.strava.normalise.fields import FIGURES, PULSE
from providers.adapters.strava.normalise.sports import FEET, ON_TRAINER, RIDES, SPORTS
from providers.contract.json_items import MINUTE_MS, JsonItem

# The device is a detail of the workout: older summaries lack it, and one activity must not have two sources.
STRAVA: Final = SourceInfo("strava", name="Strava", app="Strava")
SUMMARY: Final = 2
MAX_DETAIL: Final = 3
HIDDEN: Final = "T00:00:01"  # what "hidden start time" leaves of the local time of the start
MAX_SECONDS: Final = 14 * 86_400
FURTHEST: Final = 18 * 60


class ParsedActivity(msgspec.Struct, frozen=True):
    """A workout and what reading its streams needs to know. hidden: the start is not the true one."""

    workout: WorkoutRecord
    sport: str
    hidden: bool
    measured_power: bool


def read(item: JsonItem, zones: list[Any] = []) -> ParsedActivity | None:  # noqa: B006 - never changed
    """Return None for what is no activity; why, is among the item's refusals."""
    document, started = item.identity(), item.instant("start_date")
    if started is None and item.fields.get("start_date") is None:
        item.refuse("start_date", "missing_field")
    elapsed = item.number("elapsed_time")
    if document is None or started is None:
        return None
    if elapsed is None or not 0 <= elapsed <= MAX_SECONDS:
        item.refuse("elapsed_time", "missing_field" if elapsed is None else "out_of_range")
        return None
    sport = item.text("sport_type") or item.text("type") or ""
    kind = SPORTS.get(sport)
    if kind is None:
        item.refuse("sport_type", "unknown_type")
    if item.flag("trainer"):
        kind = ON_TRAINER.get(kind or "", kind)
    start, hidden = started[0], HIDDEN in str(item.fields.get("start_date_local"))
    workout = _workout(item, document, kind, sport, (start, start + round(elapsed * 1000)), hidden, zones)
    return ParsedActivity(workout, sport, hidden, item.flag("device_watts") is True)


def _workout(
    item: JsonItem, document: str, kind: str | None, sport: str, span: tuple[int, int], hidden: bool, zones: list[Any]
) -> WorkoutRecord:
    calories, estimated = _calories(item, sport)
    details = extras.details(item, foot=sport in FEET, zones=zones)
    if hidden:
        details["start_time_hidden"] = True
    if estimated:
        details["calories_estimated"] = True
    named = SPORTS.get(sport, OTHER) != OTHER
    return WorkoutRecord(
        source=STRAVA,
        type=kind or OTHER,
        start=span[0],
        end=span[1],
        zone=zone_of(item, span[0]),
        external_id=document,
        version=min(max(int(item.number("resource_state") or SUMMARY), 0), MAX_DETAIL),
        original_type=None if named else sport[:100] or None,
        title=item.text("name", 500),
        notes=item.text("description", 10_000),
        duration_seconds=item.measure("moving_time", "handwashing_seconds"),
        calories_kcal=calories,
        elevation_gain_meters=_gain(item),
        average_power_watts=item.measure("average_watts", "power") if item.flag("device_watts") else None,
        details=details,
        laps=list(extras.laps(item)),
        **dict(_figures(item)),
    )


def _figures(item: JsonItem) -> Iterator[tuple[str, Any]]:
    """Yield the figures; a distance or speed of 0 is one that nobody measured: indoors, or entered by hand."""
    for field, (name, series) in FIGURES.items():
        yield name, item.measure(field, series) or None
    if item.flag("has_heartrate") is not False:
        for field, name in PULSE.items():
            yield name, item.measure(field, "heart_rate")


def _gain(item: JsonItem) -> float | None:
    """Return the climb in metres: 0 is flat where there is an altitude, and unknown where there is none."""
    gain = item.measure("total_elevation_gain", "elevation_gain")
    return gain if gain or item.fields.get("elev_high") is not None else None


def _calories(item: JsonItem, sport: str) -> tuple[float | None, bool]:
    """Return energy, and whether it is a guess: a rider's body spends about a kilocalorie for each
    kilojoule of work.
    """
    stated = item.measure("calories", "active_calories")
    if stated:
        return stated, False
    work = item.measure("kilojoules", "active_calories") if sport in RIDES else None
    return (work, True) if work else (None, False)


def zone_of(item: JsonItem, start: int) -> int | None:
    """Return minutes east of UTC at the start: utc_offset, which knows summer time, else the zone's name."""
    offset = item.number("utc_offset")
    if offset is not None and abs(offset) <= FURTHEST * 60:
        return round(offset / 60)
    name = (item.text("timezone") or "").rpartition(") ")[2]
    if not re.fullmatch(r"[A-Za-z]+(/[A-Za-z0-9_+-]+){0,2}", name):
        return None
    try:
        shift = datetime.fromtimestamp(start / 1000, UTC).astimezone(ZoneInfo(name)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return None if shift is None else round(shift.total_seconds() * 1000) // MINUTE_MS

"""exercise: a workout with its zones, recorded series and route."""

from collections.abc import Iterator
from statistics import median
from typing import Any, Final

from healthdata.records import Record, Sample, WorkoutRecord
from healthdata.units import BOUNDS
from providers.adapters.polar.normalise.source import POLAR, local, seconds_of
from providers.adapters.polar.normalise.sports import POSITION, RECORDED, RR, kind_of, series_of
from providers.contract import Retraction
from providers.contract.json_items import JsonItem

SERIES: Final = (*dict.fromkeys(name for names in RECORDED.values() for name in names.values()), RR, *POSITION)
LOADS: Final = {
    "cardio-load": "cardio_load",
    "muscle-load": "muscle_load",
    "perceived-load": "perceived_load",
    "user-rpe": "perceived_exertion",
}
DETAILS: Final = {"training_load": "training_load", "running-index": "running_index"}
SPEED, STEPS, PULSE, RR_TYPE = "1", "8", "0", "11"
ONE_FOOT: Final = 120  # steps a minute: runners' medians below it count one foot
MAX_DURATION_SECONDS: Final = 7 * 86_400


def read(item: JsonItem) -> Iterator[Record | Retraction]:
    """Yield all of it under the id of Polar's, so that another upload of it replaces the whole."""
    name, start = item.identity(), local(item, "start_time", "start_time_utc_offset")
    seconds = seconds_of(item, "duration")
    for field, found in (("start_time", start), ("duration", seconds)):
        if found is None and item.fields.get(field) is None:
            item.refuse(field, "missing_field")
    if name is None or start is None or seconds is None:
        return
    if seconds > MAX_DURATION_SECONDS:
        item.refuse("duration", "out_of_range")
        return
    workout = _workout(item, name, start[0], start[1], seconds)
    yield Retraction(name)
    yield workout
    for row in item.array("samples"):
        if isinstance(row, dict):
            yield from _recorded(JsonItem(row, item.collection, item.index, item.context, item.refused), workout)
    yield from _route(item, workout)


def _workout(item: JsonItem, name: str, start: int, zone: int | None, seconds: float) -> WorkoutRecord:
    raw = item.text("detailed_sport_info") or item.text("sport") or ""
    kind, known = kind_of(item.text("detailed_sport_info"), item.text("sport"))
    if raw and not known:
        item.refuse("detailed_sport_info", "unknown_type")
    pulse = item.nested("heart_rate")
    return WorkoutRecord(
        source=POLAR,
        type=kind,
        start=start,
        end=start + round(seconds * 1000),
        zone=zone,
        external_id=name,
        original_type=raw[:100] if raw and (kind == "other" or not known) else None,
        duration_seconds=seconds,
        distance_meters=item.measure("distance", "distance_unspecified") or None,
        calories_kcal=item.measure("calories", "total_calories"),
        avg_heart_rate_bpm=_beats(pulse, "average"),
        max_heart_rate_bpm=_beats(pulse, "maximum"),
        details=_details(item),
    )


def _beats(pulse: JsonItem | None, field: str) -> float | None:
    return pulse.measure(field, "heart_rate") if pulse is not None and pulse.fields.get(field) != 0 else None


def _details(item: JsonItem) -> dict[str, float | str | bool]:
    details: dict[str, float | str | bool] = {}
    for field, name in DETAILS.items():
        if (value := item.number(field)) is not None:
            details[name] = value
    if (device := item.text("device")) is not None:
        details["device_name"] = device
    loads = item.nested("training_load_pro")
    for field, name in LOADS.items() if loads is not None else ():
        found = loads.fields.get(field) if loads is not None else None
        if isinstance(found, int | float | str) and not isinstance(found, bool):
            details[name] = found if isinstance(found, str) else float(found)
    for row in item.array("heart_rate_zones"):
        zone = JsonItem(row if isinstance(row, dict) else {}, item.collection, item.index, item.context, item.refused)
        index, spent, lower = zone.number("index"), seconds_of(zone, "in-zone"), zone.number("lower-limit")
        if index is not None and spent is not None:
            details[f"heart_rate_zone_{index:.0f}_seconds"] = spent
            if lower is not None:
                details[f"heart_rate_zone_{index:.0f}_from_bpm"] = lower
    return details


def _recorded(item: JsonItem, workout: WorkoutRecord) -> Iterator[Sample]:
    """Reading i is at start + i · rate seconds; a null keeps its place. Intervals between beats add up instead."""
    kind = str(item.fields.get("sample-type", item.fields.get("sample_type", "")))
    series = RR if kind == RR_TYPE else series_of(kind, workout.type)
    text = item.text("data", 10_000_000)
    rate = item.number("recording-rate") or item.number("recording_rate") or 0.0
    if not series or text is None or (kind != RR_TYPE and rate <= 0):
        return
    values = [_number(part) for part in text.split(",")]
    if kind == SPEED:  # km/h
        values = [None if value is None else value / 3.6 for value in values]
    if kind == STEPS and median([value for value in values if value] or [ONE_FOOT]) < ONE_FOOT:
        values = [None if value is None else value * 2 for value in values]
    (low, high), refused, at = BOUNDS[series], False, float(workout.start)
    for value in values:
        taken = value is not None and not (kind == PULSE and value == 0)
        if value is not None and taken and low <= value <= high:
            yield Sample(POLAR, series, round(at), value, None, workout.zone, workout.external_id)
        elif taken:
            refused = True
        at += (value or 0.0) if kind == RR_TYPE else rate * 1000
    if refused:
        item.refuse("samples", "out_of_range")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e9 else None


def _route(item: JsonItem, workout: WorkoutRecord) -> Iterator[Sample]:
    """Yield positions at durations from the start; half a position is none."""
    wrong = False
    for row in item.array("route"):
        point = JsonItem(row if isinstance(row, dict) else {}, item.collection, item.index, item.context, item.refused)
        after = seconds_of(point, "time")
        degrees = [point.fields.get(name) for name in POSITION]
        if after is None or after > MAX_DURATION_SECONDS or not all(map(_is_degree, POSITION, degrees)):
            wrong = True
            continue
        for series, value in zip(POSITION, degrees, strict=True):
            at = workout.start + round(after * 1000)
            yield Sample(POLAR, series, at, float(value or 0), None, workout.zone, workout.external_id)
    if wrong:
        item.refuse("route", "out_of_range")


def _is_degree(series: str, value: Any) -> bool:
    low, high = BOUNDS[series]
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

"""Normalisation of activity, cardio_load and physical_info."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from healthdata.records import DailyRecord, Record, Sample
from healthdata.units import acceptable
from providers.adapters.polar.normalise.source import POLAR, on_the_wearers_clock, seconds_of
from providers.contract import Retraction
from providers.contract.dates import moment
from providers.contract.json_items import DAY_MS, JsonItem
from wearlink.lib.errors import InvalidInput

FIGURES: Final = {
    "steps": "steps",
    "calories": "total_calories",  # with what the body burns at rest
    "active_calories": "active_calories",
    "distance_from_steps": "distance_walking_running",
}
ACTIVE: Final = "active_time"
LOAD: Final = "training_load"
NO_LOAD: Final = frozenset({"LOAD_STATUS_NOT_AVAILABLE", "UNRECOGNIZED"})
GUESSED: Final = frozenset({"SOURCE_DEFAULT", "SOURCE_ESTIMATE"})
PROFILE: Final = {"weight": "weight", "height": "height", "vo2_max": "vo2_max"}
SERIES: Final = (*FIGURES.values(), ACTIVE, LOAD, *PROFILE.values())
MIN_INTERVAL_MS: Final = 1000


def activity(item: JsonItem) -> Iterator[Record | Retraction]:
    """Yield a day, which grows until it is over. Its start and end are the local calendar day."""
    start = item.text("start_time")
    if start is None:
        item.refuse("start_time", "missing_field")
        return
    day = JsonItem({"date": start[:10]}, item.collection, item.index, item.context, item.refused).day("date")
    if day is None:
        return
    for field, series in FIGURES.items():
        value = item.measure(field, series)
        if value is not None:
            yield DailyRecord(POLAR, series, day, value)
    active = seconds_of(item, "active_duration")
    if active is not None and acceptable(ACTIVE, active / 60) is None:
        yield DailyRecord(POLAR, ACTIVE, day, active / 60)
    samples = item.nested("samples")
    steps = None if samples is None else samples.nested("steps")
    if steps is not None:
        yield Retraction(f"steps-{day}")
        yield from _steps(steps, day)


def _steps(item: JsonItem, day: date) -> Iterator[Sample]:
    """Yield values; one that stays is sent once: a gap longer than the interval repeats the one before it. Only what
    adds up to the total is taken, since else the reading of the gaps would be wrong.
    """
    interval, total = item.number("interval_ms"), item.number("total_steps")
    if interval is None or not MIN_INTERVAL_MS <= interval <= DAY_MS:
        return
    step, found = round(interval), _stamped(item)
    edges = [at for at, _ in found]
    runs = zip(found, [*edges[1:], edges[-1] + step if edges else 0], strict=True)
    counted = [(at, value) for (first, value), last in runs if value for at in range(first, last, step)]
    if total is not None and abs(sum(value for _, value in counted) - total) > 0.5:
        item.refuse("total_steps", "total_mismatch")
        return
    for at, value in counted:
        start = on_the_wearers_clock(item, at)
        yield Sample(POLAR, "steps", start, value, step, None, f"steps-{day}")


def _stamped(item: JsonItem) -> list[tuple[int, float]]:
    """Return (wall ms, steps) in order; what is no such pair is noted once."""
    found, wrong = [], False
    for row in item.array("samples"):
        pair = _pair(row)
        if pair is None:
            wrong = True
        else:
            found.append(pair)
    if wrong:
        item.refuse("samples", "bad_sample")
    found.sort()
    return found if not found or found[-1][0] - found[0][0] < 2 * DAY_MS else []


def _pair(row: Any) -> tuple[int, float] | None:
    steps, text = (row.get("steps"), row.get("timestamp")) if isinstance(row, dict) else (None, None)
    if not isinstance(text, str) or not isinstance(steps, int | float) or acceptable("steps", steps):
        return None
    try:
        return moment(text[:19]), float(steps)
    except InvalidInput:
        return None


def cardio_load(item: JsonItem) -> Iterator[Record]:
    """Yield the load of a day; days without a load are listed, too."""
    day, status = item.day("date"), item.text("cardio_load_status")
    if day is None or status is None or status in NO_LOAD:
        return
    value = item.measure("cardio_load", LOAD)
    if value is not None:
        yield DailyRecord(POLAR, LOAD, day, value)


def physical_info(item: JsonItem) -> Iterator[Record]:
    """Yield the profile's figures as of when the end user changed it. A weight that Polar made up is none, nor are
    heart rates of the profile.
    """
    at = item.instant("modified") or item.instant("created")
    if at is None:
        return
    for field, series in PROFILE.items():
        if field == "weight" and item.text("weight_source") in GUESSED:
            continue
        value = item.measure(field, series) if item.fields.get(field) != 0 else None
        if value is not None:
            yield Sample(POLAR, series, at[0], value)

"""The parts of an activity that have no field of their own: details, laps, gear, time in zones."""

from collections.abc import Iterator
from typing import Any, Final

from healthdata.units import acceptable
from providers.adapters.strava.normalise.fields import DETAILS, FLAGS, POWER, SUBTYPES, WORDS
from providers.adapters.strava.normalise.sports import POSITION
from providers.contract.json_items import JsonItem
from wearlink.lib.clock import rfc3339

Details = dict[str, float | str | bool]
ZONES: Final = {"heartrate": ("heart_rate", "bpm"), "power": ("power", "watts")}
LAP: Final = {
    "distance": ("distance_meters", "distance_unspecified"),
    "moving_time": ("moving_time_seconds", "handwashing_seconds"),
    "average_speed": ("average_speed_mps", "speed"),
    "max_speed": ("max_speed_mps", "speed"),
    "average_heartrate": ("average_heart_rate_bpm", "heart_rate"),
    "max_heartrate": ("max_heart_rate_bpm", "heart_rate"),
    "average_watts": ("average_power_watts", "power"),
    "total_elevation_gain": ("elevation_gain_meters", "elevation_gain"),
}
MAX_LAPS: Final = 1_000
MAX_POLYLINE: Final = 100_000


def details(item: JsonItem, *, foot: bool, zones: list[Any]) -> Details:
    """Return figures, flags and words under the names of this product. foot: cadence counts one foot only."""
    found: Details = {}
    for field, (name, series) in DETAILS.items():
        if (value := item.measure(field, series)) is not None:
            found[name] = value
    for field, name in FLAGS.items():
        if (flag := item.flag(field)) is not None:
            found[name] = flag
    for field, name in WORDS.items():
        if (word := item.text(field)) is not None:
            found[name] = word
    if (cadence := item.measure("average_cadence", "cadence", 2.0 if foot else 1.0)) is not None:
        found["average_cadence_per_minute"] = cadence
    found |= _power(item) | _gear(item) | _place(item) | _zones(item, zones)
    subtype = SUBTYPES.get(int(item.number("workout_type") or 0))
    if subtype is not None:
        found["workout_subtype"] = subtype
    return found


def _power(item: JsonItem) -> Details:
    """Watts without a meter are Strava's own guess, and are called that."""
    measured = item.flag("device_watts") is True
    found: Details = {}
    for field, name in POWER.items():
        if measured and (value := item.measure(field, "power")) is not None:
            found[name] = value
    if not measured and (value := item.measure("average_watts", "power")) is not None:
        found["estimated_average_power_watts"] = value
    return found


def _gear(item: JsonItem) -> Details:
    gear = item.nested("gear")
    found: Details = {}
    if gear is not None:
        if (name := gear.text("name")) is not None:
            found["gear_name"] = name
        if (distance := gear.number("distance")) is not None:
            found["gear_distance_meters"] = distance
    return found


def _place(item: JsonItem) -> Details:
    """Return where it began (an empty list where that is unknown), and the line on the map."""
    found: Details = {}
    point = item.array("start_latlng")
    if len(point) == len(POSITION) and all(map(_degrees, POSITION, point)):
        found |= {f"start_{name}": float(degrees) for name, degrees in zip(POSITION, point, strict=True)}
    line = item.nested("map")
    if line is not None:
        polyline = line.text("polyline", MAX_POLYLINE) or line.text("summary_polyline", MAX_POLYLINE)
        if polyline is not None:
            found["polyline"] = polyline
    return found


def _degrees(series: str, value: Any) -> bool:
    return isinstance(value, int | float) and acceptable(series, value) is None


def _zones(item: JsonItem, zones: list[Any]) -> Details:
    """Return seconds in each zone, zones counted from 1, and where each begins. The last has no upper end (max -1)."""
    found: Details = {}
    for index, row in enumerate(zones):
        if not isinstance(row, dict) or row.get("type") not in ZONES:
            continue
        name, unit = ZONES[row["type"]]
        box = JsonItem(row, "zones", index, item.context, item.refused)
        for number, bucket in enumerate(box.array("distribution_buckets"), 1):
            if isinstance(bucket, dict):
                part = JsonItem(bucket, "zones", index, item.context, item.refused)
                seconds, begins = part.number("time"), part.number("min")
                if seconds is not None and seconds >= 0:
                    found[f"{name}_zone_{number}_seconds"] = seconds
                if begins is not None:
                    found[f"{name}_zone_{number}_from_{unit}"] = begins
    return found


def laps(item: JsonItem) -> Iterator[dict[str, object]]:
    """Laps as the device or the end user cut them; in details only."""
    for number, row in enumerate(item.array("laps")[:MAX_LAPS]):
        if not isinstance(row, dict):
            item.refuse(f"laps[{number}]", "not_an_object")
            continue
        lap = JsonItem(row, item.collection, item.index, item.context, item.refused, f"laps[{number}].")
        started, elapsed = lap.instant("start_date"), lap.number("elapsed_time")
        if started is None or elapsed is None or elapsed < 0:
            lap.refuse("start_date" if started is None else "elapsed_time", "missing_field")
            continue
        times: dict[str, object] = {
            "start_time": rfc3339(started[0]),
            "end_time": rfc3339(started[0] + round(elapsed * 1000)),
        }
        yield times | {name: lap.measure(field, series) for field, (name, series) in LAP.items()}

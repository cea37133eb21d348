"""activities and manuallyUpdatedActivities: one workout each; an edit changes it in place, for its id stays."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from healthdata.catalogue import OTHER
from healthdata.records import Record, Rejected, WorkoutRecord
from providers.adapters.garmin.normalise.source import GARMIN, seconds, started
from providers.adapters.garmin.normalise.sports import PLAINLY_OTHER, canonical, workout_type
from providers.contract import Context
from providers.contract.json_items import JsonItem, items

EDITED: Final = "manuallyUpdatedActivities"
MAX_DURATION_SECONDS: Final = 30 * 86_400
#: field → (field of the workout, series whose bounds apply)
FIGURES: Final = {
    "distanceInMeters": ("distance_meters", "distance_unspecified"),
    "activeKilocalories": ("calories_kcal", "active_calories"),
    "averageHeartRateInBeatsPerMinute": ("avg_heart_rate_bpm", "heart_rate"),
    "maxHeartRateInBeatsPerMinute": ("max_heart_rate_bpm", "heart_rate"),
    "averageSpeedInMetersPerSecond": ("avg_speed_mps", "speed"),
    "maxSpeedInMetersPerSecond": ("max_speed_mps", "speed"),
    "elevationGainInMeters": ("elevation_gain_meters", "elevation_gain"),
    "totalElevationGainInMeters": ("elevation_gain_meters", "elevation_gain"),
    "totalElevationLossInMeters": ("elevation_loss_meters", "elevation_loss"),
}
#: field → (detail, series whose bounds apply)
DETAILS: Final = {
    "averageRunCadenceInStepsPerMinute": ("average_cadence_per_minute", "step_cadence"),
    "maxRunCadenceInStepsPerMinute": ("max_cadence_per_minute", "step_cadence"),
    "averageBikeCadenceInRoundsPerMinute": ("average_cadence_per_minute", "cadence"),
    "maxBikeCadenceInRoundsPerMinute": ("max_cadence_per_minute", "cadence"),
    "averageSwimCadenceInStrokesPerMinute": ("average_cadence_per_minute", "cadence"),
    "averagePushCadenceInPushesPerMinute": ("average_cadence_per_minute", "cadence"),
    "maxPushCadenceInPushesPerMinute": ("max_cadence_per_minute", "cadence"),
    "steps": ("steps", "steps"),
    "pushes": ("pushes", "push_count"),
    "numberOfActiveLengths": ("active_lengths", "steps"),
    "startingLatitudeInDegree": ("start_latitude", "latitude"),
    "startingLongitudeInDegree": ("start_longitude", "longitude"),
}
FLAGS: Final = {"isParent": "is_parent", "isWebUpload": "web_upload"}
UNKNOWN_DEVICE: Final = "unknown"


def read(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected]:
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        found = workout(item)
        if found is not None:
            yield found
        yield from item.refused


def workout(item: JsonItem, activity_id: str | None = None) -> WorkoutRecord | None:
    """Return None for what is none; why, is among the item's refusals. Timer time is all that summaries tell of the
    end.
    """
    name, begun = activity_id or identity(item), started(item)
    length = seconds(item, "durationInSeconds", MAX_DURATION_SECONDS)
    if length is None and item.fields.get("durationInSeconds") is None:
        item.refuse("durationInSeconds", "missing_field")
    if name is None or begun is None or length is None:
        return None
    raw = item.text("activityType") or ""
    kind = workout_type(raw)
    if kind is None:
        item.refuse("activityType", "unknown_type" if raw else "missing_field")
    says_more = kind in (None, OTHER) and canonical(raw) not in PLAINLY_OTHER
    figures: dict[str, Any] = {"details": dict(_details(item, name))}
    for field, (target, series) in FIGURES.items():
        value = item.measure(field, series) if item.fields.get(field) != 0 or series not in _NEVER_ZERO else None
        if value is not None:
            figures[target] = value
    return WorkoutRecord(
        GARMIN, kind or OTHER, begun[0], begun[0] + length * 1000, begun[1], name,
        original_type=raw[:100] if raw and says_more else None, title=item.text("activityName", 500),
        duration_seconds=float(length), **figures,
    )  # fmt: skip


_NEVER_ZERO: Final = frozenset({"heart_rate"})


def identity(item: JsonItem) -> str | None:
    """Return the activity's id: `activityId`, else the summary's without what marks a detail or a file of it."""
    if item.fields.get("activityId") is not None:
        return item.identity("activityId")
    name = item.identity("summaryId")
    return None if name is None else name.removesuffix("-detail").removesuffix("-file")


def _details(item: JsonItem, name: str) -> Iterator[tuple[str, float | str | bool]]:
    for field, (target, series) in DETAILS.items():
        if (value := item.measure(field, series)) is not None:
            yield target, value
    for field, target in FLAGS.items():
        if (flag := item.flag(field)) is not None:
            yield target, flag
    if (manual := item.flag("manual")) is not None:
        # among edited activities it says that somebody edited it; its sensor data stay
        yield ("edited" if item.collection == EDITED else "manual_entry"), manual
    device = item.text("deviceName")
    if device is not None and device.lower() != UNKNOWN_DEVICE:
        yield "device_name", device
    parent = item.fields.get("parentSummaryId")
    if isinstance(parent, str | int) and not isinstance(parent, bool) and str(parent) != name:
        yield "parent_id", str(parent)[:100]


def with_laps(found: WorkoutRecord, laps: list[dict[str, object]]) -> WorkoutRecord:
    """Return the same workout with laps, where there are any."""
    return msgspec.structs.replace(found, laps=laps) if laps else found

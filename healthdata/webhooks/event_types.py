"""The webhook event types of health data, derived from the catalogue: a new series cannot be forgotten.

Every series but the umbrellas has a granular type and belongs to one group. A group all of whose series are sensitive
is sensitive itself; a sensitive series of a mixed group is emitted by its granular event alone, so that subscribing to
the group does not bring what nobody asked for.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from accounts.webhooks import event_types
from accounts.webhooks.catalogue.schemas import (
    DIALECT,
    MOMENT,
    TEXT,
    UUID,
    WHOLE,
    Schema,
    array,
    nullable,
    of_object,
    of_serializer,
)
from accounts.webhooks.event_types import EventType, Level
from healthdata import serializers
from healthdata.catalogue import SERIES, Series

USER: Final = "550e8400-e29b-41d4-a716-446655440000"
_ID: Final = "0d9cd1b4-63a6-8b5e-9d1f-2f1e0c5a7b11"
_SOURCE: Final = {"provider": "apple", "device": "Apple Watch"}
_USER_ID: Final[Mapping[str, Schema]] = {"user_id": {**UUID, "description": "The end user's id."}}


def granular(series: str) -> str:
    """Return the type of one series."""
    return f"series.{series}.created"


def group(name: str) -> str:
    """Return the type of a group of series."""
    return f"{name}.created"


def members() -> dict[str, list[Series]]:
    """Return the series of every group."""
    found: dict[str, list[Series]] = {}
    for series in SERIES.values():
        if not series.is_umbrella:
            found.setdefault(series.group, []).append(series)
    return found


_MEMBERS: Final = members()
_SENSITIVE_GROUPS: Final = frozenset(
    name for name, found in _MEMBERS.items() if all(series.sensitive for series in found)
)

#: series code → the types that a batch of it raises
TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    series.code: (
        *(() if series.sensitive and series.group not in _SENSITIVE_GROUPS else (group(series.group),)),
        granular(series.code),
    )
    for found in _MEMBERS.values()
    for series in found
}


def samples_schema() -> Schema:
    """Data of group and granular events."""
    sample = of_serializer(serializers.SampleSerializer())
    properties: dict[str, Schema] = {
        **_USER_ID,
        "provider": TEXT,
        "series_type": TEXT,
        "sample_count": {**WHOLE, "description": "Of the whole batch, over all its messages."},
        "start_time": {**MOMENT, "description": "Start of the batch's first sample."},
        "end_time": {**MOMENT, "description": "End of its last."},
        "samples": array(sample),
        "samples_omitted": {"type": "boolean", "description": "true: too many to send; fetch the range."},
        "batch_id": {**UUID, "description": "The same in all messages of a batch."},
        "part": {**WHOLE, "description": "From 1."},
        "parts": {**WHOLE, "description": "Messages this batch was cut into."},
    }
    return {"$schema": DIALECT, "type": "object", "properties": properties, "required": list(properties)}


def samples_example(series: Series) -> dict[str, Any]:
    """Return one sample of a series."""
    at = "2026-04-15T02:00:00Z"
    one = {
        "id": _ID,
        "timestamp": at,
        "series_type": series.code,
        "value": 1,
        "unit": series.unit,
        "zone_offset": "+02:00",
        "duration_seconds": None,
        "grain": "instant",
        "source": _SOURCE,
    }
    return {
        "user_id": USER,
        "provider": "apple",
        "series_type": series.code,
        "sample_count": 1,
        "start_time": at,
        "end_time": at,
        "samples": [one],
        "samples_omitted": False,
        "batch_id": "5a0c1f1e-6b7d-4e7f-9c43-9a1f0a3d2b10",
        "part": 1,
        "parts": 1,
    }


def _of_series() -> Iterable[EventType]:
    schema = samples_schema()
    for name, found in sorted(_MEMBERS.items()):
        sensitive = name in _SENSITIVE_GROUPS
        shown = [series for series in found if sensitive or not series.sensitive]
        yield EventType(
            name=group(name),
            description=f"Samples of a series of the group {name}: {', '.join(series.code for series in shown)}.",
            level=Level.GROUP,
            group=name,
            schema=schema,
            example=samples_example(shown[0]),
            sensitive=sensitive,
        )
        for series in found:
            yield EventType(
                name=granular(series.code),
                description=f"Samples of {series.code}: {series.description}",
                level=Level.GRANULAR,
                group=name,
                schema=schema,
                example=samples_example(series),
                sensitive=series.sensitive,
            )


WORKOUT: Final = {
    "user_id": USER, "id": "b3a1c5de-8b0f-4a53-9a3e-0d5b7f2c6e11", "type": "running",
    "start_time": "2026-04-15T06:00:00Z", "end_time": "2026-04-15T06:35:00Z", "zone_offset": "+02:00",
    "is_primary": True, "same_as": None, "duration_seconds": 2100,
    "distance_meters": 5200, "calories_kcal": 342, "basal_calories_kcal": 41,
    "avg_heart_rate_bpm": 145, "max_heart_rate_bpm": 165, "min_heart_rate_bpm": 98, "avg_pace_sec_per_km": 404,
    "avg_speed_mps": 2.476, "max_speed_mps": None, "average_power_watts": None, "elevation_gain_meters": 85,
    "elevation_loss_meters": None, "source": {"provider": "garmin", "device": "Fenix 7"},
}  # fmt: skip
SLEEP: Final = {
    "user_id": USER, "id": "c7f0d2aa-2f64-4d8b-b5a6-5e1d9c3b8a22", "date": "2026-04-15",
    "start_time": "2026-04-14T22:30:00Z", "end_time": "2026-04-15T06:45:00Z", "zone_offset": "+02:00",
    "is_primary": True, "same_as": None, "duration_seconds": 29700,
    "sleep_duration_seconds": 27900, "efficiency_percent": 93.9, "is_nap": False,
    "stages": {
        "awake_minutes": 30, "light_minutes": 108, "deep_minutes": 180, "rem_minutes": 147, "unstaged_minutes": 30,
    },
    "avg_heart_rate_bpm": 56, "avg_hrv_sdnn_ms": 48.5, "avg_hrv_rmssd_ms": None, "avg_respiratory_rate": 14.1,
    "avg_spo2_percent": 97.2, "source": {"provider": "oura", "device": "Oura Ring Gen3"},
}  # fmt: skip
SLEEP_JOINED: Final = "1f3f9a40-7a1e-4a7e-9a35-51f7fd1b9a44"
SCORE: Final = {
    "user_id": USER, "id": "d41e6b77-9a35-4c1d-8e0f-3b2a1c4d5e33", "date": "2026-04-15", "category": "sleep",
    "score": 83, "range_min": 0, "range_max": 100, "provider": "oura", "algorithm": None, "version": None,
    "confidence": None, "components": {"deep_sleep": 90}, "missing": [], "reason": None,
    "inputs": {}, "citations": [],
}  # fmt: skip


DELETED_SESSION: Final = {
    "user_id": USER, "id": "c7f0d2aa-2f64-4d8b-b5a6-5e1d9c3b8a22", "date": "2026-04-15", "provider": "oura",
    "start_time": "2026-04-14T22:30:00Z", "end_time": "2026-04-15T01:45:00Z",
}  # fmt: skip
DELETED_SCORE: Final = {
    "user_id": USER, "id": "d41e6b77-9a35-4c1d-8e0f-3b2a1c4d5e33", "date": "2026-04-15", "provider": "wearlink",
    "category": "sleep",
}  # fmt: skip
SUMMARY: Final = {
    "user_id": USER,
    "days": [{"date": "2026-04-15", "revision": 2, "metrics": ["active_calories_kcal", "steps"]}],
    "days_omitted": False,
}
SOURCE: Final = {
    "user_id": USER,
    "id": "5b1f3c52-6a0d-4a56-8f3e-0f6f1d1f7c44",
    "provider": "apple",
    "device": "Work watch",
    "device_type": "watch",
    "name": "Work watch",
    "is_hidden": False,
    "merged_into": None,
}
_REPLACED_BY: Final[Schema] = {
    **nullable(UUID), "description": "The session that has its time now, when later data joined the two; else null.",
}  # fmt: skip
_REPLACES: Final[Schema] = {**array(UUID), "description": "Sessions that were joined with this one and are deleted."}
_SPLIT_FROM: Final[Schema] = {
    **nullable(UUID), "description": "The session that this one was a part of before later data; else null.",
}  # fmt: skip
_DATE: Final[Schema] = {"type": "string", "format": "date"}
_DELETED: Final[Mapping[str, Schema]] = {**_USER_ID, "id": UUID, "date": _DATE, "provider": TEXT}
_SPAN: Final[Mapping[str, Schema]] = {"start_time": MOMENT, "end_time": MOMENT}


def _session(name: str, description: str, serializer: Any, example: Mapping[str, Any], **more: Schema) -> EventType:
    schema = {"$schema": DIALECT, **of_serializer(serializer, **_USER_ID, **more)}
    return EventType(name, description, Level.SESSION, name.partition(".")[0], schema, example)


def _plain(name: str, description: str, properties: Mapping[str, Schema], example: Mapping[str, Any]) -> EventType:
    return EventType(name, description, Level.SESSION, name.partition(".")[0], of_object(properties), example)


def _of_deleted() -> Iterable[EventType]:
    yield _plain(
        "workout.deleted",
        "A stored workout was deleted by its source.",
        {**_DELETED, **_SPAN},
        DELETED_SESSION | {"provider": "strava"},
    )
    yield _plain(
        "sleep.deleted",
        "A stored night or nap is gone: deleted by its source, or joined with another.",
        {**_DELETED, **_SPAN, "replaced_by": _REPLACED_BY},
        DELETED_SESSION | {"replaced_by": SLEEP_JOINED},
    )
    yield _plain(
        "health_score.deleted",
        "A score of a day is gone, with the night it was computed from or by its source.",
        {**_DELETED, "category": TEXT},
        DELETED_SCORE,
    )


def _of_sources() -> EventType:
    return _plain(
        "source.updated",
        "A device or app was renamed, hidden, shown again or counted as another; its new name stands in all its rows.",
        {
            **_USER_ID,
            "id": UUID,
            "provider": TEXT,
            "device": nullable(TEXT),
            "device_type": nullable(TEXT),
            "name": nullable(TEXT),
            "is_hidden": {"type": "boolean"},
            "merged_into": nullable(UUID),
        },
        SOURCE,
    )


def _of_summaries() -> EventType:
    day = of_object({"date": _DATE, "revision": WHOLE, "metrics": array(TEXT)})
    del day["$schema"]
    return _plain(
        "daily_summary.updated",
        "Figures of days have changed; fetch the summaries you keep. At most one a user and five minutes.",
        {
            **_USER_ID,
            "days": array(day),
            "days_omitted": {"type": "boolean", "description": "true: more days changed than these, the newest."},
        },
        SUMMARY,
    )


def _of_sessions() -> Iterable[EventType]:
    workout, night, score = (
        serializers.WorkoutSerializer(),
        serializers.SleepSessionSerializer(),
        serializers.HealthScoreSerializer(),
    )
    yield _session("workout.created", "A workout was stored.", workout, WORKOUT)
    yield _session("workout.updated", "A stored workout was changed by its source.", workout, WORKOUT)
    yield _session(
        "sleep.created", "A night or nap was stored.", night, SLEEP | {"split_from": None}, split_from=_SPLIT_FROM
    )
    yield _session(
        "sleep.updated",
        "Later data changed a stored night or nap.",
        night,
        SLEEP | {"replaces": [SLEEP_JOINED]},
        replaces=_REPLACES,
    )
    yield _session("health_score.created", "A score of a day was stored or computed.", score, SCORE)
    yield _session("health_score.updated", "A stored score was changed or computed again.", score, SCORE)


event_types.register([*_of_sessions(), *_of_deleted(), _of_summaries(), _of_sources(), *_of_series()])

"""The public form of samples, workouts, sleep sessions and scores: one function each, for REST, webhooks, exports.

The functions build plain dicts, as a page may have 1,440 rows; the serializer classes beside them declare the same
shapes for the OpenAPI schema, and a test holds the two together. Times are RFC 3339 UTC; `zone_offset` is the offset
the row itself stated ("+02:00") or null; a figure nobody measured is null, never 0.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from rest_framework import serializers

from healthdata.catalogue import SERIES, WORKOUT_TYPES
from healthdata.scores.algorithms import CITATIONS
from healthdata.sleep import whole_minutes
from wearlink.lib.clock import rfc3339

if TYPE_CHECKING:
    from healthdata.models import HealthScore, SleepSession, Source, Workout
    from healthdata.queries import SampleRow
    from healthdata.queries.event_rows import ScoreRow, SleepRow, WorkoutRow
    from healthdata.queries.sources import SourceRef

Json: TypeAlias = dict[str, Any]

VALUE_DIGITS: Final = 6  # tenths of a metre for coordinates; hides the noise of unit conversion
_UNITS: Final = {code: series.unit for code, series in SERIES.items()}


@lru_cache(maxsize=4096)
def zone_offset(minutes: int | None) -> str | None:
    """Return ``+05:30`` for 330 minutes east of UTC; None where the row stated no zone."""
    if minutes is None:
        return None
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def figure(value: float | None, digits: int = 1) -> float | int | None:
    """Return a rounded number, whole ones without a fraction: 5200 and 14.1."""
    if value is None:
        return None
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded


def source(row: "Source | WorkoutRow | SleepRow") -> Json:
    """Return the device (or app) behind a row."""
    return source_of(row.provider, row.device)


def sample(row: "SampleRow") -> Json:
    """Return one reading, amount or bucket; `duration_seconds` is null for an instant."""
    return {
        "id": row.id,
        "timestamp": rfc3339(row.timestamp),
        "series_type": row.series,
        "value": round(row.value, VALUE_DIGITS),
        "unit": _UNITS[row.series],
        "zone_offset": zone_offset(row.zone),
        "duration_seconds": None if row.duration is None else row.duration / 1000,
        "grain": row.grain,
        "source": source_of(row.provider, row.device),
    }


@lru_cache(maxsize=4096)
def source_of(provider: str, device: str | None) -> Json:
    """Return one object for all rows of a device; to change an answer, copy it."""
    return {"provider": provider, "device": device}


def share(source: "SourceRef", kept: float, name: str, digits: int) -> Json:
    """Return what one source gave to a figure; `name` is the key of its unit."""
    rounded = round(kept, digits)
    return {
        "id": source.uid,
        "provider": source.provider,
        "device": source.device,
        name: int(rounded) if rounded == int(rounded) else rounded,
    }


def workout(row: "Workout | WorkoutRow") -> Json:
    """Return one workout as the list and the webhook show it."""
    duration = row.duration_seconds
    return {
        "id": str(row.id),
        "type": row.type,
        "start_time": rfc3339(row.start_ms),
        "end_time": rfc3339(row.end_ms),
        "zone_offset": zone_offset(row.zone),
        **sameness(row),
        "duration_seconds": round((row.end_ms - row.start_ms) / 1000 if duration is None else duration),
        "distance_meters": figure(row.distance_meters),
        "calories_kcal": figure(row.calories_kcal),
        "basal_calories_kcal": figure(row.basal_calories_kcal),
        "avg_heart_rate_bpm": figure(row.avg_heart_rate_bpm),
        "max_heart_rate_bpm": figure(row.max_heart_rate_bpm),
        "min_heart_rate_bpm": figure(row.min_heart_rate_bpm),
        "avg_pace_sec_per_km": pace(row),
        "avg_speed_mps": figure(row.avg_speed_mps, 3),
        "max_speed_mps": figure(row.max_speed_mps, 3),
        "average_power_watts": figure(row.average_power_watts),
        "elevation_gain_meters": figure(row.elevation_gain_meters),
        "elevation_loss_meters": figure(row.elevation_loss_meters),
        "source": source(row.source),
    }


def sameness(row: "Workout | WorkoutRow | SleepSession | SleepRow") -> Json:
    """Return whether the row counts itself, or which row of another source counts for it."""
    primary = row.same_as is None and not row.is_left_out
    return {"is_primary": primary, "same_as": None if row.same_as is None else str(row.same_as)}


def pace(row: "Workout | WorkoutRow") -> int | None:
    """Return seconds a kilometre, for types that cover ground; 2,100 s over 5.2 km are 404."""
    known = WORKOUT_TYPES.get(row.type)
    if known is None or not known.has_distance_and_pace or not row.distance_meters:
        return None
    seconds = row.duration_seconds
    if seconds is None:
        seconds = (row.end_ms - row.start_ms) / 1000
    return round(seconds / (row.distance_meters / 1000))


def sleep_session(row: "SleepSession | SleepRow") -> Json:
    """Return one night or nap. light + deep + REM + unstaged = sleep_duration_seconds; awake is never part of it."""
    return {
        "id": str(row.id),
        "date": row.day.isoformat(),
        "start_time": rfc3339(row.start_ms),
        "end_time": rfc3339(row.end_ms),
        "zone_offset": zone_offset(row.zone),
        **sameness(row),
        "duration_seconds": row.duration_seconds,
        "sleep_duration_seconds": row.sleep_seconds,
        "efficiency_percent": figure(row.efficiency_percent),
        "is_nap": row.is_nap,
        "stages": stage_minutes(row),
        "avg_heart_rate_bpm": figure(row.avg_heart_rate_bpm),
        "avg_hrv_sdnn_ms": figure(row.avg_hrv_sdnn_ms),
        "avg_hrv_rmssd_ms": figure(row.avg_hrv_rmssd_ms),
        "avg_respiratory_rate": figure(row.avg_respiratory_rate),
        "avg_spo2_percent": figure(row.avg_spo2_percent),
        "source": source(row.source),
    }


def stage_minutes(row: "SleepSession | SleepRow") -> Json:
    """Return whole minutes of each stage, those of sleep adding up to all of it; null where the source tells none."""
    asleep = (row.light_seconds or 0, row.deep_seconds or 0, row.rem_seconds or 0, row.unstaged_seconds or 0)
    parts: tuple[int | None, ...] = whole_minutes(asleep)
    light, deep, rem, unstaged = parts if row.sleep_seconds is not None else (None,) * 4
    return {
        "awake_minutes": minutes(row.awake_seconds),
        "light_minutes": light,
        "deep_minutes": deep,
        "rem_minutes": rem,
        "unstaged_minutes": unstaged,
    }


def minutes(seconds: int | None) -> int | None:
    return None if seconds is None else round(seconds / 60)


def score(row: "HealthScore | ScoreRow") -> Json:
    """Return one score in its maker's own range. Ours (provider `wearlink`) say how they were computed."""
    return {
        "id": str(row.id),
        "date": row.day.isoformat(),
        "category": row.category,
        "score": figure(row.score),
        "range_min": figure(row.range_min),
        "range_max": figure(row.range_max),
        "provider": row.provider,
        "algorithm": row.algorithm or None,
        "version": row.algorithm_version or None,
        "confidence": figure(row.confidence, 2),
        "components": row.components,
        "missing": row.missing,
        "reason": row.reason or None,
        "inputs": row.inputs,
        "citations": list(CITATIONS.get(row.algorithm, ())),
    }


# --- The same shapes for the schema ---------------------------------------------------------------------------------


def _text(help_text: str, **options: Any) -> serializers.CharField:
    return serializers.CharField(help_text=help_text, **options)


def _number(help_text: str, **options: Any) -> serializers.FloatField:
    return serializers.FloatField(help_text=help_text, **options)


def _known(help_text: str) -> serializers.FloatField:
    """Return a figure that is null where nobody measured it."""
    return serializers.FloatField(help_text=help_text, allow_null=True)


def _whole(help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(help_text=help_text, allow_null=True)


def _zone() -> serializers.CharField:
    return _text("Offset from UTC the source stated, such as +02:00; null if it stated none.", allow_null=True)


def _primary(what: str) -> serializers.BooleanField:
    return serializers.BooleanField(
        help_text=f"Whether this is the one to count where several sources recorded one {what}."
    )


def _same(what: str) -> serializers.UUIDField:
    return serializers.UUIDField(
        allow_null=True,
        help_text=f"The one of the same {what} by another source that counts; null: no other counts in its place.",
    )


class DataSourceSerializer(serializers.Serializer[Json]):
    """The provider and device behind a figure."""

    provider = _text("Slug of the provider.")
    device = _text("Name or model of the device, else the app that wrote; null if unknown.", allow_null=True)


class SampleSerializer(serializers.Serializer[Json]):
    """A value of a series at a moment or over a stretch of time."""

    id = serializers.UUIDField(help_text="The same for the same sample on every call.")
    timestamp = serializers.DateTimeField(help_text="Start of the sample, or of the bucket.")
    series_type = _text("Code of the series; never an umbrella name.")
    value = _number("In `unit`.")
    unit = _text("Canonical unit of the series.")
    zone_offset = _zone()
    duration_seconds = _known("Length of an amount over time; null for an instant.")
    grain = serializers.ChoiceField(
        ["instant", "interval", "daily"],
        help_text="daily: the source's own figure of a local date, standing at its midnight; never add it to others.",
    )
    source = DataSourceSerializer()  # type: ignore[assignment]


class WorkoutSerializer(serializers.Serializer[Json]):
    """A session of exercise with its figures."""

    id = serializers.UUIDField()
    type = _text("Code of the workout type.")
    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField()
    zone_offset = _zone()
    is_primary = _primary("workout")
    same_as = _same("workout")
    duration_seconds = serializers.IntegerField(help_text="Moving time if the source gives it, else end minus start.")
    distance_meters = _known("Distance covered.")
    calories_kcal = _known("Active energy, kcal.")
    basal_calories_kcal = _known("Energy at rest in the same time, kcal; not part of calories_kcal.")
    avg_heart_rate_bpm = _known("Mean heart rate.")
    max_heart_rate_bpm = _known("Highest heart rate.")
    min_heart_rate_bpm = _known("Lowest heart rate.")
    avg_pace_sec_per_km = _whole("Seconds a kilometre, for types that cover ground.")
    avg_speed_mps = _known("Mean speed, metres a second.")
    max_speed_mps = _known("Highest speed, metres a second.")
    average_power_watts = _known("Mean power.")
    elevation_gain_meters = _known("Metres climbed.")
    elevation_loss_meters = _known("Metres descended.")
    source = DataSourceSerializer()  # type: ignore[assignment]


class SleepStageMinutesSerializer(serializers.Serializer[Json]):
    """Minutes of each stage; unstaged is sleep whose stage the source does not give."""

    awake_minutes = _whole("Awake between start and end.")
    light_minutes = _whole("Light sleep.")
    deep_minutes = _whole("Deep sleep.")
    rem_minutes = _whole("REM sleep.")
    unstaged_minutes = _whole("Asleep, stage unknown.")


class SleepSessionSerializer(serializers.Serializer[Json]):
    """A night's sleep or a nap, with its stages."""

    id = serializers.UUIDField(help_text="Stays when later data lengthens the session.")
    date = serializers.DateField(help_text="Local date of waking.")
    start_time = serializers.DateTimeField()
    end_time = serializers.DateTimeField()
    zone_offset = _zone()
    is_primary = _primary("sleep")
    same_as = _same("sleep")
    duration_seconds = serializers.IntegerField(help_text="End minus start.")
    sleep_duration_seconds = _whole("Light, deep, REM and unstaged sleep; never time awake.")
    efficiency_percent = _known("sleep_duration_seconds of duration_seconds.")
    is_nap = serializers.BooleanField(help_text="Whether it is a nap: short, or by day.")
    stages = SleepStageMinutesSerializer(help_text="Minutes by stage.")
    avg_heart_rate_bpm = _known("Mean heart rate asleep.")
    avg_hrv_sdnn_ms = _known("SDNN, ms; null if the source measures RMSSD.")
    avg_hrv_rmssd_ms = _known("RMSSD, ms; null if the source measures SDNN.")
    avg_respiratory_rate = _known("Breaths a minute.")
    avg_spo2_percent = _known("Mean oxygen saturation asleep.")
    source = DataSourceSerializer()  # type: ignore[assignment]


class HealthScoreSerializer(serializers.Serializer[Json]):
    """One score of a local date, in its maker's own range."""

    id = serializers.UUIDField()
    date = serializers.DateField(help_text="Local day of the user.")
    category = _text("sleep, recovery, readiness, strain, stress, vo2max or fitness_age; vendors may have more.")
    score = _known("Never rescaled; null, with the reason, where our own score lacks its inputs.")
    range_min = _number("Lowest score its maker gives.")
    range_max = _number("Highest score its maker gives.")
    provider = _text("The vendor, or `wearlink` for our own.")
    algorithm = _text("How we computed it; null for vendors.", allow_null=True)
    version = _text("Version of the algorithm; null for vendors.", allow_null=True)
    confidence = _known("0 to 1: the share of the score's parts that had data; null for vendors.")
    components = serializers.DictField(
        child=serializers.FloatField(allow_null=True), help_text="The parts of the score, as its maker names them."
    )
    missing = serializers.ListField(child=serializers.CharField(), help_text="Parts left out because data are missing.")
    reason = _text("Why there is no score; null where there is one.", allow_null=True)
    inputs = serializers.DictField(
        child=serializers.FloatField(), help_text="The figures that our own score was computed from, by name and unit."
    )
    citations = serializers.ListField(
        child=serializers.CharField(), help_text="What the algorithm rests on: DOIs, or author, year and book."
    )

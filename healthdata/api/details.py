"""Single objects with their course: a workout's route and samples, a night's stages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from healthdata import queries, serializers
from healthdata.models import SleepSession, Workout
from healthdata.queries import SampleRow
from wearlink.lib.clock import rfc3339, to_ms

ROUTE_SERIES: Final = ("latitude", "longitude", "altitude")
SAMPLE_SERIES: Final = (
    "heart_rate",
    "cadence",
    "step_cadence",
    "cycling_cadence",
    "speed",
    "running_speed",
    "cycling_speed",
    "rowing_speed",
    "power",
    "running_power",
    "cycling_power",
)
MAX_ROWS: Final = 15_000  # 5,000 points of a route; a run of 100 minutes at one row a second and series
_BUCKETS: Final = (5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000)


@dataclass(frozen=True, slots=True)
class Course:
    """Rows of one source by time, and the length of the buckets they were put together by (None: as recorded)."""

    rows: list[SampleRow]
    bucket_ms: int | None

    @property
    def resolution_seconds(self) -> int | None:
        return None if self.bucket_ms is None else self.bucket_ms // 1000


def workout_detail(row: Workout) -> dict[str, Any]:
    """Return the workout of the list, with the details of its course."""
    route, samples = _course(row, ROUTE_SERIES), _course(row, SAMPLE_SERIES)
    return serializers.workout(row) | {
        "title": row.title or None,
        "notes": row.notes or None,
        "original_type": row.original_type or None,
        "details": row.details,
        "segments": row.segments,
        "laps": row.laps,
        "route": _points(route.rows),
        "route_resolution_seconds": route.resolution_seconds,
        "samples": [_reading(sample) for sample in samples.rows],
        "samples_resolution_seconds": samples.resolution_seconds,
    }


def sleep_detail(row: SleepSession) -> dict[str, Any]:
    """Return the session of the list with its stages in order."""
    return serializers.sleep_session(row) | {
        "hypnogram": [
            {"start_time": rfc3339(start), "end_time": rfc3339(end), "stage": stage} for start, end, stage in row.stages
        ],
        "time_in_bed_seconds": row.in_bed_seconds,
        "latency_seconds": row.latency_seconds,
        "awakenings": row.awakenings,
        "awake_after_onset_seconds": row.waso_seconds,
    }


def _course(row: Workout, series: Sequence[str]) -> Course:
    """Return what the workout's own source recorded while it lasted; in the finest buckets that keep it within
    MAX_ROWS.
    """
    start, end = to_ms(row.start), to_ms(row.end)
    provider = row.source.provider
    page = queries.page(
        row.user_key, series=series, start=start, end=end, after=None, limit=MAX_ROWS, provider=provider
    )
    if page.next is None:
        return Course(_own(row, page.rows), None)
    for bucket_ms in _BUCKETS:
        if (end - start) // bucket_ms > MAX_ROWS:
            continue
        page = queries.aggregate(
            row.user_key,
            series=series,
            start=start,
            end=end,
            bucket_ms=bucket_ms,
            after=None,
            limit=MAX_ROWS,
            provider=provider,
        )
        if page.next is None:
            break
    return Course(_own(row, page.rows), bucket_ms)


def _own(row: Workout, samples: Iterable[SampleRow]) -> list[SampleRow]:
    device = row.source.device
    return [sample for sample in samples if sample.device == device]


def _points(rows: Iterable[SampleRow]) -> list[dict[str, Any]]:
    """Return rows of latitude, longitude and altitude put together by time; a point needs the first two."""
    moments: dict[int, dict[str, float]] = {}
    for row in rows:
        moments.setdefault(row.timestamp, {})[row.series] = row.value
    return [
        {
            "timestamp": rfc3339(moment),
            "latitude": round(values["latitude"], serializers.VALUE_DIGITS),
            "longitude": round(values["longitude"], serializers.VALUE_DIGITS),
            "altitude_meters": serializers.figure(values.get("altitude"), 2),
        }
        for moment, values in moments.items()
        if "latitude" in values and "longitude" in values
    ]


def _reading(row: SampleRow) -> dict[str, Any]:
    shown = serializers.sample(row)
    return {name: shown[name] for name in ("timestamp", "series_type", "value", "unit")}

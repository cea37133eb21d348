"""Sessions and laps of a file → one workout: the activity itself, its legs as segments where it has several."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from healthdata.catalogue import OTHER
from healthdata.records import WorkoutRecord
from healthdata.units import acceptable
from providers.adapters.garmin.fit.decode import ACTIVITY, LAP, SESSION, FitFile, Scaled
from providers.adapters.garmin.fit.head import FileHead
from providers.adapters.garmin.fit.sports import ON_FOOT, workout_type
from providers.adapters.garmin.normalise import sports
from providers.adapters.garmin.normalise.source import FURTHEST_ZONE, GARMIN
from providers.contract import Context
from providers.contract.bounds import AHEAD, EARLIEST
from wearlink.lib.clock import rfc3339

MAX_DURATION_MS: Final = 30 * 86_400_000
NEVER: Final = 1 << 62
#: fields (the finer one first) → figure of the workout, series whose bounds apply
FIGURES: Final = {
    "distance_meters": (("total_distance",), "distance_unspecified"),
    "calories_kcal": (("total_calories",), "active_calories"),
    "avg_heart_rate_bpm": (("avg_heart_rate",), "heart_rate"),
    "max_heart_rate_bpm": (("max_heart_rate",), "heart_rate"),
    "min_heart_rate_bpm": (("min_heart_rate",), "heart_rate"),
    "elevation_gain_meters": (("total_ascent",), "elevation_gain"),
    "elevation_loss_meters": (("total_descent",), "elevation_loss"),
    "avg_speed_mps": (("enhanced_avg_speed", "avg_speed"), "speed"),
    "max_speed_mps": (("enhanced_max_speed", "max_speed"), "speed"),
    "average_power_watts": (("avg_power",), "power"),
}
SUMS: Final = ("distance_meters", "calories_kcal", "elevation_gain_meters", "elevation_loss_meters")
#: field of a session → detail
DETAILS: Final = {
    "max_power": "max_power_watts",
    "normalized_power": "normalized_power_watts",
    "training_stress_score": "training_stress_score",
    "intensity_factor": "intensity_factor",
    "threshold_power": "threshold_power_watts",
    "total_training_effect": "aerobic_training_effect",
    "total_anaerobic_training_effect": "anaerobic_training_effect",
    "training_load_peak": "training_load",
    "avg_stance_time": "average_ground_contact_time_ms",
    "avg_vertical_ratio": "average_vertical_ratio_percent",
    "avg_temperature": "average_temperature_celsius",
    "pool_length": "pool_length_meters",
    "num_active_lengths": "active_lengths",
    "avg_swolf": "average_swolf",
    "total_elapsed_time": "elapsed_time_seconds",
}


class Leg(msgspec.Struct, frozen=True):
    """A stretch of one sport; `until` is where the next begins, in ms."""

    start: int
    until: int
    kind: str
    is_on_foot: bool


class FitActivity(msgspec.Struct, frozen=True):
    """The workout, and which sport was done when."""

    workout: WorkoutRecord
    legs: list[Leg]
    zone: int | None

    def leg_at(self, at: int) -> Leg:
        """Return the leg that a reading belongs to; what is before the first counts as of the first."""
        return self.legs[max(bisect_right(self.legs, at, key=_start_of) - 1, 0)]


def _start_of(leg: Leg) -> int:
    return leg.start


def read(found: FitFile, head: FileHead, context: Context) -> FitActivity | None:
    """Return None where the file says nothing of when it was."""
    sessions = sorted(_spans(found, SESSION, context), key=lambda one: one[0])
    stated = sports.workout_type(head.activity_type or "")
    if not sessions:
        span = _recorded(found, context)
        if span is not None or not found.faults:
            found.faults.append(("session", "missing_field"))
        if span is None:
            return None
        kind = stated or OTHER
        workout = WorkoutRecord(GARMIN, kind, *span, None, head.activity_id, details=_named(head))
        return FitActivity(workout, [Leg(span[0], NEVER, kind, kind in ON_FOOT)], None)
    zone = _zone(found)
    kinds = [workout_type(one.word("sport", "sport"), one.word("sub_sport", "sub_sport")) for _, _, one in sessions]
    starts = [start for start, _, _ in sessions]
    legs = [
        Leg(start, until, kind, kind in ON_FOOT)
        for start, until, kind in zip(starts, [*starts[1:], NEVER], kinds, strict=True)
    ]
    several = len(sessions) > 1
    kind = stated if stated not in (None, OTHER) else "multisport" if several else kinds[0]
    ends = max(end for _, end, _ in sessions)
    workout = WorkoutRecord(
        GARMIN, kind or OTHER, starts[0], ends, zone, head.activity_id, title=head.activity_name,
        duration_seconds=_total("total_timer_time", sessions),
        details={**_named(head), **_details(sessions)},
        segments=[_segment(*one, kind) for one, kind in zip(sessions, kinds, strict=True)] if several else [],
        laps=[_stretch(*lap) for lap in sorted(_spans(found, LAP, context), key=lambda one: one[0])],
        **_figures([one for _, _, one in sessions]),
    )  # fmt: skip
    return FitActivity(workout, legs, zone)


Span = tuple[int, int, Scaled]


def _spans(found: FitFile, kind: int, context: Context) -> Iterator[Span]:
    """Start and end of sessions or laps."""
    for message in found.messages.get(kind, ()):
        one = Scaled(kind, message)
        start, seconds = one.at("start_time"), one.get("total_elapsed_time")
        length = round((seconds or 0) * 1000)
        if start is None or not EARLIEST <= start <= context.received + AHEAD or not 0 <= length <= MAX_DURATION_MS:
            found.faults.append(("session" if kind == SESSION else "lap", "bad_span"))
        else:
            yield start, start + length, one


def _recorded(found: FitFile, context: Context) -> tuple[int, int] | None:
    """Return the times of the first and the last record, for a file that breaks off before it says more."""
    instants = [column.instants for column in found.columns.values() if column.instants]
    if not instants:
        return None
    first, last = min(one[0] for one in instants), max(one[-1] for one in instants)
    fits = EARLIEST <= first <= last <= context.received + AHEAD and last - first <= MAX_DURATION_MS
    return (first, last) if fits else None


def _zone(found: FitFile) -> int | None:
    """Return minutes east of UTC: the activity's end on both clocks."""
    for message in found.messages.get(ACTIVITY, ()):
        local, stamp = message.get("local_timestamp"), message.get("timestamp")
        if type(local) is int and type(stamp) is int and abs(local - stamp) <= FURTHEST_ZONE:
            return round((local - stamp) / 60)
    return None


def _named(head: FileHead) -> dict[str, float | str | bool]:
    return {"device_name": head.device_name} if head.device_name else {}


def _figures(sessions: list[Scaled]) -> dict[str, Any]:
    """Return figures of one session; of several only what adds up."""
    figures: dict[str, Any] = {}
    for name, (fields, series) in FIGURES.items():
        if len(sessions) > 1 and name not in SUMS:
            continue
        values = [_first(one, fields) for one in sessions]
        known = [value for value in values if value is not None and acceptable(series, value) is None]
        if known:
            figures[name] = round(sum(known), 6)
    return figures


def _first(one: Scaled, fields: tuple[str, ...]) -> float | None:
    found = [value for value in map(one.get, fields) if value is not None]
    return found[0] if found else None


def _details(sessions: list[Span]) -> dict[str, float | str | bool]:
    if len(sessions) > 1:
        return {"legs": float(len(sessions))}
    one = sessions[0][2]
    values = {target: one.get(field) for field, target in DETAILS.items()}
    return {target: round(value, 4) for target, value in values.items() if value is not None}


def _total(field: str, sessions: list[Span]) -> float | None:
    known = [value for _, _, one in sessions if (value := one.get(field)) is not None]
    return round(sum(known), 3) if known else None


def _stretch(start: int, end: int, one: Scaled) -> dict[str, object]:
    times: dict[str, object] = {"start_time": rfc3339(start), "end_time": rfc3339(end)}
    return {**times, "moving_time_seconds": one.get("total_timer_time"), **_figures([one])}


def _segment(start: int, end: int, one: Scaled, kind: str) -> dict[str, object]:
    """Return a leg of a multisport activity."""
    return {"type": kind, **_stretch(start, end, one)}

"""The choice of the stored workouts that count, and of those that are other sources' recordings of them."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from healthdata.catalogue import OTHER, WORKOUT_TYPES
from healthdata.merge.sameness import Exercise, same_workouts
from healthdata.models import Workout
from healthdata.store.ordering import Standing
from healthdata.store.stand_ins import FIELDS as STAND_IN_FIELDS
from healthdata.store.stand_ins import decide

METRIC: Final = "workouts"
COPY_OF: Final = "upload_external_id"  # the detail in which a vendor says what its workout was made from
AROUND: Final = timedelta(days=1)
FIGURES: Final = (
    "distance_meters",
    "calories_kcal",
    "avg_heart_rate_bpm",
    "max_heart_rate_bpm",
    "elevation_gain_meters",
    "average_power_watts",
)


def regroup(user_key: int, days: Iterable[date]) -> list[Workout]:
    """Decide again for the workouts of these days and the ones next to them; returns those that changed."""
    wanted = sorted(set(days))
    if not wanted:
        return []
    rows = list(
        Workout.objects.filter(user_key=user_key, day__range=(wanted[0] - AROUND, wanted[-1] + AROUND)).defer(
            "segments", "laps", "notes"
        )
    )
    standing = Standing.load(user_key, METRIC)
    changed = decide(rows, standing, lambda: same_workouts(exercise(row, standing) for row in rows))
    Workout.objects.bulk_update(changed, STAND_IN_FIELDS, batch_size=500)
    return changed


def exercise(row: Workout, standing: Standing) -> Exercise:
    """Return the workout as the pure rule takes it."""
    return Exercise(
        key=row.key,
        source_id=row.source_id,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        sport=sport_of(row.type),
        name=row.external_id or "",
        copy_of=str(row.details.get(COPY_OF) or ""),
        rank=standing.rank(row.source_id),
        figures=sum(getattr(row, name) is not None for name in FIGURES),
        is_excluded=standing.is_left_out(row.source_id),
    )


def sport_of(code: str) -> str | None:
    """Return what running on a track, a trail and a treadmill have in common; None for what may be any sport."""
    known = WORKOUT_TYPES.get(code)
    return None if known is None or code == OTHER else known.apple

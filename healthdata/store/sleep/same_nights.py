"""The choice of the stored sessions that count for a night, and of those that are other sources' recordings of it."""

from collections.abc import Iterable
from datetime import date, timedelta

from healthdata.merge.sameness import Recording, same_sleeps
from healthdata.models import SleepSession
from healthdata.store.ordering import Standing
from healthdata.store.stand_ins import FIELDS, decide

#: A sleep may reach into another day, and so may the one that overlaps it.
AROUND = timedelta(days=2)
METRIC = "sleep"


def regroup(user_key: int, days: Iterable[date]) -> list[SleepSession]:
    """Decide again for the sessions that ended on these days, or next to them; returns those that changed."""
    wanted = sorted(set(days))
    if not wanted:
        return []
    rows = list(
        SleepSession.objects.filter(user_key=user_key, day__range=(wanted[0] - AROUND, wanted[-1] + AROUND)).defer(
            "stages"
        )
    )
    near = {day + timedelta(days=shift) for day in wanted for shift in (-1, 0, 1)}
    standing = Standing.load(user_key, METRIC)
    decided = decide(rows, standing, lambda: same_sleeps(recording(row, standing) for row in rows))
    changed = [row for row in decided if row.day in near]
    SleepSession.objects.bulk_update(changed, FIELDS, batch_size=500)
    return changed


def recording(row: SleepSession, standing: Standing) -> Recording:
    """Return the session as the pure rule takes it."""
    return Recording(
        key=row.key,
        source_id=row.source_id,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        asleep_s=row.sleep_seconds,
        has_stages=any((row.light_seconds, row.deep_seconds, row.rem_seconds)),
        rank=standing.rank(row.source_id),
        is_excluded=standing.is_left_out(row.source_id),
    )

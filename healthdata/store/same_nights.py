"""Which of the stored sessions stand for a night, and which are other sources' accounts of it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from healthdata.models import SleepSession
from healthdata.preferences import Priority
from healthdata.sameness import Recording, same_sleeps
from healthdata.store.ordering import candidate_of, priority_of
from healthdata.store.stand_ins import point_to_stand_ins

#: A sleep may reach into another day, and so may the one that overlaps it.
AROUND = timedelta(days=2)
METRIC = "sleep"


def regroup(user_key: int, days: Iterable[date]) -> list[SleepSession]:
    """Decide anew for the sessions that woke on these days, or next to them; returns those that changed."""
    wanted = sorted(set(days))
    if not wanted:
        return []
    rows = list(
        SleepSession.objects.filter(user_key=user_key, day__range=(wanted[0] - AROUND, wanted[-1] + AROUND))
        .select_related("source")
        .defer("stages")
    )
    near = {day + timedelta(days=shift) for day in wanted for shift in (-1, 0, 1)}
    changed = [row for row in decide(rows, priority_of(user_key)) if row.day in near]
    SleepSession.objects.bulk_update(changed, ["same_as"], batch_size=500)
    return changed


def decide(rows: Sequence[SleepSession], priority: Priority) -> list[SleepSession]:
    """Set `same_as` of each row; returns those where it differed."""
    if len({row.source_id for row in rows}) < 2:  # one source alone tells nothing twice
        return point_to_stand_ins(rows, {row.key: None for row in rows})
    return point_to_stand_ins(rows, same_sleeps(recording(row, priority) for row in rows))


def recording(row: SleepSession, priority: Priority) -> Recording:
    """The session as the pure rule takes it."""
    source = row.source
    candidate = candidate_of(source)
    return Recording(
        key=row.key,
        source_id=source.id,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        asleep_s=row.sleep_seconds,
        has_stages=any((row.light_seconds, row.deep_seconds, row.rem_seconds)),
        rank=priority.rank(candidate, METRIC),
        is_excluded=source.is_hidden or priority.excludes(candidate, METRIC),
    )

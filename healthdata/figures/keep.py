"""Keeping the figures of days: computed for due days by a worker, or by the first read; every change is noted.

Two that compute the same days at once take turns by a lock of the end user's figures, which is not the lock of the
store: data come in meanwhile. A day's mark goes only if nobody marked it again since it was read.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.db import connection, transaction

from accounts.end_users import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.figures.compute import Figures, compute
from healthdata.figures.load import load
from healthdata.merge import WHOLE_DAY_MINUTES, MergedFigure
from healthdata.merge.preferences import Priority
from healthdata.models import DayFigure, DayRevision, DueDay
from healthdata.store.due import FIGURES, SCORES, mark_days, unmark
from healthdata.webhooks import summary_updates
from healthdata.webhooks.summary_updates import DayChange
from wearlink.lib import clock
from wearlink.lib.clock import to_ms
from wearlink.lib.postgres.whole_rows import whole_rows

#: Figures that scores rest on: a resting heart rate by another order of sources is another one.
SCORED: Final = frozenset({"resting_heart_rate_bpm", "avg_heart_rate_bpm"})
BLOCK_DAYS: Final = 16  # computed together: one load, one commit
DIGITS: Final = 6  # of a kept value; what differs beyond is the order of adding up
_LOCK_CLASS: Final = 0x66696773
# Written out: advisory lock, with `FOR KEY SHARE`.
_LOCK: Final = "SELECT pg_advisory_xact_lock(%s, %s) FROM accounts_enduser WHERE key = %s FOR KEY SHARE"
_CHANGED: Final = ("value", "sources", "kept", "coverage_minutes", "is_partial", "rules", "revision", "revised_at")


@dataclass(slots=True)
class ChangedFigures:
    """The rows to write after some days were computed again."""

    fresh: list[DayFigure] = field(default_factory=list)
    changed: list[DayFigure] = field(default_factory=list)
    gone: list[DayFigure] = field(default_factory=list)
    revisions: list[DayRevision] = field(default_factory=list)


def refresh(user_key: int, days: Collection[date], priority: Priority, *, cause: str = "") -> int:
    """Compute the figures of these days again; returns how many figures changed.

    `cause` is what changed where the days carry no mark of their own.
    """
    changed = 0
    zones = ZoneHistory(user_zones.history(user_key))
    for block in blocks(days):
        with transaction.atomic():
            if not lock(user_key):
                return changed
            changed += refresh_block(user_key, block, priority, zones, cause)
    return changed


def blocks(days: Collection[date]) -> Iterator[list[date]]:
    """Yield the days in order, in runs that lie close together."""
    block: list[date] = []
    for day in sorted(days):
        if block and (day - block[0]).days >= BLOCK_DAYS:
            yield block
            block = []
        block.append(day)
    if block:
        yield block


def lock(user_key: int) -> bool:
    """Be the only one that computes this end user's figures until commit; False if the end user was erased."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [_LOCK_CLASS, user_key & 0x7FFFFFFF, user_key])
        return cursor.fetchone() is not None


def refresh_block(user_key: int, days: Sequence[date], priority: Priority, zones: ZoneHistory, cause: str) -> int:
    """Compute with one load and one write. The marks are read before the data, so that a later mark is seen not to be
    ours.
    """
    marks = whole_rows(DueDay, "user_key = %s AND kind = %s AND day = ANY(%s)", [user_key, FIGURES, list(days)])
    due = {row.day: row for row in marks}
    stored: dict[date, dict[str, DayFigure]] = {day: {} for day in days}
    for row in whole_rows(DayFigure, "user_key = %s AND day = ANY(%s)", [user_key, list(days)]):
        stored[row.day][row.metric] = row
    inputs = load(user_key, days[0], days[-1], zones)
    changes, now = ChangedFigures(), clock.now()
    for day in days:
        causes = due[day].causes if day in due else cause
        closes = zones.bounds(day)[1]
        moment = (priority.digest, closes, now, causes)
        reconcile(user_key, day, compute(inputs, day, priority), stored[day], changes, moment)
    write(user_key, changes)
    emitted = days_of(changes)
    # days with a mark of their own have one for their scores, too
    unmarked = {day for day, one in emitted.items() if day not in due and not SCORED.isdisjoint(one.metrics)}
    mark_days(user_key, SCORES, unmarked, "")
    summary_updates.note(user_key, emitted)
    unmark(user_key, list(due.values()))
    return len(changes.fresh) + len(changes.changed) + len(changes.gone)


def days_of(changes: ChangedFigures) -> dict[date, DayChange]:
    """Return these changes by day, for the event to customers."""
    found: dict[date, DayChange] = {}
    for row in (*changes.fresh, *changes.changed, *changes.gone):
        change = found.setdefault(row.day, DayChange())
        change.revision = max(change.revision, row.revision)
        change.metrics.add(row.metric)
    return found


Moment = tuple[int, int, datetime, str]  # digest of the rules, end of the day (ms), now, what caused it


def reconcile(
    user_key: int, day: date, figures: Figures, stored: dict[str, DayFigure], changes: ChangedFigures, moment: Moment
) -> None:
    """Compare a day's figures with what is stored of it."""
    rules, _, now, causes = moment
    for metric, figure in figures.items():
        if figure.value is None:
            continue
        row = stored.pop(metric, None)
        values = columns(figure, rules)
        if row is None:
            changes.fresh.append(DayFigure(user_key=user_key, day=day, metric=metric, revised_at=now, **values))
            continue
        old = row.value
        if all(getattr(row, name) == value for name, value in values.items()):
            continue
        for name, value in values.items():
            setattr(row, name, value)
        if old != row.value:
            note_revision(row, old, changes, moment)
        changes.changed.append(row)
    for row in stored.values():
        row.revision += 1
        changes.revisions.append(revision(row, row.value, None, now, causes))
        changes.gone.append(row)


def note_revision(row: DayFigure, old: float, changes: ChangedFigures, moment: Moment) -> None:
    """Note a revision if the figure was complete before; a running day's figures grow, which is no correction."""
    _, closes, now, causes = moment
    if to_ms(row.revised_at) >= closes:
        row.revision += 1
        changes.revisions.append(revision(row, old, row.value, now, causes))
    row.revised_at = now


def revision(row: DayFigure, old: float | None, new: float | None, now: datetime, causes: str) -> DayRevision:
    return DayRevision(
        user_key=row.user_key, day=row.day, metric=row.metric, revision=row.revision,
        old_value=old, new_value=new, causes=causes, at=now,
    )  # fmt: skip


def columns(figure: MergedFigure, rules: int) -> dict[str, object]:
    """Return a figure as its row has it."""
    gave = [share for share in figure.shares if share.kept or share.is_total]
    minutes = figure.coverage_minutes
    return {
        "value": round(figure.value or 0.0, DIGITS),
        "sources": [share.source_id for share in gave],
        "kept": [round(share.kept, DIGITS) for share in gave],
        "coverage_minutes": minutes,
        "is_partial": minutes is not None and minutes < WHOLE_DAY_MINUTES,
        "rules": rules,
    }


def write(user_key: int, changes: ChangedFigures) -> None:
    DayFigure.objects.bulk_create([*changes.fresh, *changes.changed], update_conflicts=True,
        unique_fields=["user_key", "day", "metric"], update_fields=_CHANGED, batch_size=1_000)  # fmt: skip
    for row in changes.gone:
        DayFigure.objects.filter(user_key=user_key, day=row.day, metric=row.metric).delete()
    DayRevision.objects.bulk_create(changes.revisions, batch_size=1_000)

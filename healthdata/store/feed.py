"""Noting what a store call changed, for the change feed: one statement a call, in its transaction.

A row says of one kind of data what happened to it on a run of neighbouring days. Rows get their place in the feed
later (healthdata.queries.feed), so that writers of one organization need not wait for each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from healthdata.days import ZoneHistory
from healthdata.models import DataChange, HealthScore, SleepSession, Source, Workout
from healthdata.store.columns import NO_ZONE
from healthdata.store.result import Changes, RemovedRow, SampleChange, StoreResult
from wearlink.lib import clock

INSERTED, UPDATED, DELETED = DataChange.Action.INSERTED, DataChange.Action.UPDATED, DataChange.Action.DELETED
NEXT_DAY: Final = timedelta(days=1)

# Written out: `make bench`, SDK records/s, first POST to visible.
_NOTE: Final = """
INSERT INTO healthdata_datachange
       (organization_id, user_key, action, data_type, provider, resource, first, last, count, at)
SELECT u.organization_id, u.key, new.*, %s
FROM accounts_enduser u,
     unnest(%s::text[], %s::text[], %s::text[], %s::uuid[], %s::date[], %s::date[], %s::int[]) AS new
WHERE u.key = %s
"""


class Noted(NamedTuple):
    """A row to be; the fields are those of DataChange."""

    action: str
    data_type: str
    provider: str
    resource: UUID | None
    first: date
    last: date
    rows: int


class FeedMark(NamedTuple):
    """A change of some samples of neighbouring days."""

    action: str
    series: str
    provider: str
    first: date
    last: date
    rows: int


def note(user_key: int, results: Sequence[StoreResult], zones: ZoneHistory) -> None:
    """Write the rows of these results. No statement where nothing changed, nor for an unknown end user."""
    changes = [result.changes for result in results]
    rows = [*_of_samples(user_key, changes, zones), *_of_rows(changes)]
    if not rows:
        return
    columns = [list(column) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [clock.now(), *columns, user_key])


# --- Samples --------------------------------------------------------------------------------------------------------


def _of_samples(user_key: int, changes: Sequence[Changes], zones: ZoneHistory) -> Iterator[Noted]:
    marks = [mark for one in changes for mark in (*_written(one, zones), *_removed(user_key, one, zones))]
    groups: dict[tuple[str, str, str], list[FeedMark]] = {}
    for mark in marks:
        groups.setdefault((mark.action, mark.series, mark.provider), []).append(mark)
    for (action, series, provider), group in groups.items():
        for run in _runs(group):
            last, count = max(mark.last for mark in run), sum(mark.rows for mark in run)
            yield Noted(action, series, provider, None, run[0].first, last, count)


def _runs(marks: Sequence[FeedMark]) -> Iterator[list[FeedMark]]:
    """Marks of neighbouring days together."""
    ordered = sorted(marks, key=lambda mark: mark.first)
    run = [ordered[0]]
    reach = ordered[0].last
    for _, mark in pairwise(ordered):
        if mark.first > reach + NEXT_DAY:
            yield run
            run = []
        run.append(mark)
        reach = max(reach, mark.last)
    yield run


def _written(changes: Changes, zones: ZoneHistory) -> Iterator[FeedMark]:
    for change in changes.samples:
        action = UPDATED if change.updated else INSERTED
        first, last = _days_of(change, zones)
        yield FeedMark(action, change.stream.series, change.source.provider, first, last, len(change.columns))
    for value in changes.daily:
        action = UPDATED if value.updated else INSERTED
        yield FeedMark(action, value.stream.series, value.source.provider, value.day, value.day, 1)


def _removed(user_key: int, changes: Changes, zones: ZoneHistory) -> Iterator[FeedMark]:
    if not (changes.removed or changes.daily_left):
        return
    providers = dict(Source.objects.filter(user_key=user_key).values_list("id", "provider"))
    for gone in changes.removed:
        provider = providers.get(gone.stream.source_id, "")
        yield FeedMark(
            DELETED, gone.stream.series, provider, zones.day_of(gone.start), zones.day_of(gone.end), gone.count
        )
    for stream, day in changes.daily_left:
        yield FeedMark(DELETED, stream.series, providers.get(stream.source_id, ""), day, day, 1)


def _days_of(change: SampleChange, zones: ZoneHistory) -> tuple[date, date]:
    """Return the local days of the first and the last sample, by the zones that these two state."""
    columns = change.columns
    first, last = (columns.zones,) * 2 if isinstance(columns.zones, int) else (columns.zones[0], columns.zones[-1])
    ends = ((columns.offsets[0], first), (columns.offsets[-1], last))
    days = [zones.day_of(change.start + offset, None if zone == NO_ZONE else zone) for offset, zone in ends]
    return min(days), max(days)


# --- Workouts, sessions, scores -------------------------------------------------------------------------------------

_KINDS: Final[Sequence[tuple[str, str, Any, str]]] = (
    ("workout", "workouts", Workout, "source__provider"),
    ("sleep", "sleep", SleepSession, "source__provider"),
    ("health_score", "scores", HealthScore, "provider"),
)


def _of_rows(changes: Sequence[Changes]) -> Iterator[Noted]:
    for data_type, name, model, provider in _KINDS:
        created = {key for one in changes for key in getattr(one, f"{name}_created")}
        updated = {key for one in changes for key in getattr(one, f"{name}_updated")} - created
        keys = created | updated
        if keys:
            found = model.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "id", "day", provider)
            for key, resource, day, who in found:
                yield Noted(INSERTED if key in created else UPDATED, data_type, who, resource, day, day, 1)
        yield from _gone(data_type, (row for one in changes for row in getattr(one, f"{name}_deleted")))


def _gone(data_type: str, rows: Iterable[RemovedRow]) -> Iterator[Noted]:
    for row in rows:
        yield Noted(DELETED, data_type, row.provider, row.id, row.day, row.day, 1)

"""Marking the local days whose figures have to be computed again: one statement a store call.

The rows are the queue. They are written in the transaction that changes the data, so no change is without its mark,
and computing a day deletes its row.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from django.db import connection

from healthdata.days import ZoneHistory
from healthdata.merge import WEAR_EDGE_MS
from healthdata.metrics import ACTIVITY_SERIES
from healthdata.models import DueDay
from healthdata.store.columns import NO_ZONE
from healthdata.store.result import RemovedSamples, SampleChange, StoreResult
from wearlink.lib import clock

FIGURES: Final = int(DueDay.Kind.FIGURES)
SCORES: Final = int(DueDay.Kind.SCORES)
REGROUP: Final = int(DueDay.Kind.REGROUP)
SINCE_EVER: Final = date(1970, 1, 1)  # the day of marks that are of all days
#: What recovery and strain are computed from, beside nights.
SCORED_SERIES: Final = (
    "heart_rate",
    "resting_heart_rate",
    "heart_rate_variability_rmssd",
    "heart_rate_variability_sdnn",
)
#: series → what has to be computed when it changes
KINDS_OF_SERIES: Final[Mapping[str, tuple[int, ...]]] = {
    code: tuple(kind for kind, codes in ((FIGURES, ACTIVITY_SERIES), (SCORES, SCORED_SERIES)) if code in codes)
    for code in {*ACTIVITY_SERIES, *SCORED_SERIES}
}
MARGIN: Final = timedelta(days=1)  # a local date is at most a day from UTC's
MAX_CAUSES: Final = 400  # characters: the batches of one busy day are ten at most

DayMark = tuple[int, date]  # kind, local day
DayMarks = dict[DayMark, str]  # … and why, as DueDay.causes has it

# Sorted, so that two writers without the end user's lock (there are none today) would not deadlock.
# Written out: `make bench`, SDK records/s, first POST to visible.
_MARK: Final = """
INSERT INTO healthdata_dueday AS due (user_key, kind, day, marks, causes, since)
SELECT %s, kind, day, 1, causes, %s FROM unnest(%s::smallint[], %s::date[], %s::text[]) AS new(kind, day, causes)
ORDER BY kind, day
ON CONFLICT (user_key, kind, day) DO UPDATE SET marks = due.marks + 1, causes = CASE
    WHEN EXCLUDED.causes = '' OR position(EXCLUDED.causes IN due.causes) > 0
         OR length(due.causes) + length(EXCLUDED.causes) >= %s THEN due.causes
    ELSE ltrim(due.causes || ' ' || EXCLUDED.causes) END
"""

_UNMARK: Final = """
DELETE FROM healthdata_dueday AS due
USING unnest(%s::smallint[], %s::date[], %s::int[]) AS done(kind, day, marks)
WHERE due.user_key = %s AND due.kind = done.kind AND due.day = done.day AND due.marks = done.marks
"""


def mark(user_key: int, marks: DayMarks) -> None:
    """Write the marks; a day that is marked already is marked once more. No statement for none."""
    if not marks:
        return
    kinds, days = [kind for kind, _ in marks], [day for _, day in marks]
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [user_key, clock.now(), kinds, days, list(marks.values()), MAX_CAUSES])


def unmark(user_key: int, rows: Sequence[DueDay]) -> None:
    """Take away marks that were worked off, but for those that grew in the meantime."""
    if not rows:
        return
    kinds, days, marks = [row.kind for row in rows], [row.day for row in rows], [row.marks for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_UNMARK, [kinds, days, marks, user_key])


def mark_days(user_key: int, kind: int, days: Iterable[date], cause: str) -> None:
    """Mark whole days for another reason than their data: a zone, an order of sources."""
    mark(user_key, dict.fromkeys(((kind, day) for day in sorted(days)), cause))


def mark_around(user_key: int, days: tuple[date, date], cause: str) -> None:
    """Mark the figures and scores of all days that data of these UTC dates may belong to."""
    for kind in (FIGURES, SCORES):
        mark_days(user_key, kind, day_range(days[0] - MARGIN, days[1] + MARGIN), cause)


def of_results(results: Sequence[StoreResult], zones: ZoneHistory, causes: Sequence[str] = ()) -> DayMarks:
    """Return the days that a store call changed, each with the batches that did it (`causes`, one a batch)."""
    marks: DayMarks = {}
    for number, result in enumerate(results):
        cause = causes[number] if number < len(causes) else ""
        changes = result.changes
        for change in changes.samples:
            note(marks, change.stream.series, days_of(change, zones), cause)
        for gone in changes.removed:
            note(marks, gone.stream.series, days_between(gone, zones), cause)
        for value in changes.daily:
            note(marks, value.stream.series, (value.day,), cause)
        for stream, day in changes.daily_left:
            note(marks, stream.series, (day,), cause)
    return marks


def note(marks: DayMarks, series: str, days: Iterable[date], cause: str) -> None:
    """Add the days on which a series changed."""
    for kind in KINDS_OF_SERIES.get(series, ()):
        for day in days:
            known = marks.get((kind, day))
            if known is None:
                marks[kind, day] = cause
            elif cause and cause not in known and len(known) + len(cause) < MAX_CAUSES:
                marks[kind, day] = f"{known} {cause}".strip()


def days_of(change: SampleChange, zones: ZoneHistory) -> Iterable[date]:
    """Return the local days that changed samples reach into, in every zone that the rows state."""
    columns = change.columns
    longest = 0 if columns.durations is None else max(columns.durations)
    first = change.start + columns.offsets[0] - WEAR_EDGE_MS
    last = change.start + columns.offsets[-1] + max(longest - 1, WEAR_EDGE_MS)
    stated = {columns.zones} if isinstance(columns.zones, int) else set(columns.zones)
    found: set[date] = set()
    for zone in stated:
        offset = None if zone == NO_ZONE else zone
        found.update(day_range(zones.day_of(first, offset), zones.day_of(last, offset)))
    return found


def days_between(gone: RemovedSamples, zones: ZoneHistory) -> Iterable[date]:
    """Return the days around removed samples; what zones they stated went with them, so a day more to either side."""
    first, last = zones.day_of(gone.start).toordinal() - 1, zones.day_of(gone.end).toordinal() + 1
    return day_range(date.fromordinal(first), date.fromordinal(last))


def day_range(first: date, last: date) -> Iterable[date]:
    """Return all dates from first to last, both included."""
    return [date.fromordinal(ordinal) for ordinal in range(first.toordinal(), last.toordinal() + 1)]

"""Time zones that rows state, noted where they contradict the zone of the end user's days."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Final

from django.db import connection

from healthdata.days import ZoneHistory
from healthdata.models import DueDay, ZoneStatement
from healthdata.records import StageRecord, StatedZone, WorkoutRecord
from healthdata.store.columns import NO_ZONE, Columns
from healthdata.store.learned_zones import DAY_MS, Statement
from healthdata.store.result import StoreResult
from wearlink.lib.clock import from_ms

LEARN: Final = int(DueDay.Kind.LEARN)

# By day, source of the statement, and what it says. Chunks of mixed zones speak by their first row.
# Written out: `make bench`, SDK records/s, first POST to visible.
_STATEMENTS: Final = """
SELECT min(hour)::bigint * 3600000, coalesce(zone, zones[1]), sum(n)::bigint, NULL
FROM healthdata_samplechunk WHERE user_key = %(user)s AND coalesce(zone, zones[1], %(none)s) <> %(none)s
GROUP BY hour / 24, 2
UNION ALL
SELECT floor(extract(epoch FROM min(start)) * 1000)::bigint, zone, count(*), NULL
FROM healthdata_workout WHERE user_key = %(user)s AND zone IS NOT NULL GROUP BY date_trunc('day', start), zone
UNION ALL
SELECT floor(extract(epoch FROM min(start)) * 1000)::bigint, zone, count(*), NULL
FROM healthdata_sleepsession WHERE user_key = %(user)s AND zone IS NOT NULL GROUP BY date_trunc('day', start), zone
UNION ALL
SELECT at_ms, "offset", 1, nullif(name, '') FROM healthdata_zonestatement WHERE user_key = %(user)s
"""


def contradicted(
    results: Sequence[StoreResult], events: Iterable[StageRecord | WorkoutRecord], zones: ZoneHistory
) -> date | None:
    """Return the local day of the first changed row that states another offset than the end user's zone has; None of
    none.
    """
    for result in results:
        for change in result.changes.samples:
            for at, zone in _stated(change.columns):
                if zones.offset_at(change.start + at) != zone:
                    return zones.day_of(change.start + at)
    for one in events:
        if one.zone is not None and zones.offset_at(one.start) != one.zone:
            return zones.day_of(one.start)
    return None


def _stated(columns: Columns) -> Collection[tuple[int, int]]:
    """Return the zones that rows state, each with the place (ms) of its first row."""
    if isinstance(columns.zones, int):
        return () if columns.zones == NO_ZONE else ((columns.offsets[0], columns.zones),)
    found = {zone: at for at, zone in zip(reversed(columns.offsets), reversed(columns.zones), strict=True)}
    return [(at, zone) for zone, at in found.items() if zone != NO_ZONE]


def note(user_key: int, stated: Iterable[StatedZone], zones: ZoneHistory) -> date | None:
    """Keep what phones say of their clocks; returns the day of the first that is not what is thought."""
    rows = {(one.at // DAY_MS, one.offset, one.name or ""): one for one in reversed(list(stated))}
    ZoneStatement.objects.bulk_create(
        (
            ZoneStatement(
                user_key=user_key, at_ms=one.at, day=from_ms(one.at).date(), offset=one.offset, name=one.name or ""
            )
            for one in rows.values()
        ),
        ignore_conflicts=True,
    )
    for one in rows.values():
        if zones.offset_at(one.at) != one.offset or (one.name and zones.zone_at(one.at) != one.name):
            return zones.day_of(one.at)
    return None


def statements(user_key: int) -> list[Statement]:
    """Return all that was stated of an end user's clock, a line a day and kind."""
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS, {"user": user_key, "none": NO_ZONE})
        return [Statement(*row) for row in cursor.fetchall()]

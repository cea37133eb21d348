"""Queries over what has an id of its own: workouts, sleep sessions, scores. Every one starts from a user's key."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Generic, TypeVar

from django.db.models import QuerySet

from healthdata.models import SleepSession, Workout
from healthdata.queries import event_rows
from healthdata.queries.event_rows import ScoreRow, SleepRow, WorkoutRow
from wearlink.lib.clock import from_ms
from wearlink.lib.errors import NotFound
from wearlink.lib.postgres import prepared

Event = TypeVar("Event", Workout, SleepSession)
Listed = TypeVar("Listed", WorkoutRow, SleepRow)
Filters = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventPage(Generic[Listed]):
    """One page: rows with their source, where to go on (None: nowhere), and how many the whole query gives."""

    rows: list[Listed]
    next: list[Any] | None
    total: int


@dataclass(frozen=True, slots=True)
class ProviderCount:
    """The number of rows from one provider, and their first and last local date."""

    provider: str
    n: int
    first: date
    last: date


def workouts(
    user_key: int,
    *,
    first: date,
    last: date,
    after: list[Any] | None,
    limit: int,
    types: Sequence[str] = (),
    provider: str | None = None,
    primary: bool | None = None,
) -> EventPage[WorkoutRow]:
    """Return workouts that start on local dates first..last, oldest first; without details, segments and laps.

    `types`: only workouts of one of these codes; empty: all.
    `primary`: those that stand for themselves only, or the others only.
    """
    filters = {"user": user_key, "first": first, "last": last, "provider": provider, "primary": primary}
    filters["types"] = list(types) or None
    return _page(WorkoutRow, filters, after=after, limit=limit)


def sleep_sessions(
    user_key: int,
    *,
    first: date,
    last: date,
    after: list[Any] | None,
    limit: int,
    provider: str | None = None,
    primary: bool | None = None,
) -> EventPage[SleepRow]:
    """Return nights and naps that end on local dates first..last, oldest first; without the list of stages.

    `primary`: those that stand for themselves only, or the others only.
    """
    filters = {"user": user_key, "first": first, "last": last, "provider": provider, "primary": primary}
    return _page(SleepRow, filters, after=after, limit=limit)


def workout(user_key: int, workout_id: str) -> Workout:
    """Return the whole workout with its source. Raises NotFound, also for text that is no id."""
    return _one(Workout.objects.filter(user_key=user_key), workout_id, "Workout not found")


def sleep_session(user_key: int, session_id: str) -> SleepSession:
    """Return the session with its source and list of stages. Raises NotFound, also for text that is no id."""
    return _one(SleepSession.objects.filter(user_key=user_key), session_id, "Sleep session not found")


def _one(rows: QuerySet[Event], text: str, missing: str) -> Event:
    try:
        row = rows.select_related("source").filter(id=uuid.UUID(text)).first()
    except ValueError as error:
        raise NotFound(missing) from error
    if row is None:
        raise NotFound(missing)
    return row


def nights(user_key: int, *, first: date, last: date) -> list[SleepSession]:
    """Return the primary sessions that end on local dates first..last, with their source, oldest
    first.
    """
    rows = SleepSession.objects.filter(user_key=user_key, day__range=(first, last), same_as=None, is_left_out=False)
    return list(rows.select_related("source").defer("stages").order_by("day", "start", "key"))


def scores(
    user_key: int,
    *,
    first: date | None = None,
    last: date | None = None,
    category: str | None = None,
    provider: str | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[list[ScoreRow], int]:
    """Return scores of local dates first..last, newest first, and how many there are in all."""
    filters = {"user": user_key, "first": first, "last": last, "category": category, "provider": provider}
    return event_rows.scores(filters | {"limit": limit, "offset": offset})


# Written out: `make bench`, summaries/data: p50.
_COUNTS: Final = """
    SELECT 'workouts', s.provider, count(*), min(w.day), max(w.day)
    FROM healthdata_workout w JOIN healthdata_source s ON s.user_key = w.user_key AND s.id = w.source_id
    WHERE w.user_key = %(user)s GROUP BY 2
    UNION ALL
    SELECT 'sleep_sessions', s.provider, count(*), min(n.day), max(n.day)
    FROM healthdata_sleepsession n JOIN healthdata_source s ON s.user_key = n.user_key AND s.id = n.source_id
    WHERE n.user_key = %(user)s GROUP BY 2
    UNION ALL
    SELECT 'health_scores', provider, count(*), min(day), max(day)
    FROM healthdata_healthscore
    WHERE user_key = %(user)s AND NOT superseded AND score IS NOT NULL GROUP BY 2
    ORDER BY 1, 2
"""


def counts(user_key: int) -> dict[str, list[ProviderCount]]:
    """Return workouts, sleep sessions and health scores by provider, in the order of the providers'
    names. One query.
    """
    found: dict[str, list[ProviderCount]] = {"workouts": [], "sleep_sessions": [], "health_scores": []}
    with prepared() as cursor:
        cursor.execute(_COUNTS, {"user": user_key})
        for kind, *row in cursor.fetchall():
            found[kind].append(ProviderCount(*row))
    return found


def _page(row: type[Listed], filters: Filters, *, after: list[Any] | None, limit: int) -> EventPage[Listed]:
    """Return a page. A first page that does not hold all rows counts them; later ones have the total in the cursor."""
    page = event_rows.select(row, filters | _beyond(after, filters["first"]) | {"limit": limit + 1})
    more = len(page) > limit
    page = page[:limit]
    total = after[3] if after is not None else event_rows.count(row, filters) if more else len(page)
    return EventPage(page, _place(page[-1], total) if more else None, total)


def _place(row: WorkoutRow | SleepRow, total: int) -> list[Any]:
    return [row.day.isoformat(), row.start_ms, row.key, total]


def _beyond(after: list[Any] | None, first: date) -> Filters:
    """Return where the page before ended; its day is also the first that needs to be looked at."""
    if after is None:
        return {"first": first, "start": None, "key": None}
    return {"first": date.fromisoformat(after[0]), "start": from_ms(after[1]), "key": after[2]}

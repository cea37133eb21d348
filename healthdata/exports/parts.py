"""Health data as parts of an export: sources, samples, workouts, sleep, scores, daily figures."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet

from accounts.deletion.erasure import UserGone
from accounts.exports import contract
from accounts.exports.contract import ArchiveMember, Block, ExportPart, ExportScope, ExportWeight
from healthdata import serializers, summaries
from healthdata.api.activity import activity_day
from healthdata.api.details import sleep_detail, workout_detail
from healthdata.api.sources import shown_sources
from healthdata.catalogue import expand
from healthdata.exports import restore, samples
from healthdata.figures.due import priority_of
from healthdata.merge.preferences import Priority
from healthdata.models import SleepSession, SleepStage, Source, Workout
from healthdata.queries import events
from healthdata.queries.counts import series_of_sources
from healthdata.summaries.choice import Reader
from wearlink.lib.api.rendering import dumps
from wearlink.lib.clock import from_ms, rfc3339

ROW_BATCH_SIZE: Final = 500
DAY_BATCH_SIZE: Final = 7  # a day of a reading every 5 s that was not computed before takes 2 MB to compute
WORKOUT_WEIGHT: Final = 100  # a workout has its course: as long as so many samples
_DAY: Final = timedelta(days=1)
Row = TypeVar("Row", bound=Model)


def _line(shown: dict[str, Any]) -> Block:
    return Block(1, dumps(shown) + b"\n")


def _priority(scope: ExportScope) -> Priority:
    """Return the end user's order of sources. Raises UserGone."""
    found = priority_of(scope.user_key)
    if found is None:
        raise UserGone
    return found


def _in_days(rows: "QuerySet[Row]", scope: ExportScope) -> "QuerySet[Row]":
    """Return rows of the scope's local days."""
    rows = rows if scope.first is None else rows.filter(day__gte=scope.first)
    return rows if scope.last is None else rows.filter(day__lte=scope.last)


def _sources(scope: ExportScope) -> Iterable[ArchiveMember]:
    rows = Source.objects.filter(user_key=scope.user_key)
    identities = {str(row.uid): {"key": row.key, "name": row.name} for row in rows}
    yield ArchiveMember(restore.SOURCES, partial(_source_lines, scope), {"identities": identities})


def _source_lines(scope: ExportScope) -> Iterator[Block]:
    for shown in shown_sources(scope.user_key, _priority(scope)):
        yield _line(shown)


def _workouts(scope: ExportScope) -> Iterable[ArchiveMember]:
    yield ArchiveMember(restore.WORKOUTS, partial(_workout_lines, scope))


def _workout_lines(scope: ExportScope) -> Iterator[Block]:
    rows = _in_days(Workout.objects.filter(user_key=scope.user_key), scope).select_related("source")
    for row in rows.order_by("day", "start", "key").iterator(ROW_BATCH_SIZE):
        yield _line(workout_detail(row))


def _workout_weight(scope: ExportScope) -> ExportWeight:
    rows = _in_days(Workout.objects.filter(user_key=scope.user_key), scope)
    return ExportWeight(rows.count() * WORKOUT_WEIGHT)


def _sleep(scope: ExportScope) -> Iterable[ArchiveMember]:
    yield ArchiveMember(restore.SLEEP, partial(_sleep_lines, scope))
    yield ArchiveMember(restore.STAGES, partial(_stage_lines, scope))


def _sleep_lines(scope: ExportScope) -> Iterator[Block]:
    rows = _in_days(SleepSession.objects.filter(user_key=scope.user_key), scope).select_related("source")
    for row in rows.order_by("day", "start", "key").iterator(ROW_BATCH_SIZE):
        yield _line(sleep_detail(row))


def _stage_lines(scope: ExportScope) -> Iterator[Block]:
    """Yield what the sources said, from which the sessions were put together."""
    span = samples.span_of(scope)
    rows = SleepStage.objects.filter(user_key=scope.user_key, end_ms__gt=span.start, end_ms__lte=span.stop)
    columns = ("source__uid", "start_ms", "end_ms", "stage", "zone", "nap")
    for source, start, end, stage, zone, nap in (
        rows.order_by("source_id", "start_ms", "end_ms", "stage").values_list(*columns).iterator(ROW_BATCH_SIZE)
    ):
        yield _line(
            {
                "source_id": str(source),
                "start_time": rfc3339(start),
                "end_time": rfc3339(end),
                "stage": stage,
                "zone_offset": serializers.zone_offset(zone),
                "is_nap": nap,
            }
        )


def _scores(scope: ExportScope) -> Iterable[ArchiveMember]:
    yield ArchiveMember(restore.SCORES, partial(_score_lines, scope))


def _score_lines(scope: ExportScope) -> Iterator[Block]:
    offset = 0
    while True:
        rows, total = events.scores(
            scope.user_key, first=scope.first, last=scope.last, limit=ROW_BATCH_SIZE, offset=offset
        )
        for row in rows:
            yield _line(serializers.score(row))
        offset += ROW_BATCH_SIZE
        if offset >= total:
            return


def _summaries(scope: ExportScope) -> Iterable[ArchiveMember]:
    yield ArchiveMember(restore.ACTIVITY, partial(_activity_lines, scope))


def _activity_lines(scope: ExportScope) -> Iterator[Block]:
    reader = Reader(scope.user_key, _priority(scope))
    span = _days_with_data(scope)
    if span is None:
        return
    first, last = span
    while first <= last:
        end = min(first + timedelta(days=DAY_BATCH_SIZE - 1), last)
        for day in summaries.activity(reader, first=first, last=end):
            yield _line(activity_day(day))
        first = end + _DAY


def _days_with_data(scope: ExportScope) -> tuple[date, date] | None:
    """Return the local days that any sample may belong to, within the scope."""
    found = series_of_sources(scope.user_key)
    if not found:
        return None
    first = from_ms(min(one.first_ms for one in found)).date() - _DAY
    last = from_ms(max(one.last_ms for one in found)).date() + _DAY
    return max(first, scope.first or first), min(last, scope.last or last)


contract.register(
    ExportPart(
        name="sources",
        holds="sources.ndjson: devices and apps that sent data, as GET /users/{id}/sources.",
        members=_sources,
        restore=restore.sources,
    )
)
contract.register(
    ExportPart(
        name="samples",
        holds="samples/<series>.ndjson or .csv: every value of a series, as GET /users/{id}/timeseries shows it, "
        "source after source, each by time; a series of more than 5,000,000 values has a file a year. Values of hidden "
        "sources are among them.",
        members=samples.members,
        weight=samples.weight,
        expand=expand,
        restore=restore.samples,
    )
)
contract.register(
    ExportPart(
        name="workouts",
        holds="workouts.ndjson: workouts with their course, as GET /users/{id}/events/workouts/{workout_id}.",
        members=_workouts,
        weight=_workout_weight,
        restore=restore.workouts,
    )
)
contract.register(
    ExportPart(
        name="sleep",
        holds="sleep.ndjson: nights and naps with their course, as GET /users/{id}/events/sleep/{session_id}. "
        "sleep_stages.ndjson: the stages as the sources sent them.",
        members=_sleep,
        restore=restore.stages,
    )
)
contract.register(
    ExportPart(
        name="health_scores",
        holds="health_scores.ndjson: scores by day, newest first, as GET /users/{id}/health-scores.",
        members=_scores,
        restore=restore.scores,
    )
)
contract.register(
    ExportPart(
        name="summaries",
        holds="activity_days.ndjson: figures of local days, with their sources and revisions, as GET "
        "/users/{id}/summaries/activity.",
        members=_summaries,
    )
)

"""Webhook events of the changes of a store call, made in the store's own transaction.

    emit_changes(user_key, results)
    emit_ranges(user_key, ranges)
    emit_source(source)

Rows that came again as they were raise nothing. Samples of one provider and series make one batch, which is cut where
its message would grow too large. A store call of more than OMITTED_FROM rows tells each series' range and count, and
no samples; an import of as many does so once, at its end.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from accounts.end_users import zones as user_zones
from accounts.webhooks import events, subscribers
from accounts.webhooks.events import Event
from accounts.webhooks.subscribers import SubscribedUser
from healthdata import serializers
from healthdata.days import ZoneHistory
from healthdata.models import HealthScore, SleepSession, Source, Workout
from healthdata.queries.daily import midnight
from healthdata.store.columns import NO_ZONE, Columns
from healthdata.store.result import Changes, DailyChange, RemovedRow, SampleChange, StoreResult
from healthdata.webhooks import deferred_bodies, ranges
from healthdata.webhooks.deferred_bodies import DeferredBody, PackedSamples
from healthdata.webhooks.event_types import TYPES
from healthdata.webhooks.ranges import BatchKey, TouchedRange
from wearlink.lib.clock import rfc3339, to_ms

OMITTED_FROM: Final = 50_000


def emit_changes(user_key: int, results: Sequence[StoreResult], *, samples: bool = True) -> int:
    """Emit what these results of one store call changed; returns the number of messages.

    Without `samples` only sessions and scores are emitted. One query where nobody listens to anything, two for samples,
    and one more for each kind of session that somebody listens to. An unknown (or just erased) end user has no
    listeners.
    """
    changes = [result.changes for result in results]
    if not any((samples and (one.samples or one.daily)) or _sessions_of(one) for one in changes):
        return 0
    user = _subscribed(user_key)
    if user is None:
        return 0
    wanted = user.subscribers.types_for(user.user_id)
    found = [*_of_sessions(user, results, wanted)]
    if samples:
        found += _of_samples(user_key, user, results, wanted)
    return events.emit_many(user.subscribers, found) if found else 0


def emit_ranges(user_key: int, found: Mapping[BatchKey, TouchedRange]) -> int:
    """Emit one message a series and level that says how many samples of what time came, and has none of them."""
    user = _subscribed(user_key) if found else None
    if user is None:
        return 0
    wanted = user.subscribers.types_for(user.user_id)
    return events.emit_many(user.subscribers, list(_of_ranges(user, found, wanted)))


def emit_source(source: Source) -> None:
    """Emit a change of a source's settings. A new name makes one event, not one for every row that shows it."""
    user = _subscribed(source.user_key)
    if user is None:
        return
    target = None if source.merged_into is None else Source.objects.get(pk=source.merged_into).uid
    data = {
        "user_id": str(user.user_id),
        "id": str(source.uid),
        "provider": source.provider,
        "device": source.device,
        "device_type": source.device_type or None,
        "name": source.label or None,
        "is_hidden": source.is_hidden,
        "merged_into": None if target is None else str(target),
    }
    events.emit_many(user.subscribers, [Event("source.updated", data, user_id=user.user_id)])


def _subscribed(user_key: int) -> SubscribedUser | None:
    user = subscribers.of_end_user(user_key)
    return user if user is not None and user.subscribers.endpoints else None


# --- Sessions and scores --------------------------------------------------------------------------------------------

Show = Callable[[Any], dict[str, Any]]
_SESSIONS: Final[Sequence[tuple[str, str, Any, Show]]] = (
    ("workouts_created", "workout.created", Workout, serializers.workout),
    ("workouts_updated", "workout.updated", Workout, serializers.workout),
    ("sleep_created", "sleep.created", SleepSession, serializers.sleep_session),
    ("sleep_updated", "sleep.updated", SleepSession, serializers.sleep_session),
    ("scores_created", "health_score.created", HealthScore, serializers.score),
    ("scores_updated", "health_score.updated", HealthScore, serializers.score),
)
_DELETED: Final[Sequence[tuple[str, str, str]]] = (
    ("workouts_deleted", "workout.deleted", "workouts_created"),
    ("sleep_deleted", "sleep.deleted", "sleep_created"),
    ("scores_deleted", "health_score.deleted", "scores_created"),
)


_OF_SESSIONS: Final = [*(name for name, *_ in _SESSIONS), *(name for name, *_ in _DELETED)]


def _sessions_of(changes: Changes) -> bool:
    return any(getattr(changes, name) for name in _OF_SESSIONS)


def _keys(results: Sequence[StoreResult], name: str) -> set[int]:
    return {key for result in results for key in getattr(result.changes, name)}


def _of_sessions(user: SubscribedUser, results: Sequence[StoreResult], wanted: frozenset[str]) -> Iterator[Event]:
    for name, event_type, model, show in _SESSIONS:
        if event_type not in wanted:
            continue
        keys = _keys(results, name)
        if name.endswith("_updated"):  # rows that this very call has created are emitted as created
            keys -= _keys(results, name.replace("_updated", "_created"))
        if keys:
            for row in model.objects.select_related("source").filter(pk__in=keys).order_by("pk"):
                data = {"user_id": str(user.user_id), **show(row), **_relations(event_type, row, results)}
                yield Event(event_type, data, user_id=user.user_id)
    yield from _of_deleted(user, results, wanted)


def _relations(event_type: str, row: Any, results: Sequence[StoreResult]) -> dict[str, Any]:
    """Return how a sleep session came of another: which it was cut off, and which it has taken in."""
    if event_type == "sleep.created":
        known = [one.changes.sleep_split_from[row.pk] for one in results if row.pk in one.changes.sleep_split_from]
        return {"split_from": str(known[-1]) if known else None}
    if event_type == "sleep.updated":
        taken_in = [str(gone.id) for one in results for gone in one.changes.sleep_deleted if gone.replaced_by == row.id]
        return {"replaces": taken_in}
    return {}


def _removed(row: RemovedRow, event_type: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": str(row.id), "date": row.day.isoformat(), "provider": row.provider}
    if row.start is not None and row.end is not None:
        shown |= {"start_time": rfc3339(to_ms(row.start)), "end_time": rfc3339(to_ms(row.end))}
    else:
        shown["category"] = row.category
    if event_type == "sleep.deleted":
        shown["replaced_by"] = str(row.replaced_by) if row.replaced_by else None
    return shown


def _of_deleted(user: SubscribedUser, results: Sequence[StoreResult], wanted: frozenset[str]) -> Iterator[Event]:
    """Yield deleted rows, except those that this very call had created, of which there was no event."""
    for name, event_type, created in _DELETED:
        if event_type not in wanted:
            continue
        untold = _keys(results, created)
        for row in (row for result in results for row in getattr(result.changes, name)):
            if row.key not in untold:
                data = {"user_id": str(user.user_id), **_removed(row, event_type)}
                yield Event(event_type, data, user_id=user.user_id)


# --- Samples --------------------------------------------------------------------------------------------------------


def _of_samples(
    user_key: int, user: SubscribedUser, results: Sequence[StoreResult], wanted: frozenset[str]
) -> Iterator[Event]:
    rows = sum(len(change.columns) for result in results for change in result.changes.samples)
    rows += sum(len(result.changes.daily) for result in results)
    if rows > OMITTED_FROM:
        yield from _of_ranges(user, ranges.of_results(user_key, results), wanted)
        return
    batches: dict[BatchKey, list[PackedSamples]] = {}
    for change in (change for result in results for change in result.changes.samples):
        if not wanted.isdisjoint(TYPES[change.stream.series]):
            batches.setdefault((change.source.provider, change.stream.series), []).append(
                deferred_bodies.pack_samples(change)
            )
    daily = [change for result in results for change in result.changes.daily]
    for key, part in _daily_parts(user_key, daily, wanted):
        batches.setdefault(key, []).append(part)
    for (provider, series), parts in sorted(batches.items()):
        yield from _at_levels(user, deferred_bodies.of_batch(str(user.user_id), provider, series, parts), wanted)


def _of_ranges(user: SubscribedUser, found: Mapping[BatchKey, TouchedRange], wanted: frozenset[str]) -> Iterator[Event]:
    for (provider, series), one in sorted(found.items()):
        body = deferred_bodies.of_range(str(user.user_id), provider, series, one.count, one.start, one.end)
        yield from _at_levels(user, [body], wanted)


def _at_levels(user: SubscribedUser, found: Sequence[DeferredBody], wanted: frozenset[str]) -> Iterator[Event]:
    """Yield a batch's messages, at each level that somebody takes."""
    for body in found:
        wanted_levels = [event_type for event_type in TYPES[body.series] if event_type in wanted]
        data = deferred_bodies.encode(body) if wanted_levels else b""
        for event_type in wanted_levels:
            yield Event(event_type, deferred_body=data, user_id=user.user_id)


def _daily_parts(
    user_key: int, changes: Sequence[DailyChange], wanted: frozenset[str]
) -> Iterator[tuple[BatchKey, PackedSamples]]:
    """Yield a vendor's figures of dates, whose times are their local midnights, as in GET /timeseries."""
    heard = [change for change in changes if not wanted.isdisjoint(TYPES[change.stream.series])]
    zones = ZoneHistory(user_zones.history(user_key)) if heard else ZoneHistory()
    by_stream: dict[int, list[DailyChange]] = {}
    for change in heard:
        by_stream.setdefault(change.stream.id, []).append(change)
    for found in by_stream.values():
        stream, source = found[0].stream, found[0].source
        latest = {midnight(change.day, change.zone, zones): change for change in found}
        ordered = sorted(latest.items())
        columns = Columns(
            offsets=[at for at, _ in ordered],
            vals=[change.value for _, change in ordered],
            durations=None,
            zones=[NO_ZONE if change.zone is None else change.zone for _, change in ordered],
        )
        yield (
            (source.provider, stream.series),
            deferred_bodies.pack_samples(SampleChange(source, stream, 0, columns), daily=True),
        )

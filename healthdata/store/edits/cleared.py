"""clear: what a vendor deletes by time. Rows with ids are found by where they lie, and go as if they had been named."""

from collections.abc import Collection, Sequence

from django.db.models import QuerySet

from healthdata.models import Origin, Stream, Workout
from healthdata.records import ClearedRange
from healthdata.store.edits.documents import PART
from healthdata.store.edits.retractions import retract, retract_range
from healthdata.store.result import StoreResult
from healthdata.store.verbs import of_user
from wearlink.lib.clock import from_ms

MEASURED = (Stream.Grain.SAMPLE, Stream.Grain.INTERVAL)


def clear(
    user_key: int, provider: str, ranges: Sequence[ClearedRange], kept: Collection[str], result: StoreResult
) -> int:
    """Delete a provider's rows in these ranges, except the ids in `kept`; returns how many were deleted."""
    with of_user(user_key):
        named: set[str] = set()
        unnamed: list[tuple[int, ClearedRange]] = []
        for one in ranges:
            named |= _workouts(user_key, provider, one) | _sleeps(user_key, provider, one, kept)
            streams = _streams(user_key, provider, one)
            found = _sample_ids(user_key, provider, streams, one)
            named |= {external_id for _, external_id in found}
            unnamed += [(stream, one) for stream in streams - {stream for stream, _ in found}]
        left = named - set(kept)
        gone = retract(user_key, provider, left, result) if left else 0
        for stream, one in sorted(unnamed, key=lambda pair: pair[0]):
            gone += retract_range(user_key, stream, one.start, one.end, result)
    return gone


def _workouts(user_key: int, provider: str, one: ClearedRange) -> set[str]:
    if not one.workouts:
        return set()
    begun = Workout.objects.filter(
        user_key=user_key, source__provider=provider, start__gte=from_ms(one.start), start__lt=from_ms(one.end)
    )
    return {name for name in begun.values_list("external_id", flat=True) if name is not None}


def _sleeps(user_key: int, provider: str, one: ClearedRange, kept: Collection[str]) -> set[str]:
    """Return the parts of the documents whose last stage ends in the range; those that were sent again replace
    themselves.
    """
    if not one.sleep:
        return set()
    stages = _origins(user_key, provider, Origin.Kind.STAGE)
    near = set(stages.filter(end_ms__gt=one.start, end_ms__lte=one.end).values_list("external_id", flat=True))
    later = set(stages.filter(end_ms__gt=one.end, start_ms__lte=one.end).values_list("external_id", flat=True))
    documents = {_document(name) for name in near} - {_document(name) for name in (*later, *kept)}
    parts: set[str] = set()
    for document in documents:
        parts |= set(stages.filter(external_id__startswith=document).values_list("external_id", flat=True))
    return {name for name in parts if _document(name) in documents}


def _streams(user_key: int, provider: str, one: ClearedRange) -> set[int]:
    if not one.series:
        return set()
    rows = Stream.objects.filter(
        user_key=user_key, source__provider=provider, series__in=one.series, grain__in=MEASURED
    )
    return set(rows.values_list("pk", flat=True))


def _sample_ids(user_key: int, provider: str, streams: set[int], one: ClearedRange) -> set[tuple[int, str]]:
    """Return (stream, id) of the samples there that have ids."""
    if not streams:
        return set()
    rows = _origins(user_key, provider, Origin.Kind.SAMPLE).filter(
        target__in=streams, start_ms__gte=one.start, start_ms__lt=one.end
    )
    return set(rows.values_list("target", "external_id"))


def _origins(user_key: int, provider: str, kind: Origin.Kind) -> QuerySet[Origin]:
    return Origin.objects.filter(user_key=user_key, provider=provider, kind=kind)


def _document(external_id: str) -> str:
    return external_id.partition(PART)[0]

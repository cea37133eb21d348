"""Sleep stage rows as they were received. What they add up to is healthdata.store.sleep.nights' business."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q

from healthdata.models import Origin, SleepStage
from healthdata.records import StageRecord
from healthdata.store.result import StoreResult
from healthdata.store.series.daily_claims import upsert_origins
from healthdata.store.sleep import edited_nights, revised_nights
from healthdata.store.sleep.revised_nights import StatedStage
from healthdata.store.sources import SourceBook

StageKey = tuple[int, int, int, str]  # source, start ms, end ms, stage
PART = "#"  # in the ids of what is a part of a document: its newest version replaces the whole
NIGHT_MS = 16 * 3_600_000  # around what is sent: the rest of the night that it may be a version of
State = tuple[int | None, bool | None]  # zone, nap

WRITE = """
INSERT INTO healthdata_sleepstage (user_key, source_id, start_ms, end_ms, stage, zone, nap)
SELECT %s, * FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[], %s::smallint[], %s::boolean[])
ON CONFLICT (user_key, source_id, start_ms, end_ms, stage) DO UPDATE SET zone = EXCLUDED.zone, nap = EXCLUDED.nap
"""

# Thousands of rows of a night may go in one edit, so it is one statement.
DELETE = """
DELETE FROM healthdata_sleepstage s
USING unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[]) AS k(source_id, start_ms, end_ms, stage)
WHERE s.user_key = %s AND (s.source_id, s.start_ms, s.end_ms, s.stage) = (k.source_id, k.start_ms, k.end_ms, k.stage)
AND NOT EXISTS (
    SELECT FROM healthdata_origin o WHERE o.user_key = s.user_key AND o.kind = %s AND o.target = s.source_id
    AND o.start_ms = s.start_ms AND o.end_ms = s.end_ms AND o.stage = s.stage
)
"""

DISCLAIM = """
DELETE FROM healthdata_origin o
USING unnest(%s::int[], %s::bigint[], %s::bigint[], %s::text[]) AS k(source_id, start_ms, end_ms, stage)
WHERE o.user_key = %s AND o.kind = %s
AND (o.target, o.start_ms, o.end_ms, o.stage) = (k.source_id, k.start_ms, k.end_ms, k.stage)
"""


@dataclass(slots=True)
class Touched:
    """The stretch of time (ms), per source, in which stage rows came, went or changed, and by which batches."""

    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    batches: dict[int, set[int]] = field(default_factory=dict)

    def add(self, source: int, start: int, end: int, batch: int) -> None:
        low, high = self.spans.get(source, (start, end))
        self.spans[source] = (min(low, start), max(high, end))
        self.batches.setdefault(source, set()).add(batch)


def store(book: SourceBook, batches: Sequence[list[StageRecord]], results: Sequence[StoreResult]) -> Touched:
    """Write the stage rows of all batches; a row sent again is recognised by its source, times and stage."""
    touched = Touched()
    records = [record for batch in batches for record in batch]
    if not records:
        return touched
    rows = stored(book, records)
    changed: dict[StageKey, State] = {}
    removed: set[StageKey] = set()
    revised: set[StageKey] = set()
    origins = known_origins(book, records)
    for number, batch in enumerate(batches):
        old = replaced(book, rows, batch)
        for key in old - edited_nights.spared(old, batch, origins):
            rows.pop(key, None)
            changed.pop(key, None)
            removed.add(key)
            revised.add(key)
            touched.add(key[0], key[1], key[2], number)
        edited = []
        for record in batch:
            key = (book.source(record.source).id, record.start, record.end, record.stage)
            former = note_origin(book, origins, record, key)
            if former is not None:
                edited.append(record)
                removed.add(former)
                touched.add(former[0], former[1], former[2], number)
            removed.discard(key)
            revised.discard(key)
            if put(rows, changed, key, (record.zone, record.nap), results[number], edited=former is not None):
                touched.add(key[0], record.start, record.end, number)
        for key in forget(origins, edited_nights.left_over(edited, origins)):
            removed.add(key)
            touched.add(key[0], key[1], key[2], number)
    write(book.user_key, changed)
    sent = {(record.source.provider, record.external_id) for record in records}
    upsert_origins([origin for identity, origin in origins.items() if identity in sent])
    disclaim(book.user_key, revised)
    delete(book.user_key, removed)
    return touched


def forget(origins: edited_nights.Origins, left: Sequence[Origin]) -> list[StageKey]:
    """Take claims away; returns the rows that they were on, which go unless somebody else claims them."""
    for origin in left:
        del origins[origin.provider, origin.external_id]
    Origin.objects.filter(pk__in=[origin.pk for origin in left if origin.pk]).delete()
    return [key_of(origin) for origin in left]


def replaced(book: SourceBook, rows: Mapping[StageKey, State], batch: Sequence[StageRecord]) -> set[StageKey]:
    """Return the rows of former versions of nights that a batch sends again; vendors with documents say
    so themselves.
    """
    sent: dict[int, set[StatedStage]] = {}
    for record in batch:
        if record.external_id is None or PART not in record.external_id:
            sent.setdefault(book.source(record.source).id, set()).add(
                StatedStage(record.start, record.end, record.stage)
            )
    known: dict[int, set[StatedStage]] = {}
    for source, start, end, stage in rows:
        if source in sent:
            known.setdefault(source, set()).add(StatedStage(start, end, stage))
    return {(source, *old) for source, mine in known.items() for old in revised_nights.superseded(mine, sent[source])}


def stored(book: SourceBook, records: Sequence[StageRecord]) -> dict[StageKey, State]:
    found = SleepStage.objects.filter(
        user_key=book.user_key,
        source_id__in={book.source(record.source).id for record in records},
        start_ms__range=(
            min(record.start for record in records) - NIGHT_MS,
            max(record.start for record in records) + NIGHT_MS,
        ),
    )
    return {
        (source, start, end, stage): (zone, nap)
        for source, start, end, stage, zone, nap in found.values_list(
            "source_id", "start_ms", "end_ms", "stage", "zone", "nap"
        )
    }


def put(
    rows: dict[StageKey, State],
    changed: dict[StageKey, State],
    key: StageKey,
    state: State,
    result: StoreResult,
    *,
    edited: bool,
) -> bool:
    """Apply one row; says whether anything changed. What a row does not state does not take away what is known."""
    before = rows.get(key, (None, None))
    state = (before[0] if state[0] is None else state[0], before[1] if state[1] is None else state[1])
    if rows.get(key) == state and not edited:
        result.count(unchanged=1)
        return False
    if key in rows or edited:
        result.count(updated=1)
    else:
        result.count(inserted=1)
    rows[key] = changed[key] = state
    return True


def write(user_key: int, rows: dict[StageKey, State]) -> None:
    """Write all rows in one statement: whole nights of years come at once, and the ORM takes ten times as long."""
    if not rows:
        return
    columns = [list(column) for column in zip(*((*key, *state) for key, state in rows.items()), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [user_key, *columns])


def delete(user_key: int, keys: set[StageKey]) -> int:
    """Delete rows that no document claims any more; returns how many went."""
    if not keys:
        return 0
    columns = [list(column) for column in zip(*keys, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(DELETE, [*columns, user_key, Origin.Kind.STAGE])
        return int(cursor.rowcount)


def disclaim(user_key: int, keys: set[StageKey]) -> None:
    """Delete the claims on rows that the same source has since contradicted."""
    if keys:
        columns = [list(column) for column in zip(*keys, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(DISCLAIM, [*columns, user_key, Origin.Kind.STAGE])


def key_of(origin: Origin) -> StageKey:
    """Return the row that a claim on a stage points at."""
    return origin.target, origin.start_ms, origin.end_ms, origin.stage


def known_origins(book: SourceBook, records: Sequence[StageRecord]) -> edited_nights.Origins:
    """Return claims under the ids of these records, and phones' claims on the same nights."""
    ids = {record.external_id for record in records if record.external_id is not None}
    if not ids:
        return {}
    sources = {book.source(record.source).id for record in records}
    found = Origin.objects.filter(Q(user_key=book.user_key, kind=Origin.Kind.STAGE), external_id__in=ids)
    return {
        **edited_nights.near(book.user_key, sources, records, NIGHT_MS),
        **{(origin.provider, origin.external_id): origin for origin in found},
    }


def note_origin(
    book: SourceBook, origins: edited_nights.Origins, record: StageRecord, key: StageKey
) -> StageKey | None:
    """Remember where the record goes; returns where it was before, if that is another place."""
    if record.external_id is None:
        return None
    identity = (record.source.provider, record.external_id)
    origin = origins.get(identity)
    former = None
    if origin is not None:
        before = (origin.target, origin.start_ms, origin.end_ms, origin.stage)
        former = before if before != key else None
    origins[identity] = Origin(
        user_key=book.user_key, provider=identity[0], external_id=identity[1], kind=Origin.Kind.STAGE,
        target=key[0], start_ms=key[1], end_ms=key[2], stage=key[3], version=record.version,
    )  # fmt: skip
    return former

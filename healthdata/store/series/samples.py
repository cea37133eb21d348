"""Samples into chunks: group, split at chunk borders, merge batch by batch, write once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise
from operator import attrgetter
from typing import Final

from healthdata.catalogue import SERIES, SameStart
from healthdata.days import ZoneHistory
from healthdata.models import Stream
from healthdata.models.series import HOUR, HOUR_MS
from healthdata.records import Sample, SampleColumns, SourceInfo
from healthdata.store.columns import NO_ZONE, Columns, in_order, instants, merge, uniform
from healthdata.store.result import RemovedSamples, SampleChange, StoreResult
from healthdata.store.series import chunks, claims, origins
from healthdata.store.series.chunks import ChunkKey
from healthdata.store.series.working_set import WorkingSet, chunks_of
from healthdata.store.sources import SourceBook, StreamKey, grain_of

_OWNER: Final = attrgetter("source", "series")


@dataclass(slots=True)
class Group:
    """The samples of one stream in one batch; offsets are ms since the epoch, sorted."""

    batch: int
    info: SourceInfo
    series: str
    columns: Columns
    by_id: list[Sample] = field(default_factory=list)  # those that their vendor may edit


@dataclass(slots=True)
class SampleBatch:
    """The samples of one batch: one by one, and in columns."""

    single: list[Sample] = field(default_factory=list)
    columns: list[SampleColumns] = field(default_factory=list)


def store(book: SourceBook, batches: Sequence[SampleBatch], results: Sequence[StoreResult], zones: ZoneHistory) -> None:
    """Write the samples of all batches, in their order; count for each batch what became of its own."""
    edits = origins.Edits.load(book.user_key, chain.from_iterable(batch.single for batch in batches))
    # All batches go through one merge, so that a chunk which several of them touch is read and written once.
    groups = []
    for number, batch in enumerate(batches):
        current = edits.current(batch.single)
        results[number].count(unchanged=len(batch.single) - len(current))
        groups += group_samples(number, current)
        groups += [ready_group(number, columns) for columns in batch.columns]
    if groups:
        merge_groups(book, groups, edits, results, zones)


def merge_groups(
    book: SourceBook,
    groups: Sequence[Group],
    edits: origins.Edits,
    results: Sequence[StoreResult],
    zones: ZoneHistory,
) -> None:
    streams = find_streams(book, groups)
    pieces = [list(split(group.columns, stream)) for group, stream in zip(groups, streams, strict=True)]
    needed = {key for found in pieces for key, _ in found}
    # An edited sample may have lain in another chunk, which must be loaded as well for it to be taken out there.
    former = edits.former_spans()
    for stream in {stream.id: stream for stream in streams}.values():
        for first, last in former.get(stream.id, []):
            needed.update(chunks_of(stream, first, last))
    working = WorkingSet.load(book.user_key, needed)
    for group, stream, found in zip(groups, streams, pieces, strict=True):
        place(book, working, group, stream, found, edits, results[group.batch])
    make_room(working, streams)
    working.write(streams, zones)
    edits.save()


def group_samples(batch: int, samples: list[Sample]) -> list[Group]:
    """Return samples by device and series."""
    groups: dict[tuple[SourceInfo, str], list[Sample]] = defaultdict(list)
    for key, sample in zip(map(_OWNER, samples), samples, strict=True):
        groups[key].append(sample)
    return [make_group(batch, group) for group in groups.values()]


def make_group(batch: int, group: list[Sample]) -> Group:
    first = group[0]
    zones = [NO_ZONE if sample.zone is None else sample.zone for sample in group]
    columns = Columns(
        offsets=[sample.start for sample in group],
        vals=[sample.value for sample in group],
        durations=instants([sample.duration or 0 for sample in group]),
        zones=uniform(zones),
    )
    by_id = [sample for sample in group if sample.external_id is not None]
    return Group(batch, first.source, first.series, in_order(columns), by_id)


def ready_group(batch: int, found: SampleColumns) -> Group:
    """Return columns that an adapter has made already."""
    durations, zones = instants(found.durations.tolist()), uniform(found.zones.tolist())
    columns = Columns(found.starts.tolist(), found.values.tolist(), durations, zones)
    return Group(batch, found.source, found.series, in_order(columns))


def find_streams(book: SourceBook, groups: Sequence[Group]) -> list[Stream]:
    wanted = [(book.source(group.info), group.series, int(grain_of(group.series))) for group in groups]
    keys: list[StreamKey] = [(source.id, series, grain) for source, series, grain in wanted]
    spans: dict[StreamKey, int] = {}
    for key, group in zip(keys, groups, strict=True):
        if book.known_stream(key) is None:
            # the shortest that any group asks for: days are cut into hours later, hours are never joined to days
            spans[key] = min(spans.get(key, 24), chunks.span_of(group.columns.offsets))
    unique = list(dict(zip(keys, wanted, strict=True)).values())
    found = book.streams(unique, spans)
    return [found[key] for key in keys]


def split(columns: Columns, stream: Stream) -> Iterable[tuple[ChunkKey, Columns]]:
    """Cut sorted rows at the borders of the stream's chunks; offsets become relative to them."""
    width = stream.span * HOUR_MS
    starts = columns.offsets
    numbers = [start // width for start in starts]
    borders = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(numbers)) if a != b), len(numbers)]
    for first, last in pairwise(borders):
        number = numbers[first]
        yield (stream.id, number * stream.span), columns.part(first, last, shift=number * width)


def place(
    book: SourceBook,
    working: WorkingSet,
    group: Group,
    stream: Stream,
    pieces: list[tuple[ChunkKey, Columns]],
    edits: origins.Edits,
    result: StoreResult,
) -> None:
    """Merge one group into the working set; rows that an edit moved elsewhere leave their old place first."""
    keep = SERIES[group.series].same_start is SameStart.KEEP
    moved = take_out_moved(working, group, stream, edits, result) if group.by_id else 0
    source = book.source(group.info)
    for key, piece in pieces:
        merged = merge(working.chunks.get(key), piece, keep=keep)
        # A row that was taken out above and is elsewhere now is one update and no insertion.
        edited = min(moved, merged.inserted)
        moved -= edited
        result.count(inserted=merged.inserted - edited, updated=merged.updated + edited, unchanged=merged.unchanged)
        if merged.changed is not None:
            working.put(key, merged.columns)
            result.changes.samples.append(
                SampleChange(source, stream, key[1] * HOUR_MS, merged.changed, merged.updated)
            )


def take_out_moved(working: WorkingSet, group: Group, stream: Stream, edits: origins.Edits, result: StoreResult) -> int:
    """Remove the former rows of edited records, but for those that others claim; returns how many went."""
    documents: dict[str | None, list[Sample]] = {}
    for sample in group.by_id:
        documents.setdefault(sample.external_id, []).append(sample)
    left: list[claims.Said] = []
    for samples in documents.values():
        left += edits.note(samples, stream.id)
    if not left:
        return 0
    span = min(at for at, _ in left), max(at for at, _ in left)
    gone = claims.release(working, stream, left, edits.in_force(claims.others(stream, span, ()), stream.id))
    if gone:
        result.changes.removed.append(RemovedSamples(stream, *span, gone))
    return gone


def make_room(working: WorkingSet, streams: Sequence[Stream]) -> None:
    """Give hourly chunks to streams whose daily ones have become too long."""
    for stream in {stream.id: stream for stream in streams}.values():
        if any(chunks.too_dense(stream.span, working.chunks[key]) for key in working.dirty if key[0] == stream.id):
            shorten(working, stream)


def shorten(working: WorkingSet, stream: Stream) -> None:
    """Lay a stream out in hours. Happens once in a stream's life."""
    held = {key: columns for key, columns in working.chunks.items() if key[0] == stream.id}
    stored = chunks.load_range(working.user_key, stream.id, -(2**31), 2**31 - 1)
    working.existing |= set(stored)
    for (_, hour), columns in {**stored, **held}.items():
        # Emptied first: the day's chunk has the key of its first hour, which may stay empty.
        working.put((stream.id, hour), Columns([], [], None, NO_ZONE))
        for key, part in chunks.split(stream.id, hour, columns).items():
            working.put(key, part)
    stream.span = HOUR
    stream.save(update_fields=["span"])

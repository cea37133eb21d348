"""The chunks that a store call changes, loaded at once and written at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from healthdata.days import ZoneHistory
from healthdata.models import Stream
from healthdata.models.series import HOUR_MS
from healthdata.store.columns import Columns
from healthdata.store.series import chunks
from healthdata.store.series.chunks import ChunkKey


@dataclass(slots=True)
class WorkingSet:
    """Chunks under work: as they are in the table, then as the batches leave them."""

    user_key: int
    chunks: dict[ChunkKey, Columns]
    existing: set[ChunkKey]
    dirty: set[ChunkKey] = field(default_factory=set)

    @classmethod
    def load(cls, user_key: int, keys: Iterable[ChunkKey]) -> "WorkingSet":
        found = chunks.load(user_key, sorted(set(keys)))
        return cls(user_key, found, set(found))

    def put(self, key: ChunkKey, columns: Columns) -> None:
        self.chunks[key] = columns
        self.dirty.add(key)

    def write(self, streams: Sequence[Stream], zones: ZoneHistory) -> None:
        changed = {key: self.chunks[key] for key in self.dirty}
        spans = {stream.id: stream.span for stream in streams}
        chunks.write(self.user_key, changed, existing=self.existing, spans=spans, zones=zones)


def chunk_of(stream: Stream, at: int) -> ChunkKey:
    """Return the chunk that an instant (ms) falls into."""
    return stream.id, at // HOUR_MS // stream.span * stream.span


def chunks_of(stream: Stream, first: int, last: int) -> list[ChunkKey]:
    """Return the chunks that the instants from first to last (ms) fall into."""
    begin, end = chunk_of(stream, first)[1], chunk_of(stream, last)[1]
    return [(stream.id, hour) for hour in range(begin, end + 1, stream.span)]

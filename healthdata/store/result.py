"""The result of a store call: the counts that a batch reports, and the changed rows from which events are made."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from uuid import UUID

from healthdata.models import Source, Stream
from healthdata.store.columns import Columns


@dataclass(frozen=True, slots=True)
class SampleChange:
    """Samples of one stream that were inserted or changed; offsets are ms from `start`."""

    source: Source
    stream: Stream
    start: int
    columns: Columns
    updated: int = 0  # how many of them were there before


@dataclass(frozen=True, slots=True)
class DailyChange:
    source: Source
    stream: Stream
    day: date
    value: float
    zone: int | None
    updated: bool = False


@dataclass(frozen=True, slots=True)
class RemovedSamples:
    """Samples of one stream that an edit or a retraction took away, from the first to the last instant (ms)."""

    stream: Stream
    start: int
    end: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class RemovedRow:
    """A workout, sleep session or score that is gone. replaced_by: the session that has its time now."""

    key: int
    id: UUID
    provider: str
    day: date
    start: datetime | None = None
    end: datetime | None = None
    category: str = ""
    replaced_by: UUID | None = None


@dataclass(slots=True)
class Changes:
    """Rows really inserted, changed or deleted, by kind. Sessions and scores by their internal keys."""

    removed: list[RemovedSamples] = field(default_factory=list)
    samples: list[SampleChange] = field(default_factory=list)
    daily: list[DailyChange] = field(default_factory=list)
    daily_left: list[tuple[Stream, date]] = field(default_factory=list)  # a document's figure moved to another day
    workouts_created: list[int] = field(default_factory=list)
    workouts_updated: list[int] = field(default_factory=list)
    sleep_created: list[int] = field(default_factory=list)
    sleep_updated: list[int] = field(default_factory=list)
    scores_created: list[int] = field(default_factory=list)
    scores_updated: list[int] = field(default_factory=list)
    workouts_deleted: list[RemovedRow] = field(default_factory=list)
    sleep_deleted: list[RemovedRow] = field(default_factory=list)
    scores_deleted: list[RemovedRow] = field(default_factory=list)
    sleep_split_from: dict[int, UUID] = field(default_factory=dict)  # created session → the one it was part of

    def extend(self, other: "Changes") -> None:
        """Take in what another call did."""
        for one in fields(self):
            mine = getattr(self, one.name)
            if isinstance(mine, list):
                mine += getattr(other, one.name)
            else:
                mine.update(getattr(other, one.name))


@dataclass(slots=True)
class StoreResult:
    """Counts of the records of one batch. A record sent again as it is counts as unchanged."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    changes: Changes = field(default_factory=Changes)
    refused: int = 0  # records of sources for which there was no room

    def count(self, *, inserted: int = 0, updated: int = 0, unchanged: int = 0) -> None:
        self.inserted += inserted
        self.updated += updated
        self.unchanged += unchanged

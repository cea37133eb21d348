"""The provider class of the phones: reads a stored payload and hands its three collections to their normalisers."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import ClassVar, Final, TypeVar

import msgspec

from healthdata.catalogue import WORKOUT_TYPES
from healthdata.records import Record, Rejected, StatedZone
from providers.contract import Context, Coverage, Provider, ProviderKind
from providers.sdk import clocks
from providers.sdk.dialect import Dialect
from providers.sdk.reader import ItemReader
from providers.sdk.records import SdkRecordNormaliser
from providers.sdk.sleep import SleepNormaliser
from providers.sdk.sources import SdkSources
from providers.sdk.wire import Batch, RecordItem, SleepItem, WorkoutItem, read_batch, read_raw_batch
from providers.sdk.workouts import SdkWorkoutNormaliser

Item = TypeVar("Item", RecordItem, SleepItem, WorkoutItem)

_DATES: Final = {"startDate": "bad_date", "endDate": "bad_date"}
_RECORD: Final = ItemReader(
    RecordItem, {"type": "unknown_type", **_DATES}, {"value": "not_a_number", "unit": "unknown_unit"}
)
_STAGE: Final = ItemReader(SleepItem, {"stage": "unknown_stage", **_DATES})
_WORKOUT: Final = ItemReader(WorkoutItem, {"type": "unknown_type", **_DATES})


class PhoneProvider(Provider):
    """Base of the SDK adapters, which add slug, name and dialect."""

    kind = ProviderKind.SDK
    dialect: ClassVar[Dialect]

    def __init_subclass__(cls) -> None:
        """Derive the coverage from the platform's tables; workouts are named by the catalogue's own codes."""
        cls.coverage = Coverage(
            series=tuple(sorted(set(cls.dialect.series.values()))),
            workout_types=tuple(sorted(WORKOUT_TYPES)),
            sleep=True,
            scores=tuple(sorted(set(cls.dialect.scores.values()))),
        )

    def __init__(self) -> None:
        self._records = SdkRecordNormaliser(self.dialect)
        self._sleep = SleepNormaliser(self.dialect)
        self._workouts = SdkWorkoutNormaliser(self.dialect)

    def normalise(self, body: bytes, context: Context) -> Iterator[Record | Rejected | StatedZone]:
        """Return records, stages, workouts, each collection in its own order. Raises AnomalousPayload."""
        sources = SdkSources(self.dialect)
        batch = read_batch(body)
        rejected: list[Rejected] = []
        if batch is None:
            batch, rejected = _one_by_one(body)
        return chain(
            rejected,
            clocks.stated(batch.clock),
            clocks.unknown(batch),
            self._records.normalise(batch.records, sources, context),
            self._sleep.normalise(batch.sleep, sources, context),
            self._workouts.normalise(batch.workouts, sources, context),
        )


def _one_by_one(body: bytes) -> tuple[Batch, list[Rejected]]:
    """Return a payload with malformed items: the good ones with their places, and what is wrong with the others."""
    raw, clock = read_raw_batch(body)
    rejected: list[Rejected] = []
    records = _readable(_RECORD, raw.records or (), "records", rejected)
    sleep = _readable(_STAGE, raw.sleep or (), "sleep", rejected)
    workouts = _readable(_WORKOUT, raw.workouts or (), "workouts", rejected)
    return Batch(records, sleep, workouts, clock), rejected


def _readable(
    reader: ItemReader[Item], items: Iterable[msgspec.Raw], collection: str, rejected: list[Rejected]
) -> list[tuple[int, Item]]:
    good = []
    for index, raw in enumerate(items):
        item = reader.read(raw, collection, index)
        if isinstance(item, Rejected):
            rejected.append(item)
        else:
            good.append((index, item))
    return good

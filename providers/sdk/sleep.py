"""data.sleep: one stage each, and the night's score where the platform repeats it on every stage."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

import msgspec

from healthdata.records import Record, Rejected, Score, SourceInfo, StageRecord
from healthdata.sleep import stage_name
from providers.contract import Context
from providers.contract.bounds import ItemSpan, span
from providers.sdk.dialect import Dialect
from providers.sdk.records import item_id
from providers.sdk.sources import SdkSources
from providers.sdk.wire import SleepItem

COLLECTION: Final = "sleep"
EVENING: Final = 18 * 60  # local minutes: sleep that begins later is expected to end on the next day


class SdkNight(msgspec.Struct):
    """The rows of one night in one payload that carry a score of one category."""

    source: SourceInfo
    score: float
    start: int
    end: int
    zone: int | None

    def widen(self, when: ItemSpan, score: float) -> None:
        """Take in another row; the one that ends last has the say on score and zone."""
        self.start = min(self.start, when.start)
        if when.end >= self.end:
            self.end, self.zone, self.score = when.end, when.zone, score

    def day(self, context: Context) -> date:
        """Return the local date of waking, also where the payload has but the hours before midnight of a night."""
        zones = context.zones
        first, last = zones.day_of(self.start, self.zone), zones.day_of(self.end, self.zone)
        unfinished = first == last and zones.minute_of_day(self.start, self.zone) >= EVENING
        return last + timedelta(days=1) if unfinished else last


Nights = dict[tuple[str, str], SdkNight]  # by category and the night's id


class SleepNormaliser:
    """Turns stages of one dialect into stage rows; a night's score comes out once, after the stages."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def normalise(
        self, numbered: Iterable[tuple[int, SleepItem]], sources: SdkSources, context: Context
    ) -> Iterator[Record | Rejected]:
        """Yield stages in the order of the payload, then scores."""
        nights: Nights = {}
        for index, item in numbered:
            when = span(item, COLLECTION, index, context)
            if isinstance(when, Rejected):
                yield when
                continue
            stage = stage_name(str(item.stage), self._dialect.provider)
            if stage is None:
                yield Rejected(COLLECTION, index, "stage", "unknown_stage")
                continue
            source = sources[bytes(item.source)]
            identity = item_id(item.id) if self._dialect.record_ids else None
            stated_at = None if identity is None else context.received
            yield StageRecord(source, when.start, when.end, stage, when.zone, None, identity, stated_at)
            yield from self._note_scores(nights, index, item, when, source)
        for (category, key), night in nights.items():
            yield Score(
                night.source, night.day(context), category, night.score, 0.0, 100.0, night.zone, item_id(key)
            )  # fmt: skip

    def _note_scores(
        self, nights: Nights, index: int, item: SleepItem, when: ItemSpan, source: SourceInfo
    ) -> Iterator[Rejected]:
        for figure in item.values or ():
            category = self._dialect.scores.get(figure.type.lower())
            if category is None:
                continue
            if not 0 <= figure.value <= 100:
                yield Rejected(COLLECTION, index, "values", "out_of_range")
                continue
            key = (category, item.parent_id or item.id or "")
            night = nights.setdefault(key, SdkNight(source, figure.value, when.start, when.end, when.zone))
            night.widen(when, figure.value)

"""data.records: one number each. Nearly everything a phone sends passes through the loop in `normalise`."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from healthdata.records import DailyRecord, Record, Rejected, Sample, SourceInfo, StageRecord
from healthdata.sleep import stage_name
from healthdata.units import acceptable, category_value
from providers.contract import Context
from providers.contract.bounds import AHEAD, EARLIEST, ItemSpan, span
from providers.contract.dates import heads, stated_zone, tails, zones
from providers.sdk.dialect import Dialect
from providers.sdk.recipes import Recipes, SeriesRecipe, UnknownType, UnknownUnit
from providers.sdk.sources import ENTERED, SdkSources
from providers.sdk.wire import NO_METADATA, RecordItem
from wearlink.lib.errors import InvalidInput

COLLECTION: Final = "records"


class SdkRecordNormaliser:
    """Turns the records of one dialect into samples, daily values and (where the platform sends them so) stages."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._recipes = Recipes(dialect)

    def normalise(
        self, numbered: Iterable[tuple[int, RecordItem]], sources: SdkSources, context: Context
    ) -> Iterator[Record | Rejected]:
        """Yield the records' samples. The ordinary one is made right here, for speed; others are left to `_judge`."""
        recipes, with_ids = self._recipes, self._dialect.record_ids
        twins = Twins()
        latest = context.received + AHEAD
        of_last, source = b"", None  # comparing with the item before costs less than a hash of half a kilobyte
        for index, item in numbered:
            try:
                text = item.start_date
                start = heads[text[:16]] + tails[text[16:]]
                text = item.end_date
                end = heads[text[:16]] + tails[text[16:]]
                recipe = recipes[item.type, item.unit]
            except (InvalidInput, UnknownType):
                yield self._judge(index, item, sources, context, twins)
                continue
            value = item.value
            if not recipe.plain or recipe.keep or value is None or not EARLIEST <= start <= end <= latest:
                yield self._judge(index, item, sources, context, twins)
                continue
            if recipe.convert is not None:
                value = recipe.convert(value)
            if not recipe.low <= value <= recipe.high:
                yield self._judge(index, item, sources, context, twins)
                continue
            offset, metadata, raw = item.zone_offset, item.metadata, bytes(item.source)
            if source is None or raw != of_last:
                of_last, source = raw, sources[raw]
            yield Sample(
                source
                if metadata is NO_METADATA or ENTERED not in bytes(metadata)
                else sources.of(raw, bytes(metadata)),
                recipe.series,
                start,
                value,
                end - start if recipe.interval or end > start else None,
                zones[offset]
                if offset is not None
                else None
                if text[-1] == "Z"
                else stated_zone(None, item.start_date),
                item_id(item.id) if with_ids else None,
            )

    def _judge(
        self, index: int, item: RecordItem, sources: SdkSources, context: Context, twins: "Twins"
    ) -> Record | Rejected:
        """Return the long way: every rule in turn, so that a refusal can name the field and the reason."""
        when = span(item, COLLECTION, index, context)
        if self._dialect.is_sleep(item.type):
            return when if isinstance(when, Rejected) else self._stage(index, item, when, sources)
        try:
            recipe = self._recipes[item.type, item.unit]
        except UnknownType:
            return Rejected(COLLECTION, index, "type", "unknown_type")
        except UnknownUnit as error:
            return Rejected(COLLECTION, index, "unit", error.reason)
        if isinstance(when, Rejected):
            return when
        value = _value(recipe, item.value, when)
        if value is None:
            return Rejected(COLLECTION, index, "value", "missing_field")
        if reason := acceptable(recipe.series, value):
            return Rejected(COLLECTION, index, "value", reason)
        record = self._record(recipe, item, value, when, sources, context)
        return twins.apart(record, item.id) if recipe.keep and isinstance(record, Sample) else record

    def _record(
        self,
        recipe: SeriesRecipe,
        item: RecordItem,
        value: float,
        when: ItemSpan,
        sources: SdkSources,
        context: Context,
    ) -> Record:
        source = sources.of(bytes(item.source), bytes(item.metadata))
        identity = item_id(item.id) if self._dialect.record_ids else None
        if recipe.daily:
            day = context.zones.day_of(when.end if recipe.nightly else when.start, when.zone)
            return DailyRecord(source, recipe.series, day, value, when.zone, identity)
        length = when.end - when.start
        duration = length if recipe.interval or length else None
        return Sample(source, recipe.series, when.start, value, duration, when.zone, identity)

    def _stage(self, index: int, item: RecordItem, when: ItemSpan, sources: SdkSources) -> Record | Rejected:
        value = item.value
        if value is None:
            return Rejected(COLLECTION, index, "value", "missing_field")
        stage = stage_name(str(int(value)), self._dialect.provider) if value == int(value) else None
        if stage is None:
            return Rejected(COLLECTION, index, "value", "unknown_stage")
        return StageRecord(sources[bytes(item.source)], when.start, when.end, stage, when.zone)


class Twins:
    """Records of one payload that are equal but for their ids: two eggs logged at eight are two eggs.

    The store knows samples of such series by instant and value, since exports carry no ids; so a second one is put a
    millisecond later. A record that occurs twice in a payload has one id, and stays one.
    """

    def __init__(self) -> None:
        self._ids: dict[tuple[SourceInfo, str, int, float], list[str | None]] = {}

    def apart(self, sample: Sample, record_id: str | None) -> Sample:
        """Return the sample, moved by as many milliseconds as there are others like it."""
        ids = self._ids.setdefault((sample.source, sample.series, sample.start, sample.value), [])
        if record_id not in ids:
            ids.append(record_id)
        return msgspec.structs.replace(sample, start=sample.start + ids.index(record_id))


def _value(recipe: SeriesRecipe, value: float | None, when: ItemSpan) -> float | None:
    if recipe.category:
        return category_value(recipe.series, value, when.end - when.start)
    if value is None or recipe.convert is None:
        return value
    return recipe.convert(value)


def item_id(text: str | None) -> str | None:
    """Return an id that can be kept: not empty, at most 200 characters."""
    return text if text and len(text) <= 200 else None

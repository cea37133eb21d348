"""Record elements: nearly everything an export holds passes through `columns`, thousands of records at a time."""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from math import isfinite
from operator import le, sub
from typing import Final

import msgspec

from healthdata.days import ZoneHistory
from healthdata.records import NO_ZONE, DailyRecord, Record, Rejected, Sample, SampleColumns, SourceInfo, StageRecord
from healthdata.sleep import stage_name
from healthdata.units import acceptable, category_value
from providers.adapters.apple.export.dates import NotADate, days, minutes, moment, offsets, rests, zones
from providers.adapters.apple.export.devices import ExportSources
from providers.adapters.apple.export.labels import category_number
from providers.adapters.apple.export.parser import ENTERED, TIME_ZONE, Attributes
from providers.adapters.apple.export.texts import RecordTexts, split
from providers.adapters.apple.normalise import DIALECT
from providers.contract import Context
from providers.contract.bounds import AHEAD, EARLIEST
from providers.sdk.recipes import Recipes, SeriesRecipe, UnknownType, UnknownUnit

COLLECTION: Final = "records"
_NAMED: Final = re.compile(r"HK[A-Za-z]{1,80}", re.ASCII)


class ElementDates(msgspec.Struct, frozen=True, gc=False):
    """Start and end in milliseconds, and minutes east of UTC where the element tells them."""

    start: int
    end: int
    zone: int | None


class ExportDates:
    """Dates and zones of one import.

    A local day follows HKTimeZone where an element has it, else the end user's own zone. Only if that was never set
    (and is learned, or the organization's) the printed offset counts, though it may be the exporting phone's, not the
    sample's.
    """

    def __init__(self, context: Context) -> None:
        self.latest = context.received + AHEAD
        self.history: ZoneHistory = context.zones
        self.zone_is_set = context.zone_is_set

    def zone(self, named: str | None, text: str, at: int) -> int | None:
        """Return minutes east of UTC of an element, None where the end user's own zone holds."""
        if named and (history := zones[named]) is not None:
            return history.offset_at(at)
        return None if self.zone_is_set else offsets[text[-5:]]

    def zones_of(self, named: str | None, texts: Sequence[str], starts: Sequence[int]) -> Iterable[int]:
        """Return the same of elements that have one name in common; NO_ZONE for None."""
        if (named and zones[named] is not None) or not self.zone_is_set:
            found = (self.zone(named, text, start) for text, start in zip(texts, starts, strict=True))
            return [NO_ZONE if zone is None else zone for zone in found]
        return repeat(NO_ZONE, len(starts))

    def span(self, attributes: Attributes, named: str | None, index: int, collection: str) -> ElementDates | Rejected:
        """Return the span of an element, or what is wrong with its dates."""
        found = []
        for field in ("startDate", "endDate"):
            text = attributes.get(field)
            if text is None:
                return Rejected(collection, index, field, "missing_field")
            try:
                at = moment(text)
            except NotADate:
                return Rejected(collection, index, field, "bad_date")
            if not EARLIEST <= at <= self.latest:
                return Rejected(collection, index, field, "date_out_of_range")
            found.append(at)
        start, end = found
        if end < start:
            return Rejected(collection, index, "endDate", "end_before_start")
        return ElementDates(start, end, self.zone(named, attributes["startDate"], start))


class ExportRecordNormaliser:
    """Turns the texts of records into samples, daily values and stages."""

    def __init__(self, sources: ExportSources, clock: ExportDates) -> None:
        self._sources = sources
        self._clock = clock
        self._recipes = Recipes(DIALECT)

    def are_samples(self, texts: RecordTexts) -> bool:
        """Return whether records of this type and unit become samples, if nothing is wrong with them."""
        return self._plain_recipe(texts) is not None

    def columns(self, texts: RecordTexts) -> SampleColumns | None:
        """Return all records as samples; None if one of them is no ordinary sample, or something is wrong with it."""
        recipe = self._plain_recipe(texts)
        if recipe is None:
            return None
        _, _, name, device, version, zone, entered = texts.shared
        try:
            begun, ended = split(texts.starts), split(texts.ends)
            starts = [days[text[:10]] + minutes[text[10:16]] + rests[text[16:]] for text in begun]
            ends = [
                start if text == other else days[text[:10]] + minutes[text[10:16]] + rests[text[16:]]
                for text, other, start in zip(ended, begun, starts, strict=True)
            ]
            values = list(map(float, split(texts.values)))
        except ValueError:
            return None
        if recipe.convert is not None:
            values = list(map(recipe.convert, values))
        in_time = min(starts) >= EARLIEST and max(ends) <= self._clock.latest and all(map(le, starts, ends))
        # Comparisons with NaN are False, in min and max too; a sum shows it.
        if not (in_time and recipe.low <= min(values) and max(values) <= recipe.high and isfinite(sum(values))):
            return None
        return SampleColumns(
            self._sources[name, device, version, entered],
            recipe.series,
            array("q", starts),
            array("d", values),
            array("q", map(sub, ends, starts)),
            array("h", self._clock.zones_of(zone, begun, starts)),
        )

    def one_by_one(self, texts: RecordTexts) -> Iterator[tuple[int, Record | Rejected]]:
        """Yield each record's place and what it is, or why it is refused."""
        for place, item in texts.elements():
            yield place, self._judge(place, item)

    def _plain_recipe(self, texts: RecordTexts) -> SeriesRecipe | None:
        try:
            recipe = self._recipes[texts.shared[0] or "", texts.shared[1]]
        except (UnknownType, UnknownUnit):
            return None
        return recipe if recipe.plain else None

    def _judge(self, index: int, item: Attributes) -> Record | Rejected:
        """Return the long way: every rule in turn, so that a refusal can name the field and the reason."""
        kind = item.get("type")
        if not kind:
            return Rejected(COLLECTION, index, "type", "missing_field")
        when = self._clock.span(item, item.get(TIME_ZONE), index, COLLECTION)
        source = self._sources.of(item, entered=item.get(ENTERED))
        if DIALECT.is_sleep(kind):
            return when if isinstance(when, Rejected) else _stage(item, when, source, index)
        try:
            recipe = self._recipes[kind, item.get("unit")]
        except UnknownType:
            reason = f"unknown_type:{kind}" if _NAMED.fullmatch(kind) else "unknown_type"
            return Rejected(COLLECTION, index, "type", reason)
        except UnknownUnit as error:
            return Rejected(COLLECTION, index, "unit", error.reason)
        return when if isinstance(when, Rejected) else self._record(recipe, item, when, source, index)

    def _record(
        self, recipe: SeriesRecipe, item: Attributes, when: ElementDates, source: SourceInfo, index: int
    ) -> Record | Rejected:
        value = _value(recipe, item.get("value"), when)
        if isinstance(value, str):
            return Rejected(COLLECTION, index, "value", value)
        if reason := acceptable(recipe.series, value):
            return Rejected(COLLECTION, index, "value", reason)
        if recipe.daily:
            day = self._clock.history.day_of(when.end if recipe.nightly else when.start, when.zone)
            return DailyRecord(source, recipe.series, day, value, when.zone)
        length = when.end - when.start
        return Sample(
            source, recipe.series, when.start, value, length if recipe.interval or length else None, when.zone
        )


def _value(recipe: SeriesRecipe, text: str | None, when: ElementDates) -> float | str:
    """Return the value in the unit of its series, or the reason why there is none."""
    if recipe.category:
        number = category_number(text) if text else None
        found = category_value(recipe.series, number, when.end - when.start)
        return "unknown_value" if found is None else found
    if not text:
        return "missing_field"
    try:
        value = float(text)
    except ValueError:
        return "not_a_number"
    return value if recipe.convert is None else recipe.convert(value)


def _stage(item: Attributes, when: ElementDates, source: SourceInfo, index: int) -> StageRecord | Rejected:
    text = item.get("value")
    stage = stage_name(text, DIALECT.provider) if text else None
    if stage is None:
        return Rejected(COLLECTION, index, "value", "unknown_stage" if text else "missing_field")
    return StageRecord(source, when.start, when.end, stage, when.zone)

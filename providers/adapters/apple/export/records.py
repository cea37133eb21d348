"""Record elements: nearly everything an export holds passes through the loop in `normalise`."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from healthdata.days import ZoneHistory
from healthdata.records import NO_ZONE, DailyRecord, Record, Rejected, Sample, SourceInfo, StageRecord
from healthdata.sleep import stage_name
from healthdata.units import acceptable, category_value
from providers.adapters.apple.export.dates import NotADate, days, minutes, moment, offsets, rests, zones
from providers.adapters.apple.export.devices import ExportSources
from providers.adapters.apple.export.labels import category_number
from providers.adapters.apple.export.parser import ENTERED, TIME_ZONE, Attributes
from providers.adapters.apple.export.piles import Row, SamplePiles
from providers.adapters.apple.normalise import DIALECT
from providers.contract import Context
from providers.contract.bounds import AHEAD, EARLIEST
from providers.sdk.recipes import Recipes, SeriesRecipe, UnknownType, UnknownUnit

COLLECTION: Final = "records"
MAX_PLANS: Final = 10_000
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
    """Turns records into samples, daily values and stages."""

    def __init__(self, sources: ExportSources, clock: ExportDates, piles: SamplePiles) -> None:
        self._sources = sources
        self._piles = piles
        self._clock = clock
        self._recipes = Recipes(DIALECT)
        self._plans: dict[tuple[str | None, ...], tuple[SeriesRecipe, list[Row]]] = {}

    def normalise(self, items: Sequence[Attributes], first: int) -> Iterator[Record | Rejected]:
        """Put every ordinary sample into its pile right here; give what `_judge` makes of the others."""
        plans, is_zone_set, latest = self._plans, self._clock.zone_is_set, self._clock.latest
        for index, item in enumerate(items, first):
            get = item.get
            try:
                recipe, rows = plans[get("type"), get("unit"), get("sourceName"), get("device"), get("sourceVersion")]
                text = item["startDate"]
                start = end = days[text[:10]] + minutes[text[10:16]] + rests[text[16:]]
                other = item["endDate"]
                if other != text:
                    end = days[other[:10]] + minutes[other[10:16]] + rests[other[16:]]
                value = float(item["value"])
            except (KeyError, ValueError):
                yield self._judge(index, item)
                continue
            if recipe.convert is not None:
                value = recipe.convert(value)
            sound = EARLIEST <= start <= end <= latest and recipe.low <= value <= recipe.high
            if not sound or TIME_ZONE in item or ENTERED in item:
                yield self._judge(index, item)
                continue
            zone = None if is_zone_set else offsets[text[-5:]]
            rows.append((start, value, end - start, NO_ZONE if zone is None else zone))

    def forget_piles(self) -> None:
        """Drop all piles once their samples were taken."""
        self._piles.forget()
        self._plans.clear()

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
        if recipe.plain and ENTERED not in item:
            self._plan(item, recipe, source)
        return when if isinstance(when, Rejected) else self._record(recipe, item, when, source, index)

    def _plan(self, item: Attributes, recipe: SeriesRecipe, source: SourceInfo) -> None:
        """Let the short way know what this kind of record becomes."""
        if len(self._plans) >= MAX_PLANS:
            self._plans.clear()
        kind = (item.get("type"), item.get("unit"), item.get("sourceName"), item.get("device"))
        self._plans[*kind, item.get("sourceVersion")] = recipe, self._piles.of(source, recipe.series)

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

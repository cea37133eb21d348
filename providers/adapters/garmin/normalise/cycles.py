"""mct: menstrual cycles and pregnancies, of end users who gave the permission MCT_EXPORT.

What is predicted is not stored: only days of a period that have come.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from healthdata.records import DailyRecord, Record, Rejected, Sample
from providers.adapters.garmin.normalise.source import GARMIN, instant, seconds
from providers.contract import Context, Retraction
from providers.contract.json_items import JsonItem, items

FLOW: Final = "menstrual_flow"
UNSPECIFIED: Final = 1.0
GLUCOSE: Final = "blood_glucose"
SERIES: Final = (FLOW, GLUCOSE)
MAX_DAYS: Final = 31


def read(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected | Retraction]:
    """Yield each cycle whole, by the date on which it began; the one that was updated last counts."""
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        begun = item.day("periodStartDate")
        if begun is not None:
            version = seconds(item, "lastUpdatedTimeInSeconds", 1 << 40)
            yield Retraction(f"cycle-{begun}", version)
            yield from _period(item, begun, version)
        pregnancy = item.nested("pregnancySnapshot")
        if pregnancy is not None:
            yield from _glucose(pregnancy)
        yield from item.refused


def _period(item: JsonItem, begun: date, version: int | None) -> Iterator[DailyRecord]:
    length, today = item.number("periodLength"), item.number("dayInCycle")
    if length is None or item.flag("isPredictedCycle") or item.fields.get("pregnancySnapshot") is not None:
        return
    if not 0 <= length <= MAX_DAYS:
        item.refuse("periodLength", "out_of_range")
        return
    past = length if today is None else min(length, max(today, 0))
    for number in range(int(past)):
        name = f"cycle-{begun}#{number}"
        yield DailyRecord(GARMIN, FLOW, begun + timedelta(days=number), UNSPECIFIED, None, name, version)


def _glucose(pregnancy: JsonItem) -> Iterator[Sample]:
    for index, row in enumerate(pregnancy.array("bloodGlucoseList")):
        if not isinstance(row, dict):
            pregnancy.refuse(f"bloodGlucoseList[{index}]", "not_an_object")
            continue
        entry = JsonItem(
            row, pregnancy.collection, pregnancy.index, pregnancy.context, pregnancy.refused,
            f"pregnancySnapshot.bloodGlucoseList[{index}].",
        )  # fmt: skip
        at = instant(entry, "reportTimestampInSeconds", "reportTimestampOffsetInSeconds")
        value = entry.measure("valueInMilligramsPerDeciliter", GLUCOSE)
        if at is not None and value is not None:
            yield Sample(GARMIN, GLUCOSE, at[0], value, None, at[1])

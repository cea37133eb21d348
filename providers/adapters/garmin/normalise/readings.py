"""Summaries whose readings lie in maps of offsets: stress, oxygen, breathing, the nightly HRV, snapshots."""

from collections.abc import Iterator
from typing import Any, Final

from healthdata.records import DailyRecord, Record, Rejected, Sample
from providers.adapters.garmin.normalise.source import GARMIN, offsets, seconds, started
from providers.contract import Context
from providers.contract.json_items import Instant, JsonItem, items

#: kind → (field, series, lowest reading); what is below is a state: not worn, in motion, too little data
MAPS: Final = {
    "stressDetails": (
        ("timeOffsetStressLevelValues", "stress", 0),
        ("timeOffsetBodyBatteryValues", "body_battery", 0),
    ),
    "pulseox": (("timeOffsetSpo2Values", "spo2", 1),),
    "allDayRespiration": (("timeOffsetEpochToBreaths", "respiratory_rate", 0.1),),
    "hrv": (("hrvValues", "heart_rate_variability_rmssd", 1),),
}
#: kind → (field, daily series): nightly figures, which are no readings of an instant
NIGHTLY: Final = {
    "hrv": ("lastNightAvg", "heart_rate_variability_rmssd"),
    "skinTemp": ("avgDeviationCelsius", "skin_temperature_deviation"),
}
#: summaryType of a health snapshot → (series, lowest reading)
SNAPSHOT: Final = {
    "heart_rate": ("heart_rate", 1.0),
    "respiration": ("respiratory_rate", 0.1),
    "stress": ("stress", 0.0),
    "spo2": ("spo2", 1.0),
    "pulse_ox": ("spo2", 1.0),
    "rmssd_hrv": ("heart_rate_variability_rmssd", 1.0),
    "sdrr_hrv": ("heart_rate_variability_sdnn", 1.0),
}
SERIES: Final = (
    *(series for maps in MAPS.values() for _, series, _ in maps),
    *(series for _, series in NIGHTLY.values()),
    *(series for series, _ in SNAPSHOT.values()),
)


def read(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected]:
    """Yield readings at their instants, and the figure of the night where the summary has one."""
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        start = started(item)
        for field, series, least in MAPS.get(collection, ()) if start is not None else ():
            yield from offsets(item, field, series, start, least=least)  # type: ignore[arg-type]
        if collection in NIGHTLY:
            yield from _nightly(item, *NIGHTLY[collection], start)
        yield from item.refused


def _nightly(item: JsonItem, field: str, series: str, start: Instant | None) -> Iterator[DailyRecord]:
    day, value = item.day("calendarDate"), item.measure(field, series)
    if day is not None and value is not None:
        name = f"{item.collection}-{day}#{series}"
        yield DailyRecord(GARMIN, series, day, value, None if start is None else start[1], name)


def snapshots(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected]:
    """Yield the HRV of two minutes of sitting still: every few seconds, or where there is no more than a mean, that."""
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        offset = "startTimeOffsetInSeconds" in item.fields
        start = started(item) if offset else _started_otherwise(item)
        length = seconds(item, "durationInSeconds")
        for index, row in enumerate(item.array("summaries") if start is not None else []):
            if isinstance(row, dict):
                part = JsonItem(row, collection, item.index, context, item.refused, f"summaries[{index}].")
                yield from _snapshot(part, start, length or 0)  # type: ignore[arg-type]
            else:
                item.refuse(f"summaries[{index}]", "not_an_object")
        yield from item.refused


def _started_otherwise(item: JsonItem) -> Instant | None:
    """Return the offset, which some snapshots call by another name."""
    fields = {**item.fields, "startTimeOffsetInSeconds": item.fields.get("offsetStartTimeInSeconds")}
    return started(JsonItem(fields, item.collection, item.index, item.context, item.refused))


def _snapshot(part: JsonItem, start: Instant, length: int) -> Iterator[Sample]:
    kind = part.text("summaryType")
    if kind not in SNAPSHOT:
        part.refuse("summaryType", "unknown_type" if kind else "missing_field")
        return
    series, least = SNAPSHOT[kind]
    if part.fields.get("epochSummaries"):
        yield from offsets(part, "epochSummaries", series, start, least=least)
        return
    mean = part.measure("avgValue", series)
    if mean is not None and mean >= least:
        yield Sample(GARMIN, series, start[0], mean, length * 1000 or None, start[1])

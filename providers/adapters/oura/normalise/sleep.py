"""sleep: several a day. Stages from the finest hypnogram there is, the night's own series and figures."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any, Final

from healthdata.records import DailyRecord, Record, Rejected, Sample, StageRecord
from providers.adapters.oura.normalise.source import RING, packed
from providers.contract import Context, Retraction
from providers.contract.json_items import JsonItem, items

STAGES: Final = {"1": "deep", "2": "light", "3": "rem", "4": "awake"}
HYPNOGRAMS: Final = (("sleep_phase_30_sec", 30_000), ("app_sleep_phase_5_min", 300_000), ("sleep_phase_5_min", 300_000))
PULSE: Final = "heart_rate"  # stays when its document goes: Oura keeps listing it in heartrate
PACKED: Final = {"heart_rate": PULSE, "hrv": "heart_rate_variability_rmssd"}
BREATH: Final = "respiratory_rate"  # average_breath, over the whole of the sleep
NIGHTLY: Final = {  # of the main sleep of a day, field → daily series
    "lowest_heart_rate": ("resting_heart_rate", "lowest_heart_rate"),
    "average_heart_rate": ("sleeping_heart_rate_average",),
    "average_hrv": ("heart_rate_variability_rmssd",),
}
MAIN: Final = "long_sleep"
SHORT: Final = "sleep"  # under three hours: a nap, or the shorter part of a night; when it began tells which
NAP: Final = "late_nap"
NO_SLEEP: Final = frozenset({"rest", "deleted"})
SERIES: Final = (*PACKED.values(), BREATH, *(series for names in NIGHTLY.values() for series in names))
MAX_MS: Final = 36 * 3_600_000
MAX_PHASES: Final = 36 * 120


def read(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected | Retraction]:
    """Yield each document whole. Of the long sleeps of a day the longest gives the day's figures: that
    is their rank.
    """
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        document = item.identity()
        if document is not None:
            yield from _document(item, document)
        yield from item.refused


def _document(item: JsonItem, document: str) -> Iterator[Record | Retraction]:
    kind = item.text("type")
    if kind in NO_SLEEP:
        yield Retraction(document)
        return
    if kind not in (MAIN, SHORT, NAP):
        item.refuse("type", "unknown_type" if kind else "missing_field")  # a night all the same
    if item.fields.get("bedtime_end") is None and item.fields.get("bedtime_start") is not None:
        return  # still being slept
    span = item.span("bedtime_start", "bedtime_end")
    if span is None:
        return
    start, end, zone = span
    if not 0 < end - start <= MAX_MS:
        item.refuse("bedtime_end", "out_of_range")
        return
    yield Retraction(document)
    for first, last, stage in _stages(item, start, end):
        yield StageRecord(RING, first, last, stage, zone, _is_nap(kind), f"{document}#{first}")
    for field, series in PACKED.items():
        yield from packed(item, field, series, document=None if series == PULSE else document)
    breath = item.measure("average_breath", BREATH)
    if breath:
        yield Sample(RING, BREATH, start, breath, end - start, zone, f"{document}#{BREATH}")
    if kind == MAIN and (day := item.day("day")) is not None:
        yield from _nightly(item, document, day, zone)


def _is_nap(kind: str | None) -> bool | None:
    return kind == NAP if kind in (MAIN, NAP) else None


def _nightly(item: JsonItem, document: str, day: date, zone: int | None) -> Iterator[DailyRecord]:
    asleep = round(max(item.number("total_sleep_duration") or 0, 0))
    for field, names in NIGHTLY.items():
        value = item.measure(field, names[0]) if item.fields.get(field) != 0 else None
        for series in names if value is not None else ():
            yield DailyRecord(RING, series, day, value or 0.0, zone, f"{document}#{series}", None, asleep)


def _stages(item: JsonItem, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yield stretches of one stage; the last epoch may reach beyond the end of the bedtime and is cut there."""
    for field, epoch in HYPNOGRAMS:
        text = item.text(field, MAX_PHASES)
        if text:
            yield from _unpacked(item, field, text, epoch, start, end)
            return
    yield from _totals(item, start, end)


def _unpacked(
    item: JsonItem, field: str, text: str, epoch: int, start: int, end: int
) -> Iterator[tuple[int, int, str]]:
    at = start
    for digit, run in groupby(text):
        until = min(at + epoch * len(list(run)), end)
        stage = STAGES.get(digit)
        if stage is None:
            item.refuse(field, "unknown_stage")
        elif until > at:
            yield at, until, stage
        at = until
    if at < end - epoch:
        yield at, end, "in_bed"


def _totals(item: JsonItem, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yield what is known without a hypnogram: awake for the latency, then asleep for as long as the total says, then
    awake.
    """
    asleep = item.number("total_sleep_duration")
    if not asleep or asleep < 0:
        yield start, end, "in_bed"
        return
    length = min(round(asleep * 1000), end - start)
    onset = min(start + max(round((item.number("latency") or 0) * 1000), 0), end - length)
    if onset > start:
        yield start, onset, "awake"
    yield onset, onset + length, "sleeping"
    if onset + length < end:
        yield onset + length, end, "awake"

"""sleeps: one a date, whole, with its naps. It is sent several times, better each time: the best validation counts."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from healthdata.records import Record, Rejected, Score, StageRecord
from providers.adapters.garmin.normalise.source import GARMIN, milliseconds, offsets, seconds, started, zone
from providers.contract import Context, Retraction
from providers.contract.bounds import AHEAD, EARLIEST
from providers.contract.json_items import Instant, JsonItem, items

STAGES: Final = ("deep", "light", "rem", "awake")
#: worst first; a name nobody knows is as good as the worst
VALIDATIONS: Final = (
    *("OFF_WRIST", "MANUAL", "AUTO_MANUAL", "DEVICE", "AUTO_TENTATIVE", "ENHANCED_TENTATIVE", "AUTO_FINAL"),
    "ENHANCED_FINAL",
)
MAPS: Final = (
    ("timeOffsetSleepRespiration", "respiratory_rate", 0.1),
    ("timeOffsetSleepSpo2", "spo2", 1),
)
SERIES: Final = tuple(series for _, series, _ in MAPS)
SCORES: Final = ("sleep",)
MAX_DURATION_SECONDS: Final = 36 * 3600
Span = tuple[int, int, str]  # first and last ms, stage


def read(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected | Retraction]:
    """Yield each night whole: what a former version of it said and this one does not goes."""
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        start = started(item)
        day = item.day("calendarDate") if item.fields.get("calendarDate") is not None else None
        if start is not None:
            yield from _night(item, start, day)
        yield from item.refused


def _night(item: JsonItem, start: Instant, day: date | None) -> Iterator[Record | Retraction]:
    """Yield a night's records; a sleep without a date is known by its start."""
    document = f"sleep-{day or start[0]}"
    validation = item.text("validation") or ""
    version = VALIDATIONS.index(validation) if validation in VALIDATIONS else 0
    yield Retraction(document, version)
    for first, last, stage in _stages(item, start[0]):
        yield StageRecord(GARMIN, first, last, stage, start[1], False, f"{document}#{first}", version)
    yield from _naps(item, document, start, version)
    for field, series, least in MAPS:
        yield from offsets(item, field, series, start, least=least)
    score = item.nested("overallSleepScore")
    value = None if score is None else score.number("value")
    if value is not None and day is not None and score is not None:
        if 0 <= value <= 100:
            yield Score(GARMIN, day, "sleep", value, 0, 100, start[1], document, version, _parts(item))
        else:
            score.refuse("value", "out_of_range")


def _stages(item: JsonItem, start: int) -> list[Span]:
    """Return the hypnogram; without one, asleep as long as the summary says, then awake."""
    levels = item.nested("sleepLevelsMap")
    found: list[Span] = []
    for stage in STAGES if levels is not None else ():
        for index, row in enumerate(levels.array(stage) if levels is not None else []):
            span = _span(row, item.context)
            if span is None:
                item.refuse(f"sleepLevelsMap.{stage}[{index}]", "bad_span")
            else:
                found.append((*span, stage))
    if found:
        return sorted(set(found))
    asleep = (
        seconds(item, "durationInSeconds", MAX_DURATION_SECONDS) or 0
    )  # without what was awake or could not be measured
    awake = seconds(item, "awakeDurationInSeconds", MAX_DURATION_SECONDS) or 0
    middle = start + asleep * 1000
    spans = ((start, middle, "sleeping"), (middle, middle + awake * 1000, "awake"))
    return [span for span in spans if span[1] > span[0]]


def _span(row: Any, context: Context) -> tuple[int, int] | None:
    """Return start and end in epoch seconds."""
    first, last = milliseconds(row, "startTimeInSeconds"), milliseconds(row, "endTimeInSeconds")
    if first is None or last is None or last - first > MAX_DURATION_SECONDS * 1000:
        return None
    return (first, last) if EARLIEST <= first < last <= context.received + AHEAD else None


def _naps(item: JsonItem, document: str, start: Instant, version: int) -> Iterator[StageRecord]:
    """Yield the naps' stages: they come within the night's summary only, and each nap is a session of its own."""
    for index, row in enumerate(item.array("naps")):
        if not isinstance(row, dict):
            item.refuse(f"naps[{index}]", "not_an_object")
            continue
        nap = JsonItem(row, item.collection, item.index, item.context, item.refused, f"naps[{index}].")
        at, length = nap.number("napStartTimeInSeconds"), seconds(nap, "napDurationInSeconds", MAX_DURATION_SECONDS)
        if at is None or not length or not EARLIEST <= at * 1000 <= item.context.received + AHEAD:
            nap.refuse("napStartTimeInSeconds" if length else "napDurationInSeconds", "missing_field")
            continue
        first, shift = round(at * 1000), zone(nap, "napOffsetInSeconds")
        yield StageRecord(
            GARMIN, first, first + length * 1000, "sleeping", start[1] if shift is None else shift, True,
            f"{document}#nap{first}", version,
        )  # fmt: skip


def _parts(item: JsonItem) -> dict[str, float | None]:
    """Return minutes of each stage as the vendor counts them."""
    fields = {
        "deepSleepDurationInSeconds": "deep_minutes",
        "lightSleepDurationInSeconds": "light_minutes",
        "remSleepInSeconds": "rem_minutes",
        "awakeDurationInSeconds": "awake_minutes",
        "unmeasurableSleepInSeconds": "unmeasurable_minutes",
        "unmeasurableSleepDurationInSeconds": "unmeasurable_minutes",
    }
    found: dict[str, float | None] = {}
    for field, name in fields.items():
        length = seconds(item, field, MAX_DURATION_SECONDS)
        if length is not None:
            found[name] = round(length / 60, 2)
    return found

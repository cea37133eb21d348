"""sleep: logs by their id, all there are of the days that were asked for."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from healthdata.records import ClearedRange, Record, Rejected, StageRecord
from providers.adapters.fitbit.normalise.fields import TRACKER, FitbitClock, Instant, days_of, rows_of
from providers.contract import Context, Retraction
from providers.contract.json_items import JsonItem

LEVELS: Final = {
    "wake": "awake",
    "light": "light",
    "deep": "deep",
    "rem": "rem",
    "asleep": "sleeping",
    "restless": "unknown",  # Fitbit adds it to the minutes awake; neither can be said of it
    "awake": "awake",
}
LISTS: Final = ("data", "shortData")
MAX_DURATION_SECONDS: Final = 86_400
DAY: Final = timedelta(days=1)


def read(
    document: JsonItem, answer: Any, clock: FitbitClock, context: Context
) -> Iterator[Record | Rejected | Retraction | ClearedRange]:
    """Yield nights and naps that end on the days; those that are no longer sent are deleted."""
    days = days_of(document)
    if days is not None and isinstance(answer, dict) and isinstance(answer.get("sleep"), list):
        yield ClearedRange(clock.midnight(days[0]), clock.midnight(days[1] + DAY), sleep=True)
    for item in rows_of(answer, "sleep", "sleep", context):
        name = item.identity("logId")
        start = clock.read(item, "startTime", item.text("startTime"))
        if name is not None and start is not None:
            yield Retraction(f"sleep-{name}")
            yield from _stages(item, f"sleep-{name}", start, clock)
        yield from item.refused


def _stages(item: JsonItem, name: str, start: Instant, clock: FitbitClock) -> Iterator[StageRecord]:
    main = item.flag("isMainSleep")
    nap = None if main is None else not main
    levels, any_stage = item.nested("levels"), False
    for field in LISTS if levels is not None else ():
        for index, row in enumerate(levels.array(field) if levels is not None else []):
            part = JsonItem(
                row if isinstance(row, dict) else {}, f"sleep.levels.{field}", index, item.context, item.refused
            )
            at, seconds = clock.read(part, "dateTime", part.text("dateTime")), part.number("seconds")
            raw = part.text("level") or ""
            stage = LEVELS.get(raw)
            if stage is None:
                part.refuse("level", "unknown_type" if raw else "missing_field")
            elif at is not None and seconds is not None and 0 < seconds <= MAX_DURATION_SECONDS:
                any_stage = True
                end = at[0] + round(seconds * 1000)
                yield StageRecord(TRACKER, at[0], end, stage, at[1], nap, f"{name}#{at[0]}-{stage}")
    length = item.number("duration")
    if not any_stage and length is not None and 0 < length <= MAX_DURATION_SECONDS * 1000:
        yield StageRecord(TRACKER, start[0], start[0] + round(length), "in_bed", start[1], nap, f"{name}#in_bed")

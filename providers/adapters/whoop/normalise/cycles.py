"""cycle: from one falling asleep to the next, which is no calendar day. It belongs to the day one wakes up on."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from healthdata.records import DailyRecord, Record, Rejected
from providers.adapters.whoop.normalise.source import (
    BAND,
    KCAL,
    WakeUp,
    local_day,
    score_of,
    sleeps_of,
    wake_up,
    zone_of,
)
from providers.contract import Context, Retraction
from providers.contract.json_items import JsonItem, items

FIGURES: Final = {
    "strain": ("day_strain", 1.0),
    "kilojoule": ("total_calories", KCAL),
    "max_heart_rate": ("maximum_heart_rate", 1.0),
}
SERIES: Final = tuple(series for series, _ in FIGURES.values())
UNTIL_NOON_MS: Final = 12 * 3_600_000  # after falling asleep, for any end user, the day has come


def read(rows: list[Any], document: Mapping[str, Any], context: Context) -> Iterator[Record | Rejected | Retraction]:
    """Yield each cycle whole. The one that is still going on tells what there is so far."""
    woken = {}
    for _, sleep in sleeps_of(document, context):
        ended = wake_up(sleep)
        if ended is not None and sleep.flag("nap") is False:
            woken[str(sleep.fields.get("cycle_id"))] = ended
    for item in items(rows, "cycle", context):
        if isinstance(item, Rejected):
            yield item
            continue
        name, started = item.identity(), item.instant("start")
        if started is None and item.fields.get("start") is None:
            item.refuse("start", "missing_field")
        if name is not None and started is not None:
            yield from _cycle(item, name, started[0], woken.get(name))
        yield from item.refused


def _cycle(item: JsonItem, name: str, start: int, woken: WakeUp | None) -> Iterator[Record | Retraction]:
    """Yield a cycle's records. Of two cycles of one day the longer counts: energy is not added up twice."""
    at, zone = woken or (start + UNTIL_NOON_MS, None)
    zone = zone_of(item) if zone is None else zone
    ended = item.instant("end")
    lasted = max((ended[0] if ended is not None else item.context.received) - start, 0) // 1000
    document, day, score = f"cycle-{name}", local_day(at, zone, item.context), score_of(item)
    yield Retraction(document)
    if score is None:
        return
    for field, (series, factor) in FIGURES.items():
        value = score.measure(field, series, factor)
        if value is not None:
            yield DailyRecord(BAND, series, day, value, zone, f"{document}#{series}", None, min(lasted, 172_800))

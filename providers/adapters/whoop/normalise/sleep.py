"""sleep: nights and naps. WHOOP tells how long each stage was, not when: asleep first, then what was awake."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from healthdata.records import Record, Rejected, Sample, Score, StageRecord
from providers.adapters.whoop.normalise.source import BAND, local_day, score_of, zone_of
from providers.contract import Context, Retraction
from providers.contract.json_items import MINUTE_MS, JsonItem, items

BREATH: Final = "respiratory_rate"
SERIES: Final = (BREATH,)
MAX_DURATION_MS: Final = 36 * 3_600_000
ASLEEP: Final = ("total_light_sleep_time_milli", "total_slow_wave_sleep_time_milli", "total_rem_sleep_time_milli")
AWAKE: Final = "total_awake_time_milli"
TOTALS: Final = dict(
    zip((*ASLEEP, AWAKE), ("light_minutes", "deep_minutes", "rem_minutes", "awake_minutes"), strict=True)
)
COUNTS: Final = ("sleep_cycle_count", "disturbance_count")
NEEDS: Final = (
    *("baseline_milli", "need_from_sleep_debt_milli", "need_from_recent_strain_milli", "need_from_recent_nap_milli"),
)
PERCENTAGES: Final = {"sleep_consistency_percentage": "consistency", "sleep_efficiency_percentage": "efficiency"}
PERFORMANCE: Final = "sleep_performance_percentage"


def read(rows: list[Any], document: Mapping[str, Any], context: Context) -> Iterator[Record | Rejected | Retraction]:
    """Yield each sleep whole: what an older version of it said and this one does not goes."""
    for item in items(rows, "sleep", context):
        if isinstance(item, Rejected):
            yield item
            continue
        name, span = item.identity(), item.span("start", "end")
        if name is not None and span is not None:
            yield from _sleep(item, name, span[0], span[1])
        yield from item.refused


def _sleep(item: JsonItem, name: str, start: int, end: int) -> Iterator[Record | Retraction]:
    if not 0 < end - start <= MAX_DURATION_MS:
        item.refuse("end", "out_of_range")
        return
    zone, nap, score = zone_of(item), item.flag("nap"), score_of(item)
    yield Retraction(name)
    summary = None if score is None else score.nested("stage_summary")
    for first, last, stage in _stages(summary, start, end):
        yield StageRecord(BAND, first, last, stage, zone, nap, f"{name}#{first}")
    if score is None:
        return
    if breath := score.measure(BREATH, BREATH):
        yield Sample(BAND, BREATH, start, breath, end - start, zone, f"{name}#{BREATH}")
    performance = score.number(PERFORMANCE)
    if performance is None or nap:
        return
    if not 0 <= performance <= 100:
        score.refuse(PERFORMANCE, "out_of_range")
        return
    day = local_day(end, zone, item.context)
    yield Score(BAND, day, "sleep", performance, 0, 100, zone, name, None, _components(score, summary))


def _stages(summary: JsonItem | None, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yield stages of what is known from totals: asleep, then awake, and in bed for the rest."""
    lengths = {name: _length(summary, name) for name in (*ASLEEP, AWAKE)}
    at = start
    for length, stage in ((sum(lengths[name] for name in ASLEEP), "sleeping"), (lengths[AWAKE], "awake")):
        until = min(at + length, end)
        if until > at and (at > start or stage == "sleeping"):
            yield at, until, stage
            at = until
    if at < end:
        yield at, end, "in_bed"


def _length(summary: JsonItem | None, name: str) -> int:
    found = None if summary is None else summary.number(name)
    return round(found) if found is not None and 0 < found <= MAX_DURATION_MS else 0


def _components(score: JsonItem, summary: JsonItem | None) -> dict[str, float | None]:
    """Return the totals that the stages cannot show, in minutes, and the other percentages."""
    found: dict[str, float | None] = {name: score.number(field) for field, name in PERCENTAGES.items()}
    if summary is not None:
        found |= {name: _minutes(summary.number(field)) for field, name in TOTALS.items()}
        found |= {name: summary.number(name) for name in COUNTS}
    needed = score.nested("sleep_needed")
    if needed is not None:
        parts = [needed.number(name) for name in NEEDS]
        found["needed_minutes"] = _minutes(sum(part for part in parts if part is not None))
    return {name: value for name, value in found.items() if value is not None}


def _minutes(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds / MINUTE_MS, 2)

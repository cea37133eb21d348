"""night: the sleep and the nightly recharge of a date of waking."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import msgspec

from healthdata.records import DailyRecord, Record, Sample, Score, StageRecord
from providers.adapters.polar.normalise.source import POLAR, clocked, curve, wall_ms
from providers.contract import Retraction
from providers.contract.json_items import DAY_MS, MINUTE_MS, JsonItem

STAGES: Final = {0: "awake", 1: "rem", 2: "light", 3: "light", 4: "deep", 5: "unknown"}
NOON_MS: Final = DAY_MS // 2
MAX_DURATION_MS: Final = 36 * 3_600_000
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
PULSE: Final = "heart_rate"
CURVES: Final = {"hrv_samples": "heart_rate_variability_rmssd", "breathing_samples": "respiratory_rate"}
NIGHTLY: Final = {  # of about four hours, from half an hour after falling asleep
    "heart_rate_variability_avg": "heart_rate_variability_rmssd",
    "breathing_rate_avg": "respiratory_rate",
    "ans_charge": "ans_charge",
}
SERIES: Final = (PULSE, *CURVES.values(), *NIGHTLY.values())
SCORES: Final = ("sleep", "recovery")
SLEEP_PARTS: Final = (
    *("group_duration_score", "group_solidity_score", "group_regeneration_score"),
    *("continuity", "sleep_cycles", "sleep_charge"),
)
RECOVERY_PARTS: Final = ("ans_charge", "ans_charge_status", "heart_rate_avg", "beat_to_beat_avg")


class NightClock(msgspec.Struct, frozen=True):
    """The clock that makes instants of times of day. midnight: ms UTC of that before the sleep; anchor: ms after it."""

    midnight: int
    anchor: int
    zone: int | None


def read(item: JsonItem) -> Iterator[Record | Retraction]:
    """Either part may be missing. The recharge's times of day lie on the clock of the sleep."""
    sleep, recharge = item.nested("sleep"), item.nested("nightly_recharge")
    clock = None
    if sleep is not None and (day := sleep.day("date")) is not None:
        clock = _clock(sleep)
        yield from _sleep(sleep, day, clock)
    if recharge is not None and (day := recharge.day("date")) is not None:
        yield from _recharge(recharge, day, clock or _evening_before(recharge, day))


def _clock(sleep: JsonItem) -> NightClock | None:
    wall, found = wall_ms(sleep, "sleep_start_time"), sleep.instant("sleep_start_time")
    if wall is None or found is None:
        return None
    start, zone = found
    anchor = wall % DAY_MS // MINUTE_MS * MINUTE_MS  # maps know minutes only
    return NightClock(start - wall % DAY_MS, anchor, zone)


def _evening_before(recharge: JsonItem, day: date) -> NightClock:
    """Return the clock of a night without a sleep: it begins at noon, in the end user's zone."""
    wall = (day.toordinal() - 1 - EPOCH_DAY) * DAY_MS
    return NightClock(wall - recharge.context.zones.offset_at(wall) * MINUTE_MS, NOON_MS, None)


def _sleep(item: JsonItem, day: date, clock: NightClock | None) -> Iterator[Record | Retraction]:
    span = item.span("sleep_start_time", "sleep_end_time")
    if span is None or clock is None:
        return
    start, end, zone = span
    if not 0 < end - start <= MAX_DURATION_MS:
        item.refuse("sleep_end_time", "out_of_range")
        return
    document = f"sleep-{day}"
    yield Retraction(document)
    for first, last, stage in _stages(item, clock, start, end):
        yield StageRecord(POLAR, first, last, stage, zone, None, f"{document}#{first}")
    for at, bpm in curve(item, "heart_rate_samples", PULSE, clock.midnight, clock.anchor):
        yield Sample(POLAR, PULSE, at, bpm, None, zone, f"{document}#{PULSE}")
    score = item.number("sleep_score")
    if score is not None and 1 <= score <= 100:
        parts = {name: item.number(name) for name in SLEEP_PARTS}
        yield Score(POLAR, day, "sleep", score, 1, 100, zone, f"{document}#score", None, parts)


def _stages(item: JsonItem, clock: NightClock, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yield stages; each lasts until the next. Devices without stages give none: then it is sleep from end to end."""
    found = clocked(item, "hypnogram", clock.anchor)
    if not found:
        yield start, end, "sleeping"
        return
    edges = [min(max(clock.midnight + at, start), end) for at, _ in found]
    edges[0] = start
    for (_, code), first, last in zip(found, edges, [*edges[1:], end], strict=True):
        stage = STAGES.get(code) if isinstance(code, int) else None
        if stage is None:
            item.refuse("hypnogram", "unknown_stage")
        elif last > first:
            yield first, last, stage


def _recharge(item: JsonItem, day: date, clock: NightClock) -> Iterator[Record | Retraction]:
    document = f"recharge-{day}"
    yield Retraction(document)
    for field, series in NIGHTLY.items():
        value = item.measure(field, series)
        if value is not None:
            yield DailyRecord(POLAR, series, day, value, clock.zone, f"{document}#{series}")
    for field, series in CURVES.items():
        for at, value in curve(item, field, series, clock.midnight, clock.anchor):
            yield Sample(POLAR, series, at, value, None, clock.zone, f"{document}#{field}")
    status = item.number("nightly_recharge_status")
    if status is not None and 1 <= status <= 6:
        parts = {name: item.number(name) for name in RECOVERY_PARTS}
        yield Score(POLAR, day, "recovery", status, 1, 6, clock.zone, f"{document}#score", None, parts)

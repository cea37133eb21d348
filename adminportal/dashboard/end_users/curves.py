"""An end user's data as plots: a day of heart rate, and figures day by day."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from adminportal.kit.charts import day_label
from adminportal.kit.formats import number
from adminportal.kit.plots import (
    GAP_FACTOR,
    WIDTH,
    Bucket,
    Mark,
    Plot,
    Point,
    Scale,
    Span,
    band_path,
    buckets,
    buckets_of,
    line_path,
    rolling_mean,
    usual_step,
    x_of,
)
from healthdata.days import ZoneHistory
from healthdata.figures.load import Inputs
from healthdata.queries.event_rows import WorkoutRow
from wearlink.lib.clock import from_ms

ON_SCREEN: Final = 720  # parts that a curve is put together by: two minutes each of a whole day
IN_TABLE: Final = 96  # quarter hours of a day
WEEK: Final = 7
DOTS_UP_TO: Final = 120


def clock_label(history: ZoneHistory, ms: float) -> str:
    """Return the wearer's local time as ``08:15``."""
    hours, minutes = divmod(history.minute_of_day(int(ms)), 60)
    return f"{hours:02}:{minutes:02}"


@dataclass(frozen=True, slots=True)
class Pulse:
    """Readings of one source, in order of time."""

    device: str
    moments: list[int]
    beats: list[float]


def pulse_of(inputs: Inputs, source: UUID | None, start: int, end: int) -> Pulse | None:
    """Return the readings in [start, end) of the source named, else of the one that has most; None without any."""
    found: list[Pulse] = []
    for (series, key), parts in inputs.samples.items():
        row = inputs.sources[key]
        if series != "heart_rate" or (source is not None and row.uid != source):
            continue
        moments = [moment for part in parts for moment in part.moments]
        beats = [value for part in parts for value in part.values]
        if len(parts) > 1:  # rows that state several zones
            pairs = sorted(zip(moments, beats, strict=True))
            moments, beats = [moment for moment, _ in pairs], [value for _, value in pairs]
        first, last = bisect_left(moments, start), bisect_left(moments, end)
        if last > first:
            found.append(Pulse(row.device or row.provider, moments[first:last], beats[first:last]))
    return max(found, key=lambda one: len(one.moments), default=None)


def heart_rate(
    pulse: Pulse | None, start: int, end: int, history: ZoneHistory, workouts: Sequence[WorkoutRow]
) -> Plot | None:
    """Return the band of lowest to highest with the median, by parts of [start, end). None without readings."""
    if pulse is None:
        return None
    found = buckets_of(pulse.moments, pulse.beats, start, end, ON_SCREEN)
    gap = max(GAP_FACTOR * usual_step(pulse.moments), 2.5 * (end - start) / ON_SCREEN)
    scale = Scale.around([value for one in found for value in (one.low, one.high)])
    places = [x_of(one.x, start, end) for one in found]
    middles = [one.middle for one in found]
    least, most = min(one.low for one in found), max(one.high for one in found)
    typical = sorted(middles)[len(middles) // 2]
    seconds = round((end - start) / ON_SCREEN / 1000)
    return Plot(
        name="heart-rate",
        title="Heart rate",
        unit="bpm",
        note=f"lowest to highest and median per {seconds} s · {len(pulse.moments):,} samples · {pulse.device}",
        summary=f"Heart rate by {pulse.device}: from {least:.0f} to {most:.0f} bpm, median {typical:.0f}",
        ticks=scale.ticks(),
        marks=_hours(start, end, history),
        line=line_path(
            [(x, scale.y(value)) for x, value in zip(places, middles, strict=True)], gap=gap / (end - start) * WIDTH
        ),
        band=band_path(
            [(x, scale.y(one.high), scale.y(one.low)) for x, one in zip(places, found, strict=True)],
            gap=gap / (end - start) * WIDTH,
        ),
        spans=[_workout(one, start, end, history) for one in workouts],
        rows=[_row(one, history) for one in buckets_of(pulse.moments, pulse.beats, start, end, IN_TABLE)],
        readings=[(x, " · ".join(_row(one, history))) for x, one in zip(places, found, strict=True)],
    )


def _row(one: Bucket, history: ZoneHistory) -> tuple[str, str]:
    spread = "" if one.low == one.high else f" ({one.low:.0f}–{one.high:.0f})"
    return clock_label(history, one.x), f"{one.middle:.0f} bpm{spread}"


def _workout(one: WorkoutRow, start: int, end: int, history: ZoneHistory) -> Span:
    low, high = max(one.start_ms, start), min(one.end_ms, end)
    words = f"{one.type.replace('_', ' ')}, {clock_label(history, one.start_ms)} to {clock_label(history, one.end_ms)}"
    return Span(x_of(low, start, end), max(x_of(high, start, end) - x_of(low, start, end), 1), words)


def _hours(start: int, end: int, history: ZoneHistory) -> list[Mark]:
    found = []
    for place in range(5):
        at = start + (end - start) * place / 4
        anchor = "start" if place == 0 else "end" if place == 4 else "middle"
        label = "24:00" if place == 4 and end - start > 20 * 3_600_000 else clock_label(history, at)
        found.append(Mark(25 * place, label, anchor))
    return found


def by_day(
    name: str, title: str, unit: str, values: Mapping[date, float], first: date, last: date, *, digits: int = 0
) -> Plot | None:
    """Return a line through the days that have a value, with the mean of seven days; the axis need not begin at 0."""
    if not values:
        return None
    start, end = first.toordinal() - 0.5, last.toordinal() + 0.5
    points: list[Point] = [(day.toordinal(), values[day]) for day in sorted(values)]
    gap = max(GAP_FACTOR * usual_step([x for x, _ in points]), WEEK) / (end - start) * WIDTH
    scale = Scale.around([value for _, value in points])
    drawn = [(x_of(x, start, end), scale.y(value)) for x, value in points]
    mean = [(x_of(x, start, end), scale.y(value)) for x, value in rolling_mean(points, WEEK)]
    rows = [(day_label(date.fromordinal(int(x))), number(value, unit, digits)) for x, value in points]
    values_shown = [value for _, value in points]
    return Plot(
        name=name,
        title=title,
        unit=unit,
        note=f"{first:%-d %b %Y} to {last:%-d %b %Y} · mean of 7 days dashed · the axis does not begin at 0",
        summary=f"{title}: {rows[0][1]} on {rows[0][0]}, {rows[-1][1]} on {rows[-1][0]}, "
        f"lowest {number(min(values_shown), unit, digits)}, highest {number(max(values_shown), unit, digits)}",
        ticks=scale.ticks(),
        marks=day_marks(first, last),
        line=line_path(drawn, gap=gap),
        mean=line_path(mean, gap=gap) if len(mean) > 2 else "",
        dots=[(round(x / WIDTH * 100, 2), y) for x, y in drawn] if len(drawn) <= DOTS_UP_TO else [],
        rows=rows[::-1],
        readings=[(x, f"{label} · {figure}") for (x, _), (label, figure) in zip(drawn, rows, strict=True)],
    )


def day_marks(first: date, last: date) -> list[Mark]:
    """Return some dates below, first and last at the edges."""
    days = (last - first).days
    found = []
    for place in range(4):
        at = first + timedelta(days=round(days * place / 3))
        anchor = "start" if place == 0 else "end" if place == 3 else "middle"
        found.append(Mark(round(100 * place / 3, 2), day_label(at), anchor))
    return found


def local(ms: int) -> datetime:
    """Return a moment for the templates, which show it in the zone of the page."""
    return from_ms(ms)


def over_time(
    name: str,
    title: str,
    unit: str,
    points: Sequence[Point],
    start: int,
    end: int,
    history: ZoneHistory,
    *,
    format_value: Callable[[float], str],
) -> Plot | None:
    """Return the median of readings over [start, end), as `format_value` formats a value. None without readings."""
    if not points:
        return None
    found = buckets(points, start, end, ON_SCREEN // 3)
    gap = (
        max(GAP_FACTOR * usual_step([x for x, _ in points]), 3 * (end - start) / ON_SCREEN * 3) / (end - start) * WIDTH
    )
    scale = Scale.around([one.middle for one in found])
    places = [(x_of(one.x, start, end), scale.y(one.middle)) for one in found]
    rows = [(clock_label(history, one.x), f"{format_value(one.middle)} {unit}") for one in found]
    middles = [one.middle for one in found]
    return Plot(
        name=name,
        title=title,
        unit=unit,
        note=f"median of {round((end - start) / (ON_SCREEN // 3) / 1000)} s",
        summary=f"{title}: from {format_value(min(middles))} to {format_value(max(middles))} {unit}",
        ticks=scale.ticks(format_value),
        marks=_hours(start, end, history),
        line=line_path(places, gap=gap),
        rows=rows[:200],
        readings=[(x, f"{label} · {words}") for (x, _), (label, words) in zip(places, rows, strict=True)],
    )

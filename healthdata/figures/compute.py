"""The figures of one local day, each with the account of how it came about. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from healthdata.figures.load import HEART_RATE, WEAR_TIME, Inputs
from healthdata.merge import (
    Amount,
    LeftOutReason,
    MergedFigure,
    Readings,
    Share,
    SourceDay,
    Stretch,
    merge_amounts,
    merge_readings,
    time_at_rates,
)
from healthdata.merge.preferences import Priority
from healthdata.metrics import METRIC_OF_FIELD, METRICS, Metric, Rule
from healthdata.store.columns import NO_ZONE

ACTIVE: Final = "active_calories_kcal"
BASAL: Final = "basal_calories_kcal"
AVERAGE: Final = "avg_heart_rate_bpm"

Figures = dict[str, MergedFigure]  # by field name


@dataclass(slots=True)
class DayComputation:
    """One day under work: what is worked out once and used by several figures."""

    inputs: Inputs
    day: date
    priority: Priority
    bounds: Stretch
    heart: Mapping[int, Readings]
    worn: Mapping[int, list[Stretch]]
    figures: Figures = field(default_factory=dict)


def compute(inputs: Inputs, day: date, priority: Priority) -> Figures:
    """Return all figures of a day by field name; what nobody has is not among them."""
    bounds = inputs.window(day, NO_ZONE)
    heart = inputs.readings(HEART_RATE, day)
    work = DayComputation(inputs, day, priority, bounds, heart, inputs.worn(heart, bounds))
    for metric in METRICS:
        figure = RULES[metric.rule](work, metric)
        if figure.value is not None or figure.shares:
            work.figures[metric.field] = figure
    return work.figures


def in_order(work: DayComputation, metric: Metric, sources: Iterable[int], coverage: Mapping[int, float]) -> list[int]:
    """Return sources by preference, then by what they cover, then by age; those that an order leaves out come last."""
    found = work.inputs.candidates

    def place(source: int) -> tuple[object, ...]:
        return work.priority.rank(found[source], metric.name), -coverage.get(source, 0.0), source

    return sorted(sources, key=place)


def left_out_by(work: DayComputation, metric: Metric, source: int) -> LeftOutReason | None:
    """Return why a source does not count at all; None where it does."""
    if work.inputs.sources[source].is_hidden:
        return LeftOutReason.HIDDEN
    return LeftOutReason.EXCLUDED if work.priority.excludes(work.inputs.candidates[source], metric.name) else None


def without_excluded(
    work: DayComputation, metric: Metric, values: Mapping[int, float]
) -> tuple[list[int], list[Share]]:
    """Return who counts, and the shares of those that an order leaves out."""
    counted, left_out = [], []
    for source in sorted(values):
        reason = left_out_by(work, metric, source)
        if reason is not None:
            share = Share(source)
            share.leave_out(values[source], reason)
            left_out.append(share)
        else:
            counted.append(source)
    return counted, left_out


# --- Sums -----------------------------------------------------------------------------------------------------------


def summed(work: DayComputation, metric: Metric) -> MergedFigure:
    """Return amounts of all sources by the first way of which anybody has something."""
    for way in metric.ways:
        days = source_days(work, metric, way.series)
        if not days:
            continue
        values = {one.source_id: sum(a.value for a in one.amounts) + (one.total or 0.0) for one in days.values()}
        counted, left_out = without_excluded(work, metric, values)
        coverage = {source: sum(end - start for start, end in days[source].covered) for source in counted}
        ordered = [days[source] for source in in_order(work, metric, counted, coverage)]
        figure = merge_amounts(ordered, work.bounds)
        figure.shares += left_out
        return figure
    return MergedFigure(None, [])


def source_days(work: DayComputation, metric: Metric, series: tuple[str, ...]) -> dict[int, SourceDay]:
    """Return what each source has of series that add up. A source that tells a distance without its kind tells all of
    it.
    """
    amounts: dict[int, list[Amount]] = {}
    totals: dict[int, float] = {}
    condensed: dict[int, float] = {}
    complete: set[int] = set()
    for code in series:
        for source, (found, left) in work.inputs.amounts(code, work.day).items():
            if source not in complete:
                amounts.setdefault(source, []).extend(found)
                condensed[source] = condensed.get(source, 0.0) + left
        for source, value in work.inputs.daily.get((work.day, code), {}).items():
            if source not in complete:
                totals[source] = totals.get(source, 0.0) + value
        if code in STANDS_FOR_ALL:
            complete = {*amounts, *totals}
    wear_time = work.inputs.daily.get((work.day, WEAR_TIME), {})
    return {
        source: SourceDay(
            source,
            in_time(amounts.get(source, [])),
            work.worn.get(source, ()),
            totals.get(source),
            wear_time.get(source),
            condensed.get(source, 0.0),
            work.priority.names(work.inputs.candidates[source], metric.name),
            work.inputs.sources[source].device_type not in NO_DEVICE,
        )
        for source in {**amounts, **totals}
    }


#: Types of sources that measure nothing themselves, as far as anybody knows.
NO_DEVICE: Final = frozenset({"", "unknown", "manual"})
STANDS_FOR_ALL: Final = frozenset({"distance_unspecified", "exercise_time"})


def in_time(amounts: list[Amount]) -> list[Amount]:
    """Return amounts of several series in order; walking and cycling may overlap, since both distances count."""
    return sorted(amounts)


def energy(work: DayComputation, metric: Metric) -> MergedFigure:
    """Return a day's total energy: its active plus its basal energy, so that the three figures of a row add up."""
    active, basal = work.figures.get(ACTIVE), work.figures.get(BASAL)
    if active is None or basal is None or active.value is None or basal.value is None:
        return summed(work, metric)
    shares: dict[int, Share] = {}
    for part in (*active.shares, *basal.shares):
        share = shares.setdefault(part.source_id, Share(part.source_id))
        share.kept += part.kept
        share.minutes = max(share.minutes, part.minutes)
    of_sources = source_days(work, metric, metric.ways[0].series)
    for source, one in of_sources.items():
        share = shares.setdefault(source, Share(source))
        share.leave_out(sum(a.value for a in one.amounts) + (one.total or 0.0), LeftOutReason.SUM_OF_PARTS)
    less = min((active, basal), key=lambda one: one.coverage_minutes if one.coverage_minutes is not None else 1e9)
    return MergedFigure(active.value + basal.value, list(shares.values()), less.covered, less.wear_minutes)


# --- Readings and single values -------------------------------------------------------------------------------------


def averaged(work: DayComputation, metric: Metric) -> MergedFigure:
    """Return the mean of the readings by time; where there are none, one source's own mean."""
    readings = work.heart
    size = {source: float(len(one.moments)) for source, one in readings.items()}
    counted, left_out = without_excluded(work, metric, size)
    if not counted:
        figure = picked(work, metric)
        known = {share.source_id for share in figure.shares}
        figure.shares += [share for share in left_out if share.source_id not in known]
        return figure
    ordered = [readings[source] for source in in_order(work, metric, counted, size)]
    figure = merge_readings(ordered, work.bounds)
    figure.shares += left_out
    return figure


def heart_rates(inputs: Inputs, day: date, priority: Priority) -> dict[int, float]:
    """Return heart rate (bpm) → how long (ms) the heart beat so, of the readings behind the day's mean."""
    bounds = inputs.window(day, NO_ZONE)
    readings = inputs.readings(HEART_RATE, day)
    work = DayComputation(inputs, day, priority, bounds, readings, {})
    size = {source: float(len(one.moments)) for source, one in readings.items()}
    metric = METRIC_OF_FIELD[AVERAGE]
    counted, _ = without_excluded(work, metric, size)
    return time_at_rates([readings[source] for source in in_order(work, metric, counted, size)], bounds)


def extreme(work: DayComputation, metric: Metric) -> MergedFigure:
    """Return the lowest or highest of the readings behind the mean; a source's own where there are none."""
    mean = work.figures.get(AVERAGE)
    value = None if mean is None else mean.low if metric.rule is Rule.LOWEST else mean.high
    if mean is None or value is None:
        return picked(work, metric)
    return MergedFigure(value, mean.shares, mean.covered)


def picked(work: DayComputation, metric: Metric) -> MergedFigure:
    """Return one source's own value of the day, by rank."""
    values = work.inputs.daily.get((work.day, metric.ways[0].series[0]), {})
    if not values:
        return MergedFigure(None, [])
    counted, left_out = without_excluded(work, metric, values)
    ordered = in_order(work, metric, counted, {})
    shares = [Share(source) for source in ordered]
    for share in shares[:1]:
        share.kept, share.is_total = values[share.source_id], True
    for share in shares[1:]:
        share.leave_out(values[share.source_id], LeftOutReason.RANK)
    return MergedFigure(values[ordered[0]] if ordered else None, [*shares, *left_out])


RULES: Final = {
    Rule.SUM: summed,
    Rule.MEAN: averaged,
    Rule.LOWEST: extreme,
    Rule.HIGHEST: extreme,
    Rule.ONE: picked,
    Rule.ENERGY: energy,
}

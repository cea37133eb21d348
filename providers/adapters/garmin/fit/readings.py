"""Columns of a file → samples."""

from collections.abc import Generator, Iterator
from typing import Final

from healthdata.records import Sample
from healthdata.units import BOUNDS
from providers.adapters.garmin.fit import developer
from providers.adapters.garmin.fit.decode import Column, FitFile
from providers.adapters.garmin.fit.fields import COARSER, FIELDS, RIGHT, SHARE, FitField
from providers.adapters.garmin.fit.sessions import FitActivity
from providers.adapters.garmin.normalise.source import GARMIN
from providers.adapters.garmin.normalise.sports import SERIES as BY_SPORT
from providers.adapters.garmin.normalise.sports import series_of
from providers.contract import Context
from providers.contract.bounds import AHEAD, EARLIEST

CADENCES: Final = {"feet": "step_cadence", "rides": "cycling_cadence", "": "cadence"}
SERIES: Final = (
    *(field.series for field in FIELDS.values() if field.series),
    *developer.SERIES,
    *BY_SPORT,
    *CADENCES.values(),
)


def read(found: FitFile, activity: FitActivity, context: Context) -> Iterator[Sample]:
    """Yield every column that means something, in the order of the table."""
    meanings = {one.column: one.meaning for one in found.developer.values()}
    latest = context.received + AHEAD
    for name, column in found.columns.items():
        if not column.values or (name in COARSER and found.columns[COARSER[name]].values):
            continue
        field = FIELDS.get(name) or meanings.get(name)
        if field is None:
            found.faults.append((name, "unknown_field"))
            continue
        if field.series == "left_right_balance":
            column = _left(column)
        refused = yield from _samples(column, field, activity, latest)
        if refused:
            found.faults.append((name, "out_of_range"))


def _samples(column: Column, field: FitField, activity: FitActivity, latest: int) -> Generator[Sample, None, int]:
    """Yield samples of a column, leg by leg, since what a reading is called depends on the sport; how many were
    refused.
    """
    refused, zone, factor, shift = 0, activity.zone, field.factor, field.shift
    until = -1
    series, low, high = field.series, 0.0, 0.0
    for at, raw in zip(column.instants, column.values, strict=True):
        if at >= until:
            leg = activity.leg_at(at)
            until = leg.until
            series, scale = _meant(field, leg.kind, leg.is_on_foot)
            factor = field.factor * scale
            low, high = BOUNDS[series]
        value = raw * factor + shift
        if low <= value <= high and EARLIEST <= at <= latest:
            yield Sample(GARMIN, series, at, value, None, zone)
        elif value:  # a sensor without contact says 0
            refused += 1
    return refused


def _meant(field: FitField, kind: str, is_on_foot: bool) -> tuple[str, float]:
    """Return the series, and a factor: cadence of walks and runs counts one foot."""
    if not field.measures:
        return field.series, 1.0
    if field.measures != "cadence":
        return series_of(field.measures, kind), 1.0
    if is_on_foot:
        return CADENCES["feet"], 2.0
    return CADENCES["rides" if series_of("speed", kind) == "cycling_speed" else ""], 1.0


def _left(column: Column) -> Column:
    """Return the left side's share, where the file says which side it means."""
    found = Column()
    for at, raw in zip(column.instants, column.values, strict=True):
        if int(raw) & RIGHT:
            found.instants.append(at)
            found.values.append(100 - (int(raw) & SHARE))
    return found

"""Newest body figures, and their means over some days."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import msgspec

from accounts.end_users import zones as user_zones
from healthdata import queries
from healthdata.days import ZoneHistory
from healthdata.figures.load import Inputs, load_samples
from healthdata.merge import mean_by_time
from healthdata.merge.preferences import SourceCandidate
from healthdata.queries import Figure, SampleRow, streams
from healthdata.queries.streams import StreamRef
from healthdata.records import PROFILE
from healthdata.store.columns import NO_ZONE
from healthdata.summaries.choice import Chooser, DataSource, Offer, Reader

#: Field of the body summary → series.
BODY: Final[Mapping[str, str]] = {
    "weight_kg": "weight",
    "height_cm": "height",
    "bmi": "body_mass_index",
    "body_fat_percent": "body_fat_percentage",
    "body_fat_mass_kg": "body_fat_mass",
    "lean_body_mass_kg": "lean_body_mass",
    "muscle_mass_kg": "muscle_mass",
    "waist_circumference_cm": "waist_circumference",
    "resting_heart_rate_bpm": "resting_heart_rate",
    "hrv_sdnn_ms": "heart_rate_variability_sdnn",
    "hrv_rmssd_ms": "heart_rate_variability_rmssd",
    "respiratory_rate": "respiratory_rate",
    "spo2_percent": "spo2",
    "body_temperature_celsius": "body_temperature",
    "skin_temperature_celsius": "skin_temperature",
    "blood_pressure_systolic_mmhg": "blood_pressure_systolic",
    "blood_pressure_diastolic_mmhg": "blood_pressure_diastolic",
    "blood_glucose_mg_dl": "blood_glucose",
    "vo2_max": "vo2_max",
}
#: What goes on between its readings, so that its mean is one of time. A weighing speaks for nothing but itself.
CONTINUOUS: Final = (
    "heart_rate_variability_sdnn",
    "heart_rate_variability_rmssd",
    "respiratory_rate",
    "spo2",
    "body_temperature",
    "skin_temperature",
    "blood_glucose",
)
AVERAGED: Final = tuple(name for name in BODY if name != "height_cm")


@dataclass(frozen=True, slots=True)
class Measurement:
    """The newest value of a body figure."""

    value: float
    timestamp: int
    provider: str
    device: str | None


@dataclass(frozen=True, slots=True)
class BodySummary:
    """Newest values, and means over the local days first..last of the days' values, by field name."""

    latest: Mapping[str, Measurement]
    means: Mapping[str, float]
    sources: Mapping[str, DataSource]  # of the newest day in each mean
    first: date
    last: date


def body(
    reader: Reader, *, first: date, last: date, before: int | None = None, zones: ZoneHistory | None = None
) -> BodySummary:
    """Return newest values before an instant (None: of all), and means over the local days first..last.

    Who knows the user's zones already gives them.
    """
    refs = streams.find(reader.user_key, tuple(BODY.values()))
    history = ZoneHistory(user_zones.history(reader.user_key)) if zones is None else zones

    def rank(ref: StreamRef) -> tuple[int, ...]:
        return reader.priority.rank(SourceCandidate(ref.source_id, ref.provider, ref.device_type or None), ref.series)

    newest = queries.latest(
        reader.user_key, series=tuple(BODY.values()), before=before, rank=rank, refs=refs, zones=history
    )
    latest = _latest(newest)
    averaged = {BODY[name]: name for name in AVERAGED}
    streams_averaged = [ref for ref in refs if ref.series in averaged]
    figures_of_days = queries.day_figures(
        reader.user_key, series=tuple(averaged), first=first, last=last, refs=streams_averaged
    )
    found = by_time(reader.user_key, figures_of_days, history, streams_averaged)
    chooser = Chooser(reader.priority)
    by_field: dict[str, list[Offer | Figure]] = defaultdict(list)
    measured = {series for (series, _), figures in found.items() if any(_is_measured(one) for one in figures)}
    for (series, _), figures in sorted(found.items(), key=lambda item: item[0][1]):
        # a profile repeats what somebody once typed in: it fills in only where there is no measurement at all
        fit = [one for one in figures if series not in measured or _is_measured(one)]
        if fit:
            by_field[averaged[series]].append(chooser.best(series, fit))
    means = {name: sum(one.value for one in days) / len(days) for name, days in by_field.items()}
    sources = {name: chooser.shown(days[-1]) for name, days in by_field.items()}
    height = latest.get("height_cm")
    if "bmi" not in means and "weight_kg" in means and height is not None and height.value > 0:
        means["bmi"], sources["bmi"] = body_mass_index(means["weight_kg"], height.value), sources["weight_kg"]
    return BodySummary(latest, means, sources, first, last)


DayFigures = Mapping[tuple[str, date], list[Figure]]  # (series, local day) → figures of its sources


def by_time(user_key: int, found: DayFigures, zones: ZoneHistory, refs: Sequence[StreamRef]) -> DayFigures:
    """Return the same figures, the means of continuous series by time. A query more where somebody read one.

    refs: the streams that the figures are of.
    """
    days = sorted({day for (code, day), them in found.items() if code in CONTINUOUS and not all(map(is_daily, them))})
    if not days:
        return found
    read = [ref for ref in refs if ref.series in CONTINUOUS and not ref.is_daily]
    inputs = Inputs(zones, {}, {}, {})
    owners = {ref.id: ref.source_id for ref in read}
    load_samples(inputs, user_key, read, owners, (days[0], days[-1]))
    return {
        (code, day): [_by_time(one, code, day, inputs) for one in them] if code in CONTINUOUS else them
        for (code, day), them in found.items()
    }


def is_daily(figure: Figure) -> bool:
    """Return whether it is the vendor's own figure of the day."""
    return figure.vendor_daily


def _by_time(figure: Figure, code: str, day: date, inputs: Inputs) -> Figure:
    if figure.vendor_daily or figure.n == 1:
        return figure
    readings = inputs.readings_of(code, figure.source_id, day)
    mean = None if readings is None else mean_by_time(readings, inputs.window(day, NO_ZONE))
    return figure if mean is None else msgspec.structs.replace(figure, value=mean)


def _is_measured(figure: Figure) -> bool:
    return figure.device_type != PROFILE


def _latest(rows: Mapping[str, SampleRow]) -> dict[str, Measurement]:
    found = {
        name: Measurement(row.value, row.timestamp, row.provider, row.device)
        for name, series in BODY.items()
        if (row := rows.get(series)) is not None
    }
    weight, height, bmi = found.get("weight_kg"), found.get("height_cm"), found.get("bmi")
    if weight is None or height is None or height.value <= 0:
        return found
    if bmi is None or bmi.timestamp < weight.timestamp:  # scales send both; a BMI older than the weight is out of date
        index = body_mass_index(weight.value, height.value)
        found["bmi"] = Measurement(index, weight.timestamp, weight.provider, weight.device)
    return found


def body_mass_index(weight_kg: float, height_cm: float) -> float:
    """Return kg/m²."""
    return weight_kg / (height_cm / 100) ** 2

"""Daily summaries: activity, sleep, body. Every figure of a day comes from one source, which is named beside it.

Which source: the cascade of healthdata.days (the end user's order, else the organization's, else ring and watch before
phone), then the source that covers more hours. Figures are never added up over sources, as a phone and a watch count
the same steps. Days without any figure are left out.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple, TypeVar

from healthdata import events, queries
from healthdata.days import Priority, SourceCandidate, ZoneHistory
from healthdata.models import SleepSession
from healthdata.queries import Figure, SampleRow

Number = float | int


class DataSource(NamedTuple):
    """Where a figure comes from, as it is shown."""

    provider: str
    device: str | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose data, on which local clock, by which order of sources."""

    user_key: int
    zones: ZoneHistory
    priority: Priority


@dataclass(frozen=True, slots=True)
class Way:
    """Series whose sum is the figure; with `all_needed`, only where a source has every one of them."""

    series: tuple[str, ...]
    all_needed: bool = True


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a day. `name` is what orders of sources call it; of `ways`, a source's first that works counts."""

    field: str
    name: str
    ways: tuple[Way, ...]
    digits: int = 0

    @property
    def is_plain(self) -> bool:
        return len(self.ways) == 1 and len(self.ways[0].series) == 1


@dataclass(frozen=True, slots=True)
class ActivityDay:
    """The figures of one local day by field name, None where unknown, and the source of each that is known."""

    day: date
    figures: Mapping[str, Number | None]
    sources: Mapping[str, DataSource]


@dataclass(frozen=True, slots=True)
class SleepDay:
    """The sleep that ended on one local date according to one source."""

    day: date
    main: SleepSession | None  # None: there were only naps
    others: tuple[SleepSession, ...]  # naps, and what else is not the main sleep

    @property
    def shown(self) -> SleepSession:
        return self.main or self.others[0]


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


_DISTANCES: Final = (
    "distance_walking_running",
    "distance_cycling",
    "distance_swimming",
    "distance_wheelchair",
    "distance_downhill_snow_sports",
    "distance_cross_country_skiing",
    "distance_paddle_sports",
    "distance_rowing",
    "distance_skating_sports",
)


def _plain(field_name: str, series: str, digits: int = 0) -> Metric:
    return Metric(field_name, series, (Way((series,)),), digits)


METRICS: Final = (
    _plain("steps", "steps"),
    _plain("active_calories_kcal", "active_calories", 1),
    _plain("basal_calories_kcal", "basal_calories", 1),
    Metric(
        "total_calories_kcal",
        "total_calories",
        (Way(("total_calories",)), Way(("active_calories", "basal_calories"))),
        1,
    ),
    Metric("distance_meters", "distance", (Way(("distance_unspecified",)), Way(_DISTANCES, all_needed=False)), 1),
    _plain("flights_climbed", "flights_climbed"),
    _plain("elevation_gain_meters", "elevation_gain", 1),
    Metric("active_minutes", "active_time", (Way(("active_time",)), Way(("exercise_time",)))),
    _plain("sedentary_minutes", "sedentary_time"),
    _plain("avg_heart_rate_bpm", "heart_rate", 1),
    _plain("min_heart_rate_bpm", "lowest_heart_rate", 1),
    _plain("max_heart_rate_bpm", "maximum_heart_rate", 1),
    _plain("resting_heart_rate_bpm", "resting_heart_rate", 1),
)
#: Each metric, and its series where that is all there is to it.
_PLAN: Final = tuple((one, one.ways[0].series[0] if one.is_plain else None) for one in METRICS)
ACTIVITY_SERIES: Final = tuple(dict.fromkeys(code for metric in METRICS for way in metric.ways for code in way.series))

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
AVERAGED: Final = tuple(name for name in BODY if name != "height_cm")

_O = TypeVar("_O", "_Offer", Figure, "_Offer | Figure")


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one source says of a figure that is a sum; the names are those of Figure."""

    source_id: int
    provider: str
    device: str | None
    device_type: str
    value: float
    hours: int
    n: int


@dataclass(slots=True)
class _Chooser:
    """days.choose for thousands of day figures: a source's rank for a metric is worked out once."""

    priority: Priority
    _ranks: dict[tuple[str, int], tuple[int, ...]] = field(default_factory=dict)
    _shown: dict[int, DataSource] = field(default_factory=dict)

    def rank(self, metric: str, offer: _Offer | Figure) -> tuple[int, ...]:
        known = self._ranks.get((metric, offer.source_id))
        if known is None:
            candidate = SourceCandidate(offer.source_id, offer.provider, offer.device_type, 0, 0)
            known = self._ranks[metric, offer.source_id] = self.priority.rank(candidate, metric)
        return known

    def shown(self, offer: _Offer | Figure) -> DataSource:
        """The offer's source, one object a source."""
        known = self._shown.get(offer.source_id)
        if known is None:
            known = self._shown[offer.source_id] = DataSource(offer.provider, offer.device)
        return known

    def best(self, metric: str, offers: Sequence[_O]) -> _O:
        """The one that counts: by rank, hours covered, number of values, and the source's id."""
        if len(offers) == 1:
            return offers[0]
        return min(offers, key=lambda offer: (self.rank(metric, offer), -offer.hours, -offer.n, offer.source_id))


def activity(reader: Reader, *, first: date, last: date) -> list[ActivityDay]:
    """Activity of the local days first..last, oldest first."""
    by_day: dict[date, dict[str, list[Figure]]] = defaultdict(dict)
    found = queries.day_figures(reader.user_key, series=ACTIVITY_SERIES, first=first, last=last)
    for (series, day), figures in found.items():
        by_day[day][series] = figures
    chooser = _Chooser(reader.priority)
    return [_activity_day(day, by_day[day], chooser) for day in sorted(by_day)]


def _activity_day(day: date, series: Mapping[str, list[Figure]], chooser: _Chooser) -> ActivityDay:
    figures: dict[str, Number | None] = {}
    sources: dict[str, DataSource] = {}
    for metric, plain in _PLAN:
        offers = _offers(metric, series) if plain is None else series.get(plain)
        if not offers:
            figures[metric.field] = None
            continue
        best = chooser.best(metric.name, offers)
        figures[metric.field] = _rounded(best.value, metric.digits)
        sources[metric.field] = chooser.shown(best)
    _heart_rate_extremes(series.get("heart_rate"), figures, sources, chooser)
    return ActivityDay(day, figures, sources)


def _offers(metric: Metric, series: Mapping[str, list[Figure]]) -> Sequence[_Offer | Figure]:
    """One offer a source: its first way that works."""
    by_way = [offers for way in metric.ways if (offers := _way_offers(way, series))]
    if len(by_way) <= 1:
        return by_way[0] if by_way else ()
    found: dict[int, _Offer | Figure] = {}
    for offers in by_way:
        for offer in offers:
            found.setdefault(offer.source_id, offer)
    return list(found.values())


def _way_offers(way: Way, series: Mapping[str, list[Figure]]) -> Sequence[_Offer | Figure]:
    """What each source says by this way; a sum that has one part is that part."""
    parts = [figures for code in way.series if (figures := series.get(code))]
    if not parts or (way.all_needed and len(parts) < len(way.series)):
        return ()
    return parts[0] if len(parts) == 1 else _sums(parts, len(way.series) if way.all_needed else 1)


def _sums(parts: Sequence[Sequence[Figure]], needed: int) -> list[_Offer]:
    by_source: dict[int, list[Figure]] = defaultdict(list)
    for figures in parts:
        for figure in figures:
            by_source[figure.source_id].append(figure)
    return [
        _Offer(
            source_id=own[0].source_id,
            provider=own[0].provider,
            device=own[0].device,
            device_type=own[0].device_type,
            value=sum(part.value for part in own),
            hours=max(part.hours for part in own),
            n=sum(part.n for part in own),
        )
        for own in by_source.values()
        if len(own) >= needed
    ]


def _heart_rate_extremes(
    readings: Sequence[Figure] | None,
    figures: dict[str, Number | None],
    sources: dict[str, DataSource],
    chooser: _Chooser,
) -> None:
    """Lowest and highest are those of the readings behind the average; a vendor's own count where there are none."""
    measured = [figure for figure in readings or () if not figure.vendor_daily]
    if not measured:
        return
    best = chooser.best("heart_rate", measured)
    for name, value in (("min_heart_rate_bpm", best.lo), ("max_heart_rate_bpm", best.hi)):
        figures[name], sources[name] = _rounded(value, 1), chooser.shown(best)


def _rounded(value: float, digits: int) -> Number:
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded


def sleep(reader: Reader, *, first: date, last: date) -> list[SleepDay]:
    """Sleep by local date of waking, first..last, oldest first."""
    by_day: dict[date, dict[int, list[SleepSession]]] = defaultdict(lambda: defaultdict(list))
    for session in events.nights(reader.user_key, first=first, last=last):
        by_day[session.day][session.source_id].append(session)
    return [_best_night(day, list(by_day[day].values()), reader.priority) for day in sorted(by_day)]


def _best_night(day: date, nights: Sequence[Sequence[SleepSession]], priority: Priority) -> SleepDay:
    return min((_night(day, sessions) for sessions in nights), key=lambda night: _night_rank(night, priority))


def _night(day: date, sessions: Sequence[SleepSession]) -> SleepDay:
    """The longest session that is no nap is the main one."""
    main = max((one for one in sessions if not one.is_nap), key=lambda one: one.duration_seconds, default=None)
    return SleepDay(day, main, tuple(one for one in sessions if one is not main))


def _night_rank(night: SleepDay, priority: Priority) -> tuple[object, ...]:
    """A night before naps, then the cascade, then stages before none, then the longer one."""
    session = night.shown
    source = session.source
    candidate = SourceCandidate(source.id, source.provider, source.device_type, 0, 0)
    has_stages = any((session.light_seconds, session.deep_seconds, session.rem_seconds))
    return (
        night.main is None,
        priority.rank(candidate, "sleep"),
        not has_stages,
        -session.duration_seconds,
        source.id,
    )


def body(reader: Reader, *, first: date, last: date, before: int | None = None) -> BodySummary:
    """Newest values before an instant (None: of all), and means over the local days first..last."""
    latest = _latest(queries.latest(reader.user_key, series=tuple(BODY.values()), before=before))
    averaged = {BODY[name]: name for name in AVERAGED}
    found = queries.day_figures(reader.user_key, series=tuple(averaged), first=first, last=last)
    chooser = _Chooser(reader.priority)
    by_field: dict[str, list[_Offer | Figure]] = defaultdict(list)
    for (series, _), figures in sorted(found.items(), key=lambda item: item[0][1]):
        by_field[averaged[series]].append(chooser.best(series, figures))
    means = {name: sum(one.value for one in days) / len(days) for name, days in by_field.items()}
    sources = {name: chooser.shown(days[-1]) for name, days in by_field.items()}
    height = latest.get("height_cm")
    if "bmi" not in means and "weight_kg" in means and height is not None and height.value > 0:
        means["bmi"], sources["bmi"] = body_mass_index(means["weight_kg"], height.value), sources["weight_kg"]
    return BodySummary(latest, means, sources, first, last)


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
    """kg/m²."""
    return weight_kg / (height_cm / 100) ** 2

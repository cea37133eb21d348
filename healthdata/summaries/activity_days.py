"""Activity of local days."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from healthdata import queries
from healthdata.metrics import ACTIVITY_SERIES, METRICS, Metric, Way
from healthdata.queries import Figure
from healthdata.summaries.choice import Chooser, DataSource, Offer, Reader


@dataclass(frozen=True, slots=True)
class ActivityDay:
    """The figures of one local day by field name, None where unknown, and the source of each that is known."""

    day: date
    figures: Mapping[str, float | None]
    sources: Mapping[str, DataSource]


#: Each metric, and its series where that is all there is to it.
_PLAN: Final = tuple((one, one.ways[0].series[0] if one.is_plain else None) for one in METRICS)


def activity(reader: Reader, *, first: date, last: date) -> list[ActivityDay]:
    """Activity of the local days first..last, oldest first."""
    by_day: dict[date, dict[str, list[Figure]]] = defaultdict(dict)
    found = queries.day_figures(reader.user_key, series=ACTIVITY_SERIES, first=first, last=last)
    for (series, day), figures in found.items():
        by_day[day][series] = figures
    chooser = Chooser(reader.priority)
    return [_activity_day(day, by_day[day], chooser) for day in sorted(by_day)]


def _activity_day(day: date, series: Mapping[str, list[Figure]], chooser: Chooser) -> ActivityDay:
    figures: dict[str, float | None] = {}
    sources: dict[str, DataSource] = {}
    for metric, plain in _PLAN:
        offers = _offers(metric, series) if plain is None else series.get(plain)
        if not offers:
            figures[metric.field] = None
            continue
        best = chooser.best(metric.name, offers)
        figures[metric.field] = best.value
        sources[metric.field] = chooser.shown(best)
    _heart_rate_extremes(series.get("heart_rate"), figures, sources, chooser)
    return ActivityDay(day, figures, sources)


def _offers(metric: Metric, series: Mapping[str, list[Figure]]) -> Sequence[Offer | Figure]:
    """One offer a source: its first way that works."""
    by_way = [offers for way in metric.ways if (offers := _way_offers(way, series))]
    if len(by_way) <= 1:
        return by_way[0] if by_way else ()
    found: dict[int, Offer | Figure] = {}
    for offers in by_way:
        for offer in offers:
            found.setdefault(offer.source_id, offer)
    return list(found.values())


def _way_offers(way: Way, series: Mapping[str, list[Figure]]) -> Sequence[Offer | Figure]:
    """What each source says by this way; a sum that has one part is that part."""
    parts = [figures for code in way.series if (figures := series.get(code))]
    if not parts or (way.all_needed and len(parts) < len(way.series)):
        return ()
    return parts[0] if len(parts) == 1 else _sums(parts, len(way.series) if way.all_needed else 1)


def _sums(parts: Sequence[Sequence[Figure]], needed: int) -> list[Offer]:
    by_source: dict[int, list[Figure]] = defaultdict(list)
    for figures in parts:
        for figure in figures:
            by_source[figure.source_id].append(figure)
    return [
        Offer(
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
    figures: dict[str, float | None],
    sources: dict[str, DataSource],
    chooser: Chooser,
) -> None:
    """Lowest and highest are those of the readings behind the average; a vendor's own count where there are none."""
    measured = [figure for figure in readings or () if not figure.vendor_daily]
    if not measured:
        return
    best = chooser.best("heart_rate", measured)
    for name, value in (("min_heart_rate_bpm", best.lo), ("max_heart_rate_bpm", best.hi)):
        figures[name], sources[name] = value, chooser.shown(best)

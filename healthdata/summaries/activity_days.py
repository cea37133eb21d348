"""Activity figures of local days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from accounts.end_users import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.figures.read import KeptFigure, kept_figures
from healthdata.metrics import METRIC_OF_FIELD
from healthdata.queries.sources import SourceRef, sources_of
from healthdata.summaries.choice import Reader
from wearlink.lib import clock

_A_ZONE: Final = timedelta(days=1)  # no local date is further from UTC's


class ActivityFigure(NamedTuple):
    """One figure of a day: who gave how much of it (of means: minutes), in the order of preference."""

    value: float
    shares: tuple[tuple[SourceRef, float], ...]
    coverage_minutes: int | None
    is_partial: bool
    revision: int
    revised_at: datetime

    @property
    def main_source(self) -> SourceRef | None:
        """The source that contributed most."""
        if len(self.shares) == 1:
            return self.shares[0][0]
        return max(self.shares, key=lambda share: share[1])[0] if self.shares else None


@dataclass(frozen=True, slots=True)
class ActivityDay:
    """The figures of one local day by field name; what nobody has is not among them."""

    day: date
    figures: Mapping[str, ActivityFigure]

    def value_of(self, field: str) -> float | None:
        """Return a figure alone; None where nobody has it."""
        figure = self.figures.get(field)
        return None if figure is None else figure.value

    @property
    def devices(self) -> list[str]:
        """The devices that gave anything to the day, by name."""
        sources = {source for figure in self.figures.values() for source, _ in figure.shares}
        return sorted({source.device or source.provider for source in sources})


def activity(reader: Reader, *, first: date, last: date) -> list[ActivityDay]:
    """Activity of the local days first..last, oldest first."""
    rows = kept_figures(reader.user_key, reader.priority, first=first, last=last)
    sources = sources_of(reader.user_key) if rows else {}
    running = running_day(reader.user_key, last)
    least = {field: reader.priority.min_coverage(metric.name) for field, metric in METRIC_OF_FIELD.items()}
    by_day: dict[date, dict[str, ActivityFigure]] = {}
    for row in rows:
        field = row.metric or ""
        minutes = row.coverage_minutes
        if minutes is not None and minutes < least[field]:
            continue
        by_day.setdefault(row.day, {})[field] = figure_of(row, sources, running)
    return [ActivityDay(day, by_day[day]) for day in sorted(by_day)]


def figure_of(row: KeptFigure, sources: Mapping[int, SourceRef], running: date | None) -> ActivityFigure:
    """Return a kept row as it is shown."""
    if len(row.sources) == 1:
        shares: tuple[tuple[SourceRef, float], ...] = ((sources[row.sources[0]], row.kept[0]),)
    else:
        shares = tuple((sources[source], kept) for source, kept in zip(row.sources, row.kept, strict=True))
    partial = row.is_partial or (running is not None and row.day >= running)
    return ActivityFigure(row.value, shares, row.coverage_minutes, partial, row.revision, row.revised_at)


def running_day(user_key: int, last: date) -> date | None:
    """Return the end user's today, where a range reaches it: its figures are of a part of a day. A query only then."""
    if last < clock.now().date() - _A_ZONE:
        return None
    return ZoneHistory(user_zones.history(user_key)).day_of(clock.now_ms())

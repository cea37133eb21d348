"""ActivitySummary elements: the rings of one local date, which Apple adds up over all devices of an end user."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from healthdata.records import DailyRecord, Rejected, SourceInfo
from healthdata.units import UnknownUnit, acceptable, plan
from providers.adapters.apple.export.parser import RawSummary
from providers.adapters.apple.export.records import ExportDates
from providers.adapters.apple.normalise import DIALECT
from providers.contract.bounds import EARLIEST

COLLECTION: Final = "activity_summaries"
RINGS: Final = SourceInfo(provider=DIALECT.provider, name="Activity rings", manufacturer="Apple Inc.", app="Fitness")
#: attribute → series, attribute of the unit, unit where none is written
_FIGURES: Final = {
    "activeEnergyBurned": ("active_calories", "activeEnergyBurnedUnit", "kcal"),
    "appleMoveTime": ("move_time", "", "min"),
    "appleExerciseTime": ("exercise_time", "", "min"),
    "appleStandHours": ("stand_hours", "", "count"),
}
_EPOCH: Final = date(1970, 1, 1).toordinal()
_DAY_MS: Final = 86_400_000


def normalise(raw: RawSummary, index: int, clock: ExportDates) -> Iterator[DailyRecord | Rejected]:
    """Yield the figures of the day. A date on which nothing was worn has zeros only, and says nothing."""
    found = [item for item in (_figure(raw, name, index) for name in _FIGURES) if item is not None]
    yield from (item for item in found if isinstance(item, Rejected))
    figures = [item for item in found if not isinstance(item, Rejected)]
    if not any(value for _, value in figures):
        return
    day = _day(raw.attributes.get("dateComponents", ""), clock)
    if isinstance(day, str):
        yield Rejected(COLLECTION, index, "dateComponents", day)
        return
    goals = raw.attributes.get("appleMoveTimeGoal", "0")
    for series, value in figures:
        if series == "move_time" and not value and goals in ("", "0"):
            continue  # only those who count minutes instead of energy have this ring
        yield DailyRecord(RINGS, series, day, value)


def _figure(raw: RawSummary, name: str, index: int) -> tuple[str, float] | Rejected | None:
    text = raw.attributes.get(name)
    if not text:
        return None
    series, unit_field, unit = _FIGURES[name]
    try:
        value = plan(raw.attributes.get(unit_field) or unit, series, DIALECT.provider).apply(float(text))
    except UnknownUnit as error:
        return Rejected(COLLECTION, index, unit_field, error.reason)
    except ValueError:
        return Rejected(COLLECTION, index, name, "not_a_number")
    reason = acceptable(series, value)
    return Rejected(COLLECTION, index, name, reason) if reason else (series, value)


def _day(text: str, clock: ExportDates) -> date | str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return "bad_date"
    at = (day.toordinal() - _EPOCH) * _DAY_MS
    return day if EARLIEST <= at <= clock.latest else "date_out_of_range"

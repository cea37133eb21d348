"""An end user at a glance: one day's figures, heart rate and night, and how the figures went before it.

All of it is read by the functions that the API's summaries, time series and sleep sessions are read by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse

from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users import curves
from adminportal.dashboard.end_users.end_user import day_asked, find, reader_of, show_tab, zones_of
from adminportal.dashboard.end_users.hours import steps_by_hour
from adminportal.dashboard.end_users.nights import stages_of
from adminportal.dashboard.shell import TenantRequest, page
from adminportal.kit import charts, formats
from adminportal.kit.plots import Plot
from healthdata import queries, summaries
from healthdata.days import ZoneHistory
from healthdata.figures.load import Inputs, load
from healthdata.queries import events
from healthdata.summaries import ActivityDay, Reader, SleepDay
from healthdata.summaries.choice import Chooser
from wearlink.lib import clock

RANGES: Final = (14, 30, 90, 365)
HOURS: Final = (24, 6, 1)
HOUR_MS: Final = 3_600_000
OF_THE_DAY: Final = ("heart_rate", "steps")  # series that are drawn by the hour
#: Figures of the table, as (field of the activity summary, title, unit).
FIGURES: Final = (
    ("steps", "Steps", ""),
    ("distance_meters", "Distance", "m"),
    ("active_calories_kcal", "Active energy", "kcal"),
    ("active_minutes", "Active", "min"),
    ("avg_heart_rate_bpm", "Mean heart rate", "bpm"),
    ("resting_heart_rate_bpm", "Resting", "bpm"),
)


@dataclass(frozen=True, slots=True)
class DayRow:
    """A day of the table; figures as (field, value)."""

    date: date
    figures: list[tuple[str, float | None]]
    asleep: str
    devices: str


@dataclass(frozen=True, slots=True)
class DayWindow:
    """The part of a day whose heart rate is drawn: from which hour of it on, and how many hours."""

    start: int
    end: int
    hours: int
    first_hour: int

    @property
    def earlier(self) -> int:
        """The first hour of the part before this one."""
        return max(self.first_hour - self.hours, 0)

    @property
    def later(self) -> int:
        """The first hour of the part after this one."""
        return self.first_hour + self.hours


@page("GET", section="end-users")
def overview(request: TenantRequest, user_id: str) -> HttpResponse:
    """Return the day that ?day names, the ?days before it, and ?hours of its heart rate from ?from on."""
    user = find(request, user_id)
    reader, history = reader_of(user), zones_of(user)
    day = day_asked(request, history)
    number = days_asked(request)
    first = day - timedelta(days=number - 1)
    activity = {one.day: one for one in summaries.activity(reader, first=first, last=day)}
    nights = {one.day: one for one in summaries.sleep(reader, first=first, last=day)}
    if "day" not in request.GET and day not in activity:  # just after midnight, or not worn today
        day = max(activity, default=day)
    weights = daily_weights(reader, first, day)
    window = window_asked(request, history.bounds(day))
    inputs = load(user.key, day, day, history, series=OF_THE_DAY)
    context = {
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < day_asked_last(history) else None,
        "days": number,
        "ranges": RANGES,
        "stats": _stats(activity.get(day), nights.get(day), weights, day),
        "heart_rate": heart_rate(inputs, activity.get(day), day, window, user.key),
        "window": window,
        "hours": HOURS,
        "by_hour": steps_by_hour(inputs, reader.priority, day),
        "steps": charts.bars("Steps a day", "steps", values_of(activity, "steps", first, day)),
        "plots": plots_of(activity, nights, weights, first, day),
        "night": night_of(nights.get(day), history),
        "rows": table(activity, nights, day),
        "figures": FIGURES,
        "calls": _calls(f"/api/v1/users/{user.id}", {"start_date": first.isoformat(), "end_date": day.isoformat()}),
    }
    return show_tab(request, user, "end-user", context)


def _calls(path: str, days: dict[str, str]) -> list[ApiCall]:
    return [
        ApiCall("GET", f"{path}/summaries/activity", "read these days", query={**days, "explain": "1"}),
        ApiCall("GET", f"{path}/summaries/body", "read weight and other measures of the body"),
        ApiCall("GET", path, "read the end user"),
    ]


def day_asked_last(history: ZoneHistory) -> date:
    return history.day_of(clock.now_ms())


def days_asked(request: TenantRequest) -> int:
    wanted = request.GET.get("days", "")
    return int(wanted) if wanted in {str(one) for one in RANGES} else 30


def window_asked(request: TenantRequest, bounds: tuple[int, int]) -> DayWindow:
    """Return what of the day is drawn; the whole of it unless the address says otherwise."""
    start, end = bounds
    hours, begins = request.GET.get("hours", ""), request.GET.get("from", "")
    if hours not in {"1", "6"} or not begins.isdecimal() or int(begins) * HOUR_MS >= end - start:
        return DayWindow(start, end, 24, 0)
    at = start + int(begins) * HOUR_MS
    return DayWindow(at, min(at + int(hours) * HOUR_MS, end), int(hours), int(begins))


def heart_rate(
    inputs: Inputs, activity: ActivityDay | None, day: date, window: DayWindow, user_key: int
) -> Plot | None:
    """Return the plot of the source whose readings count most on this day."""
    figure = activity.figures.get("avg_heart_rate_bpm") if activity else None
    main = figure.main_source if figure else None
    pulse = curves.pulse_of(inputs, UUID(main.uid) if main else None, window.start, window.end)
    found = events.workouts(user_key, first=day, last=day, after=None, limit=20, primary=True).rows
    inside = [one for one in found if one.start_ms < window.end and one.end_ms > window.start]
    return curves.heart_rate(pulse, window.start, window.end, inputs.zones, inside)


def daily_weights(reader: Reader, first: date, last: date) -> dict[date, float]:
    """Return each day's weight, of the source that goes before the others."""
    chooser = Chooser(reader.priority)
    found = queries.day_figures(reader.user_key, series=["weight"], first=first, last=last)
    return {day: chooser.best("weight", offers).last for (_, day), offers in found.items()}


def values_of(
    activity: Mapping[date, ActivityDay], name: str, first: date, last: date
) -> Sequence[tuple[str, float | None]]:
    """Return a figure of every day of the range, None where nobody measured it."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [(charts.day_label(day), activity[day].value_of(name) if day in activity else None) for day in days]


def plots_of(
    activity: Mapping[date, ActivityDay],
    nights: Mapping[date, SleepDay],
    weights: Mapping[date, float],
    first: date,
    last: date,
) -> list[Plot]:
    """Return what goes on from day to day."""
    resting = {day: value for day, one in activity.items() if (value := one.value_of("resting_heart_rate_bpm"))}
    asleep = {day: seconds / 3600 for day, one in nights.items() if (seconds := seconds_asleep(one))}
    found = [
        curves.by_day("resting", "Resting heart rate", "bpm", resting, first, last),
        curves.by_day("weight", "Weight", "kg", weights, first, last, digits=1),
        curves.by_day("asleep", "Sleep a night", "h", asleep, first, last, digits=1),
    ]
    return [plot for plot in found if plot is not None]


def seconds_asleep(one: SleepDay | None) -> int | None:
    """Return how long the night was; None where that is not known."""
    return None if one is None or one.night is None else one.night.whole.sleep_seconds


def night_of(one: SleepDay | None, history: ZoneHistory) -> dict[str, Any] | None:
    """Return the night that ended on a day, as the page draws it."""
    if one is None or one.night is None:
        return None
    session = events.sleep_session(one.night.longest.user_key, str(one.night.longest.id))
    return {
        "drawn": stages_of(session, history),
        "session": session,
        "begins": curves.clock_label(history, session.start_ms),
        "ends": curves.clock_label(history, session.end_ms),
        "asleep": formats.duration(session.sleep_seconds),
        "parts": len(one.night.parts),
        "source": session.source.device or session.source.provider,
    }


def _stats(
    activity: ActivityDay | None, night: SleepDay | None, weights: Mapping[date, float], day: date
) -> list[dict[str, str]]:
    def value_of(name: str) -> float | None:
        return activity.value_of(name) if activity else None

    weighed = max(weights, default=None)
    on = "" if weighed is None or weighed == day else f"on {charts.day_label(weighed)}"
    return [
        {"name": "Steps", "figure": formats.number(value_of("steps")), "field": "steps"},
        {
            "name": "Resting heart rate",
            "figure": formats.number(value_of("resting_heart_rate_bpm"), "bpm"),
            "field": "resting_heart_rate_bpm",
        },
        {"name": "Sleep", "figure": formats.duration(seconds_asleep(night)), "field": ""},
        {"name": "Weight", "figure": formats.number(weights.get(weighed) if weighed else None, "kg", 1), "note": on},
    ]


def table(activity: Mapping[date, ActivityDay], nights: Mapping[date, SleepDay], last: date) -> list[DayRow]:
    """Return the last two weeks, newest first."""
    found = []
    for back in range(RANGES[0]):
        day = last - timedelta(days=back)
        known, night = activity.get(day), nights.get(day)
        figures = [(field, known.value_of(field) if known else None) for field, _, _ in FIGURES]
        found.append(
            DayRow(day, figures, formats.duration(seconds_asleep(night)), ", ".join(known.devices) if known else "")
        )
    return found

"""An end user's workouts: the list, and one with its route, pace and heart rate."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any, Final

from django.http import HttpResponse, HttpResponseBase

from adminportal.dashboard import csv_files
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users import curves
from adminportal.dashboard.end_users.end_user import days_asked, find, show_tab, zones_of
from adminportal.dashboard.shell import TenantRequest, page
from adminportal.kit.plots import Plot, Point
from healthdata import serializers
from healthdata.api.details import workout_detail
from healthdata.days import ZoneHistory
from healthdata.queries import events
from wearlink.lib.clock import parse_rfc3339

DAYS: Final = 90
MAX_ROWS: Final = 200
SHADES: Final = 5
SIZE, MARGIN = 1000, 40
METRES_A_DEGREE: Final = 111_320
SPEEDS: Final = ("running_speed", "speed", "cycling_speed", "rowing_speed")
SLOWEST: Final = 1800  # s/km; slower is standing
STRETCH_MS: Final = 30_000


@dataclass(frozen=True, slots=True)
class Route:
    """A way on a square of 1,000; shades: a path for each class of pace, slowest first."""

    shades: list[str]
    start: Point
    end: Point


@page("GET", section="end-users")
def workouts(request: TenantRequest, user_id: str) -> HttpResponseBase:
    """Return the last 90 days up to ?day, newest first, each workout once."""
    user = find(request, user_id)
    days = days_asked(request, zones_of(user), DAYS)
    found = events.workouts(user.key, first=days.first, last=days.last, after=None, limit=MAX_ROWS, primary=True)
    if csv_files.wanted(request):
        rows = [serializers.workout(one) for one in reversed(found.rows)]
        return csv_files.answer_with(request.organization.pk, "workouts", rows)
    rows = [serializers.workout(one) | {"at": curves.local(one.start_ms)} for one in reversed(found.rows)]
    query = {"primary": "true", "start_date": days.first.isoformat(), "end_date": days.last.isoformat()}
    calls = [
        ApiCall("GET", f"/api/v1/users/{user.id}/events/workouts", "list workouts", query=query),
        ApiCall("GET", "/api/v1/meta/workout-types", "list the types of workouts"),
    ]
    return show_tab(request, user, "workouts", {"rows": rows, "total": found.total, "calls": calls, **days._asdict()})


@page("GET", section="end-users")
def workout(request: TenantRequest, user_id: str, workout_id: str) -> HttpResponse:
    """Return one workout with its course."""
    user = find(request, user_id)
    history = zones_of(user)
    detail = workout_detail(events.workout(user.key, workout_id))
    start, end = parse_rfc3339(detail["start_time"])[0], parse_rfc3339(detail["end_time"])[0]
    route = [(parse_rfc3339(one["timestamp"])[0], one["latitude"], one["longitude"]) for one in detail["route"]]
    speeds = speeds_of(detail["samples"]) or speeds_on(route)
    beats = readings(detail["samples"], ("heart_rate",))
    context = {
        "workout": detail,
        "at": curves.local(start),
        "route": route_of(route),
        "plots": [
            plot
            for plot in (pace_plot(speeds, start, end, history), beat_plot(beats, start, end, history))
            if plot is not None
        ],
    }
    return show_tab(request, user, "workouts", context, template="workout")


def readings(samples: Sequence[Mapping[str, Any]], series: Sequence[str]) -> list[Point]:
    """Return (ms, value) of the first of the series that the source recorded."""
    for code in series:
        found: list[Point] = [
            (parse_rfc3339(one["timestamp"])[0], one["value"]) for one in samples if one["series_type"] == code
        ]
        if found:
            return found
    return []


def speeds_of(samples: Sequence[Mapping[str, Any]]) -> list[Point]:
    """Return (ms, m/s) as recorded."""
    return readings(samples, SPEEDS)


def speeds_on(route: Sequence[tuple[int, float, float]]) -> list[Point]:
    """Return (ms, m/s) by the way between points at least half a minute apart, where no speed was recorded."""
    found: list[Point] = []
    if not route:
        return found
    before = route[0]
    way = 0.0
    last = before
    for point in route[1:]:
        way += distance(last, point)
        last = point
        if point[0] - before[0] >= STRETCH_MS:
            found.append(((point[0] + before[0]) / 2, way / (point[0] - before[0]) * 1000))
            before, way = point, 0.0
    return found


def distance(one: tuple[int, float, float], other: tuple[int, float, float]) -> float:
    """Return metres between two near points, on a plane."""
    north = (other[1] - one[1]) * METRES_A_DEGREE
    east = (other[2] - one[2]) * METRES_A_DEGREE * cos(radians(one[1]))
    return float((north**2 + east**2) ** 0.5)


def pace_plot(speeds: Sequence[Point], start: int, end: int, history: ZoneHistory) -> Plot | None:
    """Return seconds a kilometre over the time of the workout; standing leaves a gap."""
    paces = [(at, 1000 / speed) for at, speed in speeds if speed > 1000 / SLOWEST]
    return curves.over_time("pace", "Pace", "min/km", paces, start, end, history, format_value=pace_words)


def beat_plot(beats: Sequence[Point], start: int, end: int, history: ZoneHistory) -> Plot | None:
    """Return heart rate over the time of the workout."""
    return curves.over_time(
        "beats", "Heart rate", "bpm", beats, start, end, history, format_value=lambda value: f"{value:.0f}"
    )


def pace_words(seconds: float) -> str:
    """Return minutes and seconds a kilometre as ``6:44``."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def route_of(points: Sequence[tuple[int, float, float]]) -> Route | None:
    """Return the way seen from above, without a map; None of fewer than two points."""
    if len(points) < 2:
        return None
    flat = [(lon * cos(radians(points[0][1])), -lat) for _, lat, lon in points]
    left, top = min(x for x, _ in flat), min(y for _, y in flat)
    span = max(max(x for x, _ in flat) - left, max(y for _, y in flat) - top) or 1e-9
    scale = (SIZE - 2 * MARGIN) / span
    places = [(round((x - left) * scale + MARGIN, 1), round((y - top) * scale + MARGIN, 1)) for x, y in flat]
    lengths = [distance(a, b) / max((b[0] - a[0]) / 1000, 0.001) for a, b in itertools.pairwise(points)]
    ordered = sorted(lengths)
    limits = [ordered[len(ordered) * place // SHADES] for place in range(1, SHADES)]
    parts: list[list[str]] = [[] for _ in range(SHADES)]
    for (a, b), speed in zip(itertools.pairwise(places), lengths, strict=True):
        parts[sum(speed >= limit for limit in limits)].append(f"M{a[0]:g} {a[1]:g}L{b[0]:g} {b[1]:g}")
    return Route(["".join(one) for one in parts], places[0], places[-1])

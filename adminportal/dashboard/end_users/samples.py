"""An end user's samples as rows: what GET …/timeseries answers, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponseBase

from adminportal.dashboard import csv_files
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users import curves
from adminportal.dashboard.end_users.end_user import day_asked, find, show_tab, zones_of
from adminportal.dashboard.shell import TenantRequest, page
from healthdata import queries
from healthdata.api.parameters import RESOLUTIONS
from healthdata.api.timeseries import rows_of
from wearlink.lib.clock import parse_rfc3339, rfc3339

ROWS: Final = 100
IN_A_FILE: Final = 1000  # rows read at once
NOTHING: Final[dict[str, Any]] = {"data": [], "pagination": {"total_count": 0, "next_cursor": None}}


@dataclass(frozen=True, slots=True)
class SeriesChoice:
    """A series somebody has values of."""

    code: str
    n: int


@page("GET", section="end-users")
def samples(request: TenantRequest, user_id: str) -> HttpResponseBase:
    """Return one series of one local day, raw or in buckets."""
    user = find(request, user_id)
    history = zones_of(user)
    known, newest = _series_of(user.key)
    series = request.GET.get("series", "")
    if series not in known:
        series = "heart_rate" if "heart_rate" in known else next(iter(known), "")
    day = day_asked(request, history)
    if "day" not in request.GET and series:
        day = min(day, history.day_of(newest[series]))
    resolution = request.GET.get("resolution", "raw")
    resolution = resolution if resolution in RESOLUTIONS else "raw"
    start, end = history.bounds(day)
    asked: dict[str, Any] = {
        "types": [series],
        "start_time": start,
        "end_time": end,
        "resolution": resolution,
        "limit": ROWS,
    }
    if csv_files.wanted(request):
        return csv_files.answer_with(request.organization.pk, series or "samples", _whole_day(user.key, asked))
    if cursor := request.GET.get("cursor"):
        asked["cursor"] = cursor[:2000]
    found: dict[str, Any] = rows_of(user.key, asked) if series else NOTHING
    query = {"types": series, "start_time": rfc3339(start), "end_time": rfc3339(end), "resolution": resolution}
    chosen = {"series": series, "day": day.isoformat(), "resolution": resolution}
    following = found["pagination"]["next_cursor"]
    context = {
        "day": day,
        "series": series,
        "known": [SeriesChoice(code, n) for code, n in sorted(known.items())],
        "resolution": resolution,
        "resolutions": list(RESOLUTIONS),
        "rows": [one | {"clock": _clock(one["timestamp"], history)} for one in found["data"]],
        "total": found["pagination"]["total_count"],
        "next": f"?{urlencode({**chosen, 'cursor': following})}" if following else "",
        "is_later": "cursor" in asked,
        "begin": f"?{urlencode(chosen)}",
        "calls": [
            ApiCall("GET", f"/api/v1/users/{user.id}/timeseries", "read these samples", query=query),
            ApiCall("GET", f"/api/v1/users/{user.id}/summaries/data", "see what there is of each series"),
            ApiCall("GET", "/api/v1/meta/series-types", "list all series"),
        ],
    }
    return show_tab(request, user, "samples", context)


def _series_of(user_key: int) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many values each series has, and when its newest is."""
    known: dict[str, int] = {}
    newest: dict[str, int] = {}
    for one in queries.count(user_key):
        known[one.series] = known.get(one.series, 0) + one.n
        newest[one.series] = max(newest.get(one.series, 0), one.last_ms)
    return known, newest


def _whole_day(user_key: int, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all rows that the page would leaf through."""
    rows: list[dict[str, Any]] = []
    query = {**asked, "limit": IN_A_FILE}
    while asked["types"] != [""]:
        found = rows_of(user_key, query)
        rows += found["data"]
        query["cursor"] = found["pagination"]["next_cursor"]
        if not query["cursor"]:
            break
    return rows


def _clock(timestamp: str, history: Any) -> str:
    """Return where they are, to the second."""
    ms = parse_rfc3339(timestamp)[0]
    return f"{curves.clock_label(history, ms)}:{ms // 1000 % 60:02}"

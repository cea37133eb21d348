"""An end user's sleep as it was recorded: every night and nap of each source, and which of them counts for a night."""

from typing import Any, Final

from django.http import HttpResponse, HttpResponseBase

from adminportal.dashboard import csv_files
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users import curves
from adminportal.dashboard.end_users.end_user import days_asked, find, show_tab, zones_of
from adminportal.dashboard.shell import TenantRequest, page
from adminportal.kit import formats
from adminportal.kit.nights import Hypnogram, hypnogram
from healthdata import serializers
from healthdata.days import ZoneHistory
from healthdata.models import SleepSession
from healthdata.queries import events
from healthdata.queries.event_rows import SleepRow

DAYS: Final = 30
MAX_ROWS: Final = 200
PRIMARY: Final = {"all": None, "primary": True, "others": False}


@page("GET", section="end-users")
def nights(request: TenantRequest, user_id: str) -> HttpResponseBase:
    """Return the last 30 days up to ?day, newest first; ?which limits them as ?primary does for the API."""
    user = find(request, user_id)
    history = zones_of(user)
    asked = days_asked(request, history, DAYS)
    first, last = asked.first, asked.last
    which = request.GET.get("which", "all")
    which = which if which in PRIMARY else "all"
    found = events.sleep_sessions(user.key, first=first, last=last, after=None, limit=MAX_ROWS, primary=PRIMARY[which])
    if csv_files.wanted(request):
        rows = [serializers.sleep_session(one) for one in reversed(found.rows)]
        return csv_files.answer_with(request.organization.pk, "sleep", rows)
    known = {one.id: one for one in found.rows}
    query = {"start_date": first.isoformat(), "end_date": last.isoformat()}
    context = {
        "rows": [(one, *_status_pill(one, known), *_times(one, history)) for one in reversed(found.rows)],
        **asked._asdict(),
        "total": found.total,
        "which": which,
        "choices": (("all", "All that was recorded"), ("primary", "Each night once"), ("others", "The others alone")),
        "calls": [
            ApiCall("GET", f"/api/v1/users/{user.id}/events/sleep", "list nights and naps", query=query),
            ApiCall("GET", f"/api/v1/users/{user.id}/summaries/sleep", "read sleep day by day", query=query),
        ],
    }
    return show_tab(request, user, "nights", context)


@page("GET", section="end-users")
def night(request: TenantRequest, user_id: str, session_id: str) -> HttpResponse:
    """Return one of them with its stages."""
    user = find(request, user_id)
    history = zones_of(user)
    row = events.sleep_session(user.key, session_id)
    stands = events.sleep_session(user.key, str(row.same_as)) if row.same_as else None
    same = SleepSession.objects.filter(user_key=user.key, same_as=row.id).select_related("source").defer("stages")
    context = {
        "row": row,
        "stands": stands,
        "same": list(same.order_by("key")),
        "drawn": stages_of(row, history),
        "begins": curves.clock_label(history, row.start_ms),
        "ends": curves.clock_label(history, row.end_ms),
        "figures": _figures(row),
        "calls": [ApiCall("GET", f"/api/v1/users/{user.id}/events/sleep/{row.id}", "read this night with its stages")],
    }
    return show_tab(request, user, "nights", context, template="night")


def stages_of(session: SleepSession, history: ZoneHistory) -> Hypnogram | None:
    """Return its stages as they are drawn; None where the source tells none."""
    moments = {at for start, end, _ in session.stages for at in (start, end)}
    return hypnogram(session.stages, {at: curves.clock_label(history, at) for at in moments})


def _status_pill(one: SleepRow, known: dict[str, SleepRow]) -> tuple[str, str]:
    """Return pill and word: whether it counts for the night, or which other does."""
    if one.is_left_out:
        return "idle", "left out"
    if one.same_as:
        other = known.get(one.same_as)
        return "idle", f"same as {other.device or other.provider}’s" if other else "same as another’s"
    return ("info", "nap") if one.is_nap else ("ok", "counts as the night")


def _times(one: SleepRow, history: ZoneHistory) -> tuple[str, str]:
    return curves.clock_label(history, one.start_ms), curves.clock_label(history, one.end_ms)


def _figures(row: SleepSession) -> list[dict[str, Any]]:
    """Return figures for cards: those that are known, and the four that are always shown."""
    found = [
        ("Asleep", formats.duration(row.sleep_seconds), True),
        ("In bed", formats.duration(row.in_bed_seconds), False),
        ("Efficiency", formats.number(row.efficiency_percent, "%"), True),
        ("Awake", formats.duration(row.awake_seconds), True),
        ("Awakenings", formats.number(row.awakenings), False),
        ("Fell asleep after", formats.duration(row.latency_seconds), False),
        ("Heart rate, mean", formats.number(row.avg_heart_rate_bpm, "bpm"), True),
        ("HRV, SDNN", formats.number(row.avg_hrv_sdnn_ms, "ms"), False),
        ("HRV, RMSSD", formats.number(row.avg_hrv_rmssd_ms, "ms"), False),
        ("Breaths", formats.number(row.avg_respiratory_rate, "/min", 1), False),
        ("Blood oxygen", formats.number(row.avg_spo2_percent, "%", 1), False),
    ]
    return [{"name": name, "figure": figure} for name, figure, is_kept in found if is_kept or figure != formats.MISSING]

"""The parts that the pages of one end user share: the look-up, the tabs, and the choice of days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from accounts.end_users import users
from accounts.end_users import zones as user_zones
from accounts.end_users.users import EndUserNotFound
from accounts.models import EndUser
from adminportal.dashboard.end_users.listing import name_of
from adminportal.dashboard.shell import TenantRequest, show
from healthdata.days import ZoneHistory
from healthdata.merge.preferences import Priority
from healthdata.summaries import Reader
from wearlink.lib import clock, tenancy

TABS: Final = (
    ("end-user", "Overview"),
    ("nights", "Sleep"),
    ("workouts", "Workouts"),
    ("nutrition", "Nutrition"),
    ("scores", "Scores"),
    ("samples", "Samples"),
    ("sources", "Sources"),
    ("connections", "Connections"),
    ("user-changes", "Changes"),
    ("phone", "Phone"),
    ("files", "Export & import"),
    ("profile", "Profile"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the pages about an end user."""

    title: str
    href: str
    is_current: bool


def find(request: TenantRequest, user_id: str) -> EndUser:
    """Return the organization's end user of an address. Raises EndUserNotFound."""
    try:
        found = users.find(request.organization, UUID(user_id))
    except ValueError as error:
        raise EndUserNotFound("User not found") from error
    if found is None:
        raise EndUserNotFound("User not found")
    tenancy.look_at(found.key)
    return found


def reader_of(user: EndUser) -> Reader:
    """Return the reader by which the API reads this end user's days."""
    return Reader(user.key, Priority.cascade(user.organization.source_priority, user.source_priority))


def zones_of(user: EndUser) -> ZoneHistory:
    return ZoneHistory(user_zones.history(user.key))


def day_asked(request: TenantRequest, history: ZoneHistory) -> date:
    """Return the local day that ?day names; today where it names none, or one that has not begun."""
    today = history.day_of(clock.now_ms())
    try:
        asked = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today
    return min(max(asked, date(2000, 1, 1)), today)


class DaysAsked(NamedTuple):
    """Some days up to the one that was asked for, as the templates name them. earlier: the day to ask for next."""

    first: date
    last: date
    earlier: date


def days_asked(request: TenantRequest, history: ZoneHistory, number: int) -> DaysAsked:
    """Return so many local days up to the one that ?day names (day_asked)."""
    last = day_asked(request, history)
    return DaysAsked(last - timedelta(days=number - 1), last, last - timedelta(days=number))


def show_tab(
    request: TenantRequest,
    user: EndUser,
    page: str,
    context: Mapping[str, Any],
    *,
    template: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """Return a page about them, with the tabs; its template bears the page's name."""
    tabs = [Tab(title, reverse(f"dashboard:{name}", args=[user.id]), name == page) for name, title in TABS]
    title = next(title for name, title in TABS if name == page)
    offset = clock.now().astimezone(user_zones.zone(user.time_zone)).strftime("%z")
    more = {
        "user": user,
        "name": name_of(user),
        "tabs": tabs,
        "offset": f"UTC{offset[:3]}:{offset[3:]}",
    }
    name = template or {"end-user": "overview"}.get(page, page)
    heading = f"{name_of(user)} · {title}"
    return show(request, f"end_users/{name}", heading, {**more, **context}, status=status)

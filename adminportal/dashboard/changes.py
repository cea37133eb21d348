"""The change feed, of the organization and of one end user: what to read again, page by page, as GET …/changes does."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponseBase
from rest_framework.exceptions import ValidationError

from accounts.models import EndUser
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.csv_files import CsvAnswer
from adminportal.dashboard.end_users.end_user import find, show_tab
from adminportal.dashboard.end_users.listing import name_of
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.webhooks import log_filter
from adminportal.kit.tables import TableColumn, csv_lines
from healthdata.api.changes import ChangesQuery, page_of
from wearlink.lib.api import bodies
from wearlink.lib.errors import InvalidInput

IN_A_FILE: Final = 1000  # rows read at once
TONES: Final = {"inserted": "ok", "updated": "info", "deleted": "warn"}
COLUMNS: Final = (
    TableColumn("Changed at", lambda one: one["changed_at"]),
    TableColumn("End user", lambda one: one["user_id"]),
    TableColumn("Data", lambda one: one["data_type"]),
    TableColumn("Action", lambda one: one["action"]),
    TableColumn("Provider", lambda one: one["provider"]),
    TableColumn("Resource", lambda one: one["resource_id"]),
    TableColumn("First day", lambda one: one["start_date"]),
    TableColumn("Last day", lambda one: one["end_date"]),
    TableColumn("Rows", lambda one: one["count"]),
)


@page(section="changes")
def changes(request: TenantRequest) -> HttpResponseBase:
    """Return those of all end users, from ?cursor on; all that follow it as ?format=csv."""
    context = _read(request, None)
    if _wants_file(request, context):
        return _file(request, None)
    users = EndUser.objects.filter(id__in={one["user_id"] for one in context["rows"]}).defer("search_text")
    names = {str(user.id): name_of(user) for user in users}
    for one in context["rows"]:
        one["name"] = names[one["user_id"]]
    return show(
        request, "changes", "Changes", context, status=HTTPStatus.BAD_REQUEST if context["problem"] else HTTPStatus.OK
    )


@page(section="end-users")
def changes_of_user(request: TenantRequest, user_id: str) -> HttpResponseBase:
    """Return those of one end user."""
    user = find(request, user_id)
    context = _read(request, user)
    if _wants_file(request, context):
        return _file(request, user)
    status = HTTPStatus.BAD_REQUEST if context["problem"] else HTTPStatus.OK
    return show_tab(request, user, "user-changes", context, template="changes", status=status)


def _read(request: TenantRequest, user: EndUser | None) -> dict[str, Any]:
    """Return a page of the feed for the template, and the call that reads the same."""
    asked = log_filter.asked_for(request)
    problem, found = "", dict[str, Any](data=[], pagination={"next_cursor": "", "has_more": False})
    try:
        found = page_of(request.organization.pk, user.key if user else None, log_filter.read(ChangesQuery, asked))
    except (InvalidInput, ValidationError) as error:
        problem = log_filter.fault_of(error)
    following = found["pagination"]["next_cursor"]
    path = f"/api/v1/users/{user.id}/changes" if user else "/api/v1/changes"
    limit = {"limit": str(log_filter.ROWS)}
    return {
        "rows": [_shown(one) for one in found["data"]],
        "cursor": asked.get("cursor", ""),
        "problem": problem,
        "following": following,
        "next": f"?{urlencode({'cursor': following})}" if found["pagination"]["has_more"] else "",
        "csv": f"?{urlencode(asked | {'format': 'csv'})}",
        "calls": [
            ApiCall("GET", path, "read this page", query=asked | limit),
            *([ApiCall("GET", path, "read what comes after it", query={"cursor": following})] if following else []),
        ],
    }


def _shown(one: Mapping[str, Any]) -> dict[str, Any]:
    first, last = date.fromisoformat(one["start_date"]), date.fromisoformat(one["end_date"])
    at = datetime.fromisoformat(one["changed_at"])
    return {**one, "first": first, "last": last, "at": at, "tone": TONES[one["action"]]}


def _wants_file(request: TenantRequest, context: Mapping[str, Any]) -> bool:
    return request.GET.get("format") == "csv" and not context["problem"]


def _file(request: TenantRequest, user: EndUser | None) -> CsvAnswer:
    name = f"changes-{str(user.id)[:8]}" if user else "changes"
    asked = log_filter.asked_for(request)
    return CsvAnswer(request.organization.pk, name, csv_lines(COLUMNS, _every(request, user, asked)))


def _every(request: TenantRequest, user: EndUser | None, asked: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Yield all that comes after the cursor, a page at a time."""
    query = dict(bodies.validate(ChangesQuery(data={**asked, "limit": IN_A_FILE})))
    while True:
        found = page_of(request.organization.pk, user.key if user else None, query)
        yield from found["data"]
        if not found["pagination"]["has_more"]:
            return
        query["cursor"] = found["pagination"]["next_cursor"]

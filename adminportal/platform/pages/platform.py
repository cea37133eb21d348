"""Audit, system health and scheduled tasks."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from adminportal.kit.tables import Filter, Listing, TableColumn
from adminportal.platform import audit_trail, jobs, system
from adminportal.platform.pages.base import act, admin_of, show, show_list
from adminportal.platform.site import site

PREFIXES: Final = (
    "auth.",
    "api_key.",
    "billing.",
    "connection.",
    "developer.",
    "end_user.",
    "member.",
    "organization.",
)

AUDIT: Final = Listing(
    name="audit",
    columns=[
        TableColumn("Number", lambda row: row.pk, "number"),
        TableColumn("Action", lambda row: row.action),
        TableColumn("When", lambda row: row.created_at, "when"),
        TableColumn("By", lambda row: row.actor_kind),
        TableColumn("Actor", lambda row: row.actor_id, "code", wide=True),
        TableColumn("On", lambda row: row.target_type, wide=True),
        TableColumn("Target", lambda row: row.target_id, "code", wide=True),
        TableColumn("Organization", lambda row: row.organization_id or "", "code", wide=True),
    ],
    filters=[
        Filter("prefix", "Kind", [(one, one.rstrip(".")) for one in PREFIXES]),
        Filter("action", "Action", [(one, one) for one in audit.actions()]),
    ],
    empty="Nothing has been done yet.",
)


@site.page("audit/", "audit")
@require_safe
def trail(request: HttpRequest) -> HttpResponseBase:
    """Privileged acts in all tenants."""
    chosen: dict[str, Any] = dict(AUDIT.chosen(request))
    rows = audit_trail.entries(**chosen)
    return show_list(request, "Audit", AUDIT, rows)


@site.page("health/", "health")
@require_safe
def health(request: HttpRequest) -> HttpResponseBase:
    """Is the platform well."""
    return show(request, "health", "System health", {"found": system.state()})


@site.page("jobs/", "jobs")
@require_safe
def job_list(request: HttpRequest) -> HttpResponseBase:
    """Scheduled tasks."""
    return show(request, "jobs", "Jobs", {"jobs": jobs.register()})


@site.page("jobs/run/", "run-job")
@require_POST
def run_job(request: HttpRequest) -> HttpResponseBase:
    """Run one at once."""
    name = request.POST.get("name", "")
    back = reverse("admin:jobs")
    return act(request, f"“{name}” was sent to its queue.", lambda: jobs.run_now(name, admin_of(request)), back=back)


@site.page("records/", "records")
@require_safe
def records(request: HttpRequest) -> HttpResponseBase:
    """Plain records, for support work."""
    context: dict[str, Any] = {"apps": site.get_app_list(request)}
    return show(request, "records", "All records", context)

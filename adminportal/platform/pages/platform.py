"""Audit, system health and scheduled tasks."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from adminportal.acting import act
from adminportal.kit import small_tables
from adminportal.kit.small_tables import SmallListing
from adminportal.kit.tables import Filter, Listing, TableColumn
from adminportal.platform import audit_trail, chain_check, dead_rows, jobs, system
from adminportal.platform.pages.acts import panel
from adminportal.platform.pages.base import admin_of, show, show_list, show_tables
from adminportal.platform.site import site
from wearlink.lib import clock

ACTS: Final = 10  # of the audit trail, shown beside what they are about
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
        Filter("days", "Since", [("1", "24 hours"), ("7", "7 days"), ("30", "30 days")]),
        Filter("prefix", "Kind", [(one, one.rstrip(".")) for one in PREFIXES]),
        Filter("action", "Action", [(one, one) for one in audit.actions()]),
    ],
    empty="Nothing has been done yet.",
)


DEAD: Final = SmallListing(
    name="dead-rows",
    title="Given up",
    note="after the last attempt",
    columns=[
        TableColumn("Row", lambda row: row.id),
        TableColumn("Kind", lambda row: ("bad", row.kind), "status"),
        TableColumn("What", lambda row: row.what),
        TableColumn("Attempts", lambda row: row.attempts, "number", wide=True),
        TableColumn("Error", lambda row: row.error),
        TableColumn("Since", lambda row: row.since, "when"),
        TableColumn(
            "Again", lambda row: (reverse("admin:retry"), {"kind": row.kind, "row": row.id}, "Retry"), small_tables.ACT
        ),
    ],
    empty="Nothing was given up.",
)
QUEUES: Final = SmallListing(
    name="queues",
    title="Queues",
    columns=[TableColumn("Queue", lambda one: one[0]), TableColumn("Waiting", lambda one: one[1], "number")],
    empty="The queues do not answer.",
)
FIGURES: Final = SmallListing(
    name="figures",
    title="Figures",
    columns=[
        TableColumn("Figure", lambda one: one[0].replace("_", " ")),
        TableColumn("Now", lambda one: one[1], "number"),
    ],
)
LARGEST_TABLES: Final = SmallListing(
    name="largest-tables",
    title="Largest tables",
    columns=[
        TableColumn("Table", lambda one: one["name"]),
        TableColumn("Size", lambda one: one["size_bytes"], "size"),
        TableColumn("Rows, about", lambda one: one["rows"], "number"),
        TableColumn("Dead rows", lambda one: one["dead_rows"], "number"),
    ],
)


def outcome(job: jobs.ScheduledJob) -> tuple[str, str]:
    """Return how a job's last run went, as mark and word."""
    if not job.row.enabled:
        return ("idle", "switched off")
    if job.run is None:
        return ("idle", "not known")
    return ("ok", "success") if job.run.outcome == "SUCCESS" else ("bad", job.run.outcome.lower())


def run_button(job: jobs.ScheduledJob) -> tuple[str, dict[str, str], str] | None:
    """Return None for a job that is switched off."""
    return (reverse("admin:run-job"), {"name": job.row.name}, "Run now") if job.row.enabled else None


JOBS: Final = SmallListing(
    name="jobs",
    title="Scheduled tasks",
    columns=[
        TableColumn("Job", lambda job: job.row.name),
        TableColumn("Last outcome", outcome, "status"),
        TableColumn("Last run", lambda job: job.last_run_at, "when"),
        TableColumn("Took", lambda job: job.run.seconds if job.run else None, "duration"),
        TableColumn("Next run", lambda job: job.next_run_at, "when"),
        TableColumn("Schedule", lambda job: job.schedule, wide=True),
        TableColumn("Queue", lambda job: job.row.queue or "", wide=True),
        TableColumn("Run", run_button, small_tables.ACT),
    ],
    empty="The scheduler has not written its register yet.",
)


@site.page("audit/", "audit")
@require_safe
def trail(request: HttpRequest) -> HttpResponseBase:
    """Privileged acts in all tenants."""
    chosen: dict[str, Any] = dict(AUDIT.chosen(request))
    if days := chosen.pop("days", ""):
        chosen["since"] = clock.now() - timedelta(days=int(days))
    rows = audit_trail.entries(**chosen)
    return show_list(request, "Audit", AUDIT, rows, template="audit", chains=chain_check.last())


@site.page("audit/check/", "check-chains")
@require_POST
def check_chains(request: HttpRequest) -> HttpResponseBase:
    """Look whether the chains are whole."""
    return act(request, "Checked.", lambda: chain_check.check(admin_of(request)), back=reverse("admin:audit"))


@site.page("health/", "health")
@require_safe
def health(request: HttpRequest) -> HttpResponseBase:
    """Show the platform's state, and the work that was given up."""
    found = system.state()
    tables: dict[str, tuple[SmallListing, Sequence[Any]]] = {
        "dead": (DEAD, dead_rows.shown()),
        "queues": (QUEUES, list(found["queues"].items())),
        "figures": (FIGURES, list(found["figures"].items())),
        "largest": (LARGEST_TABLES, found["database"]["tables"]),
        "acts": panel(audit_trail.entries(action="dead_row.retried")[:ACTS], "Retried by administrators"),
    }
    context = {"found": found, "dead_count": dead_rows.count()}
    return show_tables(request, "health", "System health", tables, context)


@site.page("health/retry/", "retry")
@require_POST
def retry(request: HttpRequest) -> HttpResponseBase:
    """Give dead rows new attempts: one, or all of a kind."""
    kind, row_id = request.POST.get("kind", ""), request.POST.get("row", "")[:80]
    done = f"The {kind} is tried again." if row_id else f"Every dead {kind} is tried again."
    back = reverse("admin:health")
    return act(request, done, lambda: dead_rows.retry(kind, row_id, admin_of(request)), back=back)


@site.page("jobs/", "jobs")
@require_safe
def job_list(request: HttpRequest) -> HttpResponseBase:
    acts = panel(audit_trail.entries(action="job.run")[:ACTS], "Run by administrators")
    return show_tables(request, "jobs", "Jobs", {"jobs": (JOBS, jobs.register()), "acts": acts}, {})


@site.page("jobs/run/", "run-job")
@require_POST
def run_job(request: HttpRequest) -> HttpResponseBase:
    name = request.POST.get("name", "")
    back = reverse("admin:jobs")
    return act(request, f"“{name}” was sent to its queue.", lambda: jobs.run_now(name, admin_of(request)), back=back)


@site.page("records/", "records")
@require_safe
def records(request: HttpRequest) -> HttpResponseBase:
    """Return plain records, for support work."""
    context: dict[str, Any] = {"apps": site.get_app_list(request)}
    return show(request, "records", "All records", context)

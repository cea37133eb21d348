"""The first page: what to do next, how much there is, and what needs somebody."""

from typing import Any, Final

from django.db.models import Count
from django.http import HttpResponse
from django.urls import reverse

from accounts import tasks
from accounts.api.throttle import RESET, throttle
from accounts.models import Organization
from adminportal.dashboard import acts, checklist
from adminportal.dashboard.shell import TenantRequest, page, show
from billing import usage_page
from providers import registry
from providers.connections.diagnosis import REASONS
from providers.models import Connection
from wearlink.lib import clock
from wearlink.lib.work.task_queue import enqueue

MAX_IN_NEED: Final = 5


@page("GET", section="home")
def home(request: TenantRequest) -> HttpResponse:
    """Return the checklist, the figures of now, and connections that need attention."""
    organization = request.organization
    resources = {one.resource: one for one in usage_page.resources(organization, clock.now().date())}
    context = {
        "checklist": checklist.of(organization),
        "resources": resources,
        "connections": connections(organization),
        "in_need": in_need(organization),
        "today": usage_page.days(organization, clock.now().date(), clock.now().date())[0],
    }
    return show(request, "home", organization.name, context)


@page("POST", section="home")
def send_verification(request: TenantRequest) -> HttpResponse:
    """Mail the link that confirms the developer's address once more."""

    def send() -> None:
        throttle(request, "reset", RESET)
        enqueue(tasks.send_verification.name, str(request.developer.pk))

    words = f"Another mail is on its way to {request.developer.email}."
    return acts.carry_out(request, send, lambda _: words, reverse("dashboard:home"), audited=False)


def connections(organization: Organization) -> dict[str, int]:
    """Return how many connections there are, by status."""
    rows = Connection.objects.filter(organization_id=organization.pk).values("status").annotate(n=Count("pk"))
    return dict.fromkeys(Connection.Status.values, 0) | {row["status"]: row["n"] for row in rows}


def in_need(organization: Organization) -> list[dict[str, Any]]:
    """Return what does not work any more by itself, by provider and reason, the most first."""
    troubled = (Connection.Status.EXPIRED, Connection.Status.ERROR)
    rows = Connection.objects.filter(organization_id=organization.pk, status__in=troubled)
    counted = rows.values("provider", "status", "reason").annotate(n=Count("pk")).order_by("-n", "provider", "reason")
    return [
        {**row, "name": registry.get(row["provider"]).name, "words": REASONS.get(row["reason"], row["reason"])}
        for row in counted[:MAX_IN_NEED]
    ]

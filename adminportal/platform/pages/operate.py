"""Overview, support, announcements."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organization
from adminportal import announcements, support
from adminportal.acting import act
from adminportal.kit import charts
from adminportal.kit.small_tables import SmallListing
from adminportal.kit.tables import Filter, Listing, TableColumn
from adminportal.models import Announcement, Severity, SupportTicket
from adminportal.platform import audit_trail, overview
from adminportal.platform.pages.acts import panel
from adminportal.platform.pages.base import admin_of, show_list, show_tables
from adminportal.platform.site import site
from billing.figures import finance
from wearlink.lib import clock

LATEST: Final = 10
WAITING: Final = (
    ("pending_nutrition_reviews", "meals to review", "warn", "admin:review", ""),
    ("open_support_tickets", "open tickets", "info", "admin:support", "?status=open"),
    ("locked_developers", "locked developers", "bad", "admin:developers", "?locked=true"),
    ("failed_login_bursts", "bursts of failed sign-ins", "warn", "admin:audit", "?action=auth.sign_in_failed"),
    ("unverified_accounts", "unverified accounts", "idle", "admin:developers", "?verified=false"),
    ("dead_payloads", "dead payloads", "bad", "admin:health", ""),
)
SEVERITIES: Final = {"info": "info", "warning": "warn", "critical": "bad"}


def _ticket(row: SupportTicket) -> str:
    return reverse("admin:ticket", args=[row.pk])


TICKETS: Final = Listing(
    name="support-tickets",
    columns=[
        TableColumn("Subject", lambda row: row.subject or row.message[:60], link=_ticket),
        TableColumn("State", lambda row: ("ok", "resolved") if row.resolved_at else ("warn", "open"), "status"),
        TableColumn("From", lambda row: row.email),
        TableColumn("Came", lambda row: row.created_at, "when", sort="created_at"),
    ],
    filters=[Filter("status", "State", [("open", "Open"), ("resolved", "Resolved")])],
    sort="-created_at",
    empty="Messages of the contact form appear here.",
)
BANNERS: Final = Listing(
    name="announcements",
    columns=[
        TableColumn("Title", lambda row: row.title),
        TableColumn("State", lambda row: ("ok", "shown now") if row.is_active else ("idle", "ended"), "status"),
        TableColumn("Severity", lambda row: (SEVERITIES[row.severity], row.severity), "status"),
        TableColumn("Published", lambda row: row.published_at, "when", sort="published_at"),
        TableColumn("Ended", lambda row: row.dismissed_at, "when", wide=True),
    ],
    searchable=False,
    sort="-published_at",
    empty="No banner was ever published.",
)


PLAN_MIX: Final = SmallListing(
    name="plans",
    title="Plan mix",
    columns=[
        TableColumn("Plan", lambda one: one["plan"]),
        TableColumn("Tenants", lambda one: one["organizations"], "number"),
        TableColumn("of all", lambda one: one["share"], "percent"),
        TableColumn("Share", lambda one: one["share"], "share"),
    ],
)
NEWEST: Final = SmallListing(
    name="newest-tenants",
    title="Newest tenants",
    columns=[
        TableColumn("Organization", lambda row: row.name),
        TableColumn("Plan", lambda row: row.plan),
        TableColumn("Registered", lambda row: row.created_at, "when"),
    ],
)


class BannerForm(forms.ModelForm):
    cta_url = forms.URLField(max_length=500, required=False, assume_scheme="https", label="Address of a button")
    cta_label = forms.CharField(max_length=60, required=False, label="Text of a button")

    class Meta:
        model = Announcement
        fields = ("severity", "title", "body", "cta_label", "cta_url")

    def clean(self) -> dict[str, Any]:
        """Refuse a button without a text or without an address."""
        values = super().clean() or {}
        if bool(values.get("cta_label")) != bool(values.get("cta_url")):
            self.add_error("cta_url", "A button needs both a label and an address.")
        return values


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    now = clock.now()
    cards = overview.cards(now)
    todo = [
        {"count": cards["things_to_do"][name], "words": words, "kind": kind, "href": f"{reverse(page)}{query}"}
        for name, words, kind, page, query in WAITING
        if cards["things_to_do"][name]
    ]
    signups = charts.bars(
        "Sign-ups, 14 days",
        "organizations a day (UTC)",
        [(charts.day_label(one["date"]), one["organizations"]) for one in cards["signups"]],
    )
    whole = cards["tenants"]["organizations"]
    mix = [{**one, "share": finance.percent(one["organizations"], whole)} for one in cards["plan_distribution"]]
    tables: dict[str, tuple[SmallListing, Sequence[Any]]] = {
        "mix": (PLAN_MIX, mix),
        "newest": (NEWEST, list(Organization.objects.order_by("-created_at")[:LATEST])),
        "acts": panel(audit_trail.entries()[:LATEST], "Last acts"),
    }
    context = {"cards": cards, "todo": todo, "signups": signups}
    return show_tables(request, "overview", "Overview", tables, context)


site.home = home


@site.page("support/", "support")
@require_safe
def tickets(request: HttpRequest) -> HttpResponseBase:
    chosen = TICKETS.chosen(request)
    status = chosen.get("status")
    rows = support.tickets(is_open=None if status is None else status == "open", q=chosen.get("q", ""))
    return show_list(request, "Support", TICKETS, rows)


@site.page("support/<uuid:ticket_id>/", "ticket")
def ticket(request: HttpRequest, ticket_id: Any) -> HttpResponseBase:
    """Return one ticket; POST resolves it or opens it again."""
    if request.method == "POST":
        resolved = request.POST.get("resolved") == "1"
        done = "The ticket is resolved." if resolved else "The ticket is open again."
        return act(
            request, done, lambda: support.resolve(ticket_id, admin_of(request), resolved=resolved), back=request.path
        )
    row = support.find(ticket_id)
    tables = {"acts": panel(audit_trail.entries(target_id=str(row.pk))[:LATEST])}
    return show_tables(request, "ticket", row.subject or "Ticket", tables, {"row": row})


@site.page("announcements/", "announcements")
def banners(request: HttpRequest) -> HttpResponseBase:
    """Publish, and look at what was published."""
    form = BannerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        announcements.publish(form.cleaned_data, admin_of(request))
        messages.success(request, "The banner is published.")
        return redirect("admin:announcements")
    context: dict[str, Any] = {
        "form": form,
        "active": announcements.active(),
        "severities": Severity.choices,
    }
    tables = {"acts": panel(audit_trail.entries(prefix="announcement.")[:LATEST])}
    rows = Announcement.objects.all()
    return show_list(request, "Announcements", BANNERS, rows, template="announcements", tables=tables, **context)


@site.page("announcements/<uuid:announcement_id>/dismiss/", "dismiss")
@require_POST
def dismiss(request: HttpRequest, announcement_id: Any) -> HttpResponseBase:
    back = reverse("admin:announcements")
    return act(
        request, "The banner is down.", lambda: announcements.dismiss(announcement_id, admin_of(request)), back=back
    )

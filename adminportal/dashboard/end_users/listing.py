"""End users: finding them among very many, and making one."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from rest_framework import serializers as drf

from accounts.api.serializers import EndUserInputSerializer
from accounts.end_users import users, zones
from accounts.models import EndUser
from adminportal.dashboard.csv_files import CsvAnswer
from adminportal.dashboard.forms import EndUserForm
from adminportal.dashboard.shell import TenantRequest, page, show, show_part, wants_part
from adminportal.kit.tables import Listing, TableColumn, csv_lines
from providers import registry
from providers.models import Connection
from wearlink.lib.api.errors import flatten
from wearlink.lib.errors import Conflict, InvalidInput

ACTIVE: Final = Connection.Status.ACTIVE


@dataclass(frozen=True, slots=True)
class EndUserListing(Listing):
    """A list whose rows accounts.end_users.users has put in order already."""

    def ordered(self, request: HttpRequest, rows: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
        return rows


def name_of(user: EndUser) -> str:
    """Return an end user's name on our pages: name, else e-mail, else the customer's id, else ours."""
    name = " ".join(part for part in (user.first_name, user.last_name) if part)
    return name or user.email or user.external_id or f"User {str(user.id)[:8]}"


def address_of(user: EndUser) -> str:
    """Return the page of an end user."""
    return reverse("dashboard:end-user", args=[user.id])


def _state(user: Any) -> tuple[str, str]:
    states = [one.partition(" ")[2] for one in user.connected]
    broken = sum(state not in (ACTIVE, Connection.Status.REVOKED) for state in states)
    active = states.count(ACTIVE)
    if broken:
        return "warn", f"{broken} of {broken + active} to see to"
    return ("ok", f"{active} active") if active else ("idle", "none")


def _providers(user: Any) -> str:
    slugs = (one.partition(" ")[0] for one in user.connected if not one.endswith(f" {Connection.Status.REVOKED}"))
    return ", ".join(registry.get(slug).name for slug in slugs)


ID: Final = TableColumn("Id", lambda user: str(user.id))  # of the file alone
LISTING: Final = EndUserListing(
    name="end-users",
    columns=[
        TableColumn("Name", name_of, link=address_of, sort="first_name"),
        TableColumn("Connections", _state, kind="status"),
        TableColumn("Providers", _providers, wide=True),
        TableColumn("Your id", lambda user: user.external_id, sort="external_id"),
        TableColumn("E-mail", lambda user: user.email, sort="email", wide=True),
        TableColumn("Time zone", lambda user: user.time_zone, wide=True),
        TableColumn("Created", lambda user: user.created_at, kind="when", sort="created_at"),
    ],
    searchable=False,
    sort=users.DEFAULT_SORT,
    empty="No end user yet.",
)


@page("GET", section="end-users")
def end_users(request: TenantRequest) -> HttpResponseBase:
    """Return the list; to htmx only what changes while somebody types; all rows as ?format=csv."""
    q = request.GET.get("q", "").replace("\x00", "").strip()[:255]
    sort = request.GET.get("sort", "")
    rows = users.listed(request.organization, search=q, sort_by=sort if sort in users.SORTS else users.DEFAULT_SORT)
    connections = Connection.objects.filter(user_key=OuterRef("key")).order_by("provider")
    states = connections.values_list(Concat("provider", Value(" "), "status"), flat=True)
    found = rows.annotate(connected=ArraySubquery(states))
    if request.GET.get("format") == "csv":
        lines = csv_lines((ID, *LISTING.columns), found.iterator(chunk_size=2000))
        return CsvAnswer(request.organization.pk, LISTING.name, lines)
    table = LISTING.table(request, found)
    context = {"table": table, "q": q}
    if wants_part(request):
        return show_part(request, "end_users/found", context)
    return show(request, "end_users/list", "End users", context)


@page("GET", "POST", section="end-users")
def create(request: TenantRequest) -> HttpResponse:
    """Make an end user; what is accepted is what POST /users accepts."""
    form = EndUserForm(request.POST or None, initial={"time_zone": request.organization.time_zone})
    if request.method == "POST" and form.is_valid():
        try:
            made = users.create(request.organization, _accepted(form.cleaned_data))
        except Conflict as error:
            field = str(error.code).removesuffix("_taken")
            form.add_error(field if field in form.fields else None, error.detail)
        except InvalidInput as error:
            for fault in error.errors:
                form.add_error(fault.field if fault.field in form.fields else None, fault.message)
        else:
            return redirect("dashboard:connections", made.id)
    status = HTTPStatus.BAD_REQUEST if form.is_bound else HTTPStatus.OK
    return show(request, "end_users/new", "New end user", {"form": form, "zones": sorted(zones.names())}, status=status)


def _accepted(values: Mapping[str, str]) -> dict[str, Any]:
    """Return what the API's own reader makes of it. Raises InvalidInput."""
    body = EndUserInputSerializer(data={name: value for name, value in values.items() if value})
    try:
        body.is_valid(raise_exception=True)
    except drf.ValidationError as error:
        faults = tuple(flatten(error.detail))
        raise InvalidInput(faults[0].message, errors=faults) from error
    return dict(body.validated_data)

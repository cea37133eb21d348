"""The organization's name, time zone and the addresses that the connect page may lead back to."""

from typing import Any, Final

from django.http import HttpResponse

from accounts import organizations, roles, zones
from accounts.api.serializers import OrganizationSerializer
from accounts.models import Organization
from adminportal.dashboard import acts
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.submissions import FormField, SubmittedForm
from wearlink.lib.api.callers import DASHBOARD

PATH: Final = "/api/v1/organization"


@page("GET", "POST", section="organization")
def organization_page(request: TenantRequest) -> HttpResponse:
    """A form for owners and admins; the same facts for members."""
    row = request.organization
    form = SubmittedForm(_fields(), request.POST if request.method == "POST" else None, _initial(row))
    if form.is_sent:
        roles.require_manager(request.developer)
        with form.judged():
            values = form.read(OrganizationSerializer, _entered(form), partial=True)
            organizations.update(request.developer, values, actor=request.actor)
        if form.is_accepted:
            return acts.done(request, "The organization was changed.", request.path)
    calls = [
        ApiCall("GET", PATH, "read the organization", caller=DASHBOARD),
        ApiCall("PATCH", PATH, "change it", {"redirect_addresses": row.redirect_addresses}, caller=DASHBOARD),
    ]
    context = {"row": row, "form": form, "calls": calls}
    return show(request, "account/organization", "Organization", context, status=400 if form.is_sent else 200)


def _entered(form: SubmittedForm) -> dict[str, Any]:
    return {
        "name": form.text("name"),
        "time_zone": form.text("time_zone"),
        "redirect_addresses": form.lines("redirect_addresses"),
    }


def _initial(row: Organization) -> dict[str, str]:
    return {
        "name": row.name,
        "time_zone": row.time_zone,
        "redirect_addresses": "\n".join(row.redirect_addresses),
    }


def _fields() -> list[FormField]:
    return [
        FormField("name", "Name", help="Your end users see it on the connect page, your team in mails.", required=True),
        FormField(
            "time_zone", "Time zone", help="Of the times in this portal, and of end users who have told none of their "
            "own.", choices=[(name, "") for name in sorted(zones.names())], required=True,
        ),
        FormField(
            "redirect_addresses", "Allowed redirect addresses", "textarea", "Where the connect page may lead back to, "
            "one a line. An address is matched exactly; an origin alone, such as https://app.example.com, allows every "
            "path below it.", placeholder="https://app.example.com/connected",
        ),
    ]  # fmt: skip

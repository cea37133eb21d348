"""The organization's name, logo, time zone, privacy page, and the addresses that the connect page may lead back to."""

import base64
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import HttpResponse

from accounts.api.serializers import OrganizationSerializer
from accounts.end_users import zones
from accounts.models import Organization
from accounts.organization import logos, organizations, roles
from adminportal.dashboard import acts
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.submissions import FormField, SubmittedForm
from wearlink.lib.api.callers import DASHBOARD

PATH: Final = "/api/v1/organization"


@page("GET", "POST", section="organization")
def organization_page(request: TenantRequest) -> HttpResponse:
    """Return a form for owners and admins; the same facts for members."""
    row = request.organization
    address = logos.address(row)
    logo = None if address is None else urlsplit(address).path
    form = SubmittedForm.of(request, _fields(has_logo=logo is not None), _initial(row))
    if form.is_sent:
        roles.require_manager(request.developer)
        with form.judged():
            values = form.read(OrganizationSerializer, _entered(request, form), partial=True)
            organizations.update(request.developer, values, actor=request.actor)
        if form.is_accepted:
            return acts.done(request, "The organization was changed.", request.path)
    calls = [
        ApiCall("GET", PATH, "read the organization", caller=DASHBOARD),
        ApiCall("PATCH", PATH, "change it", {"redirect_addresses": row.redirect_addresses}, caller=DASHBOARD),
    ]
    context = {"row": row, "form": form, "logo": logo, "calls": calls}
    return show(
        request,
        "account/organization",
        "Organization",
        context,
        status=form.status,
    )


def _entered(request: TenantRequest, form: SubmittedForm) -> dict[str, Any]:
    """Return the form as a body of the API, which takes a logo in base64; without a file the logo stays as it is."""
    found = {
        "name": form.text("name"),
        "time_zone": form.text("time_zone"),
        "privacy_url": form.text("privacy_url"),
        "redirect_addresses": form.lines("redirect_addresses"),
    }
    file = request.FILES.get("logo")
    if file is not None:
        content = file.read(logos.MAX_BYTES + 1)
        return found | {"logo": base64.b64encode(content).decode()}
    return found | ({"logo": None} if form.text("remove_logo") else {})


def _initial(row: Organization) -> dict[str, str]:
    return {
        "name": row.name,
        "time_zone": row.time_zone,
        "privacy_url": row.privacy_url,
        "redirect_addresses": "\n".join(row.redirect_addresses),
    }


def _fields(*, has_logo: bool) -> list[FormField]:
    return [
        FormField("name", "Name", help="Your end users see it on the connect page, your team in mails.", required=True),
        FormField("logo", "Logo", "file", "Shown on the connect page. PNG, JPEG or WebP of at most 100,000 bytes."),
        *([FormField("remove_logo", "Take the logo away", "checkbox")] if has_logo else []),
        FormField("privacy_url", "Privacy page", "url", "https; your own words, linked on the connect page."),
        FormField(
            "time_zone", "Time zone", help="For the times in this portal, and for end users whose own is not "
            "known.", choices=[(name, "") for name in sorted(zones.names())], required=True,
        ),
        FormField(
            "redirect_addresses", "Allowed redirect addresses", "textarea", "Where the connect page may lead back to, "
            "one a line. An address is matched exactly; an origin alone, such as https://app.example.com, allows every "
            "path below it.", placeholder="https://app.example.com/connected",
        ),
    ]  # fmt: skip

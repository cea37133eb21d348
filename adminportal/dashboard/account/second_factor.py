"""The second factor of the signed-in developer: set up by a QR code, recovery codes, renewed, removed."""

from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse
from django.urls import reverse

from accounts.models import SecondFactorDevice
from accounts.organization import team
from accounts.organization.roles import Forbidden
from accounts.sign_in import second_factor, sessions
from adminportal import codes
from adminportal.dashboard import acts
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.submissions import FormField, SubmittedForm
from wearlink.lib.valkey.ratelimit import address_of

CODE: Final = FormField("code", "Code", help="The six digits that the app shows now.", required=True)
PASSWORD: Final = FormField("password", "Your password", "password", required=True, autocomplete="current-password")
ADDRESS: Final = "dashboard:second-factor"


@page("GET", "POST", section="second-factor")
def second_factor_page(request: TenantRequest) -> HttpResponse:
    """Return its state; the QR code while it is being set up; recovery codes in the one answer
    that shows them.
    """
    act = request.POST.get("act", "")
    if act == "begin":
        second_factor.begin(request.developer)
        return acts.done(request, "Scan the code with your app.", request.path, audited=False)
    device = second_factor.find(request.developer)
    fields = (PASSWORD,) if device is not None and device.confirmed else (CODE, PASSWORD)
    form = SubmittedForm.of(request, fields)
    if form.is_sent:
        shown: list[str] = []
        with form.judged():
            sessions.confirm(request.developer, request.POST.get("password", ""), address_of(request))
            shown = _carry_out(request, act, form)
        if form.is_accepted and not shown:
            return acts.done(request, "The second factor was removed.", request.path)
        if form.is_accepted:
            return _shown(request, {"codes": shown})
    return _shown(
        request,
        _status_context(device) | {"form": form},
        status=form.status,
    )


@page("POST", section="team")
def remove_for_member(request: TenantRequest, member_id: Any) -> HttpResponse:
    """Take a lost second factor out of a member's account."""
    return acts.carry_out(
        request,
        lambda: team.remove_second_factor(request.developer, member_id, actor=request.actor),
        lambda row: f"{row.email} signs in by password alone now; their sessions ended.",
        reverse("dashboard:team"),
    )


def _carry_out(request: TenantRequest, act: str, form: SubmittedForm) -> list[str]:
    """Recovery codes to show, or none where the second factor was removed."""
    if act == "confirm":
        return codes.confirmed(request, request.developer, form.text("code"))
    if act == "renew":
        return second_factor.renew_recovery_codes(request.developer, request.actor)
    if second_factor.is_owed(request.developer):
        raise Forbidden("Administrators and reviewers of the platform must keep a second factor.")
    second_factor.remove(request.developer, request.actor)
    return []


def _status_context(device: SecondFactorDevice | None) -> dict[str, Any]:
    if device is None or not device.confirmed:
        return {"device": device, **(codes.picture(device) if device else {})}
    count = len(device.recovery_digests)
    return {
        "device": device,
        "left": f"{count} recovery code{'' if count == 1 else 's'}",
        "is_owed": second_factor.is_owed(device.user),
    }


def _shown(request: TenantRequest, context: dict[str, Any], *, status: int = HTTPStatus.OK) -> HttpResponse:
    return show(request, "account/second_factor", "Second factor", context, status=status)

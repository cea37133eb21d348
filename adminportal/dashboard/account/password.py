"""The page to change one's own password."""

from typing import Final

from django.contrib import auth
from django.http import HttpResponse

from accounts.api import serializers
from accounts.api.throttle import LOGIN, throttle
from accounts.pages.forms import NEW_PASSWORD
from accounts.sign_in import passwords
from adminportal.dashboard import acts
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.submissions import FormField, SubmittedForm
from wearlink.lib import tenancy
from wearlink.lib.api.callers import DASHBOARD

FIELDS: Final = (
    FormField("current_password", "Your password now", "password", required=True, autocomplete="current-password"),
    FormField(
        "new_password", "New password", "password", NEW_PASSWORD, required=True, autocomplete="new-password"
    ),
)  # fmt: skip
EXAMPLE: Final = {"current_password": "the one until now", "new_password": "the new one"}


@page("GET", "POST", section="password")
def change(request: TenantRequest) -> HttpResponse:
    """Ask for the password until now and the new one; this session stays, all others end."""
    form = SubmittedForm.of(request, FIELDS)
    if form.is_sent:
        with form.judged():
            throttle(request, "password", LOGIN)
            entered = {one.name: request.POST.get(one.name, "") for one in FIELDS}
            values = form.read(serializers.ChangePasswordSerializer, entered)
            developer = request.developer
            passwords.change(
                developer, current=values["current_password"], new=values["new_password"], actor=request.actor
            )
        if form.is_accepted:
            developer.refresh_from_db()
            with tenancy.platform():  # sessions lie between tenants
                auth.update_session_auth_hash(request, developer)
            return acts.done(request, "Your password is changed; your other sessions have ended.", request.path)
    calls = [ApiCall("POST", "/api/v1/auth/password", "change your password", EXAMPLE, caller=DASHBOARD)]
    context = {"form": form, "calls": calls}
    return show(
        request,
        "account/password",
        "Password",
        context,
        status=form.status,
    )

"""The profile of an end user: changing it, and deleting the end user with all data."""

from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse
from django.urls import reverse

from accounts.api.serializers import EndUserChangesSerializer
from accounts.deletion import erasing
from accounts.end_users import users, zones
from accounts.end_users.users import EndUserTaken
from accounts.models import EndUser
from adminportal.dashboard import acts
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users.end_user import find, show_tab
from adminportal.dashboard.end_users.listing import name_of
from adminportal.dashboard.shell import TenantRequest, page
from adminportal.dashboard.submissions import FormField, SubmittedForm
from healthdata.models import ZoneChange
from wearlink.lib.clock import from_ms
from wearlink.lib.errors import InvalidInput

CHANGES_SHOWN: Final = 20
NAMES: Final = ("external_id", "first_name", "last_name", "email")


@page("GET", "POST", section="end-users")
def profile(request: TenantRequest, user_id: str) -> HttpResponse:
    """Return a form for what PATCH /users/{user_id} takes but orders of sources, and the end user's zones."""
    user = find(request, user_id)
    form = SubmittedForm.of(request, _fields(request), _current_values(user))
    if form.is_sent:
        with form.judged():
            values = form.read(EndUserChangesSerializer, _changes(user, form), partial=True)
            try:
                user = users.update(user, values)
            except EndUserTaken as error:
                raise InvalidInput.on(str(error.code).removesuffix("_taken"), error.detail) from error
        if form.is_accepted:
            return acts.done(request, f"{name_of(user)} was changed.", request.path, audited=False)
    path = f"/api/v1/users/{user.id}"
    changes = ZoneChange.objects.filter(user_key=user.key).order_by("-created_at", "id")[:CHANGES_SHOWN]
    context = {
        "form": form,
        "changes": [(row, from_ms(row.valid_from) if row.valid_from else None) for row in changes],
        "calls": [
            ApiCall("PATCH", path, "change an end user", {"first_name": "Jane", "time_zone": "Europe/Paris"}),
            ApiCall("GET", f"{path}/zone-changes", "see what a time zone changed"),
            ApiCall("DELETE", path, "delete an end user"),
        ],
    }
    return show_tab(request, user, "profile", context, status=form.status)


@page("GET", "POST", section="end-users")
def delete(request: TenantRequest, user_id: str) -> HttpResponse:
    """Ask once more, with the name typed; then erase, and lead to how far that is."""
    user = find(request, user_id)
    name, problem = name_of(user), ""
    if request.method == "POST":
        if " ".join(request.POST.get("name", "").split()) == " ".join(name.split()):
            row = erasing.erase(user, request.actor)
            to = reverse("dashboard:erasure", args=[row.id])
            return acts.done(request, f"{name} is deleted: no call finds them any more.", to)
        problem = f"Type “{name}” exactly as it is written here; nothing was deleted."
    call = ApiCall("DELETE", f"/api/v1/users/{user.id}", "delete an end user")
    context = {"problem": problem, "calls": [call]}
    return show_tab(
        request,
        user,
        "profile",
        context,
        template="delete",
        status=HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK,
    )


def _current_values(user: EndUser) -> dict[str, str]:
    return {name: getattr(user, name) or "" for name in NAMES} | {"time_zone": user.time_zone}


def _changes(user: EndUser, form: SubmittedForm) -> dict[str, Any]:
    """Return it as a body of the API. An unchanged zone is left out: it may be one that was learned."""
    found = {name: form.text(name) for name in NAMES}
    zone, since = form.text("time_zone"), form.text("valid_from")
    if zone != user.time_zone or since:
        found["time_zone"] = zone
    return found | ({"valid_from": since} if since else {})


def _fields(request: TenantRequest) -> list[FormField]:
    here = request.organization.time_zone
    return [
        FormField("external_id", "Your id", help="The id this person has in your system; unique."),
        FormField("first_name", "First name"),
        FormField("last_name", "Last name"),
        FormField("email", "E-mail", "email"),
        FormField(
            "time_zone", "Time zone", help="Days begin at this person’s midnight.", required=True,
            choices=[(name, "") for name in sorted(zones.names())],
        ),
        FormField(
            "valid_from", "Lives there since", "datetime-local", f"In {here}. Empty: from the beginning if no zone "
            "was set before, else from now on. Days since then are computed again.",
        ),
    ]  # fmt: skip

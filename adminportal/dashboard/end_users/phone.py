"""An end user's phone: a token for it, shown once, and the end of all that are out there."""

from typing import Final

from django.http import HttpResponse

from accounts import sdk_tokens
from accounts.authentication import sdk_token
from adminportal.dashboard import acts, shown_once
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users.end_user import find, show_tab
from adminportal.dashboard.end_users.listing import name_of
from adminportal.dashboard.shell import TenantRequest, page
from adminportal.dashboard.shown_once import ShownSecret
from providers.api.schema.examples import SYNC
from wearlink.lib.security.tokens import LIFETIME, Purpose

ADVICE: Final = (
    "For trying your app: put it where the app keeps what your server hands it. It is good for an hour, for the data "
    "of this end user alone, and is shown this once."
)


@page("GET", "POST", section="end-users")
def phone(request: TenantRequest, user_id: str) -> HttpResponse:
    """Return what a phone needs; `act` is issue or withdraw."""
    user = find(request, user_id)
    act = request.POST.get("act", "")
    if act == "issue":
        title = f"SDK token of {name_of(user)}"
        shown_once.keep(request, ShownSecret(title, sdk_token(user), ADVICE))
        return acts.done(request, "A token is issued.", request.path, audited=False)
    if act == "withdraw":
        sdk_tokens.withdraw(user, actor=request.actor)
        words = f"All tokens of {name_of(user)} issued until now are dead; phones get 401 and ask for new ones."
        return acts.done(request, words, request.path)
    path = f"/api/v1/users/{user.id}/token"
    context = {
        "minutes": LIFETIME[Purpose.SDK] // 60,
        "shown": shown_once.take(request),
        "calls": [
            ApiCall("POST", path, "get a token"),
            ApiCall("DELETE", path, "withdraw their tokens"),
            ApiCall("POST", f"/api/v1/sdk/users/{user.id}/sync", "send what a phone has measured", SYNC.value),
            ApiCall("GET", f"/api/v1/sdk/users/{user.id}/sync/BATCH_ID", "see what became of it"),
        ],
    }
    return show_tab(request, user, "phone", context)

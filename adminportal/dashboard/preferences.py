"""Settings of a developer's own browser: the banner that was dismissed."""

from django.http import HttpResponse
from django.shortcuts import redirect

from adminportal.dashboard.shell import DISMISSED, TenantRequest, is_of_portal, page


@page("POST")
def dismiss(request: TenantRequest) -> HttpResponse:
    """Close the platform's banner until there is another one."""
    request.session[DISMISSED] = request.POST.get("announcement", "")[:64]
    return redirect(_back(request))


def _back(request: TenantRequest) -> str:
    wanted = request.POST.get("back", "")
    return wanted if is_of_portal(wanted) else "/dashboard"

"""What a developer sets for their own browser: the theme, and banners they have read."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect

from adminportal import themes
from adminportal.dashboard.shell import DISMISSED, TenantRequest, is_of_portal, page

YEAR_SECONDS: Final = 365 * 24 * 3600


@page("POST")
def theme(request: TenantRequest) -> HttpResponse:
    """Light, dark, or as the system; kept in a cookie, so that the server draws the right one at once."""
    answer = redirect(_back(request))
    wanted = request.POST.get("theme", "")
    if wanted in themes.THEMES:
        secure = request.is_secure()
        answer.set_cookie(themes.COOKIE, wanted, max_age=YEAR_SECONDS, httponly=True, samesite="Lax", secure=secure)
    return answer


@page("POST")
def dismiss(request: TenantRequest) -> HttpResponse:
    """Close the platform's banner until there is another one."""
    request.session[DISMISSED] = request.POST.get("announcement", "")[:64]
    return redirect(_back(request))


def _back(request: TenantRequest) -> str:
    wanted = request.POST.get("back", "")
    return wanted if is_of_portal(wanted) else "/dashboard"

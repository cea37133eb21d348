"""The switch between light, dark and the system's theme, for all pages that show it."""

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from wearlink.lib.web import theme

YEAR_SECONDS: Final = 365 * 24 * 3600


# A forged post could change colours and nothing else, and pages that anybody reads need no token so.
@csrf_exempt
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen in a cookie and lead back to the page."""
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    answer = HttpResponseRedirect(back if is_ours else "/")
    wanted = request.POST.get("theme", "")
    if wanted in theme.THEMES:
        secure = request.is_secure()
        answer.set_cookie(theme.COOKIE, wanted, max_age=YEAR_SECONDS, httponly=True, samesite="Lax", secure=secure)
    return answer

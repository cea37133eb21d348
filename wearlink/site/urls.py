"""Pages of the installation itself."""

from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_safe

from wearlink.site import start, theme, week


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead browsers that ask for the old name to the icon."""
    return HttpResponseRedirect(staticfiles_storage.url("favicon.svg"))


urlpatterns = [
    path("", start.front, name="start"),
    path("try/connect", start.connect, name="try-connect"),
    path("try/week", week.week, name="try-week"),
    path("try/week/<int:number>", week.week, name="try-week-of"),
    path("theme", theme.choose, name="theme"),
    path("favicon.ico", favicon),
]

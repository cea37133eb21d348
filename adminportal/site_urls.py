"""Pages from the root: /admin for the platform's people, /dashboard for developers, /contact for all.

/login and its like lead who guesses an address to the portal's doors.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path

from adminportal import contact
from adminportal.dashboard import entrance
from adminportal.platform import login
from adminportal.platform import pages as pages  # registers them
from adminportal.platform.site import is_admitted, site


def door(request: HttpRequest) -> HttpResponse:
    """/admin without its slash, for those who may know of it."""
    if not is_admitted(request, reviewers=True):
        raise Http404
    return redirect("admin:index")


urlpatterns = [
    path("contact", contact.page, name="contact-page"),
    path("admin", door),
    path("admin/login/", login.login),
    path("admin/login/code/", login.code, name="admin-code"),
    path("admin/login/enrol/", login.enrol, name="admin-enrol"),
    path("admin/logout/", login.logout),
    path("admin/", site.urls),
    path("login", entrance.to_login),
    path("signup", entrance.to_sign_up),
    path("sign-up", entrance.to_sign_up),
    path("logout", entrance.leave),
    path("dashboard", include("adminportal.dashboard.urls")),
]

"""The frame of every page of the portal: sign-in, tenant's scope, security policy, and layout.

    @page("GET", "POST")
    def team(request: TenantRequest) -> HttpResponseBase:
        rows = request.organization.developers.all()
        return show(request, "team", "Team", {"rows": rows})    # templates/dashboard/team.html

A page starts from request.organization, and the database shows nothing else while it runs. What another organization
owns is a 404; what a role may not do is a 403 that says so.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from rest_framework.exceptions import ValidationError

from accounts import audit
from accounts.models import Developer, Organization
from accounts.organization import roles
from accounts.sign_in import second_factor
from adminportal import announcements
from adminportal.dashboard import navigation
from wearlink.lib import tenancy
from wearlink.lib.api.errors import flatten
from wearlink.lib.errors import InvalidInput, NotFound, WearLinkError

CSP: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DISMISSED: Final = "dismissed_announcement"  # of the session: the id of the banner this developer has closed


class TenantRequest(HttpRequest):
    """A request of a signed-in developer; `page` fills in what it adds."""

    organization: Organization
    developer: Developer
    actor: audit.Actor  # the developer as the audit trail names it
    section: str


View = Callable[..., HttpResponseBase]


def page(*methods: str, section: str = "", managers: bool = False) -> Callable[[View], View]:
    """Make a function a page of the portal.

    methods: what it answers, GET unless said otherwise. section: the page of the navigation's entry it belongs to.
    managers: only for owners and admins.
    """

    def register(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in {*(methods or ("GET",)), "HEAD"}:
                return HttpResponseNotAllowed(methods or ("GET",))
            if not is_signed_in(request):
                return _to_login(request)
            inside = _inside(request, section)
            with tenancy.kept(), timezone.override(inside.organization.time_zone):
                tenancy.enter(inside.organization.pk)
                return protected(_answer(view, inside, managers, *args, **kwargs))

        guarded.is_page_of_tenant = True  # type: ignore[attr-defined]  # tests walk the routes by it
        return csrf_protect(never_cache(guarded))

    return register


def show(
    request: TenantRequest, template: str, title: str, context: Mapping[str, Any], *, status: int = HTTPStatus.OK
) -> HttpResponse:
    """Return a page in the shell; `template` below templates/dashboard/, without .html."""
    shell = {
        "title": title,
        "links": navigation.links(request.section),
        "announcement": _announcement(request),
        "docs_href": reverse("docs"),
    }
    return render(request, f"dashboard/{template}.html", {**shell, **context}, status=status)


def show_part(request: TenantRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """Return a fragment for htmx, without the shell."""
    return render(request, f"dashboard/{template}.html", dict(context))


def wants_part(request: HttpRequest) -> bool:
    """Return whether htmx asks for a fragment; going back through the history it wants the page."""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def is_signed_in(request: HttpRequest) -> bool:
    """Return whether the session is a developer's who has given the second factor where the account has one."""
    user = request.user
    if not isinstance(user, Developer) or user.is_suspended():
        return False
    return bool(getattr(user, "is_verified", bool)()) or not second_factor.is_set_up(user)


def is_of_portal(address: str) -> bool:
    """Return whether an address that came from outside leads to a page of the portal, and to no other site."""
    return url_has_allowed_host_and_scheme(address, allowed_hosts=None) and address.startswith("/dashboard")


def protected(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Content-Security-Policy", CSP)  # the payment form's page brings its own
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response


def _inside(request: HttpRequest, section: str) -> TenantRequest:
    inside = cast(TenantRequest, request)
    developer = cast(Developer, request.user)
    inside.developer, inside.organization, inside.section = developer, developer.organization, section
    inside.actor = audit.developer(developer)
    return inside


def _answer(view: View, request: TenantRequest, managers: bool, *args: Any, **kwargs: Any) -> HttpResponseBase:
    try:
        if managers:
            roles.require_manager(request.developer)
        return view(request, *args, **kwargs)
    except NotFound as error:
        raise Http404 from error
    except ValidationError as error:  # a form of ours was forged, or its rules and its page have drifted apart
        fault = flatten(error.detail)[0]
        refusal = InvalidInput.on(fault.field, fault.message)
        return show(request, "refused", "Not possible", {"error": refusal}, status=refusal.status)
    except WearLinkError as error:
        return show(request, "refused", "Not possible", {"error": error}, status=error.status)


def _announcement(request: TenantRequest) -> Any:
    row = announcements.active()
    return None if row is None or request.session.get(DISMISSED) == str(row.pk) else row


def _to_login(request: HttpRequest) -> HttpResponseBase:
    login = reverse("dashboard:login")
    if wants_part(request):  # htmx would put the login into the page; it follows this header instead
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": login})
    return redirect(f"{login}?{urlencode({'next': request.get_full_path()})}")

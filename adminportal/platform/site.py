"""The platform's own site at /admin: Unfold's shell around our pages, and plain records beneath for support work.

For everybody but administrators there is nothing here but the login: every other address is a 404, known or not.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from unfold.sites import UnfoldAdminSite

from accounts.models import Developer
from accounts.sign_in import second_factor
from wearlink.lib.errors import NotFound

CSP: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
View = Callable[..., HttpResponseBase]


class PlatformSite(UnfoldAdminSite):
    """Superusers see all of it, reviewers the review alone."""

    site_title = site_header = "WearLink"
    index_title = "Overview"
    final_catch_all_view = False
    enable_nav_sidebar = True

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._pages: list[URLPattern] = []
        self.home: View = _no_home

    def page(self, route: str, name: str, *, reviewers: bool = False) -> Callable[[View], View]:
        """Register a function as the page at admin/<route>; it gets the request and what the route names."""

        def register(view: View) -> View:
            self._pages.append(path(route, self._guarded(view, reviewers=reviewers), name=name))
            return view

        return register

    def extra_urls(self) -> list[URLPattern]:
        """Return our pages, before Unfold's own."""
        return self._pages

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the signed-in developer is a superuser who has given a second factor where one
        is asked for.
        """
        return is_admitted(request, reviewers=False)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Django's own pages, for superusers; 404 for all others, where Django would lead to the login."""
        return self._guarded(view, reviewers=False, cacheable=cacheable)

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        """Show our own first page."""
        return self.home(request)

    def search(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Switched off: Unfold's keeps results by user and text alone."""
        raise Http404

    def extra_context(self, context: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
        """Colours come from our style sheet, since the policy allows no inline ones."""
        context["colors"] = None
        return context

    def _guarded(self, view: View, *, reviewers: bool, cacheable: bool = False) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not is_admitted(request, reviewers=reviewers):
                raise Http404
            request.current_app = self.name
            with timezone.override(request.user.organization.time_zone):  # type: ignore[union-attr]  # a developer's
                try:
                    response = view(request, *args, **kwargs)
                except NotFound as error:
                    raise Http404 from error
                if isinstance(response, SimpleTemplateResponse):
                    response.render()
            return protected(response)

        inner = guarded if cacheable else never_cache(guarded)
        return csrf_protect(inner)


def _no_home(request: HttpRequest) -> HttpResponseBase:
    raise Http404


def is_admitted(request: HttpRequest, *, reviewers: bool) -> bool:
    """Return whether this session may be here."""
    user = request.user
    if not isinstance(user, Developer) or user.is_suspended():
        return False
    if not (user.is_superuser or (reviewers and user.is_reviewer)):
        return False
    return not needs_second_factor(user) or bool(getattr(user, "is_verified", bool)())


def needs_second_factor(user: Developer) -> bool:
    """Return whether a password is not enough: where the installation asks for more, and for all who
    have set one up.
    """
    return second_factor.is_owed(user) or second_factor.is_set_up(user)


def protected(response: HttpResponseBase) -> HttpResponseBase:
    """Return it with the strictest policy that Unfold's scripts can live with."""
    response.headers["Content-Security-Policy"] = CSP
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


site: Final = PlatformSite()

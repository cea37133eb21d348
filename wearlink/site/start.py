"""The page at /: what runs here, and three ways on.

The demo's key and passwords stand on it only where `make run` serves somebody's own machine: an embedded installation
that is asked from this very machine.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST, require_safe

from accounts.models import EndUser
from providers.connections import connect as connecting
from wearlink import health
from wearlink.demo import credentials_file
from wearlink.demo.credentials_file import DemoCredentials
from wearlink.lib.api.rendering import as_json
from wearlink.lib.web import pages

PART_NAMES: Final[Mapping[str, str]] = {
    "database": "Database",
    "broker": "Queue and cache",
    "objects": "Object store",
    "migrations": "Schema of the database",
}


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Show what runs here; to programs, where the schema and the state of the parts are."""
    if not pages.is_for_a_browser(request):
        return _for_programs()
    parts = [{"name": PART_NAMES.get(name, name), "state": state} for name, state in health.states().items()]
    context = {
        "base_url": settings.BASE_URL,
        "parts": parts,
        "ready": all(part["state"] == "ok" for part in parts),
        "demo": demo_for(request),
        "embedded": settings.EMBEDDED,
    }
    return pages.show(request, "site/start.html", context)


@require_POST
def connect(request: HttpRequest) -> HttpResponse:
    """Open a connect link of the demo's last end user, as a customer's app would; this page stands in for the app."""
    user = demo_user(request, -1)
    back = f"{settings.BASE_URL}/"
    allowed = back in user.organization.redirect_addresses
    return HttpResponseRedirect(connecting.create_link(user, user.organization, back if allowed else "").url)


def demo_for(request: HttpRequest) -> DemoCredentials | None:
    """Return what the demo hands out, to callers on this machine only; None before it is ready."""
    if not (settings.EMBEDDED and _is_from_this_machine(request)):
        return None
    return credentials_file.read(settings.DATA)


def demo_user(request: HttpRequest, number: int) -> EndUser:
    """Return one of the demo's end users. Raises Http404 where there is no demo for this caller, or no such user."""
    demo = demo_for(request)
    user = None
    if demo is not None and number < len(demo.user_ids):
        user = EndUser.objects.select_related("organization").filter(id=demo.user_ids[number]).first()
    if user is None:
        raise Http404
    return user


def _is_from_this_machine(request: HttpRequest) -> bool:
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _for_programs() -> HttpResponse:
    known: dict[str, Any] = {
        "name": "WearLink",
        "schema": f"{settings.BASE_URL}/api/v1/schema",
        "documentation": f"{settings.BASE_URL}/docs",
        "ready": f"{settings.BASE_URL}/readyz",
    }
    return as_json(known)

"""The platform's pages and their JSON over a thousand tenants, a hundred thousand end users and a million acts."""

import secrets
import time
from collections.abc import Iterator
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from accounts.authentication import dashboard_token
from accounts.models import Developer
from accounts.sign_in.registration import create_organization
from adminportal import made_up_tenants
from adminportal.made_up_tenants import TenantVolume
from adminportal.platform.login import BACKEND
from adminportal.platform.navigation import NAVIGATION
from tests.bench.cast import reading, vacuum
from tests.bench.figures import BenchFigure, at_most, benchmark
from tests.bench.ground import Ground

SLOWER = {"index": 250.0, "insights": 250.0}  # ms; all others 150


@benchmark("portal", order=80)
def pages(ground: Ground) -> Iterator[BenchFigure]:
    """Yield each section once signed in, then search as one types."""
    began = time.monotonic()
    made_up_tenants.create(TenantVolume(*ground.size((1_000, 100, 1_000, 730), (20, 5, 10, 20))))
    yield BenchFigure("portal: generating the tenants", time.monotonic() - began, "s", at_most(300))
    vacuum()
    admin = create_organization(
        name="Platform", email="bench-admin@example.com", password=secrets.token_urlsafe(16), verified=True,
        is_superuser=True,
    ).owner  # fmt: skip
    cookie, times = f"Cookie: sessionid={session_of(admin)}", ground.size(30, 1)
    ground.stop()
    for sections in NAVIGATION.values():
        for section in sections:
            path = "/admin/" if section.page == "index" else f"/admin/{section.page}/"
            found = reading(ground, [path], times, cookie)
            target = at_most(SLOWER.get(section.page, 150.0))
            yield BenchFigure(f"portal: {section.title.lower()}: p50", found.p50_ms, "ms", target, "", found.cpu_ms)
    bearer = f"Authorization: Bearer {dashboard_token(admin)}"
    searches = [f"/api/v1/admin/end-users?q=last{number}&limit=20" for number in range(1, 10)]
    found = reading(ground, searches, times, bearer)
    yield BenchFigure("portal: end users found as one types: p50", found.p50_ms, "ms", at_most(50), "", found.cpu_ms)
    found = reading(ground, [f"/api/v1/admin/developers?q=owner-{one}&limit=20" for one in "0123456789"], times, bearer)
    yield BenchFigure("portal: developers found as one types: p50", found.p50_ms, "ms", at_most(50), "", found.cpu_ms)


def session_of(developer: Developer) -> str:
    """Return the key of a session in which the developer is signed in."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(developer.pk), BACKEND
    store[HASH_SESSION_KEY] = developer.get_session_auth_hash()
    store.create()
    return str(store.session_key)

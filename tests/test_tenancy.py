"""Every route, called by Charlie with the ids of Alice's organization: 404, as if nothing were there.

The routes come from the URL resolver, so a new one is tested without a word here; a new kind of id needs an entry in
`ids_of`, and the test says so.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from accounts.audit import SYSTEM
from accounts.deletion import erasing
from accounts.models import Organization
from adminportal import announcements, support
from billing import invoices
from billing.models import Invoice
from healthdata.models import SleepSession, Source, Workout
from healthdata.records import StageRecord, WorkoutRecord
from healthdata.store import store
from tests import factories
from tests.billing.delivering import sample_subscription, samples
from tests.healthdata.reading import HOUR, WATCH, at

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete")
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
# Slugs, names of the catalogue, vendors' addresses, and signed links.
NOT_A_TENANTS = {"provider", "event_type", "app_id", "path_secret", "token"}


def routes(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[tuple[str, str]]:
    """Yield (method, path with its places) of every view below /api/v1/ and /v1/ that names an id."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
            continue
        view = getattr(pattern.callback, "cls", None)
        if view is not None and set(PLACE.findall(path)) - NOT_A_TENANTS:
            yield from ((method, path) for method in METHODS if hasattr(view, method))


ROUTES = sorted(set(routes(get_resolver().url_patterns)))


def ids_of(alice: Any) -> dict[str, str]:
    """Ids that exist in Alice's organization, by the name they have in URLs."""
    jane = factories.end_user(alice.organization, email="jane@example.com")
    bob = factories.bob(alice)
    store(
        jane.key,
        [
            [
                WorkoutRecord(WATCH, "running", at("2026-04-15T06:00:00Z"), at("2026-04-15T07:00:00Z")),
                StageRecord(WATCH, at("2026-04-14T22:00:00Z"), at("2026-04-14T22:00:00Z") + 8 * HOUR, "sleeping"),
            ]
        ],
    )
    key = factories.api_key(alice.organization)
    owner = factories.dashboard_client(alice)
    invitation = owner.post("/api/v1/organization/invitations", {"email": "dana@example.com"}, format="json")
    body = {"provider": "apple", "sdkVersion": "1", "syncTimestamp": "2026-04-15T08:00:00Z", "data": {}}
    server = factories.key_client(alice)
    synced = server.post(f"/api/v1/sdk/users/{jane.id}/sync", body, format="json")
    endpoint = server.post("/api/v1/webhooks/endpoints", {"url": "https://hooks.example.com/in"}, format="json")
    tested = server.post(f"/api/v1/webhooks/endpoints/{endpoint.json()['id']}/test", {}, format="json")
    listener = server.post("/api/v1/webhooks/listeners", {}, format="json")
    file = SimpleUploadedFile("export.xml", b"<HealthData></HealthData>")
    imported = server.post(f"/api/v1/users/{jane.id}/import/apple/xml/direct", {"file": file}, format="multipart")
    export = server.post(f"/api/v1/users/{jane.id}/export/async")
    item = {"dish_name": "water", "quantity_grams": 200, "calories_kcal": 0}
    eaten = {"meal_type": "snack", "items": [item]}
    meal = server.post(f"/api/v1/nutrition/log/manual?user_id={jane.id}", eaten, format="json").json()
    mary = factories.end_user(alice.organization)
    erased = erasing.erase(mary, SYSTEM)
    return {
        "erasure_id": str(erased.id),
        "log_id": meal["id"],
        "item_id": meal["items"][0]["id"],
        "user_id": str(jane.id),
        "member_id": str(bob.id),
        "invitation_id": invitation.json()["id"],
        "key_id": key[:11],
        "workout_id": str(Workout.objects.get().id),
        "source_id": str(Source.objects.get().uid),
        "day": "2026-04-15",
        "session_id": str(SleepSession.objects.get().id),
        "batch_id": synced.json()["batch_id"],
        "endpoint_id": endpoint.json()["id"],
        "listener_id": listener.json()["id"],
        "message_id": tested.json()["message_id"],
        "export_id": export.json()["export_id"],
        "job_id": imported.json()["job_id"],
        "invoice_id": str(an_invoice(alice.organization).pk),
        "provider": "apple",
        "type_name": "sleep",
        "developer_id": str(alice.pk),
        "ticket_id": str(support.submit({"email": alice.email, "message": "Help"}).pk),
        "announcement_id": str(announcements.publish({"title": "News"}, alice).pk),
        "job_name": "roll up usage",
    }


def an_invoice(organization: Organization) -> Invoice:
    """Return a paid month of the organization."""
    charged = dict(samples())["wh.subscription.charged"]["payload"]
    charge = invoices.Charge(charged["payment"]["entity"], None, None)
    invoice = invoices.record(sample_subscription(organization), charge)
    assert invoice is not None
    return invoice


def url_of(path: str, ids: dict[str, str]) -> str:
    return PLACE.sub(lambda place: ids[place.group(1)], path)


def clients() -> dict[str, APIClient]:
    charlie = factories.charlie()
    max_ = factories.end_user(charlie.organization, email="max@example.com")
    return {
        "API key": factories.key_client(charlie),
        "dashboard token": factories.dashboard_client(charlie),
        "SDK token": factories.sdk_client(max_),
    }


def test_the_walk_finds_the_routes() -> None:
    assert ("get", "/api/v1/users/<str:user_id>/timeseries") in ROUTES
    assert len(ROUTES) > 15


def test_no_route_gives_charlie_anything_of_alices() -> None:
    ids = ids_of(factories.alice())
    missing = {name for _, path in ROUTES for name in PLACE.findall(path)} - set(ids) - NOT_A_TENANTS
    assert not missing, f"say in ids_of what {missing} are"
    leaks = []
    for who, client in clients().items():
        allowed = {404} if who == "API key" else {401, 404}
        for method, path in ROUTES:
            answer = getattr(client, method)(url_of(path, ids), {}, format="json" if method != "get" else None)
            if answer.status_code not in (allowed | {401} if needs_dashboard(path) else allowed):
                leaks.append(f"{who}: {method} {path} answered {answer.status_code}")
    assert not leaks, "\n".join(leaks)


def needs_dashboard(path: str) -> bool:
    """Routes that take no API key answer 401 to one."""
    return path.startswith(("/api/v1/organization/", "/api/v1/developer/"))


def test_lists_of_charlie_hold_nothing_of_alice() -> None:
    ids = ids_of(factories.alice())
    charlie = factories.charlie()
    for client in (factories.key_client(charlie), factories.dashboard_client(charlie)):
        for path, name in (("users", "user_id"), ("billing/invoices", "invoice_id")):
            found = client.get(f"/api/v1/{path}").json()
            assert found["pagination"]["total_count"] == 0
            assert ids[name] not in str(found)
        assert client.get("/api/v1/billing/subscription").json()["subscription"] is None


def pages(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Yield paths of the portal that name an id."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from pages(pattern.url_patterns, path)
        elif hasattr(pattern.callback, "is_page_of_tenant") and set(PLACE.findall(path)) - NOT_A_TENANTS - {"slug"}:
            yield path


def test_no_page_of_the_portal_gives_charlie_anything_of_alices() -> None:
    ids = ids_of(factories.alice()) | {"attempt_id": "atmpt_1", "slug": "oura"}
    charlie = Client(headers={"Accept": "text/html"})
    known = {"email": factories.charlie().email, "password": factories.PASSWORD}
    assert charlie.post("/dashboard/login", known).status_code == 302
    found = sorted(set(pages(get_resolver().url_patterns)))
    assert "/dashboard/end-users/<str:user_id>/phone" in found
    assert len(found) > 50
    leaks = []
    for path in found:
        for method in ("get", "post"):
            answer = getattr(charlie, method)(url_of(path, ids))
            if answer.status_code not in (404, 405):
                leaks.append(f"{method} {path} answered {answer.status_code}")
    assert leaks == []

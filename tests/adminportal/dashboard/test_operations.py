"""Everything a developer may do by the API can be done in the portal, on a page that shows the call.

An operation of openapi.yaml stands in PAGES, with the route whose page shows it, or has a reason in OTHERWISE.
"""

import re
from collections import defaultdict
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Developer
from tests.openapi import document
from tests.test_tenancy import ids_of

pytestmark = pytest.mark.django_db
#: Route → operations whose calls its page shows.
PAGES = {
    "audit": ["list_audit_logs", "export_audit_logs", "verify_audit_logs"],
    "billing": [
        "billing_invoices_list", "billing_invoices_get", "billing_invoices_pdf", "billing_plans",
        "billing_subscription_get", "billing_subscription_create", "billing_subscription_update",
        "billing_subscription_cancel", "billing_subscription_pause", "billing_subscription_resume",
        "billing_subscription_verify", "billing_usage",
    ],
    "changes": ["list_changes"],
    "credentials": [
        "api_keys_list", "api_keys_create", "api_keys_delete", "api_keys_rotate", "organization_sdk_tokens_withdraw",
        "users_token",
    ],
    "erasures": ["list_erasures"],
    "erasure": ["get_erasure"],
    "samples": ["list_timeseries", "list_series_types", "get_data_summary"],
    "workouts": ["list_workouts", "list_workout_types"],
    "workout": ["get_workout"],
    "foods": ["search_foods"],
    "nutrition": ["nutrition_log_list", "nutrition_summary", "get_energy_balance"],
    "meal": ["nutrition_log_get", "nutrition_log_delete"],
    "meal-item": ["nutrition_item_correct"],
    "meal-photo": ["nutrition_log_image"],
    "meal-new": ["nutrition_log_manual", "search_foods"],
    "organization": ["organization_get", "organization_update"],
    "team": [
        "invitations_list", "invitations_create", "invitations_revoke", "members_list", "members_update",
        "members_remove", "auth_me",
    ],
    "password": ["auth_password_change"],
    "providers": ["list_providers", "get_coverage"],
    "provider": ["get_provider_settings", "put_provider_settings", "delete_provider_settings"],
    "connections": [
        "create_connect_link", "authorize_provider", "list_connections", "diagnose_connection", "disconnect_provider",
        "sync_provider", "sync_provider_history", "get_backfill_status", "retry_backfill", "cancel_backfill",
        "list_sync_runs",
    ],
    "phone": ["users_token", "users_token_withdraw", "sync_sdk_data", "get_sdk_sync"],
    "end-users": ["users_list"],
    "end-user-new": ["users_create"],
    "end-user": ["users_get", "get_activity_summary", "get_body_summary"],
    "why": ["list_activity_revisions"],
    "profile": ["users_update", "users_delete", "list_zone_changes"],
    "user-changes": ["list_user_changes"],
    "nights": ["list_sleep_sessions", "get_sleep_summary"],
    "night": ["get_sleep_session"],
    "scores": ["list_health_scores"],
    "sources": ["list_sources", "preview_source_preferences"],
    "source": ["update_source"],
    "files": [
        "export_user", "export_user_async", "list_exports", "get_export", "import_apple_xml_direct",
        "import_apple_xml_s3", "list_imports", "get_import", "complete_import_upload",
    ],
    "webhooks": ["webhook_endpoints_list", "webhook_egress_addresses"],
    "webhook-new": ["webhook_endpoints_create"],
    "webhook-edit": ["webhook_endpoints_update", "webhook_endpoints_get", "webhook_endpoints_delete"],
    "webhook": [
        "webhook_endpoints_attempts", "webhook_endpoints_recover", "webhook_endpoints_retry",
        "webhook_endpoints_statistics", "webhook_endpoints_test",
    ],
    "webhook-secret": ["webhook_endpoints_secret", "webhook_endpoints_secret_rotate"],
    "event-types": ["webhook_event_types"],
    "event-type": ["webhook_event_type"],
    "listeners": [
        "webhook_listeners_list", "webhook_listeners_create", "webhook_listeners_delete", "webhook_listeners_poll",
        "webhook_listeners_test",
    ],
    "webhook-messages": ["webhook_messages_list"],
    "webhook-message": ["webhook_messages_get", "webhook_messages_resend", "webhook_messages_retry"],
}  # fmt: skip
OF_USER = [
    "samples", "workouts", "nutrition", "meal-photo", "meal-new", "connections", "phone", "end-user", "profile",
    "user-changes", "nights", "scores", "sources", "files",
]  # fmt: skip
DOOR = "for who has no key yet: the doors of the portal do it"
MAILED = "its page is opened by a link in a mail"
SIGNED = "the address itself is the permission: the page has the link"
MACHINE = "called by a partner's servers, not by developers"
OTHERWISE = {
    "auth_login": DOOR,
    "auth_logout": DOOR,
    "auth_register": DOOR,
    "auth_password_forgot": DOOR,
    "auth_password_reset": MAILED,
    "auth_verify_email": MAILED,
    "invitations_accept": MAILED,
    "contact": "/contact is its page",
    "announcements_active": "each page of the portal shows the banner",
    "download_export": SIGNED,
    "put_upload": SIGNED,
    "sns_notification": MACHINE,
    "svix_webhook": MACHINE,
    "provider_callback": MACHINE,
    "provider_callback_confirm": MACHINE,
    "vendor_webhook_handshake": MACHINE,
    "vendor_webhook": MACHINE,
    "razorpay_webhook": MACHINE,
}
CALL = re.compile(r'<code class="wl-ink3">(GET|POST|PUT|PATCH|DELETE) ([^<]+)</code>')


def operations() -> dict[str, tuple[str, str]]:
    """Operation → method and path, of what is not the administrators' alone."""
    schema = document()
    found = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete") and not path.startswith("/api/v1/admin/"):
                found[operation["operationId"]] = (method.upper(), path)
    return found | {"announcements_active": ("GET", "/api/v1/admin/announcements/active")}


def test_every_operation_has_a_page_or_a_reason() -> None:
    shown = {one for names in PAGES.values() for one in names}
    assert shown | set(OTHERWISE) == set(operations())
    assert not shown & set(OTHERWISE)


def address(route: str, ids: dict[str, str]) -> str:
    """Return the page of a route, about what is in Alice's organization."""
    names = {
        "erasure": ["erasure_id"],
        "provider": ["slug"],
        "webhook": ["endpoint_id"],
        "webhook-edit": ["endpoint_id"],
        "webhook-secret": ["endpoint_id"],
        "webhook-message": ["message_id"],
        "event-type": ["event_type"],
        "workout": ["user_id", "workout_id"],
        "night": ["user_id", "session_id"],
        "why": ["user_id", "day"],
        "source": ["user_id", "source_id"],
        "meal": ["user_id", "log_id"],
        "meal-item": ["user_id", "log_id", "item_id"],
    }
    wanted = names.get(route, ["user_id"] if route in OF_USER else [])
    known = ids | {"slug": "oura", "event_type": "workout.created"}
    return reverse(f"dashboard:{route}", args=[known[one] for one in wanted])


def test_each_page_shows_the_calls_that_do_the_same(alice: Developer, browser_of_alice: Client) -> None:
    ids, known = ids_of(alice), operations()
    missing: dict[str, list[str]] = defaultdict(list)
    for route, names in PAGES.items():
        answer: Any = browser_of_alice.get(address(route, ids))
        assert answer.status_code == 200, route
        calls = [(method, unescape(path).partition("?")[0]) for method, path in CALL.findall(answer.content.decode())]
        for name in names:
            method, path = known[name]
            pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
            if not any(called == method and pattern.fullmatch(of) for called, of in calls):
                missing[route].append(f"{method} {path}")
    assert dict(missing) == {}

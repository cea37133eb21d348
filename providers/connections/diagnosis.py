"""Diagnosis of a connection that brings nothing: checks, each with a code, plain words and a next step.

    {"checks": [{"name": "token", "status": "ok", "code": "token_fresh", "message": "…", "next_step": null}, …]}

status: ok, warning, problem or unknown. Nothing here asks the vendor, so a diagnosis costs no calls.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

from providers.connections import lifecycle, sync_checks, vendor_checks
from providers.connections.check import OK, PROBLEM, UNKNOWN, WARNING, Check, span
from providers.contract import AppRefused, CloudProvider, VendorRetired
from providers.models import Connection, ConnectionToken, SyncRun, VendorSubscription
from providers.runs import sync_runs
from providers.vendor_api import credentials
from providers.vendor_api.credentials import NotConfigured, VendorApp
from wearlink.lib import clock, tenancy

QUIET_AFTER: Final = timedelta(days=3)
WORST: Final = [OK, WARNING, PROBLEM]
MAX_NAMED: Final = 5
RECONNECT: Final = "Have the user connect again, by a new connect link or GET /providers/{slug}/authorize."
SUCCEED: Final = (
    "Have the user connect {name} instead, by a new connect link or GET /providers/{slug}/authorize; what the account "
    "was called before is recognised."
)
ENDED_FOR_GOOD: Final = frozenset({VendorRetired.reason, lifecycle.MOVED})
REASONS: Final = {
    "refresh_failed": "The provider refused to renew the access; the user may have withdrawn it there.",
    "token_rejected": "The provider does not accept the access any more.",
    "deregistration": "The user withdrew the access at the provider.",
    "user_disconnected": "The user disconnected the provider.",
    "api_disconnected": "The connection was ended by a call to the API.",
    "credentials_changed": "Another client id was entered for this provider.",
    "credentials_removed": "The credentials of this provider were removed.",
    "vendor_retired": "The vendor has ended this API for everybody; no new sign-in there can help.",
    "moved": "The user connected the provider that took this one's place, and the same account goes on there.",
    "scopes_missing": "The user did not allow anything that data could be read with.",
    "not_renewable": "The provider gave access for a few hours only, without the right to renew it.",
    "sync_failing": "Several syncs in a row failed.",
}


def diagnose(row: Connection) -> dict[str, Any]:
    """Return all checks, in the order in which they should be seen to; `status` is the worst of them."""
    provider = credentials.get_cloud(row.provider)
    try:
        app: VendorApp | None = credentials.app_of_connection(row)
    except NotConfigured:
        app = None
    found = list(_checks(row, provider, app))
    worst = next((status for status in (PROBLEM, WARNING) if any(one.status == status for one in found)), OK)
    return {"status": worst, "checks": found, "checked_at": clock.now()}


def _checks(row: Connection, provider: CloudProvider, app: VendorApp | None) -> Iterator[Check]:
    run = SyncRun.objects.filter(connection_key=row.pk).order_by("-key").first()
    yield _credentials(provider, app, run)
    yield _connection(row, provider)
    now = time.time()
    steps: tuple[Callable[[], Check], ...] = (
        lambda: _token(row, provider),
        lambda: _scopes(row, provider, app),
        lambda: vendor_checks.calls(provider, app, now),
        lambda: sync_checks.last_sync(row, provider, run),
        lambda: _last_event(row, provider),
        lambda: vendor_checks.signatures(row, provider),
        lambda: _subscription(row, provider),
        lambda: vendor_checks.quota(row, provider, app, now),
        lambda: _last_error(row),
    )
    for step in steps:
        yield step()


def _credentials(provider: CloudProvider, app: VendorApp | None, run: SyncRun | None) -> Check:
    if app is None:
        step = f"Enter the client id and secret again with PUT /providers/{provider.slug}/settings."
        return Check("credentials", PROBLEM, "not_configured", f"{provider.name} has no credentials here.", step)
    whose = "your own" if app.id else "the platform's"
    if run is not None and run.error_code == AppRefused.code:
        step = (
            f"Compare id and secret with {provider.name}'s developer screens and enter them again with "
            f"PUT /providers/{provider.slug}/settings. Users need not connect again."
            if app.id
            else "The operator of this installation must correct the platform's client id and secret."
        )
        message = f"{provider.name} does not accept {whose} client id and secret: {run.error}"
        return Check("credentials", PROBLEM, AppRefused.code, message, step)
    return Check("credentials", OK, "configured", f"Calls are made with {whose} credentials.")


def _connection(row: Connection, provider: CloudProvider) -> Check:
    if row.status == Connection.Status.ACTIVE:
        return Check("connection", OK, "active", "The connection is active.")
    message = REASONS.get(row.reason, "The connection has ended.")
    step: str | None = RECONNECT.format(slug=provider.slug)
    if row.reason in ENDED_FOR_GOOD and provider.successor:
        successor = credentials.get_cloud(provider.successor)
        step = SUCCEED.format(name=successor.name, slug=successor.slug) if row.reason != lifecycle.MOVED else None
    if row.reason == sync_runs.SYNC_FAILING:
        step = "See the last error below; syncs go on being tried."
    return Check("connection", PROBLEM, row.reason or row.status, message, step)


def _token(row: Connection, provider: CloudProvider) -> Check:
    token = ConnectionToken.objects.filter(pk=row.pk).first()
    if token is None:
        step = RECONNECT.format(slug=provider.slug)
        return Check("token", PROBLEM, "no_token", "There is no access token; it was destroyed with the end.", step)
    age = clock.now() - token.obtained_at
    if token.expires_at is not None and token.expires_at < clock.now():
        if token.refresh:
            return Check("token", OK, "token_due", "The access token has run out and is renewed with the next call.")
        step = RECONNECT.format(slug=provider.slug)
        return Check("token", PROBLEM, "token_expired", "The access token has run out and cannot be renewed.", step)
    return Check("token", OK, "token_fresh", f"The access token is {span(age)} old and valid.")


def _scopes(row: Connection, provider: CloudProvider, app: VendorApp | None) -> Check:
    needed = app.scopes if app else provider.oauth.scopes
    missing = [scope for scope in needed if scope not in row.scopes]
    if not missing:
        return Check("scopes", OK, "all_granted", "The user allowed everything that is asked for.")
    essential = provider.oauth.needs_any
    nothing = bool(essential) and set(essential).isdisjoint(row.scopes)
    message = f"The user did not allow: {', '.join(missing)}."
    step = f"What needs these is left out. {RECONNECT.format(slug=provider.slug)}"
    return Check("scopes", PROBLEM if nothing else WARNING, "scopes_missing", message, step)


def _last_event(row: Connection, provider: CloudProvider) -> Check:
    if not provider.capabilities.push:
        return Check("last_event", OK, "no_push", f"{provider.name} sends no events; its data are pulled.")
    since = row.last_event_at or row.connected_at
    quiet = clock.now() - since > QUIET_AFTER
    if row.last_event_at is None:
        step = "Look at the subscription, and whether the user wears the device." if quiet else None
        return Check("last_event", WARNING if quiet else UNKNOWN, "no_event", "No event came yet.", step)
    message = f"The last event came {span(clock.now() - since)} ago."
    step = "Ask whether the device was worn and synced with its app." if quiet else None
    return Check("last_event", WARNING if quiet else OK, "quiet" if quiet else "events_come", message, step)


def _subscription(row: Connection, provider: CloudProvider) -> Check:
    if not provider.topics:
        if provider.capabilities.push:
            message = f"Webhooks of {provider.name} are set up on its developer screens; we cannot see them."
            step = f"Compare the address there: {{BASE_URL}}/v1/webhooks/{provider.slug}"
            return Check("subscription", UNKNOWN, "set_up_by_hand", message, step)
        return Check("subscription", OK, "none_needed", "There is nothing to subscribe to.")
    with tenancy.platform():  # the platform's app has them for all organizations
        rows = list(VendorSubscription.objects.filter(provider=provider.slug, app_id=row.app_id))
    failed = [one for one in rows if one.state == VendorSubscription.State.FAILED]
    if failed:
        return Check("subscription", PROBLEM, "subscription_failed", f"{failed[0].topic}: {failed[0].error}",
                     "It is tried again by itself; the address of this installation must be reachable.")  # fmt: skip
    missing = set(provider.topics) - {one.topic for one in rows}
    if missing:
        return Check("subscription", WARNING, "not_subscribed", f"Not subscribed yet: {_some(missing)}.",
                     "Subscriptions are made within some minutes after credentials are entered.")  # fmt: skip
    return Check("subscription", OK, "subscribed", f"Subscribed to {len(rows)} kinds of events.")


def _some(names: set[str]) -> str:
    """Return a few of them by name."""
    shown = sorted(names)[:MAX_NAMED]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _last_error(row: Connection) -> Check:
    if not row.last_error or row.last_error_at is None:
        return Check("last_error", OK, "no_error", "Nothing went wrong.")
    recent = row.last_sync_at is None or row.last_error_at >= row.last_sync_at
    message = f"{span(clock.now() - row.last_error_at)} ago: {row.last_error}"
    return Check("last_error", WARNING if recent else OK, "error_recent" if recent else "error_past", message)

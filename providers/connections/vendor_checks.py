"""Checks of a diagnosis that look at the vendor: whether it takes calls, and whether its pushes can be believed."""

from datetime import timedelta
from typing import Final

import redis

from providers.connections.check import OK, PROBLEM, UNKNOWN, WARNING, Check, span
from providers.contract import CloudProvider
from providers.models import Connection, IgnoredEvent
from providers.vendor_api import circuit_breaker
from providers.vendor_api.credentials import VendorApp
from providers.vendor_api.rate_limits import RateLimiter
from wearlink.lib import clock, tenancy

LOW_SHARE: Final = 0.1
SIGNATURES_OF: Final = timedelta(days=1)


def calls(provider: CloudProvider, app: VendorApp | None, now: float) -> Check:
    """Return whether calls pause since the vendor failed again and again."""
    until = circuit_breaker.open_until(f"{provider.slug}:{app.name}") if app else 0.0
    if until > now:
        message = f"{provider.name} failed several times in a row, so calls pause until {_at(until)}."
        step = f"Nothing on your side: calls begin again by themselves. See {provider.name}'s status page if it lasts."
        return Check("calls", PROBLEM, "circuit_open", message, step)
    return Check("calls", OK, "calls_made", f"Calls to {provider.name} are made.")


def quota(row: Connection, provider: CloudProvider, app: VendorApp | None, now: float) -> Check:
    """Return what is left of the vendor's limits, and until when it wants no calls."""
    limiter = RateLimiter(provider.slug, app.name) if app else None
    until = _closed_until(limiter, row.account)
    if until > now:
        message = f"{provider.name} answered that its limit is used up (429)."
        return Check("quota", WARNING, "vendor_limit", message, f"Syncs wait until {_at(until)} and then go on.")
    quotas = limiter.current_quotas(row.account) if limiter else []
    if not quotas:
        return Check("quota", UNKNOWN, "quota_unknown", f"{provider.name} has reported no limits lately.")
    tightest = min(quotas, key=lambda one: one.remaining / max(one.limit, 1))
    message = f"{tightest.remaining} of {tightest.limit} calls are left ({tightest.name})."
    if tightest.remaining > tightest.limit * LOW_SHARE:
        return Check("quota", OK, "quota_left", message)
    step = f"Syncs wait until {_at(tightest.resets_at)}, when the limit is reset."
    return Check("quota", WARNING, "quota_low", message, step)


def signatures(row: Connection, provider: CloudProvider) -> Check:
    """Return whether calls came lately whose signature our secret does not make: its own, or a stranger's."""
    if not provider.capabilities.push:
        return Check("signatures", OK, "no_push", f"{provider.name} sends no events.")
    address = str(row.app_id or "")
    with tenancy.platform():  # they are counted by address, before anybody knows whom they are about
        found = IgnoredEvent.objects.filter(
            provider=provider.slug,
            reason=IgnoredEvent.Reason.BAD_SIGNATURE,
            kind=address,
            last_at__gt=clock.now() - SIGNATURES_OF,
        ).first()
    if found is None:
        return Check("signatures", OK, "signatures_fit", "No call with a wrong signature came in the last day.")
    ago = span(clock.now() - found.last_at)
    message = f"Calls with a wrong signature come to your address at us: {found.count} so far, the last {ago} ago."
    step = (
        f"Compare the secret on {provider.name}'s developer screens with the one entered here; where both are "
        "the same, somebody else sends these, and they do no harm."
    )
    return Check("signatures", WARNING, "signatures_wrong", message, step)


def _closed_until(limiter: RateLimiter | None, account: str) -> float:
    try:
        return limiter.closed_until(account) if limiter else 0.0
    except redis.RedisError:
        return 0.0


def _at(moment: float) -> str:
    return clock.rfc3339(int(moment) * 1000)

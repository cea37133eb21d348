"""Calls of the API, from the rate limits' count in Valkey to the day's counters, once a minute.

A crash between the two may count a minute twice; calls are shown, not billed.
"""

from collections import Counter
from uuid import UUID

from accounts import usage
from accounts.models import ApiKey, Organization
from wearlink.lib.valkey import ratelimit


def collect() -> int:
    """Add what was counted since the last time to each organization's day; returns how many calls."""
    counted = ratelimit.drain()
    totals = _by_organization(counted)
    for organization_id, number in sorted(totals.items()):
        usage.add(organization_id, {usage.API_CALLS: number})
    ratelimit.drained()
    return totals.total()


def _by_organization(counted: dict[str, int]) -> Counter[UUID]:
    """Buckets are named for keys, or for whole organizations."""
    keys = {bucket.removeprefix("key:"): n for bucket, n in counted.items() if bucket.startswith("key:")}
    owners = dict(ApiKey.objects.filter(public_id__in=keys).values_list("public_id", "organization_id"))
    totals: Counter[UUID] = Counter()
    for public_id, number in keys.items():
        if public_id in owners:
            totals[owners[public_id]] += number
    named = {
        UUID(bucket.removeprefix("organization:")): n
        for bucket, n in counted.items()
        if bucket.startswith("organization:")
    }
    for organization_id in Organization.objects.filter(pk__in=named).values_list("pk", flat=True):
        totals[organization_id] += named[organization_id]
    return totals

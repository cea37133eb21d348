"""Fitbit's subscriptions: one an end user and collection, made with the end user's own token."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from providers.adapters.fitbit.collections import REVOKED, SUBSCRIBED
from providers.contract import PartialFailure, VendorClient

LIST: Final = "/1/user/-/apiSubscriptions.json"


def ensure(client: VendorClient) -> Iterator[PartialFailure]:
    """Make those that are not there, of the collections whose scope was given. Raises VendorError."""
    found: Any = client.get(LIST)
    rows = found.get("apiSubscriptions") if isinstance(found, dict) else None
    own = subscription_id(client.account)
    held = {
        row.get("collectionType")
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and row.get("subscriptionId") == own
    }
    given = client.grant.scopes
    for collection, scope in SUBSCRIBED.items():
        if collection not in held and (collection == REVOKED or not given or scope in given):
            client.request("POST", f"/1/user/-/{collection}/apiSubscriptions/{quote(own, safe='')}.json")
    yield from ()


def subscription_id(account: str) -> str:
    """Return an id of at most 50 characters, the same for all end users of ours on one account."""
    return f"wearlink-{account}"[:50]

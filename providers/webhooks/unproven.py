"""Pushes that nothing proves: what of them is worth a call to the vendor.

Anybody may send them, and each costs a call of a limit that all organizations share. So such a vendor is given an
address that nobody else knows, a push must name the subscription that we hold, and one account is looked into only so
often.
"""

import hmac
import logging
from collections.abc import Sequence
from typing import Final

from redis import RedisError

from providers.contract import CloudProvider, Notification
from providers.models import VendorSubscription
from providers.vendor_api.credentials import VendorApp
from wearlink.lib.valkey.cache import count_up

HOUR: Final = 3600
logger = logging.getLogger(__name__)


def believable(provider: CloudProvider, senders: Sequence[VendorApp], secret: str) -> list[VendorApp]:
    """Return the apps that a push without proof may speak for.

    secret: what the address ended with. Without it, not those whose vendor was given an address that has it, which
    the subscription that we hold tells.
    """
    if not provider.secret_address or not senders:
        return list(senders)
    held = VendorSubscription.objects.filter(provider=provider.slug, state=VendorSubscription.State.ACTIVE)
    callbacks = {row.app_id: row.callback_url for row in held}
    return [
        app
        for app in senders
        if callbacks.get(app.id, "") != app.webhook_url
        or hmac.compare_digest(secret.encode(), app.credentials.verification_token.encode())
    ]


def worth_a_look(
    provider: CloudProvider, senders: Sequence[VendorApp], notifications: Sequence[Notification]
) -> list[Notification]:
    """Return those that name a subscription of the senders', as long as there are not too many of one account."""
    ids = {app.id for app in senders}
    rows = VendorSubscription.objects.filter(provider=provider.slug).exclude(vendor_id="")
    held = {row.vendor_id for row in rows if row.app_id in ids}
    named = [one for one in notifications if not held or not one.subscription or one.subscription in held]
    return [one for one in named if one.body is not None or _has_room(provider, one.account)]


def _has_room(provider: CloudProvider, account: str) -> bool:
    """Count one; without the cache nothing is bounded."""
    key = f"unproven:{provider.slug}:{account[:100]}"
    try:
        return count_up(key, HOUR) <= provider.unproven_per_hour
    except ValueError:  # it ended between the two calls
        return True
    except RedisError as error:
        logger.warning("Unproven pushes are not counted: %s", type(error).__name__)
        return True

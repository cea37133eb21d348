"""Subscriptions of apps at vendors that offer them by API: made, prolonged, and seen to be there.

A row a topic says what the vendor holds. Making one is followed by the vendor's handshake while our call still runs,
so this must not happen in the only process that answers requests: beat's task does it, never a view.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from providers.contract import BadAnswer, TopicSubscription, VendorError, VendorNotFound
from providers.models import ProviderApp, VendorSubscription
from providers.vendor_api import credentials
from providers.vendor_api.client import AppCaller
from providers.vendor_api.credentials import VendorApp
from providers.vendor_api.rate_limits import RESERVE
from wearlink.lib import clock

logger = logging.getLogger(__name__)
CHECK_EVERY: Final = timedelta(hours=6)
FIRST_RETRY: Final = timedelta(minutes=5)
State = VendorSubscription.State


def maintain_all() -> int:
    """See to every app at every vendor that has topics; returns how many subscriptions were made or prolonged."""
    return sum(maintain(app) for app in _apps())


def maintain(app: VendorApp) -> int:
    """See to one app's topics that are due."""
    rows = {row.topic: row for row in VendorSubscription.objects.filter(provider=app.provider.slug, app_id=app.id)}
    due = [topic for topic in app.provider.topics if topic not in rows or _is_due(rows[topic], app)]
    if not due:
        return 0
    client = AppCaller(credentials.with_signing_secret(app), reserve=RESERVE)
    try:
        held = {one.topic: one for one in app.provider.subscriptions(client)}
    except VendorError as error:
        for topic in due:
            _record(app, topic, rows.get(topic), str(error))
        return 0
    return sum(_maintain_topic(app, client, topic, rows.get(topic), held) for topic in due)


def _maintain_topic(
    app: VendorApp, client: AppCaller, topic: str, row: VendorSubscription | None, held: Mapping[str, TopicSubscription]
) -> bool:
    """Make, prolong or only look at one; True if the vendor was asked to change something."""
    known = held.get(topic)
    ours = known is not None and known.callback_url in ("", app.webhook_url)
    try:
        if known is not None and not ours:
            app.provider.unsubscribe(client, known)
            known = None
        if known is not None and not _ends_soon(known, app):
            _record(app, topic, row, "", known)
            return False
        _record(app, topic, row, "", _subscribe(app, client, topic, known))
        return True
    except VendorError as error:
        logger.warning("The subscription of %s to %s failed: %s", app.provider.slug, topic, error)
        _record(app, topic, row, str(error))
        return False


def _subscribe(app: VendorApp, client: AppCaller, topic: str, known: TopicSubscription | None) -> TopicSubscription:
    if known is not None:
        try:
            return app.provider.renew(client, known, app.webhook_url)
        except (VendorNotFound, BadAnswer):
            logger.info("A subscription of %s could not be renewed and is created again", app.provider.slug)
    return app.provider.subscribe(client, topic, app.webhook_url)


def _record(
    app: VendorApp, topic: str, row: VendorSubscription | None, error: str, found: TopicSubscription | None = None
) -> None:
    """Store its state; after an error it is tried again, each time later."""
    now = clock.now()
    failures = (row.failures if row else 0) + 1 if error else 0
    wait = min(FIRST_RETRY * 2 ** (failures - 1), CHECK_EVERY) if error else CHECK_EVERY
    values = {
        "state": State.FAILED if error else State.ACTIVE,
        "error": error[:500],
        "failures": failures,
        "checked_at": now,
        "next_check_at": now + wait,
    }
    if found is not None:
        ends = None if found.expires_at is None else clock.from_ms(found.expires_at)
        values |= {"vendor_id": found.id, "callback_url": app.webhook_url, "expires_at": ends}
        if found.signing_secret:
            values["signing_secret"] = found.signing_secret
    VendorSubscription.objects.update_or_create(
        provider=app.provider.slug, app_id=app.id, topic=topic, defaults=values
    )  # fmt: skip


def _is_due(row: VendorSubscription, app: VendorApp) -> bool:
    return row.next_check_at <= clock.now() or (row.state == State.ACTIVE and row.callback_url != app.webhook_url)


def _ends_soon(found: TopicSubscription, app: VendorApp) -> bool:
    if found.expires_at is None:
        return False
    left = clock.from_ms(found.expires_at) - clock.now()
    return left < timedelta(days=app.provider.renew_before_days)


def _apps() -> Iterator[VendorApp]:
    for provider in credentials.all_clouds():
        if provider.topics:
            platform = credentials.platform_app(provider)
            if platform is not None:
                yield platform
            for row in ProviderApp.objects.filter(provider=provider.slug):
                yield credentials.organization_app(provider, row)

"""Vendors' notifications that still need their documents: payloads in state "announced".

They are resolved under the lease of their connection.

They are stored before the vendor is answered (providers.webhooks.receive). A document that is not there yet is asked
for again after 1, 5 and 30 minutes; then the days around it are fetched, which finds whatever there is.
"""

import logging
import random
import time
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from providers.connections import lifecycle
from providers.contract import (
    AnomalousPayload,
    Deleted,
    GrantLost,
    Notification,
    NotReady,
    RateLimited,
    VendorError,
    VendorNotFound,
    VendorUnavailable,
    Window,
)
from providers.models import Connection, Payload
from providers.payloads import bodies
from providers.pull import documents
from providers.pull.connection_lease import ConnectionLease
from providers.vendor_api.rate_limits import UNPROVEN_RESERVE
from wearlink.lib import clock
from wearlink.lib.errors import NotAvailable, NotFound, TooManyRequests, Unavailable
from wearlink.lib.work.leases import LeaseLost

logger = logging.getLogger(__name__)
UNPROVEN_ATTEMPTS: Final = 1  # repetitions of what anybody may have sent
RETRY_DELAYS: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
ATTEMPTS: Final = 8
OUTAGE_DELAY: Final = timedelta(seconds=20)
BATCH_SIZE: Final = 200
ANNOUNCED: Final = Payload.State.ANNOUNCED


def has_due(connection_key: int) -> bool:
    """Return whether a connection has notifications to be resolved."""
    row = Connection.objects.filter(pk=connection_key).only("user_key", "provider").first()
    return row is not None and _due(row).exists()


def connections_waiting(limit: int, *, grace: float = 10) -> list[tuple[int, UUID]]:
    """Return connections, and their organizations, with notifications that have been due for `grace` seconds and that
    nobody is at work on.
    """
    due = Payload.objects.filter(state=ANNOUNCED, due_at__lte=Now() - timedelta(seconds=grace))
    found = due.values_list("user_key", "provider").distinct()[:limit]
    keys = {user_key for user_key, _ in found if user_key is not None}
    rows = Connection.objects.live().free().filter(user_key__in=keys)
    wanted = set(found)
    return [
        (pk, organization_id)
        for pk, organization_id, user_key, provider in rows.values_list("pk", "organization_id", "user_key", "provider")
        if (user_key, provider) in wanted
    ]


def resolve_all(lease: ConnectionLease) -> None:
    """Resolve what is due, in the order of receipt. Of several notifications of one object only the last counts; but
    where a vendor does not say when, a deletion may have overtaken the news that came after it, and is done as well:
    what still exists is fetched again by the other one.
    """
    rows = list(_due(lease.connection).order_by("id")[:BATCH_SIZE])
    notifications = [
        (row, msgspec.json.decode(bodies.unpack(bytes(row.body or b"")), type=Notification)) for row in rows
    ]
    last: dict[tuple[str, str], tuple[int, int]] = {}
    for row, notification in notifications:
        if notification.object_id:
            name = (notification.kind, notification.object_id)
            last[name] = max(last.get(name, (0, 0)), (notification.at, row.pk))
    for row, notification in notifications:
        lease.renew()
        undated_end = notification.deleted and not notification.at
        is_last = last.get((notification.kind, notification.object_id)) in (None, (notification.at, row.pk))
        if not is_last and not undated_end:
            _mark_done(row)
        else:
            _resolve(lease, row, notification)


def _resolve(lease: ConnectionLease, row: Payload, notification: Notification) -> None:
    """Fetch what one notification is about; the result is written to its row."""
    try:
        _fetch(lease, row, notification)
    except GrantLost as error:
        if notification.deauthorised:
            lifecycle.revoke(lease.connection.pk, reason="deregistration")
        else:
            lifecycle.expire(lease.connection.pk, reason=error.reason)
        raise LeaseLost from None
    except (VendorNotFound, NotReady) as error:
        if not notification.trusted and row.attempts >= UNPROVEN_ATTEMPTS:
            _mark_dead(row, str(error))
            return
        _postpone(row, RETRY_DELAYS[min(row.attempts, len(RETRY_DELAYS) - 1)], str(error))
    except RateLimited as error:
        _postpone(row, timedelta(seconds=max(error.until - time.time(), 1)), str(error), forgive=True)
    except (TooManyRequests, Unavailable):
        _postpone(row, OUTAGE_DELAY, "A part of the service did not answer.", forgive=True)
    except VendorUnavailable as error:
        _postpone(row, timedelta(seconds=30 * 2**row.attempts), str(error))
    except (VendorError, AnomalousPayload, NotAvailable, NotFound) as error:
        _mark_dead(row, str(error))
    except Exception as error:  # whatever it was, the row says so and the task fails with it
        _mark_dead(row, f"The notification could not be resolved ({type(error).__name__}).")
        raise
    else:
        _mark_done(row)


def _fetch(lease: ConnectionLease, row: Payload, notification: Notification) -> None:
    if notification.deleted and notification.trusted:
        documents.store_documents(
            lease, [Deleted(external_id) for external_id in lease.provider.deleted_ids(notification)]
        )
        return
    reserve = 0.0 if notification.trusted else UNPROVEN_RESERVE
    client, provider = lease.client(reserve=reserve), lease.provider
    if row.attempts >= len(RETRY_DELAYS) and provider.capabilities.pull and notification.object_id:
        found = provider.fetch(client, _days_around(notification, row.received_at))
    else:
        found = provider.resolve(client, notification)  # type: ignore[assignment]
    for problem in documents.store_documents(lease, found):
        lifecycle.record_error(lease.connection.pk, f"{problem['kind']}: {problem['detail'] or problem['code']}")


def _days_around(notification: Notification, received: datetime) -> Window:
    """Return the days a notification is about, as far as it tells."""
    day: date = notification.start or (clock.from_ms(notification.at) if notification.at else received).date()
    return Window(day, notification.end or day).widened(before=1, after=1)


def _due(connection: Connection) -> QuerySet[Payload]:
    return Payload.objects.filter(
        user_key=connection.user_key, provider=connection.provider, state=ANNOUNCED, due_at__lte=Now()
    )


def _mark_done(row: Payload) -> None:
    Payload.objects.filter(pk=row.pk, state=ANNOUNCED).update(state=Payload.State.DONE, done_at=clock.now(), error="")


def _mark_dead(row: Payload, error: str) -> None:
    logger.warning("A notification of %s was given up: %s", row.provider, error)
    changes = {"state": Payload.State.DEAD, "done_at": clock.now(), "error": error[:500]}
    Payload.objects.filter(pk=row.pk, state=ANNOUNCED).update(**changes)


def _postpone(row: Payload, wait: timedelta, error: str, *, forgive: bool = False) -> None:
    if row.attempts >= ATTEMPTS:
        _mark_dead(row, error)
        return
    Payload.objects.filter(pk=row.pk, state=ANNOUNCED).update(
        attempts=F("attempts") + (0 if forgive else 1), due_at=Now() + wait * random.uniform(1, 1.1), error=error
    )

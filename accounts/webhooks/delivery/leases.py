"""Taking due deliveries: fairly among endpoints, so that no backlog and no silent endpoint delays the others.

Each endpoint has a number of calls that may run at a time, over all workers; one that did not answer last time has
one. Among the rest, the first waiting delivery of every endpoint comes before the second of any. A lease is a token in
the row and the time it ends, by the database's clock: who dies keeps nothing, whose own clock is wrong steals nothing.
"""

import logging
import time
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from accounts.webhooks import events
from accounts.webhooks.contract import Job
from accounts.webhooks.models import SERVICE, Delivery, Endpoint, Message, Secret
from wearlink.lib import clock
from wearlink.lib.crypto import Undecipherable

logger = logging.getLogger(__name__)
LEASE: Final = 30.0  # seconds: twice the deadline of a call
AT_A_TIME: Final = 8  # calls to one endpoint
AT_A_TIME_SERVICE: Final = 64  # hand-overs to Svix
MAX_CRASHES: Final = 16  # a delivery that was taken this often without an outcome kills its workers
_LOCK: Final = 0x77656268  # our corner of PostgreSQL's advisory locks

# `busy` hops from endpoint to endpoint along the index of pending deliveries, however many each of them has.
_TAKE: Final = """
    WITH RECURSIVE busy(endpoint_key) AS (
        (SELECT endpoint_key FROM webhooks_delivery WHERE state = 0 ORDER BY endpoint_key LIMIT 1)
        UNION ALL
        SELECT (SELECT d.endpoint_key FROM webhooks_delivery d
                WHERE d.state = 0 AND d.endpoint_key > busy.endpoint_key ORDER BY d.endpoint_key LIMIT 1)
        FROM busy WHERE busy.endpoint_key IS NOT NULL
    ),
    room AS (
        SELECT busy.endpoint_key,
               CASE WHEN busy.endpoint_key = 0 THEN %(service)s WHEN e.slow THEN 1 ELSE %(each)s END
               - (SELECT count(*) FROM webhooks_delivery h
                  WHERE h.endpoint_key = busy.endpoint_key AND h.lease IS NOT NULL
                    AND h.next_at > statement_timestamp()) AS free
        FROM busy LEFT JOIN webhooks_endpoint e ON e.key = busy.endpoint_key
        WHERE busy.endpoint_key IS NOT NULL
    ),
    chosen AS (
        SELECT d.key FROM room CROSS JOIN LATERAL (
            SELECT w.key, w.next_at, row_number() OVER (ORDER BY w.next_at, w.key) AS place
            FROM (SELECT key, next_at FROM webhooks_delivery
                  WHERE state = 0 AND endpoint_key = room.endpoint_key AND next_at <= statement_timestamp()
                  ORDER BY next_at, key LIMIT greatest(room.free, 0)) w
        ) d
        ORDER BY d.place, d.next_at LIMIT %(limit)s
    )
    UPDATE webhooks_delivery SET lease = %(lease)s, leases = leases + 1,
           next_at = statement_timestamp() + %(seconds)s * interval '1 second'
    WHERE key IN (SELECT key FROM webhooks_delivery WHERE key IN (SELECT key FROM chosen) AND state = 0
                  FOR UPDATE SKIP LOCKED)
    RETURNING key, message_key, endpoint_key, attempts, leases, trigger, created_at
"""


def take(limit: int) -> list[Job]:
    """Lease at most that many due deliveries. What has become pointless (a disabled endpoint) is dropped instead."""
    until, lease = time.monotonic() + LEASE, uuid.uuid4()
    values: dict[str, Any] = {
        "limit": limit,
        "seconds": LEASE,
        "lease": lease,
        "each": AT_A_TIME,
        "service": AT_A_TIME_SERVICE,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])  # else two workers choose the same rows
        cursor.execute(_TAKE, values)
        rows = cursor.fetchall()
    return _jobs(lease, rows, until) if rows else []


def _jobs(lease: uuid.UUID, rows: Sequence[tuple[int, int, int, int, int, int, datetime]], until: float) -> list[Job]:
    messages = Message.objects.in_bulk({row[1] for row in rows})
    endpoints = Endpoint.objects.in_bulk({row[2] for row in rows} - {SERVICE})
    secrets = _secrets(set(endpoints), clock.now())
    bodies = {key: _body(message) for key, message in messages.items()}
    pointless: list[int] = []
    jobs = []
    for key, message_key, endpoint_key, attempts, leases, trigger, created_at in rows:
        endpoint = endpoints.get(endpoint_key)
        wanted = endpoint_key == SERVICE or (endpoint is not None and _takes(endpoint, trigger))
        if message_key not in messages or not wanted or leases - attempts > MAX_CRASHES:
            pointless.append(key)
            continue
        jobs.append(
            Job(key, lease, until, attempts, leases, trigger, created_at, messages[message_key],
                bodies[message_key], endpoint, tuple(secrets.get(endpoint_key, ())))
        )  # fmt: skip
    drop(pointless)
    return jobs


def _takes(endpoint: Endpoint, trigger: int) -> bool:
    """Whether the endpoint still gets this: a resend or test goes to a paused one too."""
    return endpoint.is_active or (trigger == Delivery.Trigger.MANUAL and endpoint.deleted_at is None)


def _body(message: Message) -> bytes:
    """The bytes to send; those made of a deferred_body are kept, so that every attempt sends the same."""
    body = events.body_of(message)
    if message.body is None:
        fresh = Message.objects.filter(pk=message.pk, body__isnull=True)
        if not fresh.update(body=body, deferred_body=None):
            return bytes(Message.objects.values_list("body", flat=True).get(pk=message.pk) or b"")
    return body


def _secrets(endpoint_keys: set[int], now: datetime) -> dict[int, list[str]]:
    """The secrets that still sign, the newest first."""
    found: dict[int, list[str]] = {}
    for row in Secret.objects.filter(endpoint_id__in=endpoint_keys):
        if row.expires_at is None or row.expires_at > now:
            try:
                found.setdefault(row.endpoint_id, []).append(row.secret)
            except Undecipherable:  # one endpoint's trouble, not everybody's
                logger.error("The secret of endpoint %s cannot be decrypted", row.endpoint_id)
    return found


def drop(keys: Sequence[int]) -> None:
    """End deliveries without an outcome."""
    if keys:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE webhooks_delivery SET state = 3, lease = NULL WHERE key = ANY(%s)", [list(keys)])


def any_due() -> bool:
    """Whether a delivery waits that could be taken, as far as a glance tells."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM webhooks_delivery WHERE state = 0 AND next_at <= statement_timestamp())"
        )
        return bool(cursor.fetchone()[0])

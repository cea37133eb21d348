"""Leasing due deliveries, fairly: organizations before endpoints, endpoints before messages.

The first waiting delivery of every organization comes before the second of any, and within an organization the first
of every endpoint before the second of any. Of an endpoint so many may be held at a time, by all workers; of one that
was silent last time, or has never answered, one, which waits in the slow lane. Times are the database's.

A delivery that was leased again and again without an outcome may be what ends its workers. It is a suspect then, and
is leased alone, so that what happens next can be blamed on nobody else.
"""

import logging
import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.webhooks import events
from accounts.webhooks.contract import DeliveryLane, Job
from accounts.webhooks.models import SERVICE, Delivery, Endpoint, Message, Secret
from wearlink.lib import clock
from wearlink.lib.postgres import prepared
from wearlink.lib.security.crypto import Undecipherable

logger = logging.getLogger(__name__)
LEASE_SECONDS: Final = 10.0  # renewed for as long as their holder lives: who dies holds others up no longer than this
SUSPECT_SECONDS: Final = 30.0  # of a suspect, which nobody renews: twice the deadline of a call
MAX_HELD: Final = 32  # of one endpoint, by all workers
MAX_SERVICE_CALLS: Final = 64  # hand-overs to Svix at a time
MAX_CRASHES: Final = 5  # of a suspect, alone
_LOCK: Final = 0x77656268  # our corner of PostgreSQL's advisory locks

# `busy` hops from endpoint to endpoint along the index of pending deliveries, however many each of them has. `room` is
# how many more calls each may have; `turn` is a delivery's place within its organization.
# Written out: `make bench`, webhook deliveries/s, 8 endpoints, 1 worker.
_LEASE: Final = """
    WITH RECURSIVE busy(endpoint_key) AS (
        (SELECT endpoint_key FROM webhooks_delivery WHERE state = 0 ORDER BY endpoint_key LIMIT 1)
        UNION ALL
        SELECT (SELECT d.endpoint_key FROM webhooks_delivery d
                WHERE d.state = 0 AND d.endpoint_key > busy.endpoint_key ORDER BY d.endpoint_key LIMIT 1)
        FROM busy WHERE busy.endpoint_key IS NOT NULL
    ),
    open AS (
        SELECT busy.endpoint_key, e.organization_id, e.rate_limit,
               coalesce(e.slow OR e.proven_at IS NULL, false) AS slow
        FROM busy LEFT JOIN webhooks_endpoint e ON e.key = busy.endpoint_key
        WHERE busy.endpoint_key IS NOT NULL AND NOT coalesce(e.listener, false)
          AND coalesce(e.next_call_at <= statement_timestamp(), true)
    ),
    room AS (
        SELECT endpoint_key, organization_id, slow,
               least(CASE WHEN endpoint_key = 0 THEN %(service)s WHEN slow THEN 1 ELSE %(each)s END
                     - (SELECT count(*) FROM webhooks_delivery h
                        WHERE h.endpoint_key = open.endpoint_key AND h.lease IS NOT NULL
                          AND h.locked_until > statement_timestamp()),
                     CASE WHEN rate_limit IS NULL THEN %(service)s ELSE greatest(rate_limit / 10, 1) END) AS free
        FROM open
        WHERE endpoint_key <> ALL(%(late)s::bigint[])
          AND (%(only)s::bigint[] IS NULL OR endpoint_key = ANY(%(only)s::bigint[]))
          AND NOT coalesce(organization_id = ANY((CASE WHEN slow THEN %(slow_full)s ELSE %(fast_full)s END)::uuid[]),
                           false)
    ),
    waiting AS (
        SELECT d.key, d.due_at, room.slow,
               row_number() OVER (PARTITION BY room.organization_id, room.slow ORDER BY d.place, d.due_at) AS turn
        FROM room CROSS JOIN LATERAL (
            SELECT w.key, w.due_at, row_number() OVER (ORDER BY w.due_at, w.key) AS place
            FROM (SELECT key, due_at FROM webhooks_delivery
                  WHERE state = 0 AND endpoint_key = room.endpoint_key AND due_at <= statement_timestamp()
                    AND leases - attempts <= %(suspect)s
                  ORDER BY due_at, key LIMIT greatest(room.free, 0)) w
        ) d
    ),
    chosen AS (
        SELECT key FROM (SELECT key, slow, row_number() OVER (PARTITION BY slow ORDER BY turn, due_at) AS place
                         FROM waiting) ranked
        WHERE place <= CASE WHEN slow THEN %(slow)s ELSE %(fast)s END
    )
    UPDATE webhooks_delivery SET lease = %(lease)s, leases = leases + 1,
           locked_until = statement_timestamp() + %(seconds)s * interval '1 second',
           due_at = statement_timestamp() + %(seconds)s * interval '1 second'
    WHERE key IN (SELECT key FROM webhooks_delivery WHERE key IN (SELECT key FROM chosen) AND state = 0
                  FOR UPDATE SKIP LOCKED)
    RETURNING key, message_key, endpoint_key, attempts, leases, trigger, created_at
"""
_LEASE_SUSPECT: Final = """
    UPDATE webhooks_delivery SET lease = %(lease)s, leases = leases + 1,
           locked_until = statement_timestamp() + %(seconds)s * interval '1 second',
           due_at = statement_timestamp() + %(seconds)s * interval '1 second'
    WHERE key IN (SELECT key FROM webhooks_delivery
                  WHERE state = 0 AND leases > attempts + 3 AND due_at <= statement_timestamp()
                  ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING key, message_key, endpoint_key, attempts, leases, trigger, created_at
"""
_RENEW: Final = """
    UPDATE webhooks_delivery d
    SET locked_until = statement_timestamp() + %(seconds)s * interval '1 second',
        due_at = statement_timestamp() + %(seconds)s * interval '1 second'
    FROM unnest(%(keys)s::bigint[], %(leases)s::uuid[]) AS held(key, lease)
    WHERE d.key = held.key AND d.lease = held.lease AND d.state = 0
    RETURNING d.key
"""
_ANY_DUE: Final = """
    SELECT EXISTS (SELECT FROM webhooks_delivery
                   WHERE state = 0 AND endpoint_key = 0 AND due_at <= statement_timestamp())
        OR EXISTS (SELECT FROM webhooks_endpoint e
                   WHERE NOT e.listener AND coalesce(e.next_call_at <= statement_timestamp(), true)
                     AND EXISTS (SELECT FROM webhooks_delivery d
                                 WHERE d.state = 0 AND d.endpoint_key = e.key AND d.due_at <= statement_timestamp()))
"""


@dataclass(frozen=True, slots=True)
class Room:
    """The deliveries that a dispatcher can take for each lane.

    fast_full, slow_full: organizations that have enough calls in that lane; late: endpoints whose calls are late;
    only: the only endpoints to take from.
    """

    fast: int
    slow: int = 0
    fast_full: Collection[uuid.UUID] = ()
    slow_full: Collection[uuid.UUID] = ()
    late: Collection[int] = ()
    only: Collection[int] | None = None


@dataclass(slots=True)
class _Leased:
    """Rows as the statements return them."""

    lease: uuid.UUID
    until: float
    rows: Sequence[tuple[int, int, int, int, int, int, datetime]] = field(default_factory=list)


def take(room: Room) -> list[Job]:
    """Lease due deliveries; those that have become pointless (a disabled endpoint) are dropped instead."""
    return _jobs(_lease(_LEASE, LEASE_SECONDS, {
        "fast": room.fast, "slow": room.slow,
        "fast_full": list(room.fast_full), "slow_full": list(room.slow_full),
        "late": list(room.late), "only": None if room.only is None else list(room.only),
        "each": MAX_HELD, "service": MAX_SERVICE_CALLS, "suspect": Delivery.SUSPECT_AFTER,
    }))  # fmt: skip


def take_suspect() -> Job | None:
    """Lease a delivery that may have ended its workers. The caller makes no other call until it is done."""
    jobs = _jobs(_lease(_LEASE_SUSPECT, SUSPECT_SECONDS, {}))
    return jobs[0] if jobs else None


def _lease(statement: str, seconds: float, values: Mapping[str, Any]) -> _Leased:
    leased = _Leased(uuid.uuid4(), time.monotonic() + seconds)
    with transaction.atomic(), prepared() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s::int, 0)", [_LOCK])  # else two workers choose the same rows
        cursor.execute(statement, {"lease": leased.lease, "seconds": seconds, **values})
        leased.rows = cursor.fetchall()
        _spend_rates([row[2] for row in leased.rows])
    return leased


def _spend_rates(endpoint_keys: Sequence[int]) -> None:
    """Endpoints with a rate wait for as long as the calls just taken last at that rate."""
    if not endpoint_keys:
        return
    for endpoint in Endpoint.objects.filter(pk__in=set(endpoint_keys), rate_limit__isnull=False):
        seconds = endpoint_keys.count(endpoint.key) / (endpoint.rate_limit or 1)
        Endpoint.objects.filter(pk=endpoint.key).update(next_call_at=Now() + timedelta(seconds=seconds))


def _jobs(leased: _Leased) -> list[Job]:
    rows = leased.rows
    if not rows:
        return []
    messages = Message.objects.in_bulk({row[1] for row in rows})
    endpoints = Endpoint.objects.in_bulk({row[2] for row in rows} - {SERVICE})
    secrets = _secrets(set(endpoints), clock.now())
    pointless: list[int] = []
    jobs = []
    for key, message_key, endpoint_key, attempts, leases, trigger, created_at in rows:
        endpoint, message = endpoints.get(endpoint_key), messages.get(message_key)
        by_service = bool(settings.SVIX_TOKEN)
        wanted = endpoint_key == SERVICE or (endpoint is not None and _accepts(endpoint, trigger))
        if message is None or not wanted:
            pointless.append(key)
            continue
        jobs.append(
            Job(
                key=key, lease=leased.lease, until=leased.until, attempts=attempts, leases=leases, trigger=trigger,
                created_at=created_at, message=message, endpoint=None if by_service else endpoint,
                target=endpoint if by_service else None,
                secrets=tuple(secrets.get(endpoint_key, ())),
                lane=DeliveryLane.SLOW if endpoint is not None and endpoint.is_slow else DeliveryLane.FAST,
            )
        )  # fmt: skip
    drop(pointless)
    return _with_bodies(jobs)


def _accepts(endpoint: Endpoint, trigger: int) -> bool:
    """Return whether the endpoint still gets this: a resend or test goes to a paused one too."""
    return endpoint.is_active or (trigger == Delivery.Trigger.MANUAL and endpoint.deleted_at is None)


def _with_bodies(jobs: Sequence[Job]) -> list[Job]:
    """Return the jobs and the bytes to send; those made of a deferred body are kept, so that every attempt sends the
    same.
    """
    bodies: dict[int, bytes | None] = {}
    for job in jobs:
        if job.message.key not in bodies:
            bodies[job.message.key] = stored_body(job.message)
        job.body = bodies[job.message.key]
    return list(jobs)


def stored_body(message: Message) -> bytes | None:
    """Return a message's bytes, made and kept if need be; None where they cannot be made: the fault of that message
    alone.
    """
    if message.body is not None:
        return bytes(message.body)
    try:
        body = events.body_of(message)
    except Exception:  # a message that cannot be made stops no other
        logger.exception("The body of %s cannot be made", message.id)
        return None
    fresh = Message.objects.filter(pk=message.pk, body__isnull=True)
    if not fresh.update(body=body, deferred_body=None):
        return bytes(Message.objects.values_list("body", flat=True).get(pk=message.pk) or b"")
    return body


def _secrets(endpoint_keys: set[int], now: datetime) -> dict[int, list[str]]:
    """Return the secrets that still sign, the newest first."""
    found: dict[int, list[str]] = {}
    for row in Secret.objects.filter(endpoint_id__in=endpoint_keys):
        if row.expires_at is None or row.expires_at > now:
            try:
                found.setdefault(row.endpoint_id, []).append(row.secret)
            except Undecipherable:  # one endpoint's failure, not everybody's
                logger.error("The secret of endpoint %s cannot be decrypted", row.endpoint_id)
    return found


def drop(keys: Sequence[int]) -> None:
    """End deliveries without an outcome."""
    if keys:
        Delivery.objects.filter(pk__in=keys).update(state=Delivery.State.DROPPED, lease=None, locked_until=None)


def give_back(jobs: Sequence[Job]) -> None:
    """Release deliveries whose calls were not begun; having leased them does not count against them."""
    for job in jobs:
        mine = Delivery.objects.filter(pk=job.key, lease=job.lease)
        mine.update(lease=None, locked_until=None, due_at=Now(), leases=F("leases") - 1)


def renew(jobs: Sequence[Job]) -> None:
    """Prolong leases, but not of what somebody else holds by now."""
    if not jobs:
        return
    until = time.monotonic() + LEASE_SECONDS
    with prepared() as cursor:
        keys = [job.key for job in jobs]
        cursor.execute(_RENEW, {"keys": keys, "leases": [job.lease for job in jobs], "seconds": LEASE_SECONDS})
        kept = {key for (key,) in cursor.fetchall()}
    for job in jobs:
        if job.key in kept:
            job.until = until


def any_due() -> bool:
    """Return whether a delivery waits that could be taken, as far as a glance tells."""
    with prepared() as cursor:
        cursor.execute(_ANY_DUE)
        return bool(cursor.fetchone()[0])

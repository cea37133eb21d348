"""Leases on waiting payloads: one holder a user, attempts counted on taking, results written by the holder alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from providers.models import Payload
from wearlink.lib import clock
from wearlink.lib.postgres import prepared
from wearlink.lib.work.leases import Lease, LeaseLost

MAX_ATTEMPTS: Final = 5
MAX_ITEMS: Final = 20_000  # of one group: one transaction of the store
CROWDED_ITEMS: Final = 2_500  # the same while other organizations send: they wait for the group in hand
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_PAYLOADS: Final = 200
_LOCK_CLASS: Final = 0x7061796C  # our corner of PostgreSQL's advisory locks
# One statement for all that has to be known before a claim, twice a post (`make bench`, small_posts). At most as many
# rows as may wait of a user.
_WAITING: Final = f"""
    SELECT id, attempts, items, size,
           coalesce(locked_until > clock_timestamp(), false), due_at <= clock_timestamp()
    FROM {Payload._meta.db_table} WHERE user_key = %s AND state IN ('received', 'processing') ORDER BY id
"""  # noqa: S608 - the names are our own
# The outcomes of a group in one statement: a statement a payload took longer than storing small ones (`make bench`,
# small_posts).
_STORED: Final = f"""
    UPDATE {Payload._meta.db_table} payload
    SET state = 'done', done_at = %s, error = '', lease = NULL, locked_until = NULL, inserted = stored.inserted,
        updated = stored.updated, unchanged = stored.unchanged, rejected = stored.rejected,
        reject_samples = stored.reject_samples
    FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::jsonb[], %s::jsonb[])
         AS stored(id, inserted, updated, unchanged, rejected, reject_samples)
    WHERE payload.id = stored.id AND payload.lease = %s
"""  # noqa: S608 - the names are our own
_CRASHED: Final = "The worker ended five times while it was processing this payload."


class WaitingPayload(NamedTuple):
    """The facts by which a drainer decides whether a payload can be taken, and with which others."""

    id: int
    attempts: int
    items: int
    size: int
    is_held: bool
    is_due: bool


class StoredOutcome(NamedTuple):
    """What became of the records of a payload; the last two as JSON."""

    id: int
    inserted: int
    updated: int
    unchanged: int
    rejected: str
    reject_samples: str


@dataclass(slots=True)
class PayloadLease:
    """Rows of one user, in the order of their ids, held under one token."""

    organization_id: UUID
    user_key: int
    payloads: list[Payload]
    held: Lease[Payload]

    def renew(self) -> None:
        """Prolong the lease between two steps, if a good part of it is over. Raises LeaseLost."""
        self.held.renew()

    def lock(self) -> None:
        """Lock the rows until the end of the transaction, whatever the clock says. Raises LeaseLost."""
        self.held.hold()

    def finish(self, payload: Payload, **results: Any) -> None:
        """Write a row's outcome and give it back. Raises LeaseLost."""
        self.held.finish(payload.pk, **results)
        self.payloads = [other for other in self.payloads if other.pk != payload.pk]

    def finish_stored(self, outcomes: Sequence[StoredOutcome]) -> None:
        """Mark these payloads as done and give them back. Raises LeaseLost."""
        columns = [list(column) for column in zip(*outcomes, strict=True)]
        with prepared() as cursor:
            cursor.execute(_STORED, [clock.now(), *columns, self.held.token])
            if cursor.rowcount != len(outcomes):
                raise LeaseLost
        done = {outcome.id for outcome in outcomes}
        self.held.count -= len(done)
        self.payloads = [other for other in self.payloads if other.pk not in done]

    def release(self, *, due: timedelta = timedelta(), forgive: bool = False, error: str = "") -> None:
        """Give back what is not finished. `forgive` takes the attempt back: the payload was not to blame."""
        changes = {"attempts": F("attempts") - 1} if forgive else {}
        self.held.release(state=Payload.State.RECEIVED, due_at=Now() + due, error=error, **changes)


def acquire(user_key: int, *, most: int | None = None) -> PayloadLease | None:
    """Lease the next group of a user's waiting payloads; None if there is none, or somebody else is at work on them.

    A group is a run of fresh payloads, to be stored together: of MAX_ITEMS or `most` items, or a single payload. One
    that was tried before goes alone, so that it cannot take others along a second time; it waits until it is due, and
    the fresh ones behind it do not.
    """
    with transaction.atomic():
        waiting = _waiting(user_key)
        if not waiting or any(row.is_held for row in waiting):
            return None
        crashed = [row.id for row in waiting if row.attempts >= MAX_ATTEMPTS]
        if crashed:
            Payload.objects.waiting().filter(pk__in=crashed).update(
                state=Payload.State.DEAD, error=_CRASHED, lease=None, locked_until=None, done_at=Now()
            )
        ready = [row for row in waiting if row.attempts < MAX_ATTEMPTS and (row.is_due or not row.attempts)]
        group = _group(ready[:MAX_PAYLOADS], most or MAX_ITEMS)
        return _lease_rows(user_key, [row.id for row in group]) if group else None


def _waiting(user_key: int) -> list[WaitingPayload]:
    """Return what waits of a user, in order. Nobody else claims any of it until commit: two at once would each get
    half.
    """
    # Written out: advisory lock.
    with prepared() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, user_key & 0x7FFFFFFF])
        cursor.execute(_WAITING, [user_key])
        return [WaitingPayload(*row) for row in cursor.fetchall()]


def _group(ready: Iterable[WaitingPayload], most: int) -> list[WaitingPayload]:
    group: list[WaitingPayload] = []
    items = size = 0
    for payload in ready:
        items, size = items + payload.items, size + payload.size
        if group and (payload.attempts or items > most or size > MAX_BYTES):
            break
        group.append(payload)
        if payload.attempts:
            break
    return group


def _lease_rows(user_key: int, ids: Sequence[int]) -> PayloadLease | None:
    """Return None if a holder whose time is over is still inside its transaction, which has the rows locked."""
    free = Payload.objects.select_for_update(skip_locked=True).filter(pk__in=ids).waiting()
    rows = list(free.order_by("id"))
    if len(rows) != len(ids):
        return None
    group = Payload.objects.filter(pk__in=ids)
    seconds = settings.LEASE_SECONDS
    token = group.acquire(seconds, state=Payload.State.PROCESSING, attempts=F("attempts") + 1, started_at=Now())
    if token is None:
        return None
    for row in rows:
        row.attempts += 1
    return PayloadLease(rows[0].organization_id, user_key, rows, Lease(group, token, seconds, len(rows)))

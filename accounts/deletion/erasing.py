"""Erasing an end user: at once for all readers, in slices where there is much, and done when others have confirmed.

One transaction deletes the end user and everything about them, but for the rows of large parts, which nobody can reach
any more without the end user; a worker deletes those slice by slice. What lies with others (objects, Svix, vendors) is
written down as leftovers. When nothing is left the erasure ends with a receipt.
"""

import logging
from collections import Counter
from datetime import timedelta
from typing import Final
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now

from accounts import audit
from accounts.deletion import erasure
from accounts.deletion.erasure import ErasedUser
from accounts.deletion.receipts import sign
from accounts.models import EndUser, Erasure, Leftover, Organization
from wearlink.lib import clock, tenancy
from wearlink.lib.errors import NotFound
from wearlink.lib.work.leases import Lease, LeaseLost
from wearlink.lib.work.task_queue import WakeUp

logger = logging.getLogger(__name__)
ERASE: Final = WakeUp("accounts.tasks.erase")
SLICE: Final = 5_000  # rows of a transaction
BUDGET: Final = timedelta(seconds=200)  # of one task; what is left goes to the next
BATCH_SIZE: Final = 500  # a run of the schedule


@transaction.atomic
def erase(end_user: EndUser, actor: audit.Actor) -> Erasure:
    """Erase an end user and all data about them. A second call tells of the first.

    It has ended already if nothing is left; else `finish` ends it once nothing is.
    """
    locked = EndUser.objects.select_for_update().filter(pk=end_user.pk).first()
    if locked is None:  # a parallel call has done it
        return Erasure.objects.get(user_id=end_user.id)
    user = ErasedUser(end_user.pk, end_user.id, end_user.organization_id)
    large = [part.name for part in erasure.parts() if part.is_large is not None and part.is_large(user.key)]
    rows: Counter[str] = Counter({EndUser._meta.label: 1})
    for part in erasure.parts():
        if part.name not in large:
            rows.update(part.erase(user))
    locked.delete()
    kinds = Leftover.objects.filter(user_id=user.id).values_list("kind").annotate(n=Count("key"))
    things = dict(kinds.order_by("kind"))
    row = Erasure.objects.create(
        organization_id=user.organization_id,
        user_id=user.id,
        user_key=user.key,
        pending=large,
        rows=dict(rows),
        things=things,
        started_at=None if large else clock.now(),
    )
    organization = Organization(pk=user.organization_id)
    data = {"erasure_id": str(row.id), "rows": row.rows, "pending": large}
    audit.record("end_user.erased", actor=actor, organization=organization, target=end_user, data=data)
    if large:
        ERASE.request_work()
    elif not things:
        finish(row)
    else:
        transaction.on_commit(lambda: finish(row), robust=True)  # the leftovers' own come first
    return row


def find(organization_id: UUID, erasure_id: UUID) -> Erasure:
    """Return the organization's erasure. Raises NotFound."""
    found = Erasure.objects.filter(organization_id=organization_id, id=erasure_id).first()
    if found is None:
        raise NotFound("Erasure not found")
    return found


def any_due() -> bool:
    """Return whether rows wait for a worker."""
    return Erasure.objects.due(Now()).exists()


def run_next() -> bool:
    """Delete rows of the oldest due erasure until none is left or the time of a task is over; False if none is due."""
    for row in Erasure.objects.due(Now()).order_by("key")[:10]:
        rows = Erasure.objects.filter(pk=row.pk).exclude(pending=[])
        token = rows.acquire(settings.LEASE_SECONDS, started_at=clock.now())
        if token is not None:
            with tenancy.organization(row.organization_id, user_key=row.user_key):
                _work(Lease(Erasure.objects.filter(pk=row.pk), token, settings.LEASE_SECONDS))
            return True
    return False


def _work(lease: Lease[Erasure]) -> None:
    row, until = lease.rows.get(), clock.now() + BUDGET
    try:
        while row.pending and clock.now() < until:
            _slice(lease, row)
        lease.release()
    except LeaseLost:
        logger.warning("An erasure was lost to another worker, which goes on with it")
        return
    finish(row)


def _slice(lease: Lease[Erasure], row: Erasure) -> None:
    """Delete some rows of the first pending part and count them, in one commit. Raises LeaseLost."""
    user = ErasedUser(row.user_key, row.user_id, row.organization_id)
    part = erasure.part_of(row.pending[0])
    with transaction.atomic():
        lease.hold()
        found = {} if part.slice is None else part.slice(user, SLICE)
        row.rows = dict(Counter(row.rows) + Counter(found))
        row.pending = row.pending if any(found.values()) else row.pending[1:]
        lease.renew(rows=row.rows, pending=row.pending)


def finish(row: Erasure) -> None:
    """End an erasure of which nothing is left: write its receipt."""
    with transaction.atomic():
        locked = Erasure.objects.select_for_update().open().filter(pk=row.pk, pending=[]).first()
        if locked is None or Leftover.objects.filter(user_id=locked.user_id).exists():
            return
        locked.finished_at = clock.now()
        content = orjson.dumps(receipt_of(locked), option=orjson.OPT_SORT_KEYS)
        locked.digest, locked.receipt = sign(str(locked.id), content)
        locked.save(update_fields=["finished_at", "digest", "receipt"])
        audit.record(
            "end_user.erasure_finished",
            actor=audit.SYSTEM,
            organization=Organization(pk=locked.organization_id),
            target=str(locked.user_id),
            data={"erasure_id": str(locked.id), "digest": locked.digest},
        )


def finish_all() -> None:
    """End those whose last leftover is gone."""
    waiting = Leftover.objects.values("user_id")
    for row in Erasure.objects.open().filter(pending=[]).exclude(user_id__in=waiting).order_by("key")[:BATCH_SIZE]:
        with tenancy.organization(row.organization_id, user_key=row.user_key):
            finish(row)


def receipt_of(row: Erasure) -> dict[str, object]:
    """Return what the receipt says, and its digest is over: canonical JSON with sorted names."""
    finished = row.finished_at or row.created_at
    return {
        "erasure_id": str(row.id),
        "organization_id": str(row.organization_id),
        "user_id": str(row.user_id),
        "requested_at": clock.rfc3339(clock.to_ms(row.created_at)),
        "finished_at": clock.rfc3339(clock.to_ms(finished)),
        "rows": row.rows,
        "things": row.things,
    }

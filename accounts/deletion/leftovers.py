"""Data that an erasure leaves outside the database: removed there until each holder has confirmed that it is gone."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.deletion.erasure import ErasedUser
from accounts.models import Leftover
from wearlink.lib import clock, storage, tenancy
from wearlink.lib.errors import Unavailable

OBJECT: Final = "object"
TASK: Final = "accounts.tasks.remove_leftovers"
BATCH_SIZE: Final = 500
FIRST_RETRY: Final = timedelta(seconds=30)
MAX_RETRY_DELAY: Final = timedelta(hours=1)
REMOVERS: Final[dict[str, Callable[[str], None]]] = {OBJECT: storage.delete}
logger = logging.getLogger(__name__)


def register(kind: str, remover: Callable[[str], None]) -> None:
    """Say who removes things of a kind, by name; it raises Unavailable while its holder does not answer."""
    REMOVERS[kind] = remover


def note(user: ErasedUser, kind: str, names: Iterable[str], *, after: timedelta | None = None) -> None:
    """Write down what is to be removed, in the erasing transaction.

    It is removed after the commit; with `after` by the schedule, that much later at the earliest.
    """
    due = clock.now() + (after or timedelta())
    rows = [
        Leftover(organization_id=user.organization_id, user_id=user.id, kind=kind, name=name, due_at=due)
        for name in names
    ]
    if rows:
        Leftover.objects.bulk_create(rows, batch_size=2_000)
    if rows and after is None:
        transaction.on_commit(lambda: remove(Leftover.objects.filter(pk__in=[row.pk for row in rows])), robust=True)


def remove_due() -> int:
    """Remove what is due; returns how much went. Each thing is tried again until its holder answers.

    Each kind by itself: a holder that is down keeps nothing from the others.
    """
    due = Leftover.objects.filter(due_at__lte=clock.now()).order_by("due_at", "key")
    return sum(remove(due.filter(kind=kind)) for kind in REMOVERS)


def remove(rows: QuerySet[Leftover]) -> int:
    """Remove some things; the first holder that does not answer ends it, and that thing waits longer."""
    gone = 0
    for row in rows[:BATCH_SIZE]:
        with tenancy.organization(row.organization_id):
            if not _removed(row):
                break
        gone += 1
    return gone


def _removed(row: Leftover) -> bool:
    """Return False if its holder does not answer."""
    try:
        REMOVERS[row.kind](row.name)
    except Unavailable as error:
        wait = min(FIRST_RETRY * 2 ** min(row.attempts, 10), MAX_RETRY_DELAY)
        Leftover.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, due_at=clock.now() + wait)
        logger.warning("Something of an erased end user is not removed yet: %s", type(error).__name__)
        return False
    with transaction.atomic():
        Leftover.objects.filter(pk=row.pk).delete()
    return True

"""What an erasure leaves outside the database, worked off until its holders have confirmed that it is gone."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import EndUser, Leftover
from wearlink.lib import clock, storage
from wearlink.lib.errors import Unavailable

OBJECT: Final = "object"
TASK: Final = "accounts.tasks.remove_leftovers"
BATCH_SIZE: Final = 500
FIRST_RETRY: Final = timedelta(seconds=30)
LONGEST_RETRY: Final = timedelta(hours=1)
REMOVERS: Final[dict[str, Callable[[str], None]]] = {OBJECT: storage.delete}
logger = logging.getLogger(__name__)


def note(user_key: int, kind: str, names: Iterable[str]) -> None:
    """Write down what is to be removed, in the erasing transaction, while the end user is still there."""
    user = EndUser.objects.only("id", "organization_id").get(pk=user_key)
    rows = [Leftover(organization_id=user.organization_id, user_id=user.id, kind=kind, name=name) for name in names]
    if rows:
        Leftover.objects.bulk_create(rows, batch_size=2_000)
        transaction.on_commit(lambda: remove(Leftover.objects.filter(pk__in=[row.pk for row in rows])), robust=True)


def remove_due() -> int:
    """Remove what is due; returns how much went. Each thing is tried again until its holder answers."""
    return remove(Leftover.objects.filter(due_at__lte=clock.now()).order_by("due_at", "key"))


def remove(rows: QuerySet[Leftover]) -> int:
    """Remove some things; the first holder that does not answer ends it, and that thing waits longer."""
    gone = 0
    for row in rows[:BATCH_SIZE]:
        try:
            REMOVERS[row.kind](row.name)
        except Unavailable as error:
            wait = min(FIRST_RETRY * 2 ** min(row.attempts, 10), LONGEST_RETRY)
            Leftover.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, due_at=clock.now() + wait)
            logger.warning("Something of an erased end user is not removed yet: %s", type(error).__name__)
            break
        with transaction.atomic():
            gone += Leftover.objects.filter(pk=row.pk).delete()[0]
    return gone

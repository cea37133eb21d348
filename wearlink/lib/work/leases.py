"""Leases on rows: a token in the row and the moment it runs out, both by the database's clock.

Who dies keeps nothing: when the time is over the next one takes the row, and the dead one's late writes find another
token. A worker whose own clock is wrong neither steals nor keeps.

    token = Job.objects.free().filter(pk=7).acquire(seconds=60)
    lease = Lease(Job.objects.filter(pk=7), token, seconds=60)
    lease.renew()                                 # between two steps
    lease.finish(state=DONE)  or  lease.release() # both raise LeaseLost when the row is somebody else's by now
"""

import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, Self, TypeVar

from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now

Row = TypeVar("Row", bound="LeasedRow")


class LeaseLost(Exception):
    """The rows are somebody else's by now, or were queued again: what was done for them must be rolled back."""


def lease_end(seconds: float) -> Any:
    """Return the moment a lease of that length ends, as an expression for the database."""
    return Now() + timedelta(seconds=seconds)


class LeasedQuerySet(models.QuerySet[Row]):
    def free(self) -> Self:
        return self.filter(Q(locked_until__isnull=True) | Q(locked_until__lte=Now()))

    def held(self) -> Self:
        return self.filter(locked_until__gt=Now())

    def held_by(self, token: uuid.UUID) -> Self:
        return self.filter(lease=token)

    def acquire(self, seconds: float, **changes: Any) -> uuid.UUID | None:
        """Take all of these rows that are free, under one token, and write `changes` too; None if there was none.

        Rows that others are taking at this moment are waited for, and found taken.
        """
        token, until = uuid.uuid4(), lease_end(seconds)
        taken = self.free().update(lease=token, locked_until=until, **_mirrored(self.model, until), **changes)
        return token if taken else None


def has_room(rows: "LeasedQuerySet[Row]", owner: uuid.UUID, most: int) -> bool:
    """Return whether one more of these rows, an owner's, may be held beside those that are. Call it in a transaction.

    A caller for the same owner meanwhile waits until this transaction ends, and then sees what it took.
    """
    with connection.cursor() as cursor:
        names = [rows.model._meta.db_table, str(owner)]
        # Written out: advisory lock.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))", names)
    return rows.held().count() < most


class LeasedRow(models.Model):
    """A row that one worker at a time works on."""

    lease = models.UUIDField(null=True, editable=False)
    locked_until = models.DateTimeField(null=True, editable=False)

    lease_mirror: str = ""  # a column that takes the end of the lease as well, so that an index of due rows skips it

    class Meta:
        abstract = True


@dataclass(slots=True)
class Lease(Generic[Row]):
    """Rows held under a token. `rows` selects them; those that were finished leave it by their token."""

    rows: "LeasedQuerySet[Row]"
    token: uuid.UUID
    seconds: float
    count: int = 1  # rows that are still held
    renewed: float = field(default_factory=time.monotonic)

    def renew(self, *, always: bool = False, **changes: Any) -> None:
        """Prolong the lease, if a third of it is over or `always`. Raises LeaseLost."""
        now = time.monotonic()
        if always or changes or now - self.renewed >= self.seconds / 3:
            until = lease_end(self.seconds)
            self._update({"locked_until": until, **_mirrored(self.rows.model, until), **changes})
            self.renewed = now

    def hold(self) -> None:
        """Lock the rows until the end of the transaction, whatever the clock says. Raises LeaseLost."""
        if len(self._mine().select_for_update().values_list("pk")) != self.count:
            raise LeaseLost

    def finish(self, pk: Any = None, **results: Any) -> None:
        """Write the outcome of one row (the only one, or that of this key) and give it back. Raises LeaseLost."""
        mine = self._mine() if pk is None else self._mine().filter(pk=pk)
        if mine.update(lease=None, locked_until=None, **results) != 1:
            raise LeaseLost
        self.count -= 1

    def release(self, **changes: Any) -> int:
        """Release whatever is still held, with these changes; returns how many rows that were."""
        released = self._mine().update(lease=None, locked_until=None, **changes)
        self.count = 0
        return released

    def _mine(self) -> "LeasedQuerySet[Row]":
        return self.rows.held_by(self.token)

    def _update(self, changes: dict[str, Any]) -> None:
        if self._mine().update(**changes) != self.count:
            raise LeaseLost


def _mirrored(model: type[LeasedRow], until: Any) -> dict[str, Any]:
    return {model.lease_mirror: until} if model.lease_mirror else {}

"""Work that was given up after its last attempt: what it is, and giving it new attempts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts import audit
from accounts.models import Developer
from billing.models import RazorpayEvent
from billing.razorpay import hooks
from providers.models import Payload
from providers.payloads import receive
from wearlink.lib.errors import NotFound

MAX_ROWS: Final = 100  # shown of each kind


@dataclass(frozen=True, slots=True)
class DeadRow:
    """One of them; `since` is when it was given up, or when it came."""

    kind: str
    id: str
    what: str
    attempts: int
    error: str
    since: datetime | None


def shown() -> list[DeadRow]:
    """Return the newest of each kind."""
    payloads = Payload.objects.dead().order_by("-id").defer("body")[:MAX_ROWS]
    found = [
        DeadRow("payload", str(row.batch_id), f"{row.provider} {row.kind}", row.attempts, row.error, row.done_at)
        for row in payloads
    ]
    events = RazorpayEvent.objects.filter(state=RazorpayEvent.State.DEAD).order_by("-pk")[:MAX_ROWS]
    return found + [
        DeadRow("payment event", row.event_id, row.name, row.attempts, row.error, row.received_at) for row in events
    ]


def count() -> int:
    return Payload.objects.dead().count() + RazorpayEvent.objects.filter(state=RazorpayEvent.State.DEAD).count()


@transaction.atomic
def retry(kind: str, row_id: str, admin: Developer) -> int:
    """Give one row new attempts, or all of a kind where row_id is empty; returns how many. Raises NotFound."""
    if kind not in _KINDS:
        raise NotFound("There is no such kind of row")
    revived = _KINDS[kind](row_id)
    if not revived:
        raise NotFound("There is no such dead row; somebody may have been quicker")
    data = {"kind": kind, "rows": revived}
    audit.record("dead_row.retried", actor=audit.developer(admin), target=row_id or kind, data=data)
    return revived


def _retry_payloads(row_id: str) -> int:
    rows = Payload.objects.all()
    try:
        return receive.retry(rows.filter(batch_id=UUID(row_id)) if row_id else rows)
    except ValueError as error:
        raise NotFound("There is no such dead row") from error


def _retry_events(row_id: str) -> int:
    rows: QuerySet[RazorpayEvent, Any] = RazorpayEvent.objects.filter(state=RazorpayEvent.State.DEAD)
    chosen = rows.filter(Q(event_id=row_id) if row_id else Q())
    revived = chosen.update(state=RazorpayEvent.State.RECEIVED, attempts=0, due_at=Now(), error="")
    hooks.WAKE_UP.request_work()
    return revived


_KINDS: Final[dict[str, Callable[[str], int]]] = {"payload": _retry_payloads, "payment event": _retry_events}

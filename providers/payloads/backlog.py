"""Bounds of what may wait: batches and bytes of an end user, bytes of an organization. More is answered 429.

An end user's are counted in the statement that inserts, so they hold exactly. An organization may have a hundred
thousand waiting and post a hundred a second; its bytes are summed up every few seconds a process, and what this process
takes in between is added. The limit is generous, not exact.
"""

import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from providers.models import Payload
from wearlink.lib.errors import TooManyRequests

RETRY_AFTER: Final = 30
REMEMBERED: Final = 5.0  # seconds, while there is plenty of room
NEARLY_FULL: Final = 0.9
REMEMBERED_NEARLY_FULL: Final = 1.0
MAX_REMEMBERED: Final = 10_000  # organizations
MB: Final = 1024 * 1024


@dataclass(slots=True)
class _WaitingBytes:
    bytes: int
    until: float


_waiting: dict[UUID, _WaitingBytes] = {}  # of this process


def has_room(organization_id: UUID, size: int) -> bool:
    """Return whether the organization may have so many more bytes waiting; counts them if so."""
    known, now, most = _waiting.get(organization_id), time.monotonic(), settings.ORGANIZATION_BACKLOG_BYTES
    if known is None or now >= known.until:
        known = _sum_up(organization_id, now)
    if known.bytes + size > most:
        return False
    known.bytes += size
    return True


def check_user(number: int, waiting_bytes: int, size: int) -> None:
    """Raise TooManyRequests where so many waiting batches, of so many bytes, leave no room for one more."""
    if number > settings.PAYLOAD_BACKLOG:
        raise _full(f"More than {settings.PAYLOAD_BACKLOG} batches of this user")
    if waiting_bytes + size > settings.PAYLOAD_BACKLOG_BYTES:
        raise _full(f"More than {settings.PAYLOAD_BACKLOG_BYTES // MB} MB of this user")


def check_organization(*, room: bool) -> None:
    """Raise TooManyRequests unless there was room."""
    if not room:
        raise _full(f"More than {settings.ORGANIZATION_BACKLOG_BYTES // MB} MB of this organization")


def _full(what: str) -> TooManyRequests:
    return TooManyRequests(
        f"{what} wait to be processed. Send the rest a little later.", code="backlog", retry_after=RETRY_AFTER
    )


def _sum_up(organization_id: UUID, now: float) -> _WaitingBytes:
    if len(_waiting) >= MAX_REMEMBERED:
        _waiting.clear()
    rows = Payload.objects.waiting().filter(organization_id=organization_id)
    number = rows.aggregate(total=Sum("size"))["total"] or 0
    plenty = number < settings.ORGANIZATION_BACKLOG_BYTES * NEARLY_FULL
    lasts = REMEMBERED if plenty else REMEMBERED_NEARLY_FULL
    known = _waiting[organization_id] = _WaitingBytes(number, now + lasts)
    return known

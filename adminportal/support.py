"""Support tickets: made by the contact form, resolved by administrators."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import audit
from accounts.models import Developer
from adminportal.models import SupportTicket
from wearlink.lib import clock
from wearlink.lib.errors import NotFound

SCOPE: Final = "contact"
RATE: Final = "5/60s"  # of one address


def receive(values: Mapping[str, Any]) -> None:
    """Store a message. A robot, who fills in the field that people do not see, gets the same answer, and its message is
    dropped.
    """
    if not values.get("website"):
        submit({name: value for name, value in values.items() if name != "website"})


@transaction.atomic
def submit(values: Mapping[str, Any]) -> SupportTicket:
    """Return a new ticket; the values are fields of SupportTicket. The audit trail gets its id and nothing personal."""
    row = SupportTicket.objects.create(**values)
    audit.record("contact.submit", actor=audit.ANONYMOUS, target=row)
    return row


def tickets(*, is_open: bool | None = None, q: str = "") -> QuerySet[SupportTicket]:
    """Return them newest first; `q` is looked for in name, address, subject and message."""
    rows = SupportTicket.objects.select_related("resolved_by")
    if is_open is not None:
        rows = rows.filter(resolved_at__isnull=is_open)
    if q:
        rows = rows.filter(
            Q(name__icontains=q) | Q(email__icontains=q) | Q(subject__icontains=q) | Q(message__icontains=q)
        )
    return rows


def find(ticket_id: UUID) -> SupportTicket:
    """Return a ticket by its id. Raises NotFound."""
    row = SupportTicket.objects.select_related("resolved_by").filter(pk=ticket_id).first()
    if row is None:
        raise NotFound("Ticket not found")
    return row


@transaction.atomic
def resolve(ticket_id: UUID, admin: Developer, *, resolved: bool) -> SupportTicket:
    """Resolve a ticket, or open it again; nothing changes, and nothing is audited, where it already is so.

    Raises NotFound.
    """
    row = SupportTicket.objects.select_for_update().filter(pk=ticket_id).first()
    if row is None:
        raise NotFound("Ticket not found")
    if resolved != (row.resolved_at is not None):
        row.resolved_at, row.resolved_by = (clock.now(), admin) if resolved else (None, None)
        row.save(update_fields=["resolved_at", "resolved_by"])
        action = "support.resolved" if resolved else "support.reopened"
        audit.record(action, actor=audit.developer(admin), target=row)
    return row

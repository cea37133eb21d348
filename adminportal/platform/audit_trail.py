"""The audit trail of all organizations."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import AuditEntry


def entries(
    *,
    action: str = "",
    prefix: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    organization_id: UUID | None = None,
    target_id: str = "",
    q: str = "",
) -> QuerySet[AuditEntry]:
    """Return them newest first. target_id: what was done to this. `q` is an actor's or a target's id, whole or its
    beginning.
    """
    rows = AuditEntry.objects.order_by("-id")
    if action:
        rows = rows.filter(action=action)
    if prefix:
        rows = rows.filter(action__startswith=prefix)
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    if until is not None:
        rows = rows.filter(created_at__lt=until)
    if target_id:
        rows = rows.filter(target_id=target_id)
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    return rows.filter(Q(actor_id__startswith=q) | Q(target_id__startswith=q)) if q else rows

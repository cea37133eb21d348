"""End users of all organizations: finding them, and what there is of one."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Developer, EndUser, Role
from healthdata import queries
from healthdata.queries import events
from providers.models import Connection
from wearlink.lib.errors import NotFound


def find_all(*, q: str = "", organization_id: UUID | None = None) -> QuerySet[EndUser]:
    """Return them newest first; `q` is looked for in names, e-mail and external_id."""
    rows = EndUser.objects.select_related("organization").order_by("-key")
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    return rows.search(q) if q else rows


def find(user_id: UUID) -> EndUser:
    """Return any organization's end user. Raises NotFound."""
    row = EndUser.objects.select_related("organization").filter(id=user_id).first()
    if row is None:
        raise NotFound("User not found")
    return row


def facts(user: EndUser) -> dict[str, Any]:
    """Beside the row: the owner's address, connections, and how much data of which kind."""
    owners = Developer.objects.filter(organization_id=user.organization_id, role=Role.OWNER).order_by("created_at")
    series, by_kind = queries.count(user.key), events.counts(user.key)
    counts = {kind: sum(count.n for count in found) for kind, found in by_kind.items()}
    return {
        "developer_email": owners.values_list("email", flat=True).first(),
        "connections": list(Connection.objects.for_user(user.key).order_by("provider")),
        "data": {"samples": sum(count.n for count in series), **counts},
        "last_data_at": max((count.last_ms for count in series), default=None),
    }

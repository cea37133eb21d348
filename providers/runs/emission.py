"""Emitting how a pull from a vendor goes, a run or a backfill: sync.started, sync.completed and so on."""

import uuid
from typing import Any

from accounts.models import EndUser
from accounts.webhooks.events import emit
from providers.models import Backfill, SyncRun


def emit_sync(
    row: SyncRun | Backfill, event_type: str, more: dict[str, Any], *,
    source: str, message: str = "", trigger: str = "", moment: str = "",
) -> None:  # fmt: skip
    """Emit an event of a run, once for it, or for each `moment` of it. An end user who was erased has no listeners."""
    user_id: uuid.UUID | None = EndUser.objects.filter(pk=row.user_key).values_list("id", flat=True).first()
    if user_id is None:
        return
    named = {"trigger": trigger} if trigger else {}
    data = {
        "user_id": str(user_id),
        "provider": row.provider,
        "source": source,
        "run_id": str(row.id),
        "message": message or None,
        "metadata": {**named, "start_date": row.start.isoformat(), "end_date": row.end.isoformat()},
        **more,
    }
    event_id = ".".join(filter(None, [event_type, str(row.id), moment]))
    emit(row.organization_id, event_type, data, event_id=event_id, user_id=user_id)

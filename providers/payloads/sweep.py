"""The end users whose due payloads no worker holds."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Min
from django.db.models.functions import Now

from providers.models import Payload

BATCH_SIZE: Final = 1_000


def users_with_due() -> list[tuple[UUID, int]]:
    """Return organizations and keys of users with due payloads that nobody holds, those that wait longest first."""
    grace = timedelta(seconds=settings.SWEEP_SECONDS)  # what came just now has its task on the way
    due = Payload.objects.due(Now() - grace).exclude(user_key=None)
    rows = due.values_list("organization_id", "user_key").annotate(since=Min("due_at")).order_by("since")[:BATCH_SIZE]
    return [(owner, user_key) for owner, user_key, _ in rows if user_key is not None]

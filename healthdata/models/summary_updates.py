"""SummaryUpdate: which figures of days changed since the last event about them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

Days = dict[str, dict[str, object]]


class SummaryUpdate(models.Model):
    """An end user's changed days, collected until `due_at`; null: nothing waits to be sent.

    days: {"2026-04-15": {"revision": 2, "metrics": ["steps"]}}
    """

    user_key = models.BigIntegerField(primary_key=True)
    days: "models.JSONField[Days, Days]" = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True)
    emitted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="summary_update_due"),
        ]

    def __str__(self) -> str:
        return f"summaries of end user {self.user_key}"

"""Announcement: a banner that every dashboard shows."""

import uuid

from django.db import models
from django.db.models import Q

from accounts.models import Developer
from wearlink.lib import clock
from wearlink.lib.postgres.walls import SHARED


class Severity(models.TextChoices):
    """The severity of a banner."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Announcement(models.Model):
    """One banner. The database lets at most one be active."""

    wall = SHARED

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    severity = models.CharField(max_length=16, choices=Severity.choices, default=Severity.INFO)
    title = models.CharField(max_length=120)
    body = models.CharField(max_length=1000, blank=True, default="")
    cta_label = models.CharField(max_length=60, blank=True, default="", help_text="text of the button, if there is one")
    cta_url = models.CharField(max_length=500, blank=True, default="")
    is_active = models.BooleanField(default=True)
    published_by = models.ForeignKey(Developer, null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(default=clock.now, editable=False)
    dismissed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-published_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=("is_active",), condition=Q(is_active=True), name="adminportal_announcement_one_active"
            ),
        ]
        indexes = [models.Index(fields=("-published_at", "id"), name="adminportal_announcement_when")]

    def __str__(self) -> str:
        return self.title

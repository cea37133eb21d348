"""SupportTicket: what somebody wrote into the contact form."""

import uuid

from django.db import models

from accounts.models import Developer
from wearlink.lib import clock
from wearlink.lib.postgres.walls import HIDDEN


class SupportTicket(models.Model):
    """One message to the platform, open until somebody resolves it."""

    wall = HIDDEN

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, blank=True, default="")
    email = models.EmailField(max_length=254)
    subject = models.CharField(max_length=200, blank=True, default="")
    message = models.TextField(max_length=5000)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(Developer, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ("-created_at", "id")
        indexes = [models.Index(fields=("-created_at", "id"), name="adminportal_ticket_when")]

    def __str__(self) -> str:
        return self.subject or str(self.id)

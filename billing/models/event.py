"""RazorpayEvent: a webhook as it was received. The row is the queue."""

from django.db import models

from wearlink.lib import clock
from wearlink.lib.postgres.walls import HIDDEN
from wearlink.lib.security.fields import EncryptedField


class RazorpayEvent(models.Model):
    """An event, kept before anything is made of it. Its body names people and cards."""

    wall = HIDDEN

    class State(models.TextChoices):
        RECEIVED = "received"
        DONE = "done"
        IGNORED = "ignored"  # nothing of ours
        DEAD = "dead"  # failed too often; an administrator looks

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=80, unique=True, help_text="x-razorpay-event-id, the same when sent again")
    name = models.CharField(max_length=64)
    created_at = models.BigIntegerField(help_text="epoch seconds by Razorpay's clock")
    body = EncryptedField(default="", help_text="emptied when the retention is over")
    state = models.CharField(max_length=16, choices=State.choices, default=State.RECEIVED)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now, help_text="when it is next tried; moved on by who tries")
    error = models.CharField(max_length=300, blank=True, default="")
    received_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=("due_at",), condition=models.Q(state="received"), name="billing_event_due"),
            models.Index(fields=("received_at",), name="billing_event_received"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.event_id}"

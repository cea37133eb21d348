"""IdempotentReply: the first answer to a request that carried an Idempotency-Key."""

from django.db import models

from accounts.models.organization import Organization
from wearlink.lib import clock
from wearlink.lib.security.fields import EncryptedField


class IdempotentReply(models.Model):
    """One use of a key. `status` is NULL while the first request still runs."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+", db_index=False)
    caller = models.CharField(max_length=96, help_text="kind and id of who asked", default="")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="hex SHA-256 of method, path and body")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = EncryptedField(default="", help_text="JSON, without secrets")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("organization", "caller", "key"), name="accounts_idempotentreply_key"),
        ]
        indexes = [models.Index(fields=("created_at",), name="accounts_reply_created")]

    def __str__(self) -> str:
        return f"reply #{self.pk}"

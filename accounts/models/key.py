"""ApiKey: what a customer's server signs its calls with. Only an HMAC of it is stored."""

import uuid

from django.db import models

from accounts.models.developer import Developer
from accounts.models.organization import Organization
from wearlink.lib import clock


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def for_organization(self, organization: Organization) -> "ApiKeyQuerySet":
        """Return only the keys of one organization."""
        return self.filter(organization_id=organization.pk)

    def live(self) -> "ApiKeyQuerySet":
        """Return those that have not been revoked."""
        return self.filter(revoked_at__isnull=True)


class ApiKey(models.Model):
    """One key. A revoked row stays, so that its public id is never given out again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="api_keys")
    public_id = models.CharField(max_length=8, unique=True)
    digest = models.CharField(max_length=64, help_text="hex HMAC-SHA256 of the whole key")
    name = models.CharField(max_length=120)
    created_by = models.ForeignKey(Developer, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return self.listed_id

    @property
    def listed_id(self) -> str:
        """The beginning of the key, which may be shown and logged."""
        return f"sk-{self.public_id}"

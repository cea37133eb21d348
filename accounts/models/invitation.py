"""Invitation: an offer, sent by mail, to join an organization."""

import uuid

from django.db import models

from accounts.models.developer import Developer, Role
from accounts.models.organization import Organization
from wearlink.lib import clock


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def for_organization(self, organization: Organization) -> "InvitationQuerySet":
        """Return only the invitations of one organization."""
        return self.filter(organization_id=organization.pk)

    def open(self) -> "InvitationQuerySet":
        """Return those that can still be accepted."""
        return self.filter(
            accepted_at__isnull=True,
            revoked_at__isnull=True,
            expires_at__gt=clock.now(),
        )


class Invitation(models.Model):
    """Valid once, until it expires, is revoked or is accepted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)
    invited_by = models.ForeignKey(Developer, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")

    def __str__(self) -> str:
        return str(self.id)

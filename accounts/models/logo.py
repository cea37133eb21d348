"""OrganizationLogo: the mark on the connect page. A table of its own, so that no request carries it along."""

from django.db import models

from accounts.models.organization import Organization


class OrganizationLogo(models.Model):
    """A PNG of our own making. Written through accounts.organization.logos only."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, primary_key=True, related_name="+")
    png = models.BinaryField()
    digest = models.CharField(max_length=16, help_text="of the PNG: part of its address, which caches may then keep")

    def __str__(self) -> str:
        return f"of {self.organization_id}"

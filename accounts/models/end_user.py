"""EndUser: a customer's user, whose health data we keep; UserZone: the time zones of that user."""

import uuid

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Concat, Lower

from accounts.models.organization import Organization
from wearlink.lib import clock


class EndUserQuerySet(models.QuerySet["EndUser"]):
    """Sets of end users; every one starts from an organization."""

    def for_organization(self, organization: Organization) -> "EndUserQuerySet":
        """Return only the end users of one organization."""
        return self.filter(organization_id=organization.pk)

    def search(self, text: str) -> "EndUserQuerySet":
        """Return those whose names, e-mail or external_id contain the text, letter case ignored."""
        return self.filter(search_text__contains=text.lower())

    def with_email(self, email: str) -> "EndUserQuerySet":
        """Return those with exactly this e-mail, letter case ignored; within an organization at most one."""
        return self.alias(folded_email=Lower("email")).filter(folded_email=Lower(Value(email)))


def _searchable() -> Lower:
    parts: list[Coalesce | Value] = []
    for name in ("first_name", "last_name", "email", "external_id"):
        parts += [Coalesce(F(name), Value("")), Value(" ")]
    return Lower(Concat(*parts[:-1], output_field=models.TextField()))


class EndUser(models.Model):
    """An end user of a customer. `key` is the reference in every data table, `id` in the API."""

    key = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="end_users", db_index=False)
    external_id = models.CharField(max_length=255, null=True, blank=True)
    first_name = models.CharField(max_length=100, null=True, blank=True)
    last_name = models.CharField(max_length=100, null=True, blank=True)
    email = models.EmailField(max_length=254, null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    zone_known = models.BooleanField(default=False, db_default=False)  # it was set
    zone_learned = models.BooleanField(default=False, db_default=False)  # from data; neither: the organization's
    # {"steps": ["ring", "watch"]}; a metric not named here follows the organization.
    source_priority = models.JSONField(default=dict, blank=True)
    sdk_token_version = models.PositiveIntegerField(default=0, db_default=0)  # raised to withdraw the tokens out there
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)
    search_text = models.GeneratedField(
        expression=_searchable(),
        output_field=models.TextField(),
        db_persist=True,
        editable=False,
    )

    objects = EndUserQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("organization"),
                Lower("email"),
                condition=Q(email__isnull=False),
                name="accounts_enduser_email",
            ),
            models.UniqueConstraint(
                fields=("organization", "external_id"),
                condition=Q(external_id__isnull=False),
                name="accounts_enduser_external_id",
            ),
        ]
        indexes = [
            models.Index(
                fields=("organization", "created_at", "key"),
                name="accounts_enduser_created",
            ),
            models.Index("organization", Lower("first_name"), "key", name="accounts_enduser_first_name"),
            models.Index("organization", Lower("last_name"), "key", name="accounts_enduser_last_name"),
            models.Index("organization", Lower("email"), "key", name="accounts_enduser_by_email"),
            models.Index("organization", "external_id", "key", name="accounts_enduser_by_external"),
            # A short pending list: searches right after a bulk import must not scan megabytes of it.
            GinIndex(
                OpClass("search_text", name="gin_trgm_ops"),
                name="accounts_enduser_search",
                gin_pending_list_limit=256,
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class UserZone(models.Model):
    """The time zone that an end user's days follow from a moment on."""

    id = models.BigAutoField(primary_key=True)
    user_key = models.BigIntegerField()
    valid_from = models.BigIntegerField(help_text="milliseconds since the epoch, UTC")
    zone = models.CharField(max_length=64, help_text="IANA name")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("user_key", "valid_from"), name="accounts_userzone_from"),
        ]

    def __str__(self) -> str:
        return f"{self.user_key} {self.zone}"

"""Organization: the tenant. Every row of a tenant carries it."""

import uuid

from django.db import models

from accounts.limits import HOBBY, Limits, limits_of
from wearlink.lib import clock
from wearlink.lib.postgres.walls import OWN_ID


class Organization(models.Model):
    """A customer: owns developers, keys and end users, and carries the limits its plan gives it."""

    wall = OWN_ID

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    # Where the hosted connect page may send a browser back to; matched exactly.
    redirect_addresses = models.JSONField(default=list, blank=True)
    # Its own words on privacy, linked on the connect page; empty for none.
    privacy_url = models.CharField(max_length=500, blank=True, default="", db_default="")
    # {"source_priority": {"steps": ["watch", "phone"]}}: which source's figure counts for a day, per metric.
    settings = models.JSONField(default=dict, blank=True)
    # Written by billing.plans.apply only. NULL means no limit.
    plan = models.CharField(max_length=32, default=HOBBY.plan)
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, default=HOBBY.requests_per_minute)
    photos_per_day = models.PositiveIntegerField(null=True, blank=True, default=HOBBY.photos_per_day)
    max_end_users = models.PositiveIntegerField(null=True, blank=True, default=HOBBY.max_end_users)
    max_webhook_endpoints = models.PositiveIntegerField(null=True, blank=True, default=HOBBY.max_webhook_endpoints)
    max_team_seats = models.PositiveIntegerField(null=True, blank=True, default=HOBBY.max_team_seats)
    sdk_token_version = models.PositiveIntegerField(default=0, db_default=0)  # raised to withdraw everybody's
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return self.name

    @property
    def limits(self) -> Limits:
        """The limits in force now."""
        return limits_of(self, self.plan)

    @property
    def source_priority(self) -> dict[str, list[str]]:
        """Device types or providers in the order they count, per metric; metrics without an entry use the default."""
        return self.settings.get("source_priority", {})

"""Plan: what is sold, one row a version. VendorPlan: a version as Razorpay knows it, at one price in rupees."""

from datetime import datetime

from django.db import models

from accounts.limits import Limits, limits_of
from wearlink.lib import clock
from wearlink.lib.postgres.walls import SHARED


class PlanQuerySet(models.QuerySet["Plan"]):
    def in_force(self, at: datetime | None = None) -> "PlanQuerySet":
        """Return the newest version of each plan that had begun at a moment (default: now), cheapest first."""
        begun = self.filter(valid_from__lte=at or clock.now())
        newest = begun.order_by("code", "-valid_from", "-id").distinct("code").values("pk")
        return self.filter(pk__in=newest).order_by("position")


class Plan(models.Model):
    """One version of a plan, from valid_from until the next one's. Never changed: a new price is a new row."""

    wall = SHARED

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    position = models.PositiveSmallIntegerField(help_text="where it stands in lists")
    price_usd_cents = models.PositiveIntegerField(null=True, blank=True, help_text="a month; NULL: by agreement")
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, help_text="NULL: no limit")
    photos_per_day = models.PositiveIntegerField(null=True, blank=True, help_text="NULL: no limit")
    max_end_users = models.PositiveIntegerField(null=True, blank=True, help_text="NULL: no limit")
    max_webhook_endpoints = models.PositiveIntegerField(null=True, blank=True, help_text="NULL: no limit")
    max_team_seats = models.PositiveIntegerField(null=True, blank=True, help_text="NULL: no limit")
    valid_from = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ("position", "valid_from")
        constraints = [models.UniqueConstraint(fields=("code", "valid_from"), name="billing_plan_version")]

    def __str__(self) -> str:
        return f"{self.code} from {self.valid_from:%Y-%m-%d}"

    @property
    def limits(self) -> Limits:
        return limits_of(self, self.code)

    @property
    def is_sold(self) -> bool:
        """Whether the plan is bought by checkout: neither free nor by agreement."""
        return bool(self.price_usd_cents)


class VendorPlan(models.Model):
    """A plan at Razorpay. Razorpay's plans cannot be changed, so another price or rate makes another one."""

    wall = SHARED

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="vendor_plans")
    razorpay_id = models.CharField(max_length=40, unique=True)
    amount = models.PositiveBigIntegerField(help_text="in the smallest unit of the currency, a cycle")
    currency = models.CharField(max_length=3, default="INR")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("plan", "currency", "amount"), name="billing_vendorplan_price")]

    def __str__(self) -> str:
        return self.razorpay_id

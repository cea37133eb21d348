"""BillingAccount: what billing knows of an organization. Subscription: what it buys, as Razorpay last reported it."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from accounts.models import Organization
from billing.models.plan import VendorPlan
from wearlink.lib import clock


class BillingAccount(models.Model):
    """An organization that an administrator put on a plan: that plan counts, whatever it buys."""

    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, primary_key=True, related_name="+")
    granted_plan = models.CharField(max_length=32, blank=True, default="")
    granted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"account of {self.organization_id}"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def for_organization(self, organization: Organization) -> "SubscriptionQuerySet":
        return self.filter(organization_id=organization.pk)

    def known(self) -> "SubscriptionQuerySet":
        """Return those that Razorpay surely has."""
        return self.exclude(status=Subscription.Status.CREATING)

    def open(self) -> "SubscriptionQuerySet":
        """Return those that have not ended; an organization has at most one."""
        return self.exclude(status__in=Subscription.ENDED)


class Subscription(models.Model):
    """One purchase. Everything from `status` down to `short_url` is a copy of what Razorpay said at last_event_at."""

    class Status(models.TextChoices):
        CREATING = "creating"  # ours: Razorpay was asked, and has not answered yet
        CREATED = "created"
        AUTHENTICATED = "authenticated"
        ACTIVE = "active"
        PENDING = "pending"
        HALTED = "halted"
        PAUSED = "paused"
        CANCELLED = "cancelled"
        COMPLETED = "completed"
        EXPIRED = "expired"

    ENDED = frozenset({Status.CANCELLED, Status.COMPLETED, Status.EXPIRED})
    FAILING = frozenset({Status.PENDING, Status.HALTED})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="subscriptions")
    vendor_plan = models.ForeignKey(VendorPlan, on_delete=models.PROTECT, related_name="+")
    request_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # in Razorpay's notes
    # While creating: whether the answer was lost, so that nobody waits for it any more.
    answer_lost = models.BooleanField(default=False)
    razorpay_id = models.CharField(max_length=40, unique=True, null=True, blank=True)
    customer_id = models.CharField(max_length=40, blank=True, default="")

    status = models.CharField(max_length=16, choices=Status.choices, default=Status.CREATING)
    last_event_at = models.BigIntegerField(default=0, help_text="epoch seconds by Razorpay's clock")
    last_active_at = models.BigIntegerField(default=0, help_text="epoch seconds of the last event that said so")
    last_event_rank = models.PositiveSmallIntegerField(default=0, help_text="orders events of one second")
    current_start = models.DateTimeField(null=True, blank=True)
    current_end = models.DateTimeField(null=True, blank=True)
    charge_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    paid_count = models.PositiveIntegerField(default=0)
    total_count = models.PositiveIntegerField(default=0)
    short_url = models.CharField(max_length=255, blank=True, default="")

    # A change that waits for the end of the cycle.
    next_plan = models.CharField(max_length=32, blank=True, default="")
    cancel_at_cycle_end = models.BooleanField(default=False)
    # Since when charging fails, and what the owners were last mailed about it.
    failing_since = models.DateTimeField(null=True, blank=True)
    warned_of = models.CharField(max_length=16, blank=True, default="")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=("organization",),
                condition=~Q(status__in=["cancelled", "completed", "expired"]),
                name="billing_subscription_one_open",
            )
        ]
        indexes = [models.Index(fields=("organization", "-created_at"), name="billing_subscription_org")]

    def __str__(self) -> str:
        return self.razorpay_id or f"subscription {self.request_id}"

    @property
    def has_ended(self) -> bool:
        return self.status in self.ENDED

    def paid_plan(self, now: datetime, grace: timedelta) -> str | None:
        """Return the code of the plan that it gives at a moment; None when it gives none.

        While charging fails the plan stays for the grace period; paused, for as long as it has been paid.
        """
        code: str = self.vendor_plan.plan.code
        if self.status == self.Status.ACTIVE:
            return code
        if self.status in self.FAILING and self.failing_since is not None:
            return code if now < self.failing_since + grace else None
        if self.status == self.Status.PAUSED and self.current_end is not None:
            return code if now < self.current_end else None
        return None

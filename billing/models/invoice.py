"""Invoice: one captured payment. Refund: money that went back. InvoiceSeries: the last number given in a year.

Amounts are whole numbers of the smallest unit (paise, cents).
"""

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import Q

from accounts.models import Organization
from billing.models.subscription import Subscription
from wearlink.lib import clock
from wearlink.lib.postgres.walls import HIDDEN


class InvoiceSeries(models.Model):
    """Numbers without gaps: the row is locked by who takes the next one."""

    wall = HIDDEN

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def for_organization(self, organization: Organization) -> "InvoiceQuerySet":
        return self.filter(organization_id=organization.pk)


class Invoice(models.Model):
    """A charge in both currencies, at the rate of that day. Only the refund columns ever change."""

    class Status(models.TextChoices):
        PAID = "paid"
        PARTIALLY_REFUNDED = "partially_refunded"
        REFUNDED = "refunded"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=32, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="invoices")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="invoices")
    plan = models.CharField(max_length=32)
    bill_to = models.CharField(max_length=120, help_text="the organization's name on that day")
    payment_id = models.CharField(max_length=40, unique=True)
    razorpay_id = models.CharField(max_length=40, blank=True, default="")
    currency = models.CharField(max_length=3, help_text="in which the payment was made")
    amount = models.PositiveBigIntegerField(help_text="of the payment, in the smallest unit")
    amount_inr = models.PositiveBigIntegerField(help_text="paise")
    amount_usd = models.PositiveBigIntegerField(help_text="cents")
    usd_inr_rate = models.DecimalField(max_digits=10, decimal_places=4)
    fee = models.PositiveBigIntegerField(null=True, blank=True, help_text="Razorpay's, tax included, in `currency`")
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField()

    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PAID)
    refunded = models.PositiveBigIntegerField(default=0, help_text="in `currency`, by processed refunds")
    refunded_at = models.DateTimeField(null=True, blank=True)
    marked_refunded_at = models.DateTimeField(null=True, blank=True, help_text="by an administrator: moves no money")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ("-paid_at", "-number")
        constraints = [models.CheckConstraint(condition=Q(usd_inr_rate__gt=Decimal(0)), name="billing_invoice_rate")]
        indexes = [
            models.Index(fields=("organization", "-paid_at", "-number"), name="billing_invoice_org"),
            models.Index(fields=("paid_at",), name="billing_invoice_paid"),
        ]

    def __str__(self) -> str:
        return self.number


class Refund(models.Model):
    """A refund as Razorpay reported it, perhaps before we know the payment."""

    wall = HIDDEN

    class Status(models.TextChoices):
        PENDING = "pending"
        PROCESSED = "processed"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    razorpay_id = models.CharField(max_length=40, unique=True)
    payment_id = models.CharField(max_length=40, db_index=True)
    currency = models.CharField(max_length=3)
    amount = models.PositiveBigIntegerField()
    status = models.CharField(max_length=16, choices=Status.choices)
    refunded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.razorpay_id

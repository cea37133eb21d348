"""Plans and their versions, subscriptions, invoices, refunds, and the events that Razorpay sends."""

import uuid
from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import wearlink.lib.clock
import wearlink.lib.security.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0005_plan_limits"),
    ]

    operations = [
        migrations.CreateModel(
            name="BillingAccount",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.organization",
                    ),
                ),
                ("granted_plan", models.CharField(blank=True, default="", max_length=32)),
                ("granted_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="InvoiceSeries",
            fields=[
                ("year", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("last", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("razorpay_id", models.CharField(max_length=40, unique=True)),
                ("payment_id", models.CharField(db_index=True, max_length=40)),
                ("currency", models.CharField(max_length=3)),
                ("amount", models.PositiveBigIntegerField()),
                (
                    "status",
                    models.CharField(
                        choices=[("pending", "Pending"), ("processed", "Processed"), ("failed", "Failed")],
                        max_length=16,
                    ),
                ),
                ("refunded_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=64)),
                ("position", models.PositiveSmallIntegerField(help_text="where it stands in lists")),
                (
                    "price_usd_cents",
                    models.PositiveIntegerField(blank=True, help_text="a month; NULL: by agreement", null=True),
                ),
                ("requests_per_minute", models.PositiveIntegerField(blank=True, help_text="NULL: no limit", null=True)),
                ("photos_per_day", models.PositiveIntegerField(blank=True, help_text="NULL: no limit", null=True)),
                ("max_end_users", models.PositiveIntegerField(blank=True, help_text="NULL: no limit", null=True)),
                (
                    "max_webhook_endpoints",
                    models.PositiveIntegerField(blank=True, help_text="NULL: no limit", null=True),
                ),
                ("max_team_seats", models.PositiveIntegerField(blank=True, help_text="NULL: no limit", null=True)),
                ("valid_from", models.DateTimeField()),
                ("created_at", models.DateTimeField(default=wearlink.lib.clock.now, editable=False)),
            ],
            options={
                "ordering": ("position", "valid_from"),
                "constraints": [models.UniqueConstraint(fields=("code", "valid_from"), name="billing_plan_version")],
            },
        ),
        migrations.CreateModel(
            name="RazorpayEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "event_id",
                    models.CharField(
                        help_text="x-razorpay-event-id, the same when sent again", max_length=80, unique=True
                    ),
                ),
                ("name", models.CharField(max_length=64)),
                ("created_at", models.BigIntegerField(help_text="epoch seconds by Razorpay's clock")),
                (
                    "body",
                    wearlink.lib.security.fields.EncryptedField(
                        default="", help_text="emptied when the retention is over"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("received", "Received"), ("done", "Done"), ("ignored", "Ignored"), ("dead", "Dead")],
                        default="received",
                        max_length=16,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "due_at",
                    models.DateTimeField(
                        default=wearlink.lib.clock.now, help_text="when it is next tried; moved on by who tries"
                    ),
                ),
                ("error", models.CharField(blank=True, default="", max_length=300)),
                ("received_at", models.DateTimeField(default=wearlink.lib.clock.now, editable=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "received")), fields=["due_at"], name="billing_event_due"
                    ),
                    models.Index(fields=["received_at"], name="billing_event_received"),
                ],
            },
        ),
        migrations.CreateModel(
            name="VendorPlan",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("razorpay_id", models.CharField(max_length=40, unique=True)),
                ("amount", models.PositiveBigIntegerField(help_text="in the smallest unit of the currency, a cycle")),
                ("currency", models.CharField(default="INR", max_length=3)),
                ("created_at", models.DateTimeField(default=wearlink.lib.clock.now, editable=False)),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="vendor_plans", to="billing.plan"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("request_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("razorpay_id", models.CharField(blank=True, max_length=40, null=True, unique=True)),
                ("customer_id", models.CharField(blank=True, default="", max_length=40)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("creating", "Creating"),
                            ("created", "Created"),
                            ("authenticated", "Authenticated"),
                            ("active", "Active"),
                            ("pending", "Pending"),
                            ("halted", "Halted"),
                            ("paused", "Paused"),
                            ("cancelled", "Cancelled"),
                            ("completed", "Completed"),
                            ("expired", "Expired"),
                        ],
                        default="creating",
                        max_length=16,
                    ),
                ),
                ("last_event_at", models.BigIntegerField(default=0, help_text="epoch seconds by Razorpay's clock")),
                (
                    "last_active_at",
                    models.BigIntegerField(default=0, help_text="epoch seconds of the last event that said so"),
                ),
                (
                    "last_event_rank",
                    models.PositiveSmallIntegerField(default=0, help_text="orders events of one second"),
                ),
                ("current_start", models.DateTimeField(blank=True, null=True)),
                ("current_end", models.DateTimeField(blank=True, null=True)),
                ("charge_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("paid_count", models.PositiveIntegerField(default=0)),
                ("total_count", models.PositiveIntegerField(default=0)),
                ("short_url", models.CharField(blank=True, default="", max_length=255)),
                ("next_plan", models.CharField(blank=True, default="", max_length=32)),
                ("cancel_at_cycle_end", models.BooleanField(default=False)),
                ("failing_since", models.DateTimeField(blank=True, null=True)),
                ("warned_of", models.CharField(blank=True, default="", max_length=16)),
                ("created_at", models.DateTimeField(default=wearlink.lib.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subscriptions",
                        to="accounts.organization",
                    ),
                ),
                (
                    "vendor_plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.vendorplan"
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at",),
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.CharField(max_length=32, unique=True)),
                ("plan", models.CharField(max_length=32)),
                ("bill_to", models.CharField(help_text="the organization's name on that day", max_length=120)),
                ("payment_id", models.CharField(max_length=40, unique=True)),
                ("razorpay_id", models.CharField(blank=True, default="", max_length=40)),
                ("currency", models.CharField(help_text="in which the payment was made", max_length=3)),
                ("amount", models.PositiveBigIntegerField(help_text="of the payment, in the smallest unit")),
                ("amount_inr", models.PositiveBigIntegerField(help_text="paise")),
                ("amount_usd", models.PositiveBigIntegerField(help_text="cents")),
                ("usd_inr_rate", models.DecimalField(decimal_places=4, max_digits=10)),
                (
                    "fee",
                    models.PositiveBigIntegerField(
                        blank=True, help_text="Razorpay's, tax included, in `currency`", null=True
                    ),
                ),
                ("period_start", models.DateTimeField(blank=True, null=True)),
                ("period_end", models.DateTimeField(blank=True, null=True)),
                ("paid_at", models.DateTimeField()),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("paid", "Paid"),
                            ("partially_refunded", "Partially Refunded"),
                            ("refunded", "Refunded"),
                        ],
                        default="paid",
                        max_length=20,
                    ),
                ),
                (
                    "refunded",
                    models.PositiveBigIntegerField(default=0, help_text="in `currency`, by processed refunds"),
                ),
                ("refunded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "marked_refunded_at",
                    models.DateTimeField(blank=True, help_text="by an administrator: moves no money", null=True),
                ),
                ("created_at", models.DateTimeField(default=wearlink.lib.clock.now, editable=False)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="accounts.organization"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="invoices", to="billing.subscription"
                    ),
                ),
            ],
            options={
                "ordering": ("-paid_at", "-number"),
                "indexes": [
                    models.Index(fields=["organization", "-paid_at", "-number"], name="billing_invoice_org"),
                    models.Index(fields=["paid_at"], name="billing_invoice_paid"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("usd_inr_rate__gt", Decimal("0"))), name="billing_invoice_rate"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="vendorplan",
            constraint=models.UniqueConstraint(fields=("plan", "currency", "amount"), name="billing_vendorplan_price"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["organization", "-created_at"], name="billing_subscription_org"),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["cancelled", "completed", "expired"]), _negated=True),
                fields=("organization",),
                name="billing_subscription_one_open",
            ),
        ),
    ]

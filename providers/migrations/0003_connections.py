"""Vendor clouds: apps, connections, the way to them, subscriptions, and runs that pull."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import wearlink.lib.clock
import wearlink.lib.security.fields

LIVE = models.Q(("status__in", ("active", "error")))
TO_FETCH = models.Q(("state__in", ("queued", "fetching")))
OPEN = models.Q(("state__in", ("queued", "fetching", "storing")))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_tenants"), ("providers", "0002_import_job")]

    operations = [
        migrations.CreateModel(
            name="ProviderApp",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("provider", models.CharField(max_length=32)),
                ("client_id", models.CharField(max_length=255)),
                ("secrets", wearlink.lib.security.fields.EncryptedField()),
                ("scopes", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                ("updated_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organization"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["provider"], name="app_by_provider")],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "provider"), name="app_once_per_provider")
                ],
            },
        ),
        migrations.CreateModel(
            name="Connection",
            fields=[
                ("key", models.BigAutoField(primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("user_key", models.BigIntegerField()),
                ("organization_id", models.UUIDField()),
                ("provider", models.CharField(max_length=32)),
                ("account", models.CharField(max_length=128)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("expired", "Expired"),
                            ("revoked", "Revoked"),
                            ("error", "Error"),
                        ],
                        default="active",
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(db_default="", default="", max_length=64)),
                ("scopes", models.JSONField(default=list)),
                ("connected_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                ("ended_at", models.DateTimeField(null=True)),
                ("last_sync_at", models.DateTimeField(null=True)),
                ("last_event_at", models.DateTimeField(null=True)),
                ("next_sync_at", models.DateTimeField(null=True)),
                ("synced_to", models.DateField(null=True)),
                ("failures", models.SmallIntegerField(db_default=0, default=0)),
                ("last_error", models.TextField(db_default="", default="")),
                ("last_error_at", models.DateTimeField(null=True)),
                ("lease", models.UUIDField(editable=False, null=True)),
                ("locked_until", models.DateTimeField(editable=False, null=True)),
                (
                    "app",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        db_index=False,
                        to="providers.providerapp",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["provider", "account"], name="connection_account"),
                    models.Index(condition=LIVE, fields=["next_sync_at"], name="connection_due"),
                    models.Index(fields=["app"], name="connection_app"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("user_key", "provider"), name="connection_once_per_provider")
                ],
            },
        ),
        migrations.CreateModel(
            name="ConnectionToken",
            fields=[
                (
                    "connection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="token",
                        serialize=False,
                        to="providers.connection",
                    ),
                ),
                ("access", wearlink.lib.security.fields.EncryptedField()),
                ("refresh", wearlink.lib.security.fields.EncryptedField(default="")),
                ("expires_at", models.DateTimeField(null=True)),
                ("obtained_at", models.DateTimeField(default=wearlink.lib.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="Revocation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("provider", models.CharField(max_length=32)),
                (
                    "app",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="providers.providerapp",
                    ),
                ),
                ("account", models.CharField(max_length=128)),
                ("access", wearlink.lib.security.fields.EncryptedField()),
                ("refresh", wearlink.lib.security.fields.EncryptedField(default="")),
                ("attempts", models.SmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(db_index=True, default=wearlink.lib.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="OAuthState",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("user_key", models.BigIntegerField(db_index=True)),
                ("organization_id", models.UUIDField()),
                ("provider", models.CharField(max_length=32)),
                ("redirect_uri", models.TextField(default="")),
                ("verifier", wearlink.lib.security.fields.EncryptedField(default="")),
                ("back_to_widget", models.BooleanField(default=False)),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "app",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="providers.providerapp",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VendorSubscription",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("provider", models.CharField(max_length=32)),
                ("topic", models.CharField(max_length=128)),
                ("vendor_id", models.CharField(db_default="", default="", max_length=128)),
                ("callback_url", models.CharField(db_default="", default="", max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("failed", "Failed")], default="active", max_length=16
                    ),
                ),
                ("expires_at", models.DateTimeField(null=True)),
                ("signing_secret", wearlink.lib.security.fields.EncryptedField(default="")),
                ("error", models.TextField(db_default="", default="")),
                ("failures", models.SmallIntegerField(db_default=0, default=0)),
                ("checked_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                ("next_check_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                (
                    "app",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="providers.providerapp",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "app", "topic"), name="subscription_once_per_topic", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IgnoredEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("provider", models.CharField(max_length=32)),
                (
                    "reason",
                    models.CharField(
                        choices=[("unsupported", "Unsupported"), ("unknown_account", "Unknown Account")], max_length=32
                    ),
                ),
                ("kind", models.CharField(max_length=64)),
                ("count", models.BigIntegerField(default=0)),
                ("last_at", models.DateTimeField(default=wearlink.lib.clock.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "reason", "kind"), name="ignored_event_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SyncRun",
            fields=[
                ("key", models.BigAutoField(primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("connection_key", models.BigIntegerField()),
                ("user_key", models.BigIntegerField()),
                ("organization_id", models.UUIDField()),
                ("provider", models.CharField(max_length=32)),
                (
                    "trigger",
                    models.CharField(
                        choices=[
                            ("first", "First"),
                            ("periodic", "Periodic"),
                            ("manual", "Manual"),
                            ("historical", "Historical"),
                        ],
                        max_length=16,
                    ),
                ),
                ("start", models.DateField()),
                ("end", models.DateField()),
                ("fetched_from", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("fetching", "Fetching"),
                            ("storing", "Storing"),
                            ("success", "Success"),
                            ("completed_with_errors", "Completed With Errors"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=24,
                    ),
                ),
                ("attempts", models.SmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                ("created_at", models.DateTimeField(default=wearlink.lib.clock.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("payloads", models.IntegerField(default=0)),
                ("inserted", models.BigIntegerField(default=0)),
                ("updated", models.BigIntegerField(default=0)),
                ("unchanged", models.BigIntegerField(default=0)),
                ("rejected", models.JSONField(default=dict)),
                ("problems", models.JSONField(default=list)),
                ("error_code", models.CharField(db_default="", default="", max_length=64)),
                ("error", models.TextField(db_default="", default="")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user_key", "-key"], name="run_of_user"),
                    models.Index(fields=["connection_key", "-key"], name="run_of_connection"),
                    models.Index(condition=TO_FETCH, fields=["due_at"], name="run_due"),
                    models.Index(condition=models.Q(("state", "storing")), fields=["key"], name="run_storing"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=OPEN,
                        fields=("connection_key", "trigger"),
                        name="run_open_once",
                    )
                ],
            },
        ),
    ]
